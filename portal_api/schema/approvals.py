"""Approvals: what awaits a decision, and how it was decided."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import strawberry

from portal_api.schema.certification_cycles import ExamAttempt, StepProgress
from portal_api.schema.enums import ApprovalAction, ApprovalKind, ApprovalStatus, described
from portal_api.schema.errors import ActionReason
from portal_api.schema.history import HistoryEntry, HistoryEntryFilter, HistoryEntryOrder
from portal_api.schema.lists import (
    Comparison,
    Connection,
    IdComparison,
    InstantComparison,
    ReportsTo,
    listing,
    order_input,
)
from portal_api.schema.nodes import Node

if TYPE_CHECKING:
    from portal_api.schema.certifications import Certification
    from portal_api.schema.learner_certifications import LearnerCertification
    from portal_api.schema.learners import Learner
    from portal_api.schema.users import User


@strawberry.type(description="One action on an approval: open, or closed with every reason.")
class ApprovalActionState:
    action: ApprovalAction = strawberry.field(description="The action.")
    available: bool = strawberry.field(description="Whether it is open to the caller now; a closed one is refused.")
    reasons: list[ActionReason] = strawberry.field(
        description="Why it is closed: role, inactive learner, decided already, one's own."
    )


@strawberry.input(description="Which approvals; all conditions must hold.")
class ApprovalFilter:
    id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By identifier.")
    kind: Comparison[ApprovalKind] | None = strawberry.field(
        default=strawberry.UNSET, description="By what is asked for."
    )
    status: Comparison[ApprovalStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="By whether it is decided, and how."
    )
    learner_id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By learner.")
    certification_id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By certification.")
    requested_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when it was asked for, and so since when it waits."
    )
    group_id: IdComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By the groups that hold the learner; for administrators."
    )
    reports_to: ReportsTo | None = strawberry.field(
        default=strawberry.UNSET, description="By the manager above the learner."
    )
    search: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Words that all stand in the learner's name, e-mail address or reference; case and accents are ignored.",
    )


class ApprovalOrderField(StrEnum):
    """What approvals can be sorted by."""

    REQUESTED_AT = "requested_at"


described(
    ApprovalOrderField,
    "What approvals can be sorted by.",
    {ApprovalOrderField.REQUESTED_AT: "When it was asked for; the oldest first when nothing is said."},
)
ApprovalOrder = order_input("ApprovalOrder", "approvals", ApprovalOrderField)


@strawberry.type(description="A sign-off that a learner waits for, or waited for.")
class Approval(Node):
    kind: ApprovalKind = strawberry.field(description="What is asked for.")
    status: ApprovalStatus = strawberry.field(description="Whether it is decided, and how.")
    learner: Annotated["Learner", strawberry.lazy("portal_api.schema.learners")] | None = strawberry.field(
        description="The learner who waits for it."
    )
    certification: Annotated["Certification", strawberry.lazy("portal_api.schema.certifications")] | None = (
        strawberry.field(description="The certification; null where it is retired and the caller is no administrator.")
    )
    learner_certification: (
        Annotated["LearnerCertification", strawberry.lazy("portal_api.schema.learner_certifications")] | None
    ) = strawberry.field(description="The learner's certification; null for access asked for, before it is granted.")
    requested_at: datetime = strawberry.field(description="When it was asked for.")
    decided_at: datetime | None = strawberry.field(description="When it was decided, or closed.")
    decided_by: Annotated["User", strawberry.lazy("portal_api.schema.users")] | None = strawberry.field(
        description="The user who decided it, for administrators and the user themselves; null where the version wanted no "
        "decision."
    )
    comment: str | None = strawberry.field(description="The comment on the decision, which the learner sees.")
    evidence_text: str | None = strawberry.field(
        description="The evidence, or why access is asked for, in the learner's words."
    )
    evidence_links: list[str] = strawberry.field(description="Where the evidence is to be found.")
    score: int | None = strawberry.field(description="The score of the exam, in percent.")
    step: StepProgress | None = strawberry.field(description="The training step that the evidence is for.")
    attempt: ExamAttempt | None = strawberry.field(description="The attempt at the exam whose pass awaits it.")
    version: int = strawberry.field(description="Counts the changes to this record.")
    history: Connection[HistoryEntry] | None = listing(
        Connection[HistoryEntry], "What was done to this record.", filter=HistoryEntryFilter, order_by=HistoryEntryOrder
    )
    actions: list[ApprovalActionState] = strawberry.field(description="Every action on this approval, open or closed.")
