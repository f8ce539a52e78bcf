"""Refusals as values: one type a shape, all codes in one enum."""

import strawberry

from portal_api.schema.enums import ErrorCode, Role


@strawberry.interface(description="Why something was refused.")
class ActionError:
    code: ErrorCode = strawberry.field(description="The reason, for programs.")
    message: str = strawberry.field(description="The reason and the remedy, for people.")
    path: list[str] = strawberry.field(description="The place in the input that is meant, if there is one.")


@strawberry.type(description="A refusal that its code and message say all of.")
class PlainError(ActionError):
    pass


@strawberry.type(description="An input that cannot be meant.")
class InputInvalid(ActionError):
    pass


@strawberry.type(description="There is no such record, or the caller may not see it.")
class NotFound(ActionError):
    pass


@strawberry.type(description="The learner is inactive, and so view-only.")
class LearnerInactive(ActionError):
    pass


@strawberry.type(description="Somebody else changed the record.")
class ChangedMeanwhile(ActionError):
    current_version: int | None = strawberry.field(
        description="The version that the record has now, where it is known."
    )


@strawberry.type(description="The record's status does not allow the action.")
class StatusNotAllowed(ActionError):
    allowed_statuses: list[str] = strawberry.field(description="The statuses that would allow it.")


@strawberry.type(description="The caller's role may not do this.")
class RoleRequired(ActionError):
    required_roles: list[Role] = strawberry.field(description="The roles that may.")


@strawberry.type(description="The learner takes the series already, or has it ahead in a running pathway.")
class AlreadyEnrolled(ActionError):
    series_ids: list[strawberry.ID] = strawberry.field(description="Each series that stands in the way.")


@strawberry.type(description="The enrolment belongs to a learning pathway, and is withdrawn with it only.")
class PathwayOwned(ActionError):
    pathway_enrolment_id: strawberry.ID = strawberry.field(description="The enrolment in the pathway.")


@strawberry.type(description="One reason why an action is closed.")
class ActionReason:
    code: ErrorCode = strawberry.field(description="The reason, for programs.")
    message: str = strawberry.field(description="The reason and the remedy, for people.")
    allowed_statuses: list[str] = strawberry.field(
        description="The statuses that would allow it, where the status is the cause."
    )
    required_roles: list[Role] = strawberry.field(description="The roles that may do it, where the role is the cause.")


ERROR_TYPES = [
    PlainError,
    InputInvalid,
    NotFound,
    LearnerInactive,
    ChangedMeanwhile,
    StatusNotAllowed,
    RoleRequired,
    AlreadyEnrolled,
    PathwayOwned,
]
