"""Engines for writing and readers for compiled reads, on SQLite and PostgreSQL alike."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from portal_api.database.postgres import POSTGRES_READERS, PostgresReader, Way, onlooking_engine, postgres_engine
from portal_api.database.reading import Reader, ReaderPool, Steps, Tally, drive
from portal_api.database.replica import FAILURES, PATIENCE, Marks, Replica, Who, leave_mark
from portal_api.database.sqlite import SQLITE_READERS, SqliteReader, require_sound_sqlite, sqlite_engine
from portal_api.settings import Pooler, Settings

__all__ = [
    "POSTGRES_READERS",
    "SQLITE_READERS",
    "ConnectionReader",
    "Database",
    "Reader",
    "ReaderPool",
    "Steps",
    "Tally",
    "Who",
    "open_database",
    "sqlite_file",
]
T = TypeVar("T")


@dataclass(frozen=True)
class ConnectionReader:
    """Reads on the connection of a transaction under way, and so sees what it has written."""

    connection: AsyncConnection
    tally: Tally

    async def run(self, steps: Steps[T]) -> T:
        driver: Any = (await self.connection.get_raw_connection()).driver_connection
        if self.connection.dialect.name == "postgresql":
            return await drive(steps, driver.fetch, self.tally)

        async def fetch(text: str, *values: Any) -> Sequence[Any]:
            return await driver.execute_fetchall(text, values)

        return await drive(steps, fetch, self.tally)

    async def close(self) -> None:
        """The transaction owns the connection."""


@dataclass(frozen=True)
class Database:
    """One database: the engine that writes, the reader beside it, and perhaps a replica."""

    engine: AsyncEngine
    reader: ReaderPool
    """Reads the primary."""
    tally: Tally
    turns: asyncio.Semaphore
    """One for each connection that writes. The engine's own queue lets newcomers overtake whoever waits."""
    patience: float
    looking: AsyncEngine
    """Connections beside those that write, for reads that Python puts together statement by statement."""
    replica: Replica | None = None

    async def read(self, who: Who | None, steps: Callable[[], Steps[T]], *, is_one_statement: bool = False) -> T:
        """Answers a query: by the replica, if there is one that has all that a user has written; else by the primary.

        What decides a change never comes this way.

        Args:
            who: the user who asks; None for somebody who is not known.
            steps: makes the read; it is made again where the replica has failed half-way.
            is_one_statement: whether it asks for one at the most, and so needs no transaction for one snapshot.
        """
        if self.replica is not None and who is not None:
            try:
                if await self.replica.has_all_of(who):
                    return await _read(self.replica.reader, steps(), is_one_statement=is_one_statement)
            except FAILURES as error:
                self.replica.complain(error)
        return await _read(self.reader, steps(), is_one_statement=is_one_statement)

    async def leave_mark(self, connection: AsyncConnection, who: Who) -> None:
        """Sees to it, as the last thing before a commit, that its user reads it from now on, whichever process answers."""
        if self.replica is not None:
            await leave_mark(connection, who)

    @asynccontextmanager
    async def writer(self, *, is_patient: bool = False) -> AsyncGenerator[AsyncConnection]:
        """A connection to write with: whoever has waited longest has it next.

        Args:
            is_patient: whether to wait for as long as it takes, where nobody waits for an answer.

        Raises:
            sqlalchemy.exc.TimeoutError: when it has taken longer than the database's busy timeout.
        """
        try:
            async with asyncio.timeout(None if is_patient else self.patience):
                await self.turns.acquire()
        except TimeoutError as error:
            raise PoolTimeout("others write for longer than this one waits") from error
        try:
            async with self.engine.connect() as connection:
                yield connection
        finally:
            self.turns.release()

    @asynccontextmanager
    async def onlooker(self) -> AsyncGenerator[AsyncConnection]:
        """A connection to read with, on one snapshot of the data: it changes nothing, and waits for nobody who writes."""
        async with self.looking.connect() as connection:
            yield connection

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    async def close(self) -> None:
        if self.replica is not None:
            await self.replica.close()
        await self.reader.close()
        await self.looking.dispose()
        await self.engine.dispose()


async def _read(reader: ReaderPool, steps: Steps[T], *, is_one_statement: bool) -> T:
    return await (reader.run_alone(steps) if is_one_statement else reader.run(steps))


def open_database(settings: Settings, *, durable: bool = True) -> Database:
    """Opens the database that the settings name.

    Args:
        settings: its URL, and how many connections it may have.
        durable: whether a commit reaches the disk before it returns; only bulk loads that can be run again do without.

    Raises:
        RuntimeError: if the SQLite in use is too old, or is to have what only a server can.
    """
    url = make_url(settings.database_url)
    tally = Tally()
    replica: Replica | None = None
    if url.get_backend_name() == "sqlite":
        require_sound_sqlite()
        if settings.read_database_url is not None or settings.pooler is not Pooler.NONE:
            raise RuntimeError("PORTAL_READ_DATABASE_URL and PORTAL_POOLER are for PostgreSQL, not for SQLite.")
        path = url.database or ":memory:"
        engine, writers = sqlite_engine(settings, durable=durable), 1
        looking = sqlite_engine(settings, is_reader=True)
        reader: ReaderPool = SqliteReader(
            path, connections=settings.readers or SQLITE_READERS, busy_timeout=settings.busy_timeout, tally=tally
        )
    else:
        engine, writers, readers = postgres_engine(settings), settings.writers, settings.readers or POSTGRES_READERS
        looking, way = onlooking_engine(settings), Way.to(url, settings)
        reader = PostgresReader(way, connections=readers, tally=tally)
        if settings.read_database_url is not None:
            replica = _replica(settings, settings.read_database_url, way, readers, tally)

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    @event.listens_for(looking.sync_engine, "before_cursor_execute")
    def _count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:  # pyright: ignore[reportUnusedFunction]  the event calls it
        tally.add(statement)

    return Database(engine, reader, tally, asyncio.Semaphore(writers), settings.busy_timeout, looking, replica)


def _replica(settings: Settings, url: str, primary: Way, readers: int, tally: Tally) -> Replica:
    """A replica. Marks are looked at on a connection of their own, so that no long read is in their way."""
    way = Way.to(make_url(url), settings, connect_seconds=PATIENCE)
    return Replica(
        way,
        PostgresReader(way, connections=readers, tally=tally),
        Marks(PostgresReader(primary, connections=1, tally=tally)),
    )


def sqlite_file(settings: Settings) -> Path | None:
    """The file of an embedded database; None where the database is a server."""
    url = make_url(settings.database_url)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
