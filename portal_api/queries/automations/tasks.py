"""Tasks and notifications: who sees them, what each field reads, the facts that decide, and the writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.automations.tasks import (
    NOTIFICATIONS,
    TASKS,
    NotificationAction,
    NotificationFacts,
    NotificationStatus,
    TaskAction,
    TaskFacts,
    TaskStatus,
)
from portal_api.domain.courses.stages import LifecycleStage
from portal_api.domain.history import SubjectKind
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.machine import ActionState
from portal_api.domain.roles import Role
from portal_api.models import history_entries, learners, notifications, roles, tasks, users
from portal_api.planner.declare import Column, Connection, Derived, Key, Source, ToOne, ToOneOf
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.planner.filters import Comparison, Target
from portal_api.queries import scope
from portal_api.queries.folding import fold, search_in
from portal_api.queries.moves import Moves, lock_learners_of
from portal_api.queries.ordering import or_last
from portal_api.queries.rows import dialect_of, id_list, insert_rows

_t, _n = tasks.c, notifications.c


def _learner(column: ColumnElement[Any], learner_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """Something of the learner of a row."""
    found = select(column).where(learners.c.organisation_id == scope.ORGANISATION, learners.c.id == learner_id)
    return found.scalar_subquery()


_TASK_LEARNER = _learner(learners.c.status, _t.learner_id)
_IS_ASSIGNEE = func.coalesce(_t.assignee_id == scope.VIEWER_USER, False)
_NOTIFIED = _learner(learners.c.status, _n.learner_id)
_HAS_ACCESS = _learner(learners.c.has_app_access, _n.learner_id)
_IS_OWN = func.coalesce(_n.learner_id == scope.VIEWER_LEARNER, False)


def _task_facts(status: TaskStatus, learner: LearnerStatus, is_assignee: object) -> TaskFacts:
    return TaskFacts(status, learner is LearnerStatus.ACTIVE, bool(is_assignee))


def _task_actions(role: str, *facts: Any) -> tuple[ActionState[TaskAction], ...]:
    return TASKS.actions(Role(role), _task_facts(*facts))


def _notification_facts(
    status: NotificationStatus, learner: LearnerStatus, has_app_access: object, is_own: object
) -> NotificationFacts:
    return NotificationFacts(status, learner is LearnerStatus.ACTIVE, bool(is_own), bool(has_app_access))


def _notification_actions(role: str, *facts: Any) -> tuple[ActionState[NotificationAction], ...]:
    return NOTIFICATIONS.actions(Role(role), _notification_facts(*facts))


TASK = Source(
    type="Task",
    prefix="tsk",
    table=tasks,
    scope=scope.TASKS,
    ways=scope.TASK_WAYS,
    fields={
        "id": Key(),
        "subjectKind": Column(_t.subject_kind),
        "subject": ToOneOf(
            {
                SubjectKind.LEARNER: "Learner",
                SubjectKind.SERIES_ENROLMENT: "SeriesEnrolment",
                SubjectKind.LEARNER_CERTIFICATION: "LearnerCertification",
                SubjectKind.CERTIFICATE: "Certificate",
                SubjectKind.COURSE_ENROLMENT: "CourseEnrolment",
                SubjectKind.UNIT_ENROLMENT: "UnitEnrolment",
            },
            _t.subject_kind,
            _t.subject_id,
        ),
        "learner": ToOne("Learner", _t.learner_id),
        "stage": Column(_t.stage),
        "title": Column(_t.title),
        "note": Column(_t.note),
        "dueOn": Column(_t.due_on),
        "assignee": ToOne("User", _t.assignee_id),
        "learncycle": ToOne("Learncycle", _t.learncycle_id),
        "status": Column(_t.status),
        "createdAt": Column(_t.created_at),
        "endedAt": Column(_t.ended_at),
        "version": Column(_t.version),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
        "actions": Derived((_t.status, _TASK_LEARNER, _IS_ASSIGNEE), _task_actions),
    },
    filters={
        "id": Comparison(_t.id, "tsk"),
        "subjectKind": Comparison(_t.subject_kind),
        "learnerId": Comparison(_t.learner_id, "lrn", Target(learners.c.id, scope.LEARNERS)),
        "stage": Comparison(_t.stage),
        "status": Comparison(_t.status),
        "dueOn": Comparison(_t.due_on),
        "assigneeId": Comparison(_t.assignee_id, "usr", Target(users.c.id, scope.USERS)),
        "createdAt": Comparison(_t.created_at),
        "endedAt": Comparison(_t.ended_at),
        "search": search_in(_t.title_key),
    },
    orders={"DUE_ON": or_last(_t.due_on), "CREATED_AT": _t.created_at, "TITLE": _t.title_key},
)

NOTIFICATION = Source(
    type="Notification",
    prefix="ntf",
    table=notifications,
    scope=scope.NOTIFICATIONS,
    ways=scope.NOTIFICATION_WAYS,
    fields={
        "id": Key(),
        "learner": ToOne("Learner", _n.learner_id),
        "title": Column(_n.title),
        "body": Column(_n.body),
        "status": Column(_n.status),
        "sentAt": Column(_n.sent_at),
        "readAt": Column(_n.read_at),
        "version": Column(_n.version),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
        "actions": Derived((_n.status, _NOTIFIED, _HAS_ACCESS, _IS_OWN), _notification_actions),
    },
    filters={
        "id": Comparison(_n.id, "ntf"),
        "learnerId": Comparison(_n.learner_id, "lrn", Target(learners.c.id, scope.LEARNERS)),
        "status": Comparison(_n.status),
        "sentAt": Comparison(_n.sent_at),
        "readAt": Comparison(_n.read_at),
    },
    orders={"SENT_AT": _n.sent_at},
    default_order=(("SENT_AT", True),),
)


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task as a change finds it."""

    id: UUID
    version: int
    facts: TaskFacts


