"""A plain world of learners, series and pathways, written from the rule book without any of the domain's tables.

Time passes here as it does for people: each move is made at its very instant, whether anybody looks or not. What is
asked of it are the operations of an Owner and a content player, and it tells what the portal has to answer.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from tests.machines.days import next_day, plus_days, plus_months
from tests.machines.records import (
    ACTIVE,
    CHANGED,
    COMPLETED,
    ENDS_AS,
    ENROLMENT,
    IN_PROGRESS,
    INCOMPLETE,
    LEARNER,
    MASTERED,
    MOST_DAYS,
    MOST_MONTHS,
    MOST_QUESTIONS,
    NO_ATTEMPTS,
    NOT_SIGNED_IN,
    PATHWAY_ENROLMENT,
    UNCHANGED,
    WAITING,
    WITHDRAWN,
    Activity,
    Enrolment,
    Entry,
    Learner,
    Pathway,
    PathwayEnrolment,
    Result,
    Series,
)


@dataclass
class World:
    """All there is, at one instant."""

    now: datetime
    zone: ZoneInfo
    learners: list[Learner]
    series: list[Series]
    pathways: list[Pathway]
    enrolments: list[Enrolment] = field(default_factory=list[Enrolment])
    pathway_enrolments: list[PathwayEnrolment] = field(default_factory=list[PathwayEnrolment])
    history: list[Entry] = field(default_factory=list[Entry])

    def enrol(self, learners: Iterable[int], series: int, starts_at: datetime | None) -> dict[int, Result]:
        """Enrols learners in a series."""
        wanted, start = self.series[series], starts_at or self.now
        results: dict[int, Result] = {}
        for key in learners:
            codes = self._against_enrolling(key, [series], is_open=wanted.is_active)
            codes = codes or self._against_start(start, wanted.end(start, self.zone))
            results[key] = _refused(codes) or Result("CHANGED", (), self._open(key, series, start, None, None))
        return results

    def _against_enrolling(self, learner: int, series: Iterable[int], *, is_open: bool) -> list[str]:
        codes = [] if self.learners[learner].is_active else ["LEARNER_INACTIVE"]
        if not is_open:
            codes.append("STATUS_NOT_ALLOWED")
        if any(self.takes(learner, each) for each in series):
            codes.append("ALREADY_ENROLLED")
        return codes

    def _against_start(self, start: datetime, end: datetime) -> list[str]:
        earliest, latest = (plus_months(self.now, sign * MOST_MONTHS, self.zone) for sign in (-1, 1))
        is_fine = earliest <= start <= latest and end > start and end > self.now
        return [] if is_fine else ["INVALID_DATES"]

    def takes(self, learner: int, series: int) -> bool:
        """Whether a learner has a series active, or ahead in a running pathway."""
        if any(each.learner == learner and each.series == series for each in self.active()):
            return True
        return any(
            each.learner == learner and each.status == IN_PROGRESS and series in self.ahead(each)
            for each in self.pathway_enrolments
        )

    def active(self) -> Iterator[Enrolment]:
        """The enrolments in series that have not ended."""
        return (each for each in self.enrolments if each.status in ACTIVE)

    def ahead(self, enrolment: PathwayEnrolment) -> tuple[int, ...]:
        """The series of a pathway after the present one."""
        return self.pathways[enrolment.pathway].steps[enrolment.position :]

    def withdraw(self, enrolments: Iterable[int], reason: str) -> dict[int, Result]:
        """Withdraws enrolments in series."""
        results: dict[int, Result] = {}
        for key in enrolments:
            enrolment = self.enrolments[key]
            codes = self._against_action(enrolment, ACTIVE)
            if enrolment.pathway is not None:
                codes.append("PATHWAY_OWNED")
            results[key] = _refused(codes) or CHANGED
            if not codes:
                self._withdraw(enrolment, reason, None)
        return results

    def _against_action(self, enrolment: Enrolment | PathwayEnrolment, statuses: Iterable[str]) -> list[str]:
        codes = [] if self.learners[enrolment.learner].is_active else ["LEARNER_INACTIVE"]
        return codes if enrolment.status in statuses else [*codes, "STATUS_NOT_ALLOWED"]

    def extend(self, enrolment: int, ends_at: datetime) -> dict[int, Result]:
        """Gives an enrolment a later end."""
        found = self.enrolments[enrolment]
        if codes := self._against_action(found, ACTIVE):
            return {enrolment: _refused(codes) or CHANGED}
        if ends_at == found.ends_at:
            return {enrolment: UNCHANGED}
        series = self.series[found.series]
        latest = plus_days(self.now, MOST_DAYS, self.zone)
        if series.is_preview or series.duration == "MASTERY":
            latest = series.end(found.starts_at, self.zone)
        if not found.ends_at < ends_at <= latest:
            return {enrolment: Result("REFUSED", ("INVALID_DATES",))}
        found.ends_at = ends_at
        self._tell((ENROLMENT, enrolment), "SERIES_ENROLMENT_EXTENDED", found.status, found.status)
        return {enrolment: CHANGED}

    def sign_in(self, learners: Iterable[int]) -> dict[int, Result]:
        """Signs learners in to the app."""
        results: dict[int, Result] = {}
        for key in learners:
            learner = self.learners[key]
            codes = [] if learner.is_active else ["LEARNER_INACTIVE", "STATUS_NOT_ALLOWED"]
            if not learner.has_app_access:
                codes.append("APP_ACCESS_OFF")
            results[key] = _refused(codes) or CHANGED
            if not codes:
                self._sign_in(learner, ())
        return results

    def _sign_in(self, learner: Learner, answered: Iterable[int]) -> None:
        """Enrolments that wait for the first sign-in move on, save those that an answer moves further at once."""
        self._tell((LEARNER, learner.key), "LEARNER_SIGNED_IN", "ACTIVE", "ACTIVE")
        for each in self.enrolments:
            if each.learner == learner.key and each.status == NOT_SIGNED_IN and each.key not in answered:
                self._move(each, NO_ATTEMPTS, "SERIES_ENROLMENT_SIGNED_IN", cause=LEARNER)
        learner.has_signed_in = True

    def answer(self, activities: Mapping[int, Activity]) -> dict[int, Result]:
        """Records how far learners have come, by enrolment."""
        results = {key: self._answered(self.enrolments[key], given) for key, given in activities.items()}
        answered = [key for key, result in results.items() if result is CHANGED]
        for learner in sorted({self.enrolments[key].learner for key in answered}):
            if not self.learners[learner].has_signed_in:
                self._sign_in(self.learners[learner], answered)
        for key in answered:
            self._answer(self.enrolments[key], activities[key])
        return results

    def _answered(self, enrolment: Enrolment, given: Activity) -> Result:
        codes = self._against_action(enrolment, ACTIVE[1:])
        if not self.learners[enrolment.learner].has_app_access:
            codes.append("APP_ACCESS_OFF")
        if not codes:
            most = self.series[enrolment.series].questions or MOST_QUESTIONS
            if given.answered < enrolment.answered or given.answered > most:
                codes.append("INPUT_INVALID")
            if given.correct < enrolment.correct or given.correct > given.answered:
                codes.append("INPUT_INVALID")
        is_same = given == (enrolment.answered, enrolment.correct)
        return _refused(codes) or (UNCHANGED if is_same else CHANGED)

    def _answer(self, enrolment: Enrolment, given: Activity) -> None:
        enrolment.answered, enrolment.correct = given
        if not self.series[enrolment.series].is_mastered_by(given.correct):
            self._move(enrolment, IN_PROGRESS, "SERIES_ENROLMENT_ANSWERED")
            return
        self._move(enrolment, MASTERED, "SERIES_ENROLMENT_MASTERED")
        if enrolment.pathway is not None:
            self._advance(self.pathway_enrolments[enrolment.pathway])

    def _advance(self, enrolment: PathwayEnrolment) -> None:
        """What a mastery does to the pathway: the next series opens, or all is done."""
        subject, ahead = (PATHWAY_ENROLMENT, enrolment.key), self.ahead(enrolment)
        if not ahead:
            enrolment.status = COMPLETED
            self._tell(subject, "PATHWAY_ENROLMENT_COMPLETED", IN_PROGRESS, COMPLETED, cause=ENROLMENT)
            return
        enrolment.position += 1
        self._tell(subject, "PATHWAY_ENROLMENT_ADVANCED", IN_PROGRESS, IN_PROGRESS, cause=ENROLMENT)
        is_linear = self.pathways[enrolment.pathway].kind == "LINEAR"
        start = self.now if is_linear else next_day(self.now, self.zone)
        made = self._open(enrolment.learner, ahead[0], start, enrolment.key, PATHWAY_ENROLMENT)
        enrolment.ends_at = self.enrolments[made].ends_at

    def _open(self, learner: int, series: int, start: datetime, pathway: int | None, cause: str | None) -> int:
        key, status = len(self.enrolments), WAITING if start > self.now else self._started(learner)
        end = self.series[series].end(start, self.zone)
        self.enrolments.append(Enrolment(key, learner, series, status, start, end, pathway))
        self._tell((ENROLMENT, key), "SERIES_ENROLMENT_CREATED", None, status, cause=cause)
        return key

    def _started(self, learner: int) -> str:
        return NO_ATTEMPTS if self.learners[learner].has_signed_in else NOT_SIGNED_IN

    def deactivate(self, learners: Iterable[int], *, withdraw_all: bool) -> dict[int, Result]:
        """Sets learners inactive; all that they take goes with them where that is asked for."""
        results: dict[int, Result] = {}
        for key in learners:
            learner = self.learners[key]
            if not learner.is_active:
                results[key] = Result("REFUSED", ("LEARNER_INACTIVE", "STATUS_NOT_ALLOWED"))
                continue
            if withdraw_all:
                self._withdraw_all(key)
            learner.is_active = learner.has_app_access = False
            self._tell((LEARNER, key), "LEARNER_DEACTIVATED", "ACTIVE", "INACTIVE")
            results[key] = CHANGED
        return results

    def _withdraw_all(self, learner: int) -> None:
        for each in self.pathway_enrolments:
            if each.learner == learner and each.status == IN_PROGRESS:
                self._withdraw_pathway(each, "USER_DEACTIVATED", LEARNER)
        for each in list(self.active()):
            if each.learner == learner:
                self._withdraw(each, "USER_DEACTIVATED", LEARNER)

    def reactivate(self, learners: Iterable[int]) -> dict[int, Result]:
        """Sets learners active again; nothing else comes back."""
        results: dict[int, Result] = {}
        for key in learners:
            learner = self.learners[key]
            results[key] = Result("REFUSED", ("STATUS_NOT_ALLOWED",)) if learner.is_active else CHANGED
            if not learner.is_active:
                learner.is_active = True
                self._tell((LEARNER, key), "LEARNER_REACTIVATED", "INACTIVE", "ACTIVE")
        return results

    def set_access(self, learners: Iterable[int], *, has_app_access: bool) -> dict[int, Result]:
        """Switches the app access of learners."""
        act = "LEARNER_APP_ACCESS_GIVEN" if has_app_access else "LEARNER_APP_ACCESS_TAKEN"
        results: dict[int, Result] = {}
        for key in learners:
            learner = self.learners[key]
            if not learner.is_active:
                results[key] = Result("REFUSED", ("LEARNER_INACTIVE", "STATUS_NOT_ALLOWED"))
            elif learner.has_app_access is has_app_access:
                results[key] = UNCHANGED
            else:
                learner.has_app_access = has_app_access
                self._tell((LEARNER, key), act, "ACTIVE", "ACTIVE")
                results[key] = CHANGED
        return results

    def enrol_in_pathway(self, learners: Iterable[int], pathway: int) -> dict[int, Result]:
        """Enrols learners in a pathway and its first series: whole, or not at all."""
        wanted = self.pathways[pathway]
        results: dict[int, Result] = {}
        for key in learners:
            if codes := self._against_enrolling(key, wanted.steps, is_open=wanted.is_active):
                results[key] = Result("REFUSED", tuple(codes))
                continue
            made = PathwayEnrolment(len(self.pathway_enrolments), key, pathway, self.now)
            self.pathway_enrolments.append(made)
            self._tell((PATHWAY_ENROLMENT, made.key), "PATHWAY_ENROLMENT_CREATED", None, IN_PROGRESS)
            first = self._open(key, wanted.steps[0], self.now, made.key, PATHWAY_ENROLMENT)
            made.ends_at = self.enrolments[first].ends_at
            results[key] = Result("CHANGED", (), made.key)
        return results

    def withdraw_pathway(self, enrolments: Iterable[int], reason: str) -> dict[int, Result]:
        """Withdraws enrolments in pathways, and what is active of them."""
        results: dict[int, Result] = {}
        for key in enrolments:
            enrolment = self.pathway_enrolments[key]
            codes = self._against_action(enrolment, (IN_PROGRESS,))
            results[key] = _refused(codes) or CHANGED
            if not codes:
                self._withdraw_pathway(enrolment, reason, None)
        return results

    def _withdraw_pathway(self, enrolment: PathwayEnrolment, reason: str, cause: str | None) -> None:
        enrolment.status, enrolment.reason = WITHDRAWN, reason
        subject = (PATHWAY_ENROLMENT, enrolment.key)
        self._tell(subject, "PATHWAY_ENROLMENT_WITHDRAWN", IN_PROGRESS, WITHDRAWN, cause=cause)
        for each in list(self.active()):
            if each.pathway == enrolment.key:
                self._withdraw(each, reason, PATHWAY_ENROLMENT)

    def _withdraw(self, enrolment: Enrolment, reason: str, cause: str | None) -> None:
        enrolment.reason = reason
        self._move(enrolment, WITHDRAWN, "SERIES_ENROLMENT_WITHDRAWN", cause=cause)

    def next_due(self) -> datetime | None:
        """The next instant at which time does something."""
        records = (*self.enrolments, *self.pathway_enrolments)
        return min((each.due_at for each in records if each.due_at), default=None)

    def pass_to(self, instant: datetime) -> dict[int, Result]:
        """Lets time pass: whatever comes due is done when it comes, in its order."""
        while (due := self.next_due()) and due <= instant:
            self.now = due
            for each in self.enrolments:
                if each.due_at == due and each.status == WAITING:
                    self._move(each, self._started(each.learner), "SERIES_ENROLMENT_STARTED")
                elif each.due_at == due:
                    self._move(each, ENDS_AS[each.status], "SERIES_ENROLMENT_ENDED")
            for each in self.pathway_enrolments:
                if each.due_at == due:
                    each.status = INCOMPLETE
                    subject = (PATHWAY_ENROLMENT, each.key)
                    self._tell(subject, "PATHWAY_ENROLMENT_ENDED", IN_PROGRESS, INCOMPLETE)
        self.now = instant
        return {}

    def tick(self) -> dict[int, Result]:
        """Has the portal write down what time has done: nothing that anybody would see."""
        return {}

    def _move(self, enrolment: Enrolment, to: str, action: str, cause: str | None = None) -> None:
        before, enrolment.status = enrolment.status, to
        self._tell((ENROLMENT, enrolment.key), action, before, to, cause=cause)

    def _tell(
        self, subject: tuple[str, int], action: str, before: str | None, after: str, cause: str | None = None
    ) -> None:
        self.history.append(Entry(subject, action, before, after, cause, self.now))


def _refused(codes: Iterable[str]) -> Result | None:
    told = tuple(codes)
    return Result("REFUSED", told) if told else None
