"""The kinds of records: what they are called here, and by which names their ids are asked for."""

from dataclasses import dataclass

from sqlalchemy import Table

from portal_api.models import (
    approvals,
    assignment_sources,
    certificates,
    certification_cycles,
    certification_steps,
    certification_versions,
    certifications,
    course_enrolments,
    course_offers,
    courses,
    credentials,
    documents,
    exam_attempts,
    exports,
    groups,
    history_entries,
    integration_tokens,
    learncycle_runs,
    learncycles,
    learner_certifications,
    learners,
    notifications,
    organisations,
    pathway_enrolments,
    pathway_steps,
    pathways,
    resources,
    series,
    series_enrolments,
    status_reasons,
    step_progress,
    surveys,
    tasks,
    unit_enrolments,
    units,
    users,
    webhook_deliveries,
    webhook_endpoints,
)


@dataclass(frozen=True)
class Kind:
    """The records of one type."""

    type: str
    called: str
    """What they are called here, in one word: a walk is an enrolment in a pathway, a record a learner's certification, an
    attendance an enrolment in a course, a module a unit of it."""
    table: Table
    named_by: tuple[str, ...] = ()
    """What an id of such a record is called, in a filter and in an input alike."""
    is_narrowed: bool = False
    """Whether INTEGRATION reads id, reference and status alone."""


OF_RECORDS = (
    Kind("Organisation", "organisation", organisations),
    Kind("User", "user", users, ("userId", "actorId", "trainerId", "assigneeId")),
    Kind("IntegrationToken", "token", integration_tokens),
    Kind("Group", "group", groups, ("groupId",)),
    Kind("Learner", "learner", learners, ("learnerId", "managerId", "manager", "reachedBy"), is_narrowed=True),
    Kind("Series", "series", series, ("seriesId",)),
    Kind("SeriesEnrolment", "enrolment", series_enrolments, ("enrolmentId",), is_narrowed=True),
    Kind("Pathway", "pathway", pathways, ("pathwayId",)),
    Kind("PathwayStep", "step", pathway_steps),
    Kind("PathwayEnrolment", "walk", pathway_enrolments, ("pathwayEnrolmentId",), is_narrowed=True),
    Kind("Certification", "certification", certifications, ("certificationId",)),
    Kind("CertificationVersion", "edition", certification_versions),
    Kind("LearnerCertification", "record", learner_certifications, ("learnerCertificationId",), is_narrowed=True),
    Kind("CertificationCycle", "cycle", certification_cycles),
    Kind("StepProgress", "progress", step_progress),
    Kind("ExamAttempt", "attempt", exam_attempts),
    Kind("AssignmentSource", "source", assignment_sources),
    Kind("Approval", "approval", approvals),
    Kind("Certificate", "certificate", certificates),
    Kind("Resource", "resource", resources),
    Kind("CertificationStep", "stage", certification_steps, ("stepId",)),
    Kind("Course", "course", courses, ("courseId", "supersededById")),
    Kind("Unit", "unit", units, ("unitId",)),
    Kind("CourseOffer", "offer", course_offers, ("courseOfferId", "offerId")),
    Kind("StatusReason", "reason", status_reasons, ("statusReasonId", "reasonId")),
    Kind("Credential", "credential", credentials),
    Kind("Document", "document", documents),
    Kind("CourseEnrolment", "attendance", course_enrolments, ("courseEnrolmentId",), is_narrowed=True),
    Kind("UnitEnrolment", "module", unit_enrolments, ("unitEnrolmentId",)),
    Kind("Survey", "survey", surveys, ("surveyId",), is_narrowed=True),
    Kind("HistoryEntry", "entry", history_entries),
    Kind("Export", "export", exports),
    Kind("Learncycle", "learncycle", learncycles, ("learncycleId",)),
    Kind("LearncycleRun", "run", learncycle_runs),
    Kind("Task", "task", tasks),
    Kind("Notification", "notification", notifications),
    Kind("WebhookEndpoint", "endpoint", webhook_endpoints, ("endpointId",)),
    Kind("WebhookDelivery", "delivery", webhook_deliveries),
)
KINDS = {kind.type: kind.called for kind in OF_RECORDS}
"""What records of a type are called here."""
NARROWED = tuple(kind.type for kind in OF_RECORDS if kind.is_narrowed)
"""Of these INTEGRATION reads id, reference and status alone."""
TABLES = {kind.type: kind.table for kind in OF_RECORDS}
TYPES = {kind.table: kind.type for kind in OF_RECORDS}
NAMED_BY = {name: kind.type for kind in OF_RECORDS for name in kind.named_by}
"""What an id of that name leads to."""
