"""Writing course enrolments and their units: what differs, one entry a changed row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from portal_api.domain.calendar import day_of
from portal_api.domain.courses.finalising import Units
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.library import LibraryStatus
from portal_api.domain.refusals import ErrorCode, PlainError, Reason, StatusNotAllowed
from portal_api.ids import global_id
from portal_api.planner.names import camel
from portal_api.queries import organisations as organisation_queries
from portal_api.queries.courses import changes as queries
from portal_api.queries.courses import reasons as reason_queries
from portal_api.queries.courses.found import EnrolmentRow, UnitRow
from portal_api.services.bulk import NOT_FOUND
from portal_api.work import Work

_SHOWN_AS = {
    "status_reason_id": "statusReason",
    "commitment_ref": "commitmentId",
    "cancelled_commitment_ref": "cancelledCommitmentId",
}
"""Columns that clients know by another name."""


@dataclass(frozen=True, slots=True)
class EnrolmentChange:
    """An enrolment, and the columns that a change gives other values."""

    row: EnrolmentRow
    given: Mapping[str, Any]

    @property
    def after(self) -> Mapping[str, Any]:
        return {**self.row.stored, **self.given}

    @property
    def changed(self) -> list[str]:
        """What differs, by the names of the fields."""
        return changed_fields(self.row.stored, self.given)


@dataclass(frozen=True, slots=True)
class UnitChange:
    """A unit of an enrolment, and the columns that a change gives other values."""

    row: UnitRow
    given: Mapping[str, Any]

    @property
    def after(self) -> Mapping[str, Any]:
        return {**self.row.stored, **self.given}

    @property
    def changed(self) -> list[str]:
        """What differs, by the names of the fields."""
        return changed_fields(self.row.stored, self.given)


def changed_fields(stored: Mapping[str, Any], given: Mapping[str, Any]) -> list[str]:
    """The fields to which other values are given, by their names."""
    return [_SHOWN_AS.get(name, camel(name)) for name, value in given.items() if value != stored[name]]


async def write_enrolments(
    work: Work, changes: Sequence[EnrolmentChange], act: HistoryAction, *, note: str | None = None
) -> dict[UUID, UUID]:
    """Writes what differs in enrolments whose learners are locked.

    Returns:
        The history entry of each enrolment that was changed.
    """
    differing = [each for each in changes if each.changed]
    versions = await queries.change_enrolments(
        work.connection,
        work.organisation_id,
        [{"id": each.row.id, "version": each.row.version, **each.after} for each in differing],
    )
    entries = [
        work.entry(
            act,
            (SubjectKind.COURSE_ENROLMENT, each.row.id),
            each.row.learner_id,
            version=versions[each.row.id],
            statuses=(each.row.facts.status.name, each.after["status"].name),
            reason=reason_text(each.after["status_reason_id"]),
            note=note,
            changed=each.changed,
        )
        for each in differing
        if each.row.id in versions
    ]
    await work.record(entries)
    return {entry.subject_id: entry.id for entry in entries}


def reason_text(id_: UUID | None) -> str | None:
    """A reason as history tells it."""
    return id_ and global_id("srn", id_)


async def write_units(
    work: Work, changes: Sequence[UnitChange], act: HistoryAction, *, causes: Mapping[UUID, UUID] | None = None
) -> dict[UUID, int]:
    """Writes what differs in units of enrolments whose learners are locked.

    Args:
        work: the transaction.
        changes: the units.
        act: what was done.
        causes: the entry that caused each, by the unit's enrolment, where there is one.

    Returns:
        The new version of each unit that was changed.
    """
    differing = [each for each in changes if each.changed]
    versions = await queries.change_units(
        work.connection,
        work.organisation_id,
        [{"id": each.row.id, "version": each.row.version, **each.after} for each in differing],
    )
    await work.record(
        [
            work.entry(
                act,
                (SubjectKind.UNIT_ENROLMENT, each.row.id),
                each.row.learner_id,
                version=versions[each.row.id],
                statuses=(each.row.stored["outcome"], each.after["outcome"]),
                changed=each.changed,
                cause_id=(causes or {}).get(each.row.course_enrolment_id),
            )
            for each in differing
            if each.row.id in versions
        ]
    )
    return versions


def units_by_id(rows: Sequence[UnitRow]) -> Units:
    """Units by the identifiers that clients know them by."""
    return {global_id("uen", row.id): row.unit for row in rows}


async def hold_reason(work: Work, reason_id: UUID | None) -> None:
    """Keeps a reason in use, if it is, until what is given it is written."""
    if reason_id is not None:
        await work.lock(reason_queries.SHELF.hold, [reason_id])


async def against_reason(work: Work, reason_id: UUID | None) -> list[Reason]:
    """What stands against giving a reason for a status: that there is no such reason, or that it is retired."""
    if reason_id is None:
        return []
    status = await queries.reason_status(work.connection, work.bound, reason_id)
    if status is LibraryStatus.ACTIVE:
        return []
    if status is None:
        return [replace(NOT_FOUND, path=("input", "statusReasonId"))]
    message = (
        "The reason is retired, so it is given to no enrolment any more. Choose another one, or reinstate it first."
    )
    return [
        StatusNotAllowed(
            ErrorCode.STATUS_NOT_ALLOWED,
            message,
            path=("input", "statusReasonId"),
            statuses=(LibraryStatus.ACTIVE.name,),
        )
    ]


async def today(work: Work) -> date:
    """The organisation's day."""
    return day_of(work.now, await organisation_queries.time_zone(work.connection, work.organisation_id))


def days_reasons(starts_on: date | None, ends_on: date | None, *path: str) -> list[Reason]:
    """What is wrong with the days of an enrolment or unit: an end before the start."""
    if starts_on and ends_on and ends_on < starts_on:
        message = f"It would start on {starts_on} and end before, on {ends_on}. Give other dates."
        return [PlainError(ErrorCode.INVALID_DATES, message, ("input", *path, "endsOn"))]
    return []
