"""What can be done to course enrolments: enrolling, statuses, transition, reconnect."""

from datetime import date

import strawberry

from portal_api import resolvers
from portal_api.permissions import course_enrolments as permissions
from portal_api.schema.changes import ChangeInput, EditInput, ExpectedVersion, ManyInput, Payload, Result, changing
from portal_api.schema.course_enrolments import CourseEnrolment
from portal_api.schema.enums import CourseEnrolmentStatus, ReconnectPurpose

REASON = "The organisation's own reason for it, for all of them; one that an enrolment has stays where none is given."
NOTE = "A note for administrators, up to 2,000 characters."


@strawberry.input(description="A unit that an enrolment is to have.")
class NewUnitEnrolmentInput:
    unit_id: strawberry.ID = strawberry.field(description="The unit.")
    program_identifier: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The program that it is reported under; where none is given, that of the course, or of the one that the "
        "enrolment has moved on to.",
    )
    starts_on: date | None = strawberry.field(default=strawberry.UNSET, description="Its first day.")
    ends_on: date | None = strawberry.field(default=strawberry.UNSET, description="Its last day, not before the first.")
    scheduled_hours: int | None = strawberry.field(
        default=strawberry.UNSET, description="The hours planned, 0 to 10,000; the unit's where none are given."
    )


@strawberry.input(description="A learner to be enrolled.")
class CourseLearnerInput:
    learner_id: strawberry.ID = strawberry.field(description="The learner.")
    commitment_id: str | None = strawberry.field(
        default=strawberry.UNSET, description="The commitment to be reported, up to 100 characters."
    )


@strawberry.input(description="Learners to be enrolled in an offer of a course.")
class EnrolInCourseInput(ManyInput):
    course_offer_id: strawberry.ID = strawberry.field(description="The offer.")
    learners: list[CourseLearnerInput] = strawberry.field(
        description="The learners, 1 to 1,000; one named twice is answered once."
    )
    status: CourseEnrolmentStatus = strawberry.field(
        default=CourseEnrolmentStatus.CURRENT, description="With which they begin: ENQUIRY, PENDING or CURRENT."
    )
    status_reason_id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description=REASON)
    starts_on: date | None = strawberry.field(
        default=strawberry.UNSET, description="Their first day; the offer's where none is given."
    )
    ends_on: date | None = strawberry.field(
        default=strawberry.UNSET, description="Their last day; the offer's where none is given."
    )
    units: list[NewUnitEnrolmentInput] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Their units, 100 at the most; where nothing is said, those of the course that are in use, with the "
        "enrolment's days.",
    )
    expected_versions: list[ExpectedVersion] | None = strawberry.field(
        default=strawberry.UNSET, description="Refuse the learners who are at another version than the caller read."
    )


@strawberry.input(description="A course enrolment to be changed; what is not given stays as it is.")
class UpdateCourseEnrolmentInput(EditInput):
    external_ref: str | None = strawberry.field(
        default=strawberry.UNSET, description="Its reference, as others know it, up to 100 characters."
    )
    commitment_id: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The commitment to be reported, up to 100 characters; null takes it away.",
    )
    starts_on: date | None = strawberry.field(
        default=strawberry.UNSET, description="Its own first day; null takes it away."
    )
    ends_on: date | None = strawberry.field(
        default=strawberry.UNSET, description="Its own last day; null takes it away."
    )


@strawberry.input(description="Course enrolments whose status is to be set.")
class SetCourseEnrolmentStatusInput(ChangeInput):
    status: CourseEnrolmentStatus = strawberry.field(description="The status, for all of them.")
    status_reason_id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description=REASON)
    note: str | None = strawberry.field(
        default=strawberry.UNSET,
        description=f"{NOTE} Wanted where an enrolment leaves a status that has ended it.",
    )


