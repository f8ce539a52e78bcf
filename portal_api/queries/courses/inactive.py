"""Learners all of whose course enrolments are inactive: who they are, why, and what decides over them (S1, in bulk)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Date, and_, exists, literal, or_, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.courses.inactivity import EnrolledLearnerFacts, Inactivity, InactivityReason, inactivity_of
from portal_api.domain.courses.statuses import ENDED, CourseEnrolmentStatus
from portal_api.domain.learners import LearnerStatus
from portal_api.ids import global_id
from portal_api.models import course_enrolments, learners
from portal_api.planner.declare import Column, Derived, Source, ToOne
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import scope
from portal_api.queries.courses.enrolments import COURSE_ENROLMENT
from portal_api.queries.courses.stages import LATEST_END, Enrolled
from portal_api.queries.learners import IS_OWNER_RECORD, LEARNER, LearnerRow
from portal_api.queries.ordering import or_last
from portal_api.queries.rows import PairsAsJson, dialect_of, id_list

_OF_LEARNER = (
    course_enrolments.c.organisation_id == learners.c.organisation_id,
    course_enrolments.c.learner_id == learners.c.id,
)
_HAS_ENDED = or_(
    *(course_enrolments.c.status == literal(each, course_enrolments.c.status.type) for each in sorted(ENDED))
)
_GOES_ON = or_last(LATEST_END) >= scope.TODAY
IS_CANDIDATE = and_(
    learners.c.status == LearnerStatus.ACTIVE,
    exists().where(*_OF_LEARNER).correlate(learners),
    ~exists().where(*_OF_LEARNER, ~_HAS_ENDED, _GOES_ON).correlate(learners),
)
"""`inactivity_of`, as SQL, of all enrolments of an active learner who has any."""
ENROLMENTS = (
    select(PairsAsJson(course_enrolments.c.id, course_enrolments.c.status, LATEST_END))
    .where(*_OF_LEARNER)
    .correlate(learners)
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class InactiveEnrolment:
    """An enrolment, and why it is inactive."""

    course_enrolment_id: str
    reason: InactivityReason
    status: CourseEnrolmentStatus
    latest_end_on: str | None


def _gathered(text: str | None, today: date) -> Iterator[tuple[str, Inactivity | None]]:
    """The enrolments in a text that `ENROLMENTS` gathered, the oldest first: each with why it is inactive, if it is."""
    for id_, status, latest_end in sorted(orjson.loads(text or "[]")):
        end = date.fromisoformat(latest_end) if latest_end else None
        yield global_id("cen", UUID(id_)), inactivity_of(CourseEnrolmentStatus(status), end, today)


def _inactive(_role: str, gathered: str | None, today: date) -> list[InactiveEnrolment]:
    return [
        InactiveEnrolment(id_, why.reason, why.status, why.latest_end_on and why.latest_end_on.isoformat())
        for id_, why in _gathered(gathered, today)
        if why
    ]


def _reasons(role: str, gathered: str | None, today: date) -> list[str]:
    return [f"{each.course_enrolment_id} {_in_words(each)}" for each in _inactive(role, gathered, today)]


def _in_words(inactive: InactiveEnrolment) -> str:
    if inactive.reason is InactivityReason.STATUS:
        return f"{inactive.reason.name} {inactive.status.name}"
    return f"{inactive.reason.name} {inactive.latest_end_on}"


_TODAY = type_coerce(scope.TODAY, Date())

LEARNER_WITH_INACTIVE_ENROLMENTS = Source(
    type="LearnerWithInactiveEnrolments",
    prefix="",
    table=learners,
    scope=and_(scope.LEARNERS, scope.SEES_ORGANISATION, IS_CANDIDATE),
    fields={
        "learner": ToOne("Learner", learners.c.id),
        "enrolments": Derived((ENROLMENTS, _TODAY), _inactive, is_kept=False),
        "reasons": Derived((ENROLMENTS, _TODAY), _reasons, is_kept=False),
        "lastActivityAt": Column(learners.c.last_activity_at),
    },
    filters={
        **{
            name: LEARNER.filters[name]
            for name in (
                "id",
                "externalRef",
                "hasAppAccess",
                "managerId",
                "lastActivityAt",
                "createdAt",
                "reportsTo",
                "groupId",
                "search",
            )
        },
        "courseOfferId": Enrolled(COURSE_ENROLMENT.filters["courseOfferId"]),
        "courseId": Enrolled(COURSE_ENROLMENT.filters["courseId"]),
    },
    orders={name: LEARNER.orders[name] for name in ("FAMILY_NAME", "GIVEN_NAME", "CREATED_AT", "LAST_ACTIVITY_AT")},
    default_order=(("FAMILY_NAME", False), ("GIVEN_NAME", False)),
)
"""Named by no id of its own: `learner` is the record."""


@cache
def _facts(dialect: Dialect) -> AnySelect:
    return select(
        learners.c.id,
        learners.c.version,
        learners.c.status,
        learners.c.has_app_access,
        IS_OWNER_RECORD.label("is_owner_record"),
        ENROLMENTS.label("enrolments"),
    ).where(scope.LEARNERS, dialect.in_list(learners.c.id, "ids"))


async def facts(
    connection: AsyncConnection, bound: dict[str, Any], ids: Sequence[UUID], today: date
) -> dict[UUID, LearnerRow]:
    """The learners among `ids` that the viewer sees, with what decides over them once they are locked.

    Args:
        connection: the transaction.
        bound: what scoped reads are bound to.
        ids: the learners.
        today: the organisation's day.
    """
    found = await connection.execute(_facts(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {row.id: LearnerRow(row.id, row.version, _facts_of(row, today)) for row in found}


def _facts_of(row: Any, today: date) -> EnrolledLearnerFacts:
    enrolments = list(_gathered(row.enrolments, today))
    return EnrolledLearnerFacts(
        row.status,
        row.is_owner_record,
        has_app_access=row.has_app_access,
        has_enrolments=bool(enrolments),
        active_enrolments=tuple(id_ for id_, why in enrolments if why is None),
    )
