"""Course enrolments and their units: the writes, and what enrolling looks at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.courses.library import CourseOfferFacts
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.library import LibraryStatus
from portal_api.models import (
    course_enrolments,
    course_offers,
    course_units,
    courses,
    learners,
    status_reasons,
    unit_enrolments,
    units,
)
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import scope
from portal_api.queries.rows import dialect_of, id_list, insert_rows, update_rows

Rows = Sequence[Mapping[str, Any]]


async def change_enrolments(connection: AsyncConnection, organisation_id: UUID, rows: Rows) -> dict[UUID, int]:
    """Gives enrolments new values, each its own.

    Args:
        connection: the transaction.
        organisation_id: whose they are.
        rows: `id`, the `version` that was read, and the values.

    Returns:
        The new version of each that was still at the version read.
    """
    return await update_rows(connection, course_enrolments, organisation_id, rows)


async def change_units(connection: AsyncConnection, organisation_id: UUID, rows: Rows) -> dict[UUID, int]:
    """Gives units of enrolments new values, each its own; returns the new versions."""
    return await update_rows(connection, unit_enrolments, organisation_id, rows)


async def insert_enrolments(connection: AsyncConnection, rows: Rows) -> None:
    """Writes new enrolments."""
    await insert_rows(connection, course_enrolments, rows)


async def insert_units(connection: AsyncConnection, rows: Rows) -> None:
    """Writes new units of enrolments."""
    await insert_rows(connection, unit_enrolments, rows)


@dataclass(frozen=True, slots=True)
class OfferRow:
    """An offer, as enrolling in it finds it."""

    id: UUID
    course_id: UUID
    program_identifier: str
    starts_on: date | None
    ends_on: date | None
    status: LibraryStatus
    course_status: LibraryStatus


_offer = (
    select(
        course_offers.c.id,
        course_offers.c.course_id,
        course_offers.c.starts_on,
        course_offers.c.ends_on,
        course_offers.c.status,
        courses.c.program_identifier,
        courses.c.status.label("course_status"),
    )
    .join(
        courses,
        and_(courses.c.organisation_id == course_offers.c.organisation_id, courses.c.id == course_offers.c.course_id),
    )
    .where(scope.COURSE_OFFERS)
)


@cache
def _offers(dialect: Dialect) -> AnySelect:
    return _offer.where(dialect.in_list(course_offers.c.id, "ids"))


async def offer(connection: AsyncConnection, bound: Mapping[str, Any], id_: UUID) -> OfferRow | None:
    """An offer that the viewer sees."""
    values = {**bound, "ids": id_list(connection, [id_])}
    row = (await connection.execute(_offers(dialect_of(connection)), values)).first()
    if row is None:
        return None
    return OfferRow(
        row.id, row.course_id, row.program_identifier, row.starts_on, row.ends_on, row.status, row.course_status
    )


@dataclass(frozen=True, slots=True)
class Candidate:
    """A learner who is to be enrolled."""

    id: UUID
    version: int
    facts: CourseOfferFacts


@cache
def _candidates(dialect: Dialect) -> AnySelect:
    return select(learners.c.id, learners.c.version, learners.c.status).where(
        scope.LEARNERS, dialect.in_list(learners.c.id, "ids")
    )


async def candidates(
    connection: AsyncConnection, bound: Mapping[str, Any], of: OfferRow, ids: Sequence[UUID]
) -> dict[UUID, Candidate]:
    """The learners among `ids` that the viewer sees, as somebody to be enrolled in an offer."""
    found = await connection.execute(_candidates(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {
        row.id: Candidate(
            row.id,
            row.version,
            CourseOfferFacts(of.status, of.course_status, learner_is_active=row.status is LearnerStatus.ACTIVE),
        )
        for row in found
    }


@dataclass(frozen=True, slots=True)
class LibraryUnit:
    """A unit of the library, as an enrolment takes it."""

    id: UUID
    scheduled_hours: int | None
    status: LibraryStatus


_of_course = (
    select(course_units.c.unit_id)
    .where(course_units.c.organisation_id == scope.ORGANISATION, course_units.c.course_id == scope.COURSE)
    .order_by(course_units.c.position)
)


async def units_of_course(connection: AsyncConnection, organisation_id: UUID, course_id: UUID) -> list[UUID]:
    """The units of a course, in order."""
    found = await connection.execute(_of_course, {"organisation": organisation_id, "course": course_id})
    return list(found.scalars())


@cache
def _library_units(dialect: Dialect) -> AnySelect:
    return select(units.c.id, units.c.scheduled_hours, units.c.status).where(
        scope.UNITS, dialect.in_list(units.c.id, "ids")
    )


async def library_units(
    connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]
) -> dict[UUID, LibraryUnit]:
    """The units of the library among `ids` that the viewer sees."""
    found = await connection.execute(_library_units(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {row.id: LibraryUnit(row.id, row.scheduled_hours, row.status) for row in found}


@cache
def _reason(dialect: Dialect) -> AnySelect:
    return select(status_reasons.c.id, status_reasons.c.status).where(
        scope.STATUS_REASONS, dialect.in_list(status_reasons.c.id, "ids")
    )


async def reason_status(connection: AsyncConnection, bound: Mapping[str, Any], id_: UUID) -> LibraryStatus | None:
    """Whether a reason for a status is in use; None where there is no such reason."""
    row = (
        await connection.execute(_reason(dialect_of(connection)), {**bound, "ids": id_list(connection, [id_])})
    ).first()
    return row.status if row else None


@cache
def _references(dialect: Dialect) -> AnySelect:
    return select(course_enrolments.c.id, course_enrolments.c.external_ref).where(
        course_enrolments.c.organisation_id == scope.ORGANISATION,
        dialect.in_list(course_enrolments.c.external_ref, "refs"),
    )


async def ids_of_references(connection: AsyncConnection, organisation_id: UUID, refs: Sequence[str]) -> dict[str, UUID]:
    """The enrolments that have one of some references."""
    dialect = dialect_of(connection)
    values = {"organisation": organisation_id, "refs": dialect.encode(list(refs))}
    return {row.external_ref: row.id for row in await connection.execute(_references(dialect), values)}
