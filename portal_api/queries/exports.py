"""Exports: who sees them, what each field reads, and what is written while one runs."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Integer,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.exports import EXPORTS, ExportList, ExportStatus
from portal_api.domain.machine import FAR_FUTURE
from portal_api.models import export_pieces, exports, history_entries, roles
from portal_api.models.base import Instant
from portal_api.planner.declare import Catalogue, Column, Connection, Derived, Key, Source, ToOne
from portal_api.planner.dialects import Dialect, Statement
from portal_api.planner.filters import Comparison, TimedStatus
from portal_api.planner.selections import Request
from portal_api.queries import scope
from portal_api.queries.rows import dialect_of, id_list
from portal_api.queries.time import status_now

STATUS_NOW = status_now(EXPORTS, exports)
_UNDER_WAY = (ExportStatus.QUEUED, ExportStatus.RUNNING)
Link = Callable[[UUID, UUID, datetime], str]
"""Makes the link to an export's file: (organisation, export, the present instant)."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an export is."""

    written_count: int
    row_count: int | None


def _progress(_role: str, written_count: int, row_count: int | None) -> Progress:
    return Progress(written_count, row_count)


def _no_link(_role: str, *_facts: object) -> None:
    return None


_LINK_FACTS = (
    STATUS_NOW,
    type_coerce(exports.c.user_id == scope.VIEWER_USER, Boolean()),
    exports.c.organisation_id,
    exports.c.id,
    type_coerce(scope.NOW, Instant()),
)

EXPORT = Source(
    type="Export",
    prefix="exp",
    table=exports,
    scope=scope.EXPORTS,
    fields={
        "id": Key(),
        "list": Column(exports.c.list),
        "status": Column(STATUS_NOW, is_nullable=False),
        "progress": Derived((exports.c.written_count, exports.c.row_count), _progress, is_kept=False),
        "createdAt": Column(exports.c.created_at),
        "finishedAt": Column(exports.c.finished_at),
        "expiresAt": Column(exports.c.expires_at),
        "url": Derived(_LINK_FACTS, _no_link),
        "requestedBy": ToOne("User", exports.c.user_id),
        "version": Column(exports.c.version),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
    },
    filters={
        "id": Comparison(exports.c.id, "exp"),
        "list": Comparison(exports.c.list),
        "status": TimedStatus(exports.c.status, exports.c.due_at, STATUS_NOW, scope.NOW),
        "createdAt": Comparison(exports.c.created_at),
    },
    orders={"CREATED_AT": exports.c.created_at},
)


def with_links(catalogue: Catalogue, link: Link) -> Catalogue:
    """The catalogue in which exports that are ready have links; the key that signs them is the process's own."""

    def url(_role: str, status: ExportStatus, is_own: bool, organisation: Any, id_: Any, now: datetime) -> str | None:
        if status is ExportStatus.READY and is_own:
            return link(UUID(str(organisation)), UUID(str(id_)), now)
        return None

    linked = replace(EXPORT, fields={**EXPORT.fields, "url": Derived(_LINK_FACTS, url, is_kept=False)})
    return replace(catalogue, sources={**catalogue.sources, linked.type: linked})


async def lock_requester(connection: AsyncConnection, bound: dict[str, Any], ids: Sequence[UUID]) -> None:
    """Locks users as they stand in their organisation, so that two requests of one user follow one another."""
    if connection.dialect.name == "postgresql":
        chosen = select(roles.c.user_id).where(roles.c.organisation_id == scope.ORGANISATION, roles.c.user_id.in_(ids))
        await connection.execute(chosen.with_for_update(key_share=True), bound)


async def number_under_way(connection: AsyncConnection, organisation_id: UUID, user_id: UUID) -> int:
    """How many exports of a user wait or run."""
    counted = select(func.count()).where(
        exports.c.organisation_id == organisation_id, exports.c.user_id == user_id, exports.c.status.in_(_UNDER_WAY)
    )
    return await connection.scalar(counted) or 0


async def create(
    connection: AsyncConnection,
    organisation_id: UUID,
    id_: UUID,
    user_id: UUID,
    list_: ExportList,
    arguments: str,
    at: datetime,
) -> None:
    """Writes down what was asked for, to wait for its turn."""
    await connection.execute(
        insert(exports).values(
            organisation_id=organisation_id,
            id=id_,
            user_id=user_id,
            list=list_,
            arguments=arguments,
            status=ExportStatus.QUEUED,
            written_count=0,
            created_at=at,
            due_at=FAR_FUTURE,
            version=1,
        )
    )


