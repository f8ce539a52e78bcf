"""Seeds the organisation at each size: the demonstration once, and copies of its learners beside it, by the quickest way in."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import asyncpg
from sqlalchemy import Table, text
from sqlalchemy.engine import make_url

from benchmarks import data, servers
from benchmarks.growth.copies import COPIED, Copier, Shares, as_hex, as_uuid, rows_of, shared_ids
from portal_api.database import open_database
from portal_api.database.sqlite import ALL_ROWS
from portal_api.importers.demo import DEMO
from portal_api.models import metadata

LEARNERS = 10_000
"""In the demonstration, and so in the smallest of the organisations."""
ENROLMENTS_A_LEARNER = 10
BATCH = 2_000
"""Rows of the demonstration that are held at once."""
SIZES = {"sqlite": (10_000, 100_000), "postgresql": (10_000, 100_000, 1_000_000)}
IN_SMALL, IN_LARGE = Shares(records=1, history=4), Shares(records=4, history=8)
LARGE = 1_000_000
_LEADS_A_TEAM = f"""
    UPDATE roles SET learner_id = (
        SELECT manager_id FROM reporting_lines
        WHERE organisation_id = (SELECT id FROM organisations WHERE external_ref = '{DEMO.ref}')
        GROUP BY manager_id HAVING max(depth) = 1 ORDER BY count(*) DESC, manager_id LIMIT 1
    )
    WHERE role = 'manager' AND organisation_id = (SELECT id FROM organisations WHERE external_ref = '{DEMO.ref}')
"""
"""The demonstration's Manager has some hundreds of learners below; the one who is measured has a page of them."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """A database with the organisation at a size."""

    learners: int
    url: str
    seconds: float | None
    """What it took; None where it stood already."""
    database_server: int | None = None
    """The process in which all of PostgreSQL began."""


def shares_of(size: int) -> Shares:
    """How much of what a learner has is copied at a size."""
    return IN_LARGE if size >= LARGE else IN_SMALL


@contextmanager
def seeded(engine: str, sizes: Sequence[int]) -> Iterator[list[Seeded]]:
    """Databases with the organisation at each size, all served while the block lasts; kept for the next run."""
    data.KEPT.mkdir(exist_ok=True)
    (data.KEPT / ".gitignore").write_text("*\n")
    folder = data.KEPT / f"growth-{engine}"
    folder.mkdir(exist_ok=True)
    with (_sqlite if engine == "sqlite" else _postgresql)(folder, sizes) as databases:
        yield databases


