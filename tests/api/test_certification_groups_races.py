"""What groups assign, while others assign, remove, edit and deactivate at the same moment: nothing is lost or made twice."""

import asyncio
import os
from collections import Counter
from collections.abc import Awaitable
from random import Random
from typing import Any

import pytest
from sqlalchemy import text

from portal_api.auth import Tokens
from portal_api.database import Database
from portal_api.models import assignment_sources, history_entries, learner_certifications
from tests import invariants
from tests.api.calls import call
from tests.api.test_races import MANY_ROUNDS, NUMBER, SEED, STAGGER, Race, _after, _race
from tests.client import Client
from tests.clock import RepeatableIds
from tests.factories import Record

ROUNDS, PEOPLE = 12, 4
REGIONS = ("North", "South")


async def _counted(race: Race, client: Client, mutation: str, **given: Any) -> None:
    """Calls, and counts what became of it; whatever goes wrong has a code."""
    payload = await call(client, mutation, **given)
    race.changed[mutation] += payload["counts"]["changed"]
    race.refused.update(error["code"] for result in payload["results"] for error in result["errors"])
    race.call_errors.update(error["code"] for error in payload["errors"])


async def _by_hand(race: Race) -> list[str]:
    """The sources by hand that stand."""
    rows = await race.organisation.stored(assignment_sources)
    return [f"asg_{row['id'].hex}" for row in rows if row["group_id"] is None and row["ended_at"] is None]


def _name(number: int) -> str:
    """The attribute that a lay-out of its own looks at."""
    return f"region {number}"


async def _round(
    race: Race, number: int, people: list[Record], groups: list[Record], certifications: list[Record]
) -> None:
    """Everything that moves members or assigns them, begun within a few hundredths of a second."""
    random, (one, two) = race.random, race.owners
    sources = await _by_hand(race)
    drafted = await call(
        two, "draftCertificationVersion", certificationId=certifications[0].gid, examTitle="E", steps=[]
    )
    draft = drafted["results"][0]["node"]["id"]

    def named() -> list[str]:
        return [each.gid for each in random.sample(groups, random.randint(0, len(groups)))]

    def some() -> list[str]:
        return [each.gid for each in random.sample(people, random.randint(1, len(people)))]

    def attributes() -> list[dict[str, str]]:
        return [{"name": _name(number), "value": random.choice(REGIONS)}]

    def tests() -> list[dict[str, Any]]:
        return [{"attribute": _name(number), "values": [random.choice(REGIONS)]}]

    calls: list[tuple[str, dict[str, Any]]] = [
        *(("assignCertification", {"certificationId": each.gid, "learnerIds": some()}) for each in certifications),
        *(("updateGroup", {"id": each.gid, "conditions": tests()}) for each in groups),
        ("updateCertification", {"id": random.choice(certifications).gid, "groupIds": named()}),
        *(("updateLearner", {"id": each.gid, "attributes": attributes()}) for each in people[:2]),
        ("updateLearner", {"id": people[2].gid, "attributes": attributes(), "managerId": people[3].gid}),
        ("deactivateLearners", {"ids": some(), "reason": "OTHER"}),
        ("reactivateLearners", {"ids": some()}),
        ("reactivateLearners", {"ids": some()}),
        ("retireGroups", {"ids": [random.choice(groups).gid]}),
        ("reinstateGroups", {"ids": [each.gid for each in groups]}),
        ("retireCertifications", {"ids": [certifications[1].gid]}),
        ("reinstateCertifications", {"ids": [certifications[1].gid]}),
        ("publishCertificationVersion", {"id": draft}),
        *([("removeAssignments", {"ids": random.sample(sources, min(3, len(sources)))})] if sources else []),
    ]
    work: list[Awaitable[Any]] = [
        _after(random.random() * STAGGER, _counted(race, random.choice((one, two)), mutation, **given))
        for mutation, given in calls
    ]
    await asyncio.gather(*work)
    await invariants.check(race.organisation.database, race.organisation.id)


async def _run(race: Race, rounds: int) -> None:
    made = race.organisation
    for number in range(rounds):
        people = [made.learner() for _ in range(PEOPLE)]
        for learner in people:
            made.attribute(learner, _name(number), race.random.choice(REGIONS))
        groups = [made.group(crew=f"{made.new_id(made.clock())}") for _ in range(2)]
        certifications = [made.certification() for _ in range(2)]
        await made.save()
        for _ in range(2):
            await _round(race, number, people, groups, certifications)


async def _check(race: Race) -> None:
    """Both met: groups and people found records that the other had made, and left those that the other kept."""
    acts = Counter(entry["action"].name for entry in await race.organisation.stored(history_entries))
    for act in ("ASSIGNED", "REASSIGNED", "UNASSIGNED", "ARCHIVED"):
        assert acts[f"LEARNER_CERTIFICATION_{act}"], f"nothing was {act.casefold()}: this proves nothing"
    kept = Counter(
        (row["learner_id"], row["certification_id"])
        for row in await race.organisation.stored(learner_certifications)
        if row["archived_at"] is None
    )
    assert set(kept.values()) == {1}
    assert race.refused["LEARNER_INACTIVE"], "nobody met an inactive learner: this proves nothing"


async def test_groups_and_people_assign_at_once_and_nothing_is_lost(
    own_database: Database, tokens: Tokens, new_id: RepeatableIds
) -> None:
    async with _race(own_database, tokens, new_id, seed=5) as race:
        await _run(race, ROUNDS)
        await _check(race)
        assert race.call_errors == {}
        assert await _deadlocks(own_database) == 0


async def _deadlocks(database: Database) -> int:
    """How often PostgreSQL had to choose somebody who gives way: a call that is run again tells nobody."""
    if database.is_sqlite:
        return 0
    async with database.engine.connect() as connection:
        await connection.execute(text("SELECT pg_stat_force_next_flush()"))
        told = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        return (await connection.execute(text(told))).scalar_one()


@pytest.mark.soak
async def test_groups_and_people_assign_at_once_many_times(
    own_database: Database, tokens: Tokens, new_id: RepeatableIds
) -> None:
    seed = int(os.environ.get(SEED, Random().randrange(1 << 32)))
    rounds = int(os.environ.get(NUMBER, MANY_ROUNDS))
    print(f"\n{SEED}={seed}: {rounds} rounds on {own_database.engine.dialect.name}")  # noqa: T201  so that the run can be repeated

    async with _race(own_database, tokens, new_id, seed) as race:
        await _run(race, rounds)
        await _check(race)

    print(f"changed {dict(race.changed)}, refused {dict(race.refused)}, calls refused {dict(race.call_errors)}")  # noqa: T201  the figures of the proof
    assert set(race.call_errors) <= {"BUSY"}
