"""Article 2: a learner withdraws, defers or completes, and the record is brought to its reportable end."""

from collections.abc import Sequence
from typing import Any

import pytest

from portal_api.domain.courses.outcomes import Outcome
from portal_api.domain.courses.statuses import CourseEnrolmentStatus as S
from portal_api.domain.roles import Role
from tests.api.calls import answer, call
from tests.api.cases import outcomes, row_codes
from tests.client import Client, Json
from tests.clock import START
from tests.conftest import SignIn
from tests.factories import Organisation, Record

UNITS = "units(first: 5, orderBy: {field: STARTS_ON}) { nodes { id outcome startsOn endsOn actualHours trainingOrganisationOutcome } }"
NODE = f"status finalisedOn trainingOrganisationOutcome checklist {{ step state missing {{ need }} }} {UNITS}"


async def finalised(client: Client, status: str, *rows: Json, **given: Any) -> Json:
    """The one record of a finalisation that goes through."""
    payload = await call(client, "finaliseCourseEnrolments", NODE, status=status, enrolments=list(rows), **given)
    assert outcomes(payload) == ["CHANGED"], row_codes(payload)
    return payload["results"][0]["node"]


def told(node: Json) -> list[tuple[Any, ...]]:
    """Outcome, start, end and hours of the units, the earliest first."""
    return [(each["outcome"], each["startsOn"], each["endsOn"], each["actualHours"]) for each in node["units"]["nodes"]]


@pytest.fixture
def enrolment(organisation: Organisation) -> Record:
    """A running enrolment: one unit done, one under way, one ahead."""
    enrolment = organisation.course_enrolment(organisation.learner(student_identifier="INDIV"))
    organisation.unit_enrolment(enrolment, starts=-40, ends=-20, outcome=Outcome.COMPETENT, hours=40)
    organisation.unit_enrolment(enrolment, starts=-10, ends=20, hours=6)
    organisation.unit_enrolment(enrolment, starts=10, ends=40)
    return enrolment


async def test_only_an_owner_or_admin_finalises(organisation: Organisation, enrolment: Record, sign_in: SignIn) -> None:
    row = {"id": enrolment.gid, "on": str(organisation.today)}
    for role in Role:
        answered = await answer(
            sign_in(role), "finaliseCourseEnrolments", status="WITHDRAWN", enrolments=[row], preview=True
        )
        refused = [each["extensions"]["code"] for each in answered.get("errors", ())]
        assert refused == ([] if role in (Role.OWNER, Role.ADMIN) else ["FORBIDDEN"])


async def test_status_and_reason_come_first_and_trigger_tasks(
    organisation: Organisation, enrolment: Record, sign_in: SignIn
) -> None:
    owner, reason = sign_in(Role.OWNER), organisation.status_reason()
    rule = {
        "trigger": {"kind": "COURSE_ENROLMENT_REASON", "reasonId": reason.gid},
        "then": [{"kind": "CREATE_TASK", "title": "Collect the laptop"}],
    }
    made = await call(owner, "createLearncycle", "id", name="Leaving", rule=rule)
    await call(owner, "switchLearncyclesOn", "id", ids=[made["results"][0]["node"]["id"]])

    given = {"ids": [enrolment.gid], "status": "WITHDRAWN", "statusReasonId": reason.gid}
    document = """mutation($input: SetCourseEnrolmentStatusInput!) { setCourseEnrolmentStatus(input: $input) {
        fired { action outcome } results { node { status units(first: 5) { nodes { outcome } } } } } }"""
    payload = (await owner.query(document, {"input": given}))["setCourseEnrolmentStatus"]
    assert payload["fired"] == [{"action": "CREATE_TASK", "outcome": "FIRED"}]
    assert [each["outcome"] for each in payload["results"][0]["node"]["units"]["nodes"]].count("20") == 1
    node = await finalised(owner, "WITHDRAWN", {"id": enrolment.gid, "on": str(organisation.today)})
    assert node["finalisedOn"] == str(organisation.today)


