"""Enrolment of learners in a series, and the extension of enrolments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from portal_api.domain.calendar import day_after, day_of, days_later, months_later
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.pathways import PathwayEnrolmentStatus
from portal_api.domain.refusals import ErrorCode, PlainError, Reason
from portal_api.domain.series import (
    MOST_MONTHS,
    SERIES,
    SERIES_ENROLMENTS,
    SeriesAction,
    SeriesEnrolmentAction,
    SeriesEnrolmentStatus,
)
from portal_api.domain.series_terms import MOST_DAYS, due_day_reasons
from portal_api.ids import global_id
from portal_api.queries import learners as learner_queries
from portal_api.queries import organisations as organisation_queries
from portal_api.queries import series as series_queries
from portal_api.queries.series import Candidate, EnrolmentRow, NewEnrolment, SeriesRow
from portal_api.services.bulk import Decided
from portal_api.services.series.enrolments import open_enrolments, settle_enrolments
from portal_api.work import Answer, Work


@dataclass(frozen=True, slots=True)
class EnrolmentInput:
    """What a client gives of new enrolments in one series."""

    starts_at: datetime | None
    """Now, where it is not given."""
    due_on: date | None
    tracking_code: str | None


async def enrol(
    work: Work, series_id: UUID, learner_ids: Sequence[UUID], given: EnrolmentInput, *, expected: Mapping[UUID, int]
) -> Answer:
    """Enrols learners in a series: the rows are the learners, what they make is the enrolments.

    Args:
        work: the transaction.
        series_id: the series; one that the caller does not see is not there, for each row.
        learner_ids: the learners.
        given: start, due date and tracking code, the same for all.
        expected: the versions that learners are expected to have.

    Returns:
        A result a learner, with the enrolment made.
    """
    await work.lock(learner_queries.lock, learner_ids)
    of = (await series_queries.terms(work.connection, work.bound, [series_id])).get(series_id)
    found = (
        await series_queries.candidates(work.connection, work.bound, work.organisation_id, of, learner_ids)
        if of
        else dict[UUID, Candidate]()
    )
    decided = Decided(SERIES[SeriesAction.ENROL], work.role, learner_ids, found, expected)
    if of is None or not decided.granted:
        return Answer(decided.results((), made={}))
    zone = await organisation_queries.time_zone(work.connection, work.organisation_id)
    starts_at = given.starts_at or work.now
    reasons = list(_against_start(work.now, starts_at, of, zone)) or list(
        due_day_reasons(given.due_on, day_of(starts_at, zone), "dueOn")
    )
    decided.refuse({row.id: reasons for row in decided.granted})
    rows = {row.id: _new_enrolment(work, of, row, given, starts_at, zone) for row in decided.granted}
    await open_enrolments(work, list(rows.values()))
    return Answer(decided.results(rows, made={learner_id: row.id for learner_id, row in rows.items()}))


def _against_start(now: datetime, starts_at: datetime, of: SeriesRow, zone: ZoneInfo) -> list[Reason]:
    """A start lies within twelve months of now, before or after, and its end still ahead (readings)."""
    if not months_later(now, -MOST_MONTHS, zone) <= starts_at <= months_later(now, MOST_MONTHS, zone):
        message = f"An enrolment starts at most {MOST_MONTHS} months before or after now. Give such an instant."
        return [PlainError(ErrorCode.INVALID_DATES, message, ("input", "startsAt"))]
    ends_at = of.terms.end_of(starts_at, zone)
    if ends_at <= max(starts_at, now):
        message = (
            f"By the terms of the series the enrolment would end at {ends_at.isoformat()}, which is not after its start, "
            "or has passed. Give another start, or change the series."
        )
        return [PlainError(ErrorCode.INVALID_DATES, message, ("input", "startsAt"))]
    return []


def _new_enrolment(
    work: Work, of: SeriesRow, learner: Candidate, given: EnrolmentInput, starts_at: datetime, zone: ZoneInfo
) -> NewEnrolment:
    id_ = work.new_id(work.now)
    if starts_at > work.now:
        status = SeriesEnrolmentStatus.WAITING_TO_START
    else:
        status = SeriesEnrolmentStatus.NO_ATTEMPTS if learner.has_signed_in else SeriesEnrolmentStatus.NOT_SIGNED_IN
    return NewEnrolment(
        id=id_,
        external_ref=global_id("sen", id_),
        learner_id=learner.id,
        series_id=of.id,
        status=status,
        has_signed_in=learner.has_signed_in,
        starts_at=starts_at,
        ends_at=of.terms.end_of(starts_at, zone),
        due_on=given.due_on,
        overdue_at=given.due_on and day_after(given.due_on, zone),
        tracking_code=given.tracking_code,
        pathway_enrolment_id=None,
    )


async def extend_enrolments(
    work: Work,
    ids: Sequence[UUID],
    *,
    ends_at: datetime,
    due_on: date | None,
    sets_due_on: bool,
    expected: Mapping[UUID, int],
) -> Answer:
    """Gives active enrolments a later end, and another due date where one is given.

    Args:
        work: the transaction.
        ids: the enrolments.
        ends_at: the new end, for all of them.
        due_on: the new due date; none takes it away.
        sets_due_on: whether a due date was given at all.
        expected: the versions that enrolments are expected to have.

    Returns:
        A result an enrolment.
    """
    await work.lock(series_queries.lock_learners, ids)
    rows = await series_queries.facts(work.connection, work.bound, ids)
    decided = Decided(SERIES_ENROLMENTS[SeriesEnrolmentAction.EXTEND], work.role, ids, rows, expected)
    if not decided.granted:
        return Answer(decided.results(()))
    zone = await organisation_queries.time_zone(work.connection, work.organisation_id)
    changes = {row.id: _changes(row, ends_at, due_on if sets_due_on else row.due_on, zone) for row in decided.granted}
    decided.refuse({row.id: _against_end(work.now, row, ends_at, changes[row.id], zone) for row in decided.granted})
    unchanged = [row.id for row in decided.granted if not changes[row.id]]
    rows_to_change = [row for row in decided.granted if changes[row.id]]
    settled = await settle_enrolments(work, rows_to_change)
    versions = await series_queries.change_enrolments(
        work.connection,
        work.organisation_id,
        [
            {
                "id": row.id,
                "version": settled.get(row.id, row.version),
                "ends_at": ends_at,
                "due_at": SERIES_ENROLMENTS.due_at(row.facts.status, {**row.times, "ends_at": ends_at}),
                "due_on": due_on if sets_due_on else row.due_on,
                "overdue_at": _overdue_at(due_on if sets_due_on else row.due_on, zone),
            }
            for row in rows_to_change
        ],
    )
    entries = {
        row.id: work.entry(
            HistoryAction.SERIES_ENROLMENT_EXTENDED,
            (SubjectKind.SERIES_ENROLMENT, row.id),
            row.learner_id,
            version=versions[row.id],
            statuses=(row.facts.status.name, row.facts.status.name),
            changed=list(changes[row.id]),
        )
        for row in rows_to_change
        if row.id in versions
    }
    await work.record(list(entries.values()))
    causes = {row.pathway_enrolment_id: entries[row.id].id for row in rows_to_change if row.id in entries}
    await _extend_pathways(work, {id_: cause for id_, cause in causes.items() if id_}, ends_at)
    return Answer(decided.results(versions, unchanged))


def _overdue_at(due_on: date | None, zone: ZoneInfo) -> datetime | None:
    return due_on and day_after(due_on, zone)


def _changes(row: EnrolmentRow, ends_at: datetime, due_on: date | None, zone: ZoneInfo) -> dict[str, Any]:
    """What would differ, by the names of the fields."""
    changes: dict[str, Any] = {} if ends_at == row.times["ends_at"] else {"endsAt": ends_at}
    return changes if due_on == row.due_on else {**changes, "dueOn": due_on}


def _against_end(
    now: datetime, row: EnrolmentRow, ends_at: datetime, changes: Mapping[str, Any], zone: ZoneInfo
) -> list[Reason]:
    if ends_at < row.times["ends_at"]:
        message = (
            f"The enrolment ends at {row.times['ends_at'].isoformat()}. Give a later end: extending never shortens."
        )
        return [PlainError(ErrorCode.INVALID_DATES, message, ("input", "endsAt"))]
    latest = row.terms.latest_end_of(row.times["starts_at"], zone) or days_later(now, MOST_DAYS, zone)
    if "endsAt" in changes and ends_at > latest:
        message = f"By the terms of its series the enrolment ends at {latest.isoformat()} at the latest."
        return [PlainError(ErrorCode.INVALID_DATES, message, ("input", "endsAt"))]
    return list(due_day_reasons(changes.get("dueOn"), day_of(row.times["starts_at"], zone), "dueOn"))


async def _extend_pathways(work: Work, causes: Mapping[UUID, UUID], ends_at: datetime) -> None:
    """Has enrolments in pathways end with the series that is open in them."""
    if not causes:
        return
    changed = await series_queries.extend_pathways(
        work.connection, work.organisation_id, list(causes), now=work.now, ends_at=ends_at
    )
    status = PathwayEnrolmentStatus.IN_PROGRESS.name
    await work.record(
        [
            work.entry(
                HistoryAction.PATHWAY_ENROLMENT_EXTENDED,
                (SubjectKind.PATHWAY_ENROLMENT, id_),
                learner_id,
                version=version,
                statuses=(status, status),
                changed=["endsAt"],
                cause_id=causes[id_],
            )
            for id_, (learner_id, version) in changed.items()
        ]
    )
