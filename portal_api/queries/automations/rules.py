"""Learncycles as what decides knows them: whole rules, with their offers, conditions and actions."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.automations.learncycles import LearncycleStatus
from portal_api.domain.automations.rules import Action, ConditionKind, Learncycle, LearncycleActionKind
from portal_api.domain.automations.triggers import Trigger
from portal_api.domain.courses.statuses import CourseEnrolmentStatus
from portal_api.domain.learners import DeactivationReason
from portal_api.ids import global_id
from portal_api.models import learncycle_actions, learncycle_conditions, learncycle_offers, learncycles
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import scope
from portal_api.queries.rows import PairsAsJson, RowAsJson, dialect_of, id_list, pairs_of

_c = learncycle_conditions.c
_a = learncycle_actions.c


def _of_rule(table: Table, key: ColumnElement[Any], *values: ColumnElement[Any]) -> ColumnElement[Any]:
    """The parts of a rule that stand in a table, as one text."""
    return (
        select(PairsAsJson(key, RowAsJson(*values)))
        .where(table.c.organisation_id == learncycles.c.organisation_id, table.c.learncycle_id == learncycles.c.id)
        .correlate(learncycles)
        .scalar_subquery()
    )


OFFERS = _of_rule(learncycle_offers, learncycle_offers.c.course_offer_id, learncycle_offers.c.course_offer_id)
CONDITIONS = _of_rule(
    learncycle_conditions, _c.position, _c.kind, _c.status, _c.course_id, _c.series_id, _c.certification_id, _c.group_id
)
ACTIONS = _of_rule(
    learncycle_actions,
    _a.position,
    _a.kind,
    _a.deactivation_reason,
    _a.has_app_access,
    _a.course_status,
    _a.status_reason_id,
    _a.title,
    _a.body,
    _a.due_in_days,
    _a.assignee_id,
)
_rule = select(
    learncycles.c.id,
    learncycles.c.trigger_kind,
    learncycles.c.trigger_value,
    learncycles.c.trigger_reason_id,
    learncycles.c.offset_days,
    learncycles.c.switched_on_at,
    OFFERS.label("offers"),
    CONDITIONS.label("conditions"),
    ACTIONS.label("actions"),
).where(learncycles.c.organisation_id == scope.ORGANISATION)
_on = _rule.where(learncycles.c.status == LearncycleStatus.ON).order_by(learncycles.c.id)


async def that_are_on(connection: AsyncConnection, organisation_id: UUID) -> list[Learncycle]:
    """The rules of an organisation that are on, the oldest first."""
    return [_found(row) for row in await connection.execute(_on, {"organisation": organisation_id})]


@cache
def _by_ids(dialect: Dialect) -> AnySelect:
    return _rule.where(dialect.in_list(learncycles.c.id, "ids"))


async def by_ids(connection: AsyncConnection, organisation_id: UUID, ids: Sequence[UUID]) -> dict[UUID, Learncycle]:
    """Rules, whatever their status."""
    given = {"organisation": organisation_id, "ids": id_list(connection, ids)}
    return {row.id: _found(row) for row in await connection.execute(_by_ids(dialect_of(connection)), given)}


def _found(row: Any) -> Learncycle:
    reason = row.trigger_reason_id
    value = row.trigger_value if reason is None else global_id("srn", reason)
    return Learncycle(
        row.id,
        Trigger(row.trigger_kind, value, row.offset_days),
        actions_of(row.actions),
        offers_of(row.offers),
        conditions_of(row.conditions),
        row.switched_on_at,
    )


def _parts(packed: str | None) -> list[tuple[Any, Any]]:
    """The parts of a rule in their order; the second half of a pair is a list, or a text that says one."""
    return [(key, orjson.loads(values) if isinstance(values, str) else values) for key, values in pairs_of(packed)]


def offers_of(packed: str | None) -> frozenset[UUID]:
    """The offers of a rule as the database packs them."""
    return frozenset(UUID(offer) for offer, _ in _parts(packed))


def conditions_of(packed: str | None) -> Mapping[ConditionKind, frozenset[str]]:
    """The conditions of a rule as the database packs them."""
    found: dict[ConditionKind, set[str]] = {}
    for _, (kind, status, *ids) in _parts(packed):
        [value] = [status] if status is not None else [UUID(each).hex for each in ids if each is not None]
        found.setdefault(ConditionKind(kind), set()).add(value)
    return {kind: frozenset(values) for kind, values in found.items()}


def actions_of(packed: str | None) -> tuple[Action, ...]:
    """The actions of a rule as the database packs them, in their order."""
    return tuple(
        Action(
            LearncycleActionKind(kind),
            _read(DeactivationReason, reason),
            _read(bool, access),
            _read(CourseEnrolmentStatus, status),
            _read(UUID, status_reason),
            title,
            body,
            due,
            _read(UUID, assignee),
        )
        for _, (kind, reason, access, status, status_reason, title, body, due, assignee) in _parts(packed)
    )


def _read(of: Callable[[Any], Any], value: Any) -> Any:
    return None if value is None else of(value)
