"""What the inputs and payloads of all mutations on lists share."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

import strawberry

from portal_api.domain.refusals import in_words
from portal_api.permissions import Guard
from portal_api.planner.execution import Completed
from portal_api.resolvers.planned import PortalInfo
from portal_api.schema.enums import ErrorPolicy, LearncycleActionKind, Outcome, RunOutcome, SubjectKind
from portal_api.schema.errors import ActionError, ActionReason

if TYPE_CHECKING:
    from portal_api.schema.learncycles import Learncycle

T = TypeVar("T")


@strawberry.input(description="The version that a record is expected to have; another one refuses the row.")
class ExpectedVersion:
    id: strawberry.ID = strawberry.field(description="The record.")
    version: int = strawberry.field(description="The version that was read.")


@strawberry.input(description="What every call takes.")
class CallInput:
    preview: bool = strawberry.field(default=False, description="Answer what would happen, and change nothing.")
    idempotency_key: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The same key with the same input within 24 hours gets the first answer, and changes nothing more.",
    )


@strawberry.input(description="What every change to one record takes.")
class EditInput(CallInput):
    id: strawberry.ID = strawberry.field(description="The record.")
    expected_version: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="Refuse the call if the record is at another version than the caller read.",
    )


@strawberry.input(description="What every change to many records takes.")
class ManyInput(CallInput):
    error_policy: ErrorPolicy = strawberry.field(
        default=ErrorPolicy.REJECT_FAILED_ROWS, description="What the refusal of one row means for the others."
    )


@strawberry.input(description="What every change to records named by their ids takes.")
class ChangeInput(ManyInput):
    ids: list[strawberry.ID] = strawberry.field(
        description="The records, 1 to 1,000; one named twice is answered once."
    )
    expected_versions: list[ExpectedVersion] | None = strawberry.field(
        default=strawberry.UNSET, description="Refuse the rows that are at another version than the caller read."
    )


@strawberry.type(description="How many rows of a call were changed, left as they were, and refused.")
class Counts:
    changed: int = strawberry.field(description="Changed.")
    unchanged: int = strawberry.field(description="Left as they were, since nothing would differ.")
    refused: int = strawberry.field(description="Refused.")


@strawberry.type(description="What happened to one row.")
class Result(Generic[T]):
    index: int = strawberry.field(description="Its place in the input.")
    id: strawberry.ID | None = strawberry.field(
        description="The identifier that was given; null where the row makes a record of its own."
    )
    outcome: Outcome = strawberry.field(description="What happened.")
    node: T | None = strawberry.field(
        description="The record as it is after the call; null if the caller may not see it."
    )
    errors: list[ActionError] = strawberry.field(description="Why it was refused.")


@strawberry.type(
    description="What a learncycle did in the transaction of a call, or would have done if it is a preview."
)
class FiredLearncycle:
    learncycle: Annotated["Learncycle", strawberry.lazy("portal_api.schema.learncycles")] | None = strawberry.field(
        description="The learncycle."
    )
    subject_kind: SubjectKind = strawberry.field(description="The kind of record that triggered it.")
    subject_id: strawberry.ID = strawberry.field(description="The record that triggered it.")
    action: LearncycleActionKind = strawberry.field(description="What it was to do.")
    outcome: RunOutcome = strawberry.field(description="What became of it.")
    reasons: list[ActionReason] = strawberry.field(description="Why it was skipped.")


@strawberry.type(description="The answer to a change.")
class Payload(Generic[T]):
    results: list[T] = strawberry.field(description="A result a record, in the order of the input.")
    counts: Counts = strawberry.field(description="The outcomes, counted.")
    errors: list[ActionError] = strawberry.field(description="Why the call as a whole was refused.")
    is_preview: bool = strawberry.field(description="Whether this is a preview: nothing was changed.")
    fired: list[FiredLearncycle] = strawberry.field(
        description="What learncycles did in the same transaction, action by action, the first 1,000; for administrators."
    )
    fired_count: int = strawberry.field(description="How many such actions there were in all; for administrators.")


def changing(
    resolver: Callable[[PortalInfo, Any], Awaitable[Completed]],
    guard: type[Guard],
    input_type: Any,
    payload_type: Any,
    description: str,
) -> Any:
    """A mutation field: one input, one payload, one guard, whose roles end the description."""

    async def answer(info: PortalInfo, input: Any) -> Completed:
        return await resolver(info, input)

    answer.__annotations__["input"] = Annotated[input_type, strawberry.argument(description="What to change, and how.")]
    return strawberry.field(
        resolver=answer,
        graphql_type=payload_type | None,
        permission_classes=[guard],
        description=f"{description} Requires {in_words(guard.rule.roles)}.",
    )
