"""Tasks, and what learners are told."""

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import strawberry

from portal_api.schema.enums import (
    LifecycleStage,
    NotificationAction,
    NotificationStatus,
    SubjectKind,
    TaskAction,
    TaskStatus,
    described,
)
from portal_api.schema.errors import ActionReason
from portal_api.schema.history import HistoryEntry, HistoryEntryFilter, HistoryEntryOrder
from portal_api.schema.learncycles import Learncycle
from portal_api.schema.lists import (
    Comparison,
    Connection,
    DayComparison,
    IdComparison,
    InstantComparison,
    listing,
    order_input,
)
from portal_api.schema.nodes import Node

if TYPE_CHECKING:
    from portal_api.schema.learners import Learner
    from portal_api.schema.users import User


@strawberry.type(description="One action on a task: open, or closed with every reason.")
class TaskActionState:
    action: TaskAction = strawberry.field(description="The action.")
    available: bool = strawberry.field(description="Whether it is open to the caller now; a closed one is refused.")
    reasons: list[ActionReason] = strawberry.field(
        description="Why it is closed: role, status, and what else stands against it."
    )


@strawberry.type(description="One action on a notification: open, or closed with every reason.")
class NotificationActionState:
    action: NotificationAction = strawberry.field(description="The action.")
    available: bool = strawberry.field(description="Whether it is open to the caller now; a closed one is refused.")
    reasons: list[ActionReason] = strawberry.field(
        description="Why it is closed: role, status, and what else stands against it."
    )


@strawberry.input(description="Which tasks; all conditions must hold.")
class TaskFilter:
    id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By identifier.")
    subject_kind: Comparison[SubjectKind] | None = strawberry.field(
        default=strawberry.UNSET, description="By the kind of record that it is about."
    )
    learner_id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By learner.")
    stage: Comparison[LifecycleStage] | None = strawberry.field(default=strawberry.UNSET, description="By stage.")
    status: Comparison[TaskStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="By whether it is still to be done."
    )
    due_on: DayComparison | None = strawberry.field(default=strawberry.UNSET, description="By when it is due.")
    assignee_id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By who is to do it.")
    created_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when it was made."
    )
    ended_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when it was done or dropped."
    )
    search: str | None = strawberry.field(
        default=strawberry.UNSET, description="Words that all stand in the title; case and accents are ignored."
    )


class TaskOrderField(StrEnum):
    """What tasks can be sorted by."""

    DUE_ON = "due_on"
    CREATED_AT = "created_at"
    TITLE = "title"


described(
    TaskOrderField,
    "What tasks can be sorted by.",
    {
        TaskOrderField.DUE_ON: "When it is due.",
        TaskOrderField.CREATED_AT: "When it was made.",
        TaskOrderField.TITLE: "Title; case and accents are ignored.",
    },
)
TaskOrder = order_input("TaskOrder", "tasks", TaskOrderField)


@strawberry.input(description="Which notifications; all conditions must hold.")
class NotificationFilter:
    id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By identifier.")
    learner_id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By learner.")
    status: Comparison[NotificationStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="By whether it was read."
    )
    sent_at: InstantComparison | None = strawberry.field(default=strawberry.UNSET, description="By when it was sent.")
    read_at: InstantComparison | None = strawberry.field(default=strawberry.UNSET, description="By when it was read.")


class NotificationOrderField(StrEnum):
    """What notifications can be sorted by."""

    SENT_AT = "sent_at"


described(
    NotificationOrderField,
    "What notifications can be sorted by.",
    {NotificationOrderField.SENT_AT: "When it was sent."},
)
NotificationOrder = order_input("NotificationOrder", "notifications", NotificationOrderField)


@strawberry.type(
    description="Something to be done about a learner. Administrators see all, others what is theirs to do."
)
class Task(Node):
    subject_kind: SubjectKind = strawberry.field(description="The kind of record that it is about.")
    subject: Node | None = strawberry.field(
        description="The record that it is about; null where the caller does not see it."
    )
    learner: Annotated["Learner", strawberry.lazy("portal_api.schema.learners")] | None = strawberry.field(
        description="The learner whom it is about; null where the caller does not see them."
    )
    stage: LifecycleStage | None = strawberry.field(
        description="The stage of the learner's lifecycle, where one is told."
    )
    title: str = strawberry.field(description="What is to be done.")
    note: str | None = strawberry.field(description="What else there is to say.")
    due_on: date | None = strawberry.field(description="When it is due.")
    assignee: Annotated["User", strawberry.lazy("portal_api.schema.users")] | None = strawberry.field(
        description="Who is to do it."
    )
    learncycle: Learncycle | None = strawberry.field(
        description="The learncycle that made it, for administrators; null where a person did."
    )
    status: TaskStatus = strawberry.field(description="Whether it is still to be done.")
    created_at: datetime = strawberry.field(description="When it was made.")
    ended_at: datetime | None = strawberry.field(description="When it was done or dropped.")
    version: int = strawberry.field(description="Counts the changes to this record.")
    history: Connection[HistoryEntry] | None = listing(
        Connection[HistoryEntry], "What was done to this record.", filter=HistoryEntryFilter, order_by=HistoryEntryOrder
    )
    actions: list[TaskActionState] = strawberry.field(description="Every action on this task, open or closed.")


@strawberry.type(description="Something that a learner was told. Learners see their own, administrators all.")
class Notification(Node):
    learner: Annotated["Learner", strawberry.lazy("portal_api.schema.learners")] | None = strawberry.field(
        description="The learner."
    )
    title: str = strawberry.field(description="What it is about.")
    body: str = strawberry.field(description="What it says.")
    status: NotificationStatus = strawberry.field(description="Whether it was read.")
    sent_at: datetime = strawberry.field(description="When it was sent.")
    read_at: datetime | None = strawberry.field(description="When it was read.")
    version: int = strawberry.field(description="Counts the changes to this record.")
    history: Connection[HistoryEntry] | None = listing(
        Connection[HistoryEntry], "What was done to this record.", filter=HistoryEntryFilter, order_by=HistoryEntryOrder
    )
    actions: list[NotificationActionState] = strawberry.field(
        description="Every action on this notification, open or closed."
    )
