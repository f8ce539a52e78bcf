"""Learners: who sees them, what each field reads, the facts that decide over them, and the writes."""

from portal_api.queries.learners.changes import (
    LearnerRow,
    deactivate,
    facts,
    lock,
    reactivate,
    set_app_access,
    take,
)
from portal_api.queries.learners.read import (
    ATTRIBUTES,
    IS_OWN_RECORD,
    IS_OWNER_RECORD,
    LEARNER,
    ReportsTo,
    has_word,
)

__all__ = [
    "ATTRIBUTES",
    "IS_OWNER_RECORD",
    "IS_OWN_RECORD",
    "LEARNER",
    "LearnerRow",
    "ReportsTo",
    "deactivate",
    "facts",
    "has_word",
    "lock",
    "reactivate",
    "set_app_access",
    "take",
]
