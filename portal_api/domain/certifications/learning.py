"""What learning does to a learner's certification: steps, attempts, payments and decisions, each a pure function."""

from dataclasses import replace

from portal_api.domain.certifications.conditions import LearnerCertificationFacts
from portal_api.domain.certifications.cycles import Cycle, FeeStatus
from portal_api.domain.certifications.effects import Effect, advanced
from portal_api.domain.certifications.statuses import LearnerCertificationStatus

_Facts = LearnerCertificationFacts


def enrolled(_facts: _Facts) -> Effect:
    """The learner takes up an assignment: the initial cycle begins (S5 Not Started)."""
    return Effect(LearnerCertificationStatus.NOT_STARTED, opens_cycle=True)


def started(facts: _Facts) -> Effect:
    """The learner begins to work on the steps (S5 In Progress)."""
    return advanced(replace(facts.cycle, is_started=True))


def recertification_started(facts: _Facts) -> Effect:
    """A new cycle begins; a certificate that is in force stays (S5 Recertifying; the rest is a reading)."""
    status = LearnerCertificationStatus.RECERTIFYING if facts.was_certified else LearnerCertificationStatus.NOT_STARTED
    return Effect(status, opens_cycle=True)


def paid(facts: _Facts) -> Effect:
    """The fee of the cycle has been paid; nothing else changes (a reading)."""
    return Effect(facts.status, replace(facts.cycle, fee=FeeStatus.PAID))


def step_completed(cycle: Cycle) -> Cycle:
    """A training step that was open is done."""
    return replace(cycle, steps_open=cycle.steps_open - 1)


def evidence_submitted(cycle: Cycle, *, needs_approval: bool) -> Cycle:
    """Evidence of a training step awaits its sign-off; where the version wants none, the step is done."""
    return replace(cycle, steps_waiting=cycle.steps_waiting + 1) if needs_approval else step_completed(cycle)


def evidence_decided(cycle: Cycle, *, is_approved: bool) -> Cycle:
    """The step of the evidence is done, or open again (a reading)."""
    decided = replace(cycle, steps_waiting=cycle.steps_waiting - 1)
    return step_completed(decided) if is_approved else decided


def attempt_started(cycle: Cycle) -> Cycle:
    """An attempt at the final exam counts from its start (a reading)."""
    return replace(cycle, attempts_used=cycle.attempts_used + 1, has_attempt_open=True)


def attempt_ended(cycle: Cycle, *, is_passed: bool, needs_approval: bool) -> Cycle:
    """A result closes the open attempt, or makes one where none is open; a pass that awaits its sign-off is none yet."""
    begun = cycle if cycle.has_attempt_open else attempt_started(cycle)
    return replace(
        begun,
        has_attempt_open=False,
        is_exam_waiting=is_passed and needs_approval,
        is_exam_passed=is_passed and not needs_approval,
    )


def attempt_decided(cycle: Cycle, *, is_approved: bool) -> Cycle:
    """The pass counts, or the attempt is used and not passed (a reading)."""
    return replace(cycle, is_exam_waiting=False, is_exam_passed=is_approved)
