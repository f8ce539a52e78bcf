"""Series and the enrolments in them: who sees them, what each field reads, the facts that decide, and the writes."""

from portal_api.queries.series.changes import (
    NewEnrolment,
    change_enrolments,
    extend_pathways,
    insert_enrolments,
    mark_signed_in,
    reckon_overdue,
    settle,
    withdraw,
)
from portal_api.queries.series.found import (
    STATUS_NOW,
    Candidate,
    EnrolmentRow,
    SeriesRow,
    candidates,
    due,
    facts,
    lock_learners,
    open_of_learners,
    overdue,
    taken,
    terms,
)
from portal_api.queries.series.library import SeriesContent, change, create, ids_of_references, in_pathways, shelve
from portal_api.queries.series.read import SERIES, SERIES_ENROLMENT

__all__ = [
    "SERIES",
    "SERIES_ENROLMENT",
    "STATUS_NOW",
    "Candidate",
    "EnrolmentRow",
    "NewEnrolment",
    "SeriesContent",
    "SeriesRow",
    "candidates",
    "change",
    "change_enrolments",
    "create",
    "due",
    "extend_pathways",
    "facts",
    "ids_of_references",
    "in_pathways",
    "insert_enrolments",
    "lock_learners",
    "mark_signed_in",
    "open_of_learners",
    "overdue",
    "reckon_overdue",
    "settle",
    "shelve",
    "taken",
    "terms",
    "withdraw",
]
