"""Enrolments in courses: status, stage, what they still need, units and surveys."""

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import strawberry

from portal_api.schema.credentials import Credential, CredentialFilter, CredentialOrder
from portal_api.schema.enums import (
    ChecklistStep,
    CourseEnrolmentAction,
    CourseEnrolmentStatus,
    LifecycleStage,
    Need,
    ReconnectPurpose,
    StepState,
    TrainingOrganisationOutcome,
    described,
)
from portal_api.schema.errors import ActionReason
from portal_api.schema.history import HistoryEntry, HistoryEntryFilter, HistoryEntryOrder
from portal_api.schema.lists import (
    Comparison,
    Connection,
    DayComparison,
    IdComparison,
    InstantComparison,
    ReportsTo,
    TextComparison,
    listing,
    order_input,
)
from portal_api.schema.nodes import Node
from portal_api.schema.surveys import Survey, SurveyFilter, SurveyOrder
from portal_api.schema.unit_enrolments import UnitEnrolment, UnitEnrolmentFilter, UnitEnrolmentOrder

if TYPE_CHECKING:
    from portal_api.schema.course_offers import CourseOffer
    from portal_api.schema.courses import Course
    from portal_api.schema.learners import Learner
    from portal_api.schema.status_reasons import StatusReason


@strawberry.type(description="One action on an enrolment in a course: open, or closed with every reason.")
class CourseEnrolmentActionState:
    action: CourseEnrolmentAction = strawberry.field(description="The action.")
    available: bool = strawberry.field(description="Whether it is open to the caller now; a closed one is refused.")
    reasons: list[ActionReason] = strawberry.field(
        description="Why it is closed: role, inactive learner, status, and what else."
    )


@strawberry.type(description="Something that an enrolment still needs, as a whole or in one of its units.")
class OpenNeed:
    need: Need = strawberry.field(description="What.")
    unit_enrolment_id: strawberry.ID | None = strawberry.field(
        description="The unit that needs it; null where it is the enrolment as a whole."
    )


@strawberry.type(description="A step of the checklist: how it stands, and what is missing.")
class ChecklistEntry:
    step: ChecklistStep = strawberry.field(description="The step.")
    state: StepState = strawberry.field(description="How it stands.")
    missing: list[OpenNeed] = strawberry.field(description="What is missing; nothing, unless it is open.")


@strawberry.input(description="Which enrolments in courses; all conditions must hold.")
class CourseEnrolmentFilter:
    id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By identifier.")
    external_ref: TextComparison | None = strawberry.field(default=strawberry.UNSET, description="By reference.")
    learner_id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By learner.")
    course_offer_id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By offer.")
    course_id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By the offer's course.")
    status: Comparison[CourseEnrolmentStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="By status."
    )
    status_reason_id: IdComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By the reason for the status."
    )
    stage: Comparison[LifecycleStage] | None = strawberry.field(
        default=strawberry.UNSET, description="By stage of the lifecycle; declined ones have none."
    )
    commitment_id: TextComparison | None = strawberry.field(default=strawberry.UNSET, description="By commitment.")
    starts_on: DayComparison | None = strawberry.field(default=strawberry.UNSET, description="By their own first day.")
    ends_on: DayComparison | None = strawberry.field(default=strawberry.UNSET, description="By their own last day.")
    latest_end_on: DayComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By the day with which they end."
    )
    enrolled_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when the learner was enrolled."
    )
    deferred_on: DayComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By the day from which they are deferred."
    )
    returns_on: DayComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By the day on which the learner returns."
    )
    finalised_on: DayComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By the date with which they were finalised."
    )
    finalised_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when they were finalised."
    )
    reconnect_for: Comparison[ReconnectPurpose] | None = strawberry.field(
        default=strawberry.UNSET, description="By what they are to be come back to for."
    )
    reconnect_on: DayComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By the day to come back to them."
    )
    reports_to: ReportsTo | None = strawberry.field(
        default=strawberry.UNSET, description="By the manager above the learner."
    )
    group_id: IdComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By the groups that hold the learner; for administrators."
    )
    search: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Words that all stand in the learner's name, e-mail address or reference; case and accents are ignored.",
    )


class CourseEnrolmentOrderField(StrEnum):
    """What enrolments in courses can be sorted by."""

    ENROLLED_AT = "enrolled_at"
    STARTS_ON = "starts_on"
    LATEST_END_ON = "latest_end_on"
    RETURNS_ON = "returns_on"
    FINALISED_ON = "finalised_on"
    RECONNECT_ON = "reconnect_on"


