"""Asking for a decision: what evidence, an exam, a request for access or for more attempts comes to."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from portal_api.domain.certifications import ApprovalStatus
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.queries.certifications import asking as queries
from portal_api.queries.certifications.asking import NewApproval
from portal_api.work import Work

_ACTS = {
    ApprovalStatus.PENDING: HistoryAction.APPROVAL_REQUESTED,
    ApprovalStatus.APPROVED: HistoryAction.APPROVAL_APPROVED,
}


async def ask(
    work: Work,
    asked: Sequence[NewApproval],
    causes: Mapping[UUID, UUID] | None = None,
    status: ApprovalStatus = ApprovalStatus.PENDING,
) -> None:
    """Puts approvals into the queue; what nobody needs to decide over is kept as approved from the start.

    Args:
        work: the transaction, which holds the locks of the learners.
        asked: the approvals.
        causes: the entries of the history that caused them, by record, where a record was changed.
        status: that of the approvals.
    """
    if not asked:
        return
    await queries.insert_approvals(work.connection, work.organisation_id, asked, status, at=work.now)
    await work.record(
        [
            work.entry(
                _ACTS[status],
                (SubjectKind.APPROVAL, each.id),
                each.learner_id,
                version=1,
                statuses=(None, status.name),
                cause_id=(causes or {}).get(each.learner_certification_id) if each.learner_certification_id else None,
            )
            for each in asked
        ]
    )
