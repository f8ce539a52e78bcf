"""Series and the enrolments in them: who sees them, what each field reads, the facts that decide, and the writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Update, and_, bindparam, case, func, literal, null, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.learners import LearnerStatus
from portal_api.domain.machine import FAR_FUTURE, ActionState
from portal_api.domain.roles import Role
from portal_api.domain.series import (
    ACTIVE_STATUSES,
    SERIES_ENROLMENTS,
    SeriesEnrolmentAction,
    SeriesEnrolmentFacts,
    SeriesEnrolmentStatus,
    SeriesType,
    WithdrawalReason,
)
from portal_api.models import history_entries, learners, series, series_enrolments
from portal_api.models.base import Instant
from portal_api.planner.declare import Column, Connection, Derived, Key, Source, ToOne
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.planner.filters import Binder, Comparison, Flag, Search, Shape, Target, TimedStatus
from portal_api.queries import scope
from portal_api.queries.folding import fold, search_in
from portal_api.queries.learners import ReportsTo
from portal_api.queries.rows import dialect_of, id_list
from portal_api.queries.time import next_due, stands_at, status_now

SERIES = Source(
    type="Series",
    prefix="ser",
    table=series,
    scope=scope.SERIES,
    fields={
        "id": Key(),
        "externalRef": Column(series.c.external_ref),
        "title": Column(series.c.title),
        "type": Column(series.c.type),
        "duration": Column(series.c.duration),
        "durationDays": Column(series.c.duration_days),
        "endsOn": Column(series.c.ends_on),
        "status": Column(series.c.status),
        "createdAt": Column(series.c.created_at),
        "version": Column(series.c.version),
        "enrolments": Connection("SeriesEnrolment", series_enrolments.c.series_id),
    },
    filters={
        "id": Comparison(series.c.id, "ser"),
        "externalRef": Comparison(series.c.external_ref),
        "type": Comparison(series.c.type),
        "status": Comparison(series.c.status),
        "search": search_in(series.c.search_key),
    },
    orders={"TITLE": series.c.title_key, "CREATED_AT": series.c.created_at},
)

STATUS_NOW = status_now(SERIES_ENROLMENTS, series_enrolments)
IS_OVERDUE = and_(
    series_enrolments.c.overdue_at.is_not(None),
    series_enrolments.c.overdue_at <= scope.NOW,
    stands_at(SERIES_ENROLMENTS, series_enrolments, ACTIVE_STATUSES),
)
_previews = series.alias("previews")
IS_REPORTED = ~series_enrolments.c.series_id.in_(
    select(_previews.c.id).where(
        _previews.c.organisation_id == scope.ORGANISATION, _previews.c.type == SeriesType.PREVIEW
    )
)
"""Reports never count enrolments in previews, whoever may see the series (a reading)."""
_enrolled = learners.alias("enrolled")
LEARNER_STATUS = (
    select(_enrolled.c.status)
    .where(
        _enrolled.c.organisation_id == series_enrolments.c.organisation_id,
        _enrolled.c.id == series_enrolments.c.learner_id,
    )
    .correlate(series_enrolments)
    .scalar_subquery()
)


def _learner_matches(pattern: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether the learner enrolled has a word."""
    found = learners.alias("found")
    return series_enrolments.c.learner_id.in_(
        select(found.c.id).where(
            found.c.organisation_id == scope.ORGANISATION, found.c.search_key.like(pattern, escape="\\")
        )
    )


@dataclass(frozen=True, slots=True)
class OfSeries:
    """Comparators on a column of the series: `eq in notIn`. Of a series that the viewer does not see, nothing is told."""

    column: ColumnElement[Any]

    def parse(self, value: Any) -> tuple[Shape, Mapping[str, Any]]:
        return Comparison(self.column).parse(value)

    def where(self, shape: Shape, bind: Binder) -> ColumnElement[bool]:
        return and_(true(), *(self._condition(name, bind) for name, _ in shape))

    def _condition(self, name: str, bind: Binder) -> ColumnElement[bool]:
        column = self.column
        fits = column == bind(name, column.type) if name == "eq" else bind.one_of(column, name)
        found = series_enrolments.c.series_id.in_(select(series.c.id).where(scope.SERIES, fits).correlate(None))
        return ~found if name == "notIn" else found


def _actions(
    role: str, status: SeriesEnrolmentStatus, learner_status: LearnerStatus
) -> tuple[ActionState[SeriesEnrolmentAction], ...]:
    return SERIES_ENROLMENTS.actions(
        Role(role), SeriesEnrolmentFacts(status, learner_is_active=learner_status is LearnerStatus.ACTIVE)
    )


