"""Decisions: what stands against granting access, and what several of them do to one record."""

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from portal_api.domain.certifications import (
    APPROVALS,
    ApprovalAction,
    ApprovalFacts,
    ApprovalKind,
    ApprovalStatus,
    Cycle,
    CycleOutcome,
    LearnerCertificationFacts,
    LearnerCertificationStatus,
    after_decisions,
    most_telling,
)
from portal_api.domain.machine import Decision, Refused
from portal_api.domain.refusals import ErrorCode as E
from portal_api.domain.roles import Role

K, S = ApprovalKind, LearnerCertificationStatus


def codes(decision: Decision) -> list[E]:
    return [reason.code for reason in decision.reasons] if isinstance(decision, Refused) else []


@pytest.mark.parametrize("kind", list(K))
@pytest.mark.parametrize("action", list(ApprovalAction))
def test_only_granting_access_asks_for_something_to_join(action: ApprovalAction, kind: ApprovalKind) -> None:
    asked = action is ApprovalAction.APPROVE and kind is K.ACCESS

    def told(*, is_active: bool = True, is_published: bool = True, is_barred: bool = False) -> list[E]:
        facts = ApprovalFacts(
            ApprovalStatus.PENDING,
            kind,
            is_certification_active=is_active,
            has_published_version=is_published,
            is_barred=is_barred,
        )
        return codes(APPROVALS[action].decide(Role.ADMIN, facts))

    assert told() == []
    assert told(is_active=False) == ([E.CERTIFICATION_INACTIVE] if asked else [])
    assert told(is_published=False) == ([E.NO_PUBLISHED_VERSION] if asked else [])
    assert told(is_barred=True) == ([E.LEARNER_BARRED] if asked else [])


def waiting(**given: Any) -> LearnerCertificationFacts:
    """A cycle in which two steps and the exam await their sign-off, and nothing else is open."""
    cycle = Cycle(is_started=True, steps_open=2, steps_waiting=2, attempts_used=1, is_exam_waiting=True)
    cycle = replace(cycle, **given)
    return LearnerCertificationFacts(S.PENDING_APPROVAL, cycle=cycle)


def test_what_is_approved_together_certifies_whoever_lacks_nothing_else() -> None:
    for kinds in permutations([K.EVIDENCE, K.EXAM, K.EVIDENCE, K.MORE_ATTEMPTS]):
        effect = after_decisions(waiting(), kinds, is_approved=True)

        assert (effect.status, effect.outcome) == (S.CERTIFIED, CycleOutcome.CERTIFIED)
        assert effect.cycle is not None
        assert (effect.cycle.steps_open, effect.cycle.steps_waiting, effect.cycle.is_exam_passed) == (0, 0, True)


@pytest.mark.parametrize(
    ("kinds", "is_again", "expected"),
    [
        ([K.EVIDENCE], False, S.PENDING_APPROVAL),
        ([K.EVIDENCE, K.EVIDENCE], False, S.PENDING_APPROVAL),
        ([K.EXAM], False, S.PENDING_APPROVAL),
        ([K.EVIDENCE, K.EXAM, K.EVIDENCE], False, S.IN_PROGRESS),
        ([K.EVIDENCE, K.EXAM, K.EVIDENCE], True, S.RECERTIFYING),
    ],
)
def test_work_goes_on_once_nothing_waits(
    kinds: list[ApprovalKind], is_again: bool, expected: LearnerCertificationStatus
) -> None:
    effect = after_decisions(waiting(is_recertification=is_again), kinds, is_approved=False)

    assert (effect.status, effect.certificate) == (expected, None)
    assert effect.cycle is not None
    assert (effect.cycle.steps_open, effect.cycle.attempts_used, effect.cycle.is_exam_passed) == (2, 1, False)


@pytest.mark.parametrize("status", list(S))
def test_access_takes_up_what_was_assigned_and_leaves_the_rest(status: LearnerCertificationStatus) -> None:
    effect = after_decisions(LearnerCertificationFacts(status), [K.ACCESS], is_approved=True)

    is_assigned = status is S.ASSIGNED
    assert effect.status is (S.NOT_STARTED if is_assigned else status)
    assert effect.opens_cycle is is_assigned
    assert (effect.cycle, effect.outcome, effect.certificate) == (None, None, None)


def test_more_attempts_leave_the_status_alone_and_the_cycle_to_be_written() -> None:
    facts = waiting()

    effect = after_decisions(facts, [K.MORE_ATTEMPTS, K.ACCESS], is_approved=True)

    assert (effect.status, effect.cycle) == (S.PENDING_APPROVAL, facts.cycle)


def test_a_history_is_told_by_the_exam_first_and_by_access_last() -> None:
    assert [most_telling(kinds) for kinds in ([*K], [K.MORE_ATTEMPTS, K.EVIDENCE], [K.ACCESS, K.MORE_ATTEMPTS])] == [
        K.EXAM,
        K.EVIDENCE,
        K.MORE_ATTEMPTS,
    ]
    assert most_telling([K.ACCESS]) is K.ACCESS
