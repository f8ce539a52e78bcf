"""A small storm written by hand, in which everything agrees: what the checker's tests forge, piece by piece."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tests.clock import START
from tests.storm.log import Call, Entry, Row, Storm

ANN, BEN = "ann", "ben"
RECORD = "learner_certification"
Forge = Callable[[Storm], Storm]


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def _call(user: str, question: str, request: str, action: str, asked: int, *rows: Row, **given: Any) -> Call:
    return Call(user, question, request, action, at(asked), at(asked + 2), rows, **given)


def entry(
    id_: str, request: str | None, user: str | None, act: str, record: str, moved: str, version: int, minute: int
) -> Entry:
    """An entry of the history; `moved` is the status before and after."""
    before, after = moved.split(" > ")
    kind = RECORD if act.startswith(RECORD) else "certificate"
    return Entry(
        id_, request, user, act, kind, record, None if before == "-" else before, after, version, at(minute), at(minute)
    )


def _record(id_: str, status: str, version: int, learner: str = "lea", **columns: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "learner_id": learner,
        "certification_id": id_[0],
        "status": status,
        "version": version,
        "assigned_at": at(-60),
        "archived_at": None,
        **columns,
    }


SMALL = Storm(
    began_at=START,
    calls=[
        _call(ANN, "training", "r1", "OVERRIDE_TRAINING", 1, Row("a", "a", "CHANGED", (), 2, "IN_PROGRESS")),
        _call(BEN, "exam", "r2", "OVERRIDE_EXAM", 4, Row("a", "a", "CHANGED", (), 3, "CERTIFIED")),
        _call(BEN, "exam", "r2 again", "OVERRIDE_EXAM", 7, Row("a", "a", "CHANGED", (), 3, "CERTIFIED")),
        _call(
            ANN, "late", "r3", "REVOKE_ACCESS", 10, Row("a", "a", "REFUSED", ("STATUS_NOT_ALLOWED",), 3, "CERTIFIED")
        ),
        _call(
            *(BEN, "bar", "r4", "PERMANENTLY_REVOKE", 13, Row("a", "a", "CHANGED", (), 4, "DISALLOWED")),
            expected={"a": 3},
        ),
        _call(
            *(ANN, "stale", "r5", "RESTORE_ACCESS", 16),
            Row("a", "a", "REFUSED", ("CHANGED_MEANWHILE",), 4, "DISALLOWED"),
            expected={"a": 3},
        ),
        _call(
            *(ANN, "barred", "r6", "assignCertification", 19, Row("lea", None, "REFUSED", ("LEARNER_BARRED",))),
            certification="a",
        ),
        _call(BEN, "removal", "r7", "REMOVE_ASSIGNMENT", 22, Row("source", "b", "CHANGED", (), 2, "ASSIGNED")),
        _call(ANN, "anew", "r8", "assignCertification", 25, Row("lou", "b anew", "CHANGED", (), 1, "ASSIGNED")),
        _call(
            *(ANN, "gone", "r9", "REMOVE_ASSIGNMENT", 28),
            Row("source", "b", "REFUSED", ("RECORD_ARCHIVED",), 2, "ASSIGNED"),
        ),
        _call(
            *(ANN, "preview", "r10", "REVOKE_ACCESS", 34, Row("d", "d", "CHANGED", (), 3, "REVOKED")), is_preview=True
        ),
        _call(BEN, "patient", "r11", "OVERRIDE_EXAM", 37, refusals=["BUSY"]),
        _call(
            *(BEN, "patient", "r12", "OVERRIDE_EXAM", 40),
            Row("d", "d", "REFUSED", ("STATUS_NOT_ALLOWED",), 2, "EXPIRED"),
        ),
    ],
    history=[
        entry("e1", "r1", ANN, f"{RECORD}_steps_overridden", "a", "IN_PROGRESS > IN_PROGRESS", 2, 2),
        entry("e2", "r2", BEN, f"{RECORD}_exam_overridden", "a", "IN_PROGRESS > CERTIFIED", 3, 5),
        replace(entry("e3", "r2", BEN, "certificate_issued", "paper", "- > VALID", 1, 5), cause="e2"),
        entry("e4", "r4", BEN, f"{RECORD}_barred", "a", "CERTIFIED > DISALLOWED", 4, 14),
        replace(entry("e5", "r4", BEN, "certificate_revoked", "paper", "VALID > REVOKED", 2, 14), cause="e4"),
        entry("e6", "r7", BEN, f"{RECORD}_archived", "b", "ASSIGNED > ASSIGNED", 2, 23),
        entry("e7", "r8", ANN, f"{RECORD}_assigned", "b anew", "- > ASSIGNED", 1, 26),
        replace(
            entry("e8", None, None, f"{RECORD}_expired", "d", "CERTIFIED > EXPIRED", 2, 31),
            recorded_at=at(32),
        ),
    ],
    records=[
        _record("a", "disallowed", 4),
        _record("b", "assigned", 2, "lou", archived_at=at(23)),
        _record("b anew", "assigned", 1, "lou", assigned_at=at(26)),
        _record("d", "expired", 2),
    ],
    cycles=[
        {
            "id": "cycle",
            "learner_certification_id": "a",
            "opened_at": at(-50),
            "closed_at": at(5),
            "exam_passed_at": at(5),
            "fee_settled_at": None,
            "steps_open": 0,
            "steps_waiting": 0,
            "attempts_used": 1,
            "has_attempt_open": False,
            "is_exam_waiting": False,
        }
    ],
    steps=[{"id": "step", "certification_cycle_id": "cycle", "status": "done", "done_at": at(2)}],
    attempts=[{"id": "attempt", "certification_cycle_id": "cycle", "status": "failed"}],
    certificates=[
        {
            "id": "paper",
            "learner_certification_id": "a",
            "issued_at": at(5),
            "ended_at": at(14),
            "expires_at": at(9999),
        }
    ],
    approvals=[
        {"id": "asked", "learner_certification_id": "a", "certification_cycle_id": "cycle", "decided_at": at(2)}
    ],
    sources=[{"id": "source", "learner_certification_id": "b", "created_at": at(-60), "ended_at": at(23)}],
)


def call(question: str, place: int = 0, **changes: Any) -> Forge:
    """Forges a call of a question."""

    def forged(storm: Storm) -> Storm:
        meant = [each for each in storm.calls if each.question == question][place]
        return replace(storm, calls=[replace(each, **changes) if each is meant else each for each in storm.calls])

    return forged


def row(question: str, place: int = 0, **changes: Any) -> Forge:
    """Forges the one row of a call's answer."""

    def forged(storm: Storm) -> Storm:
        meant = [each for each in storm.calls if each.question == question][place]
        return call(question, place, rows=[replace(meant.rows[0], **changes)])(storm)

    return forged


def told(id_: str, **changes: Any) -> Forge:
    """Forges an entry of the history."""
    return lambda storm: replace(
        storm, history=[replace(each, **changes) if each.id == id_ else each for each in storm.history]
    )


def untold(id_: str) -> Forge:
    """Takes an entry out of the history."""
    return lambda storm: replace(storm, history=[each for each in storm.history if each.id != id_])


def stored(table: str, id_: str, **changes: Any) -> Forge:
    """Forges a row of a table."""
    return lambda storm: replace(
        storm, **{table: [{**each, **changes} if each["id"] == id_ else each for each in getattr(storm, table)]}
    )


def also(**added: Any) -> Forge:
    """Adds a call, an entry of the history, or a row of a table."""
    return lambda storm: replace(storm, **{name: [*getattr(storm, name), one] for name, one in added.items()})
