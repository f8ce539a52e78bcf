"""Groups: who is in them, kept in step with what they test for."""

from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Delete, Insert, and_, delete, exists, func, insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.library import LibraryStatus
from portal_api.models import group_conditions, group_members, groups, learner_attributes
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import scope
from portal_api.queries.rows import dialect_of, id_list


@cache
def _passing(dialect: Dialect, *, by_group: bool, by_learner: bool) -> AnySelect:
    """Who passes the tests of which group in use: one of the values named, for each attribute named."""
    named = group_conditions.alias("named")
    wanted = (
        select(func.count(named.c.attribute.distinct()))
        .where(named.c.organisation_id == scope.ORGANISATION, named.c.group_id == groups.c.id)
        .correlate(groups)
        .scalar_subquery()
    )
    met = and_(
        learner_attributes.c.organisation_id == scope.ORGANISATION,
        learner_attributes.c.name == group_conditions.c.attribute,
        learner_attributes.c.value == group_conditions.c.value,
    )
    of_group = and_(
        group_conditions.c.organisation_id == scope.ORGANISATION, group_conditions.c.group_id == groups.c.id
    )
    return (
        select(groups.c.id.label("group_id"), learner_attributes.c.learner_id)
        .select_from(groups.join(group_conditions, of_group).join(learner_attributes, met))
        .where(
            groups.c.organisation_id == scope.ORGANISATION,
            groups.c.status == LibraryStatus.ACTIVE,
            *_chosen(dialect, groups.c.id, learner_attributes.c.learner_id, by_group=by_group, by_learner=by_learner),
        )
        # A learner has one value of an attribute, so each attribute that is met is met once.
        .group_by(groups.c.id, learner_attributes.c.learner_id)
        .having(func.count() == wanted)
    )


def _chosen(
    dialect: Dialect, group_id: ColumnElement[Any], learner_id: ColumnElement[Any], *, by_group: bool, by_learner: bool
) -> list[ColumnElement[bool]]:
    return [
        *([dialect.in_list(group_id, "group_ids")] if by_group else []),
        *([dialect.in_list(learner_id, "learner_ids")] if by_learner else []),
    ]


@cache
def _leave(dialect: Dialect, *, by_group: bool, by_learner: bool) -> Delete:
    members = group_members.c
    return delete(group_members).where(
        members.organisation_id == scope.ORGANISATION,
        *_chosen(dialect, members.group_id, members.learner_id, by_group=by_group, by_learner=by_learner),
        tuple_(members.group_id, members.learner_id).not_in(
            _passing(dialect, by_group=by_group, by_learner=by_learner)
        ),
    )


@cache
def _join(dialect: Dialect, *, by_group: bool, by_learner: bool) -> Insert:
    passing = _passing(dialect, by_group=by_group, by_learner=by_learner).subquery("passing")
    members = group_members.alias("members")
    is_member = exists().where(
        members.c.organisation_id == scope.ORGANISATION,
        members.c.group_id == passing.c.group_id,
        members.c.learner_id == passing.c.learner_id,
    )
    return insert(group_members).from_select(
        ["organisation_id", "group_id", "learner_id"],
        select(scope.ORGANISATION, passing.c.group_id, passing.c.learner_id).where(~is_member),
    )


async def refresh_memberships(
    connection: AsyncConnection,
    organisation_id: UUID,
    *,
    group_ids: Sequence[UUID] | None = None,
    learner_ids: Sequence[UUID] | None = None,
) -> None:
    """Brings memberships in step with attributes and tests: of some groups or learners, or of all; retired groups hold nobody."""
    shape = {"by_group": group_ids is not None, "by_learner": learner_ids is not None}
    values: dict[str, Any] = {"organisation": organisation_id}
    if group_ids is not None:
        values["group_ids"] = id_list(connection, group_ids)
    if learner_ids is not None:
        values["learner_ids"] = id_list(connection, learner_ids)
    dialect = dialect_of(connection)
    await connection.execute(_leave(dialect, **shape), values)
    await connection.execute(_join(dialect, **shape), values)
