"""Where a learner stands in a course, and what can be done about it (S2 How To Finalise a Learner)."""

from enum import StrEnum


class CourseEnrolmentStatus(StrEnum):
    """The statuses of an enrolment in a course (S2; those that the article does not name are readings)."""

    ENQUIRY = "enquiry"
    PENDING = "pending"
    CURRENT = "current"
    DEFERRED = "deferred"
    COMPLETION_PENDING = "completion_pending"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"
    CANCELLED_NO_PENALTY = "cancelled_no_penalty"
    CANCELLED_PENALTY = "cancelled_penalty"
    PARTIAL_ATTENDANCE = "partial_attendance"
    DECLINED = "declined"


_S = CourseEnrolmentStatus

NOT_COMPLETED = frozenset({_S.WITHDRAWN, _S.CANCELLED_NO_PENALTY, _S.CANCELLED_PENALTY, _S.PARTIAL_ATTENDANCE})
"""Those that report training not completed (S2 Outcome Codes, 1)."""
COMPLETIONS = frozenset({_S.COMPLETED, _S.COMPLETION_PENDING})
ENDED = NOT_COMPLETED | {_S.COMPLETED, _S.DECLINED}
ENTRIES = (_S.ENQUIRY, _S.PENDING, _S.CURRENT)
"""Those at which an enrolment can begin (S4 Sales, Progression)."""


class CourseEnrolmentAction(StrEnum):
    """What can be done to an enrolment in a course: a row for each status that finalising can lead to."""

    FINALISE_AS_COMPLETED = "finalise_as_completed"
    FINALISE_AS_COMPLETION_PENDING = "finalise_as_completion_pending"
    FINALISE_AS_WITHDRAWN = "finalise_as_withdrawn"
    FINALISE_AS_CANCELLED_NO_PENALTY = "finalise_as_cancelled_no_penalty"
    FINALISE_AS_CANCELLED_PENALTY = "finalise_as_cancelled_penalty"
    FINALISE_AS_PARTIAL_ATTENDANCE = "finalise_as_partial_attendance"
    FINALISE_AS_DEFERRED = "finalise_as_deferred"
    SET_STATUS = "set_status"
    UPDATE = "update"
    ADD_UNITS = "add_units"
    REQUEST_SURVEY = "request_survey"
    FLAG_FOR_RECONNECT = "flag_for_reconnect"
    TRANSITION = "transition"


class TrainingOrganisationOutcome(StrEnum):
    """What the status reports beside the national outcome, on the enrolment and on each of its units (S2 Outcome Codes)."""

    TNC = "tnc"
    D = "d"


def reported_by(status: CourseEnrolmentStatus) -> TrainingOrganisationOutcome | None:
    """What a status reports: never typed, always worked out (S2 Outcome Codes, 1 and 2)."""
    if status in NOT_COMPLETED:
        return TrainingOrganisationOutcome.TNC
    return TrainingOrganisationOutcome.D if status is CourseEnrolmentStatus.DEFERRED else None
