"""Enrolments in series, in plain Python."""

from datetime import datetime
from typing import Any

from portal_api import models
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.roles import Role
from portal_api.domain.series import SERIES_ENROLMENTS, SeriesEnrolmentFacts, SeriesEnrolmentStatus
from tests.oracle import learners
from tests.oracle.engine import Asking, Noun, owned, reporting, searching
from tests.oracle.rows import Row, wire

_S = SeriesEnrolmentStatus
NEVER = "9999-12-31T00:00:00.000000Z"
TIME_RAN_OUT = {
    _S.NOT_SIGNED_IN: _S.NEVER_SIGNED_IN,
    _S.NO_ATTEMPTS: _S.DID_NOT_START,
    _S.IN_PROGRESS: _S.INCOMPLETE,
}


def _sees_enrolment(asking: Asking, row: Row) -> bool:
    return asking.viewer.role is Role.INTEGRATION or asking.knows(row.learner_id)


def status_at(now: datetime, row: Row) -> SeriesEnrolmentStatus:
    """What time has made of the status that is stored."""
    status = row.status
    if status is _S.WAITING_TO_START and row.starts_at <= now:
        status = _S.NO_ATTEMPTS if row.has_signed_in else _S.NOT_SIGNED_IN
    return TIME_RAN_OUT.get(status, status) if row.ends_at <= now else status


def _learner(asking: Asking, row: Row) -> Row:
    return next(each for each in asking.rows["Learner"] if each.id == row.learner_id)


def _actions(asking: Asking, row: Row) -> Any:
    is_active = _learner(asking, row).status is LearnerStatus.ACTIVE
    return SERIES_ENROLMENTS.actions(asking.viewer.role, SeriesEnrolmentFacts(status_at(asking.now, row), is_active))


def _texts(asking: Asking, row: Row) -> list[str]:
    return learners.texts(asking, _learner(asking, row))


SERIES_ENROLMENT = Noun(
    "SeriesEnrolment",
    "sen",
    sees=_sees_enrolment,
    tables={"SeriesEnrolment": models.series_enrolments},
    root="seriesEnrolment",
    root_list="seriesEnrolments",
    fields={
        "status": lambda asking, row: status_at(asking.now, row),
        "learner": lambda asking, row: asking.record("Learner", row.learner_id),
        "series": lambda asking, row: asking.record("Series", row.series_id),
        "withdrawalNote": lambda asking, row: row.withdrawal_note if asking.is_administrator else None,
        "actions": _actions,
    },
    lists={"history": ("HistoryEntry", owned("subject_id"))},
    keys={"id": "sen", "learnerId": "lrn", "seriesId": "ser"},
    conditions={"reportsTo": reporting(lambda row: row.learner_id), "search": searching(_texts)},
    orders={
        "ENROLLED_AT": lambda row: wire(row.enrolled_at),
        "STARTS_AT": lambda row: wire(row.starts_at),
        "ENDS_AT": lambda row: wire(row.ends_at),
        "WITHDRAWN_AT": lambda row: wire(row.withdrawn_at) or NEVER,
    },
    for_integration=frozenset({"id", "externalRef", "status"}),
)
