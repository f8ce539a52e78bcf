"""Courses, and the units that they are made of."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import strawberry

from portal_api.schema.enums import CourseAction, LibraryStatus, UnitAction, described
from portal_api.schema.errors import ActionReason
from portal_api.schema.history import HistoryEntry, HistoryEntryFilter, HistoryEntryOrder
from portal_api.schema.lists import (
    Comparison,
    Connection,
    IdComparison,
    InstantComparison,
    TextComparison,
    listing,
    order_input,
)
from portal_api.schema.nodes import Node

if TYPE_CHECKING:
    from portal_api.schema.course_offers import CourseOffer, CourseOfferFilter, CourseOfferOrder


@strawberry.type(description="One action on a unit: open, or closed with every reason.")
class UnitActionState:
    action: UnitAction = strawberry.field(description="The action.")
    available: bool = strawberry.field(description="Whether it is open to the caller now; a closed one is refused.")
    reasons: list[ActionReason] = strawberry.field(description="Why it is closed: role and status.")


@strawberry.input(description="Which units; all conditions must hold.")
class UnitFilter:
    id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By identifier.")
    identifier: TextComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By what they are reported as."
    )
    status: Comparison[LibraryStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="By whether it is in use."
    )
    created_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when it was made."
    )
    search: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Words that all stand in the title or the identifier; case and accents are ignored.",
    )


class UnitOrderField(StrEnum):
    """What units can be sorted by."""

    TITLE = "title"
    CREATED_AT = "created_at"


described(
    UnitOrderField,
    "What units can be sorted by.",
    {
        UnitOrderField.TITLE: "Title; case and accents are ignored.",
        UnitOrderField.CREATED_AT: "When it was made.",
    },
)
UnitOrder = order_input("UnitOrder", "units", UnitOrderField)


@strawberry.type(description="One action on a course, or creation in it: open, or closed with every reason.")
class CourseActionState:
    action: CourseAction = strawberry.field(description="The action.")
    available: bool = strawberry.field(description="Whether it is open to the caller now; a closed one is refused.")
    reasons: list[ActionReason] = strawberry.field(description="Why it is closed: role and status.")


@strawberry.input(description="Which courses; all conditions must hold.")
class CourseFilter:
    id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By identifier.")
    external_ref: TextComparison | None = strawberry.field(default=strawberry.UNSET, description="By reference.")
    program_identifier: TextComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By the qualification that is reported."
    )
    superseded_by_id: IdComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By the course that has taken their place."
    )
    status: Comparison[LibraryStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="By whether it is in use."
    )
    created_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when it was made."
    )
    search: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Words that all stand in the title, the reference or the program identifier; case and accents are "
        "ignored.",
    )


class CourseOrderField(StrEnum):
    """What courses can be sorted by."""

    TITLE = "title"
    CREATED_AT = "created_at"


described(
    CourseOrderField,
    "What courses can be sorted by.",
    {
        CourseOrderField.TITLE: "Title; case and accents are ignored.",
        CourseOrderField.CREATED_AT: "When it was made.",
    },
)
CourseOrder = order_input("CourseOrder", "courses", CourseOrderField)
_COURSES = strawberry.lazy("portal_api.schema.courses")
_OFFERS = strawberry.lazy("portal_api.schema.course_offers")


@strawberry.type(
    description="A unit of competency, which courses are made of. Administrators see all; a Manager and an Integration "
    "those in use; others those of the courses that they see as trainers or learners."
)
class Unit(Node):
    identifier: str = strawberry.field(description="What it is reported as; no other unit of the organisation has it.")
    title: str = strawberry.field(description="Its title.")
    scheduled_hours: int | None = strawberry.field(
        description="The hours that an enrolment in it is planned with, if nothing else is said."
    )
    status: LibraryStatus = strawberry.field(description="Whether it is in use.")
    created_at: datetime = strawberry.field(description="When it was made.")
    version: int = strawberry.field(description="Counts the changes to this record.")
    courses: Connection[Annotated["Course", _COURSES]] | None = listing(
        Connection[Annotated["Course", _COURSES]],
        "The courses that have it.",
        filter=CourseFilter,
        order_by=CourseOrder,
    )
    history: Connection[HistoryEntry] | None = listing(
        Connection[HistoryEntry], "What was done to this record.", filter=HistoryEntryFilter, order_by=HistoryEntryOrder
    )
    actions: list[UnitActionState] = strawberry.field(description="Every action on this unit, open or closed.")


@strawberry.type(
    description="A course, which leads to a qualification. Administrators see all; a Manager and an Integration those in "
    "use; a Trainer those that they train in; others those in use in which their own learner record is enrolled."
)
class Course(Node):
    external_ref: str = strawberry.field(description="Its reference, as others know it.")
    title: str = strawberry.field(description="Its title.")
    program_identifier: str = strawberry.field(description="The qualification that is reported.")
    superseded_by: Annotated["Course", _COURSES] | None = strawberry.field(
        description="The course of the qualification that has taken its place; null for none, and where the caller does "
        "not see it."
    )
    status: LibraryStatus = strawberry.field(description="Whether it is in use.")
    created_at: datetime = strawberry.field(description="When it was made.")
    version: int = strawberry.field(description="Counts the changes to this record.")
    units: Connection[Unit] | None = listing(
        Connection[Unit],
        "Its units, in the order of the course when nothing is said.",
        filter=UnitFilter,
        order_by=UnitOrder,
    )
    offers: Connection[Annotated["CourseOffer", _OFFERS]] | None = listing(
        Connection[Annotated["CourseOffer", _OFFERS]],
        "The offers of it that the caller sees.",
        filter=Annotated["CourseOfferFilter", _OFFERS],
        order_by=Annotated["CourseOfferOrder", _OFFERS],
    )
    history: Connection[HistoryEntry] | None = listing(
        Connection[HistoryEntry], "What was done to this record.", filter=HistoryEntryFilter, order_by=HistoryEntryOrder
    )
    actions: list[CourseActionState] = strawberry.field(
        description="Every action on this course and every creation in it, open or closed."
    )
