"""Learners' certifications: where each learner stands in each, how that came about, and what can be done about it."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import strawberry

from portal_api.schema.approvals import Approval, ApprovalFilter, ApprovalOrder
from portal_api.schema.certification_cycles import Certificate, CertificationCycle, ExamAttempt
from portal_api.schema.enums import (
    AssignmentSourceKind,
    LearnerCertificationAction,
    LearnerCertificationStatus,
    described,
)
from portal_api.schema.errors import ActionReason
from portal_api.schema.history import HistoryEntry, HistoryEntryFilter, HistoryEntryOrder
from portal_api.schema.lists import (
    BooleanComparison,
    Comparison,
    Connection,
    IdComparison,
    InstantComparison,
    ReportsTo,
    TextComparison,
    listing,
    order_input,
)
from portal_api.schema.nodes import Node

if TYPE_CHECKING:
    from portal_api.schema.certifications import Certification
    from portal_api.schema.groups import Group
    from portal_api.schema.learners import Learner
    from portal_api.schema.users import User


@strawberry.type(description="One action on a learner's certification: open, or closed with every reason.")
class LearnerCertificationActionState:
    action: LearnerCertificationAction = strawberry.field(description="The action.")
    available: bool = strawberry.field(description="Whether it is open to the caller now; a closed one is refused.")
    reasons: list[ActionReason] = strawberry.field(
        description="Why it is closed: role, inactive learner, status, and what else."
    )


@strawberry.type(description="What time will do with a learner's certification.")
class LearnerCertificationTransition:
    status: LearnerCertificationStatus = strawberry.field(description="The status that it will have.")
    at: datetime = strawberry.field(description="From when on, if nobody does anything before.")


@strawberry.type(description="Who or what assigned a certification to a learner.")
class AssignmentSource(Node):
    kind: AssignmentSourceKind = strawberry.field(description="Which way it came about.")
    group: Annotated["Group", strawberry.lazy("portal_api.schema.groups")] | None = strawberry.field(
        description="The group that did it; for administrators."
    )
    created_at: datetime = strawberry.field(description="When it came about.")
    created_by: Annotated["User", strawberry.lazy("portal_api.schema.users")] | None = strawberry.field(
        description="The user who did it; for administrators and the user themselves."
    )
    ended_at: datetime | None = strawberry.field(description="When it ended.")
    removable: bool = strawberry.field(description="Whether the caller can remove it now.")
    reasons: list[ActionReason] = strawberry.field(description="Why it cannot be removed, by the caller and now.")


@strawberry.input(description="Which learners' certifications; all conditions must hold.")
class LearnerCertificationFilter:
    id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By identifier.")
    external_ref: TextComparison | None = strawberry.field(default=strawberry.UNSET, description="By reference.")
    learner_id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By learner.")
    certification_id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By certification.")
    status: Comparison[LearnerCertificationStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="By status, at the instant of the request."
    )
    group_id: IdComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By the groups that hold the learner; for administrators."
    )
    reports_to: ReportsTo | None = strawberry.field(
        default=strawberry.UNSET, description="By the manager above the learner."
    )
    assigned_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when they were assigned."
    )
    enrolled_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when the learner enrolled."
    )
    certified_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when the learner was last certified."
    )
    expires_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when the certification expires."
    )
    is_fee_due: BooleanComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By whether the cycle that is open has a fee to be paid."
    )
    is_awaiting_approval: BooleanComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By whether anything of them awaits a decision."
    )
    is_certificate_valid: BooleanComparison | None = strawberry.field(
        default=strawberry.UNSET,
        description="By whether a certificate is in force, at the instant of the request: early recertification included.",
    )
    is_archived: BooleanComparison | None = strawberry.field(
        default=strawberry.UNSET,
        description="By whether they are archived; those that are do not come at all unless this says so.",
    )
    search: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Words that all stand in the learner's name, e-mail address or reference; case and accents are ignored.",
    )


class LearnerCertificationOrderField(StrEnum):
    """What learners' certifications can be sorted by."""

    ASSIGNED_AT = "assigned_at"
    ENROLLED_AT = "enrolled_at"
    EXPIRES_AT = "expires_at"
    CERTIFIED_AT = "certified_at"
    STATUS = "status"
    FAMILY_NAME = "family_name"
    GIVEN_NAME = "given_name"
    CERTIFICATION_TITLE = "certification_title"


