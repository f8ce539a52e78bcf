"""What groups assign: whoever is in a group has the certifications that name it (S5 Assignment sources; a reading)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from portal_api.domain.certifications import KEPT_BY_SOURCES, AssignmentSourceKind, LearnerCertificationStatus
from portal_api.domain.history import HistoryAction
from portal_api.queries import certifications as certification_queries
from portal_api.queries import organisations as organisation_queries
from portal_api.queries.certifications import assigning, found, grouping
from portal_api.queries.certifications.grouping import Difference, Side
from portal_api.services.certifications.leaving import Causes, keep, leave
from portal_api.services.certifications.making import make, new_record, new_source
from portal_api.work import Work


@dataclass(frozen=True, slots=True)
class Grouping:
    """Assignments by groups that are to be looked at anew: made with their locks, and settled with what caused it.

    Whatever changes who is in a group, or what a group assigns, takes its locks in one order: the organisation, which
    keeps memberships and the groups of certifications as they are; then the learners; then the certifications. The
    instant of the work comes after them, so each of these is called before anything is written that has one.

    An inactive learner and their records stay as they are, whatever becomes of the groups: nothing of them can be
    edited (S1, the notification), by a person or by itself. Their reactivation settles both what they would have got
    and what they would have lost.
    """

    side: Side
    is_concerned: bool
    """Whether there is anything to look at."""

    @classmethod
    async def of_learners(cls, work: Work) -> "Grouping":
        """That of learners whose attributes or status change; the caller holds the organisation and has locked them."""
        assigned = await grouping.hold_assigned(work.connection, work.bound)
        work.now = work.clock()
        return cls(Side.LEARNERS, bool(assigned))

    @classmethod
    async def of_groups(cls, work: Work, group_ids: Sequence[UUID]) -> "Grouping":
        """That of groups whose members have been found anew; the caller has locked the organisation."""
        if not group_ids:
            return cls(Side.GROUPS, is_concerned=False)
        named = await grouping.named(work.connection, work.organisation_id, Side.GROUPS, group_ids)
        if named:
            await work.lock(grouping.lock_learners, list({each.group_id for each in named}))
            await work.lock(certification_queries.hold, list({each.certification_id for each in named}))
        return cls(Side.GROUPS, bool(named))

    @classmethod
    async def of_certifications(
        cls, work: Work, certification_ids: Sequence[UUID], group_ids: Sequence[UUID] = ()
    ) -> "Grouping":
        """That of certifications which are to be changed; the caller locks them next.

        Args:
            work: the transaction.
            certification_ids: the certifications.
            group_ids: groups that they may name from now on.
        """
        await work.lock(organisation_queries.hold, ())
        named = await grouping.named(work.connection, work.organisation_id, Side.CERTIFICATIONS, certification_ids)
        concerned = {each.group_id for each in named} | set(group_ids)
        if concerned:
            await work.lock(grouping.lock_learners, list(concerned))
        return cls(Side.CERTIFICATIONS, bool(concerned))

    async def settle(self, work: Work, causes: Mapping[UUID, UUID]) -> None:
        """Makes the sources by groups those that should stand, in as many statements for one learner as for all.

        A learner without a record gets one; a record keeps its status, whatever it is: no group undoes a revocation
        or a bar. Without any source left, a record that nobody has begun is archived, as when it is removed by hand.

        Args:
            work: the transaction, which has written its own change.
            causes: the history's entry of that change, by learner, group or certification.
        """
        if not (self.is_concerned and causes):
            return
        rows = await grouping.differing(work.connection, work.organisation_id, self.side, list(causes))
        caused = [(row, causes[row.on(self.side)]) for row in rows]
        await _assign(work, [(row, cause) for row, cause in caused if row.record_id is None])
        await _change(
            work,
            [row for row in rows if row.record_id],
            {row.record_id: cause for row, cause in caused if row.record_id},
        )


async def _assign(work: Work, caused: Sequence[tuple[Difference, UUID]]) -> None:
    """Makes records for learners who have none; one learner's may have several groups."""
    if not caused:
        return
    groups: dict[tuple[UUID, UUID], list[UUID]] = {}
    causes: dict[tuple[UUID, UUID], UUID] = {}
    for row, cause in caused:
        place = (row.learner_id, row.certification_id)
        groups.setdefault(place, []).append(row.group_id)
        causes.setdefault(place, cause)
    new = {place: new_record(work, *place, LearnerCertificationStatus.ASSIGNED) for place in groups}
    sources = [
        new_source(work, new[place].id, AssignmentSourceKind.GROUP, group_id)
        for place, group_ids in groups.items()
        for group_id in group_ids
    ]
    await make(work, list(new.values()), sources, {new[place].id: cause for place, cause in causes.items()})


async def _change(work: Work, rows: Sequence[Difference], causes: Causes) -> None:
    """Adds and ends sources of records that are there; each record is counted once, a source that comes going first."""
    if not rows:
        return
    connection, organisation_id = work.connection, work.organisation_id
    added = [(row.record_id, row.group_id) for row in rows if row.record_id and row.ended_id is None]
    ended = [row.ended_id for row in rows if row.ended_id]
    records = await found.facts(connection, work.bound, list(causes))
    sources = [new_source(work, id_, AssignmentSourceKind.GROUP, group_id) for id_, group_id in added]
    await assigning.insert_sources(connection, organisation_id, sources)
    gaining = {id_ for id_, _ in added}
    losing = [row for id_, row in records.items() if id_ not in gaining]
    await keep(
        work,
        [records[id_] for id_ in records if id_ in gaining],
        HistoryAction.LEARNER_CERTIFICATION_REASSIGNED,
        causes,
    )
    if not ended:
        return
    await assigning.end_sources(connection, organisation_id, ended, now=work.now)
    kept = await assigning.kept_by_sources(connection, organisation_id, [row.id for row in losing])
    leaving = {row.id for row in losing if row.facts.status in KEPT_BY_SOURCES} - kept
    await leave(work, [row for row in losing if row.id in leaving], causes)
    staying = [row for row in losing if row.id not in leaving]
    await keep(work, staying, HistoryAction.LEARNER_CERTIFICATION_UNASSIGNED, causes)
