"""What can be changed."""

import strawberry

from portal_api import permissions
from portal_api.resolvers import exports as export_resolvers
from portal_api.resolvers import learners as learner_resolvers
from portal_api.resolvers import series as series_resolvers
from portal_api.schema.changes import changing
from portal_api.schema.exports import RequestExportInput, RequestExportPayload
from portal_api.schema.learners import (
    DeactivateLearnersInput,
    DeactivateLearnersPayload,
    ReactivateLearnersInput,
    ReactivateLearnersPayload,
)
from portal_api.schema.series import WithdrawSeriesEnrolmentsInput, WithdrawSeriesEnrolmentsPayload


@strawberry.type(description="What can be changed. Each field is one transaction, and can be previewed and repeated.")
class Mutation:
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
    request_export: RequestExportPayload | None = changing(
        export_resolvers.request_export,
        permissions.MayRequestExport,
        RequestExportInput,
        RequestExportPayload,
        "Have a list written to a CSV file, with the rights that the caller has when it is written. "
        "Up to 5 of a user wait or run at a time.",
    )
