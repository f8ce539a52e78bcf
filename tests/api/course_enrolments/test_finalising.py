"""Finalising over HTTP: each row of the table, at both sides of every boundary (S2 Finalise Course Enrolment)."""

from typing import Any

import pytest

from portal_api.domain.courses.outcomes import FINAL, Outcome
from portal_api.domain.courses.statuses import NOT_COMPLETED
from portal_api.domain.courses.statuses import CourseEnrolmentStatus as S
from portal_api.domain.roles import Role
from portal_api.models import history_entries
from tests.api.cases import outcomes
from tests.api.course_enrolments.finalising import finalise, refusals, row, units_of
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import DAY, Organisation, Record

LEFT = sorted(NOT_COMPLETED)


@pytest.fixture
def enrolment(organisation: Organisation) -> Record:
    """An enrolment that is running, without units."""
    return organisation.course_enrolment(organisation.learner())


@pytest.mark.parametrize("status", LEFT)
async def test_who_leaves_has_what_commenced_marked_40_and_the_rest_00(
    organisation: Organisation, enrolment: Record, sign_in: SignIn, status: S
) -> None:
    day = organisation.day
    organisation.unit_enrolment(enrolment, starts=-30, ends=-20, outcome=Outcome.COMPETENT, hours=40)
    organisation.unit_enrolment(enrolment, starts=-4, ends=30, hours=12)
    organisation.unit_enrolment(enrolment, starts=-3, ends=30, hours=3)
    organisation.unit_enrolment(enrolment, starts=-2, ends=30)
    organisation.unit_enrolment(enrolment, starts=-1, ends=None)

    payload = await finalise(sign_in(Role.ADMIN), status.name, row(enrolment, day(-3)))

    assert outcomes(payload) == ["CHANGED"]
    assert units_of(payload) == [
        ("20", str(day(-30)), str(day(-20)), 40),
        ("40", str(day(-4)), str(day(-3)), 12),
        ("40", str(day(-3)), str(day(-3)), 3),
        ("00", str(day(-2)), str(day(30)), 0),
        ("00", str(day(-1)), str(day(-1)), 0),
    ]
    node = payload["results"][0]["node"]
    assert (node["status"], node["finalisedOn"], node["trainingOrganisationOutcome"]) == (
        status.name,
        str(day(-3)),
        "TNC",
    )
    assert {each["trainingOrganisationOutcome"] for each in node["units"]["nodes"]} == {"TNC"}
    told = await organisation.stored(history_entries)
    [whole] = [each for each in told if each["action"] == "course_enrolment_finalised"]
    assert (whole["from_status"], whole["to_status"], whole["version"]) == ("CURRENT", status.name, 2)
    parts = [each for each in told if each["action"] == "unit_enrolment_finalised"]
    assert sorted(each["to_status"] for each in parts) == ["00", "00", "40", "40"]
    assert {each["cause_id"] for each in parts} == {whole["id"]}


@pytest.mark.parametrize("outcome", sorted(FINAL))
async def test_a_final_outcome_is_never_touched(
    organisation: Organisation, enrolment: Record, sign_in: SignIn, outcome: Outcome
) -> None:
    organisation.unit_enrolment(enrolment, starts=-30, ends=10, outcome=outcome, hours=1)

    payload = await finalise(sign_in(Role.ADMIN), "WITHDRAWN", row(enrolment, organisation.day(-3)))

    assert units_of(payload) == [(outcome.value, str(organisation.day(-30)), str(organisation.day(10)), 1)]


async def test_hours_are_given_or_recorded_or_missed_by_name(
    organisation: Organisation, enrolment: Record, sign_in: SignIn
) -> None:
    units = [
        organisation.unit_enrolment(enrolment, starts=starts, hours=hours)
        for starts, hours in ((-9, None), (-8, 5), (-7, 5))
    ]
    admin, today = sign_in(Role.ADMIN), organisation.today
    await organisation.save()
    before = await organisation.everything()

    payload = await finalise(admin, "WITHDRAWN", row(enrolment, today, units={units[2].gid: {"hoursAttended": 7}}))
    assert refusals(payload) == [[("HOURS_MISSING", f"units.{units[0].gid}")]]
    assert await organisation.everything() == before

    given: dict[str, Any] = {units[0].gid: {"hoursAttended": 41}, units[2].gid: {"hoursAttended": 0}}
    payload = await finalise(admin, "WITHDRAWN", row(enrolment, today, units=given))
    assert [hours for *_, hours in units_of(payload)] == [41, 5, 0]
    [warned] = [each for each in payload["warnings"] if each["unitEnrolmentId"]]
    assert (warned["unitEnrolmentId"], warned["step"]) == (units[0].gid, "DATES_AND_HOURS")
    assert warned["message"] == "41 hours were attended, and 40 scheduled."


