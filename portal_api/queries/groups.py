"""Groups of learners: who sees them, what each field reads, who is in them, and the writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import (
    ColumnElement,
    Delete,
    Insert,
    Text,
    and_,
    delete,
    distinct,
    except_,
    exists,
    func,
    insert,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from portal_api.domain.library import LibraryStatus
from portal_api.domain.machine import ActionState, RecordFacts
from portal_api.domain.organisations import GROUPS, GroupAction
from portal_api.domain.roles import Role
from portal_api.models import (
    group_conditions,
    group_members,
    groups,
    history_entries,
    learner_attributes,
)
from portal_api.planner.declare import Column, Connection, Derived, Key, Source, Through
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.planner.filters import Binder, Comparison, Shape
from portal_api.queries import organisations as organisation_queries
from portal_api.queries import scope
from portal_api.queries.folding import fold, search_in
from portal_api.queries.moves import Moves
from portal_api.queries.rows import dialect_of, id_list, insert_rows


class PairsAsJson(FunctionElement[str]):
    """Aggregates two texts of each row into a JSON list of pairs, in no particular order."""

    type = Text()
    inherit_cache = True


@compiles(PairsAsJson, "sqlite")
def _pairs_on_sqlite(element: PairsAsJson, compiler: Any, **options: Any) -> str:
    return f"json_group_array(json_array({compiler.process(element.clauses, **options)}))"


@compiles(PairsAsJson, "postgresql")
def _pairs_on_postgresql(element: PairsAsJson, compiler: Any, **options: Any) -> str:
    return f"CAST(json_agg(json_build_array({compiler.process(element.clauses, **options)})) AS TEXT)"


@dataclass(frozen=True, slots=True)
class Condition:
    """One test of a group: the learner's attribute has one of the values."""

    attribute: str
    values: tuple[str, ...]


CONDITIONS = (
    select(PairsAsJson(group_conditions.c.attribute, group_conditions.c.value))
    .where(group_conditions.c.organisation_id == groups.c.organisation_id, group_conditions.c.group_id == groups.c.id)
    .correlate(groups)
    .scalar_subquery()
)


def _conditions(packed: str | None) -> tuple[Condition, ...]:
    """The tests of a group as the database packs them, in alphabetical order."""
    found: dict[str, list[str]] = {}
    for attribute, value in sorted(orjson.loads(packed or "[]")):
        found.setdefault(attribute, []).append(value)
    return tuple(Condition(attribute, tuple(values)) for attribute, values in found.items())


def _shown_conditions(_role: str, packed: str | None) -> tuple[Condition, ...]:
    return _conditions(packed)


def _actions(role: str, status: LibraryStatus) -> tuple[ActionState[GroupAction], ...]:
    return GROUPS.actions(Role(role), RecordFacts(status))


GROUP = Source(
    type="Group",
    prefix="grp",
    table=groups,
    scope=scope.GROUPS,
    fields={
        "id": Key(),
        "name": Column(groups.c.name),
        "status": Column(groups.c.status),
        "conditions": Derived((CONDITIONS,), _shown_conditions),
        "learners": Connection("Learner", group_members.c.group_id, Through(group_members, group_members.c.learner_id)),
        "createdAt": Column(groups.c.created_at),
        "version": Column(groups.c.version),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
        "actions": Derived((groups.c.status,), _actions),
    },
    filters={
        "id": Comparison(groups.c.id, "grp"),
        "status": Comparison(groups.c.status),
        "createdAt": Comparison(groups.c.created_at),
        "search": search_in(groups.c.name_key),
    },
    orders={"NAME": groups.c.name_key, "CREATED_AT": groups.c.created_at},
)


