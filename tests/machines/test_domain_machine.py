"""The domain against the plain world: each answer, each status at its instant, each next move, step after step."""

import os
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, note, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from portal_api.domain.machine import FAR_FUTURE
from tests.machines.checks import Figures, Watch, told_of_each
from tests.machines.lazy import Portal, Stored
from tests.machines.operations import Operation, Pick, any_name, choose, is_possible, new_world
from tests.machines.records import Enrolment, PathwayEnrolment

SEED, NUMBER = "PORTAL_TEST_MACHINE_SEED", "PORTAL_TEST_MACHINE_STEPS"
"""The long proof again with the seed that it printed, or with more steps."""
STEPS, MANY_STEPS = 1_500, 20_000
STEPS_A_WORLD = 50


def _pick(data: st.DataObject) -> Pick:
    return lambda low, high: data.draw(st.integers(low, high))


def _step(name: str) -> Any:
    """A rule of the machine: the operation of that name, with whatever input."""

    @precondition(lambda self: is_possible(name, self.world))
    @rule(data=st.data())
    def step(self: "DomainMachine", data: st.DataObject) -> None:
        operation = choose(self.world, _pick(data), name)
        note(str(operation))
        self.take(operation)

    return step


class DomainMachine(RuleBasedStateMachine):
    """A world, and the domain at work beside it."""

    figures: Figures

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        self.lay_out(_pick(data))
        note(f"{self.world.now} in {self.world.zone}")

    def lay_out(self, pick: Pick) -> None:
        self.world = new_world(pick)
        self.portal = Portal.of(self.world)
        self.watch = Watch(self.world)

    def take(self, operation: Operation) -> None:
        expected = operation.on(self.world)
        assert operation.on(self.portal) == expected
        self.figures.count(operation, expected, self.world)

    enrol = _step("enrol")
    withdraw = _step("withdraw")
    extend = _step("extend")
    sign_in = _step("sign_in")
    answer = _step("answer")
    master = _step("master")
    deactivate = _step("deactivate")
    reactivate = _step("reactivate")
    set_access = _step("set_access")
    enrol_in_pathway = _step("enrol_in_pathway")
    withdraw_pathway = _step("withdraw_pathway")
    pass_to = _step("pass_to")
    tick = _step("tick")

    @invariant()
    def the_domain_says_what_the_world_is(self) -> None:
        now = self.world.now
        assert self.portal.learners == self.world.learners
        pairs: list[tuple[Stored[Any], Enrolment | PathwayEnrolment]] = [
            *zip(self.portal.enrolments, self.world.enrolments, strict=True),
            *zip(self.portal.pathway_enrolments, self.world.pathway_enrolments, strict=True),
        ]
        for row, record in pairs:
            status = row.at(now)
            assert status.name == record.status, f"{row.kind} {row.key}"
            assert row.table.due_at(status, row.times) == (record.due_at or FAR_FUTURE)
            assert (row.due_at <= now) is bool(row.table.moves_until(now, row.status, row.times))
            assert (row.due_at == FAR_FUTURE) is row.table.statuses[row.status].is_ended
            assert row.times["ends_at"] == record.ends_at
            assert row.reason == record.reason
        for row, record in zip(self.portal.enrolments, self.world.enrolments, strict=True):
            assert row.times["starts_at"] == record.starts_at
            assert (row.of, row.pathway, *row.totals) == (
                record.series,
                record.pathway,
                record.answered,
                record.correct,
            )
        for row, record in zip(self.portal.pathway_enrolments, self.world.pathway_enrolments, strict=True):
            assert row.position == record.position

    @invariant()
    def what_always_holds_holds(self) -> None:
        self.watch.look()

    def teardown(self) -> None:
        """What was written down late says what happened in time."""
        if hasattr(self, "world"):
            self.portal.tick()
            assert told_of_each(self.portal.history) == told_of_each(self.world.history)
            self.figures.count_history(self.world)


def _run(seed_: int, steps: int) -> Figures:
    figures = Figures()
    while figures.steps < steps:
        machine = type("DomainMachine", (DomainMachine,), {"figures": figures})
        run_state_machine_as_test(
            seed(seed_)(machine),
            settings=settings(
                max_examples=max(1, (steps - figures.steps) // STEPS_A_WORLD),
                stateful_step_count=STEPS_A_WORLD,
                deadline=None,
                database=None,
                phases=(Phase.generate, Phase.shrink),
                suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
            ),
        )
        seed_ += 1
    return figures


def _walk(seed_: int) -> Figures:
    """Steps chosen by their weight: further into a world than a machine gets that tries all rules alike."""
    random, machine = Random(seed_), DomainMachine()
    machine.figures = Figures()
    machine.lay_out(random.randint)
    for _ in range(STEPS_A_WORLD):
        machine.take(choose(machine.world, random.randint, any_name(machine.world, random.randint)))
        machine.the_domain_says_what_the_world_is()
        machine.what_always_holds_holds()
    machine.teardown()
    return machine.figures


@pytest.mark.parametrize("seed_", range(40))
def test_a_long_walk_through_a_world_goes_as_the_world_does(seed_: int) -> None:
    assert _walk(seed_).steps == STEPS_A_WORLD


def test_the_domain_answers_as_the_plain_world_does() -> None:
    figures = _run(1, STEPS)

    assert figures.outcomes.keys() == {"CHANGED", "UNCHANGED", "REFUSED"}


@pytest.mark.soak
def test_the_domain_answers_as_the_plain_world_does_for_long() -> None:
    seed_ = int(os.environ.get(SEED, int.from_bytes(os.urandom(4))))
    print(f"\n{SEED}={seed_}")  # noqa: T201  so that the run can be repeated

    figures = _run(seed_, int(os.environ.get(NUMBER, MANY_STEPS)))

    print(figures)  # noqa: T201  the figures of the proof
    figures.check()
