"""Series and the enrolments in them."""

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import strawberry

from portal_api.schema.changes import ChangeInput, Payload, Result
from portal_api.schema.enums import (
    LibraryStatus,
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

if TYPE_CHECKING:
    from portal_api.schema.learners import Learner


@strawberry.type(description="One action on an enrolment: open, or closed with every reason.")
class SeriesEnrolmentActionState:
    action: SeriesEnrolmentAction = strawberry.field(description="The action.")
    available: bool = strawberry.field(description="Whether it is open to the caller now; a closed one is refused.")
    reasons: list[ActionReason] = strawberry.field(
        description="Why it is closed: role, inactive learner, status, and what else."
    )


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
    due_on: DayComparison | None = strawberry.field(default=strawberry.UNSET, description="By the day it is due on.")
    is_overdue: BooleanComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By whether it is overdue, at the instant of the request."
    )
    tracking_code: TextComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By the code that tells where it came from."
    )
    series_type: Comparison[SeriesType] | None = strawberry.field(
        default=strawberry.UNSET, description="By what the series is for, of the series that the caller sees."
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
    search: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Words that all stand in the learner's name, e-mail address or reference; case and accents are ignored.",
    )


class SeriesEnrolmentOrderField(StrEnum):
    """What enrolments can be sorted by."""

    ENROLLED_AT = "enrolled_at"
    STARTS_AT = "starts_at"
    ENDS_AT = "ends_at"
    WITHDRAWN_AT = "withdrawn_at"


described(
    SeriesEnrolmentOrderField,
    "What enrolments can be sorted by.",
    {
        SeriesEnrolmentOrderField.ENROLLED_AT: "When the learner was enrolled.",
        SeriesEnrolmentOrderField.STARTS_AT: "When it starts.",
        SeriesEnrolmentOrderField.ENDS_AT: "When its time runs out.",
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
    enrolled_at: datetime = strawberry.field(description="When the learner was enrolled.")
    starts_at: datetime = strawberry.field(description="When it starts.")
    ends_at: datetime = strawberry.field(description="When its time runs out: at this instant it has ended.")
    due_on: date | None = strawberry.field(description="Advisory: the last day on which it is not yet overdue.")
    is_overdue: bool = strawberry.field(
        description="Whether it is active and past the day it was due on, at the instant of the request."
    )
    tracking_code: str | None = strawberry.field(description="The code that tells where the enrolment came from.")
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
    status: Comparison[LibraryStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="By whether it is in use."
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
    status: LibraryStatus = strawberry.field(description="Whether it is in use.")
    created_at: datetime = strawberry.field(description="When it was made.")
    version: int = strawberry.field(description="Counts the changes to this record.")
    enrolments: Connection[SeriesEnrolment] | None = listing(
        Connection[SeriesEnrolment],
        "The enrolments in it.",
        filter=SeriesEnrolmentFilter,
        order_by=SeriesEnrolmentOrder,
    )


@strawberry.type(description="The identifiers of a selection.")
class SeriesEnrolmentIds:
    ids: list[strawberry.ID] = strawberry.field(description="The identifiers, the oldest first, up to the limit.")
    total_count: int = strawberry.field(description="How many records the selection has in all.")


@strawberry.input(description="Enrolments to be withdrawn.")
class WithdrawSeriesEnrolmentsInput(ChangeInput):
    reason: WithdrawalReason = strawberry.field(description="Why, for all of them.")
    note: str | None = strawberry.field(
        default=strawberry.UNSET, description="A note for administrators, up to 2,000 characters."
    )


@strawberry.type(description="What happened to one enrolment.")
class SeriesEnrolmentResult(Result[SeriesEnrolment]):
    pass


@strawberry.type(description="The answer to a withdrawal.")
class WithdrawSeriesEnrolmentsPayload(Payload[SeriesEnrolmentResult]):
    pass