described(
    LearnerCertificationOrderField,
    "What learners' certifications can be sorted by.",
    {
        LearnerCertificationOrderField.ASSIGNED_AT: "When they were assigned.",
        LearnerCertificationOrderField.ENROLLED_AT: "When the learner enrolled; those who have not come last.",
        LearnerCertificationOrderField.EXPIRES_AT: "When they expire; those that never do come last.",
        LearnerCertificationOrderField.CERTIFIED_AT: "When the learner was last certified; those who never were come last.",
        LearnerCertificationOrderField.STATUS: "Status at the instant of the request, in the order in which the statuses "
        "are listed.",
        LearnerCertificationOrderField.FAMILY_NAME: "The learner's family name; case and accents are ignored.",
        LearnerCertificationOrderField.GIVEN_NAME: "The learner's given name; case and accents are ignored.",
        LearnerCertificationOrderField.CERTIFICATION_TITLE: "The certification's title; case and accents are ignored. "
        "Certifications that the caller does not see come first.",
    },
)
LearnerCertificationOrder = order_input(
    "LearnerCertificationOrder", "learners' certifications", LearnerCertificationOrderField
)


@strawberry.type(
    description="A learner's record in a certification. One whose assignments were all removed is archived: it is in no "
    "list that does not ask for it, readable by its identifier, and closed to every action."
)
class LearnerCertification(Node):
    external_ref: str = strawberry.field(description="Its reference, as others know it.")
    status: LearnerCertificationStatus = strawberry.field(
        description="Where the learner stands, at the instant of the request."
    )
    learner: Annotated["Learner", strawberry.lazy("portal_api.schema.learners")] | None = strawberry.field(
        description="The learner."
    )
    certification: Annotated["Certification", strawberry.lazy("portal_api.schema.certifications")] | None = (
        strawberry.field(description="The certification; null where it is retired and the caller is no administrator.")
    )
    assigned_at: datetime = strawberry.field(description="When the record was made.")
    enrolled_at: datetime | None = strawberry.field(description="When the learner enrolled.")
    certified_at: datetime | None = strawberry.field(description="When the learner was last certified.")
    expires_at: datetime | None = strawberry.field(
        description="The first instant at which the last certification has expired; null if it never does."
    )
    lapses_at: datetime | None = strawberry.field(description="The first instant after the grace that follows.")
    window_opens_at: datetime | None = strawberry.field(
        description="The first instant before the expiry at which the learner can recertify."
    )
    archived_at: datetime | None = strawberry.field(description="When it was archived.")
    is_payment_waived: bool = strawberry.field(
        description="Whether an administrator waived the fee of the cycle that is open."
    )
    version: int = strawberry.field(description="Counts the changes to this record.")
    cycle: CertificationCycle | None = strawberry.field(description="The cycle that is open, if one is.")
    certificate: Certificate | None = strawberry.field(
        description="The certificate that is in force now, if one is: during recertification too."
    )
    cycles: Connection[CertificationCycle] | None = listing(
        Connection[CertificationCycle], "Its cycles, the initial one first."
    )
    sources: Connection[AssignmentSource] | None = listing(
        Connection[AssignmentSource], "What assigned it, ended ones included."
    )
    attempts: Connection[ExamAttempt] | None = listing(
        Connection[ExamAttempt], "The exam history: the attempts of all cycles."
    )
    approvals: Connection[Approval] | None = listing(
        Connection[Approval], "What awaited, or awaits, a decision.", filter=ApprovalFilter, order_by=ApprovalOrder
    )
    certificates: Connection[Certificate] | None = listing(Connection[Certificate], "Its certificates.")
    history: Connection[HistoryEntry] | None = listing(
        Connection[HistoryEntry], "What was done to this record.", filter=HistoryEntryFilter, order_by=HistoryEntryOrder
    )
    next_transitions: list[LearnerCertificationTransition] = strawberry.field(
        description="What time alone will do with it, one after the other."
    )
    actions: list[LearnerCertificationActionState] = strawberry.field(
        description="Every action on this record, open or closed: the administrator's, what is recorded, the learner's own."
    )


@strawberry.type(description="The identifiers of a selection of learners' certifications.")
class LearnerCertificationIds:
    ids: list[strawberry.ID] = strawberry.field(description="The identifiers, the oldest first, up to the limit.")
    total_count: int = strawberry.field(description="How many records the selection has in all.")
