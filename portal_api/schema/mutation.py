"""What can be changed."""

from typing import Annotated

import strawberry

from portal_api.permissions import MayDeactivateLearners, MayReactivateLearners, MayWithdrawSeriesEnrolments
from portal_api.planner.execution import Completed
from portal_api.resolvers import learners as learner_resolvers
from portal_api.resolvers import series as series_resolvers
from portal_api.resolvers.planned import PortalInfo
from portal_api.schema.learners import (
    DeactivateLearnersInput,
    DeactivateLearnersPayload,
    ReactivateLearnersInput,
    ReactivateLearnersPayload,
)
from portal_api.schema.series import WithdrawSeriesEnrolmentsInput, WithdrawSeriesEnrolmentsPayload

_INPUT = strawberry.argument(description="What to change, and how.")


@strawberry.type(description="What can be changed. Each field is one transaction, and can be previewed and repeated.")
class Mutation:
    @strawberry.field(
        graphql_type=WithdrawSeriesEnrolmentsPayload | None,
        permission_classes=[MayWithdrawSeriesEnrolments],
        description="Withdraw active enrolments, with one reason for all. Requires OWNER or ADMIN.",
    )
    async def withdraw_series_enrolments(
        self,
        info: PortalInfo,
        input: Annotated[WithdrawSeriesEnrolmentsInput, _INPUT],
    ) -> Completed:
        return await series_resolvers.withdraw_series_enrolments(info, input)

    @strawberry.field(
        graphql_type=DeactivateLearnersPayload | None,
        permission_classes=[MayDeactivateLearners],
        description="Set learners inactive: view-only, app access off, not billed from the following month on. "
        "An Owner's own learner record only by an Owner. Requires OWNER or ADMIN.",
    )
    async def deactivate_learners(
        self,
        info: PortalInfo,
        input: Annotated[DeactivateLearnersInput, _INPUT],
    ) -> Completed:
        return await learner_resolvers.deactivate_learners(info, input)

    @strawberry.field(
        graphql_type=ReactivateLearnersPayload | None,
        permission_classes=[MayReactivateLearners],
        description="Set learners active again; app access stays off until it is switched on. "
        "An Owner's own learner record only by an Owner. Requires OWNER or ADMIN.",
    )
    async def reactivate_learners(
        self,
        info: PortalInfo,
        input: Annotated[ReactivateLearnersInput, _INPUT],
    ) -> Completed:
        return await learner_resolvers.reactivate_learners(info, input)
