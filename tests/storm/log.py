"""What a storm leaves to be checked: what each administrator asked and was answered, the history, and the end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Row:
    """One row of an answer, and the record that it is about as the answer showed it."""

    given: str
    """What the row was named by: a record, an assignment source, or a learner."""
    record: str | None
    outcome: str
    codes: tuple[str, ...] = ()
    version: int | None = None
    status: str | None = None


@dataclass(frozen=True)
class Call:
    """One request: what an administrator asked, when, and the answer. Whatever is sent again is another call."""

    user: str
    question: str
    """The same for all calls that send the same thing again."""
    request: str
    action: str
    asked_at: datetime
    answered_at: datetime
    rows: Sequence[Row] = ()
    certification: str | None = None
    """The one in which somebody is to be assigned."""
    expected: Mapping[str, int] = field(default_factory=dict[str, int])
    is_preview: bool = False
    refusals: Sequence[str] = ()
    """Why the call as a whole was refused."""
    failures: Sequence[str] = ()
    """What went wrong with it: nothing ever should."""


@dataclass(frozen=True)
class Entry:
    """An entry of the history."""

    id: str
    request: str | None
    user: str | None
    """None where the clock acted."""
    action: str
    kind: str
    record: str
    before: str | None
    after: str
    version: int
    occurred_at: datetime
    recorded_at: datetime
    cause: str | None = None


Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Storm:
    """All that is known when it is over. The rows are those of the tables; keys are 32 hexadecimal characters."""

    began_at: datetime
    calls: Sequence[Call]
    history: Sequence[Entry]
    records: Rows
    learners: Rows = ()
    cycles: Rows = ()
    steps: Rows = ()
    attempts: Rows = ()
    certificates: Rows = ()
    approvals: Rows = ()
    sources: Rows = ()
