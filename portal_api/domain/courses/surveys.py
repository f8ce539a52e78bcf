"""Surveys: what a learner is asked on completion of a course (S2, the paragraph on surveys; statuses are readings)."""

from dataclasses import dataclass
from enum import StrEnum

from portal_api.domain.machine import Cell, Rule, StatusMeaning, Table
from portal_api.domain.roles import Role


class SurveyStatus(StrEnum):
    """Whether a survey has been answered."""

    REQUESTED = "requested"
    ANSWERED = "answered"


class SurveyAction(StrEnum):
    """What can be done to a survey."""

    RECORD_ANSWERS = "record_answers"


@dataclass(frozen=True, slots=True)
class SurveyFacts:
    """What decides over a survey."""

    status: SurveyStatus
    learner_is_active: bool = True


SURVEYS = Table[SurveyStatus, SurveyAction, SurveyFacts](
    kind="survey",
    statuses={
        SurveyStatus.REQUESTED: StatusMeaning("Requested", "Awaits the learner's answers."),
        SurveyStatus.ANSWERED: StatusMeaning("Answered", "The answers are in the survey system.", is_ended=True),
    },
    rules=(
        Rule(
            SurveyAction.RECORD_ANSWERS,
            "Recording answers",
            (Role.OWNER, Role.ADMIN, Role.INTEGRATION),
            {SurveyStatus.REQUESTED: Cell("reading", to=SurveyStatus.ANSWERED, is_reading=True)},
        ),
    ),
)
