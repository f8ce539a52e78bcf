"""Approvals as a decision finds them, and as it leaves them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.certifications import ApprovalFacts, ApprovalKind, AssignmentSourceKind
from portal_api.models import approvals, assignment_sources, certifications, learner_certifications
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import scope
from portal_api.queries.certifications.approvals import FACTS, facts_of
from portal_api.queries.moves import lock_learners_of
from portal_api.queries.rows import dialect_of, id_list, set_rows, update_rows

lock_learners = lock_learners_of(approvals, scope.APPROVALS)


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """An approval as a decision finds it."""

    id: UUID
    version: int
    learner_id: UUID
    certification_id: UUID
    record_id: UUID | None
    """The record that it is about; of access, the one that the learner has by now."""
    has_self_source: bool
    """Whether a source of the learner's own keeps that record already; told of access alone."""
    step_progress_id: UUID | None
    exam_attempt_id: UUID | None
    facts: ApprovalFacts


_by_now, _by_self = learner_certifications.alias("by_now"), assignment_sources.alias("by_self")
_has_self_source = (
    exists()
    .where(
        _by_self.c.organisation_id == _by_now.c.organisation_id,
        _by_self.c.learner_certification_id == _by_now.c.id,
        _by_self.c.kind == AssignmentSourceKind.SELF,
        _by_self.c.ended_at.is_(None),
    )
    .correlate(_by_now)
)


@cache
def _rows(dialect: Dialect) -> AnySelect:
    own = approvals.c
    return (
        select(
            own.id,
            own.version,
            own.learner_id,
            own.certification_id,
            own.learner_certification_id,
            _by_now.c.id.label("by_now"),
            _has_self_source.label("has_self_source"),
            own.step_progress_id,
            own.exam_attempt_id,
            *(column.label(f"fact_{place}") for place, column in enumerate(FACTS)),
        )
        .outerjoin(
            _by_now,
            and_(
                own.kind == ApprovalKind.ACCESS,
                _by_now.c.organisation_id == own.organisation_id,
                _by_now.c.learner_id == own.learner_id,
                _by_now.c.certification_id == own.certification_id,
                _by_now.c.archived_at.is_(None),
            ),
        )
        .where(scope.APPROVALS, dialect.in_list(own.id, "ids"))
    )


async def facts(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> dict[UUID, ApprovalRow]:
    """The approvals among `ids` that the viewer sees, with what decides over them."""
    found = await connection.execute(_rows(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {
        id_: ApprovalRow(
            id=id_,
            version=version,
            learner_id=learner_id,
            certification_id=certification_id,
            record_id=record_id or by_now,
            has_self_source=bool(has_self_source),
            step_progress_id=step_progress_id,
            exam_attempt_id=exam_attempt_id,
            facts=facts_of(*given),
        )
        for (
            id_,
            version,
            learner_id,
            certification_id,
            record_id,
            by_now,
            has_self_source,
            step_progress_id,
            exam_attempt_id,
            *given,
        ) in found
    }


@cache
def _wanted(dialect: Dialect) -> AnySelect:
    asked = select(approvals.c.certification_id).where(
        scope.APPROVALS, approvals.c.kind == ApprovalKind.ACCESS, dialect.in_list(approvals.c.id, "ids")
    )
    return (
        select(certifications.c.id)
        .where(certifications.c.organisation_id == scope.ORGANISATION, certifications.c.id.in_(asked))
        .order_by(certifications.c.id)
        .with_for_update(read=True)
    )


async def hold_certifications(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> None:
    """Keeps the certifications to which access is asked for, and their versions, until the transaction ends."""
    if connection.dialect.name == "postgresql":  # on SQLite the transaction is alone already
        await connection.execute(_wanted(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})


async def decide(
    connection: AsyncConnection, organisation_id: UUID, rows: Sequence[Mapping[str, Any]]
) -> dict[UUID, int]:
    """Writes decisions: `id`, the `version` that was read, and the same columns for all.

    Returns:
        The new version of each approval that was changed.
    """
    return await update_rows(connection, approvals, organisation_id, rows)


async def set_records(connection: AsyncConnection, organisation_id: UUID, records: Mapping[UUID, UUID]) -> None:
    """Says of granted requests for access which record they led to."""
    rows = [{"id": id_, "learner_certification_id": record_id} for id_, record_id in records.items()]
    await set_rows(connection, approvals, organisation_id, rows)
