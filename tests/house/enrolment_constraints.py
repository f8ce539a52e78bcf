"""What the database refuses of course enrolments, their units and surveys: references, contradictions, unknown values."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from portal_api.domain.courses.stages import ReconnectPurpose
from portal_api.domain.courses.statuses import CourseEnrolmentStatus
from portal_api.domain.courses.surveys import SurveyStatus
from portal_api.domain.roles import Role
from portal_api.models import (
    course_enrolments,
    course_offers,
    courses,
    status_reasons,
    surveys,
    unit_enrolments,
    units,
)
from tests.clock import START
from tests.factories import Organisation

DAY = timedelta(days=1)
S = CourseEnrolmentStatus
TABLES = {course_enrolments, unit_enrolments, surveys}
REFERENCES = [
    ("course_enrolments", "learner_id"),
    ("course_enrolments", "course_offer_id"),
    ("course_enrolments", "status_reason_id"),
    ("course_enrolments", "transitioned_to"),
    ("unit_enrolments", "course_enrolment_id"),
    ("unit_enrolments", "unit_id"),
    ("surveys", "course_enrolment_id"),
    ("surveys", "learner_id"),
]
WHOLE = {("unit_enrolments", "course_enrolment_id"): ["organisation_id", "id", "learner_id", "course_offer_id"]}
"""References that carry more than a key: a unit is of the learner and the offer of its enrolment."""


def lay_out(organisation: Organisation) -> None:
    """A current enrolment with a reason, a unit and an open survey; a unit beside it."""
    offer = organisation.course_offer(organisation.course())
    reason = organisation.status_reason()
    newer = organisation.course()
    enrolment = organisation.course_enrolment(
        organisation.own[Role.LEARNER], offer, reason=reason, transitioned_to=newer.id
    )
    organisation.unit_enrolment(enrolment)
    organisation.unit()
    organisation.survey(enrolment)


def writable(organisation: Organisation, table: Table) -> dict[str, Any]:
    """What a copy of the last row of a table differs in, so that both can stand."""
    match table.name:
        case "unit_enrolments":
            return {"unit_id": organisation.rows[units][-1]["id"]}
        case "surveys":
            return {"status": SurveyStatus.ANSWERED, "answered_at": START}
        case _:
            return {}


def keys_of(twin: Organisation) -> dict[str, UUID]:
    """By the names of columns, the keys of another organisation's records."""
    return {
        "course_enrolment_id": twin.rows[course_enrolments][-1]["id"],
        "course_offer_id": twin.rows[course_offers][-1]["id"],
        "status_reason_id": twin.rows[status_reasons][-1]["id"],
        "transitioned_to": twin.rows[courses][-1]["id"],
        "unit_id": twin.rows[units][-1]["id"],
    }


_TODAY = START.date()
_FINALISED = {"finalised_on": _TODAY, "finalised_at": START}
_REQUESTED = {"status": SurveyStatus.REQUESTED, "answered_at": None}
CONTRADICTIONS: dict[str, tuple[Table, dict[str, Any], str]] = {
    "a course enrolment that ends before it starts": (
        course_enrolments,
        {"starts_on": _TODAY, "ends_on": _TODAY - DAY},
        "days_in_order",
    ),
    "a deferral without a return": (
        course_enrolments,
        {"status": S.DEFERRED, "deferred_on": _TODAY},
        "deferral_whole",
    ),
    "a return of what is not deferred": (
        course_enrolments,
        {"deferred_on": _TODAY, "returns_on": _TODAY + DAY},
        "deferral_only_when_deferred",
    ),
    "a finalisation without a day": (
        course_enrolments,
        {"status": S.WITHDRAWN, "finalised_at": START},
        "finalisation_whole",
    ),
    "a finalisation at no instant": (
        course_enrolments,
        {"status": S.WITHDRAWN, "finalised_on": _TODAY},
        "finalisation_whole",
    ),
    "finalised while it goes on": (course_enrolments, _FINALISED, "finalised_when_ended"),
    "finalised as declined": (course_enrolments, {"status": S.DECLINED, **_FINALISED}, "finalised_when_ended"),
    "a flag for no day": (course_enrolments, {"reconnect_for": ReconnectPurpose.RENEWAL}, "reconnection_whole"),
    "a flag for nothing": (course_enrolments, {"reconnect_on": _TODAY}, "reconnection_whole"),
    "a reference of a course enrolment taken already": (course_enrolments, {"external_ref": "E"}, "(?i)unique"),
    "a unit that ends before it starts": (
        unit_enrolments,
        {"starts_on": _TODAY, "ends_on": _TODAY - DAY},
        "days_in_order",
    ),
    "less than no hours planned": (unit_enrolments, {"scheduled_hours": -1}, "hours_positive"),
    "less than no hours attended": (unit_enrolments, {"actual_hours": -1}, "hours_positive"),
    "a unit twice in an enrolment": (unit_enrolments, {}, "(?i)unique"),
    "a unit of another learner than its enrolment": (unit_enrolments, {}, "(?i)foreign key"),
    "an answered survey at no instant": (surveys, {"answered_at": None}, "answered_at_when_answered"),
    "an instant of no answer": (surveys, {"status": SurveyStatus.REQUESTED}, "answered_at_when_answered"),
    "a second open survey": (surveys, _REQUESTED, "(?i)unique"),
}
COPIES = {"a unit twice in an enrolment"}
"""Those that are made of the row laid out, and not of one that could stand beside it."""
BESIDE = {("surveys", "status"): {"answered_at": None}}
"""What else the row of an unknown value holds, so that nothing but the value is wrong."""
UNKNOWN_VALUES = [
    (course_enrolments, "status"),
    (course_enrolments, "reconnect_for"),
    (unit_enrolments, "outcome"),
    (surveys, "status"),
]
