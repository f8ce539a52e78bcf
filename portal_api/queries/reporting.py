"""Reporting lines: every pair of a manager and a learner below them, kept in step with who manages whom."""

from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Delete,
    Insert,
    Integer,
    bindparam,
    delete,
    exists,
    insert,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.models import learners, organisations, reporting_lines
from portal_api.models.base import Id
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import scope
from portal_api.queries.rows import dialect_of, id_list

_LEARNER, _MANAGER = bindparam("learner", type_=Id()), bindparam("manager", type_=Id())
_lock = select(organisations.c.id).where(organisations.c.id == scope.ORGANISATION).with_for_update(key_share=True)


async def lock(connection: AsyncConnection, bound: dict[str, Any], _: Sequence[UUID] = ()) -> None:
    """Locks the organisation: of all who change its lines or its learners' references, one at a time does.

    On SQLite the transaction is alone already.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(_lock, bound)


_is_below = select(
    exists().where(
        reporting_lines.c.organisation_id == scope.ORGANISATION,
        reporting_lines.c.manager_id == _LEARNER,
        reporting_lines.c.learner_id == _MANAGER,
    )
)


async def would_be_circle(
    connection: AsyncConnection, organisation_id: UUID, learner_id: UUID, manager_id: UUID
) -> bool:
    """Whether a learner would stand above themselves under a manager."""
    if learner_id == manager_id:
        return True
    values = {"organisation": organisation_id, "learner": learner_id, "manager": manager_id}
    return bool(await connection.scalar(_is_below, values))


def _detach() -> Delete:
    up, down = reporting_lines.alias("up"), reporting_lines.alias("down")
    above = select(up.c.manager_id).where(up.c.organisation_id == scope.ORGANISATION, up.c.learner_id == _LEARNER)
    below = select(down.c.learner_id).where(down.c.organisation_id == scope.ORGANISATION, down.c.manager_id == _LEARNER)
    return delete(reporting_lines).where(
        reporting_lines.c.organisation_id == scope.ORGANISATION,
        reporting_lines.c.manager_id.in_(above),
        or_(reporting_lines.c.learner_id == _LEARNER, reporting_lines.c.learner_id.in_(below)),
    )


_DETACH = _detach()


async def detach(connection: AsyncConnection, organisation_id: UUID, learner_id: UUID) -> None:
    """Takes the lines away that lead from above a learner to the learner and to everybody below."""
    await connection.execute(_DETACH, {"organisation": organisation_id, "learner": learner_id})


def _above(dialect: Dialect) -> AnySelect:
    """Who stands above each learner by their manager, and how far up."""
    own, further, line = learners.alias("own"), learners.alias("further"), reporting_lines.alias("line_above")
    direct = select(own.c.id.label("root"), own.c.manager_id, literal(1, Integer()).label("depth")).where(
        own.c.organisation_id == scope.ORGANISATION,
        dialect.in_list(own.c.id, "ids"),
        own.c.manager_id.is_not(None),
    )
    indirect = select(further.c.id, line.c.manager_id, line.c.depth + 1).where(
        further.c.organisation_id == scope.ORGANISATION,
        dialect.in_list(further.c.id, "ids"),
        line.c.organisation_id == scope.ORGANISATION,
        line.c.learner_id == further.c.manager_id,
    )
    every = union_all(direct, indirect).subquery("above")
    return select(every.c.root, every.c.manager_id, every.c.depth)


def _below(dialect: Dialect) -> AnySelect:
    """Each learner, and who stands below them, and how far down."""
    own, line = learners.alias("self"), reporting_lines.alias("line_below")
    themselves = select(
        own.c.id.label("root"), own.c.id.label("learner_id"), literal(0, Integer()).label("depth")
    ).where(own.c.organisation_id == scope.ORGANISATION, dialect.in_list(own.c.id, "ids"))
    others = select(line.c.manager_id, line.c.learner_id, line.c.depth).where(
        line.c.organisation_id == scope.ORGANISATION, dialect.in_list(line.c.manager_id, "ids")
    )
    every = union_all(themselves, others).subquery("below")
    return select(every.c.root, every.c.learner_id, every.c.depth)


@cache
def _attach(dialect: Dialect) -> Insert:
    above, below = _above(dialect).subquery("up"), _below(dialect).subquery("down")
    lines = select(scope.ORGANISATION, above.c.manager_id, below.c.learner_id, above.c.depth + below.c.depth).where(
        above.c.root == below.c.root
    )
    return insert(reporting_lines).from_select(["organisation_id", "manager_id", "learner_id", "depth"], lines)


async def attach(connection: AsyncConnection, organisation_id: UUID, ids: Sequence[UUID]) -> None:
    """Writes the lines from above learners to them and everybody below; none of them stands above another."""
    values = {"organisation": organisation_id, "ids": id_list(connection, ids)}
    await connection.execute(_attach(dialect_of(connection)), values)
