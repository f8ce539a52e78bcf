"""The checker itself: it finds nothing in a storm that is true, and each of its clauses finds what was forged."""

from dataclasses import replace

import pytest

from tests.storm.checker import CLAUSES, faults
from tests.storm.grid import ALLOWED, MOVES
from tests.storm.log import Call, Row
from tests.storm.small import ANN, BEN, RECORD, SMALL, Forge, also, at, call, entry, row, stored, told, untold

_REVOKED = f"{RECORD}_revoked"
_second = Call(
    ANN, "second", "r13", "OVERRIDE_TRAINING", at(1), at(3), [Row("a", "a", "CHANGED", (), 2, "IN_PROGRESS")]
)
_left = entry("left", "r3", ANN, f"{RECORD}_fee_overridden", "a", "CERTIFIED > CERTIFIED", 4, 11)
_cycle, _paper, _record = SMALL.cycles[0], SMALL.certificates[0], SMALL.records[2]
FORGED: tuple[tuple[str, str, Forge], ...] = (
    ("nothing_fails", "an error of the portal's own", call("late", failures=["INTERNAL"])),
    ("nothing_fails", "a call refused for good", call("patient", refusals=["INPUT_INVALID"])),
    ("nothing_fails", "busy, and never sent again", call("patient", 1, refusals=["BUSY"], rows=[])),
    ("a_change_is_told_once", "an entry that was lost", untold("e1")),
    ("a_change_is_told_once", "a lost update: two changed the same version", also(calls=_second)),
    ("a_change_is_told_once", "an entry of somebody else", told("e1", user=BEN)),
    ("a_change_is_told_once", "an entry of another request", told("e1", request="r9")),
    ("a_change_is_told_once", "told twice", also(history=replace(SMALL.history[0], id="twice"))),
    ("a_change_is_told_once", "another status than the answer's", row("training", status="CERTIFIED")),
    ("a_change_is_told_once", "at another time", call("training", asked_at=at(0), answered_at=at(1))),
    ("an_entry_is_claimed_once", "nobody says so", row("training", outcome="UNCHANGED")),
    ("an_entry_is_claimed_once", "caused by nothing", told("e3", cause=None)),
    ("an_entry_is_claimed_once", "caused in another request", told("e3", request="r9")),
    ("a_question_is_answered_alike", "another answer the second time", row("exam", 1, outcome="REFUSED")),
    (
        "a_question_is_answered_alike",
        "done twice",
        also(history=entry("twice", "r2 again", BEN, f"{RECORD}_fee_overridden", "a", "CERTIFIED > CERTIFIED", 4, 8)),
    ),
    ("a_refusal_leaves_nothing", "a refused row with an entry", also(history=_left)),
    ("a_refusal_leaves_nothing", "an unchanged row with an entry", row("training", outcome="UNCHANGED")),
    ("a_refusal_leaves_nothing", "a preview with an entry", told("e8", request="r10")),
    ("a_refusal_leaves_nothing", "a refused call with an entry", told("e8", request="r11")),
    ("versions_have_no_gaps", "a version left out", told("e4", version=5)),
    ("versions_have_no_gaps", "a version told twice", told("e4", version=3)),
    ("versions_have_no_gaps", "told in another order", told("e2", recorded_at=at(15))),
    ("an_entry_begins_where_the_last_ended", "an update lost between", told("e2", before="PENDING_APPROVAL")),
    ("the_grid_allows_each_move", "revoked while certified", told("e4", action=_REVOKED, after="REVOKED")),
    ("the_grid_allows_each_move", "an act that no administrator knows", told("e4", action=f"{RECORD}_enrolled")),
    ("the_grid_allows_each_move", "to a status that it never leads to", told("e4", after="REVOKED")),
    ("a_refusal_is_justified", "a status that was open", call("late", action="FORCE_RECERTIFICATION")),
    ("a_refusal_is_justified", "a version that had not changed", call("stale", expected={"a": 4})),
    ("a_refusal_is_justified", "no version was insisted on", call("stale", expected={})),
    ("a_refusal_is_justified", "nobody had barred the learner yet", call("barred", asked_at=at(6), answered_at=at(8))),
    ("a_refusal_is_justified", "barred from another certification", call("barred", certification="d")),
    ("a_refusal_is_justified", "not archived yet", call("gone", asked_at=at(16), answered_at=at(18))),
    ("a_refusal_is_justified", "a code that nothing explains", row("late", codes=("NOT_FOUND",))),
    ("an_expected_version_is_the_one_changed", "another came before", call("bar", expected={"a": 2})),
    ("an_answer_shows_what_was", "a version that was over", row("late", version=2)),
    ("an_answer_shows_what_was", "a version that was not yet", row("exam", 1, version=4)),
    ("the_end_is_the_last_entry", "another status", stored("records", "a", status="certified")),
    ("the_end_is_the_last_entry", "another version", stored("records", "a", version=5)),
    ("the_end_is_the_last_entry", "archived, and nobody told", stored("records", "a", archived_at=at(14))),
    ("one_at_a_time", "two open cycles", also(cycles={**_cycle, "id": "other", "opened_at": at(4)})),
    ("one_at_a_time", "two certificates", also(certificates={**_paper, "id": "other", "issued_at": at(13)})),
    ("one_at_a_time", "two records kept", also(records={**_record, "id": "b again"})),
    ("no_certificate_without_access", "in force after the bar", stored("certificates", "paper", ended_at=None)),
    ("no_certificate_without_access", "in force a while longer", stored("certificates", "paper", ended_at=at(15))),
    *(
        ("counters_are_right", name, stored("cycles", "cycle", **{name: value}))
        for name, value in (
            *(("steps_open", 1), ("steps_waiting", 1), ("attempts_used", 0)),
            *(("has_attempt_open", True), ("is_exam_waiting", True)),
        )
    ),
    ("nothing_is_left_of_what_is_archived", "a source", stored("sources", "source", ended_at=None)),
    (
        "nothing_is_left_of_what_is_archived",
        "a cycle",
        also(cycles={**_cycle, "id": "other", "learner_certification_id": "b", "closed_at": None}),
    ),
    ("every_trace_is_told", "a cycle that ended at another time", stored("cycles", "cycle", closed_at=at(6))),
    ("every_trace_is_told", "a certificate of another time", stored("certificates", "paper", issued_at=at(6))),
    ("every_trace_is_told", "a source that a refused call ended", stored("sources", "source", ended_at=at(29))),
    ("every_trace_is_told", "an approval of another time", stored("approvals", "asked", decided_at=at(3))),
    ("every_trace_is_told", "a step of another time", stored("steps", "step", done_at=at(3))),
)


