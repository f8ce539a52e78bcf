"""What can be changed of tasks and notifications."""

from datetime import date

import strawberry

from portal_api import resolvers
from portal_api.permissions import automations as permissions
from portal_api.schema.changes import ChangeInput, ManyInput, Payload, Result, changing
from portal_api.schema.enums import LifecycleStage
from portal_api.schema.tasks import Notification, Task


@strawberry.input(description="A task to be made.")
class NewTaskInput:
    subject_id: strawberry.ID = strawberry.field(
        description="The record that it is about: a learner, or an enrolment, certification or certificate of one."
    )
    title: str = strawberry.field(description="What is to be done, 1 to 200 characters.")
    note: str | None = strawberry.field(
        default=strawberry.UNSET, description="What else there is to say, up to 2,000 characters."
    )
    due_on: date | None = strawberry.field(default=strawberry.UNSET, description="When it is due.")
    assignee_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Who is to do it: somebody who holds a role here."
    )
    stage: LifecycleStage | None = strawberry.field(
        default=strawberry.UNSET, description="The stage of the learner's lifecycle that it belongs to."
    )


@strawberry.input(description="Tasks to be made.")
class CreateTasksInput(ManyInput):
    tasks: list[NewTaskInput] = strawberry.field(description="The tasks, 1 to 1,000.")


@strawberry.input(description="Tasks that are done.")
class CompleteTasksInput(ChangeInput):
    pass


@strawberry.input(description="Tasks that are no longer to be done.")
class DropTasksInput(ChangeInput):
    note: str | None = strawberry.field(default=strawberry.UNSET, description="Why, up to 2,000 characters.")


@strawberry.input(description="Notifications that were read.")
class MarkNotificationsReadInput(ChangeInput):
    pass


@strawberry.type(description="What happened to one task.")
class TaskResult(Result[Task]):
    pass


@strawberry.type(description="What happened to one notification.")
class NotificationResult(Result[Notification]):
    pass


@strawberry.type(description="The answer to making tasks.")
class CreateTasksPayload(Payload[TaskResult]):
    pass


@strawberry.type(description="The answer to completing tasks.")
class CompleteTasksPayload(Payload[TaskResult]):
    pass


@strawberry.type(description="The answer to dropping tasks.")
class DropTasksPayload(Payload[TaskResult]):
    pass


@strawberry.type(description="The answer to marking notifications as read.")
class MarkNotificationsReadPayload(Payload[NotificationResult]):
    pass


@strawberry.type
class TaskMutations:
    create_tasks: CreateTasksPayload | None = changing(
        resolvers.tasks.create_tasks,
        permissions.MayCreateTasks,
        CreateTasksInput,
        CreateTasksPayload,
        "Make tasks about learners.",
    )
    complete_tasks: CompleteTasksPayload | None = changing(
        resolvers.tasks.complete_tasks,
        permissions.MayCompleteTasks,
        CompleteTasksInput,
        CompleteTasksPayload,
        "Say that tasks are done; who is no administrator says it of their own.",
    )
    drop_tasks: DropTasksPayload | None = changing(
        resolvers.tasks.drop_tasks,
        permissions.MayDropTasks,
        DropTasksInput,
        DropTasksPayload,
        "Say that tasks are no longer to be done; who is no administrator says it of their own.",
    )
    mark_notifications_read: MarkNotificationsReadPayload | None = changing(
        resolvers.tasks.mark_notifications_read,
        permissions.MayMarkNotificationsRead,
        MarkNotificationsReadInput,
        MarkNotificationsReadPayload,
        "Mark notifications as read, by the learner whom they were sent to.",
    )
