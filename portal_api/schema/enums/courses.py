"""What can be done to courses, units, offers and status reasons."""

from portal_api.domain.courses.library import CourseAction, CourseOfferAction, StatusReasonAction, UnitAction
from portal_api.schema.enums.describing import described

described(
    CourseAction,
    "What can be done to a course, and made in it.",
    {
        CourseAction.UPDATE: "Change the course.",
        CourseAction.RETIRE: "Retire it: it is offered no more.",
        CourseAction.REINSTATE: "Take it into use again.",
        CourseAction.CREATE_OFFER: "Offer it.",
    },
)

described(
    UnitAction,
    "What can be done to a unit.",
    {
        UnitAction.UPDATE: "Change the unit.",
        UnitAction.RETIRE: "Retire it: it comes into no other course.",
        UnitAction.REINSTATE: "Take it into use again.",
    },
)

described(
    CourseOfferAction,
    "What can be done to an offer of a course, and made in it.",
    {
        CourseOfferAction.UPDATE: "Change the offer.",
        CourseOfferAction.SET_TRAINERS: "Say who trains in it.",
        CourseOfferAction.ENROL: "Enrol learners.",
        CourseOfferAction.RETIRE: "Retire it: nobody is enrolled any more.",
        CourseOfferAction.REINSTATE: "Take it into use again.",
    },
)

described(
    StatusReasonAction,
    "What can be done to a reason for a status.",
    {
        StatusReasonAction.RETIRE: "Retire it: it is given to no other enrolment.",
        StatusReasonAction.REINSTATE: "Take it into use again.",
    },
)
