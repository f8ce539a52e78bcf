"""What can be changed: the mutations of each noun stand beside their inputs and payloads."""

import strawberry

from portal_api.schema.approval_decisions import ApprovalMutations
from portal_api.schema.certification_changes import CertificationMutations
from portal_api.schema.certification_recording import CertificationRecordingMutations
from portal_api.schema.course_changes import CourseMutations
from portal_api.schema.course_enrolment_changes import CourseEnrolmentMutations
from portal_api.schema.course_finalising import CourseFinalisingMutations
from portal_api.schema.course_offer_changes import CourseOfferMutations
from portal_api.schema.credentials import CredentialMutations
from portal_api.schema.documents import DocumentMutations
from portal_api.schema.exports import ExportMutations
from portal_api.schema.groups import GroupMutations
from portal_api.schema.inactive_enrolments import InactiveEnrolmentMutations
from portal_api.schema.integration_tokens import IntegrationTokenMutations
from portal_api.schema.learncycle_changes import LearncycleMutations
from portal_api.schema.learner_certification_changes import LearnerCertificationMutations
from portal_api.schema.learner_certification_learning import LearnerCertificationLearningMutations
from portal_api.schema.learner_changes import LearnerMutations
from portal_api.schema.learning import LearningMutations
from portal_api.schema.organisations import OrganisationMutations
from portal_api.schema.pathways import PathwayMutations
from portal_api.schema.resources import ResourceMutations
from portal_api.schema.series_changes import SeriesMutations
from portal_api.schema.status_reasons import StatusReasonMutations
from portal_api.schema.survey_changes import SurveyMutations
from portal_api.schema.task_changes import TaskMutations
from portal_api.schema.unit_enrolment_changes import UnitEnrolmentMutations
from portal_api.schema.users import UserMutations
from portal_api.schema.webhook_changes import WebhookMutations


@strawberry.type(description="What can be changed. Each field is one transaction, and can be previewed and repeated.")
class Mutation(
    OrganisationMutations,
    UserMutations,
    IntegrationTokenMutations,
    GroupMutations,
    LearnerMutations,
    SeriesMutations,
    LearningMutations,
    PathwayMutations,
    ResourceMutations,
    CertificationMutations,
    LearnerCertificationMutations,
    LearnerCertificationLearningMutations,
    CertificationRecordingMutations,
    ApprovalMutations,
    CourseMutations,
    CourseOfferMutations,
    StatusReasonMutations,
    CourseEnrolmentMutations,
    CourseFinalisingMutations,
    UnitEnrolmentMutations,
    SurveyMutations,
    InactiveEnrolmentMutations,
    ExportMutations,
    CredentialMutations,
    DocumentMutations,
    LearncycleMutations,
    TaskMutations,
    WebhookMutations,
):
    pass
