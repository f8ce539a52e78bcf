"""The ticker writes down what time has done: each move once, at its own instant, however late and however often."""

import asyncio
import gc
import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from portal_api import ticker
from portal_api.app import create_app
from portal_api.database import Database
from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesEnrolmentStatus as Status
from portal_api.migrations import migrate_up
from portal_api.models import history_entries, idempotency_keys, learners, series_enrolments, ticker_leases
from portal_api.queries import ticker as ticker_queries
from portal_api.ticker import BATCH, LEASE, tick, tick_for_ever
from portal_api.work import Work
from tests import invariants
from tests.api.cases import case_of, outcomes
from tests.clock import START, ManualClock, RepeatableIds
from tests.conftest import SignIn, settings_for
from tests.factories import DAY, Organisation, Record, organisation_with_everybody
from tests.ticker.conftest import Tick

MICROSECOND = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
Move = tuple[str, str, datetime, int]
"""From, to, when, and the version that the record has had since."""


async def _moves(organisation: Organisation, record: Record) -> list[Move]:
    """The clock's moves in the history of a record."""
    return [
        (entry["from_status"], entry["to_status"], entry["occurred_at"], entry["version"])
        for entry in sorted(await organisation.stored(history_entries), key=lambda each: each["occurred_at"])
        if entry["subject_id"] == record.id and entry["actor_kind"] == "clock"
    ]


async def _row(organisation: Organisation, record: Record) -> dict[str, Any]:
    [row] = [row for row in await organisation.stored(record.table) if row["id"] == record.id]
    return row


def _waiting(organisation: Organisation, starts_at: datetime, ends_at: datetime, *, has_signed_in: bool) -> Record:
    return organisation.enrolment(
        organisation.learner(),
        organisation.series(),
        Status.WAITING_TO_START,
        starts_at=starts_at,
        ends_at=ends_at,
        has_signed_in=has_signed_in,
    )


