"""What learners wait for, laid out with the record, the cycle and the attempt that go with it."""

from typing import Any

from portal_api.domain.certifications import (
    ApprovalKind,
    ApprovalStatus,
    ExamAttemptStatus,
    LearnerCertificationStatus,
)
from portal_api.models import approvals, certification_cycles, exam_attempts, learner_certifications, step_progress
from tests.factories import DAY, Organisation, Record

S, K = LearnerCertificationStatus, ApprovalKind


def asked(
    made: Organisation,
    learner: Record,
    kind: ApprovalKind,
    status: ApprovalStatus = ApprovalStatus.PENDING,
    *,
    certification: Record | None = None,
    **version: Any,
) -> Record:
    """Something that a learner waits or waited for, in a certification of its own if none is given."""
    if certification is None:
        certification = made.certification(is_published=False)
        made.certification_version(certification, exam_needs_approval=True, **version)
    columns: dict[str, Any] = {"status": status}
    if status is not ApprovalStatus.PENDING:
        columns |= {"decided_at": made.clock() - DAY, "comment": "Decided."}
    if kind is K.ACCESS:
        return made.access_request(learner, certification, **columns)
    if status is ApprovalStatus.PENDING and kind is K.EVIDENCE:
        record = made.learner_certification(learner, certification, S.PENDING_APPROVAL)
        return made.record(made.rows[approvals][-1]["id"])
    used = {K.EVIDENCE: 0, K.EXAM: 1, K.MORE_ATTEMPTS: 3}[kind]
    record = made.learner_certification(learner, certification, S.IN_PROGRESS, cycle={"attempts_used": used})
    cycle = made.rows[certification_cycles][-1]
    if kind is K.EVIDENCE:
        columns["step_progress_id"] = next(
            row["id"] for row in made.rows[step_progress] if row["certification_cycle_id"] == cycle["id"]
        )
    if kind is K.EXAM:
        columns |= {"exam_attempt_id": made.rows[exam_attempts][-1]["id"], "score": 85}
    if kind is K.EXAM and status is ApprovalStatus.PENDING:
        made.rows[exam_attempts][-1] |= {"status": ExamAttemptStatus.AWAITING_APPROVAL, "score": 85}
        made.rows[learner_certifications][-1]["status"] = S.PENDING_APPROVAL
        cycle["is_exam_waiting"] = True
    return made.approval(record, kind, certification_cycle_id=cycle["id"], **columns)


def about(everything: dict[str, list[dict[str, Any]]], key: Any) -> dict[str, list[dict[str, Any]]]:
    """Every row of an organisation that is a record's or names it."""
    return {name: [row for row in rows if key in row.values()] for name, rows in everything.items()}
