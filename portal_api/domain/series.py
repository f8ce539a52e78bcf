"""Series and the enrolments in them: nine statuses, withdrawal, mastery, and what time does (S3)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from portal_api.domain.calendar import day_after, days_later, months_later
from portal_api.domain.learners import HAS_APP_ACCESS, NOT_OWN_RECORD
from portal_api.domain.library import REINSTATING, RETIRING, WHILE_ACTIVE, LibraryStatus, meanings
from portal_api.domain.machine import Cell, ClockMove, Footnote, Rule, StatusMeaning, Table
from portal_api.domain.refusals import AlreadyEnrolled, ErrorCode, PathwayOwned, Reason
from portal_api.domain.roles import Role

_ADMINISTRATORS = (Role.OWNER, Role.ADMIN)
PREVIEW_DAYS = 7
MOST_MONTHS = 12
"""How long an enrolment that waits for mastery runs at the most."""


class SeriesType(StrEnum):
    """What a series is for (a reading)."""

    STANDARD = "standard"
    PREVIEW = "preview"
    COMPETENCY = "competency"
    BURST = "burst"


class SeriesDuration(StrEnum):
    """How long an enrolment in a series runs (a reading)."""

    MASTERY = "mastery"
    FIXED = "fixed"
    END_DATE = "end_date"


class SeriesEnrolmentStatus(StrEnum):
    """Where an enrolment in a series stands (S3, the last paragraph but two names those of the article)."""

    WAITING_TO_START = "waiting_to_start"
    NOT_SIGNED_IN = "not_signed_in"
    NO_ATTEMPTS = "no_attempts"
    IN_PROGRESS = "in_progress"
    MASTERED = "mastered"
    INCOMPLETE = "incomplete"
    DID_NOT_START = "did_not_start"
    NEVER_SIGNED_IN = "never_signed_in"
    WITHDRAWN = "withdrawn"


class SeriesEnrolmentAction(StrEnum):
    """What can be done to an enrolment in a series."""

    WITHDRAW = "withdraw"
    EXTEND = "extend"
    RECORD_ACTIVITY = "record_activity"


class SeriesAction(StrEnum):
    """What can be done to a series, and made in it."""

    UPDATE = "update"
    RETIRE = "retire"
    REINSTATE = "reinstate"
    ENROL = "enrol"


class WithdrawalReason(StrEnum):
    """Why an enrolment was withdrawn (S3, the opening list)."""

    NO_LONGER_REQUIRED = "no_longer_required"
    USER_DEACTIVATED = "user_deactivated"
    DOES_NOT_WANT_TO_COMPLETE = "does_not_want_to_complete"
    ENROLMENT_ERROR = "enrolment_error"


WITHDRAWAL_REASON_LABELS = {
    WithdrawalReason.NO_LONGER_REQUIRED: "Enrolment no longer required",
    WithdrawalReason.USER_DEACTIVATED: "User deactivated",
    WithdrawalReason.DOES_NOT_WANT_TO_COMPLETE: "User does not want to complete the enrolment",
    WithdrawalReason.ENROLMENT_ERROR: "Enrolment error",
}


@dataclass(frozen=True, slots=True)
class SeriesEnrolmentFacts:
    """What decides over an enrolment's actions."""

    status: SeriesEnrolmentStatus
    learner_is_active: bool
    has_app_access: bool = True
    is_own_record: bool = False
    """Whether the caller is linked to the learner enrolled."""
    pathway_enrolment: str | None = None
    """The enrolment in the pathway that this one belongs to, as clients name it."""
    pathway_title: str | None = None


@dataclass(frozen=True, slots=True)
class SeriesFacts:
    """What decides over a series' actions; for an enrolment, with those of the learner to be enrolled."""

    status: LibraryStatus
    learner_is_active: bool = True
    taken: tuple[str, ...] = ()
    """The series, as clients name them, that stand in the way: active for the learner, or ahead in a pathway."""


def _already_enrolled(facts: SeriesFacts) -> Reason | None:
    if facts.taken:
        return AlreadyEnrolled(
            ErrorCode.ALREADY_ENROLLED,
            "The learner takes this series already, or has it ahead in a pathway. Wait for its end, or withdraw it first.",
            series_ids=facts.taken,
        )
    return None


def _pathway_owned(facts: SeriesEnrolmentFacts) -> Reason | None:
    if facts.pathway_enrolment is not None:
        pathway = "a pathway" if facts.pathway_title is None else f"the pathway {facts.pathway_title!r}"
        return PathwayOwned(
            ErrorCode.PATHWAY_OWNED,
            f"This enrolment belongs to {pathway}. Withdraw the enrolment in the pathway instead.",
            pathway_enrolment_id=facts.pathway_enrolment,
        )
    return None


SERIES = Table[LibraryStatus, SeriesAction, SeriesFacts](
    kind="series",
    statuses=meanings("Learners can be enrolled in it.", "Nobody can be enrolled any more; running enrolments go on."),
    rules=(
        Rule(SeriesAction.UPDATE, "Changing a series", _ADMINISTRATORS, WHILE_ACTIVE, needs_active_learner=False),
        Rule(SeriesAction.RETIRE, "Retiring a series", _ADMINISTRATORS, RETIRING, needs_active_learner=False),
        Rule(SeriesAction.REINSTATE, "Reinstating a series", _ADMINISTRATORS, REINSTATING, needs_active_learner=False),
        Rule(
            SeriesAction.ENROL,
            "Enrolling",
            _ADMINISTRATORS,
            WHILE_ACTIVE,
            footnotes=(
                Footnote(
                    "the learner neither takes it nor has it ahead in a running pathway (reading)", _already_enrolled
                ),
            ),
        ),
    ),
)

