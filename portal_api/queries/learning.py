"""What learning leaves on the record of a learner: sign-ins, and when they were last active."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Update, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.learners import LEARNERS, LearnerAction, LearnerFacts
from portal_api.models import learners
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import scope
from portal_api.queries.learners import IS_OWN_RECORD, IS_OWNER_RECORD
from portal_api.queries.rows import dialect_of, id_list


@dataclass(frozen=True, slots=True)
class SignerRow:
    """A learner as a sign-in finds them."""

    id: UUID
    version: int
    has_signed_in: bool
    facts: LearnerFacts


@cache
def _facts(dialect: Dialect) -> AnySelect:
    return select(
        learners.c.id,
        learners.c.version,
        learners.c.first_signed_in_at,
        learners.c.status,
        learners.c.has_app_access,
        IS_OWNER_RECORD.label("is_owner_record"),
        IS_OWN_RECORD.label("is_own_record"),
    ).where(scope.LEARNERS, dialect.in_list(learners.c.id, "ids"))


async def facts(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> dict[UUID, SignerRow]:
    """The learners among `ids` that the viewer sees, with what decides over their sign-ins."""
    found = await connection.execute(_facts(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {
        row.id: SignerRow(
            row.id,
            row.version,
            row.first_signed_in_at is not None,
            LearnerFacts(row.status, row.is_owner_record, row.has_app_access, bool(row.is_own_record)),
        )
        for row in found
    }


@cache
def _sign_in(dialect: Dialect) -> Update:
    return (
        update(learners)
        .where(
            learners.c.organisation_id == scope.ORGANISATION,
            dialect.in_list(learners.c.id, "ids"),
            learners.c.status.in_(LEARNERS[LearnerAction.RECORD_SIGN_IN].statuses),
        )
        .values(
            first_signed_in_at=func.coalesce(learners.c.first_signed_in_at, scope.NOW),
            last_activity_at=scope.NOW,
            version=learners.c.version + 1,
        )
        .returning(learners.c.id, learners.c.version)
    )


async def sign_in(
    connection: AsyncConnection, organisation_id: UUID, ids: Sequence[UUID], *, now: datetime
) -> dict[UUID, int]:
    """Records that learners signed in.

    Returns:
        The new version of each learner.
    """
    values = {"organisation": organisation_id, "ids": id_list(connection, ids), "now": now}
    return {row.id: row.version for row in await connection.execute(_sign_in(dialect_of(connection)), values)}


@cache
def _touch(dialect: Dialect) -> Update:
    return (
        update(learners)
        .where(learners.c.organisation_id == scope.ORGANISATION, dialect.in_list(learners.c.id, "ids"))
        .values(last_activity_at=scope.NOW)
    )


async def touch(connection: AsyncConnection, organisation_id: UUID, ids: Sequence[UUID], *, now: datetime) -> None:
    """Records when learners were last active: a measurement, and no new version of the record."""
    values = {"organisation": organisation_id, "ids": id_list(connection, ids), "now": now}
    await connection.execute(_touch(dialect_of(connection)), values)
