"""What a call did, row by row."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from portal_api.domain.refusals import Reason


class Outcome(StrEnum):
    """What happened to one row of a call."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class ErrorPolicy(StrEnum):
    """What a refusal of one row means for the others."""

    REJECT_FAILED_ROWS = "reject_failed_rows"
    REJECT_EVERYTHING = "reject_everything"


@dataclass(frozen=True, slots=True)
class RowResult:
    """The answer for one row: `index` is its place in the input."""

    index: int
    given_id: UUID | None
    """The id that the input named; None where the row makes a record of its own."""
    record_id: UUID | None
    """The record that the row is about, or has made."""
    outcome: Outcome
    errors: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows were changed, left as they were, and refused."""

    changed: int
    unchanged: int
    refused: int


def count(results: Sequence[RowResult]) -> Counts:
    """Counts the rows of an answer by their outcome."""
    outcomes = [result.outcome for result in results]
    return Counts(outcomes.count(Outcome.CHANGED), outcomes.count(Outcome.UNCHANGED), outcomes.count(Outcome.REFUSED))
