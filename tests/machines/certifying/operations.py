"""Random operations on a world of certifications: what anybody and the clock may do next, sensible or not."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from tests.machines.certifying.model import Completion, World
from tests.machines.certifying.reading import ADMINISTRATORS_EIGHT, LEARNERS_OWN
from tests.machines.certifying.records import (
    ADMIN,
    ASSIGNED,
    DISALLOWED,
    INTEGRATION,
    Certification,
    Learner,
    Record,
    Terms,
    Version,
)
from tests.machines.days import plus_days, plus_months
from tests.machines.operations import ZONES, Operation, Pick

T = TypeVar("T")
MICROSECOND, SECOND, HOUR = timedelta(microseconds=1), timedelta(seconds=1), timedelta(hours=1)
FIRST_DAY = datetime(2027, 1, 1, tzinfo=UTC)
SPECIAL = (
    datetime(2028, 2, 29, 9, 30, tzinfo=UTC),  # a leap day, whose anniversary is none
    datetime(2027, 1, 31, 23, 59, 59, tzinfo=UTC),  # the end of a month longer than the next
    datetime(2027, 3, 28, 0, 59, 59, tzinfo=UTC),  # the night in which Dublin's clocks go forward
    datetime(2027, 4, 29, 21, 59, 59, tzinfo=UTC),  # Cairo's skip midnight
    datetime(2027, 11, 7, 4, 59, 59, tzinfo=UTC),  # Havana has it twice
    datetime(2027, 4, 3, 14, 59, 59, tzinfo=UTC),  # Lord Howe goes back by half an hour
)
ONLINE, CLASSROOM, EVIDENCE, TEST_OUT = "ONLINE", "CLASSROOM", "EVIDENCE", "TEST_OUT"
STEPS = (
    (EVIDENCE, TEST_OUT),
    (ONLINE, CLASSROOM, EVIDENCE, TEST_OUT),
    (ONLINE,),
    (CLASSROOM, EVIDENCE),
    (TEST_OUT, ONLINE),
)
GROUPS = 2


def new_world(pick: Pick) -> World:
    """A small organisation somewhere, at some hour; often one at which calendars are odd."""
    zone = ZoneInfo(ZONES[pick(0, len(ZONES) - 1)])
    now = FIRST_DAY + timedelta(days=pick(0, 729), minutes=pick(0, 1439), microseconds=pick(0, 1))
    return world_at(_one_of(pick, SPECIAL) if pick(0, 2) == 0 else now, zone, pick)


def world_at(now: datetime, zone: ZoneInfo, pick: Pick) -> World:
    """Five people and three certifications: two who report to a manager that learns, as an administrator does."""
    world = World(
        now,
        zone,
        learners=[
            Learner(0, manager=4),
            Learner(1, manager=4),
            Learner(2),
            Learner(3, "ADMIN"),
            Learner(4, "MANAGER"),
        ],
        certifications=[
            Certification(0, "OPEN", frozenset({0})),
            Certification(1, "ON_REQUEST", frozenset({0, 1})),
            Certification(2, "ASSIGNED_ONLY"),
        ],
        versions=[],
    )
    world.versions = [Version(key, key, 1, new_terms(pick)) for key in (0, 1)]
    return world


def new_terms(pick: Pick) -> Terms:
    """What a version may say."""
    return Terms(
        steps=tuple(_one_of(pick, STEPS) for _ in range(_one_of(pick, (0, 1, 1, 2)))),
        attempts=_one_of(pick, (None, 1, 1, 2)),
        exam_first=not pick(0, 2),
        evidence_is_signed_off=bool(pick(0, 1)),
        exam_is_signed_off=bool(pick(0, 1)),
        initial_fee=not pick(0, 2),
        recertification_fee=not pick(0, 2),
        fee_due=_one_of(pick, ("BEFORE_START", "BEFORE_EXAM")),
        months=_one_of(pick, (None, 1, 1, 12, 12, 24)),
        grace=_one_of(pick, (0, 1, 30)),
        window=_one_of(pick, (0, 7, 7, 400)),
    )


def _one_of(pick: Pick, items: Sequence[T]) -> T:
    return items[pick(0, len(items) - 1)]


def _some(pick: Pick, items: Sequence[T]) -> list[T]:
    """One to three of them, each once."""
    left, chosen = list(items), list[T]()
    for _ in range(min(_one_of(pick, (1, 1, 2, 3)), len(left))):
        chosen.append(left.pop(pick(0, len(left) - 1)))
    return chosen


def _records(world: World, pick: Pick) -> list[Record]:
    """Mostly those that are not archived."""
    kept = [each for each in world.records if not each.is_archived]
    return kept if kept and pick(0, 9) else world.records


def _at_work(world: World, pick: Pick) -> list[Record]:
    """Mostly those that are worked on."""
    found = [each for each in _records(world, pick) if each.cycle]
    return found if found and pick(0, 9) else world.records


def _own(world: World, pick: Pick, records: Sequence[Record]) -> tuple[int, Record]:
    """Somebody with a record: nearly always their own."""
    record = _one_of(pick, records)
    return record.learner if pick(0, 19) else pick(0, 4), record


def _keys(records: Sequence[Record]) -> list[int]:
    return [each.key for each in records]


def _administrator(pick: Pick) -> int:
    return ADMIN if pick(0, 5) else 3


def _recorder(pick: Pick) -> int:
    return INTEGRATION if pick(0, 2) else _administrator(pick)


def _act(world: World, pick: Pick, action: str) -> Operation:
    """Mostly on records whose status allows it."""
    able = [each for each in world.records if "STATUS_NOT_ALLOWED" not in world.against(action, each, ADMIN)]
    chosen = _some(pick, able if able and pick(0, 4) else _records(world, pick))
    return Operation("act", {"actor": _administrator(pick), "action": action, "records": _keys(chosen)})


def _assign(world: World, pick: Pick) -> Operation:
    """Now and then to whoever is barred."""
    barred = [each for each in world.records if each.status == DISALLOWED]
    if barred and pick(0, 1):
        record = _one_of(pick, barred)
        return Operation("assign", {"certification": record.certification, "learners": [record.learner]})
    return Operation("assign", {"certification": pick(0, 2), "learners": _some(pick, range(5))})


def _remove(world: World, pick: Pick) -> Operation:
    return Operation("remove", {"sources": [each.key for each in _some(pick, world.sources)]})


def _join(name: str, likely: int) -> Callable[[World, Pick], Operation]:
    """Mostly in the certification that is open in this way, and often where something is assigned."""

    def join(world: World, pick: Pick) -> Operation:
        assigned = [each for each in world.records if each.status == ASSIGNED and not each.is_archived]
        if name == "enrol" and assigned and pick(0, 2):
            record = _one_of(pick, assigned)
            return Operation(name, {"actor": record.learner, "certification": record.certification})
        certification = likely if pick(0, 3) else pick(0, 2)
        return Operation(name, {"actor": pick(0, 4), "certification": certification})

    return join


def _learn(name: str, action: str) -> Callable[[World, Pick], Operation]:
    """The learner's own action on one record: mostly where it is open."""

    def learn(world: World, pick: Pick) -> Operation:
        able = [each for each in world.records if not world.against(action, each, each.learner)]
        actor, record = _own(world, pick, able if able and pick(0, 4) else _records(world, pick))
        return Operation(name, {"actor": actor, "record": record.key})

    return learn


