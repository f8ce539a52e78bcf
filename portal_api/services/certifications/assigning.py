"""Assigning learners to a certification by hand, and removing such assignments (S5 Assigned, Assignment sources, Remove)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from portal_api.domain.certifications import (
    CERTIFICATIONS,
    LEARNER_CERTIFICATIONS,
    AssignmentSourceKind,
    CertificationAction,
    LearnerCertificationAction,
    LearnerCertificationFacts,
    LearnerCertificationStatus,
)
from portal_api.domain.history import HistoryAction
from portal_api.queries import certifications as certification_queries
from portal_api.queries import learners as learner_queries
from portal_api.queries.certifications import assigning as queries
from portal_api.queries.certifications import found
from portal_api.queries.certifications.assigning import Candidate, SourceRow
from portal_api.queries.certifications.found import RecordRow
from portal_api.services.bulk import Decided
from portal_api.services.certifications.leaving import keep, leave
from portal_api.services.certifications.making import make, new_record, new_source
from portal_api.work import Answer, Work


async def assign(
    work: Work, certification_id: UUID, learner_ids: Sequence[UUID], *, expected: Mapping[UUID, int]
) -> Answer:
    """Assigns learners: a record is made where there is none, and the source added where none by hand stands.

    Args:
        work: the transaction.
        certification_id: the certification; one that the caller does not see is one without learners.
        learner_ids: the learners, as the caller named them.
        expected: the versions of the learners that the caller read.

    Returns:
        A result a learner, and the record of each.
    """
    await work.lock(learner_queries.lock, learner_ids)
    await work.lock(certification_queries.hold, [certification_id])
    of = await queries.certification(work.connection, work.bound, certification_id)
    rows = await queries.candidates(work.connection, work.bound, of, learner_ids) if of else dict[UUID, Candidate]()
    decided = Decided(CERTIFICATIONS[CertificationAction.ASSIGN], work.role, learner_ids, rows, expected)
    new = {
        row.id: new_record(work, row.id, certification_id, LearnerCertificationStatus.ASSIGNED)
        for row in decided.granted
        if row.record_id is None
    }
    added = {row.id: row.record_id for row in decided.granted if row.record_id and not row.has_manual_source}
    await make(
        work, list(new.values()), [new_source(work, row.id, AssignmentSourceKind.MANUAL) for row in new.values()]
    )
    await _add(work, list(added.values()))
    record_ids = {row.id: row.record_id for row in decided.granted if row.record_id}
    made = record_ids | {learner_id: row.id for learner_id, row in new.items()}
    unchanged = set(record_ids) - set(added)
    return Answer(decided.results([*new, *added], unchanged=unchanged, made=made))


async def _add(work: Work, record_ids: Sequence[UUID]) -> None:
    """Adds a source by hand to records that others brought about."""
    if not record_ids:
        return
    records = await found.facts(work.connection, work.bound, record_ids)
    kept = await keep(work, list(records.values()), HistoryAction.LEARNER_CERTIFICATION_REASSIGNED)
    sources = [new_source(work, id_, AssignmentSourceKind.MANUAL) for id_ in record_ids if id_ in kept]
    await queries.insert_sources(work.connection, work.organisation_id, sources)


async def remove(work: Work, source_ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Removes assignments by hand; a record without any source is archived, and its history kept (S5 Remove).

    Args:
        work: the transaction.
        source_ids: the sources, as the caller named them; those of one record go together.
        expected: the versions of the records that the caller read, by source.

    Returns:
        A result a source, and the record of each.
    """
    sources = await queries.sources(work.connection, work.bound, source_ids)
    record_ids = list({row.record_id for row in sources.values()})
    await work.lock(found.lock_learners, record_ids)
    sources = await queries.sources(work.connection, work.bound, source_ids)
    records = await found.facts(work.connection, work.bound, record_ids)
    rows = {
        row.id: SourceOfRecord(row.id, records[row.record_id], row)
        for row in sources.values()
        if row.record_id in records
    }
    rule = LEARNER_CERTIFICATIONS[LearnerCertificationAction.REMOVE_ASSIGNMENT]
    decided = Decided(rule, work.role, source_ids, rows, expected)
    made = {id_: row.record.id for id_, row in rows.items()}
    if not decided.granted:
        return Answer(decided.results((), made=made))
    ended = [row.id for row in decided.granted]
    await queries.end_sources(work.connection, work.organisation_id, ended, now=work.now)
    touched = {row.record.id: row.record for row in decided.granted}
    kept = await queries.kept_by_sources(work.connection, work.organisation_id, list(touched))
    changed = await leave(work, [row for id_, row in touched.items() if id_ not in kept])
    staying = [row for id_, row in touched.items() if id_ in kept]
    changed |= await keep(work, staying, HistoryAction.LEARNER_CERTIFICATION_UNASSIGNED)
    return Answer(decided.results([row.id for row in decided.granted if row.record.id in changed], made=made))


@dataclass(frozen=True, slots=True)
class SourceOfRecord:
    """A source to be removed, decided by the facts of its record."""

    id: UUID
    record: RecordRow
    source: SourceRow

    @property
    def version(self) -> int:
        return self.record.version

    @property
    def facts(self) -> LearnerCertificationFacts:
        is_manual = self.source.kind is AssignmentSourceKind.MANUAL and not self.source.has_ended
        return replace(self.record.facts, has_manual_source=is_manual)
