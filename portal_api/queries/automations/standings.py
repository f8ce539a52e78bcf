"""Where the records that learncycles are about stand: offer, course, series, certification, status, groups.

Not scoped: a learncycle is the organisation's own, and sees all of it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Table, and_, null, select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.automations.rules import Standing
from portal_api.domain.certifications import LEARNER_CERTIFICATIONS
from portal_api.domain.history import SubjectKind
from portal_api.domain.series import SERIES_ENROLMENTS
from portal_api.models import (
    certificates,
    course_enrolments,
    course_offers,
    group_members,
    learner_certifications,
    series_enrolments,
    unit_enrolments,
)
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import scope
from portal_api.queries.rows import dialect_of, id_list
from portal_api.queries.time import status_now

_AT = ("offer_id", "course_id", "series_id", "certification_id", "course_enrolment_id")


def _of(table: Table, rows: FromClause, learner_id: Any, status: Any, **at: ColumnElement[Any]) -> AnySelect:
    """The records of a kind with where they stand; what is not said they do not have."""
    columns = (at.get(name, null()).label(name) for name in _AT)
    return (
        select(table.c.id, learner_id.label("learner_id"), status.label("status"), *columns)
        .select_from(rows)
        .where(table.c.organisation_id == scope.ORGANISATION)
    )


def _same(child: Table, key: str, parent: Table) -> ColumnElement[bool]:
    return and_(parent.c.organisation_id == child.c.organisation_id, parent.c.id == child.c[key])


_enrolled = course_enrolments.join(course_offers, _same(course_enrolments, "course_offer_id", course_offers))
_units = unit_enrolments.join(course_enrolments, _same(unit_enrolments, "course_enrolment_id", course_enrolments)).join(
    course_offers, _same(course_enrolments, "course_offer_id", course_offers)
)
_certified = certificates.join(
    learner_certifications, _same(certificates, "learner_certification_id", learner_certifications)
)
_on_course: dict[str, ColumnElement[Any]] = {
    "offer_id": course_enrolments.c.course_offer_id,
    "course_id": course_offers.c.course_id,
    "course_enrolment_id": course_enrolments.c.id,
}
_certification = {"certification_id": learner_certifications.c.certification_id}
_certification_now = status_now(LEARNER_CERTIFICATIONS, learner_certifications)

STANDING: Mapping[SubjectKind, tuple[Table, AnySelect]] = {
    SubjectKind.SERIES_ENROLMENT: (
        series_enrolments,
        _of(
            series_enrolments,
            series_enrolments,
            series_enrolments.c.learner_id,
            status_now(SERIES_ENROLMENTS, series_enrolments),
            series_id=series_enrolments.c.series_id,
        ),
    ),
    SubjectKind.LEARNER_CERTIFICATION: (
        learner_certifications,
        _of(
            learner_certifications,
            learner_certifications,
            learner_certifications.c.learner_id,
            _certification_now,
            **_certification,
        ),
    ),
    SubjectKind.CERTIFICATE: (
        certificates,
        _of(certificates, _certified, learner_certifications.c.learner_id, _certification_now, **_certification),
    ),
    SubjectKind.COURSE_ENROLMENT: (
        course_enrolments,
        _of(course_enrolments, _enrolled, course_enrolments.c.learner_id, course_enrolments.c.status, **_on_course),
    ),
    SubjectKind.UNIT_ENROLMENT: (
        unit_enrolments,
        _of(unit_enrolments, _units, unit_enrolments.c.learner_id, course_enrolments.c.status, **_on_course),
    ),
}
"""Of each kind of record that a learncycle can be about: its table, and where its records stand."""


SUBJECT_PREFIXES: Mapping[SubjectKind, str] = {
    SubjectKind.LEARNER: "lrn",
    SubjectKind.COURSE_ENROLMENT: "cen",
    SubjectKind.UNIT_ENROLMENT: "uen",
    SubjectKind.SERIES_ENROLMENT: "sen",
    SubjectKind.LEARNER_CERTIFICATION: "lct",
    SubjectKind.CERTIFICATE: "cer",
}
"""What their identifiers begin with, as clients know them, and that of the learner."""


@cache
def _by_ids(dialect: Dialect, kind: SubjectKind) -> AnySelect:
    table, standing = STANDING[kind]
    return standing.where(dialect.in_list(table.c.id, "ids"))


async def by_ids(
    connection: AsyncConnection, organisation_id: UUID, ids: Mapping[SubjectKind, Sequence[UUID]], *, now: datetime
) -> dict[UUID, Standing]:
    """Where records stand now, without the groups of their learners: one statement a kind."""
    found: dict[UUID, Standing] = {}
    for kind, some in ids.items():
        given = {"organisation": organisation_id, "now": now, "ids": id_list(connection, some)}
        for row in await connection.execute(_by_ids(dialect_of(connection), kind), given):
            found[row.id] = standing_of(row)
    return found


def standing_of(row: Any) -> Standing:
    """Where the record of a row stands."""
    return Standing(
        row.learner_id,
        row.status.name,
        row.offer_id,
        row.course_id,
        row.series_id,
        row.certification_id,
        row.course_enrolment_id,
    )


@cache
def _groups(dialect: Dialect) -> AnySelect:
    return select(group_members.c.learner_id, group_members.c.group_id).where(
        group_members.c.organisation_id == scope.ORGANISATION, dialect.in_list(group_members.c.learner_id, "ids")
    )


async def groups_of(
    connection: AsyncConnection, organisation_id: UUID, learner_ids: Sequence[UUID]
) -> dict[UUID, frozenset[UUID]]:
    """The groups that learners are in."""
    given = {"organisation": organisation_id, "ids": id_list(connection, learner_ids)}
    found: dict[UUID, set[UUID]] = {}
    for row in await connection.execute(_groups(dialect_of(connection)), given):
        found.setdefault(row.learner_id, set()).add(row.group_id)
    return {id_: frozenset(groups) for id_, groups in found.items()}
