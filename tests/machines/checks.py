"""What both drives watch: what holds of a world after each step, and what a run has seen."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tests.machines.model import World
from tests.machines.operations import Operation
from tests.machines.records import (
    ACTIVE,
    COMPLETED,
    ENDED,
    IN_PROGRESS,
    INCOMPLETE,
    MASTERED,
    WITHDRAWN,
    Entry,
    Result,
)

CODES = {
    "ALREADY_ENROLLED",
    "APP_ACCESS_OFF",
    "INPUT_INVALID",
    "INVALID_DATES",
    "LEARNER_INACTIVE",
    "PATHWAY_OWNED",
    "STATUS_NOT_ALLOWED",
}
"""All that the operations of a world can be refused with."""
STATUSES = {
    *(f"learner {status}" for status in ("ACTIVE", "INACTIVE")),
    *(f"enrolment {status}" for status in (*ACTIVE, *ENDED)),
    *(f"pathway {status}" for status in (IN_PROGRESS, COMPLETED, INCOMPLETE, WITHDRAWN)),
}


@dataclass
class Watch:
    """Looks at a world after each step, and remembers what may not come back."""

    world: World
    _ended: dict[int, str] = field(default_factory=dict[int, str])
    _active: set[int] = field(default_factory=set[int])

    def look(self) -> None:
        """Fails with the first rule that does not hold."""
        world = self.world
        active = {each.key: each for each in world.active()}
        for key in active.keys() - self._active:
            assert world.learners[active[key].learner].is_active, f"an inactive learner has gained enrolment {key}"
        pairs = Counter((each.learner, each.series) for each in active.values())
        assert all(count == 1 for count in pairs.values()), f"a learner is active twice in a series: {pairs}"
        for each in world.enrolments:
            ended_as = self._ended.get(each.key, each.status)
            assert each.status == ended_as, f"enrolment {each.key} ended as {ended_as}, and is {each.status}"
            assert (each.status == WITHDRAWN) is (each.reason is not None), f"enrolment {each.key}: {each.reason}"
            assert each.starts_at < each.ends_at
        self._look_at_pathways(pairs)
        self._active = set(active)
        self._ended = {each.key: each.status for each in world.enrolments if each.status not in ACTIVE}

    def _look_at_pathways(self, pairs: Mapping[tuple[int, int], int]) -> None:
        world = self.world
        for each in world.pathway_enrolments:
            own = [enrolment for enrolment in world.enrolments if enrolment.pathway == each.key]
            steps = world.pathways[each.pathway].steps
            assert [enrolment.series for enrolment in own] == list(steps[: each.position])
            mastered = [enrolment.status == MASTERED for enrolment in own]
            assert (each.status == COMPLETED) is (mastered == [True] * len(steps)), f"pathway enrolment {each.key}"
            assert (each.status == IN_PROGRESS) is (own[-1].status in ACTIVE), f"pathway enrolment {each.key}"
            assert (each.status == WITHDRAWN) is (each.reason is not None), f"pathway enrolment {each.key}"
            assert all(mastered[:-1])
            if each.status == IN_PROGRESS:
                for series in world.ahead(each):
                    assert world.takes(each.learner, series), f"series {series} ahead is open to learner {each.learner}"
                    assert not pairs.get((each.learner, series)), f"series {series} ahead is taken already"


@dataclass
class Figures:
    """What runs have seen."""

    steps: int = 0
    outcomes: Counter[str] = field(default_factory=Counter[str])
    operations: Counter[str] = field(default_factory=Counter[str])
    codes: Counter[str] = field(default_factory=Counter[str])
    statuses: Counter[str] = field(default_factory=Counter[str])
    acts: Counter[str] = field(default_factory=Counter[str])

    def count(self, operation: Operation, results: Mapping[int, Result], world: World) -> None:
        """Counts a step, and the statuses after it."""
        self.steps += 1
        self.operations[operation.name] += 1
        for result in results.values():
            self.outcomes[result.outcome] += 1
            self.codes.update(result.codes)
        self.statuses.update(f"learner {each.status}" for each in world.learners)
        self.statuses.update(f"enrolment {each.status}" for each in world.enrolments)
        self.statuses.update(f"pathway {each.status}" for each in world.pathway_enrolments)

    def count_history(self, world: World) -> None:
        """Counts the acts of a world when a run is over."""
        self.acts.update(entry.action for entry in world.history)

    def check(self) -> None:
        """Fails where something was never seen: then nothing was proved of it."""
        unseen = (CODES - self.codes.keys()) | (STATUSES - self.statuses.keys())
        assert not unseen, f"never seen in {self.steps} steps: {', '.join(sorted(unseen))}"

    def __str__(self) -> str:
        rows = self.outcomes.total() or 1
        parts = [f"{self.steps} steps, {rows} rows, {self.outcomes['REFUSED'] / rows:.0%} of them refused"]
        for name in ("outcomes", "operations", "codes", "statuses", "acts"):
            counted = sorted(getattr(self, name).items())
            parts += [f"{name}: {', '.join(f'{key} {count}' for key, count in counted)}"]
        return "\n  ".join(parts)


def told_of_each(history: Iterable[Entry]) -> dict[tuple[str, int], list[Entry]]:
    """The history of each record, in its order."""
    told: dict[tuple[str, int], list[Entry]] = {}
    for entry in history:
        told.setdefault(entry.subject, []).append(entry)
    return told
