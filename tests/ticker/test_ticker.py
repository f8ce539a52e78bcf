"""What time does is written down: once, each move at its own instant, whoever ticks and however late."""

import asyncio
from datetime import timedelta
from typing import Any

from portal_api.clock import Clock
from portal_api.database import Database
from portal_api.domain.history import ActorKind
from portal_api.domain.machine import FAR_FUTURE
from portal_api.domain.organisations import Role
from portal_api.domain.series import SeriesEnrolmentStatus as Status
from portal_api.ids import IdMaker
from portal_api.models import history_entries, idempotency_keys, series_enrolments
from portal_api.queries import ticker as ticker_queries
from portal_api.ticker import BATCH, tick, tick_for_ever
from tests.clock import ManualClock, RepeatableIds
from tests.conftest import SignIn
from tests.factories import Organisation, Record

DAY = timedelta(days=1)
WITHDRAW = """mutation ($ids: [ID!]!) {
  withdrawSeriesEnrolments(input: {ids: $ids, reason: ENROLMENT_ERROR, idempotencyKey: "once"}) {
    results { outcome node { status version } }
  }
}"""


async def _entries(organisation: Organisation, record: Record) -> list[Any]:
    """The history of a record, in the order of what took effect."""
    found = [each for each in await organisation.stored(history_entries) if each["subject_id"] == record.id]
    return sorted(found, key=lambda each: (each["occurred_at"], each["id"]))


async def _stored(organisation: Organisation, record: Record) -> Any:
    [found] = [each for each in await organisation.stored(series_enrolments) if each["id"] == record.id]
    return found


async def test_every_row_gets_the_status_that_was_read_before(
    database: Database, organisation: Organisation, clock: ManualClock, new_id: RepeatableIds
) -> None:
    cases = organisation.every_status()
    await organisation.save()

    await tick(database, clock, new_id)

    for case in cases:
        row = await _stored(organisation, case.enrolment)
        assert row["status"] is case.now
        assert row["due_at"] > clock()
        assert row["version"] == (1 if case.now is case.stored else 2)
        assert len(await _entries(organisation, case.enrolment)) == (0 if case.now is case.stored else row_moves(case))


def row_moves(case: Any) -> int:
    """How many moves lie between a stored status and the one read: two where it started and ended."""
    ended = {Status.NEVER_SIGNED_IN, Status.DID_NOT_START, Status.INCOMPLETE}
    return 2 if case.stored is Status.WAITING_TO_START and case.now in ended else 1


async def test_two_moves_are_two_entries_at_their_own_instants(
    database: Database, organisation: Organisation, clock: ManualClock, new_id: RepeatableIds
) -> None:
    now = clock()
    late = organisation.enrolment(
        organisation.learner(),
        organisation.series(),
        Status.WAITING_TO_START,
        has_signed_in=True,
        starts_at=now - 3 * DAY,
        ends_at=now - DAY,
    )
    await organisation.save()

    await tick(database, clock, new_id)

    started, ended = await _entries(organisation, late)
    assert (started["from_status"], started["to_status"]) == ("WAITING_TO_START", "NO_ATTEMPTS")
    assert (ended["from_status"], ended["to_status"]) == ("NO_ATTEMPTS", "DID_NOT_START")
    assert (started["occurred_at"], ended["occurred_at"]) == (now - 3 * DAY, now - DAY)
    assert {started["recorded_at"], ended["recorded_at"]} == {now}
    assert {started["actor_kind"], ended["actor_kind"]} == {ActorKind.CLOCK}
    assert {started["actor_id"], ended["actor_id"]} == {None}
    assert (await _stored(organisation, late))["due_at"] == FAR_FUTURE


async def test_a_second_tick_finds_nothing_left(
    database: Database, organisation: Organisation, clock: ManualClock, new_id: RepeatableIds
) -> None:
    organisation.every_status()
    await organisation.save()
    await tick(database, clock, new_id)
    before = await organisation.everything()

    assert await tick(database, clock, new_id) == 0
    assert await organisation.everything() == before


