"""Pathways and their steps as a change finds them, and the writes on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.library import LibraryStatus
from portal_api.domain.pathways import PATHWAYS, PathwayAction, PathwayFacts, PathwayKind
from portal_api.ids import IdMaker
from portal_api.models import pathway_enrolments, pathway_steps, pathways
from portal_api.models.base import Id
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import scope
from portal_api.queries.folding import fold
from portal_api.queries.moves import Moves
from portal_api.queries.rows import dialect_of, id_list, insert_rows


@dataclass(frozen=True, slots=True)
class PathwayRow:
    """A pathway as a change finds it."""

    id: UUID
    version: int
    external_ref: str
    title: str
    kind: PathwayKind
    is_in_use: bool
    """Whether anybody has ever been enrolled in it."""
    facts: PathwayFacts


@dataclass(frozen=True, slots=True)
class NewPathway:
    """What a pathway is to be."""

    id: UUID
    external_ref: str
    title: str
    kind: PathwayKind
    series_ids: Sequence[UUID]
    """In the order of the steps."""


PATHWAY = bindparam("pathway", type_=Id())
shelve = Moves(PATHWAYS, pathways).take

_used = pathway_enrolments.alias("used")
_is_in_use = exists().where(_used.c.organisation_id == pathways.c.organisation_id, _used.c.pathway_id == pathways.c.id)


@cache
def _seen(dialect: Dialect) -> AnySelect:
    return (
        select(
            pathways.c.id,
            pathways.c.version,
            pathways.c.external_ref,
            pathways.c.title,
            pathways.c.kind,
            pathways.c.status,
            _is_in_use.label("is_in_use"),
        )
        .where(scope.PATHWAYS, dialect.in_list(pathways.c.id, "ids"))
        .order_by(pathways.c.id)
    )


@cache
def _locking(dialect: Dialect, *, alone: bool) -> AnySelect:
    chosen = select(pathways.c.id).where(scope.PATHWAYS, dialect.in_list(pathways.c.id, "ids")).order_by(pathways.c.id)
    return chosen.with_for_update(key_share=True) if alone else chosen.with_for_update(read=True)


async def _lock(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID], *, alone: bool) -> None:
    if connection.dialect.name == "postgresql":
        statement = _locking(dialect_of(connection), alone=alone)
        await connection.execute(statement, {**bound, "ids": id_list(connection, ids)})


async def lock(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> None:
    """Locks pathways that are to be changed, in the order of their ids; on SQLite the transaction is alone already."""
    await _lock(connection, bound, ids, alone=True)


async def hold(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> None:
    """Keeps pathways as they are until the transaction ends; others may hold them too."""
    await _lock(connection, bound, ids, alone=False)


async def facts(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> dict[UUID, PathwayRow]:
    """The pathways among `ids` that the viewer sees, with what decides over them."""
    found = await connection.execute(_seen(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {
        row.id: PathwayRow(
            row.id, row.version, row.external_ref, row.title, row.kind, bool(row.is_in_use), PathwayFacts(row.status)
        )
        for row in found
    }


_steps = (
    select(pathway_steps.c.series_id)
    .where(pathway_steps.c.organisation_id == scope.ORGANISATION, pathway_steps.c.pathway_id == PATHWAY)
    .order_by(pathway_steps.c.position)
)


async def series_of(connection: AsyncConnection, organisation_id: UUID, pathway_id: UUID) -> list[UUID]:
    """The series of a pathway, in the order of its steps."""
    values = {"organisation": organisation_id, "pathway": pathway_id}
    return list((await connection.execute(_steps, values)).scalars())


_of_ref = select(pathways.c.id).where(
    pathways.c.organisation_id == scope.ORGANISATION, pathways.c.external_ref == bindparam("external_ref")
)


async def id_of_ref(connection: AsyncConnection, organisation_id: UUID, external_ref: str) -> UUID | None:
    """The pathway that has a reference."""
    values = {"organisation": organisation_id, "external_ref": external_ref}
    return (await connection.execute(_of_ref, values)).scalar()


def _written(given: NewPathway) -> dict[str, Any]:
    return {
        "external_ref": given.external_ref,
        "title": given.title,
        "title_key": fold(given.title),
        "search_key": fold(f"{given.title} {given.external_ref}"),
        "kind": given.kind,
    }


async def create(
    connection: AsyncConnection, organisation_id: UUID, given: NewPathway, *, at: datetime, new_id: IdMaker
) -> None:
    """Makes a pathway, active, with its steps."""
    row = {
        "organisation_id": organisation_id,
        "id": given.id,
        **_written(given),
        "status": LibraryStatus.ACTIVE,
        "created_at": at,
        "version": 1,
    }
    await insert_rows(connection, pathways, [row])
    await _insert_steps(connection, organisation_id, given, at=at, new_id=new_id)


_change = (
    update(pathways)
    .where(
        pathways.c.organisation_id == scope.ORGANISATION,
        pathways.c.id == PATHWAY,
        pathways.c.status.in_(PATHWAYS[PathwayAction.UPDATE].statuses),
    )
    .values(version=pathways.c.version + 1)
    .returning(pathways.c.id, pathways.c.version)
)


async def change(connection: AsyncConnection, organisation_id: UUID, given: NewPathway) -> dict[UUID, int]:
    """Changes what an active pathway says of itself, but not its steps.

    Returns:
        The new version, if it was changed.
    """
    statement = _change.values(_written(given))
    found = await connection.execute(statement, {"organisation": organisation_id, "pathway": given.id})
    return {row.id: row.version for row in found}


_without_steps = delete(pathway_steps).where(
    pathway_steps.c.organisation_id == scope.ORGANISATION, pathway_steps.c.pathway_id == PATHWAY
)


async def replace_steps(
    connection: AsyncConnection, organisation_id: UUID, given: NewPathway, *, at: datetime, new_id: IdMaker
) -> None:
    """Gives a pathway other steps."""
    await connection.execute(_without_steps, {"organisation": organisation_id, "pathway": given.id})
    await _insert_steps(connection, organisation_id, given, at=at, new_id=new_id)


async def _insert_steps(
    connection: AsyncConnection, organisation_id: UUID, given: NewPathway, *, at: datetime, new_id: IdMaker
) -> None:
    steps = [
        {
            "organisation_id": organisation_id,
            "id": new_id(at),
            "pathway_id": given.id,
            "position": position,
            "series_id": series_id,
        }
        for position, series_id in enumerate(given.series_ids, start=1)
    ]
    await insert_rows(connection, pathway_steps, steps)
