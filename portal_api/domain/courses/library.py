"""Courses, their units, the offers in which they are taught, and the reasons for statuses: what can be done to them (readings)."""

from dataclasses import dataclass
from enum import StrEnum

from portal_api.domain.library import REINSTATING, RETIRING, WHILE_ACTIVE, LibraryStatus, meanings
from portal_api.domain.machine import Footnote, RecordFacts, Rule, Table
from portal_api.domain.refusals import ErrorCode, Reason, StatusNotAllowed
from portal_api.domain.roles import Role

_OWNER = (Role.OWNER,)
_ADMINISTRATORS = (Role.OWNER, Role.ADMIN)
MOST_UNITS = 100
MOST_TRAINERS = 50
MOST_HOURS = 10_000


class CourseAction(StrEnum):
    """What can be done to a course, and made in it."""

    UPDATE = "update"
    RETIRE = "retire"
    REINSTATE = "reinstate"
    CREATE_OFFER = "create_offer"


class UnitAction(StrEnum):
    """What can be done to a unit."""

    UPDATE = "update"
    RETIRE = "retire"
    REINSTATE = "reinstate"


class CourseOfferAction(StrEnum):
    """What can be done to an offer of a course, and made in it."""

    UPDATE = "update"
    SET_TRAINERS = "set_trainers"
    ENROL = "enrol"
    RETIRE = "retire"
    REINSTATE = "reinstate"


class StatusReasonAction(StrEnum):
    """What can be done to a reason for a status."""

    RETIRE = "retire"
    REINSTATE = "reinstate"


@dataclass(frozen=True, slots=True)
class CourseOfferFacts:
    """What decides over an offer's actions; for an enrolment, with those of the learner to be enrolled."""

    status: LibraryStatus
    course_status: LibraryStatus = LibraryStatus.ACTIVE
    learner_is_active: bool = True


def _course_retired(facts: CourseOfferFacts) -> Reason | None:
    if facts.course_status is not LibraryStatus.ACTIVE:
        return StatusNotAllowed(
            ErrorCode.STATUS_NOT_ALLOWED,
            "The course of this offer is retired, so nobody is enrolled in it any more. Reinstate the course first.",
            statuses=(LibraryStatus.ACTIVE.name,),
        )
    return None


COURSES = Table[LibraryStatus, CourseAction, RecordFacts[LibraryStatus]](
    kind="course",
    statuses=meanings("It can be offered.", "It has no new offers and nobody is enrolled; running enrolments go on."),
    rules=(
        Rule(CourseAction.UPDATE, "Changing a course", _ADMINISTRATORS, WHILE_ACTIVE, needs_active_learner=False),
        Rule(CourseAction.RETIRE, "Retiring a course", _ADMINISTRATORS, RETIRING, needs_active_learner=False),
        Rule(CourseAction.REINSTATE, "Reinstating a course", _ADMINISTRATORS, REINSTATING, needs_active_learner=False),
        Rule(CourseAction.CREATE_OFFER, "Offering a course", _ADMINISTRATORS, WHILE_ACTIVE, needs_active_learner=False),
    ),
)

UNITS = Table[LibraryStatus, UnitAction, RecordFacts[LibraryStatus]](
    kind="unit",
    statuses=meanings("It can be put into courses.", "It stays in the courses that have it, and comes into no other."),
    rules=(
        Rule(UnitAction.UPDATE, "Changing a unit", _ADMINISTRATORS, WHILE_ACTIVE, needs_active_learner=False),
        Rule(UnitAction.RETIRE, "Retiring a unit", _ADMINISTRATORS, RETIRING, needs_active_learner=False),
        Rule(UnitAction.REINSTATE, "Reinstating a unit", _ADMINISTRATORS, REINSTATING, needs_active_learner=False),
    ),
)

COURSE_OFFERS = Table[LibraryStatus, CourseOfferAction, CourseOfferFacts](
    kind="course_offer",
    statuses=meanings("Learners can be enrolled in it.", "Nobody can be enrolled any more; running enrolments go on."),
    rules=(
        Rule(CourseOfferAction.UPDATE, "Changing an offer", _ADMINISTRATORS, WHILE_ACTIVE, needs_active_learner=False),
        Rule(
            CourseOfferAction.SET_TRAINERS,
            "Setting the trainers of an offer",
            _ADMINISTRATORS,
            WHILE_ACTIVE,
            needs_active_learner=False,
        ),
        Rule(
            CourseOfferAction.ENROL,
            "Enrolling",
            _ADMINISTRATORS,
            WHILE_ACTIVE,
            footnotes=(Footnote("the course is active (reading)", _course_retired),),
        ),
        Rule(CourseOfferAction.RETIRE, "Retiring an offer", _ADMINISTRATORS, RETIRING, needs_active_learner=False),
        Rule(
            CourseOfferAction.REINSTATE,
            "Reinstating an offer",
            _ADMINISTRATORS,
            REINSTATING,
            needs_active_learner=False,
        ),
    ),
)

STATUS_REASONS = Table[LibraryStatus, StatusReasonAction, RecordFacts[LibraryStatus]](
    kind="status_reason",
    statuses=meanings("It can be given.", "It stays with the enrolments that have it, and is given to no other."),
    rules=(
        Rule(StatusReasonAction.RETIRE, "Retiring a status reason", _OWNER, RETIRING, needs_active_learner=False),
        Rule(
            StatusReasonAction.REINSTATE,
            "Reinstating a status reason",
            _OWNER,
            REINSTATING,
            needs_active_learner=False,
        ),
    ),
)
