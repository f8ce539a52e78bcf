"""What happens to learners: deactivation and reactivation, and app access."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.learner_details import SPECIAL_REQUIREMENTS, SpecialRequirements
from portal_api.domain.learners import LEARNERS, DeactivationReason, LearnerAction
from portal_api.domain.metering import Month, billed_months
from portal_api.queries import learners as learner_queries
from portal_api.queries import organisations as organisation_queries
from portal_api.queries import usage as usage_queries
from portal_api.queries.history import Entry
from portal_api.queries.learners import LearnerRow
from portal_api.services import withdrawals
from portal_api.services.bulk import Decided
from portal_api.services.certifications.grouping import Grouping
from portal_api.services.withdrawals import Withdrawn
from portal_api.work import Answer, Work


async def deactivate(
    work: Work,
    ids: Sequence[UUID],
    *,
    reason: DeactivationReason,
    note: str | None,
    withdraw_all: bool = False,
    requirements: SpecialRequirements | None = None,
    expected: Mapping[UUID, int],
) -> Answer:
    """Sets learners inactive: view-only, without app access, their active interval ended (S1 What does Inactive means?).

    With `withdraw_all`, whatever they are still taking is withdrawn in the same transaction. A note of special requirements is written with it, since afterwards nothing can be (S1, the last part).
    """
    decided = await _decided(work, LearnerAction.DEACTIVATE, ids, expected)
    bill = await Bill.before(work, decided.granted_ids)
    if not decided.granted:
        return Answer(decided.results(()), facts=await bill.after(work))
    entries = await deactivate_rows(work, decided.granted, reason=reason, note=note, requirements=requirements)
    withdrawn = Withdrawn()
    if withdraw_all:
        withdrawn = await withdrawals.withdraw_all(work, entries)
    return Answer(decided.results(entries), facts={"withdrawn": asdict(withdrawn), **await bill.after(work)})


async def deactivate_rows(
    work: Work,
    rows: Sequence[LearnerRow],
    *,
    reason: DeactivationReason,
    note: str | None,
    requirements: SpecialRequirements | None = None,
    causes: Mapping[UUID, UUID] | None = None,
) -> dict[UUID, UUID]:
    """Sets learners inactive who are locked, and for whom the table grants it.

    Args:
        work: the transaction.
        rows: the learners.
        reason: why, for all of them.
        note: a note for administrators.
        requirements: a note of special requirements that is written with it.
        causes: the entry that caused each, by learner, where there is one.

    Returns:
        The history entry of each learner who was changed.
    """
    versions = await learner_queries.deactivate(
        work.connection,
        work.organisation_id,
        [row.id for row in rows],
        at=work.now,
        reason=reason,
        note=note,
        requirements=requirements,
    )
    entries = [
        _entry(
            work,
            HistoryAction.LEARNER_DEACTIVATED,
            LearnerAction.DEACTIVATE,
            row,
            versions,
            reason.name,
            note,
            () if requirements is None else (SPECIAL_REQUIREMENTS,),
            (causes or {}).get(row.id),
        )
        for row in rows
        if row.id in versions
    ]
    await work.record(entries)
    return {entry.subject_id: entry.id for entry in entries}


async def reactivate(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Sets learners active again; nothing that went with the deactivation comes back by itself (S1).

    What groups would have assigned or ended meanwhile follows now: till then nothing of an inactive learner changes.
    """
    await work.lock(organisation_queries.hold, ids)
    decided = await _decided(work, LearnerAction.REACTIVATE, ids, expected)
    by_groups = await Grouping.of_learners(work)
    bill = await Bill.before(work, decided.granted_ids)
    if not decided.granted:
        return Answer(decided.results(()), facts=await bill.after(work))
    versions = await learner_queries.reactivate(
        work.connection, work.organisation_id, decided.granted_ids, at=work.now, new_id=work.new_id
    )
    entries = [
        _entry(work, HistoryAction.LEARNER_REACTIVATED, LearnerAction.REACTIVATE, row, versions)
        for row in decided.granted
        if row.id in versions
    ]
    await work.record(entries)
    await by_groups.settle(work, {entry.subject_id: entry.id for entry in entries})
    return Answer(decided.results(versions), facts=await bill.after(work))


async def set_app_access(
    work: Work, ids: Sequence[UUID], *, has_app_access: bool, expected: Mapping[UUID, int]
) -> Answer:
    """Switches the app access of learners on or off (S1, the last part, on removing access)."""
    decided = await _decided(work, LearnerAction.SET_APP_ACCESS, ids, expected)
    wanting = [row for row in decided.granted if row.facts.has_app_access is not has_app_access]
    if not wanting:
        return Answer(decided.results((), unchanged=decided.granted_ids))
    changed = await switch_app_access(work, wanting, has_app_access=has_app_access)
    unchanged = {row.id for row in decided.granted} - {row.id for row in wanting}
    return Answer(decided.results(changed, unchanged=unchanged))


async def switch_app_access(
    work: Work, rows: Sequence[LearnerRow], *, has_app_access: bool, causes: Mapping[UUID, UUID] | None = None
) -> Collection[UUID]:
    """Switches the app access of learners who are locked, for whom the table grants it and it makes a difference.

    Args:
        work: the transaction.
        rows: the learners.
        has_app_access: on or off.
        causes: the entry that caused each, by learner, where there is one.

    Returns:
        The learners who were changed.
    """
    versions = await learner_queries.set_app_access(
        work.connection, work.organisation_id, [row.id for row in rows], has_app_access=has_app_access
    )
    act = HistoryAction.LEARNER_APP_ACCESS_GIVEN if has_app_access else HistoryAction.LEARNER_APP_ACCESS_TAKEN
    await work.record(
        [
            _entry(work, act, LearnerAction.SET_APP_ACCESS, row, versions, cause_id=(causes or {}).get(row.id))
            for row in rows
            if row.id in versions
        ]
    )
    return versions


class Bill:
    """What a change of status does to the bills of the running month and the next (S1 What does Inactive means?).

    Only the learners of the call are counted twice; so what others do meanwhile is never taken for the call's doing.
    """

    def __init__(self, ids: Sequence[UUID], months: Sequence[Month], counted: Sequence[int]) -> None:
        self._ids, self._months, self._counted = ids, months, counted

    @classmethod
    async def before(cls, work: Work, ids: Sequence[UUID]) -> "Bill":
        """Counts the learners of a call before it changes them."""
        zone = await organisation_queries.time_zone(work.connection, work.organisation_id)
        months = billed_months(work.now, zone)
        return cls(ids, months, await usage_queries.counts_among(work.connection, work.organisation_id, ids, months))

    async def after(self, work: Work) -> dict[str, Any]:
        """Counts them again, and the whole organisation: month, learners before, learners after."""
        connection, organisation_id = work.connection, work.organisation_id
        own = await usage_queries.counts_among(connection, organisation_id, self._ids, self._months)
        every = await usage_queries.counts(connection, organisation_id, self._months)
        counted = zip(self._months, self._counted, own, every, strict=True)
        return {
            "billing": [
                [month.first_day.isoformat(), all_after - own_after + own_before, all_after]
                for month, own_before, own_after, all_after in counted
            ]
        }


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
    changed: Sequence[str] = (),
    cause_id: UUID | None = None,
) -> Entry:
    status = row.facts.status
    to = LEARNERS[action].after(status)
    return work.entry(
        act,
        (SubjectKind.LEARNER, row.id),
        row.id,
        version=versions[row.id],
        statuses=(status.name, to.name),
        reason=reason,
        note=note,
        changed=changed,
        cause_id=cause_id,
    )
