"""What a series may say of itself and of the enrolments in it: one reason for each thing that cannot be (readings)."""

from collections.abc import Iterator
from datetime import date, timedelta

from portal_api.domain.inputs import LONGEST_NAME, LONGEST_REFERENCE, invalid, text_reasons
from portal_api.domain.refusals import ErrorCode, InputInvalid, PlainError, Reason
from portal_api.domain.series import SeriesDuration, SeriesTerms, SeriesType

MOST_DAYS = 3_650
"""How many days an enrolment of fixed duration runs at the most, and how far ahead a day may lie."""
MOST_QUESTIONS = 10_000


def naming_reasons(external_ref: str | None, title: str | None, *path: str) -> Iterator[Reason]:
    """What is wrong with how a series is called."""
    yield from text_reasons(external_ref, *path, "externalRef", longest=LONGEST_REFERENCE, least=1)
    yield from text_reasons(title, *path, "title", longest=LONGEST_NAME, least=1)


def terms_reasons(terms: SeriesTerms, today: date, *path: str, is_new_end: bool = True) -> Iterator[Reason]:
    """What is wrong with the terms of a series.

    Args:
        terms: the terms as they would be.
        today: the organisation's day.
        path: where they stand in the input.
        is_new_end: whether the last day is only now given; one given long ago may have passed.

    Yields:
        A reason a field.
    """
    yield from _duration_reasons(terms, path)
    if terms.ends_on is not None and is_new_end and not today <= terms.ends_on <= last_day(today):
        yield PlainError(
            ErrorCode.INVALID_DATES,
            f"The last day lies from today, {today}, up to {last_day(today)}. Give such a day.",
            ("input", *path, "endsOn"),
        )
    yield from _goal_reasons(terms, path)


def last_day(today: date) -> date:
    """How far ahead a day may lie."""
    return today + timedelta(days=MOST_DAYS)


def _duration_reasons(terms: SeriesTerms, path: tuple[str, ...]) -> Iterator[Reason]:
    is_fixed = terms.duration is SeriesDuration.FIXED
    if is_fixed and not 1 <= (terms.duration_days or 0) <= MOST_DAYS:
        yield invalid(f"The duration FIXED wants `durationDays`, 1 to {MOST_DAYS}.", *path, "durationDays")
    if not is_fixed and terms.duration_days is not None:
        yield _superfluous("durationDays", "FIXED", path)
    is_until = terms.duration is SeriesDuration.END_DATE
    if is_until and terms.ends_on is None:
        yield invalid("The duration END_DATE wants `endsOn`, its last day.", *path, "endsOn")
    if not is_until and terms.ends_on is not None:
        yield _superfluous("endsOn", "END_DATE", path)


def _superfluous(field: str, duration: str, path: tuple[str, ...]) -> InputInvalid:
    return invalid(f"`{field}` goes with the duration {duration} only. Leave it out.", *path, field)


def _goal_reasons(terms: SeriesTerms, path: tuple[str, ...]) -> Iterator[Reason]:
    goal = {"questionCount": terms.question_count, "masteryPercent": terms.mastery_percent}
    if terms.type is SeriesType.PREVIEW:
        for field in (field for field, value in goal.items() if value is not None):
            yield invalid(f"A preview has no mastery goal. Leave `{field}` out.", *path, field)
        return
    is_wanted = terms.duration is SeriesDuration.MASTERY or any(value is not None for value in goal.values())
    for field, most in (("questionCount", MOST_QUESTIONS), ("masteryPercent", 100)):
        if is_wanted and not 1 <= (goal[field] or 0) <= most:
            yield invalid(
                f"`{field}` is 1 to {most}; the duration MASTERY wants a goal, and a goal has both of its parts.",
                *path,
                field,
            )


def due_day_reasons(due_on: date | None, first: date, *path: str) -> Iterator[Reason]:
    """What is wrong with the day on which an enrolment that begins on `first` falls due."""
    if due_on is not None and not first <= due_on <= last_day(first):
        yield PlainError(
            ErrorCode.INVALID_DATES,
            f"The due date lies from the day of the start, {first}, up to {last_day(first)}. Give such a day.",
            ("input", *path),
        )
