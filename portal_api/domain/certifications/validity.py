"""How long a certificate holds: anniversaries, grace and the window before them, in local days."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from portal_api.domain.calendar import DAY, day_after, day_of, months_later, start_of

HORIZONS = (30, 60, 90)
"""Within how many days reports count what expires."""


def horizon(now: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The latest expiry that lies within so many local days: what expires by it could be recertified with such a window."""
    return start_of(day_of(now, zone) + days * DAY, zone)


@dataclass(frozen=True, slots=True)
class Expiry:
    """The instants that a certificate's expiry is made of, reckoned once and kept."""

    expires_at: datetime
    lapses_at: datetime
    window_opens_at: datetime


@dataclass(frozen=True, slots=True)
class Validity:
    """What a version says about the certificates under it (readings)."""

    months: int | None
    """None: it never expires."""
    grace_days: int = 0
    window_days: int = 0

    def expiry(self, certified_at: datetime, zone: ZoneInfo) -> Expiry | None:
        """When a certificate of that instant expires: with the day of the anniversary, the month's last where it has none."""
        if self.months is None:
            return None
        last_day = day_of(months_later(certified_at, self.months, zone), zone)
        return Expiry(
            expires_at=day_after(last_day, zone),
            lapses_at=start_of(last_day + (1 + self.grace_days) * DAY, zone),
            window_opens_at=start_of(last_day + (1 - self.window_days) * DAY, zone),
        )
