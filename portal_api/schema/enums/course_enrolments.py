"""Statuses, actions, stages and needs of course enrolments, and what can be done to their units and surveys."""

from portal_api.domain.courses.enrolments import COURSE_ENROLMENTS
from portal_api.domain.courses.finalising import ClosingCredential
from portal_api.domain.courses.inactivity import InactivityReason
from portal_api.domain.courses.needs import ChecklistStep, Need, StepState
from portal_api.domain.courses.stages import LifecycleStage, ReconnectPurpose
from portal_api.domain.courses.statuses import (
    CourseEnrolmentAction,
    CourseEnrolmentStatus,
    TrainingOrganisationOutcome,
)
from portal_api.domain.courses.surveys import SURVEYS, SurveyAction, SurveyStatus
from portal_api.domain.courses.unit_enrolments import UnitEnrolmentAction
from portal_api.schema.enums.describing import described

described(
    CourseEnrolmentStatus,
    "Where an enrolment in a course stands.",
    {status: meaning.description for status, meaning in COURSE_ENROLMENTS.statuses.items()},
)

described(
    CourseEnrolmentAction,
    "What can be done to an enrolment in a course.",
    {
        CourseEnrolmentAction.FINALISE_AS_COMPLETED: "Finalise it as completed.",
        CourseEnrolmentAction.FINALISE_AS_COMPLETION_PENDING: "Finalise it as completed, with paperwork open.",
        CourseEnrolmentAction.FINALISE_AS_WITHDRAWN: "Finalise it as withdrawn.",
        CourseEnrolmentAction.FINALISE_AS_CANCELLED_NO_PENALTY: "Finalise it as cancelled free of charge.",
        CourseEnrolmentAction.FINALISE_AS_CANCELLED_PENALTY: "Finalise it as cancelled at a charge.",
        CourseEnrolmentAction.FINALISE_AS_PARTIAL_ATTENDANCE: "Finalise it as attended in part.",
        CourseEnrolmentAction.FINALISE_AS_DEFERRED: "Defer it until the learner returns.",
        CourseEnrolmentAction.SET_STATUS: "Set its status and reason, and nothing else.",
        CourseEnrolmentAction.UPDATE: "Change its reference, commitment or dates.",
        CourseEnrolmentAction.ADD_UNITS: "Add units to it.",
        CourseEnrolmentAction.REQUEST_SURVEY: "Ask the learner for a survey.",
        CourseEnrolmentAction.FLAG_FOR_RECONNECT: "Flag it to be come back to, or take the flag away.",
        CourseEnrolmentAction.TRANSITION: "Move it on to the qualification that supersedes its own.",
    },
)

described(
    ClosingCredential,
    "What becomes of the credential with a finalisation.",
    {
        ClosingCredential.REQUEST: "It is requested, to be issued by itself.",
        ClosingCredential.ISSUE: "It is issued at once, under a register number.",
    },
)

described(
    TrainingOrganisationOutcome,
    "What the training organisation reports beside the national outcome: worked out from the status, never typed.",
    {
        TrainingOrganisationOutcome.TNC: "Training not completed.",
        TrainingOrganisationOutcome.D: "Deferral.",
    },
)

described(
    UnitEnrolmentAction,
    "What can be done to a unit of an enrolment.",
    {
        UnitEnrolmentAction.UPDATE: "Record its outcome, dates and hours.",
        UnitEnrolmentAction.SET_PROGRAM: "Change the program that it is reported under.",
        UnitEnrolmentAction.REPORT: "Mark it as reported.",
    },
)

described(
    SurveyStatus,
    "Whether a survey has been answered.",
    {status: meaning.description for status, meaning in SURVEYS.statuses.items()},
)

described(
    SurveyAction,
    "What can be done to a survey.",
    {SurveyAction.RECORD_ANSWERS: "Record that it was answered, and where the answers are."},
)

described(
    InactivityReason,
    "Why a course enrolment is inactive.",
    {
        InactivityReason.STATUS: "Its status has ended it, whatever its days.",
        InactivityReason.PAST_END: "The day with which it ends is over.",
    },
)

described(
    LifecycleStage,
    "The stages of a learner's lifecycle: worked out from an enrolment, never typed.",
    {
        LifecycleStage.SALES: "Yet to be enrolled: an enquiry or application.",
        LifecycleStage.PROGRESSION: "In training, or pausing.",
        LifecycleStage.COMPLETION: "Trained or ended: to be finalised, certified and wrapped up.",
        LifecycleStage.RECONNECT: "Wrapped up, and to be come back to.",
    },
)

described(
    ReconnectPurpose,
    "What somebody is to be come back to for.",
    {
        ReconnectPurpose.RENEWAL: "The course is to be renewed.",
        ReconnectPurpose.OTHER_QUALIFICATION: "Another qualification.",
        ReconnectPurpose.MARKETING: "Marketing.",
    },
)

described(
    Need,
    "Something that an enrolment still needs.",
    {
        Need.DECISION: "A decision over the enquiry or application.",
        Need.COMMITMENT: "A commitment: its offer is reported with one.",
        Need.STUDENT_IDENTIFIER: "The learner's student identifier, or the word that stands for none.",
        Need.START: "The start of a unit.",
        Need.END: "The end of a unit.",
        Need.OUTCOME: "A final outcome of a unit.",
        Need.HOURS: "The hours attended of a unit that was left.",
        Need.RETURN: "The return of a learner who has deferred.",
        Need.STATUS: "A status with which it can end.",
        Need.STATUS_REASON: "A reason for the status.",
        Need.FINALISE: "To be finalised.",
        Need.SURVEY: "An answered survey.",
        Need.CREDENTIAL: "An issued credential.",
        Need.APP_ACCESS_OFF: "The learner's app access to be switched off.",
        Need.LEARNER_INACTIVE: "The learner to be set inactive.",
        Need.RECONNECT: "To be come back to.",
    },
)

described(
    ChecklistStep,
    "A step on the way to the reportable end of an enrolment.",
    {
        ChecklistStep.STATUS_AND_REASON: "Status and reason, first of all.",
        ChecklistStep.OUTCOMES: "The outcome of each unit.",
        ChecklistStep.DATES_AND_HOURS: "Start and end of each unit; hours of those that were left.",
        ChecklistStep.REPORTING_FIELDS: "What a report to the government wants.",
        ChecklistStep.SURVEY: "The survey on completion.",
        ChecklistStep.CREDENTIAL: "The credential, where one is earned.",
        ChecklistStep.FINAL_STATUS: "The final status.",
        ChecklistStep.APP_ACCESS_OFF: "App access and eLearning switched off.",
        ChecklistStep.LEARNER_INACTIVE: "The learner set inactive.",
    },
)

described(
    StepState,
    "How a step of the checklist stands.",
    {
        StepState.DONE: "Done.",
        StepState.OPEN: "Open.",
        StepState.NOT_NEEDED: "Not needed.",
    },
)
