"""The writes on series enrolments: made, moved on by time, withdrawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from uuid import UUID

from sqlalchemy import Update, and_, bindparam, literal, update
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.machine import FAR_FUTURE
from portal_api.domain.series import (
    SERIES_ENROLMENTS,
    SeriesEnrolmentAction,
    SeriesEnrolmentStatus,
    WithdrawalReason,
)
from portal_api.models import series_enrolments
from portal_api.models.base import Instant
from portal_api.planner.dialects import Dialect
from portal_api.queries import scope
from portal_api.queries.rows import dialect_of, id_list, insert_rows
from portal_api.queries.series.found import STATUS_NOW
from portal_api.queries.time import next_due


@dataclass(frozen=True, slots=True)
class NewEnrolment:
    """An enrolment to be made."""

    id: UUID
    external_ref: str
    learner_id: UUID
    series_id: UUID
    status: SeriesEnrolmentStatus
    has_signed_in: bool
    starts_at: datetime
    ends_at: datetime
    due_on: date | None
    overdue_at: datetime | None
    tracking_code: str | None
    pathway_enrolment_id: UUID | None


async def insert_enrolments(
    connection: AsyncConnection, organisation_id: UUID, rows: Sequence[NewEnrolment], *, at: datetime
) -> None:
    """Makes enrolments, in one statement."""
    await insert_rows(
        connection,
        series_enrolments,
        [
            {
                "organisation_id": organisation_id,
                "id": row.id,
                "external_ref": row.external_ref,
                "learner_id": row.learner_id,
                "series_id": row.series_id,
                "status": row.status,
                "has_signed_in": row.has_signed_in,
                "enrolled_at": at,
                "starts_at": row.starts_at,
                "ends_at": row.ends_at,
                "due_at": SERIES_ENROLMENTS.due_at(
                    row.status,
                    {"starts_at": row.starts_at, "ends_at": row.ends_at, "has_signed_in": row.has_signed_in},
                ),
                "due_on": row.due_on,
                "overdue_at": row.overdue_at,
                "tracking_code": row.tracking_code,
                "questions_answered": 0,
                "questions_correct": 0,
                "pathway_enrolment_id": row.pathway_enrolment_id,
                "version": 1,
            }
            for row in rows
        ],
    )


@cache
def _settle(dialect: Dialect) -> Update:
    return (
        update(series_enrolments)
        .where(
            series_enrolments.c.organisation_id == scope.ORGANISATION,
            dialect.in_list(series_enrolments.c.id, "ids"),
            series_enrolments.c.due_at <= scope.NOW,
        )
        .values(
            status=STATUS_NOW,
            due_at=next_due(SERIES_ENROLMENTS, series_enrolments, STATUS_NOW),
            version=series_enrolments.c.version + 1,
        )
        .returning(series_enrolments.c.id, series_enrolments.c.version)
    )


async def settle(
    connection: AsyncConnection, organisation_id: UUID, ids: Sequence[UUID], *, now: datetime
) -> dict[UUID, int]:
    """Writes down what time has done to enrolments whose clock moves have come.

    Returns:
        The new version of each enrolment that was changed.
    """
    values = {"organisation": organisation_id, "ids": id_list(connection, ids), "now": now}
    return {row.id: row.version for row in await connection.execute(_settle(dialect_of(connection)), values)}


@cache
def _withdraw(dialect: Dialect) -> Update:
    return (
        update(series_enrolments)
        .where(
            and_(
                series_enrolments.c.organisation_id == scope.ORGANISATION,
                dialect.in_list(series_enrolments.c.id, "ids"),
                STATUS_NOW.in_(SERIES_ENROLMENTS[SeriesEnrolmentAction.WITHDRAW].statuses),
            )
        )
        .values(
            status=SeriesEnrolmentStatus.WITHDRAWN,
            withdrawn_at=scope.NOW,
            withdrawal_reason=bindparam("reason", type_=series_enrolments.c.withdrawal_reason.type),
            withdrawal_note=bindparam("note"),
            due_at=literal(FAR_FUTURE, Instant()),
            version=series_enrolments.c.version + 1,
        )
        .returning(series_enrolments.c.id, series_enrolments.c.version)
    )


async def withdraw(
    connection: AsyncConnection,
    organisation_id: UUID,
    ids: Sequence[UUID],
    *,
    now: datetime,
    reason: WithdrawalReason,
    note: str | None,
) -> dict[UUID, int]:
    """Withdraws enrolments that are active now.

    Returns:
        The new version of each enrolment that was changed.
    """
    values = {
        "organisation": organisation_id,
        "ids": id_list(connection, ids),
        "now": now,
        "reason": reason,
        "note": note,
    }
    return {row.id: row.version for row in await connection.execute(_withdraw(dialect_of(connection)), values)}
