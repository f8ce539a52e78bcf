"""The status machine itself, on a small table of its own: reasons and their order, footnotes, time paths, flags."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from portal_api.domain.machine import FAR_FUTURE, ActionState, ClockMove, Granted, RecordFacts, Refused, Table
from portal_api.domain.refusals import ErrorCode, Reason
from portal_api.domain.roles import Role
from portal_api.domain.tables import TABLES
from tests.domain.lamps import LAMPS, NO_BULB, NO_POWER, LampAction, LampFacts, LampStatus


def test_reasons_come_in_the_order_role_learner_status_footnotes() -> None:
    facts = LampFacts(LampStatus.BROKEN, learner_is_active=False, has_bulb=False, has_power=False)
    decision = LAMPS[LampAction.SWITCH].decide(Role.ADMIN, facts)
    assert isinstance(decision, Refused)
    assert [reason.code for reason in decision.reasons] == [
        ErrorCode.FORBIDDEN,
        ErrorCode.LEARNER_INACTIVE,
        ErrorCode.STATUS_NOT_ALLOWED,
        ErrorCode.INPUT_INVALID,
        ErrorCode.BUSY,
    ]


@pytest.mark.parametrize(
    ("facts", "reasons"),
    [
        (LampFacts(LampStatus.DARK), ()),
        (LampFacts(LampStatus.DARK, has_bulb=False), (NO_BULB,)),
        (LampFacts(LampStatus.DARK, has_power=False), (NO_POWER,)),
        (LampFacts(LampStatus.DARK, has_bulb=False, has_power=False), (NO_BULB, NO_POWER)),
    ],
)
def test_a_footnote_refuses_when_its_condition_is_not_met(facts: LampFacts, reasons: tuple[Reason, ...]) -> None:
    decision = LAMPS[LampAction.SWITCH].decide(Role.OWNER, facts)
    assert decision == (Refused(reasons) if reasons else Granted())


def test_a_rule_can_be_narrower_on_a_single_row() -> None:
    mend = LAMPS[LampAction.MEND]
    assert mend.decide(Role.TRAINER, LampFacts(LampStatus.BROKEN, has_power=False)) == Granted()
    refused = mend.decide(Role.TRAINER, LampFacts(LampStatus.BROKEN, has_power=True))
    assert isinstance(refused, Refused)
    assert [reason.required_roles for reason in refused.reasons] == [(Role.OWNER,)]
    assert mend.roles == (Role.OWNER, Role.TRAINER)


def test_a_rule_may_do_without_an_active_learner() -> None:
    facts = LampFacts(LampStatus.BROKEN, learner_is_active=False)
    assert LAMPS[LampAction.MEND].decide(Role.OWNER, facts) == Granted()


def test_actions_lists_every_action_in_table_order() -> None:
    states = LAMPS.actions(Role.OWNER, LampFacts(LampStatus.DARK))
    assert states[0] == ActionState(LampAction.SWITCH, available=True, reasons=())
    assert [state.action for state in states] == [LampAction.SWITCH, LampAction.MEND]
    assert [reason.code for reason in states[1].reasons] == [ErrorCode.STATUS_NOT_ALLOWED]


def test_a_rule_names_the_statuses_that_allow_it() -> None:
    assert LAMPS[LampAction.SWITCH].statuses == (LampStatus.DARK, LampStatus.BRIGHT)


DUSK = datetime(2026, 3, 2, 18, 0, 0, 1, tzinfo=UTC)
NIGHT, WORN = DUSK + timedelta(hours=2), DUSK + timedelta(days=90)
TICK = timedelta(microseconds=1)


def lamp(*, is_outside: bool = True, **given: object) -> dict[str, object]:
    return {"dusk_at": DUSK, "night_at": NIGHT, "worn_at": WORN, "is_outside": is_outside, **given}


def test_time_paths_are_every_way_on_from_a_status_the_longest_first() -> None:
    paths = [(path.status.name, *(move.to.name for move in path.moves)) for path in LAMPS.time_paths]
    assert sorted(paths) == sorted(
        [
            ("DARK", "DIM", "BRIGHT", "BROKEN"),
            ("DARK", "DIM", "BRIGHT"),
            ("DARK", "DIM", "BROKEN"),
            ("DARK", "DIM"),
            ("DIM", "BRIGHT", "BROKEN"),
            ("DIM", "BRIGHT"),
            ("DIM", "BROKEN"),
            ("BRIGHT", "BROKEN"),
        ]
    )
    lengths = [len(path.moves) for path in LAMPS.time_paths]
    assert all(one >= next_ for one, next_ in pairwise(lengths))
    assert all(path.to is path.moves[-1].to for path in LAMPS.time_paths)


@pytest.mark.parametrize(
    ("now", "is_outside", "status"),
    [
        (DUSK - TICK, True, LampStatus.DARK),
        (DUSK, True, LampStatus.DIM),
        (NIGHT - TICK, True, LampStatus.DIM),
        (NIGHT, True, LampStatus.BRIGHT),
        (NIGHT, False, LampStatus.DIM),
        (WORN - TICK, True, LampStatus.BRIGHT),
        (WORN, True, LampStatus.BROKEN),
        (WORN, False, LampStatus.BROKEN),
    ],
)
def test_the_longest_path_that_has_come_to_pass_holds(now: datetime, status: LampStatus, *, is_outside: bool) -> None:
    assert LAMPS.status_at(now, LampStatus.DARK, lamp(is_outside=is_outside)) is status


def test_an_instant_is_the_same_in_any_zone() -> None:
    in_auckland = NIGHT.astimezone(datetime.fromisoformat("2026-03-03T09:00:00+13:00").tzinfo)
    assert LAMPS.status_at(in_auckland, LampStatus.DARK, lamp()) is LampStatus.BRIGHT
    assert LAMPS.status_at(in_auckland - TICK, LampStatus.DARK, lamp()) is LampStatus.DIM


def test_a_move_without_an_instant_never_comes() -> None:
    row = lamp(night_at=None)
    assert LAMPS.status_at(FAR_FUTURE, LampStatus.DIM, row) is LampStatus.DIM
    assert LAMPS.due_at(LampStatus.DIM, row) == FAR_FUTURE


@pytest.mark.parametrize(
    ("status", "is_outside", "due"),
    [
        (LampStatus.DARK, True, DUSK),
        (LampStatus.DIM, True, NIGHT),
        (LampStatus.DIM, False, WORN),
        (LampStatus.BRIGHT, False, WORN),
        (LampStatus.BROKEN, True, FAR_FUTURE),
    ],
)
def test_due_is_the_next_move_whose_flag_holds(status: LampStatus, due: datetime, *, is_outside: bool) -> None:
    assert LAMPS.due_at(status, lamp(is_outside=is_outside)) == due


def test_of_two_moves_the_earlier_is_due() -> None:
    either = replace(
        LAMPS,
        clock=(
            ClockMove(LampStatus.DARK, "worn_at", LampStatus.BROKEN, "here"),
            ClockMove(LampStatus.DARK, "dusk_at", LampStatus.DIM, "here"),
            ClockMove(LampStatus.DARK, "night_at", LampStatus.BRIGHT, "here"),
        ),
    )
    assert either.due_at(LampStatus.DARK, lamp()) == DUSK


def test_a_record_that_hangs_on_no_learner_counts_as_if_its_learner_were_active() -> None:
    facts = RecordFacts(LampStatus.BROKEN)
    assert facts.learner_is_active is True
    assert facts.status is LampStatus.BROKEN


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.kind)
def test_every_table_is_whole(table: Table[Any, Any, Any]) -> None:
    """Each status has a meaning, each action one rule, and each cell, move and source names what exists."""
    statuses = set(table.statuses)
    kinds: set[Any] = {type(rule.action) for rule in table.rules}
    assert len(kinds) <= 1, "the actions of a table are of one kind"
    assert all(meaning.label and meaning.description for meaning in table.statuses.values())
    assert [rule.action for rule in table.rules] == [action for actions in kinds for action in actions]
    for rule in table.rules:
        assert rule.cells.keys() <= statuses
        assert rule.roles
        assert all(cell.to is None or cell.to in statuses for cell in rule.cells.values())
        assert all(cell.source for cell in rule.cells.values())
    for move in table.clock:
        assert {move.status, move.to} <= statuses
        assert move.status is not move.to
        assert move.source


def test_moves_at_one_instant_are_made_as_one() -> None:
    row = lamp(night_at=DUSK)

    [made] = LAMPS.moves_until(DUSK, LampStatus.DARK, row)

    assert (made.status, made.to, row[made.at]) == (LampStatus.DARK, LampStatus.BRIGHT, DUSK)
    assert [move.to for move in LAMPS.moves_until(WORN, LampStatus.DARK, row)] == [LampStatus.BRIGHT, LampStatus.BROKEN]


@pytest.mark.parametrize(
    ("status", "row", "ahead"),
    [
        (LampStatus.DARK, {}, [(LampStatus.DIM, DUSK), (LampStatus.BRIGHT, NIGHT), (LampStatus.BROKEN, WORN)]),
        (LampStatus.DARK, {"is_outside": False}, [(LampStatus.DIM, DUSK), (LampStatus.BROKEN, WORN)]),
        (LampStatus.BRIGHT, {}, [(LampStatus.BROKEN, WORN)]),
        (LampStatus.DARK, {"night_at": DUSK}, [(LampStatus.BRIGHT, DUSK), (LampStatus.BROKEN, WORN)]),
        (LampStatus.BRIGHT, {"worn_at": None}, []),
        (LampStatus.BROKEN, {}, []),
    ],
)
def test_what_time_will_do_is_told_and_of_moves_at_one_instant_the_last(
    status: LampStatus, row: dict[str, Any], ahead: list[tuple[LampStatus, datetime]]
) -> None:
    assert [(each.status, each.at) for each in LAMPS.transitions(status, lamp(**row))] == ahead
