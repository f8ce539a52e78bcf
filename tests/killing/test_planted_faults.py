"""Faults planted in the server, which kills bring to light: the checker says so, and by the right words."""

import re
from pathlib import Path

import pytest

from portal_api.auth import Tokens
from portal_api.database import Database
from tests.conftest import ENGINES
from tests.killing.planted import FAULTS
from tests.killing.test_killing import killing_of

KILLS = 40
"""So many at the most: each fault is seen after a few."""
SAYS = {
    "acknowledge before the commit": "was acknowledged, and is lost",
    "leave messages after the commit": "is torn: missing {'message': .*, too much {}",
    "leave messages before the commit": "was left by no finalisation",
    "tell of units after the commit": "is torn: missing {'entry': .*, too much {}",
    "commit enrolments before their units": "is torn: missing {'unit': .*, too much {}|was to leave nothing, and has left {'enrolment'",
    "forget keys": "is torn: missing {'key': 1}, too much {}",
    "count messages as delivered before they are": "a task is missing",
}

UNSEEN = {("sqlite", "leave messages before the commit")}
"""SQLite has one transaction that writes at a time: nobody else leaves a message meanwhile."""
SHOWN = [(engine, fault) for engine in ENGINES for fault in FAULTS if (engine, fault) not in UNSEEN]


@pytest.mark.soak
@pytest.mark.parametrize(("engine", "fault"), SHOWN, indirect=["engine"])
async def test_a_planted_fault_is_brought_to_light(
    own_database: Database, tokens: Tokens, tmp_path: Path, fault: str
) -> None:
    """It may be something else first that the fault leads to, such as an answer without a code."""

    def told() -> list[str]:
        return [each for each in killing.faults if re.search(SAYS[fault], each)]

    async with killing_of(own_database, tokens, 1, tmp_path, fault) as killing:
        while not told() and killing.figures["kills"] < KILLS:
            await killing.round()
            if killing.figures["kills"] % 10 == 0 and not killing.faults:
                await killing.finish(lets_go=True)
    assert told(), killing.faults[:3]
    print(f"\n{fault}: {killing.figures['kills']} kills, {told()[0]:.160}")  # noqa: T201  how soon
