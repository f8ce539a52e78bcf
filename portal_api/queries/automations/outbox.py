"""The outbox: what a transaction leaves to be delivered, and what whoever delivers it finds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.automations.webhooks import OutboxKind
from portal_api.domain.machine import FAR_FUTURE
from portal_api.models import outbox_messages
from portal_api.planner.dialects import Dialect
from portal_api.queries import scope
from portal_api.queries.rows import dialect_of, id_list, insert_rows


@dataclass(frozen=True, slots=True)
class Message:
    """Something to be delivered; its id is that of the record that it leads to."""

    id: UUID
    kind: OutboxKind
    payload: Mapping[str, Any]


async def leave(
    connection: AsyncConnection, organisation_id: UUID, messages: Sequence[Message], *, at: datetime
) -> None:
    """Leaves messages to be delivered, in one statement; they are due at once."""
    always = {"organisation_id": organisation_id, "created_at": at, "due_at": at, "attempts": 0}
    rows = [
        {"id": each.id, "kind": each.kind, "payload": orjson.dumps(each.payload, default=str).decode(), **always}
        for each in messages
    ]
    await insert_rows(connection, outbox_messages, rows)


_c = outbox_messages.c
_due = (
    select(_c.id, _c.kind, _c.payload)
    .where(_c.organisation_id == scope.ORGANISATION, _c.due_at <= scope.NOW)
    .order_by(_c.due_at, _c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_waiting = select(_c.organisation_id).where(_c.due_at <= scope.NOW).distinct()


async def waiting(connection: AsyncConnection, now: datetime) -> list[UUID]:
    """The organisations that have something to be delivered."""
    return list((await connection.execute(_waiting, {"now": now})).scalars())


async def due(connection: AsyncConnection, organisation_id: UUID, now: datetime, most: int) -> list[Message]:
    """The messages of an organisation that wait to be delivered, the longest waiting first, locked."""
    found = await connection.execute(_due, {"organisation": organisation_id, "now": now, "most": most})
    return [Message(row.id, row.kind, orjson.loads(row.payload)) for row in found]


@cache
def _delivered(dialect: Dialect) -> Any:
    return (
        update(outbox_messages)
        .where(_c.organisation_id == scope.ORGANISATION, dialect.in_list(_c.id, "ids"))
        .values(delivered_at=scope.NOW, due_at=FAR_FUTURE, attempts=_c.attempts + 1)
    )


async def delivered(connection: AsyncConnection, organisation_id: UUID, ids: Sequence[UUID], now: datetime) -> None:
    """Writes down that messages are delivered."""
    given = {"organisation": organisation_id, "ids": id_list(connection, ids), "now": now}
    await connection.execute(_delivered(dialect_of(connection)), given)
