"""Enrolments in pathways as a change finds them: the facts that decide, what comes next, and the writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.learners import LearnerStatus
from portal_api.domain.machine import FAR_FUTURE
from portal_api.domain.pathways import (
    PATHWAY_ENROLMENTS,
    PathwayEnrolmentAction,
    PathwayEnrolmentFacts,
    PathwayEnrolmentStatus,
    PathwayKind,
)
from portal_api.domain.series import WithdrawalReason
from portal_api.models import learners, pathway_enrolments, pathway_steps, pathways, series_enrolments
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import scope
from portal_api.queries.moves import Moves, lock_learners_of
from portal_api.queries.pathways.read import STATUS_NOW
from portal_api.queries.rows import dialect_of, id_list, insert_rows, update_rows

_S = PathwayEnrolmentStatus


@dataclass(frozen=True, slots=True)
class PathwayEnrolmentRow:
    """An enrolment in a pathway as a change finds it."""

    id: UUID
    learner_id: UUID
    version: int
    stored: PathwayEnrolmentStatus
    times: Mapping[str, Any]
    """What its clock move looks at: `ends_at`."""
    facts: PathwayEnrolmentFacts


@dataclass(frozen=True, slots=True)
class NewPathwayEnrolment:
    """An enrolment in a pathway to be made: in progress, at its first step."""

    id: UUID
    external_ref: str
    learner_id: UUID
    pathway_id: UUID
    ends_at: datetime
    tracking_code: str | None


@dataclass(frozen=True, slots=True)
class NextStep:
    """What comes after a series of a running pathway."""

    id: UUID
    """The enrolment in the pathway."""
    series_enrolment_id: UUID
    """The one in the series at its position."""
    version: int
    position: int
    kind: PathwayKind
    tracking_code: str | None
    series_id: UUID | None
    """The series of the next step; None after the last."""


_moves = Moves(PATHWAY_ENROLMENTS, pathway_enrolments)
settle = _moves.settle
lock_learners = lock_learners_of(pathway_enrolments, scope.PATHWAY_ENROLMENTS)

_learner = and_(
    learners.c.organisation_id == pathway_enrolments.c.organisation_id, learners.c.id == pathway_enrolments.c.learner_id
)
_row = (
    select(
        pathway_enrolments.c.id,
        pathway_enrolments.c.learner_id,
        pathway_enrolments.c.version,
        pathway_enrolments.c.status.label("stored"),
        pathway_enrolments.c.ends_at,
        STATUS_NOW.label("status_now"),
        learners.c.status.label("learner_status"),
    )
    .select_from(pathway_enrolments)
    .join(learners, _learner)
)


def _found(row: Any) -> PathwayEnrolmentRow:
    return PathwayEnrolmentRow(
        id=row.id,
        learner_id=row.learner_id,
        version=row.version,
        stored=row.stored,
        times={"ends_at": row.ends_at},
        facts=PathwayEnrolmentFacts(row.status_now, learner_is_active=row.learner_status is LearnerStatus.ACTIVE),
    )


@cache
def _seen(dialect: Dialect) -> AnySelect:
    return _row.where(scope.PATHWAY_ENROLMENTS, dialect.in_list(pathway_enrolments.c.id, "ids"))


async def enrolment_facts(
    connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]
) -> dict[UUID, PathwayEnrolmentRow]:
    """The enrolments among `ids` that the viewer sees, with what decides over them."""
    found = await connection.execute(_seen(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {row.id: _found(row) for row in found}


@cache
def _of_learners(dialect: Dialect) -> AnySelect:
    return _row.where(
        pathway_enrolments.c.organisation_id == scope.ORGANISATION,
        dialect.in_list(pathway_enrolments.c.learner_id, "learners"),
        STATUS_NOW.in_(PATHWAY_ENROLMENTS[PathwayEnrolmentAction.WITHDRAW].statuses),
    ).order_by(pathway_enrolments.c.id)


async def running_of_learners(
    connection: AsyncConnection, bound: Mapping[str, Any], learner_ids: Sequence[UUID]
) -> list[PathwayEnrolmentRow]:
    """The enrolments of learners that are running now, the oldest first.

    Not scoped: the learners were found within the caller's scope, and what befalls them befalls all that is theirs.
    """
    values = {**bound, "learners": id_list(connection, learner_ids)}
    return [_found(row) for row in await connection.execute(_of_learners(dialect_of(connection)), values)]


_due = (
    _row.where(pathway_enrolments.c.organisation_id == scope.ORGANISATION, pathway_enrolments.c.due_at <= scope.NOW)
    .order_by(pathway_enrolments.c.due_at, pathway_enrolments.c.id)
    .limit(bindparam("most"))
    .with_for_update(key_share=True, skip_locked=True, of=learners)
)


async def due(
    connection: AsyncConnection, organisation_id: UUID, now: datetime, most: int
) -> list[PathwayEnrolmentRow]:
    """The enrolments of an organisation whose time has run out, the longest overdue first; their learners locked.

    Those of learners whom somebody else is changing are left for the next look, which comes after that change.
    """
    found = await connection.execute(_due, {"organisation": organisation_id, "now": now, "most": most})
    return [_found(row) for row in found]


_step = pathway_steps.alias("step")
_next = pathway_steps.alias("next_step")


@cache
def _next_steps(dialect: Dialect) -> AnySelect:
    return (
        select(
            pathway_enrolments.c.id,
            series_enrolments.c.id.label("series_enrolment_id"),
            pathway_enrolments.c.version,
            pathway_enrolments.c.position,
            pathways.c.kind,
            pathway_enrolments.c.tracking_code,
            _next.c.series_id,
        )
        .select_from(series_enrolments)
        .join(
            pathway_enrolments,
            and_(
                pathway_enrolments.c.organisation_id == series_enrolments.c.organisation_id,
                pathway_enrolments.c.id == series_enrolments.c.pathway_enrolment_id,
            ),
        )
        .join(
            pathways,
            and_(
                pathways.c.organisation_id == pathway_enrolments.c.organisation_id,
                pathways.c.id == pathway_enrolments.c.pathway_id,
            ),
        )
        .join(
            _step,
            and_(
                _step.c.organisation_id == pathway_enrolments.c.organisation_id,
                _step.c.pathway_id == pathway_enrolments.c.pathway_id,
                _step.c.position == pathway_enrolments.c.position,
                _step.c.series_id == series_enrolments.c.series_id,
            ),
        )
        .outerjoin(
            _next,
            and_(
                _next.c.organisation_id == pathway_enrolments.c.organisation_id,
                _next.c.pathway_id == pathway_enrolments.c.pathway_id,
                _next.c.position == pathway_enrolments.c.position + 1,
            ),
        )
        .where(
            series_enrolments.c.organisation_id == scope.ORGANISATION,
            dialect.in_list(series_enrolments.c.id, "ids"),
            STATUS_NOW == _S.IN_PROGRESS,
        )
    )


async def next_steps(
    connection: AsyncConnection, organisation_id: UUID, ids: Sequence[UUID], *, now: datetime
) -> list[NextStep]:
    """What comes after series enrolments, for those that stand at the position of a running pathway.

    Not scoped: a pathway goes on whoever reports the mastery, retired or not.
    """
    values = {"organisation": organisation_id, "now": now, "ids": id_list(connection, ids)}
    return [NextStep(*row) for row in await connection.execute(_next_steps(dialect_of(connection)), values)]


async def enrol(
    connection: AsyncConnection, organisation_id: UUID, rows: Sequence[NewPathwayEnrolment], *, at: datetime
) -> None:
    """Makes enrolments, in one statement."""
    await insert_rows(
        connection,
        pathway_enrolments,
        [
            {
                "organisation_id": organisation_id,
                "id": row.id,
                "external_ref": row.external_ref,
                "learner_id": row.learner_id,
                "pathway_id": row.pathway_id,
                "status": _S.IN_PROGRESS,
                "position": 1,
                "enrolled_at": at,
                "ends_at": row.ends_at,
                "due_at": PATHWAY_ENROLMENTS.due_at(_S.IN_PROGRESS, {"ends_at": row.ends_at}),
                "tracking_code": row.tracking_code,
                "version": 1,
            }
            for row in rows
        ],
    )


async def move_on(
    connection: AsyncConnection, organisation_id: UUID, steps: Sequence[tuple[NextStep, datetime]]
) -> dict[UUID, int]:
    """Moves enrolments to their next step, whose series ends then.

    Returns:
        The new version of each enrolment that was changed.
    """
    rows = [
        {
            "id": step.id,
            "version": step.version,
            "position": step.position + 1,
            "ends_at": ends_at,
            "due_at": PATHWAY_ENROLMENTS.due_at(_S.IN_PROGRESS, {"ends_at": ends_at}),
        }
        for step, ends_at in steps
    ]
    return await update_rows(connection, pathway_enrolments, organisation_id, rows)


async def complete(
    connection: AsyncConnection, organisation_id: UUID, steps: Sequence[NextStep], *, now: datetime
) -> dict[UUID, int]:
    """Completes enrolments after their last step.

    Returns:
        The new version of each enrolment that was changed.
    """
    rows = [
        {"id": step.id, "version": step.version, "status": _S.COMPLETED, "completed_at": now, "due_at": FAR_FUTURE}
        for step in steps
    ]
    return await update_rows(connection, pathway_enrolments, organisation_id, rows)


async def withdraw(
    connection: AsyncConnection,
    organisation_id: UUID,
    ids: Sequence[UUID],
    *,
    now: datetime,
    reason: WithdrawalReason,
    note: str | None,
) -> dict[UUID, int]:
    """Withdraws enrolments that are running now.

    Returns:
        The new version of each enrolment that was changed.
    """
    withdrawal = {"withdrawn_at": now, "withdrawal_reason": reason, "withdrawal_note": note}
    return await _moves.take(connection, organisation_id, ids, PathwayEnrolmentAction.WITHDRAW, now=now, **withdrawal)
