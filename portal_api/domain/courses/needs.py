"""What an enrolment still needs: one table of needs, read as those of its stage and as the checklist of its end (S2, S4)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal_api.domain.courses.outcomes import CREDENTIALLED, FINAL, Outcome
from portal_api.domain.courses.stages import LifecycleStage
from portal_api.domain.courses.statuses import COMPLETIONS, NOT_COMPLETED, CourseEnrolmentStatus


class Need(StrEnum):
    """Something that an enrolment still needs."""

    DECISION = "decision"
    COMMITMENT = "commitment"
    STUDENT_IDENTIFIER = "student_identifier"
    START = "start"
    END = "end"
    OUTCOME = "outcome"
    HOURS = "hours"
    RETURN = "return"
    STATUS = "status"
    STATUS_REASON = "status_reason"
    FINALISE = "finalise"
    SURVEY = "survey"
    CREDENTIAL = "credential"
    APP_ACCESS_OFF = "app_access_off"
    LEARNER_INACTIVE = "learner_inactive"
    RECONNECT = "reconnect"


class ChecklistStep(StrEnum):
    """A step on the way to the reportable end of an enrolment, in the article's order (S2 How To Finalise a Learner)."""

    STATUS_AND_REASON = "status_and_reason"
    OUTCOMES = "outcomes"
    DATES_AND_HOURS = "dates_and_hours"
    REPORTING_FIELDS = "reporting_fields"
    SURVEY = "survey"
    CREDENTIAL = "credential"
    FINAL_STATUS = "final_status"
    APP_ACCESS_OFF = "app_access_off"
    LEARNER_INACTIVE = "learner_inactive"


class StepState(StrEnum):
    """How a step stands."""

    DONE = "done"
    OPEN = "open"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True)
class UnitState:
    """A unit of an enrolment, as far as needs go."""

    id: str
    starts_on: date | None
    ends_on: date | None
    outcome: Outcome | None
    actual_hours: int | None


@dataclass(frozen=True, slots=True)
class EnrolmentState:
    """An enrolment and what hangs on it, as far as needs go."""

    status: CourseEnrolmentStatus
    units: Sequence[UnitState]
    has_reason: bool
    is_finalised: bool
    wants_commitment: bool
    """Whether its offer is reported with a commitment that the enrolment does not have."""
    has_student_identifier: bool
    survey_is_answered: bool
    credential_is_issued: bool
    has_app_access: bool
    learner_is_active: bool


@dataclass(frozen=True, slots=True)
class OpenNeed:
    """A need that is not met: of the enrolment as a whole, or of one of its units."""

    need: Need
    unit_enrolment_id: str | None = None


@dataclass(frozen=True, slots=True)
class ChecklistEntry:
    """A step of the checklist: how it stands, and what is missing."""

    step: ChecklistStep
    state: StepState
    missing: tuple[OpenNeed, ...] = ()


_S = CourseEnrolmentStatus
_LEFT = NOT_COMPLETED | {_S.DEFERRED}
_TO_BE_SET_FIRST = NOT_COMPLETED | COMPLETIONS | {_S.DEFERRED}
"""The statuses of which one is set before anything else (S2 Finalise Course Enrolment)."""


def _is_settled(state: EnrolmentState, unit: UnitState) -> bool:
    """Whether the unit's outcome is one that the enrolment can end with."""
    return unit.outcome in FINAL or (unit.outcome is Outcome.NOT_COMMENCED and state.status in _LEFT)


def _is_reported(unit: UnitState) -> bool:
    """Whether a unit goes out in a report; one that never began does not (a reading)."""
    return unit.outcome is not Outcome.NOT_COMMENCED


def _each(lacks: Callable[[EnrolmentState, UnitState], bool]) -> Callable[[EnrolmentState], Iterator[str | None]]:
    """A need of each unit that lacks something."""
    return lambda state: (unit.id for unit in state.units if lacks(state, unit))


def _whole(lacks: Callable[[EnrolmentState], bool]) -> Callable[[EnrolmentState], Iterator[str | None]]:
    """A need of the enrolment as a whole."""
    return lambda state: iter([None] if lacks(state) else [])


