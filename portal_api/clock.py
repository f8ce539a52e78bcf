"""The only place that knows what time it is; everybody else is told."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present instant, with its offset."""


def system_clock() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)
