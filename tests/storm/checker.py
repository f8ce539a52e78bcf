"""Whether the logs, the history and the end of a storm agree: each clause finds what breaks it, and so nothing."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import combinations, pairwise
from typing import Any

from tests.storm.grid import ALLOWED, MOVES
from tests.storm.log import Call, Row, Storm
from tests.storm.told import NEVER, Told

COME_AGAIN = {"BUSY", "IDEMPOTENCY_IN_PROGRESS"}
"""Refusals of a whole call after which it is sent again, with the same key."""
OF_FACTS = {"ALREADY_PAID", "ALREADY_WAIVED", "CALL_REJECTED", "EXAM_STARTED", "NOTHING_TO_OVERRIDE"} | {
    *("NOT_MANUAL_SOURCE", "PAYMENT_NOT_REQUIRED")
}
"""Refusals for what statuses and versions do not tell."""


def nothing_fails(told: Told) -> Iterator[str]:
    """No call fails; one that is refused as a whole is sent again until it is not."""
    for calls in told.questions.values():
        for call in calls:
            yield from (f"{call.action} failed: {failure}" for failure in call.failures)
            yield from (f"{call.action} refused: {code}" for code in call.refusals if code not in COME_AGAIN)
        if all(call.refusals for call in calls):
            yield f"{calls[0].action} was never answered"


def a_change_is_told_once(told: Told) -> Iterator[str]:
    """Whoever was answered CHANGED made exactly the one entry with that version and status, and nobody else did."""
    for (record, version), questions in told.claims.items():
        if len(questions) > 1:
            yield f"{record} was brought to version {version} by {len(questions)} questions"
        for calls in map(told.questions.__getitem__, questions):
            requests = {call.request for call in calls}
            own = [each for each in told.of.get(record, ()) if each.version == version and each.user]
            if [(each.user, each.request in requests) for each in own] != [(calls[0].user, True)]:
                yield f"{calls[0].action} says it brought {record} to version {version}, the history has {own}"
                continue
            [entry] = own
            shown = {
                row.status for call in calls for row in call.rows if (row.record, row.version) == (record, version)
            }
            if not shown <= {entry.after, None}:
                yield f"version {version} of {record} was answered as {shown}, and told as {entry.after}"
            if not any(call.asked_at <= entry.recorded_at <= call.answered_at for call in calls):
                yield f"version {version} of {record} was told at another time than asked for"


def an_entry_is_claimed_once(told: Told) -> Iterator[str]:
    """Each entry of a user is claimed by a question, or caused by an entry of the same request that is."""
    for entry in told.storm.history:
        root = entry
        while root.cause and root.cause in told.entries and told.entries[root.cause].request == root.request:
            root = told.entries[root.cause]
        if entry.user and len(told.claims.get((root.record, root.version), ())) != 1:
            yield f"nobody says they did {entry.action}, version {entry.version} of {entry.record}"


def a_question_is_answered_alike(told: Told) -> Iterator[str]:
    """What is sent again has the first answer, and only one of the calls left anything."""
    for calls in told.questions.values():
        answered = [[(row.given, row.outcome, row.codes) for row in call.rows] for call in calls if not call.refusals]
        if any(each != answered[0] for each in answered):
            yield f"{calls[0].action} was answered differently when it was sent again: {answered}"
        if sum(call.request in told.requests for call in calls) > 1:
            yield f"{calls[0].action} was done again when it was sent again"


def a_refusal_leaves_nothing(told: Told) -> Iterator[str]:
    """Rows that were refused or unchanged, previews and refused calls have no entry."""
    for call in told.storm.calls:
        left = told.requests.get(call.request, ())
        if left and (call.is_preview or call.refusals or call.failures):
            yield f"{call.action} was not to change anything, and left {[entry.action for entry in left]}"
        changed = {row.record for row in call.rows if row.outcome == "CHANGED"}
        for row in call.rows:
            if row.outcome != "CHANGED" and row.record not in changed and row.record in {e.record for e in left}:
                yield f"{call.action} answered {row.outcome} for {row.record}, and left an entry"


def versions_have_no_gaps(told: Told) -> Iterator[str]:
    """The versions of a record go up by one; only the clock makes several moves in one."""
    for record, entries in told.of.items():
        for before, after in pairwise(entries):
            is_one_look_of_the_clock = before.user is None and after.user is None and before.version == after.version
            if after.version != before.version + 1 and not is_one_look_of_the_clock:
                yield f"{record} goes from version {before.version} to {after.version}"
            if after.recorded_at < before.recorded_at:
                yield f"version {after.version} of {record} was recorded before version {before.version}"


def an_entry_begins_where_the_last_ended(told: Told) -> Iterator[str]:
    for record, entries in told.of.items():
        for before, after in pairwise(entries):
            if after.before != before.after:
                yield f"version {after.version} of {record} begins at {after.before}, after {before.after}"


def the_grid_allows_each_move(told: Told) -> Iterator[str]:
    for entry in told.storm.history:
        by_group = bool(entry.cause)
        if entry.kind == "learner_certification" and not MOVES.allows(
            entry.action, entry.before, entry.after, by_group
        ):
            yield f"{entry.action} led {entry.record} from {entry.before} to {entry.after}"


def a_refusal_is_justified(told: Told) -> Iterator[str]:
    """Something between the question and the answer stood against the row."""
    for question, call, row in _refused(told):
        for code in row.codes:
            if code not in OF_FACTS and not (code in REASONS and REASONS[code](told, question, row)):
                yield f"{call.action} of {row.given} was refused with {code}, and nothing stood against it"


def _refused(told: Told) -> Iterator[tuple[Call, Call, Row]]:
    """Each refused row with the call that decided it: what is sent again tells what was decided first."""
    for calls in told.questions.values():
        span = min(call.asked_at for call in calls), max(call.answered_at for call in calls)
        for call in calls:
            whole = replace(call, asked_at=span[0], answered_at=span[1])
            yield from ((whole, call, row) for row in call.rows if row.outcome == "REFUSED")


def _is_closed(told: Told, call: Call, row: Row) -> bool:
    return any(
        not ALLOWED.get((call.action, status), True) for status in told.statuses(row.record or "", call) if status
    )


def _has_changed(told: Told, call: Call, row: Row) -> bool:
    return row.given in call.expected and told.versions(told.insisted_on(row), call) != {call.expected[row.given]}


def _is_barred(told: Told, call: Call, row: Row) -> bool:
    place = row.given, call.certification
    own = [id_ for id_, each in told.records.items() if (each["learner_id"], each["certification_id"]) == place]
    return any("DISALLOWED" in told.statuses(id_, call) for id_ in own)


def _is_archived(told: Told, call: Call, row: Row) -> bool:
    return (told.records[row.record or ""]["archived_at"] or NEVER) <= call.answered_at


REASONS: Mapping[str, Callable[[Told, Call, Row], bool]] = {
    "STATUS_NOT_ALLOWED": _is_closed,
    "CHANGED_MEANWHILE": _has_changed,
    "LEARNER_BARRED": _is_barred,
    "RECORD_ARCHIVED": _is_archived,
}


def an_expected_version_is_the_one_changed(told: Told) -> Iterator[str]:
    """Whoever insisted on a version changed that one: nobody else came in between."""
    for call in told.storm.calls:
        requests = {each.request for each in told.questions[call.question]}
        for row in call.rows:
            if row.outcome != "CHANGED" or row.given not in call.expected or call.is_preview:
                continue
            expected, subject = call.expected[row.given], told.insisted_on(row)
            later = [each for each in told.of[subject] if each.version > expected]
            is_next = bool(later) and later[0].request in requests
            if not (is_next if subject == row.record else expected in told.versions(subject, call, unlocked=True)):
                yield f"{call.action} changed another version of {subject} than {expected}"


def an_answer_shows_what_was(told: Told) -> Iterator[str]:
    """The version that an answer shows is one that the record had by then; what is sent again is read without locks."""
    for call in told.storm.calls:
        is_sent_again = len(told.questions[call.question]) > 1
        for row in call.rows:
            is_shown = row.record in told.of and row.version is not None and not call.is_preview
            if is_shown and row.version not in told.versions(row.record or "", call, unlocked=is_sent_again):
                yield f"{call.action} showed version {row.version} of {row.record}, which it had not then"


def the_end_is_the_last_entry(told: Told) -> Iterator[str]:
    for id_, row in told.last.items():
        if told.of[id_] and (last := told.of[id_][-1]):
            if (last.after, last.version) != (row["status"].upper(), row["version"]):
                yield f"{id_} is {row['status']} at version {row['version']}, the last entry is {last}"
            if (last.action == "learner_certification_archived") != (row.get("archived_at") is not None):
                yield f"{id_} was archived at {row.get('archived_at')}, the last entry is {last.action}"


def one_at_a_time(told: Told) -> Iterator[str]:
    """No record has two cycles open or two certificates in force, and no learner two records kept, at any moment since."""
    storm = told.storm
    for what, rows, key, since, until in (
        ("open cycles", storm.cycles, ("learner_certification_id",), "opened_at", ("closed_at",)),
        ("certificates", storm.certificates, ("learner_certification_id",), "issued_at", ("ended_at", "expires_at")),
        ("records", storm.records, ("learner_id", "certification_id"), "assigned_at", ("archived_at",)),
    ):
        of: dict[tuple[Any, ...], list[tuple[datetime, datetime]]] = {}
        for row in rows:
            span = max(row[since], storm.began_at), min(row[name] or NEVER for name in until)
            of.setdefault(tuple(row[name] for name in key), []).append(span)
        for owner, spans in of.items():
            if any(one[0] < other[1] and other[0] < one[1] for one, other in combinations(spans, 2)):
                yield f"two {what} at once: {owner}"


def no_certificate_without_access(told: Told) -> Iterator[str]:
    """A certificate is never in force while its record is revoked or barred."""
    for row in told.storm.certificates:
        ends = min(row["ended_at"] or NEVER, row["expires_at"] or NEVER)
        for since, until, status in told.spans(row["learner_certification_id"]):
            if status in ("REVOKED", "DISALLOWED") and row["issued_at"] < until and since < ends:
                yield f"a certificate is in force though {row['learner_certification_id']} is {status}"


def counters_are_right(told: Told) -> Iterator[str]:
    """A cycle counts its steps and attempts as their rows are."""
    storm = told.storm
    steps = Counter((row["certification_cycle_id"], row["status"]) for row in storm.steps)
    attempts = Counter((row["certification_cycle_id"], row["status"]) for row in storm.attempts)
    for row in storm.cycles:
        id_, is_open = row["id"], row["closed_at"] is None
        counted = {
            "steps_open": steps[id_, "open"] + steps[id_, "awaiting_approval"],
            "steps_waiting": steps[id_, "awaiting_approval"],
            "attempts_used": sum(number for (cycle, _), number in attempts.items() if cycle == id_),
            "has_attempt_open": is_open and attempts[id_, "started"] > 0,
            "is_exam_waiting": is_open and attempts[id_, "awaiting_approval"] > 0,
        }
        if wrong := [name for name, value in counted.items() if row[name] != value]:
            yield f"cycle {id_} counts {', '.join(wrong)} wrongly"


def nothing_is_left_of_what_is_archived(told: Told) -> Iterator[str]:
    gone = {id_ for id_, record in told.records.items() if record["archived_at"]}
    for what, rows, until in (("cycle", told.storm.cycles, "closed_at"), ("source", told.storm.sources, "ended_at")):
        for row in rows:
            if row["learner_certification_id"] in gone and row[until] is None:
                yield f"{row['learner_certification_id']} is archived, and a {what} stands"


def every_trace_is_told(told: Told) -> Iterator[str]:
    """Whatever was written of a record during the storm bears the instant of one of its entries."""
    storm, owner = told.storm, {row["id"]: row["learner_certification_id"] for row in told.storm.cycles}
    for rows, names in (
        (storm.cycles, ("opened_at", "closed_at", "exam_passed_at", "fee_settled_at")),
        (storm.certificates, ("issued_at", "ended_at")),
        (storm.sources, ("created_at", "ended_at")),
        (storm.approvals, ("decided_at",)),
        (storm.steps, ("done_at",)),
    ):
        for row in rows:
            record = row.get("learner_certification_id") or owner[row["certification_cycle_id"]]
            instants = {entry.occurred_at for entry in told.of[record]}
            for name in names:
                if row[name] and row[name] >= storm.began_at and row[name] not in instants:
                    yield f"{name} of {row['id']} is an instant at which nothing is told of {record}"


CLAUSES: tuple[Callable[[Told], Iterator[str]], ...] = (
    nothing_fails,
    a_change_is_told_once,
    an_entry_is_claimed_once,
    a_question_is_answered_alike,
    a_refusal_leaves_nothing,
    versions_have_no_gaps,
    an_entry_begins_where_the_last_ended,
    the_grid_allows_each_move,
    a_refusal_is_justified,
    an_expected_version_is_the_one_changed,
    an_answer_shows_what_was,
    the_end_is_the_last_entry,
    one_at_a_time,
    no_certificate_without_access,
    counters_are_right,
    nothing_is_left_of_what_is_archived,
    every_trace_is_told,
)


def faults(storm: Storm) -> dict[str, list[str]]:
    """What breaks each clause, by its name; nothing where all agree."""
    told = Told(storm)
    return {clause.__name__: found for clause in CLAUSES if (found := list(clause(told)))}
