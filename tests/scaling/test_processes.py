"""Several processes on one PostgreSQL, straight to it and through PgBouncer: storms in which the history is exact."""

import os
from pathlib import Path
from random import Random

import pytest

from tests import postgres
from tests.api.test_races import SEED
from tests.scaling.poolers import PROGRAM, pooler
from tests.scaling.serving import laid_out, served
from tests.scaling.storming import check, storm

PEOPLE, TURNS, WRITES = 24, 60, 0.4
CONNECTIONS = 6
"""Those that the pooler has to the server: far fewer than the two processes have to the pooler."""


def _seed() -> int:
    seed = int(os.environ.get(SEED, int.from_bytes(os.urandom(4))))
    print(f"\n{SEED}={seed}")  # noqa: T201  so that the run can be repeated
    return seed


@pytest.mark.soak
async def test_two_workers_write_an_exact_history(tmp_path: Path) -> None:
    seed = _seed()
    with postgres.server() as url:
        async with laid_out(url, seed) as (_, organisation), served(tmp_path, url, workers=2) as address:
            made = await storm(organisation, [address], Random(seed), people=PEOPLE, turns=TURNS, writes=WRITES)
            print(f"two workers on one port: {made.told}")  # noqa: T201  the figures of the proof
            await check(made, organisation)


@pytest.mark.soak
@pytest.mark.skipif(PROGRAM is None, reason="PgBouncer is not installed")
async def test_two_servers_behind_a_pooler_of_transactions_make_no_error(tmp_path: Path) -> None:
    seed = _seed()
    with postgres.server() as url, pooler(url, connections=CONNECTIONS) as pooled:
        async with (
            laid_out(url, seed) as (_, organisation),
            served(tmp_path, pooled, PORTAL_POOLER="transaction") as one,
            served(tmp_path, pooled, PORTAL_POOLER="transaction") as other,
        ):
            made = await storm(organisation, [one, other], Random(seed), people=PEOPLE, turns=TURNS, writes=WRITES)
            print(f"two servers behind PgBouncer, {CONNECTIONS} connections: {made.told}")  # noqa: T201  the figures
            await check(made, organisation)