@contextmanager
def _sqlite(folder: Path, sizes: Sequence[int]) -> Iterator[list[Seeded]]:
    template = folder / f"{LEARNERS}.db"
    made: list[Seeded] = []
    for size in sorted({LEARNERS, *sizes}):
        file, start = folder / f"{size}.db", perf_counter()
        url, is_new = f"sqlite+aiosqlite:///{file}", not file.exists()
        if is_new:
            print(f"sqlite: seeding {size:,} learners, once …")
            unfinished = file.with_suffix(".unfinished")
            for left in folder.glob(f"{unfinished.name}*"):
                left.unlink()
            if size == LEARNERS:
                asyncio.run(_seed_demo(f"sqlite+aiosqlite:///{unfinished}"))
            else:
                shutil.copyfile(template, unfinished)
                fill_sqlite(template, unfinished, range(1, size // LEARNERS), shares_of(size))
            unfinished.rename(file)
        if size in sizes:
            made.append(Seeded(size, url, perf_counter() - start if is_new else None))
    yield made


async def _seed_demo(url: str) -> None:
    await data.seed(url, LEARNERS, enrolments=ENROLMENTS_A_LEARNER)
    database = open_database(data.settings_for(url), durable=False)
    async with database.engine.begin() as connection:
        await connection.execute(text(_LEADS_A_TEAM))
    await database.close()
    await data.settle(url)


def fill_sqlite(template: Path, file: Path, copies: range, shares: Shares) -> None:
    """Adds copies of the demonstration's learners to a file that holds it.

    Raises:
        RuntimeError: if a copy refers to what is not there.
    """
    source, target = sqlite3.connect(template), sqlite3.connect(file)
    target.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-1500000")
    [(organisation,)] = source.execute("SELECT id FROM organisations WHERE external_ref = ?", [DEMO.ref])
    shared = [key for asked in shared_ids(metadata.sorted_tables) for (key,) in source.execute(asked)]
    copier = Copier(copies, shared, as_hex)
    names = {table.name for table in COPIED}
    indexes = [
        (name, sql)
        for name, table, sql in target.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index'")
        if sql and table in names
    ]
    for name, _ in indexes:
        target.execute(f"DROP INDEX {name}")
    for table in COPIED:
        rows = source.execute(rows_of(table, f"'{organisation}'", shares))
        places = ", ".join("?" * len(table.columns))
        columns = ", ".join(column.name for column in table.columns)
        written = target.executemany(
            f"INSERT INTO {table.name} ({columns}) VALUES ({places})", copier.copied(table, rows)
        ).rowcount
        target.commit()
        print(f"sqlite: {written:,} {table.name.replace('_', ' ')}", flush=True)
    for _, sql in indexes:
        target.execute(sql)
    broken = target.execute("PRAGMA foreign_key_check").fetchone()
    if broken:
        raise RuntimeError(f"A copy refers to nothing: {broken}")
    target.execute(f"PRAGMA analysis_limit={ALL_ROWS}")
    target.execute("ANALYZE")
    target.commit()
    target.execute("PRAGMA journal_mode=WAL")
    target.close()
    source.close()


@contextmanager
def _postgresql(folder: Path, sizes: Sequence[int]) -> Iterator[list[Seeded]]:
    took: dict[int, float] = {}
    if any(not (folder / f"{size}.complete").exists() for size in (LEARNERS, *sizes)):
        with servers.postgresql(folder) as maintenance:
            asyncio.run(_without_replicas(maintenance, is_seeding=True))
        with servers.postgresql(folder) as maintenance:
            for size in sorted({LEARNERS, *sizes}):
                start, complete = perf_counter(), folder / f"{size}.complete"
                if not complete.exists():
                    print(f"postgresql: seeding {size:,} learners, once …")
                    asyncio.run(_make_postgresql(maintenance, size))
                    complete.touch()
                    took[size] = perf_counter() - start
            asyncio.run(_without_replicas(maintenance, is_seeding=False))
    with servers.postgresql(folder) as maintenance:
        process = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        yield [Seeded(size, _url(maintenance, size), took.get(size), process) for size in sizes]


def _url(maintenance: str, size: int) -> str:
    return make_url(maintenance).set(database=f"growth_{size}").render_as_string(hide_password=False)


def _driver(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


async def _without_replicas(maintenance: str, *, is_seeding: bool) -> None:
    """While it seeds, the server logs only what itself needs after a crash; it takes effect with the next start."""
    connection = await asyncpg.connect(_driver(maintenance))
    for name, value in (("wal_level", "minimal"), ("max_wal_senders", "0"), ("autovacuum", "off")):
        await connection.execute(f"ALTER SYSTEM SET {name} = {value}" if is_seeding else f"ALTER SYSTEM RESET {name}")
    await connection.close()


async def _make_postgresql(maintenance: str, size: int) -> None:
    connection = await asyncpg.connect(_driver(maintenance))
    await connection.execute(f"DROP DATABASE IF EXISTS growth_{size} WITH (FORCE)")
    await connection.execute(f"CREATE DATABASE growth_{size}" + (f" TEMPLATE growth_{LEARNERS}" * (size != LEARNERS)))
    await connection.close()
    url = _url(maintenance, size)
    if size == LEARNERS:
        await _seed_demo(url)
        return
    source, target = await asyncpg.connect(_driver(_url(maintenance, LEARNERS))), await asyncpg.connect(_driver(url))
    await fill_postgresql(source, target, range(1, size // LEARNERS), shares_of(size))
    await source.close()
    await target.close()


async def fill_postgresql(
    source: asyncpg.Connection, target: asyncpg.Connection, copies: range, shares: Shares
) -> None:
    """Adds copies of the demonstration's learners to a database that holds it; the source is another that does."""
    organisation = await source.fetchval("SELECT id FROM organisations WHERE external_ref = $1", DEMO.ref)
    shared = [row[0] for asked in shared_ids(metadata.sorted_tables) for row in await source.fetch(asked)]
    copier = Copier(copies, shared, as_uuid)
    await target.execute("SET maintenance_work_mem = '1GB'")
    again = await _dropped(target)
    for table in COPIED:
        start = perf_counter()
        columns = [column.name for column in table.columns]
        async with source.transaction():
            rows = _copied(source, copier, table, rows_of(table, f"'{organisation}'", shares))
            done = await target.copy_records_to_table(table.name, records=rows, columns=columns)
        took = perf_counter() - start
        print(f"postgresql: {done} {table.name.replace('_', ' ')}, {took:.0f} s", flush=True)
    start = perf_counter()
    for statement in again:
        await target.execute(statement)
    print(f"postgresql: indexes and constraints, {perf_counter() - start:.0f} s", flush=True)
    await target.execute("VACUUM (ANALYZE)")


async def _copied(source: asyncpg.Connection, copier: Copier, table: Table, asked: str) -> AsyncIterator[Sequence[Any]]:
    cursor = await source.cursor(asked)
    while rows := await cursor.fetch(BATCH):
        for row in copier.copied(table, iter(rows)):
            yield row


async def _dropped(target: asyncpg.Connection) -> list[str]:
    """Drops what every new row would have to be entered in or looked up by; gives the statements that bring it back."""
    names = [table.name for table in COPIED]
    constraints = await target.fetch(
        "SELECT conrelid::regclass::text AS own, conname AS name, pg_get_constraintdef(oid) AS said, contype = 'f' AS points "
        "FROM pg_constraint WHERE contype IN ('f', 'p', 'u') AND (conrelid::regclass::text = ANY($1) "
        "OR confrelid <> 0 AND confrelid::regclass::text = ANY($1)) ORDER BY contype <> 'f', conname",
        names,
    )
    indexes = await target.fetch(
        "SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS said FROM pg_index "
        "WHERE indrelid::regclass::text = ANY($1) "
        "AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))",
        names,
    )
    for each in constraints:
        await target.execute(f"ALTER TABLE {each['own']} DROP CONSTRAINT {each['name']}")
    for each in indexes:
        await target.execute(f"DROP INDEX {each['name']}")
    keys = [each for each in constraints if not each["points"]]
    pointing = [each for each in constraints if each["points"]]
    return [
        *(f"ALTER TABLE {each['own']} ADD CONSTRAINT {each['name']} {each['said']}" for each in keys),
        *(each["said"] for each in indexes),
        *(f"ALTER TABLE {each['own']} ADD CONSTRAINT {each['name']} {each['said']}" for each in pointing),
    ]