def test_a_true_storm_has_no_fault() -> None:
    assert faults(SMALL) == {}


@pytest.mark.parametrize(
    ("clause", "forge"), [pytest.param(each, forge, id=f"{each}: {what}") for each, what, forge in FORGED]
)
def test_a_clause_finds_what_was_forged(clause: str, forge: Forge) -> None:
    assert clause in faults(forge(SMALL))


def test_every_clause_has_been_seen_to_fail() -> None:
    assert {clause for clause, _, _ in FORGED} == {clause.__name__ for clause in CLAUSES}


def test_the_moves_begin_where_the_grid_is_open() -> None:
    acts = {
        "fee_overridden": "OVERRIDE_PAYMENT",
        "steps_overridden": "OVERRIDE_TRAINING",
        "exam_overridden": "OVERRIDE_EXAM",
        "revoked": "REVOKE_ACCESS",
        "cycle_forced": "FORCE_RECERTIFICATION",
        "barred": "PERMANENTLY_REVOKE",
        "restored": "RESTORE_ACCESS",
        "archived": "REMOVE_ASSIGNMENT",
        "unassigned": "REMOVE_ASSIGNMENT",
    }
    for (action, status), is_open in ALLOWED.items():
        for act in (act for act, own in acts.items() if own == action):
            assert bool(MOVES.leads[act, status]) is is_open
