"""What happens to courses themselves: made, changed, retired, reinstated."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from portal_api.domain.courses.identifiers import is_program_identifier
from portal_api.domain.courses.library import COURSES, MOST_UNITS, CourseAction
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.inputs import LONGEST_NAME, LONGEST_REFERENCE, invalid, text_reasons
from portal_api.domain.library import LibraryStatus
from portal_api.domain.refusals import ErrorCode, PlainError, Reason
from portal_api.ids import global_id
from portal_api.models import courses
from portal_api.planner.names import camel
from portal_api.queries import organisations as organisation_queries
from portal_api.queries.courses import library as course_queries
from portal_api.queries.courses import units as unit_queries
from portal_api.queries.courses.library import SHELF, CourseContent
from portal_api.queries.courses.units import UnitRow
from portal_api.services.bulk import Decided
from portal_api.services.courses.telling import answered, not_found, record_edited, record_made, retired, taken
from portal_api.services.shelves import shelve
from portal_api.work import Answer, Work

PLACE = "courses"
"""The input's field that new courses are rows of."""


@dataclass(frozen=True, slots=True)
class CourseInput:
    """What a client gives of a new course."""

    external_ref: str | None
    """None for its own identifier."""
    title: str
    program_identifier: str
    unit_ids: Sequence[UUID]
    """In the order of the course."""


async def create(work: Work, given: Sequence[CourseInput]) -> Answer:
    """Makes courses of units that are in use. Of two rows with one reference the first has it."""
    await work.lock(organisation_queries.lock, ())
    units = await _held_units(work, [id_ for row in given for id_ in row.unit_ids[:MOST_UNITS]])
    against = [
        [
            *_content_reasons(row.external_ref, row.title, row.program_identifier, PLACE, str(index)),
            *_unit_reasons(row.unit_ids, units, (), PLACE, str(index)),
        ]
        for index, row in enumerate(given)
    ]
    named = [row.external_ref for row, reasons in zip(given, against, strict=True) if row.external_ref and not reasons]
    refs = set(await _holders(work, named))
    made: list[UUID | None] = []
    new: dict[UUID, tuple[CourseContent, Sequence[UUID]]] = {}
    for index, (row, reasons) in enumerate(zip(given, against, strict=True)):
        if row.external_ref in refs:
            reasons.append(_taken(PLACE, str(index)))
        made.append(None if reasons else work.new_id(work.now))
        if id_ := made[-1]:
            ref = row.external_ref or global_id("crs", id_)
            new[id_] = (CourseContent(ref, row.title, row.program_identifier), row.unit_ids)
            refs.add(ref)
    await course_queries.create(work.connection, work.organisation_id, new, at=work.now)
    await record_made(work, HistoryAction.COURSE_CREATED, SubjectKind.COURSE, new)
    return Answer(answered(made, against))


async def update(
    work: Work,
    id_: UUID,
    given: Mapping[str, Any],
    unit_ids: Sequence[UUID] | None,
    *,
    expected: Mapping[UUID, int],
) -> Answer:
    """Changes what a course says and what it is made of; enrolments keep the units that they have.

    Args:
        work: the transaction.
        id_: the course.
        given: the fields that the client gave, by their Python names.
        unit_ids: its units in their order; None to leave them.
        expected: the version that the course is expected to have, if any.

    Returns:
        One result.
    """
    await work.lock(organisation_queries.lock, ())
    await work.lock(SHELF.lock, [id_])
    rows = await course_queries.facts(work.connection, work.bound, [id_])
    decided = Decided(COURSES[CourseAction.UPDATE], work.role, [id_], rows, expected)
    if not decided.granted:
        return Answer(decided.results(()))
    [row] = decided.granted
    units = await course_queries.units_of(work.connection, work.organisation_id, id_)
    meant = replace(row.content, **given)
    changed = [camel(name) for name in given if getattr(meant, name) != getattr(row.content, name)]
    has_other_units = unit_ids is not None and list(unit_ids) != units
    changed += ["units"] if has_other_units else []
    if not changed:
        return Answer(decided.results((), [id_]))
    reasons = list(_content_reasons(meant.external_ref, meant.title, meant.program_identifier))
    if not reasons and (await _holders(work, [meant.external_ref])).get(meant.external_ref, id_) != id_:
        reasons.append(_taken())
    if "supersededBy" in changed and meant.superseded_by is not None:
        reasons += await _supersession_reasons(work, id_, meant.superseded_by)
    if has_other_units and unit_ids is not None:
        reasons += _unit_reasons(unit_ids, await _held_units(work, unit_ids[:MOST_UNITS]), units)
    decided.refuse({id_: reasons})
    if not decided.granted:
        return Answer(decided.results(()))
    versions = await course_queries.change(work.connection, work.organisation_id, row, meant)
    if versions and has_other_units and unit_ids is not None:
        await course_queries.replace_units(work.connection, work.organisation_id, id_, unit_ids)
    await record_edited(work, HistoryAction.COURSE_UPDATED, SubjectKind.COURSE, versions, changed)
    return Answer(decided.results(versions))


