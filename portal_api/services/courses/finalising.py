"""Finalising: one call brings enrolments with their units to the reportable end, and takes the closing steps (S2)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from portal_api.domain.courses.enrolments import COURSE_ENROLMENTS, FINALISED_BY
from portal_api.domain.courses.finalising import Finalisation, Finalised, finalise, of_unit
from portal_api.domain.courses.needs import ChecklistStep, StepState, checklist
from portal_api.domain.courses.statuses import COMPLETIONS, ENDED, CourseEnrolmentStatus
from portal_api.domain.courses.unit_enrolments import UNIT_ENROLMENTS, UnitEnrolmentAction
from portal_api.domain.courses.units import NO_CORRECTION, UnitCorrection, has_more_hours_than_scheduled
from portal_api.domain.history import HistoryAction
from portal_api.domain.refusals import ErrorCode, PlainError, Reason
from portal_api.ids import global_id
from portal_api.queries.courses import found, states
from portal_api.queries.courses.found import EnrolmentRow, UnitRow
from portal_api.services.bulk import NOT_FOUND, Decided
from portal_api.services.courses.closing import Closing, against_closing, close, ground_of
from portal_api.services.courses.statuses import NOT_DEFERRED, after_status
from portal_api.services.courses.writing import (
    EnrolmentChange,
    UnitChange,
    against_reason,
    hold_reason,
    today,
    units_by_id,
    write_enrolments,
    write_units,
)
from portal_api.services.learners import Bill
from portal_api.work import Answer, Work


@dataclass(frozen=True, slots=True)
class Order:
    """What a call says of one enrolment."""

    on: date | None
    """The day of a withdrawal or deferral; a completion has none but today."""
    returns_on: date | None = None
    corrections: Mapping[str, UnitCorrection] = field(default_factory=dict[str, UnitCorrection])
    """By the units' identifiers."""


async def finalise_enrolments(
    work: Work,
    ids: Sequence[UUID],
    orders: Mapping[UUID, Order],
    *,
    to: CourseEnrolmentStatus,
    reason_id: UUID | None,
    note: str | None,
    closing: Closing,
    expected: Mapping[UUID, int],
) -> Answer:
    """Finalises enrolments: status and reason, then units, then the closing steps asked for (S2, in its order).

    Args:
        work: the transaction.
        ids: the enrolments, as the caller named them.
        orders: what is said of each.
        to: the status to finalise to, for all of them.
        reason_id: the reason; one that an enrolment has stays where none is given.
        note: a note for administrators.
        closing: what else is to be done.
        expected: the versions that the caller read.

    Returns:
        A result an enrolment; the facts tell warnings and what the bills lose.
    """
    await work.lock(found.lock_learners, ids)
    await hold_reason(work, reason_id)
    now_on = await today(work)
    rows = {
        id_: replace(row, facts=replace(row.facts, asked_on=None if to in COMPLETIONS else orders[id_].on))
        for id_, row in (await found.facts(work.connection, work.bound, ids)).items()
    }
    decided = Decided(COURSE_ENROLMENTS[FINALISED_BY[to]], work.role, ids, rows, expected)
    units = await found.units_of(work.connection, work.bound, decided.granted_ids)
    ground = await ground_of(work, closing, decided.granted)
    against = await against_reason(work, reason_id)
    results = {row.id: _finalised(row, units[row.id], orders[row.id], to, now_on) for row in decided.granted}
    decided.refuse(
        {
            row.id: [
                *against,
                *_against_order(orders[row.id], units[row.id], to),
                *_against_corrections(work, row, orders[row.id], units[row.id]),
                *results[row.id].problems,
                *against_closing(
                    work, closing, row, to, {**units_by_id(units[row.id]), **results[row.id].units}.values(), ground
                ),
            ]
            for row in decided.granted
        }
    )
    changes = [
        EnrolmentChange(row, _after(work, row, orders[row.id], to, reason_id, now_on)) for row in decided.granted
    ]
    bill = await Bill.before(work, [row.learner_id for row in decided.granted] if closing.deactivation else [])
    entries = await write_enrolments(work, changes, HistoryAction.COURSE_ENROLMENT_FINALISED, note=note)
    unit_changes = [change for row in decided.granted for change in _unit_changes(units[row.id], results[row.id])]
    await write_units(work, unit_changes, HistoryAction.UNIT_ENROLMENT_FINALISED, causes=entries)
    closed = await close(work, closing, decided.granted, ground, entries)
    touched = {*entries, *(change.row.course_enrolment_id for change in unit_changes), *closed}
    unchanged = {change.row.id for change in changes if not change.changed} - touched
    facts = {
        "warnings": await _warnings(
            work, () if to is CourseEnrolmentStatus.DEFERRED else decided.granted_ids, unit_changes
        ),
        **(await bill.after(work) if closing.deactivation else {}),
    }
    return Answer(decided.results(touched, unchanged), facts=facts)


