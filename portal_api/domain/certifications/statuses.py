"""Where a learner stands in a certification, and what can be done about it (S5)."""

from enum import StrEnum


class LearnerCertificationStatus(StrEnum):
    """The ten statuses (S5, the list that opens the article)."""

    ASSIGNED = "assigned"
    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    PENDING_APPROVAL = "pending_approval"
    CERTIFIED = "certified"
    EXPIRED = "expired"
    LAPSED = "lapsed"
    RECERTIFYING = "recertifying"
    REVOKED = "revoked"
    DISALLOWED = "disallowed"


class LearnerCertificationAction(StrEnum):
    """The administrator's eight actions (S5 Actions), what is recorded for the learner, and the learner's own."""

    OVERRIDE_PAYMENT = "override_payment"
    OVERRIDE_TRAINING = "override_training"
    OVERRIDE_EXAM = "override_exam"
    REVOKE_ACCESS = "revoke_access"
    FORCE_RECERTIFICATION = "force_recertification"
    PERMANENTLY_REVOKE = "permanently_revoke"
    RESTORE_ACCESS = "restore_access"
    REMOVE_ASSIGNMENT = "remove_assignment"
    RECORD_STEP_COMPLETION = "record_step_completion"
    RECORD_EXAM_RESULT = "record_exam_result"
    RECORD_PAYMENT = "record_payment"
    ENROL = "enrol"
    START = "start"
    SUBMIT_EVIDENCE = "submit_evidence"
    START_EXAM = "start_exam"
    START_RECERTIFICATION = "start_recertification"
    REQUEST_MORE_ATTEMPTS = "request_more_attempts"


STANDS_OPEN = (
    LearnerCertificationStatus.ASSIGNED,
    LearnerCertificationStatus.NOT_STARTED,
    LearnerCertificationStatus.IN_PROGRESS,
    LearnerCertificationStatus.PENDING_APPROVAL,
    LearnerCertificationStatus.RECERTIFYING,
)
"""Where something is still to be done: an assignment awaits the learner, or a cycle is open (a reading). Of what is
certified, expired or lapsed only the certificate's time runs."""
