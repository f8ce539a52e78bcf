"""The writes on series themselves, and what stands against them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.library import LibraryStatus
from portal_api.domain.series import SERIES, SeriesTerms
from portal_api.models import pathway_steps, series
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import scope
from portal_api.queries.folding import fold
from portal_api.queries.moves import Moves
from portal_api.queries.rows import dialect_of, id_list, insert_rows, update_rows

shelve = Moves(SERIES, series).take


@dataclass(frozen=True, slots=True)
class SeriesContent:
    """What a series says."""

    id: UUID
    external_ref: str
    title: str
    terms: SeriesTerms


def _written(given: SeriesContent) -> dict[str, Any]:
    return {
        "external_ref": given.external_ref,
        "title": given.title,
        "title_key": fold(given.title),
        "search_key": fold(f"{given.title} {given.external_ref}"),
        "type": given.terms.type,
        "duration": given.terms.duration,
        "duration_days": given.terms.duration_days,
        "ends_on": given.terms.ends_on,
        "question_count": given.terms.question_count,
        "mastery_percent": given.terms.mastery_percent,
    }


async def create(
    connection: AsyncConnection, organisation_id: UUID, rows: Sequence[SeriesContent], *, at: datetime
) -> None:
    """Makes series, active."""
    always = {"organisation_id": organisation_id, "status": LibraryStatus.ACTIVE, "created_at": at, "version": 1}
    await insert_rows(connection, series, [{"id": row.id, **_written(row), **always} for row in rows])


async def change(
    connection: AsyncConnection, organisation_id: UUID, given: SeriesContent, *, version: int
) -> dict[UUID, int]:
    """Changes what a series says; the enrolments in it keep their dates.

    Returns:
        The new version, if the series was still at the version that was read.
    """
    return await update_rows(
        connection, series, organisation_id, [{"id": given.id, "version": version, **_written(given)}]
    )


@cache
def _references(dialect: Dialect) -> AnySelect:
    return select(series.c.external_ref, series.c.id).where(
        series.c.organisation_id == scope.ORGANISATION, dialect.in_list(series.c.external_ref, "references")
    )


async def ids_of_references(
    connection: AsyncConnection, organisation_id: UUID, references: Sequence[str]
) -> dict[str, UUID]:
    """The series of an organisation that have one of the references."""
    dialect = dialect_of(connection)
    values = {"organisation": organisation_id, "references": dialect.encode(list(references))}
    return {row.external_ref: row.id for row in await connection.execute(_references(dialect), values)}


@cache
def _in_pathways(dialect: Dialect) -> AnySelect:
    return (
        select(pathway_steps.c.series_id)
        .where(pathway_steps.c.organisation_id == scope.ORGANISATION, dialect.in_list(pathway_steps.c.series_id, "ids"))
        .distinct()
    )


async def in_pathways(connection: AsyncConnection, organisation_id: UUID, ids: Sequence[UUID]) -> set[UUID]:
    """Those of the series that are steps of a pathway."""
    values = {"organisation": organisation_id, "ids": id_list(connection, ids)}
    return set((await connection.execute(_in_pathways(dialect_of(connection)), values)).scalars())