SERIES_ENROLMENT = Source(
    type="SeriesEnrolment",
    prefix="sen",
    table=series_enrolments,
    scope=scope.SERIES_ENROLMENTS,
    fields={
        "id": Key(),
        "externalRef": Column(series_enrolments.c.external_ref),
        "status": Column(STATUS_NOW, is_nullable=False),
        "learner": ToOne("Learner", series_enrolments.c.learner_id),
        "series": ToOne("Series", series_enrolments.c.series_id),
        "enrolledAt": Column(series_enrolments.c.enrolled_at),
        "startsAt": Column(series_enrolments.c.starts_at),
        "endsAt": Column(series_enrolments.c.ends_at),
        "dueOn": Column(series_enrolments.c.due_on),
        "isOverdue": Column(IS_OVERDUE, is_nullable=False),
        "trackingCode": Column(series_enrolments.c.tracking_code),
        "masteredAt": Column(series_enrolments.c.mastered_at),
        "withdrawnAt": Column(series_enrolments.c.withdrawn_at),
        "withdrawalReason": Column(series_enrolments.c.withdrawal_reason),
        "withdrawalNote": Column(
            case((scope.SEES_ORGANISATION, series_enrolments.c.withdrawal_note), else_=null()), is_nullable=True
        ),
        "version": Column(series_enrolments.c.version),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
        "actions": Derived((STATUS_NOW, LEARNER_STATUS), _actions),
    },
    filters={
        "id": Comparison(series_enrolments.c.id, "sen"),
        "externalRef": Comparison(series_enrolments.c.external_ref),
        "learnerId": Comparison(series_enrolments.c.learner_id, "lrn"),
        "seriesId": Comparison(series_enrolments.c.series_id, "ser", Target(series.c.id, scope.SERIES)),
        "status": TimedStatus(series_enrolments.c.status, series_enrolments.c.due_at, STATUS_NOW, scope.NOW),
        "enrolledAt": Comparison(series_enrolments.c.enrolled_at),
        "startsAt": Comparison(series_enrolments.c.starts_at),
        "endsAt": Comparison(series_enrolments.c.ends_at),
        "dueOn": Comparison(series_enrolments.c.due_on),
        "isOverdue": Flag(IS_OVERDUE),
        "trackingCode": Comparison(series_enrolments.c.tracking_code),
        "seriesType": OfSeries(series.c.type),
        "withdrawnAt": Comparison(series_enrolments.c.withdrawn_at),
        "withdrawalReason": Comparison(series_enrolments.c.withdrawal_reason),
        "reportsTo": ReportsTo(series_enrolments.c.learner_id),
        "search": Search(_learner_matches, fold),
    },
    conditions={"reported": Flag(IS_REPORTED), "overdue": Flag(IS_OVERDUE)},
    orders={
        "ENROLLED_AT": series_enrolments.c.enrolled_at,
        "STARTS_AT": series_enrolments.c.starts_at,
        "ENDS_AT": series_enrolments.c.ends_at,
        "WITHDRAWN_AT": func.coalesce(
            series_enrolments.c.withdrawn_at, literal(FAR_FUTURE, Instant()), type_=Instant()
        ),
    },
    narrowed={Role.INTEGRATION: frozenset({"id", "externalRef", "status"})},
)


@dataclass(frozen=True, slots=True)
class EnrolmentRow:
    """A series enrolment as a change finds it."""

    id: UUID
    learner_id: UUID
    version: int
    stored: SeriesEnrolmentStatus
    times: Mapping[str, Any]
    """What its clock moves look at: `starts_at`, `ends_at`, `has_signed_in`."""
    facts: SeriesEnrolmentFacts


_row = select(
    series_enrolments.c.id,
    series_enrolments.c.learner_id,
    series_enrolments.c.version,
    series_enrolments.c.status.label("stored"),
    series_enrolments.c.starts_at,
    series_enrolments.c.ends_at,
    series_enrolments.c.has_signed_in,
    STATUS_NOW.label("status_now"),
    LEARNER_STATUS.label("learner_status"),
)


def _enrolment_row(row: Any) -> EnrolmentRow:
    return EnrolmentRow(
        id=row.id,
        learner_id=row.learner_id,
        version=row.version,
        stored=row.stored,
        times={"starts_at": row.starts_at, "ends_at": row.ends_at, "has_signed_in": row.has_signed_in},
        facts=SeriesEnrolmentFacts(row.status_now, learner_is_active=row.learner_status is LearnerStatus.ACTIVE),
    )


@cache
def _facts(dialect: Dialect) -> AnySelect:
    return _row.where(scope.SERIES_ENROLMENTS, dialect.in_list(series_enrolments.c.id, "ids"))


@cache
def _lock_learners(dialect: Dialect) -> AnySelect:
    concerned = select(series_enrolments.c.learner_id).where(
        scope.SERIES_ENROLMENTS, dialect.in_list(series_enrolments.c.id, "ids")
    )
    return (
        select(learners.c.id)
        .where(learners.c.organisation_id == scope.ORGANISATION, learners.c.id.in_(concerned))
        .order_by(learners.c.id)
        .with_for_update(key_share=True)
    )


async def lock_learners(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> None:
    """Locks the learners of enrolments, in the order of their ids; on SQLite the transaction is alone already."""
    if connection.dialect.name == "postgresql":
        await connection.execute(_lock_learners(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})


async def facts(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> dict[UUID, EnrolmentRow]:
    """The enrolments among `ids` that the viewer sees, with what decides over them."""
    found = await connection.execute(_facts(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {row.id: _enrolment_row(row) for row in found}


_due = (
    _row.join(
        learners,
        and_(
            learners.c.organisation_id == series_enrolments.c.organisation_id,
            learners.c.id == series_enrolments.c.learner_id,
        ),
    )
    .where(series_enrolments.c.organisation_id == scope.ORGANISATION, series_enrolments.c.due_at <= scope.NOW)
    .order_by(series_enrolments.c.due_at, series_enrolments.c.id)
    .limit(bindparam("most"))
    .with_for_update(key_share=True, skip_locked=True, of=learners)
)


async def due(connection: AsyncConnection, organisation_id: UUID, now: datetime, most: int) -> list[EnrolmentRow]:
    """The enrolments of an organisation whose clock moves have come, the longest overdue first; their learners locked.

    Those of learners whom somebody else is changing are left for the next look, which comes after that change.
    """
    found = await connection.execute(_due, {"organisation": organisation_id, "now": now, "most": most})
    return [_enrolment_row(row) for row in found]


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