described(
    CourseEnrolmentOrderField,
    "What enrolments in courses can be sorted by.",
    {
        CourseEnrolmentOrderField.ENROLLED_AT: "When the learner was enrolled.",
        CourseEnrolmentOrderField.STARTS_ON: "Their own first day; those without one come last.",
        CourseEnrolmentOrderField.LATEST_END_ON: "The day with which they end; those without one come last.",
        CourseEnrolmentOrderField.RETURNS_ON: "The day of return; those without one come last.",
        CourseEnrolmentOrderField.FINALISED_ON: "The date with which they were finalised; the others come last.",
        CourseEnrolmentOrderField.RECONNECT_ON: "The day to come back to them; those without one come last.",
    },
)
CourseEnrolmentOrder = order_input("CourseEnrolmentOrder", "enrolments in courses", CourseEnrolmentOrderField)


@strawberry.type(
    description="A learner's enrolment in an offer of a course. A Trainer sees those of the offers that they train in; "
    "machine clients see identifier, reference and status."
)
class CourseEnrolment(Node):
    external_ref: str = strawberry.field(description="Its reference, as others know it.")
    status: CourseEnrolmentStatus = strawberry.field(description="Where it stands.")
    status_reason: Annotated["StatusReason", strawberry.lazy("portal_api.schema.status_reasons")] | None = (
        strawberry.field(description="The organisation's own reason for the status.")
    )
    learner: Annotated["Learner", strawberry.lazy("portal_api.schema.learners")] | None = strawberry.field(
        description="The learner enrolled."
    )
    course_offer: Annotated["CourseOffer", strawberry.lazy("portal_api.schema.course_offers")] | None = (
        strawberry.field(description="The offer; null where the caller does not see it.")
    )
    commitment_id: str | None = strawberry.field(description="The commitment that is reported.")
    cancelled_commitment_id: str | None = strawberry.field(
        description="The commitment that a transition to another qualification has cancelled."
    )
    transitioned_to: Annotated["Course", strawberry.lazy("portal_api.schema.courses")] | None = strawberry.field(
        description="The course that it has moved on to: its new units take its program, and credentials are of it."
    )
    starts_on: date | None = strawberry.field(description="Its own first day.")
    ends_on: date | None = strawberry.field(description="Its own last day.")
    latest_end_on: date | None = strawberry.field(
        description="The day with which it ends: that of its last unit, or its own where it has no units."
    )
    enrolled_at: datetime = strawberry.field(description="When the learner was enrolled.")
    deferred_on: date | None = strawberry.field(description="The day from which it is deferred.")
    returns_on: date | None = strawberry.field(description="The day on which a learner who has deferred returns.")
    finalised_on: date | None = strawberry.field(description="The date with which it was finalised.")
    finalised_at: datetime | None = strawberry.field(description="When it was finalised to a status that has ended it.")
    training_organisation_outcome: TrainingOrganisationOutcome | None = strawberry.field(
        description="What is reported beside the outcomes of its units: worked out from the status."
    )
    reconnect_for: ReconnectPurpose | None = strawberry.field(description="What it is to be come back to for.")
    reconnect_on: date | None = strawberry.field(description="The day to come back to it.")
    stage: LifecycleStage | None = strawberry.field(
        description="The stage of the lifecycle in which it stands; a declined one stands in none."
    )
    needs: list[OpenNeed] | None = strawberry.field(description="What it still needs in its stage; for administrators.")
    checklist: list[ChecklistEntry] | None = strawberry.field(
        description="Every step to its reportable end, in order; for administrators."
    )
    units: Connection[UnitEnrolment] | None = listing(
        Connection[UnitEnrolment], "Its units.", filter=UnitEnrolmentFilter, order_by=UnitEnrolmentOrder
    )
    surveys: Connection[Survey] | None = listing(
        Connection[Survey], "The surveys that were asked for.", filter=SurveyFilter, order_by=SurveyOrder
    )
    credentials: Connection[Credential] | None = listing(
        Connection[Credential], "The credentials for it.", filter=CredentialFilter, order_by=CredentialOrder
    )
    version: int = strawberry.field(description="Counts the changes to this record.")
    history: Connection[HistoryEntry] | None = listing(
        Connection[HistoryEntry], "What was done to this record.", filter=HistoryEntryFilter, order_by=HistoryEntryOrder
    )
    actions: list[CourseEnrolmentActionState] = strawberry.field(
        description="Every action on this enrolment, open or closed."
    )


@strawberry.type(description="The identifiers of a selection.")
class CourseEnrolmentIds:
    ids: list[strawberry.ID] = strawberry.field(description="The identifiers, the oldest first, up to the limit.")
    total_count: int = strawberry.field(description="How many records the selection has in all.")
