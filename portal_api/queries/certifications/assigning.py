"""Assignments: the learners who are to be assigned, and the sources that stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Update, and_, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.certifications import (
    AssignmentSourceKind,
    CertificationFacts,
    CertificationVersionStatus,
    LearnerCertificationStatus,
)
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.library import LibraryStatus
from portal_api.domain.machine import FAR_FUTURE
from portal_api.models import (
    assignment_sources,
    certification_versions,
    certifications,
    learner_certifications,
    learners,
)
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import scope
from portal_api.queries.certifications.found import STATUS_NOW
from portal_api.queries.rows import dialect_of, id_list, insert_rows

_published = certification_versions.alias("published_already")
_has_published_version = exists().where(
    _published.c.organisation_id == certifications.c.organisation_id,
    _published.c.certification_id == certifications.c.id,
    _published.c.status == CertificationVersionStatus.PUBLISHED,
)


@dataclass(frozen=True, slots=True)
class CertificationRow:
    """A certification as an assignment finds it."""

    id: UUID
    status: LibraryStatus
    has_published_version: bool


_certification = select(
    certifications.c.id, certifications.c.status, _has_published_version.label("has_published_version")
).where(certifications.c.id == scope.CERTIFICATION, scope.CERTIFICATIONS)


async def certification(
    connection: AsyncConnection, bound: Mapping[str, Any], certification_id: UUID
) -> CertificationRow | None:
    """A certification, if the viewer sees it."""
    row = (await connection.execute(_certification, {**bound, "certification": certification_id})).one_or_none()
    return None if row is None else CertificationRow(row.id, row.status, bool(row.has_published_version))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A learner who is to be assigned: what a decision looks at, and the record that they have."""

    id: UUID
    version: int
    facts: CertificationFacts
    record_id: UUID | None
    has_manual_source: bool


_manual = assignment_sources.alias("manual_already")
_has_manual_source = exists().where(
    _manual.c.organisation_id == learner_certifications.c.organisation_id,
    _manual.c.learner_certification_id == learner_certifications.c.id,
    _manual.c.kind == AssignmentSourceKind.MANUAL,
    _manual.c.ended_at.is_(None),
)


@cache
def _candidates(dialect: Dialect) -> AnySelect:
    return (
        select(
            learners.c.id,
            learners.c.version,
            learners.c.status.label("learner_status"),
            learner_certifications.c.id.label("record_id"),
            STATUS_NOW.label("record_status"),
            _has_manual_source.label("has_manual_source"),
        )
        .select_from(learners)
        .outerjoin(
            learner_certifications,
            and_(
                learner_certifications.c.organisation_id == learners.c.organisation_id,
                learner_certifications.c.learner_id == learners.c.id,
                learner_certifications.c.certification_id == scope.CERTIFICATION,
                learner_certifications.c.archived_at.is_(None),
            ),
        )
        .where(scope.LEARNERS, dialect.in_list(learners.c.id, "ids"))
    )


async def candidates(
    connection: AsyncConnection, bound: Mapping[str, Any], of: CertificationRow, ids: Sequence[UUID]
) -> dict[UUID, Candidate]:
    """The learners among `ids` that the viewer sees, as somebody to be assigned."""
    values = {**bound, "certification": of.id, "ids": id_list(connection, ids)}
    found = await connection.execute(_candidates(dialect_of(connection)), values)
    return {
        row.id: Candidate(
            id=row.id,
            version=row.version,
            facts=CertificationFacts(
                of.status,
                has_published_version=of.has_published_version,
                learner_is_active=row.learner_status is LearnerStatus.ACTIVE,
                record_status=row.record_status if row.record_id else None,
            ),
            record_id=row.record_id,
            has_manual_source=bool(row.has_manual_source),
        )
        for row in found
    }


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A learner's certification to be made."""

    id: UUID
    external_ref: str
    learner_id: UUID
    certification_id: UUID
    status: LearnerCertificationStatus


async def insert_records(
    connection: AsyncConnection, organisation_id: UUID, rows: Sequence[NewRecord], *, at: datetime
) -> None:
    """Makes records, in one statement; who does not merely have it assigned has enrolled."""
    made = [
        {
            "organisation_id": organisation_id,
            "id": row.id,
            "external_ref": row.external_ref,
            "learner_id": row.learner_id,
            "certification_id": row.certification_id,
            "status": row.status,
            "assigned_at": at,
            "enrolled_at": None if row.status is LearnerCertificationStatus.ASSIGNED else at,
            "due_at": FAR_FUTURE,
            "version": 1,
        }
        for row in rows
    ]
    await insert_rows(connection, learner_certifications, made)


async def insert_sources(connection: AsyncConnection, organisation_id: UUID, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes sources: `id`, record, kind, group, when and by whom."""
    await insert_rows(connection, assignment_sources, [{"organisation_id": organisation_id, **row} for row in rows])


@dataclass(frozen=True, slots=True)
class SourceRow:
    """An assignment source as a removal finds it."""

    id: UUID
    record_id: UUID
    kind: AssignmentSourceKind
    has_ended: bool


@cache
def _sources(dialect: Dialect) -> AnySelect:
    return (
        select(
            assignment_sources.c.id,
            assignment_sources.c.learner_certification_id,
            assignment_sources.c.kind,
            assignment_sources.c.ended_at.is_not(None),
        )
        .join(
            learner_certifications,
            and_(
                learner_certifications.c.organisation_id == assignment_sources.c.organisation_id,
                learner_certifications.c.id == assignment_sources.c.learner_certification_id,
            ),
        )
        .where(scope.LEARNER_CERTIFICATIONS, dialect.in_list(assignment_sources.c.id, "ids"))
    )


async def sources(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> dict[UUID, SourceRow]:
    """The sources among `ids` of records that the viewer sees."""
    values = {**bound, "ids": id_list(connection, ids)}
    rows = [SourceRow(*row) for row in await connection.execute(_sources(dialect_of(connection)), values)]
    return {row.id: row for row in rows}


@cache
def _end(dialect: Dialect) -> Update:
    return (
        update(assignment_sources)
        .where(
            assignment_sources.c.organisation_id == scope.ORGANISATION,
            dialect.in_list(assignment_sources.c.id, "ids"),
            assignment_sources.c.ended_at.is_(None),
        )
        .values(ended_at=scope.NOW)
    )


async def end_sources(
    connection: AsyncConnection, organisation_id: UUID, ids: Sequence[UUID], *, now: datetime
) -> None:
    """Ends sources that stand."""
    values = {"organisation": organisation_id, "ids": id_list(connection, ids), "now": now}
    await connection.execute(_end(dialect_of(connection)), values)


@cache
def _standing(dialect: Dialect) -> AnySelect:
    return (
        select(assignment_sources.c.learner_certification_id)
        .where(
            assignment_sources.c.organisation_id == scope.ORGANISATION,
            dialect.in_list(assignment_sources.c.learner_certification_id, "ids"),
            assignment_sources.c.ended_at.is_(None),
        )
        .distinct()
    )


async def kept_by_sources(connection: AsyncConnection, organisation_id: UUID, record_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the records that have a source which stands."""
    values = {"organisation": organisation_id, "ids": id_list(connection, record_ids)}
    return set((await connection.execute(_standing(dialect_of(connection)), values)).scalars())
