"""Mutations on tasks and notifications."""

from typing import Any
from uuid import UUID

from portal_api.domain.history import SubjectKind
from portal_api.ids import parse_global_id
from portal_api.permissions.automations import MayCompleteTasks, MayCreateTasks, MayDropTasks, MayMarkNotificationsRead
from portal_api.planner.execution import Completed
from portal_api.planner.filters import parse_id
from portal_api.queries.automations.standings import SUBJECT_PREFIXES
from portal_api.resolvers.changes import Selected, change, given_or_none, text_given
from portal_api.resolvers.planned import PortalInfo
from portal_api.services.automations import tasks as task_services
from portal_api.services.automations.tasks import TaskInput
from portal_api.work import Answer, Work

_KINDS = {prefix: kind for kind, prefix in SUBJECT_PREFIXES.items()}


async def create_tasks(info: PortalInfo, given: Any) -> Completed:
    """Answers `createTasks`."""

    rows = [_task(row) for row in given.tasks]

    async def body(work: Work) -> Answer:
        return await task_services.create(work, rows)

    return await change(info, MayCreateTasks, given, Selected.of_rows("tasks", rows), body)


def _task(row: Any) -> TaskInput:
    kind, subject_id = _subject(row.subject_id)
    assignee = given_or_none(row.assignee_id)
    return TaskInput(
        kind,
        subject_id,
        row.title,
        given_or_none(row.note),
        given_or_none(row.due_on),
        parse_id(assignee, "usr") if assignee else None,
        given_or_none(row.stage),
    )


def _subject(text: str) -> tuple[SubjectKind, UUID]:
    """The record that an identifier names, of a kind that belongs to a learner.

    Raises:
        RequestError: `ID_INVALID`.
    """
    parsed = parse_global_id(text)
    if parsed is None or parsed[0] not in _KINDS:
        return SubjectKind.LEARNER, parse_id(text, "lrn")
    return _KINDS[parsed[0]], parsed[1]


async def complete_tasks(info: PortalInfo, given: Any) -> Completed:
    """Answers `completeTasks`."""

    selected = Selected.of_ids("tsk", given)

    async def body(work: Work) -> Answer:
        return await task_services.complete(work, selected.ids, expected=selected.expected)

    return await change(info, MayCompleteTasks, given, selected, body)


async def drop_tasks(info: PortalInfo, given: Any) -> Completed:
    """Answers `dropTasks`."""

    selected = Selected.of_ids("tsk", given)

    async def body(work: Work) -> Answer:
        return await task_services.drop(work, selected.ids, note=text_given(given.note), expected=selected.expected)

    return await change(info, MayDropTasks, given, selected, body)


async def mark_notifications_read(info: PortalInfo, given: Any) -> Completed:
    """Answers `markNotificationsRead`."""

    selected = Selected.of_ids("ntf", given)

    async def body(work: Work) -> Answer:
        return await task_services.mark_read(work, selected.ids, expected=selected.expected)

    return await change(info, MayMarkNotificationsRead, given, selected, body)
