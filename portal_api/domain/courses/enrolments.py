"""The table of enrolments in courses: how each is finalised, and what else can be done about it (S2)."""

from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from portal_api.domain.courses.statuses import (
    COMPLETIONS,
    ENDED,
    CourseEnrolmentAction,
    CourseEnrolmentStatus,
)
from portal_api.domain.machine import Cell, Footnote, Rule, StatusMeaning, Table
from portal_api.domain.refusals import ErrorCode, PlainError, Reason
from portal_api.domain.roles import Role

_ADMINISTRATORS = (Role.OWNER, Role.ADMIN)
_A, _S = CourseEnrolmentAction, CourseEnrolmentStatus
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CourseEnrolmentFacts:
    """What decides over an enrolment in a course."""

    status: CourseEnrolmentStatus
    learner_is_active: bool = True
    finalised_on: date | None = None
    """The date with which it was finalised, if it was."""
    asked_on: date | None = None
    """The date with which it is to be finalised; None while nobody has asked."""
    is_reconnecting: bool = True
    """Whether the organisation has the stage at all (S4 Reconnect)."""
    is_superseded: bool = False
    """Whether another course supersedes the one that the learner is in."""


def _finalised(facts: CourseEnrolmentFacts) -> Reason | None:
    if facts.finalised_on is not None and facts.asked_on not in (None, facts.finalised_on):
        return PlainError(
            ErrorCode.ALREADY_FINALISED,
            f"The enrolment has been finalised as of {facts.finalised_on}. Set it to another status to finalise it anew.",
        )
    return None


def _not_finalised(facts: CourseEnrolmentFacts) -> Reason | None:
    if facts.finalised_on is None:
        return PlainError(ErrorCode.NOT_FINALISED, "The enrolment has not been finalised. Finalise it first.")
    return None


def _without_reconnect(facts: CourseEnrolmentFacts) -> Reason | None:
    if not facts.is_reconnecting:
        return PlainError(ErrorCode.RECONNECT_OFF, "The organisation has switched the stage RECONNECT off.")
    return None


def _not_superseded(facts: CourseEnrolmentFacts) -> Reason | None:
    if not facts.is_superseded:
        return PlainError(ErrorCode.NOT_SUPERSEDED, "No other course supersedes this one.")
    return None


def _is_finalised(facts: CourseEnrolmentFacts) -> Reason | None:
    if facts.finalised_on is not None:
        return PlainError(
            ErrorCode.ALREADY_FINALISED,
            f"The enrolment has been finalised as of {facts.finalised_on}. Set it to another status to work on it again.",
        )
    return None


OPEN: Footnote[CourseEnrolmentFacts] = Footnote("not finalised (reading)", _is_finalised)
NOT_FINALISED: Footnote[CourseEnrolmentFacts] = Footnote("not finalised with another date (reading)", _finalised)
FINALISED: Footnote[CourseEnrolmentFacts] = Footnote("finalised (reading)", _not_finalised)
RECONNECTING: Footnote[CourseEnrolmentFacts] = Footnote("the stage is switched on (S4 Reconnect)", _without_reconnect)
SUPERSEDED: Footnote[CourseEnrolmentFacts] = Footnote(
    "another course supersedes it (S2 Outcome Codes, 3)", _not_superseded
)


def _finalising(
    action: CourseEnrolmentAction,
    to: CourseEnrolmentStatus,
    label: str,
    place: str,
    *,
    from_pending: bool = False,
) -> Rule[CourseEnrolmentStatus, CourseEnrolmentAction, CourseEnrolmentFacts]:
    """Finalising to a status: from where training goes on, and from the status itself, which is often set first (S2)."""
    cell = Cell(f"S2 {place}", to=to)
    itself = Cell("S2 Finalise Course Enrolment", to=to, footnotes=(NOT_FINALISED,) if to in ENDED else ())
    running = dict.fromkeys((_S.CURRENT, _S.DEFERRED, _S.COMPLETION_PENDING), cell)
    pending = {_S.PENDING: Cell("reading", to=to, is_reading=True)} if from_pending else {}
    return Rule(action, label, _ADMINISTRATORS, {**pending, **running, to: itself})


