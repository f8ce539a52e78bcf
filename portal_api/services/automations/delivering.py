"""What is delivered from the outbox: each message at least once, and never twice over."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from portal_api.domain.automations.tasks import NotificationStatus
from portal_api.domain.automations.triggers import TriggerKind
from portal_api.domain.automations.webhooks import OutboxKind, WebhookDeliveryStatus
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.queries.automations import deliveries as delivery_queries
from portal_api.queries.automations import outbox
from portal_api.queries.automations import tasks as task_queries
from portal_api.queries.automations import webhooks as webhook_queries
from portal_api.queries.automations.deliveries import Tried
from portal_api.queries.automations.outbox import Message
from portal_api.queries.automations.tasks import NewTask
from portal_api.services.automations.tasks import record_made
from portal_api.work import Work

ACTS = {
    WebhookDeliveryStatus.DELIVERED: HistoryAction.WEBHOOK_DELIVERY_DELIVERED,
    WebhookDeliveryStatus.FAILED: HistoryAction.WEBHOOK_DELIVERY_FAILED,
    WebhookDeliveryStatus.DEAD: HistoryAction.WEBHOOK_DELIVERY_GIVEN_UP,
}
"""What history tells of an attempt, by the status that it led to."""


async def deliver(work: Work, most: int) -> int:
    """Delivers what waits in an organisation's outbox: tasks and notifications are made, webhooks made ready.

    Returns:
        How many messages it was, `most` at the most.
    """
    messages = await outbox.due(work.connection, work.organisation_id, work.now, most)
    if not messages:
        return 0
    there = await task_queries.already_there(
        work.connection, work.organisation_id, [each.id for each in messages if each.kind is not OutboxKind.WEBHOOK]
    )
    new = [each for each in messages if each.id not in there]
    by_rule = await work.by_learncycle({})
    await _make_tasks(by_rule, [each for each in new if each.kind is OutboxKind.TASK])
    await _notify(by_rule, [each for each in new if each.kind is OutboxKind.NOTIFICATION])
    await _queue(work, [each for each in new if each.kind is OutboxKind.WEBHOOK])
    await outbox.delivered(work.connection, work.organisation_id, [each.id for each in messages], work.now)
    return len(messages)


async def _make_tasks(work: Work, messages: Sequence[Message]) -> None:
    made = [_task(message.id, message.payload) for message in messages]
    await task_queries.create(work.connection, work.organisation_id, made, at=work.now)
    await record_made(work, {each.id: _cause(each.payload) for each in messages})


def _task(id_: UUID, told: Mapping[str, Any]) -> NewTask:
    return NewTask(
        id_,
        SubjectKind(told["subject_kind"]),
        UUID(told["subject"]),
        UUID(told["learner"]),
        told["title"],
        told["body"],
        date.fromisoformat(told["due_on"]) if told["due_on"] else None,
        UUID(told["assignee"]) if told["assignee"] else None,
        learncycle_id=UUID(told["learncycle"]),
    )


def _cause(told: Mapping[str, Any]) -> UUID | None:
    return UUID(told["cause"]) if told["cause"] else None


async def _notify(work: Work, messages: Sequence[Message]) -> None:
    rows = [
        {
            "id": each.id,
            "learner_id": UUID(each.payload["learner"]),
            "title": each.payload["title"],
            "body": each.payload["body"],
        }
        for each in messages
    ]
    await task_queries.notify(work.connection, work.organisation_id, rows, at=work.now)
    statuses = (None, NotificationStatus.UNREAD.name)
    await work.record(
        [
            work.entry(
                HistoryAction.NOTIFICATION_SENT,
                (SubjectKind.NOTIFICATION, each.id),
                None,
                version=1,
                statuses=statuses,
                cause_id=_cause(each.payload),
            )
            for each in messages
        ]
    )


async def _queue(work: Work, messages: Sequence[Message]) -> None:
    """Makes a message ready for each endpoint in use that asks for what it tells."""
    if not messages:
        return
    endpoints = await webhook_queries.active(work.connection, work.organisation_id)
    pairs = [
        (message.id, endpoint.id, kind)
        for message in messages
        for kind in (TriggerKind(message.payload["event"]),)
        for endpoint in endpoints
        if kind in endpoint.event_kinds
    ]
    made = await delivery_queries.queue(work.connection, work.organisation_id, pairs, at=work.now)
    statuses = (None, WebhookDeliveryStatus.PENDING.name)
    act = HistoryAction.WEBHOOK_DELIVERY_QUEUED
    await work.record(
        [work.entry(act, (SubjectKind.WEBHOOK_DELIVERY, id_), None, version=1, statuses=statuses) for id_ in made]
    )


async def write_down(work: Work, tried: Sequence[Tried]) -> int:
    """Writes down what has become of deliveries; of one that somebody has changed meanwhile, nothing.

    Returns:
        How many were written down.
    """
    versions = await delivery_queries.write(work.connection, work.organisation_id, tried)
    await work.record(
        [
            work.entry(
                ACTS[each.status],
                (SubjectKind.WEBHOOK_DELIVERY, each.parcel.id),
                None,
                version=versions[each.parcel.id],
                statuses=(each.parcel.status.name, each.status.name),
            )
            for each in tried
            if each.parcel.id in versions
        ]
    )
    return len(versions)
