"""Reasons for the statuses of enrolments as a change finds them, and the writes on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.courses.library import STATUS_REASONS
from portal_api.domain.library import LibraryStatus
from portal_api.domain.machine import RecordFacts
from portal_api.models import status_reasons
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import scope
from portal_api.queries.courses.shelf import Shelf
from portal_api.queries.folding import fold
from portal_api.queries.moves import Moves
from portal_api.queries.rows import dialect_of, id_list, insert_rows

SHELF = Shelf(status_reasons, scope.STATUS_REASONS)
shelve = Moves(STATUS_REASONS, status_reasons).take


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """A reason as a change finds it."""

    id: UUID
    version: int
    title: str
    facts: RecordFacts[LibraryStatus]


@cache
def _facts(dialect: Dialect) -> AnySelect:
    return select(status_reasons.c.id, status_reasons.c.version, status_reasons.c.title, status_reasons.c.status).where(
        scope.STATUS_REASONS, dialect.in_list(status_reasons.c.id, "ids")
    )


async def facts(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> dict[UUID, ReasonRow]:
    """The reasons among `ids` that the viewer sees, with what decides over them."""
    found = await connection.execute(_facts(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {row.id: ReasonRow(row.id, row.version, row.title, RecordFacts(row.status)) for row in found}


async def create(connection: AsyncConnection, organisation_id: UUID, new: Mapping[UUID, str], *, at: datetime) -> None:
    """Adds reasons, active, by their ids."""
    always = {"organisation_id": organisation_id, "status": LibraryStatus.ACTIVE, "created_at": at, "version": 1}
    rows = [{"id": id_, "title": title, "title_key": fold(title), **always} for id_, title in new.items()]
    await insert_rows(connection, status_reasons, rows)
