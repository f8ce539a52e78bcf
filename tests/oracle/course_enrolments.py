"""Enrolments in courses, their units and surveys, in plain Python."""

from collections.abc import Mapping
from typing import Any

from portal_api import models
from portal_api.domain.courses.enrolments import COURSE_ENROLMENTS, CourseEnrolmentFacts
from portal_api.domain.courses.needs import EnrolmentState, UnitState, checklist, needs_of
from portal_api.domain.courses.statuses import reported_by
from portal_api.domain.courses.surveys import SURVEYS, SurveyFacts, SurveyStatus
from portal_api.domain.courses.unit_enrolments import UNIT_ENROLMENTS, UnitEnrolmentFacts, status_of
from portal_api.domain.credentials import CredentialStatus
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.roles import Role
from portal_api.ids import global_id
from tests.oracle import learners
from tests.oracle.engine import Asking, Noun, owned, reporting, searching
from tests.oracle.groups import in_group
from tests.oracle.rows import Row, wire
from tests.oracle.series_times import of
from tests.oracle.stages import course_of, has_reconnect_stage, latest_end, stage, units_of

FAR_DAY = "9999-12-30"


def _is_machine(asking: Asking) -> bool:
    return asking.viewer.role is Role.INTEGRATION


def _learner(asking: Asking, row: Row) -> Row:
    return of(asking, "Learner", row.learner_id)


def _is_active(asking: Asking, row: Row) -> bool:
    return _learner(asking, row).status is LearnerStatus.ACTIVE


def _stands(asking: Asking, type_: str, row: Row, status: Any) -> bool:
    """Whether something that hangs on an enrolment has a status."""
    return any(each.course_enrolment_id == row.id and each.status is status for each in asking.rows[type_])


def _state(asking: Asking, row: Row) -> EnrolmentState:
    learner, offer = _learner(asking, row), of(asking, "CourseOffer", row.course_offer_id)
    return EnrolmentState(
        status=row.status,
        units=[
            UnitState(global_id("uen", each.id), each.starts_on, each.ends_on, each.outcome, each.actual_hours)
            for each in units_of(asking, row)
        ],
        has_reason=row.status_reason_id is not None,
        is_finalised=row.finalised_at is not None,
        wants_commitment=offer.needs_commitment and row.commitment_ref is None,
        has_student_identifier=learner.student_identifier is not None,
        survey_is_answered=_stands(asking, "Survey", row, SurveyStatus.ANSWERED),
        credential_is_issued=_stands(asking, "Credential", row, CredentialStatus.ISSUED),
        has_app_access=learner.has_app_access,
        learner_is_active=learner.status is LearnerStatus.ACTIVE,
    )


def _needs(asking: Asking, row: Row) -> Any:
    return needs_of(_state(asking, row), stage(asking, row)) if asking.is_administrator else None


def _checklist(asking: Asking, row: Row) -> Any:
    return checklist(_state(asking, row)) if asking.is_administrator else None


def _actions(asking: Asking, row: Row) -> Any:
    facts = CourseEnrolmentFacts(
        row.status,
        learner_is_active=_is_active(asking, row),
        finalised_on=row.finalised_on,
        is_reconnecting=has_reconnect_stage(asking),
        is_superseded=course_of(asking, row).superseded_by is not None,
    )
    return COURSE_ENROLMENTS.actions(asking.viewer.role, facts)


def _unit_actions(asking: Asking, row: Row) -> Any:
    facts = UnitEnrolmentFacts(
        status_of(row.outcome),
        learner_is_active=_is_active(asking, row),
        is_taught=asking.trains(row.course_offer_id),
        is_own_record=row.learner_id == asking.viewer.learner_id,
        finalised_on=of(asking, "CourseEnrolment", row.course_enrolment_id).finalised_on,
        is_reported=row.reported_at is not None,
    )
    return UNIT_ENROLMENTS.actions(asking.viewer.role, facts)


def _survey_actions(asking: Asking, row: Row) -> Any:
    return SURVEYS.actions(asking.viewer.role, SurveyFacts(row.status, _is_active(asking, row)))


def _or_last(name: str) -> Any:
    return lambda row: wire(getattr(row, name)) or FAR_DAY


def _seen(type_: str, column: str) -> Any:
    return lambda asking, row: asking.record(type_, getattr(row, column))


