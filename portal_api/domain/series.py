"""Series and the enrolments in them: nine statuses, withdrawal, and what time does (S3)."""

from dataclasses import dataclass
from enum import StrEnum

from portal_api.domain.machine import Cell, ClockMove, Rule, StatusMeaning, Table
from portal_api.domain.organisations import Role


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
    """What an administrator can do to an enrolment in a series."""

    WITHDRAW = "withdraw"


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


_S = SeriesEnrolmentStatus
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
            roles=(Role.OWNER, Role.ADMIN),
            cells={
                _S.WAITING_TO_START: _WITHDRAWN,
                _S.NOT_SIGNED_IN: _WITHDRAWN,
                _S.NO_ATTEMPTS: _WITHDRAWN,
                _S.IN_PROGRESS: _WITHDRAWN,
            },
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
