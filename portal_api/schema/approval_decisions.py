"""Deciding what learners wait for: input and payload."""

import strawberry

from portal_api import permissions, resolvers
from portal_api.schema.approvals import Approval
from portal_api.schema.changes import ChangeInput, Payload, Result, changing
from portal_api.schema.enums import ApprovalAction


@strawberry.input(description="Approvals to be decided, all of them alike.")
class DecideApprovalsInput(ChangeInput):
    decision: ApprovalAction = strawberry.field(description="How they are decided.")
    comment: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="A comment that the learner sees, 1 to 2,000 characters; whoever denies gives one.",
    )
    attempts: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="How many more attempts are granted where they are asked for, 1 to 100; one if nothing is said.",
    )


@strawberry.type(description="What happened to one approval.")
class ApprovalResult(Result[Approval]):
    pass


@strawberry.type(description="The answer to `decideApprovals`.")
class DecideApprovalsPayload(Payload[ApprovalResult]):
    pass


@strawberry.type
class ApprovalMutations:
    decide_approvals: DecideApprovalsPayload | None = changing(
        resolvers.approval_decisions.decide_approvals,
        permissions.MayDecideApprovals,
        DecideApprovalsInput,
        DecideApprovalsPayload,
        "Approve or deny what learners wait for: access, evidence, a pass of the final exam, more attempts. Managers decide on the evidence and the exams of whoever reports to them; nobody decides on their own learning.",
    )
