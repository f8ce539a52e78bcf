"""What happens to tasks and notifications: made, done, dropped, read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from portal_api.domain.automations.tasks import (
    CREATING_A_TASK,
    NOTIFICATIONS,
    TASKS,
    NotificationAction,
    NotificationStatus,
    TaskAction,
    TaskStatus,
)
from portal_api.domain.courses.stages import LifecycleStage
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.inputs import LONGEST_NAME, LONGEST_NOTE, text_reasons
from portal_api.domain.machine import Refused
from portal_api.domain.outcomes import Outcome, RowResult
from portal_api.domain.refusals import ErrorCode, NotFound, Reason
from portal_api.queries import learners as learner_queries
from portal_api.queries.automations import standings as standing_queries
from portal_api.queries.automations import tasks as task_queries
from portal_api.queries.automations.tasks import NewTask
from portal_api.services.bulk import Decided
from portal_api.work import Answer, Work


@dataclass(frozen=True, slots=True)
class TaskInput:
    """What a client gives of a new task."""

    subject_kind: SubjectKind
    subject_id: UUID
    title: str
    note: str | None
    due_on: date | None
    assignee_id: UUID | None
    stage: LifecycleStage | None


async def create(work: Work, given: Sequence[TaskInput]) -> Answer:
    """Makes tasks about learners, or about something of theirs; of an inactive learner none is made."""
    owners = await _learners_of(work, given)
    await work.lock(learner_queries.lock, list(set(owners.values())))
    learners = await learner_queries.facts(work.connection, work.bound, list(set(owners.values())))
    wanted = {row.assignee_id for row in given if row.assignee_id}
    people = await task_queries.assignable(work.connection, work.organisation_id, list(wanted))
    made: list[NewTask] = []
    results: list[RowResult] = []
    for index, row in enumerate(given):
        place = ("tasks", str(index))
        reasons: list[Reason] = [
            *text_reasons(row.title, *place, "title", longest=LONGEST_NAME, least=1),
            *text_reasons(row.note, *place, "note", longest=LONGEST_NOTE),
        ]
        learner = learners.get(owners.get(row.subject_id, row.subject_id))
        if learner is None:
            reasons.append(_no("record", *place, "subjectId"))
        else:
            decision = CREATING_A_TASK.decide(work.role, learner.facts)
            reasons.extend(decision.reasons if isinstance(decision, Refused) else ())
        if row.assignee_id and row.assignee_id not in people:
            reasons.append(_no("person", *place, "assigneeId"))
        if reasons or learner is None:
            results.append(RowResult(index, None, None, Outcome.REFUSED, tuple(reasons)))
            continue
        id_ = work.new_id(work.now)
        made.append(
            NewTask(
                id_,
                row.subject_kind,
                row.subject_id,
                learner.id,
                row.title,
                row.note,
                row.due_on,
                row.assignee_id,
                row.stage,
            )
        )
        results.append(RowResult(index, None, id_, Outcome.CHANGED))
    await task_queries.create(work.connection, work.organisation_id, made, at=work.now)
    await record_made(work, {each.id: None for each in made})
    return Answer(results)


async def record_made(work: Work, causes: Mapping[UUID, UUID | None]) -> None:
    """Writes into the history that tasks were made, each by its cause if it has one.

    The entries name no learner: whoever sees the task sees them, and no one else.
    """
    act, statuses = HistoryAction.TASK_CREATED, (None, TaskStatus.OPEN.name)
    await work.record(
        [
            work.entry(act, (SubjectKind.TASK, id_), None, version=1, statuses=statuses, cause_id=cause)
            for id_, cause in causes.items()
        ]
    )


async def _learners_of(work: Work, given: Sequence[TaskInput]) -> dict[UUID, UUID]:
    """The learner of each record that tasks are to be about."""
    ids: dict[SubjectKind, list[UUID]] = {}
    for row in given:
        if row.subject_kind is not SubjectKind.LEARNER:
            ids.setdefault(row.subject_kind, []).append(row.subject_id)
    found = await standing_queries.by_ids(work.connection, work.organisation_id, ids, now=work.now)
    owners = {row.subject_id: row.subject_id for row in given if row.subject_kind is SubjectKind.LEARNER}
    return owners | {id_: standing.learner_id for id_, standing in found.items()}


def _no(what: str, *path: str) -> NotFound:
    message = f"There is no such {what}, or you may not see it. Check the id."
    return NotFound(ErrorCode.NOT_FOUND, message, ("input", *path))


async def complete(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Says that tasks are done."""
    return await _end(work, TaskAction.COMPLETE, HistoryAction.TASK_COMPLETED, ids, None, expected)


async def drop(work: Work, ids: Sequence[UUID], *, note: str | None, expected: Mapping[UUID, int]) -> Answer:
    """Says that tasks are no longer to be done."""
    return await _end(work, TaskAction.DROP, HistoryAction.TASK_DROPPED, ids, note, expected)


async def _end(
    work: Work,
    action: TaskAction,
    act: HistoryAction,
    ids: Sequence[UUID],
    note: str | None,
    expected: Mapping[UUID, int],
) -> Answer:
    await work.lock(task_queries.lock_learners, ids)
    rows = await task_queries.facts(work.connection, work.bound, ids)
    decided = Decided(TASKS[action], work.role, ids, rows, expected)
    if not decided.granted:
        return Answer(decided.results(()))
    versions = await task_queries.end(work.connection, work.organisation_id, decided.granted_ids, action, at=work.now)
    await work.record(
        [
            work.entry(
                act,
                (SubjectKind.TASK, row.id),
                None,
                version=versions[row.id],
                statuses=(row.facts.status.name, TASKS[action].after(row.facts.status).name),
                note=note,
            )
            for row in decided.granted
            if row.id in versions
        ]
    )
    return Answer(decided.results(versions))


async def mark_read(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Marks notifications as read by the learner whom they were sent to."""
    await work.lock(task_queries.lock_notified, ids)
    rows = await task_queries.notification_facts(work.connection, work.bound, ids)
    decided = Decided(NOTIFICATIONS[NotificationAction.MARK_READ], work.role, ids, rows, expected)
    unread = [row.id for row in decided.granted if row.facts.status is NotificationStatus.UNREAD]
    read = set(decided.granted_ids) - set(unread)
    if not unread:
        return Answer(decided.results((), read))
    versions = await task_queries.mark_read(work.connection, work.organisation_id, unread, at=work.now)
    statuses = (NotificationStatus.UNREAD.name, NotificationStatus.READ.name)
    await work.record(
        [
            work.entry(
                HistoryAction.NOTIFICATION_READ,
                (SubjectKind.NOTIFICATION, id_),
                None,
                version=version,
                statuses=statuses,
            )
            for id_, version in versions.items()
        ]
    )
    return Answer(decided.results(versions, read))
