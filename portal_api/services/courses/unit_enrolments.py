"""Units of course enrolments: outcomes, dates and hours; which are added, and which were reported (S2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from portal_api.domain.courses.enrolments import COURSE_ENROLMENTS
from portal_api.domain.courses.identifiers import is_program_identifier
from portal_api.domain.courses.statuses import CourseEnrolmentAction
from portal_api.domain.courses.unit_enrolments import (
    MOST_HOURS,
    UNIT_ENROLMENTS,
    UnitEnrolmentAction,
    against_programs,
)
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.inputs import invalid
from portal_api.domain.library import LibraryStatus
from portal_api.domain.outcomes import Outcome, RowResult
from portal_api.domain.refusals import ErrorCode, PlainError, Reason, StatusNotAllowed
from portal_api.queries import learning as learning_queries
from portal_api.queries.courses import changes as queries
from portal_api.queries.courses import found
from portal_api.queries.courses import units as unit_queries
from portal_api.queries.courses.changes import LibraryUnit
from portal_api.queries.courses.found import EnrolmentRow, UnitRow
from portal_api.services.bulk import NOT_FOUND, Decided
from portal_api.services.courses.writing import UnitChange, days_reasons, write_units
from portal_api.work import Answer, Work


@dataclass(frozen=True, slots=True)
class UnitInput:
    """A unit that an enrolment is to have."""

    unit_id: UUID
    program_identifier: str | None
    """That of the course, or of the one that the enrolment has moved on to, where none is given."""
    starts_on: date | None
    ends_on: date | None
    scheduled_hours: int | None
    """The library's, where none is given."""


async def update_units(
    work: Work, ids: Sequence[UUID], given: Mapping[UUID, Mapping[str, Any]], *, expected: Mapping[UUID, int]
) -> Answer:
    """Records outcomes, dates and hours of many units at once (S2: they can be updated in bulk).

    Args:
        work: the transaction.
        ids: the units, as the caller named them.
        given: the columns that the caller gave of each; None takes a value away.
        expected: the versions that the caller read.

    Returns:
        A result a unit.
    """
    await work.lock(found.lock_learners_of_units, ids)
    rows = await found.unit_facts(work.connection, work.bound, ids)
    changes = {row.id: UnitChange(row, given[row.id]) for row in rows.values()}
    renamed = [id_ for id_, change in changes.items() if "programIdentifier" in change.changed]
    decided = Decided(
        UNIT_ENROLMENTS[UnitEnrolmentAction.UPDATE],
        work.role,
        ids,
        rows,
        expected,
        stricter=dict.fromkeys(renamed, UNIT_ENROLMENTS[UnitEnrolmentAction.SET_PROGRAM]),
    )
    siblings = await found.units_of(
        work.connection, work.bound, sorted({row.course_enrolment_id for row in decided.granted})
    )
    decided.refuse(
        {
            row.id: against_unit(changes[row.id].after, "units", str(decided.place_of(row.id)))
            for row in decided.granted
            if changes[row.id].changed
        }
    )
    decided.refuse(_against_programs([changes[row.id] for row in decided.granted], siblings))
    kept = [changes[row.id] for row in decided.granted]
    versions = await write_units(work, kept, HistoryAction.UNIT_ENROLMENT_UPDATED)
    learners = {change.row.learner_id for change in kept if "outcome" in change.changed and change.after["outcome"]}
    if learners:
        await learning_queries.touch(work.connection, work.organisation_id, sorted(learners), now=work.now)
    return Answer(decided.results(versions, [change.row.id for change in kept if not change.changed]))


def against_unit(after: Mapping[str, Any], *path: str) -> list[Reason]:
    """What is wrong with a unit as it is to be: its days, its hours, its program."""
    reasons = days_reasons(after["starts_on"], after["ends_on"], *path)
    for name, place in (("scheduled_hours", "scheduledHours"), ("actual_hours", "actualHours")):
        hours = after.get(name)
        if hours is not None and not 0 <= hours <= MOST_HOURS:
            reasons.append(invalid(f"`{place}` is 0 to {MOST_HOURS:,}.", *path, place))
    if not is_program_identifier(after["program_identifier"]):
        message = "`programIdentifier` has 1 to 10 capital letters and digits, such as BSB50120."
        reasons.append(invalid(message, *path, "programIdentifier"))
    return reasons


def _against_programs(
    changes: Sequence[UnitChange], siblings: Mapping[UUID, Sequence[UnitRow]]
) -> dict[UUID, list[Reason]]:
    """What stands against giving units other programs, where those of an enrolment would name too many.

    Args:
        changes: the changes of the call against which nothing else stands: what is refused counts as it is.
        siblings: all units of the enrolments.

    Returns:
        The reason for each unit of such an enrolment that changes its program: without them it is as it was.
    """
    after = {change.row.id: change.after["program_identifier"] for change in changes}
    against = {
        id_: against_programs(after.get(each.id, each.stored["program_identifier"]) for each in units)
        for id_, units in siblings.items()
    }
    return {
        change.row.id: [reason]
        for change in changes
        if "programIdentifier" in change.changed and (reason := against[change.row.course_enrolment_id])
    }


