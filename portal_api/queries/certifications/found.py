"""Learners' certifications as a change finds them: the facts that decide, and what a new cycle would begin with."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import and_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.certifications import (
    LEARNER_CERTIFICATIONS,
    LearnerCertificationFacts,
    LearnerCertificationStatus,
    Validity,
)
from portal_api.models import (
    certification_cycles,
    certifications,
    learner_certifications,
    learners,
)
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import scope
from portal_api.queries.certifications.facts import CYCLE, VERSION, facts_of, gathered, with_facts
from portal_api.queries.moves import lock_learners_of
from portal_api.queries.rows import dialect_of, id_list, read
from portal_api.queries.time import status_now


class RecordRow(NamedTuple):
    """A learner's certification as a change finds it."""

    id: UUID
    learner_id: UUID
    certification_id: UUID
    version: int
    stored: LearnerCertificationStatus
    times: Mapping[str, Any]
    """What its clock moves look at, and when the window opens: `expires_at`, `lapses_at`, `window_opens_at`."""
    enrolled_at: datetime | None
    certified_at: datetime | None
    facts: LearnerCertificationFacts
    cycle_id: UUID | None
    """The cycle that is open."""
    cycle_kept: Mapping[str, Any]
    """What is kept of that cycle beside the facts, by column."""
    last_cycle: int
    """The number of its last cycle; -1 where it has had none."""
    validity: Validity | None
    """That of the open cycle's version."""
    evidence_needs_approval: bool
    """Whether the open cycle's version wants evidence signed off."""
    exam_needs_approval: bool
    """Whether it wants a pass of the exam signed off."""


_TIMES = ("expires_at", "lapses_at", "window_opens_at")
_CYCLE_KEPT = ("started_at", "exam_passed_at", "fee_settled_at", "fee_settled_by", "payment_ref", "attempts_granted")
STATUS_NOW = status_now(LEARNER_CERTIFICATIONS, learner_certifications)
lock_learners = lock_learners_of(learner_certifications, scope.LEARNER_CERTIFICATIONS)

_past = certification_cycles.alias("past")
_last_cycle = (
    select(_past.c.number)
    .where(
        _past.c.organisation_id == learner_certifications.c.organisation_id,
        _past.c.learner_certification_id == learner_certifications.c.id,
    )
    .order_by(_past.c.number.desc())
    .limit(1)
    .correlate(learner_certifications)
    .scalar_subquery()
)
_row = select(
    *(
        learner_certifications.c[name]
        for name in ("id", "learner_id", "certification_id", "version", "enrolled_at", "certified_at", *_TIMES)
    ),
    learner_certifications.c.status.label("stored"),
    gathered(learner_certifications).label("facts"),
    _last_cycle.label("last_cycle"),
    CYCLE.c.id.label("cycle_id"),
    *(CYCLE.c[name] for name in _CYCLE_KEPT),
    VERSION.c.validity_months,
    VERSION.c.grace_days,
    VERSION.c.window_days,
    VERSION.c.evidence_needs_approval,
    VERSION.c.exam_needs_approval,
).select_from(with_facts(learner_certifications))


def _found(row: Any) -> RecordRow:
    has_cycle = row.cycle_id is not None
    return RecordRow(
        id=row.id,
        learner_id=row.learner_id,
        certification_id=row.certification_id,
        version=row.version,
        stored=row.stored,
        times={name: getattr(row, name) for name in _TIMES},
        enrolled_at=row.enrolled_at,
        certified_at=row.certified_at,
        facts=facts_of(row.facts),
        cycle_id=row.cycle_id,
        cycle_kept={name: getattr(row, name) for name in _CYCLE_KEPT},
        last_cycle=-1 if row.last_cycle is None else row.last_cycle,
        validity=Validity(row.validity_months, row.grace_days, row.window_days) if has_cycle else None,
        evidence_needs_approval=bool(row.evidence_needs_approval),
        exam_needs_approval=bool(row.exam_needs_approval),
    )


@cache
def _certifications(dialect: Dialect) -> AnySelect:
    concerned = select(learner_certifications.c.certification_id).where(
        scope.LEARNER_CERTIFICATIONS, dialect.in_list(learner_certifications.c.id, "ids")
    )
    return (
        select(certifications.c.id)
        .where(certifications.c.organisation_id == scope.ORGANISATION, certifications.c.id.in_(concerned))
        .order_by(certifications.c.id)
        .with_for_update(read=True)
    )


async def hold_certifications(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> None:
    """Keeps the certifications of records, and their versions, as they are until the transaction ends."""
    if connection.dialect.name == "postgresql":  # on SQLite the transaction is alone already
        await connection.execute(_certifications(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})


@cache
def _facts(dialect: Dialect) -> AnySelect:
    return _row.where(scope.LEARNER_CERTIFICATIONS, dialect.in_list(learner_certifications.c.id, "ids"))


async def facts(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> dict[UUID, RecordRow]:
    """The records among `ids` that the viewer sees, archived ones too, with what decides over them."""
    found = await read(connection, _facts(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {row.id: _found(row) for row in found}


_due = (
    _row.join(
        learners,
        and_(
            learners.c.organisation_id == learner_certifications.c.organisation_id,
            learners.c.id == learner_certifications.c.learner_id,
        ),
    )
    .where(learner_certifications.c.organisation_id == scope.ORGANISATION, learner_certifications.c.due_at <= scope.NOW)
    .order_by(learner_certifications.c.due_at, learner_certifications.c.id)
    .limit(bindparam("most"))
    .with_for_update(key_share=True, skip_locked=True, of=learners)
)


async def due(connection: AsyncConnection, organisation_id: UUID, now: datetime, most: int) -> list[RecordRow]:
    """The records of an organisation whose clock moves have come, the longest overdue first; their learners locked.

    Those of learners whom somebody else is changing are left for the next look, which comes after that change.
    """
    values = {"organisation": organisation_id, "now": now, "most": most, "viewer_learner": None}
    return [_found(row) for row in await read(connection, _due, values)]
