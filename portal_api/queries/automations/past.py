"""What a simulation asks of the past: the changes of a period, who was active when, and how enrolments stood."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, exists, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.history import ActorKind, HistoryAction, SubjectKind
from portal_api.models import activity_intervals, history_entries
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import scope
from portal_api.queries.rows import dialect_of, id_list

_h, _i = history_entries.c, activity_intervals.c
_other = history_entries.alias("other")
_changes = (
    select(
        _h.id,
        _h.subject_kind,
        _h.subject_id,
        _h.learner_id,
        _h.from_status,
        _h.to_status,
        _h.reason,
        _h.cause_id,
        _h.changed_fields,
        _h.occurred_at,
        _h.recorded_at,
        exists()
        .where(
            _other.c.organisation_id == _h.organisation_id,
            _other.c.learner_id == _h.learner_id,
            _other.c.action == HistoryAction.LEARNER_DEACTIVATED,
            _other.c.actor_kind != ActorKind.LEARNCYCLE,
            _other.c.recorded_at == _h.recorded_at,
        )
        .label("is_by_deactivation"),
    )
    .where(
        _h.organisation_id == scope.ORGANISATION,
        _h.subject_kind == bindparam("kind", type_=_h.subject_kind.type),
        _h.occurred_at >= bindparam("since", type_=_h.occurred_at.type),
        _h.occurred_at < bindparam("until", type_=_h.occurred_at.type),
        or_(_h.to_status == bindparam("value"), _h.reason == bindparam("value")),
    )
    .order_by(_h.occurred_at, _h.id)
    .limit(bindparam("most"))
)


class Past:
    """A history entry as it is read back: like one that is written."""

    def __init__(self, row: Any) -> None:
        self.id: UUID = row.id
        self.subject_kind: SubjectKind = row.subject_kind
        self.subject_id: UUID = row.subject_id
        self.learner_id: UUID | None = row.learner_id
        self.from_status: str | None = row.from_status
        self.to_status: str | None = row.to_status
        self.reason: str | None = row.reason
        self.cause_id: UUID | None = row.cause_id
        self.changed_fields: str | None = " ".join(row.changed_fields or ())
        self.occurred_at: datetime = row.occurred_at
        self.recorded_at: datetime = row.recorded_at
        self.is_by_deactivation: bool = bool(row.is_by_deactivation)
        """Whether it came with a deactivation that somebody asked for: what followed found the learner inactive."""


async def changes(
    connection: AsyncConnection,
    organisation_id: UUID,
    kind: SubjectKind,
    value: str | None,
    since: datetime,
    until: datetime,
    most: int,
) -> list[Past]:
    """The changes of a kind of record in a period that came to a status or a reason, the earliest first."""
    given = {
        "organisation": organisation_id,
        "kind": kind,
        "value": value,
        "since": since,
        "until": until,
        "most": most,
    }
    return [Past(row) for row in await connection.execute(_changes, given)]


@cache
def _statuses(dialect: Dialect) -> AnySelect:
    return (
        select(_h.subject_id, _h.from_status, _h.to_status, _h.recorded_at)
        .where(
            _h.organisation_id == scope.ORGANISATION,
            _h.subject_kind == literal(SubjectKind.COURSE_ENROLMENT, _h.subject_kind.type),
            dialect.in_list(_h.subject_id, "ids"),
        )
        .order_by(_h.subject_id, _h.recorded_at, _h.id)
    )


class Statuses:
    """The statuses that course enrolments had, as their history tells them."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self._first: dict[UUID, str | None] = {}
        self._since: dict[UUID, tuple[list[datetime], list[str | None]]] = {}
        for row in rows:
            self._first.setdefault(row.subject_id, row.from_status)
            instants, statuses = self._since.setdefault(row.subject_id, ([], []))
            instants.append(row.recorded_at)
            statuses.append(row.to_status)

    def at(self, id_: UUID, instant: datetime) -> str | None:
        """The status of an enrolment after all that was written down by an instant; None where nothing tells it."""
        instants, statuses = self._since.get(id_, ([], []))
        place = bisect_right(instants, instant)
        return statuses[place - 1] if place else self._first.get(id_)


async def course_statuses(connection: AsyncConnection, organisation_id: UUID, ids: Sequence[UUID]) -> Statuses:
    """The statuses that course enrolments had at any time."""
    given = {"organisation": organisation_id, "ids": id_list(connection, ids)}
    return Statuses(await connection.execute(_statuses(dialect_of(connection)), given))


@cache
def _intervals(dialect: Dialect) -> AnySelect:
    return select(_i.learner_id, _i.active_from, _i.active_until).where(
        _i.organisation_id == scope.ORGANISATION, dialect.in_list(_i.learner_id, "ids")
    )


async def active_intervals(
    connection: AsyncConnection, organisation_id: UUID, learner_ids: Sequence[UUID]
) -> dict[UUID, list[tuple[datetime, datetime | None]]]:
    """When each learner was active."""
    found: dict[UUID, list[tuple[datetime, datetime | None]]] = {id_: [] for id_ in learner_ids}
    given = {"organisation": organisation_id, "ids": id_list(connection, learner_ids)}
    for row in await connection.execute(_intervals(dialect_of(connection)), given):
        found[row.learner_id].append((row.active_from, row.active_until))
    return found
