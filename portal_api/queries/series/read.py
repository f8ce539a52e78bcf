"""Series and the enrolments in them: who sees them, and what each field reads."""

from sqlalchemy import ColumnElement, case, func, literal, null, select

from portal_api.domain.learners import LearnerStatus
from portal_api.domain.machine import FAR_FUTURE, ActionState
from portal_api.domain.roles import Role
from portal_api.domain.series import (
    SERIES_ENROLMENTS,
    SeriesEnrolmentAction,
    SeriesEnrolmentFacts,
    SeriesEnrolmentStatus,
)
from portal_api.models import history_entries, learners, series, series_enrolments
from portal_api.models.base import Instant
from portal_api.planner.declare import Column, Connection, Derived, Key, Source, ToOne
from portal_api.planner.filters import Comparison, Search, Target, TimedStatus
from portal_api.queries import scope
from portal_api.queries.folding import fold, search_in
from portal_api.queries.learners import ReportsTo
from portal_api.queries.series.found import STATUS_NOW

SERIES = Source(
    type="Series",
    prefix="ser",
    table=series,
    scope=scope.SERIES,
    fields={
        "id": Key(),
        "externalRef": Column(series.c.external_ref),
        "title": Column(series.c.title),
        "type": Column(series.c.type),
        "duration": Column(series.c.duration),
        "durationDays": Column(series.c.duration_days),
        "endsOn": Column(series.c.ends_on),
        "status": Column(series.c.status),
        "createdAt": Column(series.c.created_at),
        "version": Column(series.c.version),
        "enrolments": Connection("SeriesEnrolment", series_enrolments.c.series_id),
    },
    filters={
        "id": Comparison(series.c.id, "ser"),
        "externalRef": Comparison(series.c.external_ref),
        "type": Comparison(series.c.type),
        "status": Comparison(series.c.status),
        "search": search_in(series.c.search_key),
    },
    orders={"TITLE": series.c.title_key, "CREATED_AT": series.c.created_at},
)

_enrolled = learners.alias("enrolled")
LEARNER_STATUS = (
    select(_enrolled.c.status)
    .where(
        _enrolled.c.organisation_id == series_enrolments.c.organisation_id,
        _enrolled.c.id == series_enrolments.c.learner_id,
    )
    .correlate(series_enrolments)
    .scalar_subquery()
)


def _learner_matches(pattern: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether the learner enrolled has a word."""
    found = learners.alias("found")
    return series_enrolments.c.learner_id.in_(
        select(found.c.id).where(
            found.c.organisation_id == scope.ORGANISATION, found.c.search_key.like(pattern, escape="\\")
        )
    )


def _actions(
    role: str, status: SeriesEnrolmentStatus, learner_status: LearnerStatus
) -> tuple[ActionState[SeriesEnrolmentAction], ...]:
    return SERIES_ENROLMENTS.actions(
        Role(role), SeriesEnrolmentFacts(status, learner_is_active=learner_status is LearnerStatus.ACTIVE)
    )


SERIES_ENROLMENT = Source(
    type="SeriesEnrolment",
    prefix="sen",
    table=series_enrolments,
    scope=scope.SERIES_ENROLMENTS,
    fields={
        "id": Key(),
        "externalRef": Column(series_enrolments.c.external_ref),
        "status": Column(STATUS_NOW, is_nullable=False),
        "learner": ToOne("Learner", series_enrolments.c.learner_id),
        "series": ToOne("Series", series_enrolments.c.series_id),
        "enrolledAt": Column(series_enrolments.c.enrolled_at),
        "startsAt": Column(series_enrolments.c.starts_at),
        "endsAt": Column(series_enrolments.c.ends_at),
        "masteredAt": Column(series_enrolments.c.mastered_at),
        "withdrawnAt": Column(series_enrolments.c.withdrawn_at),
        "withdrawalReason": Column(series_enrolments.c.withdrawal_reason),
        "withdrawalNote": Column(
            case((scope.SEES_ORGANISATION, series_enrolments.c.withdrawal_note), else_=null()), is_nullable=True
        ),
        "version": Column(series_enrolments.c.version),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
        "actions": Derived((STATUS_NOW, LEARNER_STATUS), _actions),
    },
    filters={
        "id": Comparison(series_enrolments.c.id, "sen"),
        "externalRef": Comparison(series_enrolments.c.external_ref),
        "learnerId": Comparison(series_enrolments.c.learner_id, "lrn"),
        "seriesId": Comparison(series_enrolments.c.series_id, "ser", Target(series.c.id, scope.SERIES)),
        "status": TimedStatus(series_enrolments.c.status, series_enrolments.c.due_at, STATUS_NOW, scope.NOW),
        "enrolledAt": Comparison(series_enrolments.c.enrolled_at),
        "startsAt": Comparison(series_enrolments.c.starts_at),
        "endsAt": Comparison(series_enrolments.c.ends_at),
        "withdrawnAt": Comparison(series_enrolments.c.withdrawn_at),
        "withdrawalReason": Comparison(series_enrolments.c.withdrawal_reason),
        "reportsTo": ReportsTo(series_enrolments.c.learner_id),
        "search": Search(_learner_matches, fold),
    },
    orders={
        "ENROLLED_AT": series_enrolments.c.enrolled_at,
        "STARTS_AT": series_enrolments.c.starts_at,
        "ENDS_AT": series_enrolments.c.ends_at,
        "WITHDRAWN_AT": func.coalesce(
            series_enrolments.c.withdrawn_at, literal(FAR_FUTURE, Instant()), type_=Instant()
        ),
    },
    narrowed={Role.INTEGRATION: frozenset({"id", "externalRef", "status"})},
)
