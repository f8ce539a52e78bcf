"""History entries: who sees them, what each field reads, and how they are written."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import case, null, or_
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.history import ActorKind, HistoryAction, SubjectKind
from portal_api.models import history_entries, users
from portal_api.planner.declare import Column, Key, Source, ToOne, ToOneOf
from portal_api.planner.filters import Comparison, Target
from portal_api.queries import scope
from portal_api.queries.rows import insert_rows

HISTORY_ENTRY = Source(
    type="HistoryEntry",
    prefix="his",
    table=history_entries,
    scope=scope.HISTORY_ENTRIES,
    ways=scope.HISTORY_ENTRY_WAYS,
    fields={
        "id": Key(),
        "actorKind": Column(history_entries.c.actor_kind),
        "actor": ToOne("User", history_entries.c.actor_id),
        "action": Column(history_entries.c.action),
        "subjectKind": Column(history_entries.c.subject_kind),
        "subject": ToOneOf(
            {
                SubjectKind.ORGANISATION: "Organisation",
                SubjectKind.USER: "User",
                SubjectKind.INTEGRATION_TOKEN: "IntegrationToken",
                SubjectKind.GROUP: "Group",
                SubjectKind.LEARNER: "Learner",
                SubjectKind.SERIES: "Series",
                SubjectKind.SERIES_ENROLMENT: "SeriesEnrolment",
                SubjectKind.PATHWAY: "Pathway",
                SubjectKind.PATHWAY_ENROLMENT: "PathwayEnrolment",
                SubjectKind.RESOURCE: "Resource",
                SubjectKind.CERTIFICATION: "Certification",
                SubjectKind.CERTIFICATION_VERSION: "CertificationVersion",
                SubjectKind.LEARNER_CERTIFICATION: "LearnerCertification",
                SubjectKind.APPROVAL: "Approval",
                SubjectKind.CERTIFICATE: "Certificate",
                SubjectKind.COURSE: "Course",
                SubjectKind.UNIT: "Unit",
                SubjectKind.COURSE_OFFER: "CourseOffer",
                SubjectKind.STATUS_REASON: "StatusReason",
                SubjectKind.COURSE_ENROLMENT: "CourseEnrolment",
                SubjectKind.UNIT_ENROLMENT: "UnitEnrolment",
                SubjectKind.SURVEY: "Survey",
                SubjectKind.EXPORT: "Export",
                SubjectKind.CREDENTIAL: "Credential",
                SubjectKind.DOCUMENT: "Document",
                SubjectKind.LEARNCYCLE: "Learncycle",
                SubjectKind.TASK: "Task",
                SubjectKind.NOTIFICATION: "Notification",
                SubjectKind.WEBHOOK_ENDPOINT: "WebhookEndpoint",
                SubjectKind.WEBHOOK_DELIVERY: "WebhookDelivery",
            },
            history_entries.c.subject_kind,
            history_entries.c.subject_id,
        ),
        "learner": ToOne("Learner", history_entries.c.learner_id),
        "fromStatus": Column(history_entries.c.from_status),
        "toStatus": Column(history_entries.c.to_status),
        "reason": Column(
            case(
                (
                    or_(scope.SEES_ORGANISATION, history_entries.c.action != HistoryAction.LEARNER_DEACTIVATED),
                    history_entries.c.reason,
                ),
                else_=null(),
            ),
            is_nullable=True,
        ),
        "note": Column(case((scope.SEES_ORGANISATION, history_entries.c.note), else_=null()), is_nullable=True),
        "changedFields": Column(history_entries.c.changed_fields),
        "subjectVersion": Column(history_entries.c.version),
        "requestId": Column(history_entries.c.request_id),
        "cause": ToOne("HistoryEntry", history_entries.c.cause_id),
        "occurredAt": Column(history_entries.c.occurred_at),
        "recordedAt": Column(history_entries.c.recorded_at),
    },
    filters={
        "subjectKind": Comparison(history_entries.c.subject_kind),
        "learnerId": Comparison(history_entries.c.learner_id, "lrn"),
        "action": Comparison(history_entries.c.action),
        "actorId": Comparison(history_entries.c.actor_id, "usr", Target(users.c.id, scope.USERS)),
        "occurredAt": Comparison(history_entries.c.occurred_at),
        "recordedAt": Comparison(history_entries.c.recorded_at),
    },
    orders={"OCCURRED_AT": history_entries.c.occurred_at},
    default_order=(("OCCURRED_AT", True),),
)


class Entry(NamedTuple):
    """One entry to be written: a column each, statuses and reasons as clients know them."""

    organisation_id: UUID
    id: UUID
    actor_kind: ActorKind
    actor_id: UUID | None
    action: HistoryAction
    subject_kind: SubjectKind
    subject_id: UUID
    learner_id: UUID | None
    from_status: str | None
    to_status: str | None
    reason: str | None
    note: str | None
    version: int
    request_id: str | None
    cause_id: UUID | None
    occurred_at: datetime
    recorded_at: datetime
    changed_fields: str | None = None


async def record(connection: AsyncConnection, entries: Sequence[Entry]) -> None:
    """Writes entries, in one statement."""
    await insert_rows(connection, history_entries, [entry._asdict() for entry in entries])
