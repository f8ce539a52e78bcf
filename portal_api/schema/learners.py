"""Learners."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import strawberry

from portal_api.schema.changes import ChangeInput, Payload, Result
from portal_api.schema.enums import DeactivationReason, LearnerAction, LearnerStatus, described
from portal_api.schema.errors import ActionReason
from portal_api.schema.history import HistoryEntry, HistoryEntryFilter, HistoryEntryOrder
from portal_api.schema.lists import (
    BooleanComparison,
    Comparison,
    Connection,
    IdComparison,
    InstantComparison,
    ReportsTo,
    TextComparison,
    listing,
    order_input,
)
from portal_api.schema.nodes import Node
from portal_api.schema.pathways import PathwayEnrolment, PathwayEnrolmentFilter, PathwayEnrolmentOrder
from portal_api.schema.series import SeriesEnrolment, SeriesEnrolmentFilter, SeriesEnrolmentOrder

if TYPE_CHECKING:
    from portal_api.schema.groups import Group


@strawberry.type(description="One action on a learner: open, or closed with every reason.")
class LearnerActionState:
    action: LearnerAction = strawberry.field(description="The action.")
    available: bool = strawberry.field(description="Whether it is open to the caller now; a closed one is refused.")
    reasons: list[ActionReason] = strawberry.field(
        description="Why it is closed: role, status, and what else stands against it."
    )


@strawberry.input(description="Which learners; all conditions must hold.")
class LearnerFilter:
    id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By identifier.")
    external_ref: TextComparison | None = strawberry.field(default=strawberry.UNSET, description="By reference.")
    status: Comparison[LearnerStatus] | None = strawberry.field(default=strawberry.UNSET, description="By status.")
    has_app_access: BooleanComparison | None = strawberry.field(default=strawberry.UNSET, description="By app access.")
    created_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when they were added."
    )
    reports_to: ReportsTo | None = strawberry.field(default=strawberry.UNSET, description="By the manager above them.")
    group_id: IdComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By the groups that hold them; for administrators."
    )
    search: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Words that all stand in the name, e-mail address or reference; case and accents are ignored.",
    )


class LearnerOrderField(StrEnum):
    """What learners can be sorted by."""

    FAMILY_NAME = "family_name"
    GIVEN_NAME = "given_name"
    CREATED_AT = "created_at"


described(
    LearnerOrderField,
    "What learners can be sorted by.",
    {
        LearnerOrderField.FAMILY_NAME: "Family name; case and accents are ignored.",
        LearnerOrderField.GIVEN_NAME: "Given name; case and accents are ignored.",
        LearnerOrderField.CREATED_AT: "When they were added.",
    },
)
LearnerOrder = order_input("LearnerOrder", "learners", LearnerOrderField)


@strawberry.type(description="Somebody who learns. An inactive learner is view-only.")
class Learner(Node):
    external_ref: str = strawberry.field(description="Their reference, as others know it.")
    given_name: str = strawberry.field(description="Their given name.")
    family_name: str = strawberry.field(description="Their family name.")
    email: str = strawberry.field(description="Their e-mail address.")
    status: LearnerStatus = strawberry.field(description="Whether they take part.")
    has_app_access: bool = strawberry.field(
        description="Whether the learner app is open to them; inactive always means off."
    )
    manager: Annotated["Learner", strawberry.lazy("portal_api.schema.learners")] | None = strawberry.field(
        description="The learner record of the manager that they report to."
    )
    first_signed_in_at: datetime | None = strawberry.field(description="When they signed in for the first time.")
    deactivated_at: datetime | None = strawberry.field(description="Since when they are inactive.")
    deactivation_reason: DeactivationReason | None = strawberry.field(
        description="Why they are inactive; for administrators."
    )
    deactivation_note: str | None = strawberry.field(description="The note given with it; for administrators.")
    created_at: datetime = strawberry.field(description="When they were added.")
    version: int = strawberry.field(description="Counts the changes to this record.")
    reports: Connection[Annotated["Learner", strawberry.lazy("portal_api.schema.learners")]] | None = listing(
        Connection[Annotated["Learner", strawberry.lazy("portal_api.schema.learners")]],
        "The learners who report directly to them.",
        filter=LearnerFilter,
        order_by=LearnerOrder,
    )
    series_enrolments: Connection[SeriesEnrolment] | None = listing(
        Connection[SeriesEnrolment],
        "Their enrolments in series.",
        filter=SeriesEnrolmentFilter,
        order_by=SeriesEnrolmentOrder,
    )
    groups: Connection[Annotated["Group", strawberry.lazy("portal_api.schema.groups")]] | None = listing(
        Connection[Annotated["Group", strawberry.lazy("portal_api.schema.groups")]],
        "The groups that hold them; for administrators.",
    )
    pathway_enrolments: Connection[PathwayEnrolment] | None = listing(
        Connection[PathwayEnrolment],
        "Their enrolments in pathways.",
        filter=PathwayEnrolmentFilter,
        order_by=PathwayEnrolmentOrder,
    )
    history: Connection[HistoryEntry] | None = listing(
        Connection[HistoryEntry], "What was done to this record.", filter=HistoryEntryFilter, order_by=HistoryEntryOrder
    )
    actions: list[LearnerActionState] = strawberry.field(description="Every action on this learner, open or closed.")


@strawberry.input(description="Learners to be set inactive.")
class DeactivateLearnersInput(ChangeInput):
    reason: DeactivationReason = strawberry.field(description="Why, for all of them.")
    note: str | None = strawberry.field(
        default=strawberry.UNSET, description="A note for administrators, up to 2,000 characters."
    )
    withdraw_all: bool = strawberry.field(
        default=False,
        description="Whether to withdraw, with the reason USER_DEACTIVATED, all that they are still taking.",
    )


@strawberry.input(description="Learners to be set active again.")
class ReactivateLearnersInput(ChangeInput):
    pass


@strawberry.type(description="What happened to one learner.")
class LearnerResult(Result[Learner]):
    pass


@strawberry.type(description="How many enrolments a deactivation has withdrawn.")
class Withdrawn:
    series_enrolments: int = strawberry.field(description="Enrolments in series, those in pathways among them.")
    pathway_enrolments: int = strawberry.field(description="Enrolments in pathways.")


@strawberry.type(description="The answer to a deactivation.")
class DeactivateLearnersPayload(Payload[LearnerResult]):
    withdrawn: Withdrawn = strawberry.field(
        description="What was withdrawn with it; none unless `withdrawAll` was asked for."
    )


@strawberry.type(description="The answer to a reactivation.")
class ReactivateLearnersPayload(Payload[LearnerResult]):
    pass