async def test_an_organisation_that_fails_keeps_no_other_waiting(
    organisation: Organisation, tick_once: Tick, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrolment = _waiting(organisation, START - DAY, START + DAY, has_signed_in=True)

    async def organisation_ids(_: Any) -> list[UUID]:
        return [uuid4(), organisation.id]

    async def fails_elsewhere(work: Work, _: int) -> int:
        if work.organisation_id != organisation.id:
            raise RuntimeError("something is wrong there")
        return 0

    monkeypatch.setattr(ticker_queries, "organisation_ids", organisation_ids)
    monkeypatch.setattr(ticker, "SETTLERS", (fails_elsewhere, *ticker.SETTLERS))

    assert await tick_once() == 1
    assert (await _row(organisation, enrolment))["status"] is Status.NO_ATTEMPTS


async def test_rows_get_the_status_that_they_have_had_and_no_other_row_is_touched(
    organisation: Organisation, tick_once: Tick
) -> None:
    cases = organisation.every_status()
    moved = [case for case in cases if case.stored is not case.now]

    assert await tick_once() == len(moved)

    for case in cases:
        row = await _row(organisation, case.enrolment)
        assert row["status"] is case.now
        assert row["version"] == (2 if case in moved else 1)
        if case not in moved:
            assert row == dict(case.enrolment.row)
            assert await _moves(organisation, case.enrolment) == []


async def test_each_move_is_an_entry_of_the_clock_at_its_own_instant(
    organisation: Organisation, tick_once: Tick, clock: ManualClock
) -> None:
    start, end = START - 3 * DAY + MICROSECOND, START - HOUR - MICROSECOND
    never, seen = (_waiting(organisation, start, end, has_signed_in=each) for each in (False, True))
    started = _waiting(organisation, start, START + DAY, has_signed_in=True)
    working = organisation.enrolment(organisation.learner(), organisation.series(), Status.IN_PROGRESS, ends_at=end)

    assert await tick_once() == 4

    assert await _moves(organisation, never) == [
        ("WAITING_TO_START", "NOT_SIGNED_IN", start, 2),
        ("NOT_SIGNED_IN", "NEVER_SIGNED_IN", end, 2),
    ]
    assert await _moves(organisation, seen) == [
        ("WAITING_TO_START", "NO_ATTEMPTS", start, 2),
        ("NO_ATTEMPTS", "DID_NOT_START", end, 2),
    ]
    assert await _moves(organisation, started) == [("WAITING_TO_START", "NO_ATTEMPTS", start, 2)]
    assert await _moves(organisation, working) == [("IN_PROGRESS", "INCOMPLETE", end, 2)]
    for entry in await organisation.stored(history_entries):
        assert entry["actor_id"] is entry["reason"] is entry["note"] is entry["request_id"] is entry["cause_id"] is None
        assert entry["recorded_at"] == clock()
        assert entry["action"] == (
            "series_enrolment_started"
            if entry["to_status"] in ("NOT_SIGNED_IN", "NO_ATTEMPTS")
            else "series_enrolment_ended"
        )
        [learner_id] = [
            row["learner_id"]
            for row in await organisation.stored(series_enrolments)
            if row["id"] == entry["subject_id"]
        ]
        assert entry["learner_id"] == learner_id


async def test_a_second_look_changes_nothing(organisation: Organisation, tick_once: Tick) -> None:
    organisation.every_status()
    await tick_once()
    after = await organisation.everything()

    assert await tick_once() == 0
    assert await organisation.everything() == after


async def test_an_instant_counts_from_the_microsecond_on(
    organisation: Organisation, tick_once: Tick, clock: ManualClock
) -> None:
    enrolment = _waiting(organisation, START + HOUR, START + 2 * HOUR, has_signed_in=True)

    clock.now = START + HOUR - MICROSECOND
    assert await tick_once() == 0
    clock.now = START + HOUR
    assert await tick_once() == 1
    clock.now = START + 2 * HOUR - MICROSECOND
    assert await tick_once() == 0
    clock.now = START + 2 * HOUR
    assert await tick_once() == 1

    assert await _moves(organisation, enrolment) == [
        ("WAITING_TO_START", "NO_ATTEMPTS", START + HOUR, 2),
        ("NO_ATTEMPTS", "DID_NOT_START", START + 2 * HOUR, 3),
    ]


async def test_a_ticker_that_was_away_for_a_year_writes_what_one_on_time_would_have_written(
    organisation: Organisation, tick_once: Tick, clock: ManualClock
) -> None:
    late = _waiting(organisation, START + DAY, START + 30 * DAY, has_signed_in=False)
    clock.advance(365 * DAY)

    assert await tick_once() == 1

    assert [move[:3] for move in await _moves(organisation, late)] == [
        ("WAITING_TO_START", "NOT_SIGNED_IN", START + DAY),
        ("NOT_SIGNED_IN", "NEVER_SIGNED_IN", START + 30 * DAY),
    ]


async def test_time_goes_on_for_inactive_learners(organisation: Organisation, tick_once: Tick) -> None:
    inactive = organisation.learner(is_active=False)
    enrolment = organisation.enrolment(inactive, organisation.series(), Status.IN_PROGRESS, ends_at=START - HOUR)

    assert await tick_once() == 1
    assert (await _row(organisation, enrolment))["status"] is Status.INCOMPLETE


async def test_more_than_a_batch_is_moved_in_one_look(
    organisation: Organisation, tick_once: Tick, own_database: Database
) -> None:
    learner = organisation.learner()
    for _ in range(2 * BATCH + 1):
        organisation.enrolment(learner, organisation.series(), Status.IN_PROGRESS, ends_at=START - HOUR)
    await organisation.save()
    before = own_database.tally.statements

    assert await tick_once() == 2 * BATCH + 1

    assert {row["status"] for row in await organisation.stored(series_enrolments)} == {Status.INCOMPLETE}
    assert len(await organisation.stored(history_entries)) == 2 * BATCH + 1
    assert own_database.tally.statements - before < 40


async def test_organisations_are_kept_apart(
    organisation: Organisation, own_database: Database, clock: ManualClock, new_id: RepeatableIds, tick_once: Tick
) -> None:
    cases = organisation.every_status()
    twin = organisation.twin()
    await twin.save()
    moved = {case.enrolment.id for case in cases if case.stored is not case.now}

    assert await tick_once() == 2 * len(moved)

    ours, theirs = [await each.stored(history_entries) for each in (organisation, twin)]
    assert {entry["subject_id"] for entry in ours} == moved
    assert {entry["subject_id"] for entry in theirs}.isdisjoint(moved)
    assert len(ours) == len(theirs)
    await invariants.check(own_database, twin.id)


# Leases.


async def _hold(database: Database, new_id: RepeatableIds, now: datetime, until: datetime) -> bool:
    async with database.engine.begin() as connection:
        return await ticker_queries.take_lease(connection, new_id(now), now=now, until=until)


async def test_a_ticker_leaves_everything_to_one_that_is_at_work(
    organisation: Organisation, own_database: Database, new_id: RepeatableIds, clock: ManualClock, tick_once: Tick
) -> None:
    organisation.every_status()
    await organisation.save()
    before = await organisation.everything()
    assert await _hold(own_database, new_id, START, START + LEASE)

    assert await tick_once() is None
    clock.now = START + LEASE - MICROSECOND
    assert await tick_once() is None
    assert await organisation.everything() == before


async def test_the_lease_of_a_ticker_that_died_runs_out(
    organisation: Organisation, own_database: Database, new_id: RepeatableIds, clock: ManualClock, tick_once: Tick
) -> None:
    organisation.every_status()
    assert await _hold(own_database, new_id, START, START + LEASE)

    clock.now = START + LEASE

    assert await tick_once()


async def test_a_ticker_that_is_done_holds_its_lease_no_longer(
    own_database: Database, new_id: RepeatableIds, tick_once: Tick
) -> None:
    await tick_once()

    assert await _hold(own_database, new_id, START, START + LEASE)
    async with own_database.engine.connect() as connection:
        assert len((await connection.execute(select(ticker_leases))).all()) == 1


@pytest.mark.parametrize("step", [timedelta(), MICROSECOND, LEASE], ids=["stands still", "moves", "jumps past leases"])
async def test_two_tickers_at_once_move_everything_once(
    step: timedelta, organisation: Organisation, own_database: Database, new_id: RepeatableIds
) -> None:
    """Even where each look at the clock finds the other's lease run out."""
    series = organisation.series()
    for _ in range(BATCH + 50):
        organisation.enrolment(organisation.learner(), series, Status.IN_PROGRESS, ends_at=START - HOUR)
    await organisation.save()
    clock = ManualClock()

    moved = await asyncio.gather(*(tick(own_database, lambda: clock.advance(step), new_id) for _ in range(3)))

    assert sum(each or 0 for each in moved) == BATCH + 50
    entries = await organisation.stored(history_entries)
    assert len({entry["subject_id"] for entry in entries}) == len(entries) == BATCH + 50


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
async def test_what_somebody_is_changing_is_left_for_the_next_look(
    organisation: Organisation, own_database: Database, tick_once: Tick
) -> None:
    """Otherwise the clock would write behind the back of somebody who has the learner's lock and has looked already."""
    held, free = [
        organisation.enrolment(organisation.learner(), organisation.series(), Status.IN_PROGRESS, ends_at=START - HOUR)
        for _ in range(2)
    ]
    await organisation.save()

    async with own_database.engine.connect() as elsewhere:
        transaction = await elsewhere.begin()
        lock = select(learners.c.id).where(learners.c.id == held["learner_id"]).with_for_update(key_share=True)
        await elsewhere.execute(lock)
        assert await tick_once() == 1
        await transaction.rollback()

    assert (await _row(organisation, free))["status"] is Status.INCOMPLETE
    assert (await _row(organisation, held))["status"] is Status.IN_PROGRESS
    assert await tick_once() == 1


# Withdrawing what time has moved.


async def test_withdrawing_an_overdue_enrolment_records_first_what_time_has_done(
    organisation: Organisation, sign_in: SignIn, tick_once: Tick, clock: ManualClock
) -> None:
    start = START - 3 * DAY
    enrolment = _waiting(organisation, start, START + DAY, has_signed_in=False)
    clock.advance(HOUR)

    payload = await case_of("withdrawSeriesEnrolments").payload(sign_in(Role.ADMIN), enrolment.gid)

    assert outcomes(payload) == ["CHANGED"]
    told = [
        (entry["actor_kind"].value, entry["from_status"], entry["to_status"], entry["occurred_at"], entry["version"])
        for entry in sorted(await organisation.stored(history_entries), key=lambda each: each["version"])
    ]
    assert told == [
        ("clock", "WAITING_TO_START", "NOT_SIGNED_IN", start, 2),
        ("user", "NOT_SIGNED_IN", "WITHDRAWN", START + HOUR, 3),
    ]
    assert await tick_once() == 0


async def test_a_refused_or_previewed_withdrawal_leaves_what_time_has_done_to_the_ticker(
    organisation: Organisation, sign_in: SignIn, tick_once: Tick
) -> None:
    over = _waiting(organisation, START - 3 * DAY, START - DAY, has_signed_in=True)
    running = _waiting(organisation, START - 3 * DAY, START + DAY, has_signed_in=True)
    await organisation.save()
    before = await organisation.everything()
    withdraw = case_of("withdrawSeriesEnrolments")

    preview = await withdraw.payload(sign_in(Role.ADMIN), over.gid, running.gid, preview=True)
    whole = await withdraw.payload(sign_in(Role.ADMIN), over.gid, running.gid, errorPolicy="REJECT_EVERYTHING")

    assert outcomes(preview) == ["REFUSED", "CHANGED"]
    assert preview["results"][0]["node"]["status"] == "DID_NOT_START"
    assert outcomes(whole) == ["REFUSED", "REFUSED"]
    assert await organisation.everything() == before

    mixed = await withdraw.payload(sign_in(Role.ADMIN), over.gid, running.gid)
    assert outcomes(mixed) == ["REFUSED", "CHANGED"]
    assert await _moves(organisation, over) == []
    assert await tick_once() == 1
    assert len(await _moves(organisation, over)) == 2


async def test_a_version_read_before_the_ticker_came_is_an_old_one(
    organisation: Organisation, sign_in: SignIn, tick_once: Tick
) -> None:
    enrolment = _waiting(organisation, START - 3 * DAY, START + DAY, has_signed_in=True)
    await tick_once()
    expected = [{"id": enrolment.gid, "version": 1}]

    payload = await case_of("withdrawSeriesEnrolments").payload(
        sign_in(Role.ADMIN), enrolment.gid, expectedVersions=expected
    )

    assert [error["code"] for error in payload["results"][0]["errors"]] == ["CHANGED_MEANWHILE"]
    assert payload["results"][0]["errors"][0]["currentVersion"] == 2


# What else it does, and for how long.


async def test_kept_answers_are_forgotten_after_a_day(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock, tick_once: Tick
) -> None:
    learner = organisation.learner()
    await case_of("deactivateLearners").payload(sign_in(Role.ADMIN), learner.gid, idempotencyKey="old")

    clock.now = START + DAY - MICROSECOND
    await tick_once()
    assert len(await organisation.stored(idempotency_keys)) == 1
    clock.now = START + DAY
    await tick_once()
    assert await organisation.stored(idempotency_keys) == []


async def _until(done: Any) -> None:
    async with asyncio.timeout(20):
        while not await done():  # noqa: ASYNC110  nobody tells when a tick is done
            await asyncio.sleep(0.02)


async def test_a_look_that_fails_is_logged_and_the_next_one_makes_it_up(
    empty_database: Database, clock: ManualClock, new_id: RepeatableIds, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    ticking = asyncio.create_task(tick_for_ever(empty_database, clock, new_id, every=0.02))

    async def has_failed() -> bool:
        return "a tick failed" in caplog.text

    async def has_moved() -> bool:
        return "time moved 7 records" in caplog.text

    await _until(has_failed)
    await migrate_up(empty_database.engine)
    organisation = organisation_with_everybody(empty_database, clock, new_id)
    moved = [case for case in organisation.every_status() if case.stored is not case.now]
    assert len(moved) == 7
    await organisation.save()
    await _until(has_moved)

    ticking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ticking


@pytest.fixture
def served(own_database: Database, clock: ManualClock, new_id: RepeatableIds) -> Any:
    """The portal as it is served, and the garbage collector as it was."""
    thresholds = gc.get_threshold()
    given = settings_for(own_database.engine.url.render_as_string(hide_password=False), tick_seconds=1)
    yield create_app(given, database=own_database, clock=clock, new_id=new_id)
    gc.unfreeze()
    gc.set_threshold(*thresholds)


async def test_a_portal_that_is_served_ticks_by_itself_until_it_stops(
    served: Starlette, organisation: Organisation, clock: ManualClock
) -> None:
    enrolment = organisation.enrolment(
        organisation.learner(), organisation.series(), Status.IN_PROGRESS, ends_at=START - HOUR
    )
    await organisation.save()

    async def has_moved() -> bool:
        return (await _row(organisation, enrolment))["status"] is Status.INCOMPLETE

    async with served.router.lifespan_context(served):
        await _until(has_moved)

    assert not [task for task in asyncio.all_tasks() if "tick_for_ever" in repr(task)]
    assert len(await _moves(organisation, enrolment)) == 1