@dataclass(frozen=True, slots=True)
class InGroup:
    """Learners, or rows that hang on them, by the groups that hold them; by a group that is not seen it finds nothing."""

    learner_id: ColumnElement[Any]

    def parse(self, value: Any) -> tuple[Shape, Mapping[str, Any]]:
        return Comparison(group_members.c.group_id, "grp").parse(value)

    def where(self, shape: Shape, bind: Binder) -> ColumnElement[bool]:
        return and_(true(), *(self._condition(name, bind) for name, _ in shape))

    def _condition(self, name: str, bind: Binder) -> ColumnElement[bool]:
        member = group_members.alias("member")
        group_id = member.c.group_id
        holding = select(member.c.learner_id).where(
            member.c.organisation_id == scope.ORGANISATION,
            group_id == bind(name, group_id.type) if name == "eq" else bind.one_of(group_id, name),
            exists().where(scope.GROUPS, groups.c.id == group_id),
        )
        is_held = self.learner_id.in_(holding)
        return ~is_held if name == "notIn" else is_held


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group as a change finds it."""

    id: UUID
    version: int
    name: str
    conditions: tuple[Condition, ...]
    facts: RecordFacts[LibraryStatus]


@cache
def _facts(dialect: Dialect) -> AnySelect:
    return select(groups.c.id, groups.c.version, groups.c.name, groups.c.status, CONDITIONS.label("conditions")).where(
        scope.GROUPS, dialect.in_list(groups.c.id, "ids")
    )


async def facts(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> dict[UUID, GroupRow]:
    """The groups among `ids` that the viewer sees, with what decides over them."""
    found = await connection.execute(_facts(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {
        row.id: GroupRow(row.id, row.version, row.name, _conditions(row.conditions), RecordFacts(row.status))
        for row in found
    }


async def count(connection: AsyncConnection, organisation_id: UUID) -> int:
    """How many groups an organisation has, retired ones too."""
    counted = select(func.count()).select_from(groups).where(groups.c.organisation_id == organisation_id)
    return await connection.scalar(counted) or 0


async def create(connection: AsyncConnection, organisation_id: UUID, id: UUID, *, name: str, now: datetime) -> None:
    """Writes a group, in use and without tests as yet."""
    row = {
        "organisation_id": organisation_id,
        "id": id,
        "name": name,
        "name_key": fold(name),
        "status": LibraryStatus.ACTIVE,
        "created_at": now,
        "version": 1,
    }
    await insert_rows(connection, groups, [row])


async def rename(connection: AsyncConnection, organisation_id: UUID, row: GroupRow, *, name: str) -> dict[UUID, int]:
    """Gives a group that is still as it was read a name, which may be the one it has: its tests change with it.

    Returns:
        Its new version.
    """
    statement = (
        update(groups)
        .where(
            groups.c.organisation_id == organisation_id,
            groups.c.id == row.id,
            groups.c.version == row.version,
            groups.c.status.in_(GROUPS[GroupAction.UPDATE].statuses),
        )
        .values(name=name, name_key=fold(name), version=groups.c.version + 1)
        .returning(groups.c.id, groups.c.version)
    )
    return {each.id: each.version for each in await connection.execute(statement)}


async def set_conditions(
    connection: AsyncConnection, organisation_id: UUID, group_id: UUID, conditions: Sequence[Condition]
) -> None:
    """Puts tests in the place of those that a group has."""
    own = and_(group_conditions.c.organisation_id == organisation_id, group_conditions.c.group_id == group_id)
    await connection.execute(delete(group_conditions).where(own))
    key = {"organisation_id": organisation_id, "group_id": group_id}
    rows = [{**key, "attribute": each.attribute, "value": value} for each in conditions for value in each.values]
    await insert_rows(connection, group_conditions, rows)


_moves = Moves(GROUPS, groups)


async def shelve(
    connection: AsyncConnection, organisation_id: UUID, ids: Sequence[UUID], action: StrEnum
) -> dict[UUID, int]:
    """Retires or reinstates groups that stand where that is allowed; so they hold nobody, or whoever passes now.

    Returns:
        The new version of each group that was changed.
    """
    versions = await _moves.take(connection, organisation_id, ids, action)
    await refresh_memberships(connection, organisation_id, group_ids=list(versions))
    return versions


async def refresh_memberships(
    connection: AsyncConnection,
    organisation_id: UUID,
    *,
    group_ids: Sequence[UUID] | None = None,
    learner_ids: Sequence[UUID] | None = None,
) -> None:
    """Has the groups in use hold exactly the learners who pass their tests; to be called after the last write.

    Changes of attributes go on side by side, but none beside a change of tests: each would miss the other.

    Args:
        connection: the transaction that changed attributes or tests.
        organisation_id: the organisation.
        group_ids: the groups whose tests or status changed; all groups without it.
        learner_ids: the learners whose attributes changed; all learners without it.
    """
    values: dict[str, Any] = {"organisation": organisation_id}
    if group_ids is not None:
        values["group_ids"] = id_list(connection, group_ids)
    if learner_ids is not None:
        values["learner_ids"] = id_list(connection, learner_ids)
    await organisation_queries.hold(connection, {"organisation": organisation_id})
    for statement in _refresh(dialect_of(connection), group_ids is not None, learner_ids is not None):
        await connection.execute(statement, values)


@cache
def _refresh(dialect: Dialect, some_groups: bool, some_learners: bool) -> tuple[Delete, Insert]:
    """Takes out who passes no longer, then puts in who passes now."""

    def within(group_id: ColumnElement[Any], learner_id: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        return [
            *([dialect.in_list(group_id, "group_ids")] if some_groups else []),
            *([dialect.in_list(learner_id, "learner_ids")] if some_learners else []),
        ]

    passed, attributes, tests = group_conditions, learner_attributes, group_conditions.alias("tests")
    wanted_attributes = (
        select(func.count(distinct(tests.c.attribute)))
        .where(tests.c.organisation_id == scope.ORGANISATION, tests.c.group_id == passed.c.group_id)
        .correlate(passed)
        .scalar_subquery()
    )
    # A learner has one value of an attribute, and so passes one row at the most of each attribute tested.
    wanted = (
        select(passed.c.group_id, attributes.c.learner_id)
        .join(groups, and_(groups.c.organisation_id == passed.c.organisation_id, groups.c.id == passed.c.group_id))
        .join(
            attributes,
            and_(
                attributes.c.organisation_id == passed.c.organisation_id,
                attributes.c.name == passed.c.attribute,
                attributes.c.value == passed.c.value,
            ),
        )
        .where(
            passed.c.organisation_id == scope.ORGANISATION,
            groups.c.status == LibraryStatus.ACTIVE,
            *within(passed.c.group_id, attributes.c.learner_id),
        )
        .group_by(passed.c.group_id, attributes.c.learner_id)
        .having(func.count() == wanted_attributes)
    )
    members = group_members
    held = select(members.c.group_id, members.c.learner_id).where(
        members.c.organisation_id == scope.ORGANISATION, *within(members.c.group_id, members.c.learner_id)
    )
    superfluous, missing = except_(held, wanted), except_(wanted, held).subquery()
    return (
        delete(members).where(
            members.c.organisation_id == scope.ORGANISATION,
            tuple_(members.c.group_id, members.c.learner_id).in_(superfluous),
        ),
        insert(members).from_select(
            ["organisation_id", "group_id", "learner_id"],
            select(scope.ORGANISATION, missing.c.group_id, missing.c.learner_id),
        ),
    )