async def test_the_day_of_leaving_is_today_or_earlier_even_before_the_start(
    organisation: Organisation, enrolment: Record, sign_in: SignIn
) -> None:
    unit = organisation.unit_enrolment(enrolment, starts=-30, hours=2)
    admin, day = sign_in(Role.ADMIN), organisation.day

    refused = await finalise(admin, "WITHDRAWN", row(enrolment, day(1)))
    assert refusals(refused) == [[("DATE_IN_FUTURE", "")]]
    refused = await finalise(admin, "WITHDRAWN", row(enrolment))
    assert refusals(refused) == [[("MISSING_DATES", "on")]]
    early = await finalise(admin, "WITHDRAWN", row(enrolment, day(-31)), preview=True)
    assert units_of(early) == [("00", str(day(-30)), str(day(30)), 0)]
    today = await finalise(
        admin, "WITHDRAWN", row(enrolment, day(0), units={unit.gid: {"hoursAttended": 3}}), preview=True
    )
    assert units_of(today) == [("40", str(day(-30)), str(day(0)), 3)]


async def test_a_unit_without_a_start_is_named(organisation: Organisation, enrolment: Record, sign_in: SignIn) -> None:
    unit = organisation.unit_enrolment(enrolment, starts=None, ends=None)

    for status, returns_on in (("WITHDRAWN", None), ("DEFERRED", organisation.day(9))):
        payload = await finalise(sign_in(Role.ADMIN), status, row(enrolment, organisation.today, returns_on))
        assert refusals(payload) == [[("MISSING_DATES", f"units.{unit.gid}")]]


async def test_again_with_the_same_day_is_unchanged_and_another_day_names_the_first(
    organisation: Organisation, enrolment: Record, sign_in: SignIn
) -> None:
    organisation.unit_enrolment(enrolment, hours=3)
    organisation.unit_enrolment(enrolment, starts=5)
    admin, day = sign_in(Role.ADMIN), organisation.day
    await finalise(admin, "WITHDRAWN", row(enrolment, day(-3)))
    before = await organisation.everything()

    again = await finalise(admin, "WITHDRAWN", row(enrolment, day(-3)))
    other = await finalise(admin, "WITHDRAWN", row(enrolment, day(-2)))
    elsewhere = await finalise(admin, "CANCELLED_PENALTY", row(enrolment, day(-3)))

    assert [outcomes(each) for each in (again, other, elsewhere)] == [["UNCHANGED"], ["REFUSED"], ["REFUSED"]]
    assert refusals(other) == [[("ALREADY_FINALISED", "")]]
    assert str(day(-3)) in other["results"][0]["errors"][0]["message"]
    assert [code for code, _ in refusals(elsewhere)[0]] == ["STATUS_NOT_ALLOWED"]
    assert await organisation.everything() == before


async def test_a_status_that_was_set_first_is_finalised_from_itself(
    organisation: Organisation, sign_in: SignIn
) -> None:
    enrolment = organisation.course_enrolment(organisation.learner(), status=S.WITHDRAWN)
    organisation.unit_enrolment(enrolment, hours=3)

    payload = await finalise(sign_in(Role.OWNER), "WITHDRAWN", row(enrolment, organisation.today))

    assert outcomes(payload) == ["CHANGED"]
    assert units_of(payload)[0][0] == "40"


