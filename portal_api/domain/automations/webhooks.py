"""Webhooks: where an organisation has messages sent, and how often that is tried (readings throughout)."""

from datetime import timedelta
from enum import StrEnum

from portal_api.domain.library import REINSTATING, RETIRING, WHILE_ACTIVE, LibraryStatus, meanings
from portal_api.domain.machine import Cell, RecordFacts, Rule, StatusMeaning, Table
from portal_api.domain.roles import Role

_OWNER = (Role.OWNER,)
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
)
"""The pauses between attempts; after the last of them there is one attempt more, and then it is given up."""


def pause_after(attempts: int) -> timedelta | None:
    """How long to wait after so many attempts in vain; None when it is to be given up."""
    return PAUSES[attempts - 1] if attempts <= len(PAUSES) else None


class OutboxKind(StrEnum):
    """What a message in the outbox leads to."""

    TASK = "task"
    NOTIFICATION = "notification"
    WEBHOOK = "webhook"


class WebhookEndpointAction(StrEnum):
    """What can be done to a webhook endpoint."""

    UPDATE = "update"
    ROTATE_SECRET = "rotate_secret"  # noqa: S105  the name of an action
    RETIRE = "retire"
    REINSTATE = "reinstate"


WEBHOOK_ENDPOINTS = Table[LibraryStatus, WebhookEndpointAction, RecordFacts[LibraryStatus]](
    kind="webhook_endpoint",
    statuses=meanings("Is sent what it asks for.", "Is sent nothing; what waits for it is given up."),
    rules=(
        Rule(WebhookEndpointAction.UPDATE, "Changing an endpoint", _OWNER, WHILE_ACTIVE, needs_active_learner=False),
        Rule(
            WebhookEndpointAction.ROTATE_SECRET,
            "Changing an endpoint's secret",
            _OWNER,
            WHILE_ACTIVE,
            needs_active_learner=False,
        ),
        Rule(WebhookEndpointAction.RETIRE, "Retiring an endpoint", _OWNER, RETIRING, needs_active_learner=False),
        Rule(
            WebhookEndpointAction.REINSTATE, "Reinstating an endpoint", _OWNER, REINSTATING, needs_active_learner=False
        ),
    ),
)


class WebhookDeliveryStatus(StrEnum):
    """How far a message has come on its way to an endpoint."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    DEAD = "dead"


class WebhookDeliveryAction(StrEnum):
    """What can be done to a delivery."""

    RETRY = "retry"


_D = WebhookDeliveryStatus
_AGAIN = Cell("reading", to=_D.PENDING, is_reading=True)

WEBHOOK_DELIVERIES = Table[WebhookDeliveryStatus, WebhookDeliveryAction, RecordFacts[WebhookDeliveryStatus]](
    kind="webhook_delivery",
    statuses={
        _D.PENDING: StatusMeaning("Pending", "Not tried yet, or to be tried anew."),
        _D.DELIVERED: StatusMeaning("Delivered", "Taken by the endpoint.", is_ended=True),
        _D.FAILED: StatusMeaning("Failed", "Not taken; it is tried again after a pause."),
        _D.DEAD: StatusMeaning("Dead", "Given up; it is tried again only when an Owner asks for it.", is_ended=True),
    },
    rules=(
        Rule(
            WebhookDeliveryAction.RETRY,
            "Retrying a delivery",
            _OWNER,
            {_D.FAILED: _AGAIN, _D.DEAD: _AGAIN},
            needs_active_learner=False,
        ),
    ),
)
