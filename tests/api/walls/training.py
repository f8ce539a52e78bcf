"""The courses, units, offers and status reasons of the scene, who is enrolled in them, and what becomes of that."""

from base64 import b64encode
from uuid import UUID

from portal_api.domain.courses.statuses import CourseEnrolmentStatus
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.roles import Role
from portal_api.ids import global_id
from portal_api.models import course_enrolments, courses, learners
from portal_api.queries import history as history_queries
from tests.api.walls.certifying import entry_of
from tests.client import Json
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
    ("cancelCredentials", "credential report", {}),
    ("cancelCredentials", "credential stranger", {}),
    ("archiveDocuments", "document report", {}),
    ("archiveDocuments", "document stranger", {}),
    ("updateCourseEnrolment", "attendance taught", {"startsOn": "2026-01-01"}),
    ("updateCourseEnrolment", "attendance report", {"startsOn": "2026-01-01"}),
    ("updateCourseEnrolment", "attendance stranger", {"startsOn": "2026-01-01"}),
    ("reportUnitEnrolments", "module taught", {}),
    ("reportUnitEnrolments", "module report", {}),
    ("reportUnitEnrolments", "module stranger", {}),
)
"""What is done to them: the mutation, what it is done to, and what it is given."""


def lay_out_courses(made: Organisation, boss: Record, report: Record, stranger: Record) -> dict[str, Record]:
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
    reasons = {label: made.status_reason() for label in ("kept", "retired")}
    enrolments = _lay_out_enrolments(
        made, {"boss": boss, "report": report, "stranger": stranger}, offers, units, reasons
    )
    return {
        **enrolments,
        "credential report": made.credential(enrolments["attendance report"]),
        "credential stranger": made.credential(enrolments["attendance stranger"]),
        "document report": made.document(report, course_enrolment_id=enrolments["attendance report"].id),
        "document stranger": made.document(stranger),
        **{f"course {label}": each for label, each in shelf.items()},
        **{f"unit {label}": each for label, each in units.items()},
        **{f"offer {label}": each for label, each in offers.items()},
        **{f"reason {label}": each for label, each in reasons.items()},
    }


def _lay_out_enrolments(
    made: Organisation,
    people: dict[str, Record],
    offers: dict[str, Record],
    units: dict[str, Record],
    reasons: dict[str, Record],
) -> dict[str, Record]:
    """One whom the Trainer trains, who is in another offer as well; those of the Learner; and that of a stranger."""
    enrolments = {
        "boss": made.course_enrolment(people["boss"], offers["foreign"]),
        "taught": made.course_enrolment(people["boss"], offers["taught"], reason=reasons["kept"]),
        "report": made.course_enrolment(people["report"], offers["taken"], reason=reasons["retired"]),
        "retired": made.course_enrolment(people["report"], offers["retired"]),
        "stranger": made.course_enrolment(people["stranger"], offers["foreign"], reason=reasons["kept"]),
    }
    taken = {"boss": "foreign", "taught": "taught", "report": "taken", "stranger": "foreign"}
    return {
        **{f"attendance {label}": each for label, each in enrolments.items()},
        **{
            f"module {label}": made.unit_enrolment(
                enrolments[label], units[unit], program_identifier=f"OF{label.upper()}"
            )
            for label, unit in taken.items()
        },
        **{f"survey {label}": made.survey(enrolments[label]) for label in ("taught", "report", "stranger")},
    }


def name_by_reference(made: Organisation) -> None:
    """Has each course and learner reported by its own reference, so that it alone is found by that."""
    for row in made.rows[courses]:
        row["external_ref"] = row["program_identifier"]
    for row in made.rows[learners]:
        row["student_identifier"] = row["external_ref"]
    for row in made.rows[course_enrolments]:
        row["commitment_ref"] = row["external_ref"]


def only_theirs(twin: Organisation, learner: Record) -> dict[str, Record]:
    """What the twin alone has."""
    course = twin.course(external_ref="THEIR-COURSE", program_identifier="THEIR-COURSE")
    unit, offer = twin.unit(identifier="THEIRUNIT"), twin.course_offer(course, external_ref="THEIR-OFFER")
    ref = "THEIR-ENROLMENT"
    enrolment = twin.course_enrolment(learner, offer, external_ref=ref, commitment_ref=ref)
    return {
        "course theirs": course,
        "credential theirs": twin.credential(enrolment),
        "document theirs": twin.document(learner, title="THEIR-DOCUMENT"),
        "unit theirs": unit,
        "offer theirs": offer,
        "attendance theirs": enrolment,
        "module theirs": twin.unit_enrolment(enrolment, unit, program_identifier="THEIRS"),
        "survey theirs": twin.survey(enrolment),
        "reason theirs": twin.status_reason(title="THEIR-REASON"),
    }


def named_together(made: Organisation, records: dict[str, Record]) -> dict[str, Json]:
    """What is given where an enrolment is named with something else: both are records that the scene has a name for."""
    enrolment, unit = records["attendance taught"], records["module taught"]
    given = {"id": enrolment.gid, "on": str(made.day(-1)), "units": [{"unitEnrolmentId": unit.gid, "hoursAttended": 3}]}
    return {
        "finaliseCourseEnrolments": {"enrolments": [given], "status": CourseEnrolmentStatus.WITHDRAWN.name},
        "addDocuments": {
            "documents": [
                {
                    "learnerId": records["learner report"].gid,
                    "courseEnrolmentId": records["attendance report"].gid,
                    "title": "Passport",
                    "fileName": "passport.pdf",
                    "mediaType": "PDF",
                    "content": b64encode(b"%PDF-1.7 a passport").decode(),
                }
            ]
        },
        "setCourseEnrolmentStatus": {"ids": [enrolment.gid], "status": CourseEnrolmentStatus.PENDING.name},
    }


async def tell_of_surveys(organisation: Organisation, keys: dict[str, UUID]) -> dict[str, str]:
    """Writes an entry about some of the surveys; says what each is called."""
    now, kind, action = organisation.clock(), SubjectKind.SURVEY, HistoryAction.SURVEY_REQUESTED
    entries = {
        label: entry_of(organisation, now, kind, keys[f"survey {label}"], action, keys[f"learner {label}"], "REQUESTED")
        for label in ("report", "stranger")
    }
    async with organisation.database.engine.begin() as connection:
        await history_queries.record(connection, list(entries.values()))
    return {f"entry survey {label}": global_id("his", entry.id) for label, entry in entries.items()}
