"""What becomes of learners' certifications whose sources change: kept, or archived when nothing keeps them any more."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from portal_api.domain.certifications import CycleOutcome
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.queries.certifications import changes
from portal_api.queries.certifications.found import RecordRow
from portal_api.services.certifications.settling import settle_records
from portal_api.work import Work

Causes = Mapping[UUID, UUID]
"""The entries of the history that caused something, by record."""


async def keep(work: Work, rows: Sequence[RecordRow], act: HistoryAction, causes: Causes | None = None) -> set[UUID]:
    """Counts a change of sources in records that stay as they are; what time has done to them is told first.

    Args:
        work: the transaction, which holds the locks of the learners.
        rows: the records as they were found.
        act: what the history calls it: a source came, or one went.
        causes: the entries that caused it, by record.

    Returns:
        The records that were counted.
    """
    read = {row.id: row.version for row in rows} | await settle_records(work, rows)
    versions = await changes.touch_records(
        work.connection, work.organisation_id, [{"id": id_, "version": version} for id_, version in read.items()]
    )
    await _record(work, rows, versions, act, causes)
    return set(versions)


async def leave(work: Work, rows: Sequence[RecordRow], causes: Causes | None = None) -> set[UUID]:
    """Archives records that no source keeps, and ends their cycles.

    Args:
        work: the transaction, which holds the locks of the learners.
        rows: the records as they were found, none of which the clock moves.
        causes: the entries that caused it, by record.

    Returns:
        The records that were archived.
    """
    versions = await changes.change_records(
        work.connection,
        work.organisation_id,
        [{"id": row.id, "version": row.version, "archived_at": work.now} for row in rows],
    )
    cycles = [
        {"id": row.cycle_id, "closed_at": work.now, "outcome": CycleOutcome.REMOVED}
        for row in rows
        if row.cycle_id is not None and row.id in versions
    ]
    await changes.set_cycles(work.connection, work.organisation_id, cycles)
    await _record(work, rows, versions, HistoryAction.LEARNER_CERTIFICATION_ARCHIVED, causes)
    return set(versions)


async def _record(
    work: Work, rows: Sequence[RecordRow], versions: Mapping[UUID, int], act: HistoryAction, causes: Causes | None
) -> None:
    await work.record(
        [
            work.entry(
                act,
                (SubjectKind.LEARNER_CERTIFICATION, row.id),
                row.learner_id,
                version=versions[row.id],
                statuses=(row.facts.status.name, row.facts.status.name),
                cause_id=(causes or {}).get(row.id),
            )
            for row in rows
            if row.id in versions
        ]
    )
