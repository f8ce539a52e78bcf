"""The mutation of approvals."""

from typing import Any

from portal_api.domain.certifications import ApprovalKind, ApprovalStatus, LearnerCertificationStatus
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.roles import Role
from portal_api.models import approvals
from tests.api.cases.shapes import ADMINISTRATORS, CallCase, MutationCase
from tests.factories import Organisation, Record

S = LearnerCertificationStatus


def approval_of(made: Organisation, record: Record) -> Record:
    """What was asked last about a record."""
    *_, last = (row["id"] for row in made.rows[approvals] if row["learner_certification_id"] == record.id)
    return made.record(last)


def _evidence(made: Organisation) -> Record:
    """Evidence of somebody who reports to the Manager."""
    learner = made.learner(reports_to=made.own[Role.MANAGER])
    return approval_of(made, made.learner_certification(learner, made.certification(), S.PENDING_APPROVAL))


def _decided(made: Organisation) -> Record:
    record = made.learner_certification(made.learner(), made.certification(), S.IN_PROGRESS)
    given: dict[str, Any] = {"status": ApprovalStatus.DENIED, "comment": "Not yet."}
    return made.approval(record, ApprovalKind.MORE_ATTEMPTS, **given)


MUTATIONS: tuple[MutationCase | CallCase, ...] = (
    MutationCase(
        mutation="decideApprovals",
        table=approvals,
        roles=ADMINISTRATORS | {Role.MANAGER},
        changes=_evidence,
        refuses=_decided,
        refusal=("ALREADY_DECIDED",),
        input={"decision": "APPROVE", "comment": "Well done"},
        other_inputs=({"decision": "DENY"}, {"comment": "well done"}, {"comment": None}, {"attempts": 2}),
        action=HistoryAction.APPROVAL_APPROVED,
        subject=SubjectKind.APPROVAL,
        moves=("PENDING", "APPROVED"),
        again_code="ALREADY_DECIDED",
    ),
)
