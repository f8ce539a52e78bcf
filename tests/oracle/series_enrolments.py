"""Enrolments in series, in plain Python."""

from typing import Any

from portal_api import models
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.roles import Role
from portal_api.domain.series import SERIES_ENROLMENTS, SeriesEnrolmentFacts
from tests.oracle import learners
from tests.oracle.engine import Asking, Noun, owned, reporting, searching
from tests.oracle.groups import in_group
from tests.oracle.rows import FAR_FUTURE, Row, wire
from tests.oracle.series_times import is_overdue, of, of_series_type, status_at


def _sees_enrolment(asking: Asking, row: Row) -> bool:
    return asking.viewer.role is Role.INTEGRATION or asking.knows(row.learner_id)


def _actions(asking: Asking, row: Row) -> Any:
    learner, run = of(asking, "Learner", row.learner_id), of(asking, "PathwayEnrolment", row.pathway_enrolment_id)
    pathway = run and asking.record("Pathway", run.pathway_id)  # named to whoever sees it
    facts = SeriesEnrolmentFacts(
        status_at(asking.now, row),
        learner_is_active=learner.status is LearnerStatus.ACTIVE,
        has_app_access=learner.has_app_access,
        is_own_record=learner.id == asking.viewer.learner_id,
        pathway_enrolment=f"pen_{run.id.hex}" if run else None,
        pathway_title=pathway.title if pathway else None,
    )
    return SERIES_ENROLMENTS.actions(asking.viewer.role, facts)


def texts(asking: Asking, row: Row) -> list[str]:
    """Where a search looks for words: in those of the learner."""
    return learners.texts(asking, of(asking, "Learner", row.learner_id))


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
    keys={"id": "sen", "learnerId": "lrn", "seriesId": "ser", "pathwayEnrolmentId": "pen", "groupId": "grp"},
    conditions={
        "seriesType": of_series_type,
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
