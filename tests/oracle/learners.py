"""Learners, in plain Python."""

from typing import Any

from portal_api import models
from portal_api.domain.learners import LEARNERS, LearnerFacts
from portal_api.domain.roles import Role
from tests.oracle.engine import Asking, Noun, owned, reporting, searching
from tests.oracle.rows import Row, folded, wire


def _sees(asking: Asking, row: Row) -> bool:
    return asking.viewer.role is Role.INTEGRATION or asking.knows(row.id)


def _actions(asking: Asking, row: Row) -> Any:
    is_owner_record = any(each.role is Role.OWNER and each.learner_id == row.id for each in asking.rows["Role"])
    return LEARNERS.actions(asking.viewer.role, LearnerFacts(row.status, is_owner_record))


def texts(_: Asking, row: Row) -> list[str]:
    """Where a search looks for words."""
    return [row.given_name, row.family_name, row.email, row.external_ref]


LEARNER = Noun(
    "Learner",
    "lrn",
    sees=_sees,
    tables={"Learner": models.learners},
    root="learner",
    root_list="learners",
    fields={
        "manager": lambda asking, row: asking.record("Learner", row.manager_id),
        "deactivationReason": lambda asking, row: row.deactivation_reason if asking.is_administrator else None,
        "deactivationNote": lambda asking, row: row.deactivation_note if asking.is_administrator else None,
        "actions": _actions,
    },
    lists={
        "reports": ("Learner", owned("manager_id")),
        "seriesEnrolments": ("SeriesEnrolment", owned("learner_id")),
        "history": ("HistoryEntry", owned("subject_id")),
    },
    keys={"id": "lrn"},
    conditions={"reportsTo": reporting(lambda row: row.id), "search": searching(texts)},
    orders={
        "FAMILY_NAME": lambda row: folded(row.family_name),
        "GIVEN_NAME": lambda row: folded(row.given_name),
        "CREATED_AT": lambda row: wire(row.created_at),
    },
    for_integration=frozenset({"id", "externalRef", "status"}),
)