_S = SeriesEnrolmentStatus
_EXTENDED = Cell("reading", is_reading=True)
_ANSWERED = Cell("reading", to=_S.IN_PROGRESS, is_reading=True)
_WITHDRAWN = Cell("S3 Steps to withdraw multiple users, the warning on active enrolments", to=_S.WITHDRAWN)

SERIES_ENROLMENTS = Table[SeriesEnrolmentStatus, SeriesEnrolmentAction, SeriesEnrolmentFacts](
    kind="series_enrolment",
    statuses={
        _S.WAITING_TO_START: StatusMeaning("Waiting to start", "Enrolled; the start lies ahead."),
        _S.NOT_SIGNED_IN: StatusMeaning("Not signed in", "Started; the learner has never signed in at all."),
        _S.NO_ATTEMPTS: StatusMeaning("No attempts", "The learner has signed in, but answered nothing in this series."),
        _S.IN_PROGRESS: StatusMeaning("In progress", "At least one question has been answered."),
        _S.MASTERED: StatusMeaning("Mastered", "The series' mastery goal has been met.", is_ended=True),
        _S.INCOMPLETE: StatusMeaning("Incomplete", "Time ran out after a first answer.", is_ended=True),
        _S.DID_NOT_START: StatusMeaning("Did not start", "Time ran out before a first answer.", is_ended=True),
        _S.NEVER_SIGNED_IN: StatusMeaning("Never signed in", "Time ran out before a first sign-in.", is_ended=True),
        _S.WITHDRAWN: StatusMeaning("Withdrawn", "Withdrawn by an administrator, with a reason.", is_ended=True),
    },
    rules=(
        Rule(
            action=SeriesEnrolmentAction.WITHDRAW,
            label="Withdrawing",
            roles=_ADMINISTRATORS,
            cells={
                _S.WAITING_TO_START: _WITHDRAWN,
                _S.NOT_SIGNED_IN: _WITHDRAWN,
                _S.NO_ATTEMPTS: _WITHDRAWN,
                _S.IN_PROGRESS: _WITHDRAWN,
            },
            footnotes=(
                Footnote(
                    "not part of a pathway (S3, the last paragraph; what follows from it is a reading)", _pathway_owned
                ),
            ),
        ),
        Rule(
            action=SeriesEnrolmentAction.EXTEND,
            label="Extending",
            roles=_ADMINISTRATORS,
            cells={
                _S.WAITING_TO_START: _EXTENDED,
                _S.NOT_SIGNED_IN: _EXTENDED,
                _S.NO_ATTEMPTS: _EXTENDED,
                _S.IN_PROGRESS: _EXTENDED,
            },
        ),
        Rule(
            action=SeriesEnrolmentAction.RECORD_ACTIVITY,
            label="Recording answers",
            roles=(Role.OWNER, Role.ADMIN, Role.INTEGRATION),
            cells={_S.NOT_SIGNED_IN: _ANSWERED, _S.NO_ATTEMPTS: _ANSWERED, _S.IN_PROGRESS: _ANSWERED},
            footnotes=(NOT_OWN_RECORD, HAS_APP_ACCESS),
        ),
    ),
    clock=(
        ClockMove(_S.WAITING_TO_START, "starts_at", _S.NO_ATTEMPTS, "reading", when=("has_signed_in", True)),
        ClockMove(_S.WAITING_TO_START, "starts_at", _S.NOT_SIGNED_IN, "reading", when=("has_signed_in", False)),
        ClockMove(_S.NOT_SIGNED_IN, "ends_at", _S.NEVER_SIGNED_IN, "reading"),
        ClockMove(_S.NO_ATTEMPTS, "ends_at", _S.DID_NOT_START, "reading"),
        ClockMove(_S.IN_PROGRESS, "ends_at", _S.INCOMPLETE, "reading"),
    ),
)

ACTIVE_STATUSES = tuple(status for status, meaning in SERIES_ENROLMENTS.statuses.items() if not meaning.is_ended)


@dataclass(frozen=True, slots=True)
class SeriesTerms:
    """What a series says about the enrolments in it."""

    type: SeriesType
    duration: SeriesDuration
    duration_days: int | None = None
    ends_on: date | None = None
    question_count: int | None = None
    mastery_percent: int | None = None

    @property
    def has_goal(self) -> bool:
        return self.type is not SeriesType.PREVIEW and self.question_count is not None

    @property
    def fits_pathways(self) -> bool:
        """Whether it can be a step of a pathway, which goes on by mastery (a reading)."""
        return self.duration is SeriesDuration.MASTERY and self.type is not SeriesType.PREVIEW

    def end_of(self, starts_at: datetime, zone: ZoneInfo) -> datetime:
        """When the time of an enrolment that starts then runs out (readings)."""
        if self.type is SeriesType.PREVIEW:
            return days_later(starts_at, PREVIEW_DAYS, zone)
        if self.duration is SeriesDuration.MASTERY:
            return months_later(starts_at, MOST_MONTHS, zone)
        if self.duration is SeriesDuration.FIXED:
            return days_later(starts_at, self.duration_days or 0, zone)
        return day_after(self.ends_on, zone) if self.ends_on else starts_at

    def latest_end_of(self, starts_at: datetime, zone: ZoneInfo) -> datetime | None:
        """Beyond which no enrolment that starts then can be extended; None where nothing stands against it."""
        if self.type is SeriesType.PREVIEW or self.duration is SeriesDuration.MASTERY:
            return self.end_of(starts_at, zone)
        return None

    def is_mastered(self, questions_correct: int) -> bool:
        """Whether the share of questions answered correctly meets the goal; never in a preview (a reading)."""
        if not self.has_goal or not self.question_count or self.mastery_percent is None:
            return False
        return questions_correct * 100 >= self.mastery_percent * self.question_count
