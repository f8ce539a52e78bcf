"""Finalising an enrolment as a whole: all that stands in the way at once, and only what changes."""

from datetime import date, timedelta

import pytest

from portal_api.domain.courses.finalising import LONGEST_PAUSE, Deferral, Finalisation, Finalised, finalise
from portal_api.domain.courses.outcomes import Outcome
from portal_api.domain.courses.statuses import NOT_COMPLETED
from portal_api.domain.courses.statuses import CourseEnrolmentStatus as S
from portal_api.domain.courses.units import Unit, UnitCorrection
from portal_api.domain.refusals import ErrorCode

DAY = timedelta(days=1)
TODAY = date(2026, 5, 20)
DONE, RUNNING, AHEAD = "uen_1", "uen_2", "uen_3"
UNITS = {
    DONE: Unit(TODAY - 60 * DAY, TODAY - 30 * DAY, Outcome.COMPETENT, 40, 40),
    RUNNING: Unit(TODAY - 30 * DAY, TODAY + 30 * DAY, Outcome.CONTINUING, 40, 12),
    AHEAD: Unit(TODAY + 10 * DAY, TODAY + 40 * DAY, None, 40),
}


def told(finalised: Finalised) -> list[tuple[ErrorCode, tuple[str, ...]]]:
    assert not finalised.units
    return [(problem.code, problem.path) for problem in finalised.problems]


@pytest.mark.parametrize("to", sorted(NOT_COMPLETED))
def test_what_is_not_completed_changes_all_but_final_units(to: S) -> None:
    finalised = finalise(UNITS, Finalisation(to, TODAY), TODAY)

    assert {id_: unit.outcome for id_, unit in finalised.units.items()} == {
        RUNNING: Outcome.WITHDRAWN,
        AHEAD: Outcome.NOT_COMMENCED,
    }
    assert not finalise({**UNITS, **finalised.units}, Finalisation(to, TODAY), TODAY).units


def test_a_date_ahead_is_refused_and_one_before_the_start_is_fine() -> None:
    assert told(finalise(UNITS, Finalisation(S.WITHDRAWN, TODAY + DAY), TODAY)) == [(ErrorCode.DATE_IN_FUTURE, ())]
    early = finalise(UNITS, Finalisation(S.WITHDRAWN, TODAY - 100 * DAY), TODAY)
    assert {unit.outcome for unit in early.units.values()} == {Outcome.NOT_COMMENCED}


def test_everything_that_is_missing_is_told_by_unit() -> None:
    bare = {RUNNING: Unit(TODAY, None), AHEAD: Unit(None, None)}

    assert told(finalise(bare, Finalisation(S.WITHDRAWN, TODAY), TODAY)) == [
        (ErrorCode.HOURS_MISSING, ("units", RUNNING)),
        (ErrorCode.MISSING_DATES, ("units", AHEAD)),
    ]
    assert told(finalise(UNITS, Finalisation(S.COMPLETED, TODAY), TODAY)) == [
        (ErrorCode.OUTCOME_MISSING, ("units", RUNNING)),
        (ErrorCode.END_IN_FUTURE, ("units", RUNNING)),
        (ErrorCode.OUTCOME_MISSING, ("units", AHEAD)),
        (ErrorCode.END_IN_FUTURE, ("units", AHEAD)),
    ]


def test_a_completion_writes_no_unit() -> None:
    assert finalise({DONE: UNITS[DONE]}, Finalisation(S.COMPLETION_PENDING, TODAY), TODAY) == Finalised()


@pytest.mark.parametrize("returns_on", [None, TODAY, TODAY - DAY])
def test_a_deferral_says_when_the_learner_returns(returns_on: date | None) -> None:
    deferral = Finalisation(S.DEFERRED, TODAY, returns_on)

    assert told(finalise(UNITS, deferral, TODAY)) == [(ErrorCode.INVALID_DATES, ())]


def test_a_pause_has_a_longest_and_counts_from_its_first_day() -> None:
    longest, begun = TODAY + LONGEST_PAUSE, Deferral(TODAY - DAY, TODAY + DAY)

    assert finalise(UNITS, Finalisation(S.DEFERRED, TODAY, longest), TODAY).units
    for returns_on in (longest + DAY, date.max):
        too_long = Finalisation(S.DEFERRED, TODAY, returns_on)
        assert told(finalise(UNITS, too_long, TODAY)) == [(ErrorCode.INVALID_DATES, ())]
    assert told(finalise(UNITS, Finalisation(S.DEFERRED, date.min, TODAY + DAY), TODAY)) == [
        (ErrorCode.INVALID_DATES, ())
    ]
    further = finalise(UNITS, Finalisation(S.DEFERRED, TODAY, longest), TODAY, begun)
    assert told(further) == [(ErrorCode.INVALID_DATES, ())]
    assert finalise(UNITS, Finalisation(S.DEFERRED, TODAY, longest - DAY), TODAY, begun).units


@pytest.mark.parametrize(("starts_on", "is_refused"), [(TODAY - DAY, True), (TODAY, True), (TODAY + DAY, False)])
def test_a_start_given_for_what_has_not_commenced_lies_after_today(starts_on: date, is_refused: bool) -> None:
    given = {AHEAD: UnitCorrection(starts_on=starts_on)}
    asked = Finalisation(S.DEFERRED, TODAY - 5 * DAY, TODAY + 14 * DAY, given)
    pause = Deferral(TODAY - 5 * DAY, TODAY + 10 * DAY)
    waiting = {AHEAD: Unit(TODAY + 12 * DAY, TODAY + 40 * DAY, Outcome.NOT_COMMENCED, 40, 0)}

    for finalised in (finalise(UNITS, asked, TODAY), finalise(waiting, asked, TODAY, pause)):
        if is_refused:
            assert told(finalised) == [(ErrorCode.INVALID_DATES, ("units", AHEAD))]
        else:
            assert finalised.units[AHEAD].starts_on == starts_on


def test_what_a_deferral_does_not_move_may_lie_where_time_has_left_it() -> None:
    pause = Deferral(TODAY - 30 * DAY, TODAY + 10 * DAY)
    late = {AHEAD: Unit(TODAY - DAY, TODAY + 40 * DAY, Outcome.NOT_COMMENCED, 40, 0)}

    assert finalise(late, Finalisation(S.DEFERRED, TODAY, TODAY + 10 * DAY), TODAY, pause) == Finalised()


def test_a_deferral_moves_and_another_return_moves_by_the_difference() -> None:
    first = finalise(UNITS, Finalisation(S.DEFERRED, TODAY, TODAY + 14 * DAY), TODAY)
    units = {**UNITS, **first.units}
    again = Finalisation(S.DEFERRED, TODAY, TODAY + 20 * DAY)
    later = finalise(units, again, TODAY, Deferral(TODAY, TODAY + 14 * DAY))

    assert units[RUNNING].ends_on == TODAY + 44 * DAY
    assert (units[AHEAD].starts_on, units[AHEAD].outcome) == (TODAY + 24 * DAY, Outcome.NOT_COMMENCED)
    assert later.units[RUNNING].ends_on == TODAY + 50 * DAY
    assert later.units[AHEAD].starts_on == TODAY + 30 * DAY


def test_corrections_reach_their_unit() -> None:
    given = Finalisation(S.WITHDRAWN, TODAY, corrections={RUNNING: UnitCorrection(hours_attended=7)})

    assert finalise(UNITS, given, TODAY).units[RUNNING].actual_hours == 7
