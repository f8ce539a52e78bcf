"""Who may try what with course enrolments, their units and surveys."""

from portal_api.domain.courses.enrolments import COURSE_ENROLMENTS, FINALISED_BY
from portal_api.domain.courses.library import COURSE_OFFERS, CourseOfferAction
from portal_api.domain.courses.statuses import CourseEnrolmentAction, CourseEnrolmentStatus
from portal_api.domain.courses.surveys import SURVEYS, SurveyAction
from portal_api.domain.courses.unit_enrolments import UNIT_ENROLMENTS, UnitEnrolmentAction
from portal_api.permissions.guard import Guard


class MayEnrolInCourse(Guard):
    rule = COURSE_OFFERS[CourseOfferAction.ENROL]


class MayUpdateCourseEnrolment(Guard):
    rule = COURSE_ENROLMENTS[CourseEnrolmentAction.UPDATE]


class MaySetCourseEnrolmentStatus(Guard):
    rule = COURSE_ENROLMENTS[CourseEnrolmentAction.SET_STATUS]


class MayFinaliseCourseEnrolments(Guard):
    """Whatever it is finalised as, the roles are the same."""

    rule = COURSE_ENROLMENTS[FINALISED_BY[CourseEnrolmentStatus.COMPLETED]]


class MayFlagForReconnect(Guard):
    rule = COURSE_ENROLMENTS[CourseEnrolmentAction.FLAG_FOR_RECONNECT]


class MayTransitionCourseEnrolments(Guard):
    rule = COURSE_ENROLMENTS[CourseEnrolmentAction.TRANSITION]


class MayAddUnitEnrolments(Guard):
    rule = COURSE_ENROLMENTS[CourseEnrolmentAction.ADD_UNITS]


class MayUpdateUnitEnrolments(Guard):
    rule = UNIT_ENROLMENTS[UnitEnrolmentAction.UPDATE]


class MayReportUnitEnrolments(Guard):
    rule = UNIT_ENROLMENTS[UnitEnrolmentAction.REPORT]


class MayRequestSurveys(Guard):
    rule = COURSE_ENROLMENTS[CourseEnrolmentAction.REQUEST_SURVEY]


class MayRecordSurveyAnswers(Guard):
    rule = SURVEYS[SurveyAction.RECORD_ANSWERS]
