"""Metering: who is counted for a calendar month, and what that means for the bill (S1 Active Learners and Metering)."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from portal_api.domain.calendar import month_after, month_bounds, month_of
from portal_api.domain.machine import Rule
from portal_api.domain.roles import Role


class MeteringAction(StrEnum):
    """What can be done with the usage of an organisation."""

    READ = "read"


READING_USAGE: Rule[Any, MeteringAction, Any] = Rule(
    action=MeteringAction.READ, label="Reading the usage", roles=(Role.OWNER, Role.ADMIN), cells={}
)
"""Who may read the usage; it has no status, and so no table."""


class Month(NamedTuple):
    """A calendar month of an organisation: its first day, its first instant, and the first one after it."""

    first_day: date
    starts_at: datetime
    ends_at: datetime

    @classmethod
    def of(cls, first_day: date, zone: ZoneInfo) -> "Month":
        """The month that begins on a day."""
        return cls(first_day, *month_bounds(first_day, zone))

    def is_running(self, now: datetime) -> bool:
        """Whether an instant lies in the month."""
        return self.starts_at <= now < self.ends_at


def billed_months(now: datetime, zone: ZoneInfo) -> tuple[Month, Month]:
    """The months that a change of today can still touch: the running one and the next."""
    running = month_of(now, zone)
    return Month.of(running, zone), Month.of(month_after(running), zone)


class Interval(NamedTuple):
    """When a learner was active: half-open; without an end while they still are."""

    active_from: datetime
    active_until: datetime | None


def is_counted(intervals: Iterable[Interval], month: Month) -> bool:
    """Whether a learner is counted: an interval overlaps the month, or one of no length lies in it (S1, metering).

    Several count once; one that ended with the first instant of the month does not reach into it.
    """
    return any(
        start < month.ends_at and (until is None or until > month.starts_at or start >= month.starts_at)
        for start, until in intervals
    )


EARLIEST, LATEST = date(1900, 1, 1), date(2999, 12, 1)
"""The months whose usage can be asked for."""


def is_month(day: date) -> bool:
    """Whether a day names a month that can be asked for: by its first day."""
    return day.day == 1 and EARLIEST <= day <= LATEST