@dataclass(frozen=True, slots=True)
class NotificationRow:
    """A notification as a change finds it."""

    id: UUID
    version: int
    facts: NotificationFacts


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to be made."""

    id: UUID
    subject_kind: SubjectKind
    subject_id: UUID
    learner_id: UUID
    title: str
    note: str | None = None
    due_on: date | None = None
    assignee_id: UUID | None = None
    stage: LifecycleStage | None = None
    learncycle_id: UUID | None = None


lock_learners = lock_learners_of(tasks, scope.TASKS)
lock_notified = lock_learners_of(notifications, scope.NOTIFICATIONS)
_task_moves = Moves(TASKS, tasks)
_notification_moves = Moves(NOTIFICATIONS, notifications)


@cache
def _facts(dialect: Dialect) -> AnySelect:
    columns = (_TASK_LEARNER.label("learner"), _IS_ASSIGNEE.label("is_assignee"))
    return select(_t.id, _t.version, _t.status, *columns).where(scope.TASKS, dialect.in_list(_t.id, "ids"))


async def facts(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> dict[UUID, TaskRow]:
    """The tasks among `ids` that the viewer sees, with what decides over them."""
    found = await connection.execute(_facts(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {
        row.id: TaskRow(row.id, row.version, _task_facts(row.status, row.learner, row.is_assignee)) for row in found
    }


@cache
def _notified(dialect: Dialect) -> AnySelect:
    columns = (_NOTIFIED.label("learner"), _HAS_ACCESS.label("has_app_access"), _IS_OWN.label("is_own"))
    return select(_n.id, _n.version, _n.status, *columns).where(scope.NOTIFICATIONS, dialect.in_list(_n.id, "ids"))


async def notification_facts(
    connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]
) -> dict[UUID, NotificationRow]:
    """The notifications among `ids` that the viewer sees, with what decides over them."""
    found = await connection.execute(_notified(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {
        row.id: NotificationRow(
            row.id, row.version, _notification_facts(row.status, row.learner, row.has_app_access, row.is_own)
        )
        for row in found
    }


async def end(
    connection: AsyncConnection, organisation_id: UUID, ids: Sequence[UUID], action: TaskAction, *, at: datetime
) -> dict[UUID, int]:
    """Completes or drops tasks that are open; says their new versions."""
    return await _task_moves.take(connection, organisation_id, ids, action, ended_at=at)


async def mark_read(
    connection: AsyncConnection, organisation_id: UUID, ids: Sequence[UUID], *, at: datetime
) -> dict[UUID, int]:
    """Marks notifications as read; says their new versions."""
    return await _notification_moves.take(connection, organisation_id, ids, NotificationAction.MARK_READ, read_at=at)


async def create(connection: AsyncConnection, organisation_id: UUID, given: Sequence[NewTask], *, at: datetime) -> None:
    """Makes tasks, which are open."""
    always = {"organisation_id": organisation_id, "status": TaskStatus.OPEN, "created_at": at, "version": 1}
    rows = [
        {**{name: getattr(each, name) for name in NewTask.__slots__}, "title_key": fold(each.title), **always}
        for each in given
    ]
    await insert_rows(connection, tasks, rows)


async def notify(
    connection: AsyncConnection, organisation_id: UUID, given: Sequence[Mapping[str, Any]], *, at: datetime
) -> None:
    """Tells learners something: `id`, `learner_id`, `title` and `body` of each."""
    always = {"organisation_id": organisation_id, "status": NotificationStatus.UNREAD, "sent_at": at, "version": 1}
    await insert_rows(connection, notifications, [{**each, **always} for each in given])


@cache
def _there(dialect: Dialect) -> AnySelect:
    return (
        select(_t.id)
        .where(_t.organisation_id == scope.ORGANISATION, dialect.in_list(_t.id, "ids"))
        .union_all(select(_n.id).where(_n.organisation_id == scope.ORGANISATION, dialect.in_list(_n.id, "ids")))
    )  # type: ignore[return-value]  a union is no Select to the type, and runs as one


async def already_there(connection: AsyncConnection, organisation_id: UUID, ids: Sequence[UUID]) -> set[UUID]:
    """Those among `ids` that are tasks or notifications already."""
    given = {"organisation": organisation_id, "ids": id_list(connection, ids)}
    return set((await connection.execute(_there(dialect_of(connection)), given)).scalars())


@cache
def _assignable(dialect: Dialect) -> AnySelect:
    return select(roles.c.user_id).where(
        and_(
            roles.c.organisation_id == scope.ORGANISATION,
            roles.c.role.is_not(None),
            roles.c.role != Role.INTEGRATION,
            dialect.in_list(roles.c.user_id, "ids"),
        )
    )


async def assignable(connection: AsyncConnection, organisation_id: UUID, ids: Sequence[UUID]) -> set[UUID]:
    """The people among users who hold a role in an organisation."""
    if not ids:
        return set()
    given = {"organisation": organisation_id, "ids": id_list(connection, ids)}
    return set((await connection.execute(_assignable(dialect_of(connection)), given)).scalars())
