"""Enrolling in an offer of a course, with its units (S4 Sales, Progression)."""

from typing import Any

import pytest

from portal_api.domain.roles import Role
from portal_api.models import history_entries
from tests.api.calls import call, codes_and_paths
from tests.api.cases import outcomes, row_codes
from tests.conftest import SignIn
from tests.factories import Organisation, Record

NODE = """id externalRef status commitmentId startsOn endsOn learner { id } courseOffer { id } statusReason { id }
    units(first: 5, orderBy: {field: STARTS_ON}) { nodes {
        unit { id } programIdentifier startsOn endsOn outcome scheduledHours } }"""


@pytest.fixture
def offer(organisation: Organisation) -> Record:
    """An offer with days, of a course with a unit in use and one that is retired."""
    units = organisation.unit(scheduled_hours=30), organisation.unit(is_active=False)
    course = organisation.course(*units, program_identifier="BSB50120")
    return organisation.course_offer(course, starts_on=organisation.day(10), ends_on=organisation.day(90))


async def test_the_units_of_the_course_come_with_the_days_of_the_offer(
    organisation: Organisation, offer: Record, sign_in: SignIn
) -> None:
    one, two, reason = organisation.learner(), organisation.learner(), organisation.status_reason()
    rows: list[dict[str, Any]] = [{"learnerId": one.gid, "commitmentId": "C-1"}, {"learnerId": two.gid}]

    payload = await call(
        sign_in(Role.ADMIN),
        "enrolInCourse",
        NODE,
        courseOfferId=offer.gid,
        learners=[*rows, rows[0]],
        statusReasonId=reason.gid,
    )

    assert outcomes(payload) == ["CHANGED", "CHANGED"]
    assert [each["id"] for each in payload["results"]] == [one.gid, two.gid]
    node = payload["results"][0]["node"]
    [unit] = node.pop("units")["nodes"]
    assert (unit["programIdentifier"], unit["scheduledHours"], unit["outcome"]) == ("BSB50120", 30, None)
    days = str(organisation.day(10)), str(organisation.day(90))
    assert (unit["startsOn"], unit["endsOn"]) == (node["startsOn"], node["endsOn"]) == days
    assert node["externalRef"] == node["id"]
    assert (node["status"], node["commitmentId"], node["statusReason"]) == ("CURRENT", "C-1", {"id": reason.gid})
    assert payload["results"][1]["node"]["commitmentId"] is None
    told = await organisation.stored(history_entries)
    assert (
        sorted(each["action"].value for each in told)
        == ["course_enrolment_created"] * 2 + ["unit_enrolment_created"] * 2
    )


async def test_units_can_be_chosen_and_are_bounded_by_three_programs(
    organisation: Organisation, offer: Record, sign_in: SignIn
) -> None:
    learner, admin = organisation.learner(), sign_in(Role.ADMIN)
    units = [
        {"unitId": organisation.unit().gid, "programIdentifier": program, "startsOn": str(organisation.day(place))}
        for place, program in enumerate(("P1", "P2", "P3", "P4"))
    ]
    given: dict[str, Any] = {"courseOfferId": offer.gid, "learners": [{"learnerId": learner.gid}]}

    refused = await call(admin, "enrolInCourse", NODE, units=units, **given)
    assert row_codes(refused) == [["TOO_MANY_PROGRAMS"]]
    payload = await call(admin, "enrolInCourse", NODE, units=units[:3], status="ENQUIRY", **given)
    node = payload["results"][0]["node"]
    assert [each["programIdentifier"] for each in node["units"]["nodes"]] == ["P1", "P2", "P3"]
    assert node["status"] == "ENQUIRY"
    fourth = {**units[3], "unitId": organisation.unit().gid}
    added = await call(admin, "addUnitEnrolments", "id", courseEnrolmentId=node["id"], units=[fourth])
    assert row_codes(added) == [["TOO_MANY_PROGRAMS"]]
    third = {**fourth, "programIdentifier": "P3"}
    added = await call(admin, "addUnitEnrolments", "id", courseEnrolmentId=node["id"], units=[third, third])
    assert (outcomes(added), row_codes(added)) == (["CHANGED", "REFUSED"], [[], ["ALREADY_ENROLLED"]])


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"status": "WITHDRAWN"}, ("INPUT_INVALID", "input.status")),
        ({"startsOn": "2030-01-01"}, ("INVALID_DATES", "input.endsOn")),
    ],
)
async def test_what_cannot_be_meant_is_refused(
    organisation: Organisation, offer: Record, sign_in: SignIn, given: dict[str, str], refusal: tuple[str, str]
) -> None:
    payload = await call(
        sign_in(Role.ADMIN),
        "enrolInCourse",
        NODE,
        courseOfferId=offer.gid,
        learners=[{"learnerId": organisation.learner().gid}],
        **given,
    )

    assert refusal in codes_and_paths(payload)[0]


