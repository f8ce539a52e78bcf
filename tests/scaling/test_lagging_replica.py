"""A replica that lags by five seconds, two servers: who has just written reads it, others read the replica."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from time import perf_counter

import pytest

from portal_api.domain.roles import Role
from tests import postgres
from tests.factories import Record
from tests.replicas.conftest import until, value_at
from tests.replicas.test_reading import NAME, RENAME
from tests.scaling.serving import Somebody, laid_out, served, somebody

LAG = 5
ROUNDS, WRITERS = 8, 4
READS = 400
LIBRARY = "{ seriesLibrary(first: 1) { nodes { id } } }"
"""Reads a table that nobody else looks into, not even whoever asks for the viewer's rights."""
TOLD_WITHIN = 11
"""Seconds after which a server has counted the transactions of a connection that has nothing to do."""
LOOKED_UP = "SELECT seq_scan + idx_scan FROM pg_stat_user_tables WHERE relname = '{}'"


async def _names(asking: Somebody, addresses: Sequence[str], learner: Record) -> set[str]:
    """What somebody reads, wherever they ask."""
    answers = [await asking.ask(each, NAME, {"id": learner.gid}) for each in addresses]
    return {each["learner"]["givenName"] for each in answers}


async def _has_arrived(asking: Somebody, addresses: Sequence[str], learner: Record) -> bool:
    return await _names(asking, addresses, learner) == {"New"}


async def _looked_up(primary: str, standby: str) -> list[int]:
    """How often series were looked up on the primary, marks there, and series on the replica."""
    asked = ((primary, "series"), (primary, "written_marks"), (standby, "series"))
    return [await value_at(url, LOOKED_UP.format(table)) for url, table in asked]


@pytest.mark.soak
async def test_with_a_replica_that_lags_by_five_seconds(tmp_path: Path) -> None:
    with postgres.server() as primary, postgres.standby(primary, recovery_min_apply_delay=f"{LAG}s") as standby:
        async with AsyncExitStack() as held:
            _, organisation = await held.enter_async_context(laid_out(primary, 1))
            learners = [organisation.learner(given_name="Old") for _ in range(ROUNDS)]
            users = [organisation.user(Role.ADMIN) for _ in range(WRITERS)]
            await organisation.save()
            addresses = [
                await held.enter_async_context(served(tmp_path, primary, PORTAL_READ_DATABASE_URL=standby.url))
                for _ in range(2)
            ]
            writers = [await held.enter_async_context(somebody(organisation, user)) for user in users]
            owner = await held.enter_async_context(somebody(organisation, Role.OWNER))
            await _names(owner, addresses, learners[0])
            await asyncio.sleep(LAG + 2)

            seen, lags = Counter[str](), list[float]()
            for place, learner in enumerate(learners):
                at, writer = addresses[place % 2], writers[place % WRITERS]
                assert await _names(owner, addresses, learner) == {"Old"}
                renamed = {"input": {"id": learner.gid, "givenName": "New"}}
                assert (await writer.ask(at, RENAME, renamed))["updateLearner"]["results"][0]["outcome"] == "CHANGED"
                written = perf_counter()
                assert await _names(writer, addresses, learner) == {"New"}, (
                    "somebody has not read what they had written"
                )
                assert await _names(owner, addresses, learner) == {"Old"}, "this was not read on the replica"
                late = {"input": {"id": learner.gid, "givenName": "Late", "expectedVersion": 1}}
                [row] = (await owner.ask(at, RENAME, late))["updateLearner"]["results"]
                assert [each["code"] for each in row["errors"]] == ["CHANGED_MEANWHILE"], "decided by what is old"
                seen.update({"own": 2, "others": 2, "decided": 1})
                # The owner's refused change counts as one: who has tried reads the primary as well, until it is there.
                assert await _names(owner, addresses, learner) == {"New"}
                other = writers[(place + 1) % WRITERS]
                await until(partial(_has_arrived, other, addresses[:1], learner))
                lags.append(perf_counter() - written)
                await asyncio.sleep(1)

            await asyncio.sleep(TOLD_WITHIN)
            before = await _looked_up(primary, standby.url)
            await asyncio.gather(*(owner.ask(addresses[n % 2], LIBRARY, {}) for n in range(READS)))
            await asyncio.sleep(TOLD_WITHIN)
            after = await _looked_up(primary, standby.url)
    here, looks, there = (new - old for old, new in zip(before, after, strict=True))
    print(  # noqa: T201  the figures of the proof
        f"\n{seen['own']} reads of what was just written saw it, {seen['others']} of others did not yet, "
        f"{seen['decided']} changes were decided by the primary; others saw it after {min(lags):.1f}–{max(lags):.1f} s;"
        f" of {READS} reads at once by one who had written nothing lately, the replica answered {there},"
        f" the primary {here} and {looks} looks for marks"
    )
    assert there >= READS
    assert here <= READS / 10, "the primary has answered"
    assert looks <= READS
