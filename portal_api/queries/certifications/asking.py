"""Approvals as they come to be, and as a decision finds them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.certifications import ApprovalKind, ApprovalStatus
from portal_api.models import approvals
from portal_api.queries.rows import insert_rows


@dataclass(frozen=True, slots=True)
class NewApproval:
    """Something that is to await a decision."""

    id: UUID
    kind: ApprovalKind
    learner_id: UUID
    certification_id: UUID
    learner_certification_id: UUID | None = None
    """None while access is asked for: there is no record yet."""
    certification_cycle_id: UUID | None = None
    step_progress_id: UUID | None = None
    exam_attempt_id: UUID | None = None
    evidence_text: str | None = None
    evidence_links: str | None = None
    """With spaces between them."""
    score: int | None = None


async def insert_approvals(
    connection: AsyncConnection,
    organisation_id: UUID,
    rows: Sequence[NewApproval],
    status: ApprovalStatus = ApprovalStatus.PENDING,
    *,
    at: datetime,
) -> None:
    """Writes approvals that await a decision, or that need none, in one statement."""
    decided_at = None if status is ApprovalStatus.PENDING else at
    own = {"organisation_id": organisation_id, "status": status, "requested_at": at, "version": 1}
    own |= {"decided_at": decided_at}
    await insert_rows(connection, approvals, [{**own, **asdict(row)} for row in rows])
