"""The lifecycle as a board: a column a stage."""

import strawberry

from portal_api.schema.course_enrolments import CourseEnrolment, CourseEnrolmentOrder
from portal_api.schema.enums import LifecycleStage
from portal_api.schema.lists import Connection, listing


@strawberry.type(description="A stage of the lifecycle, with the course enrolments that stand in it.")
class LifecycleColumn:
    stage: LifecycleStage = strawberry.field(description="The stage.")
    enrolment_count: int = strawberry.field(description="How many enrolments stand in it.")
    learner_count: int = strawberry.field(
        description="How many learners have an enrolment in it; one who has enrolments in several stages counts in each."
    )
    enrolments: Connection[CourseEnrolment] = listing(
        Connection[CourseEnrolment],
        "The enrolments themselves, each with what it needs in the stage.",
        order_by=CourseEnrolmentOrder,
        most=1_000,
    )


@strawberry.type(
    description="Course enrolments by stage of the lifecycle, as the caller sees them; declined ones stand in none."
)
class LifecycleBoard:
    stages: list[LifecycleColumn] = strawberry.field(
        description="The stages in their order; RECONNECT is left out where the organisation has switched it off."
    )
