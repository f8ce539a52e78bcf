"""What can be changed of webhook endpoints, and of what is on its way to them."""

import strawberry

from portal_api import resolvers
from portal_api.permissions import automations as permissions
from portal_api.schema.changes import CallInput, ChangeInput, EditInput, Payload, Result, changing
from portal_api.schema.enums import TriggerKind
from portal_api.schema.webhooks import WebhookDelivery, WebhookEndpoint

_TOLD_ONCE = "The secret, told this once: null in a preview, and when the call is repeated with its key."


@strawberry.input(description="A webhook endpoint to be made.")
class CreateWebhookEndpointInput(CallInput):
    name: str = strawberry.field(description="Its name, 1 to 200 characters.")
    url: str = strawberry.field(description="Where messages are sent to: a link that begins with https.")
    event_kinds: list[TriggerKind] = strawberry.field(description="What it is told of, one kind at least.")


@strawberry.input(description="A webhook endpoint to be changed; what is not given stays.")
class UpdateWebhookEndpointInput(EditInput):
    name: str | None = strawberry.field(default=strawberry.UNSET, description="Its name, 1 to 200 characters.")
    url: str | None = strawberry.field(
        default=strawberry.UNSET, description="Where messages are sent to: a link that begins with https."
    )
    event_kinds: list[TriggerKind] | None = strawberry.field(
        default=strawberry.UNSET, description="What it is told of, one kind at least."
    )


@strawberry.input(description="A webhook endpoint to be given another secret.")
class RotateWebhookSecretInput(EditInput):
    pass


@strawberry.input(description="Webhook endpoints to be retired.")
class RetireWebhookEndpointsInput(ChangeInput):
    pass


@strawberry.input(description="Webhook endpoints to be taken into use again.")
class ReinstateWebhookEndpointsInput(ChangeInput):
    pass


@strawberry.input(description="Deliveries to be tried again.")
class RetryWebhookDeliveriesInput(ChangeInput):
    pass


@strawberry.type(description="What happened to one webhook endpoint.")
class WebhookEndpointResult(Result[WebhookEndpoint]):
    pass


@strawberry.type(description="What happened to one delivery.")
class WebhookDeliveryResult(Result[WebhookDelivery]):
    pass


@strawberry.type(description="The answer to making a webhook endpoint.")
class CreateWebhookEndpointPayload(Payload[WebhookEndpointResult]):
    secret: str | None = strawberry.field(description=_TOLD_ONCE)


@strawberry.type(description="The answer to changing a webhook endpoint.")
class UpdateWebhookEndpointPayload(Payload[WebhookEndpointResult]):
    pass


@strawberry.type(description="The answer to giving a webhook endpoint another secret.")
class RotateWebhookSecretPayload(Payload[WebhookEndpointResult]):
    secret: str | None = strawberry.field(description=_TOLD_ONCE)


@strawberry.type(description="The answer to retiring webhook endpoints.")
class RetireWebhookEndpointsPayload(Payload[WebhookEndpointResult]):
    pass


@strawberry.type(description="The answer to taking webhook endpoints into use again.")
class ReinstateWebhookEndpointsPayload(Payload[WebhookEndpointResult]):
    pass


@strawberry.type(description="The answer to retrying deliveries.")
class RetryWebhookDeliveriesPayload(Payload[WebhookDeliveryResult]):
    pass


@strawberry.type
class WebhookMutations:
    create_webhook_endpoint: CreateWebhookEndpointPayload | None = changing(
        resolvers.webhooks.create_webhook_endpoint,
        permissions.MayCreateWebhookEndpoint,
        CreateWebhookEndpointInput,
        CreateWebhookEndpointPayload,
        "Make a webhook endpoint; the secret that its messages are signed with is told once.",
    )
    update_webhook_endpoint: UpdateWebhookEndpointPayload | None = changing(
        resolvers.webhooks.update_webhook_endpoint,
        permissions.MayUpdateWebhookEndpoint,
        UpdateWebhookEndpointInput,
        UpdateWebhookEndpointPayload,
        "Change a webhook endpoint.",
    )
    rotate_webhook_secret: RotateWebhookSecretPayload | None = changing(
        resolvers.webhooks.rotate_webhook_secret,
        permissions.MayRotateWebhookSecret,
        RotateWebhookSecretInput,
        RotateWebhookSecretPayload,
        "Give a webhook endpoint another secret, told once; from now on its messages are signed with it.",
    )
    retire_webhook_endpoints: RetireWebhookEndpointsPayload | None = changing(
        resolvers.webhooks.retire_webhook_endpoints,
        permissions.MayRetireWebhookEndpoints,
        RetireWebhookEndpointsInput,
        RetireWebhookEndpointsPayload,
        "Retire webhook endpoints: they are sent nothing more.",
    )
    reinstate_webhook_endpoints: ReinstateWebhookEndpointsPayload | None = changing(
        resolvers.webhooks.reinstate_webhook_endpoints,
        permissions.MayReinstateWebhookEndpoints,
        ReinstateWebhookEndpointsInput,
        ReinstateWebhookEndpointsPayload,
        "Take retired webhook endpoints into use again.",
    )
    retry_webhook_deliveries: RetryWebhookDeliveriesPayload | None = changing(
        resolvers.webhooks.retry_webhook_deliveries,
        permissions.MayRetryWebhookDeliveries,
        RetryWebhookDeliveriesInput,
        RetryWebhookDeliveriesPayload,
        "Try deliveries again that failed or were given up, at once.",
    )
