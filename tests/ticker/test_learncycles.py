"""Learncycles that wait for a day, or for what the clock does: once each, made up when late, and never looking back."""

from datetime import timedelta
from typing import Any

import pytest

from portal_api.domain.automations.rules import ConditionKind
from portal_api.domain.automations.triggers import TriggerKind
from portal_api.domain.series import SeriesEnrolmentStatus as Status
from portal_api.models import learncycle_runs, learners, outbox_messages
from tests.clock import START, ManualClock
from tests.factories import DAY, Organisation, Record
from tests.factories.automations import INACTIVE, NOTE
from tests.ticker.conftest import Tick

ENDS = TriggerKind.SERIES_ENROLMENT_ENDS


def ending(organisation: Organisation, ends_at: Any, **columns: Any) -> Record:
    return organisation.enrolment(
        organisation.learner(),
        organisation.series(),
        Status.IN_PROGRESS,
        starts_at=START - 30 * DAY,
        ends_at=ends_at,
        **columns,
    )


def waiting(organisation: Organisation, days: int, *does: Any, **given: Any) -> Record:
    return organisation.learncycle(ENDS, None, *(does or (NOTE,)), offset_days=days, **given)


async def fired(organisation: Organisation) -> list[tuple[Any, ...]]:
    runs = await organisation.stored(learncycle_runs)
    return sorted((run["subject_id"], run["outcome"].name) for run in runs)


async def test_a_day_is_answered_for_once_however_often_the_ticker_looks(
    organisation: Organisation, tick_once: Tick, clock: ManualClock
) -> None:
    waiting(organisation, -3, on_since=START - DAY)
    enrolment = ending(organisation, START + 5 * DAY)

    await tick_once()
    assert await fired(organisation) == []

    clock.advance(2 * DAY)
    await tick_once()
    await tick_once()
    assert await fired(organisation) == [(enrolment.id, "FIRED")]

    clock.advance(DAY)
    await tick_once()
    assert await fired(organisation) == [(enrolment.id, "FIRED")]
    assert len(await organisation.stored(outbox_messages)) == 1


async def test_an_enrolment_ends_with_its_units_and_by_its_own_day_only_without_any(
    organisation: Organisation, tick_once: Tick, clock: ManualClock
) -> None:
    organisation.learncycle(TriggerKind.COURSE_ENROLMENT_ENDS, None, NOTE, offset_days=0, on_since=START - DAY)
    on = organisation.day(2)
    alone, endless, longer = (organisation.course_enrolment(organisation.learner(), ends_on=on) for _ in range(3))
    organisation.unit_enrolment(endless, ends=None)
    organisation.unit_enrolment(longer, ends=9)

    clock.advance(5 * DAY)
    await tick_once()

    assert await fired(organisation) == [(alone.id, "FIRED")]


async def test_days_on_which_nobody_looked_are_made_up(
    organisation: Organisation, tick_once: Tick, clock: ManualClock
) -> None:
    waiting(organisation, 1, on_since=START)
    missed = [ending(organisation, START + days * DAY) for days in (1, 2, 3)]
    ahead = ending(organisation, START + 30 * DAY)

    clock.advance(10 * DAY)
    await tick_once()

    assert await fired(organisation) == sorted((each.id, "FIRED") for each in missed)
    assert ahead.id not in dict(await fired(organisation))


async def test_switching_on_never_looks_back(organisation: Organisation, tick_once: Tick, clock: ManualClock) -> None:
    waiting(organisation, 0, on_since=START)
    ending(organisation, START - 5 * DAY)
    ending(organisation, START - timedelta(hours=1))

    await tick_once()
    clock.advance(3 * DAY)
    await tick_once()

    assert await fired(organisation) == []


async def test_the_days_of_a_learner_who_is_inactive_are_skipped_and_said_to_be(
    organisation: Organisation, tick_once: Tick, clock: ManualClock
) -> None:
    waiting(organisation, 0, NOTE, INACTIVE, on_since=START - DAY)
    one = organisation.learner()
    columns: dict[str, Any] = {"starts_at": START - 30 * DAY}
    first = organisation.enrolment(one, organisation.series(), Status.IN_PROGRESS, ends_at=START + DAY, **columns)
    second = organisation.enrolment(one, organisation.series(), Status.IN_PROGRESS, ends_at=START + 3 * DAY, **columns)

    for _ in range(5):
        clock.advance(DAY)
        await tick_once()

    assert await fired(organisation) == sorted([(first.id, "FIRED")] * 2 + [(second.id, "SKIPPED")] * 2)
    assert [row["status"] for row in await organisation.stored(learners) if row["id"] == one.id] == ["inactive"]


async def test_a_condition_that_does_not_hold_on_the_day_is_not_asked_again(
    organisation: Organisation, tick_once: Tick, clock: ManualClock
) -> None:
    waiting(organisation, -1, on_since=START - DAY, conditions=((ConditionKind.STATUS, {"status": "NO_ATTEMPTS"}),))
    enrolment = ending(organisation, START + 2 * DAY)

    clock.advance(2 * DAY)
    await tick_once()
    await tick_once()

    [run] = await organisation.stored(learncycle_runs)
    assert (run["subject_id"], run["outcome"].name) == (enrolment.id, "SKIPPED")
    assert "condition_not_met" in run["reasons"]


async def test_what_the_clock_does_triggers_learncycles_too(
    organisation: Organisation, tick_once: Tick, clock: ManualClock
) -> None:
    organisation.learncycle(TriggerKind.SERIES_ENROLMENT_STATUS, "INCOMPLETE", INACTIVE, on_since=START)
    ended, later = (ending(organisation, START + days * DAY) for days in (-1, 1))

    clock.advance(2 * DAY)
    await tick_once()

    inactive = {row["id"] for row in await organisation.stored(learners) if row["status"] == "inactive"}
    assert inactive == {later["learner_id"]}
    assert await fired(organisation) == [(later.id, "FIRED")]
    assert ended.id != later.id


@pytest.mark.parametrize("number", [1, 30])
async def test_many_records_cost_as_many_statements_as_one(
    organisation: Organisation, tick_once: Tick, clock: ManualClock, number: int
) -> None:
    waiting(organisation, 0, NOTE, INACTIVE, on_since=START)
    for _ in range(number):
        ending(organisation, START + DAY)
    await tick_once()
    clock.advance(2 * DAY)
    before = organisation.database.tally.statements

    await tick_once()

    counts = _COUNTS.setdefault(organisation.database.is_sqlite, set())
    counts.add(organisation.database.tally.statements - before)
    assert len(counts) == 1
    assert len(await organisation.stored(learncycle_runs)) == 2 * number


_COUNTS: dict[bool, set[int]] = {}
