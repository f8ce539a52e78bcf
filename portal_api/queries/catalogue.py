"""All that can be read: every source, every value with records below it, and every root field."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from portal_api.models import (
    certifications,
    course_enrolments,
    course_offers,
    courses,
    learner_certifications,
    learners,
    pathway_enrolments,
    pathways,
    series,
    series_enrolments,
    users,
)
from portal_api.planner.declare import (
    MOST_AT_ROOT,
    Catalogue,
    Linked,
    Listed,
    RootConnection,
    RootIds,
    RootNode,
    RootNodes,
    RootRecord,
    RootValue,
    Total,
    ValueType,
)
from portal_api.queries.automations.deliveries import WEBHOOK_DELIVERY
from portal_api.queries.automations.learncycles import LEARNCYCLE
from portal_api.queries.automations.runs import LEARNCYCLE_RUN
from portal_api.queries.automations.tasks import NOTIFICATION, TASK
from portal_api.queries.automations.webhooks import WEBHOOK_ENDPOINT
from portal_api.queries.certifications import (
    APPROVAL,
    ASSIGNMENT_SOURCE,
    CERTIFICATE,
    CERTIFICATION,
    CERTIFICATION_CYCLE,
    CERTIFICATION_STEP,
    CERTIFICATION_VERSION,
    EXAM_ATTEMPT,
    LEARNER_CERTIFICATION,
    STEP_PROGRESS,
)
from portal_api.queries.certifications.insights import APPROVAL_INSIGHTS, CERTIFICATION_INSIGHTS
from portal_api.queries.courses.enrolments import COURSE_ENROLMENT, SURVEY, UNIT_ENROLMENT
from portal_api.queries.courses.inactive import LEARNER_WITH_INACTIVE_ENROLMENTS
from portal_api.queries.courses.lifecycle import LIFECYCLE_COLUMN
from portal_api.queries.courses.sources import COURSE, COURSE_OFFER, STATUS_REASON, UNIT
from portal_api.queries.credentials import CREDENTIAL
from portal_api.queries.documents import DOCUMENT
from portal_api.queries.exports import EXPORT
from portal_api.queries.groups import GROUP
from portal_api.queries.history import HISTORY_ENTRY
from portal_api.queries.insights import SERIES_INSIGHTS
from portal_api.queries.integration_tokens import INTEGRATION_TOKEN
from portal_api.queries.learners import LEARNER
from portal_api.queries.open_records import OPEN_RECORD
from portal_api.queries.organisations import ORGANISATION
from portal_api.queries.pathways import PATHWAY, PATHWAY_ENROLMENT, PATHWAY_STEP
from portal_api.queries.resources import RESOURCE
from portal_api.queries.series import SERIES, SERIES_ENROLMENT
from portal_api.queries.users import USER


def _row_result(type_: str, record: str) -> ValueType:
    return ValueType(type_, {"node": Linked(record, "record_id")})


class _Usage(Protocol):
    """A month's usage."""

    from_: datetime
    until: datetime
    is_running: bool


def _counted(usage: _Usage) -> Mapping[str, Any]:
    """Who is counted for the month."""
    return {"activeIn": (usage.from_, usage.until)}


def _quiet(usage: _Usage) -> Mapping[str, Any] | None:
    """Who of them has done nothing in the month; of a month that is not the running one nobody asks."""
    return {**_counted(usage), "quietSince": usage.from_} if usage.is_running else None


