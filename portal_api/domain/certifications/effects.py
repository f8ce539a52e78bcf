"""What an action does to a learner's certification: pure, one function an action (S5 Actions)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from portal_api.domain.certifications.approvals import ApprovalKind, ApprovalStatus
from portal_api.domain.certifications.conditions import LearnerCertificationFacts
from portal_api.domain.certifications.cycles import Cycle, CycleOutcome, FeeStatus
from portal_api.domain.certifications.statuses import LearnerCertificationAction, LearnerCertificationStatus

_A, _S = LearnerCertificationAction, LearnerCertificationStatus


class CertificateChange(StrEnum):
    """What becomes of the certificate of a record."""

    ISSUED = "issued"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Effect:
    """A learner's certification as it is after an action."""

    status: LearnerCertificationStatus
    cycle: Cycle | None = None
    """The cycle that was open, as it is now; None where it is left as it was, or none was open."""
    outcome: CycleOutcome | None = None
    """How the cycle that was open ended, if it did."""
    finishes_steps: bool = False
    """Whether all training steps that are not done count as done from now on."""
    opens_cycle: bool = False
    """Whether a new cycle begins, under the newest published version."""
    certificate: CertificateChange | None = None
    approvals: Mapping[ApprovalKind, ApprovalStatus] | None = None
    """How the undecided approvals of the cycle end, by kind, if they do."""


CLOSED = dict.fromkeys(ApprovalKind, ApprovalStatus.CLOSED)
_OF_EVIDENCE = {ApprovalKind.EVIDENCE: ApprovalStatus.OVERRIDDEN}
_OF_EXAM = {
    ApprovalKind.EXAM: ApprovalStatus.OVERRIDDEN,
    ApprovalKind.MORE_ATTEMPTS: ApprovalStatus.OVERRIDDEN,
}


def advanced(cycle: Cycle, approvals: Mapping[ApprovalKind, ApprovalStatus] | None = None) -> Effect:
    """What a change of the open cycle adds up to: the status, and the certificate if all is done."""
    if cycle.standing is _S.CERTIFIED:
        ended = {**CLOSED, **(approvals or {})}
        return Effect(
            _S.CERTIFIED, cycle, CycleOutcome.CERTIFIED, certificate=CertificateChange.ISSUED, approvals=ended
        )
    return Effect(cycle.standing, cycle, approvals=approvals)


def _override_payment(facts: LearnerCertificationFacts) -> Effect:
    """The fee is waived; nothing else changes (S5 Override Payment)."""
    return Effect(facts.status, replace(facts.cycle, fee=FeeStatus.WAIVED))


def _override_training(facts: LearnerCertificationFacts) -> Effect:
    """All open steps are done; evidence needs no decision any more (S5 Override Training)."""
    return replace(advanced(replace(facts.cycle, steps_open=0, steps_waiting=0), _OF_EVIDENCE), finishes_steps=True)


def _override_exam(facts: LearnerCertificationFacts) -> Effect:
    """The exam is passed; a pass that waits needs no decision any more (S5 Override Exam)."""
    return advanced(replace(facts.cycle, is_exam_passed=True, is_exam_overridden=True, is_exam_waiting=False), _OF_EXAM)


def _revoke_access(facts: LearnerCertificationFacts) -> Effect:
    """The cycle ends, and so does the latest certificate, an early recertification's too (S5 Revoke Access; a reading)."""
    return Effect(_S.REVOKED, outcome=CycleOutcome.REVOKED, certificate=CertificateChange.REVOKED, approvals=CLOSED)


def _force_recertification(_facts: LearnerCertificationFacts) -> Effect:
    """The certificate is taken back, and a new cycle begins (S5 Force Recertification Cycle)."""
    return Effect(_S.RECERTIFYING, opens_cycle=True, certificate=CertificateChange.REVOKED)


def _permanently_revoke(_facts: LearnerCertificationFacts) -> Effect:
    """The certificate is taken back, and the learner barred (S5 Permanent Revoke)."""
    return Effect(_S.DISALLOWED, certificate=CertificateChange.REVOKED)


def _restore_access(facts: LearnerCertificationFacts) -> Effect:
    """A new cycle begins at nothing done (S5 Restore Access); who was never certified starts as at first (a reading)."""
    return Effect(_S.RECERTIFYING if facts.was_certified else _S.NOT_STARTED, opens_cycle=True)


EFFECTS: Mapping[LearnerCertificationAction, Callable[[LearnerCertificationFacts], Effect]] = {
    _A.OVERRIDE_PAYMENT: _override_payment,
    _A.OVERRIDE_TRAINING: _override_training,
    _A.OVERRIDE_EXAM: _override_exam,
    _A.REVOKE_ACCESS: _revoke_access,
    _A.FORCE_RECERTIFICATION: _force_recertification,
    _A.PERMANENTLY_REVOKE: _permanently_revoke,
    _A.RESTORE_ACCESS: _restore_access,
}
"""What each action of an administrator does, once the table has granted it; removals concern sources, not the record."""
