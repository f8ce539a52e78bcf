"""What time has done to learners' certifications and their certificates, written down (S5 Expired, Lapsed)."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from portal_api.domain.certifications import LEARNER_CERTIFICATIONS, LearnerCertificationStatus
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.queries.certifications import changes, found
from portal_api.queries.certifications.changes import CertificateRow
from portal_api.queries.certifications.found import RecordRow
from portal_api.work import Work

_CLOCK = {
    LearnerCertificationStatus.EXPIRED: HistoryAction.LEARNER_CERTIFICATION_EXPIRED,
    LearnerCertificationStatus.LAPSED: HistoryAction.LEARNER_CERTIFICATION_LAPSED,
}


async def settle_due(work: Work, most: int) -> int:
    """Writes down what time has done to the records of an organisation, the longest overdue first.

    Returns:
        How many it was, `most` at the most.
    """
    rows = await found.due(work.connection, work.organisation_id, work.now, most)
    return len(await settle_records(work, rows))


async def settle_due_certificates(work: Work, most: int) -> int:
    """Writes down that the time of certificates has run out, the longest overdue first.

    Returns:
        How many it was, `most` at the most.
    """
    rows = await changes.due_certificates(work.connection, work.organisation_id, work.now, most)
    return len(await settle_certificates(work, [row for row, _ in rows], {row.id: learner for row, learner in rows}))


async def settle_records(work: Work, rows: Sequence[RecordRow]) -> dict[UUID, int]:
    """Writes down what time has done to records by the work's instant: each move is an entry, at its own instant.

    Returns:
        The new version of each record that had moved.
    """
    moved = {row.id: row for row in rows if row.facts.status is not row.stored}
    if not moved:
        return {}
    versions = await changes.settle(work.connection, work.organisation_id, list(moved), now=work.now)
    await work.record(
        [
            work.entry(
                _CLOCK[move.to],
                (SubjectKind.LEARNER_CERTIFICATION, id_),
                moved[id_].learner_id,
                version=version,
                statuses=(move.status.name, move.to.name),
                moved_at=moved[id_].times[move.at],
            )
            for id_, version in versions.items()
            for move in LEARNER_CERTIFICATIONS.moves_until(work.now, moved[id_].stored, moved[id_].times)
        ]
    )
    return versions


async def settle_certificates(
    work: Work, rows: Sequence[CertificateRow], learners: Mapping[UUID, UUID]
) -> dict[UUID, int]:
    """Writes down that the time of certificates has run out by the work's instant, each at its own instant.

    Args:
        work: the transaction, which holds the locks of the learners.
        rows: the certificates as they were found.
        learners: whose each is.

    Returns:
        The new version of each that had expired.
    """
    moved = {row.id: row for row in rows if row.now is not row.stored}
    if not moved:
        return {}
    versions = await changes.settle_certificates(work.connection, work.organisation_id, list(moved), now=work.now)
    await work.record(
        [
            work.entry(
                HistoryAction.CERTIFICATE_EXPIRED,
                (SubjectKind.CERTIFICATE, id_),
                learners[id_],
                version=version,
                statuses=(moved[id_].stored.name, moved[id_].now.name),
                moved_at=moved[id_].expires_at,
            )
            for id_, version in versions.items()
        ]
    )
    return versions
