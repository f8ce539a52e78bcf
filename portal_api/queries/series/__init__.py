"""Series and the enrolments in them: who sees them, what each field reads, the facts that decide, and the writes."""

from portal_api.queries.series.changes import NewEnrolment, insert_enrolments, settle, withdraw
from portal_api.queries.series.found import (
    STATUS_NOW,
    EnrolmentRow,
    SeriesRow,
    due,
    facts,
    lock_learners,
    open_of_learners,
    overdue,
    taken,
    terms,
)
from portal_api.queries.series.read import SERIES, SERIES_ENROLMENT

__all__ = [
    "SERIES",
    "SERIES_ENROLMENT",
    "STATUS_NOW",
    "EnrolmentRow",
    "NewEnrolment",
    "SeriesRow",
    "due",
    "facts",
    "insert_enrolments",
    "lock_learners",
    "open_of_learners",
    "overdue",
    "settle",
    "taken",
    "terms",
    "withdraw",
]
