"""How many statements the calls on course enrolments, units and surveys take that name more than identifiers."""

from collections.abc import Callable, Sequence

import pytest

from portal_api.domain.courses.statuses import CourseEnrolmentStatus
from portal_api.domain.roles import Role
from tests.api.cases import call_of, outcomes
from tests.api.cases.course_enrolments import superseded
from tests.client import Json
from tests.conftest import SignIn
from tests.factories import Organisation, Record

S = CourseEnrolmentStatus
Laid = Callable[[Organisation, int], Json]
MANY = 1_000


def _learners(made: Organisation, rows: int) -> Json:
    offer = made.course_offer(made.course(made.unit(), made.unit()))
    return {
        "courseOfferId": offer.gid,
        "learners": [{"learnerId": made.learner().gid, "commitmentId": f"COM-{n}"} for n in range(rows)],
        "statusReasonId": made.status_reason().gid,
    }


def _with_units(made: Organisation, rows: int) -> Sequence[Record]:
    """Enrolments with a unit that has commenced and one that has not, in one offer."""
    offer, units = made.course_offer(made.course()), (made.unit(), made.unit())
    enrolments = [made.course_enrolment(made.learner(), offer) for _ in range(rows)]
    for each in enrolments:
        made.unit_enrolment(each, units[0], hours=12)
        made.unit_enrolment(each, units[1], starts=20)
    return enrolments


def _leaving(made: Organisation, rows: int) -> Json:
    return {
        "enrolments": [{"id": each.gid, "on": str(made.day(-1))} for each in _with_units(made, rows)],
        "status": "WITHDRAWN",
        "statusReasonId": made.status_reason().gid,
    }


def _leaving_for_good(made: Organisation, rows: int) -> Json:
    return _leaving(made, rows) | {
        "closing": {
            "appAccessOff": True,
            "reconnect": {"purpose": "RENEWAL", "on": str(made.day(90))},
            "deactivation": {"note": "Has left"},
        }
    }


def _moving_on(made: Organisation, rows: int) -> Json:
    return {"enrolments": [{"id": superseded(made).gid, "commitmentId": f"COM-{n}"} for n in range(rows)]}


def _recording(made: Organisation, rows: int) -> Json:
    offer, unit = made.course_offer(made.course()), made.unit()
    enrolled = [made.course_enrolment(made.learner(), offer) for _ in range(rows)]
    units = [made.unit_enrolment(each, unit) for each in enrolled]
    return {"units": [{"id": each.gid, "outcome": "20", "programIdentifier": "CHC33021"} for each in units]}


def _adding(made: Organisation, rows: int) -> Json:
    enrolment = made.course_enrolment(made.learner())
    return {"courseEnrolmentId": enrolment.gid, "units": [{"unitId": made.unit().gid} for _ in range(rows)]}


def _completed(made: Organisation, rows: int) -> Sequence[Record]:
    offer = made.course_offer(made.course())
    return [made.course_enrolment(made.learner(), offer, S.COMPLETED) for _ in range(rows)]


def _asking(made: Organisation, rows: int) -> Json:
    return {"ids": [each.gid for each in _completed(made, rows)]}


def _answering(made: Organisation, rows: int) -> Json:
    surveys = [made.survey(each) for each in _completed(made, rows)]
    return {"answers": [{"surveyId": each.gid, "answersRef": f"A-{n}"} for n, each in enumerate(surveys)]}


@pytest.mark.parametrize(
    ("mutation", "laid_out", "most"),
    [
        ("enrolInCourse", _learners, 20),
        ("finaliseCourseEnrolments", _leaving, 20),
        ("finaliseCourseEnrolments", _leaving_for_good, 40),
        ("transitionCourseEnrolments", _moving_on, 20),
        ("updateUnitEnrolments", _recording, 20),
        ("addUnitEnrolments", _adding, 20),
        ("requestSurveys", _asking, 16),
        ("recordSurveyAnswers", _answering, 16),
    ],
    ids=lambda each: each.__name__.strip("_") if callable(each) else str(each),
)
async def test_a_thousand_rows_cost_as_many_statements_as_one(
    mutation: str, laid_out: Laid, most: int, organisation: Organisation, sign_in: SignIn
) -> None:
    case = call_of(mutation)
    one, many = laid_out(organisation, 1), laid_out(organisation, MANY)
    await organisation.save()
    tally = organisation.database.tally

    async def statements(given: Json, rows: int) -> int:
        before = tally.statements
        payload = await case.payload(sign_in(Role.ADMIN), given)
        assert outcomes(payload) == ["CHANGED"] * rows
        return tally.statements - before

    assert await statements(one, 1) == await statements(many, MANY) <= most
