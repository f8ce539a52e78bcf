"""Learncycles: their grids, what triggers them, what fits together, and how chains end."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from portal_api.domain.automations.chains import Chains
from portal_api.domain.automations.learncycles import LEARNCYCLES, LearncycleAction, LearncycleStatus
from portal_api.domain.automations.rules import (
    Action,
    ConditionKind,
    Learncycle,
    LearncycleActionKind,
    Standing,
    reasons_against,
)
from portal_api.domain.automations.tasks import (
    NOTIFICATIONS,
    TASKS,
    NotificationAction,
    NotificationFacts,
    NotificationStatus,
    TaskAction,
    TaskFacts,
    TaskStatus,
)
from portal_api.domain.automations.triggers import CHANGES, DATES, SUBJECTS, Trigger, TriggerKind, may_trigger
from portal_api.domain.automations.webhooks import PAUSES, pause_after
from portal_api.domain.history import SubjectKind
from portal_api.domain.machine import Granted, RecordFacts
from portal_api.domain.roles import Role
from tests.clock import START
from tests.factories.tables import DAY

K = LearncycleActionKind
NOTE = Action(K.NOTIFY, title="Well done", body="You are through.")
LEARNER = UUID(int=99)
SUBJECT = UUID(int=7)
REASON = "srn_" + "1" * 32


@dataclass(frozen=True)
class Entry:
    id: UUID
    subject_id: UUID = SUBJECT
    subject_kind: SubjectKind = SubjectKind.COURSE_ENROLMENT
    from_status: str | None = "CURRENT"
    to_status: str | None = "DEFERRED"
    reason: str | None = None
    changed_fields: str | None = "status"
    cause_id: UUID | None = None
    learner_id: UUID | None = LEARNER
    occurred_at: Any = START


def rule(kind: TriggerKind, value: str | None, *, number: int = 1, **given: Any) -> Learncycle:
    return Learncycle(UUID(int=number), Trigger(kind, value), (NOTE,), switched_on_at=START, **given)


STATUS = TriggerKind.COURSE_ENROLMENT_STATUS
STANDINGS: Mapping[UUID, Standing] = {UUID(int=7): Standing(LEARNER), UUID(int=8): Standing(LEARNER)}


def test_two_rules_that_trigger_one_another_are_stopped_when_they_come_round() -> None:
    defers, resumes = rule(STATUS, "DEFERRED", number=1), rule(STATUS, "CURRENT", number=2)
    chains, rules = Chains(), (defers, resumes)
    seen: list[tuple[int, bool]] = []
    entry = Entry(UUID(int=100))
    for number in range(101, 110):
        firings = list(chains.firings(rules, [entry], STANDINGS))
        seen += [(firing.rule.id.int, firing.is_loop) for firing in firings]
        if all(firing.is_loop for firing in firings):
            break
        assert entry.to_status is not None
        entry = Entry(UUID(int=number), from_status=entry.to_status, to_status=entry.from_status, cause_id=entry.id)
    assert seen == [(1, False), (2, False), (1, True)]


def test_another_cause_or_another_record_is_no_loop() -> None:
    chains, waits = Chains(), (rule(STATUS, "DEFERRED"),)
    first, again = Entry(UUID(int=100)), Entry(UUID(int=101))
    other = Entry(UUID(int=102), subject_id=UUID(int=8), cause_id=first.id)
    assert [firing.is_loop for firing in chains.firings(waits, [first, again, other], STANDINGS)] == [False] * 3


def test_switching_on_never_looks_back() -> None:
    late = replace(rule(STATUS, "DEFERRED"), switched_on_at=START + DAY)
    off = replace(late, switched_on_at=None)
    assert list(Chains().firings((late, off), [Entry(UUID(int=1))], STANDINGS)) == []


@pytest.mark.parametrize(
    ("trigger", "changed", "is_met"),
    [
        (Trigger(STATUS, "DEFERRED"), {}, True),
        (Trigger(STATUS, "DEFERRED"), {"from_status": "DEFERRED"}, False),
        (Trigger(STATUS, "DEFERRED"), {"from_status": None}, True),
        (Trigger(STATUS, "CURRENT"), {}, False),
        (Trigger(TriggerKind.SERIES_ENROLMENT_STATUS, "DEFERRED"), {}, False),
        (Trigger(TriggerKind.COURSE_ENROLMENT_REASON, REASON), {"reason": REASON}, False),
        (
            Trigger(TriggerKind.COURSE_ENROLMENT_REASON, REASON),
            {"reason": REASON, "changed_fields": "status statusReason"},
            True,
        ),
        (
            Trigger(TriggerKind.COURSE_ENROLMENT_REASON, REASON),
            {"reason": "srn_" + "2" * 32, "changed_fields": "statusReason"},
            False,
        ),
        (
            Trigger(TriggerKind.UNIT_OUTCOME, "40"),
            {"subject_kind": SubjectKind.UNIT_ENROLMENT, "from_status": None, "to_status": "40"},
            True,
        ),
        (Trigger(TriggerKind.COURSE_ENROLMENT_ENDS, offset_days=1), {}, False),
    ],
)
def test_what_triggers_a_rule(trigger: Trigger, changed: Any, is_met: bool) -> None:
    entry = replace(Entry(UUID(int=1)), **changed)
    assert trigger.is_met_by(entry) is is_met
    assert may_trigger(entry) or not is_met


def test_what_no_rule_could_wait_for_is_passed_over() -> None:
    assert not may_trigger(replace(Entry(UUID(int=1)), from_status="DEFERRED"))
    assert not may_trigger(replace(Entry(UUID(int=1)), subject_kind=SubjectKind.LEARNER))


def test_a_day_is_counted_from_the_day_of_the_record() -> None:
    assert Trigger(TriggerKind.UNIT_ENDS, offset_days=-3).fires_on(date(2026, 3, 2)) == date(2026, 2, 27)


def test_every_trigger_is_a_change_or_a_day_and_has_a_subject() -> None:
    assert set(TriggerKind) == CHANGES | DATES == set(SUBJECTS)
    assert not CHANGES & DATES


OFFER = UUID(int=50)


@pytest.mark.parametrize(
    ("given", "places"),
    [
        (rule(STATUS, "DEFERRED", offers=frozenset({OFFER})), []),
        (rule(TriggerKind.CERTIFICATION_STATUS, "CERTIFIED", offers=frozenset({OFFER})), ["offerIds"]),
        (rule(STATUS, "SLEEPING"), ["to"]),
        (rule(STATUS, None), ["to"]),
        (rule(TriggerKind.COURSE_ENROLMENT_REASON, None), ["reasonId"]),
        (rule(TriggerKind.UNIT_ENDS, None), ["offsetDays"]),
        (replace(rule(STATUS, "DEFERRED"), trigger=Trigger(STATUS, "DEFERRED", 3)), ["offsetDays"]),
        (replace(rule(STATUS, None), trigger=Trigger(TriggerKind.UNIT_ENDS, "40", 3)), ["to"]),
        (replace(rule(STATUS, "DEFERRED"), actions=()), ["then"]),
        (replace(rule(STATUS, "DEFERRED"), actions=(NOTE,) * 11), ["then"]),
        (replace(rule(STATUS, "DEFERRED"), actions=(Action(K.NOTIFY, title="Hm"),)), ["body"]),
        (replace(rule(STATUS, "DEFERRED"), actions=(Action(K.SET_APP_ACCESS),)), ["hasAppAccess"]),
        (replace(rule(STATUS, "DEFERRED"), actions=(Action(K.CALL_WEBHOOK, title="Hm"),)), ["0"]),
        (
            replace(rule(STATUS, "DEFERRED"), actions=(Action(K.CREATE_TASK, title="Hm", due_in_days=-1),)),
            ["dueInDays"],
        ),
        (
            replace(rule(TriggerKind.CERTIFICATION_STATUS, "CERTIFIED"), actions=(Action(K.SET_COURSE_STATUS),)),
            ["status", "0"],
        ),
        (rule(STATUS, "DEFERRED", conditions={ConditionKind.SERIES: frozenset({OFFER.hex})}), ["conditions"]),
        (rule(STATUS, "DEFERRED", conditions={ConditionKind.STATUS: frozenset({"MASTERED"})}), ["conditions"]),
        (rule(STATUS, "DEFERRED", conditions={ConditionKind.GROUP: frozenset(map(str, range(101)))}), ["conditions"]),
        (rule(STATUS, "DEFERRED", conditions={ConditionKind.STATUS: frozenset({"DEFERRED"})}), []),
    ],
)
def test_what_does_not_fit_together_is_said_at_its_place(given: Learncycle, places: list[str]) -> None:
    assert [reason.path[-1] for reason in reasons_against(given)] == places


@pytest.mark.parametrize(
    ("conditions", "offers", "holds"),
    [
        ({}, {}, True),
        ({}, {OFFER}, True),
        ({}, {UUID(int=51)}, False),
        ({ConditionKind.COURSE: {UUID(int=60).hex, UUID(int=61).hex}}, {}, True),
        ({ConditionKind.COURSE: {UUID(int=61).hex}}, {}, False),
        ({ConditionKind.STATUS: {"CURRENT"}, ConditionKind.GROUP: {UUID(int=70).hex}}, {}, True),
        ({ConditionKind.STATUS: {"CURRENT"}, ConditionKind.GROUP: {UUID(int=71).hex}}, {}, False),
        ({ConditionKind.SERIES: {OFFER.hex}}, {}, False),
    ],
)
def test_conditions_are_one_of_each_kind_named(conditions: Any, offers: Any, holds: bool) -> None:
    given = rule(
        STATUS,
        "CURRENT",
        conditions={kind: frozenset(values) for kind, values in conditions.items()},
        offers=frozenset(offers),
    )
    stands = Standing(LEARNER, "CURRENT", OFFER, UUID(int=60)).in_groups(frozenset({UUID(int=70)}))
    assert given.has_conditions_met(stands) is holds


GRID = """
             OFF      ON       RETIRED
