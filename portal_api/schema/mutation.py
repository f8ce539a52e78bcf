"""What can be changed."""

import strawberry

from portal_api import permissions
from portal_api.resolvers import groups as group_resolvers
from portal_api.resolvers import integration_tokens as token_resolvers
from portal_api.resolvers import learners as learner_resolvers
from portal_api.resolvers import learning as learning_resolvers
from portal_api.resolvers import organisations as organisation_resolvers
from portal_api.resolvers import pathways as pathway_resolvers
from portal_api.resolvers import resources as resource_resolvers
from portal_api.resolvers import series as series_resolvers
from portal_api.resolvers import users as user_resolvers
from portal_api.schema.changes import changing
from portal_api.schema.groups import (
    CreateGroupInput,
    CreateGroupPayload,
    ReinstateGroupsInput,
    ReinstateGroupsPayload,
    RetireGroupsInput,
    RetireGroupsPayload,
    UpdateGroupInput,
    UpdateGroupPayload,
)
from portal_api.schema.integration_tokens import (
    IssueIntegrationTokenInput,
    IssueIntegrationTokenPayload,
    RevokeIntegrationTokensInput,
    RevokeIntegrationTokensPayload,
)
from portal_api.schema.learners import (
    DeactivateLearnersInput,
    DeactivateLearnersPayload,
    ReactivateLearnersInput,
    ReactivateLearnersPayload,
)
from portal_api.schema.learning import (
    RecordSeriesActivityInput,
    RecordSeriesActivityPayload,
    RecordSignInsInput,
    RecordSignInsPayload,
)
from portal_api.schema.organisations import UpdateOrganisationInput, UpdateOrganisationPayload
from portal_api.schema.pathways import (
    CreatePathwayInput,
    CreatePathwayPayload,
    EnrolInPathwayInput,
    EnrolInPathwayPayload,
    ReinstatePathwaysInput,
    ReinstatePathwaysPayload,
    RetirePathwaysInput,
    RetirePathwaysPayload,
    UpdatePathwayInput,
    UpdatePathwayPayload,
    WithdrawPathwayEnrolmentsInput,
    WithdrawPathwayEnrolmentsPayload,
)
from portal_api.schema.resources import (
    CreateResourcesInput,
    CreateResourcesPayload,
    ReinstateResourcesInput,
    ReinstateResourcesPayload,
    RetireResourcesInput,
    RetireResourcesPayload,
    UpdateResourceInput,
    UpdateResourcePayload,
)
from portal_api.schema.series_changes import (
    CreateSeriesInput,
    CreateSeriesPayload,
    EnrolInSeriesInput,
    EnrolInSeriesPayload,
    ExtendSeriesEnrolmentsInput,
    ExtendSeriesEnrolmentsPayload,
    ReinstateSeriesInput,
    ReinstateSeriesPayload,
    RetireSeriesInput,
    RetireSeriesPayload,
    UpdateSeriesInput,
    UpdateSeriesPayload,
    WithdrawSeriesEnrolmentsInput,
    WithdrawSeriesEnrolmentsPayload,
)
from portal_api.schema.users import (
    AssignRoleInput,
    AssignRolePayload,
    CreateIntegrationsInput,
    CreateIntegrationsPayload,
    CreateUsersInput,
    CreateUsersPayload,
    LinkLearnerInput,
    LinkLearnerPayload,
    RemoveRoleInput,
    RemoveRolePayload,
)


