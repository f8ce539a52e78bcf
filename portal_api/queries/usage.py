"""Metering in SQL: who is counted for a month, who has been quiet in it, and how many there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.metering import Month
from portal_api.models import activity_intervals, learners
from portal_api.models.base import Instant
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.planner.filters import Binder, Shape
from portal_api.queries import scope
from portal_api.queries.rows import dialect_of, id_list


def _is_counted(
    learner_id: ColumnElement[Any], start: ColumnElement[datetime], end: ColumnElement[datetime]
) -> ColumnElement[bool]:
    """Whether an active interval reaches into a month, or one of no length lies in it."""
    active = activity_intervals.alias("active_interval")
    return exists().where(
        active.c.organisation_id == scope.ORGANISATION,
        active.c.learner_id == learner_id,
        active.c.active_from < end,
        or_(active.c.active_until.is_(None), active.c.active_until > start, active.c.active_from >= start),
    )


@dataclass(frozen=True, slots=True)
class ActiveIn:
    """Learners who are counted for the time between two instants."""

    learner_id: ColumnElement[Any]

    def parse(self, value: Any) -> tuple[Shape, Mapping[str, Any]]:
        return (), {"start": value[0], "end": value[1]}

    def where(self, shape: Shape, bind: Binder) -> ColumnElement[bool]:
        return _is_counted(self.learner_id, bind("start", Instant()), bind("end", Instant()))


@dataclass(frozen=True, slots=True)
class QuietSince:
    """Learners who have done nothing since an instant, or never did anything: that stands as longest ago."""

    last_activity: ColumnElement[datetime]

    def parse(self, value: Any) -> tuple[Shape, Mapping[str, Any]]:
        return (), {"at": value}

    def where(self, shape: Shape, bind: Binder) -> ColumnElement[bool]:
        return self.last_activity < bind("at", Instant())


def _number(place: int, *conditions: ColumnElement[bool]) -> ColumnElement[int]:
    start, end = (bindparam(f"{name}{place}", type_=Instant()) for name in ("start", "end"))
    return (
        select(func.count())
        .select_from(learners)
        .where(learners.c.organisation_id == scope.ORGANISATION, _is_counted(learners.c.id, start, end), *conditions)
        .scalar_subquery()
    )


@cache
def _numbers_among(dialect: Dialect, months: int) -> AnySelect:
    return select(*(_number(place, dialect.in_list(learners.c.id, "ids")) for place in range(months)))


@cache
def _numbers(months: int) -> AnySelect:
    return select(*(_number(place) for place in range(months)))


def _bounds(months: Sequence[Month]) -> dict[str, datetime]:
    return {
        f"{name}{place}": instant
        for place, month in enumerate(months)
        for name, instant in (("start", month.starts_at), ("end", month.ends_at))
    }


async def counts_among(
    connection: AsyncConnection, organisation_id: UUID, ids: Sequence[UUID], months: Sequence[Month]
) -> list[int]:
    """How many of some learners are counted, for each month."""
    values = {"organisation": organisation_id, "ids": id_list(connection, ids), **_bounds(months)}
    found = await connection.execute(_numbers_among(dialect_of(connection), len(months)), values)
    return list(found.one())


async def counts(connection: AsyncConnection, organisation_id: UUID, months: Sequence[Month]) -> list[int]:
    """How many learners of an organisation are counted, for each month."""
    values = {"organisation": organisation_id, **_bounds(months)}
    return list((await connection.execute(_numbers(len(months)), values)).one())