async def report_units(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Marks units as reported, from now on (S2 Outcome Codes, 3: what was reported decides over a transition)."""
    await work.lock(found.lock_learners_of_units, ids)
    rows = await found.unit_facts(work.connection, work.bound, ids)
    decided = Decided(UNIT_ENROLMENTS[UnitEnrolmentAction.REPORT], work.role, ids, rows, expected)
    reported = [row.id for row in decided.granted if row.facts.is_reported]
    changes = [UnitChange(row, {"reported_at": work.now}) for row in decided.granted if not row.facts.is_reported]
    versions = await write_units(work, changes, HistoryAction.UNIT_ENROLMENT_REPORTED)
    return Answer(decided.results(versions, reported))


async def add_units(
    work: Work, enrolment_id: UUID, given: Sequence[UnitInput], *, expected: Mapping[UUID, int]
) -> Answer:
    """Adds units to an enrolment: the rows are the units, in the order given.

    Args:
        work: the transaction.
        enrolment_id: the enrolment.
        given: the units.
        expected: the version of the enrolment that the caller read, if any.

    Returns:
        A result a unit.
    """
    await work.lock(found.lock_learners, [enrolment_id])
    rows = await found.facts(work.connection, work.bound, [enrolment_id])
    rule = COURSE_ENROLMENTS[CourseEnrolmentAction.ADD_UNITS]
    decided = Decided(rule, work.role, [enrolment_id], rows, expected)
    if not decided.granted:
        [refused] = decided.results(())
        return Answer([RowResult(index, None, None, Outcome.REFUSED, refused.errors) for index in range(len(given))])
    [row] = decided.granted
    units = (await found.units_of(work.connection, work.bound, [enrolment_id]))[enrolment_id]
    library = await held_units(work, [each.unit_id for each in given])
    taken = {unit.unit_id for unit in units}
    programs = {unit.stored["program_identifier"] for unit in units}
    results: list[RowResult] = []
    new: list[dict[str, Any]] = []
    for index, each in enumerate(given):
        unit = new_unit(work, row, each, library.get(each.unit_id), row.program)
        reasons = [
            *against_library_unit(library.get(each.unit_id), "units", str(index)),
            *against_unit(unit, "units", str(index)),
            *([_taken("units", str(index))] if each.unit_id in taken else []),
        ]
        too_many = None if reasons else against_programs({*programs, unit["program_identifier"]})
        if reasons or too_many:
            results.append(RowResult(index, None, None, Outcome.REFUSED, (*reasons, *([too_many] if too_many else []))))
            continue
        taken.add(each.unit_id)
        programs.add(unit["program_identifier"])
        new.append(unit)
        results.append(RowResult(index, None, unit["id"], Outcome.CHANGED))
    await insert_units(work, new)
    return Answer(results)


async def held_units(work: Work, ids: Sequence[UUID]) -> Mapping[UUID, LibraryUnit]:
    """Units of the library, which stay as they are until the enrolments that take them are written."""
    await work.lock(unit_queries.SHELF.hold, ids)
    return await queries.library_units(work.connection, work.bound, ids)


def new_unit(
    work: Work, of: EnrolmentRow | Any, given: UnitInput, unit: LibraryUnit | None, program: str
) -> dict[str, Any]:
    """A new unit of an enrolment: what is not given comes from the library, and the program from the enrolment's course."""
    hours = given.scheduled_hours
    return {
        "organisation_id": work.organisation_id,
        "id": work.new_id(work.now),
        "course_enrolment_id": of.id,
        "learner_id": of.learner_id,
        "course_offer_id": of.course_offer_id,
        "unit_id": given.unit_id,
        "program_identifier": given.program_identifier or program,
        "starts_on": given.starts_on,
        "ends_on": given.ends_on,
        "scheduled_hours": (unit.scheduled_hours if unit else None) if hours is None else hours,
        "version": 1,
    }


def against_library_unit(unit: LibraryUnit | None, *path: str) -> list[Reason]:
    """What stands against taking a unit of the library: that there is none, or that it is retired."""
    if unit is None:
        return [NOT_FOUND]
    if unit.status is not LibraryStatus.ACTIVE:
        message = "The unit is retired, so no enrolment takes it any more. Reinstate it first, or choose another."
        place = ("input", *path, "unitId")
        return [StatusNotAllowed(ErrorCode.STATUS_NOT_ALLOWED, message, place, (LibraryStatus.ACTIVE.name,))]
    return []


def _taken(*path: str) -> Reason:
    message = "The enrolment has this unit already. Change that one instead."
    return PlainError(ErrorCode.ALREADY_ENROLLED, message, ("input", *path, "unitId"))


async def insert_units(
    work: Work, units: Sequence[Mapping[str, Any]], causes: Mapping[UUID, UUID] | None = None
) -> None:
    """Writes new units of enrolments, with the entry that caused each where there is one, by enrolment."""
    await queries.insert_units(work.connection, units)
    await work.record(
        [
            work.entry(
                HistoryAction.UNIT_ENROLMENT_CREATED,
                (SubjectKind.UNIT_ENROLMENT, unit["id"]),
                unit["learner_id"],
                version=1,
                statuses=(None, None),
                cause_id=(causes or {}).get(unit["course_enrolment_id"]),
            )
            for unit in units
        ]
    )
