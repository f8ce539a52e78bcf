"""Learncycles: what the portal does by itself, when, and what became of it."""

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import strawberry

from portal_api.schema.enums import (
    ConditionKind,
    CourseEnrolmentStatus,
    DeactivationReason,
    LearncycleAction,
    LearncycleActionKind,
    LearncycleStatus,
    RunOutcome,
    SubjectKind,
    TriggerKind,
    described,
)
from portal_api.schema.errors import ActionReason
from portal_api.schema.history import HistoryEntry, HistoryEntryFilter, HistoryEntryOrder
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


@strawberry.type(description="One action on a learncycle: open, or closed with every reason.")
class LearncycleActionState:
    action: LearncycleAction = strawberry.field(description="The action.")
    available: bool = strawberry.field(description="Whether it is open to the caller now; a closed one is refused.")
    reasons: list[ActionReason] = strawberry.field(description="Why it is closed: role and status.")


@strawberry.input(description="Which learncycles; all conditions must hold.")
class LearncycleFilter:
    id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By identifier.")
    status: Comparison[LearncycleStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="By whether it is on."
    )
    trigger_kind: Comparison[TriggerKind] | None = strawberry.field(
        default=strawberry.UNSET, description="By what it waits for."
    )
    switched_on_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when it was switched on."
    )
    created_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when it was made."
    )
    search: str | None = strawberry.field(
        default=strawberry.UNSET, description="Words that all stand in the name; case and accents are ignored."
    )


class LearncycleOrderField(StrEnum):
    """What learncycles can be sorted by."""

    NAME = "name"
    CREATED_AT = "created_at"


described(
    LearncycleOrderField,
    "What learncycles can be sorted by.",
    {
        LearncycleOrderField.NAME: "Name; case and accents are ignored.",
        LearncycleOrderField.CREATED_AT: "When it was made.",
    },
)
LearncycleOrder = order_input("LearncycleOrder", "learncycles", LearncycleOrderField)


@strawberry.input(description="Which runs; all conditions must hold.")
class LearncycleRunFilter:
    id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By identifier.")
    learncycle_id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By learncycle.")
    learner_id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By learner.")
    subject_kind: Comparison[SubjectKind] | None = strawberry.field(
        default=strawberry.UNSET, description="By the kind of record that triggered it."
    )
    action: Comparison[LearncycleActionKind] | None = strawberry.field(
        default=strawberry.UNSET, description="By what it was to do."
    )
    outcome: Comparison[RunOutcome] | None = strawberry.field(
        default=strawberry.UNSET, description="By what became of it."
    )
    on_date: DayComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By the day of the record, where a day triggered it."
    )
    at: InstantComparison | None = strawberry.field(default=strawberry.UNSET, description="By when it was.")


class LearncycleRunOrderField(StrEnum):
    """What runs can be sorted by."""

    AT = "at"


described(LearncycleRunOrderField, "What runs can be sorted by.", {LearncycleRunOrderField.AT: "When it was."})
LearncycleRunOrder = order_input("LearncycleRunOrder", "runs", LearncycleRunOrderField)


@strawberry.type(description="What a learncycle waits for.")
class LearncycleTrigger:
    kind: TriggerKind = strawberry.field(description="The change, or the day.")
    to: str | None = strawberry.field(
        description="What a change comes to: a status, or the outcome of a unit by its code; null for a reason or a day."
    )
    reason_id: strawberry.ID | None = strawberry.field(description="The reason that a change comes to.")
    offset_days: int | None = strawberry.field(
        description="How many days after the day it fires, before it where negative; null for a change."
    )


@strawberry.type(description="A condition: one of the values must be that of the record or its learner.")
class LearncycleCondition:
    kind: ConditionKind = strawberry.field(description="What is asked.")
    values: list[str] = strawberry.field(description="Statuses, or identifiers, in alphabetical order.")


@strawberry.type(description="One thing that a learncycle does; what its kind does not take is null.")
class LearncycleStep:
    kind: LearncycleActionKind = strawberry.field(description="What it does.")
    reason: DeactivationReason | None = strawberry.field(description="Why the learner is set inactive.")
    has_app_access: bool | None = strawberry.field(description="Whether app access is switched on or off.")
    status: CourseEnrolmentStatus | None = strawberry.field(description="The status of the course enrolment.")
    status_reason_id: strawberry.ID | None = strawberry.field(description="The reason of that status.")
    title: str | None = strawberry.field(description="The title of the task or the notification.")
    body: str | None = strawberry.field(description="Its text.")
    due_in_days: int | None = strawberry.field(description="In how many days the task is due.")
    assignee_id: strawberry.ID | None = strawberry.field(description="Who is to do the task.")


