"""Migrations: up, down and up again, on both engines; models and database never drift apart."""

import asyncio
import os
import sys

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Column, inspect, text

from portal_api.database import Database
from portal_api.migrations import (
    SCRIPTS,
    current_revision,
    migrate_down,
    migrate_up,
    undone_changes,
)
from portal_api.models import metadata
from portal_api.models.base import SortKey
from portal_api.revisions import NEWEST, revision_steps


async def tables(database: Database) -> set[str]:
    async with database.engine.connect() as connection:
        return set(await connection.run_sync(lambda own: inspect(own).get_table_names()))


def test_the_code_is_written_for_the_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))

    assert ScriptDirectory.from_config(config).get_current_head() == NEWEST


async def test_up_down_and_up_again(empty_database: Database) -> None:
    engine = empty_database.engine
    assert await current_revision(engine) is None

    await migrate_up(engine)
    assert await current_revision(engine) == NEWEST
    assert await tables(empty_database) == {*metadata.tables, "alembic_version"}
    await undone_changes(engine)

    await migrate_down(engine, "base")
    assert await current_revision(engine) is None
    assert await tables(empty_database) == {"alembic_version"}

    await migrate_up(engine)
    assert await current_revision(engine) == NEWEST
    await undone_changes(engine)


async def test_what_is_sorted_by_is_compared_byte_by_byte(database: Database, engine: str) -> None:
    if engine == "sqlite":
        return  # it compares so by itself
    keys = {(table.name, own.name) for table in metadata.sorted_tables for own in table.columns if own.type is SortKey}
    collated = text("SELECT table_name, column_name FROM information_schema.columns WHERE collation_name = 'C'")
    async with database.engine.connect() as connection:
        found = {(row.table_name, row.column_name) for row in await connection.execute(collated)}

    assert ("users", "name_key") in keys
    assert keys <= found


async def test_indexes_on_expressions_are_those_of_the_models(database: Database, engine: str) -> None:
    """Alembic does not compare them; what they say, tests/queries/test_plans.py shows."""
    asked = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'index' AND lower(sql) LIKE '%(%(%'",
        "postgresql": "SELECT indexname AS name FROM pg_indexes WHERE schemaname = 'public' AND indexdef LIKE '%(%COALESCE(%'",
    }
    meant = {
        str(index.name)
        for table in metadata.sorted_tables
        for index in table.indexes
        if not all(isinstance(each, Column) for each in index.expressions)
    }
    async with database.engine.connect() as connection:
        found = set((await connection.execute(text(asked[engine]))).scalars())

    assert "ix_tasks_status_due_on" in meant
    assert {name for name in found if not name.startswith("uq_")} == meant


async def test_each_step_can_be_taken_back_by_itself(own_database: Database) -> None:
    steps = ScriptDirectory(str(SCRIPTS)).walk_revisions()
    for step in steps:
        assert await current_revision(own_database.engine) == step.revision
        await migrate_down(own_database.engine)
        assert await current_revision(own_database.engine) == step.down_revision
        await migrate_up(own_database.engine)
        await migrate_down(own_database.engine, str(step.down_revision or "base"))


async def test_processes_that_migrate_at_once_do_not_get_in_each_others_way(empty_database: Database) -> None:
    url = empty_database.engine.url.render_as_string(hide_password=False)
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", "from portal_api.cli import main; main()", "migrate", "up"),
            env={**os.environ, "PORTAL_DATABASE_URL": url},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        for _ in range(2)
    ]
    said = [await process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    assert await current_revision(empty_database.engine) == NEWEST
    await undone_changes(empty_database.engine)


async def test_the_revision_can_be_read_past_the_writer(database: Database) -> None:
    assert await database.reader.run(revision_steps()) == NEWEST


def test_migrations_are_numbered_in_a_row() -> None:
    revisions = [step.revision for step in ScriptDirectory(str(SCRIPTS)).walk_revisions()]
    assert revisions == [f"{number:04}" for number in range(len(revisions), 0, -1)]
    assert sorted(path.name[:4] for path in (SCRIPTS / "versions").glob("*.py")) == sorted(revisions)