@pytest.mark.parametrize("status", ["COMPLETED", "COMPLETION_PENDING"])
async def test_a_completion_wants_outcomes_and_true_dates(
    organisation: Organisation, enrolment: Record, sign_in: SignIn, status: str
) -> None:
    admin, row = sign_in(Role.ADMIN), {"id": enrolment.gid}
    refused = await call(admin, "finaliseCourseEnrolments", NODE, status=status, enrolments=[row])
    assert set(row_codes(refused)[0]) == {"OUTCOME_MISSING", "END_IN_FUTURE"}

    seen = await admin.query("query($id: ID!) { courseEnrolment(id: $id) { " + UNITS + " } }", {"id": enrolment.gid})
    rows = [
        {"id": each["id"], "outcome": "20", "startsOn": str(organisation.day(-9)), "endsOn": str(organisation.day(-1))}
        for each in seen["courseEnrolment"]["units"]["nodes"][1:]
    ]
    updated = await call(admin, "updateUnitEnrolments", "id", units=rows)
    assert outcomes(updated) == ["CHANGED", "CHANGED"]
    node = await finalised(admin, status, row)
    assert (node["status"], node["trainingOrganisationOutcome"]) == (status, None)
    fields = {each["step"]: each["state"] for each in node["checklist"]}
    assert (fields["OUTCOMES"], fields["DATES_AND_HOURS"], fields["REPORTING_FIELDS"]) == ("DONE", "DONE", "DONE")
    assert fields["FINAL_STATUS"] == ("DONE" if status == "COMPLETED" else "OPEN")


@pytest.mark.parametrize("status", ["WITHDRAWN", "CANCELLED_NO_PENALTY", "CANCELLED_PENALTY", "PARTIAL_ATTENDANCE"])
async def test_who_leaves_reports_training_not_completed(
    organisation: Organisation, enrolment: Record, sign_in: SignIn, status: str
) -> None:
    day = organisation.day
    reason = organisation.status_reason()

    node = await finalised(
        sign_in(Role.ADMIN), status, {"id": enrolment.gid, "on": str(day(-2))}, statusReasonId=reason.gid
    )

    assert told(node) == [
        ("20", str(day(-40)), str(day(-20)), 40),
        ("40", str(day(-10)), str(day(-2)), 6),
        ("00", str(day(10)), str(day(40)), 0),
    ]
    assert node["trainingOrganisationOutcome"] == "TNC"
    assert {each["trainingOrganisationOutcome"] for each in node["units"]["nodes"]} == {"TNC"}


async def test_who_defers_reports_a_deferral(organisation: Organisation, enrolment: Record, sign_in: SignIn) -> None:
    day = organisation.day

    node = await finalised(
        sign_in(Role.ADMIN), "DEFERRED", {"id": enrolment.gid, "on": str(day(0)), "returnsOn": str(day(30))}
    )

    assert told(node)[2] == ("00", str(day(40)), str(day(70)), 0)
    assert (node["status"], node["trainingOrganisationOutcome"]) == ("DEFERRED", "D")
    assert {each["trainingOrganisationOutcome"] for each in node["units"]["nodes"]} == {"D"}


@pytest.fixture
def superseded(organisation: Organisation) -> Record:
    """An enrolment in a qualification that another one has replaced."""
    newer = organisation.course(program_identifier="NEW1")
    offer = organisation.course_offer(organisation.course(superseded_by=newer, program_identifier="OLD1"))
    return organisation.course_enrolment(organisation.learner(), offer, commitment_ref="C-1")


MOVED = f"commitmentId cancelledCommitmentId {UNITS.replace('outcome ', 'programIdentifier outcome ', 1)}"


def programs(node: Json) -> Sequence[str]:
    """The programs of the units, the earliest first."""
    return [each["programIdentifier"] for each in node["units"]["nodes"]]