UPDATE       OFF      -        -
SWITCH_ON    ON       -        -
SWITCH_OFF   -        OFF      -
RETIRE       RETIRED  RETIRED  -
REINSTATE    -        -        OFF
"""


def test_what_can_be_done_to_a_learncycle_by_its_status() -> None:
    [head, *rows] = [line.split() for line in GRID.strip().splitlines()]
    assert [row[0] for row in rows] == [action.name for action in LearncycleAction]
    for name, *cells in rows:
        found = LEARNCYCLES[LearncycleAction[name]]
        assert found.roles == (Role.OWNER,)
        for status, cell in zip(head, cells, strict=True):
            here = LearncycleStatus[status]
            for role in Role:
                is_open = found.decide(role, RecordFacts(here)) == Granted()
                assert is_open is (cell != "-" and role is Role.OWNER)
            assert cell == "-" or found.after(here).name == cell


@pytest.mark.parametrize("action", TaskAction)
@pytest.mark.parametrize("role", Role)
def test_a_task_is_ended_by_administrators_and_by_whoever_it_is_assigned_to(action: TaskAction, role: Role) -> None:
    for is_assignee in (True, False):
        may = role in (Role.OWNER, Role.ADMIN) or (is_assignee and role is not Role.INTEGRATION)
        for status in TaskStatus:
            for is_active in (True, False):
                decided = TASKS[action].decide(role, TaskFacts(status, is_active, is_assignee))
                assert (decided == Granted()) is (may and status is TaskStatus.OPEN and is_active)


@pytest.mark.parametrize("role", Role)
def test_a_notification_is_read_by_the_learner_alone(role: Role) -> None:
    mark = NOTIFICATIONS[NotificationAction.MARK_READ]
    for status in NotificationStatus:
        for own in (True, False):
            for active, access in ((True, True), (True, False), (False, False)):
                decided = mark.decide(role, NotificationFacts(status, active, own, access))
                assert (decided == Granted()) is (own and access and role is not Role.INTEGRATION)


def test_pauses_grow_and_end() -> None:
    assert list(PAUSES) == sorted(set(PAUSES))
    assert [pause_after(number) for number in range(1, len(PAUSES) + 2)] == [*PAUSES, None]


def test_what_has_no_standing_triggers_nothing() -> None:
    """A record that no rule could be about, though history tells of it."""
    waits = (rule(STATUS, "DEFERRED"),)

    assert list(Chains().firings(waits, [Entry(UUID(int=1))], {})) == []
    assert list(Chains().firings(waits, [Entry(UUID(int=1))], STANDINGS)) != []
