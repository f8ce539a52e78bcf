"""Course enrolments, their units and surveys: what each field reads, and what can be asked of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, literal, select

from portal_api.domain.courses.enrolments import COURSE_ENROLMENTS, CourseEnrolmentFacts
from portal_api.domain.courses.needs import ChecklistEntry, OpenNeed, checklist, needs_of
from portal_api.domain.courses.outcomes import Outcome
from portal_api.domain.courses.stages import LifecycleStage
from portal_api.domain.courses.statuses import (
    CourseEnrolmentAction,
    CourseEnrolmentStatus,
    TrainingOrganisationOutcome,
    reported_by,
)
from portal_api.domain.courses.surveys import SURVEYS, SurveyAction, SurveyFacts, SurveyStatus
from portal_api.domain.courses.unit_enrolments import (
    UNIT_ENROLMENTS,
    UnitEnrolmentAction,
    UnitEnrolmentFacts,
    status_of,
)
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.machine import ActionState
from portal_api.domain.roles import ADMINISTRATORS, Role
from portal_api.models import (
    course_enrolments,
    course_offers,
    courses,
    credentials,
    history_entries,
    learners,
    status_reasons,
    surveys,
    unit_enrolments,
    units,
)
from portal_api.planner.declare import Column, Connection, Derived, Key, Source, ToOne
from portal_api.planner.filters import Binder, Comparison, Search, Shape, Target
from portal_api.queries import scope
from portal_api.queries.courses import states
from portal_api.queries.courses.found import is_own_record, is_taught
from portal_api.queries.courses.stages import IS_RECONNECTING, LATEST_END, STAGE, Stages
from portal_api.queries.folding import fold
from portal_api.queries.groups import InGroup
from portal_api.queries.learners import ReportsTo, has_word
from portal_api.queries.ordering import AsSorted, or_last

_offer, _course, _superseding = (
    course_offers.alias("taken_offer"),
    courses.alias("taken_course"),
    courses.alias("newer"),
)


_IS_SUPERSEDED = (
    select(_superseding.c.id)
    .where(
        _offer.c.organisation_id == course_enrolments.c.organisation_id,
        _offer.c.id == course_enrolments.c.course_offer_id,
        _course.c.organisation_id == _offer.c.organisation_id,
        _course.c.id == _offer.c.course_id,
        _superseding.c.organisation_id == _course.c.organisation_id,
        _superseding.c.id == _course.c.superseded_by,
    )
    .correlate(course_enrolments)
    .exists()
)


def _actions(
    role: str,
    status: CourseEnrolmentStatus,
    learner_status: LearnerStatus,
    finalised_on: date | None,
    is_reconnecting: bool,
    is_superseded: bool,
) -> tuple[ActionState[CourseEnrolmentAction], ...]:
    facts = CourseEnrolmentFacts(
        status,
        learner_is_active=learner_status is LearnerStatus.ACTIVE,
        finalised_on=finalised_on,
        is_reconnecting=is_reconnecting,
        is_superseded=is_superseded,
    )
    return COURSE_ENROLMENTS.actions(Role(role), facts)


def _reported(_role: str, status: CourseEnrolmentStatus) -> TrainingOrganisationOutcome | None:
    return reported_by(status)


def _needs(role: str, stage: LifecycleStage | None, *state: Any) -> tuple[OpenNeed, ...] | None:
    return needs_of(states.state_of(*state), stage) if Role(role) in ADMINISTRATORS else None


def _checklist(role: str, *state: Any) -> tuple[ChecklistEntry, ...] | None:
    return checklist(states.state_of(*state)) if Role(role) in ADMINISTRATORS else None


def _learner_matches(pattern: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether the learner enrolled has a word, among what the viewer sees of the learner."""
    found = select(learners.c.id).where(learners.c.organisation_id == scope.ORGANISATION, has_word(pattern))
    return course_enrolments.c.learner_id.in_(found.correlate(None))


