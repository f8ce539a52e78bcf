"""Learners as a change finds them, and the writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Update,
    bindparam,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.learner_details import SpecialRequirements
from portal_api.domain.learners import (
    LEARNERS,
    DeactivationReason,
    LearnerAction,
    LearnerFacts,
)
from portal_api.ids import IdMaker
from portal_api.models import (
    activity_intervals,
    learners,
)
from portal_api.models.base import Instant
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import scope
from portal_api.queries.learners.read import IS_OWNER_RECORD
from portal_api.queries.moves import Moves
from portal_api.queries.rows import dialect_of, id_list, insert_rows


@dataclass(frozen=True, slots=True)
class LearnerRow:
    """A learner as a change finds it."""

    id: UUID
    version: int
    facts: LearnerFacts


@cache
def _facts(dialect: Dialect) -> AnySelect:
    return select(
        learners.c.id,
        learners.c.version,
        learners.c.status,
        learners.c.has_app_access,
        IS_OWNER_RECORD.label("is_owner_record"),
    ).where(scope.LEARNERS, dialect.in_list(learners.c.id, "ids"))


@cache
def _lock(dialect: Dialect) -> AnySelect:
    chosen = select(learners.c.id).where(scope.LEARNERS, dialect.in_list(learners.c.id, "ids"))
    return chosen.order_by(learners.c.id).with_for_update(key_share=True)


async def lock(connection: AsyncConnection, bound: dict[str, Any], ids: Sequence[UUID]) -> None:
    """Locks learners, in the order of their ids; on SQLite the transaction is alone already."""
    if connection.dialect.name == "postgresql":
        await connection.execute(_lock(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})


async def facts(connection: AsyncConnection, bound: dict[str, Any], ids: Sequence[UUID]) -> dict[UUID, LearnerRow]:
    """The learners among `ids` that the viewer sees, with what decides over them."""
    found = await connection.execute(_facts(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {
        row.id: LearnerRow(
            row.id, row.version, LearnerFacts(row.status, row.is_owner_record, has_app_access=row.has_app_access)
        )
        for row in found
    }


take = Moves(LEARNERS, learners).take


@cache
def _close_intervals(dialect: Dialect) -> Update:
    return (
        update(activity_intervals)
        .where(
            activity_intervals.c.organisation_id == scope.ORGANISATION,
            dialect.in_list(activity_intervals.c.learner_id, "ids"),
            activity_intervals.c.active_until.is_(None),
        )
        .values(active_until=bindparam("at", type_=Instant()))
    )


async def deactivate(
    connection: AsyncConnection,
    organisation_id: UUID,
    ids: Sequence[UUID],
    *,
    at: datetime,
    reason: DeactivationReason,
    note: str | None,
    requirements: SpecialRequirements | None = None,
) -> dict[UUID, int]:
    """Sets active learners inactive and ends their active intervals; a note of special requirements goes with it.

    Returns:
        The new version of each learner that was changed.
    """
    given: dict[str, Any] = (
        {}
        if requirements is None
        else {"special_requirements": requirements.text, "special_requirements_are_private": requirements.is_private}
    )
    changed = await take(
        connection,
        organisation_id,
        ids,
        LearnerAction.DEACTIVATE,
        has_app_access=False,
        deactivated_at=at,
        deactivation_reason=reason,
        deactivation_note=note,
        **given,
    )
    ended = {"organisation": organisation_id, "ids": id_list(connection, list(changed)), "at": at}
    await connection.execute(_close_intervals(dialect_of(connection)), ended)
    return changed


async def reactivate(
    connection: AsyncConnection, organisation_id: UUID, ids: Sequence[UUID], *, at: datetime, new_id: IdMaker
) -> dict[UUID, int]:
    """Sets inactive learners active and begins a new active interval for each.

    Returns:
        The new version of each learner that was changed.
    """
    changed = await take(
        connection,
        organisation_id,
        ids,
        LearnerAction.REACTIVATE,
        deactivated_at=None,
        deactivation_reason=None,
        deactivation_note=None,
    )
    intervals = [
        {"organisation_id": organisation_id, "id": new_id(at), "learner_id": learner_id, "active_from": at}
        for learner_id in changed
    ]
    await insert_rows(connection, activity_intervals, intervals)
    return changed


async def set_app_access(
    connection: AsyncConnection, organisation_id: UUID, ids: Sequence[UUID], *, has_app_access: bool
) -> dict[UUID, int]:
    """Switches the app access of active learners on or off.

    Returns:
        The new version of each learner that was changed.
    """
    return await take(connection, organisation_id, ids, LearnerAction.SET_APP_ACCESS, has_app_access=has_app_access)
