"""Machine clients' tokens: who sees them, what each field reads, the facts that decide, and the writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.machine import ActionState, RecordFacts
from portal_api.domain.organisations import INTEGRATION_TOKENS, IntegrationTokenAction, IntegrationTokenStatus
from portal_api.domain.roles import Role
from portal_api.models import history_entries, integration_tokens, users
from portal_api.planner.declare import Column, Connection, Derived, Key, Source, ToOne
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.planner.filters import Comparison, Target, TimedStatus
from portal_api.queries import scope
from portal_api.queries.moves import Moves
from portal_api.queries.rows import dialect_of, id_list, insert_rows
from portal_api.queries.time import status_now

STATUS_NOW = status_now(INTEGRATION_TOKENS, integration_tokens)
_moves = Moves(INTEGRATION_TOKENS, integration_tokens)
settle = _moves.settle


def _actions(role: str, status: IntegrationTokenStatus) -> tuple[ActionState[IntegrationTokenAction], ...]:
    return INTEGRATION_TOKENS.actions(Role(role), RecordFacts(status))


INTEGRATION_TOKEN = Source(
    type="IntegrationToken",
    prefix="itk",
    table=integration_tokens,
    scope=scope.INTEGRATION_TOKENS,
    fields={
        "id": Key(),
        "name": Column(integration_tokens.c.name),
        "user": ToOne("User", integration_tokens.c.user_id),
        "status": Column(STATUS_NOW, is_nullable=False),
        "createdAt": Column(integration_tokens.c.created_at),
        "expiresAt": Column(integration_tokens.c.expires_at),
        "revokedAt": Column(integration_tokens.c.revoked_at),
        "version": Column(integration_tokens.c.version),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
        "actions": Derived((STATUS_NOW,), _actions),
    },
    filters={
        "id": Comparison(integration_tokens.c.id, "itk"),
        "userId": Comparison(integration_tokens.c.user_id, "usr", Target(users.c.id, scope.USERS)),
        "status": TimedStatus(integration_tokens.c.status, integration_tokens.c.due_at, STATUS_NOW, scope.NOW),
        "createdAt": Comparison(integration_tokens.c.created_at),
        "expiresAt": Comparison(integration_tokens.c.expires_at),
        "revokedAt": Comparison(integration_tokens.c.revoked_at),
    },
    orders={"CREATED_AT": integration_tokens.c.created_at, "EXPIRES_AT": integration_tokens.c.expires_at},
)


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as a change finds it."""

    id: UUID
    version: int
    expires_at: datetime
    facts: RecordFacts[IntegrationTokenStatus]


_row = select(
    integration_tokens.c.id,
    integration_tokens.c.version,
    integration_tokens.c.expires_at,
    STATUS_NOW.label("status_now"),
)


def _token_row(row: Any) -> TokenRow:
    return TokenRow(row.id, row.version, row.expires_at, RecordFacts(row.status_now))


@cache
def _lock(dialect: Dialect) -> AnySelect:
    chosen = select(integration_tokens.c.id).where(
        scope.INTEGRATION_TOKENS, dialect.in_list(integration_tokens.c.id, "ids")
    )
    return chosen.order_by(integration_tokens.c.id).with_for_update(key_share=True)


async def lock(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> None:
    """Locks tokens, in the order of their ids; on SQLite the transaction is alone already."""
    if connection.dialect.name == "postgresql":
        await connection.execute(_lock(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})


@cache
def _facts(dialect: Dialect) -> AnySelect:
    return _row.where(scope.INTEGRATION_TOKENS, dialect.in_list(integration_tokens.c.id, "ids"))


async def facts(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> dict[UUID, TokenRow]:
    """The tokens among `ids` that the viewer sees, with what decides over them."""
    found = await connection.execute(_facts(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {row.id: _token_row(row) for row in found}


async def issue(
    connection: AsyncConnection,
    organisation_id: UUID,
    id: UUID,
    *,
    user_id: UUID,
    name: str,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Writes down that a token was issued; never the token itself."""
    row = {
        "organisation_id": organisation_id,
        "id": id,
        "user_id": user_id,
        "name": name,
        "status": IntegrationTokenStatus.ACTIVE,
        "created_at": now,
        "expires_at": expires_at,
        "due_at": expires_at,
        "version": 1,
    }
    await insert_rows(connection, integration_tokens, [row])


async def revoke(
    connection: AsyncConnection, organisation_id: UUID, ids: Sequence[UUID], *, now: datetime
) -> dict[UUID, int]:
    """Takes back tokens that hold now.

    Returns:
        The new version of each token that was changed.
    """
    return await _moves.take(connection, organisation_id, ids, IntegrationTokenAction.REVOKE, now=now, revoked_at=now)


_due = (
    _row.where(integration_tokens.c.organisation_id == scope.ORGANISATION, integration_tokens.c.due_at <= scope.NOW)
    .order_by(integration_tokens.c.due_at, integration_tokens.c.id)
    .limit(bindparam("most"))
    .with_for_update(key_share=True, skip_locked=True)
)


async def due(connection: AsyncConnection, organisation_id: UUID, now: datetime, most: int) -> list[TokenRow]:
    """The tokens of an organisation whose time has run out, the longest overdue first, locked.

    Those that somebody else is changing are left for the next look.
    """
    found = await connection.execute(_due, {"organisation": organisation_id, "now": now, "most": most})
    return [_token_row(row) for row in found]
