"""Deliveries to webhook endpoints: who sees them, what each field reads, and how each attempt is written down."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import and_, bindparam, case, literal, null, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.automations.triggers import TriggerKind
from portal_api.domain.automations.webhooks import WEBHOOK_DELIVERIES, WebhookDeliveryAction, WebhookDeliveryStatus
from portal_api.domain.library import LibraryStatus
from portal_api.domain.machine import ActionState, RecordFacts
from portal_api.domain.roles import Role
from portal_api.models import history_entries, outbox_messages, webhook_deliveries, webhook_endpoints
from portal_api.planner.declare import Column, Connection, Derived, Key, Source, ToOne
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.planner.filters import Comparison, Target
from portal_api.queries import scope
from portal_api.queries.moves import Moves
from portal_api.queries.rows import dialect_of, id_list, insert_rows, update_rows

_c = webhook_deliveries.c
_moves = Moves(WEBHOOK_DELIVERIES, webhook_deliveries)
WAITING = (WebhookDeliveryStatus.PENDING, WebhookDeliveryStatus.FAILED)
_IS_WAITING = or_(*(_c.status == literal(each, _c.status.type) for each in WAITING))


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to deliver a message."""

    at: str
    status_code: int | None
    """What the endpoint answered; None where it did not."""
    duration_ms: int
    fault: str | None = None
    """What went wrong, in a word; None where nothing did."""


def attempts_of(packed: str) -> tuple[Attempt, ...]:
    """The attempts as the database keeps them, the first one first."""
    return tuple(Attempt(**each) for each in orjson.loads(packed))


def _attempts(_role: str, packed: str) -> tuple[Attempt, ...]:
    return attempts_of(packed)


def _actions(role: str, status: WebhookDeliveryStatus) -> tuple[ActionState[WebhookDeliveryAction], ...]:
    return WEBHOOK_DELIVERIES.actions(Role(role), RecordFacts(status))


