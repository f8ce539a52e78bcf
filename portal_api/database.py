"""Engines for writing and readers for compiled reads, on SQLite and PostgreSQL alike."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from sqlite3 import connect, sqlite_version, sqlite_version_info
from typing import Any, Protocol, TypeVar

import asyncpg  # pyright: ignore[reportMissingTypeStubs]  it has none
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from portal_api.settings import Settings

T = TypeVar("T")
OLDEST_SQLITE = (3, 51, 3)
PAGE_CACHE_KIB = 8_192
SQLITE_READERS, POSTGRES_READERS = 2, 4
"""How many connections read where the settings do not say. SQLite's threads wait for one another more than for the disk."""
BEGIN = "BEGIN IMMEDIATE"


class Request(Protocol):
    """One statement that a compiled read wants to have run."""

    @property
    def statement(self) -> Any: ...
    @property
    def values(self) -> list[Any]: ...


Steps = Generator[Any, Sequence[Any], T]


class Reader(Protocol):
    """Runs compiled reads: each asks for statements one by one and is sent their rows."""

    async def run(self, steps: Steps[T]) -> T:
        """Drives a read to its end, on one snapshot of the data."""
        ...

    async def close(self) -> None:
        """Gives back what the reader holds."""
        ...


class ReaderPool(Reader, Protocol):
    """A reader with connections of its own."""

    def snapshot(self) -> AbstractAsyncContextManager[Reader]:
        """A reader all of whose reads see the data as it is at the first of them, on a connection beside the others.

        Whoever writes is never kept waiting by it.
        """
        ...


@dataclass
class Tally:
    """Counts statements, so that a test can see that their number does not grow with the rows."""

    statements: int = 0
    texts: list[str] = field(default_factory=list[str])
    keeps_texts: bool = False

    def add(self, text: str) -> None:
        if text == BEGIN:
            return
        self.statements += 1
        if self.keeps_texts:
            self.texts.append(text)


def require_sound_sqlite() -> None:
    """Refuses an SQLite whose write-ahead log can be corrupted.

    Raises:
        RuntimeError: if the library in use is older than 3.51.3.
    """
    if sqlite_version_info < OLDEST_SQLITE:
        raise RuntimeError(
            f"SQLite {sqlite_version} can corrupt its write-ahead log; 3.51.3 or newer is needed. "
            "Install the package pysqlite3, which brings one."
        )


def _prepare_sqlite(connection: Any, *, busy_timeout: float, is_reader: bool) -> None:
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={round(busy_timeout * 1000)}",
        f"cache_size=-{PAGE_CACHE_KIB}",
        "temp_store=MEMORY",
        *(["query_only=ON"] if is_reader else []),
    ):
        connection.execute(f"PRAGMA {pragma}").close()


