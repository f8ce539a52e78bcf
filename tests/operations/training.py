"""The courses, units, offers and status reasons of the scene, who is enrolled in them, and who sees that."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from portal_api.domain.courses.statuses import CourseEnrolmentStatus
from portal_api.domain.library import LibraryStatus
from portal_api.domain.roles import ADMINISTRATORS, Role
from portal_api.ids import global_id
from portal_api.models import (
    course_enrolments,
    course_offer_trainers,
    course_offers,
    course_units,
    courses,
    status_reasons,
    surveys,
    unit_enrolments,
    units,
)
from tests.factories import Organisation, Record


@dataclass(frozen=True)
class Training:
    """One of each, and one of each that is retired; the first Trainer trains in the offer."""

    course: Record
    retired_course: Record
    unit: Record
    retired_unit: Record
    offer: Record
    retired_offer: Record
    reason: Record
    retired_reason: Record


def lay_out_training(made: Organisation) -> Training:
    """Lays them out."""
    unit = made.unit()
    course = made.course(unit)
    return Training(
        course=course,
        retired_course=made.course(is_active=False),
        unit=unit,
        retired_unit=made.unit(is_active=False),
        offer=made.course_offer(course, made.staff[Role.TRAINER]),
        retired_offer=made.course_offer(course, is_active=False),
        reason=made.status_reason(),
        retired_reason=made.status_reason(is_active=False),
    )


@dataclass(frozen=True)
class Enrolled:
    """The Learner's enrolments: three in the Trainer's offer, and one in a course that another supersedes."""

    running: Record
    part: Record
    """Its unit."""
    completed: Record
    """Has been asked for no survey yet."""
    left: Record
    """Finalised."""
    superseded: Record
    survey: Record
    """Awaits answers."""


def lay_out_enrolled(made: Organisation, training: Training, learner: Record) -> Enrolled:
    """Lays them out."""
    running = made.course_enrolment(learner, training.offer, reason=training.reason)
    old = made.course_offer(made.course(superseded_by=training.course))
    asked = made.course_enrolment(learner, training.offer, CourseEnrolmentStatus.COMPLETED)
    return Enrolled(
        running=running,
        part=made.unit_enrolment(running, training.unit),
        completed=made.course_enrolment(learner, training.offer, CourseEnrolmentStatus.COMPLETED),
        left=made.course_enrolment(learner, training.offer, CourseEnrolmentStatus.WITHDRAWN, finalised_on=made.day(-3)),
        superseded=made.course_enrolment(learner, old),
        survey=made.survey(asked),
    )


def training_seen(made: Organisation, role: Role, own: set[UUID], learners_seen: set[UUID]) -> Iterator[str]:
    """The identifiers of all courses, units, offers, reasons, enrolments and surveys that a role sees."""
    rows = made.rows
    enrolled, is_admin = rows[course_enrolments], role in ADMINISTRATORS
    reads_library = role in (Role.MANAGER, Role.INTEGRATION)
    trainer = made.staff[role].id if role is Role.TRAINER else None
    taught = {row["course_offer_id"] for row in rows[course_offer_trainers] if row["user_id"] == trainer}
    held = {row["course_offer_id"] for row in enrolled if row["learner_id"] in own}
    course_of = {row["id"]: row["course_id"] for row in rows[course_offers]}
    reached = {course_of[each] for each in taught}
    reached |= {row["id"] for row in rows[courses] if _is_active(row) and row["id"] in {course_of[id_] for id_ in held}}
    parts = {row["unit_id"] for row in rows[course_units] if row["course_id"] in reached}
    parts |= {
        row["unit_id"] for row in rows[unit_enrolments] if row["learner_id"] in own or row["course_offer_id"] in taught
    }

    def seen(row: Any, held_or_taught: set[UUID]) -> bool:
        return is_admin or (reads_library and _is_active(row)) or row["id"] in held_or_taught

    offers = taught | {row["id"] for row in rows[course_offers] if _is_active(row) and row["id"] in held}
    yield from (global_id("crs", row["id"]) for row in rows[courses] if seen(row, reached))
    yield from (global_id("unt", row["id"]) for row in rows[units] if seen(row, parts))
    yield from (global_id("off", row["id"]) for row in rows[course_offers] if seen(row, offers))
    if role is not Role.INTEGRATION:
        yield from (global_id("srn", row["id"]) for row in rows[status_reasons])
    for row in enrolled:
        if row["course_offer_id"] in taught:
            yield global_id("lrn", row["learner_id"])
    for table, prefix in ((course_enrolments, "cen"), (unit_enrolments, "uen"), (surveys, "svy")):
        if table is not unit_enrolments or role is not Role.INTEGRATION:
            yield from (
                global_id(prefix, row["id"])
                for row in rows[table]
                if row["learner_id"] in learners_seen or row.get("course_offer_id") in taught
            )


def _is_active(row: Any) -> bool:
    return row["status"] is LibraryStatus.ACTIVE
