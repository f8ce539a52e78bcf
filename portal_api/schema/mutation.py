"""What can be changed."""

import strawberry

from portal_api import permissions
from portal_api.resolvers import groups as group_resolvers
from portal_api.resolvers import integration_tokens as token_resolvers
from portal_api.resolvers import learners as learner_resolvers
from portal_api.resolvers import organisations as organisation_resolvers
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
from portal_api.schema.organisations import UpdateOrganisationInput, UpdateOrganisationPayload
from portal_api.schema.series import WithdrawSeriesEnrolmentsInput, WithdrawSeriesEnrolmentsPayload
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
    withdraw_series_enrolments: WithdrawSeriesEnrolmentsPayload | None = changing(
        series_resolvers.withdraw_series_enrolments,
        permissions.MayWithdrawSeriesEnrolments,
        WithdrawSeriesEnrolmentsInput,
        WithdrawSeriesEnrolmentsPayload,
        "Withdraw active enrolments, with one reason for all.",
    )
