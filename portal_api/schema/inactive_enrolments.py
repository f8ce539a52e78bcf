"""Learners all of whose course enrolments are inactive: listed with the reasons, and set inactive in bulk."""

from datetime import date, datetime
from enum import StrEnum

import strawberry

from portal_api import resolvers
from portal_api.permissions import inactive_enrolments as permissions
from portal_api.schema.changes import ChangeInput, Payload, changing
from portal_api.schema.enums import CourseEnrolmentStatus, DeactivationReason, InactivityReason, described
from portal_api.schema.learner_changes import BillingChange, LearnerResult
from portal_api.schema.learners import Learner
from portal_api.schema.lists import (
    BooleanComparison,
    IdComparison,
    InstantComparison,
    ReportsTo,
    TextComparison,
    order_input,
)


@strawberry.type(description="A course enrolment that is inactive, and why.")
class InactiveEnrolment:
    course_enrolment_id: strawberry.ID = strawberry.field(description="The enrolment.")
    reason: InactivityReason = strawberry.field(description="Why it is inactive.")
    status: CourseEnrolmentStatus = strawberry.field(description="Its status.")
    latest_end_on: date | None = strawberry.field(
        description="The day with which it ends: that of its last unit, or its own where it has no units."
    )


@strawberry.type(
    description="An active learner who has course enrolments, all of them inactive at the instant of the request: ended by "
    "their status, or by their last day, in the organisation's time zone."
)
class LearnerWithInactiveEnrolments:
    learner: Learner | None = strawberry.field(description="The learner.")
    enrolments: list[InactiveEnrolment] = strawberry.field(
        description="All of their course enrolments, the oldest first, each with why it is inactive."
    )
    reasons: list[str] = strawberry.field(
        description="The same in words: identifier, reason, and the status or day that it is about."
    )
    last_activity_at: datetime | None = strawberry.field(description="When the learner was last active in the portal.")


@strawberry.input(description="Which learners with inactive enrolments; all conditions must hold.")
class LearnerWithInactiveEnrolmentsFilter:
    id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By the learner's identifier.")
    external_ref: TextComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By the learner's reference."
    )
    course_offer_id: IdComparison | None = strawberry.field(
        default=strawberry.UNSET,
        description="By the offers of their enrolments: one of them at least, or with `notIn` none of them.",
    )
    course_id: IdComparison | None = strawberry.field(
        default=strawberry.UNSET,
        description="By the courses of their enrolments: one of them at least, or with `notIn` none of them.",
    )
    has_app_access: BooleanComparison | None = strawberry.field(default=strawberry.UNSET, description="By app access.")
    manager_id: IdComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By the manager that they report to directly."
    )
    last_activity_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when they were last active in the portal."
    )
    created_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when they were added."
    )
    reports_to: ReportsTo | None = strawberry.field(default=strawberry.UNSET, description="By the manager above them.")
    group_id: IdComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By the groups that hold them."
    )
    search: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Words that all stand in the name, e-mail address or reference; case and accents are ignored.",
    )


class LearnerWithInactiveEnrolmentsOrderField(StrEnum):
    """What learners with inactive enrolments can be sorted by."""

    FAMILY_NAME = "family_name"
    GIVEN_NAME = "given_name"
    CREATED_AT = "created_at"
    LAST_ACTIVITY_AT = "last_activity_at"


described(
    LearnerWithInactiveEnrolmentsOrderField,
    "What learners with inactive enrolments can be sorted by.",
    {
        LearnerWithInactiveEnrolmentsOrderField.FAMILY_NAME: "Family name; case and accents are ignored.",
        LearnerWithInactiveEnrolmentsOrderField.GIVEN_NAME: "Given name; case and accents are ignored.",
        LearnerWithInactiveEnrolmentsOrderField.CREATED_AT: "When they were added.",
        LearnerWithInactiveEnrolmentsOrderField.LAST_ACTIVITY_AT: (
            "When they were last active in the portal; never counts as longest ago."
        ),
    },
)
LearnerWithInactiveEnrolmentsOrder = order_input(
    "LearnerWithInactiveEnrolmentsOrder", "learners with inactive enrolments", LearnerWithInactiveEnrolmentsOrderField
)


@strawberry.input(description="Learners to be set inactive, all of whose course enrolments are.")
class DeactivateLearnersWithInactiveEnrolmentsInput(ChangeInput):
    reason: DeactivationReason = strawberry.field(
        default=DeactivationReason.ENROLMENTS_ENDED, description="Why, for all of them."
    )
    note: str | None = strawberry.field(
        default=strawberry.UNSET, description="A note for administrators, up to 2,000 characters."
    )


@strawberry.type(description="The answer to a deactivation of learners with inactive enrolments.")
class DeactivateLearnersWithInactiveEnrolmentsPayload(Payload[LearnerResult]):
    billing: list[BillingChange] = strawberry.field(
        description="What the bills of the running month and the next lose; empty where the call as a whole was refused."
    )


@strawberry.type
class InactiveEnrolmentMutations:
    deactivate_learners_with_inactive_enrolments: DeactivateLearnersWithInactiveEnrolmentsPayload | None = changing(
        resolvers.inactive_enrolments.deactivate_learners_with_inactive_enrolments,
        permissions.MayDeactivateLearnersWithInactiveEnrolments,
        DeactivateLearnersWithInactiveEnrolmentsInput,
        DeactivateLearnersWithInactiveEnrolmentsPayload,
        "Set learners inactive who have course enrolments, all of them inactive: each is looked at again, and one who has "
        "an active enrolment by now is refused (`NOT_INACTIVE_ENROLMENTS`). An Owner's own learner record only by an Owner.",
    )
