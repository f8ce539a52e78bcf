"""The learner's own way: enrolling, starting, the exam, recertification, requests."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from portal_api.domain.certifications import AssignmentSourceKind, CertificationJoining
from portal_api.domain.roles import Role
from portal_api.models import (
    assignment_sources,
    certificates,
    certification_cycles,
    exam_attempts,
    history_entries,
    learner_certifications,
    step_progress,
)
from tests.api.calls import call, codes_and_paths, told
from tests.api.cases import outcomes, row_codes
from tests.api.cases.learner_certifications_learning import S, own_record
from tests.api.certifying import ahead
from tests.api.learner_learning.calls import WHOLE, changed, step_of
from tests.client import Json, codes
from tests.clock import START, ManualClock
from tests.conftest import SignIn
from tests.factories import DAY, Organisation
from tests.operations.documents import text_of


async def test_who_enrols_where_nothing_was_assigned_has_a_record_a_source_and_a_cycle(
    organisation: Organisation, sign_in: SignIn
) -> None:
    certification = organisation.certification(joining=CertificationJoining.OPEN, is_published=False)
    organisation.certification_version(certification, steps=3, initial_fee=9_900)

    node = await changed(sign_in(Role.LEARNER), "enrolInCertification", certificationId=certification.gid)

    assert (node["status"], node["version"]) == ("NOT_STARTED", 1)
    assert node["enrolledAt"] is not None
    assert node["cycle"] | {"startedAt": None} == {
        "number": 0,
        "isRecertification": False,
        "feeStatus": "UNPAID",
        "fee": 9_900,
        "stepsOpen": 3,
        "attemptsUsed": 0,
        "startedAt": None,
    }
    [record] = await organisation.stored(learner_certifications)
    [source] = await organisation.stored(assignment_sources)
    assert record["learner_id"] == organisation.own[Role.LEARNER].id
    assert (source["kind"], source["created_by"]) == (AssignmentSourceKind.SELF, organisation.staff[Role.LEARNER].id)
    assert len(await organisation.stored(step_progress)) == 3
    assert await told(organisation) == [("LEARNER_CERTIFICATION_ENROLLED", None, "NOT_STARTED", 1)]


async def test_who_takes_up_an_assignment_keeps_the_record_and_its_only_source(
    organisation: Organisation, sign_in: SignIn
) -> None:
    record = own_record(organisation, S.ASSIGNED)
    certification = organisation.record(record["certification_id"])

    node = await changed(sign_in(Role.LEARNER), "enrolInCertification", certificationId=certification.gid)

    assert (node["id"], node["status"], node["version"], node["cycle"]["number"]) == (record.gid, "NOT_STARTED", 2, 0)
    assert node["enrolledAt"] == "2026-03-02T09:30:15.250001Z"
    assert [row["kind"] for row in await organisation.stored(assignment_sources)] == [AssignmentSourceKind.MANUAL]
    assert await told(organisation) == [("LEARNER_CERTIFICATION_ENROLLED", "ASSIGNED", "NOT_STARTED", 2)]


async def test_an_archived_record_stays_and_whoever_enrols_again_has_a_new_one(
    organisation: Organisation, sign_in: SignIn
) -> None:
    certification = organisation.certification(joining=CertificationJoining.OPEN)
    old = organisation.learner_certification(
        organisation.own[Role.LEARNER], certification, S.NOT_STARTED, archived_at=START - DAY
    )

    node = await changed(sign_in(Role.LEARNER), "enrolInCertification", certificationId=certification.gid)

    assert node["id"] != old.gid
    assert len(await organisation.stored(learner_certifications)) == 2


async def test_a_start_is_told_by_the_cycle(organisation: Organisation, sign_in: SignIn) -> None:
    record = own_record(organisation, S.NOT_STARTED)

    node = await changed(sign_in(Role.LEARNER), "startCertification", id=record.gid)

    assert (node["status"], node["cycle"]["startedAt"]) == ("IN_PROGRESS", "2026-03-02T09:30:15.250001Z")
    assert await told(organisation) == [("LEARNER_CERTIFICATION_STARTED", "NOT_STARTED", "IN_PROGRESS", 2)]


@pytest.mark.parametrize("used", [0, 2])
async def test_an_attempt_is_made_and_counts_from_its_start(
    organisation: Organisation, sign_in: SignIn, used: int
) -> None:
    record = own_record(organisation, S.RECERTIFYING, {"attempts_used": used}, steps=0)
    before = {row["id"] for row in organisation.rows[exam_attempts]}

    node = await changed(sign_in(Role.LEARNER), "startExam", id=record.gid)
    again = await call(sign_in(Role.LEARNER), "startExam", id=record.gid)

    assert (node["status"], node["cycle"]["attemptsUsed"]) == ("RECERTIFYING", used + 1)
    [attempt] = [row for row in await organisation.stored(exam_attempts) if row["id"] not in before]
    assert (attempt["number"], attempt["status"], attempt["ended_at"]) == (used + 1, "started", None)
    assert attempt["started_at"] == START
    assert row_codes(again) == [["EXAM_STARTED"]]
    assert await told(organisation) == [("LEARNER_CERTIFICATION_EXAM_STARTED", "RECERTIFYING", "RECERTIFYING", 2)]


@pytest.mark.parametrize("mutation", ["submitEvidence", "startExam", "enrolInCertification", "requestAccess"])
async def test_an_id_of_another_type_is_said_to_be_invalid(
    organisation: Organisation, sign_in: SignIn, mutation: str
) -> None:
    learner = organisation.own[Role.LEARNER].gid
    given: Json = {"id": learner} if mutation in ("submitEvidence", "startExam") else {"certificationId": learner}
    if mutation == "submitEvidence":
        given = {"id": own_record(organisation, S.IN_PROGRESS).gid, "stepId": learner}
    name = f"{mutation[0].upper()}{mutation[1:]}Input"
    document = f"mutation($input: {name}!) {{ {mutation}(input: $input) {{ counts {{ changed }} }} }}"

    assert codes(await sign_in(Role.LEARNER).execute(document, {"input": given})) == ["ID_INVALID"]


async def test_an_early_recertification_leaves_the_certificate_in_force(
    organisation: Organisation, sign_in: SignIn
) -> None:
    certification = organisation.certification()
    record = organisation.learner_certification(organisation.own[Role.LEARNER], certification, S.CERTIFIED, **ahead())
    organisation.certification_version(certification, steps=3, recertification_fee=700)

    node = await changed(sign_in(Role.LEARNER), "startRecertification", id=record.gid)

    assert (node["status"], node["certificate"]["status"]) == ("RECERTIFYING", "VALID")
    assert {name: node["cycle"][name] for name in ("number", "isRecertification", "fee", "stepsOpen")} == {
        "number": 1,
        "isRecertification": True,
        "fee": 700,
        "stepsOpen": 3,
    }
    assert await told(organisation) == [("LEARNER_CERTIFICATION_CYCLE_STARTED", "CERTIFIED", "RECERTIFYING", 2)]


async def test_what_time_has_done_is_written_down_before_a_recertification(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    record = own_record(organisation, S.CERTIFIED)
    await organisation.save()
    clock.now = record["lapses_at"] + timedelta(hours=1)

    preview = await call(sign_in(Role.LEARNER), "startRecertification", WHOLE, id=record.gid, preview=True)
    assert outcomes(preview) == ["CHANGED"]
    assert await organisation.stored(history_entries) == []

    node = await changed(sign_in(Role.LEARNER), "startRecertification", id=record.gid)

    assert node["status"] == "RECERTIFYING"
    assert await told(organisation) == [
        ("LEARNER_CERTIFICATION_EXPIRED", "CERTIFIED", "EXPIRED", 2),
        ("LEARNER_CERTIFICATION_LAPSED", "EXPIRED", "LAPSED", 2),
        ("LEARNER_CERTIFICATION_CYCLE_STARTED", "LAPSED", "RECERTIFYING", 3),
    ]


async def test_who_was_revoked_and_never_certified_starts_as_at_first(
    organisation: Organisation, sign_in: SignIn
) -> None:
    record = own_record(organisation, S.REVOKED)

    node = await changed(sign_in(Role.LEARNER), "startRecertification", id=record.gid)

    assert (node["status"], node["cycle"]["number"], node["cycle"]["isRecertification"]) == ("NOT_STARTED", 1, False)


async def test_a_request_for_more_attempts_leaves_the_record_as_it_is(
    organisation: Organisation, sign_in: SignIn
) -> None:
    record = own_record(organisation, S.IN_PROGRESS, {"attempts_used": 3})
    await organisation.save()
    before = await organisation.everything()

    payload = await call(
        sign_in(Role.LEARNER), "requestMoreAttempts", "kind status learnerCertification { id }", id=record.gid
    )

    assert payload["results"][0]["node"] == {
        "kind": "MORE_ATTEMPTS",
        "status": "PENDING",
        "learnerCertification": {"id": record.gid},
    }
    after = await organisation.everything()
    assert {name for name in after if after[name] != before[name]} == {"approvals", "history_entries"}
    [approval] = after["approvals"]
    assert approval["certification_cycle_id"] == organisation.rows[certification_cycles][-1]["id"]
    assert await told(organisation) == [("APPROVAL_REQUESTED", None, "PENDING", 1)]


async def test_a_request_for_access_makes_no_record_and_may_say_why(
    organisation: Organisation, sign_in: SignIn
) -> None:
    certification = organisation.certification(joining=CertificationJoining.ON_REQUEST)
    learner = sign_in(Role.LEARNER)
    asked: Json = {"certificationId": certification.gid}

    empty = await call(learner, "requestAccess", **asked, text="")
    long = await call(learner, "requestAccess", **asked, text="x" * 2_001)
    stale = await call(learner, "requestAccess", **asked, expectedVersion=7)
    payload = await call(
        learner, "requestAccess", "kind status evidenceText learner { id }", **asked, text="I need it for work."
    )

    assert codes_and_paths(empty) == codes_and_paths(long) == [[("INPUT_INVALID", "input.text")]]
    assert row_codes(stale) == [["CHANGED_MEANWHILE"]]
    assert payload["results"][0]["id"] == certification.gid
    assert payload["results"][0]["node"] == {
        "kind": "ACCESS",
        "status": "PENDING",
        "evidenceText": "I need it for work.",
        "learner": {"id": organisation.own[Role.LEARNER].gid},
    }
    assert await organisation.stored(learner_certifications) == []


async def test_a_denied_request_may_be_repeated(organisation: Organisation, sign_in: SignIn) -> None:
    certification = organisation.certification(joining=CertificationJoining.ON_REQUEST)
    organisation.access_request(
        organisation.own[Role.LEARNER], certification, status="denied", comment="No.", decided_at=START - DAY
    )

    payload = await call(sign_in(Role.LEARNER), "requestAccess", certificationId=certification.gid)

    assert outcomes(payload) == ["CHANGED"]


async def test_the_learner_sees_that_an_administrator_waived_the_fee_and_when(
    organisation: Organisation, sign_in: SignIn
) -> None:
    record = own_record(organisation, S.NOT_STARTED, initial_fee=9_900)
    await call(sign_in(Role.ADMIN), "overridePayment", ids=[record.gid])

    data = await sign_in(Role.LEARNER).query(text_of("learner_app/my_certification"), {"id": record.gid})

    page = data["learnerCertification"]
    assert page["isPaymentWaived"] is True
    assert (page["cycle"]["feeStatus"], page["cycle"]["feeSettledAt"]) == ("WAIVED", "2026-03-02T09:30:15.250001Z")


RACES: dict[str, tuple[Any, str]] = {
    "startExam": (lambda made: {"id": own_record(made, S.IN_PROGRESS, steps=0).gid}, "EXAM_STARTED"),
    "startRecertification": (lambda made: {"id": own_record(made, S.LAPSED).gid}, "STATUS_NOT_ALLOWED"),
    "startCertification": (lambda made: {"id": own_record(made, S.NOT_STARTED).gid}, "STATUS_NOT_ALLOWED"),
    "requestMoreAttempts": (
        lambda made: {"id": own_record(made, S.IN_PROGRESS, {"attempts_used": 3}).gid},
        "ALREADY_REQUESTED",
    ),
    "enrolInCertification": (
        lambda made: {"certificationId": made.certification(joining=CertificationJoining.OPEN).gid},
        "ALREADY_ENROLLED",
    ),
    "requestAccess": (
        lambda made: {"certificationId": made.certification(joining=CertificationJoining.ON_REQUEST).gid},
        "ALREADY_REQUESTED",
    ),
}


@pytest.mark.parametrize("mutation", RACES)
async def test_of_several_at_once_one_is_done(organisation: Organisation, sign_in: SignIn, mutation: str) -> None:
    lay_out, code = RACES[mutation]
    for _ in range(5):
        given = lay_out(organisation)
        await organisation.save()

        payloads = await asyncio.gather(*(call(sign_in(Role.LEARNER), mutation, **given) for _ in range(4)))

        assert sorted(outcomes(each)[0] for each in payloads) == ["CHANGED", "REFUSED", "REFUSED", "REFUSED"]
        assert [each for payload in payloads for each in row_codes(payload)[0]] == [code] * 3
    attempts = [row for row in await organisation.stored(exam_attempts) if row["status"] == "started"]
    assert len(attempts) == (5 if mutation == "startExam" else 0)
    assert len(await organisation.stored(certificates)) == (5 if mutation == "startRecertification" else 0)


@pytest.mark.parametrize("mutation", ["enrolInCertification", "startExam", "submitEvidence"])
async def test_a_call_takes_a_few_statements(organisation: Organisation, sign_in: SignIn, mutation: str) -> None:
    record = own_record(organisation, S.IN_PROGRESS, allows_exam_before_training=True)
    certification = organisation.certification(joining=CertificationJoining.OPEN, is_published=False)
    organisation.certification_version(certification, steps=50)
    given: Json = {"id": record.gid}
    if mutation == "enrolInCertification":
        given = {"certificationId": certification.gid}
    elif mutation == "submitEvidence":
        given |= {"stepId": step_of(organisation, record), "text": "Done."}
    await organisation.save()
    before = organisation.database.tally.statements

    await changed(sign_in(Role.LEARNER), mutation, **given)

    assert organisation.database.tally.statements - before <= 20
