"""Enrolments in series, in plain Python."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from portal_api import models
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.roles import Role
from portal_api.domain.series import SERIES_ENROLMENTS, SeriesEnrolmentFacts, SeriesEnrolmentStatus
from tests.oracle import learners
from tests.oracle.engine import Asking, Noun, owned, reporting, searching
from tests.oracle.groups import in_group
from tests.oracle.rows import FAR_FUTURE, Row, wire

_S = SeriesEnrolmentStatus
RUNNING = (_S.WAITING_TO_START, _S.NOT_SIGNED_IN, _S.NO_ATTEMPTS, _S.IN_PROGRESS)
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


def is_overdue(asking: Asking, row: Row) -> bool:
    """Whether the due day is over while the enrolment still runs."""
    return row.overdue_at is not None and row.overdue_at <= asking.now and status_at(asking.now, row) in RUNNING


def of(asking: Asking, type_: str, id_: UUID | None) -> Row | None:
    """The row of a type with a key, whoever sees it."""
    return next((each for each in asking.rows[type_] if each.id == id_), None)


def _actions(asking: Asking, row: Row) -> Any:
    learner, run = of(asking, "Learner", row.learner_id), of(asking, "PathwayEnrolment", row.pathway_enrolment_id)
    assert learner
    facts = SeriesEnrolmentFacts(
        status_at(asking.now, row),
        learner_is_active=learner.status is LearnerStatus.ACTIVE,
        has_app_access=learner.has_app_access,
        is_own_record=learner.id == asking.viewer.learner_id,
        pathway_enrolment=f"pen_{run.id.hex}" if run else None,
        pathway_title=of(asking, "Pathway", run.pathway_id).title if run else None,  # type: ignore[union-attr]
    )
    return SERIES_ENROLMENTS.actions(asking.viewer.role, facts)


def texts(asking: Asking, row: Row) -> list[str]:
    """Where a search looks for words: in those of the learner."""
    return learners.texts(asking, of(asking, "Learner", row.learner_id))


def _of_series_type(asking: Asking, given: Mapping[str, Any]) -> Callable[[Row], bool]:
    """Of a series that the viewer does not see, nothing is told: it is of none of the types."""

    def holds(row: Row) -> bool:
        series = asking.record("Series", row.series_id)
        type_ = series.type.name if series else None
        wanted = {"eq": lambda asked: type_ == asked, "in": lambda asked: type_ in asked}
        return all(
            wanted[name](asked) if name in wanted else type_ not in asked
            for name, asked in given.items()
            if asked is not None
        )

    return holds


SERIES_ENROLMENT = Noun(
    "SeriesEnrolment",
    "sen",
    sees=_sees_enrolment,
    tables={"SeriesEnrolment": models.series_enrolments},
    root="seriesEnrolment",
    root_list="seriesEnrolments",
    fields={
        "status": lambda asking, row: status_at(asking.now, row),
        "isOverdue": is_overdue,
        "learner": lambda asking, row: asking.record("Learner", row.learner_id),
        "series": lambda asking, row: asking.record("Series", row.series_id),
        "pathwayEnrolment": lambda asking, row: asking.record("PathwayEnrolment", row.pathway_enrolment_id),
        "withdrawalNote": lambda asking, row: row.withdrawal_note if asking.is_administrator else None,
        "actions": _actions,
    },
    lists={"history": ("HistoryEntry", owned("subject_id"))},
    keys={"id": "sen", "learnerId": "lrn", "seriesId": "ser", "pathwayEnrolmentId": "pen"},
    conditions={
        "seriesType": _of_series_type,
        "groupId": in_group(lambda row: row.learner_id),
        "reportsTo": reporting(lambda row: row.learner_id),
        "search": searching(texts),
    },
    orders={
        "ENROLLED_AT": lambda row: wire(row.enrolled_at),
        "STARTS_AT": lambda row: wire(row.starts_at),
        "ENDS_AT": lambda row: wire(row.ends_at),
        "DUE_ON": lambda row: wire(row.overdue_at) or FAR_FUTURE,
        "WITHDRAWN_AT": lambda row: wire(row.withdrawn_at) or FAR_FUTURE,
    },
    for_integration=frozenset({"id", "externalRef", "status"}),
)
