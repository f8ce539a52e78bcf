"""Days and months as an organisation counts them: in its own time zone, from instant to day and back."""

import calendar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


def day_of(instant: datetime, zone: ZoneInfo) -> date:
    """The day on which an instant falls."""
    return instant.astimezone(zone).date()


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a day; where a clock change skips midnight, the first that there is."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def day_after(day: date, zone: ZoneInfo) -> datetime:
    """The first instant after a day: what lasts up to and including that day has ended then."""
    return start_of(day + DAY, zone)


def days_later(instant: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The same time of day some days later, whatever the clocks do between."""
    return _at_local(instant, day_of(instant, zone) + days * DAY, zone)


def months_later(instant: datetime, months: int, zone: ZoneInfo) -> datetime:
    """The same day and time some months later; the month's last day where it has no such day."""
    day = day_of(instant, zone)
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    month += 1
    return _at_local(instant, date(year, month, min(day.day, calendar.monthrange(year, month)[1])), zone)


def _at_local(instant: datetime, day: date, zone: ZoneInfo) -> datetime:
    local = instant.astimezone(zone)
    if day == local.date():
        return instant.astimezone(UTC)
    # Which of two equal hours it was says nothing on another day; kept, a skipped time would be read backwards.
    return datetime.combine(day, local.time().replace(fold=0), zone).astimezone(UTC)


def month_of(instant: datetime, zone: ZoneInfo) -> date:
    """The first day of the month in which an instant falls."""
    return day_of(instant, zone).replace(day=1)


def month_after(month: date) -> date:
    """The first day of the month after the one that begins on `month`."""
    return (month + 31 * DAY).replace(day=1)


def month_bounds(month: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first instant of a month and the first after it."""
    return start_of(month, zone), start_of(month_after(month), zone)
