"""Learners' certifications as a change finds them: the facts that decide, and what a new cycle would begin with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, case, exists, false, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.certifications import (
    LEARNER_CERTIFICATIONS,
    AssignmentSourceKind,
    CertificationVersionStatus,
    Cycle,
    LearnerCertificationFacts,
    LearnerCertificationStatus,
    Validity,
)
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.library import LibraryStatus
from portal_api.models import (
    assignment_sources,
    certification_cycles,
    certification_versions,
    certifications,
    learner_certifications,
    learners,
)
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import scope
from portal_api.queries.moves import lock_learners_of
from portal_api.queries.rows import dialect_of, id_list
from portal_api.queries.time import status_now


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A learner's certification as a change finds it."""

    id: UUID
    learner_id: UUID
    certification_id: UUID
    version: int
    stored: LearnerCertificationStatus
    times: Mapping[str, Any]
    """What its clock moves look at, and when the window opens: `expires_at`, `lapses_at`, `window_opens_at`."""
    certified_at: datetime | None
    facts: LearnerCertificationFacts
    cycle_id: UUID | None
    """The cycle that is open."""
    cycle_times: Mapping[str, Any]
    """What is kept of that cycle beside the facts: `started_at`, `exam_passed_at`, `fee_settled_at`, `fee_settled_by`."""
    last_cycle: int
    """The number of its last cycle; -1 where it has had none."""
    validity: Validity | None
    """That of the open cycle's version."""


STATUS_NOW = status_now(LEARNER_CERTIFICATIONS, learner_certifications)
lock_learners = lock_learners_of(learner_certifications, scope.LEARNER_CERTIFICATIONS)

_is_own = case((learner_certifications.c.learner_id == scope.VIEWER_LEARNER, true()), else_=false())
_manual = assignment_sources.alias("manual")
_has_manual_source = exists().where(
    _manual.c.organisation_id == learner_certifications.c.organisation_id,
    _manual.c.learner_certification_id == learner_certifications.c.id,
    _manual.c.kind == AssignmentSourceKind.MANUAL,
    _manual.c.ended_at.is_(None),
)
_published = certification_versions.alias("published")
_has_published_version = exists().where(
    _published.c.organisation_id == learner_certifications.c.organisation_id,
    _published.c.certification_id == learner_certifications.c.certification_id,
    _published.c.status == CertificationVersionStatus.PUBLISHED,
)
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
_cycle, _terms = certification_cycles, certification_versions
_row = (
    select(
        learner_certifications.c.id,
        learner_certifications.c.learner_id,
        learner_certifications.c.certification_id,
        learner_certifications.c.version,
        learner_certifications.c.status.label("stored"),
        learner_certifications.c.expires_at,
        learner_certifications.c.lapses_at,
        learner_certifications.c.window_opens_at,
        learner_certifications.c.certified_at,
        learner_certifications.c.archived_at,
        STATUS_NOW.label("status_now"),
        learners.c.status.label("learner_status"),
        learners.c.has_app_access,
        certifications.c.status.label("certification_status"),
        _is_own.label("is_own_record"),
        _has_manual_source.label("has_manual_source"),
        _has_published_version.label("has_published_version"),
        _last_cycle.label("last_cycle"),
        _cycle.c.id.label("cycle_id"),
        _cycle.c.is_recertification,
        _cycle.c.started_at,
        _cycle.c.fee_status,
        _cycle.c.steps_open,
        _cycle.c.steps_waiting,
        _cycle.c.attempts_used,
        _cycle.c.attempts_granted,
        _cycle.c.has_attempt_open,
        _cycle.c.is_exam_waiting,
        _cycle.c.exam_passed_at,
        _cycle.c.is_exam_overridden,
        _cycle.c.fee_settled_at,
        _cycle.c.fee_settled_by,
        _terms.c.fee_due,
        _terms.c.attempt_limit,
        _terms.c.allows_exam_before_training,
        _terms.c.validity_months,
        _terms.c.grace_days,
        _terms.c.window_days,
    )
    .select_from(learner_certifications)
    .join(
        learners,
        and_(
            learners.c.organisation_id == learner_certifications.c.organisation_id,
            learners.c.id == learner_certifications.c.learner_id,
        ),
    )
    .join(
        certifications,
        and_(
            certifications.c.organisation_id == learner_certifications.c.organisation_id,
            certifications.c.id == learner_certifications.c.certification_id,
        ),
    )
    .outerjoin(
        _cycle,
        and_(
            _cycle.c.organisation_id == learner_certifications.c.organisation_id,
            _cycle.c.learner_certification_id == learner_certifications.c.id,
            _cycle.c.closed_at.is_(None),
        ),
    )
    .outerjoin(
        _terms,
        and_(
            _terms.c.organisation_id == _cycle.c.organisation_id,
            _terms.c.id == _cycle.c.certification_version_id,
        ),
    )
)