def _submit_evidence(world: World, pick: Pick) -> Operation:
    able = [each for each in world.records if not world.against("SUBMIT_EVIDENCE", each, each.learner)]
    with_steps = [each for each in able if each.cycle and each.cycle.steps]
    actor, record = _own(world, pick, with_steps or [each for each in world.records if _steps(each)])
    return Operation("submit_evidence", {"actor": actor, "record": record.key, "step": pick(0, _steps(record) - 1)})


def _steps(record: Record) -> int:
    """How many steps can be named: those of the cycle that is open, or was last."""
    return len(record.cycles[-1].steps) if record.cycles else 0


def _record_steps(world: World, pick: Pick) -> Operation:
    """Up to three steps, two of one record at times."""
    records = [each for each in world.records if _steps(each)]
    places = [(each, step) for each in records for step in range(_steps(each))]
    able = [(each, step) for each, step in places if each.cycle and each.cycle.steps[step].status == "OPEN"]
    able = [(each, step) for each, step in able if not world.against("RECORD_STEP_COMPLETION", each, INTEGRATION)]
    return Operation(
        "record_steps",
        {
            "actor": _recorder(pick),
            "completions": [
                Completion(each.key, step, _path(each, step, pick), bool(pick(0, 1)))
                for each, step in _some(pick, able if able and pick(0, 4) else places)
            ],
        },
    )


