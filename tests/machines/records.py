"""What the plain model keeps: records as people would jot them down, in the words of the schema."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tests.machines.days import day_begins, next_day, plus_days, plus_months

WAITING, NOT_SIGNED_IN, NO_ATTEMPTS, IN_PROGRESS = "WAITING_TO_START", "NOT_SIGNED_IN", "NO_ATTEMPTS", "IN_PROGRESS"
MASTERED, WITHDRAWN = "MASTERED", "WITHDRAWN"
ACTIVE = (WAITING, NOT_SIGNED_IN, NO_ATTEMPTS, IN_PROGRESS)
ENDS_AS = {NOT_SIGNED_IN: "NEVER_SIGNED_IN", NO_ATTEMPTS: "DID_NOT_START", IN_PROGRESS: "INCOMPLETE"}
ENDED = (MASTERED, *ENDS_AS.values(), WITHDRAWN)
COMPLETED, INCOMPLETE = "COMPLETED", "INCOMPLETE"
MOST_QUESTIONS, MOST_DAYS, MOST_MONTHS, PREVIEW_DAYS = 10_000, 3_650, 12, 7
LEARNER, ENROLMENT, PATHWAY_ENROLMENT = "LEARNER", "SERIES_ENROLMENT", "PATHWAY_ENROLMENT"


class Result(NamedTuple):
    """What becomes of one row of a call; `made` is the key of the record that it makes."""

    outcome: str
    codes: tuple[str, ...] = ()
    made: int | None = None


CHANGED, UNCHANGED = Result("CHANGED"), Result("UNCHANGED")


class Entry(NamedTuple):
    """An entry of the history; `cause` is the kind of the record whose entry caused it."""

    subject: tuple[str, int]
    action: str
    before: str | None
    after: str
    cause: str | None
    at: datetime


class Activity(NamedTuple):
    """Totals of an enrolment."""

    answered: int
    correct: int


@dataclass
class Learner:
    """Somebody who learns."""

    key: int
    is_active: bool = True
    has_app_access: bool = True
    has_signed_in: bool = False

    @property
    def status(self) -> str:
        return "ACTIVE" if self.is_active else "INACTIVE"


@dataclass(frozen=True)
class Series:
    """A series; `questions` and `percent` are its goal."""

    key: int
    duration: str = "MASTERY"
    is_preview: bool = False
    days: int | None = None
    ends_on: date | None = None
    questions: int | None = None
    percent: int | None = None
    is_active: bool = True

    def end(self, starts_at: datetime, zone: ZoneInfo) -> datetime:
        """When the time of an enrolment is over."""
        if self.is_preview:
            return plus_days(starts_at, PREVIEW_DAYS, zone)
        if self.duration == "MASTERY":
            return plus_months(starts_at, MOST_MONTHS, zone)
        if self.duration == "FIXED":
            return plus_days(starts_at, self.days or 0, zone)
        assert self.ends_on
        return next_day(day_begins(self.ends_on, zone), zone)

    def is_mastered_by(self, correct: int) -> bool:
        if self.is_preview or not self.questions or self.percent is None:
            return False
        return correct / self.questions >= self.percent / 100


@dataclass(frozen=True)
class Pathway:
    """Series one after another, by their keys."""

    key: int
    kind: str
    steps: tuple[int, ...]
    is_active: bool = True


@dataclass
class Enrolment:
    """A learner in a series."""

    key: int
    learner: int
    series: int
    status: str
    starts_at: datetime
    ends_at: datetime
    pathway: int | None = None
    answered: int = 0
    correct: int = 0
    reason: str | None = None

    @property
    def due_at(self) -> datetime | None:
        """When time moves it next."""
        if self.status not in ACTIVE:
            return None
        return self.starts_at if self.status == WAITING else self.ends_at


@dataclass
class PathwayEnrolment:
    """A learner in a pathway; `position` counts from 1."""

    key: int
    learner: int
    pathway: int
    ends_at: datetime
    status: str = IN_PROGRESS
    position: int = 1
    reason: str | None = None

    @property
    def due_at(self) -> datetime | None:
        """When time moves it next."""
        return self.ends_at if self.status == IN_PROGRESS else None
