"""Active learners who have course enrolments, all of them over, in plain Python; for administrators alone."""

from typing import Any
from zoneinfo import ZoneInfo

from portal_api.domain.learners import LearnerStatus
from tests.oracle.engine import MOST_AT_ROOT, Asking, Noun, connection, refuse, reporting, searching
from tests.oracle.groups import in_group
from tests.oracle.learners import LEARNER, texts
from tests.oracle.open_records import OPEN_COURSES
from tests.oracle.rows import Row, wire
from tests.oracle.stages import IN_COURSE, IN_OFFER, latest_end


def _enrolments(asking: Asking, row: Row) -> list[Row]:
    own = [each for each in asking.rows["CourseEnrolment"] if each.learner_id == row.id]
    return sorted(own, key=lambda each: each.id.hex)


def _why(asking: Asking, enrolment: Row) -> str | None:
    """Its status first; else that its last day is past, where the organisation is. None of one that goes on."""
    if enrolment.status not in OPEN_COURSES:
        return "STATUS"
    [organisation] = asking.rows["Organisation"]
    end, today = latest_end(asking, enrolment), asking.now.astimezone(ZoneInfo(organisation.time_zone)).date()
    return "PAST_END" if end is not None and end < today else None


def _rows(asking: Asking) -> list[Row]:
    return [
        row
        for row in asking.rows["Learner"]
        if row.status is LearnerStatus.ACTIVE
        and (own := _enrolments(asking, row))
        and all(_why(asking, each) for each in own)
    ]


def _told(asking: Asking, row: Row) -> list[dict[str, Any]]:
    return [
        {
            "courseEnrolmentId": f"cen_{each.id.hex}",
            "reason": _why(asking, each),
            "status": wire(each.status),
            "latestEndOn": wire(latest_end(asking, each)),
        }
        for each in _enrolments(asking, row)
    ]


def _in_words(asking: Asking, row: Row) -> list[str]:
    return [
        f"{each['courseEnrolmentId']} {each['reason']} {each['status' if each['reason'] == 'STATUS' else 'latestEndOn']}"
        for each in _told(asking, row)
    ]


LEARNER_WITH_INACTIVE_ENROLMENTS = Noun(
    "LearnerWithInactiveEnrolments",
    "",
    sees=lambda asking, _: asking.is_administrator,
    rows=_rows,
    fields={
        "learner": lambda asking, row: asking.record("Learner", row.id),
        "enrolments": _told,
        "reasons": _in_words,
    },
    keys={"id": "lrn", "managerId": "lrn", "courseOfferId": "off", "courseId": "crs", "groupId": "grp"},
    compared={"id": lambda _, row: row.id},
    conditions={
        "courseOfferId": IN_OFFER,
        "courseId": IN_COURSE,
        "groupId": in_group(lambda row: row.id),
        "reportsTo": reporting(lambda row: row.id),
        "search": searching(texts),
    },
    orders={name: LEARNER.orders[name] for name in ("FAMILY_NAME", "GIVEN_NAME", "CREATED_AT", "LAST_ACTIVITY_AT")},
    usual_order=(("FAMILY_NAME", False), ("GIVEN_NAME", False)),
)


def learners_with_inactive_enrolments(_: Any, info: Any, **given: Any) -> dict[str, Any]:
    """Answers `learnersWithInactiveEnrolments`."""
    asking: Asking = info.context
    if not asking.is_administrator:
        raise refuse("FORBIDDEN")
    noun = LEARNER_WITH_INACTIVE_ENROLMENTS
    page = connection(asking, noun, asking.seen(noun.type), given, MOST_AT_ROOT)
    asking.served += len(page["nodes"])
    return page
