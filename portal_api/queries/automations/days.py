"""Days of records that learncycles wait for: which have come, and are not yet answered for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.automations.rules import ConditionKind, Learncycle, Standing
from portal_api.domain.automations.triggers import SUBJECTS, TriggerKind
from portal_api.domain.certifications import CertificateStatus
from portal_api.models import (
    certificates,
    course_enrolments,
    course_offers,
    learncycle_runs,
    learner_certifications,
    series_enrolments,
    unit_enrolments,
)
from portal_api.models.base import Instant
from portal_api.queries.automations.standings import STANDING, standing_of
from portal_api.queries.rows import dialect_of


def _of_units(aggregate: Any, name: str) -> ColumnElement[Any]:
    """A day of a course enrolment: its units say it, where it has any, with days or without."""
    own = and_(
        unit_enrolments.c.organisation_id == course_enrolments.c.organisation_id,
        unit_enrolments.c.course_enrolment_id == course_enrolments.c.id,
    )
    of_units = select(aggregate(unit_enrolments.c[name])).where(own).correlate(course_enrolments).scalar_subquery()
    return case((exists().where(own).correlate(course_enrolments), of_units), else_=course_enrolments.c[name])


_T = TriggerKind
_DAYS: Mapping[TriggerKind, ColumnElement[Any]] = {
    _T.COURSE_ENROLMENT_STARTS: _of_units(func.min, "starts_on"),
    _T.COURSE_ENROLMENT_ENDS: _of_units(func.max, "ends_on"),
    _T.COURSE_ENROLMENT_RETURNS: course_enrolments.c.returns_on,
    _T.COURSE_ENROLMENT_FINALISED: course_enrolments.c.finalised_on,
    _T.COURSE_ENROLMENT_RECONNECTS: course_enrolments.c.reconnect_on,
    _T.UNIT_ENDS: unit_enrolments.c.ends_on,
    _T.SERIES_ENROLMENT_ENDS: series_enrolments.c.ends_at,
    _T.CERTIFICATE_EXPIRES: certificates.c.expires_at,
}
_FIXED: Mapping[ConditionKind, ColumnElement[Any]] = {
    ConditionKind.COURSE: course_offers.c.course_id,
    ConditionKind.SERIES: series_enrolments.c.series_id,
    ConditionKind.CERTIFICATION: learner_certifications.c.certification_id,
}
"""What never changes of a record, and so is asked where records are looked for."""


@dataclass(frozen=True, slots=True)
class Window:
    """Days from the first to the last, as dates and as the instants at which they begin and have ended."""

    first: date
    last: date
    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """A record whose day lies in a window."""

    id: UUID
    standing: Standing
    day: date | datetime
    """A local day, or an instant of it."""


async def within(
    connection: AsyncConnection,
    organisation_id: UUID,
    rule: Learncycle,
    window: Window,
    *,
    now: datetime,
    most: int,
    open_only: bool,
) -> list[Found]:
    """The records that a rule concerns whose day lies in a window, by their day.

    Args:
        connection: the transaction.
        organisation_id: whose they are.
        rule: what waits for the day.
        window: the days of the records, not those on which the rule fires.
        now: the instant at which they stand.
        most: how many at the most.
        open_only: leave out the days that the rule has answered for.
    """
    kind = SUBJECTS[rule.trigger.kind]
    table, standing = STANDING[kind]
    day = _DAYS[rule.trigger.kind]
    is_instant = isinstance(day.type, Instant)
    bounds = (
        and_(day >= window.begins_at, day < window.ends_at)
        if is_instant
        else and_(day >= window.first, day <= window.last)
    )
    dialect = dialect_of(connection)
    values: dict[str, Any] = {"organisation": organisation_id, "now": now}
    statement = standing.add_columns(day.label("day")).where(bounds).order_by(day, table.c.id).limit(most)
    if rule.trigger.kind is TriggerKind.CERTIFICATE_EXPIRES:  # one that was replaced or revoked expires no more
        statement = statement.where(certificates.c.status.in_([CertificateStatus.VALID, CertificateStatus.EXPIRED]))
    named = {_FIXED[each]: list(map(UUID, ids)) for each, ids in rule.conditions.items() if each in _FIXED}
    if rule.offers:
        named[course_enrolments.c.course_offer_id] = list(rule.offers)
    for place, (column, ids) in enumerate(named.items()):
        statement = statement.where(dialect.in_list(column, f"named_{place}"))
        values[f"named_{place}"] = dialect.encode(ids)
    if open_only:
        runs = learncycle_runs.c
        same_day = and_(runs.day_from <= day, day < runs.day_until) if is_instant else runs.on_date == day
        statement = statement.where(
            ~exists().where(
                runs.organisation_id == organisation_id,
                runs.learncycle_id == rule.id,
                runs.subject_id == table.c.id,
                same_day,
            )
        )
    return [Found(row.id, standing_of(row), row.day) for row in await connection.execute(statement, values)]
