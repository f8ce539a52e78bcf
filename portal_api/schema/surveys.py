"""Surveys on completion of a course."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import strawberry

from portal_api.schema.enums import SurveyAction, SurveyStatus, described
from portal_api.schema.errors import ActionReason
from portal_api.schema.history import HistoryEntry, HistoryEntryFilter, HistoryEntryOrder
from portal_api.schema.lists import (
    Comparison,
    Connection,
    IdComparison,
    InstantComparison,
    listing,
    order_input,
)
from portal_api.schema.nodes import Node

if TYPE_CHECKING:
    from portal_api.schema.course_enrolments import CourseEnrolment
    from portal_api.schema.learners import Learner


@strawberry.type(description="One action on a survey: open, or closed with every reason.")
class SurveyActionState:
    action: SurveyAction = strawberry.field(description="The action.")
    available: bool = strawberry.field(description="Whether it is open to the caller now; a closed one is refused.")
    reasons: list[ActionReason] = strawberry.field(description="Why it is closed: role, inactive learner, status.")


@strawberry.input(description="Which surveys; all conditions must hold.")
class SurveyFilter:
    id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By identifier.")
    course_enrolment_id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By enrolment.")
    learner_id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By learner.")
    status: Comparison[SurveyStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="By whether they were answered."
    )
    requested_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when they were asked for."
    )
    answered_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when they were answered."
    )


class SurveyOrderField(StrEnum):
    """What surveys can be sorted by."""

    REQUESTED_AT = "requested_at"


described(
    SurveyOrderField,
    "What surveys can be sorted by.",
    {SurveyOrderField.REQUESTED_AT: "When it was asked for."},
)
SurveyOrder = order_input("SurveyOrder", "surveys", SurveyOrderField)


@strawberry.type(
    description="A survey on completion of a course: asked for here, answered in the survey system. Machine clients see "
    "its identifier and status."
)
class Survey(Node):
    course_enrolment: Annotated["CourseEnrolment", strawberry.lazy("portal_api.schema.course_enrolments")] | None = (
        strawberry.field(description="The enrolment that it is about.")
    )
    learner: Annotated["Learner", strawberry.lazy("portal_api.schema.learners")] | None = strawberry.field(
        description="The learner who is asked."
    )
    status: SurveyStatus = strawberry.field(description="Whether it was answered.")
    requested_at: datetime = strawberry.field(description="When it was asked for.")
    answered_at: datetime | None = strawberry.field(description="When it was answered.")
    answers_ref: str | None = strawberry.field(description="What the survey system knows the answers by.")
    version: int = strawberry.field(description="Counts the changes to this record.")
    history: Connection[HistoryEntry] | None = listing(
        Connection[HistoryEntry], "What was done to this record.", filter=HistoryEntryFilter, order_by=HistoryEntryOrder
    )
    actions: list[SurveyActionState] = strawberry.field(description="Every action on this survey, open or closed.")