def _path(record: Record, step: int, pick: Pick) -> str:
    offered = [path for path in record.cycles[-1].steps[step].paths if path != EVIDENCE]
    return _one_of(pick, offered if offered and pick(0, 5) else (ONLINE, CLASSROOM, TEST_OUT))


def _record_exams(world: World, pick: Pick) -> Operation:
    able = [each for each in world.records if not world.against("RECORD_EXAM_RESULT", each, INTEGRATION)]
    chosen = _some(pick, able if able and pick(0, 4) else _at_work(world, pick))
    results = {each.key: bool(pick(0, 2)) for each in chosen}
    return Operation("record_exams", {"actor": _recorder(pick), "results": results})


def _record_payments(world: World, pick: Pick) -> Operation:
    owing = [each for each in world.records if not world.against("RECORD_PAYMENT", each, INTEGRATION)]
    chosen = _some(pick, owing if owing and pick(0, 4) else _records(world, pick))
    return Operation("record_payments", {"actor": _recorder(pick), "records": _keys(chosen)})


def _decide(world: World, pick: Pick) -> Operation:
    """Mostly what is undecided; a request for access alone, since it concerns a record that may not be there."""
    pending = [each for each in world.approvals if each.status == "PENDING"]
    chosen = _some(pick, pending if pending and pick(0, 9) else world.approvals)
    alone = [each for each in chosen if each.kind == "ACCESS"][:1]
    given = {
        "approvals": [each.key for each in alone or chosen],
        "is_approved": bool(pick(0, 2)),
        "attempts": pick(1, 2),
    }
    return Operation("decide", {"actor": _one_of(pick, (ADMIN, ADMIN, 3, 4)), **given})


def _publish(world: World, pick: Pick) -> Operation:
    without = [each.key for each in world.certifications if each.is_active and world.newest(each.key) is None]
    certification = _one_of(pick, without) if without and pick(0, 4) else pick(0, 2)
    return Operation("publish", {"certification": certification, "terms": new_terms(pick)})


def _retire_version(world: World, pick: Pick) -> Operation:
    return Operation("retire_version", {"version": _one_of(pick, world.versions).key})


def _of_certification(name: str, *, is_active: bool) -> Callable[[World, Pick], Operation]:
    def shelve(world: World, pick: Pick) -> Operation:
        able = [each.key for each in world.certifications if each.is_active is is_active]
        return Operation(name, {"certification": _one_of(pick, able if able and pick(0, 5) else range(3))})

    return shelve


def _deactivate(world: World, pick: Pick) -> Operation:
    """Never the first learner, so that somebody gets far."""
    return Operation("deactivate", {"learner": pick(1, 4)})


def _reactivate(world: World, pick: Pick) -> Operation:
    inactive = [each.key for each in world.learners if not each.is_active]
    return Operation("reactivate", {"learner": _one_of(pick, inactive or range(5))})


def _set_access(world: World, pick: Pick) -> Operation:
    without = [each.key for each in world.learners if each.is_active and not each.has_app_access]
    if without and pick(0, 4):
        return Operation("set_access", {"learner": _one_of(pick, without), "has_app_access": True})
    return Operation("set_access", {"learner": pick(0, 4), "has_app_access": bool(pick(0, 1))})


def _set_groups(world: World, pick: Pick) -> Operation:
    groups = frozenset(group for group in range(GROUPS) if pick(0, 1))
    return Operation("set_groups", {"learner": pick(0, 4), "groups": groups})


def _pass_to(world: World, pick: Pick) -> Operation:
    """Often to the very next move, to the last instant before it, or to the opening of a window."""
    now, zone = world.now, world.zone
    moves = [at for each in world.records for _, at in each.transitions if at > now]
    opening = [each.opens_at for each in world.records if each.opens_at and each.opens_at > now]
    ending = [each.expires_at for each in world.certificates if each.expires_at and each.expires_at > now]
    due = min([*moves, *ending], default=now + HOUR)
    instants: tuple[Callable[[], datetime], ...] = (
        lambda: due,
        lambda: due - MICROSECOND,
        lambda: due - SECOND,
        lambda: min(opening, default=due),
        lambda: min(opening, default=due) - MICROSECOND,
        lambda: now + timedelta(seconds=pick(1, 60)),
        lambda: now + pick(1, 24) * HOUR,
        lambda: plus_days(now, pick(1, 30), zone),
        lambda: plus_months(now, pick(1, 13), zone),
    )
    return Operation("pass_to", {"instant": max(now, _one_of(pick, instants)())})


