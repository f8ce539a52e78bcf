"""Random operations on a world: what an Owner, a content player and the clock may do next, sensible or not.

An operation is plain data, so that it can be printed, and done again by whoever has a method of its name.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Protocol, TypeVar
from zoneinfo import ZoneInfo

from tests.machines.days import plus_days, plus_months
from tests.machines.model import World
from tests.machines.records import WAITING, Activity, Learner, Pathway, Result, Series

T = TypeVar("T")
MICROSECOND, HOUR = timedelta(microseconds=1), timedelta(hours=1)
REASONS = ("NO_LONGER_REQUIRED", "USER_DEACTIVATED", "DOES_NOT_WANT_TO_COMPLETE", "ENROLMENT_ERROR")
ZONES = (
    "Pacific/Auckland",
    "America/Sao_Paulo",
    "Europe/Dublin",
    "Africa/Cairo",  # its clocks skip midnight
    "America/Havana",  # its midnight comes twice
    "Australia/Lord_Howe",  # its clocks change by half an hour
)
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)


class Pick(Protocol):
    """Chooses an integer between two, both included."""

    def __call__(self, low: int, high: int, /) -> int: ...


class Operation(NamedTuple):
    """The name of a method, and what it is given."""

    name: str
    given: Mapping[str, Any]

    def on(self, portal: object) -> dict[int, Result]:
        """Does it."""
        return getattr(portal, self.name)(**self.given)

    def __str__(self) -> str:
        return f"{self.name}({', '.join(f'{name}={value!s}' for name, value in self.given.items())})"


def new_world(pick: Pick) -> World:
    """A small organisation somewhere, at some hour."""
    zone = ZoneInfo(ZONES[pick(0, len(ZONES) - 1)])
    now = FIRST_DAY + timedelta(days=pick(0, 364), minutes=pick(0, 1439), microseconds=pick(0, 1))
    return world_at(now, zone)


def world_at(now: datetime, zone: ZoneInfo) -> World:
    """A small organisation with a series of each duration, a retired one, and three pathways."""
    return World(
        now,
        zone,
        learners=[
            Learner(0, has_signed_in=True),
            Learner(1),
            Learner(2),
            Learner(3, has_app_access=False),
        ],
        series=[
            Series(0, questions=4, percent=75),
            Series(1, questions=3, percent=100),
            Series(2, questions=7, percent=57),
            Series(3, "FIXED", days=14),
            Series(4, "FIXED", days=175, questions=2, percent=1),
            Series(5, "FIXED", is_preview=True, days=30),
            Series(6, "END_DATE", ends_on=(now + timedelta(days=100)).date()),
            Series(7, questions=1, percent=100, is_active=False),
        ],
        pathways=[
            Pathway(0, "LINEAR", (0, 1)),
            Pathway(1, "INTERLEAVED", (1, 2, 0)),
            Pathway(2, "LINEAR", (2,), is_active=False),
        ],
    )


def _one_of(pick: Pick, items: Sequence[T]) -> T:
    return items[pick(0, len(items) - 1)]


def _some(pick: Pick, items: Sequence[T]) -> list[T]:
    """One to three of them, each once."""
    left, chosen = list(items), list[T]()
    for _ in range(min(pick(1, 3), len(left))):
        chosen.append(left.pop(pick(0, len(left) - 1)))
    return chosen


def _learners(world: World, pick: Pick) -> list[int]:
    return _some(pick, [each.key for each in world.learners])


def _enrolments(world: World, pick: Pick) -> list[int]:
    """Mostly active ones, since the ended ones soon outnumber them."""
    active = [each.key for each in world.active()]
    return active if active and pick(0, 4) else [each.key for each in world.enrolments]


def _enrol(world: World, pick: Pick) -> Operation:
    starts: tuple[Callable[[], datetime | None], ...] = (
        lambda: None,
        lambda: world.now + pick(1, 60) * HOUR,
        lambda: plus_days(world.now, pick(1, 120), world.zone),
        lambda: plus_days(world.now, -pick(1, 200), world.zone),
        lambda: plus_months(world.now, 12, world.zone) + pick(0, 1) * MICROSECOND,
        lambda: plus_months(world.now, -12, world.zone) - pick(0, 1) * MICROSECOND,
    )
    series = _one_of(pick, world.series).key
    starts_at = _one_of(pick, (*starts[:1] * 4, *starts))()
    return Operation("enrol", {"learners": _learners(world, pick), "series": series, "starts_at": starts_at})


def _withdraw(world: World, pick: Pick) -> Operation:
    chosen = _some(pick, _enrolments(world, pick))
    return Operation("withdraw", {"enrolments": chosen, "reason": _one_of(pick, REASONS)})


def _extend(world: World, pick: Pick) -> Operation:
    chosen = world.enrolments[_one_of(pick, _enrolments(world, pick))]
    ends: tuple[Callable[[], datetime], ...] = (
        lambda: chosen.ends_at,
        lambda: chosen.ends_at + MICROSECOND,
        lambda: plus_days(chosen.ends_at, pick(1, 60), world.zone),
        lambda: chosen.ends_at - MICROSECOND,
        lambda: plus_days(world.now, 3_650, world.zone) + pick(0, 1) * MICROSECOND,
    )
    return Operation("extend", {"enrolment": chosen.key, "ends_at": _one_of(pick, ends)()})


def _sign_in(world: World, pick: Pick) -> Operation:
    return Operation("sign_in", {"learners": _learners(world, pick)})


def _answer(world: World, pick: Pick) -> Operation:
    activities = {key: _activity(world, key, pick) for key in _some(pick, _enrolments(world, pick))}
    return Operation("answer", {"activities": activities})


def _master(world: World, pick: Pick) -> Operation:
    """All answers at once from those who can give them, in pathways first: these go on by mastery alone."""
    able = [each for each in world.active() if each.status != WAITING and world.learners[each.learner].has_app_access]
    chosen = [each.key for each in able if each.pathway is not None] or [each.key for each in able]
    activities: dict[int, Activity] = {}
    for key in _some(pick, chosen or _enrolments(world, pick)):
        questions = world.series[world.enrolments[key].series].questions or 20
        activities[key] = Activity(questions, questions)
    return Operation("answer", {"activities": activities})


def _activity(world: World, key: int, pick: Pick) -> Activity:
    """Mostly a step ahead, often all that is wanted, at times nothing new or nothing that can be."""
    enrolment = world.enrolments[key]
    most = world.series[enrolment.series].questions or 20
    match pick(0, 9):
        case 0:
            return Activity(enrolment.answered, enrolment.correct)
        case 1:
            return Activity(max(0, enrolment.answered - 1), max(0, enrolment.correct - 1))
        case 2:
            return Activity(10_001, enrolment.correct)
        case 3:
            return Activity(most, most + 1)
        case 4:
            return Activity(most, most)
        case _:
            answered = min(most, enrolment.answered + pick(1, 2))
            return Activity(answered, min(answered, enrolment.correct + pick(0, 2)))


def _deactivate(world: World, pick: Pick) -> Operation:
    """Never the first learner, so that somebody gets far."""
    chosen = _one_of(pick, world.learners[1:]).key
    return Operation("deactivate", {"learners": [chosen], "withdraw_all": bool(pick(0, 1))})


def _reactivate(world: World, pick: Pick) -> Operation:
    return Operation("reactivate", {"learners": _learners(world, pick)})


def _set_access(world: World, pick: Pick) -> Operation:
    return Operation("set_access", {"learners": _learners(world, pick), "has_app_access": bool(pick(0, 3))})


def _enrol_in_pathway(world: World, pick: Pick) -> Operation:
    pathway = _one_of(pick, world.pathways).key
    return Operation("enrol_in_pathway", {"learners": _learners(world, pick), "pathway": pathway})


def _withdraw_pathway(world: World, pick: Pick) -> Operation:
    chosen = _some(pick, [each.key for each in world.pathway_enrolments])
    return Operation("withdraw_pathway", {"enrolments": chosen, "reason": _one_of(pick, REASONS)})


def _pass_to(world: World, pick: Pick) -> Operation:
    """Often to the very next move, or to the last instant before it."""
    now, zone, due = world.now, world.zone, world.next_due() or world.now + HOUR
    instants: tuple[Callable[[], datetime], ...] = (
        lambda: due,
        lambda: due - MICROSECOND,
        lambda: now + timedelta(seconds=pick(1, 60)),
        lambda: now + pick(1, 24) * HOUR,
        lambda: plus_days(now, pick(1, 30), zone),
        lambda: plus_months(now, pick(1, 13), zone),
    )
    return Operation("pass_to", {"instant": _one_of(pick, instants)()})


def _tick(world: World, pick: Pick) -> Operation:
    return Operation("tick", {})


CHOICES: Mapping[str, tuple[int, Callable[[World, Pick], Operation]]] = {
    "enrol": (5, _enrol),
    "withdraw": (2, _withdraw),
    "extend": (2, _extend),
    "sign_in": (3, _sign_in),
    "answer": (5, _answer),
    "master": (4, _master),
    "deactivate": (1, _deactivate),
    "reactivate": (2, _reactivate),
    "set_access": (2, _set_access),
    "enrol_in_pathway": (3, _enrol_in_pathway),
    "withdraw_pathway": (1, _withdraw_pathway),
    "pass_to": (6, _pass_to),
    "tick": (1, _tick),
}
"""How often each operation is chosen, and how its input is."""
_NEEDS = {
    "withdraw": "enrolments",
    "extend": "enrolments",
    "answer": "enrolments",
    "master": "enrolments",
    "withdraw_pathway": "pathway_enrolments",
}


def is_possible(name: str, world: World) -> bool:
    """Whether there is anything yet to name in the operation."""
    return name not in _NEEDS or bool(getattr(world, _NEEDS[name]))


def any_name(world: World, pick: Pick) -> str:
    """One of the operations that are possible now, by its weight."""
    return _one_of(
        pick, [name for name, (weight, _) in CHOICES.items() if is_possible(name, world) for _ in range(weight)]
    )


def choose(world: World, pick: Pick, name: str) -> Operation:
    """An operation with an input for it."""
    return CHOICES[name][1](world, pick)
