"""What decisions do to a learner's certification: those of one call together, since they are one change of the record."""

from collections.abc import Collection, Sequence

from portal_api.domain.certifications.approvals import ApprovalKind
from portal_api.domain.certifications.conditions import LearnerCertificationFacts
from portal_api.domain.certifications.effects import Effect, advanced
from portal_api.domain.certifications.learning import attempt_decided, enrolled, evidence_decided
from portal_api.domain.certifications.statuses import LearnerCertificationStatus

_MOST_TELLING = (ApprovalKind.EXAM, ApprovalKind.EVIDENCE, ApprovalKind.MORE_ATTEMPTS, ApprovalKind.ACCESS)
MOST_ATTEMPTS_GRANTED = 100


def most_telling(kinds: Collection[ApprovalKind]) -> ApprovalKind:
    """Of the kinds of decisions that change a record together, the one that its history is told by."""
    return next(kind for kind in _MOST_TELLING if kind in kinds)


def after_decisions(facts: LearnerCertificationFacts, kinds: Sequence[ApprovalKind], *, is_approved: bool) -> Effect:
    """What decisions on a record add up to.

    Args:
        facts: the record.
        kinds: what is decided, once for each approval; the evidence of two steps is there twice.
        is_approved: how; a denied request for access or more attempts changes no record, and is none of these.

    Returns:
        The status is that of the cycle; access takes up what was assigned meanwhile, and more attempts change no status.
    """
    cycle = facts.cycle
    for kind in kinds:
        if kind is ApprovalKind.EVIDENCE:
            cycle = evidence_decided(cycle, is_approved=is_approved)
        elif kind is ApprovalKind.EXAM:
            cycle = attempt_decided(cycle, is_approved=is_approved)
    if cycle != facts.cycle:
        return advanced(cycle)
    if facts.status is LearnerCertificationStatus.ASSIGNED:
        return enrolled(facts)
    return Effect(facts.status, cycle if ApprovalKind.MORE_ATTEMPTS in kinds else None)
