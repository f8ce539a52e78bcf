"""Offers of courses: when one is taught, and by whom."""

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import strawberry

from portal_api.schema.course_enrolments import CourseEnrolment, CourseEnrolmentFilter, CourseEnrolmentOrder
from portal_api.schema.enums import CourseOfferAction, LibraryStatus, described
from portal_api.schema.errors import ActionReason
from portal_api.schema.history import HistoryEntry, HistoryEntryFilter, HistoryEntryOrder
from portal_api.schema.lists import (
    BooleanComparison,
    Comparison,
    Connection,
    DayComparison,
    IdComparison,
    InstantComparison,
    TextComparison,
    listing,
    order_input,
)
from portal_api.schema.nodes import Node
from portal_api.schema.users import User, UserFilter, UserOrder

if TYPE_CHECKING:
    from portal_api.schema.courses import Course


@strawberry.type(
    description="One action on an offer of a course, or creation in it: open, or closed with every reason."
)
class CourseOfferActionState:
    action: CourseOfferAction = strawberry.field(description="The action.")
    available: bool = strawberry.field(description="Whether it is open to the caller now; a closed one is refused.")
    reasons: list[ActionReason] = strawberry.field(description="Why it is closed: role, status, the course's status.")


@strawberry.input(description="Which offers of courses; all conditions must hold.")
class CourseOfferFilter:
    id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By identifier.")
    external_ref: TextComparison | None = strawberry.field(default=strawberry.UNSET, description="By reference.")
    course_id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By course.")
    trainer_id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By who trains in them.")
    starts_on: DayComparison | None = strawberry.field(default=strawberry.UNSET, description="By their first day.")
    ends_on: DayComparison | None = strawberry.field(default=strawberry.UNSET, description="By their last day.")
    needs_commitment: BooleanComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By whether each enrolment is reported with a commitment."
    )
    status: Comparison[LibraryStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="By whether it is in use."
    )
    created_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when it was made."
    )
    search: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Words that all stand in the title or the reference; case and accents are ignored.",
    )


class CourseOfferOrderField(StrEnum):
    """What offers of courses can be sorted by."""

    TITLE = "title"
    CREATED_AT = "created_at"
    STARTS_ON = "starts_on"


described(
    CourseOfferOrderField,
    "What offers of courses can be sorted by.",
    {
        CourseOfferOrderField.TITLE: "Title; case and accents are ignored.",
        CourseOfferOrderField.CREATED_AT: "When it was made.",
        CourseOfferOrderField.STARTS_ON: "The first day; those without one come last.",
    },
)
CourseOfferOrder = order_input("CourseOfferOrder", "offers of courses", CourseOfferOrderField)


@strawberry.type(
    description="An offer of a course: learners enrol in it. Administrators see all; a Manager and an Integration those "
    "in use; a Trainer those that they train in; others those in use in which their own learner record is enrolled."
)
class CourseOffer(Node):
    external_ref: str = strawberry.field(description="Its reference, as others know it.")
    title: str = strawberry.field(description="Its title.")
    course: Annotated["Course", strawberry.lazy("portal_api.schema.courses")] | None = strawberry.field(
        description="The course; null where the caller does not see it."
    )
    starts_on: date | None = strawberry.field(description="Its first day, if that is fixed.")
    ends_on: date | None = strawberry.field(description="Its last day, if that is fixed.")
    needs_commitment: bool = strawberry.field(description="Whether each enrolment is reported with a commitment.")
    status: LibraryStatus = strawberry.field(description="Whether it is in use.")
    created_at: datetime = strawberry.field(description="When it was made.")
    version: int = strawberry.field(description="Counts the changes to this record.")
    trainers: Connection[User] | None = listing(
        Connection[User],
        "Who trains in it; who is no administrator sees themselves.",
        filter=UserFilter,
        order_by=UserOrder,
    )
    enrolments: Connection[CourseEnrolment] | None = listing(
        Connection[CourseEnrolment],
        "The enrolments in it that the caller sees.",
        filter=CourseEnrolmentFilter,
        order_by=CourseEnrolmentOrder,
    )
    history: Connection[HistoryEntry] | None = listing(
        Connection[HistoryEntry], "What was done to this record.", filter=HistoryEntryFilter, order_by=HistoryEntryOrder
    )
    actions: list[CourseOfferActionState] = strawberry.field(
        description="Every action on this offer and every creation in it, open or closed; of an enrolment, whether the "
        "offer takes anybody."
    )
