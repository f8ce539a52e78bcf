"""The portal over HTTP against the plain world of certifications, on both engines: outcomes, codes, records and history."""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random

import pytest

from portal_api.app import create_app
from portal_api.auth import Tokens
from portal_api.database import Database
from tests import invariants
from tests.client import http_client
from tests.clock import ManualClock, RepeatableIds
from tests.conftest import settings_for
from tests.factories import Organisation
from tests.machines.certifying.model import World
from tests.machines.certifying.operations import any_name, choose, new_world
from tests.machines.certifying.over_http import PortalOverHttp
from tests.machines.certifying.records import Result
from tests.machines.certifying.watching import Figures, Watch
from tests.machines.checks import told_of_each
from tests.machines.operations import Operation

SEED, NUMBER = "PORTAL_TEST_MACHINE_SEED", "PORTAL_TEST_MACHINE_STEPS"
"""The long proof again with the seed that it printed, or with more steps."""
EVENTFUL = (2606, 1115)
"""Seeds of worlds in which more happens than in others: certificates are replaced, failed test-outs overridden."""
MANY_STEPS = 1_600
STEPS_A_WORLD = 80
MOST_TRIES = 40
"""So often a failure is looked at again, to tell it shorter."""
WRONG = (AssertionError, LookupError, ValueError)


@dataclass
class Run:
    """Worlds one after another, each an organisation of its own in one database."""

    database: Database
    tokens: Tokens
    new_id: RepeatableIds
    figures: Figures = field(default_factory=Figures)

    @asynccontextmanager
    async def portal(self, world: World) -> AsyncIterator[PortalOverHttp]:
        """The portal with the world laid out in it."""
        clock = ManualClock(world.now)
        made = Organisation(self.database, clock, self.new_id, time_zone=world.zone.key)
        given = settings_for(self.database.engine.url.render_as_string(hide_password=False))
        app = create_app(given, database=self.database, clock=clock, new_id=self.new_id)
        async with http_client(app) as http:
            portal = PortalOverHttp(self.database, made, clock, self.new_id, self.tokens, http, world)
            await portal.lay_out()
            yield portal

    async def walk(self, seed: int, steps: int) -> None:
        """Random steps in one world; where one goes wrong, the shortest way there that is easily found is told."""
        random = Random(seed)
        world = new_world(random.randint)
        begun, done = deepcopy(world), list[Operation]()
        try:
            async with self.portal(world) as portal:
                watch = Watch(world)
                for _ in range(steps):
                    operation = choose(world, random.randint, any_name(world, random.randint))
                    done.append(operation)
                    expected = await self.step(portal, watch, operation)
                    self.figures.count(operation, expected, world)
                await self.end(portal)
                self.figures.count_history(world)
        except WRONG as error:
            shortest = await self.shortened(begun, done, str(error))
            told = "\n  ".join(map(str, shortest))
            raise AssertionError(f"{SEED}={seed}, {begun.now} in {begun.zone}:\n  {told}\n{error}") from error

    async def step(self, portal: PortalOverHttp, watch: Watch, operation: Operation) -> Sequence[Result]:
        """One operation on both, and everything compared after it."""
        expected: Sequence[Result] = getattr(portal.world, operation.name)(**operation.given) or []
        answered = await portal.do(operation, expected)
        assert answered == expected
        await portal.compare()
        await portal.compare_as(operation.given.get("actor", 0) % len(portal.world.learners))
        await invariants.check(self.database, portal.organisation.id)
        watch.look(operation)
        return expected

    async def end(self, portal: PortalOverHttp) -> None:
        """Once time has been written down, the history says what happened."""
        await portal.do(Operation("tick", {}), [])
        await invariants.check(self.database, portal.organisation.id)
        assert told_of_each(await portal.history()) == told_of_each(portal.world.history)  # pyright: ignore[reportArgumentType]  entries alike

    async def shortened(self, begun: World, done: Sequence[Operation], told: str) -> list[Operation]:
        """Leaves out what the failure does not need: halves first, then ever smaller parts, as long as it pays."""
        needed, size, tries = list(done), len(done) // 2, 0
        while size and tries < MOST_TRIES:
            for place in reversed(range(0, len(needed) - 1, size)):
                fewer = [*needed[:place], *needed[min(place + size, len(needed) - 1) :]]
                tries += 1
                if tries < MOST_TRIES and await self.goes_wrong(begun, fewer) == _of_its_kind(told):
                    needed = fewer
            size //= 2
        return needed

    async def goes_wrong(self, begun: World, operations: Sequence[Operation]) -> str:
        """How the same operations, as far as they still make sense, go wrong again; nothing if they do not."""
        world = deepcopy(begun)
        async with self.portal(world) as portal:
            watch = Watch(world)
            try:
                for operation in operations:
                    if _makes_sense(operation, world):
                        await self.step(portal, watch, operation)
                await self.end(portal)
            except WRONG as error:
                return _of_its_kind(str(error))
        return ""


def _makes_sense(operation: Operation, world: World) -> bool:
    """Whether all that an operation names is there."""
    try:
        getattr(deepcopy(world), operation.name)(**operation.given)
    except (IndexError, AssertionError):
        return False
    return True


def _of_its_kind(told: str) -> str:
    """The beginning of what a failure tells, which it shares with its like."""
    return told[:30]


async def _run(run: Run, seed: int, steps: int) -> None:
    while run.figures.steps < steps:
        await run.walk(seed, STEPS_A_WORLD)
        seed += 1


async def test_the_portal_certifies_as_the_plain_world_does(
    own_database: Database, tokens: Tokens, new_id: RepeatableIds
) -> None:
    run = Run(own_database, tokens, new_id)

    for seed in EVENTFUL:
        await run.walk(seed, STEPS_A_WORLD)

    assert {"CHANGED", "REFUSED"} <= run.figures.outcomes.keys()


@pytest.mark.soak
async def test_the_portal_certifies_as_the_plain_world_does_for_long(
    own_database: Database, tokens: Tokens, new_id: RepeatableIds
) -> None:
    seed = int(os.environ.get(SEED, int.from_bytes(os.urandom(4))))
    print(f"\n{SEED}={seed} on {own_database.engine.dialect.name}")  # noqa: T201  so that the run can be repeated
    run = Run(own_database, tokens, new_id)

    await _run(run, seed, int(os.environ.get(NUMBER, MANY_STEPS)))

    print(run.figures)  # noqa: T201  the figures of the proof
