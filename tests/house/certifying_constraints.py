"""What the database refuses of learners' certifications: references, rows that contradict themselves, unknown values."""

from typing import Any
from uuid import UUID

from sqlalchemy import Table

from portal_api.domain.certifications import (
    ApprovalKind,
    ApprovalStatus,
    AssignmentSourceKind,
    CertificateStatus,
    CycleOutcome,
    FeeStatus,
    LearnerCertificationStatus,
    StepStatus,
    TestOutResult,
)
from portal_api.domain.register_numbers import register_number
from portal_api.models import (
    approvals,
    assignment_sources,
    certificates,
    certification_cycles,
    certification_steps,
    certification_versions,
    certifications,
    exam_attempts,
    groups,
    learner_certifications,
    step_progress,
)
from tests.clock import START
from tests.factories import DAY, Organisation, Record

TABLES = {
    learner_certifications,
    certification_cycles,
    step_progress,
    exam_attempts,
    assignment_sources,
    approvals,
    certificates,
}
REFERENCES = [
    ("learner_certifications", "learner_id"),
    ("learner_certifications", "certification_id"),
    ("certification_cycles", "learner_certification_id"),
    ("certification_cycles", "certification_version_id"),
    ("step_progress", "certification_cycle_id"),
    ("step_progress", "certification_step_id"),
    ("exam_attempts", "learner_certification_id"),
    ("exam_attempts", "certification_cycle_id"),
    ("assignment_sources", "learner_certification_id"),
    ("assignment_sources", "group_id"),
    ("approvals", "learner_id"),
    ("approvals", "certification_id"),
    ("approvals", "learner_certification_id"),
    ("approvals", "certification_cycle_id"),
    ("approvals", "step_progress_id"),
    ("approvals", "exam_attempt_id"),
    ("certificates", "learner_certification_id"),
    ("certificates", "certification_cycle_id"),
]


def lay_out(organisation: Organisation, learner: Record) -> None:
    """A learner who is certified, works on it again, and waits for an approval of evidence."""
    of = organisation.certification()
    times: dict[str, Any] = {"certified_at": START, "expires_at": START, "lapses_at": START, "window_opens_at": START}
    record = organisation.learner_certification(learner, of, LearnerCertificationStatus.PENDING_APPROVAL, **times)
    group = organisation.record(organisation.rows[groups][-1]["id"])
    organisation.assignment_source(record, AssignmentSourceKind.GROUP, group_id=group.id)
    organisation.assigns(group, of)
    organisation.rows[certificates][-1] |= {"status": CertificateStatus.VALID, "due_at": START}
    organisation.certification_version(of)


def writable(organisation: Organisation, table: Table) -> dict[str, Any]:
    """What a copy of the last row of a table differs in, so that both can stand."""
    match table.name:
        case "learner_certifications":
            return {"archived_at": START}
        case "certification_cycles":
            return {"number": 2, "closed_at": START, "outcome": CycleOutcome.REVOKED}
        case "step_progress":
            return {"certification_step_id": organisation.rows[certification_steps][-1]["id"]}
        case "exam_attempts":
            return {"number": 9}
        case "certificates":
            open_cycle = organisation.rows[certification_cycles][-1]["id"]
            return {
                "certification_cycle_id": open_cycle,
                "status": CertificateStatus.EXPIRED,
                "register_number": register_number(organisation.new_id(START)),
            }
        case _:
            return {}


def keys_of(twin: Organisation) -> dict[str, UUID]:
    """The keys of another organisation, by the column that refers to such records."""
    tables = {
        "certification_id": certifications,
        "certification_version_id": certification_versions,
        "certification_step_id": certification_steps,
        "learner_certification_id": learner_certifications,
        "certification_cycle_id": certification_cycles,
        "step_progress_id": step_progress,
        "exam_attempt_id": exam_attempts,
    }
    return {name: twin.rows[table][-1]["id"] for name, table in tables.items()}


