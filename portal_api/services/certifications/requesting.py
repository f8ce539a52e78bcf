"""What a learner asks administrators for: access to a certification, and more attempts at its exam (readings throughout)."""

from collections.abc import Mapping
from uuid import UUID

from portal_api.domain.certifications import (
    ApprovalKind,
    CertificationAction,
    LearnerCertificationAction,
    words_reasons,
)
from portal_api.queries.certifications.asking import NewApproval
from portal_api.services.certifications.asking import ask
from portal_api.services.certifications.learning import decided_to_join, decided_to_learn
from portal_api.work import Answer, Work


async def request_access(
    work: Work, certification_id: UUID, text: str | None, *, expected: Mapping[UUID, int]
) -> Answer:
    """Asks for access to a certification that is open on request; no record is made before it is granted.

    Args:
        work: the transaction.
        certification_id: the certification.
        text: why the learner asks, if they say it.
        expected: its version that the caller read.

    Returns:
        A result for the certification, and the approval that is awaited.
    """
    decided = await decided_to_join(work, CertificationAction.REQUEST_ACCESS, certification_id, expected)
    decided.refuse({row.id: list(words_reasons(text)) for row in decided.granted})
    asked = {
        row.id: NewApproval(
            id=work.new_id(work.now),
            kind=ApprovalKind.ACCESS,
            learner_id=work.rights["viewer_learner"],
            certification_id=row.id,
            evidence_text=text,
        )
        for row in decided.granted
    }
    await ask(work, list(asked.values()))
    return Answer(decided.results(asked, made={id_: each.id for id_, each in asked.items()}))


async def request_more_attempts(work: Work, id_: UUID, *, expected: Mapping[UUID, int]) -> Answer:
    """Asks for more attempts at the exam of the cycle that is open; the record stays as it is.

    Returns:
        A result for the record, and the approval that is awaited.
    """
    decided = await decided_to_learn(work, LearnerCertificationAction.REQUEST_MORE_ATTEMPTS, id_, expected)
    asked = {
        row.id: NewApproval(
            id=work.new_id(work.now),
            kind=ApprovalKind.MORE_ATTEMPTS,
            learner_id=row.learner_id,
            certification_id=row.certification_id,
            learner_certification_id=row.id,
            certification_cycle_id=row.cycle_id,
        )
        for row in decided.granted
    }
    await ask(work, list(asked.values()))
    return Answer(decided.results(asked, made={id_: each.id for id_, each in asked.items()}))
