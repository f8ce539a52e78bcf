"""What finalising writes to a unit, on both sides of each date."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from portal_api.domain.courses.outcomes import FINAL, Outcome
from portal_api.domain.courses.units import (
    Unit,
    UnitCorrection,
    against_completion,
    against_past,
    deferred,
    deferred_further,
    not_completed,
)
from portal_api.domain.refusals import ErrorCode, Reason

DAY = timedelta(days=1)
LEAVES, RETURNS = date(2026, 5, 20), date(2026, 6, 3)
RUNNING = Unit(LEAVES - 30 * DAY, LEAVES + 30 * DAY, Outcome.CONTINUING, scheduled_hours=40, actual_hours=12)
AHEAD = Unit(LEAVES + 10 * DAY, LEAVES + 40 * DAY, None, scheduled_hours=40)


def code(result: Unit | Reason) -> ErrorCode | None:
    return result.code if isinstance(result, Reason) else None


@pytest.mark.parametrize("starts_on", [LEAVES - DAY, LEAVES])
def test_a_unit_that_has_commenced_ends_with_the_withdrawal(starts_on: date) -> None:
    unit = replace(RUNNING, starts_on=starts_on)

    assert not_completed(unit, LEAVES) == replace(unit, ends_on=LEAVES, outcome=Outcome.WITHDRAWN, actual_hours=12)


def test_a_planned_end_before_the_withdrawal_gives_way() -> None:
    unit = replace(RUNNING, ends_on=LEAVES - 5 * DAY)

    assert not_completed(unit, LEAVES) == replace(unit, ends_on=LEAVES, outcome=Outcome.WITHDRAWN)


@pytest.mark.parametrize(
    ("recorded", "given", "hours"), [(12, None, 12), (12, 9, 9), (None, 9, 9), (12, 0, 0), (0, None, 0)]
)
def test_hours_that_are_given_win_over_those_recorded(recorded: int | None, given: int | None, hours: int) -> None:
    unit = replace(RUNNING, actual_hours=recorded)

    result = not_completed(unit, LEAVES, UnitCorrection(hours_attended=given))

    assert isinstance(result, Unit)
    assert result.actual_hours == hours


def test_a_unit_that_has_commenced_wants_its_hours() -> None:
    assert code(not_completed(replace(RUNNING, actual_hours=None), LEAVES)) is ErrorCode.HOURS_MISSING


def test_a_unit_that_has_not_commenced_keeps_its_dates_and_has_no_hours() -> None:
    unit = replace(AHEAD, starts_on=LEAVES + DAY, actual_hours=3)

    assert not_completed(unit, LEAVES) == replace(unit, outcome=Outcome.NOT_COMMENCED, actual_hours=0)


@pytest.mark.parametrize("ends_on", [None, LEAVES - DAY])
def test_an_end_that_is_no_end_is_moved_to_the_start(ends_on: date | None) -> None:
    result = not_completed(replace(AHEAD, ends_on=ends_on), LEAVES)

    assert isinstance(result, Unit)
    assert result.ends_on == AHEAD.starts_on


def test_without_a_start_nobody_can_tell() -> None:
    unit = replace(AHEAD, starts_on=None)

    assert code(not_completed(unit, LEAVES)) is ErrorCode.MISSING_DATES
    assert code(deferred(unit, LEAVES, RETURNS)) is ErrorCode.MISSING_DATES


@pytest.mark.parametrize("outcome", sorted(FINAL))
def test_a_final_outcome_is_never_touched(outcome: Outcome) -> None:
    unit = Unit(None, None, outcome)

    assert not_completed(unit, LEAVES) is unit
    assert deferred(unit, LEAVES, RETURNS) is unit
    assert deferred_further(unit, LEAVES, DAY) is unit


def test_a_deferral_moves_the_end_of_what_has_commenced() -> None:
    assert deferred(RUNNING, LEAVES, RETURNS) == replace(RUNNING, ends_on=LEAVES + 44 * DAY)
    assert deferred(replace(RUNNING, ends_on=None), LEAVES, RETURNS) == replace(RUNNING, ends_on=None)


@pytest.mark.parametrize(("after", "starts"), [(1, RETURNS + DAY), (10, RETURNS + 10 * DAY)])
def test_a_deferral_moves_what_has_not_commenced_into_the_time_after(after: int, starts: date) -> None:
    unit = replace(AHEAD, starts_on=LEAVES + after * DAY)

    result = deferred(unit, LEAVES, RETURNS)

    assert result == replace(
        unit, starts_on=starts, ends_on=LEAVES + 54 * DAY, outcome=Outcome.NOT_COMMENCED, actual_hours=0
    )


def test_dates_that_are_given_win_over_those_that_are_moved() -> None:
    given = UnitCorrection(starts_on=RETURNS + 2 * DAY, ends_on=RETURNS + 9 * DAY)

    result = deferred(AHEAD, LEAVES, RETURNS, given)

    assert isinstance(result, Unit)
    assert (result.starts_on, result.ends_on) == (given.starts_on, given.ends_on)
    assert deferred(RUNNING, LEAVES, RETURNS, given) == replace(RUNNING, ends_on=given.ends_on)


def test_another_return_moves_what_is_open_by_the_difference() -> None:
    waiting = replace(AHEAD, outcome=Outcome.NOT_COMMENCED)

    assert deferred_further(RUNNING, LEAVES, 5 * DAY) == replace(RUNNING, ends_on=LEAVES + 35 * DAY)
    assert deferred_further(waiting, LEAVES, -2 * DAY) == replace(
        waiting, starts_on=LEAVES + 8 * DAY, ends_on=LEAVES + 38 * DAY
    )


@pytest.mark.parametrize("outcome", [None, Outcome.CONTINUING, Outcome.NOT_COMMENCED])
@pytest.mark.parametrize(("starts", "moves"), [(0, 0), (1, 5)])
def test_what_has_commenced_by_the_deferral_keeps_its_start_whatever_its_outcome(
    outcome: Outcome | None, starts: int, moves: int
) -> None:
    unit = Unit(LEAVES + starts * DAY, LEAVES + 20 * DAY, outcome)

    moved = replace(unit, starts_on=LEAVES + (starts + moves) * DAY, ends_on=LEAVES + 25 * DAY)
    assert deferred_further(unit, LEAVES, 5 * DAY) == moved


def test_a_start_that_is_given_is_that_of_what_has_not_commenced() -> None:
    given = UnitCorrection(starts_on=RETURNS)

    assert deferred_further(AHEAD, LEAVES, DAY, given).starts_on == RETURNS
    assert deferred_further(RUNNING, LEAVES, DAY, given).starts_on == RUNNING.starts_on


def test_what_ends_on_the_last_day_there_is_moves_no_further() -> None:
    unit = Unit(date.max - DAY, date.max)

    result = deferred(unit, LEAVES, RETURNS)
    assert isinstance(result, Unit)
    assert (result.starts_on, result.ends_on) == (date.max, date.max)
    assert deferred_further(unit, LEAVES, 9 * DAY) == replace(unit, starts_on=date.max)
    early = Unit(date.min + DAY, date.min + 2 * DAY)
    assert deferred_further(early, date.min, -9 * DAY) == Unit(date.min, date.min)


@pytest.mark.parametrize(
    ("unit", "is_refused"),
    [
        (Unit(LEAVES + DAY, None, Outcome.NOT_COMMENCED), False),
        (Unit(LEAVES, None, Outcome.NOT_COMMENCED), True),
        (Unit(LEAVES - DAY, None, Outcome.NOT_COMMENCED), True),
        (Unit(LEAVES - DAY, None, Outcome.CONTINUING), False),
        (Unit(None, None, Outcome.NOT_COMMENCED), False),
    ],
)
def test_what_has_not_commenced_lies_after_today(unit: Unit, is_refused: bool) -> None:
    assert [each.code for each in against_past(unit, LEAVES)] == [ErrorCode.INVALID_DATES] * is_refused


@pytest.mark.parametrize(
    ("unit", "codes"),
    [
        (Unit(LEAVES, LEAVES, Outcome.COMPETENT), []),
        (Unit(LEAVES, LEAVES - DAY, Outcome.NOT_COMPETENT), []),
        (Unit(LEAVES, LEAVES, Outcome.CONTINUING), [ErrorCode.OUTCOME_MISSING]),
        (Unit(LEAVES, None, Outcome.COMPETENT), [ErrorCode.END_MISSING]),
        (Unit(LEAVES, LEAVES + DAY, Outcome.COMPETENT), [ErrorCode.END_IN_FUTURE]),
        (Unit(LEAVES, None, Outcome.NOT_COMMENCED), [ErrorCode.OUTCOME_MISSING, ErrorCode.END_MISSING]),
    ],
)
def test_all_that_a_completion_lacks_is_listed(unit: Unit, codes: list[ErrorCode]) -> None:
    assert [reason.code for reason in against_completion(unit, LEAVES)] == codes
