"""The domain at work without a database: rows as the portal stores them, written only when something is done to them.

It has the operations of the world, answered by the domain's tables. What is stored is overdue for as long as nobody
looks; the status at an instant, and what is written down late, come from the tables as they do in the portal.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from portal_api.domain.learners import LEARNERS, LearnerAction, LearnerFacts, LearnerStatus
from portal_api.domain.library import LibraryStatus
from portal_api.domain.machine import Refused, Table
from portal_api.domain.pathways import (
    PATHWAY_ENROLMENTS,
    PATHWAYS,
    PathwayAction,
    PathwayEnrolmentAction,
    PathwayEnrolmentFacts,
    PathwayEnrolmentStatus,
    PathwayFacts,
    PathwayKind,
    next_opening,
)
from portal_api.domain.roles import Role
from portal_api.domain.series import (
    SERIES,
    SERIES_ENROLMENTS,
    SeriesAction,
    SeriesDuration,
    SeriesEnrolmentAction,
    SeriesEnrolmentFacts,
    SeriesEnrolmentStatus,
    SeriesFacts,
    SeriesTerms,
    SeriesType,
)
from tests.machines import records
from tests.machines.days import plus_days, plus_months
from tests.machines.model import World
from tests.machines.records import CHANGED, ENROLMENT, LEARNER, PATHWAY_ENROLMENT, UNCHANGED, Activity, Entry, Result

S = TypeVar("S", bound=StrEnum)
NOTHING_YET = Activity(0, 0)


def terms_of(series: records.Series) -> SeriesTerms:
    """What a series of the world says, as the domain reads it."""
    return SeriesTerms(
        type=SeriesType.PREVIEW if series.is_preview else SeriesType.STANDARD,
        duration=SeriesDuration[series.duration],
        duration_days=series.days,
        ends_on=series.ends_on,
        question_count=series.questions,
        mastery_percent=series.percent,
    )


@dataclass
class Stored(Generic[S]):
    """A row that time moves: its stored status, and the instants that the clock looks at."""

    table: Table[S, Any, Any]
    kind: str
    key: int
    learner: int
    of: int
    """The series, or the pathway."""
    status: S
    times: dict[str, Any]
    due_at: datetime = field(init=False)
    pathway: int | None = None
    position: int = 1
    totals: Activity = NOTHING_YET
    reason: str | None = None

    def __post_init__(self) -> None:
        self.write(self.status)

    def write(self, status: S) -> None:
        """Stores a status, and with it the instant of the next move."""
        self.status, self.due_at = status, self.table.due_at(status, self.times)

    def at(self, now: datetime) -> S:
        return self.table.status_at(now, self.status, self.times)


@dataclass
class Portal:
    """The same organisation as a world's, stored."""

    now: datetime
    zone: ZoneInfo
    learners: list[records.Learner]
    terms: list[SeriesTerms]
    is_retired: list[bool]
    pathways: list[records.Pathway]
    enrolments: list[Stored[SeriesEnrolmentStatus]] = field(default_factory=list[Stored[SeriesEnrolmentStatus]])
    pathway_enrolments: list[Stored[PathwayEnrolmentStatus]] = field(
        default_factory=list[Stored[PathwayEnrolmentStatus]]
    )
    history: list[Entry] = field(default_factory=list[Entry])

    @classmethod
    def of(cls, world: World) -> "Portal":
        """Takes over a world in which nothing has happened yet."""
        return cls(
            world.now,
            world.zone,
            [records.Learner(**vars(each)) for each in world.learners],
            [terms_of(each) for each in world.series],
            [not each.is_active for each in world.series],
            world.pathways,
        )

    def enrol(self, learners: Iterable[int], series: int, starts_at: datetime | None) -> dict[int, Result]:
        start, terms = starts_at or self.now, self.terms[series]
        results: dict[int, Result] = {}
        for key in learners:
            taken = ("the series",) if self.takes(key, series) else ()
            status = LibraryStatus.RETIRED if self.is_retired[series] else LibraryStatus.ACTIVE
            codes = decided(SERIES, SeriesAction.ENROL, SeriesFacts(status, self.learners[key].is_active, taken))
            if not codes and not self._may_start(start, terms):
                codes = ("INVALID_DATES",)
            made = None if codes else self._open(key, series, start)
            results[key] = Result("REFUSED", codes) if codes else Result("CHANGED", (), made)
        return results

    def _may_start(self, start: datetime, terms: SeriesTerms) -> bool:
        earliest, latest = (plus_months(self.now, sign * records.MOST_MONTHS, self.zone) for sign in (-1, 1))
        return earliest <= start <= latest and terms.end_of(start, self.zone) > max(start, self.now)

    def takes(self, learner: int, series: int) -> bool:
        """Whether a series is active for a learner, or ahead in a pathway that runs."""
        own = [each for each in self.enrolments if each.learner == learner and each.of == series]
        running = [each for each in self.pathway_enrolments if each.learner == learner and not self.has_ended(each)]
        return any(not self.has_ended(each) for each in own) or any(series in self.ahead(each) for each in running)

    def has_ended(self, row: Stored[Any]) -> bool:
        return row.table.statuses[row.at(self.now)].is_ended

    def ahead(self, row: Stored[PathwayEnrolmentStatus]) -> tuple[int, ...]:
        return self.pathways[row.of].steps[row.position :]

    def withdraw(self, enrolments: Iterable[int], reason: str) -> dict[int, Result]:
        results: dict[int, Result] = {}
        for key in enrolments:
            row = self.enrolments[key]
            codes = self._codes_of(row, SeriesEnrolmentAction.WITHDRAW)
            results[key] = Result("REFUSED", codes) if codes else CHANGED
            if not codes:
                self._withdraw(row, reason, None)
        return results

    def _codes_of(self, row: Stored[SeriesEnrolmentStatus], action: SeriesEnrolmentAction) -> tuple[str, ...]:
        learner = self.learners[row.learner]
        facts = SeriesEnrolmentFacts(
            row.at(self.now),
            learner.is_active,
            learner.has_app_access,
            pathway_enrolment=None if row.pathway is None else str(row.pathway),
        )
        return decided(SERIES_ENROLMENTS, action, facts)

    def extend(self, enrolment: int, ends_at: datetime) -> dict[int, Result]:
        row, action = self.enrolments[enrolment], SeriesEnrolmentAction.EXTEND
        if codes := self._codes_of(row, action):
            return {enrolment: Result("REFUSED", codes)}
        end = row.times["ends_at"]
        latest = self.terms[row.of].latest_end_of(row.times["starts_at"], self.zone)
        latest = latest or plus_days(self.now, records.MOST_DAYS, self.zone)
        if ends_at < end or (ends_at > latest and ends_at != end):
            return {enrolment: Result("REFUSED", ("INVALID_DATES",))}
        if ends_at == end:
            return {enrolment: UNCHANGED}
        self._settle(row)
        row.times["ends_at"] = ends_at
        self._write(row, "SERIES_ENROLMENT_EXTENDED", row.status)
        return {enrolment: CHANGED}

    def sign_in(self, learners: Iterable[int]) -> dict[int, Result]:
        results: dict[int, Result] = {}
        for key in learners:
            codes = self._codes_of_learner(key, LearnerAction.RECORD_SIGN_IN)
            results[key] = Result("REFUSED", codes) if codes else CHANGED
            if not codes:
                self._sign_in(key, ())
        return results

    def _codes_of_learner(self, key: int, action: LearnerAction) -> tuple[str, ...]:
        learner = self.learners[key]
        status = LearnerStatus.ACTIVE if learner.is_active else LearnerStatus.INACTIVE
        return decided(LEARNERS, action, LearnerFacts(status, False, learner.has_app_access))

    def _sign_in(self, key: int, answered: Sequence[int]) -> None:
        self._tell(LEARNER, key, "LEARNER_SIGNED_IN", "ACTIVE", "ACTIVE")
        if self.learners[key].has_signed_in:
            return
        self.learners[key].has_signed_in = True
        for row in self.enrolments:
            if row.learner == key and row.key not in answered and row.due_at <= self.now:
                self._settle(row)
            if row.learner == key and not self.has_ended(row):
                row.times["has_signed_in"] = True
                if row.status is SeriesEnrolmentStatus.NOT_SIGNED_IN and row.key not in answered:
                    to = SeriesEnrolmentStatus.NO_ATTEMPTS
                    self._write(row, "SERIES_ENROLMENT_SIGNED_IN", to, cause=LEARNER)

    def answer(self, activities: Mapping[int, Activity]) -> dict[int, Result]:
        results = {key: self._answered(self.enrolments[key], given) for key, given in activities.items()}
        answered = [key for key, result in results.items() if result is CHANGED]
        for key in answered:
            self._settle(self.enrolments[key])
        for learner in sorted({self.enrolments[key].learner for key in answered}):
            if not self.learners[learner].has_signed_in:
                self._sign_in(learner, answered)
        for key in answered:
            self._answer(self.enrolments[key], activities[key])
        return results

    def _answered(self, row: Stored[SeriesEnrolmentStatus], given: Activity) -> Result:
        if codes := self._codes_of(row, SeriesEnrolmentAction.RECORD_ACTIVITY):
            return Result("REFUSED", codes)
        most = self.terms[row.of].question_count or records.MOST_QUESTIONS
        wrong = (
            not row.totals.answered <= given.answered <= most,
            not row.totals.correct <= given.correct <= given.answered,
        )
        if any(wrong):
            return Result("REFUSED", ("INPUT_INVALID",) * sum(wrong))
        return UNCHANGED if given == row.totals else CHANGED

    def _answer(self, row: Stored[SeriesEnrolmentStatus], given: Activity) -> None:
        row.totals = given
        if not self.terms[row.of].is_mastered(given.correct):
            to = SERIES_ENROLMENTS[SeriesEnrolmentAction.RECORD_ACTIVITY].cells[row.status].to
            assert isinstance(to, SeriesEnrolmentStatus)
            self._write(row, "SERIES_ENROLMENT_ANSWERED", to)
            return
        self._write(row, "SERIES_ENROLMENT_MASTERED", SeriesEnrolmentStatus.MASTERED)
        if row.pathway is None:
            return
        owner = self.pathway_enrolments[row.pathway]
        if not (ahead := self.ahead(owner)):
            self._write(owner, "PATHWAY_ENROLMENT_COMPLETED", PathwayEnrolmentStatus.COMPLETED, cause=ENROLMENT)
            return
        owner.position += 1
        start = next_opening(PathwayKind[self.pathways[owner.of].kind], self.now, self.zone)
        owner.times["ends_at"] = self.terms[ahead[0]].end_of(start, self.zone)
        self._write(owner, "PATHWAY_ENROLMENT_ADVANCED", owner.status, cause=ENROLMENT)
        self._open(row.learner, ahead[0], start, owner.key)

    def _open(self, learner: int, series: int, start: datetime, pathway: int | None = None) -> int:
        times: dict[str, Any] = {
            "starts_at": start,
            "ends_at": self.terms[series].end_of(start, self.zone),
            "has_signed_in": self.learners[learner].has_signed_in,
        }
        status = SERIES_ENROLMENTS.status_at(self.now, SeriesEnrolmentStatus.WAITING_TO_START, times)
        key = len(self.enrolments)
        row = Stored(SERIES_ENROLMENTS, ENROLMENT, key, learner, series, status, times, pathway=pathway)
        self.enrolments.append(row)
        cause = None if pathway is None else PATHWAY_ENROLMENT
        self._tell(ENROLMENT, key, "SERIES_ENROLMENT_CREATED", None, status.name, cause)
        return key

    def deactivate(self, learners: Iterable[int], *, withdraw_all: bool) -> dict[int, Result]:
        results: dict[int, Result] = {}
        for key in learners:
            codes = self._codes_of_learner(key, LearnerAction.DEACTIVATE)
            results[key] = Result("REFUSED", codes) if codes else CHANGED
            if codes:
                continue
            if withdraw_all:
                for owner in self.pathway_enrolments:
                    if owner.learner == key and not self.has_ended(owner):
                        self._withdraw_pathway(owner, "USER_DEACTIVATED", LEARNER)
                for row in self.enrolments:
                    if row.learner == key and not self.has_ended(row):
                        self._withdraw(row, "USER_DEACTIVATED", LEARNER)
            self.learners[key].is_active = self.learners[key].has_app_access = False
            self._tell(LEARNER, key, "LEARNER_DEACTIVATED", "ACTIVE", "INACTIVE")
        return results

    def reactivate(self, learners: Iterable[int]) -> dict[int, Result]:
        results: dict[int, Result] = {}
        for key in learners:
            codes = self._codes_of_learner(key, LearnerAction.REACTIVATE)
            results[key] = Result("REFUSED", codes) if codes else CHANGED
            if not codes:
                self.learners[key].is_active = True
                self._tell(LEARNER, key, "LEARNER_REACTIVATED", "INACTIVE", "ACTIVE")
        return results

    def set_access(self, learners: Iterable[int], *, has_app_access: bool) -> dict[int, Result]:
        results: dict[int, Result] = {}
        for key in learners:
            codes = self._codes_of_learner(key, LearnerAction.SET_APP_ACCESS)
            is_same = self.learners[key].has_app_access is has_app_access
            results[key] = Result("REFUSED", codes) if codes else UNCHANGED if is_same else CHANGED
            if results[key] is CHANGED:
                self.learners[key].has_app_access = has_app_access
                act = "LEARNER_APP_ACCESS_GIVEN" if has_app_access else "LEARNER_APP_ACCESS_TAKEN"
                self._tell(LEARNER, key, act, "ACTIVE", "ACTIVE")
        return results

    def enrol_in_pathway(self, learners: Iterable[int], pathway: int) -> dict[int, Result]:
        found = self.pathways[pathway]
        results: dict[int, Result] = {}
        for key in learners:
            taken = tuple(str(series) for series in found.steps if self.takes(key, series))
            status = LibraryStatus.ACTIVE if found.is_active else LibraryStatus.RETIRED
            facts = PathwayFacts(status, self.learners[key].is_active, taken, taken)
            if codes := decided(PATHWAYS, PathwayAction.ENROL, facts):
                results[key] = Result("REFUSED", codes)
                continue
            made = len(self.pathway_enrolments)
            times = {"ends_at": self.terms[found.steps[0]].end_of(self.now, self.zone)}
            running = PathwayEnrolmentStatus.IN_PROGRESS
            self.pathway_enrolments.append(
                Stored(PATHWAY_ENROLMENTS, PATHWAY_ENROLMENT, made, key, pathway, running, times)
            )
            self._tell(PATHWAY_ENROLMENT, made, "PATHWAY_ENROLMENT_CREATED", None, running.name)
            self._open(key, found.steps[0], self.now, made)
            results[key] = Result("CHANGED", (), made)
        return results

    def withdraw_pathway(self, enrolments: Iterable[int], reason: str) -> dict[int, Result]:
        results: dict[int, Result] = {}
        for key in enrolments:
            row = self.pathway_enrolments[key]
            facts = PathwayEnrolmentFacts(row.at(self.now), self.learners[row.learner].is_active)
            codes = decided(PATHWAY_ENROLMENTS, PathwayEnrolmentAction.WITHDRAW, facts)
            results[key] = Result("REFUSED", codes) if codes else CHANGED
            if not codes:
                self._withdraw_pathway(row, reason, None)
        return results

    def _withdraw_pathway(self, row: Stored[PathwayEnrolmentStatus], reason: str, cause: str | None) -> None:
        row.reason = reason
        self._write(row, "PATHWAY_ENROLMENT_WITHDRAWN", PathwayEnrolmentStatus.WITHDRAWN, cause=cause)
        for each in self.enrolments:
            if each.pathway == row.key and not self.has_ended(each):
                self._withdraw(each, reason, PATHWAY_ENROLMENT)

    def _withdraw(self, row: Stored[SeriesEnrolmentStatus], reason: str, cause: str | None) -> None:
        self._settle(row)
        row.reason = reason
        to = SERIES_ENROLMENTS[SeriesEnrolmentAction.WITHDRAW].cells[row.status].to
        assert isinstance(to, SeriesEnrolmentStatus)
        self._write(row, "SERIES_ENROLMENT_WITHDRAWN", to, cause=cause)

    def pass_to(self, instant: datetime) -> dict[int, Result]:
        """Lets time pass, and does nothing."""
        self.now = instant
        return {}

    def tick(self) -> dict[int, Result]:
        """Writes down what time has done."""
        for row in (*self.enrolments, *self.pathway_enrolments):
            if row.due_at <= self.now:
                self._settle(row)
        return {}

    def _settle(self, row: Stored[Any]) -> None:
        for move in row.table.moves_until(self.now, row.status, row.times):
            is_ended = row.table.statuses[move.to].is_ended
            action = f"{row.kind}_{'ENDED' if is_ended else 'STARTED'}"
            self._write(row, action, move.to, at=row.times[move.at])

    def _write(
        self, row: Stored[Any], action: str, to: StrEnum, *, cause: str | None = None, at: datetime | None = None
    ) -> None:
        self._tell(row.kind, row.key, action, row.status.name, to.name, cause, at)
        row.write(to)

    def _tell(
        self,
        kind: str,
        key: int,
        action: str,
        before: str | None,
        after: str,
        cause: str | None = None,
        at: datetime | None = None,
    ) -> None:
        self.history.append(Entry((kind, key), action, before, after, cause, at or self.now))


def decided(table: Table[Any, Any, Any], action: StrEnum, facts: Any) -> tuple[str, ...]:
    """The codes against an action; what is shown of it says the same as what decides it."""
    decision = table[action].decide(Role.OWNER, facts)
    reasons = decision.reasons if isinstance(decision, Refused) else ()
    [shown] = [state for state in table.actions(Role.OWNER, facts) if state.action is action]
    assert shown.available is (not reasons)
    assert shown.reasons == reasons
    return tuple(reason.code.name for reason in reasons)
