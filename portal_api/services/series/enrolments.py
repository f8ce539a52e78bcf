"""What every change to series enrolments is made of: opening, settling, withdrawal."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.series import SERIES_ENROLMENTS, SeriesEnrolmentAction, SeriesEnrolmentStatus, WithdrawalReason
from portal_api.queries import series as series_queries
from portal_api.queries.series import EnrolmentRow, NewEnrolment
from portal_api.services.bulk import Decided
from portal_api.work import Answer, Work


async def open_enrolments(
    work: Work, rows: Sequence[NewEnrolment], *, causes: Mapping[UUID, UUID] | None = None
) -> dict[UUID, UUID]:
    """Makes enrolments of learners who are locked.

    What time has ended is written down first: one enrolment a learner and series may be stored as active.

    Args:
        work: the transaction.
        rows: the enrolments.
        causes: the history entry that caused each, by enrolment, where there is one.

    Returns:
        The history entry of each enrolment.
    """
    if not rows:
        return {}
    pairs = {(row.learner_id, row.series_id) for row in rows}
    overdue = await series_queries.overdue(
        work.connection,
        work.bound,
        list({learner_id for learner_id, _ in pairs}),
        list({series_id for _, series_id in pairs}),
    )
    await settle_enrolments(work, [row for row in overdue if (row.learner_id, row.series_id) in pairs])
    await series_queries.insert_enrolments(work.connection, work.organisation_id, rows, at=work.now)
    entries = {
        row.id: work.entry(
            HistoryAction.SERIES_ENROLMENT_CREATED,
            (SubjectKind.SERIES_ENROLMENT, row.id),
            row.learner_id,
            version=1,
            statuses=(None, row.status.name),
            cause_id=(causes or {}).get(row.id),
        )
        for row in rows
    }
    await work.record(list(entries.values()))
    return {id_: entry.id for id_, entry in entries.items()}


async def withdraw_enrolments(
    work: Work,
    ids: Sequence[UUID],
    *,
    reason: WithdrawalReason,
    note: str | None,
    expected: Mapping[UUID, int],
) -> Answer:
    """Withdraws enrolments, with one reason for all of them (S3 Steps to withdraw multiple users)."""
    await work.lock(series_queries.lock_learners, ids)
    rows = await series_queries.facts(work.connection, work.bound, ids)
    decided = Decided(SERIES_ENROLMENTS[SeriesEnrolmentAction.WITHDRAW], work.role, ids, rows, expected)
    return Answer(decided.results(await withdraw_rows(work, decided.granted, reason=reason, note=note)))


async def withdraw_rows(
    work: Work,
    rows: Sequence[EnrolmentRow],
    *,
    reason: WithdrawalReason,
    note: str | None,
    causes: Mapping[UUID, UUID] | None = None,
) -> dict[UUID, int]:
    """Withdraws enrolments whose learners are locked; those that have ended by now are left as they are.

    Args:
        work: the transaction.
        rows: the enrolments.
        reason: why, for all of them.
        note: a note for administrators.
        causes: the history entry that caused each, by enrolment, where there is one.

    Returns:
        The new version of each enrolment that was withdrawn.
    """
    active = [row for row in rows if not SERIES_ENROLMENTS.statuses[row.facts.status].is_ended]
    if not active:
        return {}
    await settle_enrolments(work, active)
    versions = await series_queries.withdraw(
        work.connection,
        work.organisation_id,
        [row.id for row in active],
        now=work.now,
        reason=reason,
        note=note,
    )
    await work.record(
        [
            work.entry(
                HistoryAction.SERIES_ENROLMENT_WITHDRAWN,
                (SubjectKind.SERIES_ENROLMENT, row.id),
                row.learner_id,
                version=versions[row.id],
                statuses=(row.facts.status.name, SeriesEnrolmentStatus.WITHDRAWN.name),
                reason=reason.name,
                note=note,
                cause_id=(causes or {}).get(row.id),
            )
            for row in active
            if row.id in versions
        ]
    )
    return versions


async def settle_due(work: Work, most: int) -> int:
    """Writes down what time has done to the enrolments of an organisation, the longest overdue first.

    Returns:
        How many it was, `most` at the most.
    """
    rows = await series_queries.due(work.connection, work.organisation_id, work.now, most)
    return len(await settle_enrolments(work, rows))


async def settle_enrolments(work: Work, rows: Sequence[EnrolmentRow]) -> dict[UUID, int]:
    """Writes down what time has done to enrolments by the work's instant: each move is an entry, at its own instant.

    Returns:
        The new version of each enrolment that had moved.
    """
    moved = {row.id: row for row in rows if row.facts.status is not row.stored}
    if not moved:
        return {}
    versions = await series_queries.settle(work.connection, work.organisation_id, list(moved), now=work.now)
    await work.record(
        [
            work.entry(
                HistoryAction.SERIES_ENROLMENT_ENDED
                if SERIES_ENROLMENTS.statuses[move.to].is_ended
                else HistoryAction.SERIES_ENROLMENT_STARTED,
                (SubjectKind.SERIES_ENROLMENT, id_),
                moved[id_].learner_id,
                version=version,
                statuses=(move.status.name, move.to.name),
                moved_at=moved[id_].times[move.at],
            )
            for id_, version in versions.items()
            for move in SERIES_ENROLMENTS.moves_until(work.now, moved[id_].stored, moved[id_].times)
        ]
    )
    return versions
