"""Course enrolments and their units as a change finds them: what decides over them, and what they hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, false, func, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.courses.enrolments import CourseEnrolmentFacts
from portal_api.domain.courses.finalising import Deferral
from portal_api.domain.courses.unit_enrolments import UnitEnrolmentFacts, status_of
from portal_api.domain.courses.units import Unit
from portal_api.domain.learners import LearnerStatus
from portal_api.models import course_enrolments, course_offers, courses, learners, organisations, unit_enrolments
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import scope
from portal_api.queries.moves import lock_learners_of
from portal_api.queries.rows import dialect_of, id_list

lock_learners = lock_learners_of(course_enrolments, scope.COURSE_ENROLMENTS)
lock_learners_of_units = lock_learners_of(unit_enrolments, scope.UNIT_ENROLMENTS)
_successors, _moved_on = courses.alias("successor"), courses.alias("moved_on")


@dataclass(frozen=True, slots=True)
class EnrolmentRow:
    """A course enrolment as a change finds it."""

    id: UUID
    learner_id: UUID
    course_offer_id: UUID
    version: int
    stored: Mapping[str, Any]
    """What a change can write, by column."""
    program: str
    """The program that its new units take: of its course, or of the one that it has moved on to."""
    successor_id: UUID | None
    """The course that supersedes its own, with its program."""
    new_program: str | None
    facts: CourseEnrolmentFacts

    @property
    def pause(self) -> Deferral | None:
        """The pause that it is in."""
        since, returns_on = self.stored["deferred_on"], self.stored["returns_on"]
        return Deferral(since, returns_on) if since else None


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit of an enrolment as a change finds it."""

    id: UUID
    course_enrolment_id: UUID
    learner_id: UUID
    unit_id: UUID
    version: int
    stored: Mapping[str, Any]
    """What a change can write, by column."""
    facts: UnitEnrolmentFacts

    @property
    def unit(self) -> Unit:
        """What finalising reads and writes."""
        return Unit(**{each.name: self.stored[each.name] for each in fields(Unit)})


_WRITTEN = (
    "external_ref",
    "status",
    "status_reason_id",
    "commitment_ref",
    "cancelled_commitment_ref",
    "transitioned_to",
    "starts_on",
    "ends_on",
    "deferred_on",
    "returns_on",
    "finalised_on",
    "finalised_at",
    "reconnect_for",
    "reconnect_on",
)
_UNIT_WRITTEN = (
    "program_identifier",
    "starts_on",
    "ends_on",
    "outcome",
    "scheduled_hours",
    "actual_hours",
    "reported_at",
)

_enrolments = (
    select(
        course_enrolments,
        learners.c.status.label("learner_status"),
        organisations.c.has_reconnect_stage,
        func.coalesce(_moved_on.c.program_identifier, courses.c.program_identifier).label("program"),
        _successors.c.id.label("successor_id"),
        _successors.c.program_identifier.label("new_program"),
    )
    .select_from(course_enrolments)
    .join(
        learners,
        and_(
            learners.c.organisation_id == course_enrolments.c.organisation_id,
            learners.c.id == course_enrolments.c.learner_id,
        ),
    )
    .join(organisations, organisations.c.id == course_enrolments.c.organisation_id)
    .join(
        course_offers,
        and_(
            course_offers.c.organisation_id == course_enrolments.c.organisation_id,
            course_offers.c.id == course_enrolments.c.course_offer_id,
        ),
    )
    .join(
        courses,
        and_(
            courses.c.organisation_id == course_offers.c.organisation_id,
            courses.c.id == course_offers.c.course_id,
        ),
    )
    .outerjoin(
        _successors,
        and_(
            _successors.c.organisation_id == courses.c.organisation_id,
            _successors.c.id == courses.c.superseded_by,
        ),
    )
    .outerjoin(
        _moved_on,
        and_(
            _moved_on.c.organisation_id == course_enrolments.c.organisation_id,
            _moved_on.c.id == course_enrolments.c.transitioned_to,
        ),
    )
)


@cache
def _facts(dialect: Dialect) -> AnySelect:
    return _enrolments.where(scope.COURSE_ENROLMENTS, dialect.in_list(course_enrolments.c.id, "ids"))