@pytest.mark.parametrize("status", ["COMPLETED", "COMPLETION_PENDING"])
async def test_a_completion_names_all_that_is_missing_and_writes_what_is_given(
    organisation: Organisation, enrolment: Record, sign_in: SignIn, status: str
) -> None:
    day = organisation.day
    organisation.unit_enrolment(enrolment, starts=-32, ends=0, outcome=Outcome.COMPETENT)
    ahead = organisation.unit_enrolment(enrolment, starts=-31, ends=1, outcome=Outcome.COMPETENT)
    bare = organisation.unit_enrolment(enrolment, ends=None, outcome=Outcome.CONTINUING)
    admin = sign_in(Role.ADMIN)

    refused = await finalise(admin, status, row(enrolment))
    assert sorted(refusals(refused)[0]) == [
        ("END_IN_FUTURE", f"units.{ahead.gid}"),
        ("END_MISSING", f"units.{bare.gid}"),
        ("OUTCOME_MISSING", f"units.{bare.gid}"),
    ]
    given: dict[str, Any] = {bare.gid: {"outcome": "30", "endsOn": str(day(-1)), "hoursAttended": 9}}
    refused = await finalise(admin, status, row(enrolment, units=given))
    assert refusals(refused) == [[("END_IN_FUTURE", f"units.{ahead.gid}")]]

    await admin.query(
        "mutation($id: ID!, $on: Date) { updateUnitEnrolments(input: {units: [{id: $id, endsOn: $on}]}) { counts { changed } } }",
        {"id": ahead.gid, "on": str(day(0))},
    )
    payload = await finalise(admin, status, row(enrolment, units=given))
    assert [each[0] for each in units_of(payload)] == ["20", "20", "30"]
    assert units_of(payload)[2] == ("30", str(day(-30)), str(day(-1)), 9)
    node = payload["results"][0]["node"]
    is_final = status == "COMPLETED"
    assert (node["status"], node["finalisedOn"]) == (status, str(day(0)) if is_final else None)
    assert node["trainingOrganisationOutcome"] is None
    assert {each["step"] for each in payload["warnings"]} >= {"STATUS_AND_REASON", "SURVEY", "LEARNER_INACTIVE"}
    again = await finalise(admin, status, row(enrolment, units=given))
    assert outcomes(again) == ["UNCHANGED"]


async def test_from_completion_pending_the_completion_writes_only_the_status(
    organisation: Organisation, sign_in: SignIn
) -> None:
    enrolment = organisation.course_enrolment(organisation.learner(), status=S.COMPLETION_PENDING)
    organisation.unit_enrolment(enrolment, ends=-1, outcome=Outcome.COMPETENT)

    payload = await finalise(sign_in(Role.ADMIN), "COMPLETED", row(enrolment))

    assert payload["results"][0]["node"]["units"]["nodes"][0]["version"] == 1
    assert payload["results"][0]["node"]["status"] == "COMPLETED"


async def test_a_deferral_moves_what_is_open_and_a_return_changes_no_unit(
    organisation: Organisation, enrolment: Record, sign_in: SignIn
) -> None:
    day, admin = organisation.day, sign_in(Role.ADMIN)
    organisation.unit_enrolment(enrolment, starts=-30, ends=-20, outcome=Outcome.COMPETENT)
    organisation.unit_enrolment(enrolment, starts=-10, ends=10)
    organisation.unit_enrolment(enrolment, starts=-9, ends=20)
    organisation.unit_enrolment(enrolment, starts=40, ends=60)

    payload = await finalise(admin, "DEFERRED", row(enrolment, day(-10), day(20)))
    assert units_of(payload) == [
        ("20", str(day(-30)), str(day(-20)), None),
        (None, str(day(-10)), str(day(40)), None),
        ("00", str(day(21)), str(day(50)), 0),
        ("00", str(day(70)), str(day(90)), 0),
    ]
    node = payload["results"][0]["node"]
    assert (node["deferredOn"], node["returnsOn"], node["finalisedAt"]) == (str(day(-10)), str(day(20)), None)
    assert node["trainingOrganisationOutcome"] == "D"
    assert payload["warnings"] == []

    assert outcomes(await finalise(admin, "DEFERRED", row(enrolment, day(-10), day(20)))) == ["UNCHANGED"]
    further = await finalise(admin, "DEFERRED", row(enrolment, day(-10), day(25)))
    assert [each[2] for each in units_of(further)] == [str(day(each)) for each in (-20, 45, 55, 95)]

    returned = await admin.query(
        """mutation($ids: [ID!]!) { setCourseEnrolmentStatus(input: {ids: $ids, status: CURRENT}) { results {
            outcome node { status deferredOn returnsOn trainingOrganisationOutcome
            units(first: 12, orderBy: {field: STARTS_ON}) { nodes { outcome version trainingOrganisationOutcome } } } } } }""",
        {"ids": [enrolment.gid]},
    )
    [result] = returned["setCourseEnrolmentStatus"]["results"]
    assert (result["node"]["status"], result["node"]["deferredOn"]) == ("CURRENT", None)
    assert [each["outcome"] for each in result["node"]["units"]["nodes"]] == ["20", None, "00", "00"]
    assert {each["trainingOrganisationOutcome"] for each in result["node"]["units"]["nodes"]} == {None}
    assert [each["version"] for each in result["node"]["units"]["nodes"]] == [1, 3, 3, 3]