_ENDING = "Status: Withdrawn, Cancelled"
COURSE_ENROLMENTS = Table[CourseEnrolmentStatus, CourseEnrolmentAction, CourseEnrolmentFacts](
    kind="course_enrolment",
    statuses={
        _S.ENQUIRY: StatusMeaning("Enquiry", "Somebody has asked about the course."),
        _S.PENDING: StatusMeaning("Pending", "Applied, and not enrolled yet."),
        _S.CURRENT: StatusMeaning("Current", "In training."),
        _S.DEFERRED: StatusMeaning("Deferred", "Training pauses until the learner returns."),
        _S.COMPLETION_PENDING: StatusMeaning("Completion pending", "Trained; paperwork is still open."),
        _S.COMPLETED: StatusMeaning("Completed", "Trained, and done.", is_ended=True),
        _S.WITHDRAWN: StatusMeaning("Withdrawn", "Left before completion.", is_ended=True),
        _S.CANCELLED_NO_PENALTY: StatusMeaning("Cancelled (no penalty)", "Cancelled free of charge.", is_ended=True),
        _S.CANCELLED_PENALTY: StatusMeaning("Cancelled (penalty)", "Cancelled at a charge.", is_ended=True),
        _S.PARTIAL_ATTENDANCE: StatusMeaning("Partial attendance", "Attended in part, and ended.", is_ended=True),
        _S.DECLINED: StatusMeaning("Declined", "Never enrolled.", is_ended=True),
    },
    rules=(
        _finalising(_A.FINALISE_AS_COMPLETED, _S.COMPLETED, "Completing", "Status: Completed or Completion Pending"),
        _finalising(
            _A.FINALISE_AS_COMPLETION_PENDING,
            _S.COMPLETION_PENDING,
            "Completing with paperwork open",
            "Status: Completed or Completion Pending",
        ),
        _finalising(_A.FINALISE_AS_WITHDRAWN, _S.WITHDRAWN, "Withdrawing", _ENDING, from_pending=True),
        _finalising(
            _A.FINALISE_AS_CANCELLED_NO_PENALTY,
            _S.CANCELLED_NO_PENALTY,
            "Cancelling without penalty",
            _ENDING,
            from_pending=True,
        ),
        _finalising(
            _A.FINALISE_AS_CANCELLED_PENALTY,
            _S.CANCELLED_PENALTY,
            "Cancelling with penalty",
            _ENDING,
            from_pending=True,
        ),
        _finalising(
            _A.FINALISE_AS_PARTIAL_ATTENDANCE,
            _S.PARTIAL_ATTENDANCE,
            "Ending with partial attendance",
            "Outcome Codes, 1",
        ),
        _finalising(_A.FINALISE_AS_DEFERRED, _S.DEFERRED, "Deferring", "Outcome Codes, 2"),
        Rule(
            _A.SET_STATUS,
            "Setting the status",
            _ADMINISTRATORS,
            {status: Cell("S2 Finalise Course Enrolment") for status in _S},
        ),
        Rule(
            _A.UPDATE,
            "Changing an enrolment",
            _ADMINISTRATORS,
            dict.fromkeys(_S, Cell("reading", is_reading=True)),
        ),
        Rule(
            _A.ADD_UNITS,
            "Adding units",
            _ADMINISTRATORS,
            {status: Cell("reading", is_reading=True) for status in _S if status not in ENDED},
            footnotes=(OPEN,),
        ),
        Rule(
            _A.REQUEST_SURVEY,
            "Asking for a survey",
            _ADMINISTRATORS,
            {status: Cell("S2 the survey on completion") for status in _S if status in COMPLETIONS},
        ),
        Rule(
            _A.FLAG_FOR_RECONNECT,
            "Flagging for reconnect",
            _ADMINISTRATORS,
            {status: Cell("S4 Reconnect") for status in _S if status in ENDED - {_S.DECLINED}},
            footnotes=(FINALISED, RECONNECTING),
        ),
        Rule(
            _A.TRANSITION,
            "Moving on to the new qualification",
            _ADMINISTRATORS,
            {status: Cell("S2 Outcome Codes, 3") for status in (_S.PENDING, _S.CURRENT, _S.DEFERRED)},
            footnotes=(SUPERSEDED,),
        ),
    ),
)

FINALISED_BY = {
    _S.COMPLETED: _A.FINALISE_AS_COMPLETED,
    _S.COMPLETION_PENDING: _A.FINALISE_AS_COMPLETION_PENDING,
    _S.WITHDRAWN: _A.FINALISE_AS_WITHDRAWN,
    _S.CANCELLED_NO_PENALTY: _A.FINALISE_AS_CANCELLED_NO_PENALTY,
    _S.CANCELLED_PENALTY: _A.FINALISE_AS_CANCELLED_PENALTY,
    _S.PARTIAL_ATTENDANCE: _A.FINALISE_AS_PARTIAL_ATTENDANCE,
    _S.DEFERRED: _A.FINALISE_AS_DEFERRED,
}
"""The action that leads to each status by finalising."""
