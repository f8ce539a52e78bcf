"""SQLite: one connection that writes, and a few threads that read."""

import asyncio
import threading
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import cached_property
from sqlite3 import Connection as SqliteConnection
from sqlite3 import connect, sqlite_version, sqlite_version_info
from time import thread_time
from typing import Any, TypeVar

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from portal_api.database.reading import BEGIN_TO_READ, BEGIN_TO_WRITE, WITHOUT_LIMIT, Reader, Request, Steps, Tally
from portal_api.database.steady import SteadyCompiler
from portal_api.settings import Settings

T = TypeVar("T")
OLDEST_SQLITE = (3, 51, 3)
AT_HAND_CACHE_KIB, WRITER_CACHE_KIB, OTHER_CACHE_KIB = 8_192, 4_096, 2_048
"""What a connection keeps of the file. A dashboard is asked at hand; with 4 MiB it took 1.6 times as long in an organisation
of 100,000 learners as in one of 10,000, with 8 MiB no longer (`benchmarks/GROWTH.md`). A writer keeps the pages of a change
until it is committed. What is slow takes as long with 1 MiB as with 8: it goes through more than those, and the system keeps
the rest."""
ALL_ROWS = 2**31 - 1
"""How many rows of an index `ANALYZE` looks at: all of them. But told of a limit it keeps no samples (`sqlite_stat4`), with
which SQLite would look at the values of a statement, and so plan it anew each time that it runs."""
QUICK = 0.01
"""Seconds of computing. A statement that takes less is asked by the event loop itself: handed to a thread, and its answer
back, a dashboard took half as much again, and a small page twice as much."""
MOST_TIMED = 1_000
"""For how many statements it is known how long they take."""
SQLITE_READERS = 2
"""How many connections read where the settings do not say: the threads wait for one another more than for the disk."""


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


def _prepare_sqlite(connection: Any, *, busy_timeout: float, cache_kib: int, is_reader: bool) -> None:
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={round(busy_timeout * 1000)}",
        f"cache_size=-{cache_kib}",
        "temp_store=MEMORY",
        f"analysis_limit={ALL_ROWS}",
        *(["query_only=ON"] if is_reader else []),
    ):
        connection.execute(f"PRAGMA {pragma}").close()


class _Threads:
    """A few threads with a connection each; a whole read is one hop and one read transaction."""

    def __init__(self, path: str, *, connections: int, busy_timeout: float, tally: Tally) -> None:
        """Opens nothing yet: each thread opens its connection when it starts."""
        self._path = path
        self._busy_timeout = busy_timeout
        self._tally = tally
        self._own = threading.local()
        self._opened: list[SqliteConnection] = []
        self._threads = ThreadPoolExecutor(connections, "reader", initializer=self._open)

    def _connected(self, cache_kib: int) -> SqliteConnection:
        connection = connect(self._path, isolation_level=None, check_same_thread=False, cached_statements=512)
        _prepare_sqlite(connection, busy_timeout=self._busy_timeout, cache_kib=cache_kib, is_reader=True)
        self._opened.append(connection)
        return connection

    def _open(self) -> None:
        self._own.connection = self._connected(OTHER_CACHE_KIB)

    async def run(self, steps: Steps[T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._drive, steps)

    def _drive(self, steps: Steps[T]) -> T:
        connection: SqliteConnection = self._own.connection
        connection.execute(BEGIN_TO_READ)
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

    async def close(self) -> None:
        await asyncio.to_thread(self._threads.shutdown)
        for connection in self._opened:
            connection.close()


class SqliteReader(_Threads):
    """Threads, and one connection at hand: a single statement that is known to be quick needs neither thread nor transaction."""

    def __init__(self, path: str, *, connections: int, busy_timeout: float, tally: Tally) -> None:
        """Opens nothing yet either."""
        super().__init__(path, connections=connections, busy_timeout=busy_timeout, tally=tally)
        self._seconds: dict[int, float] = {}
        """What single statements took, by the hash of their texts: what slow ones took is forgotten slowly."""

    @cached_property
    def _at_hand(self) -> SqliteConnection:
        return self._connected(AT_HAND_CACHE_KIB)

    async def run_alone(self, steps: Steps[T]) -> T:
        try:
            request = next(steps)
        except StopIteration as end:
            return end.value
        if self._seconds.get(hash(request.statement.text), QUICK) < QUICK:
            return self._timed(self._at_hand, steps, request)
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._alone, steps, request)

    def _alone(self, steps: Steps[T], request: Request) -> T:
        return self._timed(self._own.connection, steps, request)

    def _timed(self, connection: SqliteConnection, steps: Steps[T], request: Request) -> T:
        """Ends a read whose only statement is known."""
        text = request.statement.text
        self._tally.add(text)
        began = thread_time()
        try:
            steps.send(connection.execute(text, request.values).fetchall())
        except StopIteration as end:
            self._note(hash(text), thread_time() - began)
            return end.value
        raise LookupError("more than one statement was asked for")

    def _note(self, text: int, seconds: float) -> None:
        if len(self._seconds) >= MOST_TIMED:
            self._seconds.clear()
        self._seconds[text] = max(seconds, self._seconds.get(text, 0) * 0.9)

    @asynccontextmanager
    async def snapshot(self) -> AsyncGenerator[Reader]:
        alone = _Snapshot(self._path, connections=1, busy_timeout=self._busy_timeout, tally=self._tally)
        try:
            yield alone
        finally:
            await alone.close()


class _Snapshot(_Threads):
    """One thread with one connection, whose transaction lasts until it is closed."""

    def _open(self) -> None:
        super()._open()
        self._own.connection.execute(BEGIN_TO_READ)

    def _drive(self, steps: Steps[T]) -> T:
        return self._answer(steps)


def sqlite_engine(settings: Settings, *, durable: bool = True, is_reader: bool = False) -> AsyncEngine:
    """One connection that writes: SQLite has one writer anyway, and waiting here is fairer than its busy handler.

    Or one that only reads, and never keeps the writer waiting.
    """
    engine = create_async_engine(
        settings.database_url,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=1,
        max_overflow=0,
        pool_timeout=WITHOUT_LIMIT if is_reader else settings.busy_timeout,
        hide_parameters=True,
        connect_args={"isolation_level": None},
    )
    engine.dialect.statement_compiler = SteadyCompiler

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:  # pyright: ignore[reportUnusedFunction]  the event calls it
        cache_kib = OTHER_CACHE_KIB if is_reader else WRITER_CACHE_KIB
        _prepare_sqlite(connection, busy_timeout=settings.busy_timeout, cache_kib=cache_kib, is_reader=is_reader)
        if not durable:
            connection.execute("PRAGMA synchronous=NORMAL").close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:  # pyright: ignore[reportUnusedFunction]  the event calls it
        connection.exec_driver_sql(BEGIN_TO_READ if is_reader else BEGIN_TO_WRITE)

    return engine
