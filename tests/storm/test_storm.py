"""Many administrators at once on the same learners' certifications: logs, history and final states agree."""

import os
from collections import Counter

import pytest

from portal_api.auth import Tokens
from portal_api.database import Database
from tests import invariants
from tests.api.test_races import SEED
from tests.clock import RepeatableIds
from tests.storm.administrators import ASSIGN, JOIN, LEAVE, ON_RECORDS
from tests.storm.checker import faults
from tests.storm.log import Storm
from tests.storm.scene import Scene, Size, scene

QUESTIONS = "PORTAL_TEST_STORM_QUESTIONS"
"""The storm with another number of actions."""
SMALL = Size(administrators=8, records=20, questions=200, patience=30)
MANY = 10_000
PATIENCE = 15
"""Fifty stand in line for one writer, and who waits for a connection may be overtaken: that takes its seconds."""
KINDS = {*ON_RECORDS.values(), ASSIGN, JOIN, LEAVE}


async def _check(storm: Scene) -> Storm:
    told = await storm.told()
    found = faults(told)
    assert not found, "\n".join(f"{clause}: {len(each)}, the first: {each[0]}" for clause, each in found.items())
    await invariants.check(storm.organisation.database, storm.organisation.id)
    waited_too_long = ("55P03", "database is locked")
    unforeseen = [each for each in storm.database_errors if not each.startswith(waited_too_long)]
    assert not unforeseen, "a deadlock, or a constraint that stood in the way, even though it was dealt with"
    return told


def _changed(told: Storm) -> Counter[str]:
    """The rows that were changed, by kind of action."""
    calls = {call.question: call for call in told.calls if not call.is_preview}
    return Counter(call.action for call in calls.values() for row in call.rows if row.outcome == "CHANGED")


def _by_groups(told: Storm) -> Counter[str]:
    """What became of records because a learner came into a group or left it."""
    return Counter(each.action for each in told.history if each.cause and each.kind == "learner_certification")


def _figures(storm: Scene, told: Storm) -> str:
    rows = Counter((call.action, row.outcome) for call in told.calls for row in call.rows)
    refused = Counter(code for call in told.calls for row in call.rows for code in row.codes)
    come_again = Counter(code for call in told.calls for code in call.refusals)
    questions = len({call.question for call in told.calls})
    lines = [
        f"{questions} actions in {len(told.calls)} calls by {len(storm.desks)} administrators on {storm.size.records} records"
        f" in {storm.seconds:.0f} s, {len(told.history)} history entries",
        *(
            f"  {kind:24} " + ", ".join(f"{rows[kind, name]} {name}" for name in ("CHANGED", "UNCHANGED", "REFUSED"))
            for kind in sorted(KINDS)
        ),
        f"  refused rows: {dict(refused)}",
        f"  previews {sum(call.is_preview for call in told.calls)}, sent again {len(told.calls) - questions}, "
        f"told to come again {dict(come_again)}, the ticker {dict(storm.ticks)}",
        f"  what groups did {dict(_by_groups(told))}",
        f"  the clock's own entries {dict(Counter(each.action for each in told.history if each.user is None))}",
        f"  records in the end {dict(Counter(row['status'].name for row in told.records if not row['archived_at']))}"
        f" and {sum(row['archived_at'] is not None for row in told.records)} archived",
        f"  database errors {dict(storm.database_errors)}",
    ]
    return "\n".join(lines)


async def test_what_eight_administrators_are_answered_is_what_the_history_says(
    own_database: Database, tokens: Tokens, new_id: RepeatableIds
) -> None:
    async with scene(own_database, tokens, new_id, seed=1, size=SMALL) as storm:
        await storm.rage()
        told = await _check(storm)

    assert len(_changed(told)) > len(KINDS) / 2
    refused = {code for call in told.calls for row in call.rows for code in row.codes}
    assert "STATUS_NOT_ALLOWED" in refused, "nobody came second: this proves nothing"


@pytest.mark.soak
async def test_what_fifty_administrators_are_answered_is_what_the_history_says(
    own_database: Database, tokens: Tokens, new_id: RepeatableIds
) -> None:
    seed = int(os.environ.get(SEED, int.from_bytes(os.urandom(4))))
    engine = own_database.engine.dialect.name
    processes = {"sqlite": 1, "postgresql": 2}[engine]  # as `serve` starts it: SQLite has one writer in any case
    size = Size(50, 200, int(os.environ.get(QUESTIONS, MANY)), processes, PATIENCE)
    print(f"\n{SEED}={seed}: a storm of {size.questions} actions on {engine}")  # noqa: T201  so that the run can be repeated

    async with scene(own_database, tokens, new_id, seed, size) as storm:
        await storm.rage()
        told = await storm.told()
        print(_figures(storm, told))  # noqa: T201  the figures of the proof
        await _check(storm)

    assert set(_changed(told)) == KINDS
    assert _by_groups(told)
    come_again = sum(bool(call.refusals) for call in told.calls)
    assert come_again <= len(told.calls) / 100, "too many were told to come again"
