"""Users: who sees them, what each field reads, the facts that decide over them, and the writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.machine import ActionState
from portal_api.domain.organisations import USERS, UserAction, UserFacts, UserStatus
from portal_api.domain.roles import Role
from portal_api.models import history_entries, integration_tokens, learners, roles, users
from portal_api.planner.declare import Column, Connection, Derived, Key, Source, ToOne
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.planner.filters import Comparison, Target
from portal_api.queries import scope
from portal_api.queries.folding import fold, search_in
from portal_api.queries.rows import dialect_of, id_list, insert_rows

_held, _other = roles.alias("held_role"), roles.alias("other_role")


def _here(column: ColumnElement[Any]) -> ScalarSelect[Any]:
    """A column of what the user is in the viewer's organisation."""
    chosen = select(column).where(_held.c.organisation_id == scope.ORGANISATION, _held.c.user_id == users.c.id)
    return chosen.correlate(users).scalar_subquery()


ROLE, LEARNER_ID, VERSION = _here(_held.c.role), _here(_held.c.learner_id), _here(_held.c.version)
HAS_ROLE = case((ROLE.is_(None), false()), else_=true())
IS_LAST_OWNER = case(
    (
        and_(
            ROLE == Role.OWNER,
            ~exists().where(
                _other.c.organisation_id == scope.ORGANISATION,
                _other.c.role == Role.OWNER,
                _other.c.user_id != users.c.id,
            ),
        ),
        true(),
    ),
    else_=false(),
)


def _facts_of(held: Role | None, is_last_owner: bool) -> UserFacts:
    return UserFacts(UserStatus(held) if held else UserStatus.REMOVED, is_last_owner)


def _actions(role: str, held: Role | None, is_last_owner: bool) -> tuple[ActionState[UserAction], ...]:
    return USERS.actions(Role(role), _facts_of(held, is_last_owner))


USER = Source(
    type="User",
    prefix="usr",
    table=users,
    scope=scope.USERS,
    fields={
        "id": Key(),
        "externalRef": Column(users.c.external_ref),
        "name": Column(users.c.name),
        "email": Column(users.c.email),
        "isMachine": Column(users.c.is_machine),
        "role": Column(ROLE, is_nullable=True),
        "learner": ToOne("Learner", LEARNER_ID),
        "createdAt": Column(users.c.created_at),
        "version": Column(VERSION, is_nullable=False),
        "tokens": Connection("IntegrationToken", integration_tokens.c.user_id),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
        "actions": Derived((ROLE, IS_LAST_OWNER), _actions),
    },
    filters={
        "id": Comparison(users.c.id, "usr"),
        "externalRef": Comparison(users.c.external_ref),
        # A user without a role has none of the roles: no value at all would answer neither yes nor no.
        "role": Comparison(func.coalesce(ROLE, literal(""), type_=ROLE.type)),
        "hasRole": Comparison(HAS_ROLE),
        "isMachine": Comparison(users.c.is_machine),
        "learnerId": Comparison(LEARNER_ID, "lrn", Target(learners.c.id, scope.LEARNERS), is_nullable=True),
        "createdAt": Comparison(users.c.created_at),
        "search": search_in(users.c.search_key),
    },
    orders={"NAME": users.c.name_key, "CREATED_AT": users.c.created_at},
)


@dataclass(frozen=True, slots=True)
class UserRow:
    """A user as a change finds them."""

    id: UUID
    version: int
    is_machine: bool
    learner_id: UUID | None
    facts: UserFacts


@cache
def _facts(dialect: Dialect) -> AnySelect:
    return select(
        users.c.id,
        VERSION.label("version"),
        users.c.is_machine,
        LEARNER_ID.label("learner_id"),
        ROLE.label("role"),
        IS_LAST_OWNER.label("is_last_owner"),
    ).where(scope.USERS, dialect.in_list(users.c.id, "ids"))


async def facts(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> dict[UUID, UserRow]:
    """The users among `ids` that the viewer sees, with what decides over them."""
    found = await connection.execute(_facts(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {
        row.id: UserRow(row.id, row.version, row.is_machine, row.learner_id, _facts_of(row.role, row.is_last_owner))
        for row in found
    }


async def change(connection: AsyncConnection, organisation_id: UUID, row: UserRow, **columns: Any) -> dict[UUID, int]:
    """Changes what a user is in an organisation, if they are still what was read.

    Args:
        connection: the transaction.
        organisation_id: the organisation.
        row: the user as they were read.
        columns: `role` or `learner_id`.

    Returns:
        The new version.
    """
    statement = (
        update(roles)
        .where(roles.c.organisation_id == organisation_id, roles.c.user_id == row.id, roles.c.version == row.version)
        .values(**columns, version=roles.c.version + 1)
        .returning(roles.c.user_id, roles.c.version)
    )
    return {each.user_id: each.version for each in await connection.execute(statement)}


@cache
def _references(dialect: Dialect) -> AnySelect:
    return (
        select(users.c.external_ref)
        .join(roles, roles.c.user_id == users.c.id)
        .where(roles.c.organisation_id == scope.ORGANISATION, dialect.in_list(users.c.external_ref, "references"))
    )


async def taken_references(connection: AsyncConnection, organisation_id: UUID, references: Sequence[str]) -> set[str]:
    """The references among those given that users of the organisation have."""
    dialect = dialect_of(connection)
    values = {"organisation": organisation_id, "references": dialect.encode(list(references))}
    return set((await connection.execute(_references(dialect), values)).scalars())


@cache
def _seen_learners(dialect: Dialect) -> AnySelect:
    return select(learners.c.id).where(scope.LEARNERS, dialect.in_list(learners.c.id, "ids"))


async def seen_learners(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> set[UUID]:
    """The learners among `ids` that the viewer sees."""
    values = {**bound, "ids": id_list(connection, ids)}
    return set((await connection.execute(_seen_learners(dialect_of(connection)), values)).scalars())


def _keys(user: Mapping[str, Any]) -> dict[str, str]:
    """The columns that a user is sorted and searched by."""
    words = f"{user['name']} {user['email']} {user['external_ref']}"
    return {"name_key": fold(user["name"]), "search_key": fold(words)}


async def create(
    connection: AsyncConnection, new: Sequence[Mapping[str, Any]], held: Sequence[Mapping[str, Any]]
) -> None:
    """Writes users, and what they are in their organisation."""
    await insert_rows(connection, users, [{**user, **_keys(user)} for user in new])
    await insert_rows(connection, roles, held)
