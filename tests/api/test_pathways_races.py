"""Deactivation against whatever opens something at the same moment: nobody inactive is left with anything active."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Any

import pytest

from portal_api.auth import Tokens
from portal_api.database import Database
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.pathways import PathwayEnrolmentStatus, PathwayKind
from portal_api.domain.series import ACTIVE_STATUSES
from portal_api.models import learners, pathway_enrolments, series_enrolments
from tests.api.calls import call
from tests.api.test_races import MANY_ROUNDS, NUMBER, SEED, STAGGER, Race, _after, _race
from tests.client import Client
from tests.clock import RepeatableIds
from tests.factories import Record

ROUNDS = 10
PEOPLE = 3
Against = Callable[[Race, Client, Sequence[Record]], Awaitable[list[Awaitable[Any]]]]
"""Lays out what a round needs and saves it; the calls that meet the deactivations, one for each learner."""


async def _counted(race: Race, client: Client, mutation: str, **given: Any) -> None:
    """Calls, and counts what became of it; whatever goes wrong has a code."""
    payload = await call(client, mutation, **given)
    race.changed[mutation] += payload["counts"]["changed"]
    race.refused.update(error["code"] for result in payload["results"] for error in result["errors"])
    race.call_errors.update(error["code"] for error in payload["errors"])


async def _enrolling(race: Race, client: Client, people: Sequence[Record]) -> list[Awaitable[Any]]:
    """Enrols each in a series and in a pathway."""
    made = race.organisation
    series, pathway = made.series(), made.pathway(made.series(), made.series())
    await made.save()
    return [
        each
        for learner in people
        for each in (
            _counted(race, client, "enrolInSeries", seriesId=series.gid, learnerIds=[learner.gid]),
            _counted(race, client, "enrolInPathway", pathwayId=pathway.gid, learnerIds=[learner.gid]),
        )
    ]


async def _mastering(race: Race, client: Client, people: Sequence[Record]) -> list[Awaitable[Any]]:
    """Has each master the open series of a pathway, so that the next one opens."""
    made = race.organisation
    pathway = made.pathway(made.series(), made.series(), kind=race.random.choice(list(PathwayKind)))
    walks = [made.pathway_enrolment(learner, pathway) for learner in people]
    await made.save()
    rows = {row["pathway_enrolment_id"]: row for row in made.rows[series_enrolments]}
    return [
        _counted(
            race,
            client,
            "recordSeriesActivity",
            activities=[
                {
                    "enrolmentId": made.record(rows[walk.id]["id"]).gid,
                    "questionsAnswered": 10,
                    "questionsCorrect": 10,
                }
            ],
        )
        for walk in walks
    ]


async def _run(race: Race, rounds: int, against: Against) -> None:
    one, two = race.owners
    for number in range(rounds):
        people = [race.organisation.learner() for _ in range(PEOPLE)]
        others = await against(race, two, people)
        leaving = [
            _counted(race, one, "deactivateLearners", ids=[each.gid], reason="OTHER", withdrawAll=True)
            for each in people
        ]
        # In every other round somebody else begins a little earlier, and in the rest they all meet.
        late = STAGGER * 2 if number % 4 == 0 else 0.0
        early = STAGGER * 2 if number % 4 == 2 else 0.0
        await asyncio.gather(
            *(_after(late + race.random.random() * STAGGER, each) for each in leaving),
            *(_after(early + race.random.random() * STAGGER, each) for each in others),
        )
        await _nobody_inactive_takes_anything(race)


async def _nobody_inactive_takes_anything(race: Race) -> None:
    made = race.organisation
    idle = {row["id"] for row in await made.stored(learners) if row["status"] is LearnerStatus.INACTIVE}
    taking = {row["learner_id"] for row in await made.stored(series_enrolments) if row["status"] in ACTIVE_STATUSES}
    walking = {
        row["learner_id"]
        for row in await made.stored(pathway_enrolments)
        if row["status"] is PathwayEnrolmentStatus.IN_PROGRESS
    }
    assert idle, "nobody was deactivated: this proves nothing"
    assert idle.isdisjoint(taking | walking)


def _check(race: Race, opening: str) -> None:
    """Both orders came up: some were in time, and some came too late."""
    assert race.changed[opening], "nothing opened in time: this proves nothing"
    assert race.refused["LEARNER_INACTIVE"], "nobody met an inactive learner: this proves nothing"


RACES = pytest.mark.parametrize(
    ("against", "opening"), [(_enrolling, "enrolInPathway"), (_mastering, "recordSeriesActivity")]
)


@RACES
async def test_a_deactivation_leaves_nothing_active_whatever_opens_at_the_same_moment(
    against: Against, opening: str, own_database: Database, tokens: Tokens, new_id: RepeatableIds
) -> None:
    async with _race(own_database, tokens, new_id, seed=4) as race:
        await _run(race, ROUNDS, against)
        _check(race, opening)
        assert race.call_errors == {}


@pytest.mark.soak
@RACES
async def test_many_deactivations_leave_nothing_active_whatever_opens_at_the_same_moment(
    against: Against, opening: str, own_database: Database, tokens: Tokens, new_id: RepeatableIds
) -> None:
    seed = int(os.environ.get(SEED, Random().randrange(1 << 32)))
    rounds = int(os.environ.get(NUMBER, MANY_ROUNDS))
    print(f"\n{SEED}={seed}: {rounds} rounds of {opening} on {own_database.engine.dialect.name}")  # noqa: T201  so that the run can be repeated

    async with _race(own_database, tokens, new_id, seed) as race:
        await _run(race, rounds, against)
        _check(race, opening)

    print(f"changed {dict(race.changed)}, refused {dict(race.refused)}, calls refused {dict(race.call_errors)}")  # noqa: T201  the figures of the proof
    assert set(race.call_errors) <= {"BUSY"}