def _tick(world: World, pick: Pick) -> Operation:
    return Operation("tick", {})


def _action(action: str) -> Callable[[World, Pick], Operation]:
    return lambda world, pick: _act(world, pick, action)


_SELDOM = {"REVOKE_ACCESS": 1, "PERMANENTLY_REVOKE": 1, "FORCE_RECERTIFICATION": 1, "RESTORE_ACCESS": 4}
CHOICES: Mapping[str, tuple[int, Callable[[World, Pick], Operation]]] = {
    **{action.lower(): (_SELDOM.get(action, 2), _action(action)) for action in ADMINISTRATORS_EIGHT[:7]},
    "assign": (2, _assign),
    "remove": (1, _remove),
    "enrol": (6, _join("enrol", 0)),
    "request_access": (2, _join("request_access", 1)),
    "start": (10, _learn("start", "START")),
    "submit_evidence": (6, _submit_evidence),
    "start_exam": (8, _learn("start_exam", "START_EXAM")),
    "start_recertification": (5, _learn("start_recertification", "START_RECERTIFICATION")),
    "request_more_attempts": (5, _learn("request_more_attempts", "REQUEST_MORE_ATTEMPTS")),
    "record_steps": (10, _record_steps),
    "record_exams": (10, _record_exams),
    "record_payments": (5, _record_payments),
    "decide": (10, _decide),
    "publish": (2, _publish),
    "retire_version": (1, _retire_version),
    "retire": (1, _of_certification("retire", is_active=True)),
    "reinstate": (3, _of_certification("reinstate", is_active=False)),
    "deactivate": (1, _deactivate),
    "reactivate": (2, _reactivate),
    "set_access": (2, _set_access),
    "set_groups": (2, _set_groups),
    "pass_to": (10, _pass_to),
    "tick": (2, _tick),
}
"""How often each operation is chosen, and how its input is."""
LIBRARY = {"publish", "retire_version", "retire", "reinstate", "deactivate", "reactivate", "set_access", "set_groups"}
_FREE = {"assign", "enrol", "request_access", "pass_to", "tick", *LIBRARY}


def is_possible(name: str, world: World) -> bool:
    """Whether there is anything yet to name in the operation."""
    if name == "reinstate":
        return any(not each.is_active for each in world.certifications)
    if name == "reactivate":
        return any(not each.is_active for each in world.learners)
    if name in ("submit_evidence", "record_steps"):
        return any(_steps(each) for each in world.records)
    if name == "decide":
        return bool(world.approvals)
    return name in _FREE or bool(world.records)


_ACTIONS = {name.lower(): name for name in (*ADMINISTRATORS_EIGHT[:7], *LEARNERS_OWN[1:])}
_RECORDS = {
    "record_steps": "RECORD_STEP_COMPLETION",
    "record_exams": "RECORD_EXAM_RESULT",
    "record_payments": "RECORD_PAYMENT",
}


def _is_promising(name: str, world: World) -> bool:
    """Whether the operation can be granted anywhere, as far as is easily told."""
    action = _ACTIONS.get(name)
    if name.startswith("record_"):
        return any(not world.against(_RECORDS[name], each, INTEGRATION) for each in world.records)
    if action is None:
        return name != "decide" or any(each.status == "PENDING" for each in world.approvals)
    is_own = action in LEARNERS_OWN
    return any(not world.against(action, each, each.learner if is_own else ADMIN) for each in world.records)


AT_WORK = {"pass_to", "enrol", "request_access", "decide", *_RECORDS, *(name.lower() for name in LEARNERS_OWN[1:])}
"""What learners do, and those who record and decide for them, while time passes."""


def any_name(world: World, pick: Pick, among: Collection[str] = ()) -> str:
    """One of the operations that are possible now, by its weight; one that can only be refused is chosen seldom."""
    possible = [name for name in CHOICES if is_possible(name, world) and (name in among or not among)]
    names = [name for name in possible for _ in range(CHOICES[name][0])]
    name = _one_of(pick, names)
    while not _is_promising(name, world) and pick(0, 9):
        name = _one_of(pick, names)
    return name


def choose(world: World, pick: Pick, name: str) -> Operation:
    """An operation with an input for it."""
    return CHOICES[name][1](world, pick)
