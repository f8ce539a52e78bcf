"""Organisations and users: what each of their fields reads; and who a token's bearer is."""

from uuid import UUID

from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.models import learners, organisations, roles, users
from portal_api.planner.declare import Column, Key, Source
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
        learners.c.status.label("learner_status"),
        learners.c.has_app_access,
        organisations.c.time_zone,
    )
    .join(organisations, organisations.c.id == roles.c.organisation_id)
    .outerjoin(
        learners, (learners.c.organisation_id == roles.c.organisation_id) & (learners.c.id == roles.c.learner_id)
    )
)


async def principal(connection: AsyncConnection, organisation_id: UUID, user_id: UUID) -> RowMapping | None:
    """The role that a user holds in an organisation, and the learner record linked to it; None if there is none."""
    asked = _principal.where(roles.c.organisation_id == organisation_id, roles.c.user_id == user_id)
    return (await connection.execute(asked)).mappings().first()
