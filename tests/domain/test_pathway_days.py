"""An interleaved pathway over midnight, by the pure domain: what opens when, and what an evening allows, zone by zone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from portal_api.domain.machine import FAR_FUTURE, Granted, Refused
from portal_api.domain.pathways import PathwayKind, next_opening
from portal_api.domain.refusals import ErrorCode
from portal_api.domain.roles import Role
from portal_api.domain.series import (
    SERIES_ENROLMENTS,
    SeriesDuration,
    SeriesEnrolmentAction,
    SeriesEnrolmentFacts,
    SeriesEnrolmentStatus,
    SeriesTerms,
    SeriesType,
)

S = SeriesEnrolmentStatus
MICROSECOND = timedelta(microseconds=1)
TERMS = SeriesTerms(SeriesType.STANDARD, SeriesDuration.MASTERY, question_count=10, mastery_percent=80)
at = datetime.fromisoformat


@dataclass(frozen=True)
class Night:
    """A mastery, the night after it, and what follows from them; each instant as the wall clock of the place has it."""

    zone: str
    mastered: str
    opens: str
    ends: str
    hours: float
    """From the mastery to the opening."""


NIGHTS = (
    # Ordinary nights: the last and the first microsecond of a day, in three zones.
    Night("Pacific/Auckland", "2026-03-02T23:59:59.999999+13:00", "2026-03-03T00:00:00+13:00", "2027-03-03T00:00:00+13:00", 0),
    Night("Pacific/Auckland", "2026-03-03T00:00:00+13:00", "2026-03-04T00:00:00+13:00", "2027-03-04T00:00:00+13:00", 24),
    Night("UTC", "2026-03-02T23:59:59.999999+00:00", "2026-03-03T00:00:00+00:00", "2027-03-03T00:00:00+00:00", 0),
    Night("UTC", "2026-03-03T00:00:00+00:00", "2026-03-04T00:00:00+00:00", "2027-03-04T00:00:00+00:00", 24),
    Night("America/Sao_Paulo", "2026-03-02T23:59:59.999999-03:00", "2026-03-03T00:00:00-03:00", "2027-03-03T00:00:00-03:00", 0),
    Night("America/Sao_Paulo", "2026-03-03T00:00:00-03:00", "2026-03-04T00:00:00-03:00", "2027-03-04T00:00:00-03:00", 24),
    # The day on which the clocks go back has 25 hours, the one on which they go forward 23; so have the waits on them.
    Night("Pacific/Auckland", "2026-04-05T00:00:00+13:00", "2026-04-06T00:00:00+12:00", "2027-04-06T00:00:00+12:00", 25),
    Night("Pacific/Auckland", "2026-09-27T00:00:00+12:00", "2026-09-28T00:00:00+13:00", "2027-09-28T00:00:00+13:00", 23),
    # Either of two equal hours belongs to the same day.
    Night("Pacific/Auckland", "2026-04-05T02:30:00+13:00", "2026-04-06T00:00:00+12:00", "2027-04-06T00:00:00+12:00", 22.5),
    Night("Pacific/Auckland", "2026-04-05T02:30:00+12:00", "2026-04-06T00:00:00+12:00", "2027-04-06T00:00:00+12:00", 21.5),
    # Where the clocks skip midnight the day begins at one; where midnight comes twice, at the first.
    Night("Africa/Cairo", "2026-04-23T23:00:00+02:00", "2026-04-24T01:00:00+03:00", "2027-04-24T01:00:00+02:00", 1),
    Night("America/Havana", "2026-10-31T23:00:00-04:00", "2026-11-01T00:00:00-04:00", "2027-11-01T00:00:00-04:00", 1),
    # The wait from 28 February of a leap year ends on the 29th; twelve months from then there is no such day.
    Night("UTC", "2028-02-28T12:00:00+00:00", "2028-02-29T00:00:00+00:00", "2029-02-28T00:00:00+00:00", 12),
)  # a line an opening  # fmt: skip


def _opened(night: Night) -> dict[str, Any]:
    """The enrolment that the mastery opens, as it is stored."""
    zone = ZoneInfo(night.zone)
    starts_at = next_opening(PathwayKind.INTERLEAVED, at(night.mastered), zone)
    return {"starts_at": starts_at, "ends_at": TERMS.end_of(starts_at, zone), "has_signed_in": True}


@pytest.mark.parametrize("night", NIGHTS, ids=lambda night: f"{night.zone} {night.mastered}")
def test_the_next_series_waits_for_the_first_instant_of_the_next_local_day(night: Night) -> None:
    row = _opened(night)
    opens, ends = row["starts_at"], row["ends_at"]

    assert opens == at(night.opens)
    assert ends == at(night.ends)
    assert opens - at(night.mastered) - timedelta(hours=night.hours) in (timedelta(0), MICROSECOND)
    told = [SERIES_ENROLMENTS.status_at(now, S.WAITING_TO_START, row) for now in (opens - MICROSECOND, opens, ends)]
    assert told == [S.WAITING_TO_START, S.NO_ATTEMPTS, S.DID_NOT_START]
    assert SERIES_ENROLMENTS.due_at(S.WAITING_TO_START, row) == opens


@pytest.mark.parametrize("night", NIGHTS, ids=lambda night: f"{night.zone} {night.mastered}")
def test_an_answer_on_the_evening_before_is_refused_and_the_first_of_the_day_is_taken(night: Night) -> None:
    row = _opened(night)

    def decision(now: datetime) -> Granted | Refused:
        facts = SeriesEnrolmentFacts(
            SERIES_ENROLMENTS.status_at(now, S.WAITING_TO_START, row), learner_is_active=True, pathway_enrolment="pen_1"
        )
        return SERIES_ENROLMENTS[SeriesEnrolmentAction.RECORD_ACTIVITY].decide(Role.INTEGRATION, facts)

    evening = decision(row["starts_at"] - MICROSECOND)
    assert isinstance(evening, Refused)
    assert [reason.code for reason in evening.reasons] == [ErrorCode.STATUS_NOT_ALLOWED]
    assert decision(row["starts_at"]) == Granted()
    assert decision(row["ends_at"] - MICROSECOND) == Granted()
    assert isinstance(decision(row["ends_at"]), Refused)


def test_one_instant_opens_at_three_instants_in_three_zones() -> None:
    mastered = at("2026-03-02T10:59:59.999999+00:00")
    opens = [
        next_opening(PathwayKind.INTERLEAVED, mastered, ZoneInfo(zone))
        for zone in ("Pacific/Auckland", "UTC", "America/Sao_Paulo")
    ]
    assert opens == [at("2026-03-02T11:00:00+00:00"), at("2026-03-03T00:00:00+00:00"), at("2026-03-03T03:00:00+00:00")]


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "UTC", "America/Sao_Paulo", "Africa/Cairo"])
def test_a_pathway_mastered_every_evening_takes_a_day_a_series(zone: str) -> None:
    place, now = ZoneInfo(zone), at("2026-04-22T21:00:00+00:00")
    days = [now.astimezone(place).date()]
    for _ in range(5):
        opens = next_opening(PathwayKind.INTERLEAVED, now, place)
        days.append(opens.astimezone(place).date())
        now = next_opening(PathwayKind.INTERLEAVED, opens, place) - MICROSECOND
        assert now.astimezone(place).date() == days[-1]
    assert days == [days[0] + timedelta(days=count) for count in range(6)]


def test_a_linear_pathway_waits_for_nothing() -> None:
    for night in NIGHTS:
        opens = next_opening(PathwayKind.LINEAR, at(night.mastered), ZoneInfo(night.zone))
        row = {"starts_at": opens, "ends_at": opens + timedelta(days=365), "has_signed_in": True}
        assert SERIES_ENROLMENTS.status_at(at(night.mastered), S.WAITING_TO_START, row) is S.NO_ATTEMPTS


def test_a_mastered_series_is_due_no_more_while_the_next_one_waits() -> None:
    for night in NIGHTS:
        assert SERIES_ENROLMENTS.due_at(S.MASTERED, _opened(night)) == FAR_FUTURE
