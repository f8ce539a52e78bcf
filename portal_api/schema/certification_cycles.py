"""The cycles of learners' certifications: their fee, their steps, the attempts at the exam, the certificates."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from portal_api.schema.enums import (
    CertificateStatus,
    CycleOutcome,
    ExamAttemptStatus,
    FeeStatus,
    StepPath,
    StepStatus,
    TestOutResult,
)
from portal_api.schema.history import HistoryEntry, HistoryEntryFilter, HistoryEntryOrder
from portal_api.schema.links import Download
from portal_api.schema.lists import Connection, listing
from portal_api.schema.nodes import Node

if TYPE_CHECKING:
    from portal_api.schema.certifications import CertificationStep, CertificationVersion
    from portal_api.schema.learner_certifications import LearnerCertification
    from portal_api.schema.users import User


@strawberry.type(description="How far a learner is with a training step, in one cycle.")
class StepProgress(Node):
    step: Annotated["CertificationStep", strawberry.lazy("portal_api.schema.certifications")] | None = strawberry.field(
        description="The step; null where the certification is retired and the caller is no administrator."
    )
    status: StepStatus = strawberry.field(description="Where it stands.")
    path: StepPath | None = strawberry.field(description="The way in which it was done, or is awaiting approval.")
    is_overridden: bool = strawberry.field(description="Whether an administrator marked it done.")
    done_at: datetime | None = strawberry.field(description="When it was done.")
    test_out: TestOutResult | None = strawberry.field(
        description="How the one attempt of the cycle at testing out of it ended; null before that."
    )
    tested_out_at: datetime | None = strawberry.field(description="When that attempt was made.")


@strawberry.type(description="A run through a certification, under one version of it.")
class CertificationCycle(Node):
    number: int = strawberry.field(description="Its number; 0 for the initial one.")
    is_recertification: bool = strawberry.field(
        description="Whether the learner had been certified before it was opened."
    )
    opened_at: datetime = strawberry.field(description="When it was opened.")
    started_at: datetime | None = strawberry.field(description="When the learner began to work on it.")
    closed_at: datetime | None = strawberry.field(description="When it ended; null for the one that is open.")
    outcome: CycleOutcome | None = strawberry.field(description="How it ended.")
    certification_version: (
        Annotated["CertificationVersion", strawberry.lazy("portal_api.schema.certifications")] | None
    ) = strawberry.field(
        description="The version that it follows, whatever is published later; null where the certification is retired "
        "and the caller is no administrator."
    )
    fee_status: FeeStatus = strawberry.field(description="Where its fee stands.")
    fee: int | None = strawberry.field(
        description="The fee that it asks for, in the currency's smallest unit; null where it asks for none."
    )
    currency: str | None = strawberry.field(description="The currency of the fee, by its three letters: `NZD`.")
    fee_settled_at: datetime | None = strawberry.field(description="When the fee was paid or waived.")
    fee_settled_by: Annotated["User", strawberry.lazy("portal_api.schema.users")] | None = strawberry.field(
        description="The user who recorded the payment or waived it; for administrators and the user themselves."
    )
    steps_open: int = strawberry.field(description="How many of its training steps are not done.")
    attempts_used: int = strawberry.field(description="How many attempts at the final exam were started in it.")
    attempts_allowed: int | None = strawberry.field(
        description="How many are allowed in it, those granted included; null without a limit."
    )
    exam_passed_at: datetime | None = strawberry.field(description="When the final exam was passed.")
    is_exam_overridden: bool = strawberry.field(description="Whether an administrator marked the exam passed.")
    steps: Connection[StepProgress] | None = listing(
        Connection[StepProgress], "How far the training steps are, in their order."
    )


@strawberry.type(description="An attempt at the final exam.")
class ExamAttempt(Node):
    number: int = strawberry.field(description="Its number within its cycle; 1 for the first.")
    status: ExamAttemptStatus = strawberry.field(description="Where it stands.")
    started_at: datetime = strawberry.field(description="When it was started.")
    ended_at: datetime | None = strawberry.field(description="When its result was recorded.")
    score: int | None = strawberry.field(description="The score in percent, where one was recorded.")
    cycle: CertificationCycle | None = strawberry.field(description="The cycle that it counts in.")


@strawberry.type(description="What certifies a learner, as long as it is valid.")
class Certificate(Node):
    status: CertificateStatus = strawberry.field(description="Where it stands, at the instant of the request.")
    issued_at: datetime = strawberry.field(description="When it was issued.")
    issued_on: date = strawberry.field(description="The day on which it was issued, in the organisation's time zone.")
    expires_at: datetime | None = strawberry.field(
        description="The first instant at which it is valid no more; null for one that never expires."
    )
    ended_at: datetime | None = strawberry.field(description="When it was replaced or revoked.")
    learner_certification: (
        Annotated["LearnerCertification", strawberry.lazy("portal_api.schema.learner_certifications")] | None
    ) = strawberry.field(description="The learner's certification that it belongs to.")
    register_number: str = strawberry.field(description="By which anybody verifies it.")
    download: Download | None = strawberry.field(
        description="A link to it as a PDF, with the names of today; one that is valid no more says so."
    )
    version: int = strawberry.field(description="Counts the changes to this record.")
    history: Connection[HistoryEntry] | None = listing(
        Connection[HistoryEntry], "What was done to this record.", filter=HistoryEntryFilter, order_by=HistoryEntryOrder
    )
