"""Courses and the units in them as a change finds them, and the writes on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.courses.library import COURSES
from portal_api.domain.library import LibraryStatus
from portal_api.domain.machine import RecordFacts
from portal_api.models import course_units, courses
from portal_api.models.base import Id
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import scope
from portal_api.queries.courses.shelf import Shelf
from portal_api.queries.folding import fold
from portal_api.queries.moves import Moves
from portal_api.queries.rows import dialect_of, id_list, insert_rows, update_rows

SHELF = Shelf(courses, scope.COURSES)
COURSE = bindparam("course", type_=Id())
shelve = Moves(COURSES, courses).take


@dataclass(frozen=True, slots=True)
class CourseContent:
    """What a course says, beside its units."""

    external_ref: str
    title: str
    program_identifier: str
    superseded_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class CourseRow:
    """A course as a change finds it."""

    id: UUID
    version: int
    content: CourseContent
    facts: RecordFacts[LibraryStatus]


@cache
def _facts(dialect: Dialect) -> AnySelect:
    return select(
        courses.c.id,
        courses.c.version,
        courses.c.external_ref,
        courses.c.title,
        courses.c.program_identifier,
        courses.c.superseded_by,
        courses.c.status,
    ).where(scope.COURSES, dialect.in_list(courses.c.id, "ids"))


async def facts(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> dict[UUID, CourseRow]:
    """The courses among `ids` that the viewer sees, with what decides over them."""
    found = await connection.execute(_facts(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {
        row.id: CourseRow(
            row.id,
            row.version,
            CourseContent(row.external_ref, row.title, row.program_identifier, row.superseded_by),
            RecordFacts(row.status),
        )
        for row in found
    }


_units = (
    select(course_units.c.unit_id)
    .where(course_units.c.organisation_id == scope.ORGANISATION, course_units.c.course_id == COURSE)
    .order_by(course_units.c.position)
)


async def units_of(connection: AsyncConnection, organisation_id: UUID, course_id: UUID) -> list[UUID]:
    """The units of a course, in its order."""
    values = {"organisation": organisation_id, "course": course_id}
    return list((await connection.execute(_units, values)).scalars())


def _above() -> AnySelect:
    """The courses that have taken the place of one, that of the first, and so on; each once, should they go in a circle."""
    own = [courses.c.organisation_id == scope.ORGANISATION, courses.c.superseded_by.is_not(None)]
    chain = select(courses.c.superseded_by.label("id")).where(*own, courses.c.id == COURSE).cte("chain", recursive=True)
    further = select(courses.c.superseded_by).join(chain, courses.c.id == chain.c.id).where(*own)
    return select(chain.union(further).c.id)


_superseding = _above()


async def superseding(connection: AsyncConnection, organisation_id: UUID, course_id: UUID) -> set[UUID]:
    """The courses that have taken the place of a course, directly or further on."""
    values = {"organisation": organisation_id, "course": course_id}
    return set((await connection.execute(_superseding, values)).scalars())


def _written(given: CourseContent) -> dict[str, Any]:
    return {
        "external_ref": given.external_ref,
        "title": given.title,
        "title_key": fold(given.title),
        "search_key": fold(f"{given.title} {given.external_ref} {given.program_identifier}"),
        "program_identifier": given.program_identifier,
        "superseded_by": given.superseded_by,
    }


async def create(
    connection: AsyncConnection,
    organisation_id: UUID,
    new: Mapping[UUID, tuple[CourseContent, Sequence[UUID]]],
    *,
    at: datetime,
) -> None:
    """Makes courses, active, by their ids: what each says, and its units in their order."""
    always = {"organisation_id": organisation_id, "status": LibraryStatus.ACTIVE, "created_at": at, "version": 1}
    rows = [{"id": id_, **_written(given), **always} for id_, (given, _) in new.items()]
    await insert_rows(connection, courses, rows)
    await _insert_units(connection, organisation_id, {id_: units for id_, (_, units) in new.items()})


async def change(
    connection: AsyncConnection, organisation_id: UUID, row: CourseRow, given: CourseContent
) -> dict[UUID, int]:
    """Changes what a course says, but not its units.

    Returns:
        The new version, if the course was still at the version that was read.
    """
    return await update_rows(
        connection, courses, organisation_id, [{"id": row.id, "version": row.version, **_written(given)}]
    )


_without_units = delete(course_units).where(
    course_units.c.organisation_id == scope.ORGANISATION, course_units.c.course_id == COURSE
)


async def replace_units(
    connection: AsyncConnection, organisation_id: UUID, course_id: UUID, unit_ids: Sequence[UUID]
) -> None:
    """Gives a course other units, or another order of them."""
    await connection.execute(_without_units, {"organisation": organisation_id, "course": course_id})
    await _insert_units(connection, organisation_id, {course_id: unit_ids})


async def _insert_units(
    connection: AsyncConnection, organisation_id: UUID, given: Mapping[UUID, Sequence[UUID]]
) -> None:
    rows = [
        {"organisation_id": organisation_id, "course_id": id_, "unit_id": unit_id, "position": position}
        for id_, unit_ids in given.items()
        for position, unit_id in enumerate(unit_ids, start=1)
    ]
    await insert_rows(connection, course_units, rows)
