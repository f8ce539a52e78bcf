"""Mutations on webhook endpoints, and on what is on its way to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from portal_api.auth import new_webhook_secret
from portal_api.domain.outcomes import Counts
from portal_api.domain.refusals import Reason
from portal_api.permissions.automations import (
    MayCreateWebhookEndpoint,
    MayReinstateWebhookEndpoints,
    MayRetireWebhookEndpoints,
    MayRetryWebhookDeliveries,
    MayRotateWebhookSecret,
    MayUpdateWebhookEndpoint,
)
from portal_api.planner.execution import Completed
from portal_api.resolvers.changes import Payload, Result, Selected, change, given_or_none
from portal_api.resolvers.planned import PortalInfo
from portal_api.services.automations import webhooks as webhook_services
from portal_api.work import Answer, Work


@dataclass(frozen=True, slots=True)
class SecretPayload(Payload):
    """Tells the secret as well, once."""

    secret: str | None = None

    @classmethod
    def of(
        cls,
        results: Sequence[Result],
        counts: Counts,
        errors: Sequence[Reason],
        told: Mapping[str, Any],
        **common: Any,
    ) -> Self:
        return cls(results, counts, errors, **common, secret=told.get("secret"))


async def create_webhook_endpoint(info: PortalInfo, given: Any) -> Completed:
    """Answers `createWebhookEndpoint`."""

    async def body(work: Work) -> Answer:
        return await webhook_services.create(
            work, name=given.name, url=given.url, event_kinds=given.event_kinds, secret=new_webhook_secret()
        )

    return await change(
        info,
        MayCreateWebhookEndpoint,
        given,
        Selected("input", 1),
        body,
        refusals=[
            *webhook_services.endpoint_reasons(
                given.name, given.url, given.event_kinds, allows_inside=info.context.allows_inside
            )
        ],
        payload=SecretPayload,
    )


async def update_webhook_endpoint(info: PortalInfo, given: Any) -> Completed:
    """Answers `updateWebhookEndpoint`."""

    selected = Selected.of_one("whk", given)
    name, url, kinds = (given_or_none(each) for each in (given.name, given.url, given.event_kinds))

    async def body(work: Work) -> Answer:
        return await webhook_services.update(
            work, selected.ids[0], name=name, url=url, event_kinds=kinds, expected=selected.expected
        )

    allows_inside = info.context.allows_inside
    refusals = [*webhook_services.endpoint_reasons(name, url, kinds, allows_inside=allows_inside)]
    return await change(info, MayUpdateWebhookEndpoint, given, selected, body, refusals=refusals)


async def rotate_webhook_secret(info: PortalInfo, given: Any) -> Completed:
    """Answers `rotateWebhookSecret`."""

    selected = Selected.of_one("whk", given)

    async def body(work: Work) -> Answer:
        return await webhook_services.rotate_secret(
            work, selected.ids[0], secret=new_webhook_secret(), expected=selected.expected
        )

    return await change(info, MayRotateWebhookSecret, given, selected, body, payload=SecretPayload)


async def retire_webhook_endpoints(info: PortalInfo, given: Any) -> Completed:
    """Answers `retireWebhookEndpoints`."""

    selected = Selected.of_ids("whk", given)

    async def body(work: Work) -> Answer:
        return await webhook_services.retire(work, selected.ids, expected=selected.expected)

    return await change(info, MayRetireWebhookEndpoints, given, selected, body)


async def reinstate_webhook_endpoints(info: PortalInfo, given: Any) -> Completed:
    """Answers `reinstateWebhookEndpoints`."""

    selected = Selected.of_ids("whk", given)

    async def body(work: Work) -> Answer:
        return await webhook_services.reinstate(work, selected.ids, expected=selected.expected)

    return await change(info, MayReinstateWebhookEndpoints, given, selected, body)


async def retry_webhook_deliveries(info: PortalInfo, given: Any) -> Completed:
    """Answers `retryWebhookDeliveries`."""

    selected = Selected.of_ids("whd", given)

    async def body(work: Work) -> Answer:
        return await webhook_services.retry(work, selected.ids, expected=selected.expected)

    return await change(info, MayRetryWebhookDeliveries, given, selected, body)
