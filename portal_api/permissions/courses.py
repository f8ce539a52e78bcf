"""Who may try to change courses, units, offers and the reasons for statuses."""

from portal_api.domain.courses.library import (
    COURSE_OFFERS,
    COURSES,
    STATUS_REASONS,
    UNITS,
    CourseAction,
    CourseOfferAction,
    StatusReasonAction,
    UnitAction,
)
from portal_api.domain.organisations import ORGANISATIONS, OrganisationAction
from portal_api.permissions import Guard


class MayCreateCourses(Guard):
    rule = ORGANISATIONS[OrganisationAction.CREATE_COURSES]


class MayUpdateCourse(Guard):
    rule = COURSES[CourseAction.UPDATE]


class MayRetireCourses(Guard):
    rule = COURSES[CourseAction.RETIRE]


class MayReinstateCourses(Guard):
    rule = COURSES[CourseAction.REINSTATE]


class MayCreateUnits(Guard):
    rule = ORGANISATIONS[OrganisationAction.CREATE_UNITS]


class MayUpdateUnit(Guard):
    rule = UNITS[UnitAction.UPDATE]


class MayRetireUnits(Guard):
    rule = UNITS[UnitAction.RETIRE]


class MayReinstateUnits(Guard):
    rule = UNITS[UnitAction.REINSTATE]


class MayCreateCourseOffers(Guard):
    rule = COURSES[CourseAction.CREATE_OFFER]


class MayUpdateCourseOffer(Guard):
    rule = COURSE_OFFERS[CourseOfferAction.UPDATE]


class MaySetCourseOfferTrainers(Guard):
    rule = COURSE_OFFERS[CourseOfferAction.SET_TRAINERS]


class MayRetireCourseOffers(Guard):
    rule = COURSE_OFFERS[CourseOfferAction.RETIRE]


class MayReinstateCourseOffers(Guard):
    rule = COURSE_OFFERS[CourseOfferAction.REINSTATE]


class MayAddStatusReasons(Guard):
    rule = ORGANISATIONS[OrganisationAction.CREATE_STATUS_REASONS]


class MayRetireStatusReasons(Guard):
    rule = STATUS_REASONS[StatusReasonAction.RETIRE]


class MayReinstateStatusReasons(Guard):
    rule = STATUS_REASONS[StatusReasonAction.REINSTATE]
