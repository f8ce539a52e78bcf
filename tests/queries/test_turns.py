"""Who writes next: whoever has waited longest."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from portal_api.database import Database, open_database
from portal_api.settings import Settings


@pytest.fixture
async def single(settings: Settings) -> AsyncIterator[Database]:
    """The database with one connection to write with, for which nobody waits long."""
    database = open_database(settings.model_copy(update={"writers": 1, "busy_timeout": 0.5}))
    yield database
    await database.close()


async def test_whoever_has_waited_longest_writes_next(single: Database) -> None:
    asked, written = count(), list[int]()

    async def write_often(pause: int) -> None:
        for _ in range(10):
            for _ in range(pause):
                await asyncio.sleep(0)
            turn = next(asked)
            async with single.writer() as connection, connection.begin():
                await connection.execute(text("SELECT 1"))
                written.append(turn)

    await asyncio.gather(*(write_often(pause) for pause in range(20)))

    assert written == sorted(written)


async def test_whoever_waits_too_long_gives_up_and_the_next_one_writes(single: Database) -> None:
    async with single.writer():
        with pytest.raises(PoolTimeout):
            async with single.writer():
                pass

    async with single.writer() as connection, connection.begin():
        assert (await connection.execute(text("SELECT 1"))).scalar_one() == 1


async def test_whoever_is_patient_waits_for_as_long_as_it_takes(single: Database) -> None:
    async def write() -> int:
        async with single.writer(is_patient=True) as connection, connection.begin():
            return (await connection.execute(text("SELECT 1"))).scalar_one()

    async with single.writer():
        waiting = asyncio.create_task(write())
        await asyncio.sleep(2 * single.patience)
        assert not waiting.done()

    assert await waiting == 1


async def test_an_onlooker_waits_for_nobody_who_writes_and_changes_nothing(single: Database) -> None:
    async with single.writer() as connection, connection.begin(), single.onlooker() as looking:
        assert (await looking.execute(text("SELECT COUNT(*) FROM idempotency_keys"))).scalar_one() >= 0
        with pytest.raises(DBAPIError, match=r"(?i)read.?only"):
            await looking.execute(text("DELETE FROM idempotency_keys"))


async def test_onlookers_wait_for_one_another_and_none_gives_up(single: Database) -> None:
    async def look() -> int:
        async with single.onlooker() as looking:
            await asyncio.sleep(single.patience)
            return (await looking.execute(text("SELECT 1"))).scalar_one()

    assert await asyncio.gather(*(look() for _ in range(4))) == [1] * 4
