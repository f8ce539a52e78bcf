"""The courses, units, offers and status reasons of the scene, and what becomes of them."""

from portal_api.domain.roles import Role
from portal_api.models import courses, learners
from tests.factories import Organisation, Record

CHANGES = (
    ("updateCourse", "course taught", {"title": "Taught"}),
    ("updateCourse", "course taken", {"title": "Taken"}),
    ("retireCourses", "course retired", {}),
    ("retireCourses", "course old", {}),
    ("updateUnit", "unit taught", {"title": "Taught"}),
    ("updateUnit", "unit foreign", {"title": "Foreign"}),
    ("retireUnits", "unit retired", {}),
    ("updateCourseOffer", "offer taught", {"title": "Taught"}),
    ("updateCourseOffer", "offer taken", {"title": "Taken"}),
    ("retireCourseOffers", "offer retired", {}),
    ("retireCourseOffers", "offer old", {}),
    ("retireStatusReasons", "reason retired", {}),
)
"""What is done to them: the mutation, what it is done to, and what it is given."""


def lay_out_courses(made: Organisation, report: Record, stranger: Record) -> dict[str, Record]:
    """What the Trainer teaches, now and once; what the Learner takes, in use and not; what neither has to do with."""
    trainer = made.staff[Role.TRAINER]
    units = {label: made.unit() for label in ("taught", "taken", "foreign", "retired")}
    newer = made.course(units["foreign"])
    shelf = {
        "taught": made.course(units["taught"], superseded_by=newer),
        "taken": made.course(units["retired"], units["taken"], superseded_by=newer),
        "foreign": newer,
        "retired": made.course(),
        "old": made.course(),
    }
    offers = {
        "taught": made.course_offer(shelf["taught"], trainer),
        "taken": made.course_offer(shelf["taken"], made.user(Role.TRAINER, stranger)),
        "foreign": made.course_offer(newer),
        "retired": made.course_offer(shelf["retired"]),
        "old": made.course_offer(shelf["old"], trainer),
    }
    for label in ("taken", "retired"):
        made.course_enrolment(report, offers[label])
    made.course_enrolment(stranger, offers["foreign"])
    return {
        **{f"course {label}": each for label, each in shelf.items()},
        **{f"unit {label}": each for label, each in units.items()},
        **{f"offer {label}": each for label, each in offers.items()},
        "reason kept": made.status_reason(),
        "reason retired": made.status_reason(),
    }


def name_by_reference(made: Organisation) -> None:
    """Has each course and learner reported by its own reference, so that it alone is found by that."""
    for row in made.rows[courses]:
        row["external_ref"] = row["program_identifier"]
    for row in made.rows[learners]:
        row["student_identifier"] = row["external_ref"]


def only_theirs(twin: Organisation) -> dict[str, Record]:
    """What the twin alone has."""
    course = twin.course(external_ref="THEIR-COURSE", program_identifier="THEIR-COURSE")
    return {
        "course theirs": course,
        "unit theirs": twin.unit(identifier="THEIRUNIT"),
        "offer theirs": twin.course_offer(course, external_ref="THEIR-OFFER"),
        "reason theirs": twin.status_reason(title="THEIR-REASON"),
    }
