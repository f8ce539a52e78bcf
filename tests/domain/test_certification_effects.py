"""What the administrator's actions do to a learner's certification: status, cycle, certificate and approvals."""

from typing import Any

import pytest

from portal_api.domain.certifications import (
    EFFECTS,
    LEARNER_CERTIFICATIONS,
    ApprovalKind,
    ApprovalStatus,
    CertificateChange,
    Cycle,
    CycleOutcome,
    FeeStatus,
    LearnerCertificationAction,
    LearnerCertificationFacts,
    LearnerCertificationStatus,
)

A, S = LearnerCertificationAction, LearnerCertificationStatus
CERTIFIED = {"certificate": CertificateChange.ISSUED, "outcome": CycleOutcome.CERTIFIED}


@pytest.mark.parametrize(
    ("action", "status", "cycle", "expected"),
    [
        (A.OVERRIDE_PAYMENT, S.NOT_STARTED, {"fee": FeeStatus.UNPAID}, {"status": S.NOT_STARTED}),
        (A.OVERRIDE_PAYMENT, S.IN_PROGRESS, {"fee": FeeStatus.UNPAID, "is_started": True}, {"status": S.IN_PROGRESS}),
        (A.OVERRIDE_TRAINING, S.IN_PROGRESS, {"steps_open": 2, "is_started": True}, {"status": S.IN_PROGRESS}),
        (
            A.OVERRIDE_TRAINING,
            S.RECERTIFYING,
            {"steps_open": 2, "is_recertification": True},
            {"status": S.RECERTIFYING},
        ),
        (
            A.OVERRIDE_TRAINING,
            S.PENDING_APPROVAL,
            {"steps_open": 1, "steps_waiting": 1, "is_exam_waiting": True, "is_started": True},
            {"status": S.PENDING_APPROVAL},
        ),
        (
            A.OVERRIDE_TRAINING,
            S.PENDING_APPROVAL,
            {"steps_open": 1, "steps_waiting": 1, "is_exam_passed": True, "is_started": True},
            {"status": S.CERTIFIED, **CERTIFIED},
        ),
        (A.OVERRIDE_EXAM, S.IN_PROGRESS, {"steps_open": 1, "is_started": True}, {"status": S.IN_PROGRESS}),
        (A.OVERRIDE_EXAM, S.IN_PROGRESS, {"is_started": True}, {"status": S.CERTIFIED, **CERTIFIED}),
        (
            A.OVERRIDE_EXAM,
            S.PENDING_APPROVAL,
            {"steps_open": 1, "steps_waiting": 1, "is_exam_waiting": True, "is_started": True},
            {"status": S.PENDING_APPROVAL},
        ),
        (
            A.REVOKE_ACCESS,
            S.RECERTIFYING,
            {"is_recertification": True},
            {"status": S.REVOKED, "outcome": CycleOutcome.REVOKED, "certificate": CertificateChange.REVOKED},
        ),
        (
            A.FORCE_RECERTIFICATION,
            S.EXPIRED,
            {},
            {"status": S.RECERTIFYING, "opens_cycle": True, "certificate": CertificateChange.REVOKED},
        ),
        (A.PERMANENTLY_REVOKE, S.CERTIFIED, {}, {"status": S.DISALLOWED, "certificate": CertificateChange.REVOKED}),
        (A.RESTORE_ACCESS, S.DISALLOWED, {}, {"status": S.NOT_STARTED, "opens_cycle": True}),
    ],
)
def test_an_action_has_its_effect(
    action: LearnerCertificationAction,
    status: LearnerCertificationStatus,
    cycle: dict[str, Any],
    expected: dict[str, Any],
) -> None:
    effect = EFFECTS[action](LearnerCertificationFacts(status, cycle=Cycle(**cycle)))

    told = {"outcome": None, "opens_cycle": False, "certificate": None, **expected}
    assert {name: getattr(effect, name) for name in told} == told


def test_who_was_ever_certified_is_restored_to_recertification() -> None:
    effect = EFFECTS[A.RESTORE_ACCESS](LearnerCertificationFacts(S.REVOKED, was_certified=True))

    assert (effect.status, effect.opens_cycle) == (S.RECERTIFYING, True)


def test_overrides_end_the_approvals_that_they_make_needless() -> None:
    facts = LearnerCertificationFacts(S.PENDING_APPROVAL, cycle=Cycle(is_started=True, steps_open=1, steps_waiting=1))

    training, exam = EFFECTS[A.OVERRIDE_TRAINING](facts), EFFECTS[A.OVERRIDE_EXAM](facts)

    assert training.approvals == {ApprovalKind.EVIDENCE: ApprovalStatus.OVERRIDDEN}
    assert exam.approvals == {
        ApprovalKind.EXAM: ApprovalStatus.OVERRIDDEN,
        ApprovalKind.MORE_ATTEMPTS: ApprovalStatus.OVERRIDDEN,
    }
    assert EFFECTS[A.REVOKE_ACCESS](facts).approvals == dict.fromkeys(ApprovalKind, ApprovalStatus.CLOSED)


def test_an_effect_is_what_the_table_says_where_the_table_says_it() -> None:
    for action, effect in EFFECTS.items():
        for status, cell in LEARNER_CERTIFICATIONS[action].cells.items():
            if cell.to:
                assert effect(LearnerCertificationFacts(status)).status is cell.to, (action, status)
