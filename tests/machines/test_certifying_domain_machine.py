"""The domain against the plain world of certifications: each answer, status, counter and action, step after step."""

import os
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, currently_in_test_context, note, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from portal_api.domain.certifications import (
    LEARNER_CERTIFICATIONS,
    ApprovalAction,
    CertificationAction,
)
from portal_api.domain.roles import Role
from tests.machines.certifying.model import World
from tests.machines.certifying.operations import AT_WORK, CHOICES, any_name, choose, is_possible, new_world
from tests.machines.certifying.portal import Portal
from tests.machines.certifying.reading import ALLOWED, against, against_assigning, against_joining
from tests.machines.certifying.records import ADMIN, INTEGRATION, RECORD, Cycle, Record, Result
from tests.machines.certifying.stored import StoredCycle, StoredRecord
from tests.machines.certifying.watching import Figures, Watch
from tests.machines.checks import told_of_each
from tests.machines.operations import Operation, Pick

SEED, NUMBER = "PORTAL_TEST_MACHINE_SEED", "PORTAL_TEST_MACHINE_STEPS"
"""The long proof again with the seed that it printed, or with more steps."""
STEPS, MANY_STEPS = 1_500, 20_000
STEPS_A_WORLD = 80


CHANCES = st.integers(0, 2**32).map(lambda seed_: Random(seed_).randint)
"""Where an operation's input comes from: evenly chosen, which Hypothesis, fond of small numbers, would not do."""


class CertifyingMachine(RuleBasedStateMachine):
    """A world, and the domain at work beside it."""

    figures: Figures

    @initialize(pick=CHANCES)
    def begin(self, pick: Pick) -> None:
        self.lay_out(pick)
        note(f"{self.world.now} in {self.world.zone}")

    def lay_out(self, pick: Pick) -> None:
        self.world = new_world(pick)
        self.portal = Portal.of(self.world)
        self.watch = Watch(self.world)
        self.last: Operation | None = None
        self.turn = self.told = 0

    def take(self, operation: Operation) -> None:
        self.last = operation
        # The world goes second: the portal looks up in it who sees whom, and must not learn there what is to come.
        answered = _done(operation, self.portal)
        expected = _done(operation, self.world)
        assert answered == expected
        self.figures.count(operation, expected, self.world)

    @rule(pick=CHANCES)
    def go_on(self, pick: Pick) -> None:
        """What may be granted now, by its weight: so runs get far."""
        self.go(any_name(self.world, pick), pick)

    @rule(pick=CHANCES)
    def work_on(self, pick: Pick) -> None:
        """What learners and those who record and decide for them do."""
        self.go(any_name(self.world, pick, among=AT_WORK), pick)

    @rule(name=st.sampled_from(list(CHOICES)), pick=CHANCES)
    def try_anything(self, name: str, pick: Pick) -> None:
        if is_possible(name, self.world):
            self.go(name, pick)

    def go(self, name: str, pick: Pick) -> None:
        operation = choose(self.world, pick, name)
        if currently_in_test_context():
            note(str(operation))
        self.take(operation)

    @invariant()
    def the_domain_says_what_the_world_is(self) -> None:
        now = self.world.now
        for row, record in zip(self.portal.records, self.world.records, strict=True):
            _same_record(self.portal, row, record)
        for row, certificate in zip(self.portal.certificates, self.world.certificates, strict=True):
            assert (row.at(now).name, row.expires_at) == (certificate.status, certificate.expires_at)
        assert [(each.kind.name, each.status.name) for each in self.portal.approvals] == [
            (each.kind, each.status) for each in self.world.approvals
        ]
        assert self.portal.sources == self.world.sources

    @invariant()
    def what_is_shown_as_open_is_open(self) -> None:
        """To everybody for what was just changed, to one after another for the rest: what is beside a record changes, too."""
        told, self.told = self.world.history[self.told :], len(self.world.history)
        changed = {key for (kind, key), *_ in told if kind == RECORD}
        self.turn += 1
        for row, record in zip(self.portal.records, self.world.records, strict=True):
            readers = (ADMIN, record.learner, INTEGRATION, 3, 4)
            _same_actions(
                self.portal, self.world, row, record, readers if row.key in changed else [readers[self.turn % 5]]
            )
        if self.turn % 3 == 0:
            _same_joining(self.portal, self.world)
        _same_deciding(self.portal, self.world)

    @invariant()
    def what_always_holds_holds(self) -> None:
        self.watch.look(self.last)
        self.last = None

    def teardown(self) -> None:
        """What was written down late says what happened in time."""
        if hasattr(self, "world"):
            self.portal.tick()
            assert told_of_each(self.portal.history) == told_of_each(self.world.history)  # pyright: ignore[reportArgumentType]  entries of the same kind
            self.figures.count_history(self.world)


def _done(operation: Operation, portal: Portal | World) -> Sequence[Result]:
    """Does an operation; the clock's answer nothing."""
    return getattr(portal, operation.name)(**operation.given) or []


def _same_record(portal: Portal, row: StoredRecord, record: Record) -> None:
    status = row.at(portal.now)
    assert status.name == record.status, f"record {row.key}"
    transitions = [(each.status.name, each.at) for each in LEARNER_CERTIFICATIONS.transitions(status, row.times)]
    assert transitions == record.transitions, f"record {row.key}"
    assert (row.due_at <= portal.now) is (row.status is not status), f"record {row.key}"
    assert (row.is_archived, row.was_certified) == (record.is_archived, record.was_certified)
    assert row.times["window_opens_at"] == record.opens_at
    for own, cycle in zip(row.cycles, record.cycles, strict=True):
        _same_cycle(own, cycle, f"record {row.key}, cycle {cycle.number}")
    if row.cycle:
        assert row.cycle.facts.standing.name == record.status


