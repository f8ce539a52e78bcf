"""The series of the demonstration, and when an enrolment in one can have come to stand where it stands."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random

from portal_api.domain.library import LibraryStatus
from portal_api.domain.series import SeriesDuration, SeriesEnrolmentStatus, SeriesType, WithdrawalReason
from portal_api.ids import IdMaker
from portal_api.importers.days import Days
from portal_api.importers.writing import Answers, Goal, NewSeries

_S = SeriesEnrolmentStatus
RUNNING = frozenset({_S.NOT_SIGNED_IN, _S.NO_ATTEMPTS, _S.IN_PROGRESS})
TIMED_OUT = frozenset({_S.INCOMPLETE, _S.DID_NOT_START, _S.NEVER_SIGNED_IN})
ANSWERED = frozenset({_S.IN_PROGRESS, _S.MASTERED, _S.INCOMPLETE, _S.WITHDRAWN})
"""Where somebody who has signed in has answered questions, as far as the demonstration goes."""
REASONS_OF_THE_ACTIVE = tuple(reason for reason in WithdrawalReason if reason is not WithdrawalReason.USER_DEACTIVATED)
WITHDRAWAL_NOTE = "Enrolled in the wrong series."
TRACKING_CODES = ("SPRING-INTAKE", None, "AUTUMN-INTAKE", None, "LICENCE-RENEWAL")

MADE_ON = -900
YEAR = 365
LEAP_YEAR = 366
WEEK = 7


@dataclass(frozen=True, slots=True)
class Timing:
    """The days of an enrolment: enrolled, started, ended, and where it was mastered or withdrawn, the day of that."""

    enrolled: int
    start: int
    end: int
    event: int | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """A type and a duration, with its days or, counted from today, its last day."""

    type: SeriesType
    duration: SeriesDuration
    days: int | None = None
    last_day: int | None = None
    status: LibraryStatus = LibraryStatus.ACTIVE

    def end(self, start: int, days: Days) -> int:
        """The day at whose midnight an enrolment ends."""
        if self.last_day is not None:
            return self.last_day + 1
        return days.year_after(start) if self.days is None else start + self.days

    def allows(self, status: SeriesEnrolmentStatus) -> bool:
        """Whether an enrolment in it can stand there today."""
        if status is _S.MASTERED:
            return self.type is not SeriesType.PREVIEW
        if self.last_day is None or status is _S.WITHDRAWN:
            return True
        return (status in TIMED_OUT) is (self.last_day < 0)

    def timing(self, status: SeriesEnrolmentStatus, latest: int, random: Random, days: Days) -> Timing:
        """Days that fit the status, for a learner who did nothing after the day `latest`."""
        if status is _S.WAITING_TO_START:
            start = 1 if random.random() < 0.25 else random.randint(2, self.last_day or 4 * WEEK)
        elif status in RUNNING:
            start = self._running_since(latest, random)
        elif status in TIMED_OUT:
            most = -(self.days or LEAP_YEAR) if self.last_day is None else self.last_day
            start = random.randint(most - 200, most)
        else:
            most = min(latest, self.last_day or latest) - 1
            start = random.randint(most - 60, most)
        end = self.end(start, days)
        has_event = status in {_S.MASTERED, _S.WITHDRAWN}
        return Timing(
            enrolled=min(start, latest) - random.randint(1, 14),
            start=start,
            end=end,
            event=random.randint(start + 1, min(latest, end - 1)) if has_event else None,
        )

    def _running_since(self, latest: int, random: Random) -> int:
        earliest = 1 - (self.days or YEAR) if self.last_day is None else -60
        ends_soon = random.random() < 0.25
        return random.randint(earliest, min(earliest + WEEK - 1, latest) if ends_soon else latest)


SHAPES = (
    Shape(SeriesType.STANDARD, SeriesDuration.MASTERY),
    Shape(SeriesType.STANDARD, SeriesDuration.FIXED, days=90),
    Shape(SeriesType.STANDARD, SeriesDuration.END_DATE, last_day=WEEK),
    Shape(SeriesType.COMPETENCY, SeriesDuration.MASTERY),
    Shape(SeriesType.COMPETENCY, SeriesDuration.FIXED, days=180),
    Shape(SeriesType.BURST, SeriesDuration.FIXED, days=14),
    Shape(SeriesType.PREVIEW, SeriesDuration.FIXED, days=WEEK),
    Shape(SeriesType.STANDARD, SeriesDuration.END_DATE, last_day=120),
)
RETIRED = Shape(SeriesType.STANDARD, SeriesDuration.END_DATE, last_day=-30, status=LibraryStatus.RETIRED)
RETIRED_PLACE = 7
TITLES = (
    "Working Safely at Height",
    "Food Safety Essentials",
    "Manual Handling",
    "First Aid at Work",
    "Infection Control",
    "Fire Wardens",
    "Privacy for Everybody",
    "Forklift Operation (old edition)",
    "Behaviour Support",
    "Medication Management",
    "Dementia Care",
    "Te Tiriti at Work",
    "Café and Barista Skills",
    "Customer Conversations",
    "Hazardous Chemicals",
    "Asbestos Awareness",
    "Traffic Control",
    "Cyber Security Basics",
    "Leading a Team",
    "Difficult Feedback",
    "Welding Theory",
    "Reading Plans and Drawings",
    "Child Protection",
    "Allergens and Labelling",
    "Responsible Service of Alcohol",
)


def invented_series(count: int, ids: IdMaker, days: Days) -> Iterator[tuple[Shape, NewSeries]]:
    """Series of every type and duration; one of them is retired."""
    for place in range(count):
        shape = RETIRED if place == RETIRED_PLACE else SHAPES[place % len(SHAPES)]
        edition, title = divmod(place, len(TITLES))
        made_at = days.at(MADE_ON, place % 10 + 8)
        yield (
            shape,
            NewSeries(
                id=ids(made_at),
                external_ref=f"S-{place + 1:03}",
                title=f"{TITLES[title]} {edition + 1}" if edition else TITLES[title],
                type=shape.type,
                duration=shape.duration,
                duration_days=shape.days,
                ends_on=None if shape.last_day is None else days.on(shape.last_day),
                created_at=made_at,
                status=shape.status,
                goal=None if shape.type is SeriesType.PREVIEW else Goal(12 + place % 9, 80),
            ),
        )


def note_on(reason: WithdrawalReason | None) -> str | None:
    """What the administrator noted beside the reason for a withdrawal."""
    return WITHDRAWAL_NOTE if reason is WithdrawalReason.ENROLMENT_ERROR else None


def invented_answers(status: SeriesEnrolmentStatus, goal: Goal | None, last_at: datetime, random: Random) -> Answers:
    """As many answers as fit the status: enough of them correct where the series was mastered, too few where it was not."""
    if goal is None:
        answered = random.randint(1, 10)
        return Answers(answered, random.randint(0, answered), last_at)
    enough = -(-goal.question_count * goal.mastery_percent // 100)
    if status is _S.MASTERED:
        correct = random.randint(enough, goal.question_count)
        return Answers(random.randint(correct, goal.question_count), correct, last_at)
    answered = random.randint(1, goal.question_count)
    return Answers(answered, random.randint(0, min(answered, enough - 1)), last_at)
