"""Series and the enrolments in them: who sees them, and what each field reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, case, null, select, true, type_coerce

from portal_api.domain.learners import LearnerStatus
from portal_api.domain.library import LibraryStatus
from portal_api.domain.machine import ActionState
from portal_api.domain.roles import Role
from portal_api.domain.series import SERIES as SERIES_TABLE
from portal_api.domain.series import (
    SERIES_ENROLMENTS,
    SeriesAction,
    SeriesEnrolmentAction,
    SeriesEnrolmentFacts,
    SeriesEnrolmentStatus,
    SeriesFacts,
    SeriesType,
)
from portal_api.ids import global_id
from portal_api.models import (
    history_entries,
    learners,
    pathway_enrolments,
    pathways,
    resources,
    series,
    series_enrolments,
)
from portal_api.planner.declare import Column, Connection, Derived, Key, Source, ToOne
from portal_api.planner.filters import Binder, Comparison, Flag, Search, Shape, Target, TimedStatus
from portal_api.queries import scope
from portal_api.queries.folding import fold, search_in
from portal_api.queries.groups import InGroup
from portal_api.queries.learners import ReportsTo
from portal_api.queries.ordering import AsSorted, or_last_instant
from portal_api.queries.series.found import IS_OVERDUE, IS_OWN_RECORD, STATUS_NOW


def _series_actions(role: str, status: LibraryStatus) -> tuple[ActionState[SeriesAction], ...]:
    return SERIES_TABLE.actions(Role(role), SeriesFacts(status))


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
        "questionCount": Column(series.c.question_count),
        "masteryPercent": Column(series.c.mastery_percent),
        "status": Column(series.c.status),
        "createdAt": Column(series.c.created_at),
        "version": Column(series.c.version),
        "enrolments": Connection("SeriesEnrolment", series_enrolments.c.series_id),
        "resources": Connection("Resource", resources.c.series_id),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
        "actions": Derived((series.c.status,), _series_actions),
    },
    filters={
        "id": Comparison(series.c.id, "ser"),
        "externalRef": Comparison(series.c.external_ref),
        "type": Comparison(series.c.type),
        "duration": Comparison(series.c.duration),
        "status": Comparison(series.c.status),
        "createdAt": Comparison(series.c.created_at),
        "search": search_in(series.c.search_key),
    },
    orders={"TITLE": series.c.title_key, "CREATED_AT": series.c.created_at},
)

_enrolled = learners.alias("enrolled")

_WITH_ACCESS = " with access"
_status = type_coerce(_enrolled.c.status, Text())
_LEARNER = (
    select(case((_enrolled.c.has_app_access, _status + _WITH_ACCESS), else_=_status))
    .where(
        _enrolled.c.organisation_id == series_enrolments.c.organisation_id,
        _enrolled.c.id == series_enrolments.c.learner_id,
    )
    .correlate(series_enrolments)
    .scalar_subquery()
)
"""The status of the learner enrolled, and whether they have access to the app: both by one look, for a thousand rows."""
_title = (
    select(pathways.c.title)
    .join(
        pathway_enrolments,
        and_(
            pathway_enrolments.c.organisation_id == pathways.c.organisation_id,
            pathway_enrolments.c.pathway_id == pathways.c.id,
        ),
    )
    .where(
        pathway_enrolments.c.organisation_id == series_enrolments.c.organisation_id,
        pathway_enrolments.c.id == series_enrolments.c.pathway_enrolment_id,
        scope.PATHWAYS,
    )
    .correlate(series_enrolments)
    .scalar_subquery()
)
_PATHWAY_TITLE = case((series_enrolments.c.pathway_enrolment_id.is_not(None), _title))
"""Refusals name the pathway to whoever sees it; one that is retired goes on, seen by administrators alone."""
_previews = series.alias("previews")
IS_REPORTED = ~series_enrolments.c.series_id.in_(
    select(_previews.c.id).where(
        _previews.c.organisation_id == scope.ORGANISATION, _previews.c.type == SeriesType.PREVIEW
    )
)
"""Reports never count enrolments in previews, whoever may see the series (a reading)."""


@dataclass(frozen=True, slots=True)
class OfSeries:
    """Comparators on a column of the series: `eq in notIn`. Of a series that the viewer does not see, nothing is told."""

    column: ColumnElement[Any]

    def parse(self, value: Any) -> tuple[Shape, Mapping[str, Any]]:
        return Comparison(self.column).parse(value)

    def where(self, shape: Shape, bind: Binder) -> ColumnElement[bool]:
        return and_(true(), *(self._condition(name, bind) for name, _ in shape))

    def _condition(self, name: str, bind: Binder) -> ColumnElement[bool]:
        column = self.column
        fits = column == bind(name, column.type) if name == "eq" else bind.one_of(column, name)
        found = series_enrolments.c.series_id.in_(select(series.c.id).where(scope.SERIES, fits).correlate(None))
        return ~found if name == "notIn" else found


def _learner_matches(pattern: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether the learner enrolled has a word."""
    found = learners.alias("found")
    return series_enrolments.c.learner_id.in_(
        select(found.c.id).where(
            found.c.organisation_id == scope.ORGANISATION, found.c.search_key.like(pattern, escape="\\")
        )
    )


