"""Outcomes, dates and hours of units, in bulk; which were reported; transition; surveys (S2)."""

from typing import Any

import pytest

from portal_api.domain.courses.outcomes import Outcome
from portal_api.domain.courses.statuses import CourseEnrolmentStatus as S
from portal_api.domain.courses.surveys import SurveyStatus
from portal_api.domain.roles import Role
from portal_api.models import history_entries, learners, unit_enrolments
from tests.api.calls import answer, call, codes_and_paths
from tests.api.cases import outcomes, row_codes
from tests.clock import START
from tests.conftest import SignIn
from tests.factories import Organisation, Record

NODE = "id outcome startsOn endsOn scheduledHours actualHours programIdentifier reportedAt version"


@pytest.fixture
def enrolment(organisation: Organisation) -> Record:
    """An enrolment that is running, without units."""
    return organisation.course_enrolment(organisation.learner(last_activity_at=None))


async def test_many_units_are_updated_at_once_and_what_is_the_same_stays(
    organisation: Organisation, enrolment: Record, sign_in: SignIn
) -> None:
    one, two, three = (organisation.unit_enrolment(enrolment, hours=4) for _ in range(3))
    rows: list[dict[str, Any]] = [
        {"id": one.gid, "outcome": "20", "actualHours": 40, "endsOn": str(organisation.today)},
        {"id": two.gid, "actualHours": None, "scheduledHours": 10},
        {"id": three.gid, "actualHours": 4},
    ]

    payload = await call(sign_in(Role.ADMIN), "updateUnitEnrolments", NODE, units=rows)

    assert outcomes(payload) == ["CHANGED", "CHANGED", "UNCHANGED"]
    first, second, _ = (each["node"] for each in payload["results"])
    assert (first["outcome"], first["actualHours"], first["endsOn"]) == ("20", 40, str(organisation.today))
    assert (second["actualHours"], second["scheduledHours"]) == (None, 10)
    told = {each["subject_id"]: each for each in await organisation.stored(history_entries)}
    assert (told[one.id]["from_status"], told[one.id]["to_status"]) == (None, "20")
    assert set(told[one.id]["changed_fields"]) == {"outcome", "actualHours", "endsOn"}
    assert set(told) == {one.id, two.id}
    [learner] = [each for each in await organisation.stored(learners) if each["id"] == enrolment["learner_id"]]
    assert learner["last_activity_at"] == START


async def test_hours_alone_are_no_activity(organisation: Organisation, enrolment: Record, sign_in: SignIn) -> None:
    unit = organisation.unit_enrolment(enrolment)

    await call(sign_in(Role.ADMIN), "updateUnitEnrolments", NODE, units=[{"id": unit.gid, "actualHours": 1}])

    [learner] = [each for each in await organisation.stored(learners) if each["id"] == enrolment["learner_id"]]
    assert learner["last_activity_at"] is None


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"startsOn": "2027-01-01"}, ("INVALID_DATES", "input.units.0.endsOn")),
        ({"actualHours": -1}, ("INPUT_INVALID", "input.units.0.actualHours")),
        ({"scheduledHours": 10_001}, ("INPUT_INVALID", "input.units.0.scheduledHours")),
        ({"programIdentifier": "bsb"}, ("INPUT_INVALID", "input.units.0.programIdentifier")),
    ],
)
async def test_what_cannot_be_meant_changes_nothing(
    organisation: Organisation, enrolment: Record, sign_in: SignIn, given: dict[str, Any], refusal: tuple[str, str]
) -> None:
    unit = organisation.unit_enrolment(enrolment)

    payload = await call(sign_in(Role.ADMIN), "updateUnitEnrolments", NODE, units=[{"id": unit.gid, **given}])

    assert codes_and_paths(payload) == [[refusal]]


@pytest.mark.parametrize("outcome", ["21", "A", "020"])
async def test_only_codes_of_the_standard_are_outcomes(
    organisation: Organisation, enrolment: Record, sign_in: SignIn, outcome: str
) -> None:
    unit = organisation.unit_enrolment(enrolment)

    answered = await answer(
        sign_in(Role.ADMIN), "updateUnitEnrolments", NODE, units=[{"id": unit.gid, "outcome": outcome}]
    )

    assert [each["extensions"]["code"] for each in answered["errors"]] == ["INPUT_INVALID"]


