"""The portal answers generated queries as the oracle does, byte for byte, on both engines and for every role."""

import faulthandler
import os
from time import monotonic

import pytest

from portal_api.database import Database
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import Organisation
from tests.oracle.comparison import ENOUGH, Comparison, Report
from tests.oracle.long_proof import Part, parts

SEED, NUMBER = "PORTAL_TEST_ORACLE_SEED", "PORTAL_TEST_ORACLE_QUERIES"
"""The long proof again with the seed that it printed, or with more queries."""
CODES = {
    "CURSOR_INVALID",
    "FORBIDDEN",
    "ID_INVALID",
    "INPUT_INVALID",
    "INVALID_DATES",
    "LIMIT_EXCEEDED",
    "PAGE_INVALID",
}
"""All that a read can be refused with, once its document is valid."""
SELDOM = {"INVALID_DATES"}
"""What a few reports alone refuse: not every run meets it."""
QUERIES, MANY_QUERIES = 200, 20_000


async def test_the_portal_answers_as_the_oracle_does(
    database: Database, organisation: Organisation, clock: ManualClock, sign_in: SignIn, executing: SignIn
) -> None:
    comparison = await Comparison.of(database, organisation, clock, sign_in, seed=1)
    comparison.others = {"executed": executing}

    report = await comparison.run(QUERIES)

    report.check()


@pytest.mark.soak
def test_generated_queries_and_all_documents_are_answered_as_the_oracle_does_on_both_engines_in_both_ways() -> None:
    seed, number = int(os.environ.get(SEED, int.from_bytes(os.urandom(3)))), int(os.environ.get(NUMBER, MANY_QUERIES))
    print(f"\n{SEED}={seed} {NUMBER}={number}")  # noqa: T201  so that the run can be repeated
    faulthandler.cancel_dump_traceback_later()  # it takes its time
    begun, found = monotonic(), Part()

    for part in parts(seed, number):
        print("\n".join([f"seed {part.seeds[0]}: {part}", *part.differences, ""]))  # noqa: T201  how far it is
        found.add(part)

    print(f"in {monotonic() - begun:.0f} s: {found}")  # noqa: T201  the figures of the proof
    assert not found.differences, "\n\n".join([str(found), *sorted(found.differences, key=len)])
    asked = found.generated
    assert asked["queries"] == number
    assert asked["valid with rows"] >= ENOUGH * asked["valid"]
    codes = {name.removeprefix("refused ") for name in asked if name.startswith("refused ")}
    assert codes <= CODES
    assert codes >= CODES - SELDOM or number < MANY_QUERIES


def test_a_run_on_empty_lists_proves_nothing() -> None:
    Report("sqlite", seed=1, compared=100, valid=90, with_rows=63).check()

    with pytest.raises(AssertionError, match="69% of them with rows"):
        Report("sqlite", seed=1, compared=100, valid=90, with_rows=62).check()


def test_a_run_in_which_nothing_was_refused_proves_too_little() -> None:
    with pytest.raises(AssertionError, match="0 refused"):
        Report("sqlite", seed=1, compared=100, valid=100, with_rows=100).check()
