"""Days as an organisation counts them: from its own midnight to the next."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Days:
    """The days around an instant, counted from its own day, which is 0, in one time zone."""

    today: date
    zone: ZoneInfo

    @classmethod
    def around(cls, now: datetime, time_zone: str) -> "Days":
        zone = ZoneInfo(time_zone)
        return cls(now.astimezone(zone).date(), zone)

    def at(self, day: int, hour: int = 0) -> datetime:
        """An hour of a day, as an instant."""
        local = datetime.combine(self.on(day), time(hour), tzinfo=self.zone)
        return local.astimezone(UTC)

    def on(self, day: int) -> date:
        """A day as a date."""
        return self.today + timedelta(days=day)

    def year_after(self, day: int) -> int:
        """The day twelve months later; the last of February after the 29th."""
        start = self.on(day)
        is_leap_day = (start.month, start.day) == (2, 29)
        later = start.replace(year=start.year + 1, day=28 if is_leap_day else start.day)
        return (later - self.today).days
