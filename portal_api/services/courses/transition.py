"""Moving enrolments on to the qualification that supersedes theirs (S2 Outcome Codes, 3)."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from portal_api.domain.courses.statuses import CourseEnrolmentAction
from portal_api.domain.courses.transition import ProgramUnit, Transition, transition
from portal_api.domain.courses.unit_enrolments import against_programs
from portal_api.domain.history import HistoryAction
from portal_api.domain.inputs import LONGEST_REFERENCE, text_reasons
from portal_api.domain.refusals import Reason
from portal_api.ids import global_id
from portal_api.queries.courses import found
from portal_api.queries.courses.found import EnrolmentRow, UnitRow
from portal_api.services.courses.statuses import decided_for
from portal_api.services.courses.writing import EnrolmentChange, UnitChange, today, write_enrolments, write_units
from portal_api.work import Answer, Work


async def transition_enrolments(
    work: Work, ids: Sequence[UUID], commitments: Mapping[UUID, str], *, expected: Mapping[UUID, int]
) -> Answer:
    """Moves enrolments on: what was never reported under a new commitment, what was reported with both programs.

    Args:
        work: the transaction.
        ids: the enrolments, as the caller named them.
        commitments: the new commitment of each for which one is given.
        expected: the versions that the caller read.

    Returns:
        A result an enrolment.
    """
    decided = await decided_for(work, CourseEnrolmentAction.TRANSITION, ids, expected)
    now_on = await today(work)
    units = await found.units_of(work.connection, work.bound, decided.granted_ids)
    moves = {
        row.id: transition(
            {global_id("uen", unit.id): _program_unit(unit) for unit in units[row.id]},
            row.new_program or "",
            now_on,
            commitment=commitments.get(row.id),
            former=row.stored["commitment_ref"],
            is_done=row.stored["transitioned_to"] == row.successor_id,
        )
        for row in decided.granted
    }
    decided.refuse(
        {
            row.id: [
                *text_reasons(commitments.get(row.id), "commitmentId", longest=LONGEST_REFERENCE, least=1),
                *moves[row.id].problems,
                *_against_programs(row, units[row.id], moves[row.id]),
            ]
            for row in decided.granted
        }
    )
    changes = [EnrolmentChange(row, _after(row, moves[row.id], commitments.get(row.id))) for row in decided.granted]
    entries = await write_enrolments(work, changes, HistoryAction.COURSE_ENROLMENT_TRANSITIONED)
    unit_changes = [
        UnitChange(unit, {"program_identifier": row.new_program})
        for row in decided.granted
        for unit in units[row.id]
        if global_id("uen", unit.id) in moves[row.id].renamed
    ]
    await write_units(work, unit_changes, HistoryAction.UNIT_ENROLMENT_TRANSITIONED, causes=entries)
    touched = {*entries, *(change.row.course_enrolment_id for change in unit_changes)}
    return Answer(decided.results(touched, {change.row.id for change in changes if not change.changed} - touched))


def _program_unit(row: UnitRow) -> ProgramUnit:
    return ProgramUnit(row.unit, row.stored["program_identifier"], row.facts.is_reported)


def _after(row: EnrolmentRow, move: Transition, commitment: str | None) -> dict[str, Any]:
    given: dict[str, Any] = {"transitioned_to": row.successor_id}
    if move.needs_commitment:
        given |= {"commitment_ref": commitment, "cancelled_commitment_ref": row.stored["commitment_ref"]}
    return given


def _against_programs(row: EnrolmentRow, units: Sequence[UnitRow], move: Transition) -> list[Reason]:
    programs = [
        row.new_program or "" if global_id("uen", unit.id) in move.renamed else unit.stored["program_identifier"]
        for unit in units
    ]
    against = against_programs(programs)
    return [against] if against else []
