"""Insights: reports on learners' certifications, and on what awaits a decision."""

import strawberry

from portal_api.planner.execution import Completed
from portal_api.resolvers.planned import PortalInfo, planned
from portal_api.schema.approvals import Approval, ApprovalOrder
from portal_api.schema.certifications import Certification
from portal_api.schema.enums import ApprovalKind, LearnerCertificationStatus
from portal_api.schema.insights import First
from portal_api.schema.learner_certifications import LearnerCertification, LearnerCertificationOrder
from portal_api.schema.lists import Connection, listing

_CERTIFICATION = "The certification; null where it is retired and the caller is no administrator."


@strawberry.type(description="How many learners' certifications stand at a status.")
class LearnerCertificationStatusCount:
    status: LearnerCertificationStatus = strawberry.field(description="The status, at the instant of the request.")
    count: int = strawberry.field(description="How many learners' certifications.")


@strawberry.type(description="How many of something a certification has.")
class CertificationCount:
    certification: Certification | None = strawberry.field(description=_CERTIFICATION)
    count: int = strawberry.field(description="How many.")


@strawberry.type(description="How many approvals of a kind await a decision.")
class ApprovalKindCount:
    kind: ApprovalKind = strawberry.field(description="What is asked for.")
    count: int = strawberry.field(description="How many approvals.")


def _expiring(days: int) -> int:
    return strawberry.field(
        name=f"expiringWithin{days}Days",
        description=f"How many are certified now and expire within {days} days: not later than with the beginning of the "
        f"day that comes {days} days after today, in the organisation's time zone. Each of these numbers holds the smaller "
        "ones.",
    )


@strawberry.type(
    description="A report on learners' certifications, as the caller sees them, at the instant of the request. Archived "
    "ones are never in it."
)
class CertificationInsights:
    total_count: int = strawberry.field(description="How many learners' certifications.")
    by_status: list[LearnerCertificationStatusCount] = strawberry.field(
        description="How many stand at each status, the largest number first; a status that none stands at is left out."
    )

    @strawberry.field(
        graphql_type=list[CertificationCount], description="How many each certification has, the largest number first."
    )
    async def by_certification(self, info: PortalInfo, first: First = strawberry.UNSET) -> Completed:
        return await planned(info)

    expiring_within_30_days: int = _expiring(30)
    expiring_within_60_days: int = _expiring(60)
    expiring_within_90_days: int = _expiring(90)
    learner_certifications: Connection[LearnerCertification] = listing(
        Connection[LearnerCertification], "The records themselves.", order_by=LearnerCertificationOrder, most=1_000
    )


@strawberry.type(
    description="A report on the approvals that await a decision, as the caller sees them. Those decided are never in it."
)
class ApprovalInsights:
    total_count: int = strawberry.field(description="How many approvals await a decision.")
    by_kind: list[ApprovalKindCount] = strawberry.field(
        description="How many of each kind, the largest number first; a kind that none is of is left out."
    )

    @strawberry.field(
        graphql_type=list[CertificationCount], description="How many in each certification, the largest number first."
    )
    async def by_certification(self, info: PortalInfo, first: First = strawberry.UNSET) -> Completed:
        return await planned(info)

    approvals: Connection[Approval] = listing(
        Connection[Approval],
        "The approvals themselves, the longest waiting first when nothing is said.",
        order_by=ApprovalOrder,
        most=1_000,
    )
