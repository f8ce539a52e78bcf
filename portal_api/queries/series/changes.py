"""The writes on series enrolments: made, moved on by time, withdrawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Date, Update, bindparam, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.calendar import day_after
from portal_api.domain.pathways import PATHWAY_ENROLMENTS, PathwayEnrolmentStatus
from portal_api.domain.series import (
    SERIES_ENROLMENTS,
    SeriesEnrolmentAction,
    SeriesEnrolmentStatus,
    WithdrawalReason,
)
from portal_api.models import pathway_enrolments, series_enrolments
from portal_api.models.base import Instant
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import scope
from portal_api.queries.moves import Moves
from portal_api.queries.rows import dialect_of, id_list, insert_rows, update_rows
from portal_api.queries.time import status_now

_moves = Moves(SERIES_ENROLMENTS, series_enrolments)
settle = _moves.settle


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
    withdrawal = {"withdrawn_at": now, "withdrawal_reason": reason, "withdrawal_note": note}
    return await _moves.take(connection, organisation_id, ids, SeriesEnrolmentAction.WITHDRAW, now=now, **withdrawal)


async def change_enrolments(
    connection: AsyncConnection, organisation_id: UUID, rows: Sequence[Mapping[str, Any]]
) -> dict[UUID, int]:
    """Gives enrolments values of their own: `id`, the `version` that was read, and the same columns for all.

    Returns:
        The new version of each enrolment that was changed.
    """
    return await update_rows(connection, series_enrolments, organisation_id, rows)


@cache
def _running_pathways(dialect: Dialect) -> AnySelect:
    return select(
        pathway_enrolments.c.id,
        pathway_enrolments.c.learner_id,
        pathway_enrolments.c.version,
        pathway_enrolments.c.ends_at,
    ).where(
        pathway_enrolments.c.organisation_id == scope.ORGANISATION,
        dialect.in_list(pathway_enrolments.c.id, "ids"),
        status_now(PATHWAY_ENROLMENTS, pathway_enrolments) == PathwayEnrolmentStatus.IN_PROGRESS,
    )


async def extend_pathways(
    connection: AsyncConnection, organisation_id: UUID, ids: Sequence[UUID], *, now: datetime, ends_at: datetime
) -> dict[UUID, tuple[UUID, int]]:
    """Gives running enrolments in pathways the end that the series open in them has got.

    Returns:
        The learner and the new version of each that was changed.
    """
    values = {"organisation": organisation_id, "ids": id_list(connection, ids), "now": now}
    found = (await connection.execute(_running_pathways(dialect_of(connection)), values)).all()
    learner_ids = {row.id: row.learner_id for row in found}
    changed = await update_rows(
        connection,
        pathway_enrolments,
        organisation_id,
        [
            {"id": row.id, "version": row.version, "ends_at": ends_at, "due_at": ends_at}
            for row in found
            if row.ends_at != ends_at
        ],
    )
    return {id_: (learner_ids[id_], version) for id_, version in changed.items()}


@cache
def _sign_in(dialect: Dialect) -> Update:
    return (
        update(series_enrolments)
        .where(
            series_enrolments.c.organisation_id == scope.ORGANISATION,
            dialect.in_list(series_enrolments.c.learner_id, "learners"),
            series_enrolments.c.status == SeriesEnrolmentStatus.WAITING_TO_START,
        )
        .values(has_signed_in=true())
    )


async def mark_signed_in(connection: AsyncConnection, organisation_id: UUID, learner_ids: Sequence[UUID]) -> None:
    """Has the clock find, when a waiting enrolment starts, that its learner has signed in.

    What clients see does not change by this, so that there is neither a new version nor an entry.
    """
    values = {"organisation": organisation_id, "learners": id_list(connection, learner_ids)}
    await connection.execute(_sign_in(dialect_of(connection)), values)


_of_organisation = series_enrolments.c.organisation_id == scope.ORGANISATION
_due_days = (
    select(series_enrolments.c.due_on).where(_of_organisation, series_enrolments.c.due_on.is_not(None)).distinct()
)
_reckon_overdue = (
    update(series_enrolments)
    .where(_of_organisation, series_enrolments.c.due_on == bindparam("due_day", type_=Date()))
    .values(overdue_at=bindparam("day_is_over", type_=Instant()))
)


async def reckon_overdue(connection: AsyncConnection, organisation_id: UUID, zone: ZoneInfo) -> None:
    """Reckons anew when due days are over, in another time zone; the days themselves stay."""
    own = {"organisation": organisation_id}
    days: Sequence[date] = (await connection.execute(_due_days, own)).scalars().all()
    if days:
        rows = [{**own, "due_day": day, "day_is_over": day_after(day, zone)} for day in days]
        await connection.execute(_reckon_overdue, rows)
