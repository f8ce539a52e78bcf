"""Units as a change finds them, and the writes on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.courses.library import UNITS
from portal_api.domain.library import LibraryStatus
from portal_api.domain.machine import RecordFacts
from portal_api.models import units
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import scope
from portal_api.queries.courses.shelf import Shelf
from portal_api.queries.folding import fold
from portal_api.queries.moves import Moves
from portal_api.queries.rows import dialect_of, id_list, insert_rows, update_rows

SHELF = Shelf(units, scope.UNITS)
shelve = Moves(UNITS, units).take


@dataclass(frozen=True, slots=True)
class UnitContent:
    """What a unit says."""

    identifier: str
    title: str
    scheduled_hours: int | None


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit as a change finds it."""

    id: UUID
    version: int
    content: UnitContent
    facts: RecordFacts[LibraryStatus]


@cache
def _facts(dialect: Dialect) -> AnySelect:
    return select(
        units.c.id, units.c.version, units.c.identifier, units.c.title, units.c.scheduled_hours, units.c.status
    ).where(scope.UNITS, dialect.in_list(units.c.id, "ids"))


async def facts(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> dict[UUID, UnitRow]:
    """The units among `ids` that the viewer sees, with what decides over them."""
    found = await connection.execute(_facts(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {
        row.id: UnitRow(
            row.id, row.version, UnitContent(row.identifier, row.title, row.scheduled_hours), RecordFacts(row.status)
        )
        for row in found
    }


def _written(given: UnitContent) -> dict[str, Any]:
    return {
        "identifier": given.identifier,
        "title": given.title,
        "title_key": fold(given.title),
        "search_key": fold(f"{given.title} {given.identifier}"),
        "scheduled_hours": given.scheduled_hours,
    }


async def create(
    connection: AsyncConnection, organisation_id: UUID, new: Mapping[UUID, UnitContent], *, at: datetime
) -> None:
    """Makes units, active, by their ids."""
    always = {"organisation_id": organisation_id, "status": LibraryStatus.ACTIVE, "created_at": at, "version": 1}
    await insert_rows(connection, units, [{"id": id_, **_written(given), **always} for id_, given in new.items()])


async def change(
    connection: AsyncConnection, organisation_id: UUID, row: UnitRow, given: UnitContent
) -> dict[UUID, int]:
    """Changes what a unit says.

    Returns:
        The new version, if the unit was still at the version that was read.
    """
    return await update_rows(
        connection, units, organisation_id, [{"id": row.id, "version": row.version, **_written(given)}]
    )
