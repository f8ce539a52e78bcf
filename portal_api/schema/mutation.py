"""What can be changed."""

import strawberry

from portal_api import permissions, resolvers
from portal_api.schema import (
    certification_changes,
    exports,
    groups,
    integration_tokens,
    learner_certification_changes,
    learner_changes,
    learning,
    organisations,
    pathways,
    resources,
    series_changes,
    users,
)
from portal_api.schema.changes import changing


@strawberry.type(description="What can be changed. Each field is one transaction, and can be previewed and repeated.")
class Mutation:
    update_organisation: organisations.UpdateOrganisationPayload | None = changing(
        resolvers.organisations.update_organisation,
        permissions.MayUpdateOrganisation,
        organisations.UpdateOrganisationInput,
        organisations.UpdateOrganisationPayload,
        "Change an organisation's name or time zone.",
    )
    create_users: users.CreateUsersPayload | None = changing(
        resolvers.users.create_users,
        permissions.MayCreateUsers,
        users.CreateUsersInput,
        users.CreateUsersPayload,
        "Add people, each with a role.",
    )
    create_integrations: users.CreateIntegrationsPayload | None = changing(
        resolvers.users.create_integrations,
        permissions.MayCreateIntegrations,
        users.CreateIntegrationsInput,
        users.CreateIntegrationsPayload,
        "Add machine clients.",
    )
    assign_role: users.AssignRolePayload | None = changing(
        resolvers.users.assign_role,
        permissions.MayAssignRole,
        users.AssignRoleInput,
        users.AssignRolePayload,
        "Give a user another role. The last Owner keeps theirs.",
    )
    remove_role: users.RemoveRolePayload | None = changing(
        resolvers.users.remove_role,
        permissions.MayRemoveRole,
        users.RemoveRoleInput,
        users.RemoveRolePayload,
        "Take a user's role away: they come in no more. The last Owner keeps theirs.",
    )
    link_learner: users.LinkLearnerPayload | None = changing(
        resolvers.users.link_learner,
        permissions.MayLinkLearner,
        users.LinkLearnerInput,
        users.LinkLearnerPayload,
        "Link a user to a learner record, or to none.",
    )
    issue_integration_token: integration_tokens.IssueIntegrationTokenPayload | None = changing(
        resolvers.integration_tokens.issue_integration_token,
        permissions.MayIssueIntegrationToken,
        integration_tokens.IssueIntegrationTokenInput,
        integration_tokens.IssueIntegrationTokenPayload,
        "Issue a token to a machine client; it is told once.",
    )
    revoke_integration_tokens: integration_tokens.RevokeIntegrationTokensPayload | None = changing(
        resolvers.integration_tokens.revoke_integration_tokens,
        permissions.MayRevokeIntegrationTokens,
        integration_tokens.RevokeIntegrationTokensInput,
        integration_tokens.RevokeIntegrationTokensPayload,
        "Take tokens of machine clients back.",
    )
    create_group: groups.CreateGroupPayload | None = changing(
        resolvers.groups.create_group,
        permissions.MayCreateGroup,
        groups.CreateGroupInput,
        groups.CreateGroupPayload,
        "Make a group, which holds everybody who passes its tests.",
    )
    update_group: groups.UpdateGroupPayload | None = changing(
        resolvers.groups.update_group,
        permissions.MayUpdateGroup,
        groups.UpdateGroupInput,
        groups.UpdateGroupPayload,
        "Change a group's name or tests; its members are found anew.",
    )
    retire_groups: groups.RetireGroupsPayload | None = changing(
        resolvers.groups.retire_groups,
        permissions.MayRetireGroups,
        groups.RetireGroupsInput,
        groups.RetireGroupsPayload,
        "Retire groups: they hold nobody any more.",
    )
    reinstate_groups: groups.ReinstateGroupsPayload | None = changing(
        resolvers.groups.reinstate_groups,
        permissions.MayReinstateGroups,
        groups.ReinstateGroupsInput,
        groups.ReinstateGroupsPayload,
        "Take retired groups into use again; their members are found anew.",
    )
    create_learners: learner_changes.CreateLearnersPayload | None = changing(
        resolvers.learners.create_learners,
        permissions.MayCreateLearners,
        learner_changes.CreateLearnersInput,
        learner_changes.CreateLearnersPayload,
        "Add learners: active from now on, without app access unless it is asked for.",
    )
    update_learner: learner_changes.UpdateLearnerPayload | None = changing(
        resolvers.learners.update_learner,
        permissions.MayUpdateLearner,
        learner_changes.UpdateLearnerInput,
        learner_changes.UpdateLearnerPayload,
        "Edit what is kept of a learner: only what is given changes. An Owner's own learner record only by an Owner.",
    )
    set_learner_app_access: learner_changes.SetLearnerAppAccessPayload | None = changing(
        resolvers.learners.set_learner_app_access,
        permissions.MaySetLearnerAppAccess,
        learner_changes.SetLearnerAppAccessInput,
        learner_changes.SetLearnerAppAccessPayload,
        "Switch the app access of active learners on or off. An Owner's own learner record only by an Owner.",
    )
    deactivate_learners: learner_changes.DeactivateLearnersPayload | None = changing(
        resolvers.learners.deactivate_learners,
        permissions.MayDeactivateLearners,
        learner_changes.DeactivateLearnersInput,
        learner_changes.DeactivateLearnersPayload,
        "Set learners inactive: view-only, app access off, not billed from the following month on. "
        "An Owner's own learner record only by an Owner.",
    )
    reactivate_learners: learner_changes.ReactivateLearnersPayload | None = changing(
        resolvers.learners.reactivate_learners,
        permissions.MayReactivateLearners,
        learner_changes.ReactivateLearnersInput,
        learner_changes.ReactivateLearnersPayload,
        "Set learners active again; app access stays off until it is switched on. "
        "An Owner's own learner record only by an Owner.",
    )
    create_series: series_changes.CreateSeriesPayload | None = changing(
        resolvers.series.create_series,
        permissions.MayCreateSeries,
        series_changes.CreateSeriesInput,
        series_changes.CreateSeriesPayload,
        "Make series.",
    )
    update_series: series_changes.UpdateSeriesPayload | None = changing(
        resolvers.series.update_series,
        permissions.MayUpdateSeries,
        series_changes.UpdateSeriesInput,
        series_changes.UpdateSeriesPayload,
        "Change a series. Enrolments in it keep their dates; a step of a pathway stays of duration MASTERY.",
    )
    retire_series: series_changes.RetireSeriesPayload | None = changing(
        resolvers.series.retire_series,
        permissions.MayRetireSeries,
        series_changes.RetireSeriesInput,
        series_changes.RetireSeriesPayload,
        "Retire series: nobody is enrolled in them any more, running enrolments go on.",
    )
    reinstate_series: series_changes.ReinstateSeriesPayload | None = changing(
        resolvers.series.reinstate_series,
        permissions.MayReinstateSeries,
        series_changes.ReinstateSeriesInput,
        series_changes.ReinstateSeriesPayload,
        "Take retired series into use again.",
    )
    enrol_in_series: series_changes.EnrolInSeriesPayload | None = changing(
        resolvers.series.enrol_in_series,
        permissions.MayEnrolInSeries,
        series_changes.EnrolInSeriesInput,
        series_changes.EnrolInSeriesPayload,
        "Enrol learners in a series: the rows are the learners, their nodes the enrolments made.",
    )
    extend_series_enrolments: series_changes.ExtendSeriesEnrolmentsPayload | None = changing(
        resolvers.series.extend_series_enrolments,
        permissions.MayExtendSeriesEnrolments,
        series_changes.ExtendSeriesEnrolmentsInput,
        series_changes.ExtendSeriesEnrolmentsPayload,
        "Give active enrolments a later end; an enrolment in a pathway follows.",
    )
    withdraw_series_enrolments: series_changes.WithdrawSeriesEnrolmentsPayload | None = changing(
        resolvers.series.withdraw_series_enrolments,
        permissions.MayWithdrawSeriesEnrolments,
        series_changes.WithdrawSeriesEnrolmentsInput,
        series_changes.WithdrawSeriesEnrolmentsPayload,
        "Withdraw active enrolments, with one reason for all.",
    )
    record_sign_ins: learning.RecordSignInsPayload | None = changing(
        resolvers.learning.record_sign_ins,
        permissions.MayRecordSignIns,
        learning.RecordSignInsInput,
        learning.RecordSignInsPayload,
        "Record that learners have signed in, now. Nobody records on their own learner record.",
    )
    record_series_activity: learning.RecordSeriesActivityPayload | None = changing(
        resolvers.learning.record_series_activity,
        permissions.MayRecordSeriesActivity,
        learning.RecordSeriesActivityInput,
        learning.RecordSeriesActivityPayload,
        "Record how far learners have come in series; whoever meets the goal has mastered it. An answer counts as a sign-in. Nobody records on their own learner record.",
    )
    create_pathway: pathways.CreatePathwayPayload | None = changing(
        resolvers.pathways.create_pathway,
        permissions.MayCreatePathway,
        pathways.CreatePathwayInput,
        pathways.CreatePathwayPayload,
        "Make a learning pathway through series of the duration MASTERY.",
    )
    update_pathway: pathways.UpdatePathwayPayload | None = changing(
        resolvers.pathways.update_pathway,
        permissions.MayUpdatePathway,
        pathways.UpdatePathwayInput,
        pathways.UpdatePathwayPayload,
        "Change a learning pathway; its kind and its series only while nobody has ever been enrolled in it.",
    )
    retire_pathways: pathways.RetirePathwaysPayload | None = changing(
        resolvers.pathways.retire_pathways,
        permissions.MayRetirePathways,
        pathways.RetirePathwaysInput,
        pathways.RetirePathwaysPayload,
        "Take learning pathways out of use; running enrolments go on.",
    )
    reinstate_pathways: pathways.ReinstatePathwaysPayload | None = changing(
        resolvers.pathways.reinstate_pathways,
        permissions.MayReinstatePathways,
        pathways.ReinstatePathwaysInput,
        pathways.ReinstatePathwaysPayload,
        "Take retired learning pathways into use again.",
    )
    enrol_in_pathway: pathways.EnrolInPathwayPayload | None = changing(
        resolvers.pathways.enrol_in_pathway,
        permissions.MayEnrolInPathway,
        pathways.EnrolInPathwayInput,
        pathways.EnrolInPathwayPayload,
        "Enrol learners in a learning pathway, and in its first series at once. Whoever takes one of its series already, or "
        "has one ahead in another pathway, is refused.",
    )
    withdraw_pathway_enrolments: pathways.WithdrawPathwayEnrolmentsPayload | None = changing(
        resolvers.pathways.withdraw_pathway_enrolments,
        permissions.MayWithdrawPathwayEnrolments,
        pathways.WithdrawPathwayEnrolmentsInput,
        pathways.WithdrawPathwayEnrolmentsPayload,
        "Withdraw running enrolments in pathways with the series that are open in them, with one reason for all; series that "
        "were mastered stay so.",
    )
    create_resources: resources.CreateResourcesPayload | None = changing(
        resolvers.resources.create_resources,
        permissions.MayCreateResources,
        resources.CreateResourcesInput,
        resources.CreateResourcesPayload,
        "Make learning resources, of series or of the organisation.",
    )
    update_resource: resources.UpdateResourcePayload | None = changing(
        resolvers.resources.update_resource,
        permissions.MayUpdateResource,
        resources.UpdateResourceInput,
        resources.UpdateResourcePayload,
        "Change a resource.",
    )
    retire_resources: resources.RetireResourcesPayload | None = changing(
        resolvers.resources.retire_resources,
        permissions.MayRetireResources,
        resources.RetireResourcesInput,
        resources.RetireResourcesPayload,
        "Retire resources: learners no longer find them.",
    )
    reinstate_resources: resources.ReinstateResourcesPayload | None = changing(
        resolvers.resources.reinstate_resources,
        permissions.MayReinstateResources,
        resources.ReinstateResourcesInput,
        resources.ReinstateResourcesPayload,
        "Take retired resources into use again.",
    )
    assign_certification: learner_certification_changes.AssignCertificationPayload | None = changing(
        resolvers.learner_certifications.assign_certification,
        permissions.MayAssignCertification,
        learner_certification_changes.AssignCertificationInput,
        learner_certification_changes.AssignCertificationPayload,
        "Assign learners to a certification by hand; who has it already is assigned by hand as well.",
    )
    remove_assignments: learner_certification_changes.RemoveAssignmentsPayload | None = changing(
        resolvers.learner_certifications.remove_assignments,
        permissions.MayRemoveAssignments,
        learner_certification_changes.RemoveAssignmentsInput,
        learner_certification_changes.RemoveAssignmentsPayload,
        "Remove assignments that were made by hand; a record that no other source keeps is archived.",
    )
    override_payment: learner_certification_changes.OverridePaymentPayload | None = changing(
        resolvers.learner_certifications.override_payment,
        permissions.MayOverridePayment,
        learner_certification_changes.OverridePaymentInput,
        learner_certification_changes.OverridePaymentPayload,
        "Waive the fee of the cycles that are open; each learner sees that an administrator waived it.",
    )
    override_training: learner_certification_changes.OverrideTrainingPayload | None = changing(
        resolvers.learner_certifications.override_training,
        permissions.MayOverrideTraining,
        learner_certification_changes.OverrideTrainingInput,
        learner_certification_changes.OverrideTrainingPayload,
        "Mark all open training steps done; who has passed the exam is certified.",
    )
    override_exam: learner_certification_changes.OverrideExamPayload | None = changing(
        resolvers.learner_certifications.override_exam,
        permissions.MayOverrideExam,
        learner_certification_changes.OverrideExamInput,
        learner_certification_changes.OverrideExamPayload,
        "Mark the final exam passed, without an attempt; who has done the training is certified.",
    )
    revoke_access: learner_certification_changes.RevokeAccessPayload | None = changing(
        resolvers.learner_certifications.revoke_access,
        permissions.MayRevokeAccess,
        learner_certification_changes.RevokeAccessInput,
        learner_certification_changes.RevokeAccessPayload,
        "End the cycles that are open and take the latest certificates back, without a bar.",
    )
    force_recertification: learner_certification_changes.ForceRecertificationPayload | None = changing(
        resolvers.learner_certifications.force_recertification,
        permissions.MayForceRecertification,
        learner_certification_changes.ForceRecertificationInput,
        learner_certification_changes.ForceRecertificationPayload,
        "Take the certificates back and open recertification cycles under the newest published version.",
    )
    permanently_revoke: learner_certification_changes.PermanentlyRevokePayload | None = changing(
        resolvers.learner_certifications.permanently_revoke,
        permissions.MayPermanentlyRevoke,
        learner_certification_changes.PermanentlyRevokeInput,
        learner_certification_changes.PermanentlyRevokePayload,
        "Take the certificates back and bar the learners, until access is restored.",
    )
    restore_access: learner_certification_changes.RestoreAccessPayload | None = changing(
        resolvers.learner_certifications.restore_access,
        permissions.MayRestoreAccess,
        learner_certification_changes.RestoreAccessInput,
        learner_certification_changes.RestoreAccessPayload,
        "Lift bars and revocations: new cycles begin under the newest published version.",
    )
    create_certification: certification_changes.CreateCertificationPayload | None = changing(
        resolvers.certifications.create_certification,
        permissions.MayCreateCertification,
        certification_changes.CreateCertificationInput,
        certification_changes.CreateCertificationPayload,
        "Make a certification. Learners come to it once a version is drafted and published.",
    )
    update_certification: certification_changes.UpdateCertificationPayload | None = changing(
        resolvers.certifications.update_certification,
        permissions.MayUpdateCertification,
        certification_changes.UpdateCertificationInput,
        certification_changes.UpdateCertificationPayload,
        "Change what a certification says of itself; its versions stay.",
    )
    retire_certifications: certification_changes.RetireCertificationsPayload | None = changing(
        resolvers.certifications.retire_certifications,
        permissions.MayRetireCertifications,
        certification_changes.RetireCertificationsInput,
        certification_changes.RetireCertificationsPayload,
        "Retire certifications: no new assignment, enrolment or cycle begins; all else goes on.",
    )
    reinstate_certifications: certification_changes.ReinstateCertificationsPayload | None = changing(
        resolvers.certifications.reinstate_certifications,
        permissions.MayReinstateCertifications,
        certification_changes.ReinstateCertificationsInput,
        certification_changes.ReinstateCertificationsPayload,
        "Take retired certifications into use again.",
    )
    draft_certification_version: certification_changes.DraftCertificationVersionPayload | None = changing(
        resolvers.certifications.draft_certification_version,
        permissions.MayDraftCertificationVersion,
        certification_changes.DraftCertificationVersionInput,
        certification_changes.DraftCertificationVersionPayload,
        "Draft the next version of a certification; while there is a draft, replace its whole content.",
    )
    publish_certification_version: certification_changes.PublishCertificationVersionPayload | None = changing(
        resolvers.certifications.publish_certification_version,
        permissions.MayPublishCertificationVersion,
        certification_changes.PublishCertificationVersionInput,
        certification_changes.PublishCertificationVersionPayload,
        "Publish a draft: from then on it never changes, and new cycles begin under it.",
    )
    retire_certification_version: certification_changes.RetireCertificationVersionPayload | None = changing(
        resolvers.certifications.retire_certification_version,
        permissions.MayRetireCertificationVersion,
        certification_changes.RetireCertificationVersionInput,
        certification_changes.RetireCertificationVersionPayload,
        "Retire a published version: no new cycle begins under it, those that run go on.",
    )
    request_export: exports.RequestExportPayload | None = changing(
        resolvers.exports.request_export,
        permissions.MayRequestExport,
        exports.RequestExportInput,
        exports.RequestExportPayload,
        "Have a list written to a CSV file, with the rights that the caller has when it is written. "
        "Up to 5 of a user wait or run at a time.",
    )