@dataclass(frozen=True, slots=True)
class OfCourse:
    """Enrolments by the course of their offer: `eq in notIn`; by a course that is not seen it finds nothing."""

    def parse(self, value: Any) -> tuple[Shape, Mapping[str, Any]]:
        return Comparison(course_offers.c.course_id, "crs").parse(value)

    def where(self, shape: Shape, bind: Binder) -> ColumnElement[bool]:
        return and_(literal(value=True), *(self._condition(name, bind) for name, _ in shape))

    @staticmethod
    def _condition(name: str, bind: Binder) -> ColumnElement[bool]:
        course_id = course_offers.c.course_id
        fits = course_id == bind(name, course_id.type) if name == "eq" else bind.one_of(course_id, name)
        seen = course_id.in_(select(courses.c.id).where(scope.COURSES).correlate(None))
        offered = select(course_offers.c.id).where(course_offers.c.organisation_id == scope.ORGANISATION, fits, seen)
        found = course_enrolments.c.course_offer_id.in_(offered.correlate(None))
        return ~found if name == "notIn" else found


COURSE_ENROLMENT = Source(
    type="CourseEnrolment",
    prefix="cen",
    table=course_enrolments,
    scope=scope.COURSE_ENROLMENTS,
    ways=scope.COURSE_ENROLMENT_WAYS,
    fields={
        "id": Key(),
        "externalRef": Column(course_enrolments.c.external_ref),
        "status": Column(course_enrolments.c.status),
        "statusReason": ToOne("StatusReason", course_enrolments.c.status_reason_id),
        "learner": ToOne("Learner", course_enrolments.c.learner_id),
        "courseOffer": ToOne("CourseOffer", course_enrolments.c.course_offer_id),
        "commitmentId": Column(course_enrolments.c.commitment_ref),
        "cancelledCommitmentId": Column(course_enrolments.c.cancelled_commitment_ref),
        "transitionedTo": ToOne("Course", course_enrolments.c.transitioned_to),
        "startsOn": Column(course_enrolments.c.starts_on),
        "endsOn": Column(course_enrolments.c.ends_on),
        "latestEndOn": Column(LATEST_END, is_nullable=True),
        "enrolledAt": Column(course_enrolments.c.enrolled_at),
        "deferredOn": Column(course_enrolments.c.deferred_on),
        "returnsOn": Column(course_enrolments.c.returns_on),
        "finalisedOn": Column(course_enrolments.c.finalised_on),
        "finalisedAt": Column(course_enrolments.c.finalised_at),
        "trainingOrganisationOutcome": Derived((course_enrolments.c.status,), _reported),
        "reconnectFor": Column(course_enrolments.c.reconnect_for),
        "reconnectOn": Column(course_enrolments.c.reconnect_on),
        "stage": Column(STAGE, is_nullable=True),
        "needs": Derived((STAGE, *states.COLUMNS), _needs, is_kept=False),
        "checklist": Derived(states.COLUMNS, _checklist, is_kept=False),
        "units": Connection("UnitEnrolment", unit_enrolments.c.course_enrolment_id),
        "surveys": Connection("Survey", surveys.c.course_enrolment_id),
        "credentials": Connection("Credential", credentials.c.course_enrolment_id),
        "version": Column(course_enrolments.c.version),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
        "actions": Derived(
            (
                course_enrolments.c.status,
                states.LEARNER_STATUS,
                course_enrolments.c.finalised_on,
                IS_RECONNECTING,
                _IS_SUPERSEDED,
            ),
            _actions,
        ),
    },
    filters={
        "id": Comparison(course_enrolments.c.id, "cen"),
        "externalRef": Comparison(course_enrolments.c.external_ref),
        "learnerId": Comparison(course_enrolments.c.learner_id, "lrn"),
        "courseOfferId": Comparison(
            course_enrolments.c.course_offer_id, "off", Target(course_offers.c.id, scope.COURSE_OFFERS)
        ),
        "courseId": OfCourse(),
        "status": Comparison(course_enrolments.c.status),
        "statusReasonId": Comparison(
            course_enrolments.c.status_reason_id, "srn", Target(status_reasons.c.id, scope.STATUS_REASONS)
        ),
        "stage": Stages(),
        "commitmentId": Comparison(course_enrolments.c.commitment_ref),
        "startsOn": AsSorted(course_enrolments.c.starts_on, or_last(course_enrolments.c.starts_on)),
        "endsOn": Comparison(course_enrolments.c.ends_on),
        "latestEndOn": Comparison(LATEST_END, is_nullable=True),
        "enrolledAt": Comparison(course_enrolments.c.enrolled_at),
        "deferredOn": Comparison(course_enrolments.c.deferred_on),
        "returnsOn": AsSorted(course_enrolments.c.returns_on, or_last(course_enrolments.c.returns_on)),
        "finalisedOn": AsSorted(course_enrolments.c.finalised_on, or_last(course_enrolments.c.finalised_on)),
        "finalisedAt": Comparison(course_enrolments.c.finalised_at),
        "reconnectFor": Comparison(course_enrolments.c.reconnect_for),
        "reconnectOn": AsSorted(course_enrolments.c.reconnect_on, or_last(course_enrolments.c.reconnect_on)),
        "reportsTo": ReportsTo(course_enrolments.c.learner_id),
        "groupId": InGroup(course_enrolments.c.learner_id),
        "search": Search(_learner_matches, fold),
    },
    conditions={"standsIn": Stages()},
    orders={
        "ENROLLED_AT": course_enrolments.c.enrolled_at,
        "STARTS_ON": or_last(course_enrolments.c.starts_on),
        "LATEST_END_ON": or_last(LATEST_END),
        "RETURNS_ON": or_last(course_enrolments.c.returns_on),
        "FINALISED_ON": or_last(course_enrolments.c.finalised_on),
        "RECONNECT_ON": or_last(course_enrolments.c.reconnect_on),
    },
    narrowed={Role.INTEGRATION: frozenset({"id", "externalRef", "status"})},
    withheld={Role.TRAINER: frozenset({"reportsTo"})},
)