CATALOGUE = Catalogue(
    sources={
        source.type: source
        for source in (
            ORGANISATION,
            USER,
            INTEGRATION_TOKEN,
            GROUP,
            LEARNER,
            OPEN_RECORD,
            SERIES,
            SERIES_ENROLMENT,
            PATHWAY,
            PATHWAY_STEP,
            PATHWAY_ENROLMENT,
            LEARNER_CERTIFICATION,
            CERTIFICATION_CYCLE,
            STEP_PROGRESS,
            EXAM_ATTEMPT,
            ASSIGNMENT_SOURCE,
            APPROVAL,
            CERTIFICATE,
            RESOURCE,
            CERTIFICATION,
            CERTIFICATION_VERSION,
            CERTIFICATION_STEP,
            COURSE,
            UNIT,
            COURSE_OFFER,
            STATUS_REASON,
            COURSE_ENROLMENT,
            UNIT_ENROLMENT,
            SURVEY,
            LEARNER_WITH_INACTIVE_ENROLMENTS,
            HISTORY_ENTRY,
            EXPORT,
            CREDENTIAL,
            DOCUMENT,
            LEARNCYCLE,
            LEARNCYCLE_RUN,
            TASK,
            NOTIFICATION,
            WEBHOOK_ENDPOINT,
            WEBHOOK_DELIVERY,
        )
    },
    values={
        value.type: value
        for value in (
            ValueType(
                "Viewer",
                {
                    "organisation": Linked("Organisation", "organisation_id"),
                    "user": Linked("User", "user_id"),
                    "learner": Linked("Learner", "learner_id"),
                },
            ),
            _row_result("OrganisationResult", "Organisation"),
            _row_result("UserResult", "User"),
            _row_result("IntegrationTokenResult", "IntegrationToken"),
            _row_result("GroupResult", "Group"),
            SERIES_INSIGHTS,
            CERTIFICATION_INSIGHTS,
            APPROVAL_INSIGHTS,
            LIFECYCLE_COLUMN,
            _row_result("LearnerResult", "Learner"),
            _row_result("SeriesResult", "Series"),
            ValueType(
                "LearnerUsage",
                {
                    "count": Total("Learner", _counted),
                    "learners": Listed("Learner", _counted, most=MOST_AT_ROOT),
                    "quiet": Listed("Learner", _quiet, most=MOST_AT_ROOT),
                },
            ),
            _row_result("SeriesEnrolmentResult", "SeriesEnrolment"),
            _row_result("ResourceResult", "Resource"),
            _row_result("PathwayResult", "Pathway"),
            _row_result("PathwayEnrolmentResult", "PathwayEnrolment"),
            _row_result("CertificationResult", "Certification"),
            _row_result("CertificationVersionResult", "CertificationVersion"),
            _row_result("LearnerCertificationResult", "LearnerCertification"),
            _row_result("CourseResult", "Course"),
            _row_result("UnitResult", "Unit"),
            _row_result("CourseOfferResult", "CourseOffer"),
            _row_result("StatusReasonResult", "StatusReason"),
            _row_result("ExportResult", "Export"),
            _row_result("ApprovalResult", "Approval"),
            _row_result("CredentialResult", "Credential"),
            _row_result("DocumentResult", "Document"),
            _row_result("CourseEnrolmentResult", "CourseEnrolment"),
            _row_result("UnitEnrolmentResult", "UnitEnrolment"),
            _row_result("SurveyResult", "Survey"),
            _row_result("LearncycleResult", "Learncycle"),
            _row_result("TaskResult", "Task"),
            _row_result("NotificationResult", "Notification"),
            _row_result("WebhookEndpointResult", "WebhookEndpoint"),
            _row_result("WebhookDeliveryResult", "WebhookDelivery"),
            ValueType("FiredLearncycle", {"learncycle": Linked("Learncycle", "learncycle_id")}),
            ValueType(
                "SimulatedRun",
                {"learner": Linked("Learner", "learner_id"), "cause": Linked("HistoryEntry", "cause_id")},
            ),
        )
    },
    roots={
        "Query.viewer": RootValue(),
        "Query.node": RootNode(),
        "Query.nodes": RootNodes(),
        "Query.users": RootConnection("User"),
        "Query.user": RootRecord("User", {"externalRef": users.c.external_ref}),
        "Query.integrationTokens": RootConnection("IntegrationToken"),
        "Query.groups": RootConnection("Group"),
        "Query.group": RootRecord("Group"),
        "Query.learners": RootConnection("Learner"),
        "Query.learner": RootRecord("Learner", {"externalRef": learners.c.external_ref}),
        "Query.seriesLibrary": RootConnection("Series"),
        "Query.series": RootRecord("Series", {"externalRef": series.c.external_ref}),
        "Query.seriesEnrolments": RootConnection("SeriesEnrolment"),
        "Query.seriesEnrolment": RootRecord("SeriesEnrolment", {"externalRef": series_enrolments.c.external_ref}),
        "Query.seriesEnrolmentIds": RootIds("SeriesEnrolment"),
        "Query.pathways": RootConnection("Pathway"),
        "Query.pathway": RootRecord("Pathway", {"externalRef": pathways.c.external_ref}),
        "Query.pathwayEnrolments": RootConnection("PathwayEnrolment"),
        "Query.pathwayEnrolment": RootRecord("PathwayEnrolment", {"externalRef": pathway_enrolments.c.external_ref}),
        "Query.pathwayEnrolmentIds": RootIds("PathwayEnrolment"),
        "Query.learnerCertifications": RootConnection("LearnerCertification"),
        "Query.learnerCertification": RootRecord(
            "LearnerCertification", {"externalRef": learner_certifications.c.external_ref}
        ),
        "Query.learnerCertificationIds": RootIds("LearnerCertification"),
        "Query.approvals": RootConnection("Approval"),
        "Query.approval": RootRecord("Approval"),
        "Query.resources": RootConnection("Resource"),
        "Query.resource": RootRecord("Resource"),
        "Query.certifications": RootConnection("Certification"),
        "Query.certification": RootRecord("Certification", {"externalRef": certifications.c.external_ref}),
        "Query.courseEnrolments": RootConnection("CourseEnrolment"),
        "Query.courseEnrolment": RootRecord("CourseEnrolment", {"externalRef": course_enrolments.c.external_ref}),
        "Query.courseEnrolmentIds": RootIds("CourseEnrolment"),
        "Query.unitEnrolments": RootConnection("UnitEnrolment"),
        "Query.unitEnrolment": RootRecord("UnitEnrolment"),
        "Query.unitEnrolmentIds": RootIds("UnitEnrolment"),
        "Query.surveys": RootConnection("Survey"),
        "Mutation.enrolInCourse": RootValue(),
        "Mutation.updateCourseEnrolment": RootValue(),
        "Mutation.setCourseEnrolmentStatus": RootValue(),
        "Mutation.flagForReconnect": RootValue(),
        "Mutation.transitionCourseEnrolments": RootValue(),
        "Mutation.finaliseCourseEnrolments": RootValue(),
        "Mutation.updateUnitEnrolments": RootValue(),
        "Mutation.reportUnitEnrolments": RootValue(),
        "Mutation.addUnitEnrolments": RootValue(),
        "Mutation.requestSurveys": RootValue(),
        "Mutation.recordSurveyAnswers": RootValue(),
        "Query.courses": RootConnection("Course"),
        "Query.course": RootRecord("Course", {"externalRef": courses.c.external_ref}),
        "Query.units": RootConnection("Unit"),
        "Query.unit": RootRecord("Unit"),
        "Query.courseOffers": RootConnection("CourseOffer"),
        "Query.courseOffer": RootRecord("CourseOffer", {"externalRef": course_offers.c.external_ref}),
        "Query.statusReasons": RootConnection("StatusReason"),
        "Query.seriesInsights": RootValue(),
        "Query.certificationInsights": RootValue(),
        "Query.approvalInsights": RootValue(),
        "Query.historyEntries": RootConnection("HistoryEntry"),
        "Query.exports": RootConnection("Export"),
        "Query.export": RootRecord("Export"),
        "Query.stateMachine": RootValue(),
        "Query.learnersWithInactiveEnrolments": RootConnection("LearnerWithInactiveEnrolments"),
        "Query.lifecycleBoard": RootValue(),
        "Mutation.deactivateLearnersWithInactiveEnrolments": RootValue(),
        "Query.credentials": RootConnection("Credential"),
        "Query.credential": RootRecord("Credential"),
        "Query.documents": RootConnection("Document"),
        "Query.document": RootRecord("Document"),
        "Query.verifyCredential": RootValue(),
        "Mutation.requestCredentials": RootValue(),
        "Mutation.issueCredentials": RootValue(),
        "Mutation.cancelCredentials": RootValue(),
        "Mutation.reissueCredentials": RootValue(),
        "Mutation.addDocuments": RootValue(),
        "Mutation.archiveDocuments": RootValue(),
        "Query.learncycles": RootConnection("Learncycle"),
        "Query.learncycle": RootRecord("Learncycle"),
        "Query.learncycleRuns": RootConnection("LearncycleRun"),
        "Query.simulateLearncycle": RootValue(),
        "Query.tasks": RootConnection("Task"),
        "Query.task": RootRecord("Task"),
        "Query.notifications": RootConnection("Notification"),
        "Query.webhookEndpoints": RootConnection("WebhookEndpoint"),
        "Query.webhookEndpoint": RootRecord("WebhookEndpoint"),
        "Query.webhookDeliveries": RootConnection("WebhookDelivery"),
        "Mutation.updateOrganisation": RootValue(),
        "Mutation.createUsers": RootValue(),
        "Mutation.createIntegrations": RootValue(),
        "Mutation.assignRole": RootValue(),
        "Mutation.removeRole": RootValue(),
        "Mutation.linkLearner": RootValue(),
        "Mutation.issueIntegrationToken": RootValue(),
        "Mutation.revokeIntegrationTokens": RootValue(),
        "Mutation.createGroup": RootValue(),
        "Mutation.updateGroup": RootValue(),
        "Mutation.retireGroups": RootValue(),
        "Mutation.reinstateGroups": RootValue(),
        "Query.learnerUsage": RootValue(),
        "Mutation.withdrawSeriesEnrolments": RootValue(),
        "Mutation.createLearners": RootValue(),
        "Mutation.updateLearner": RootValue(),
        "Mutation.setLearnerAppAccess": RootValue(),
        "Mutation.deactivateLearners": RootValue(),
        "Mutation.createPathway": RootValue(),
        "Mutation.updatePathway": RootValue(),
        "Mutation.retirePathways": RootValue(),
        "Mutation.reinstatePathways": RootValue(),
        "Mutation.enrolInPathway": RootValue(),
        "Mutation.withdrawPathwayEnrolments": RootValue(),
        "Mutation.reactivateLearners": RootValue(),
        "Mutation.createSeries": RootValue(),
        "Mutation.updateSeries": RootValue(),
        "Mutation.retireSeries": RootValue(),
        "Mutation.reinstateSeries": RootValue(),
        "Mutation.enrolInSeries": RootValue(),
        "Mutation.extendSeriesEnrolments": RootValue(),
        "Mutation.recordSignIns": RootValue(),
        "Mutation.recordSeriesActivity": RootValue(),
        "Mutation.createResources": RootValue(),
        "Mutation.updateResource": RootValue(),
        "Mutation.retireResources": RootValue(),
        "Mutation.reinstateResources": RootValue(),
        "Mutation.createCertification": RootValue(),
        "Mutation.updateCertification": RootValue(),
        "Mutation.retireCertifications": RootValue(),
        "Mutation.reinstateCertifications": RootValue(),
        "Mutation.draftCertificationVersion": RootValue(),
        "Mutation.publishCertificationVersion": RootValue(),
        "Mutation.retireCertificationVersion": RootValue(),
        "Mutation.assignCertification": RootValue(),
        "Mutation.removeAssignments": RootValue(),
        "Mutation.overridePayment": RootValue(),
        "Mutation.overrideTraining": RootValue(),
        "Mutation.overrideExam": RootValue(),
        "Mutation.revokeAccess": RootValue(),
        "Mutation.forceRecertification": RootValue(),
        "Mutation.permanentlyRevoke": RootValue(),
        "Mutation.restoreAccess": RootValue(),
        "Mutation.recordStepCompletions": RootValue(),
        "Mutation.recordExamResults": RootValue(),
        "Mutation.recordPayments": RootValue(),
        "Mutation.decideApprovals": RootValue(),
        "Mutation.createCourses": RootValue(),
        "Mutation.updateCourse": RootValue(),
        "Mutation.retireCourses": RootValue(),
        "Mutation.reinstateCourses": RootValue(),
        "Mutation.createUnits": RootValue(),
        "Mutation.updateUnit": RootValue(),
        "Mutation.retireUnits": RootValue(),
        "Mutation.reinstateUnits": RootValue(),
        "Mutation.createCourseOffers": RootValue(),
        "Mutation.updateCourseOffer": RootValue(),
        "Mutation.setCourseOfferTrainers": RootValue(),
        "Mutation.retireCourseOffers": RootValue(),
        "Mutation.reinstateCourseOffers": RootValue(),
        "Mutation.addStatusReasons": RootValue(),
        "Mutation.retireStatusReasons": RootValue(),
        "Mutation.reinstateStatusReasons": RootValue(),
        "Mutation.requestExport": RootValue(),
        "Mutation.enrolInCertification": RootValue(),
        "Mutation.startCertification": RootValue(),
        "Mutation.submitEvidence": RootValue(),
        "Mutation.startExam": RootValue(),
        "Mutation.startRecertification": RootValue(),
        "Mutation.requestMoreAttempts": RootValue(),
        "Mutation.requestAccess": RootValue(),
        "Mutation.createLearncycle": RootValue(),
        "Mutation.updateLearncycle": RootValue(),
        "Mutation.switchLearncyclesOn": RootValue(),
        "Mutation.switchLearncyclesOff": RootValue(),
        "Mutation.retireLearncycles": RootValue(),
        "Mutation.reinstateLearncycles": RootValue(),
        "Mutation.createTasks": RootValue(),
        "Mutation.completeTasks": RootValue(),
        "Mutation.dropTasks": RootValue(),
        "Mutation.markNotificationsRead": RootValue(),
        "Mutation.createWebhookEndpoint": RootValue(),
        "Mutation.updateWebhookEndpoint": RootValue(),
        "Mutation.rotateWebhookSecret": RootValue(),
        "Mutation.retireWebhookEndpoints": RootValue(),
        "Mutation.reinstateWebhookEndpoints": RootValue(),
        "Mutation.retryWebhookDeliveries": RootValue(),
    },
)