HISTORY: Mapping[str, Any] = {"history": ("HistoryEntry", owned("subject_id"))}
COURSE_ENROLMENT = Noun(
    "CourseEnrolment",
    "cen",
    sees=lambda asking, row: _is_machine(asking) or asking.knows(row.learner_id) or asking.trains(row.course_offer_id),
    tables={"CourseEnrolment": models.course_enrolments, "Credential": models.credentials},
    root="courseEnrolment",
    root_list="courseEnrolments",
    fields={
        "commitmentId": lambda _, row: row.commitment_ref,
        "cancelledCommitmentId": lambda _, row: row.cancelled_commitment_ref,
        "transitionedTo": _seen("Course", "transitioned_to"),
        "statusReason": _seen("StatusReason", "status_reason_id"),
        "learner": _seen("Learner", "learner_id"),
        "courseOffer": _seen("CourseOffer", "course_offer_id"),
        "latestEndOn": latest_end,
        "trainingOrganisationOutcome": lambda _, row: reported_by(row.status),
        "stage": stage,
        "needs": _needs,
        "checklist": _checklist,
        "actions": _actions,
    },
    lists={
        "units": ("UnitEnrolment", owned("course_enrolment_id")),
        "surveys": ("Survey", owned("course_enrolment_id")),
        "credentials": ("Credential", owned("course_enrolment_id")),
        **HISTORY,
    },
    keys={
        "id": "cen",
        "learnerId": "lrn",
        "courseOfferId": "off",
        "courseId": "crs",
        "statusReasonId": "srn",
        "groupId": "grp",
    },
    compared={
        "learnerId": lambda _, row: row.learner_id,
        "courseOfferId": lambda _, row: row.course_offer_id,
        "courseId": lambda asking, row: course_of(asking, row).id,
        "statusReasonId": lambda _, row: row.status_reason_id,
    },
    conditions={
        "groupId": in_group(lambda row: row.learner_id),
        "reportsTo": reporting(lambda row: row.learner_id),
        "search": searching(lambda asking, row: learners.texts(asking, _learner(asking, row))),
    },
    orders={
        "ENROLLED_AT": lambda row: wire(row.enrolled_at),
        **{name: _or_last(name.lower()) for name in ("STARTS_ON", "RETURNS_ON", "FINALISED_ON", "RECONNECT_ON")},
    },
    orders_asking={"LATEST_END_ON": lambda asking, row: wire(latest_end(asking, row)) or FAR_DAY},
    for_integration=frozenset({"id", "externalRef", "status"}),
    closed_to_trainers=frozenset({"reportsTo"}),
)
UNIT_ENROLMENT = Noun(
    "UnitEnrolment",
    "uen",
    sees=lambda asking, row: asking.knows(row.learner_id) or asking.trains(row.course_offer_id),
    tables={"UnitEnrolment": models.unit_enrolments},
    root="unitEnrolment",
    root_list="unitEnrolments",
    fields={
        "courseEnrolment": _seen("CourseEnrolment", "course_enrolment_id"),
        "learner": _seen("Learner", "learner_id"),
        "unit": _seen("Unit", "unit_id"),
        "outcome": lambda _, row: row.outcome and row.outcome.value,
        "trainingOrganisationOutcome": lambda asking, row: reported_by(
            of(asking, "CourseEnrolment", row.course_enrolment_id).status
        ),
        "actions": _unit_actions,
    },
    lists=HISTORY,
    keys={"id": "uen", "courseEnrolmentId": "cen", "courseOfferId": "off", "learnerId": "lrn", "unitId": "unt"},
    orders={name: _or_last(name.lower()) for name in ("STARTS_ON", "ENDS_ON")},
)
SURVEY = Noun(
    "Survey",
    "svy",
    sees=lambda asking, row: _is_machine(asking) or asking.knows(row.learner_id),
    tables={"Survey": models.surveys},
    root_list="surveys",
    fields={
        "courseEnrolment": _seen("CourseEnrolment", "course_enrolment_id"),
        "learner": _seen("Learner", "learner_id"),
        "actions": _survey_actions,
    },
    lists=HISTORY,
    keys={"id": "svy", "courseEnrolmentId": "cen", "learnerId": "lrn"},
    orders={"REQUESTED_AT": lambda row: wire(row.requested_at)},
    for_integration=frozenset({"id", "status"}),
)
NOUNS = (COURSE_ENROLMENT, UNIT_ENROLMENT, SURVEY)
