"""Learncycles: who sees them, what each field reads, the facts that decide, and the writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Table, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.automations.learncycles import LEARNCYCLES, LearncycleAction, LearncycleStatus
from portal_api.domain.automations.rules import ConditionKind, Learncycle
from portal_api.domain.automations.triggers import TriggerKind
from portal_api.domain.machine import ActionState, RecordFacts
from portal_api.domain.roles import Role
from portal_api.ids import global_id
from portal_api.models import (
    certifications,
    course_offers,
    courses,
    groups,
    history_entries,
    learncycle_actions,
    learncycle_conditions,
    learncycle_offers,
    learncycle_runs,
    learncycles,
    series,
    status_reasons,
)
from portal_api.planner.declare import Column, Connection, Derived, Key, Source
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.planner.filters import Comparison
from portal_api.queries import scope
from portal_api.queries.automations.rules import ACTIONS, CONDITIONS, OFFERS, actions_of, conditions_of, offers_of
from portal_api.queries.folding import fold, search_in
from portal_api.queries.moves import Moves
from portal_api.queries.rows import dialect_of, id_list, insert_rows, update_rows

_moves = Moves(LEARNCYCLES, learncycles)
_c = learncycles.c
PREFIXES = {
    ConditionKind.COURSE: "crs",
    ConditionKind.SERIES: "ser",
    ConditionKind.CERTIFICATION: "crt",
    ConditionKind.GROUP: "grp",
}
"""What the values of a condition begin with, as clients know them; a status is no identifier."""


@dataclass(frozen=True, slots=True)
class TriggerValue:
    """What a rule waits for, as clients read it."""

    kind: TriggerKind
    to: str | None
    reason_id: str | None
    offset_days: int | None


@dataclass(frozen=True, slots=True)
class ConditionValue:
    """A condition, as clients read it."""

    kind: ConditionKind
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepValue:
    """What a rule does, as clients read it."""

    kind: Any
    reason: Any
    has_app_access: bool | None
    status: Any
    status_reason_id: str | None
    title: str | None
    body: str | None
    due_in_days: int | None
    assignee_id: str | None


def _shown_id(prefix: str, key: UUID | None) -> str | None:
    return None if key is None else global_id(prefix, key)


def _trigger(_role: str, kind: TriggerKind, value: str | None, reason: Any, offset_days: int | None) -> TriggerValue:
    return TriggerValue(kind, value, None if reason is None else global_id("srn", UUID(str(reason))), offset_days)


def _offers(_role: str, packed: str | None) -> tuple[str, ...]:
    return tuple(sorted(global_id("off", each) for each in offers_of(packed)))


def _conditions(_role: str, packed: str | None) -> tuple[ConditionValue, ...]:
    return tuple(
        ConditionValue(kind, tuple(sorted(f"{PREFIXES[kind]}_{each}" if kind in PREFIXES else each for each in values)))
        for kind, values in conditions_of(packed).items()
    )


def _then(_role: str, packed: str | None) -> tuple[StepValue, ...]:
    return tuple(
        StepValue(
            each.kind,
            each.deactivation_reason,
            each.has_app_access,
            each.course_status,
            _shown_id("srn", each.status_reason_id),
            each.title,
            each.body,
            each.due_in_days,
            _shown_id("usr", each.assignee_id),
        )
        for each in actions_of(packed)
    )


def _actions(role: str, status: LearncycleStatus) -> tuple[ActionState[LearncycleAction], ...]:
    return LEARNCYCLES.actions(Role(role), RecordFacts(status))


LEARNCYCLE = Source(
    type="Learncycle",
    prefix="lcy",
    table=learncycles,
    scope=scope.LEARNCYCLES,
    fields={
        "id": Key(),
        "name": Column(_c.name),
        "status": Column(_c.status),
        "trigger": Derived((_c.trigger_kind, _c.trigger_value, _c.trigger_reason_id, _c.offset_days), _trigger),
        "offerIds": Derived((OFFERS,), _offers),
        "conditions": Derived((CONDITIONS,), _conditions),
        "then": Derived((ACTIONS,), _then),
        "switchedOnAt": Column(_c.switched_on_at),
        "createdAt": Column(_c.created_at),
        "version": Column(_c.version),
        "runs": Connection("LearncycleRun", learncycle_runs.c.learncycle_id),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
        "actions": Derived((_c.status,), _actions),
    },
    filters={
        "id": Comparison(_c.id, "lcy"),
        "status": Comparison(_c.status),
        "triggerKind": Comparison(_c.trigger_kind),
        "switchedOnAt": Comparison(_c.switched_on_at),
        "createdAt": Comparison(_c.created_at),
        "search": search_in(_c.name_key),
    },
    orders={"NAME": _c.name_key, "CREATED_AT": _c.created_at},
)


@dataclass(frozen=True, slots=True)
class LearncycleRow:
    """A learncycle as a change finds it."""

    id: UUID
    version: int
    name: str
    facts: RecordFacts[LearncycleStatus]


@cache
def _locking(dialect: Dialect) -> AnySelect:
    chosen = select(_c.id).where(scope.LEARNCYCLES, dialect.in_list(_c.id, "ids"))
    return chosen.order_by(_c.id).with_for_update(key_share=True)


async def lock(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> None:
    """Locks learncycles, in the order of their ids; on SQLite the transaction is alone already."""
    if connection.dialect.name == "postgresql":
        await connection.execute(_locking(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})


@cache
def _facts(dialect: Dialect) -> AnySelect:
    return select(_c.id, _c.version, _c.name, _c.status).where(scope.LEARNCYCLES, dialect.in_list(_c.id, "ids"))


async def facts(
    connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]
) -> dict[UUID, LearncycleRow]:
    """The learncycles among `ids` that the viewer sees, with what decides over them."""
    found = await connection.execute(_facts(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {row.id: LearncycleRow(row.id, row.version, row.name, RecordFacts(row.status)) for row in found}


_count = select(func.count()).select_from(learncycles).where(_c.organisation_id == scope.ORGANISATION)


async def count(connection: AsyncConnection, organisation_id: UUID) -> int:
    """How many learncycles an organisation has."""
    return (await connection.execute(_count, {"organisation": organisation_id})).scalar_one()


async def take(
    connection: AsyncConnection,
    organisation_id: UUID,
    ids: Sequence[UUID],
    action: LearncycleAction,
    *,
    switched_on_at: datetime | None,
) -> dict[UUID, int]:
    """Switches learncycles on or off, or puts them away; says their new versions."""
    return await _moves.take(connection, organisation_id, ids, action, switched_on_at=switched_on_at)


def _columns(name: str, rule: Learncycle) -> dict[str, Any]:
    reason = rule.trigger.value if rule.trigger.kind is TriggerKind.COURSE_ENROLMENT_REASON else None
    return {
        "name": name,
        "name_key": fold(name),
        "trigger_kind": rule.trigger.kind,
        "trigger_value": None if reason else rule.trigger.value,
        "trigger_reason_id": UUID(reason.partition("_")[2]) if reason else None,
        "offset_days": rule.trigger.offset_days,
    }


async def create(
    connection: AsyncConnection, organisation_id: UUID, rule: Learncycle, *, name: str, at: datetime
) -> None:
    """Makes a learncycle, which is off."""
    always = {"organisation_id": organisation_id, "status": LearncycleStatus.OFF, "created_at": at, "version": 1}
    await insert_rows(connection, learncycles, [{"id": rule.id, **_columns(name, rule), **always}])
    await _write_parts(connection, organisation_id, rule)


_PARTS: tuple[Table, ...] = (learncycle_offers, learncycle_conditions, learncycle_actions)


async def change(
    connection: AsyncConnection, organisation_id: UUID, rule: Learncycle, *, name: str, version: int
) -> dict[UUID, int]:
    """Changes a learncycle; its parts are written anew.

    Returns:
        The new version, if it was still at the version that was read.
    """
    row = {"id": rule.id, "version": version, **_columns(name, rule)}
    versions = await update_rows(connection, learncycles, organisation_id, [row])
    if versions:
        for part in _PARTS:
            of_rule = (part.c.organisation_id == organisation_id, part.c.learncycle_id == rule.id)
            await connection.execute(delete(part).where(*of_rule))
        await _write_parts(connection, organisation_id, rule)
    return versions


async def _write_parts(connection: AsyncConnection, organisation_id: UUID, rule: Learncycle) -> None:
    key = {"organisation_id": organisation_id, "learncycle_id": rule.id}
    await insert_rows(
        connection, learncycle_offers, [{**key, "course_offer_id": offer} for offer in sorted(rule.offers)]
    )
    asked = [(kind, value) for kind, values in rule.conditions.items() for value in sorted(values)]
    await insert_rows(
        connection,
        learncycle_conditions,
        [
            {
                **key,
                "position": place,
                "kind": kind,
                "status": value if kind is ConditionKind.STATUS else None,
                **{f"{other}_id": UUID(value) if other is kind else None for other in PREFIXES},
            }
            for place, (kind, value) in enumerate(asked)
        ],
    )
    await insert_rows(
        connection,
        learncycle_actions,
        [
            {**key, "position": place, **{name: getattr(action, name) for name in type(action).__slots__}}
            for place, action in enumerate(rule.actions)
        ],
    )


_NAMED: Mapping[str, Table] = {
    "reasons": status_reasons,
    "offers": course_offers,
    "courses": courses,
    "series": series,
    "certifications": certifications,
    "groups": groups,
}


@cache
def _existing(dialect: Dialect, nouns: str) -> AnySelect:
    table = _NAMED[nouns]
    return select(table.c.id).where(table.c.organisation_id == scope.ORGANISATION, dialect.in_list(table.c.id, "ids"))


async def missing(connection: AsyncConnection, organisation_id: UUID, nouns: str, ids: Sequence[UUID]) -> set[UUID]:
    """Those among `ids` that an organisation does not have."""
    if not ids:
        return set()
    given = {"organisation": organisation_id, "ids": id_list(connection, ids)}
    found = await connection.execute(_existing(dialect_of(connection), nouns), given)
    return set(ids) - set(found.scalars())