@dataclass(frozen=True, slots=True)
class Job:
    """An export that a worker holds. Its version is the worker's own: whoever takes it up after them has another."""

    organisation_id: UUID
    id: UUID
    user_id: UUID
    list: ExportList
    arguments: str
    status: ExportStatus
    version: int


_waits = or_(
    exports.c.status == ExportStatus.QUEUED,
    and_(exports.c.status == ExportStatus.RUNNING, exports.c.leased_until <= scope.NOW),
)


@cache
def _is_anything_waiting(dialect: Dialect) -> Statement:
    return dialect.statement(select(literal(1)).where(_waits).limit(1))


def is_anything_waiting(dialect: Dialect, now: datetime) -> Generator[Request, Sequence[Any], bool]:
    """Reads whether there is an export to be taken up; without the one connection that writes to SQLite."""
    statement = _is_anything_waiting(dialect)
    rows = yield Request(statement, statement.values({"now": dialect.encode(now)}))
    return bool(rows)


_next = (
    select(
        exports.c.organisation_id,
        exports.c.id,
        exports.c.user_id,
        exports.c.list,
        exports.c.arguments,
        exports.c.status,
        exports.c.version,
    )
    .where(_waits)
    .order_by(exports.c.created_at, exports.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)


async def next_job(connection: AsyncConnection, now: datetime) -> Job | None:
    """The oldest export that waits, or whose worker has not been heard of; locked. What others take is passed over."""
    row = (await connection.execute(_next, {"now": now})).first()
    return Job(*row) if row else None


async def _change(connection: AsyncConnection, job: Job, **values: Any) -> Job | None:
    changed = await connection.execute(
        update(exports)
        .where(
            exports.c.organisation_id == job.organisation_id,
            exports.c.id == job.id,
            exports.c.status == job.status,
            exports.c.version == job.version,
        )
        .values(**values)
        .returning(exports.c.status, exports.c.version)
    )
    row = changed.first()
    return replace(job, status=row.status, version=row.version) if row else None


async def _forget_pieces(connection: AsyncConnection, job: Job) -> None:
    await connection.execute(
        delete(export_pieces).where(
            export_pieces.c.organisation_id == job.organisation_id, export_pieces.c.export_id == job.id
        )
    )


async def start(connection: AsyncConnection, job: Job, leased_until: datetime) -> Job | None:
    """Begins an export, from nothing whatever was written of it before; None if somebody else has it."""
    await _forget_pieces(connection, job)
    return await _change(
        connection,
        job,
        status=ExportStatus.RUNNING,
        leased_until=leased_until,
        written_count=0,
        row_count=None,
        version=job.version + 1,
    )


async def add(
    connection: AsyncConnection,
    job: Job,
    pieces: Sequence[tuple[int, bytes]],
    *,
    written_count: int,
    row_count: int,
    leased_until: datetime,
) -> bool:
    """Writes down pieces and progress, and prolongs the lease; False, and nothing written, if somebody else has it."""
    held = await _change(connection, job, written_count=written_count, row_count=row_count, leased_until=leased_until)
    if held and pieces:
        key = {"organisation_id": job.organisation_id, "export_id": job.id}
        await connection.execute(
            insert(export_pieces), [{**key, "position": place, "content": content} for place, content in pieces]
        )
    return held is not None


async def finish(connection: AsyncConnection, job: Job, *, at: datetime, expires_at: datetime) -> Job | None:
    """Ends an export well; None if somebody else has it."""
    return await _change(
        connection,
        job,
        status=ExportStatus.READY,
        finished_at=at,
        expires_at=expires_at,
        due_at=expires_at,
        leased_until=None,
        version=job.version + 1,
    )


async def fail(connection: AsyncConnection, job: Job, *, at: datetime) -> Job | None:
    """Ends an export badly, and forgets what was written of it; None if somebody else has it."""
    failed = await _change(
        connection, job, status=ExportStatus.FAILED, finished_at=at, leased_until=None, version=job.version + 1
    )
    if failed:
        await _forget_pieces(connection, job)
    return failed


_due = (
    select(exports.c.id, exports.c.expires_at)
    .where(
        exports.c.organisation_id == scope.ORGANISATION,
        exports.c.status == ExportStatus.READY,
        exports.c.due_at <= scope.NOW,
    )
    .order_by(exports.c.due_at, exports.c.id)
    .limit(bindparam("most", type_=Integer()))
    .with_for_update(skip_locked=True)
)


async def expire(
    connection: AsyncConnection, organisation_id: UUID, now: datetime, most: int
) -> list[tuple[UUID, int, datetime]]:
    """Forgets the files of exports whose time has come.

    Returns:
        Each export with its new version, and when it expired.
    """
    due = await connection.execute(_due, {"organisation": organisation_id, "now": now, "most": most})
    expired_at: dict[UUID, datetime] = {row.id: row.expires_at for row in due}
    if not expired_at:
        return []
    ids = {"organisation": organisation_id, "ids": id_list(connection, list(expired_at))}
    of_organisation = export_pieces.c.organisation_id == scope.ORGANISATION
    await connection.execute(
        delete(export_pieces).where(of_organisation, dialect_of(connection).in_list(export_pieces.c.export_id, "ids")),
        ids,
    )
    changed = await connection.execute(
        update(exports)
        .where(exports.c.organisation_id == scope.ORGANISATION, dialect_of(connection).in_list(exports.c.id, "ids"))
        .values(status=ExportStatus.EXPIRED, due_at=literal(FAR_FUTURE, Instant()), version=exports.c.version + 1)
        .returning(exports.c.id, exports.c.version),
        ids,
    )
    return [(row.id, row.version, expired_at[row.id]) for row in changed]


@dataclass(frozen=True, slots=True)
class File:
    """The file of an export that is ready."""

    name: str
    size: int
    number: int
    """How many pieces it has."""


_ORGANISATION_AND_ID = (
    exports.c.organisation_id == scope.ORGANISATION,
    exports.c.id == bindparam("export", type_=exports.c.id.type),
)
_pieces_of_export = and_(
    export_pieces.c.organisation_id == exports.c.organisation_id, export_pieces.c.export_id == exports.c.id
)


@cache
def _file(dialect: Dialect) -> Statement:
    return dialect.statement(
        select(
            exports.c.list,
            exports.c.created_at,
            func.coalesce(func.sum(func.length(export_pieces.c.content)), 0),
            func.count(export_pieces.c.position),
        )
        .select_from(exports.outerjoin(export_pieces, _pieces_of_export))
        .where(*_ORGANISATION_AND_ID, exports.c.status == ExportStatus.READY, exports.c.expires_at > scope.NOW)
        .group_by(exports.c.list, exports.c.created_at)
    )


def file(
    dialect: Dialect, organisation_id: UUID, export_id: UUID, now: datetime
) -> Generator[Request, Sequence[Any], File | None]:
    """Reads what there is of an export's file; None where it is not ready, or no more."""
    statement = _file(dialect)
    bound = {"organisation": organisation_id, "export": export_id, "now": now}
    rows = yield Request(statement, statement.values({name: dialect.encode(value) for name, value in bound.items()}))
    if not rows:
        return None
    list_, created_at, size, number = rows[0]
    return File(f"{list_.replace('_', '-')}-{str(created_at)[:10]}.csv", int(size), number)


@cache
def _piece(dialect: Dialect) -> Statement:
    return dialect.statement(
        select(export_pieces.c.content).where(
            export_pieces.c.organisation_id == scope.ORGANISATION,
            export_pieces.c.export_id == bindparam("export", type_=exports.c.id.type),
            export_pieces.c.position == bindparam("position", type_=Integer()),
        )
    )


def piece(
    dialect: Dialect, organisation_id: UUID, export_id: UUID, position: int
) -> Generator[Request, Sequence[Any], bytes]:
    """Reads one piece of an export's file.

    Raises:
        LookupError: if it has been forgotten meanwhile.
    """
    statement = _piece(dialect)
    bound = {"organisation": organisation_id, "export": export_id, "position": position}
    rows = yield Request(statement, statement.values({name: dialect.encode(value) for name, value in bound.items()}))
    if not rows:
        raise LookupError(f"piece {position} of export {export_id} is gone")
    return rows[0][0]
