"""Insights: reports on enrolments in series."""

from typing import Annotated

import strawberry

from portal_api.planner.execution import Completed
from portal_api.resolvers.planned import PortalInfo, planned
from portal_api.schema.enums import SeriesEnrolmentStatus
from portal_api.schema.lists import Connection, listing
from portal_api.schema.series import Series, SeriesEnrolment, SeriesEnrolmentOrder

First = Annotated[
    int | None,
    strawberry.argument(description="How many groups, the largest first, 1 to 100; 100 when nothing is said."),
]


@strawberry.type(description="How many enrolments stand at a status.")
class SeriesStatusCount:
    status: SeriesEnrolmentStatus = strawberry.field(description="The status, at the instant of the request.")
    count: int = strawberry.field(description="How many enrolments.")


@strawberry.type(description="How many enrolments a series has.")
class SeriesCount:
    series: Series | None = strawberry.field(
        description="The series; null where it is retired and the caller is no administrator."
    )
    count: int = strawberry.field(description="How many enrolments.")


@strawberry.type(description="How many enrolments came under a tracking code.")
class TrackingCodeCount:
    tracking_code: str = strawberry.field(description="The code.")
    count: int = strawberry.field(description="How many enrolments.")


@strawberry.type(
    description="A report on enrolments in series, as the caller sees them, at the instant of the request. "
    "Enrolments in previews are never in it."
)
class SeriesInsights:
    total_count: int = strawberry.field(description="How many enrolments.")
    overdue_count: int = strawberry.field(description="How many of them are overdue.")
    by_status: list[SeriesStatusCount] = strawberry.field(
        description="How many stand at each status, the largest number first; a status that none stands at is left out."
    )

    @strawberry.field(graphql_type=list[SeriesCount], description="How many each series has, the largest number first.")
    async def by_series(self, info: PortalInfo, first: First = strawberry.UNSET) -> Completed:
        return await planned(info)

    @strawberry.field(
        graphql_type=list[TrackingCodeCount],
        description="How many came under each tracking code, the largest number first; those without a code are left out.",
    )
    async def by_tracking_code(self, info: PortalInfo, first: First = strawberry.UNSET) -> Completed:
        return await planned(info)

    enrolments: Connection[SeriesEnrolment] = listing(
        Connection[SeriesEnrolment], "The enrolments themselves.", order_by=SeriesEnrolmentOrder, most=1_000
    )