def _found(row: Any, now: datetime) -> RecordRow:
    cycle = Cycle() if row.cycle_id is None else _cycle_of(row)
    facts = LearnerCertificationFacts(
        row.status_now,
        learner_is_active=row.learner_status is LearnerStatus.ACTIVE,
        has_app_access=row.has_app_access,
        is_own_record=bool(row.is_own_record),
        is_archived=row.archived_at is not None,
        is_certification_active=row.certification_status is LibraryStatus.ACTIVE,
        has_published_version=bool(row.has_published_version),
        has_manual_source=bool(row.has_manual_source),
        was_certified=row.certified_at is not None,
        is_window_open=row.window_opens_at is not None and row.window_opens_at <= now,
        cycle=cycle,
    )
    return RecordRow(
        id=row.id,
        learner_id=row.learner_id,
        certification_id=row.certification_id,
        version=row.version,
        stored=row.stored,
        times={
            "expires_at": row.expires_at,
            "lapses_at": row.lapses_at,
            "window_opens_at": row.window_opens_at,
        },
        certified_at=row.certified_at,
        facts=facts,
        cycle_id=row.cycle_id,
        cycle_times={
            "started_at": row.started_at,
            "exam_passed_at": row.exam_passed_at,
            "fee_settled_at": row.fee_settled_at,
            "fee_settled_by": row.fee_settled_by,
        },
        last_cycle=-1 if row.last_cycle is None else row.last_cycle,
        validity=None if row.cycle_id is None else Validity(row.validity_months, row.grace_days, row.window_days),
    )


def _cycle_of(row: Any) -> Cycle:
    return Cycle(
        is_recertification=row.is_recertification,
        is_started=row.started_at is not None,
        fee=row.fee_status,
        fee_due=row.fee_due,
        steps_open=row.steps_open,
        steps_waiting=row.steps_waiting,
        attempts_used=row.attempts_used,
        attempts_allowed=None if row.attempt_limit is None else row.attempt_limit + row.attempts_granted,
        has_attempt_open=row.has_attempt_open,
        is_exam_waiting=row.is_exam_waiting,
        is_exam_passed=row.exam_passed_at is not None,
        is_exam_overridden=row.is_exam_overridden,
        allows_exam_before_training=row.allows_exam_before_training,
    )


@cache
def _facts(dialect: Dialect) -> AnySelect:
    return _row.where(scope.LEARNER_CERTIFICATIONS, dialect.in_list(learner_certifications.c.id, "ids"))


async def facts(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> dict[UUID, RecordRow]:
    """The records among `ids` that the viewer sees, archived ones too, with what decides over them."""
    found = await connection.execute(_facts(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {row.id: _found(row, bound["now"]) for row in found}


_due = (
    _row.where(
        learner_certifications.c.organisation_id == scope.ORGANISATION, learner_certifications.c.due_at <= scope.NOW
    )
    .order_by(learner_certifications.c.due_at, learner_certifications.c.id)
    .limit(bindparam("most"))
    .with_for_update(key_share=True, skip_locked=True, of=learners)
)


async def due(connection: AsyncConnection, organisation_id: UUID, now: datetime, most: int) -> list[RecordRow]:
    """The records of an organisation whose clock moves have come, the longest overdue first; their learners locked.

    Those of learners whom somebody else is changing are left for the next look, which comes after that change.
    """
    values = {"organisation": organisation_id, "now": now, "most": most, "viewer_learner": None}
    return [_found(row, now) for row in await connection.execute(_due, values)]
