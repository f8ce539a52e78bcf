"""Enrolments in pathways, in plain Python."""

from datetime import datetime
from typing import Any

from portal_api import models
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.pathways import PATHWAY_ENROLMENTS, PathwayEnrolmentFacts, PathwayEnrolmentStatus
from portal_api.domain.roles import Role
from tests.oracle import learners
from tests.oracle.engine import Asking, Noun, owned, reporting, searching
from tests.oracle.rows import FAR_FUTURE, Row, wire

_S = PathwayEnrolmentStatus
RUNNING = (_S.IN_PROGRESS,)


def _sees(asking: Asking, row: Row) -> bool:
    return asking.viewer.role is Role.INTEGRATION or asking.knows(row.learner_id)


def status_at(now: datetime, row: Row) -> PathwayEnrolmentStatus:
    """What time has made of the status that is stored."""
    return _S.INCOMPLETE if row.status is _S.IN_PROGRESS and row.ends_at <= now else row.status


def _learner(asking: Asking, row: Row) -> Row:
    return next(each for each in asking.rows["Learner"] if each.id == row.learner_id)


def _actions(asking: Asking, row: Row) -> Any:
    is_active = _learner(asking, row).status is LearnerStatus.ACTIVE
    return PATHWAY_ENROLMENTS.actions(
        asking.viewer.role, PathwayEnrolmentFacts(status_at(asking.now, row), learner_is_active=is_active)
    )


PATHWAY_ENROLMENT = Noun(
    "PathwayEnrolment",
    "pen",
    sees=_sees,
    tables={"PathwayEnrolment": models.pathway_enrolments},
    root="pathwayEnrolment",
    root_list="pathwayEnrolments",
    fields={
        "status": lambda asking, row: status_at(asking.now, row),
        "learner": lambda asking, row: asking.record("Learner", row.learner_id),
        "pathway": lambda asking, row: asking.record("Pathway", row.pathway_id),
        "withdrawalNote": lambda asking, row: row.withdrawal_note if asking.is_administrator else None,
        "actions": _actions,
    },
    lists={
        "seriesEnrolments": ("SeriesEnrolment", owned("pathway_enrolment_id")),
        "history": ("HistoryEntry", owned("subject_id")),
    },
    keys={"id": "pen", "learnerId": "lrn", "pathwayId": "pth"},
    conditions={
        "reportsTo": reporting(lambda row: row.learner_id),
        "search": searching(lambda asking, row: learners.texts(asking, _learner(asking, row))),
    },
    orders={
        "ENROLLED_AT": lambda row: wire(row.enrolled_at),
        "ENDS_AT": lambda row: wire(row.ends_at),
        "WITHDRAWN_AT": lambda row: wire(row.withdrawn_at) or FAR_FUTURE,
    },
    for_integration=frozenset({"id", "externalRef", "status"}),
)