async def test_another_return_moves_what_lies_ahead_and_the_pause_keeps_its_first_day(
    organisation: Organisation, enrolment: Record, sign_in: SignIn
) -> None:
    day, admin = organisation.day, sign_in(Role.ADMIN)
    organisation.unit_enrolment(enrolment, starts=-10, ends=10)
    organisation.unit_enrolment(enrolment, starts=4, ends=20)
    await finalise(admin, "DEFERRED", row(enrolment, day(-3), day(20)))
    added = organisation.unit_enrolment(enrolment, starts=30, ends=31)

    again = await finalise(admin, "DEFERRED", row(enrolment, day(-1), day(20)))
    assert outcomes(again) == ["UNCHANGED"]
    further = await finalise(admin, "DEFERRED", row(enrolment, day(0), day(60)))

    node = further["results"][0]["node"]
    assert (node["deferredOn"], node["returnsOn"]) == (str(day(-3)), str(day(60)))
    assert {each["id"]: each["startsOn"] for each in node["units"]["nodes"]}[added.gid] == str(day(70))
    assert units_of(further) == [
        (None, str(day(-10)), str(day(73)), None),
        ("00", str(day(67)), str(day(83)), 0),
        (None, str(day(70)), str(day(71)), None),
    ]


@pytest.mark.parametrize(("returns", "code"), [(None, "INVALID_DATES"), (0, "INVALID_DATES"), (1, None)])
async def test_who_defers_returns_after_today(
    organisation: Organisation, enrolment: Record, sign_in: SignIn, returns: int | None, code: str | None
) -> None:
    returns_on = None if returns is None else organisation.day(returns)

    payload = await finalise(sign_in(Role.ADMIN), "DEFERRED", row(enrolment, organisation.today, returns_on))

    assert [each for each, _ in refusals(payload)[0]] == ([code] if code else [])


async def test_dates_given_for_a_unit_win_in_a_deferral(
    organisation: Organisation, enrolment: Record, sign_in: SignIn
) -> None:
    day = organisation.day
    open_, ahead = organisation.unit_enrolment(enrolment), organisation.unit_enrolment(enrolment, starts=5, ends=9)
    given: dict[str, Any] = {
        open_.gid: {"endsOn": str(day(99))},
        ahead.gid: {"startsOn": str(day(50)), "endsOn": str(day(49))},
    }

    payload = await finalise(sign_in(Role.ADMIN), "DEFERRED", row(enrolment, day(0), day(30), units=given))
    assert refusals(payload) == [[("INVALID_DATES", f"units.{ahead.gid}")]]
    given[ahead.gid]["endsOn"] = str(day(51))
    payload = await finalise(sign_in(Role.ADMIN), "DEFERRED", row(enrolment, day(0), day(30), units=given))
    assert [each[1:3] for each in units_of(payload)] == [(str(day(-30)), str(day(99))), (str(day(50)), str(day(51)))]


