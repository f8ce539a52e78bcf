"""Webhook endpoints, and what is on its way to them."""

from datetime import datetime
from enum import StrEnum

import strawberry

from portal_api.schema.enums import (
    LibraryStatus,
    TriggerKind,
    WebhookDeliveryAction,
    WebhookDeliveryStatus,
    WebhookEndpointAction,
    described,
)
from portal_api.schema.errors import ActionReason
from portal_api.schema.history import HistoryEntry, HistoryEntryFilter, HistoryEntryOrder
from portal_api.schema.lists import Comparison, Connection, IdComparison, InstantComparison, listing, order_input
from portal_api.schema.nodes import Node


@strawberry.type(description="One action on a webhook endpoint: open, or closed with every reason.")
class WebhookEndpointActionState:
    action: WebhookEndpointAction = strawberry.field(description="The action.")
    available: bool = strawberry.field(description="Whether it is open to the caller now; a closed one is refused.")
    reasons: list[ActionReason] = strawberry.field(description="Why it is closed: role and status.")


@strawberry.type(description="One action on a delivery: open, or closed with every reason.")
class WebhookDeliveryActionState:
    action: WebhookDeliveryAction = strawberry.field(description="The action.")
    available: bool = strawberry.field(description="Whether it is open to the caller now; a closed one is refused.")
    reasons: list[ActionReason] = strawberry.field(description="Why it is closed: role and status.")


@strawberry.input(description="Which endpoints; all conditions must hold.")
class WebhookEndpointFilter:
    id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By identifier.")
    status: Comparison[LibraryStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="By whether it is in use."
    )
    created_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when it was made."
    )
    search: str | None = strawberry.field(
        default=strawberry.UNSET, description="Words that all stand in the name; case and accents are ignored."
    )


class WebhookEndpointOrderField(StrEnum):
    """What endpoints can be sorted by."""

    NAME = "name"
    CREATED_AT = "created_at"


described(
    WebhookEndpointOrderField,
    "What endpoints can be sorted by.",
    {
        WebhookEndpointOrderField.NAME: "Name; case and accents are ignored.",
        WebhookEndpointOrderField.CREATED_AT: "When it was made.",
    },
)
WebhookEndpointOrder = order_input("WebhookEndpointOrder", "endpoints", WebhookEndpointOrderField)


@strawberry.input(description="Which deliveries; all conditions must hold.")
class WebhookDeliveryFilter:
    id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By identifier.")
    endpoint_id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By endpoint.")
    event_kind: Comparison[TriggerKind] | None = strawberry.field(
        default=strawberry.UNSET, description="By what the message tells of."
    )
    status: Comparison[WebhookDeliveryStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="By how far it has come."
    )
    created_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when it was made ready."
    )
    delivered_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when it was delivered."
    )


class WebhookDeliveryOrderField(StrEnum):
    """What deliveries can be sorted by."""

    CREATED_AT = "created_at"


described(
    WebhookDeliveryOrderField,
    "What deliveries can be sorted by.",
    {WebhookDeliveryOrderField.CREATED_AT: "When it was made ready."},
)
WebhookDeliveryOrder = order_input("WebhookDeliveryOrder", "deliveries", WebhookDeliveryOrderField)


@strawberry.type(description="One attempt to deliver a message.")
class WebhookAttempt:
    at: datetime = strawberry.field(description="When it was made.")
    status_code: int | None = strawberry.field(description="What the endpoint answered; null where it did not.")
    duration_ms: int = strawberry.field(description="How many milliseconds it took.")
    fault: str | None = strawberry.field(description="What went wrong, in a word; null where nothing did.")


@strawberry.type(description="A message on its way to a webhook endpoint.")
class WebhookDelivery(Node):
    endpoint: "WebhookEndpoint | None" = strawberry.field(description="The endpoint.")
    event_kind: TriggerKind = strawberry.field(description="What the message tells of.")
    status: WebhookDeliveryStatus = strawberry.field(description="How far it has come.")
    attempts: list[WebhookAttempt] = strawberry.field(description="Every attempt, the first one first.")
    created_at: datetime = strawberry.field(description="When it was made ready.")
    delivered_at: datetime | None = strawberry.field(description="When the endpoint took it.")
    due_at: datetime | None = strawberry.field(description="When it is tried next; null where it is not.")
    version: int = strawberry.field(description="Counts the changes to this record.")
    history: Connection[HistoryEntry] | None = listing(
        Connection[HistoryEntry], "What was done to this record.", filter=HistoryEntryFilter, order_by=HistoryEntryOrder
    )
    actions: list[WebhookDeliveryActionState] = strawberry.field(
        description="Every action on this delivery, open or closed."
    )


@strawberry.type(
    description="Where the organisation has messages sent by CALL_WEBHOOK, signed as Standard Webhooks has it. "
    "Its secret is told when it is made or changed, and never again."
)
class WebhookEndpoint(Node):
    name: str = strawberry.field(description="Its name.")
    url: str = strawberry.field(description="Where messages are sent to.")
    event_kinds: list[TriggerKind] = strawberry.field(description="What it is told of.")
    status: LibraryStatus = strawberry.field(description="Whether it is in use; a retired one is sent nothing.")
    created_at: datetime = strawberry.field(description="When it was made.")
    version: int = strawberry.field(description="Counts the changes to this record.")
    deliveries: Connection[WebhookDelivery] | None = listing(
        Connection[WebhookDelivery],
        "What was sent to it, the latest first.",
        filter=WebhookDeliveryFilter,
        order_by=WebhookDeliveryOrder,
    )
    history: Connection[HistoryEntry] | None = listing(
        Connection[HistoryEntry], "What was done to this record.", filter=HistoryEntryFilter, order_by=HistoryEntryOrder
    )
    actions: list[WebhookEndpointActionState] = strawberry.field(
        description="Every action on this endpoint, open or closed."
    )
