"""What can be done about surveys on completion of a course."""

import strawberry

from portal_api import resolvers
from portal_api.permissions import course_enrolments as permissions
from portal_api.schema.changes import ChangeInput, ExpectedVersion, ManyInput, Payload, Result, changing
from portal_api.schema.surveys import Survey


@strawberry.input(description="Completed course enrolments whose learners are to be asked for a survey.")
class RequestSurveysInput(ChangeInput):
    pass


@strawberry.input(description="A survey that was answered.")
class SurveyAnswersInput:
    survey_id: strawberry.ID = strawberry.field(description="The survey.")
    answers_ref: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="What the survey system knows the answers by, up to 100 characters.",
    )


@strawberry.input(description="Surveys that were answered.")
class RecordSurveyAnswersInput(ManyInput):
    answers: list[SurveyAnswersInput] = strawberry.field(description="The surveys, 1 to 1,000; each once.")
    expected_versions: list[ExpectedVersion] | None = strawberry.field(
        default=strawberry.UNSET, description="Refuse the surveys that are at another version than the caller read."
    )


@strawberry.type(description="What happened to one survey.")
class SurveyResult(Result[Survey]):
    pass


@strawberry.type(description="The answer to a request; a row names its enrolment, and its node is the survey.")
class RequestSurveysPayload(Payload[SurveyResult]):
    pass


@strawberry.type(description="The answer to surveys that were answered.")
class RecordSurveyAnswersPayload(Payload[SurveyResult]):
    pass


@strawberry.type
class SurveyMutations:
    request_surveys: RequestSurveysPayload | None = changing(
        resolvers.surveys.request_surveys,
        permissions.MayRequestSurveys,
        RequestSurveysInput,
        RequestSurveysPayload,
        "Ask for a survey on completed course enrolments; what was asked for before is not asked for again.",
    )
    record_survey_answers: RecordSurveyAnswersPayload | None = changing(
        resolvers.surveys.record_survey_answers,
        permissions.MayRecordSurveyAnswers,
        RecordSurveyAnswersInput,
        RecordSurveyAnswersPayload,
        "Record that surveys were answered, and what the survey system knows the answers by.",
    )
