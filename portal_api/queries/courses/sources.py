"""Courses, units, offers and the reasons for statuses: what each field reads, and what can be asked of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, select, true

from portal_api.domain.courses.library import (
    COURSE_OFFERS,
    COURSES,
    STATUS_REASONS,
    UNITS,
    CourseAction,
    CourseOfferAction,
    CourseOfferFacts,
    StatusReasonAction,
    UnitAction,
)
from portal_api.domain.library import LibraryStatus
from portal_api.domain.machine import ActionState, RecordFacts
from portal_api.domain.roles import Role
from portal_api.models import (
    course_enrolments,
    course_offer_trainers,
    course_offers,
    course_units,
    courses,
    history_entries,
    status_reasons,
    units,
    users,
)
from portal_api.planner.declare import Column, Connection, Derived, Key, Source, Through, ToOne
from portal_api.planner.filters import Binder, Comparison, Shape, Target
from portal_api.queries import scope
from portal_api.queries.folding import search_in
from portal_api.queries.ordering import or_last


def _course_actions(role: str, status: LibraryStatus) -> tuple[ActionState[CourseAction], ...]:
    return COURSES.actions(Role(role), RecordFacts(status))


COURSE = Source(
    type="Course",
    prefix="crs",
    table=courses,
    scope=scope.COURSES,
    fields={
        "id": Key(),
        "externalRef": Column(courses.c.external_ref),
        "title": Column(courses.c.title),
        "programIdentifier": Column(courses.c.program_identifier),
        "supersededBy": ToOne("Course", courses.c.superseded_by),
        "status": Column(courses.c.status),
        "createdAt": Column(courses.c.created_at),
        "version": Column(courses.c.version),
        "units": Connection(
            "Unit", course_units.c.course_id, Through(course_units, course_units.c.unit_id, course_units.c.position)
        ),
        "offers": Connection("CourseOffer", course_offers.c.course_id),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
        "actions": Derived((courses.c.status,), _course_actions),
    },
    filters={
        "id": Comparison(courses.c.id, "crs"),
        "externalRef": Comparison(courses.c.external_ref),
        "programIdentifier": Comparison(courses.c.program_identifier),
        "supersededById": Comparison(courses.c.superseded_by, "crs", Target(courses.c.id, scope.COURSES)),
        "status": Comparison(courses.c.status),
        "createdAt": Comparison(courses.c.created_at),
        "search": search_in(courses.c.search_key),
    },
    orders={"TITLE": courses.c.title_key, "CREATED_AT": courses.c.created_at},
)


def _unit_actions(role: str, status: LibraryStatus) -> tuple[ActionState[UnitAction], ...]:
    return UNITS.actions(Role(role), RecordFacts(status))


UNIT = Source(
    type="Unit",
    prefix="unt",
    table=units,
    scope=scope.UNITS,
    fields={
        "id": Key(),
        "identifier": Column(units.c.identifier),
        "title": Column(units.c.title),
        "scheduledHours": Column(units.c.scheduled_hours),
        "status": Column(units.c.status),
        "createdAt": Column(units.c.created_at),
        "version": Column(units.c.version),
        "courses": Connection("Course", course_units.c.unit_id, Through(course_units, course_units.c.course_id)),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
        "actions": Derived((units.c.status,), _unit_actions),
    },
    filters={
        "id": Comparison(units.c.id, "unt"),
        "identifier": Comparison(units.c.identifier),
        "status": Comparison(units.c.status),
        "createdAt": Comparison(units.c.created_at),
        "search": search_in(units.c.search_key),
    },
    orders={"TITLE": units.c.title_key, "CREATED_AT": units.c.created_at},
)


@dataclass(frozen=True, slots=True)
class TrainedBy:
    """Offers by who trains in them; by a user who is not seen it finds nothing."""

    course_offer_id: ColumnElement[Any]

    def parse(self, value: Any) -> tuple[Shape, Mapping[str, Any]]:
        return Comparison(course_offer_trainers.c.user_id, "usr").parse(value)

    def where(self, shape: Shape, bind: Binder) -> ColumnElement[bool]:
        return and_(true(), *(self._condition(name, bind) for name, _ in shape))

    def _condition(self, name: str, bind: Binder) -> ColumnElement[bool]:
        trainer = course_offer_trainers.alias("trainer")
        user_id = trainer.c.user_id
        trained = select(trainer.c.course_offer_id).where(
            trainer.c.organisation_id == scope.ORGANISATION,
            user_id == bind(name, user_id.type) if name == "eq" else bind.one_of(user_id, name),
            exists().where(scope.USERS, users.c.id == user_id),
        )
        is_trained = self.course_offer_id.in_(trained)
        return ~is_trained if name == "notIn" else is_trained


_of = courses.alias("course_of_offer")
COURSE_STATUS = (
    select(_of.c.status)
    .where(_of.c.organisation_id == course_offers.c.organisation_id, _of.c.id == course_offers.c.course_id)
    .correlate(course_offers)
    .scalar_subquery()
)


def _offer_actions(
    role: str, status: LibraryStatus, course_status: LibraryStatus
) -> tuple[ActionState[CourseOfferAction], ...]:
    return COURSE_OFFERS.actions(Role(role), CourseOfferFacts(status, course_status))


COURSE_OFFER = Source(
    type="CourseOffer",
    prefix="off",
    table=course_offers,
    scope=scope.COURSE_OFFERS,
    fields={
        "id": Key(),
        "externalRef": Column(course_offers.c.external_ref),
        "title": Column(course_offers.c.title),
        "course": ToOne("Course", course_offers.c.course_id),
        "startsOn": Column(course_offers.c.starts_on),
        "endsOn": Column(course_offers.c.ends_on),
        "needsCommitment": Column(course_offers.c.needs_commitment),
        "status": Column(course_offers.c.status),
        "createdAt": Column(course_offers.c.created_at),
        "version": Column(course_offers.c.version),
        "trainers": Connection(
            "User",
            course_offer_trainers.c.course_offer_id,
            Through(course_offer_trainers, course_offer_trainers.c.user_id),
        ),
        "enrolments": Connection("CourseEnrolment", course_enrolments.c.course_offer_id),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
        "actions": Derived((course_offers.c.status, COURSE_STATUS), _offer_actions),
    },
    filters={
        "id": Comparison(course_offers.c.id, "off"),
        "externalRef": Comparison(course_offers.c.external_ref),
        "courseId": Comparison(course_offers.c.course_id, "crs", Target(courses.c.id, scope.COURSES)),
        "trainerId": TrainedBy(course_offers.c.id),
        "startsOn": Comparison(course_offers.c.starts_on),
        "endsOn": Comparison(course_offers.c.ends_on),
        "needsCommitment": Comparison(course_offers.c.needs_commitment),
        "status": Comparison(course_offers.c.status),
        "createdAt": Comparison(course_offers.c.created_at),
        "search": search_in(course_offers.c.search_key),
    },
    orders={
        "TITLE": course_offers.c.title_key,
        "CREATED_AT": course_offers.c.created_at,
        "STARTS_ON": or_last(course_offers.c.starts_on),
    },
)


def _reason_actions(role: str, status: LibraryStatus) -> tuple[ActionState[StatusReasonAction], ...]:
    return STATUS_REASONS.actions(Role(role), RecordFacts(status))


STATUS_REASON = Source(
    type="StatusReason",
    prefix="srn",
    table=status_reasons,
    scope=scope.STATUS_REASONS,
    fields={
        "id": Key(),
        "title": Column(status_reasons.c.title),
        "status": Column(status_reasons.c.status),
        "createdAt": Column(status_reasons.c.created_at),
        "version": Column(status_reasons.c.version),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
        "actions": Derived((status_reasons.c.status,), _reason_actions),
    },
    filters={
        "id": Comparison(status_reasons.c.id, "srn"),
        "status": Comparison(status_reasons.c.status),
        "createdAt": Comparison(status_reasons.c.created_at),
        "search": search_in(status_reasons.c.title_key),
    },
    orders={"TITLE": status_reasons.c.title_key, "CREATED_AT": status_reasons.c.created_at},
)
