"""Finalising an enrolment as a whole: each unit as it is to be, or all that stands in the way (S2 How To Finalise a Learner)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from portal_api.domain.courses.statuses import COMPLETIONS, CourseEnrolmentStatus
from portal_api.domain.courses.units import (
    NO_CORRECTION,
    Unit,
    UnitCorrection,
    against_completion,
    against_order,
    against_past,
    completed,
    deferred,
    deferred_further,
    not_completed,
)
from portal_api.domain.refusals import ErrorCode, PlainError, Reason

LONGEST_PAUSE = timedelta(days=3_650)
"""How long after the day of a deferral the learner returns at the latest (a reading)."""


class ClosingCredential(StrEnum):
    """What becomes of the credential with a finalisation (S2 Generate Credentials)."""

    REQUEST = "request"
    ISSUE = "issue"


Units = Mapping[str, Unit]
"""The units of an enrolment, by their identifiers."""
Corrections = Mapping[str, UnitCorrection]


@dataclass(frozen=True, slots=True)
class Finalisation:
    """How an enrolment is to be finalised."""

    to: CourseEnrolmentStatus
    on: date
    """The day of the withdrawal or deferral; of a completion, today."""
    returns_on: date | None = None
    """When a learner who defers comes back."""
    corrections: Corrections = field(default_factory=dict[str, UnitCorrection])


@dataclass(frozen=True, slots=True)
class Deferral:
    """The pause that an enrolment is in."""

    since: date
    returns_on: date


@dataclass(frozen=True, slots=True)
class Finalised:
    """What finalising comes to."""

    units: Units = field(default_factory=dict[str, Unit])
    """The units that differ since."""
    problems: tuple[Reason, ...] = ()
    """Why it cannot be done; each names its unit where it concerns one."""


def finalise(units: Units, finalisation: Finalisation, today: date, pause: Deferral | None = None) -> Finalised:
    """Works out what each unit comes to.

    Args:
        units: the units as they are.
        finalisation: how, and with which corrections.
        today: the organisation's day.
        pause: the pause that the enrolment is in already.

    Returns:
        The units that change, or everything that stands in the way: then nothing changes.
    """
    problems = list(_against_dates(finalisation, today, pause))
    changed: dict[str, Unit] = {}
    for id_, unit in units.items() if not problems else ():
        correction = finalisation.corrections.get(id_, NO_CORRECTION)
        result = _after(unit, finalisation, pause, correction)
        if isinstance(result, Reason):
            problems.append(of_unit(result, id_))
            continue
        problems += [of_unit(reason, id_) for reason in _against(unit, result, finalisation.to, today)]
        if result != unit:
            changed[id_] = result
    return Finalised(problems=tuple(problems)) if problems else Finalised(changed)


def of_unit(reason: Reason, id_: str) -> Reason:
    """A reason that names the unit which it concerns."""
    return replace(reason, path=("units", id_))


def _after(unit: Unit, finalisation: Finalisation, pause: Deferral | None, correction: UnitCorrection) -> Unit | Reason:
    if finalisation.to in COMPLETIONS:
        return completed(unit, correction)
    if finalisation.returns_on is None:
        return not_completed(unit, finalisation.on, correction)
    if pause is not None:
        return deferred_further(unit, pause.since, finalisation.returns_on - pause.returns_on, correction)
    return deferred(unit, finalisation.on, finalisation.returns_on, correction)


def _against(before: Unit, after: Unit, to: CourseEnrolmentStatus, today: date) -> Iterator[Reason]:
    """What stands against a unit as it is to be; one that stays as it is may lie where time has left it."""
    if to in COMPLETIONS:
        yield from against_completion(after, today)
    elif to is CourseEnrolmentStatus.DEFERRED and after != before:
        yield from against_past(after, today)
    yield from against_order(after)


def _against_dates(finalisation: Finalisation, today: date, pause: Deferral | None) -> Iterator[Reason]:
    if finalisation.on > today:
        yield PlainError(
            ErrorCode.DATE_IN_FUTURE,
            f"The date {finalisation.on} is ahead; today is {today}. Give today or an earlier day.",
        )
    if finalisation.to is not CourseEnrolmentStatus.DEFERRED:
        return
    if finalisation.returns_on is None or finalisation.returns_on <= today:
        yield PlainError(
            ErrorCode.INVALID_DATES,
            f"A deferral says when the learner returns: `returnsOn`, a day after today, {today}.",
        )
    elif finalisation.returns_on - (since := pause.since if pause else finalisation.on) > LONGEST_PAUSE:
        yield PlainError(
            ErrorCode.INVALID_DATES,
            f"A deferral takes {LONGEST_PAUSE.days:,} days at the most, and this one counts from {since}. Give other dates.",
        )
