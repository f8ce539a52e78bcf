"""When a certificate expires, counted on a calendar on the wall: nothing of the portal's own reckoning is used."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tests.machines.days import local_day

QUARTER = timedelta(minutes=15)
"""No clock was ever set to an hour that is not counted in these."""


class Expiry(NamedTuple):
    """The instants that follow from becoming certified."""

    expires_at: datetime
    lapses_at: datetime
    opens_at: datetime


@lru_cache(maxsize=10_000)
def first_instant(day: date, zone: ZoneInfo) -> datetime:
    """The first instant at which people have the day on their calendars, looked for quarter by quarter."""
    instant = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=16)
    while local_day(instant, zone) < day:
        instant += QUARTER
    return instant


def anniversary(day: date, months: int) -> date:
    """The same day of a later month, or its last day where it has no such day."""
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def expiry(certified_at: datetime, months: int, grace: int, window: int, zone: ZoneInfo) -> Expiry:
    """The certificate holds with the day of the anniversary; grace and window are whole days after and before."""
    expires_on = anniversary(local_day(certified_at, zone), months) + timedelta(days=1)
    days = (expires_on, expires_on + timedelta(days=grace), expires_on - timedelta(days=window))
    return Expiry(*(first_instant(day, zone) for day in days))