async def test_more_rows_than_a_batch_are_all_settled(
    database: Database, organisation: Organisation, clock: ManualClock, new_id: RepeatableIds
) -> None:
    learner, series = organisation.learner(), organisation.series()
    for _ in range(BATCH + 1):
        organisation.enrolment(learner, series, Status.IN_PROGRESS, ends_at=clock() - DAY, starts_at=clock() - 2 * DAY)
    await organisation.save()

    await tick(database, clock, new_id)

    assert {each["status"] for each in await organisation.stored(series_enrolments)} == {Status.INCOMPLETE}


async def test_of_two_tickers_one_works_and_the_other_stands_back(
    database: Database, organisation: Organisation, clock: ManualClock, new_id: RepeatableIds
) -> None:
    organisation.every_status()
    await organisation.save()
    async with database.engine.begin() as connection:
        assert await ticker_queries.take_lease(connection, new_id(clock()), now=clock(), until=clock() + DAY)
    before = await organisation.everything()

    assert await tick(database, clock, new_id) is None
    assert await organisation.everything() == before

    clock.advance(DAY)
    assert await tick(database, clock, new_id)


async def test_a_withdrawal_of_an_overdue_row_records_what_time_did_first(
    organisation: Organisation, clock: ManualClock, sign_in: SignIn
) -> None:
    now = clock()
    started = organisation.enrolment(
        organisation.learner(),
        organisation.series(),
        Status.WAITING_TO_START,
        has_signed_in=False,
        starts_at=now - DAY,
        ends_at=now + DAY,
    )

    data = await sign_in(Role.ADMIN).query(WITHDRAW, {"ids": [started.gid]})

    [result] = data["withdrawSeriesEnrolments"]["results"]
    assert result == {"outcome": "CHANGED", "node": {"status": "WITHDRAWN", "version": 3}}
    by_clock, by_admin = await _entries(organisation, started)
    assert (by_clock["from_status"], by_clock["to_status"], by_clock["version"]) == (
        "WAITING_TO_START",
        "NOT_SIGNED_IN",
        2,
    )
    assert (by_admin["from_status"], by_admin["to_status"], by_admin["version"]) == ("NOT_SIGNED_IN", "WITHDRAWN", 3)
    assert (by_clock["occurred_at"], by_admin["occurred_at"]) == (now - DAY, now)


async def test_answers_are_forgotten_when_their_day_is_over(
    database: Database, organisation: Organisation, clock: ManualClock, new_id: RepeatableIds, sign_in: SignIn
) -> None:
    enrolment = organisation.enrolment(organisation.learner(), organisation.series())
    await sign_in(Role.ADMIN).query(WITHDRAW, {"ids": [enrolment.gid]})
    assert len(await organisation.stored(idempotency_keys)) == 1

    clock.advance(timedelta(hours=24))
    await tick(database, clock, new_id)

    assert await organisation.stored(idempotency_keys) == []


async def test_a_ticker_that_fails_tries_again_and_stops_when_it_is_told(
    database: Database, organisation: Organisation, clock: ManualClock, new_id: RepeatableIds
) -> None:
    organisation.every_status()
    await organisation.save()
    asked = 0

    def faulty_clock() -> Any:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise OSError("the clock has stopped")
        return clock()

    await _tick_for_a_while(database, faulty_clock, new_id, until=lambda: asked > 20)

    assert asked > 20


async def _tick_for_a_while(database: Database, clock: Clock, new_id: IdMaker, *, until: Any) -> None:
    ticking = asyncio.create_task(tick_for_ever(database, clock, new_id, every=0.001))
    for _ in range(2_000):
        if until():
            break
        await asyncio.sleep(0.005)
    ticking.cancel()
    await asyncio.gather(ticking, return_exceptions=True)
