"""Learners: who sees them, what each field reads, the facts that decide over them, and the writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Executable,
    Integer,
    Update,
    and_,
    bindparam,
    case,
    exists,
    null,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.learners import LEARNERS, DeactivationReason, LearnerAction, LearnerFacts, LearnerStatus
from portal_api.domain.machine import ActionState
from portal_api.domain.roles import Role
from portal_api.ids import IdMaker
from portal_api.models import (
    activity_intervals,
    group_members,
    history_entries,
    learners,
    pathway_enrolments,
    reporting_lines,
    roles,
    series_enrolments,
)
from portal_api.models.base import Id, Instant
from portal_api.planner.declare import Column, Connection, Derived, Key, Source, Through, ToOne
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.planner.filters import Binder, Comparison, Shape, parse_id
from portal_api.queries import scope
from portal_api.queries.folding import search_in
from portal_api.queries.groups import InGroup
from portal_api.queries.rows import dialect_of, id_list, insert_rows

_owner_link = roles.alias("owner_link")
IS_OWNER_RECORD = exists().where(
    _owner_link.c.organisation_id == learners.c.organisation_id,
    _owner_link.c.learner_id == learners.c.id,
    _owner_link.c.role == Role.OWNER,
)


@dataclass(frozen=True, slots=True)
class ReportsTo:
    """Learners below a manager whom the viewer sees: directly, or down to a depth."""

    learner_id: ColumnElement[Any]

    def parse(self, value: Any) -> tuple[Shape, dict[str, Any]]:
        depth = value.get("depth")
        bound = {"manager": parse_id(value["manager"], "lrn")}
        return (depth is not None,), bound if depth is None else {**bound, "depth": depth}

    def where(self, shape: Shape, bind: Binder) -> ColumnElement[bool]:
        [has_depth] = shape
        line, manager = reporting_lines.alias("line"), learners.alias("line_manager")
        seen = and_(
            manager.c.organisation_id == scope.ORGANISATION,
            manager.c.id == line.c.manager_id,
            scope.of_learner(manager.c.id, scope.SEES_RECORDS),
        )
        return exists().where(
            line.c.organisation_id == scope.ORGANISATION,
            line.c.manager_id == bind("manager", Id()),
            line.c.learner_id == self.learner_id,
            exists().where(seen),
            *([line.c.depth <= bind("depth", Integer())] if has_depth else []),
        )


def _for_administrators(column: ColumnElement[Any]) -> Column:
    return Column(case((scope.SEES_ORGANISATION, column), else_=null()), is_nullable=True)


def _actions(role: str, status: LearnerStatus, is_owner_record: bool) -> tuple[ActionState[LearnerAction], ...]:
    return LEARNERS.actions(Role(role), LearnerFacts(status, is_owner_record))


LEARNER = Source(
    type="Learner",
    prefix="lrn",
    table=learners,
    scope=scope.LEARNERS,
    fields={
        "id": Key(),
        "externalRef": Column(learners.c.external_ref),
        "givenName": Column(learners.c.given_name),
        "familyName": Column(learners.c.family_name),
        "email": Column(learners.c.email),
        "status": Column(learners.c.status),
        "hasAppAccess": Column(learners.c.has_app_access),
        "manager": ToOne("Learner", learners.c.manager_id),
        "reports": Connection("Learner", learners.c.manager_id),
        "firstSignedInAt": Column(learners.c.first_signed_in_at),
        "deactivatedAt": Column(learners.c.deactivated_at),
        "deactivationReason": _for_administrators(learners.c.deactivation_reason),
        "deactivationNote": _for_administrators(learners.c.deactivation_note),
        "createdAt": Column(learners.c.created_at),
        "version": Column(learners.c.version),
        "seriesEnrolments": Connection("SeriesEnrolment", series_enrolments.c.learner_id),
        "groups": Connection("Group", group_members.c.learner_id, Through(group_members, group_members.c.group_id)),
        "pathwayEnrolments": Connection("PathwayEnrolment", pathway_enrolments.c.learner_id),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
        "actions": Derived((learners.c.status, IS_OWNER_RECORD), _actions),
    },
    filters={
        "id": Comparison(learners.c.id, "lrn"),
        "externalRef": Comparison(learners.c.external_ref),
        "status": Comparison(learners.c.status),
        "hasAppAccess": Comparison(learners.c.has_app_access),
        "createdAt": Comparison(learners.c.created_at),
        "reportsTo": ReportsTo(learners.c.id),
        "groupId": InGroup(learners.c.id),
        "search": search_in(learners.c.search_key),
    },
    orders={
        "FAMILY_NAME": learners.c.family_name_key,
        "GIVEN_NAME": learners.c.given_name_key,
        "CREATED_AT": learners.c.created_at,
    },
    narrowed={Role.INTEGRATION: frozenset({"id", "externalRef", "status"})},
)


@dataclass(frozen=True, slots=True)
class LearnerRow:
    """A learner as a change finds it."""

    id: UUID
    version: int
    facts: LearnerFacts


@cache
def _facts(dialect: Dialect) -> AnySelect:
    return select(learners.c.id, learners.c.version, learners.c.status, IS_OWNER_RECORD.label("is_owner_record")).where(
        scope.LEARNERS, dialect.in_list(learners.c.id, "ids")
    )


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
    return {row.id: LearnerRow(row.id, row.version, LearnerFacts(row.status, row.is_owner_record)) for row in found}


def _of_action(dialect: Dialect, action: LearnerAction) -> ColumnElement[bool]:
    return and_(
        learners.c.organisation_id == scope.ORGANISATION,
        dialect.in_list(learners.c.id, "ids"),
        learners.c.status.in_(LEARNERS[action].statuses),
    )


@cache
def _deactivate(dialect: Dialect) -> Update:
    return (
        update(learners)
        .where(_of_action(dialect, LearnerAction.DEACTIVATE))
        .values(
            status=LearnerStatus.INACTIVE,
            has_app_access=False,
            deactivated_at=bindparam("at", type_=Instant()),
            deactivation_reason=bindparam("reason", type_=learners.c.deactivation_reason.type),
            deactivation_note=bindparam("note"),
            version=learners.c.version + 1,
        )
        .returning(learners.c.id, learners.c.version)
    )


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


@cache
def _reactivate(dialect: Dialect) -> Update:
    return (
        update(learners)
        .where(_of_action(dialect, LearnerAction.REACTIVATE))
        .values(
            status=LearnerStatus.ACTIVE,
            deactivated_at=None,
            deactivation_reason=None,
            deactivation_note=None,
            version=learners.c.version + 1,
        )
        .returning(learners.c.id, learners.c.version)
    )


async def _versions(connection: AsyncConnection, statement: Executable, values: dict[str, Any]) -> dict[UUID, int]:
    return {row.id: row.version for row in await connection.execute(statement, values)}


async def deactivate(
    connection: AsyncConnection,
    organisation_id: UUID,
    ids: Sequence[UUID],
    *,
    at: datetime,
    reason: DeactivationReason,
    note: str | None,
) -> dict[UUID, int]:
    """Sets active learners inactive and ends their active intervals.

    Returns:
        The new version of each learner that was changed.
    """
    dialect = dialect_of(connection)
    values = {"organisation": organisation_id, "ids": id_list(connection, ids), "at": at}
    changed = await _versions(connection, _deactivate(dialect), {**values, "reason": reason, "note": note})
    await connection.execute(_close_intervals(dialect), {**values, "ids": id_list(connection, list(changed))})
    return changed


async def reactivate(
    connection: AsyncConnection,
    organisation_id: UUID,
    ids: Sequence[UUID],
    *,
    at: datetime,
    new_id: IdMaker,
) -> dict[UUID, int]:
    """Sets inactive learners active and begins a new active interval for each.

    Returns:
        The new version of each learner that was changed.
    """
    values = {"organisation": organisation_id, "ids": id_list(connection, ids)}
    changed = await _versions(connection, _reactivate(dialect_of(connection)), values)
    intervals = [
        {"organisation_id": organisation_id, "id": new_id(at), "learner_id": learner_id, "active_from": at}
        for learner_id in changed
    ]
    await insert_rows(connection, activity_intervals, intervals)
    return changed