async def test_what_is_wrong_with_a_unit_names_its_place(
    organisation: Organisation, offer: Record, sign_in: SignIn
) -> None:
    retired, unit = organisation.unit(is_active=False), organisation.unit()
    units = [
        {"unitId": retired.gid},
        {"unitId": unit.gid, "startsOn": "2026-05-02", "endsOn": "2026-05-01"},
        {"unitId": organisation.unit().gid, "scheduledHours": -1, "programIdentifier": "a b"},
        {"unitId": unit.gid},
        {"unitId": f"unt_{'0' * 32}"},
    ]

    payload = await call(
        sign_in(Role.ADMIN),
        "enrolInCourse",
        NODE,
        courseOfferId=offer.gid,
        learners=[{"learnerId": organisation.learner().gid}],
        units=units,
    )

    assert codes_and_paths(payload) == [
        [
            ("STATUS_NOT_ALLOWED", "input.units.0.unitId"),
            ("INVALID_DATES", "input.units.1.endsOn"),
            ("INPUT_INVALID", "input.units.2.scheduledHours"),
            ("INPUT_INVALID", "input.units.2.programIdentifier"),
            ("INPUT_INVALID", "input.units.3.unitId"),
            ("NOT_FOUND", ""),
        ]
    ]


async def test_who_is_inactive_or_unseen_and_what_is_retired_takes_nobody(
    organisation: Organisation, offer: Record, sign_in: SignIn
) -> None:
    inactive, admin = organisation.learner(is_active=False), sign_in(Role.ADMIN)
    twin = organisation.twin()
    stranger = twin.learner()
    await twin.save()
    retired = organisation.course_offer(organisation.course(), is_active=False)
    of_retired = organisation.course_offer(organisation.course(is_active=False))
    rows = [{"learnerId": inactive.gid}, {"learnerId": stranger.gid}]

    payload = await call(admin, "enrolInCourse", NODE, courseOfferId=offer.gid, learners=rows)
    assert row_codes(payload) == [["LEARNER_INACTIVE"], ["NOT_FOUND"]]
    for closed in (retired, of_retired):
        payload = await call(
            admin, "enrolInCourse", NODE, courseOfferId=closed.gid, learners=[{"learnerId": organisation.learner().gid}]
        )
        assert row_codes(payload) == [["STATUS_NOT_ALLOWED"]]


async def test_an_enrolment_can_begin_without_units(organisation: Organisation, offer: Record, sign_in: SignIn) -> None:
    rows = [{"learnerId": organisation.learner().gid}]

    payload = await call(sign_in(Role.ADMIN), "enrolInCourse", NODE, courseOfferId=offer.gid, learners=rows, units=[])

    assert payload["results"][0]["node"]["units"]["nodes"] == []


async def test_one_call_makes_a_bounded_number_of_units(
    organisation: Organisation, offer: Record, sign_in: SignIn
) -> None:
    rows = [{"learnerId": organisation.learner().gid} for _ in range(201)]
    units = [{"unitId": organisation.unit().gid} for _ in range(100)]
    given: dict[str, Any] = {"courseOfferId": offer.gid, "units": units, "preview": True}

    refused = await call(sign_in(Role.ADMIN), "enrolInCourse", "id", learners=rows, **given)
    assert {tuple(codes) for codes in row_codes(refused)} == {("LIMIT_EXCEEDED",)}
    fitting = await call(sign_in(Role.ADMIN), "enrolInCourse", "id", learners=rows[:200], **given)
    assert set(outcomes(fitting)) == {"CHANGED"}


async def test_a_unit_that_left_its_course_stays_readable_to_who_takes_it(
    organisation: Organisation, sign_in: SignIn
) -> None:
    unit = organisation.unit(is_active=False)
    enrolment = organisation.course_enrolment(organisation.own[Role.LEARNER])
    organisation.unit_enrolment(enrolment, unit)

    seen = await sign_in(Role.LEARNER).query("{ unitEnrolments { nodes { unit { id } } } units { totalCount } }")

    assert seen == {"unitEnrolments": {"nodes": [{"unit": {"id": unit.gid}}]}, "units": {"totalCount": 1}}


async def test_more_units_than_a_course_has_are_refused_as_a_whole(
    organisation: Organisation, offer: Record, sign_in: SignIn
) -> None:
    payload = await call(
        sign_in(Role.ADMIN),
        "enrolInCourse",
        NODE,
        courseOfferId=offer.gid,
        learners=[{"learnerId": organisation.learner().gid}],
        units=[{"unitId": organisation.unit().gid}] * 101,
    )

    assert [(each["code"], each["path"]) for each in payload["errors"]] == [("LIMIT_EXCEEDED", ["input", "units"])]
