"""A server under load: every answer has data or a code, nothing locks, its memory stays, and history tells every change."""

import asyncio
import faulthandler
import os
from collections import Counter
from contextlib import suppress
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import select, text

from portal_api.auth import Tokens
from portal_api.clock import system_clock
from portal_api.database import Database
from portal_api.domain.history import ActorKind
from portal_api.importers.demo import seed_demo
from portal_api.models import history_entries
from tests import invariants
from tests.load.calls import Calls
from tests.load.connections import COME_AGAIN, Figures, keep_busy, percentile
from tests.load.scene import calls_on, tokens_of
from tests.load.server import Server, serving

SECONDS, SEED = "PORTAL_TEST_LOAD_SECONDS", "PORTAL_TEST_LOAD_SEED"
"""The long proof for another time, or once more with the seed that it printed."""
LONG, SHORT = 300.0, 1.0
FEW, MANY = 8, 64
SMALL, LARGE = 60, 3_000
"""Learners of the demonstration."""
FEWEST = 100
"""Calls, however slow the machine is: enough of them change something."""
LOOKS = 60
"""How often memory is looked at."""
SLOWEST = 8


class Load:
    """A database with the demonstration, and what was asked of a server on it."""

    def __init__(
        self, database: Database, organisation_id: UUID, calls: Calls, figures: Figures, server: Server
    ) -> None:
        self.database = database
        self.organisation_id = organisation_id
        self.calls = calls
        self.figures = figures
        self.server = server

    async def untold(self) -> list[str]:
        """The changes that were answered and that history does not tell, and what it tells and nobody answered."""
        entries, found = history_entries.c, list[str]()
        chosen = select(entries.request_id, entries.subject_id).where(
            entries.organisation_id == self.organisation_id,
            entries.request_id.startswith("load-"),
            entries.actor_kind.in_([ActorKind.USER, ActorKind.INTEGRATION]),
            entries.cause_id.is_(None),
        )
        told: dict[str, list[str]] = {}
        async with self.database.engine.connect() as connection:
            for request_id, subject_id in await connection.execute(chosen):
                told.setdefault(request_id, []).append(subject_id.hex)
        for question in self.calls.questions:
            own = Counter(subject for request in question.requests for subject in told.get(request, ()))
            if twice := [subject for subject, times in own.items() if times > 1]:
                found.append(f"{question.name} is told twice of {twice[:3]}: {question.requests}")
            if missing := question.changed - set(own):
                found.append(f"{question.name} says it changed {list(missing)[:3]}: {question.requests}")
            if more := set(own) - question.changed:
                found.append(f"{question.name} changed {list(more)[:3]} and did not say so: {question.requests}")
        return found

    async def deadlocks(self) -> int:
        """How often the database had to choose who gives way; SQLite never has."""
        if self.database.is_sqlite:
            return 0
        counted = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        async with self.database.engine.connect() as connection:
            return (await connection.execute(counted)).scalar_one()

    async def check(self) -> None:
        """Fails with whatever was not as it has to be."""
        assert not self.figures.faults, "\n".join([f"{len(self.figures.faults)} faults", *self.figures.faults[:10]])
        assert not self.server.complaints, "\n".join(self.server.complaints[:10])
        assert await self.deadlocks() == 0
        untold = await self.untold()
        assert not untold, "\n".join([f"{len(untold)} changes", *untold[:10]])
        await invariants.check(self.database, self.organisation_id)

    async def told(self, seconds: float, connections: int) -> str:
        """The figures of the proof."""
        figures, calls = self.figures, self.calls
        reads, changes = figures.of(changing=False), figures.of(changing=True)
        slow = sorted(figures.latencies, key=lambda name: percentile(figures.latencies[name], 0.99), reverse=True)
        come_again = {code: times for (_, code), times in figures.codes.items() if code in COME_AGAIN}
        kept = sum(len(each.requests) - 1 for each in calls.questions)
        lines = [
            f"{connections} connections for {seconds:.0f} s on {self.database.engine.dialect.name}: "
            f"{len(reads) + len(changes)} calls, {(len(reads) + len(changes)) / seconds:.0f} a second",
            _line("reads", reads),
            _line("changes", changes),
            *(_line(name, figures.latencies[name]) for name in sorted(figures.changing)),
            "  the slowest reads:",
            *(
                _line(name, figures.latencies[name])
                for name in [n for n in slow if n not in figures.changing][:SLOWEST]
            ),
            f"  rows: {dict(sum((Counter({outcome: times}) for (_, outcome), times in calls.outcomes.items()), Counter()))}"
            f" of {len(calls.questions)} questions, {kept} of them sent again",
            f"  told to come again: {come_again or 'nobody'}; deadlocks {await self.deadlocks()}; faults {len(figures.faults)}",
            f"  answers to reads with a code: { {code: times for (to, code), times in figures.codes.items() if not to} }",
            f"  answers to changes with a code: { {code: times for (to, code), times in figures.codes.items() if to} }",
            f"  memory by quarter, MB: {', '.join(f'{each:.0f}' for each in self.server.quarters)}",
        ]
        return "\n".join(lines)


def _line(name: str, latencies: list[float]) -> str:
    p50, p99, most = (1_000 * percentile(latencies, share) for share in (0.5, 0.99, 1))
    return f"  {name:45} {len(latencies):7} p50 {p50:6.0f} ms  p99 {p99:6.0f} ms  max {most:6.0f} ms"


async def _loaded(
    database: Database, tokens: Tokens, folder: Path, seed: int, *, learners: int, connections: int, seconds: float
) -> Load:
    await seed_demo(database, learners=learners, now=system_clock())
    organisation_id, signed = await tokens_of(database, tokens)
    await database.engine.dispose()  # nobody else is at the file
    async with serving(database.engine.url.render_as_string(hide_password=False), folder) as server:
        calls = await calls_on(server.port, signed, Random(seed))
        watching = asyncio.create_task(server.watch(seconds / LOOKS))
        figures = await keep_busy(server.port, connections, seconds, calls.next, fewest=FEWEST)
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
    return Load(database, organisation_id, calls, figures, server)


async def test_eight_connections_are_answered(own_database: Database, tokens: Tokens, tmp_path: Path) -> None:
    load = await _loaded(own_database, tokens, tmp_path, 1, learners=SMALL, connections=FEW, seconds=SHORT)

    await load.check()
    assert load.calls.outcomes.total(), "nothing was changed: this proves nothing"


@pytest.mark.soak
async def test_sixty_four_connections_are_answered_for_five_minutes(
    own_database: Database, tokens: Tokens, tmp_path: Path
) -> None:
    seed, seconds = int(os.environ.get(SEED, int.from_bytes(os.urandom(4)))), float(os.environ.get(SECONDS, LONG))
    print(f"\n{SEED}={seed}")  # noqa: T201  so that the run can be repeated
    faulthandler.cancel_dump_traceback_later()  # it takes its time

    load = await _loaded(own_database, tokens, tmp_path, seed, learners=LARGE, connections=MANY, seconds=seconds)

    print(await load.told(seconds, MANY))  # noqa: T201  the figures of the proof
    await load.check()
    assert load.server.is_flat, f"memory grew: {load.server.quarters}"