def _same_cycle(own: StoredCycle, cycle: Cycle, name: str) -> None:
    outcome = own.outcome and own.outcome.name
    assert (own.version, outcome) == (cycle.version, cycle.outcome), name
    assert [each.name for each in own.attempts] == cycle.attempts, name
    assert [(each.status.name, each.test_out and each.test_out.name) for each in own.steps] == [
        (each.status, each.test_out) for each in cycle.steps
    ], name
    facts = own.facts
    assert (facts.fee.name, facts.is_recertification) == (cycle.fee, cycle.is_recertification), name
    assert (facts.is_exam_passed, facts.is_exam_overridden) == (cycle.is_exam_passed, cycle.is_exam_overridden), name
    assert (facts.attempts_used, facts.attempts_allowed) == (len(cycle.attempts), cycle.allowed), name
    assert facts.steps_open == sum(each.status != "DONE" for each in cycle.steps), name
    if outcome is None:
        assert facts.is_started == cycle.is_started, name
        assert facts.steps_waiting == sum(each.status == "AWAITING_APPROVAL" for each in cycle.steps), name
        assert facts.has_attempt_open == ("STARTED" in cycle.attempts), name


def _same_actions(portal: Portal, world: World, row: StoredRecord, record: Record, readers: Sequence[int]) -> None:
    """What is shown of every action to whoever reads the record."""
    for actor in readers:
        if not world.sees(actor, record.learner):
            continue
        shown = LEARNER_CERTIFICATIONS.actions(Role[world.role_of(actor)], portal.facts(row, actor))
        scene = world.scene(record, actor)
        told = [(state.action.name, [reason.code.name for reason in state.reasons]) for state in shown]
        assert told == [(action, against(action, scene)) for action in ALLOWED], f"record {row.key}, read by {actor}"
        assert all(state.available is (not state.reasons) for state in shown)


def _same_joining(portal: Portal, world: World) -> None:
    """Whether a learner can be brought to a certification."""
    for learner in world.learners:
        for of in world.certifications:
            record = world.record_of(learner.key, of.key)
            standing, is_published = record and record.status, world.newest(of.key) is not None
            by_hand = portal.joining_codes(CertificationAction.ASSIGN, of.key, learner.key, ADMIN)
            assert list(by_hand) == against_assigning(of, learner, standing, is_published=is_published)
            asked = [each for each in world.approvals if (each.learner, each.certification) == (learner.key, of.key)]
            has_asked = any((each.kind, each.status) == ("ACCESS", "PENDING") for each in asked)
            for action in (CertificationAction.ENROL, CertificationAction.REQUEST_ACCESS):
                assert list(portal.joining_codes(action, of.key, learner.key, learner.key)) == against_joining(
                    action.name, of, learner, standing, is_published=is_published, has_asked=has_asked
                )


def _same_deciding(portal: Portal, world: World) -> None:
    """Whether an approval can be decided, and by whom."""
    for row, asked in zip(portal.approvals, world.approvals, strict=True):
        for actor in (ADMIN, 3, 4, asked.learner) if asked.status == "PENDING" else (ADMIN,):
            for action in ApprovalAction:
                codes = world.against_deciding(actor, asked, is_approved=action is ApprovalAction.APPROVE)
                assert list(portal.deciding_codes(action, row, actor)) == codes, f"approval {asked.key}"


def _run(seed_: int, steps: int) -> Figures:
    figures = Figures()
    while figures.steps < steps:
        machine = type("CertifyingMachine", (CertifyingMachine,), {"figures": figures})
        run_state_machine_as_test(
            seed(seed_)(machine),
            settings=settings(
                max_examples=max(1, (steps - figures.steps) // STEPS_A_WORLD),
                stateful_step_count=STEPS_A_WORLD,
                print_blob=False,
                deadline=None,
                database=None,
                phases=(Phase.generate, Phase.shrink),
                suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
            ),
        )
        seed_ += 1
    return figures


def _walk(seed_: int, steps: int) -> Figures:
    """Steps chosen by their weight: further into a world than a machine gets that tries all rules alike."""
    random, machine = Random(seed_), CertifyingMachine()
    machine.figures = Figures()
    machine.lay_out(random.randint)
    for _ in range(steps):
        machine.go(any_name(machine.world, random.randint), random.randint)
        machine.the_domain_says_what_the_world_is()
        machine.what_is_shown_as_open_is_open()
        machine.what_always_holds_holds()
    machine.teardown()
    return machine.figures


@pytest.mark.parametrize("seed_", range(40))
def test_a_long_walk_through_certifications_goes_as_the_world_does(seed_: int) -> None:
    assert _walk(seed_, STEPS_A_WORLD).steps == STEPS_A_WORLD


def test_the_domain_of_certifications_answers_as_the_plain_world_does() -> None:
    figures = _run(1, STEPS)

    assert {"CHANGED", "REFUSED"} <= figures.outcomes.keys()


@pytest.mark.soak
def test_the_domain_of_certifications_answers_as_the_plain_world_does_for_long() -> None:
    seed_ = int(os.environ.get(SEED, int.from_bytes(os.urandom(4))))
    print(f"\n{SEED}={seed_}")  # noqa: T201  so that the run can be repeated

    figures = _run(seed_, int(os.environ.get(NUMBER, MANY_STEPS)))

    print(figures)  # noqa: T201  the figures of the proof
    figures.check()
