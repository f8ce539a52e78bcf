"""What an enrolment and all that hangs on it come to, as far as its needs go: for its fields, and for what finalises it."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, ScalarSelect, and_, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.courses.needs import EnrolmentState, UnitState
from portal_api.domain.courses.outcomes import Outcome
from portal_api.domain.courses.statuses import CourseEnrolmentStatus
from portal_api.domain.courses.surveys import SurveyStatus
from portal_api.domain.credentials import CredentialStatus
from portal_api.domain.learners import LearnerStatus
from portal_api.ids import global_id
from portal_api.models import course_enrolments, course_offers, credentials, learners, surveys, unit_enrolments
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import scope
from portal_api.queries.rows import PairsAsJson, dialect_of, id_list

_units, _learner = unit_enrolments.alias("unit_state"), learners.alias("learner_state")
_offer, _survey = course_offers.alias("offer_state"), surveys.alias("survey_state")
_credential = credentials.alias("credential_state")


def _of_learner(column: ColumnElement[Any]) -> ScalarSelect[Any]:
    own = (
        _learner.c.organisation_id == course_enrolments.c.organisation_id,
        _learner.c.id == course_enrolments.c.learner_id,
    )
    return select(column).where(*own).correlate(course_enrolments).scalar_subquery()


LEARNER_STATUS = _of_learner(_learner.c.status)
HAS_APP_ACCESS = _of_learner(_learner.c.has_app_access)
HAS_STUDENT_IDENTIFIER = _of_learner(_learner.c.student_identifier.is_not(None))
WANTS_COMMITMENT = and_(
    course_enrolments.c.commitment_ref.is_(None),
    select(_offer.c.needs_commitment)
    .where(
        _offer.c.organisation_id == course_enrolments.c.organisation_id,
        _offer.c.id == course_enrolments.c.course_offer_id,
    )
    .correlate(course_enrolments)
    .scalar_subquery(),
)
UNITS = (
    select(PairsAsJson(_units.c.id, _units.c.starts_on, _units.c.ends_on, _units.c.outcome, _units.c.actual_hours))
    .where(
        _units.c.organisation_id == course_enrolments.c.organisation_id,
        _units.c.course_enrolment_id == course_enrolments.c.id,
    )
    .correlate(course_enrolments)
    .scalar_subquery()
)
SURVEY_IS_ANSWERED = (
    exists()
    .where(
        _survey.c.organisation_id == course_enrolments.c.organisation_id,
        _survey.c.course_enrolment_id == course_enrolments.c.id,
        _survey.c.status == SurveyStatus.ANSWERED,
    )
    .correlate(course_enrolments)
)
CREDENTIAL_IS_ISSUED = (
    exists()
    .where(
        _credential.c.organisation_id == course_enrolments.c.organisation_id,
        _credential.c.course_enrolment_id == course_enrolments.c.id,
        _credential.c.status == CredentialStatus.ISSUED,
    )
    .correlate(course_enrolments)
)

COLUMNS: tuple[ColumnElement[Any], ...] = (
    course_enrolments.c.status,
    UNITS,
    course_enrolments.c.status_reason_id.is_not(None),
    course_enrolments.c.finalised_at.is_not(None),
    WANTS_COMMITMENT,
    HAS_STUDENT_IDENTIFIER,
    SURVEY_IS_ANSWERED,
    CREDENTIAL_IS_ISSUED,
    HAS_APP_ACCESS,
    LEARNER_STATUS,
)
"""What `state_of` takes, in its order."""


def state_of(
    status: CourseEnrolmentStatus,
    units: str | None,
    has_reason: bool,
    is_finalised: bool,
    wants_commitment: bool,
    has_student_identifier: bool,
    survey_is_answered: bool,
    credential_is_issued: bool,
    has_app_access: bool,
    learner_status: LearnerStatus,
) -> EnrolmentState:
    """The state of an enrolment, from the columns that hold it."""
    return EnrolmentState(
        status=status,
        units=[_unit(*each) for each in sorted(orjson.loads(units or "[]"))],
        has_reason=bool(has_reason),
        is_finalised=bool(is_finalised),
        wants_commitment=bool(wants_commitment),
        has_student_identifier=bool(has_student_identifier),
        survey_is_answered=bool(survey_is_answered),
        credential_is_issued=bool(credential_is_issued),
        has_app_access=bool(has_app_access),
        learner_is_active=learner_status is LearnerStatus.ACTIVE,
    )


def _unit(id_: str, starts_on: str | None, ends_on: str | None, outcome: str | None, hours: int | None) -> UnitState:
    return UnitState(
        global_id("uen", UUID(id_)),
        date.fromisoformat(starts_on) if starts_on else None,
        date.fromisoformat(ends_on) if ends_on else None,
        Outcome(outcome) if outcome else None,
        hours,
    )


@cache
def _states(dialect: Dialect) -> AnySelect:
    return (
        select(course_enrolments.c.id, *COLUMNS)
        .where(
            course_enrolments.c.organisation_id == scope.ORGANISATION,
            dialect.in_list(course_enrolments.c.id, "ids"),
        )
        .order_by(course_enrolments.c.id)
    )


async def states(connection: AsyncConnection, organisation_id: UUID, ids: Sequence[UUID]) -> dict[UUID, EnrolmentState]:
    """The states of enrolments that a change has found, as they are now in its transaction; the oldest first."""
    values = {"organisation": organisation_id, "ids": id_list(connection, ids)}
    return {row[0]: state_of(*row[1:]) for row in await connection.execute(_states(dialect_of(connection)), values)}
