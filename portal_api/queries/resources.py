"""Resources: who reaches them, what each field reads, the facts that decide, and the writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.library import LibraryStatus
from portal_api.domain.machine import ActionState, RecordFacts
from portal_api.domain.resources import RESOURCES, ResourceAction
from portal_api.domain.roles import Role
from portal_api.models import history_entries, resources, series
from portal_api.models.base import Id
from portal_api.planner.declare import Column, Connection, Derived, Key, Source, ToOne
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.planner.filters import Binder, Comparison, Shape, Target, parse_id
from portal_api.queries import scope
from portal_api.queries.folding import fold, search_in
from portal_api.queries.moves import Moves
from portal_api.queries.rows import dialect_of, id_list, insert_rows, update_rows

shelve = Moves(RESOURCES, resources).take


@dataclass(frozen=True, slots=True)
class ReachedBy:
    """Resources that a learner reaches whom the viewer sees."""

    def parse(self, value: Any) -> tuple[Shape, dict[str, Any]]:
        return (), {"learner": parse_id(value, "lrn")}

    def where(self, shape: Shape, bind: Binder) -> ColumnElement[bool]:
        reader = scope.READER.c.id
        return scope.reached_by(and_(reader == bind("learner", Id()), scope.of_learner(reader, scope.SEES_RECORDS)))


def _actions(role: str, status: LibraryStatus) -> tuple[ActionState[ResourceAction], ...]:
    return RESOURCES.actions(Role(role), RecordFacts(status))


RESOURCE = Source(
    type="Resource",
    prefix="res",
    table=resources,
    scope=scope.RESOURCES,
    fields={
        "id": Key(),
        "title": Column(resources.c.title),
        "url": Column(resources.c.url),
        "series": ToOne("Series", resources.c.series_id),
        "status": Column(resources.c.status),
        "createdAt": Column(resources.c.created_at),
        "version": Column(resources.c.version),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
        "actions": Derived((resources.c.status,), _actions),
    },
    filters={
        "id": Comparison(resources.c.id, "res"),
        "seriesId": Comparison(resources.c.series_id, "ser", Target(series.c.id, scope.SERIES)),
        "status": Comparison(resources.c.status),
        "createdAt": Comparison(resources.c.created_at),
        "reachedBy": ReachedBy(),
        "search": search_in(resources.c.title_key),
    },
    orders={"TITLE": resources.c.title_key, "CREATED_AT": resources.c.created_at},
)


@dataclass(frozen=True, slots=True)
class ResourceRow:
    """A resource as a change finds it."""

    id: UUID
    version: int
    title: str
    url: str
    facts: RecordFacts[LibraryStatus]


@dataclass(frozen=True, slots=True)
class NewResource:
    """A resource to be made."""

    id: UUID
    series_id: UUID | None
    title: str
    url: str


@cache
def _locking(dialect: Dialect) -> AnySelect:
    chosen = select(resources.c.id).where(scope.RESOURCES, dialect.in_list(resources.c.id, "ids"))
    return chosen.order_by(resources.c.id).with_for_update(key_share=True)


async def lock(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> None:
    """Locks resources, in the order of their ids; on SQLite the transaction is alone already."""
    if connection.dialect.name == "postgresql":
        await connection.execute(_locking(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})


@cache
def _facts(dialect: Dialect) -> AnySelect:
    return select(resources.c.id, resources.c.version, resources.c.title, resources.c.url, resources.c.status).where(
        scope.RESOURCES, dialect.in_list(resources.c.id, "ids")
    )


async def facts(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> dict[UUID, ResourceRow]:
    """The resources among `ids` that the viewer sees, with what decides over them."""
    found = await connection.execute(_facts(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {row.id: ResourceRow(row.id, row.version, row.title, row.url, RecordFacts(row.status)) for row in found}


async def create(
    connection: AsyncConnection, organisation_id: UUID, rows: Sequence[NewResource], *, at: datetime
) -> None:
    """Makes resources, active."""
    always = {"organisation_id": organisation_id, "status": LibraryStatus.ACTIVE, "created_at": at, "version": 1}
    await insert_rows(
        connection,
        resources,
        [
            {
                "id": row.id,
                "series_id": row.series_id,
                "title": row.title,
                "title_key": fold(row.title),
                "url": row.url,
                **always,
            }
            for row in rows
        ],
    )


async def change(
    connection: AsyncConnection, organisation_id: UUID, id_: UUID, *, version: int, title: str, url: str
) -> dict[UUID, int]:
    """Changes what a resource says.

    Returns:
        The new version, if the resource was still at the version that was read.
    """
    row = {"id": id_, "version": version, "title": title, "title_key": fold(title), "url": url}
    return await update_rows(connection, resources, organisation_id, [row])