@strawberry.type(description="What became of one action of a learncycle, for one record that triggered it.")
class LearncycleRun(Node):
    learncycle: Annotated["Learncycle", strawberry.lazy("portal_api.schema.learncycles")] | None = strawberry.field(
        description="The learncycle."
    )
    cause: HistoryEntry | None = strawberry.field(description="The change that triggered it; null where a day did.")
    on_date: date | None = strawberry.field(description="The day of the record that triggered it; null for a change.")
    subject_kind: SubjectKind = strawberry.field(description="The kind of record that triggered it.")
    subject: Node | None = strawberry.field(description="The record that triggered it, as it is now.")
    learner: Annotated["Learner", strawberry.lazy("portal_api.schema.learners")] | None = strawberry.field(
        description="The learner of that record."
    )
    action: LearncycleActionKind = strawberry.field(description="What it was to do.")
    outcome: RunOutcome = strawberry.field(description="What became of it.")
    reasons: list[ActionReason] = strawberry.field(description="Why it was skipped.")
    at: datetime = strawberry.field(description="When it was.")


@strawberry.type(
    description="A rule of the organisation: when something changes, or a day comes, the portal does something by itself."
)
class Learncycle(Node):
    name: str = strawberry.field(description="Its name.")
    status: LearncycleStatus = strawberry.field(description="Whether it fires.")
    trigger: LearncycleTrigger = strawberry.field(description="When it fires.")
    offer_ids: list[strawberry.ID] = strawberry.field(
        description="The course offers that it is for; none named is for all."
    )
    conditions: list[LearncycleCondition] = strawberry.field(description="What must be so; all must hold.")
    then: list[LearncycleStep] = strawberry.field(
        description="What it does, in this order; but a learner is set inactive last of all."
    )
    switched_on_at: datetime | None = strawberry.field(
        description="Since when it is on: it fires for what happens from then on; null while it is off."
    )
    created_at: datetime = strawberry.field(description="When it was made.")
    version: int = strawberry.field(description="Counts the changes to this record.")
    runs: Connection[LearncycleRun] | None = listing(
        Connection[LearncycleRun],
        "What became of it, the latest first.",
        filter=LearncycleRunFilter,
        order_by=LearncycleRunOrder,
    )
    history: Connection[HistoryEntry] | None = listing(
        Connection[HistoryEntry], "What was done to this record.", filter=HistoryEntryFilter, order_by=HistoryEntryOrder
    )
    actions: list[LearncycleActionState] = strawberry.field(
        description="Every action on this learncycle, open or closed."
    )


@strawberry.type(description="One action that a learncycle would have taken, or skipped.")
class SimulatedRun:
    at: datetime = strawberry.field(description="When it would have been.")
    on_date: date | None = strawberry.field(description="The day of the record; null for a change.")
    cause: HistoryEntry | None = strawberry.field(description="The change; null for a day.")
    subject_kind: SubjectKind = strawberry.field(description="The kind of record.")
    subject_id: strawberry.ID = strawberry.field(description="The record.")
    learner: Annotated["Learner", strawberry.lazy("portal_api.schema.learners")] | None = strawberry.field(
        description="The learner of that record."
    )
    action: LearncycleActionKind = strawberry.field(description="What it would have done.")
    outcome: RunOutcome = strawberry.field(description="What would have become of it.")
    reasons: list[ActionReason] = strawberry.field(description="Why it would have been skipped.")


@strawberry.type(description="What a learncycle would have done in a past period, a page of it.")
class LearncycleSimulation:
    runs: list[SimulatedRun] = strawberry.field(description="The runs of the page, the earliest first.")
    total_count: int = strawberry.field(description="How many runs there would have been in the whole period.")
    end_cursor: str | None = strawberry.field(
        description="Give it as `after` for the next page; null for an empty one."
    )
    has_next_page: bool = strawberry.field(description="Whether runs follow this page.")
