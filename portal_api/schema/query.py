"""What can be read."""

from typing import Annotated

import strawberry

from portal_api.planner.execution import Completed
from portal_api.resolvers import insights as insight_resolvers
from portal_api.resolvers import machines as machine_resolvers
from portal_api.resolvers import organisations as organisation_resolvers
from portal_api.resolvers.planned import PortalInfo, planned
from portal_api.schema.enums import StateMachineKind
from portal_api.schema.exports import Export, ExportFilter, ExportOrder
from portal_api.schema.history import HistoryEntry, HistoryEntryFilter, HistoryEntryOrder
from portal_api.schema.insights import SeriesInsights
from portal_api.schema.learners import Learner, LearnerFilter, LearnerOrder
from portal_api.schema.lists import Connection, listing
from portal_api.schema.machines import StateMachine
from portal_api.schema.nodes import Node
from portal_api.schema.organisations import Viewer
from portal_api.schema.series import (
    Series,
    SeriesEnrolment,
    SeriesEnrolmentFilter,
    SeriesEnrolmentIds,
    SeriesEnrolmentOrder,
    SeriesFilter,
    SeriesOrder,
)

Id = Annotated[strawberry.ID | None, strawberry.argument(description="Its identifier.")]
Ref = Annotated[str | None, strawberry.argument(description="Its reference, as others know it.")]


@strawberry.type(
    description="What can be read. A record that the caller may not see is answered as one that does not exist."
)
class Query:
    @strawberry.field(graphql_type=Viewer | None, description="Who asks, and where.")
    async def viewer(self, info: PortalInfo) -> Completed:
        return await organisation_resolvers.viewer(info)

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

    @strawberry.field(
        graphql_type=StateMachine | None,
        description="A status table as data: labels, rules, reasons, moves of the clock.",
    )
    async def state_machine(
        self, info: PortalInfo, kind: Annotated[StateMachineKind, strawberry.argument(description="Which table.")]
    ) -> Completed:
        return await machine_resolvers.state_machine(info, kind)
