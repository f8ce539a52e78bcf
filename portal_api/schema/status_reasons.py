"""The organisation's own reasons for the statuses of its enrolments."""

from datetime import datetime
from enum import StrEnum

import strawberry

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
