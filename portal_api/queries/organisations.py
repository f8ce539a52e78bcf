"""Organisations: what each of their fields reads, how their settings change; and who a token's bearer is."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ScalarSelect, Table, and_, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.learners import LearnerStatus
from portal_api.domain.machine import ActionState, RecordFacts
from portal_api.domain.organisations import (
    ORGANISATIONS,
    IntegrationTokenStatus,
    OrganisationAction,
    OrganisationStatus,
)
from portal_api.domain.roles import Role
from portal_api.models import (
    course_enrolments,
    course_offers,
    courses,
    groups,
    history_entries,
    integration_tokens,
    learners,
    organisations,
    roles,
    series,
    series_enrolments,
    unit_enrolments,
    units,
    users,
)
from portal_api.models.base import Id
from portal_api.planner.declare import Column, Connection, Derived, Key, Source, Through
from portal_api.planner.dialects import Dialect, Statement
from portal_api.planner.selections import Request
from portal_api.queries import scope

_OPEN = RecordFacts(OrganisationStatus.OPEN)


def _actions(role: str) -> tuple[ActionState[OrganisationAction], ...]:
    return ORGANISATIONS.actions(Role(role), _OPEN)


ORGANISATION = Source(
    type="Organisation",
    prefix="org",
    table=organisations,
    scope=scope.ORGANISATIONS,
    fields={
        "id": Key(),
        "externalRef": Column(organisations.c.external_ref),
        "name": Column(organisations.c.name),
        "timeZone": Column(organisations.c.time_zone),
        "hasReconnectStage": Column(organisations.c.has_reconnect_stage),
        "createdAt": Column(organisations.c.created_at),
        "version": Column(organisations.c.version),
        "users": Connection("User", roles.c.organisation_id, Through(roles, roles.c.user_id)),
        "groups": Connection("Group", groups.c.organisation_id),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
        "actions": Derived((), _actions),
    },
)


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """An organisation as a change finds it."""

    id: UUID
    version: int
    name: str
    time_zone: str
    has_reconnect_stage: bool
    facts: RecordFacts[OrganisationStatus] = _OPEN


_lock = select(organisations.c.id).where(scope.ORGANISATIONS).with_for_update(key_share=True)


async def lock(connection: AsyncConnection, bound: Mapping[str, Any], _ids: Sequence[UUID] = ()) -> None:
    """Locks the organisation, for rules over all of it; on SQLite the transaction is alone already.

    Not against rows that only point at it: else two calls that have taken their keys would wait for one another.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(_lock, dict(bound))


_hold = select(organisations.c.id).where(scope.ORGANISATIONS).with_for_update(read=True)


async def hold(connection: AsyncConnection, bound: Mapping[str, Any], _ids: Sequence[UUID] = ()) -> None:
    """Keeps what is decided over the whole organisation as it is; others may hold it too, and nobody lock it."""
    if connection.dialect.name == "postgresql":
        await connection.execute(_hold, dict(bound))


_facts = select(
    organisations.c.id,
    organisations.c.version,
    organisations.c.name,
    organisations.c.time_zone,
    organisations.c.has_reconnect_stage,
).where(scope.ORGANISATIONS)


async def facts(connection: AsyncConnection, bound: Mapping[str, Any]) -> dict[UUID, OrganisationRow]:
    """The viewer's own organisation, which is the only one seen."""
    found = await connection.execute(_facts, dict(bound))
    return {
        row.id: OrganisationRow(row.id, row.version, row.name, row.time_zone, row.has_reconnect_stage) for row in found
    }


_update = (
    update(organisations)
    .where(scope.ORGANISATIONS, organisations.c.version == bindparam("read_version"))
    .values(
        name=bindparam("new_name"),
        time_zone=bindparam("new_time_zone"),
        has_reconnect_stage=bindparam("new_has_reconnect_stage"),
        version=organisations.c.version + 1,
    )
    .returning(organisations.c.id, organisations.c.version)
)


async def update_settings(
    connection: AsyncConnection, row: OrganisationRow, *, name: str, time_zone: str, has_reconnect_stage: bool
) -> dict[UUID, int]:
    """Changes the settings of an organisation that is still as it was read.

    Returns:
        Its new version.
    """
    values = {
        "organisation": row.id,
        "read_version": row.version,
        "new_name": name,
        "new_time_zone": time_zone,
        "new_has_reconnect_stage": has_reconnect_stage,
    }
    return {each.id: each.version for each in await connection.execute(_update, values)}


_principal = (
    select(
        roles.c.role,
        roles.c.learner_id,
        learners.c.status,
        learners.c.has_app_access,
        integration_tokens.c.id,
        organisations.c.time_zone,
    )
    .select_from(roles)
    .join(organisations, organisations.c.id == roles.c.organisation_id)
    .outerjoin(
        learners, and_(learners.c.organisation_id == roles.c.organisation_id, learners.c.id == roles.c.learner_id)
    )
    .outerjoin(
        integration_tokens,
        and_(
            integration_tokens.c.organisation_id == roles.c.organisation_id,
            integration_tokens.c.user_id == roles.c.user_id,
            integration_tokens.c.id == bindparam("token", type_=Id()),
            integration_tokens.c.status == IntegrationTokenStatus.ACTIVE,
            integration_tokens.c.expires_at > scope.NOW,
        ),
    )
    .where(
        roles.c.organisation_id == scope.ORGANISATION,
        roles.c.user_id == scope.VIEWER_USER,
        roles.c.role.is_not(None),
    )
)