def _finalised(
    row: EnrolmentRow, units: Sequence[UnitRow], order: Order, to: CourseEnrolmentStatus, now_on: date
) -> Finalised:
    """What becomes of the units; those of an enrolment that is finalised already stay as they are."""
    if row.facts.finalised_on is not None:
        return Finalised()
    finalisation = Finalisation(
        to, now_on if to in COMPLETIONS else order.on or now_on, order.returns_on, order.corrections
    )
    return finalise(units_by_id(units), finalisation, now_on, row.pause)


def _against_order(order: Order, units: Sequence[UnitRow], to: CourseEnrolmentStatus) -> list[Reason]:
    """What is wrong with what a call says of an enrolment: a day that is missing, a unit of another enrolment."""
    reasons: list[Reason] = []
    if order.on is None and to not in COMPLETIONS:
        message = f"To be finalised as {to.name}, an enrolment wants the day: give it as `on`."
        reasons.append(PlainError(ErrorCode.MISSING_DATES, message, ("on",)))
    own = {global_id("uen", unit.id) for unit in units}
    reasons += [replace(NOT_FOUND, path=("units", id_)) for id_ in order.corrections if id_ not in own]
    return reasons


def _against_corrections(work: Work, row: EnrolmentRow, order: Order, units: Sequence[UnitRow]) -> Iterator[Reason]:
    """What stands against what is said of single units: each is as an update of the unit, and decided as one (a reading).

    Who leaves or completes their own enrolment so says nothing of its units; nothing is written where it is finalised.
    """
    if row.facts.finalised_on is not None:
        return
    for unit in units:
        id_ = global_id("uen", unit.id)
        if order.corrections.get(id_, NO_CORRECTION) != NO_CORRECTION:
            for reason in UNIT_ENROLMENTS[UnitEnrolmentAction.UPDATE].reasons(work.role, unit.facts):
                yield of_unit(reason, id_)


def _after(
    work: Work, row: EnrolmentRow, order: Order, to: CourseEnrolmentStatus, reason_id: UUID | None, now_on: date
) -> dict[str, Any]:
    given = after_status(row, to, reason_id)
    if to is CourseEnrolmentStatus.DEFERRED:
        since = row.pause.since if row.pause else order.on  # another return is of the same pause
        return given | {"deferred_on": since, "returns_on": order.returns_on}
    given |= NOT_DEFERRED
    if to in ENDED and row.facts.finalised_on is None:
        given |= {"finalised_on": now_on if to in COMPLETIONS else order.on, "finalised_at": work.now}
    return given


def _unit_changes(units: Sequence[UnitRow], result: Finalised) -> list[UnitChange]:
    changes: list[UnitChange] = []
    for row in units:
        unit = result.units.get(global_id("uen", row.id))
        if unit is not None:
            columns = ("starts_on", "ends_on", "outcome", "actual_hours")
            changes.append(UnitChange(row, {name: getattr(unit, name) for name in columns}))
    return changes


async def _warnings(work: Work, ids: Sequence[UUID], units: Collection[UnitChange]) -> list[tuple[str, ...]]:
    """What a caller should know of enrolments that were finalised: steps still open, more hours than were scheduled."""
    warnings: list[tuple[str, ...]] = []
    for change in units:
        if has_more_hours_than_scheduled(replace(change.row.unit, actual_hours=change.after["actual_hours"])):
            unit = change.row
            message = f"{change.after['actual_hours']} hours were attended, and {unit.unit.scheduled_hours} scheduled."
            enrolment_id = global_id("cen", unit.course_enrolment_id)
            warnings.append((enrolment_id, ChecklistStep.DATES_AND_HOURS.value, message, global_id("uen", unit.id)))
    for id_, state in (await states.states(work.connection, work.organisation_id, ids)).items():
        for entry in checklist(state):
            if entry.state is StepState.OPEN:
                needs = ", ".join(dict.fromkeys(each.need.name for each in entry.missing))
                warnings.append((global_id("cen", id_), entry.step.value, f"Still open: {needs}."))
    return warnings
