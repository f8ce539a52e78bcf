"""What both drives watch: what holds of a world of certifications after each step, and what a run has seen."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.machines.certifying.model import World
from tests.machines.certifying.reading import ADMINISTRATORS_EIGHT, LEARNERS_OWN
from tests.machines.certifying.records import (
    CERTIFIED,
    DISALLOWED,
    PENDING_APPROVAL,
    REVOKED,
    STATUSES,
    WORKED_ON,
    Result,
)
from tests.machines.operations import Operation

CODES = {
    "ALREADY_DECIDED",
    "ALREADY_ENROLLED",
    "ALREADY_PAID",
    "ALREADY_REQUESTED",
    "ALREADY_WAIVED",
    "APP_ACCESS_OFF",
    "ATTEMPTS_LEFT",
    "CERTIFICATION_INACTIVE",
    "EXAM_AWAITING_APPROVAL",
    "EXAM_PASSED",
    "EXAM_STARTED",
    "FORBIDDEN",
    "LEARNER_BARRED",
    "LEARNER_INACTIVE",
    "NOTHING_TO_OVERRIDE",
    "NOT_FOUND",
    "NOT_MANUAL_SOURCE",
    "NOT_OPEN_TO_JOIN",
    "NO_ATTEMPTS_LEFT",
    "NO_PUBLISHED_VERSION",
    "OWN_APPROVAL",
    "OWN_RECORD",
    "PAYMENT_NOT_REQUIRED",
    "PAYMENT_REQUIRED",
    "RECERTIFICATION_NOT_OPEN",
    "RECORD_ARCHIVED",
    "STATUS_NOT_ALLOWED",
    "STEP_AWAITING_APPROVAL",
    "STEP_DONE",
    "STEP_PATH_NOT_OFFERED",
    "TEST_OUT_TAKEN",
    "TRAINING_OPEN",
}
"""All that the operations of a world can be refused with."""


@dataclass
class Watch:
    """Looks at a world after each step, and remembers what may not come back."""

    world: World
    _test_outs: dict[tuple[int, int, int], str] = field(default_factory=dict[tuple[int, int, int], str])
    _barred: dict[int, int] = field(default_factory=dict[int, int])
    """By barred record: how many cycles it had."""
    _told: int = 0

    def look(self, operation: Operation | None = None) -> None:
        """Fails with the first rule that does not hold."""
        world = self.world
        restored = operation is not None and operation.given.get("action") == "RESTORE_ACCESS"
        for record in world.records:
            name = f"record {record.key}"
            open_cycles = [each for each in record.cycles if each.outcome is None]
            assert len(open_cycles) == (record.status in WORKED_ON and not record.is_archived), f"{name}: cycles open"
            valid = world.in_force(record)
            assert len(valid) <= 1, f"{name}: two certificates are in force"
            assert not valid or record.status not in (REVOKED, DISALLOWED), f"{name}: certificate in force"
            assert record.status != CERTIFIED or len(valid) == 1, f"{name}: no certificate is in force"
            if record.status == PENDING_APPROVAL:
                assert world.pending(record, "EVIDENCE", "EXAM"), f"{name}: nothing is undecided"
            if record.key in self._barred and not restored:
                assert record.status == DISALLOWED, f"{name}: whom was barred goes on"
                assert len(record.cycles) == self._barred[record.key], f"{name}: a barred learner has a new cycle"
            for place, cycle in enumerate(record.cycles):
                for number, step in enumerate(cycle.steps):
                    was = self._test_outs.get((record.key, place, number))
                    assert was in (None, step.test_out), f"{name}: a test-out was reset"
                    if step.test_out:
                        self._test_outs[record.key, place, number] = step.test_out
        self._barred = {each.key: len(each.cycles) for each in world.records if each.status == DISALLOWED}
        live = Counter((each.learner, each.certification) for each in world.records if not each.is_archived)
        assert all(count == 1 for count in live.values()), "a learner has two records in one certification"
        new = world.history[self._told :]
        self._told = len(world.history)
        if operation and operation.name != "pass_to":
            changed = Counter(entry.subject for entry in new)
            assert all(count == 1 for count in changed.values()), f"a change is told twice: {changed}"


@dataclass
class Figures:
    """What runs have seen."""

    steps: int = 0
    outcomes: Counter[str] = field(default_factory=Counter[str])
    operations: Counter[str] = field(default_factory=Counter[str])
    granted: Counter[str] = field(default_factory=Counter[str])
    codes: Counter[str] = field(default_factory=Counter[str])
    statuses: Counter[str] = field(default_factory=Counter[str])
    moves: Counter[str] = field(default_factory=Counter[str])
    acts: Counter[str] = field(default_factory=Counter[str])

    def count(self, operation: Operation, results: Sequence[Result], world: World) -> None:
        """Counts a step, and the statuses after it."""
        self.steps += 1
        name = operation.given["action"].lower() if operation.name == "act" else operation.name
        self.operations[name] += 1
        for result in results:
            self.outcomes[result.outcome] += 1
            self.granted[name] += result.outcome == "CHANGED"
            self.codes.update(result.codes)
        self.statuses.update(each.status for each in world.records)

    def count_history(self, world: World) -> None:
        """Counts the acts of a world, and the ways from status to status, when a run is over."""
        self.acts.update(entry.action for entry in world.history)
        moved = [entry for entry in world.history if entry.before != entry.after]
        self.moves.update(f"{entry.before}>{entry.after}" for entry in moved if entry.subject[0].startswith("LEARNER"))

    def check(self) -> None:
        """Fails where something was never seen, or never granted: then nothing was proved of it."""
        granted = {name for name, count in self.granted.items() if count}
        wanted = {name.lower() for name in (*ADMINISTRATORS_EIGHT[:7], *LEARNERS_OWN)}
        wanted |= {"request_access", "record_steps", "record_exams", "record_payments", "decide", "remove", "assign"}
        unseen = (CODES - self.codes.keys()) | (set(STATUSES) - self.statuses.keys()) | (wanted - granted)
        assert not unseen, f"never seen in {self.steps} steps: {', '.join(sorted(unseen))}"

    def __str__(self) -> str:
        rows = self.outcomes.total() or 1
        parts = [f"{self.steps} steps, {rows} rows, {self.outcomes['REFUSED'] / rows:.0%} of them refused"]
        for name in ("outcomes", "operations", "granted", "codes", "statuses", "moves", "acts"):
            counted = sorted(getattr(self, name).items())
            parts += [f"{name}: {', '.join(f'{key} {count}' for key, count in counted)}"]
        return "\n  ".join(parts)
