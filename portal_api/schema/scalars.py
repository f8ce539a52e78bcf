"""Instants and days as clients write them."""

from datetime import UTC, date, datetime
from typing import Any

import strawberry
from strawberry.types.scalar import ScalarDefinition

from portal_api.models.base import instant_text


def _instant(value: Any) -> datetime:
    instant = datetime.fromisoformat(value) if isinstance(value, str) else None
    if instant is None or instant.tzinfo is None:
        raise ValueError("An instant is a text with an offset, such as 2026-02-01T09:00:00Z.")
    return instant.astimezone(UTC)  # raises where its year in UTC is none that can be stored


def _day(value: Any) -> date:
    if not isinstance(value, str) or len(value) != len("2026-02-01"):
        raise ValueError("A day is a text such as 2026-02-01.")
    return date.fromisoformat(value)


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
SCALARS: dict[object, ScalarDefinition] = {datetime: INSTANT, date: DAY}
