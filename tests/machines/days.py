"""Days and months as the rule book means them, written anew: the model must not lean on what it proves."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """The day on an organisation's calendar."""
    return instant.astimezone(zone).date()


def day_begins(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a day."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def next_day(instant: datetime, zone: ZoneInfo) -> datetime:
    """The first instant of the day after."""
    return day_begins(local_day(instant, zone) + timedelta(days=1), zone)


def plus_days(instant: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The same time on the clock, some days later."""
    return _same_time(instant, local_day(instant, zone) + timedelta(days=days), zone)


def plus_months(instant: datetime, months: int, zone: ZoneInfo) -> datetime:
    """The same time on the same day of a later month, or on its last day where it has no such day."""
    day = local_day(instant, zone)
    counted = day.year * 12 + (day.month - 1) + months
    year, month = counted // 12, counted % 12 + 1
    return _same_time(instant, date(year, month, min(day.day, monthrange(year, month)[1])), zone)


def _same_time(instant: datetime, day: date, zone: ZoneInfo) -> datetime:
    at = instant.astimezone(zone)
    moved = datetime(day.year, day.month, day.day, at.hour, at.minute, at.second, at.microsecond, tzinfo=zone)
    return moved.astimezone(UTC)
