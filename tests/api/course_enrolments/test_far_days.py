"""The first and the last day that there are, given wherever a call takes a day of training: none is an error of the portal."""

from collections.abc import Callable
from datetime import date

import pytest

from portal_api.domain.calendar import DAY
from portal_api.domain.courses.statuses import COMPLETIONS
from portal_api.domain.courses.statuses import CourseEnrolmentStatus as S
from portal_api.domain.roles import Role
from tests.api.calls import answer
from tests.client import Json
from tests.conftest import SignIn
from tests.factories import Organisation, Record

READ = """{ courseEnrolments(first: 50, orderBy: {field: LATEST_END_ON}) { nodes {
    stage latestEndOn needs { need } checklist { state } actions { available } } } }"""
Given = Callable[[Organisation, str], Json]


def _from_end_to_end(made: Organisation, enrolment: Record) -> list[Record]:
    """Units at each end of the calendar, and across it; of the very first and last day a driver makes another one."""
    early, late = date.min + DAY, date.max - DAY
    days = ((early, early), (late, late), (early, late))
    return [made.unit_enrolment(enrolment, starts_on=first, ends_on=last, hours=1) for first, last in days]


def _enrolling(made: Organisation, day: str) -> Json:
    return {
        "courseOfferId": made.course_offer(made.course()).gid,
        "learners": [{"learnerId": made.learner().gid}],
        "startsOn": day,
        "endsOn": day,
        "units": [{"unitId": made.unit().gid, "startsOn": day, "endsOn": day}],
    }


def _adding(made: Organisation, day: str) -> Json:
    enrolment = made.course_enrolment(made.learner())
    return {
        "courseEnrolmentId": enrolment.gid,
        "units": [{"unitId": made.unit().gid, "startsOn": day, "endsOn": day}],
    }


def _updating(made: Organisation, day: str) -> Json:
    unit = made.unit_enrolment(made.course_enrolment(made.learner()))
    return {"units": [{"id": unit.gid, "startsOn": day, "endsOn": day}]}


def _flagging(made: Organisation, day: str) -> Json:
    enrolment = made.course_enrolment(made.learner(), status=S.WITHDRAWN, finalised_on=made.day(-1))
    return {"ids": [enrolment.gid], "purpose": "RENEWAL", "on": day}


def _finalising(to: S, name: str, before: S = S.CURRENT) -> Given:
    """A finalisation with the day in one place, of an enrolment with units everywhere."""

    def given(made: Organisation, day: str) -> Json:
        enrolment = made.course_enrolment(made.learner(), status=before)
        own: Json = {} if to in COMPLETIONS else {"on": str(made.today)}
        if to is S.DEFERRED:
            own["returnsOn"] = str(made.day(31))
        units = [
            *_from_end_to_end(made, enrolment),
            *(made.unit_enrolment(enrolment, starts=days, hours=1) for days in (-5, 5)),
        ]
        if name in ("on", "returnsOn"):
            own[name] = day
        elif name != "reconnect":
            own["units"] = [{"unitEnrolmentId": each.gid, name: day} for each in units]
        closing = {"reconnect": {"purpose": "RENEWAL", "on": day}} if name == "reconnect" else None
        return {"status": to.name, "enrolments": [{"id": enrolment.gid, **own}], "closing": closing}

    return given


WHEREVER: dict[str, tuple[str, Given]] = {
    "enrolling": ("enrolInCourse", _enrolling),
    "adding": ("addUnitEnrolments", _adding),
    "updating a unit": ("updateUnitEnrolments", _updating),
    "updating": (
        "updateCourseEnrolment",
        lambda made, day: {"id": made.course_enrolment(made.learner()).gid, "startsOn": day, "endsOn": day},
    ),
    "flagging": ("flagForReconnect", _flagging),
    "offering": (
        "createCourseOffers",
        lambda made, day: {
            "offers": [{"courseId": made.course().gid, "title": "Far away", "startsOn": day, "endsOn": day}]
        },
    ),
    "changing an offer": (
        "updateCourseOffer",
        lambda made, day: {"id": made.course_offer(made.course()).gid, "startsOn": day, "endsOn": day},
    ),
    **{
        f"{to.value} from {before.value} by {name}": (
            "finaliseCourseEnrolments",
            _finalising(to, name, before),
        )
        for to, before, names in (
            (S.WITHDRAWN, S.CURRENT, ("on", "reconnect")),
            (S.COMPLETED, S.CURRENT, ("startsOn", "endsOn", "reconnect")),
            (S.DEFERRED, S.CURRENT, ("on", "returnsOn", "startsOn", "endsOn")),
            (S.DEFERRED, S.DEFERRED, ("on", "returnsOn", "startsOn", "endsOn")),
        )
        for name in names
    },
}


@pytest.mark.parametrize("day", [date.min, date.max], ids=["first", "last"])
@pytest.mark.parametrize("call", WHEREVER)
async def test_a_day_at_the_end_of_the_calendar_is_taken_or_refused(
    organisation: Organisation, sign_in: SignIn, call: str, day: date
) -> None:
    mutation, given = WHEREVER[call]
    admin = sign_in(Role.ADMIN)

    answered = await answer(admin, mutation, "id", **given(organisation, day.isoformat()))

    assert "errors" not in answered, answered["errors"]
    told = {each["code"] for each in answered["data"][mutation]["results"][0]["errors"]}
    assert told <= {"DATE_IN_FUTURE", "INVALID_DATES", "END_IN_FUTURE", "OUTCOME_MISSING"}
    assert (await admin.query(READ))["courseEnrolments"]