_whole = course_enrolments.alias("whole_enrolment")


def _of_enrolment(column: ColumnElement[Any]) -> Any:
    """What a column of the unit's enrolment holds."""
    return (
        select(column)
        .where(
            _whole.c.organisation_id == unit_enrolments.c.organisation_id,
            _whole.c.id == unit_enrolments.c.course_enrolment_id,
        )
        .correlate(unit_enrolments)
        .scalar_subquery()
    )


_learner = learners.alias("unit_learner")
_LEARNER_STATUS = (
    select(_learner.c.status)
    .where(
        _learner.c.organisation_id == unit_enrolments.c.organisation_id,
        _learner.c.id == unit_enrolments.c.learner_id,
    )
    .correlate(unit_enrolments)
    .scalar_subquery()
)


def _unit_actions(
    role: str,
    outcome: Outcome | None,
    learner_status: LearnerStatus,
    is_taught: bool,
    is_own_record: bool,
    finalised_on: date | None,
    is_reported: bool,
) -> tuple[ActionState[UnitEnrolmentAction], ...]:
    facts = UnitEnrolmentFacts(
        status_of(outcome),
        learner_is_active=learner_status is LearnerStatus.ACTIVE,
        is_taught=is_taught,
        is_own_record=is_own_record,
        finalised_on=finalised_on,
        is_reported=is_reported,
    )
    return UNIT_ENROLMENTS.actions(Role(role), facts)