async def test_a_fourth_program_is_refused_and_an_exchange_within_one_call_is_not(
    organisation: Organisation, enrolment: Record, sign_in: SignIn
) -> None:
    units = [organisation.unit_enrolment(enrolment, program_identifier=name) for name in ("P1", "P2", "P3")]
    spare = organisation.unit_enrolment(enrolment, program_identifier="P3")
    admin = sign_in(Role.ADMIN)

    refused = await call(admin, "updateUnitEnrolments", NODE, units=[{"id": spare.gid, "programIdentifier": "P4"}])
    assert row_codes(refused) == [["TOO_MANY_PROGRAMS"]]
    both = [{"id": each.gid, "programIdentifier": "P4"} for each in (spare, units[2])]
    assert outcomes(await call(admin, "updateUnitEnrolments", NODE, units=both)) == ["CHANGED", "CHANGED"]


async def test_what_is_refused_makes_no_room_for_a_fourth_program(
    organisation: Organisation, enrolment: Record, sign_in: SignIn
) -> None:
    units = [organisation.unit_enrolment(enrolment, program_identifier=name) for name in ("P1", "P2", "P3", "P2")]
    rows: list[dict[str, Any]] = [
        {"id": units[0].gid, "programIdentifier": "P2", "actualHours": -1},
        {"id": units[1].gid, "programIdentifier": "P4"},
        {"id": units[2].gid, "actualHours": 7},
    ]

    payload = await call(sign_in(Role.ADMIN), "updateUnitEnrolments", NODE, units=rows)

    assert row_codes(payload) == [["INPUT_INVALID"], ["TOO_MANY_PROGRAMS"], []]
    stored = {each["id"]: each["program_identifier"] for each in await organisation.stored(unit_enrolments)}
    assert [stored[each.id] for each in units] == ["P1", "P2", "P3", "P2"]


async def test_a_trainer_records_results_and_leaves_the_program(organisation: Organisation, sign_in: SignIn) -> None:
    offer = organisation.course_offer(organisation.course(), organisation.staff[Role.TRAINER])
    taught = organisation.course_enrolment(organisation.learner(), offer)
    one, two, three = (organisation.unit_enrolment(taught, program_identifier="P1") for _ in range(3))
    rows: list[dict[str, Any]] = [
        {"id": one.gid, "outcome": "20", "programIdentifier": "P2"},
        {"id": two.gid, "outcome": "20", "programIdentifier": "P1"},
        {"id": three.gid, "scheduledHours": 30},
    ]

    payload = await call(sign_in(Role.TRAINER), "updateUnitEnrolments", NODE, units=rows)

    assert codes_and_paths(payload) == [[("FORBIDDEN", "")], [], []]
    assert payload["results"][0]["errors"][0]["requiredRoles"] == ["OWNER", "ADMIN"]
    assert outcomes(payload) == ["REFUSED", "CHANGED", "CHANGED"]
    assert outcomes(await call(sign_in(Role.OWNER), "updateUnitEnrolments", NODE, units=rows[:1])) == ["CHANGED"]


async def test_a_unit_is_reported_once(organisation: Organisation, enrolment: Record, sign_in: SignIn) -> None:
    unit = organisation.unit_enrolment(enrolment)
    admin = sign_in(Role.ADMIN)

    first = await call(admin, "reportUnitEnrolments", NODE, ids=[unit.gid])
    again = await call(admin, "reportUnitEnrolments", NODE, ids=[unit.gid])

    assert [outcomes(first), outcomes(again)] == [["CHANGED"], ["UNCHANGED"]]
    assert first["results"][0]["node"] == again["results"][0]["node"]
    assert first["results"][0]["node"]["reportedAt"] is not None


@pytest.fixture
def superseded(organisation: Organisation) -> Record:
    """An enrolment in a course that another one supersedes."""
    newer = organisation.course(program_identifier="NEW1")
    offer = organisation.course_offer(organisation.course(superseded_by=newer, program_identifier="OLD1"))
    return organisation.course_enrolment(organisation.learner(), offer, commitment_ref="C-OLD")


MOVED = (
    "commitmentId cancelledCommitmentId units(first: 5, orderBy: {field: STARTS_ON}) { nodes { programIdentifier } }"
)


