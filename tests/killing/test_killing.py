"""The server is killed at any moment of bulk finalisations: what was acknowledged is there, the rest wholly or not at all.

A killed process is what is proved here, not a power cut: what the portal has handed to the system stays, as does the
PostgreSQL of the tests, which forgets at a crash of its own. SQLite commits as it is served, with `synchronous=FULL`.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from time import monotonic

import pytest

from portal_api.auth import Tokens
from portal_api.database import Database
from tests.api.test_races import SEED
from tests.killing.receiving import hook
from tests.killing.rounds import NOT_THERE, THERE, Killing
from tests.killing.scene import Rows, Scene
from tests.killing.server import server

KILLS = "PORTAL_TEST_KILLS"
"""The long proof with another number of kills."""
FEW, MANY = 10, 200
SMALL, LARGE = (8, 16), (20, 50)


@asynccontextmanager
async def killing_of(
    database: Database, tokens: Tokens, seed: int, folder: Path, *faults: str, rows: Rows = SMALL
) -> AsyncIterator[Killing]:
    """A server that is to be killed, on a database of its own, with faults planted in it."""
    url = database.engine.url.render_as_string(hide_password=False)
    random = Random(seed)
    async with hook() as listening, server(url, folder, *faults) as served:
        yield Killing(Scene(database, tokens, random, listening.url, rows), served, listening, random)


def _check(killing: Killing) -> None:
    assert not killing.faults, "\n".join(killing.faults[:5])


async def test_nothing_is_lost_or_torn_by_a_few_kills(own_database: Database, tokens: Tokens, tmp_path: Path) -> None:
    async with killing_of(own_database, tokens, 1, tmp_path) as killing:
        for _ in range(FEW):
            await killing.round()
            _check(killing)
        await killing.finish(lets_go=True)
        _check(killing)
    assert killing.there
    assert killing.figures[NOT_THERE], "no call was under way: this proves nothing"


@pytest.mark.soak
async def test_nothing_is_lost_or_torn_by_many_kills(own_database: Database, tokens: Tokens, tmp_path: Path) -> None:
    seed = int(os.environ.get(SEED, int.from_bytes(os.urandom(4))))
    engine, kills, begun = own_database.engine.dialect.name, int(os.environ.get(KILLS, MANY)), monotonic()
    print(f"\n{SEED}={seed}: {kills} kills on {engine}")  # noqa: T201  so that the run can be repeated
    async with killing_of(own_database, tokens, seed, tmp_path, rows=LARGE) as killing:
        for _ in range(kills):
            await killing.round()
            _check(killing)
        await killing.finish(lets_go=False)
        print("\n".join(f"  {what}: {times}" for what, times in killing.figures.items()))  # noqa: T201  the figures of the proof
        print(f"  in {monotonic() - begun:.0f} s")  # noqa: T201  one of the figures
        _check(killing)
    for became in (THERE, NOT_THERE):
        assert killing.figures[became], f"no {became}: this proves too little"