@dataclass(frozen=True, slots=True)
class Principal:
    """What a user is in an organisation: their role, and how the learner record linked to it stands."""

    role: Role
    learner_id: UUID | None
    has_app_access: bool
    """Whether there is a linked learner, who is active and has app access."""
    has_token: bool
    """Whether the integration token that was given is one of theirs that still holds."""
    time_zone: str
    """The time zone that the organisation's days are days in."""


@cache
def _principal_statement(dialect: Dialect) -> Statement:
    return dialect.statement(_principal)


def principal(
    dialect: Dialect, organisation_id: UUID, user_id: UUID, token_id: UUID | None, now: datetime
) -> Generator[Request, Sequence[Any], Principal | None]:
    """Reads what a user is in an organisation, and whether their integration token holds; None if they hold no role."""
    statement = _principal_statement(dialect)
    given = {"organisation": organisation_id, "viewer_user": user_id, "token": token_id, "now": now}
    bound = {name: dialect.encode(value) for name, value in given.items()}
    rows = yield Request(statement, statement.values(bound))
    if not rows or rows[0][0] is None:
        return None
    role, learner_id, status, has_app_access, token, time_zone = rows[0]
    return Principal(
        role=Role(role),
        learner_id=None if learner_id is None else UUID(dialect.id_text(learner_id)),
        has_app_access=status == LearnerStatus.ACTIVE and bool(has_app_access),
        has_token=token is not None,
        time_zone=time_zone,
    )


_zone = select(organisations.c.time_zone).where(organisations.c.id == scope.ORGANISATION)


async def time_zone(connection: AsyncConnection, organisation_id: UUID) -> ZoneInfo:
    """The time zone that an organisation's days are days in."""
    return ZoneInfo((await connection.execute(_zone, {"organisation": organisation_id})).scalar_one())


@cache
def _zone_statement(dialect: Dialect) -> Statement:
    return dialect.statement(_zone)


def time_zone_read(dialect: Dialect, organisation_id: UUID) -> Generator[Request, Sequence[Any], ZoneInfo]:
    """The same, to be read outside a transaction."""
    statement = _zone_statement(dialect)
    [row] = yield Request(statement, statement.values({"organisation": dialect.encode(organisation_id)}))
    return ZoneInfo(row[0])


async def find_user(
    connection: AsyncConnection,
    role: Role,
    *,
    organisation_ref: str | None = None,
    learner_ref: str | None = None,
    user_ref: str | None = None,
) -> tuple[UUID, UUID] | None:
    """The first user who holds a role, in one organisation or in the newest.

    Returns:
        The ids of the organisation and the user; None where nobody fits.
    """
    found = (
        select(roles.c.organisation_id, roles.c.user_id)
        .join(users, users.c.id == roles.c.user_id)
        .where(roles.c.role == role, roles.c.organisation_id == _organisation_id(organisation_ref))
        .order_by(users.c.id)
        .limit(1)
    )
    if user_ref is not None:
        found = found.where(users.c.external_ref == user_ref)
    if learner_ref is not None:
        linked = and_(learners.c.organisation_id == roles.c.organisation_id, learners.c.id == roles.c.learner_id)
        found = found.join(learners, linked).where(learners.c.external_ref == learner_ref)
    row = (await connection.execute(found)).first()
    return (row[0], row[1]) if row else None


def _organisation_id(ref: str | None) -> ScalarSelect[Any]:
    chosen = select(organisations.c.id)
    if ref is not None:
        return chosen.where(organisations.c.external_ref == ref).scalar_subquery()
    return chosen.order_by(organisations.c.created_at.desc(), organisations.c.id.desc()).limit(1).scalar_subquery()


async def claim_organisation(
    connection: AsyncConnection, *, id: UUID, external_ref: str, name: str, time_zone: str, created_at: datetime
) -> bool:
    """Makes an organisation; False, and nothing written, if there is one of that reference already.

    Of two that try at once, the second waits for the first to end, and then finds its organisation.
    """
    insert = postgresql_insert if connection.dialect.name == "postgresql" else sqlite_insert
    statement = (
        insert(organisations)
        .values(id=id, external_ref=external_ref, name=name, time_zone=time_zone, created_at=created_at)
        .on_conflict_do_nothing()
        .returning(organisations.c.id)
    )
    return (await connection.execute(statement)).first() is not None


async def sizes(connection: AsyncConnection, external_ref: str) -> list[int]:
    """How many learners, series and series enrolments an organisation has."""
    return await _sizes(connection, external_ref, (learners, series, series_enrolments))


async def course_sizes(connection: AsyncConnection, external_ref: str) -> list[int]:
    """How many learners, courses, course offers, units, and enrolments in courses and units an organisation has."""
    tables = (learners, courses, course_offers, units, course_enrolments, unit_enrolments)
    return await _sizes(connection, external_ref, tables)


async def _sizes(connection: AsyncConnection, external_ref: str, tables: Sequence[Table]) -> list[int]:
    own = select(organisations.c.id).where(organisations.c.external_ref == external_ref).scalar_subquery()
    return [
        await connection.scalar(select(func.count()).select_from(table).where(table.c.organisation_id == own)) or 0
        for table in tables
    ]
