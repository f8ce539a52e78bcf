"""What the contract of storage rests on: the pragmas of SQLite are on, and an SQLite that may lose data is refused."""

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
    await served.close()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(Exception, match="readonly database"):
        await database.reader.run(steps("DELETE FROM ticker_leases RETURNING 1"))


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