@strawberry.type(description="What can be changed. Each field is one transaction, and can be previewed and repeated.")
class Mutation:
    update_organisation: UpdateOrganisationPayload | None = changing(
        organisation_resolvers.update_organisation,
        permissions.MayUpdateOrganisation,
        UpdateOrganisationInput,
        UpdateOrganisationPayload,
        "Change an organisation's name or time zone.",
    )
    create_users: CreateUsersPayload | None = changing(
        user_resolvers.create_users,
        permissions.MayCreateUsers,
        CreateUsersInput,
        CreateUsersPayload,
        "Add people, each with a role.",
    )
    create_integrations: CreateIntegrationsPayload | None = changing(
        user_resolvers.create_integrations,
        permissions.MayCreateIntegrations,
        CreateIntegrationsInput,
        CreateIntegrationsPayload,
        "Add machine clients.",
    )
    assign_role: AssignRolePayload | None = changing(
        user_resolvers.assign_role,
        permissions.MayAssignRole,
        AssignRoleInput,
        AssignRolePayload,
        "Give a user another role. The last Owner keeps theirs.",
    )
    remove_role: RemoveRolePayload | None = changing(
        user_resolvers.remove_role,
        permissions.MayRemoveRole,
        RemoveRoleInput,
        RemoveRolePayload,
        "Take a user's role away: they come in no more. The last Owner keeps theirs.",
    )
    link_learner: LinkLearnerPayload | None = changing(
        user_resolvers.link_learner,
        permissions.MayLinkLearner,
        LinkLearnerInput,
        LinkLearnerPayload,
        "Link a user to a learner record, or to none.",
    )
    issue_integration_token: IssueIntegrationTokenPayload | None = changing(
        token_resolvers.issue_integration_token,
        permissions.MayIssueIntegrationToken,
        IssueIntegrationTokenInput,
        IssueIntegrationTokenPayload,
        "Issue a token to a machine client; it is told once.",
    )
    revoke_integration_tokens: RevokeIntegrationTokensPayload | None = changing(
        token_resolvers.revoke_integration_tokens,
        permissions.MayRevokeIntegrationTokens,
        RevokeIntegrationTokensInput,
        RevokeIntegrationTokensPayload,
        "Take tokens of machine clients back.",
    )
    create_group: CreateGroupPayload | None = changing(
        group_resolvers.create_group,
        permissions.MayCreateGroup,
        CreateGroupInput,
        CreateGroupPayload,
        "Make a group, which holds everybody who passes its tests.",
    )
    update_group: UpdateGroupPayload | None = changing(
        group_resolvers.update_group,
        permissions.MayUpdateGroup,
        UpdateGroupInput,
        UpdateGroupPayload,
        "Change a group's name or tests; its members are found anew.",
    )
    retire_groups: RetireGroupsPayload | None = changing(
        group_resolvers.retire_groups,
        permissions.MayRetireGroups,
        RetireGroupsInput,
        RetireGroupsPayload,
        "Retire groups: they hold nobody any more.",
    )
    reinstate_groups: ReinstateGroupsPayload | None = changing(
        group_resolvers.reinstate_groups,
        permissions.MayReinstateGroups,
        ReinstateGroupsInput,
        ReinstateGroupsPayload,
        "Take retired groups into use again; their members are found anew.",
    )
    deactivate_learners: DeactivateLearnersPayload | None = changing(
        learner_resolvers.deactivate_learners,
        permissions.MayDeactivateLearners,
        DeactivateLearnersInput,
        DeactivateLearnersPayload,
        "Set learners inactive: view-only, app access off, not billed from the following month on. "
        "An Owner's own learner record only by an Owner.",
    )
    reactivate_learners: ReactivateLearnersPayload | None = changing(
        learner_resolvers.reactivate_learners,
        permissions.MayReactivateLearners,
        ReactivateLearnersInput,
        ReactivateLearnersPayload,
        "Set learners active again; app access stays off until it is switched on. "
        "An Owner's own learner record only by an Owner.",
    )
    create_series: CreateSeriesPayload | None = changing(
        series_resolvers.create_series,
        permissions.MayCreateSeries,
        CreateSeriesInput,
        CreateSeriesPayload,
        "Make series.",
    )
    update_series: UpdateSeriesPayload | None = changing(
        series_resolvers.update_series,
        permissions.MayUpdateSeries,
        UpdateSeriesInput,
        UpdateSeriesPayload,
        "Change a series. Enrolments in it keep their dates; a step of a pathway stays of duration MASTERY.",
    )
    retire_series: RetireSeriesPayload | None = changing(
        series_resolvers.retire_series,
        permissions.MayRetireSeries,
        RetireSeriesInput,
        RetireSeriesPayload,
        "Retire series: nobody is enrolled in them any more, running enrolments go on.",
    )
    reinstate_series: ReinstateSeriesPayload | None = changing(
        series_resolvers.reinstate_series,
        permissions.MayReinstateSeries,
        ReinstateSeriesInput,
        ReinstateSeriesPayload,
        "Take retired series into use again.",
    )
    enrol_in_series: EnrolInSeriesPayload | None = changing(
        series_resolvers.enrol_in_series,
        permissions.MayEnrolInSeries,
        EnrolInSeriesInput,
        EnrolInSeriesPayload,
        "Enrol learners in a series: the rows are the learners, their nodes the enrolments made.",
    )
    extend_series_enrolments: ExtendSeriesEnrolmentsPayload | None = changing(
        series_resolvers.extend_series_enrolments,
        permissions.MayExtendSeriesEnrolments,
        ExtendSeriesEnrolmentsInput,
        ExtendSeriesEnrolmentsPayload,
        "Give active enrolments a later end; an enrolment in a pathway follows.",
    )
    withdraw_series_enrolments: WithdrawSeriesEnrolmentsPayload | None = changing(
        series_resolvers.withdraw_series_enrolments,
        permissions.MayWithdrawSeriesEnrolments,
        WithdrawSeriesEnrolmentsInput,
        WithdrawSeriesEnrolmentsPayload,
        "Withdraw active enrolments, with one reason for all.",
    )
    create_pathway: CreatePathwayPayload | None = changing(
        pathway_resolvers.create_pathway,
        permissions.MayCreatePathway,
        CreatePathwayInput,
        CreatePathwayPayload,
        "Make a learning pathway through series of the duration MASTERY.",
    )
    update_pathway: UpdatePathwayPayload | None = changing(
        pathway_resolvers.update_pathway,
        permissions.MayUpdatePathway,
        UpdatePathwayInput,
        UpdatePathwayPayload,
        "Change a learning pathway; its kind and its series only while nobody has ever been enrolled in it.",
    )
    retire_pathways: RetirePathwaysPayload | None = changing(
        pathway_resolvers.retire_pathways,
        permissions.MayRetirePathways,
        RetirePathwaysInput,
        RetirePathwaysPayload,
        "Take learning pathways out of use; running enrolments go on.",
    )
    reinstate_pathways: ReinstatePathwaysPayload | None = changing(
        pathway_resolvers.reinstate_pathways,
        permissions.MayReinstatePathways,
        ReinstatePathwaysInput,
        ReinstatePathwaysPayload,
        "Take retired learning pathways into use again.",
    )
    enrol_in_pathway: EnrolInPathwayPayload | None = changing(
        pathway_resolvers.enrol_in_pathway,
        permissions.MayEnrolInPathway,
        EnrolInPathwayInput,
        EnrolInPathwayPayload,
        "Enrol learners in a learning pathway, and in its first series at once. Whoever takes one of its series already, or "
        "has one ahead in another pathway, is refused.",
    )
    withdraw_pathway_enrolments: WithdrawPathwayEnrolmentsPayload | None = changing(
        pathway_resolvers.withdraw_pathway_enrolments,
        permissions.MayWithdrawPathwayEnrolments,
        WithdrawPathwayEnrolmentsInput,
        WithdrawPathwayEnrolmentsPayload,
        "Withdraw running enrolments in pathways with the series that are open in them, with one reason for all; series that "
        "were mastered stay so.",
    )
    record_sign_ins: RecordSignInsPayload | None = changing(
        learning_resolvers.record_sign_ins,
        permissions.MayRecordSignIns,
        RecordSignInsInput,
        RecordSignInsPayload,
        "Record that learners have signed in, now. Nobody records on their own learner record.",
    )
    record_series_activity: RecordSeriesActivityPayload | None = changing(
        learning_resolvers.record_series_activity,
        permissions.MayRecordSeriesActivity,
        RecordSeriesActivityInput,
        RecordSeriesActivityPayload,
        "Record how far learners have come in series; whoever meets the goal has mastered it. An answer counts as a sign-in. Nobody records on their own learner record.",
    )
    create_resources: CreateResourcesPayload | None = changing(
        resource_resolvers.create_resources,
        permissions.MayCreateResources,
        CreateResourcesInput,
        CreateResourcesPayload,
        "Make learning resources, of series or of the organisation.",
    )
    update_resource: UpdateResourcePayload | None = changing(
        resource_resolvers.update_resource,
        permissions.MayUpdateResource,
        UpdateResourceInput,
        UpdateResourcePayload,
        "Change a resource.",
    )
    retire_resources: RetireResourcesPayload | None = changing(
        resource_resolvers.retire_resources,
        permissions.MayRetireResources,
        RetireResourcesInput,
        RetireResourcesPayload,
        "Retire resources: learners no longer find them.",
    )
    reinstate_resources: ReinstateResourcesPayload | None = changing(
        resource_resolvers.reinstate_resources,
        permissions.MayReinstateResources,
        ReinstateResourcesInput,
        ReinstateResourcesPayload,
        "Take retired resources into use again.",
    )
