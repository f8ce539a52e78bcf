"""What the contract of storage rests on: the pragmas of SQLite are on, and an SQLite that may lose data is refused."""

import itertools
import threading
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import text

from portal_api.database import Database, open_database
from portal_api.database import sqlite as sqlite_module
from portal_api.settings import Settings
from tests.conftest import settings_for

PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


@dataclass(frozen=True)
class Asked:
    """A plain statement, as a reader wants it."""

    text: str

    @property
    def statement(self) -> "Asked":
        return self

    values: list[Any] = field(default_factory=list[Any])


def steps(statement: str) -> Generator[Asked, Sequence[Any], Any]:
    rows = yield Asked(statement)
    return rows[0][0]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("pragma", "value"), PRAGMAS.items())
async def test_a_pragma_is_on_for_whoever_writes_and_reads(settings: Settings, pragma: str, value: object) -> None:
    served = open_database(settings)  # the database of the tests need not be durable
    async with served.engine.connect() as connection:
        assert (await connection.execute(text(f"PRAGMA {pragma}"))).scalar_one() == value
    assert await served.reader.run(steps(f"PRAGMA {pragma}")) == value
    for _ in range(2):  # in a thread, and at hand
        assert await served.reader.run_alone(steps(f"PRAGMA {pragma}")) == value
    await served.close()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_a_reader_cannot_write(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Exception, match="readonly database"):
        await database.reader.run(steps("DELETE FROM ticker_leases RETURNING 1"))
    for seconds in (0, 1):
        monkeypatch.setattr(sqlite_module, "QUICK", seconds)
        with pytest.raises(Exception, match="readonly database"):
            await database.reader.run_alone(steps("DELETE FROM ticker_leases RETURNING 1"))


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_only_a_statement_that_was_quick_is_asked_by_the_event_loop(settings: Settings) -> None:
    def where(statement: str) -> Generator[Asked, Sequence[Any], int]:
        yield Asked(statement)
        return threading.get_ident()

    served = open_database(settings)
    counting = "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) SELECT max(i) FROM n"
    quick = [await served.reader.run_alone(where(counting.format(5))) for _ in range(3)]
    slow = [await served.reader.run_alone(where(counting.format(500_000))) for _ in range(3)]
    await served.close()

    here = threading.get_ident()
    assert [each == here for each in quick] == [False, True, True]
    assert [each == here for each in slow] == [False, False, False]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_what_was_slow_is_forgotten_slowly(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same statement finds ever other numbers of rows: one that was found slow holds the loop up rarely."""
    took = iter((0, 0.03))
    monkeypatch.setattr(sqlite_module, "thread_time", lambda: next(took))
    monkeypatch.setattr(sqlite_module, "QUICK", 0.02)
    served = open_database(settings)

    def ended() -> Generator[Asked, Sequence[Any], int]:
        yield Asked("SELECT 1")
        return threading.get_ident()

    first = await served.reader.run_alone(ended())
    took = itertools.repeat(0)  # all others take no time at all
    others = [await served.reader.run_alone(ended()) == threading.get_ident() for _ in range(6)]
    await served.close()

    assert first != threading.get_ident()
    assert others == [False, False, False, False, True, True]  # 0.03 × 0.9⁴ < 0.02


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_no_more_than_so_many_statements_are_timed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_module, "MOST_TIMED", 2)
    served = open_database(settings)
    for n in range(5):
        assert await served.reader.run_alone(steps(f"SELECT {n}")) == n
    assert await served.reader.run_alone(steps("SELECT 4")) == 4
    await served.close()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_what_asks_for_a_second_statement_is_no_single_one(database: Database) -> None:
    def twice() -> Generator[Asked, Sequence[Any], None]:
        yield Asked("SELECT 1")
        yield Asked("SELECT 2")

    def never() -> Generator[Asked, Sequence[Any], str]:
        return "nothing"
        yield

    with pytest.raises(LookupError):
        await database.reader.run_alone(twice())
    assert await database.reader.run_alone(never()) == "nothing"


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
async def test_a_reader_of_postgresql_cannot_write_either(database: Database) -> None:
    with pytest.raises(Exception, match="read-only transaction"):
        await database.reader.run(steps("DELETE FROM ticker_leases RETURNING 1"))


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_the_library_on_an_opened_connection_is_the_sound_one(database: Database) -> None:
    async with database.engine.connect() as connection:
        written = (await connection.execute(text("SELECT sqlite_version()"))).scalar_one()
    read = await database.reader.run(steps("SELECT sqlite_version()"))
    assert written == read
    assert tuple(map(int, read.split("."))) >= (3, 51, 3)


@pytest.mark.parametrize("version", [(3, 40, 1), (3, 51, 2)])
def test_an_sqlite_that_can_corrupt_its_log_is_refused(
    monkeypatch: pytest.MonkeyPatch, version: tuple[int, int, int]
) -> None:
    monkeypatch.setattr(sqlite_module, "sqlite_version_info", version)
    monkeypatch.setattr(sqlite_module, "sqlite_version", ".".join(map(str, version)))
    with pytest.raises(RuntimeError, match=r"can corrupt its write-ahead log; 3\.51\.3 or newer is needed"):
        open_database(settings_for("sqlite+aiosqlite:///never-opened.db"))


def test_the_oldest_sound_sqlite_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_module, "sqlite_version_info", (3, 51, 3))
    sqlite_module.require_sound_sqlite()


async def test_only_a_bulk_load_may_do_without_the_disk(tmp_path: Any) -> None:
    hasty = open_database(settings_for(f"sqlite+aiosqlite:///{tmp_path / 'hasty.db'}"), durable=False)
    async with hasty.engine.connect() as connection:
        assert (await connection.execute(text("PRAGMA synchronous"))).scalar_one() == 1
    await hasty.close()