class SqliteReader:
    """A few threads with a connection each; a whole read is one hop and one read transaction."""

    def __init__(self, path: str, *, connections: int, busy_timeout: float, tally: Tally) -> None:
        """Opens nothing yet: each thread opens its connection when it starts."""
        self._path = path
        self._busy_timeout = busy_timeout
        self._tally = tally
        self._own = threading.local()
        self._opened: list[SqliteConnection] = []
        self._threads = ThreadPoolExecutor(connections, "reader", initializer=self._open)

    def _open(self) -> None:
        connection = connect(self._path, isolation_level=None, check_same_thread=False, cached_statements=512)
        _prepare_sqlite(connection, busy_timeout=self._busy_timeout, is_reader=True)
        self._own.connection = connection
        self._opened.append(connection)

    async def run(self, steps: Steps[T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._drive, steps)

    def _drive(self, steps: Steps[T]) -> T:
        connection: SqliteConnection = self._own.connection
        connection.execute("BEGIN")
        try:
            return self._answer(steps)
        finally:
            connection.execute("COMMIT")

    def _answer(self, steps: Steps[T]) -> T:
        connection: SqliteConnection = self._own.connection
        try:
            request = next(steps)
            while True:
                self._tally.add(request.statement.text)
                request = steps.send(connection.execute(request.statement.text, request.values).fetchall())
        except StopIteration as end:
            return end.value

    @asynccontextmanager
    async def snapshot(self) -> AsyncGenerator[Reader]:
        alone = _SqliteSnapshot(self._path, connections=1, busy_timeout=self._busy_timeout, tally=self._tally)
        try:
            yield alone
        finally:
            await alone.close()

    async def close(self) -> None:
        await asyncio.to_thread(self._threads.shutdown)
        for connection in self._opened:
            connection.close()


class _SqliteSnapshot(SqliteReader):
    """One thread with one connection, whose transaction lasts until it is closed."""

    def _open(self) -> None:
        super()._open()
        self._own.connection.execute("BEGIN")

    def _drive(self, steps: Steps[T]) -> T:
        return self._answer(steps)


class PostgresReader:
    """A pool of asyncpg connections; each read is one read-only transaction on one snapshot."""

    def __init__(self, url: str, *, connections: int, tally: Tally) -> None:
        """Connects at the first read."""
        self._url = url
        self._connections = connections
        self._tally = tally
        self._pool: Any = None
        self._opening = asyncio.Lock()

    async def _opened(self) -> Any:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(  # pyright: ignore[reportUnknownMemberType]  asyncpg has no types
                    self._url, min_size=1, max_size=self._connections, reset=_no_reset, server_settings={"jit": "off"}
                )
        return self._pool

    async def run(self, steps: Steps[T]) -> T:
        pool = self._pool or await self._opened()
        async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
            return await drive(steps, connection.fetch, self._tally)

    @asynccontextmanager
    async def snapshot(self) -> AsyncGenerator[Reader]:
        connect_alone: Any = asyncpg.connect  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  asyncpg has no types
        connection: Any = await connect_alone(self._url, server_settings={"jit": "off"})
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                yield _PostgresSnapshot(connection, self._tally)
        finally:
            await connection.close()

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.close()


@dataclass(frozen=True)
class _PostgresSnapshot:
    """One connection in one transaction."""

    connection: Any
    tally: Tally

    async def run(self, steps: Steps[T]) -> T:
        return await drive(steps, self.connection.fetch, self.tally)

    async def close(self) -> None:
        """Whoever opened the transaction ends it."""


async def _no_reset(_connection: Any) -> None:
    """A connection that only reads leaves nothing behind that would have to be reset."""


async def drive(steps: Steps[T], fetch: Callable[..., Any], tally: Tally) -> T:
    """Drives a read with an asynchronous `fetch(text, *values)`."""
    try:
        request = next(steps)
        while True:
            tally.add(request.statement.text)
            request = steps.send(await fetch(request.statement.text, *request.values))
    except StopIteration as end:
        return end.value


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
    """One database: the engine that writes and the reader beside it."""

    engine: AsyncEngine
    reader: ReaderPool
    tally: Tally
    turns: asyncio.Semaphore
    """One for each connection that writes. The engine's own queue lets newcomers overtake whoever waits."""
    patience: float

    @asynccontextmanager
    async def writer(self) -> AsyncGenerator[AsyncConnection]:
        """A connection to write with: whoever has waited longest has it next.

        Raises:
            sqlalchemy.exc.TimeoutError: when it has taken longer than the database's busy timeout.
        """
        try:
            async with asyncio.timeout(self.patience):
                await self.turns.acquire()
        except TimeoutError as error:
            raise PoolTimeout("others write for longer than this one waits") from error
        try:
            async with self.engine.connect() as connection:
                yield connection
        finally:
            self.turns.release()

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    async def close(self) -> None:
        await self.reader.close()
        await self.engine.dispose()


def open_database(settings: Settings, *, durable: bool = True) -> Database:
    """Opens the database that the settings name.

    Args:
        settings: its URL, and how many connections it may have.
        durable: whether a commit reaches the disk before it returns; only bulk loads that can be run again do without.

    Raises:
        RuntimeError: if the SQLite in use is too old.
    """
    url = make_url(settings.database_url)
    tally = Tally()
    if url.get_backend_name() == "sqlite":
        require_sound_sqlite()
        path = url.database or ":memory:"
        engine, writers = _sqlite_engine(settings, durable=durable), 1
        reader: ReaderPool = SqliteReader(
            path, connections=settings.readers or SQLITE_READERS, busy_timeout=settings.busy_timeout, tally=tally
        )
    else:
        writers = settings.writers
        engine = create_async_engine(
            url,
            pool_size=writers,
            max_overflow=0,
            pool_timeout=settings.busy_timeout,
            hide_parameters=True,
            connect_args={"server_settings": {"lock_timeout": f"{round(settings.busy_timeout * 1000)}ms"}},
        )
        plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
        reader = PostgresReader(plain, connections=settings.readers or POSTGRES_READERS, tally=tally)

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def _count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:  # pyright: ignore[reportUnusedFunction]  the event calls it
        tally.add(statement)

    return Database(engine, reader, tally, asyncio.Semaphore(writers), settings.busy_timeout)


def _sqlite_engine(settings: Settings, *, durable: bool) -> AsyncEngine:
    """One connection that writes: SQLite has one writer anyway, and waiting here is fairer than its busy handler."""
    engine = create_async_engine(
        settings.database_url,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=1,
        max_overflow=0,
        pool_timeout=settings.busy_timeout,
        hide_parameters=True,
        connect_args={"isolation_level": None},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:  # pyright: ignore[reportUnusedFunction]  the event calls it
        _prepare_sqlite(connection, busy_timeout=settings.busy_timeout, is_reader=False)
        if not durable:
            connection.execute("PRAGMA synchronous=NORMAL").close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:  # pyright: ignore[reportUnusedFunction]  the event calls it
        connection.exec_driver_sql(BEGIN)

    return engine


def sqlite_file(settings: Settings) -> Path | None:
    """The file of an embedded database; None where the database is a server."""
    url = make_url(settings.database_url)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
