"""Making learners' certifications, with what brought them about, and opening cycles in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from portal_api.domain.certifications import AssignmentSourceKind, LearnerCertificationStatus
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.ids import global_id
from portal_api.queries.certifications import assigning as queries
from portal_api.queries.certifications import changes
from portal_api.queries.certifications.assigning import NewRecord
from portal_api.queries.certifications.changes import NewCycle
from portal_api.work import Entry, Work

_ACTS = {
    LearnerCertificationStatus.ASSIGNED: HistoryAction.LEARNER_CERTIFICATION_ASSIGNED,
    LearnerCertificationStatus.NOT_STARTED: HistoryAction.LEARNER_CERTIFICATION_ENROLLED,
}


def new_record(work: Work, learner_id: UUID, certification_id: UUID, status: LearnerCertificationStatus) -> NewRecord:
    """A record to be made, assigned or enrolled."""
    id_ = work.new_id(work.now)
    return NewRecord(id_, global_id("lct", id_), learner_id, certification_id, status)


def new_source(work: Work, record_id: UUID, kind: AssignmentSourceKind, group_id: UUID | None = None) -> dict[str, Any]:
    """A source to be added to a record; a group adds it by itself, so nobody is named then."""
    return {
        "id": work.new_id(work.now),
        "learner_certification_id": record_id,
        "kind": kind,
        "group_id": group_id,
        "created_at": work.now,
        "created_by": None if kind is AssignmentSourceKind.GROUP else work.actor_id,
    }


async def make(
    work: Work,
    records: Sequence[NewRecord],
    sources: Sequence[Mapping[str, Any]],
    causes: Mapping[UUID, UUID] | None = None,
) -> dict[UUID, Entry]:
    """Makes records with their sources; who has enrolled has a cycle at once.

    Args:
        work: the transaction, which holds the locks of the learners and the certifications.
        records: the records.
        sources: what brought them about.
        causes: the entries of the history that caused them, by record, where others did.

    Returns:
        The history's entry of each record.
    """
    await queries.insert_records(work.connection, work.organisation_id, records, at=work.now)
    await queries.insert_sources(work.connection, work.organisation_id, sources)
    enrolled = [row for row in records if row.status is LearnerCertificationStatus.NOT_STARTED]
    await open_cycles(work, [Opening(row.id, row.certification_id) for row in enrolled])
    entries = {
        row.id: work.entry(
            _ACTS[row.status],
            (SubjectKind.LEARNER_CERTIFICATION, row.id),
            row.learner_id,
            version=1,
            statuses=(None, row.status.name),
            cause_id=(causes or {}).get(row.id),
        )
        for row in records
    }
    await work.record(list(entries.values()))
    return entries


@dataclass(frozen=True, slots=True)
class Opening:
    """A cycle that is to begin."""

    record_id: UUID
    certification_id: UUID
    number: int = 0
    is_recertification: bool = False


async def open_cycles(work: Work, openings: Sequence[Opening]) -> None:
    """Opens cycles at nothing done, under the newest published versions."""
    if not openings:
        return
    certification_ids = list({each.certification_id for each in openings})
    newest = await changes.newest_versions(work.connection, work.organisation_id, certification_ids)
    cycles = [
        NewCycle(
            id=work.new_id(work.now),
            record_id=each.record_id,
            number=each.number,
            is_recertification=each.is_recertification,
            version=newest[each.certification_id],
        )
        for each in openings
    ]
    await changes.open_cycles(work.connection, work.organisation_id, cycles, work.new_id, now=work.now)
