"""The answers kept for calls that may be repeated."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.models import idempotency_keys

_key = (
    (idempotency_keys.c.organisation_id == bindparam("organisation")),
    (idempotency_keys.c.actor_id == bindparam("actor")),
    (idempotency_keys.c.mutation == bindparam("own_mutation")),
    (idempotency_keys.c.key == bindparam("own_key")),
)
_kept = select(idempotency_keys.c.input_hash, idempotency_keys.c.outcome).where(*_key)
_store = update(idempotency_keys).where(*_key).values(outcome=bindparam("new_outcome"))


def _values(organisation_id: UUID, actor_id: UUID, mutation: str, key: str) -> dict[str, Any]:
    return {"organisation": organisation_id, "actor": actor_id, "own_mutation": mutation, "own_key": key}


async def claim(
    connection: AsyncConnection,
    organisation_id: UUID,
    actor_id: UUID,
    mutation: str,
    key: str,
    *,
    input_hash: str,
    now: datetime,
    expires_at: datetime,
) -> bool:
    """Takes a key for the call under way; False if an earlier call has it. An expired key is free again."""
    insert = postgresql_insert if connection.dialect.name == "postgresql" else sqlite_insert
    statement = insert(idempotency_keys).values(
        organisation_id=organisation_id,
        actor_id=actor_id,
        mutation=mutation,
        key=key,
        input_hash=input_hash,
        outcome=None,
        created_at=now,
        expires_at=expires_at,
    )
    fresh = {"input_hash": input_hash, "outcome": None, "created_at": now, "expires_at": expires_at}
    statement = statement.on_conflict_do_update(
        index_elements=[each.name for each in idempotency_keys.primary_key],
        set_=fresh,
        where=idempotency_keys.c.expires_at <= now,
    ).returning(idempotency_keys.c.key)
    return (await connection.execute(statement)).first() is not None


async def kept(
    connection: AsyncConnection, organisation_id: UUID, actor_id: UUID, mutation: str, key: str
) -> tuple[str, str | None]:
    """The hash of the input and the outcome of the call that has a key."""
    row = (await connection.execute(_kept, _values(organisation_id, actor_id, mutation, key))).one()
    return row.input_hash, row.outcome


async def store(
    connection: AsyncConnection, organisation_id: UUID, actor_id: UUID, mutation: str, key: str, outcome: str
) -> None:
    """Keeps the outcome of the call that has a key."""
    await connection.execute(_store, {**_values(organisation_id, actor_id, mutation, key), "new_outcome": outcome})


async def forget(connection: AsyncConnection, now: datetime) -> int:
    """Deletes the answers that have expired; says how many."""
    return (await connection.execute(delete(idempotency_keys).where(idempotency_keys.c.expires_at <= now))).rowcount
