"""Courses, units, offers and status reasons, in plain Python."""

from collections.abc import Callable, Mapping
from typing import Any

from portal_api import models
from portal_api.domain.courses.library import (
    COURSE_OFFERS,
    COURSES,
    STATUS_REASONS,
    UNITS,
    CourseOfferFacts,
)
from portal_api.domain.library import LibraryStatus
from portal_api.domain.machine import RecordFacts
from portal_api.domain.roles import Role
from tests.oracle.engine import Asking, Noun, joined, key_of, owned, searching
from tests.oracle.rows import Row, folded, wire

FAR_DAY = "9999-12-30"


def _is_active(row: Row) -> bool:
    return row.status is LibraryStatus.ACTIVE


def _sees_active(asking: Asking, row: Row) -> bool:
    return asking.viewer.role in (Role.MANAGER, Role.INTEGRATION) and _is_active(row)


def _takes(asking: Asking, offer: Row) -> bool:
    own = asking.viewer.learner_id
    return any(each.course_offer_id == offer.id and each.learner_id == own for each in asking.rows["CourseEnrolment"])


def _reaches(asking: Asking, course: Row) -> bool:
    """By an offer: as its trainer, or enrolled in it while the course is active."""
    offers = [each for each in asking.rows["CourseOffer"] if each.course_id == course.id]
    return any(asking.trains(each.id) or (_is_active(course) and _takes(asking, each)) for each in offers)


def _sees_course(asking: Asking, row: Row) -> bool:
    return asking.is_administrator or _sees_active(asking, row) or _reaches(asking, row)


def _sees_offer(asking: Asking, row: Row) -> bool:
    is_taken = _is_active(row) and _takes(asking, row)
    return asking.is_administrator or _sees_active(asking, row) or asking.trains(row.id) or is_taken


def _sees_unit(asking: Asking, row: Row) -> bool:
    """Whatever has become of it, as part of a course that is reached, or of an enrolment that is one's own or taught."""
    own = asking.viewer.learner_id
    taken = (each for each in asking.rows["UnitEnrolment"] if each.unit_id == row.id)
    if asking.is_administrator or _sees_active(asking, row):
        return True
    if any(each.learner_id == own or asking.trains(each.course_offer_id) for each in taken):
        return True
    of = {each.course_id for each in asking.rows["CourseUnit"] if each.unit_id == row.id}
    return any(course.id in of and _reaches(asking, course) for course in asking.rows["Course"])


def _place(asking: Asking, course: Row, unit: Row) -> int:
    pairs = asking.rows["CourseUnit"]
    return next(each.position for each in pairs if (each.course_id, each.unit_id) == (course.id, unit.id))


def _trained_by(asking: Asking, given: Mapping[str, Any]) -> Callable[[Row], bool]:
    """By one of some users, or by none of them; a user who is not seen trains nowhere."""
    tests = list[tuple[set[Any], bool]]()
    for name, asked in given.items():
        if asked is not None:
            keys = [key_of(each, "usr") for each in ([asked] if name == "eq" else asked)]
            trained = {
                each.course_offer_id
                for each in asking.rows["CourseOfferTrainer"]
                if each.user_id in keys and asking.record("User", each.user_id)
            }
            tests.append((trained, name != "notIn"))
    return lambda row: all((row.id in trained) is wanted for trained, wanted in tests)


def _offer_actions(asking: Asking, row: Row) -> Any:
    [course] = [each for each in asking.rows["Course"] if each.id == row.course_id]
    return COURSE_OFFERS.actions(asking.viewer.role, CourseOfferFacts(row.status, course.status))


BY_TITLE = {"TITLE": lambda row: folded(row.title), "CREATED_AT": lambda row: wire(row.created_at)}
HISTORY = {"history": ("HistoryEntry", owned("subject_id"))}

COURSE = Noun(
    "Course",
    "crs",
    sees=_sees_course,
    tables={"Course": models.courses, "CourseUnit": models.course_units},
    root="course",
    root_list="courses",
    fields={
        "supersededBy": lambda asking, row: asking.record("Course", row.superseded_by),
        "actions": lambda asking, row: COURSES.actions(asking.viewer.role, RecordFacts(row.status)),
    },
    lists={
        "units": ("Unit", joined("CourseUnit", "course_id", "unit_id")),
        "offers": ("CourseOffer", owned("course_id")),
        **HISTORY,
    },
    places={"units": _place},
    keys={"id": "crs", "supersededById": "crs"},
    compared={"supersededById": lambda _, row: row.superseded_by},
    conditions={"search": searching(lambda _, row: [f"{row.title} {row.external_ref} {row.program_identifier}"])},
    orders=BY_TITLE,
)
UNIT = Noun(
    "Unit",
    "unt",
    sees=_sees_unit,
    tables={"Unit": models.units},
    root="unit",
    root_list="units",
    fields={"actions": lambda asking, row: UNITS.actions(asking.viewer.role, RecordFacts(row.status))},
    lists={"courses": ("Course", joined("CourseUnit", "unit_id", "course_id")), **HISTORY},
    keys={"id": "unt"},
    conditions={"search": searching(lambda _, row: [f"{row.title} {row.identifier}"])},
    orders=BY_TITLE,
)
COURSE_OFFER = Noun(
    "CourseOffer",
    "off",
    sees=_sees_offer,
    tables={
        "CourseOffer": models.course_offers,
        "CourseOfferTrainer": models.course_offer_trainers,
    },
    root="courseOffer",
    root_list="courseOffers",
    fields={
        "course": lambda asking, row: asking.record("Course", row.course_id),
        "actions": _offer_actions,
    },
    lists={
        "trainers": ("User", joined("CourseOfferTrainer", "course_offer_id", "user_id")),
        "enrolments": ("CourseEnrolment", owned("course_offer_id")),
        **HISTORY,
    },
    keys={"id": "off", "courseId": "crs", "trainerId": "usr"},
    conditions={
        "trainerId": _trained_by,
        "search": searching(lambda _, row: [f"{row.title} {row.external_ref}"]),
    },
    orders={**BY_TITLE, "STARTS_ON": lambda row: wire(row.starts_on) or FAR_DAY},
)
STATUS_REASON = Noun(
    "StatusReason",
    "srn",
    sees=lambda asking, _: asking.viewer.role is not Role.INTEGRATION,
    tables={"StatusReason": models.status_reasons},
    root_list="statusReasons",
    fields={"actions": lambda asking, row: STATUS_REASONS.actions(asking.viewer.role, RecordFacts(row.status))},
    lists=HISTORY,
    keys={"id": "srn"},
    conditions={"search": searching(lambda _, row: [row.title])},
    orders=BY_TITLE,
)
NOUNS = (COURSE, UNIT, COURSE_OFFER, STATUS_REASON)