async def test_what_was_never_reported_moves_under_a_new_commitment(
    organisation: Organisation, superseded: Record, sign_in: SignIn
) -> None:
    organisation.unit_enrolment(superseded, starts=-30, ends=-10, outcome=Outcome.COMPETENT)
    organisation.unit_enrolment(superseded, starts=5)
    admin = sign_in(Role.ADMIN)

    for commitment in ({}, {"commitmentId": "C-OLD"}):
        refused = await call(
            admin, "transitionCourseEnrolments", MOVED, enrolments=[{"id": superseded.gid, **commitment}]
        )
        assert row_codes(refused) == [["COMMITMENT_MISSING"]]
    payload = await call(
        admin, "transitionCourseEnrolments", MOVED, enrolments=[{"id": superseded.gid, "commitmentId": "C-NEW"}]
    )
    node = payload["results"][0]["node"]
    assert (node["commitmentId"], node["cancelledCommitmentId"]) == ("C-NEW", "C-OLD")
    assert [each["programIdentifier"] for each in node["units"]["nodes"]] == ["NEW1", "NEW1"]


@pytest.mark.parametrize(("starts", "code"), [(0, "TRAINING_STARTED"), (1, None)])
async def test_the_new_commitment_comes_before_training_in_the_new_program(
    organisation: Organisation, superseded: Record, sign_in: SignIn, starts: int, code: str | None
) -> None:
    unit = organisation.unit_enrolment(superseded, starts=starts, ends=9, program_identifier="NEW1")

    payload = await call(
        sign_in(Role.ADMIN),
        "transitionCourseEnrolments",
        MOVED,
        enrolments=[{"id": superseded.gid, "commitmentId": "C-NEW"}],
    )

    assert codes_and_paths(payload) == [[(code, f"units.{unit.gid}")] if code else []]


async def test_what_was_reported_keeps_the_old_program_where_it_is_final(
    organisation: Organisation, superseded: Record, sign_in: SignIn
) -> None:
    organisation.unit_enrolment(superseded, starts=-30, outcome=Outcome.COMPETENT, reported_at=START)
    organisation.unit_enrolment(superseded, starts=-20, reported_at=START)
    organisation.unit_enrolment(superseded, starts=5)
    admin, rows = sign_in(Role.ADMIN), [{"id": superseded.gid}]

    payload = await call(admin, "transitionCourseEnrolments", MOVED, enrolments=rows)

    node = payload["results"][0]["node"]
    assert [each["programIdentifier"] for each in node["units"]["nodes"]] == ["OLD1", "NEW1", "NEW1"]
    assert (node["commitmentId"], node["cancelledCommitmentId"]) == ("C-OLD", None)
    assert outcomes(await call(admin, "transitionCourseEnrolments", MOVED, enrolments=rows)) == ["UNCHANGED"]


async def test_who_has_moved_on_keeps_the_cancelled_commitment_and_takes_the_new_program(
    organisation: Organisation, superseded: Record, sign_in: SignIn
) -> None:
    organisation.unit_enrolment(superseded, starts=1, ends=9, outcome=Outcome.COMPETENT)
    admin, new = sign_in(Role.ADMIN), [{"id": superseded.gid, "commitmentId": "C-NEW"}]
    asked = f"{MOVED} transitionedTo {{ programIdentifier }}"

    first = await call(admin, "transitionCourseEnrolments", asked, enrolments=new)
    before = await organisation.everything()
    for again in (new, [{"id": superseded.gid}]):
        assert outcomes(await call(admin, "transitionCourseEnrolments", asked, enrolments=again)) == ["UNCHANGED"]
    other = [{"id": superseded.gid, "commitmentId": "C-OTHER"}]
    assert row_codes(await call(admin, "transitionCourseEnrolments", asked, enrolments=other)) == [
        ["ALREADY_TRANSITIONED"]
    ]
    assert await organisation.everything() == before
    node = first["results"][0]["node"]
    assert node["transitionedTo"] == {"programIdentifier": "NEW1"}
    assert (node["commitmentId"], node["cancelledCommitmentId"]) == ("C-NEW", "C-OLD")

    units = [{"unitId": organisation.unit().gid}]
    added = await call(admin, "addUnitEnrolments", NODE, courseEnrolmentId=superseded.gid, units=units)
    assert added["results"][0]["node"]["programIdentifier"] == "NEW1"
    issued = await call(
        admin, "requestCredentials", "programIdentifier", courseEnrolmentIds=[superseded.gid], issueAtOnce=True
    )
    assert issued["results"][0]["node"]["programIdentifier"] == "NEW1"


