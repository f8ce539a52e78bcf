"""A run through a certification: its fee, its training steps, its exam, and the status that they add up to."""

from dataclasses import dataclass
from enum import StrEnum

from portal_api.domain.certifications.statuses import LearnerCertificationStatus


class FeeDue(StrEnum):
    """Up to where a learner comes without having paid (a reading of S5 Override Payment)."""

    BEFORE_START = "before_start"
    BEFORE_EXAM = "before_exam"


class FeeStatus(StrEnum):
    """Where the fee of a cycle stands; each cycle owes its own (a reading)."""

    NOT_REQUIRED = "not_required"
    UNPAID = "unpaid"
    PAID = "paid"
    WAIVED = "waived"


class StepPath(StrEnum):
    """A way to complete a training step (a reading of S5, which names the test-out exam)."""

    ONLINE = "online"
    CLASSROOM = "classroom"
    EVIDENCE = "evidence"
    TEST_OUT = "test_out"


class StepStatus(StrEnum):
    """Where a training step stands in a cycle."""

    OPEN = "open"
    AWAITING_APPROVAL = "awaiting_approval"
    DONE = "done"


class TestOutResult(StrEnum):
    """How the one attempt at testing out of a step ended; it stays (S5, the caution on test-out exams)."""

    __test__ = False  # not a test of ours, whatever its name looks like

    PASSED = "passed"
    FAILED = "failed"


class ExamAttemptStatus(StrEnum):
    """Where an attempt at the final exam stands; it counts from its start, however it ends (a reading)."""

    STARTED = "started"
    AWAITING_APPROVAL = "awaiting_approval"
    PASSED = "passed"
    FAILED = "failed"
    DENIED = "denied"


class CycleOutcome(StrEnum):
    """How a cycle ended."""

    CERTIFIED = "certified"
    REVOKED = "revoked"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Cycle:
    """What decides over a cycle that is open: plain facts, which every change writes anew."""

    is_recertification: bool = False
    is_started: bool = False
    fee: FeeStatus = FeeStatus.NOT_REQUIRED
    fee_due: FeeDue = FeeDue.BEFORE_START
    steps_open: int = 0
    """Training steps that are not done, those awaiting approval among them."""
    steps_waiting: int = 0
    """Those whose evidence awaits approval."""
    attempts_used: int = 0
    attempts_allowed: int | None = None
    """Those of the version and those granted; None without a limit."""
    has_attempt_open: bool = False
    is_exam_waiting: bool = False
    """Whether a pass awaits approval: it is no pass yet."""
    is_exam_passed: bool = False
    is_exam_overridden: bool = False
    """Whether an administrator marked it passed, without an attempt."""
    allows_exam_before_training: bool = False

    @property
    def has_attempts_left(self) -> bool:
        return self.attempts_allowed is None or self.attempts_used < self.attempts_allowed

    @property
    def owes(self) -> bool:
        """Whether the fee is required and neither paid nor waived."""
        return self.fee is FeeStatus.UNPAID

    @property
    def standing(self) -> LearnerCertificationStatus:
        """The status that the cycle gives its record (S5, the list of statuses; the order is a reading)."""
        if self.steps_waiting or self.is_exam_waiting:
            return LearnerCertificationStatus.PENDING_APPROVAL
        if self.is_exam_passed and not self.steps_open:
            return LearnerCertificationStatus.CERTIFIED
        if self.is_recertification:
            return LearnerCertificationStatus.RECERTIFYING
        if self.is_started:
            return LearnerCertificationStatus.IN_PROGRESS
        return LearnerCertificationStatus.NOT_STARTED
