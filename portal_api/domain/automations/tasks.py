"""Tasks about learners, and what learners are told (S4 Progression, on tasks; the rest are readings)."""

from dataclasses import dataclass
from enum import StrEnum

from portal_api.domain.learners import HAS_APP_ACCESS, LearnerFacts, LearnerStatus
from portal_api.domain.machine import Cell, Narrowing, Rule, StatusMeaning, Table
from portal_api.domain.roles import Role

_PEOPLE = (Role.OWNER, Role.ADMIN, Role.MANAGER, Role.TRAINER, Role.LEARNER)


class TaskStatus(StrEnum):
    """Whether a task is still to be done."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class TaskAction(StrEnum):
    """What can be done to a task."""

    COMPLETE = "complete"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """What decides over a task."""

    status: TaskStatus
    learner_is_active: bool
    is_assignee: bool
    """Whether the caller is the one who is to do it."""


def _roles_for_task(facts: TaskFacts) -> tuple[Role, ...]:
    """Administrators, and whoever is to do it, whatever their role."""
    return _PEOPLE if facts.is_assignee else (Role.OWNER, Role.ADMIN)


_ASSIGNEE = Narrowing("an administrator, or whoever it is assigned to (reading)", _roles_for_task)


def _ending(action: TaskAction, label: str, to: TaskStatus) -> Rule[TaskStatus, TaskAction, TaskFacts]:
    return Rule(action, label, _PEOPLE, {TaskStatus.OPEN: Cell("reading", to=to, is_reading=True)}, narrowing=_ASSIGNEE)


TASKS = Table[TaskStatus, TaskAction, TaskFacts](
    kind="task",
    statuses={
        TaskStatus.OPEN: StatusMeaning("Open", "To be done."),
        TaskStatus.DONE: StatusMeaning("Done", "Done, by whoever says so.", is_ended=True),
        TaskStatus.DROPPED: StatusMeaning("Dropped", "No longer to be done.", is_ended=True),
    },
    rules=(
        _ending(TaskAction.COMPLETE, "Completing a task", TaskStatus.DONE),
        _ending(TaskAction.DROP, "Dropping a task", TaskStatus.DROPPED),
    ),
)


class NotificationStatus(StrEnum):
    """Whether the learner has read what they were told."""

    UNREAD = "unread"
    READ = "read"


class NotificationAction(StrEnum):
    """What can be done to a notification."""

    MARK_READ = "mark_read"


@dataclass(frozen=True, slots=True)
class NotificationFacts:
    """What decides over a notification."""

    status: NotificationStatus
    learner_is_active: bool
    is_own_record: bool
    """Whether it was sent to the learner record that the caller is linked to."""
    has_app_access: bool = True


def _only_the_learner(facts: NotificationFacts) -> tuple[Role, ...]:
    return _PEOPLE if facts.is_own_record else ()


_READ = Cell("reading", to=NotificationStatus.READ, is_reading=True)

NOTIFICATIONS = Table[NotificationStatus, NotificationAction, NotificationFacts](
    kind="notification",
    statuses={
        NotificationStatus.UNREAD: StatusMeaning("Unread", "Sent, and not yet read."),
        NotificationStatus.READ: StatusMeaning("Read", "Read by the learner."),
    },
    rules=(
        Rule(
            NotificationAction.MARK_READ,
            "Marking a notification as read",
            _PEOPLE,
            {NotificationStatus.UNREAD: _READ, NotificationStatus.READ: _READ},
            narrowing=Narrowing(
                "the learner it was sent to (reading)",
                _only_the_learner,
                nobody="open to the learner alone, whatever your role.",
            ),
            footnotes=(HAS_APP_ACCESS,),
        ),
    ),
)


class _AboutLearner(StrEnum):
    """What is done about a learner without touching the learner's record."""

    CREATE_TASK = "create_task"
    SEND = "send"


def _while_active(action: _AboutLearner, label: str) -> Rule[LearnerStatus, _AboutLearner, LearnerFacts]:
    cells = {LearnerStatus.ACTIVE: Cell("S1 After you have set the Learner to Inactive")}
    return Rule(action, label, (Role.OWNER, Role.ADMIN), cells)


CREATING_A_TASK = _while_active(_AboutLearner.CREATE_TASK, "Making a task")
SENDING = _while_active(_AboutLearner.SEND, "Sending a message about a learner")
"""What learncycles send: tasks, notifications and webhooks; a learner who is inactive is left alone."""
