"""PostgreSQL: the engine that writes and pools that read, straight to the server or through a pooler of transactions."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import asyncpg  # pyright: ignore[reportMissingTypeStubs]  it has none
from sqlalchemy import URL, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from portal_api.database.reading import WITHOUT_LIMIT, Reader, Steps, Tally, drive
from portal_api.settings import Pooler, Settings

T = TypeVar("T")
POSTGRES_READERS = 4
"""How many connections read where the settings do not say."""
READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
NO_JIT = "SET LOCAL jit = off"
ONLOOKERS = 2
"""Connections for reads that Python puts together; they are few, and opened at the first."""


@dataclass(frozen=True)
class Way:
    """The way to a server.

    A pooler in transaction mode gives each transaction whichever connection is free. So nothing may be left on a
    connection for the next one, neither a prepared statement nor a setting, and nothing may be asked outside a transaction.
    """

    url: str
    pooler: Pooler = Pooler.NONE
    connect_seconds: float = 60

    @classmethod
    def to(cls, url: URL, settings: Settings, **options: Any) -> "Way":
        """The way to a database, as asyncpg wants it told."""
        plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
        return cls(plain, settings.pooler, **options)

    @property
    def is_pooled(self) -> bool:
        return self.pooler is Pooler.TRANSACTION

    @property
    def options(self) -> dict[str, Any]:
        """What a connection that reads is opened with."""
        own = {"statement_cache_size": 0} if self.is_pooled else _PREPARED | {"server_settings": {"jit": "off"}}
        return {"timeout": self.connect_seconds, **own}

    @property
    def begin(self) -> str:
        """Begins a read: one message to the server in either case."""
        return f"{READ}; {NO_JIT}" if self.is_pooled else READ


class PostgresReader:
    """A pool of asyncpg connections; each read is one read-only transaction on one snapshot."""

    def __init__(self, way: Way, *, connections: int, tally: Tally, on_loss: Callable[[], None] | None = None) -> None:
        """Connects at the first read; `on_loss` is told when a connection has ended, whoever has ended it."""
        self._way = way
        self._connections = connections
        self._tally = tally
        self._on_loss = on_loss
        self._pool: Any = None
        self._opening = asyncio.Lock()

    async def _opened(self) -> Any:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(  # pyright: ignore[reportUnknownMemberType]  asyncpg has no types
                    self._way.url,
                    min_size=0,
                    max_size=self._connections,
                    init=self._listen,
                    reset=_no_reset,
                    **self._way.options,
                )
        return self._pool

    async def _listen(self, connection: Any) -> None:
        connection.add_termination_listener(self._lost)

    def _lost(self, _connection: Any) -> None:
        if self._on_loss is not None:
            self._on_loss()

    async def run(self, steps: Steps[T]) -> T:
        pool = self._pool or await self._opened()
        async with pool.acquire() as connection, _reading(connection, self._way.begin):
            return await drive(steps, connection.fetch, self._tally)

    async def run_alone(self, steps: Steps[T]) -> T:
        if self._way.is_pooled:
            return await self.run(steps)
        pool = self._pool or await self._opened()
        async with pool.acquire() as connection:
            return await drive(steps, connection.fetch, self._tally)

    async def ask(self, text: str, *values: Any) -> list[Any]:
        """The rows of one statement, which needs no snapshot beside its own."""
        pool = self._pool or await self._opened()
        self._tally.add(text)
        async with pool.acquire() as connection:
            if not self._way.is_pooled:
                return await connection.fetch(text, *values)
            async with _reading(connection, self._way.begin):
                return await connection.fetch(text, *values)

    @asynccontextmanager
    async def snapshot(self) -> AsyncGenerator[Reader]:
        connect_alone: Any = asyncpg.connect  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  asyncpg has no types
        connection: Any = await connect_alone(self._way.url, **self._way.options)
        try:
            async with _reading(connection, self._way.begin):
                yield _PostgresSnapshot(connection, self._tally)
        finally:
            await connection.close()

    def drop(self) -> None:
        """Gives up all connections at once, with whatever is under way on them; the next read opens new ones."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.terminate()

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.close()


@asynccontextmanager
async def _reading(connection: Any, begin: str) -> AsyncGenerator[None]:
    """One transaction that reads."""
    try:
        await connection.execute(begin)
        yield
    except BaseException:
        if not connection.is_closed():
            await connection.execute("ROLLBACK")
        raise
    await connection.execute("COMMIT")


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


def postgres_engine(settings: Settings) -> AsyncEngine:
    """The engine that writes. Who waits for a lock waits no longer than the busy timeout, whichever way leads there."""
    patience = f"{round(settings.busy_timeout * 1000)}ms"
    is_pooled = settings.pooler is Pooler.TRANSACTION
    engine = create_async_engine(
        settings.database_url,
        pool_size=settings.writers,
        max_overflow=0,
        pool_timeout=settings.busy_timeout,
        hide_parameters=True,
        connect_args=_UNPREPARED if is_pooled else {"server_settings": {"lock_timeout": patience}},
    )
    if is_pooled:

        @event.listens_for(engine.sync_engine, "begin")
        def _begin(connection: Any) -> None:  # pyright: ignore[reportUnusedFunction]  the event calls it
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{patience}'")

    return engine


def onlooking_engine(settings: Settings) -> AsyncEngine:
    """The engine for reads that Python puts together statement by statement, each on one snapshot."""
    is_pooled = settings.pooler is Pooler.TRANSACTION
    engine = create_async_engine(
        settings.database_url,
        pool_size=ONLOOKERS,
        max_overflow=0,
        pool_timeout=WITHOUT_LIMIT,
        hide_parameters=True,
        isolation_level="REPEATABLE READ",
        connect_args=_UNPREPARED
        if is_pooled
        else {"server_settings": {"default_transaction_read_only": "on", "jit": "off"}},
    )
    if is_pooled:

        @event.listens_for(engine.sync_engine, "begin")
        def _begin(connection: Any) -> None:  # pyright: ignore[reportUnusedFunction]  the event calls it
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            connection.exec_driver_sql(NO_JIT)

    return engine


_PREPARED: dict[str, Any] = {"max_cacheable_statement_size": 256 * 1024}
"""Statements that write whole answers are longer than what the driver keeps by itself."""
_UNPREPARED = {"statement_cache_size": 0, "prepared_statement_cache_size": 0}
"""Neither the driver nor SQLAlchemy keeps a statement; the driver then gives them no names either."""