async def test_what_was_not_reported_moves_on_under_a_new_commitment(
    organisation: Organisation, superseded: Record, sign_in: SignIn
) -> None:
    organisation.unit_enrolment(superseded, starts=5)
    admin = sign_in(Role.ADMIN)

    refused = await call(admin, "transitionCourseEnrolments", MOVED, enrolments=[{"id": superseded.gid}])
    assert row_codes(refused) == [["COMMITMENT_MISSING"]]
    payload = await call(
        admin, "transitionCourseEnrolments", MOVED, enrolments=[{"id": superseded.gid, "commitmentId": "C-2"}]
    )
    node = payload["results"][0]["node"]
    assert (node["commitmentId"], node["cancelledCommitmentId"], programs(node)) == ("C-2", "C-1", ["NEW1"])


async def test_what_was_reported_keeps_both_programs_up_to_three(
    organisation: Organisation, superseded: Record, sign_in: SignIn
) -> None:
    organisation.unit_enrolment(superseded, starts=-30, outcome=Outcome.COMPETENT, reported_at=START)
    organisation.unit_enrolment(superseded, starts=5)
    admin = sign_in(Role.ADMIN)

    payload = await call(admin, "transitionCourseEnrolments", MOVED, enrolments=[{"id": superseded.gid}])
    assert programs(payload["results"][0]["node"]) == ["OLD1", "NEW1"]
    units = [{"unitId": organisation.unit().gid, "programIdentifier": name} for name in ("P3", "P4")]
    added = await call(admin, "addUnitEnrolments", "id", courseEnrolmentId=superseded.gid, units=units)
    assert row_codes(added) == [[], ["TOO_MANY_PROGRAMS"]]


async def test_a_survey_is_asked_for_on_completion(organisation: Organisation, sign_in: SignIn) -> None:
    done = organisation.course_enrolment(organisation.learner(), status=S.COMPLETED)
    asked = await call(sign_in(Role.ADMIN), "requestSurveys", "id status", ids=[done.gid])
    survey = asked["results"][0]["node"]
    assert survey["status"] == "REQUESTED"

    answers = [{"surveyId": survey["id"], "answersRef": "SM-77"}]
    answered = await call(sign_in(Role.INTEGRATION), "recordSurveyAnswers", "id status", answers=answers)
    assert answered["results"][0]["node"]["status"] == "ANSWERED"


async def test_a_credential_is_generated_and_then_the_status_is_final(
    organisation: Organisation, sign_in: SignIn
) -> None:
    enrolment = organisation.course_enrolment(organisation.learner(), status=S.COMPLETION_PENDING)
    organisation.unit_enrolment(enrolment, ends=-1, outcome=Outcome.COMPETENT)
    admin = sign_in(Role.ADMIN)

    asked = await call(admin, "requestCredentials", "id status", courseEnrolmentIds=[enrolment.gid])
    issued = await call(admin, "issueCredentials", "status registerNumber", ids=[asked["results"][0]["node"]["id"]])
    assert issued["results"][0]["node"]["status"] == "ISSUED"
    node = await finalised(admin, "COMPLETED", {"id": enrolment.gid})
    assert {each["step"]: each["state"] for each in node["checklist"]}["CREDENTIAL"] == "DONE"


async def test_access_is_taken_and_the_learner_set_inactive_with_the_end(
    organisation: Organisation, sign_in: SignIn
) -> None:
    enrolment = organisation.course_enrolment(organisation.learner())
    closing = {"appAccessOff": True, "deactivation": {"reason": "DISMISSED"}}
    row = {"id": enrolment.gid, "on": str(organisation.today)}
    payload = await call(
        sign_in(Role.OWNER),
        "finaliseCourseEnrolments",
        "learner { status hasAppAccess deactivationReason }",
        status="WITHDRAWN",
        enrolments=[row],
        closing=closing,
    )

    learner = {"status": "INACTIVE", "hasAppAccess": False, "deactivationReason": "DISMISSED"}
    assert payload["results"][0]["node"]["learner"] == learner
