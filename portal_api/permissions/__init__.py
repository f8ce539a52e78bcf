"""Who may try: the caller's role against the table, before anything is looked at."""

from portal_api.domain.certifications import (
    APPROVALS,
    CERTIFICATION_VERSIONS,
    CERTIFICATIONS,
    LEARNER_CERTIFICATIONS,
    ApprovalAction,
    CertificationAction,
    CertificationVersionAction,
    LearnerCertificationAction,
)
from portal_api.domain.credentials import CREDENTIALS, CredentialAction
from portal_api.domain.documents import DOCUMENTS, DocumentAction
from portal_api.domain.learners import LEARNERS, LearnerAction
from portal_api.domain.metering import READING_USAGE
from portal_api.domain.organisations import (
    GROUPS,
    INTEGRATION_TOKENS,
    ORGANISATIONS,
    USERS,
    GroupAction,
    IntegrationTokenAction,
    OrganisationAction,
    UserAction,
)
from portal_api.domain.pathways import PATHWAY_ENROLMENTS, PATHWAYS, PathwayAction, PathwayEnrolmentAction
from portal_api.domain.resources import RESOURCES, ResourceAction
from portal_api.domain.series import SERIES, SERIES_ENROLMENTS, SeriesAction, SeriesEnrolmentAction
from portal_api.permissions.guard import Guard


class MayUpdateOrganisation(Guard):
    rule = ORGANISATIONS[OrganisationAction.UPDATE]


class MayCreateUsers(Guard):
    rule = ORGANISATIONS[OrganisationAction.CREATE_USERS]


class MayCreateIntegrations(Guard):
    rule = ORGANISATIONS[OrganisationAction.CREATE_INTEGRATIONS]


class MayAssignRole(Guard):
    rule = USERS[UserAction.ASSIGN_ROLE]


class MayRemoveRole(Guard):
    rule = USERS[UserAction.REMOVE_ROLE]


class MayLinkLearner(Guard):
    rule = USERS[UserAction.LINK_LEARNER]


class MayIssueIntegrationToken(Guard):
    rule = USERS[UserAction.ISSUE_TOKEN]


class MayRevokeIntegrationTokens(Guard):
    rule = INTEGRATION_TOKENS[IntegrationTokenAction.REVOKE]


class MayCreateGroup(Guard):
    rule = ORGANISATIONS[OrganisationAction.CREATE_GROUP]


class MayUpdateGroup(Guard):
    rule = GROUPS[GroupAction.UPDATE]


class MayRetireGroups(Guard):
    rule = GROUPS[GroupAction.RETIRE]


class MayReinstateGroups(Guard):
    rule = GROUPS[GroupAction.REINSTATE]


class MayCreateLearners(Guard):
    rule = ORGANISATIONS[OrganisationAction.CREATE_LEARNERS]


class MayUpdateLearner(Guard):
    rule = LEARNERS[LearnerAction.UPDATE]


class MaySetLearnerAppAccess(Guard):
    rule = LEARNERS[LearnerAction.SET_APP_ACCESS]


class MayDeactivateLearners(Guard):
    rule = LEARNERS[LearnerAction.DEACTIVATE]


class MayReactivateLearners(Guard):
    rule = LEARNERS[LearnerAction.REACTIVATE]


class MayWithdrawSeriesEnrolments(Guard):
    rule = SERIES_ENROLMENTS[SeriesEnrolmentAction.WITHDRAW]


class MayCreatePathway(Guard):
    rule = ORGANISATIONS[OrganisationAction.CREATE_PATHWAY]


class MayUpdatePathway(Guard):
    rule = PATHWAYS[PathwayAction.UPDATE]


class MayRetirePathways(Guard):
    rule = PATHWAYS[PathwayAction.RETIRE]


class MayReinstatePathways(Guard):
    rule = PATHWAYS[PathwayAction.REINSTATE]


class MayEnrolInPathway(Guard):
    rule = PATHWAYS[PathwayAction.ENROL]


class MayWithdrawPathwayEnrolments(Guard):
    rule = PATHWAY_ENROLMENTS[PathwayEnrolmentAction.WITHDRAW]


class MayCreateSeries(Guard):
    rule = ORGANISATIONS[OrganisationAction.CREATE_SERIES]


class MayUpdateSeries(Guard):
    rule = SERIES[SeriesAction.UPDATE]


class MayRetireSeries(Guard):
    rule = SERIES[SeriesAction.RETIRE]


class MayReinstateSeries(Guard):
    rule = SERIES[SeriesAction.REINSTATE]


class MayEnrolInSeries(Guard):
    rule = SERIES[SeriesAction.ENROL]


class MayExtendSeriesEnrolments(Guard):
    rule = SERIES_ENROLMENTS[SeriesEnrolmentAction.EXTEND]


class MayRecordSignIns(Guard):
    rule = LEARNERS[LearnerAction.RECORD_SIGN_IN]


class MayRecordSeriesActivity(Guard):
    rule = SERIES_ENROLMENTS[SeriesEnrolmentAction.RECORD_ACTIVITY]


