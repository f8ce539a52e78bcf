"""A primary with a streaming replica of its own, and two portals on the two, as two processes would be."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
import pytest
from sqlalchemy.engine import make_url

from portal_api.app import create_app
from portal_api.auth import Tokens
from portal_api.clock import Clock
from portal_api.database import Database, open_database
from portal_api.ids import IdMaker
from portal_api.migrations import migrate_up
from portal_api.settings import Settings
from tests import postgres
from tests.client import http_client
from tests.clock import ManualClock
from tests.conftest import SignIn, settings_for, signing_in
from tests.factories import Organisation

PATIENCE = 20.0
PAUSE, RESUME = "SELECT pg_wal_replay_pause()", "SELECT pg_wal_replay_resume()"


@dataclass(frozen=True)
class Pair:
    """A primary and its replica."""

    primary: str
    standby: postgres.Running

    async def at_primary(self, statement: str) -> Any:
        """The value of a statement on the primary."""
        return await value_at(self.primary, statement)

    async def at_standby(self, statement: str) -> Any:
        """The value of a statement on the replica."""
        return await value_at(self.standby.url, statement)

    async def pause(self) -> None:
        """Has the replica stay as it is, once it has all that is written by now."""
        await self.catch_up()
        await self.at_standby(PAUSE)

        async def is_paused() -> bool:
            return await self.at_standby("SELECT pg_get_wal_replay_pause_state()") == "paused"

        await until(is_paused)

    async def catch_up(self) -> None:
        """Waits until the replica has all that is written by now."""
        await self.at_standby(RESUME)
        written = await self.at_primary("SELECT pg_current_wal_insert_lsn()::text")

        async def has_arrived() -> bool:
            return await self.at_standby(f"SELECT pg_last_wal_replay_lsn() >= '{written}'")

        await until(has_arrived)


async def value_at(url: str, statement: str) -> Any:
    """The value of a statement, asked of a server on a connection of its own."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def seen(database: Database) -> None:
    """Waits until a portal knows that the replica has all that is written by now."""
    assert database.replica is not None
    async with database.engine.begin() as connection:
        newest = (await connection.exec_driver_sql("SELECT pg_current_xact_id()::text::bigint")).scalar_one()

    async def is_known() -> bool:
        return database.replica is not None and database.replica._ended_before > newest

    await until(is_known)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Waits until something holds."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if await holds():
                return
            await asyncio.sleep(0.01)


@contextmanager
def running_pair(**settings: str) -> Iterator[Pair]:
    """A primary and its replica, which has settings of its own."""
    with postgres.server() as primary, postgres.standby(primary, **settings) as standby:
        yield Pair(primary, standby)


@pytest.fixture(scope="session")
def pair() -> Iterator[Pair]:
    """The two servers, for all tests of a worker."""
    with running_pair() as made:
        yield made


@pytest.fixture(scope="session")
def engine() -> str:
    """Only PostgreSQL has replicas."""
    return "postgresql"


@pytest.fixture(scope="session")
def settings(pair: Pair) -> Settings:
    """The settings of the portals here."""
    return settings_for(pair.primary, read_database_url=pair.standby.url)


@pytest.fixture(scope="session")
async def database(settings: Settings) -> AsyncIterator[Database]:
    """The database of the first portal, at the newest revision."""
    opened = open_database(settings)
    await migrate_up(opened.engine)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
async def http(
    settings: Settings, database: Database, _clock: Clock, _ids: IdMaker
) -> AsyncIterator[httpx.AsyncClient]:
    """Plain HTTP to the first portal. Not that of all tests, which would keep this database for all of them."""
    async with http_client(create_app(settings, database=database, clock=_clock, new_id=_ids)) as client:
        yield client


@pytest.fixture(scope="session")
async def other_database(settings: Settings, database: Database) -> AsyncIterator[Database]:
    """The database of the second portal: the same one, on connections of its own."""
    opened = open_database(settings)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
async def other_http(
    settings: Settings, other_database: Database, _clock: Clock, _ids: IdMaker
) -> AsyncIterator[httpx.AsyncClient]:
    """Plain HTTP to the second portal."""
    async with http_client(create_app(settings, database=other_database, clock=_clock, new_id=_ids)) as client:
        yield client


@pytest.fixture
def sign_in_elsewhere(
    other_http: httpx.AsyncClient, tokens: Tokens, clock: ManualClock, organisation: Organisation
) -> SignIn:
    """`sign_in` to the second portal."""
    return signing_in(other_http, tokens, clock, organisation)


@pytest.fixture(autouse=True)
async def _both_know_the_replica(
    pair: Pair, database: Database, other_database: Database, organisation: Organisation
) -> AsyncIterator[None]:
    """Each test begins with a replica that has everything, of which both portals know."""
    for each in (database, other_database):
        assert each.replica is not None
        await each.replica.has_all_of((organisation.id, organisation.id))
        await seen(each)
    yield
    await pair.at_standby(RESUME)
