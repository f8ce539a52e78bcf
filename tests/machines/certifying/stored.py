"""Rows of certifications as the portal stores them, for a drive without a database: statuses are overdue until settled."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portal_api.domain.certifications import (
    CERTIFICATES,
    LEARNER_CERTIFICATIONS,
    ApprovalKind,
    ApprovalStatus,
    CertificateStatus,
    Cycle,
    CycleOutcome,
    ExamAttemptStatus,
    FeeDue,
    FeeStatus,
    LearnerCertificationStatus,
    Step,
    StepPath,
    StepStatus,
    Validity,
)
from tests.machines.certifying.records import Terms

TIMES = ("expires_at", "lapses_at", "window_opens_at")


@dataclass
class StoredCycle:
    """A cycle: what the domain keeps of it, and what hangs on it."""

    version: int
    terms: Terms
    facts: Cycle
    steps: list[Step]
    attempts: list[ExamAttemptStatus] = field(default_factory=list[ExamAttemptStatus])
    outcome: CycleOutcome | None = None

    @classmethod
    def opened(cls, version: int, terms: Terms, *, is_recertification: bool) -> "StoredCycle":
        """One at nothing done."""
        has_fee = terms.recertification_fee if is_recertification else terms.initial_fee
        facts = Cycle(
            is_recertification=is_recertification,
            fee=FeeStatus.UNPAID if has_fee else FeeStatus.NOT_REQUIRED,
            fee_due=FeeDue[terms.fee_due],
            steps_open=len(terms.steps),
            attempts_allowed=terms.attempts,
            allows_exam_before_training=terms.exam_first,
        )
        steps = [Step(StepStatus.OPEN, frozenset(StepPath[path] for path in paths)) for paths in terms.steps]
        return cls(version, terms, facts, steps)

    @property
    def validity(self) -> Validity:
        return Validity(self.terms.months, self.terms.grace, self.terms.window)


@dataclass
class StoredRecord:
    """A learner's certification."""

    key: int
    learner: int
    certification: int
    status: LearnerCertificationStatus
    times: dict[str, Any] = field(default_factory=lambda: dict.fromkeys(TIMES))
    was_certified: bool = False
    is_archived: bool = False
    cycles: list[StoredCycle] = field(default_factory=list[StoredCycle])

    @property
    def cycle(self) -> StoredCycle | None:
        return next((each for each in self.cycles if each.outcome is None), None)

    @property
    def due_at(self) -> datetime:
        return LEARNER_CERTIFICATIONS.due_at(self.status, self.times)

    def at(self, now: datetime) -> LearnerCertificationStatus:
        return LEARNER_CERTIFICATIONS.status_at(now, self.status, self.times)


@dataclass
class StoredCertificate:
    """A certificate."""

    key: int
    record: int
    expires_at: datetime | None
    status: CertificateStatus = CertificateStatus.VALID

    @property
    def times(self) -> dict[str, Any]:
        return {"expires_at": self.expires_at}

    def at(self, now: datetime) -> CertificateStatus:
        return CERTIFICATES.status_at(now, self.status, self.times)


@dataclass
class StoredApproval:
    """An approval, and what it is about."""

    key: int
    kind: ApprovalKind
    learner: int
    certification: int
    record: int | None = None
    cycle: int | None = None
    step: int | None = None
    status: ApprovalStatus = ApprovalStatus.PENDING
