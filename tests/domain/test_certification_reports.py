"""What reports on certifications count: what expires within some local days, and what stands open with a learner."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal_api.domain.certifications import (
    HORIZONS,
    LEARNER_CERTIFICATIONS,
    STANDS_OPEN,
    LearnerCertificationStatus,
    Validity,
    horizon,
)

AUCKLAND = ZoneInfo("Pacific/Auckland")
MICROSECOND = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("now", "days", "until"),
    [
        # 2 March, half past ten in the evening; summer time ends on 5 April.
        ("2026-03-02T09:30:00", 30, "2026-03-31T11:00:00"),
        ("2026-03-02T09:30:00", 60, "2026-04-30T12:00:00"),
        ("2026-03-02T09:30:00", 90, "2026-05-30T12:00:00"),
        # The instant at which it is 3 March, and the one before.
        ("2026-03-02T11:00:00", 30, "2026-04-01T11:00:00"),
        ("2026-03-02T10:59:59", 30, "2026-03-31T11:00:00"),
    ],
)
def test_days_are_counted_where_the_organisation_is(now: str, days: int, until: str) -> None:
    at, end = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (now, until))

    assert horizon(at, days, AUCKLAND) == end


@pytest.mark.parametrize("days", HORIZONS)
def test_what_expires_within_some_days_is_what_could_be_recertified_with_a_window_of_as_many(days: int) -> None:
    expiry = Validity(months=1, window_days=days).expiry(datetime(2026, 3, 20, 3, tzinfo=UTC), AUCKLAND)
    assert expiry
    opens = expiry.window_opens_at

    assert expiry.expires_at <= horizon(opens, days, AUCKLAND)
    assert expiry.expires_at > horizon(opens - MICROSECOND, days, AUCKLAND)


def test_open_is_where_somebody_still_has_something_to_do() -> None:
    names = "ASSIGNED NOT_STARTED IN_PROGRESS PENDING_APPROVAL RECERTIFYING"

    assert [status.name for status in STANDS_OPEN] == names.split()
    assert not any(LEARNER_CERTIFICATIONS.statuses[status].is_ended for status in STANDS_OPEN)
    left = set(LearnerCertificationStatus) - set(STANDS_OPEN)
    assert {move.status for move in LEARNER_CERTIFICATIONS.clock} <= left
