"""What happens to learners: deactivation and reactivation."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from uuid import UUID

from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.learners import LEARNERS, DeactivationReason, LearnerAction
from portal_api.queries import learners as learner_queries
from portal_api.queries.history import Entry
from portal_api.queries.learners import LearnerRow
from portal_api.services import withdrawals
from portal_api.services.bulk import Decided
from portal_api.services.withdrawals import Withdrawn
from portal_api.work import Answer, Work


async def deactivate(
    work: Work,
    ids: Sequence[UUID],
    *,
    reason: DeactivationReason,
    note: str | None,
    withdraw_all: bool = False,
    expected: Mapping[UUID, int],
) -> Answer:
    """Sets learners inactive: view-only, without app access, their active interval ended (S1 What does Inactive means?).

    With `withdraw_all`, whatever they are still taking is withdrawn in the same transaction.
    """
    decided = await _decided(work, LearnerAction.DEACTIVATE, ids, expected)
    if not decided.granted:
        return Answer(decided.results(()))
    versions = await learner_queries.deactivate(
        work.connection, work.organisation_id, decided.granted_ids, at=work.now, reason=reason, note=note
    )
    entries = [
        _entry(work, HistoryAction.LEARNER_DEACTIVATED, LearnerAction.DEACTIVATE, row, versions, reason.name, note)
        for row in decided.granted
        if row.id in versions
    ]
    await work.record(entries)
    withdrawn = Withdrawn()
    if withdraw_all:
        withdrawn = await withdrawals.withdraw_all(work, {entry.subject_id: entry.id for entry in entries})
    return Answer(decided.results(versions), facts={"withdrawn": asdict(withdrawn)})


async def reactivate(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Sets learners active again; nothing that went with the deactivation comes back by itself (S1)."""
    decided = await _decided(work, LearnerAction.REACTIVATE, ids, expected)
    if not decided.granted:
        return Answer(decided.results(()))
    versions = await learner_queries.reactivate(
        work.connection, work.organisation_id, decided.granted_ids, at=work.now, new_id=work.new_id
    )
    entries = [
        _entry(work, HistoryAction.LEARNER_REACTIVATED, LearnerAction.REACTIVATE, row, versions)
        for row in decided.granted
        if row.id in versions
    ]
    await work.record(entries)
    return Answer(decided.results(versions))


async def _decided(
    work: Work, action: LearnerAction, ids: Sequence[UUID], expected: Mapping[UUID, int]
) -> Decided[LearnerRow]:
    await work.lock(learner_queries.lock, ids)
    rows = await learner_queries.facts(work.connection, work.bound, ids)
    return Decided(LEARNERS[action], work.role, ids, rows, expected)


def _entry(
    work: Work,
    act: HistoryAction,
    action: LearnerAction,
    row: LearnerRow,
    versions: Mapping[UUID, int],
    reason: str | None = None,
    note: str | None = None,
) -> Entry:
    status = row.facts.status
    to = LEARNERS[action].cells[status].to
    return work.entry(
        act,
        (SubjectKind.LEARNER, row.id),
        row.id,
        version=versions[row.id],
        statuses=(status.name, to.name if to else None),
        reason=reason,
        note=note,
    )