class MayCreateResources(Guard):
    rule = ORGANISATIONS[OrganisationAction.CREATE_RESOURCES]


class MayUpdateResource(Guard):
    rule = RESOURCES[ResourceAction.UPDATE]


class MayRetireResources(Guard):
    rule = RESOURCES[ResourceAction.RETIRE]


class MayReinstateResources(Guard):
    rule = RESOURCES[ResourceAction.REINSTATE]


class MayAssignCertification(Guard):
    rule = CERTIFICATIONS[CertificationAction.ASSIGN]


class MayRemoveAssignments(Guard):
    rule = LEARNER_CERTIFICATIONS[LearnerCertificationAction.REMOVE_ASSIGNMENT]


class MayOverridePayment(Guard):
    rule = LEARNER_CERTIFICATIONS[LearnerCertificationAction.OVERRIDE_PAYMENT]


class MayOverrideTraining(Guard):
    rule = LEARNER_CERTIFICATIONS[LearnerCertificationAction.OVERRIDE_TRAINING]


class MayOverrideExam(Guard):
    rule = LEARNER_CERTIFICATIONS[LearnerCertificationAction.OVERRIDE_EXAM]


class MayRevokeAccess(Guard):
    rule = LEARNER_CERTIFICATIONS[LearnerCertificationAction.REVOKE_ACCESS]


class MayForceRecertification(Guard):
    rule = LEARNER_CERTIFICATIONS[LearnerCertificationAction.FORCE_RECERTIFICATION]


class MayPermanentlyRevoke(Guard):
    rule = LEARNER_CERTIFICATIONS[LearnerCertificationAction.PERMANENTLY_REVOKE]


class MayRestoreAccess(Guard):
    rule = LEARNER_CERTIFICATIONS[LearnerCertificationAction.RESTORE_ACCESS]


class MayRecordStepCompletions(Guard):
    rule = LEARNER_CERTIFICATIONS[LearnerCertificationAction.RECORD_STEP_COMPLETION]


class MayRecordExamResults(Guard):
    rule = LEARNER_CERTIFICATIONS[LearnerCertificationAction.RECORD_EXAM_RESULT]


class MayRecordPayments(Guard):
    rule = LEARNER_CERTIFICATIONS[LearnerCertificationAction.RECORD_PAYMENT]


class MayDecideApprovals(Guard):
    """Both decisions are open to the same roles."""

    rule = APPROVALS[ApprovalAction.APPROVE]


class MayCreateCertification(Guard):
    rule = ORGANISATIONS[OrganisationAction.CREATE_CERTIFICATION]


class MayUpdateCertification(Guard):
    rule = CERTIFICATIONS[CertificationAction.UPDATE]


class MayRetireCertifications(Guard):
    rule = CERTIFICATIONS[CertificationAction.RETIRE]


class MayReinstateCertifications(Guard):
    rule = CERTIFICATIONS[CertificationAction.REINSTATE]


class MayDraftCertificationVersion(Guard):
    rule = CERTIFICATIONS[CertificationAction.DRAFT_VERSION]


class MayPublishCertificationVersion(Guard):
    rule = CERTIFICATION_VERSIONS[CertificationVersionAction.PUBLISH]


class MayRetireCertificationVersion(Guard):
    rule = CERTIFICATION_VERSIONS[CertificationVersionAction.RETIRE]


class MayEnrolInCertification(Guard):
    rule = CERTIFICATIONS[CertificationAction.ENROL]


class MayRequestAccess(Guard):
    rule = CERTIFICATIONS[CertificationAction.REQUEST_ACCESS]


class MayStartCertification(Guard):
    rule = LEARNER_CERTIFICATIONS[LearnerCertificationAction.START]


class MaySubmitEvidence(Guard):
    rule = LEARNER_CERTIFICATIONS[LearnerCertificationAction.SUBMIT_EVIDENCE]


class MayStartExam(Guard):
    rule = LEARNER_CERTIFICATIONS[LearnerCertificationAction.START_EXAM]


class MayStartRecertification(Guard):
    rule = LEARNER_CERTIFICATIONS[LearnerCertificationAction.START_RECERTIFICATION]


class MayRequestMoreAttempts(Guard):
    rule = LEARNER_CERTIFICATIONS[LearnerCertificationAction.REQUEST_MORE_ATTEMPTS]


class MayReadLearnerUsage(Guard):
    rule = READING_USAGE


class MayRequestExport(Guard):
    rule = ORGANISATIONS[OrganisationAction.REQUEST_EXPORT]


class MayRequestCredentials(Guard):
    rule = CREDENTIALS[CredentialAction.REQUEST]


class MayIssueCredentials(Guard):
    rule = CREDENTIALS[CredentialAction.ISSUE]


class MayCancelCredentials(Guard):
    rule = CREDENTIALS[CredentialAction.CANCEL]


class MayReissueCredentials(Guard):
    rule = CREDENTIALS[CredentialAction.REISSUE]


class MayAddDocuments(Guard):
    rule = LEARNERS[LearnerAction.ADD_DOCUMENTS]


class MayArchiveDocuments(Guard):
    rule = DOCUMENTS[DocumentAction.ARCHIVE]
