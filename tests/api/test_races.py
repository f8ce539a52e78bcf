"""Several people change the same records at once: by the history, everything happened one after the other."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any
from uuid import UUID

import pytest

from portal_api.app import create_app
from portal_api.auth import Tokens
from portal_api.database import Database, open_database
from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesEnrolmentStatus
from portal_api.models import activity_intervals, history_entries, learners, series_enrolments
from portal_api.ticker import tick
from tests import invariants
from tests.api.cases import case_of, outcomes
from tests.client import Client, Json, http_client
from tests.clock import START, ManualClock, RepeatableIds
from tests.conftest import settings_for
from tests.factories import DAY, Organisation, Record, organisation_with_everybody

SEED, NUMBER = "PORTAL_TEST_RACES_SEED", "PORTAL_TEST_RACES_ROUNDS"
"""The long proof again with the seed that it printed, or with more rounds."""
ROUNDS, MANY_ROUNDS = 20, 200
MICROSECOND = timedelta(microseconds=1)
STAGGER = 0.03
WITHDRAW, DEACTIVATE, REACTIVATE = "withdrawSeriesEnrolments", "deactivateLearners", "reactivateLearners"


class MovingClock(ManualClock):
    """Never tells the same instant twice, so that the history says what came first."""

    def __call__(self) -> datetime:
        return self.advance(MICROSECOND)


@dataclass
class Race:
    """An organisation of which two processes each serve an Owner."""

    organisation: Organisation
    owners: list[Client]
    clock: MovingClock
    new_id: RepeatableIds
    random: Random
    changed: Counter[str] = field(default_factory=Counter[str])
    refused: Counter[str] = field(default_factory=Counter[str])
    call_errors: Counter[str] = field(default_factory=Counter[str])

    async def call(self, owner: Client, mutation: str, records: Sequence[Record], **given: Any) -> Json:
        """Calls a mutation, and counts what became of it. Whatever goes wrong has a code."""
        payload = await case_of(mutation).payload(owner, *(each.gid for each in records), **given)
        for result in payload["results"]:
            if result["outcome"] == "CHANGED":
                self.changed[mutation] += 1
            self.refused.update(error["code"] for error in result["errors"])
        self.call_errors.update(error["code"] for error in payload["errors"])
        return payload

    async def call_as_read(self, owner: Client, mutation: str, records: Sequence[Record]) -> None:
        """Reads versions first, and insists on them: a row that is changed is changed from what was read."""
        ids = [each.gid for each in records]
        data = await owner.query(
            "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Learner { version } } }", {"ids": ids}
        )
        read = {id_: node["version"] for id_, node in zip(ids, data["nodes"], strict=True)}
        expected = [{"id": id_, "version": version} for id_, version in read.items()]
        payload = await self.call(owner, mutation, records, expectedVersions=expected)
        for result in payload["results"]:
            if result["outcome"] == "CHANGED":
                assert result["node"]["version"] == read[result["id"]] + 1

    def some(self, records: Sequence[Record]) -> list[Record]:
        return self.random.sample(records, self.random.randint(1, len(records)))


@asynccontextmanager
async def _race(database: Database, tokens: Tokens, new_id: RepeatableIds, seed: int) -> AsyncIterator[Race]:
    """Two processes on one database, as far as one can have two: pools, readers and engines of their own."""
    clock = MovingClock(START)
    organisation = organisation_with_everybody(database, ManualClock(START), new_id)
    users = [organisation.staff[Role.OWNER], organisation.user(Role.OWNER)]
    given = settings_for(database.engine.url.render_as_string(hide_password=False))
    others = [open_database(given), open_database(given)]
    apps = [create_app(given, database=each, clock=clock, new_id=new_id) for each in others]
    async with http_client(apps[0]) as one, http_client(apps[1]) as two:
        owners = [Client(http, tokens, clock, organisation, user) for http, user in zip((one, two), users, strict=True)]
        yield Race(organisation, owners, clock, new_id, Random(seed))
    for each in others:
        await each.close()
    await invariants.check(database, organisation.id)


async def _run(race: Race, rounds: int) -> None:
    """Two Owners withdraw, deactivate and reactivate on the same learners, while the clock moves enrolments on."""
    made = race.organisation
    people = [made.learner() for _ in range(6)]
    for _ in range(rounds):
        series = made.series()
        soon = made.clock() + race.random.randrange(1, 40 * rounds) * MICROSECOND
        fresh = [made.enrolment(each, series) for each in people]
        waiting = {"starts_at": soon, "ends_at": soon + DAY, "has_signed_in": True}
        fresh.append(
            made.enrolment(race.random.choice(people), made.series(), SeriesEnrolmentStatus.WAITING_TO_START, **waiting)
        )
        await made.save()
        one, two = race.owners
        calls: list[Awaitable[Any]] = [
            race.call(one, WITHDRAW, race.some(fresh)),
            race.call(two, WITHDRAW, race.some(fresh), idempotencyKey=f"{race.random.random()}"),
            race.call(one, DEACTIVATE, race.some(people)),
            race.call_as_read(two, DEACTIVATE, race.some(people)),
            race.call_as_read(one, REACTIVATE, race.some(people)),
            race.call(two, REACTIVATE, race.some(people)),
            race.call(race.random.choice(race.owners), WITHDRAW, race.some(fresh)),
            tick(made.database, race.clock, race.new_id),
        ]
        await asyncio.gather(*(_after(race.random.random() * STAGGER, call) for call in calls))


async def _after(seconds: float, call: Awaitable[Any]) -> Any:
    """Begins a little later, so that calls meet at all of their steps and not only at the first."""
    await asyncio.sleep(seconds)
    return await call


def _by_subject(entries: list[dict[str, Any]]) -> dict[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = {}
    for entry in sorted(entries, key=lambda each: (each["version"], each["occurred_at"])):
        found.setdefault(entry["subject_id"], []).append(entry)
    return found


async def _check(race: Race) -> None:
    """Tells the history from its beginning, and compares its end with the records as they are."""
    entries = await race.organisation.stored(history_entries)
    people = {row["id"]: row for row in await race.organisation.stored(learners)}
    enrolments = {row["id"]: row for row in await race.organisation.stored(series_enrolments)}
    intervals = await race.organisation.stored(activity_intervals)
    by_subject = _by_subject(entries)

    for subject, told in by_subject.items():
        row = people.get(subject) or enrolments[subject]
        assert sorted({entry["version"] for entry in told}) == list(range(2, row["version"] + 1)), (
            "a version is missing"
        )
        for before, after in pairwise(told):
            assert before["to_status"] == after["from_status"], "an update was lost"
            assert before["recorded_at"] <= after["recorded_at"]
        assert told[-1]["to_status"] == row["status"].name, "the record is not what its history says"

    inactive: dict[UUID, list[tuple[datetime, datetime | None]]] = {id_: [] for id_ in people}
    for id_, row in people.items():
        turns = [entry["occurred_at"] for entry in by_subject.get(id_, ())]
        assert turns == sorted(set(turns))
        inactive[id_] = list(zip(turns[::2], [*turns[1::2], None], strict=False))
        own = sorted((each["active_from"], each["active_until"]) for each in intervals if each["learner_id"] == id_)
        active = list(zip([row["created_at"], *turns[1::2]], [*turns[::2], None], strict=False))
        assert own == [each for each in active if each[0] is not None]

    withdrawals = [entry for entry in entries if entry["action"].value == "series_enrolment_withdrawn"]
    for entry in withdrawals:
        for since, until in inactive[entry["learner_id"]]:
            assert not (since <= entry["occurred_at"] and (until is None or entry["occurred_at"] < until))
        assert enrolments[entry["subject_id"]]["withdrawn_at"] == entry["occurred_at"]
    assert len({entry["subject_id"] for entry in withdrawals}) == len(withdrawals) == race.changed[WITHDRAW]
    by_people = [entry for entry in entries if entry["actor_kind"].value == "user"]
    assert len(by_people) == race.changed.total()
    assert race.refused["LEARNER_INACTIVE"], "nobody met an inactive learner: this proves nothing"
    assert race.refused["STATUS_NOT_ALLOWED"], "nobody came second: this proves nothing"


async def test_withdrawals_and_deactivations_at_once_happen_one_after_the_other(
    own_database: Database, tokens: Tokens, new_id: RepeatableIds
) -> None:
    async with _race(own_database, tokens, new_id, seed=1) as race:
        await _run(race, ROUNDS)
        await _check(race)
        assert race.call_errors == {}


@pytest.mark.soak
async def test_many_withdrawals_and_deactivations_at_once_happen_one_after_the_other(
    own_database: Database, tokens: Tokens, new_id: RepeatableIds
) -> None:
    seed = int(os.environ.get(SEED, int.from_bytes(os.urandom(4))))
    rounds = int(os.environ.get(NUMBER, MANY_ROUNDS))
    print(f"\n{SEED}={seed}: {rounds} rounds on {own_database.engine.dialect.name}")  # noqa: T201  so that the run can be repeated

    async with _race(own_database, tokens, new_id, seed) as race:
        await _run(race, rounds)
        await _check(race)

    print(f"changed {dict(race.changed)}, refused {dict(race.refused)}, calls refused {dict(race.call_errors)}")  # noqa: T201  the figures of the proof
    assert set(race.call_errors) <= {"BUSY"}


async def test_of_two_withdrawals_of_one_enrolment_at_once_exactly_one_changes_it(
    own_database: Database, tokens: Tokens, new_id: RepeatableIds
) -> None:
    async with _race(own_database, tokens, new_id, seed=2) as race:
        made = race.organisation
        for _ in range(ROUNDS):
            enrolment = made.enrolment(made.learner(), made.series())
            await made.save()

            answers = await asyncio.gather(*(race.call(owner, WITHDRAW, [enrolment]) for owner in race.owners * 2))

            assert sorted(outcome for answer in answers for outcome in outcomes(answer)) == [
                "CHANGED",
                *["REFUSED"] * 3,
            ]
        assert len(await made.stored(history_entries)) == ROUNDS
        assert set(race.refused) <= {"STATUS_NOT_ALLOWED", "CHANGED_MEANWHILE"}


async def test_overlapping_lists_in_opposite_orders_wait_for_each_other_and_none_is_given_up(
    own_database: Database, tokens: Tokens, new_id: RepeatableIds
) -> None:
    async with _race(own_database, tokens, new_id, seed=3) as race:
        made = race.organisation
        people = [made.learner() for _ in range(40)]
        library = [made.series() for _ in range(5)]
        enrolments = [made.enrolment(each, series) for each in people for series in library]
        race.random.shuffle(enrolments)
        await made.save()
        one, two = race.owners

        for start in range(0, len(enrolments), 25):
            some = enrolments[start : start + 25]
            await asyncio.gather(
                race.call(one, WITHDRAW, some),
                race.call(two, WITHDRAW, some[::-1]),
                race.call(one, DEACTIVATE, people[::2]),
                race.call(two, DEACTIVATE, people[::-1]),
                race.call(one, REACTIVATE, people[::-3]),
                race.call(two, REACTIVATE, people),
                race.call(two, WITHDRAW, enrolments[:: start + 1]),
            )

        assert race.call_errors == {}
        await _check(race)
