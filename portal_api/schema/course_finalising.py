"""Finalising course enrolments: how each is to end, what else is to be done, and what the answer warns of."""

from datetime import date

import strawberry

from portal_api import resolvers
from portal_api.permissions import course_enrolments as permissions
from portal_api.schema.changes import ExpectedVersion, ManyInput, Payload, changing
from portal_api.schema.course_enrolment_changes import NOTE, REASON, CourseEnrolmentResult
from portal_api.schema.enums import (
    ChecklistStep,
    ClosingCredential,
    CourseEnrolmentStatus,
    DeactivationReason,
    ReconnectPurpose,
)
from portal_api.schema.learner_changes import BillingChange
from portal_api.schema.scalars import OutcomeCode


@strawberry.input(description="What is said of one unit of an enrolment that is finalised. A final outcome stays.")
class UnitCorrectionInput:
    unit_enrolment_id: strawberry.ID = strawberry.field(description="The unit, one of the enrolment's own.")
    hours_attended: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="The hours attended, 0 to 10,000; the recorded ones where none are given.",
    )
    outcome: OutcomeCode | None = strawberry.field(
        default=strawberry.UNSET, description="The outcome, in a completion; elsewhere the status says it."
    )
    starts_on: date | None = strawberry.field(
        default=strawberry.UNSET, description="The first day, in a completion or deferral."
    )
    ends_on: date | None = strawberry.field(
        default=strawberry.UNSET, description="The last day, in a completion or deferral."
    )


@strawberry.input(description="An enrolment to be finalised.")
class FinaliseCourseEnrolmentInput:
    id: strawberry.ID = strawberry.field(description="The enrolment.")
    on: date | None = strawberry.field(
        default=strawberry.UNSET,
        description="The day of the withdrawal, cancellation or deferral, not after today; a completion has none. Who "
        "is deferred already stays so from the same day on.",
    )
    returns_on: date | None = strawberry.field(
        default=strawberry.UNSET,
        description="The day on which a learner who defers returns, after today and within 3,650 days of the deferral.",
    )
    units: list[UnitCorrectionInput] | None = strawberry.field(
        default=strawberry.UNSET,
        description="What is said of single units, 100 at the most; on the caller's own learner record somebody else says it.",
    )


@strawberry.input(description="The flag to be put up.")
class ReconnectInput:
    purpose: ReconnectPurpose = strawberry.field(description="What for.")
    on: date = strawberry.field(description="The day to do so.")


@strawberry.input(description="How learners are set inactive.")
class ClosingDeactivationInput:
    reason: DeactivationReason = strawberry.field(
        default=DeactivationReason.ENROLMENTS_ENDED, description="Why, for all of them."
    )
    note: str | None = strawberry.field(default=strawberry.UNSET, description=NOTE)


@strawberry.input(
    description="What else is to be done with a finalisation, in this order; one refused refuses its row."
)
class ClosingInput:
    credential: ClosingCredential | None = strawberry.field(
        default=strawberry.UNSET,
        description="Request a credential, or issue it at once; one that is there already is enough.",
    )
    app_access_off: bool = strawberry.field(
        default=False, description="Switch the learners' app access and eLearning off."
    )
    reconnect: ReconnectInput | None = strawberry.field(
        default=strawberry.UNSET, description="Flag the enrolments to be come back to."
    )
    deactivation: ClosingDeactivationInput | None = strawberry.field(
        default=strawberry.UNSET, description="Set the learners inactive, last of all."
    )


@strawberry.input(description="Enrolments to be finalised.")
class FinaliseCourseEnrolmentsInput(ManyInput):
    enrolments: list[FinaliseCourseEnrolmentInput] = strawberry.field(
        description="The enrolments, 1 to 1,000; each once."
    )
    status: CourseEnrolmentStatus = strawberry.field(
        description="The status to finalise to, for all of them: COMPLETED, COMPLETION_PENDING, WITHDRAWN, "
        "CANCELLED_NO_PENALTY, CANCELLED_PENALTY, PARTIAL_ATTENDANCE or DEFERRED."
    )
    status_reason_id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description=REASON)
    note: str | None = strawberry.field(default=strawberry.UNSET, description=NOTE)
    closing: ClosingInput | None = strawberry.field(
        default=strawberry.UNSET, description="What else is to be done, for all of them."
    )
    expected_versions: list[ExpectedVersion] | None = strawberry.field(
        default=strawberry.UNSET, description="Refuse the enrolments that are at another version than the caller read."
    )


@strawberry.type(description="What a caller should know of an enrolment that was finalised; it stops nothing.")
class FinalisingWarning:
    course_enrolment_id: strawberry.ID = strawberry.field(description="The enrolment.")
    unit_enrolment_id: strawberry.ID | None = strawberry.field(
        description="The unit that it is about, where it is about one."
    )
    step: ChecklistStep = strawberry.field(description="The step of the checklist that it belongs to.")
    message: str = strawberry.field(description="What it is, for people.")


@strawberry.type(description="The answer to a finalisation.")
class FinaliseCourseEnrolmentsPayload(Payload[CourseEnrolmentResult]):
    warnings: list[FinalisingWarning] = strawberry.field(
        description="Steps of the checklist that stay open, and units with more hours than were planned."
    )
    billing: list[BillingChange] = strawberry.field(
        description="What the bills of the running month and the next lose, where learners are set inactive with it."
    )


@strawberry.type
class CourseFinalisingMutations:
    finalise_course_enrolments: FinaliseCourseEnrolmentsPayload | None = changing(
        resolvers.course_finalising.finalise_course_enrolments,
        permissions.MayFinaliseCourseEnrolments,
        FinaliseCourseEnrolmentsInput,
        FinaliseCourseEnrolmentsPayload,
        "Finalise course enrolments: status and reason, then units, then the closing steps asked for. A learner who leaves "
        "has units that have commenced marked 40, those that have not 00; one who defers has them moved; a completion "
        "wants each unit with a final outcome and an end.",
    )
