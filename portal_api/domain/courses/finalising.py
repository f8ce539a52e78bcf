"""Finalising an enrolment as a whole: each unit as it is to be, or all that stands in the way (S2 How To Finalise a Learner)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from portal_api.domain.courses.statuses import COMPLETIONS, CourseEnrolmentStatus
from portal_api.domain.courses.units import (
    NO_CORRECTION,
    Unit,
    UnitCorrection,
    against_completion,
    deferred,
    deferred_further,
    not_completed,
)
from portal_api.domain.refusals import ErrorCode, PlainError, Reason

Corrections = Mapping[UUID, UnitCorrection]


@dataclass(frozen=True, slots=True)
class Finalisation:
    """How an enrolment is to be finalised."""

    to: CourseEnrolmentStatus
    on: date
    """The day of the withdrawal or deferral; of a completion, today."""
    returns_on: date | None = None
    """When a learner who defers comes back."""
    corrections: Corrections = field(default_factory=dict[UUID, UnitCorrection])


@dataclass(frozen=True, slots=True)
class Deferral:
    """The pause that an enrolment is in."""

    since: date
    returns_on: date


@dataclass(frozen=True, slots=True)
class Finalised:
    """What finalising comes to."""

    units: Mapping[UUID, Unit] = field(default_factory=dict[UUID, Unit])
    """The units that differ since."""
    problems: tuple[Reason, ...] = ()
    """Why it cannot be done; each names its unit where it concerns one."""


def finalise(
    units: Mapping[UUID, Unit], finalisation: Finalisation, today: date, pause: Deferral | None = None
) -> Finalised:
    """Works out what each unit comes to.

    Args:
        units: the units as they are.
        finalisation: how, and with which corrections.
        today: the organisation's day.
        pause: the pause that the enrolment is in already.

    Returns:
        The units that change, or everything that stands in the way: then nothing changes.
    """
    problems = list(_against_dates(finalisation, today))
    changed: dict[UUID, Unit] = {}
    for id_, unit in units.items() if not problems else ():
        if finalisation.to in COMPLETIONS:
            problems += [_of_unit(reason, id_) for reason in against_completion(unit, today)]
            continue
        result = _ended(unit, finalisation, pause, finalisation.corrections.get(id_, NO_CORRECTION))
        if isinstance(result, Reason):
            problems.append(_of_unit(result, id_))
        elif result != unit:
            changed[id_] = result
    return Finalised(problems=tuple(problems)) if problems else Finalised(changed)


def _ended(unit: Unit, finalisation: Finalisation, pause: Deferral | None, correction: UnitCorrection) -> Unit | Reason:
    if finalisation.returns_on is None:
        return not_completed(unit, finalisation.on, correction)
    if pause is not None:
        return deferred_further(unit, finalisation.returns_on - pause.returns_on, correction)
    return deferred(unit, finalisation.on, finalisation.returns_on, correction)


def _against_dates(finalisation: Finalisation, today: date) -> Iterator[Reason]:
    if finalisation.on > today:
        yield PlainError(
            ErrorCode.DATE_IN_FUTURE,
            f"The date {finalisation.on} is ahead; today is {today}. Give today or an earlier day.",
        )
    is_deferral = finalisation.to is CourseEnrolmentStatus.DEFERRED
    if is_deferral and (finalisation.returns_on is None or finalisation.returns_on <= today):
        yield PlainError(
            ErrorCode.INVALID_DATES,
            f"A deferral says when the learner returns: `returnsOn`, a day after today, {today}.",
        )


def _of_unit(reason: Reason, id_: UUID) -> Reason:
    return replace(reason, path=("units", str(id_)))
