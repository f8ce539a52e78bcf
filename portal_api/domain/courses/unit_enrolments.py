"""The table of units in enrolments: who records outcomes, dates and hours, and who marks them as reported (S2)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from portal_api.domain.courses.outcomes import FINAL, Outcome
from portal_api.domain.learners import NOT_OWN_RECORD
from portal_api.domain.machine import Cell, Footnote, Narrowing, Rule, StatusMeaning, Table
from portal_api.domain.refusals import ErrorCode, PlainError, Reason
from portal_api.domain.roles import ADMINISTRATORS, Role

MOST_PROGRAMS = 3
"""How many program identifiers the units of one enrolment have between them (S2 Outcome Codes, 3)."""
MOST_HOURS = 10_000


class UnitEnrolmentStatus(StrEnum):
    """Whether a unit has come to its outcome: worked out from the outcome, and never kept (a reading)."""

    OPEN = "open"
    FINAL = "final"


class UnitEnrolmentAction(StrEnum):
    """What can be done to a unit of an enrolment."""

    UPDATE = "update"
    SET_PROGRAM = "set_program"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class UnitEnrolmentFacts:
    """What decides over a unit of an enrolment."""

    status: UnitEnrolmentStatus
    learner_is_active: bool = True
    is_taught: bool = False
    """Whether the caller trains in its offer."""
    is_own_record: bool = False
    """Whether it is of the learner that the caller is linked to."""
    finalised_on: date | None = None
    """The date with which the enrolment was finalised, if it was."""
    is_reported: bool = False


def status_of(outcome: Outcome | None) -> UnitEnrolmentStatus:
    """Whether a unit with an outcome, or with none, is open."""
    return UnitEnrolmentStatus.FINAL if outcome in FINAL else UnitEnrolmentStatus.OPEN


def against_programs(identifiers: Iterable[str]) -> PlainError | None:
    """Whether the units of one enrolment name more programs than can be reported together (S2 Outcome Codes, 3)."""
    programs = sorted(set(identifiers))
    if len(programs) <= MOST_PROGRAMS:
        return None
    return PlainError(
        ErrorCode.TOO_MANY_PROGRAMS,
        f"The units of one enrolment name {MOST_PROGRAMS} programs at the most; these would be {', '.join(programs)}.",
    )


def _roles(facts: UnitEnrolmentFacts) -> Sequence[Role]:
    return (*sorted(ADMINISTRATORS, key=list(Role).index), *([Role.TRAINER] if facts.is_taught else []))


def _finalised(facts: UnitEnrolmentFacts) -> Reason | None:
    if facts.finalised_on is not None:
        return PlainError(
            ErrorCode.ALREADY_FINALISED,
            f"The enrolment has been finalised as of {facts.finalised_on}. Set it to another status to work on it again.",
        )
    return None


_WORKED_ON: tuple[Footnote[UnitEnrolmentFacts], ...] = (
    replace(
        NOT_OWN_RECORD,
        text="not on the caller's own learner record, nor there by what a finalisation says of it (reading)",
    ),
    Footnote("its enrolment is not finalised (reading)", _finalised),
)
_ANYWHERE = dict.fromkeys(UnitEnrolmentStatus, Cell("S2 Outcome Codes"))

UNIT_ENROLMENTS = Table[UnitEnrolmentStatus, UnitEnrolmentAction, UnitEnrolmentFacts](
    kind="unit_enrolment",
    statuses={
        UnitEnrolmentStatus.OPEN: StatusMeaning("Open", "Without a final outcome."),
        UnitEnrolmentStatus.FINAL: StatusMeaning(
            "Final", "With an outcome that finalising leaves as it is.", is_ended=True
        ),
    },
    rules=(
        Rule(
            UnitEnrolmentAction.UPDATE,
            "Recording outcomes, dates and hours",
            (Role.OWNER, Role.ADMIN, Role.TRAINER),
            _ANYWHERE,
            footnotes=_WORKED_ON,
            narrowing=Narrowing("a TRAINER in their own offers alone", _roles),
        ),
        Rule(
            UnitEnrolmentAction.SET_PROGRAM,
            "Changing the program",
            (Role.OWNER, Role.ADMIN),
            dict.fromkeys(UnitEnrolmentStatus, Cell("reading", is_reading=True)),
            footnotes=_WORKED_ON,
        ),
        Rule(
            UnitEnrolmentAction.REPORT,
            "Marking as reported",
            (Role.OWNER, Role.ADMIN),
            dict.fromkeys(UnitEnrolmentStatus, Cell("S2 Outcome Codes, 3")),
        ),
    ),
)