def _actions(
    role: str,
    status: SeriesEnrolmentStatus,
    learner: str,
    is_own_record: bool,
    pathway_enrolment_id: Any,
    pathway_title: str | None,
) -> tuple[ActionState[SeriesEnrolmentAction], ...]:
    facts = SeriesEnrolmentFacts(
        status,
        learner_is_active=learner.removesuffix(_WITH_ACCESS) == LearnerStatus.ACTIVE,
        has_app_access=learner.endswith(_WITH_ACCESS),
        is_own_record=is_own_record,
        pathway_enrolment=pathway_enrolment_id and global_id("pen", UUID(str(pathway_enrolment_id))),
        pathway_title=pathway_title,
    )
    return SERIES_ENROLMENTS.actions(Role(role), facts)


_WITHDRAWN_OR_LAST = or_last_instant(series_enrolments.c.withdrawn_at)

SERIES_ENROLMENT = Source(
    type="SeriesEnrolment",
    prefix="sen",
    table=series_enrolments,
    scope=scope.SERIES_ENROLMENTS,
    ways=scope.SERIES_ENROLMENT_WAYS,
    fields={
        "id": Key(),
        "externalRef": Column(series_enrolments.c.external_ref),
        "status": Column(STATUS_NOW, is_nullable=False),
        "learner": ToOne("Learner", series_enrolments.c.learner_id),
        "series": ToOne("Series", series_enrolments.c.series_id),
        "pathwayEnrolment": ToOne("PathwayEnrolment", series_enrolments.c.pathway_enrolment_id),
        "enrolledAt": Column(series_enrolments.c.enrolled_at),
        "startsAt": Column(series_enrolments.c.starts_at),
        "endsAt": Column(series_enrolments.c.ends_at),
        "dueOn": Column(series_enrolments.c.due_on),
        "isOverdue": Column(IS_OVERDUE, is_nullable=False),
        "trackingCode": Column(series_enrolments.c.tracking_code),
        "questionsAnswered": Column(series_enrolments.c.questions_answered),
        "questionsCorrect": Column(series_enrolments.c.questions_correct),
        "lastAnsweredAt": Column(series_enrolments.c.last_answered_at),
        "masteredAt": Column(series_enrolments.c.mastered_at),
        "withdrawnAt": Column(series_enrolments.c.withdrawn_at),
        "withdrawalReason": Column(series_enrolments.c.withdrawal_reason),
        "withdrawalNote": Column(
            case((scope.SEES_ORGANISATION, series_enrolments.c.withdrawal_note), else_=null()), is_nullable=True
        ),
        "version": Column(series_enrolments.c.version),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
        "actions": Derived(
            (
                STATUS_NOW,
                _LEARNER,
                IS_OWN_RECORD,
                series_enrolments.c.pathway_enrolment_id,
                _PATHWAY_TITLE,
            ),
            _actions,
        ),
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
        "dueOn": Comparison(series_enrolments.c.due_on),
        "isOverdue": Flag(IS_OVERDUE),
        "trackingCode": Comparison(series_enrolments.c.tracking_code),
        "seriesType": OfSeries(series.c.type),
        "pathwayEnrolmentId": Comparison(series_enrolments.c.pathway_enrolment_id, "pen"),
        "masteredAt": Comparison(series_enrolments.c.mastered_at),
        "lastAnsweredAt": Comparison(series_enrolments.c.last_answered_at),
        "withdrawnAt": AsSorted(series_enrolments.c.withdrawn_at, _WITHDRAWN_OR_LAST),
        "withdrawalReason": Comparison(series_enrolments.c.withdrawal_reason),
        "reportsTo": ReportsTo(series_enrolments.c.learner_id),
        "groupId": InGroup(series_enrolments.c.learner_id),
        "search": Search(_learner_matches, fold),
    },
    orders={
        "ENROLLED_AT": series_enrolments.c.enrolled_at,
        "STARTS_AT": series_enrolments.c.starts_at,
        "ENDS_AT": series_enrolments.c.ends_at,
        "DUE_ON": or_last_instant(series_enrolments.c.overdue_at),
        "WITHDRAWN_AT": _WITHDRAWN_OR_LAST,
    },
    conditions={"reported": Flag(IS_REPORTED), "overdue": Flag(IS_OVERDUE)},
    narrowed={Role.INTEGRATION: frozenset({"id", "externalRef", "status"})},
)
