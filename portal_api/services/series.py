"""What happens to series enrolments: withdrawal, and what time does."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.series import SERIES_ENROLMENTS, SeriesEnrolmentAction, SeriesEnrolmentStatus, WithdrawalReason
from portal_api.queries import series as series_queries
from portal_api.queries.series import EnrolmentRow
from portal_api.services.bulk import Decided
from portal_api.work import Answer, Work


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
    if not decided.granted:
        return Answer(decided.results(()))
    await settle_enrolments(work, decided.granted)
    versions = await series_queries.withdraw(
        work.connection, work.organisation_id, decided.granted_ids, now=work.now, reason=reason, note=note
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
            )
            for row in decided.granted
            if row.id in versions
        ]
    )
    return Answer(decided.results(versions))


async def settle_due(work: Work, most: int) -> int:
    """Writes down what time has done to the enrolments of an organisation, the longest overdue first.

    Returns:
        How many it was, `most` at the most.
    """
    rows = await series_queries.due(work.connection, work.organisation_id, work.now, most)
    return await settle_enrolments(work, rows)


async def settle_enrolments(work: Work, rows: Sequence[EnrolmentRow]) -> int:
    """Writes down what time has done to enrolments by the work's instant: each move is an entry, at its own instant.

    Returns:
        How many enrolments had moved.
    """
    moved = {row.id: row for row in rows if row.facts.status is not row.stored}
    if not moved:
        return 0
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
    return len(versions)
