"""Mutations on surveys."""

from typing import Any

from portal_api.domain.inputs import LONGEST_REFERENCE, text_reasons
from portal_api.permissions.course_enrolments import MayRecordSurveyAnswers, MayRequestSurveys
from portal_api.planner.execution import Completed
from portal_api.resolvers.changes import Selected, against_twice, change, text_given
from portal_api.resolvers.planned import PortalInfo
from portal_api.services.courses import surveys as survey_services
from portal_api.work import Answer, Work


async def request_surveys(info: PortalInfo, given: Any) -> Completed:
    """Answers `requestSurveys`."""

    selected = Selected.of_ids("cen", given)

    async def body(work: Work) -> Answer:
        return await survey_services.request_surveys(work, selected.ids, expected=selected.expected)

    return await change(info, MayRequestSurveys, given, selected, body)


async def record_survey_answers(info: PortalInfo, given: Any) -> Completed:
    """Answers `recordSurveyAnswers`."""

    selected = Selected.of_named("svy", given, "answers", "survey_id")
    refs = {id_: text_given(row.answers_ref) for id_, row in zip(selected.ids, given.answers, strict=True)}
    wrong = [
        *against_twice(selected.ids, "answers", name="surveyId"),
        *(
            reason
            for place, row in enumerate(given.answers)
            for reason in text_reasons(
                row.answers_ref, "answers", str(place), "answersRef", longest=LONGEST_REFERENCE, least=1
            )
        ),
    ]

    async def body(work: Work) -> Answer:
        return await survey_services.record_answers(work, selected.ids, refs, expected=selected.expected)

    return await change(info, MayRecordSurveyAnswers, given, selected, body, refusals=wrong)
