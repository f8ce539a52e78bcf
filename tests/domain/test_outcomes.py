"""Outcomes: the rows of a call, counted."""

from uuid import UUID

from portal_api.domain.outcomes import Counts, Outcome, RowResult, count


def test_rows_are_counted_by_their_outcome() -> None:
    outcomes = [Outcome.REFUSED, Outcome.CHANGED, Outcome.CHANGED, Outcome.UNCHANGED, Outcome.REFUSED, Outcome.CHANGED]
    rows = [RowResult(index, UUID(int=index), UUID(int=index), outcome) for index, outcome in enumerate(outcomes)]
    assert count(rows) == Counts(changed=3, unchanged=1, refused=2)


def test_no_rows_count_nothing() -> None:
    assert count([]) == Counts(0, 0, 0)
