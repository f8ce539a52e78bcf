"""Days and months in a time zone: nights on which the clocks change, leap days, and the ends of months."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal_api.domain.calendar import (
    day_after,
    day_of,
    days_later,
    month_after,
    month_bounds,
    month_of,
    months_later,
    start_of,
)

AUCKLAND, SAO_PAULO = ZoneInfo("Pacific/Auckland"), ZoneInfo("America/Sao_Paulo")
at = datetime.fromisoformat


@pytest.mark.parametrize(
    ("instant", "zone", "day"),
    [
        ("2026-03-02T10:59:59.999999+00:00", AUCKLAND, date(2026, 3, 2)),
        ("2026-03-02T11:00:00+00:00", AUCKLAND, date(2026, 3, 3)),
        ("2026-03-02T02:59:59.999999+00:00", SAO_PAULO, date(2026, 3, 1)),
        ("2026-03-02T03:00:00+00:00", SAO_PAULO, date(2026, 3, 2)),
        # An hour that comes twice is on one day both times.
        ("2026-04-05T02:30:00+13:00", AUCKLAND, date(2026, 4, 5)),
        ("2026-04-05T02:30:00+12:00", AUCKLAND, date(2026, 4, 5)),
        # The hour before midnight came twice on 17 February 2018 in São Paulo.
        ("2018-02-17T23:30:00-02:00", SAO_PAULO, date(2018, 2, 17)),
        ("2018-02-17T23:30:00-03:00", SAO_PAULO, date(2018, 2, 17)),
        ("2018-02-18T00:00:00-03:00", SAO_PAULO, date(2018, 2, 18)),
    ],
)
def test_the_day_on_which_an_instant_falls(instant: str, zone: ZoneInfo, day: date) -> None:
    assert day_of(at(instant), zone) == day


@pytest.mark.parametrize(
    ("day", "zone", "start"),
    [
        (date(2026, 3, 2), AUCKLAND, "2026-03-02T00:00:00+13:00"),
        (date(2026, 4, 5), AUCKLAND, "2026-04-05T00:00:00+13:00"),
        (date(2026, 4, 6), AUCKLAND, "2026-04-06T00:00:00+12:00"),
        (date(2026, 9, 27), AUCKLAND, "2026-09-27T00:00:00+12:00"),
        (date(2026, 9, 28), AUCKLAND, "2026-09-28T00:00:00+13:00"),
        # Midnight was skipped: the day began at one.
        (date(2018, 11, 4), SAO_PAULO, "2018-11-04T01:00:00-02:00"),
        (date(2018, 2, 18), SAO_PAULO, "2018-02-18T00:00:00-03:00"),
        (date(2024, 2, 29), ZoneInfo("UTC"), "2024-02-29T00:00:00+00:00"),
    ],
)
def test_the_first_instant_of_a_day(day: date, zone: ZoneInfo, start: str) -> None:
    assert start_of(day, zone) == at(start)
    assert start_of(day, zone).tzinfo is UTC
    assert day_of(start_of(day, zone), zone) == day
    assert day_of(start_of(day, zone) - timedelta(microseconds=1), zone) == day - timedelta(days=1)
    assert day_after(day - timedelta(days=1), zone) == at(start)


@pytest.mark.parametrize(
    ("instant", "days", "zone", "later"),
    [
        ("2026-03-02T09:15:30.123456+13:00", 7, AUCKLAND, "2026-03-09T09:15:30.123456+13:00"),
        # The same time of day, though 25 or 23 hours later.
        ("2026-04-04T09:00:00+13:00", 1, AUCKLAND, "2026-04-05T09:00:00+12:00"),
        ("2026-09-26T09:00:00+12:00", 1, AUCKLAND, "2026-09-27T09:00:00+13:00"),
        # A time that is skipped is read as the clocks were before; one that comes twice, the first time.
        ("2026-09-26T02:30:00+12:00", 1, AUCKLAND, "2026-09-27T03:30:00+13:00"),
        ("2026-04-04T02:30:00+13:00", 1, AUCKLAND, "2026-04-05T02:30:00+13:00"),
        # From the second of two equal hours: of a day that skips the hour, of an ordinary one, and of the same.
        ("2026-04-05T02:30:00+12:00", 175, AUCKLAND, "2026-09-27T03:30:00+13:00"),
        ("2026-04-05T02:30:00+12:00", 1, AUCKLAND, "2026-04-06T02:30:00+12:00"),
        ("2026-04-05T02:30:00+12:00", 0, AUCKLAND, "2026-04-05T02:30:00+12:00"),
        ("2018-11-03T00:00:00-03:00", 1, SAO_PAULO, "2018-11-04T01:00:00-02:00"),
        ("2018-11-03T00:30:00-03:00", 1, SAO_PAULO, "2018-11-04T01:30:00-02:00"),
        ("2024-02-28T12:00:00+00:00", 1, ZoneInfo("UTC"), "2024-02-29T12:00:00+00:00"),
        ("2025-02-28T12:00:00+00:00", 1, ZoneInfo("UTC"), "2025-03-01T12:00:00+00:00"),
        ("2026-03-02T11:30:00+00:00", 0, AUCKLAND, "2026-03-02T11:30:00+00:00"),
    ],
)
def test_days_later_at_the_same_time_of_day(instant: str, days: int, zone: ZoneInfo, later: str) -> None:
    assert days_later(at(instant), days, zone) == at(later)


@pytest.mark.parametrize(
    ("instant", "months", "zone", "later"),
    [
        ("2026-03-02T09:00:00+13:00", 12, AUCKLAND, "2027-03-02T09:00:00+13:00"),
        ("2026-03-02T09:00:00+13:00", 6, AUCKLAND, "2026-09-02T09:00:00+12:00"),
        ("2026-12-31T09:00:00+13:00", 2, AUCKLAND, "2027-02-28T09:00:00+13:00"),
        ("2026-01-31T09:00:00+13:00", 1, AUCKLAND, "2026-02-28T09:00:00+13:00"),
        ("2024-01-31T09:00:00+13:00", 1, AUCKLAND, "2024-02-29T09:00:00+13:00"),
        ("2024-02-29T09:00:00+13:00", 12, AUCKLAND, "2025-02-28T09:00:00+13:00"),
        ("2024-02-29T09:00:00+13:00", 48, AUCKLAND, "2028-02-29T09:00:00+13:00"),
        ("2026-11-30T09:00:00+13:00", 1, AUCKLAND, "2026-12-30T09:00:00+13:00"),
        # The last evening of February in UTC is 1 March in Auckland.
        ("2026-02-28T20:00:00+00:00", 1, AUCKLAND, "2026-04-01T09:00:00+13:00"),
        # Midnight of 4 November 2018 was skipped.
        ("2018-10-04T00:00:00-03:00", 1, SAO_PAULO, "2018-11-04T01:00:00-02:00"),
    ],
)
def test_months_later_on_the_same_day(instant: str, months: int, zone: ZoneInfo, later: str) -> None:
    assert months_later(at(instant), months, zone) == at(later)


@pytest.mark.parametrize(
    ("instant", "zone", "month", "following"),
    [
        ("2026-02-28T10:59:59.999999+00:00", AUCKLAND, date(2026, 2, 1), date(2026, 3, 1)),
        ("2026-02-28T11:00:00+00:00", AUCKLAND, date(2026, 3, 1), date(2026, 4, 1)),
        ("2026-12-31T12:00:00+00:00", AUCKLAND, date(2027, 1, 1), date(2027, 2, 1)),
        ("2026-12-31T12:00:00+00:00", SAO_PAULO, date(2026, 12, 1), date(2027, 1, 1)),
        ("2024-01-31T12:00:00+00:00", SAO_PAULO, date(2024, 1, 1), date(2024, 2, 1)),
    ],
)
def test_the_month_of_an_instant_and_the_one_after(instant: str, zone: ZoneInfo, month: date, following: date) -> None:
    assert month_of(at(instant), zone) == month
    assert month_after(month) == following


@pytest.mark.parametrize(
    ("month", "zone", "first", "beyond"),
    [
        (date(2026, 4, 1), AUCKLAND, "2026-04-01T00:00:00+13:00", "2026-05-01T00:00:00+12:00"),
        (date(2026, 9, 1), AUCKLAND, "2026-09-01T00:00:00+12:00", "2026-10-01T00:00:00+13:00"),
        (date(2024, 2, 1), SAO_PAULO, "2024-02-01T00:00:00-03:00", "2024-03-01T00:00:00-03:00"),
        (date(2018, 11, 1), SAO_PAULO, "2018-11-01T00:00:00-03:00", "2018-12-01T00:00:00-02:00"),
        (date(2026, 12, 1), ZoneInfo("UTC"), "2026-12-01T00:00:00+00:00", "2027-01-01T00:00:00+00:00"),
    ],
)
def test_the_bounds_of_a_month(month: date, zone: ZoneInfo, first: str, beyond: str) -> None:
    assert month_bounds(month, zone) == (at(first), at(beyond))
