"""What the database refuses of courses, units and offers: references, rows that contradict themselves, unknown values."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from portal_api.domain.roles import Role
from portal_api.models import (
    course_offer_trainers,
    course_offers,
    course_units,
    courses,
    status_reasons,
    units,
)
from tests.clock import START
from tests.factories import Organisation

TABLES = {courses, units, course_units, course_offers, course_offer_trainers, status_reasons}
REFERENCES = [
    ("courses", "superseded_by"),
    ("course_units", "course_id"),
    ("course_units", "unit_id"),
    ("course_offers", "course_id"),
    ("course_offer_trainers", "course_offer_id"),
]


def lay_out(organisation: Organisation) -> None:
    """A course of one unit, offered, with a trainer; a unit and an offer beside them, and a reason."""
    course = organisation.course(organisation.unit(), superseded_by=organisation.course())
    organisation.unit(identifier="TAKEN")
    organisation.course_offer(course, organisation.staff[Role.TRAINER])
    organisation.course()
    organisation.status_reason(title="Reason")


def writable(organisation: Organisation, table: Table) -> dict[str, Any]:
    """What a copy of the last row of a table differs in, so that both can stand."""
    match table.name:
        case "units":
            return {"identifier": organisation.new_id(START).hex[:12].upper()}
        case "course_units":
            return {"unit_id": organisation.rows[units][-1]["id"], "position": 2}
        case "course_offer_trainers":
            return {"user_id": organisation.staff[Role.MANAGER].id}
        case "status_reasons":
            return {"title_key": organisation.new_id(START).hex}
        case _:
            return {}


def keys_of(twin: Organisation) -> dict[str, UUID]:
    """By the names of columns, the keys of another organisation's records."""
    return {
        "superseded_by": twin.rows[courses][-1]["id"],
        "course_id": twin.rows[courses][-1]["id"],
        "unit_id": twin.rows[units][-1]["id"],
        "course_offer_id": twin.rows[course_offers][-1]["id"],
    }


CONTRADICTIONS: dict[str, tuple[Table, dict[str, Any], str]] = {
    "a course that supersedes itself": (courses, {}, "superseded_by_another"),
    "a reference of a course taken already": (courses, {"external_ref": "C"}, "(?i)unique"),
    "an identifier of a unit taken already": (units, {"identifier": "TAKEN"}, "(?i)unique"),
    "a unit of less than no hours": (units, {"scheduled_hours": -1}, "hours_positive"),
    "a unit before the first": (course_units, {"position": 0}, "position_positive"),
    "two units at one place": (course_units, {"position": 1}, "(?i)unique"),
    "an offer that ends before it starts": (
        course_offers,
        {"starts_on": START.date(), "ends_on": START.date() - timedelta(days=1)},
        "days_in_order",
    ),
    "a reference of an offer taken already": (course_offers, {"external_ref": "O"}, "(?i)unique"),
    "a title of a reason taken already": (status_reasons, {"title_key": "reason"}, "(?i)unique"),
}
UNKNOWN_VALUES = [(courses, "status"), (units, "status"), (course_offers, "status"), (status_reasons, "status")]
