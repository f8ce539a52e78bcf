"""What a series says about the enrolments in it: when they end, how far they can be extended, and what mastery is."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from portal_api.domain.series import MOST_MONTHS, PREVIEW_DAYS, SeriesDuration, SeriesTerms, SeriesType

AUCKLAND, SAO_PAULO = ZoneInfo("Pacific/Auckland"), ZoneInfo("America/Sao_Paulo")
T, D = SeriesType, SeriesDuration
at = datetime.fromisoformat
GOAL = {"question_count": 10, "mastery_percent": 80}
MASTERY = {"duration": D.MASTERY, **GOAL}
FIXED = {"duration": D.FIXED, "duration_days": 30}
END_DATE = {"duration": D.END_DATE, "ends_on": date(2026, 9, 27)}
ENDS = [
    # A year for whoever is to master it, to the day: also where that day is not there.
    (SeriesTerms(T.STANDARD, **MASTERY), "2026-03-02T09:00:00+13:00", "2027-03-02T09:00:00+13:00"),
    (SeriesTerms(T.COMPETENCY, **MASTERY), "2024-02-29T09:00:00+13:00", "2025-02-28T09:00:00+13:00"),
    (SeriesTerms(T.BURST, **MASTERY), "2026-09-27T02:30:00+00:00", "2027-09-27T02:30:00+00:00"),
    # Days at the same time of day, whatever the clocks do.
    (SeriesTerms(T.STANDARD, **FIXED), "2026-03-10T09:00:00+13:00", "2026-04-09T09:00:00+12:00"),
    (SeriesTerms(T.COMPETENCY, **FIXED), "2026-06-01T09:00:00+12:00", "2026-07-01T09:00:00+12:00"),
    (SeriesTerms(T.BURST, **FIXED), "2026-09-10T09:00:00+12:00", "2026-10-10T09:00:00+13:00"),
    # Up to and including the last day, which here has 23 hours.
    (SeriesTerms(T.STANDARD, **END_DATE), "2026-03-02T09:00:00+13:00", "2026-09-28T00:00:00+13:00"),
    (SeriesTerms(T.COMPETENCY, **END_DATE), "2026-09-27T23:59:59+13:00", "2026-09-28T00:00:00+13:00"),
    (SeriesTerms(T.BURST, **END_DATE), "2026-03-02T09:00:00+13:00", "2026-09-28T00:00:00+13:00"),
    # A preview takes a week, whatever the duration says.
    (SeriesTerms(T.PREVIEW, D.MASTERY), "2026-03-02T09:00:00+13:00", "2026-03-09T09:00:00+13:00"),
    (SeriesTerms(T.PREVIEW, **FIXED), "2026-04-01T09:00:00+13:00", "2026-04-08T09:00:00+12:00"),
    (SeriesTerms(T.PREVIEW, **END_DATE), "2026-03-02T09:00:00+13:00", "2026-03-09T09:00:00+13:00"),
]
LATEST = {(T.PREVIEW, duration): True for duration in D} | {
    (T.STANDARD, D.MASTERY): True,
    (T.STANDARD, D.FIXED): False,
    (T.STANDARD, D.END_DATE): False,
    (T.COMPETENCY, D.MASTERY): True,
    (T.COMPETENCY, D.FIXED): False,
    (T.COMPETENCY, D.END_DATE): False,
    (T.BURST, D.MASTERY): True,
    (T.BURST, D.FIXED): False,
    (T.BURST, D.END_DATE): False,
}
"""Whether there is an end beyond which an enrolment cannot be extended."""


@pytest.mark.parametrize(("terms", "starts", "ends"), ENDS)
def test_an_enrolment_ends_when_its_series_says(terms: SeriesTerms, starts: str, ends: str) -> None:
    assert terms.end_of(at(starts), AUCKLAND) == at(ends)


@pytest.mark.parametrize(("terms", "starts", "ends"), ENDS)
def test_what_is_bound_to_a_length_can_be_extended_to_it_and_no_further(
    terms: SeriesTerms, starts: str, ends: str
) -> None:
    is_bound = LATEST[terms.type, terms.duration]
    assert terms.latest_end_of(at(starts), AUCKLAND) == (at(ends) if is_bound else None)


def test_every_type_and_duration_is_told() -> None:
    every = {(type_, duration) for type_ in T for duration in D}
    assert {(terms.type, terms.duration) for terms, *_ in ENDS} == set(LATEST) == every
    assert (PREVIEW_DAYS, MOST_MONTHS) == (7, 12)


def test_the_zone_says_when_a_day_is_over() -> None:
    terms = SeriesTerms(T.STANDARD, D.END_DATE, ends_on=date(2018, 11, 3))
    assert terms.end_of(at("2018-10-01T00:00:00+00:00"), SAO_PAULO) == at("2018-11-04T01:00:00-02:00")
    assert terms.end_of(at("2018-10-01T00:00:00+00:00"), AUCKLAND) == at("2018-11-04T00:00:00+13:00")


def test_a_series_that_lacks_its_length_gives_no_time() -> None:
    """The database refuses such a series: this is what would become of it."""
    starts = at("2026-03-02T09:00:00+13:00")
    assert SeriesTerms(T.STANDARD, D.FIXED).end_of(starts, AUCKLAND) == starts
    assert SeriesTerms(T.STANDARD, D.END_DATE).end_of(starts, AUCKLAND) == starts


@pytest.mark.parametrize(
    ("questions", "percent", "correct", "is_mastered"),
    [
        (10, 80, 7, False),
        (10, 80, 8, True),
        (10, 80, 10, True),
        (10, 80, 0, False),
        # 67 % of three is more than two of them, 66 % is less.
        (3, 67, 2, False),
        (3, 66, 2, True),
        (3, 67, 3, True),
        (7, 100, 6, False),
        (7, 100, 7, True),
        (200, 1, 1, False),
        (200, 1, 2, True),
        (1, 1, 0, False),
        (1, 1, 1, True),
    ],
)
def test_mastery_begins_at_the_very_share(questions: int, percent: int, correct: int, *, is_mastered: bool) -> None:
    terms = SeriesTerms(T.STANDARD, D.MASTERY, question_count=questions, mastery_percent=percent)
    assert terms.has_goal
    assert terms.is_mastered(correct) is is_mastered


@pytest.mark.parametrize(
    "terms",
    [
        SeriesTerms(T.PREVIEW, D.FIXED, duration_days=7, question_count=10, mastery_percent=80),
        SeriesTerms(T.STANDARD, D.FIXED, duration_days=7),
        SeriesTerms(T.STANDARD, D.FIXED, duration_days=7, question_count=10),
    ],
    ids=["preview", "no goal", "half a goal"],
)
def test_without_a_goal_nothing_is_ever_mastered(terms: SeriesTerms) -> None:
    assert not terms.is_mastered(10)
    assert terms.has_goal is (terms.type is not T.PREVIEW and terms.question_count is not None)
