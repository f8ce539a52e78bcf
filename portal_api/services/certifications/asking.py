"""Asking for a decision: what evidence, an exam, a request for access or for more attempts comes to."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from portal_api.domain.certifications import ApprovalStatus
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.queries.certifications import asking as queries
from portal_api.queries.certifications.asking import NewApproval
from portal_api.work import Work


async def ask(work: Work, asked: Sequence[NewApproval], causes: Mapping[UUID, UUID] | None = None) -> None:
    """Puts approvals into the queue.

    Args:
        work: the transaction, which holds the locks of the learners.
        asked: the approvals.
        causes: the entries of the history that caused them, by record, where a record was changed.
    """
    if not asked:
        return
    await queries.insert_approvals(work.connection, work.organisation_id, asked, at=work.now)
    await work.record(
        [
            work.entry(
                HistoryAction.APPROVAL_REQUESTED,
                (SubjectKind.APPROVAL, each.id),
                each.learner_id,
                version=1,
                statuses=(None, ApprovalStatus.PENDING.name),
                cause_id=(causes or {}).get(each.learner_certification_id) if each.learner_certification_id else None,
            )
            for each in asked
        ]
    )
