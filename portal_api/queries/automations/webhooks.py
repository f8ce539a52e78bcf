"""Webhook endpoints: who sees them, what each field reads, the facts that decide, and the writes. Secrets are no field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.automations.triggers import TriggerKind
from portal_api.domain.automations.webhooks import WEBHOOK_ENDPOINTS, WebhookEndpointAction
from portal_api.domain.library import LibraryStatus
from portal_api.domain.machine import ActionState, RecordFacts
from portal_api.domain.roles import Role
from portal_api.models import history_entries, webhook_deliveries, webhook_endpoints
from portal_api.planner.declare import Column, Connection, Derived, Key, Source
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.planner.filters import Comparison
from portal_api.queries import scope
from portal_api.queries.folding import fold, search_in
from portal_api.queries.moves import Moves
from portal_api.queries.rows import dialect_of, id_list, insert_rows, update_rows

_c = webhook_endpoints.c
take = Moves(WEBHOOK_ENDPOINTS, webhook_endpoints).take


def _kinds(_role: str, words: Any) -> tuple[TriggerKind, ...]:
    return tuple(map(TriggerKind, words.split() if isinstance(words, str) else words))


def _actions(role: str, status: LibraryStatus) -> tuple[ActionState[WebhookEndpointAction], ...]:
    return WEBHOOK_ENDPOINTS.actions(Role(role), RecordFacts(status))


WEBHOOK_ENDPOINT = Source(
    type="WebhookEndpoint",
    prefix="whk",
    table=webhook_endpoints,
    scope=scope.WEBHOOK_ENDPOINTS,
    fields={
        "id": Key(),
        "name": Column(_c.name),
        "url": Column(_c.url),
        "eventKinds": Derived((_c.event_kinds,), _kinds),
        "status": Column(_c.status),
        "createdAt": Column(_c.created_at),
        "version": Column(_c.version),
        "deliveries": Connection("WebhookDelivery", webhook_deliveries.c.webhook_endpoint_id),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
        "actions": Derived((_c.status,), _actions),
    },
    filters={
        "id": Comparison(_c.id, "whk"),
        "status": Comparison(_c.status),
        "createdAt": Comparison(_c.created_at),
        "search": search_in(_c.name_key),
    },
    orders={"NAME": _c.name_key, "CREATED_AT": _c.created_at},
)


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """An endpoint as a change finds it."""

    id: UUID
    version: int
    name: str
    url: str
    event_kinds: tuple[TriggerKind, ...]
    facts: RecordFacts[LibraryStatus]


@cache
def _locking(dialect: Dialect) -> AnySelect:
    chosen = select(_c.id).where(scope.WEBHOOK_ENDPOINTS, dialect.in_list(_c.id, "ids"))
    return chosen.order_by(_c.id).with_for_update(key_share=True)


async def lock(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> None:
    """Locks endpoints, in the order of their ids; on SQLite the transaction is alone already."""
    if connection.dialect.name == "postgresql":
        await connection.execute(_locking(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})


_row = select(_c.id, _c.version, _c.name, _c.url, _c.event_kinds, _c.status)


def _found(row: Any) -> EndpointRow:
    kinds = tuple(map(TriggerKind, row.event_kinds))
    return EndpointRow(row.id, row.version, row.name, row.url, kinds, RecordFacts(row.status))


@cache
def _facts(dialect: Dialect) -> AnySelect:
    return _row.where(scope.WEBHOOK_ENDPOINTS, dialect.in_list(_c.id, "ids"))


async def facts(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> dict[UUID, EndpointRow]:
    """The endpoints among `ids` that the viewer sees, with what decides over them."""
    found = await connection.execute(_facts(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {row.id: _found(row) for row in found}


_active = _row.where(_c.organisation_id == scope.ORGANISATION, _c.status == LibraryStatus.ACTIVE).order_by(_c.id)
_count = select(func.count()).select_from(webhook_endpoints).where(_c.organisation_id == scope.ORGANISATION)


async def active(connection: AsyncConnection, organisation_id: UUID) -> list[EndpointRow]:
    """The endpoints of an organisation that are in use."""
    return [_found(row) for row in await connection.execute(_active, {"organisation": organisation_id})]


async def count(connection: AsyncConnection, organisation_id: UUID) -> int:
    """How many endpoints an organisation has."""
    return (await connection.execute(_count, {"organisation": organisation_id})).scalar_one()


async def create(
    connection: AsyncConnection,
    organisation_id: UUID,
    id_: UUID,
    *,
    name: str,
    url: str,
    event_kinds: Sequence[TriggerKind],
    secret: str,
    at: datetime,
) -> None:
    """Makes an endpoint, in use."""
    row = {
        "organisation_id": organisation_id,
        "id": id_,
        "name": name,
        "name_key": fold(name),
        "url": url,
        "secret": secret,
        "event_kinds": " ".join(event_kinds),
        "status": LibraryStatus.ACTIVE,
        "created_at": at,
        "version": 1,
    }
    await insert_rows(connection, webhook_endpoints, [row])


async def change(
    connection: AsyncConnection,
    organisation_id: UUID,
    row: EndpointRow,
    *,
    name: str,
    url: str,
    event_kinds: Sequence[TriggerKind],
) -> dict[UUID, int]:
    """Changes an endpoint; says its new version, if it was still at the version that was read."""
    given = {
        "id": row.id,
        "version": row.version,
        "name": name,
        "name_key": fold(name),
        "url": url,
        "event_kinds": " ".join(event_kinds),
    }
    return await update_rows(connection, webhook_endpoints, organisation_id, [given])


async def rotate(
    connection: AsyncConnection, organisation_id: UUID, row: EndpointRow, *, secret: str
) -> dict[UUID, int]:
    """Gives an endpoint another secret; says its new version, if it was still at the version that was read."""
    given = {"id": row.id, "version": row.version, "secret": secret}
    return await update_rows(connection, webhook_endpoints, organisation_id, [given])
