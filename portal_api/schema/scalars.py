"""Instants, days and outcomes as clients write them."""

from datetime import UTC, date, datetime
from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from portal_api.domain.courses.outcomes import Outcome
from portal_api.models.base import instant_text

OutcomeCode = NewType("OutcomeCode", str)
"""An outcome in the schema: its codes begin with digits, as no value of a GraphQL enum can."""


def _instant(value: Any) -> datetime:
    instant = datetime.fromisoformat(value) if isinstance(value, str) else None
    if instant is None or instant.tzinfo is None:
        raise ValueError("An instant is a text with an offset, such as 2026-02-01T09:00:00Z.")
    return instant.astimezone(UTC)  # raises where its year in UTC is none that can be stored


def _day(value: Any) -> date:
    if not isinstance(value, str) or len(value) != len("2026-02-01"):
        raise ValueError("A day is a text such as 2026-02-01.")
    return date.fromisoformat(value)


def _outcome(value: Any) -> Outcome:
    if not isinstance(value, str) or value not in set(Outcome):
        raise ValueError(f"An outcome is one of the texts {', '.join(Outcome)}.")
    return Outcome(value)


INSTANT = strawberry.scalar(
    name="DateTime",
    description="An instant: `2026-02-01T09:00:00.000000Z`. Taken with any offset, given in UTC to the microsecond.",
    serialize=instant_text,
    parse_value=_instant,
)
DAY = strawberry.scalar(
    name="Date",
    description="A day in the organisation's time zone: `2026-02-01`.",
    serialize=date.isoformat,
    parse_value=_day,
)
OUTCOME_CODE = strawberry.scalar(
    name="OutcomeCode",
    description="The outcome of a unit, as it is reported: "
    + ", ".join(f"`{each}` {each.name.replace('_', ' ').lower()}" for each in Outcome)
    + ". The first is ours and never leaves in a file for the government.",
    serialize=str,
    parse_value=_outcome,
)
SCALARS: dict[object, ScalarDefinition] = {datetime: INSTANT, date: DAY, OutcomeCode: OUTCOME_CODE}