COPIES = {"a second record in a certification", "a second open cycle", "a second certificate of a cycle"}
"""Contradictions of a row with the one that it is a copy of."""
CONTRADICTIONS: dict[str, tuple[Table, dict[str, Any], str]] = {
    "a second record in a certification": (learner_certifications, {}, "(?i)unique"),
    "an expiry without a lapse": (learner_certifications, {"lapses_at": None}, "expiry_whole"),
    "an expiry after the lapse": (learner_certifications, {"expires_at": START + DAY}, "expiry_in_order"),
    "a second open cycle": (certification_cycles, {"number": 2}, "(?i)unique"),
    "a second cycle of a number": (certification_cycles, {"number": 0}, "(?i)unique"),
    "a cycle that ended no way": (certification_cycles, {"outcome": None}, "outcome_when_closed"),
    "no fee that is owed": (certification_cycles, {"fee_status": FeeStatus.UNPAID}, "fee_when_required"),
    "a fee that nobody owes": (certification_cycles, {"fee": 100}, "fee_when_required"),
    "a fee paid at no instant": (
        certification_cycles,
        {"fee_status": FeeStatus.PAID, "fee": 100},
        "settled_at_when_settled",
    ),
    "more steps waiting than open": (certification_cycles, {"steps_waiting": 9}, "steps_add_up"),
    "fewer than no attempts": (certification_cycles, {"attempts_used": -1}, "attempts_positive"),
    "an attempt open while a pass waits": (
        certification_cycles,
        {"is_exam_waiting": True, "has_attempt_open": True},
        "attempt_open_or_waiting",
    ),
    "a step done at no instant": (step_progress, {"status": StepStatus.DONE, "done_at": None}, "done_at_when_done"),
    "tested out at no instant": (
        step_progress,
        {"test_out": TestOutResult.FAILED},
        "tested_out_at_when_tested_out",
    ),
    "an attempt that never ended": (exam_attempts, {"ended_at": None}, "ended_at_when_ended"),
    "more than the whole score": (exam_attempts, {"score": 101}, "score_in_percent"),
    "a second attempt of a number": (exam_attempts, {"number": 1}, "(?i)unique"),
    "a group's source without a group": (assignment_sources, {"group_id": None}, "group_when_group"),
    "decided while it awaits a decision": (approvals, {"decided_at": START}, "decided_at_when_decided"),
    "evidence for no step": (approvals, {"step_progress_id": None}, "step_of_evidence"),
    "a pass of no attempt": (approvals, {"kind": ApprovalKind.EXAM, "step_progress_id": None}, "attempt_of_exam"),
    "a denial without a word": (
        approvals,
        {"status": ApprovalStatus.DENIED, "decided_at": START},
        "comment_when_denied",
    ),
    "revoked at no instant": (certificates, {"status": CertificateStatus.REVOKED}, "ended_at_when_ended"),
    "a second certificate of a cycle": (
        certificates,
        {"status": CertificateStatus.EXPIRED},
        "(?i)unique",
    ),
    "a second certificate in force": (certificates, {"status": CertificateStatus.VALID}, "(?i)unique"),
}
UNKNOWN_VALUES: list[tuple[Table, str]] = [
    (learner_certifications, "status"),
    (certification_cycles, "outcome"),
    (certification_cycles, "fee_status"),
    (step_progress, "status"),
    (step_progress, "path"),
    (step_progress, "test_out"),
    (exam_attempts, "status"),
    (assignment_sources, "kind"),
    (approvals, "kind"),
    (approvals, "status"),
    (certificates, "status"),
]
BESIDE: dict[tuple[str, str], dict[str, Any]] = {
    ("approvals", "exam_attempt_id"): {"kind": ApprovalKind.EXAM, "step_progress_id": None},
    ("approvals", "kind"): {"step_progress_id": None},
    ("approvals", "status"): {"decided_at": START},
    ("assignment_sources", "kind"): {"group_id": None},
    ("certification_cycles", "fee_status"): {"fee": 100},
    ("step_progress", "status"): {"done_at": None},
    ("step_progress", "test_out"): {"tested_out_at": START},
}
"""What a row has beside a column under test, so that it is refused for that column alone."""
