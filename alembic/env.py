"""Runs migrations on the connection that it is given, or on the database of the settings."""

import asyncio
from typing import Any, Literal

from alembic import context
from sqlalchemy import Column, Connection

import portal_api.database  # noqa: F401  brings the sound SQLite before anything opens a database
from portal_api.database import open_database
from portal_api.models import metadata
from portal_api.models.base import Enumerated, Id, Instant, Words
from portal_api.settings import Settings


def render(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """Writes our column types as plain ones: a migration must mean the same when the code has moved on."""
    match kind, item:
        case "type", Id():
            return 'sa.String(32).with_variant(sa.Uuid(), "postgresql")'
        case "type", Instant():
            return 'sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")'
        case "type", Enumerated():
            return "sa.String(40)"
        case "type", Words():
            return "sa.Text()"
        case _:
            return False


def is_compared(item: Any, _name: str | None, kind: str, _reflected: bool, _to: Any) -> bool:
    """Leaves out indexes on expressions: SQLite does not tell of them, and PostgreSQL in other words. A test compares them."""
    return kind != "index" or all(isinstance(each, Column) for each in item.expressions)


def run(connection: Connection) -> None:
    """Runs the migrations that were asked for."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7431)")
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_item=render,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        include_object=is_compared,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_on_settings() -> None:
    """Opens the database of the settings, for the command line of Alembic."""
    database = open_database(Settings())
    async with database.engine.begin() as connection:
        await connection.run_sync(run)
    await database.close()


given = context.config.attributes.get("connection")
if given is None:
    asyncio.run(run_on_settings())
else:
    run(given)
