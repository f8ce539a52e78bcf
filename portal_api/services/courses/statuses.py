"""Statuses of course enrolments that are set by hand, and what is said of an enrolment beside its status (S2)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from portal_api.domain.courses.enrolments import COURSE_ENROLMENTS
from portal_api.domain.courses.stages import ReconnectPurpose
from portal_api.domain.courses.statuses import ENDED, CourseEnrolmentAction, CourseEnrolmentStatus
from portal_api.domain.history import HistoryAction
from portal_api.domain.inputs import LONGEST_REFERENCE, invalid, text_reasons
from portal_api.domain.refusals import ErrorCode, PlainError, Reason
from portal_api.queries.courses import changes as queries
from portal_api.queries.courses import found
from portal_api.queries.courses.found import EnrolmentRow
from portal_api.services.bulk import Decided
from portal_api.services.courses.writing import (
    EnrolmentChange,
    against_reason,
    days_reasons,
    hold_reason,
    today,
    write_enrolments,
)
from portal_api.work import Answer, Work

NOT_DEFERRED: Mapping[str, Any] = {"deferred_on": None, "returns_on": None}
NOT_FINALISED: Mapping[str, Any] = {
    "finalised_on": None,
    "finalised_at": None,
    "reconnect_for": None,
    "reconnect_on": None,
}


async def decided_for(
    work: Work, action: CourseEnrolmentAction, ids: Sequence[UUID], expected: Mapping[UUID, int]
) -> Decided[EnrolmentRow]:
    """Locks the learners of enrolments, and decides over each by the table."""
    await work.lock(found.lock_learners, ids)
    rows = await found.facts(work.connection, work.bound, ids)
    return Decided(COURSE_ENROLMENTS[action], work.role, ids, rows, expected)


async def written(
    work: Work,
    decided: Decided[EnrolmentRow],
    changes: Sequence[EnrolmentChange],
    act: HistoryAction,
    *,
    note: str | None = None,
) -> Answer:
    """Writes changes to the enrolments that were granted, and answers for all rows of the call."""
    entries = await write_enrolments(work, changes, act, note=note)
    return Answer(decided.results(entries, [each.row.id for each in changes if not each.changed]))


async def set_status(
    work: Work,
    ids: Sequence[UUID],
    *,
    status: CourseEnrolmentStatus,
    reason_id: UUID | None,
    note: str | None,
    expected: Mapping[UUID, int],
) -> Answer:
    """Sets a status and reason, which touches no unit (S2 Finalise Course Enrolment: first of all).

    Args:
        work: the transaction.
        ids: the enrolments.
        status: the status, for all of them.
        reason_id: the reason; one that an enrolment has stays where none is given.
        note: why; wanted where an enrolment leaves a status that has ended it (a reading).
        expected: the versions that the caller read.

    Returns:
        A result an enrolment.
    """
    decided = await decided_for(work, CourseEnrolmentAction.SET_STATUS, ids, expected)
    await hold_reason(work, reason_id)
    against = await against_reason(work, reason_id)
    decided.refuse({row.id: [*against, *against_leaving(row.facts.status, status, note)] for row in decided.granted})
    changes = [EnrolmentChange(row, after_status(row, status, reason_id)) for row in decided.granted]
    return await written(work, decided, changes, HistoryAction.COURSE_ENROLMENT_STATUS_SET, note=note)


def after_status(row: EnrolmentRow, status: CourseEnrolmentStatus, reason_id: UUID | None) -> dict[str, Any]:
    """What a status brings with it: a pause ends that is left, and so does a finalisation."""
    given: dict[str, Any] = {"status": status, "status_reason_id": reason_id or row.stored["status_reason_id"]}
    if status is not row.facts.status:
        given |= {**NOT_DEFERRED, **NOT_FINALISED}
    return given


def against_leaving(before: CourseEnrolmentStatus, status: CourseEnrolmentStatus, note: str | None) -> list[Reason]:
    """What stands against setting a status: that it takes back one that has ended the enrolment, without a word why."""
    if before in ENDED and status is not before and not note:
        message = f"The enrolment has ended as {before.name}. Say in `note` why that is taken back."
        return [PlainError(ErrorCode.NOTE_MISSING, message, ("input", "note"))]
    return []


async def update(work: Work, id_: UUID, given: Mapping[str, Any], *, expected: Mapping[UUID, int]) -> Answer:
    """Changes what is said of an enrolment: reference, commitment, its own dates.

    Args:
        work: the transaction.
        id_: the enrolment.
        given: the columns that the client gave; None takes a commitment or date away.
        expected: the version that the caller read, if any.

    Returns:
        One result.
    """
    decided = await decided_for(work, CourseEnrolmentAction.UPDATE, [id_], expected)
    changes = [EnrolmentChange(row, given) for row in decided.granted]
    for change in changes:
        decided.refuse({id_: await _against_update(work, change)} if change.changed else {})
    kept = [change for change in changes if change.row in decided.granted]
    return await written(work, decided, kept, HistoryAction.COURSE_ENROLMENT_UPDATED)


async def _against_update(work: Work, change: EnrolmentChange) -> list[Reason]:
    after = change.after
    reasons = [
        *text_reasons(after["external_ref"], "externalRef", longest=LONGEST_REFERENCE, least=1),
        *text_reasons(after["commitment_ref"], "commitmentId", longest=LONGEST_REFERENCE, least=1),
        *days_reasons(after["starts_on"], after["ends_on"]),
    ]
    taken = await queries.ids_of_references(work.connection, work.organisation_id, [after["external_ref"]])
    if taken.get(after["external_ref"], change.row.id) != change.row.id:
        message = "Another course enrolment of the organisation has this reference. Give another one."
        reasons.append(PlainError(ErrorCode.EXTERNAL_REF_TAKEN, message, ("input", "externalRef")))
    return reasons


async def flag_for_reconnect(
    work: Work,
    ids: Sequence[UUID],
    *,
    purpose: ReconnectPurpose | None,
    on: date | None,
    expected: Mapping[UUID, int],
) -> Answer:
    """Flags finalised enrolments to be come back to, or takes the flag away (S4 Reconnect).

    Args:
        work: the transaction.
        ids: the enrolments.
        purpose: what for; None takes the flag away.
        on: the day to do so; today where none is given.
        expected: the versions that the caller read.

    Returns:
        A result an enrolment.
    """
    decided = await decided_for(work, CourseEnrolmentAction.FLAG_FOR_RECONNECT, ids, expected)
    if purpose is None:
        if on is not None:
            decided.refuse({row.id: [_DAY_OF_NOTHING] for row in decided.granted})
        flag: dict[str, Any] = {"reconnect_for": None, "reconnect_on": None}
    else:
        flag = {"reconnect_for": purpose, "reconnect_on": on or await today(work)}
    changes = [EnrolmentChange(row, flag) for row in decided.granted]
    return await written(work, decided, changes, HistoryAction.COURSE_ENROLMENT_FLAGGED)


_DAY_OF_NOTHING = invalid("`on` goes with `purpose`. Give both, or neither to take the flag away.", "on")
