"""Statuses, actions and kinds of certifications."""

from portal_api.domain.certifications import (
    APPROVALS,
    CERTIFICATES,
    CERTIFICATION_VERSIONS,
    LEARNER_CERTIFICATIONS,
    ApprovalAction,
    ApprovalKind,
    ApprovalStatus,
    AssignmentSourceKind,
    CertificateStatus,
    CertificationAction,
    CertificationJoining,
    CertificationVersionAction,
    CertificationVersionStatus,
    CycleOutcome,
    ExamAttemptStatus,
    FeeDue,
    FeeStatus,
    LearnerCertificationAction,
    LearnerCertificationStatus,
    StepPath,
    StepStatus,
    TestOutResult,
)
from portal_api.schema.enums.describing import described

described(
    CertificationJoining,
    "How learners come to a certification that nobody has assigned to them.",
    {
        CertificationJoining.OPEN: "They enrol by themselves.",
        CertificationJoining.ON_REQUEST: "They ask, and an administrator decides.",
        CertificationJoining.ASSIGNED_ONLY: "They do not.",
    },
)
described(
    CertificationAction,
    "What can be done to a certification, and made in it.",
    {
        CertificationAction.UPDATE: "Change the certification.",
        CertificationAction.DRAFT_VERSION: "Draft a version.",
        CertificationAction.RETIRE: "Retire it: no new assignment, enrolment or cycle begins.",
        CertificationAction.REINSTATE: "Take it into use again.",
        CertificationAction.ASSIGN: "Assign learners.",
        CertificationAction.ENROL: "Enrol oneself.",
        CertificationAction.REQUEST_ACCESS: "Ask for access.",
    },
)
described(
    CertificationVersionStatus,
    "Where a version of a certification stands.",
    {s: m.description for s, m in CERTIFICATION_VERSIONS.statuses.items()},
)
described(
    CertificationVersionAction,
    "What can be done to a version of a certification.",
    {
        CertificationVersionAction.UPDATE: "Change the draft.",
        CertificationVersionAction.PUBLISH: "Publish it: from then on it never changes.",
        CertificationVersionAction.RETIRE: "Retire it: no new cycle begins under it.",
    },
)
described(
    LearnerCertificationStatus,
    "Where a learner stands in a certification, at the instant of the request.",
    {s: m.description for s, m in LEARNER_CERTIFICATIONS.statuses.items()},
)
described(
    LearnerCertificationAction,
    "What can be done about a learner's certification: by administrators, by whoever records, by the learner.",
    {
        LearnerCertificationAction.OVERRIDE_PAYMENT: "Waive the fee of the cycle.",
        LearnerCertificationAction.OVERRIDE_TRAINING: "Mark all open training steps done.",
        LearnerCertificationAction.OVERRIDE_EXAM: "Mark the final exam passed.",
        LearnerCertificationAction.REVOKE_ACCESS: "End the cycle, without a bar.",
        LearnerCertificationAction.FORCE_RECERTIFICATION: "Take the certificate back and open a recertification cycle.",
        LearnerCertificationAction.PERMANENTLY_REVOKE: "Take the certificate back and bar the learner.",
        LearnerCertificationAction.RESTORE_ACCESS: "Lift the bar, or the revocation, and open a cycle.",
        LearnerCertificationAction.REMOVE_ASSIGNMENT: "Remove an assignment that was made by hand.",
        LearnerCertificationAction.RECORD_STEP_COMPLETION: "Record that a training step was completed.",
        LearnerCertificationAction.RECORD_EXAM_RESULT: "Record how an attempt at the final exam ended.",
        LearnerCertificationAction.RECORD_PAYMENT: "Record that the fee was paid.",
        LearnerCertificationAction.ENROL: "Enrol, having been assigned.",
        LearnerCertificationAction.START: "Start working on the steps.",
        LearnerCertificationAction.SUBMIT_EVIDENCE: "Submit evidence for a training step.",
        LearnerCertificationAction.START_EXAM: "Start an attempt at the final exam.",
        LearnerCertificationAction.START_RECERTIFICATION: "Start a recertification cycle.",
        LearnerCertificationAction.REQUEST_MORE_ATTEMPTS: "Ask for more attempts at the final exam.",
    },
)
described(
    FeeDue,
    "Up to where a learner comes without having paid.",
    {FeeDue.BEFORE_START: "The fee is due before the start.", FeeDue.BEFORE_EXAM: "The fee is due before the exam."},
)
described(
    FeeStatus,
    "Where the fee of a cycle stands.",
    {
        FeeStatus.NOT_REQUIRED: "No fee is asked for.",
        FeeStatus.UNPAID: "It is owed.",
        FeeStatus.PAID: "It was paid.",
        FeeStatus.WAIVED: "An administrator waived it.",
    },
)
described(
    StepPath,
    "A way to complete a training step.",
    {
        StepPath.ONLINE: "In a content player.",
        StepPath.CLASSROOM: "In a classroom.",
        StepPath.EVIDENCE: "By evidence of what was learnt elsewhere.",
        StepPath.TEST_OUT: "By an exam in its place, which can be tried once a cycle.",
    },
)
described(
    StepStatus,
    "Where a training step stands in a cycle.",
    {
        StepStatus.OPEN: "To be done.",
        StepStatus.AWAITING_APPROVAL: "Evidence awaits its sign-off.",
        StepStatus.DONE: "Done.",
    },
)
described(
    TestOutResult,
    "How the one attempt at testing out of a step ended.",
    {TestOutResult.PASSED: "Passed: the step is done.", TestOutResult.FAILED: "Failed: the other ways stay."},
)
described(
    ExamAttemptStatus,
    "Where an attempt at the final exam stands.",
    {
        ExamAttemptStatus.STARTED: "Under way.",
        ExamAttemptStatus.AWAITING_APPROVAL: "Passed; the pass awaits its sign-off.",
        ExamAttemptStatus.PASSED: "Passed.",
        ExamAttemptStatus.FAILED: "Failed.",
        ExamAttemptStatus.DENIED: "The pass was denied: used, and not passed.",
    },
)
described(
    CycleOutcome,
    "How a cycle ended.",
    {
        CycleOutcome.CERTIFIED: "With the certificate.",
        CycleOutcome.REVOKED: "By an administrator.",
        CycleOutcome.REMOVED: "With the removal of the assignment.",
    },
)
described(
    ApprovalKind,
    "What a decision is asked about.",
    {
        ApprovalKind.ACCESS: "Whether the learner may join.",
        ApprovalKind.EVIDENCE: "Whether evidence completes a training step.",
        ApprovalKind.EXAM: "Whether a pass of the final exam counts.",
        ApprovalKind.MORE_ATTEMPTS: "Whether the learner may try the final exam again.",
    },
)
described(ApprovalStatus, "Where an approval stands.", {s: m.description for s, m in APPROVALS.statuses.items()})
described(
    ApprovalAction,
    "What can be done to an approval.",
    {ApprovalAction.APPROVE: "Grant it.", ApprovalAction.DENY: "Deny it, with a comment."},
)
described(
    CertificateStatus, "Where a certificate stands.", {s: m.description for s, m in CERTIFICATES.statuses.items()}
)
described(
    AssignmentSourceKind,
    "Who or what brought an assignment about.",
    {
        AssignmentSourceKind.MANUAL: "An administrator, by hand.",
        AssignmentSourceKind.GROUP: "A group that holds the learner.",
        AssignmentSourceKind.SELF: "The learner.",
    },
)
