"""Series and the enrolments in them."""

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import strawberry

from portal_api.schema.enums import (
    LibraryStatus,
    SeriesAction,
    SeriesDuration,
    SeriesEnrolmentAction,
    SeriesEnrolmentStatus,
    SeriesType,
    WithdrawalReason,
    described,
)
from portal_api.schema.errors import ActionReason
from portal_api.schema.history import HistoryEntry, HistoryEntryFilter, HistoryEntryOrder
from portal_api.schema.lists import (
    BooleanComparison,
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
from portal_api.schema.resources import Resource, ResourceFilter, ResourceOrder

if TYPE_CHECKING:
    from portal_api.schema.learners import Learner
    from portal_api.schema.pathways import PathwayEnrolment


@strawberry.type(description="One action on an enrolment: open, or closed with every reason.")
class SeriesEnrolmentActionState:
    action: SeriesEnrolmentAction = strawberry.field(description="The action.")
    available: bool = strawberry.field(description="Whether it is open to the caller now; a closed one is refused.")
    reasons: list[ActionReason] = strawberry.field(
        description="Why it is closed: role, inactive learner, status, and what else."
    )


@strawberry.type(description="One action on a series: open, or closed with every reason.")
class SeriesActionState:
    action: SeriesAction = strawberry.field(description="The action.")
    available: bool = strawberry.field(description="Whether it is open to the caller now; a closed one is refused.")
    reasons: list[ActionReason] = strawberry.field(description="Why it is closed: role and status.")


@strawberry.input(description="Which enrolments; all conditions must hold.")
class SeriesEnrolmentFilter:
    id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By identifier.")
    external_ref: TextComparison | None = strawberry.field(default=strawberry.UNSET, description="By reference.")
    learner_id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By learner.")
    series_id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By series.")
    status: Comparison[SeriesEnrolmentStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="By status, at the instant of the request."
    )
    enrolled_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when they were enrolled."
    )
    starts_at: InstantComparison | None = strawberry.field(default=strawberry.UNSET, description="By when it starts.")
    ends_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when its time runs out."
    )
    due_on: DayComparison | None = strawberry.field(default=strawberry.UNSET, description="By its due date.")
    is_overdue: BooleanComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By whether it is overdue, at the instant of the request."
    )
    tracking_code: TextComparison | None = strawberry.field(default=strawberry.UNSET, description="By tracking code.")
    series_type: Comparison[SeriesType] | None = strawberry.field(
        default=strawberry.UNSET, description="By the type of its series."
    )
    pathway_enrolment_id: IdComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By the enrolment in a pathway that it belongs to."
    )
    mastered_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when the mastery goal was met."
    )
    last_answered_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when answers were last recorded."
    )
    withdrawn_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when it was withdrawn."
    )
    withdrawal_reason: Comparison[WithdrawalReason] | None = strawberry.field(
        default=strawberry.UNSET, description="By why it was withdrawn."
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


class SeriesEnrolmentOrderField(StrEnum):
    """What enrolments can be sorted by."""

    ENROLLED_AT = "enrolled_at"
    STARTS_AT = "starts_at"
    ENDS_AT = "ends_at"
    DUE_ON = "due_on"
    WITHDRAWN_AT = "withdrawn_at"


described(
    SeriesEnrolmentOrderField,
    "What enrolments can be sorted by.",
    {
        SeriesEnrolmentOrderField.ENROLLED_AT: "When the learner was enrolled.",
        SeriesEnrolmentOrderField.STARTS_AT: "When it starts.",
        SeriesEnrolmentOrderField.ENDS_AT: "When its time runs out.",
        SeriesEnrolmentOrderField.DUE_ON: "When it falls due; those that never do come last.",
        SeriesEnrolmentOrderField.WITHDRAWN_AT: "When it was withdrawn; those that were not come last.",
    },
)
SeriesEnrolmentOrder = order_input("SeriesEnrolmentOrder", "enrolments", SeriesEnrolmentOrderField)


@strawberry.type(description="A learner's enrolment in a series.")
class SeriesEnrolment(Node):
    external_ref: str = strawberry.field(description="Its reference, as others know it.")
    status: SeriesEnrolmentStatus = strawberry.field(description="Where it stands, at the instant of the request.")
    learner: Annotated["Learner", strawberry.lazy("portal_api.schema.learners")] | None = strawberry.field(
        description="The learner enrolled."
    )
    series: Annotated["Series", strawberry.lazy("portal_api.schema.series")] | None = strawberry.field(
        description="The series; null where it is retired and the caller is no administrator."
    )
    pathway_enrolment: Annotated["PathwayEnrolment", strawberry.lazy("portal_api.schema.pathways")] | None = (
        strawberry.field(description="The enrolment in a pathway that it belongs to.")
    )
    enrolled_at: datetime = strawberry.field(description="When the learner was enrolled.")
    starts_at: datetime = strawberry.field(description="When it starts.")
    ends_at: datetime = strawberry.field(description="When its time runs out: at this instant it has ended.")
    due_on: date | None = strawberry.field(
        description="Advisory: the last day on which it is not yet overdue, in the organisation's time zone."
    )
    is_overdue: bool = strawberry.field(
        description="Whether it is active after its due date, at the instant of the request."
    )
    tracking_code: str | None = strawberry.field(description="A code to find it by.")
    questions_answered: int = strawberry.field(description="How many questions have been answered.")
    questions_correct: int = strawberry.field(description="How many of them correctly.")
    last_answered_at: datetime | None = strawberry.field(description="When answers were last recorded.")
    mastered_at: datetime | None = strawberry.field(description="When the mastery goal was met.")
    withdrawn_at: datetime | None = strawberry.field(description="When it was withdrawn.")
    withdrawal_reason: WithdrawalReason | None = strawberry.field(description="Why it was withdrawn.")
    withdrawal_note: str | None = strawberry.field(description="The note given with it; for administrators.")
    version: int = strawberry.field(description="Counts the changes to this record.")
    history: Connection[HistoryEntry] | None = listing(
        Connection[HistoryEntry], "What was done to this record.", filter=HistoryEntryFilter, order_by=HistoryEntryOrder
    )
    actions: list[SeriesEnrolmentActionState] = strawberry.field(
        description="Every action on this enrolment, open or closed."
    )


@strawberry.input(description="Which series; all conditions must hold.")
class SeriesFilter:
    id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By identifier.")
    external_ref: TextComparison | None = strawberry.field(default=strawberry.UNSET, description="By reference.")
    type: Comparison[SeriesType] | None = strawberry.field(default=strawberry.UNSET, description="By type.")
    duration: Comparison[SeriesDuration] | None = strawberry.field(
        default=strawberry.UNSET, description="By how long an enrolment runs."
    )
    status: Comparison[LibraryStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="By whether it is in use."
    )
    created_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when it was made."
    )
    search: str | None = strawberry.field(
        default=strawberry.UNSET, description="Words that all stand in the title or reference."
    )