_LACKING: Mapping[Need, Callable[[EnrolmentState], Iterator[str | None]]] = {
    Need.DECISION: _whole(lambda state: state.status in (_S.ENQUIRY, _S.PENDING)),
    Need.COMMITMENT: _whole(lambda state: state.wants_commitment),
    Need.STUDENT_IDENTIFIER: _whole(lambda state: not state.has_student_identifier),
    Need.START: _each(lambda _, unit: unit.starts_on is None),
    Need.END: _each(lambda _, unit: unit.ends_on is None),
    Need.OUTCOME: _each(lambda state, unit: not _is_settled(state, unit)),
    Need.HOURS: _each(lambda _, unit: unit.outcome is Outcome.WITHDRAWN and unit.actual_hours is None),
    Need.RETURN: _whole(lambda state: state.status is _S.DEFERRED),
    Need.STATUS: _whole(lambda state: state.status not in _TO_BE_SET_FIRST),
    Need.STATUS_REASON: _whole(lambda state: not state.has_reason),
    Need.FINALISE: _whole(lambda state: not state.is_finalised),
    Need.SURVEY: _whole(lambda state: state.status in COMPLETIONS and not state.survey_is_answered),
    Need.CREDENTIAL: _whole(lambda state: _earns_credential(state) and not state.credential_is_issued),
    Need.APP_ACCESS_OFF: _whole(lambda state: state.has_app_access),
    Need.LEARNER_INACTIVE: _whole(lambda state: state.learner_is_active),
    Need.RECONNECT: _whole(lambda _: True),
}
"""Where each need is not met: a unit, or None for the enrolment as a whole."""

NEEDS: Mapping[LifecycleStage, tuple[Need, ...]] = {
    LifecycleStage.SALES: (Need.DECISION, Need.STUDENT_IDENTIFIER, Need.COMMITMENT),
    LifecycleStage.PROGRESSION: (
        Need.STUDENT_IDENTIFIER,
        Need.COMMITMENT,
        Need.START,
        Need.END,
        Need.OUTCOME,
        Need.RETURN,
    ),
    LifecycleStage.COMPLETION: (
        Need.STATUS_REASON,
        Need.OUTCOME,
        Need.END,
        Need.HOURS,
        Need.STUDENT_IDENTIFIER,
        Need.COMMITMENT,
        Need.SURVEY,
        Need.CREDENTIAL,
        Need.FINALISE,
    ),
    LifecycleStage.RECONNECT: (Need.RECONNECT,),
}
"""What is looked at in each stage (S4, stage by stage; what exactly is a reading)."""

_CHECKLIST: Mapping[ChecklistStep, tuple[Need, ...]] = {
    ChecklistStep.STATUS_AND_REASON: (Need.STATUS, Need.STATUS_REASON),
    ChecklistStep.OUTCOMES: (Need.OUTCOME,),
    ChecklistStep.DATES_AND_HOURS: (Need.START, Need.END, Need.HOURS),
    ChecklistStep.REPORTING_FIELDS: (
        Need.STUDENT_IDENTIFIER,
        Need.COMMITMENT,
        Need.START,
        Need.END,
        Need.OUTCOME,
        Need.HOURS,
    ),
    ChecklistStep.SURVEY: (Need.SURVEY,),
    ChecklistStep.CREDENTIAL: (Need.CREDENTIAL,),
    ChecklistStep.FINAL_STATUS: (Need.FINALISE,),
    ChecklistStep.APP_ACCESS_OFF: (Need.APP_ACCESS_OFF,),
    ChecklistStep.LEARNER_INACTIVE: (Need.LEARNER_INACTIVE,),
}


def _earns_credential(state: EnrolmentState) -> bool:
    return any(unit.outcome in CREDENTIALLED for unit in state.units)


_APPLIES: Mapping[ChecklistStep, Callable[[EnrolmentState], bool]] = {
    ChecklistStep.SURVEY: lambda state: state.status in COMPLETIONS,
    ChecklistStep.CREDENTIAL: _earns_credential,
    ChecklistStep.FINAL_STATUS: lambda state: state.status is not _S.DEFERRED,
}
"""Steps that not every enrolment has."""


def open_needs(state: EnrolmentState, needs: Sequence[Need]) -> tuple[OpenNeed, ...]:
    """Those of some needs that are not met, in their order; of units in theirs."""
    return tuple(OpenNeed(need, unit) for need in needs for unit in _LACKING[need](state))


def needs_of(state: EnrolmentState, stage: LifecycleStage | None) -> tuple[OpenNeed, ...]:
    """What an enrolment needs in the stage in which it stands; one that was declined needs nothing."""
    return open_needs(state, NEEDS[stage]) if stage else ()


def checklist(state: EnrolmentState) -> tuple[ChecklistEntry, ...]:
    """Every step to the reportable end of an enrolment: done, open or not needed, with what is missing (S2).

    What never began is in no report: of the reporting fields, such a unit lacks none.
    """
    return tuple(_entry(state, step) for step in ChecklistStep)


def _entry(state: EnrolmentState, step: ChecklistStep) -> ChecklistEntry:
    if not _APPLIES.get(step, lambda _: True)(state) or state.status is _S.DECLINED:
        return ChecklistEntry(step, StepState.NOT_NEEDED)
    missing = open_needs(state, _CHECKLIST[step])
    if step is ChecklistStep.REPORTING_FIELDS:
        silent = {unit.id for unit in state.units if not _is_reported(unit)}
        missing = tuple(each for each in missing if each.unit_enrolment_id not in silent)
    return ChecklistEntry(step, StepState.OPEN if missing else StepState.DONE, missing)
