"""The portal answers generated queries as the oracle does, byte for byte, on both engines and for every role."""

import os

import pytest

from portal_api.database import Database
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import Organisation
from tests.oracle.comparison import Comparison, Report

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
QUERIES, MANY_QUERIES = 200, 2_000


async def test_the_portal_answers_as_the_oracle_does(
    database: Database, organisation: Organisation, clock: ManualClock, sign_in: SignIn, executing: SignIn
) -> None:
    comparison = await Comparison.of(database, organisation, clock, sign_in, seed=1)
    comparison.others = (executing,)

    report = await comparison.run(QUERIES)

    report.check()


@pytest.mark.soak
async def test_the_portal_answers_as_the_oracle_does_for_long(
    database: Database, organisation: Organisation, clock: ManualClock, sign_in: SignIn, executing: SignIn
) -> None:
    seed = int(os.environ.get(SEED, int.from_bytes(os.urandom(4))))
    print(f"\n{SEED}={seed}")  # noqa: T201  so that the run can be repeated
    comparison = await Comparison.of(database, organisation, clock, sign_in, seed)
    comparison.others = (executing,)

    report = await comparison.run(int(os.environ.get(NUMBER, MANY_QUERIES)))

    print(report)  # noqa: T201  the figures of the proof
    report.check()
    assert set(report.codes) <= CODES
    assert set(report.codes) >= CODES - SELDOM or report.compared < MANY_QUERIES


def test_a_run_on_empty_lists_proves_nothing() -> None:
    Report("sqlite", seed=1, compared=100, valid=90, with_rows=63).check()

    with pytest.raises(AssertionError, match="69% of them with rows"):
        Report("sqlite", seed=1, compared=100, valid=90, with_rows=62).check()


def test_a_run_in_which_nothing_was_refused_proves_too_little() -> None:
    with pytest.raises(AssertionError, match="0 refused"):
        Report("sqlite", seed=1, compared=100, valid=100, with_rows=100).check()
