"""Days are counted in the organisation's zone, through changes of the clocks and leap years."""

from datetime import UTC, date, datetime

import pytest

from portal_api.importers.days import Days

LATE_IN_LONDON = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)


def test_today_is_the_organisations_own_day() -> None:
    assert Days.around(LATE_IN_LONDON, "Europe/London").today == date(2026, 3, 28)
    assert Days.around(LATE_IN_LONDON, "Australia/Sydney").today == date(2026, 3, 29)


def test_midnight_is_local_on_both_sides_of_a_change_of_clocks() -> None:
    days = Days.around(LATE_IN_LONDON, "Europe/London")

    assert days.at(0) == datetime(2026, 3, 28, tzinfo=UTC)
    assert days.at(2) == datetime(2026, 3, 29, 23, tzinfo=UTC)
    assert days.at(2, 9) == datetime(2026, 3, 30, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("today", "later"),
    [
        (datetime(2026, 3, 28, tzinfo=UTC), date(2027, 3, 28)),
        (datetime(2028, 2, 29, tzinfo=UTC), date(2029, 2, 28)),
        (datetime(2027, 12, 31, tzinfo=UTC), date(2028, 12, 31)),
    ],
)
def test_a_year_is_twelve_months(today: datetime, later: date) -> None:
    days = Days.around(today, "UTC")

    assert days.on(days.year_after(0)) == later
