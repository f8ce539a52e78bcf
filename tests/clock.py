"""A clock that stands still until a test moves it, and identifiers that are the same in every run."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from portal_api.ids import seeded_ids

START = datetime(2026, 3, 2, 9, 30, 15, 250_001, tzinfo=UTC)
"""Where the clock stands when a test begins; its fraction of a second shows whoever cuts it."""


class ManualClock:
    """Tells the instant that it was set to; give it where the portal wants a `Clock`."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> datetime:
        """Moves on, and tells the new instant."""
        self.now += by
        return self.now


class RepeatableIds:
    """Makes identifiers from a seed; give it where the portal wants an `IdMaker`."""

    def __init__(self, seed: str = "") -> None:
        self.reseed(seed)

    def reseed(self, seed: str) -> None:
        """Begins anew; each test begins from its own name, so that no two make the same."""
        self._make = seeded_ids(int.from_bytes(seed.encode()))

    def __call__(self, at: datetime) -> UUID:
        return self._make(at)
