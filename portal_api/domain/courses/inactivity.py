"""Enrolments that are over, and the learners who have no others (S1 How to set Learners with Inactive Enrolments)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from portal_api.domain.courses.statuses import ENDED, CourseEnrolmentStatus
from portal_api.domain.learners import LEARNERS, LearnerAction, LearnerFacts, LearnerStatus
from portal_api.domain.machine import Footnote, Rule
from portal_api.domain.refusals import ErrorCode, PlainError, Reason
from portal_api.domain.roles import Role

MOST_NAMED = 3
"""How many enrolments a refusal names."""


class InactivityReason(StrEnum):
    """Why an enrolment is inactive."""

    STATUS = "status"
    PAST_END = "past_end"


@dataclass(frozen=True, slots=True)
class Inactivity:
    """That an enrolment is inactive, and why."""

    reason: InactivityReason
    status: CourseEnrolmentStatus
    latest_end_on: date | None


def latest_end_of(unit_ends: Sequence[date | None], own_end: date | None) -> date | None:
    """The day with which an enrolment ends: that of its last unit; its own only where it has no units.

    Args:
        unit_ends: the ends of its units, with None for a unit that has none.
        own_end: its own end.
    """
    if not unit_ends:
        return own_end
    return max((each for each in unit_ends if each is not None), default=None)


def inactivity_of(status: CourseEnrolmentStatus, latest_end_on: date | None, today: date) -> Inactivity | None:
    """Why an enrolment is inactive; None for one that is not: its status goes before its days, and no end is no past one."""
    if status in ENDED:
        return Inactivity(InactivityReason.STATUS, status, latest_end_on)
    if latest_end_on is not None and latest_end_on < today:
        return Inactivity(InactivityReason.PAST_END, status, latest_end_on)
    return None


@dataclass(frozen=True, slots=True)
class EnrolledLearnerFacts(LearnerFacts):
    """What decides over a learner who is to be set inactive for their enrolments."""

    has_enrolments: bool = False
    active_enrolments: tuple[str, ...] = ()
    """The identifiers of those that are active."""


def _not_all_inactive(facts: EnrolledLearnerFacts) -> Reason | None:
    if not facts.has_enrolments:
        message = "The learner has no course enrolments, and so none that is inactive. Deactivate them by themselves."
        return PlainError(ErrorCode.NOT_INACTIVE_ENROLMENTS, message)
    active = facts.active_enrolments
    if active:
        are = "that are" if len(active) > 1 else "that is"
        others = " and others" if len(active) > MOST_NAMED else ""
        message = (
            f"Of the learner's course enrolments there are {len(active)} {are} active: "
            f"{', '.join(active[:MOST_NAMED])}{others}. End them first, or deactivate the learner by themselves."
        )
        return PlainError(ErrorCode.NOT_INACTIVE_ENROLMENTS, message)
    return None


ALL_INACTIVE: Footnote[EnrolledLearnerFacts] = Footnote(
    "at least one course enrolment, all inactive (S1 in bulk; reading)", _not_all_inactive
)
DEACTIVATE_ENROLLED: Rule[LearnerStatus, LearnerAction, Any] = replace(
    LEARNERS[LearnerAction.DEACTIVATE], footnotes=(ALL_INACTIVE,)
)
"""Deactivating, as the bulk has it: a door of its own to the same action."""


class CandidateAction(StrEnum):
    """What can be done with the list of those whose enrolments are all inactive: read it."""

    READ = "read"


READING_CANDIDATES: Rule[Any, CandidateAction, Any] = Rule(
    action=CandidateAction.READ,
    label="Reading who has inactive enrolments alone",
    roles=(Role.OWNER, Role.ADMIN),
    cells={},
)
"""Who may read the list; it has no status, and so no table."""
