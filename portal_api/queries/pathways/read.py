"""Pathways, their steps and the enrolments in them: who sees them, and what each field reads."""

from sqlalchemy import ColumnElement, case, null, select

from portal_api.domain.learners import LearnerStatus
from portal_api.domain.library import LibraryStatus
from portal_api.domain.machine import ActionState
from portal_api.domain.pathways import (
    PATHWAY_ENROLMENTS,
    PATHWAYS,
    PathwayAction,
    PathwayEnrolmentAction,
    PathwayEnrolmentFacts,
    PathwayEnrolmentStatus,
    PathwayFacts,
)
from portal_api.domain.roles import Role
from portal_api.models import (
    history_entries,
    learners,
    pathway_enrolments,
    pathway_steps,
    pathways,
    series_enrolments,
)
from portal_api.planner.declare import Column, Connection, Derived, Key, Source, ToOne
from portal_api.planner.filters import Comparison, Search, Target, TimedStatus
from portal_api.queries import scope
from portal_api.queries.folding import fold, search_in
from portal_api.queries.learners import ReportsTo
from portal_api.queries.ordering import AsSorted, or_last_instant
from portal_api.queries.time import status_now


def _pathway_actions(role: str, status: LibraryStatus) -> tuple[ActionState[PathwayAction], ...]:
    return PATHWAYS.actions(Role(role), PathwayFacts(status))


PATHWAY = Source(
    type="Pathway",
    prefix="pth",
    table=pathways,
    scope=scope.PATHWAYS,
    fields={
        "id": Key(),
        "externalRef": Column(pathways.c.external_ref),
        "title": Column(pathways.c.title),
        "kind": Column(pathways.c.kind),
        "status": Column(pathways.c.status),
        "createdAt": Column(pathways.c.created_at),
        "version": Column(pathways.c.version),
        "steps": Connection("PathwayStep", pathway_steps.c.pathway_id),
        "enrolments": Connection("PathwayEnrolment", pathway_enrolments.c.pathway_id),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
        "actions": Derived((pathways.c.status,), _pathway_actions),
    },
    filters={
        "id": Comparison(pathways.c.id, "pth"),
        "externalRef": Comparison(pathways.c.external_ref),
        "kind": Comparison(pathways.c.kind),
        "status": Comparison(pathways.c.status),
        "createdAt": Comparison(pathways.c.created_at),
        "search": search_in(pathways.c.search_key),
    },
    orders={"TITLE": pathways.c.title_key, "CREATED_AT": pathways.c.created_at},
)

PATHWAY_STEP = Source(
    type="PathwayStep",
    prefix="pst",
    table=pathway_steps,
    scope=scope.PATHWAY_STEPS,
    fields={
        "id": Key(),
        "position": Column(pathway_steps.c.position),
        "series": ToOne("Series", pathway_steps.c.series_id),
        "pathway": ToOne("Pathway", pathway_steps.c.pathway_id),
    },
    orders={"POSITION": pathway_steps.c.position},
    default_order=(("POSITION", False),),
)

STATUS_NOW = status_now(PATHWAY_ENROLMENTS, pathway_enrolments)
_enrolled = learners.alias("enrolled")
LEARNER_STATUS = (
    select(_enrolled.c.status)
    .where(
        _enrolled.c.organisation_id == pathway_enrolments.c.organisation_id,
        _enrolled.c.id == pathway_enrolments.c.learner_id,
    )
    .correlate(pathway_enrolments)
    .scalar_subquery()
)


def _learner_matches(pattern: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether the learner enrolled has a word."""
    found = learners.alias("found")
    return pathway_enrolments.c.learner_id.in_(
        select(found.c.id).where(
            found.c.organisation_id == scope.ORGANISATION, found.c.search_key.like(pattern, escape="\\")
        )
    )


def _enrolment_actions(
    role: str, status: PathwayEnrolmentStatus, learner_status: LearnerStatus
) -> tuple[ActionState[PathwayEnrolmentAction], ...]:
    is_active = learner_status is LearnerStatus.ACTIVE
    return PATHWAY_ENROLMENTS.actions(Role(role), PathwayEnrolmentFacts(status, learner_is_active=is_active))


_WITHDRAWN_OR_LAST = or_last_instant(pathway_enrolments.c.withdrawn_at)

PATHWAY_ENROLMENT = Source(
    type="PathwayEnrolment",
    prefix="pen",
    table=pathway_enrolments,
    scope=scope.PATHWAY_ENROLMENTS,
    ways=scope.PATHWAY_ENROLMENT_WAYS,
    fields={
        "id": Key(),
        "externalRef": Column(pathway_enrolments.c.external_ref),
        "status": Column(STATUS_NOW, is_nullable=False),
        "learner": ToOne("Learner", pathway_enrolments.c.learner_id),
        "pathway": ToOne("Pathway", pathway_enrolments.c.pathway_id),
        "position": Column(pathway_enrolments.c.position),
        "enrolledAt": Column(pathway_enrolments.c.enrolled_at),
        "endsAt": Column(pathway_enrolments.c.ends_at),
        "completedAt": Column(pathway_enrolments.c.completed_at),
        "withdrawnAt": Column(pathway_enrolments.c.withdrawn_at),
        "withdrawalReason": Column(pathway_enrolments.c.withdrawal_reason),
        "withdrawalNote": Column(
            case((scope.SEES_ORGANISATION, pathway_enrolments.c.withdrawal_note), else_=null()), is_nullable=True
        ),
        "trackingCode": Column(pathway_enrolments.c.tracking_code),
        "version": Column(pathway_enrolments.c.version),
        "seriesEnrolments": Connection("SeriesEnrolment", series_enrolments.c.pathway_enrolment_id),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
        "actions": Derived((STATUS_NOW, LEARNER_STATUS), _enrolment_actions),
    },
    filters={
        "id": Comparison(pathway_enrolments.c.id, "pen"),
        "externalRef": Comparison(pathway_enrolments.c.external_ref),
        "learnerId": Comparison(pathway_enrolments.c.learner_id, "lrn"),
        "pathwayId": Comparison(pathway_enrolments.c.pathway_id, "pth", Target(pathways.c.id, scope.PATHWAYS)),
        "status": TimedStatus(pathway_enrolments.c.status, pathway_enrolments.c.due_at, STATUS_NOW, scope.NOW),
        "trackingCode": Comparison(pathway_enrolments.c.tracking_code),
        "enrolledAt": Comparison(pathway_enrolments.c.enrolled_at),
        "endsAt": Comparison(pathway_enrolments.c.ends_at),
        "completedAt": Comparison(pathway_enrolments.c.completed_at),
        "withdrawnAt": AsSorted(pathway_enrolments.c.withdrawn_at, _WITHDRAWN_OR_LAST),
        "withdrawalReason": Comparison(pathway_enrolments.c.withdrawal_reason),
        "reportsTo": ReportsTo(pathway_enrolments.c.learner_id),
        "search": Search(_learner_matches, fold),
    },
    orders={
        "ENROLLED_AT": pathway_enrolments.c.enrolled_at,
        "ENDS_AT": pathway_enrolments.c.ends_at,
        "WITHDRAWN_AT": _WITHDRAWN_OR_LAST,
    },
    narrowed={Role.INTEGRATION: frozenset({"id", "externalRef", "status"})},
)
