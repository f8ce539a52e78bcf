"""What finalising writes to each unit of an enrolment, or what it lacks: pure, one function a kind of end (S2)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from portal_api.domain.courses.outcomes import FINAL, Outcome
from portal_api.domain.refusals import ErrorCode, PlainError, Reason


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit in an enrolment: the fields that finalising reads and writes."""

    starts_on: date | None
    ends_on: date | None
    outcome: Outcome | None = None
    scheduled_hours: int | None = None
    actual_hours: int | None = None

    @property
    def is_final(self) -> bool:
        return self.outcome in FINAL

    def has_commenced(self, on: date) -> bool:
        """Whether training in it has begun by a day; that on the day itself counts is a reading of S2 Update Unit Enrolment."""
        return self.starts_on is not None and self.starts_on <= on


@dataclass(frozen=True, slots=True)
class UnitCorrection:
    """What a call says of one unit beside its date."""

    hours_attended: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    outcome: Outcome | None = None
    """Of a unit that its learner has completed; of one that is left, the table alone says it."""


NO_CORRECTION = UnitCorrection()


def not_completed(unit: Unit, on: date, correction: UnitCorrection = NO_CORRECTION) -> Unit | Reason:
    """A unit whose learner has withdrawn on a day.

    One that has commenced ends on that day with the outcome 40 and the hours attended (S2 Update Unit Enrolment, a); one
    that has not is marked 00, with no hours, after that day (b). A final outcome stays (a reading).

    Returns:
        The unit as it is to be, or why it cannot be said.
    """
    if unit.is_final:
        return unit
    if unit.starts_on is None:
        return _missing_start()
    if not unit.has_commenced(on):
        ends_on = unit.ends_on if unit.ends_on and unit.ends_on >= unit.starts_on else unit.starts_on
        return replace(unit, ends_on=ends_on, outcome=Outcome.NOT_COMMENCED, actual_hours=0)
    hours = unit.actual_hours if correction.hours_attended is None else correction.hours_attended
    if hours is None:
        return PlainError(
            ErrorCode.HOURS_MISSING,
            "The unit has commenced, and nobody has said how many hours were attended. Give them.",
        )
    return replace(unit, ends_on=on, outcome=Outcome.WITHDRAWN, actual_hours=hours)


def deferred(unit: Unit, on: date, until: date, correction: UnitCorrection = NO_CORRECTION) -> Unit | Reason:
    """A unit whose learner pauses from a day until another.

    One that has commenced stays open, and ends as much later; one that has not is marked 00 and lies in the future (S2
    Outcome Codes, 2; by how much is a reading). Dates that are given win.

    Returns:
        The unit as it is to be, or why it cannot be said.
    """
    if unit.is_final:
        return unit
    if unit.starts_on is None:
        return _missing_start()
    pause = until - on
    if unit.has_commenced(on):
        return replace(unit, ends_on=correction.ends_on or _later(unit.ends_on, pause))
    starts_on = correction.starts_on or max(_later(unit.starts_on, pause) or until, until)
    ends_on = correction.ends_on or max(_later(unit.ends_on, pause) or starts_on, starts_on)
    return replace(unit, starts_on=starts_on, ends_on=ends_on, outcome=Outcome.NOT_COMMENCED, actual_hours=0)


def deferred_further(unit: Unit, since: date, by: timedelta, correction: UnitCorrection = NO_CORRECTION) -> Unit:
    """A unit of a learner who comes back on another day than was said: what is open moves by the difference (a reading).

    Args:
        unit: the unit as it is.
        since: the day from which the learner pauses: what has commenced by then keeps its start, whatever its outcome.
        by: how much later they come back.
        correction: what is said of it; dates that are given win.
    """
    if unit.is_final:
        return unit
    starts_on = unit.starts_on
    if not unit.has_commenced(since):
        starts_on = correction.starts_on or _later(unit.starts_on, by)
    return replace(unit, starts_on=starts_on, ends_on=correction.ends_on or _later(unit.ends_on, by))


def completed(unit: Unit, correction: UnitCorrection = NO_CORRECTION) -> Unit:
    """A unit of a learner who has completed: as it is, with what is given of it (S2 Status: Completed, 2 and 3)."""
    if unit.is_final:
        return unit
    return replace(
        unit,
        outcome=correction.outcome or unit.outcome,
        starts_on=correction.starts_on or unit.starts_on,
        ends_on=correction.ends_on or unit.ends_on,
        actual_hours=unit.actual_hours if correction.hours_attended is None else correction.hours_attended,
    )


def against_completion(unit: Unit, today: date) -> Iterator[Reason]:
    """What a unit lacks before its enrolment is complete: everything at once (S2 Status: Completed, 2 and 3)."""
    if not unit.is_final:
        yield PlainError(ErrorCode.OUTCOME_MISSING, "The unit has no final outcome. Record one.")
    if unit.ends_on is None:
        yield PlainError(ErrorCode.END_MISSING, "The unit has no end. Give the day on which it ended.")
    elif unit.ends_on > today:
        yield PlainError(
            ErrorCode.END_IN_FUTURE, f"The unit ends on {unit.ends_on}, which is ahead. Give the day on which it ended."
        )


def against_order(unit: Unit) -> Iterator[Reason]:
    """Whether a unit would end before it starts."""
    if unit.starts_on and unit.ends_on and unit.ends_on < unit.starts_on:
        yield PlainError(
            ErrorCode.INVALID_DATES,
            f"The unit would start on {unit.starts_on} and end before, on {unit.ends_on}. Give other dates.",
        )


def against_past(unit: Unit, today: date) -> Iterator[Reason]:
    """Whether a unit that a deferral leaves for later would begin all the same (S2 Outcome Codes, 2)."""
    if unit.outcome is Outcome.NOT_COMMENCED and unit.has_commenced(today):
        yield PlainError(
            ErrorCode.INVALID_DATES,
            f"The unit has not commenced, and would start on {unit.starts_on}. Give it a start after today, {today}.",
        )


def has_more_hours_than_scheduled(unit: Unit) -> bool:
    """Whether more hours were attended than were scheduled: worth a warning, and no more (a reading)."""
    return unit.scheduled_hours is not None and (unit.actual_hours or 0) > unit.scheduled_hours


def _later(day: date | None, by: timedelta) -> date | None:
    """A day moved; at most to the first or last that there is, which some take for no end at all."""
    return day and date.fromordinal(min(max(day.toordinal() + by.days, 1), date.max.toordinal()))


def _missing_start() -> Reason:
    return PlainError(
        ErrorCode.MISSING_DATES, "The unit has no start, so nobody can tell whether it has commenced. Give it one."
    )
