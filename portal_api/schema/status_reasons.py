"""The organisation's own reasons for the statuses of its enrolments."""

from datetime import datetime
from enum import StrEnum

import strawberry

from portal_api import resolvers
from portal_api.permissions import courses as permissions
from portal_api.schema.changes import ChangeInput, ManyInput, Payload, Result, changing
from portal_api.schema.enums import LibraryStatus, StatusReasonAction, described
from portal_api.schema.errors import ActionReason
from portal_api.schema.history import HistoryEntry, HistoryEntryFilter, HistoryEntryOrder
from portal_api.schema.lists import Comparison, Connection, IdComparison, InstantComparison, listing, order_input
from portal_api.schema.nodes import Node


@strawberry.type(description="One action on a status reason: open, or closed with every reason.")
class StatusReasonActionState:
    action: StatusReasonAction = strawberry.field(description="The action.")
    available: bool = strawberry.field(description="Whether it is open to the caller now; a closed one is refused.")
    reasons: list[ActionReason] = strawberry.field(description="Why it is closed: role and status.")


@strawberry.input(description="Which status reasons; all conditions must hold.")
class StatusReasonFilter:
    id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By identifier.")
    status: Comparison[LibraryStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="By whether it is in use."
    )
    created_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when it was added."
    )
    search: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Words that all stand in the title; case and accents are ignored.",
    )


class StatusReasonOrderField(StrEnum):
    """What status reasons can be sorted by."""

    TITLE = "title"
    CREATED_AT = "created_at"


described(
    StatusReasonOrderField,
    "What status reasons can be sorted by.",
    {
        StatusReasonOrderField.TITLE: "Title; case and accents are ignored.",
        StatusReasonOrderField.CREATED_AT: "When it was added.",
    },
)
StatusReasonOrder = order_input("StatusReasonOrder", "status reasons", StatusReasonOrderField)


@strawberry.type(
    description="One of the organisation's own reasons for the statuses of its enrolments. Everybody sees all of them, an "
    "Integration none."
)
class StatusReason(Node):
    title: str = strawberry.field(description="Its title; no other reason of the organisation has it.")
    status: LibraryStatus = strawberry.field(description="Whether it is in use.")
    created_at: datetime = strawberry.field(description="When it was added.")
    version: int = strawberry.field(description="Counts the changes to this record.")
    history: Connection[HistoryEntry] | None = listing(
        Connection[HistoryEntry], "What was done to this record.", filter=HistoryEntryFilter, order_by=HistoryEntryOrder
    )
    actions: list[StatusReasonActionState] = strawberry.field(
        description="Every action on this reason, open or closed."
    )


@strawberry.input(description="A status reason to be added.")
class NewStatusReasonInput:
    title: str = strawberry.field(
        description="Its title, 1 to 200 characters; it differs from others by more than case and accents."
    )


@strawberry.input(description="Status reasons to be added.")
class AddStatusReasonsInput(ManyInput):
    reasons: list[NewStatusReasonInput] = strawberry.field(description="The reasons, 1 to 1,000.")


@strawberry.input(description="Status reasons to be retired.")
class RetireStatusReasonsInput(ChangeInput):
    pass


@strawberry.input(description="Status reasons to be taken into use again.")
class ReinstateStatusReasonsInput(ChangeInput):
    pass


@strawberry.type(description="What happened to one status reason.")
class StatusReasonResult(Result[StatusReason]):
    pass


@strawberry.type(description="The answer to the adding of status reasons.")
class AddStatusReasonsPayload(Payload[StatusReasonResult]):
    pass


@strawberry.type(description="The answer to a retirement of status reasons.")
class RetireStatusReasonsPayload(Payload[StatusReasonResult]):
    pass


@strawberry.type(description="The answer to a reinstatement of status reasons.")
class ReinstateStatusReasonsPayload(Payload[StatusReasonResult]):
    pass


@strawberry.type
class StatusReasonMutations:
    add_status_reasons: AddStatusReasonsPayload | None = changing(
        resolvers.status_reasons.add_status_reasons,
        permissions.MayAddStatusReasons,
        AddStatusReasonsInput,
        AddStatusReasonsPayload,
        "Add to the organisation's own reasons for the statuses of its enrolments.",
    )
    retire_status_reasons: RetireStatusReasonsPayload | None = changing(
        resolvers.status_reasons.retire_status_reasons,
        permissions.MayRetireStatusReasons,
        RetireStatusReasonsInput,
        RetireStatusReasonsPayload,
        "Retire status reasons: they are given to no other enrolment.",
    )
    reinstate_status_reasons: ReinstateStatusReasonsPayload | None = changing(
        resolvers.status_reasons.reinstate_status_reasons,
        permissions.MayReinstateStatusReasons,
        ReinstateStatusReasonsInput,
        ReinstateStatusReasonsPayload,
        "Take retired status reasons into use again.",
    )