async def facts(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> dict[UUID, EnrolmentRow]:
    """The enrolments among `ids` that the viewer sees, with what decides over them."""
    found = await connection.execute(_facts(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {row.id: _enrolment_row(row) for row in found}


def _enrolment_row(row: Any) -> EnrolmentRow:
    return EnrolmentRow(
        id=row.id,
        learner_id=row.learner_id,
        course_offer_id=row.course_offer_id,
        version=row.version,
        stored={name: getattr(row, name) for name in _WRITTEN},
        program=row.program,
        successor_id=row.successor_id,
        new_program=row.new_program,
        facts=CourseEnrolmentFacts(
            row.status,
            learner_is_active=row.learner_status is LearnerStatus.ACTIVE,
            finalised_on=row.finalised_on,
            is_reconnecting=row.has_reconnect_stage,
            is_superseded=row.new_program is not None,
        ),
    )


def is_own_record(learner_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a row hangs on the learner that the viewer is linked to; false for a viewer linked to nobody."""
    return case((learner_id == scope.VIEWER_LEARNER, true()), else_=false())


def is_taught(course_offer_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the viewer trains in an offer."""
    return case((scope.teaches(course_offer_id), true()), else_=false())


_units = (
    select(
        unit_enrolments,
        learners.c.status.label("learner_status"),
        course_enrolments.c.finalised_on,
        is_own_record(unit_enrolments.c.learner_id).label("is_own_record"),
        is_taught(unit_enrolments.c.course_offer_id).label("is_taught"),
    )
    .select_from(unit_enrolments)
    .join(
        course_enrolments,
        and_(
            course_enrolments.c.organisation_id == unit_enrolments.c.organisation_id,
            course_enrolments.c.id == unit_enrolments.c.course_enrolment_id,
        ),
    )
    .join(
        learners,
        and_(
            learners.c.organisation_id == unit_enrolments.c.organisation_id,
            learners.c.id == unit_enrolments.c.learner_id,
        ),
    )
)


@cache
def _unit_facts(dialect: Dialect) -> AnySelect:
    return _units.where(scope.UNIT_ENROLMENTS, dialect.in_list(unit_enrolments.c.id, "ids"))


async def unit_facts(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> dict[UUID, UnitRow]:
    """The units of enrolments among `ids` that the viewer sees, with what decides over them."""
    found = await connection.execute(_unit_facts(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {row.id: _unit_row(row) for row in found}


@cache
def _units_of(dialect: Dialect) -> AnySelect:
    return _units.where(
        unit_enrolments.c.organisation_id == scope.ORGANISATION,
        dialect.in_list(unit_enrolments.c.course_enrolment_id, "ids"),
    ).order_by(unit_enrolments.c.id)


async def units_of(
    connection: AsyncConnection, bound: Mapping[str, Any], enrolment_ids: Sequence[UUID]
) -> dict[UUID, list[UnitRow]]:
    """The units of enrolments, by enrolment, the oldest first.

    Not scoped: the enrolments were found within the caller's scope, and whoever sees one sees its units.
    """
    values = {**bound, "ids": id_list(connection, enrolment_ids)}
    units: dict[UUID, list[UnitRow]] = {id_: [] for id_ in enrolment_ids}
    for row in await connection.execute(_units_of(dialect_of(connection)), values):
        units[row.course_enrolment_id].append(_unit_row(row))
    return units


def _unit_row(row: Any) -> UnitRow:
    return UnitRow(
        id=row.id,
        course_enrolment_id=row.course_enrolment_id,
        learner_id=row.learner_id,
        unit_id=row.unit_id,
        version=row.version,
        stored={name: getattr(row, name) for name in _UNIT_WRITTEN},
        facts=UnitEnrolmentFacts(
            status_of(row.outcome),
            learner_is_active=row.learner_status is LearnerStatus.ACTIVE,
            is_taught=bool(row.is_taught),
            is_own_record=bool(row.is_own_record),
            finalised_on=row.finalised_on,
            is_reported=row.reported_at is not None,
        ),
    )
