"""What can be read."""

from datetime import date
from typing import Annotated

import strawberry

from portal_api.domain.refusals import in_words
from portal_api.permissions import MayReadLearnerUsage
from portal_api.planner.execution import Completed
from portal_api.resolvers import insights as insight_resolvers
from portal_api.resolvers import learners as learner_resolvers
from portal_api.resolvers import machines as machine_resolvers
from portal_api.resolvers import organisations as organisation_resolvers
from portal_api.resolvers.planned import PortalInfo, planned
from portal_api.schema.enums import StateMachineKind
from portal_api.schema.exports import Export, ExportFilter, ExportOrder
from portal_api.schema.groups import Group, GroupFilter, GroupOrder
from portal_api.schema.history import HistoryEntry, HistoryEntryFilter, HistoryEntryOrder
from portal_api.schema.insights import SeriesInsights
from portal_api.schema.integration_tokens import IntegrationToken, IntegrationTokenFilter, IntegrationTokenOrder
from portal_api.schema.learners import Learner, LearnerFilter, LearnerOrder, LearnerUsage
from portal_api.schema.lists import Connection, listing
from portal_api.schema.machines import StateMachine
from portal_api.schema.nodes import Node
from portal_api.schema.organisations import Viewer
from portal_api.schema.pathways import (
    Pathway,
    PathwayEnrolment,
    PathwayEnrolmentFilter,
    PathwayEnrolmentIds,
    PathwayEnrolmentOrder,
    PathwayFilter,
    PathwayOrder,
)
from portal_api.schema.resources import Resource, ResourceFilter, ResourceOrder
from portal_api.schema.series import (
    Series,
    SeriesEnrolment,
    SeriesEnrolmentFilter,
    SeriesEnrolmentIds,
    SeriesEnrolmentOrder,
    SeriesFilter,
    SeriesOrder,
)
from portal_api.schema.users import User, UserFilter, UserOrder

Id = Annotated[strawberry.ID | None, strawberry.argument(description="Its identifier.")]
Ref = Annotated[str | None, strawberry.argument(description="Its reference, as others know it.")]