WEBHOOK_DELIVERY = Source(
    type="WebhookDelivery",
    prefix="whd",
    table=webhook_deliveries,
    scope=scope.WEBHOOK_DELIVERIES,
    fields={
        "id": Key(),
        "endpoint": ToOne("WebhookEndpoint", _c.webhook_endpoint_id),
        "eventKind": Column(_c.event_kind),
        "status": Column(_c.status),
        "attempts": Derived((_c.attempts,), _attempts),
        "createdAt": Column(_c.created_at),
        "deliveredAt": Column(_c.delivered_at),
        "dueAt": Column(case((_IS_WAITING, _c.due_at), else_=null()), is_nullable=True),
        "version": Column(_c.version),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
        "actions": Derived((_c.status,), _actions),
    },
    filters={
        "id": Comparison(_c.id, "whd"),
        "endpointId": Comparison(
            _c.webhook_endpoint_id, "whk", Target(webhook_endpoints.c.id, scope.WEBHOOK_ENDPOINTS)
        ),
        "eventKind": Comparison(_c.event_kind),
        "status": Comparison(_c.status),
        "createdAt": Comparison(_c.created_at),
        "deliveredAt": Comparison(_c.delivered_at),
    },
    orders={"CREATED_AT": _c.created_at},
    default_order=(("CREATED_AT", True),),
)


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A delivery as a change finds it."""

    id: UUID
    version: int
    facts: RecordFacts[WebhookDeliveryStatus]


@dataclass(frozen=True, slots=True)
class Parcel:
    """A delivery under way, with all that it takes to make an attempt."""

    organisation_id: UUID
    id: UUID
    version: int
    status: WebhookDeliveryStatus
    message_id: UUID
    event_kind: TriggerKind
    payload: Mapping[str, Any]
    created_at: datetime
    attempts: tuple[Attempt, ...]
    tries: int
    url: str
    secret: str
    is_wanted: bool
    """Whether the endpoint is still in use."""


@cache
def _locking(dialect: Dialect) -> AnySelect:
    chosen = select(_c.id).where(scope.WEBHOOK_DELIVERIES, dialect.in_list(_c.id, "ids"))
    return chosen.order_by(_c.id).with_for_update(key_share=True)


async def lock(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> None:
    """Locks deliveries, in the order of their ids; on SQLite the transaction is alone already."""
    if connection.dialect.name == "postgresql":
        await connection.execute(_locking(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})


@cache
def _facts(dialect: Dialect) -> AnySelect:
    return select(_c.id, _c.version, _c.status).where(scope.WEBHOOK_DELIVERIES, dialect.in_list(_c.id, "ids"))


async def facts(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> dict[UUID, DeliveryRow]:
    """The deliveries among `ids` that the viewer sees, with what decides over them."""
    found = await connection.execute(_facts(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {row.id: DeliveryRow(row.id, row.version, RecordFacts(row.status)) for row in found}


async def retry(
    connection: AsyncConnection, organisation_id: UUID, ids: Sequence[UUID], *, at: datetime
) -> dict[UUID, int]:
    """Has deliveries tried again at once, with all their pauses before them; says their new versions."""
    action = WebhookDeliveryAction.RETRY
    return await _moves.take(connection, organisation_id, ids, action, due_at=at, tries=0)


def id_of(message_id: UUID, endpoint_id: UUID) -> UUID:
    """The identifier of the delivery of a message to an endpoint: the same however often it is made.

    All that is random in both goes into it: messages of one instant differ in little else.
    """
    low = (1 << 62) - 1
    return UUID(int=message_id.int ^ (endpoint_id.int & low))


async def queue(
    connection: AsyncConnection,
    organisation_id: UUID,
    pairs: Sequence[tuple[UUID, UUID, TriggerKind]],
    *,
    at: datetime,
) -> list[UUID]:
    """Makes a delivery of each message to each endpoint, unless there is one; says which were made."""
    ids = {id_of(message, endpoint): (message, endpoint, kind) for message, endpoint, kind in pairs}
    if not ids:
        return []
    given = {"organisation": organisation_id, "ids": id_list(connection, list(ids))}
    there = set((await connection.execute(_there(dialect_of(connection)), given)).scalars())
    always = {
        "organisation_id": organisation_id,
        "status": WebhookDeliveryStatus.PENDING,
        "attempts": "[]",
        "tries": 0,
        "created_at": at,
        "due_at": at,
        "version": 1,
    }
    made = [id_ for id_ in ids if id_ not in there]
    rows: list[dict[str, Any]] = []
    for id_ in made:
        message, endpoint, kind = ids[id_]
        rows.append({"id": id_, "message_id": message, "webhook_endpoint_id": endpoint, "event_kind": kind, **always})
    await insert_rows(connection, webhook_deliveries, rows)
    return made


@cache
def _there(dialect: Dialect) -> AnySelect:
    return select(_c.id).where(_c.organisation_id == scope.ORGANISATION, dialect.in_list(_c.id, "ids"))


_waiting = (
    select(
        _c.organisation_id,
        _c.id,
        _c.version,
        _c.status,
        _c.message_id,
        _c.event_kind,
        outbox_messages.c.payload,
        _c.created_at,
        _c.attempts,
        _c.tries,
        webhook_endpoints.c.url,
        webhook_endpoints.c.secret,
        (webhook_endpoints.c.status == LibraryStatus.ACTIVE).label("is_wanted"),
    )
    .select_from(
        webhook_deliveries.join(
            outbox_messages,
            and_(outbox_messages.c.organisation_id == _c.organisation_id, outbox_messages.c.id == _c.message_id),
        ).join(
            webhook_endpoints,
            and_(
                webhook_endpoints.c.organisation_id == _c.organisation_id,
                webhook_endpoints.c.id == _c.webhook_endpoint_id,
            ),
        )
    )
    .where(_c.due_at <= scope.NOW)
    .order_by(_c.due_at, _c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=webhook_deliveries)
)


@cache
def _lease(dialect: Dialect) -> Any:
    return (
        update(webhook_deliveries)
        .where(dialect.in_list(_c.id, "ids"), _c.due_at <= scope.NOW)
        .values(due_at=bindparam("until", type_=_c.due_at.type))
    )


async def take(connection: AsyncConnection, now: datetime, most: int, *, until: datetime) -> list[Parcel]:
    """Takes up deliveries that are due, of all organisations; another worker may have them from `until` on."""
    found = [
        Parcel(
            row.organisation_id,
            row.id,
            row.version,
            row.status,
            row.message_id,
            row.event_kind,
            orjson.loads(row.payload),
            row.created_at,
            attempts_of(row.attempts),
            row.tries,
            row.url,
            row.secret,
            bool(row.is_wanted),
        )
        for row in await connection.execute(_waiting, {"now": now, "most": most})
    ]
    if found:
        ids = id_list(connection, [parcel.id for parcel in found])
        await connection.execute(_lease(dialect_of(connection)), {"ids": ids, "now": now, "until": until})
    return found


@dataclass(frozen=True, slots=True)
class Tried:
    """What has become of a delivery by an attempt."""

    parcel: Parcel
    status: WebhookDeliveryStatus
    attempt: Attempt | None
    due_at: datetime
    delivered_at: datetime | None = None


async def write(connection: AsyncConnection, organisation_id: UUID, tried: Sequence[Tried]) -> dict[UUID, int]:
    """Writes down attempts, those of deliveries that nobody has changed meanwhile; says their new versions."""
    rows = [
        {
            "id": each.parcel.id,
            "version": each.parcel.version,
            "status": each.status,
            "attempts": orjson.dumps(
                [asdict(one) for one in (*each.parcel.attempts, *([each.attempt] if each.attempt else []))]
            ).decode(),
            "tries": each.parcel.tries + 1,
            "due_at": each.due_at,
            "delivered_at": each.delivered_at,
        }
        for each in tried
    ]
    return await update_rows(connection, webhook_deliveries, organisation_id, rows)