async def test_new_units_take_the_new_program_where_all_was_reported_and_final(
    organisation: Organisation, superseded: Record, sign_in: SignIn
) -> None:
    organisation.unit_enrolment(superseded, outcome=Outcome.COMPETENT, reported_at=START)
    admin, rows = sign_in(Role.ADMIN), [{"id": superseded.gid, "commitmentId": "C-NEW"}]
    units = [{"unitId": organisation.unit().gid}]

    told = [outcomes(await call(admin, "transitionCourseEnrolments", MOVED, enrolments=rows)) for _ in range(2)]
    added = await call(admin, "addUnitEnrolments", NODE, courseEnrolmentId=superseded.gid, units=units)

    assert told == [["CHANGED"], ["UNCHANGED"]]
    assert added["results"][0]["node"]["programIdentifier"] == "NEW1"


async def test_a_transition_to_a_fourth_program_and_one_to_nowhere_are_refused(
    organisation: Organisation, superseded: Record, sign_in: SignIn
) -> None:
    for program in ("P1", "P2", "P3"):
        organisation.unit_enrolment(
            superseded, outcome=Outcome.COMPETENT, reported_at=START, program_identifier=program
        )
    organisation.unit_enrolment(superseded, program_identifier="P3")
    nowhere = organisation.course_enrolment(organisation.learner())

    payload = await call(
        sign_in(Role.ADMIN),
        "transitionCourseEnrolments",
        MOVED,
        enrolments=[{"id": superseded.gid}, {"id": nowhere.gid}],
    )

    assert row_codes(payload) == [["TOO_MANY_PROGRAMS"], ["NOT_SUPERSEDED"]]


async def test_surveys_are_asked_for_once_and_answered_by_a_machine(
    organisation: Organisation, sign_in: SignIn
) -> None:
    done, pending, running = (
        organisation.course_enrolment(organisation.learner(), status=status)
        for status in (S.COMPLETED, S.COMPLETION_PENDING, S.CURRENT)
    )
    ids = [done.gid, pending.gid, running.gid]
    admin, machine = sign_in(Role.ADMIN), sign_in(Role.INTEGRATION)

    first = await call(admin, "requestSurveys", "id status", ids=ids)
    assert (outcomes(first), row_codes(first)[2]) == (["CHANGED", "CHANGED", "REFUSED"], ["STATUS_NOT_ALLOWED"])
    again = await call(admin, "requestSurveys", "id status", ids=ids[:2])
    assert outcomes(again) == ["UNCHANGED", "UNCHANGED"]
    asked = [each["node"]["id"] for each in first["results"][:2]]
    assert [each["node"]["id"] for each in again["results"]] == asked
    answers = [{"surveyId": id_, "answersRef": "SM-1"} for id_ in asked]
    answered = await call(machine, "recordSurveyAnswers", "id status", answers=answers)
    assert [each["node"]["status"] for each in answered["results"]] == ["ANSWERED", "ANSWERED"]
    twice = await call(machine, "recordSurveyAnswers", "id status", answers=answers)
    assert row_codes(twice) == [["STATUS_NOT_ALLOWED"], ["STATUS_NOT_ALLOWED"]]
    seen = await admin.query("{ surveys(filter: {status: {eq: ANSWERED}}) { totalCount nodes { answersRef } } }")
    assert seen["surveys"]["nodes"] == [{"answersRef": "SM-1"}] * 2


async def test_a_survey_of_an_inactive_learner_stays_open(organisation: Organisation, sign_in: SignIn) -> None:
    survey = organisation.survey(
        organisation.course_enrolment(organisation.learner(is_active=False), status=S.COMPLETED), SurveyStatus.REQUESTED
    )

    payload = await call(sign_in(Role.INTEGRATION), "recordSurveyAnswers", "id", answers=[{"surveyId": survey.gid}])

    assert row_codes(payload) == [["LEARNER_INACTIVE"]]
