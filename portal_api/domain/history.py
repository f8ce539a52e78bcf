"""The vocabulary of history: who acted, on what, and how the act is called."""

from enum import StrEnum


class ActorKind(StrEnum):
    """Who or what caused an entry."""

    USER = "user"
    INTEGRATION = "integration"
    LEARNCYCLE = "learncycle"
    CLOCK = "clock"


class SubjectKind(StrEnum):
    """The kind of record that an entry is about."""

    LEARNER = "learner"
    SERIES_ENROLMENT = "series_enrolment"


class HistoryAction(StrEnum):
    """What was done: the subject and the act, one for everything that changes a record."""

    LEARNER_DEACTIVATED = "learner_deactivated"
    LEARNER_REACTIVATED = "learner_reactivated"
    SERIES_ENROLMENT_WITHDRAWN = "series_enrolment_withdrawn"
    SERIES_ENROLMENT_STARTED = "series_enrolment_started"
    SERIES_ENROLMENT_ENDED = "series_enrolment_ended"