@strawberry.input(description="Finalised course enrolments to be come back to.")
class FlagForReconnectInput(ChangeInput):
    purpose: ReconnectPurpose | None = strawberry.field(
        default=strawberry.UNSET, description="What for; without it the flag is taken away."
    )
    on: date | None = strawberry.field(
        default=strawberry.UNSET, description="The day to do so; today where none is given."
    )


@strawberry.input(description="A course enrolment to be moved on.")
class CourseTransitionInput:
    id: strawberry.ID = strawberry.field(description="The enrolment.")
    commitment_id: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The new commitment: wanted where no unit was reported yet, and not looked at otherwise. Who has moved on "
        "already has it, and no other one.",
    )


@strawberry.input(description="Course enrolments to be moved on to the qualification that supersedes theirs.")
class TransitionCourseEnrolmentsInput(ManyInput):
    enrolments: list[CourseTransitionInput] = strawberry.field(
        description="The enrolments, 1 to 1,000; one named twice is answered once."
    )
    expected_versions: list[ExpectedVersion] | None = strawberry.field(
        default=strawberry.UNSET, description="Refuse the enrolments that are at another version than the caller read."
    )


@strawberry.type(description="What happened to one course enrolment.")
class CourseEnrolmentResult(Result[CourseEnrolment]):
    pass


@strawberry.type(description="The answer to an enrolment; a row names its learner, and its node is the enrolment made.")
class EnrolInCoursePayload(Payload[CourseEnrolmentResult]):
    pass


@strawberry.type(description="The answer to a change of a course enrolment.")
class UpdateCourseEnrolmentPayload(Payload[CourseEnrolmentResult]):
    pass


@strawberry.type(description="The answer to a status that was set.")
class SetCourseEnrolmentStatusPayload(Payload[CourseEnrolmentResult]):
    pass


@strawberry.type(description="The answer to a flag.")
class FlagForReconnectPayload(Payload[CourseEnrolmentResult]):
    pass


@strawberry.type(description="The answer to a transition.")
class TransitionCourseEnrolmentsPayload(Payload[CourseEnrolmentResult]):
    pass


@strawberry.type
class CourseEnrolmentMutations:
    enrol_in_course: EnrolInCoursePayload | None = changing(
        resolvers.course_enrolments.enrol_in_course,
        permissions.MayEnrolInCourse,
        EnrolInCourseInput,
        EnrolInCoursePayload,
        "Enrol learners in an offer of a course, with its units: the rows are the learners, their nodes the enrolments.",
    )
    update_course_enrolment: UpdateCourseEnrolmentPayload | None = changing(
        resolvers.course_enrolments.update_course_enrolment,
        permissions.MayUpdateCourseEnrolment,
        UpdateCourseEnrolmentInput,
        UpdateCourseEnrolmentPayload,
        "Change the reference, commitment or own dates of a course enrolment.",
    )
    set_course_enrolment_status: SetCourseEnrolmentStatusPayload | None = changing(
        resolvers.course_enrolments.set_course_enrolment_status,
        permissions.MaySetCourseEnrolmentStatus,
        SetCourseEnrolmentStatusInput,
        SetCourseEnrolmentStatusPayload,
        "Set the status and reason of course enrolments: any status, and nothing but it. A pause or finalisation that is "
        "left ends; units stay as they are.",
    )
    flag_for_reconnect: FlagForReconnectPayload | None = changing(
        resolvers.course_enrolments.flag_for_reconnect,
        permissions.MayFlagForReconnect,
        FlagForReconnectInput,
        FlagForReconnectPayload,
        "Flag finalised course enrolments to be come back to, or take the flag away.",
    )
    transition_course_enrolments: TransitionCourseEnrolmentsPayload | None = changing(
        resolvers.course_enrolments.transition_course_enrolments,
        permissions.MayTransitionCourseEnrolments,
        TransitionCourseEnrolmentsInput,
        TransitionCourseEnrolmentsPayload,
        "Move course enrolments on to the qualification that supersedes theirs. Where nothing was reported, all units take "
        "the new program under a new commitment; else final units keep the old program, and open ones take the new.",
    )
