"""Organisations and users: what each of their fields reads; and who a token's bearer is."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, and_, func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.learners import LearnerStatus
from portal_api.domain.roles import Role
from portal_api.models import learners, organisations, roles, series, series_enrolments, users
from portal_api.planner.declare import Column, Key, Source
from portal_api.planner.dialects import Dialect, Statement
from portal_api.planner.selections import Request
from portal_api.queries import scope

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
        "createdAt": Column(organisations.c.created_at),
    },
)

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
    },
)

_principal = (
    select(
        roles.c.role,
        roles.c.learner_id,
        learners.c.status,
        learners.c.has_app_access,
    )
    .select_from(roles)
    .outerjoin(
        learners, and_(learners.c.organisation_id == roles.c.organisation_id, learners.c.id == roles.c.learner_id)
    )
    .where(roles.c.organisation_id == scope.ORGANISATION, roles.c.user_id == scope.VIEWER_USER)
)


@dataclass(frozen=True, slots=True)
class Principal:
    """What a user is in an organisation: their role, and how the learner record linked to it stands."""

    role: Role
    learner_id: UUID | None
    has_app_access: bool
    """Whether there is a linked learner, who is active and has app access."""


@cache
def _principal_statement(dialect: Dialect) -> Statement:
    return dialect.statement(_principal)


def principal(
    dialect: Dialect, organisation_id: UUID, user_id: UUID
) -> Generator[Request, Sequence[Any], Principal | None]:
    """Reads what a user is in an organisation; None if they hold no role there."""
    statement = _principal_statement(dialect)
    bound = {"organisation": dialect.encode(organisation_id), "viewer_user": dialect.encode(user_id)}
    rows = yield Request(statement, statement.values(bound))
    if not rows or rows[0][0] is None:
        return None
    role, learner_id, status, has_app_access = rows[0]
    return Principal(
        role=Role(role),
        learner_id=None if learner_id is None else UUID(dialect.id_text(learner_id)),
        has_app_access=status == LearnerStatus.ACTIVE and bool(has_app_access),
    )


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


async def sizes(connection: AsyncConnection, external_ref: str) -> tuple[int, int, int]:
    """How many learners, series and series enrolments an organisation has."""
    own = select(organisations.c.id).where(organisations.c.external_ref == external_ref).scalar_subquery()
    counts = [
        await connection.scalar(select(func.count()).select_from(table).where(table.c.organisation_id == own)) or 0
        for table in (learners, series, series_enrolments)
    ]
    return counts[0], counts[1], counts[2]
