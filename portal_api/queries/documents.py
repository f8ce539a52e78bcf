"""Learners' documents: who sees them, what each field reads, the facts that decide, and the writes."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, bindparam, exists, func, insert, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.documents import (
    DOCUMENTS,
    NAMES,
    DocumentAction,
    DocumentFacts,
    DocumentStatus,
    MediaType,
)
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.machine import ActionState
from portal_api.domain.roles import Role
from portal_api.models import course_enrolments, document_pieces, documents, history_entries, learners
from portal_api.planner.declare import Column, Connection, Derived, Key, Source, ToOne
from portal_api.planner.dialects import AnySelect, Dialect, Statement
from portal_api.planner.filters import Comparison, Target
from portal_api.planner.selections import Request
from portal_api.queries import scope
from portal_api.queries.folding import fold, search_in
from portal_api.queries.links import link_facts, no_link
from portal_api.queries.moves import Moves, lock_learners_of
from portal_api.queries.rows import dialect_of, id_list, insert_rows

take = Moves(DOCUMENTS, documents).take
lock_learners = lock_learners_of(documents, scope.DOCUMENTS)
PIECE = 256 * 1024
"""How many bytes of a document are kept, and sent, together."""
_own = documents.c
_holder = learners.alias("document_holder")
FACTS = (
    _own.status,
    exists().where(
        _holder.c.organisation_id == _own.organisation_id,
        _holder.c.id == _own.learner_id,
        _holder.c.status == LearnerStatus.ACTIVE,
    ),
)
"""What decides over a document; `facts_of` reads it."""


def facts_of(status: DocumentStatus, is_active: bool) -> DocumentFacts:
    """The facts in the columns of `FACTS`, in their order."""
    return DocumentFacts(status, learner_is_active=bool(is_active))


def _actions(role: str, *facts: Any) -> tuple[ActionState[DocumentAction], ...]:
    return DOCUMENTS.actions(Role(role), facts_of(*facts))


_HAS_FILE: ColumnElement[bool] = true()
DOCUMENT = Source(
    type="Document",
    prefix="doc",
    table=documents,
    scope=scope.DOCUMENTS,
    ways=scope.DOCUMENT_WAYS,
    fields={
        "id": Key(),
        "learner": ToOne("Learner", _own.learner_id),
        "courseEnrolment": ToOne("CourseEnrolment", _own.course_enrolment_id),
        "title": Column(_own.title),
        "fileName": Column(_own.file_name),
        "mediaType": Column(_own.media_type),
        "size": Column(_own.size),
        "sha256": Column(_own.sha256),
        "status": Column(_own.status),
        "addedAt": Column(_own.added_at),
        "archivedAt": Column(_own.archived_at),
        "download": Derived(link_facts(documents, _HAS_FILE), no_link),
        "version": Column(_own.version),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
        "actions": Derived(FACTS, _actions),
    },
    filters={
        "id": Comparison(_own.id, "doc"),
        "learnerId": Comparison(_own.learner_id, "lrn"),
        "courseEnrolmentId": Comparison(
            _own.course_enrolment_id, "cen", Target(course_enrolments.c.id, scope.COURSE_ENROLMENTS)
        ),
        "mediaType": Comparison(_own.media_type),
        "status": Comparison(_own.status),
        "addedAt": Comparison(_own.added_at),
        "archivedAt": Comparison(_own.archived_at),
        "search": search_in(_own.title_key),
    },
    orders={"TITLE": _own.title_key, "ADDED_AT": _own.added_at},
)


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document as a change finds it."""

    id: UUID
    version: int
    learner_id: UUID
    facts: DocumentFacts


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document to be kept."""

    id: UUID
    learner_id: UUID
    course_enrolment_id: UUID | None
    title: str
    file_name: str
    media_type: MediaType
    content: bytes
    sha256: str


@cache
def _facts(dialect: Dialect) -> AnySelect:
    return select(_own.id, _own.version, _own.learner_id, *FACTS).where(
        scope.DOCUMENTS, dialect.in_list(_own.id, "ids")
    )


async def facts(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> dict[UUID, DocumentRow]:
    """The documents among `ids` that the viewer sees, with what decides over them."""
    found = await connection.execute(_facts(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {
        id_: DocumentRow(id_, version, learner_id, facts_of(*decisive)) for id_, version, learner_id, *decisive in found
    }


@cache
def _learners_of_enrolments(dialect: Dialect) -> AnySelect:
    of = course_enrolments.c
    return select(of.id, of.learner_id).where(scope.COURSE_ENROLMENTS, dialect.in_list(of.id, "ids"))


async def learners_of_enrolments(
    connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]
) -> dict[UUID, UUID]:
    """The learner of each enrolment in a course that the viewer sees."""
    if not ids:
        return {}
    found = await connection.execute(
        _learners_of_enrolments(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)}
    )
    return {row.id: row.learner_id for row in found}


async def add(connection: AsyncConnection, organisation_id: UUID, rows: Sequence[NewDocument], *, at: datetime) -> None:
    """Keeps documents, with their content in pieces."""
    if not rows:
        return
    always = {"organisation_id": organisation_id, "status": DocumentStatus.ACTIVE, "added_at": at, "version": 1}
    read = ("id", "learner_id", "course_enrolment_id", "title", "file_name", "media_type", "sha256")
    await insert_rows(
        connection,
        documents,
        [
            {
                **{name: getattr(row, name) for name in read},
                "title_key": fold(row.title),
                "size": len(row.content),
                **always,
            }
            for row in rows
        ],
    )
    await connection.execute(
        insert(document_pieces),
        [
            {"organisation_id": organisation_id, "document_id": row.id, "position": position, "content": piece}
            for row in rows
            for position, piece in enumerate(_pieces(row.content))
        ],
    )


def _pieces(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), PIECE):
        yield content[start : start + PIECE]


@dataclass(frozen=True, slots=True)
class File:
    """The file of a document."""

    name: str
    media_type: str
    """As HTTP names it."""
    size: int
    number: int
    """How many pieces it has."""


@cache
def _file(dialect: Dialect) -> Statement:
    counted = (
        select(func.count())
        .where(document_pieces.c.organisation_id == _own.organisation_id, document_pieces.c.document_id == _own.id)
        .correlate(documents)
        .scalar_subquery()
    )
    return dialect.statement(
        select(_own.file_name, _own.media_type, _own.size, counted).where(
            _own.organisation_id == scope.ORGANISATION, _own.id == bindparam("document", type_=_own.id.type)
        )
    )


def file(dialect: Dialect, organisation_id: UUID, id_: UUID) -> Generator[Request, Sequence[Any], File | None]:
    """Reads what there is of a document's file; None where there is no such document."""
    statement = _file(dialect)
    bound = {"organisation": dialect.encode(organisation_id), "document": dialect.encode(id_)}
    rows = yield Request(statement, statement.values(bound))
    if not rows:
        return None
    name, media_type, size, number = rows[0]
    return File(name, NAMES[MediaType(media_type)], size, number)


@cache
def _piece(dialect: Dialect) -> Statement:
    return dialect.statement(
        select(document_pieces.c.content).where(
            document_pieces.c.organisation_id == scope.ORGANISATION,
            document_pieces.c.document_id == bindparam("document", type_=_own.id.type),
            document_pieces.c.position == bindparam("position", type_=Integer()),
        )
    )


def piece(
    dialect: Dialect, organisation_id: UUID, id_: UUID, position: int
) -> Generator[Request, Sequence[Any], bytes]:
    """Reads one piece of a document's file."""
    statement = _piece(dialect)
    bound = {"organisation": dialect.encode(organisation_id), "document": dialect.encode(id_), "position": position}
    rows = yield Request(statement, statement.values(bound))
    return rows[0][0]
