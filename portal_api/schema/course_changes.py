"""What can be changed about courses and units: inputs, payloads, mutations."""

import strawberry

from portal_api import resolvers
from portal_api.permissions import courses as permissions
from portal_api.schema.changes import ChangeInput, EditInput, ManyInput, Payload, Result, changing
from portal_api.schema.courses import Course, Unit


@strawberry.input(description="A course to be made.")
class NewCourseInput:
    external_ref: str | None = strawberry.field(
        default=strawberry.UNSET, description="Its reference; its identifier if none is given. 1 to 100 characters."
    )
    title: str = strawberry.field(description="Its title, 1 to 200 characters.")
    program_identifier: str = strawberry.field(
        description="The qualification that is reported: 1 to 10 capital letters and digits."
    )
    unit_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Its units, up to 100 of those in use, in their order."
    )


@strawberry.input(description="Courses to be made.")
class CreateCoursesInput(ManyInput):
    courses: list[NewCourseInput] = strawberry.field(description="The courses, 1 to 1,000.")


@strawberry.input(description="A course to be changed; what is not given stays as it is.")
class UpdateCourseInput(EditInput):
    external_ref: str | None = strawberry.field(
        default=strawberry.UNSET, description="Its reference, 1 to 100 characters."
    )
    title: str | None = strawberry.field(default=strawberry.UNSET, description="Its title, 1 to 200 characters.")
    program_identifier: str | None = strawberry.field(
        default=strawberry.UNSET, description="The qualification that is reported: 1 to 10 capital letters and digits."
    )
    unit_ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Its units, all of them, in their order. Enrolments keep the units that they have.",
    )
    superseded_by_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="The course of the qualification that has taken its place; null for none."
    )


@strawberry.input(description="Courses to be retired.")
class RetireCoursesInput(ChangeInput):
    pass


@strawberry.input(description="Courses to be taken into use again.")
class ReinstateCoursesInput(ChangeInput):
    pass


@strawberry.input(description="A unit to be made.")
class NewUnitInput:
    identifier: str = strawberry.field(description="What it is reported as: 1 to 12 capital letters and digits.")
    title: str = strawberry.field(description="Its title, 1 to 200 characters.")
    scheduled_hours: int | None = strawberry.field(
        default=strawberry.UNSET, description="The hours that an enrolment in it is planned with, 0 to 10,000."
    )


@strawberry.input(description="Units to be made.")
class CreateUnitsInput(ManyInput):
    units: list[NewUnitInput] = strawberry.field(description="The units, 1 to 1,000.")


@strawberry.input(description="A unit to be changed; what is not given stays as it is.")
class UpdateUnitInput(EditInput):
    identifier: str | None = strawberry.field(
        default=strawberry.UNSET, description="What it is reported as: 1 to 12 capital letters and digits."
    )
    title: str | None = strawberry.field(default=strawberry.UNSET, description="Its title, 1 to 200 characters.")
    scheduled_hours: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="The hours that an enrolment in it is planned with, 0 to 10,000; null for none.",
    )


@strawberry.input(description="Units to be retired.")
class RetireUnitsInput(ChangeInput):
    pass


@strawberry.input(description="Units to be taken into use again.")
class ReinstateUnitsInput(ChangeInput):
    pass


@strawberry.type(description="What happened to one course.")
class CourseResult(Result[Course]):
    pass


@strawberry.type(description="What happened to one unit.")
class UnitResult(Result[Unit]):
    pass


@strawberry.type(description="The answer to the making of courses.")
class CreateCoursesPayload(Payload[CourseResult]):
    pass


@strawberry.type(description="The answer to a change of a course.")
class UpdateCoursePayload(Payload[CourseResult]):
    pass


@strawberry.type(description="The answer to a retirement of courses.")
class RetireCoursesPayload(Payload[CourseResult]):
    pass


@strawberry.type(description="The answer to a reinstatement of courses.")
class ReinstateCoursesPayload(Payload[CourseResult]):
    pass


@strawberry.type(description="The answer to the making of units.")
class CreateUnitsPayload(Payload[UnitResult]):
    pass


@strawberry.type(description="The answer to a change of a unit.")
class UpdateUnitPayload(Payload[UnitResult]):
    pass


@strawberry.type(description="The answer to a retirement of units.")
class RetireUnitsPayload(Payload[UnitResult]):
    pass


@strawberry.type(description="The answer to a reinstatement of units.")
class ReinstateUnitsPayload(Payload[UnitResult]):
    pass


@strawberry.type
class CourseMutations:
    create_courses: CreateCoursesPayload | None = changing(
        resolvers.courses.create_courses,
        permissions.MayCreateCourses,
        CreateCoursesInput,
        CreateCoursesPayload,
        "Make courses.",
    )
    update_course: UpdateCoursePayload | None = changing(
        resolvers.courses.update_course,
        permissions.MayUpdateCourse,
        UpdateCourseInput,
        UpdateCoursePayload,
        "Change a course, and what it is made of; enrolments stay as they are.",
    )
    retire_courses: RetireCoursesPayload | None = changing(
        resolvers.courses.retire_courses,
        permissions.MayRetireCourses,
        RetireCoursesInput,
        RetireCoursesPayload,
        "Retire courses: they are offered no more and nobody is enrolled; running enrolments go on.",
    )
    reinstate_courses: ReinstateCoursesPayload | None = changing(
        resolvers.courses.reinstate_courses,
        permissions.MayReinstateCourses,
        ReinstateCoursesInput,
        ReinstateCoursesPayload,
        "Take retired courses into use again.",
    )
    create_units: CreateUnitsPayload | None = changing(
        resolvers.courses.create_units,
        permissions.MayCreateUnits,
        CreateUnitsInput,
        CreateUnitsPayload,
        "Make units, which courses are made of.",
    )
    update_unit: UpdateUnitPayload | None = changing(
        resolvers.courses.update_unit,
        permissions.MayUpdateUnit,
        UpdateUnitInput,
        UpdateUnitPayload,
        "Change a unit.",
    )
    retire_units: RetireUnitsPayload | None = changing(
        resolvers.courses.retire_units,
        permissions.MayRetireUnits,
        RetireUnitsInput,
        RetireUnitsPayload,
        "Retire units: they come into no other course.",
    )
    reinstate_units: ReinstateUnitsPayload | None = changing(
        resolvers.courses.reinstate_units,
        permissions.MayReinstateUnits,
        ReinstateUnitsInput,
        ReinstateUnitsPayload,
        "Take retired units into use again.",
    )