@strawberry.type(
    description="What can be read. A record that the caller may not see is answered as one that does not exist."
)
class Query:
    @strawberry.field(graphql_type=Viewer | None, description="Who asks, and where.")
    async def viewer(self, info: PortalInfo) -> Completed:
        return await organisation_resolvers.viewer(info)

    users: Connection[User] | None = listing(
        Connection[User] | None,
        "Users; who is no administrator sees themselves.",
        filter=UserFilter,
        order_by=UserOrder,
        most=1_000,
    )
    integration_tokens: Connection[IntegrationToken] | None = listing(
        Connection[IntegrationToken] | None,
        "Tokens of machine clients; for administrators.",
        filter=IntegrationTokenFilter,
        order_by=IntegrationTokenOrder,
        most=1_000,
    )
    groups: Connection[Group] | None = listing(
        Connection[Group] | None,
        "Groups of learners; for administrators.",
        filter=GroupFilter,
        order_by=GroupOrder,
        most=1_000,
    )
    learners: Connection[Learner] | None = listing(
        Connection[Learner] | None, "Learners.", filter=LearnerFilter, order_by=LearnerOrder, most=1_000
    )
    series_library: Connection[Series] | None = listing(
        Connection[Series] | None, "Series.", filter=SeriesFilter, order_by=SeriesOrder, most=1_000
    )
    series_enrolments: Connection[SeriesEnrolment] | None = listing(
        Connection[SeriesEnrolment] | None,
        "Enrolments in series.",
        filter=SeriesEnrolmentFilter,
        order_by=SeriesEnrolmentOrder,
        most=1_000,
    )
    pathways: Connection[Pathway] | None = listing(
        Connection[Pathway] | None, "Learning pathways.", filter=PathwayFilter, order_by=PathwayOrder, most=1_000
    )
    pathway_enrolments: Connection[PathwayEnrolment] | None = listing(
        Connection[PathwayEnrolment] | None,
        "Enrolments in learning pathways.",
        filter=PathwayEnrolmentFilter,
        order_by=PathwayEnrolmentOrder,
        most=1_000,
    )
    resources: Connection[Resource] | None = listing(
        Connection[Resource] | None,
        "Learning resources.",
        filter=ResourceFilter,
        order_by=ResourceOrder,
        most=1_000,
    )
    history_entries: Connection[HistoryEntry] | None = listing(
        Connection[HistoryEntry] | None,
        "What was done, the latest first when nothing is said.",
        filter=HistoryEntryFilter,
        order_by=HistoryEntryOrder,
        most=1_000,
    )

    exports: Connection[Export] | None = listing(
        Connection[Export] | None,
        "Exports: one's own, and for administrators all.",
        filter=ExportFilter,
        order_by=ExportOrder,
        most=1_000,
    )

    @strawberry.field(
        graphql_type=Node | None, description="Any record by its identifier; null for one that is not seen."
    )
    async def node(
        self,
        info: PortalInfo,
        id: Annotated[strawberry.ID, strawberry.argument(description="Its identifier.")],
    ) -> Completed:
        return await planned(info)

    @strawberry.field(
        graphql_type=list[Node | None] | None,
        description="Up to 100 records by their identifiers, in the order asked; null for each not seen.",
    )
    async def nodes(
        self,
        info: PortalInfo,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description="Their identifiers.")],
    ) -> Completed:
        return await planned(info)

    @strawberry.field(graphql_type=User | None, description="One user, by `id` or by `externalRef`.")
    async def user(
        self, info: PortalInfo, id: Id = strawberry.UNSET, external_ref: Ref = strawberry.UNSET
    ) -> Completed:
        return await planned(info)

    @strawberry.field(graphql_type=Group | None, description="One group, by `id`.")
    async def group(
        self,
        info: PortalInfo,
        id: Annotated[strawberry.ID, strawberry.argument(description="Its identifier.")],
    ) -> Completed:
        return await planned(info)

    @strawberry.field(graphql_type=Learner | None, description="One learner, by `id` or by `externalRef`.")
    async def learner(
        self, info: PortalInfo, id: Id = strawberry.UNSET, external_ref: Ref = strawberry.UNSET
    ) -> Completed:
        return await planned(info)

    @strawberry.field(graphql_type=Series | None, description="One series, by `id` or by `externalRef`.")
    async def series(
        self, info: PortalInfo, id: Id = strawberry.UNSET, external_ref: Ref = strawberry.UNSET
    ) -> Completed:
        return await planned(info)

    @strawberry.field(graphql_type=SeriesEnrolment | None, description="One enrolment, by `id` or by `externalRef`.")
    async def series_enrolment(
        self, info: PortalInfo, id: Id = strawberry.UNSET, external_ref: Ref = strawberry.UNSET
    ) -> Completed:
        return await planned(info)

    @strawberry.field(graphql_type=Resource | None, description="One resource, by `id`.")
    async def resource(self, info: PortalInfo, id: Id = strawberry.UNSET) -> Completed:
        return await planned(info)

    @strawberry.field(
        graphql_type=SeriesEnrolmentIds | None, description="The identifiers of a selection, to be given to a change."
    )
    async def series_enrolment_ids(
        self,
        info: PortalInfo,
        filter: Annotated[
            SeriesEnrolmentFilter | None, strawberry.argument(description="Which enrolments; all conditions must hold.")
        ] = strawberry.UNSET,
        limit: Annotated[int, strawberry.argument(description="How many identifiers, 1 to 1,000.")] = 1_000,
    ) -> Completed:
        return await planned(info)

    @strawberry.field(graphql_type=Pathway | None, description="One pathway, by `id` or by `externalRef`.")
    async def pathway(
        self, info: PortalInfo, id: Id = strawberry.UNSET, external_ref: Ref = strawberry.UNSET
    ) -> Completed:
        return await planned(info)

    @strawberry.field(
        graphql_type=PathwayEnrolment | None, description="One enrolment in a pathway, by `id` or by `externalRef`."
    )
    async def pathway_enrolment(
        self, info: PortalInfo, id: Id = strawberry.UNSET, external_ref: Ref = strawberry.UNSET
    ) -> Completed:
        return await planned(info)

    @strawberry.field(
        graphql_type=PathwayEnrolmentIds | None, description="The identifiers of a selection, to be given to a change."
    )
    async def pathway_enrolment_ids(
        self,
        info: PortalInfo,
        filter: Annotated[
            PathwayEnrolmentFilter | None,
            strawberry.argument(description="Which enrolments in pathways; all conditions must hold."),
        ] = strawberry.UNSET,
        limit: Annotated[int, strawberry.argument(description="How many identifiers, 1 to 1,000.")] = 1_000,
    ) -> Completed:
        return await planned(info)

    @strawberry.field(
        graphql_type=StateMachine | None,
        description="A status table as data: labels, rules, reasons, moves of the clock.",
    )
    async def state_machine(
        self, info: PortalInfo, kind: Annotated[StateMachineKind, strawberry.argument(description="Which table.")]
    ) -> Completed:
        return await machine_resolvers.state_machine(info, kind)

    @strawberry.field(
        graphql_type=LearnerUsage | None,
        permission_classes=[MayReadLearnerUsage],
        description="Who is counted for a calendar month, and so billed; for a month to come, who is if nothing changes. "
        f"Requires {in_words(MayReadLearnerUsage.rule.roles)}.",
    )
    async def learner_usage(
        self,
        info: PortalInfo,
        month: Annotated[date, strawberry.argument(description="The month, by its first day: `2026-02-01`.")],
    ) -> Completed:
        return await learner_resolvers.learner_usage(info, month)

    @strawberry.field(graphql_type=Export | None, description="One export, by `id`.")
    async def export(
        self,
        info: PortalInfo,
        id: Annotated[strawberry.ID, strawberry.argument(description="Its identifier.")],
    ) -> Completed:
        return await planned(info)

    @strawberry.field(
        graphql_type=SeriesInsights | None,
        description="A report on enrolments in series: counted and listed. Previews are never in it; withdrawn ones are, "
        "unless the filter leaves them out.",
    )
    async def series_insights(
        self,
        info: PortalInfo,
        filter: Annotated[
            SeriesEnrolmentFilter | None, strawberry.argument(description="Which enrolments; all conditions must hold.")
        ] = strawberry.UNSET,
    ) -> Completed:
        return await insight_resolvers.series_insights(info)
