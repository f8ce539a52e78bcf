"""Certifications, their versions and training steps."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import strawberry

from portal_api.schema.approvals import Approval, ApprovalFilter, ApprovalOrder
from portal_api.schema.enums import (
    CertificationAction,
    CertificationJoining,
    CertificationVersionAction,
    CertificationVersionStatus,
    FeeDue,
    LibraryStatus,
    StepPath,
    described,
)
from portal_api.schema.errors import ActionReason
from portal_api.schema.groups import Group, GroupFilter, GroupOrder
from portal_api.schema.history import HistoryEntry, HistoryEntryFilter, HistoryEntryOrder
from portal_api.schema.learner_certifications import (
    LearnerCertification,
    LearnerCertificationFilter,
    LearnerCertificationOrder,
)
from portal_api.schema.lists import (
    Comparison,
    Connection,
    IdComparison,
    InstantComparison,
    TextComparison,
    listing,
    order_input,
)
from portal_api.schema.nodes import Node


@strawberry.type(description="One action on a version of a certification: open, or closed with every reason.")
class CertificationVersionActionState:
    action: CertificationVersionAction = strawberry.field(description="The action.")
    available: bool = strawberry.field(description="Whether it is open to the caller now; a closed one is refused.")
    reasons: list[ActionReason] = strawberry.field(description="Why it is closed: role, status.")


@strawberry.input(description="Which versions of a certification; all conditions must hold.")
class CertificationVersionFilter:
    id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By identifier.")
    status: Comparison[CertificationVersionStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="By where it stands."
    )
    created_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when it was drafted."
    )
    published_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when it was published."
    )
    retired_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when it was retired."
    )


class CertificationVersionOrderField(StrEnum):
    """What versions of certifications can be sorted by."""

    NUMBER = "number"
    CREATED_AT = "created_at"


described(
    CertificationVersionOrderField,
    "What versions of certifications can be sorted by.",
    {
        CertificationVersionOrderField.NUMBER: "Number; the first comes first when nothing is said.",
        CertificationVersionOrderField.CREATED_AT: "When it was drafted.",
    },
)
CertificationVersionOrder = order_input(
    "CertificationVersionOrder", "versions of a certification", CertificationVersionOrderField
)


@strawberry.type(description="The final exam of a certification.")
class CertificationExam:
    title: str = strawberry.field(description="Its title.")
    attempt_limit: int | None = strawberry.field(description="How often it may be tried in a cycle; null for no limit.")
    allows_exam_before_training: bool = strawberry.field(
        description="Whether it may be tried while training steps are open."
    )
    needs_approval: bool = strawberry.field(description="Whether a pass awaits a sign-off.")


@strawberry.type(description="What a cycle costs.")
class Fee:
    amount: int = strawberry.field(description="How much, in the currency's smallest unit.")
    currency: str = strawberry.field(description="The currency, in the three letters of ISO 4217.")
    due: FeeDue = strawberry.field(description="Up to where a learner comes without having paid.")


@strawberry.type(description="A training step of a version: it is completed in one of several ways.")
class CertificationStep(Node):
    position: int = strawberry.field(description="Its place; 1 for the first.")
    title: str = strawberry.field(description="Its title.")
    paths: list[StepPath] = strawberry.field(description="The ways to complete it.")
    certification_version: (
        Annotated["CertificationVersion", strawberry.lazy("portal_api.schema.certifications")] | None
    ) = strawberry.field(description="The version that it is a step of.")


@strawberry.type(description="A version of a certification: what it asks of learners. Once published it never changes.")
class CertificationVersion(Node):
    number: int = strawberry.field(description="Its number; 1 for the first of its certification.")
    status: CertificationVersionStatus = strawberry.field(description="Where it stands. Drafts are for administrators.")
    certification: Annotated["Certification", strawberry.lazy("portal_api.schema.certifications")] | None = (
        strawberry.field(description="The certification.")
    )
    exam: CertificationExam = strawberry.field(description="The final exam.")
    evidence_needs_approval: bool = strawberry.field(
        description="Whether evidence completes a step only once it is signed off."
    )
    initial_fee: Fee | None = strawberry.field(description="What the first cycle costs; null for nothing.")
    recertification_fee: Fee | None = strawberry.field(description="What a recertification costs; null for nothing.")
    validity_months: int | None = strawberry.field(
        description="How many months a certificate is valid; null where it never expires."
    )
    grace_days: int = strawberry.field(description="How many days after the expiry it lapses.")
    window_days: int = strawberry.field(description="How many days before the expiry recertification may begin.")
    steps: Connection[CertificationStep] | None = listing(
        Connection[CertificationStep], "Its training steps, in their order."
    )
    created_at: datetime = strawberry.field(description="When it was drafted.")
    published_at: datetime | None = strawberry.field(description="When it was published.")
    retired_at: datetime | None = strawberry.field(description="When it was retired.")
    version: int = strawberry.field(description="Counts the changes to this record.")
    history: Connection[HistoryEntry] | None = listing(
        Connection[HistoryEntry], "What was done to this record.", filter=HistoryEntryFilter, order_by=HistoryEntryOrder
    )
    actions: list[CertificationVersionActionState] = strawberry.field(
        description="Every action on this version, open or closed."
    )


@strawberry.type(description="One action on a certification: open, or closed with every reason.")
class CertificationActionState:
    action: CertificationAction = strawberry.field(description="The action.")
    available: bool = strawberry.field(
        description="Whether it is open to the caller now; a closed one is refused, an assignment for each learner."
    )
    reasons: list[ActionReason] = strawberry.field(
        description="Why it is closed: role, status, and what else stands against it."
    )


@strawberry.input(description="Which certifications; all conditions must hold.")
class CertificationFilter:
    id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By identifier.")
    external_ref: TextComparison | None = strawberry.field(default=strawberry.UNSET, description="By reference.")
    joining: Comparison[CertificationJoining] | None = strawberry.field(
        default=strawberry.UNSET, description="By how learners come to it."
    )
    status: Comparison[LibraryStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="By whether it is in use."
    )
    created_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when it was made."
    )
    search: str | None = strawberry.field(
        default=strawberry.UNSET, description="Words that all stand in the title or reference."
    )


class CertificationOrderField(StrEnum):
    """What certifications can be sorted by."""

    TITLE = "title"
    CREATED_AT = "created_at"


described(
    CertificationOrderField,
    "What certifications can be sorted by.",
    {
        CertificationOrderField.TITLE: "Title; case and accents are ignored.",
        CertificationOrderField.CREATED_AT: "When it was made.",
    },
)
CertificationOrder = order_input("CertificationOrder", "certifications", CertificationOrderField)


@strawberry.type(description="A certification: training steps and a final exam lead to a certificate.")
class Certification(Node):
    external_ref: str = strawberry.field(description="Its reference, as others know it.")
    title: str = strawberry.field(description="Its title.")
    joining: CertificationJoining = strawberry.field(description="How learners come to it without being assigned.")
    status: LibraryStatus = strawberry.field(description="Whether it is in use.")
    created_at: datetime = strawberry.field(description="When it was made.")
    version: int = strawberry.field(
        description="Counts the changes to this record; those to its versions not among them."
    )
    groups: Connection[Group] | None = listing(
        Connection[Group],
        "The groups that are to be assigned to it; for administrators.",
        filter=GroupFilter,
        order_by=GroupOrder,
    )
    versions: Connection[CertificationVersion] | None = listing(
        Connection[CertificationVersion],
        "Its versions, by number; drafts for administrators.",
        filter=CertificationVersionFilter,
        order_by=CertificationVersionOrder,
    )
    learner_certifications: Connection[LearnerCertification] | None = listing(
        Connection[LearnerCertification],
        "Where the learners who are in it stand.",
        filter=LearnerCertificationFilter,
        order_by=LearnerCertificationOrder,
    )
    approvals: Connection[Approval] | None = listing(
        Connection[Approval],
        "What awaited, or awaits, a decision in it, the oldest first when nothing is said.",
        filter=ApprovalFilter,
        order_by=ApprovalOrder,
    )
    newest_version: CertificationVersion | None = strawberry.field(
        description="The newest published version, under which new cycles begin; null where none is published."
    )
    history: Connection[HistoryEntry] | None = listing(
        Connection[HistoryEntry], "What was done to this record.", filter=HistoryEntryFilter, order_by=HistoryEntryOrder
    )
    actions: list[CertificationActionState] = strawberry.field(
        description="Every action on this certification, open or closed; to enrol or ask for access is for the caller's own "
        "learner record."
    )
