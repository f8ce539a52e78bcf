"""What can be changed."""

import strawberry

from portal_api import permissions
from portal_api.resolvers import learners as learner_resolvers
from portal_api.resolvers import series as series_resolvers
from portal_api.schema.changes import changing
from portal_api.schema.learner_changes import (
    CreateLearnersInput,
    CreateLearnersPayload,
    DeactivateLearnersInput,
    DeactivateLearnersPayload,
    ReactivateLearnersInput,
    ReactivateLearnersPayload,
    SetLearnerAppAccessInput,
    SetLearnerAppAccessPayload,
    UpdateLearnerInput,
    UpdateLearnerPayload,
)
from portal_api.schema.series import WithdrawSeriesEnrolmentsInput, WithdrawSeriesEnrolmentsPayload


@strawberry.type(description="What can be changed. Each field is one transaction, and can be previewed and repeated.")
class Mutation:
    create_learners: CreateLearnersPayload | None = changing(
        learner_resolvers.create_learners,
        permissions.MayCreateLearners,
        CreateLearnersInput,
        CreateLearnersPayload,
        "Add learners: active from now on, without app access unless it is asked for.",
    )
    update_learner: UpdateLearnerPayload | None = changing(
        learner_resolvers.update_learner,
        permissions.MayUpdateLearner,
        UpdateLearnerInput,
        UpdateLearnerPayload,
        "Edit what is kept of a learner: only what is given changes. An Owner's own learner record only by an Owner.",
    )
    set_learner_app_access: SetLearnerAppAccessPayload | None = changing(
        learner_resolvers.set_learner_app_access,
        permissions.MaySetLearnerAppAccess,
        SetLearnerAppAccessInput,
        SetLearnerAppAccessPayload,
        "Switch the app access of active learners on or off. An Owner's own learner record only by an Owner.",
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
