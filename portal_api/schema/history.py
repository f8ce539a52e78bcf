"""History entries."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import strawberry

from portal_api.schema.enums import ActorKind, HistoryAction, SubjectKind, described
from portal_api.schema.lists import Comparison, IdComparison, InstantComparison, order_input
from portal_api.schema.nodes import Node

if TYPE_CHECKING:
    from portal_api.schema.learners import Learner
    from portal_api.schema.users import User


@strawberry.type(description="One change to one record. History only grows.")
class HistoryEntry(Node):
    actor_kind: ActorKind = strawberry.field(description="Who or what acted.")
    actor: Annotated["User", strawberry.lazy("portal_api.schema.users")] | None = strawberry.field(
        description="The user who acted; for administrators and the user themselves."
    )
    action: HistoryAction = strawberry.field(description="What was done.")
    subject_kind: SubjectKind = strawberry.field(description="The kind of record that was changed.")
    subject: Node | None = strawberry.field(description="The record that was changed, as it is now.")
    learner: Annotated["Learner", strawberry.lazy("portal_api.schema.learners")] | None = strawberry.field(
        description="The learner that the record belongs to, if it belongs to one."
    )
    from_status: str | None = strawberry.field(description="The status before.")
    to_status: str | None = strawberry.field(description="The status after.")
    reason: str | None = strawberry.field(description="The reason given; that of a deactivation is for administrators.")
    note: str | None = strawberry.field(description="The note given; for administrators.")
    changed_fields: list[str] | None = strawberry.field(
        description="What an edit changed, by name; never what it was or became."
    )
    subject_version: int = strawberry.field(description="The version that the record has had since.")
    request_id: str | None = strawberry.field(description="The request that caused it.")
    cause: Annotated["HistoryEntry", strawberry.lazy("portal_api.schema.history")] | None = strawberry.field(
        description="The entry that caused this one."
    )
    occurred_at: datetime = strawberry.field(description="When it took effect.")
    recorded_at: datetime = strawberry.field(description="When it was written down.")


@strawberry.input(description="Which history entries; all conditions must hold.")
class HistoryEntryFilter:
    subject_kind: Comparison[SubjectKind] | None = strawberry.field(
        default=strawberry.UNSET, description="By the kind of record."
    )
    learner_id: IdComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By the learner concerned."
    )
    action: Comparison[HistoryAction] | None = strawberry.field(
        default=strawberry.UNSET, description="By what was done."
    )
    actor_id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By the user who acted.")
    occurred_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when it took effect."
    )
    recorded_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when it was written down."
    )


class HistoryEntryOrderField(StrEnum):
    """What history can be sorted by."""

    OCCURRED_AT = "occurred_at"


described(
    HistoryEntryOrderField,
    "What history can be sorted by.",
    {HistoryEntryOrderField.OCCURRED_AT: "When it took effect; the latest first when nothing is said."},
)
HistoryEntryOrder = order_input("HistoryEntryOrder", "history entries", HistoryEntryOrderField)
