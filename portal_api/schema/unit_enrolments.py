"""Units of course enrolments: outcome, dates and hours."""

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import strawberry

from portal_api.schema.enums import TrainingOrganisationOutcome, UnitEnrolmentAction, described
from portal_api.schema.errors import ActionReason
from portal_api.schema.history import HistoryEntry, HistoryEntryFilter, HistoryEntryOrder
from portal_api.schema.lists import (
    Connection,
    DayComparison,
    IdComparison,
    InstantComparison,
    NumberComparison,
    OutcomeCodeComparison,
    TextComparison,
    listing,
    order_input,
)
from portal_api.schema.nodes import Node
from portal_api.schema.scalars import OutcomeCode

if TYPE_CHECKING:
    from portal_api.schema.course_enrolments import CourseEnrolment
    from portal_api.schema.courses import Unit
    from portal_api.schema.learners import Learner


@strawberry.type(description="One action on a unit of an enrolment: open, or closed with every reason.")
class UnitEnrolmentActionState:
    action: UnitEnrolmentAction = strawberry.field(description="The action.")
    available: bool = strawberry.field(description="Whether it is open to the caller now; a closed one is refused.")
    reasons: list[ActionReason] = strawberry.field(
        description="Why it is closed: role, inactive learner, and what else."
    )


@strawberry.input(description="Which units of enrolments; all conditions must hold.")
class UnitEnrolmentFilter:
    id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By identifier.")
    course_enrolment_id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By enrolment.")
    course_offer_id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By offer.")
    learner_id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By learner.")
    unit_id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By unit.")
    program_identifier: TextComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By the program that it is reported under."
    )
    starts_on: DayComparison | None = strawberry.field(default=strawberry.UNSET, description="By its first day.")
    ends_on: DayComparison | None = strawberry.field(default=strawberry.UNSET, description="By its last day.")
    outcome: OutcomeCodeComparison | None = strawberry.field(default=strawberry.UNSET, description="By outcome.")
    scheduled_hours: NumberComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By the hours planned."
    )
    actual_hours: NumberComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By the hours attended."
    )
    reported_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when it was reported."
    )


class UnitEnrolmentOrderField(StrEnum):
    """What units of enrolments can be sorted by."""

    STARTS_ON = "starts_on"
    ENDS_ON = "ends_on"


described(
    UnitEnrolmentOrderField,
    "What units of enrolments can be sorted by.",
    {
        UnitEnrolmentOrderField.STARTS_ON: "The first day; those without one come last.",
        UnitEnrolmentOrderField.ENDS_ON: "The last day; those without one come last.",
    },
)
UnitEnrolmentOrder = order_input("UnitEnrolmentOrder", "units of enrolments", UnitEnrolmentOrderField)


@strawberry.type(
    description="A unit of an enrolment in a course. Seen by whoever sees the enrolment, machine clients excepted."
)
class UnitEnrolment(Node):
    course_enrolment: Annotated["CourseEnrolment", strawberry.lazy("portal_api.schema.course_enrolments")] | None = (
        strawberry.field(description="The enrolment that it is part of.")
    )
    learner: Annotated["Learner", strawberry.lazy("portal_api.schema.learners")] | None = strawberry.field(
        description="The learner enrolled."
    )
    unit: Annotated["Unit", strawberry.lazy("portal_api.schema.courses")] | None = strawberry.field(
        description="The unit; null where the caller does not see it."
    )
    program_identifier: str = strawberry.field(description="The program that it is reported under.")
    starts_on: date | None = strawberry.field(description="Its first day.")
    ends_on: date | None = strawberry.field(description="Its last day.")
    outcome: OutcomeCode | None = strawberry.field(description="Its outcome, the national code.")
    training_organisation_outcome: TrainingOrganisationOutcome | None = strawberry.field(
        description="What is reported beside the outcome: worked out from the status of the enrolment."
    )
    scheduled_hours: int | None = strawberry.field(description="The hours planned.")
    actual_hours: int | None = strawberry.field(description="The hours attended.")
    reported_at: datetime | None = strawberry.field(description="When it was reported.")
    version: int = strawberry.field(description="Counts the changes to this record.")
    history: Connection[HistoryEntry] | None = listing(
        Connection[HistoryEntry], "What was done to this record.", filter=HistoryEntryFilter, order_by=HistoryEntryOrder
    )
    actions: list[UnitEnrolmentActionState] = strawberry.field(description="Every action on this unit, open or closed.")


@strawberry.type(description="The identifiers of a selection.")
class UnitEnrolmentIds:
    ids: list[strawberry.ID] = strawberry.field(description="The identifiers, the oldest first, up to the limit.")
    total_count: int = strawberry.field(description="How many records the selection has in all.")