UNIT_ENROLMENT = Source(
    type="UnitEnrolment",
    prefix="uen",
    table=unit_enrolments,
    scope=scope.UNIT_ENROLMENTS,
    ways=scope.UNIT_ENROLMENT_WAYS,
    fields={
        "id": Key(),
        "courseEnrolment": ToOne("CourseEnrolment", unit_enrolments.c.course_enrolment_id),
        "learner": ToOne("Learner", unit_enrolments.c.learner_id),
        "unit": ToOne("Unit", unit_enrolments.c.unit_id),
        "programIdentifier": Column(unit_enrolments.c.program_identifier),
        "startsOn": Column(unit_enrolments.c.starts_on),
        "endsOn": Column(unit_enrolments.c.ends_on),
        "outcome": Column(unit_enrolments.c.outcome),
        "trainingOrganisationOutcome": Derived((_of_enrolment(_whole.c.status),), _reported),
        "scheduledHours": Column(unit_enrolments.c.scheduled_hours),
        "actualHours": Column(unit_enrolments.c.actual_hours),
        "reportedAt": Column(unit_enrolments.c.reported_at),
        "version": Column(unit_enrolments.c.version),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
        "actions": Derived(
            (
                unit_enrolments.c.outcome,
                _LEARNER_STATUS,
                is_taught(unit_enrolments.c.course_offer_id),
                is_own_record(unit_enrolments.c.learner_id),
                _of_enrolment(_whole.c.finalised_on),
                unit_enrolments.c.reported_at.is_not(None),
            ),
            _unit_actions,
        ),
    },
    filters={
        "id": Comparison(unit_enrolments.c.id, "uen"),
        "courseEnrolmentId": Comparison(unit_enrolments.c.course_enrolment_id, "cen"),
        "courseOfferId": Comparison(
            unit_enrolments.c.course_offer_id, "off", Target(course_offers.c.id, scope.COURSE_OFFERS)
        ),
        "learnerId": Comparison(unit_enrolments.c.learner_id, "lrn"),
        "unitId": Comparison(unit_enrolments.c.unit_id, "unt", Target(units.c.id, scope.UNITS)),
        "programIdentifier": Comparison(unit_enrolments.c.program_identifier),
        "startsOn": AsSorted(unit_enrolments.c.starts_on, or_last(unit_enrolments.c.starts_on)),
        "endsOn": AsSorted(unit_enrolments.c.ends_on, or_last(unit_enrolments.c.ends_on)),
        "outcome": Comparison(unit_enrolments.c.outcome),
        "scheduledHours": Comparison(unit_enrolments.c.scheduled_hours),
        "actualHours": Comparison(unit_enrolments.c.actual_hours),
        "reportedAt": Comparison(unit_enrolments.c.reported_at),
    },
    orders={
        "STARTS_ON": or_last(unit_enrolments.c.starts_on),
        "ENDS_ON": or_last(unit_enrolments.c.ends_on),
    },
)


def _survey_actions(
    role: str, status: SurveyStatus, learner_status: LearnerStatus
) -> tuple[ActionState[SurveyAction], ...]:
    return SURVEYS.actions(Role(role), SurveyFacts(status, learner_status is LearnerStatus.ACTIVE))


_asked = learners.alias("asked_learner")

SURVEY = Source(
    type="Survey",
    prefix="svy",
    table=surveys,
    scope=scope.SURVEYS,
    ways=scope.SURVEY_WAYS,
    fields={
        "id": Key(),
        "courseEnrolment": ToOne("CourseEnrolment", surveys.c.course_enrolment_id),
        "learner": ToOne("Learner", surveys.c.learner_id),
        "status": Column(surveys.c.status),
        "requestedAt": Column(surveys.c.requested_at),
        "answeredAt": Column(surveys.c.answered_at),
        "answersRef": Column(surveys.c.answers_ref),
        "version": Column(surveys.c.version),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
        "actions": Derived(
            (
                surveys.c.status,
                select(_asked.c.status)
                .where(_asked.c.organisation_id == surveys.c.organisation_id, _asked.c.id == surveys.c.learner_id)
                .correlate(surveys)
                .scalar_subquery(),
            ),
            _survey_actions,
        ),
    },
    filters={
        "id": Comparison(surveys.c.id, "svy"),
        "courseEnrolmentId": Comparison(surveys.c.course_enrolment_id, "cen"),
        "learnerId": Comparison(surveys.c.learner_id, "lrn"),
        "status": Comparison(surveys.c.status),
        "requestedAt": Comparison(surveys.c.requested_at),
        "answeredAt": Comparison(surveys.c.answered_at),
    },
    orders={"REQUESTED_AT": surveys.c.requested_at},
    narrowed={Role.INTEGRATION: frozenset({"id", "status"})},
)
