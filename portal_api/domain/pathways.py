"""Learning pathways: series taken one after another, and the enrolments in them (readings; S3, the last paragraph)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from portal_api.domain.calendar import day_after, day_of
from portal_api.domain.library import REINSTATING, RETIRING, WHILE_ACTIVE, LibraryStatus, meanings
from portal_api.domain.machine import Cell, ClockMove, Footnote, Rule, StatusMeaning, Table
from portal_api.domain.refusals import AlreadyEnrolled, ErrorCode, Reason
from portal_api.domain.roles import Role

_ADMINISTRATORS = (Role.OWNER, Role.ADMIN)
MOST_STEPS = 50


class PathwayKind(StrEnum):
    """When the next series of a pathway opens."""

    LINEAR = "linear"
    INTERLEAVED = "interleaved"


class PathwayAction(StrEnum):
    """What can be done to a pathway, and made in it."""

    UPDATE = "update"
    RETIRE = "retire"
    REINSTATE = "reinstate"
    ENROL = "enrol"


class PathwayEnrolmentStatus(StrEnum):
    """Where an enrolment in a pathway stands."""

    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    INCOMPLETE = "incomplete"
    WITHDRAWN = "withdrawn"


class PathwayEnrolmentAction(StrEnum):
    """What can be done to an enrolment in a pathway."""

    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class PathwayFacts:
    """What decides over a pathway's actions; for an enrolment, with those of the learner to be enrolled."""

    status: LibraryStatus
    learner_is_active: bool = True
    taken: tuple[str, ...] = ()
    """The series of the pathway, as clients name them, that the learner takes already or has ahead in a pathway."""
    taken_titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PathwayEnrolmentFacts:
    """What decides over the actions of an enrolment in a pathway."""

    status: PathwayEnrolmentStatus
    learner_is_active: bool


def _already_enrolled(facts: PathwayFacts) -> Reason | None:
    if facts.taken:
        return AlreadyEnrolled(
            ErrorCode.ALREADY_ENROLLED,
            f"The learner takes {', '.join(map(repr, facts.taken_titles))} already, or has it ahead in another pathway. "
            "Wait for its end, or withdraw it first.",
            series_ids=facts.taken,
        )
    return None


PATHWAYS = Table[LibraryStatus, PathwayAction, PathwayFacts](
    kind="pathway",
    statuses=meanings("Learners can be enrolled in it.", "Nobody can be enrolled any more; running enrolments go on."),
    rules=(
        Rule(PathwayAction.UPDATE, "Changing a pathway", _ADMINISTRATORS, WHILE_ACTIVE, needs_active_learner=False),
        Rule(PathwayAction.RETIRE, "Retiring a pathway", _ADMINISTRATORS, RETIRING, needs_active_learner=False),
        Rule(
            PathwayAction.REINSTATE, "Reinstating a pathway", _ADMINISTRATORS, REINSTATING, needs_active_learner=False
        ),
        Rule(
            PathwayAction.ENROL,
            "Enrolling",
            _ADMINISTRATORS,
            WHILE_ACTIVE,
            footnotes=(
                Footnote(
                    "the learner neither takes one of its series nor has one ahead in a running pathway (reading)",
                    _already_enrolled,
                ),
            ),
        ),
    ),
)

_S = PathwayEnrolmentStatus

PATHWAY_ENROLMENTS = Table[PathwayEnrolmentStatus, PathwayEnrolmentAction, PathwayEnrolmentFacts](
    kind="pathway_enrolment",
    statuses={
        _S.IN_PROGRESS: StatusMeaning("In progress", "A series of it is open, or opens on the next day."),
        _S.COMPLETED: StatusMeaning("Completed", "All its series have been mastered.", is_ended=True),
        _S.INCOMPLETE: StatusMeaning("Incomplete", "One of its series ended without mastery.", is_ended=True),
        _S.WITHDRAWN: StatusMeaning("Withdrawn", "Withdrawn by an administrator, with a reason.", is_ended=True),
    },
    rules=(
        Rule(
            action=PathwayEnrolmentAction.WITHDRAW,
            label="Withdrawing",
            roles=_ADMINISTRATORS,
            cells={_S.IN_PROGRESS: Cell("reading", to=_S.WITHDRAWN, is_reading=True)},
        ),
    ),
    clock=(ClockMove(_S.IN_PROGRESS, "ends_at", _S.INCOMPLETE, "reading"),),
)


def next_opening(kind: PathwayKind, mastered_at: datetime, zone: ZoneInfo) -> datetime:
    """When the series after one that was mastered opens: at once, or with the next local day (a reading)."""
    return mastered_at if kind is PathwayKind.LINEAR else day_after(day_of(mastered_at, zone), zone)