@pytest.mark.parametrize(
    ("status", "given", "is_refused"),
    [
        ("COMPLETED", {"outcome": "20", "endsOn": "2026-01-02"}, True),
        ("COMPLETION_PENDING", {"outcome": "30"}, True),
        ("WITHDRAWN", {"hoursAttended": 30}, True),
        ("DEFERRED", {"endsOn": "2027-01-02"}, True),
        ("WITHDRAWN", {"hoursAttended": None}, False),
        ("CANCELLED_PENALTY", None, False),
        ("DEFERRED", None, False),
    ],
)
async def test_nobody_records_results_of_their_own_by_finalising(
    organisation: Organisation, sign_in: SignIn, status: str, given: Any, is_refused: bool
) -> None:
    own = organisation.learner()
    enrolment = organisation.course_enrolment(own)
    unit = organisation.unit_enrolment(enrolment, hours=3)
    is_completion = status.startswith("COMPLET")
    asked = row(
        enrolment,
        None if is_completion else organisation.today,
        organisation.day(9) if status == "DEFERRED" else None,
        units={unit.gid: given} if given else None,
    )
    client = sign_in(organisation.user(Role.ADMIN, own))
    await organisation.save()
    before = await organisation.everything()

    payload = await finalise(client, status, asked)

    if not is_refused:
        assert outcomes(payload) == ["CHANGED"]
        return
    assert ("OWN_RECORD", f"units.{unit.gid}") in refusals(payload)[0]
    assert await organisation.everything() == before
    data = await client.query(
        "query($id: ID!) { unitEnrolment(id: $id) { actions { action reasons { code } } } }", {"id": unit.gid}
    )
    [shown] = [each for each in data["unitEnrolment"]["actions"] if each["action"] == "UPDATE"]
    assert shown["reasons"] == [{"code": "OWN_RECORD"}]


async def test_who_has_results_of_others_completes_their_own_enrolment(
    organisation: Organisation, sign_in: SignIn
) -> None:
    own = organisation.learner()
    enrolment = organisation.course_enrolment(own)
    organisation.unit_enrolment(enrolment, ends=-1, outcome=Outcome.COMPETENT)

    payload = await finalise(sign_in(organisation.user(Role.OWNER, own)), "COMPLETED", row(enrolment))

    assert outcomes(payload) == ["CHANGED"]


async def test_an_inactive_learner_is_view_only(organisation: Organisation, sign_in: SignIn) -> None:
    enrolment = organisation.course_enrolment(organisation.learner(is_active=False))
    await organisation.save()
    before = await organisation.everything()

    payload = await finalise(sign_in(Role.ADMIN), "WITHDRAWN", row(enrolment, organisation.today))

    assert [code for code, _ in refusals(payload)[0]] == ["LEARNER_INACTIVE"]
    assert await organisation.everything() == before


async def test_a_unit_of_another_enrolment_is_not_found(
    organisation: Organisation, enrolment: Record, sign_in: SignIn
) -> None:
    other = organisation.unit_enrolment(organisation.course_enrolment(organisation.learner()))

    payload = await finalise(
        sign_in(Role.ADMIN), "WITHDRAWN", row(enrolment, organisation.today, units={other.gid: {"hoursAttended": 1}})
    )

    assert refusals(payload) == [[("NOT_FOUND", f"units.{other.gid}")]]


async def test_a_preview_shows_what_would_be_and_a_replay_what_was(
    organisation: Organisation, enrolment: Record, sign_in: SignIn, clock: ManualClock
) -> None:
    organisation.unit_enrolment(enrolment, hours=3)
    admin, given = sign_in(Role.ADMIN), row(enrolment, organisation.today)
    await organisation.save()
    before = await organisation.everything()

    preview = await finalise(admin, "WITHDRAWN", given, preview=True)
    assert await organisation.everything() == before
    first = await finalise(admin, "WITHDRAWN", given, idempotencyKey="once")
    assert [preview["results"], preview["warnings"]] == [first["results"], first["warnings"]]
    written = await organisation.everything()
    clock.advance(DAY / 24)
    again = await finalise(admin, "WITHDRAWN", given, idempotencyKey="once")
    assert again == first
    assert await organisation.everything() == written


@pytest.mark.parametrize(
    ("status", "given", "place"),
    [
        ("CURRENT", {}, "input.status"),
        ("ENQUIRY", {}, "input.status"),
        ("COMPLETED", {"on": "2026-01-01"}, "input.enrolments.0.on"),
        ("WITHDRAWN", {"on": "2026-01-01", "returnsOn": "2026-09-01"}, "input.enrolments.0.returnsOn"),
    ],
)
async def test_what_does_not_go_together_is_refused_with_its_place(
    organisation: Organisation, enrolment: Record, sign_in: SignIn, status: str, given: dict[str, str], place: str
) -> None:
    payload = await finalise(sign_in(Role.ADMIN), status, {"id": enrolment.gid, **given})

    assert [(each["code"], ".".join(each["path"])) for each in payload["errors"]] == [("INPUT_INVALID", place)]
    assert payload["results"] == []
