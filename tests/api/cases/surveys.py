"""The mutations of surveys on completion of a course."""

from portal_api.domain.courses.statuses import CourseEnrolmentStatus
from portal_api.domain.courses.surveys import SurveyStatus
from portal_api.domain.history import HistoryAction, SubjectKind
from tests.api.cases.shapes import ADMINISTRATORS, RECORDERS, CallCase, MutationCase
from tests.client import Json
from tests.factories import Organisation

S = CourseEnrolmentStatus


def _answered(made: Organisation, status: SurveyStatus) -> Json:
    survey = made.survey(made.course_enrolment(made.learner(), status=S.COMPLETED), status)
    return {"answers": [{"surveyId": survey.gid, "answersRef": "answers-7"}]}


MUTATIONS: tuple[MutationCase | CallCase, ...] = (
    CallCase(
        mutation="requestSurveys",
        roles=ADMINISTRATORS,
        changes=lambda made: {"ids": [made.course_enrolment(made.learner(), status=S.COMPLETED).gid]},
        refuses=lambda made: {"ids": [made.course_enrolment(made.learner()).gid]},
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.SURVEY_REQUESTED,
        subject=SubjectKind.SURVEY,
        moves=(None, "REQUESTED"),
    ),
    CallCase(
        mutation="recordSurveyAnswers",
        roles=RECORDERS,
        changes=lambda made: _answered(made, SurveyStatus.REQUESTED),
        refuses=lambda made: _answered(made, SurveyStatus.ANSWERED),
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.SURVEY_ANSWERED,
        subject=SubjectKind.SURVEY,
        moves=("REQUESTED", "ANSWERED"),
    ),
)