class SeriesOrderField(StrEnum):
    """What series can be sorted by."""

    TITLE = "title"
    CREATED_AT = "created_at"


described(
    SeriesOrderField,
    "What series can be sorted by.",
    {
        SeriesOrderField.TITLE: "Title; case and accents are ignored.",
        SeriesOrderField.CREATED_AT: "When it was made.",
    },
)
SeriesOrder = order_input("SeriesOrder", "series", SeriesOrderField)


@strawberry.type(description="A series of the library.")
class Series(Node):
    external_ref: str = strawberry.field(description="Its reference, as others know it.")
    title: str = strawberry.field(description="Its title.")
    type: SeriesType = strawberry.field(description="What it is for.")
    duration: SeriesDuration = strawberry.field(description="How long an enrolment runs.")
    duration_days: int | None = strawberry.field(description="The days of a fixed duration.")
    ends_on: date | None = strawberry.field(description="The last day of an end-date duration.")
    question_count: int | None = strawberry.field(description="How many questions it has, where it has a goal.")
    mastery_percent: int | None = strawberry.field(
        description="The share of its questions to be answered correctly for mastery, where it has a goal."
    )
    status: LibraryStatus = strawberry.field(description="Whether it is in use.")
    created_at: datetime = strawberry.field(description="When it was made.")
    version: int = strawberry.field(description="Counts the changes to this record.")
    enrolments: Connection[SeriesEnrolment] | None = listing(
        Connection[SeriesEnrolment],
        "The enrolments in it.",
        filter=SeriesEnrolmentFilter,
        order_by=SeriesEnrolmentOrder,
    )
    resources: Connection[Resource] | None = listing(
        Connection[Resource],
        "The resources of it that the caller sees.",
        filter=ResourceFilter,
        order_by=ResourceOrder,
    )
    history: Connection[HistoryEntry] | None = listing(
        Connection[HistoryEntry], "What was done to this record.", filter=HistoryEntryFilter, order_by=HistoryEntryOrder
    )
    actions: list[SeriesActionState] = strawberry.field(description="Every action on this series, open or closed.")


@strawberry.type(description="The identifiers of a selection.")
class SeriesEnrolmentIds:
    ids: list[strawberry.ID] = strawberry.field(description="The identifiers, the oldest first, up to the limit.")
    total_count: int = strawberry.field(description="How many records the selection has in all.")
