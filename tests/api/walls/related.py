"""Where each link of a record leads to: told from the rows, without asking the portal."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from portal_api.domain.certifications import CertificateStatus, CertificationVersionStatus
from portal_api.models import (
    approvals,
    assignment_sources,
    certificates,
    certification_cycles,
    certification_groups,
    certification_steps,
    certification_versions,
    course_enrolments,
    course_offer_trainers,
    course_offers,
    course_units,
    credentials,
    documents,
    exam_attempts,
    group_members,
    history_entries,
    integration_tokens,
    learncycle_runs,
    learner_certifications,
    learners,
    notifications,
    pathway_enrolments,
    pathway_steps,
    resources,
    roles,
    series_enrolments,
    step_progress,
    surveys,
    tasks,
    unit_enrolments,
    webhook_deliveries,
)

Row = dict[str, Any]
Rows = dict[Table, list[Row]]
Related = Callable[[Row, Rows], list[UUID | None]]


def _in(column: str) -> Related:
    """The record that a column of the row names."""
    return lambda row, _: [row[column]]


def _of(table: Table, column: str, key_: str = "id") -> Related:
    """The rows of a table that name the row in a column."""
    return lambda row, rows: [each[key_] for each in rows[table] if each[column] == row["id"]]


def _newest_version(row: Row, rows: Rows) -> list[UUID | None]:
    """The published version with the highest number."""
    own = [each for each in rows[certification_versions] if each["certification_id"] == row["id"]]
    published = [each for each in own if each["status"] is CertificationVersionStatus.PUBLISHED]
    return [max(published, key=lambda each: each["number"])["id"]] if published else []


def _open_cycle(row: Row, rows: Rows) -> list[UUID | None]:
    cycles = rows[certification_cycles]
    return [each["id"] for each in cycles if each["learner_certification_id"] == row["id"] and not each["closed_at"]]


def _in_force(row: Row, rows: Rows) -> list[UUID | None]:
    own = [each for each in rows[certificates] if each["learner_certification_id"] == row["id"]]
    return [each["id"] for each in own if each["status"] is CertificateStatus.VALID]


HISTORY = _of(history_entries, "subject_id")
RELATED: dict[str, Related] = {
    "User.learner": _of(roles, "user_id", "learner_id"),
    "User.tokens": _of(integration_tokens, "user_id"),
    "User.history": HISTORY,
    "IntegrationToken.user": _in("user_id"),
    "IntegrationToken.history": HISTORY,
    "Group.learners": _of(group_members, "group_id", "learner_id"),
    "Group.history": HISTORY,
    "Learner.groups": _of(group_members, "learner_id", "group_id"),
    "Learner.manager": _in("manager_id"),
    "Learner.reports": _of(learners, "manager_id"),
    "Learner.seriesEnrolments": _of(series_enrolments, "learner_id"),
    "Learner.pathwayEnrolments": _of(pathway_enrolments, "learner_id"),
    "Learner.history": HISTORY,
    "Series.enrolments": _of(series_enrolments, "series_id"),
    "Series.resources": _of(resources, "series_id"),
    "Series.history": HISTORY,
    "SeriesEnrolment.learner": _in("learner_id"),
    "SeriesEnrolment.series": _in("series_id"),
    "SeriesEnrolment.pathwayEnrolment": _in("pathway_enrolment_id"),
    "SeriesEnrolment.history": HISTORY,
    "Pathway.steps": _of(pathway_steps, "pathway_id"),
    "Pathway.enrolments": _of(pathway_enrolments, "pathway_id"),
    "Pathway.history": HISTORY,
    "PathwayStep.pathway": _in("pathway_id"),
    "PathwayStep.series": _in("series_id"),
    "PathwayEnrolment.learner": _in("learner_id"),
    "PathwayEnrolment.pathway": _in("pathway_id"),
    "PathwayEnrolment.seriesEnrolments": _of(series_enrolments, "pathway_enrolment_id"),
    "PathwayEnrolment.history": HISTORY,
    "Learner.certifications": _of(learner_certifications, "learner_id"),
    "LearnerCertification.learner": _in("learner_id"),
    "LearnerCertification.certification": _in("certification_id"),
    "LearnerCertification.cycle": _open_cycle,
    "LearnerCertification.certificate": _in_force,
    "LearnerCertification.cycles": _of(certification_cycles, "learner_certification_id"),
    "LearnerCertification.sources": _of(assignment_sources, "learner_certification_id"),
    "LearnerCertification.attempts": _of(exam_attempts, "learner_certification_id"),
    "LearnerCertification.approvals": _of(approvals, "learner_certification_id"),
    "LearnerCertification.certificates": _of(certificates, "learner_certification_id"),
    "LearnerCertification.history": HISTORY,
    "CertificationCycle.certificationVersion": _in("certification_version_id"),
    "CertificationCycle.feeSettledBy": _in("fee_settled_by"),
    "CertificationCycle.steps": _of(step_progress, "certification_cycle_id"),
    "StepProgress.step": _in("certification_step_id"),
    "ExamAttempt.cycle": _in("certification_cycle_id"),
    "AssignmentSource.group": _in("group_id"),
    "AssignmentSource.createdBy": _in("created_by"),
    "Approval.learner": _in("learner_id"),
    "Approval.certification": _in("certification_id"),
    "Approval.learnerCertification": _in("learner_certification_id"),
    "Approval.decidedBy": _in("decided_by"),
    "Approval.step": _in("step_progress_id"),
    "Approval.attempt": _in("exam_attempt_id"),
    "Approval.history": HISTORY,
    "Certificate.learnerCertification": _in("learner_certification_id"),
    "Certificate.history": HISTORY,
    "Learner.credentials": _of(credentials, "learner_id"),
    "Learner.documents": _of(documents, "learner_id"),
    "CourseEnrolment.credentials": _of(credentials, "course_enrolment_id"),
    "Credential.learner": _in("learner_id"),
    "Credential.courseEnrolment": _in("course_enrolment_id"),
    "Credential.replacedBy": _in("replaced_by"),
    "Credential.history": HISTORY,
    "Document.learner": _in("learner_id"),
    "Document.courseEnrolment": _in("course_enrolment_id"),
    "Document.history": HISTORY,
    "Resource.series": _in("series_id"),
    "Resource.history": HISTORY,
    "Certification.groups": _of(certification_groups, "certification_id", "group_id"),
    "Certification.versions": _of(certification_versions, "certification_id"),
    "Certification.learnerCertifications": _of(learner_certifications, "certification_id"),
    "Certification.approvals": _of(approvals, "certification_id"),
    "Certification.newestVersion": _newest_version,
    "Certification.history": HISTORY,
    "CertificationVersion.certification": _in("certification_id"),
    "CertificationVersion.steps": _of(certification_steps, "certification_version_id"),
    "CertificationVersion.history": HISTORY,
    "CertificationStep.certificationVersion": _in("certification_version_id"),
    "Course.supersededBy": _in("superseded_by"),
    "Course.units": _of(course_units, "course_id", "unit_id"),
    "Course.offers": _of(course_offers, "course_id"),
    "Course.history": HISTORY,
    "Unit.courses": _of(course_units, "unit_id", "course_id"),
    "Unit.history": HISTORY,
    "CourseOffer.course": _in("course_id"),
    "CourseOffer.trainers": _of(course_offer_trainers, "course_offer_id", "user_id"),
    "CourseOffer.history": HISTORY,
    "StatusReason.history": HISTORY,
    "Learner.courseEnrolments": _of(course_enrolments, "learner_id"),
    "CourseOffer.enrolments": _of(course_enrolments, "course_offer_id"),
    "CourseEnrolment.learner": _in("learner_id"),
    "CourseEnrolment.courseOffer": _in("course_offer_id"),
    "CourseEnrolment.statusReason": _in("status_reason_id"),
    "CourseEnrolment.transitionedTo": _in("transitioned_to"),
    "CourseEnrolment.units": _of(unit_enrolments, "course_enrolment_id"),
    "CourseEnrolment.surveys": _of(surveys, "course_enrolment_id"),
    "CourseEnrolment.history": HISTORY,
    "UnitEnrolment.courseEnrolment": _in("course_enrolment_id"),
    "UnitEnrolment.learner": _in("learner_id"),
    "UnitEnrolment.unit": _in("unit_id"),
    "UnitEnrolment.history": HISTORY,
    "Survey.courseEnrolment": _in("course_enrolment_id"),
    "Survey.learner": _in("learner_id"),
    "Survey.history": HISTORY,
    "Learner.tasks": _of(tasks, "learner_id"),
    "Learner.notifications": _of(notifications, "learner_id"),
    "Learncycle.runs": _of(learncycle_runs, "learncycle_id"),
    "Learncycle.history": HISTORY,
    "LearncycleRun.learncycle": _in("learncycle_id"),
    "LearncycleRun.cause": _in("cause_id"),
    "LearncycleRun.subject": _in("subject_id"),
    "LearncycleRun.learner": _in("learner_id"),
    "Task.subject": _in("subject_id"),
    "Task.learner": _in("learner_id"),
    "Task.assignee": _in("assignee_id"),
    "Task.learncycle": _in("learncycle_id"),
    "Task.history": HISTORY,
    "Notification.learner": _in("learner_id"),
    "Notification.history": HISTORY,
    "WebhookEndpoint.deliveries": _of(webhook_deliveries, "webhook_endpoint_id"),
    "WebhookEndpoint.history": HISTORY,
    "WebhookDelivery.endpoint": _in("webhook_endpoint_id"),
    "WebhookDelivery.history": HISTORY,
    "HistoryEntry.actor": _in("actor_id"),
    "HistoryEntry.subject": _in("subject_id"),
    "HistoryEntry.learner": _in("learner_id"),
    "HistoryEntry.cause": _in("cause_id"),
    "Export.requestedBy": _in("user_id"),
    "Export.history": HISTORY,
}
"""From a record to the keys of others, by the rows in the database."""