async def _held_units(work: Work, ids: Sequence[UUID]) -> dict[UUID, UnitRow]:
    """The units among `ids` that the caller sees, kept as they are: none is retired before the course has it."""
    named = list(dict.fromkeys(ids))
    await work.lock(unit_queries.SHELF.hold, named)
    return await unit_queries.facts(work.connection, work.bound, named)


async def _holders(work: Work, refs: Sequence[str]) -> dict[str, UUID]:
    return await SHELF.holders(work.connection, work.organisation_id, courses.c.external_ref, refs)


def _content_reasons(external_ref: str | None, title: str, program_identifier: str, *path: str) -> Iterator[Reason]:
    yield from text_reasons(external_ref, *path, "externalRef", longest=LONGEST_REFERENCE, least=1)
    yield from text_reasons(title, *path, "title", longest=LONGEST_NAME, least=1)
    if not is_program_identifier(program_identifier):
        yield invalid("`programIdentifier` has 1 to 10 capital letters and digits.", *path, "programIdentifier")


def _unit_reasons(
    unit_ids: Sequence[UUID], units: Mapping[UUID, UnitRow], named: Sequence[UUID], *path: str
) -> list[Reason]:
    """What stands against the units of a course: each is there once, seen, and in use or there already."""
    if len(unit_ids) > MOST_UNITS:
        message = f"A course has {MOST_UNITS} units at the most; {len(unit_ids)} were given."
        return [PlainError(ErrorCode.LIMIT_EXCEEDED, message, ("input", *path, "unitIds"))]
    reasons: list[Reason] = []
    for place, id_ in enumerate(unit_ids):
        at = (*path, "unitIds", str(place))
        unit = units.get(id_)
        if unit is None:
            reasons.append(not_found("unit", *at))
        elif id_ in unit_ids[:place]:
            reasons.append(invalid("The unit stands in the course twice. Name it once.", *at))
        elif unit.facts.status is not LibraryStatus.ACTIVE and id_ not in named:
            reasons.append(retired(f"The unit {unit.content.identifier}", *at))
    return reasons


async def _supersession_reasons(work: Work, id_: UUID, superseded_by: UUID) -> list[Reason]:
    """What stands against the course that takes the place of another: it is seen, and the other takes not its place."""
    if superseded_by not in await course_queries.facts(work.connection, work.bound, [superseded_by]):
        return [not_found("course", "supersededById")]
    if superseded_by != id_ and id_ not in await course_queries.superseding(
        work.connection, work.organisation_id, superseded_by
    ):
        return []
    message = (
        "This course is the one that is superseded, or has been superseded by it, directly or further on. "
        "Choose another course."
    )
    return [PlainError(ErrorCode.SUPERSESSION_CIRCLE, message, ("input", "supersededById"))]


def _taken(*path: str) -> Reason:
    message = "Another course of the organisation has this reference."
    return taken(ErrorCode.EXTERNAL_REF_TAKEN, message, *path, "externalRef")


async def retire(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Takes courses out of use: they are offered no more and nobody is enrolled; running enrolments go on."""
    return await _shelve(work, CourseAction.RETIRE, HistoryAction.COURSE_RETIRED, ids, expected)


async def reinstate(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Takes courses into use again."""
    return await _shelve(work, CourseAction.REINSTATE, HistoryAction.COURSE_REINSTATED, ids, expected)


async def _shelve(
    work: Work, action: CourseAction, act: HistoryAction, ids: Sequence[UUID], expected: Mapping[UUID, int]
) -> Answer:
    await work.lock(SHELF.lock, ids)
    rows = await course_queries.facts(work.connection, work.bound, ids)
    return await shelve(work, COURSES, action, act, ids, rows, expected, course_queries.shelve)
