"""Certifications: their versions, learners' records and cycles, approvals and certificates (S5)."""

from portal_api.domain.certifications.approvals import (
    APPROVALS,
    ApprovalAction,
    ApprovalFacts,
    ApprovalKind,
    ApprovalStatus,
)
from portal_api.domain.certifications.certificates import CERTIFICATES, CertificateStatus
from portal_api.domain.certifications.conditions import LearnerCertificationFacts
from portal_api.domain.certifications.content import StepContent, VersionContent, content_reasons
from portal_api.domain.certifications.cycles import (
    Cycle,
    CycleOutcome,
    ExamAttemptStatus,
    FeeDue,
    FeeStatus,
    StepPath,
    StepStatus,
    TestOutResult,
)
from portal_api.domain.certifications.effects import CLOSED, EFFECTS, CertificateChange, Effect, advanced
from portal_api.domain.certifications.library import (
    CERTIFICATION_VERSIONS,
    CERTIFICATIONS,
    CertificationAction,
    CertificationFacts,
    CertificationJoining,
    CertificationVersionAction,
    CertificationVersionStatus,
)
from portal_api.domain.certifications.records import LEARNER_CERTIFICATIONS
from portal_api.domain.certifications.sources import KEPT_BY_SOURCES, AssignmentSourceKind
from portal_api.domain.certifications.statuses import LearnerCertificationAction, LearnerCertificationStatus
from portal_api.domain.certifications.steps import RECORDED_PATHS, Step
from portal_api.domain.certifications.validity import Expiry, Validity

__all__ = [
    "APPROVALS",
    "CERTIFICATES",
    "CERTIFICATIONS",
    "CERTIFICATION_VERSIONS",
    "CLOSED",
    "EFFECTS",
    "KEPT_BY_SOURCES",
    "LEARNER_CERTIFICATIONS",
    "RECORDED_PATHS",
    "ApprovalAction",
    "ApprovalFacts",
    "ApprovalKind",
    "ApprovalStatus",
    "AssignmentSourceKind",
    "CertificateChange",
    "CertificateStatus",
    "CertificationAction",
    "CertificationFacts",
    "CertificationJoining",
    "CertificationVersionAction",
    "CertificationVersionStatus",
    "Cycle",
    "CycleOutcome",
    "Effect",
    "ExamAttemptStatus",
    "Expiry",
    "FeeDue",
    "FeeStatus",
    "LearnerCertificationAction",
    "LearnerCertificationFacts",
    "LearnerCertificationStatus",
    "Step",
    "StepContent",
    "StepPath",
    "StepStatus",
    "TestOutResult",
    "Validity",
    "VersionContent",
    "advanced",
    "content_reasons",
]
