"""Writes courses with their units and offers, and the enrolments in them, beside what `writing` writes of an organisation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from portal_api.domain.courses.statuses import CourseEnrolmentStatus
from portal_api.domain.courses.units import Unit
from portal_api.domain.library import LibraryStatus
from portal_api.importers.writing import Writer, batches
from portal_api.models import (
    course_enrolments,
    course_offer_trainers,
    course_offers,
    course_units,
    courses,
    status_reasons,
    unit_enrolments,
    units,
)
from portal_api.queries.folding import fold
from portal_api.queries.rows import gather_statistics

ENROLMENTS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit of the library to be written."""

    id: UUID
    identifier: str
    title: str
    scheduled_hours: int
    created_at: datetime
    status: LibraryStatus = LibraryStatus.ACTIVE


@dataclass(frozen=True, slots=True)
class NewCourse:
    """A course to be written, with its units in their order."""

    id: UUID
    external_ref: str
    title: str
    program_identifier: str
    units: tuple[NewUnit, ...]
    created_at: datetime
    superseded_by: UUID | None = None
    status: LibraryStatus = LibraryStatus.ACTIVE


@dataclass(frozen=True, slots=True)
class NewOffer:
    """An offer of a course to be written, with the users who train in it."""

    id: UUID
    external_ref: str
    course: NewCourse
    title: str
    starts_on: date
    ends_on: date
    created_at: datetime
    trainer_ids: tuple[UUID, ...] = ()
    needs_commitment: bool = False
    status: LibraryStatus = LibraryStatus.ACTIVE


@dataclass(frozen=True, slots=True)
class NewReason:
    """A reason for statuses to be written."""

    id: UUID
    title: str
    created_at: datetime
    status: LibraryStatus = LibraryStatus.ACTIVE


@dataclass(frozen=True, slots=True)
class NewUnitEnrolment:
    """A unit of an enrolment to be written."""

    id: UUID
    unit_id: UUID
    program_identifier: str
    state: Unit


@dataclass(frozen=True, slots=True)
class NewCourseEnrolment:
    """An enrolment in a course to be written, with its units."""

    id: UUID
    external_ref: str
    learner_id: UUID
    course_offer_id: UUID
    status: CourseEnrolmentStatus
    enrolled_at: datetime
    starts_on: date | None
    ends_on: date | None
    units: tuple[NewUnitEnrolment, ...]
    commitment_ref: str | None = None


async def write_courses(writer: Writer, new: Sequence[NewCourse], offers: Sequence[NewOffer]) -> None:
    """Writes units, the courses that they are in, and the offers of those; the trainers come first.

    Args:
        writer: the organisation.
        new: the courses; one that another supersedes comes after it.
        offers: their offers.
    """
    key = {"organisation_id": writer.organisation_id}
    library = {unit.id: unit for course in new for unit in course.units}
    await writer.rows(units, "units", ({**key, **_unit(each)} for each in library.values()), len(library))
    await writer.rows(courses, "courses", ({**key, **_course(each)} for each in new), len(new))
    parts = [
        {**key, "course_id": course.id, "unit_id": unit.id, "position": position}
        for course in new
        for position, unit in enumerate(course.units, start=1)
    ]
    await writer.rows(course_units, "units of courses", parts, len(parts))
    await writer.rows(course_offers, "course offers", ({**key, **_offer(each)} for each in offers), len(offers))
    trained = [
        {**key, "course_offer_id": offer.id, "user_id": user_id} for offer in offers for user_id in offer.trainer_ids
    ]
    await writer.rows(course_offer_trainers, "trainers", trained, len(trained))


def _shelved(new: NewUnit | NewCourse | NewOffer, *searched: str) -> dict[str, Any]:
    """The columns that all have."""
    return {
        "id": new.id,
        "title": new.title,
        "title_key": fold(new.title),
        "search_key": fold(" ".join((new.title, *searched))),
        "status": new.status,
        "created_at": new.created_at,
        "version": 1,
    }


def _unit(new: NewUnit) -> dict[str, Any]:
    own = {"identifier": new.identifier, "scheduled_hours": new.scheduled_hours}
    return _shelved(new, new.identifier) | own


def _course(new: NewCourse) -> dict[str, Any]:
    return _shelved(new, new.external_ref, new.program_identifier) | {
        "external_ref": new.external_ref,
        "program_identifier": new.program_identifier,
        "superseded_by": new.superseded_by,
    }


def _offer(new: NewOffer) -> dict[str, Any]:
    return _shelved(new, new.external_ref) | {
        "external_ref": new.external_ref,
        "course_id": new.course.id,
        "starts_on": new.starts_on,
        "ends_on": new.ends_on,
        "needs_commitment": new.needs_commitment,
    }


async def write_reasons(writer: Writer, new: Sequence[NewReason]) -> None:
    """Writes the organisation's reasons for statuses."""
    rows = (
        {
            "organisation_id": writer.organisation_id,
            "id": each.id,
            "title": each.title,
            "title_key": fold(each.title),
            "status": each.status,
            "created_at": each.created_at,
            "version": 1,
        }
        for each in new
    )
    await writer.rows(status_reasons, "status reasons", rows, len(new))


async def write_course_enrolments(writer: Writer, new: Iterable[NewCourseEnrolment], count: int) -> None:
    """Writes enrolments in courses with their units, some at a time.

    Args:
        writer: the organisation, whose learners and offers come first.
        new: the enrolments.
        count: how many they are.
    """
    done = 0
    key = {"organisation_id": writer.organisation_id}
    for batch in batches(new, ENROLMENTS_AT_ONCE):
        rows = {
            course_enrolments: [key | enrolment_columns(each) for each in batch],
            unit_enrolments: [key | unit_columns(each, unit) for each in batch for unit in each.units],
        }
        await writer.part(rows, ())
        if not done:
            # PostgreSQL keeps the plans that look up foreign keys, and made them while there was nothing to look up.
            await gather_statistics(writer.connection)
        done += len(batch)
        writer.progress(f"{writer.label}: course enrolments", done, count)


def enrolment_columns(new: NewCourseEnrolment) -> dict[str, Any]:
    """The columns of an enrolment to which nothing has happened yet, but for the organisation."""
    return {
        "id": new.id,
        "external_ref": new.external_ref,
        "learner_id": new.learner_id,
        "course_offer_id": new.course_offer_id,
        "status": new.status,
        "status_reason_id": None,
        "commitment_ref": new.commitment_ref,
        "cancelled_commitment_ref": None,
        "transitioned_to": None,
        "starts_on": new.starts_on,
        "ends_on": new.ends_on,
        "enrolled_at": new.enrolled_at,
        "deferred_on": None,
        "returns_on": None,
        "finalised_on": None,
        "finalised_at": None,
        "reconnect_for": None,
        "reconnect_on": None,
        "version": 1,
    }


def unit_columns(whole: NewCourseEnrolment, new: NewUnitEnrolment) -> dict[str, Any]:
    """The columns of a unit of such an enrolment, but for the organisation."""
    return {
        "id": new.id,
        "course_enrolment_id": whole.id,
        "learner_id": whole.learner_id,
        "course_offer_id": whole.course_offer_id,
        "unit_id": new.unit_id,
        "program_identifier": new.program_identifier,
        "starts_on": new.state.starts_on,
        "ends_on": new.state.ends_on,
        "outcome": new.state.outcome,
        "scheduled_hours": new.state.scheduled_hours,
        "actual_hours": new.state.actual_hours,
        "reported_at": None,
        "version": 1,
    }
