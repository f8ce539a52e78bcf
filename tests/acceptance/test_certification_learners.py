"""Article 5: who stands where in a certification, by status, and the detail of each learner."""

from portal_api.domain.roles import Role
from portal_api.models.base import instant_text
from tests.acceptance.certifying import SECOND, S, done, of_the_learner, read, refused, steps_of
from tests.api.calls import call
from tests.clock import START, ManualClock
from tests.conftest import SignIn
from tests.factories import Organisation


async def test_the_learners_of_a_certification_are_listed_with_date_and_status(
    organisation: Organisation, sign_in: SignIn
) -> None:
    certification = organisation.certification()
    learner, other = organisation.learner(), organisation.learner()
    record = organisation.learner_certification(learner, certification, S.IN_PROGRESS)
    organisation.learner_certification(other, certification, S.ASSIGNED)
    organisation.learner_certification(learner, organisation.certification(), S.LAPSED)

    data = await sign_in(Role.ADMIN).query(
        """query($id: ID!) {
          learnerCertifications(filter: {certificationId: {eq: $id}}, orderBy: [{field: ENROLLED_AT}]) {
            totalCount nodes { learner { id } enrolledAt status }
          }
        }""",
        {"id": certification.gid},
    )

    assert data["learnerCertifications"] == {
        "totalCount": 2,
        "nodes": [
            {
                "learner": {"id": learner.gid},
                "enrolledAt": instant_text(record["enrolled_at"]),
                "status": "IN_PROGRESS",
            },
            {"learner": {"id": other.gid}, "enrolledAt": None, "status": "ASSIGNED"},
        ],
    }


async def test_an_assigned_learner_has_not_enrolled_yet(organisation: Organisation, sign_in: SignIn) -> None:
    given = {"certificationId": organisation.certification().gid, "learnerIds": [organisation.learner().gid]}

    node = await done(sign_in, Role.ADMIN, "assignCertification", **given)

    assert (node["status"], node["enrolledAt"], node["cycle"]) == ("ASSIGNED", None, None)


async def test_who_enrols_has_not_started(organisation: Organisation, sign_in: SignIn) -> None:
    record = of_the_learner(organisation, S.ASSIGNED)
    certification = organisation.record(record["certification_id"])

    node = await done(sign_in, Role.LEARNER, "enrolInCertification", certificationId=certification.gid)

    assert (node["status"], node["enrolledAt"]) == ("NOT_STARTED", instant_text(START))


async def test_who_starts_works_on_the_steps(organisation: Organisation, sign_in: SignIn) -> None:
    record = of_the_learner(organisation, S.NOT_STARTED)

    node = await done(sign_in, Role.LEARNER, "startCertification", id=record.gid)

    assert (node["status"], node["cycle"]["stepsOpen"]) == ("IN_PROGRESS", 2)


async def test_evidence_awaits_the_sign_off_of_an_administrator_or_manager(
    organisation: Organisation, sign_in: SignIn
) -> None:
    record = of_the_learner(organisation, S.IN_PROGRESS)
    step, _ = steps_of(organisation, record)
    node = await done(sign_in, Role.LEARNER, "submitEvidence", id=record.gid, stepId=step, text="I have done it.")
    assert node["status"] == "PENDING_APPROVAL"

    data = await sign_in(Role.ADMIN).query("{ approvals { nodes { id kind evidenceText } } }")
    [waiting] = data["approvals"]["nodes"]
    assert (waiting["kind"], waiting["evidenceText"]) == ("EVIDENCE", "I have done it.")
    await done(sign_in, Role.ADMIN, "decideApprovals", "id", ids=[waiting["id"]], decision="APPROVE")

    assert (await read(sign_in, record))["status"] == "IN_PROGRESS"


async def test_who_has_completed_everything_holds_a_valid_certificate(
    organisation: Organisation, sign_in: SignIn
) -> None:
    record = of_the_learner(organisation, S.IN_PROGRESS)
    completions = [
        {"learnerCertificationId": record.gid, "stepId": step, "path": "ONLINE"}
        for step in steps_of(organisation, record)
    ]
    payload = await call(sign_in(Role.INTEGRATION), "recordStepCompletions", completions=completions)
    assert payload["counts"]["changed"] == 2
    await done(sign_in, Role.LEARNER, "startExam", id=record.gid)

    result = {"learnerCertificationId": record.gid, "passed": True, "score": 91}
    await done(sign_in, Role.INTEGRATION, "recordExamResults", "id", results=[result])

    node = await read(sign_in, record)
    assert (node["status"], node["certificate"]) == ("CERTIFIED", {"status": "VALID"})


async def test_past_its_expiry_a_certificate_is_in_grace(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    record = of_the_learner(organisation, S.CERTIFIED)
    clock.now = record["expires_at"] - SECOND
    before = await read(sign_in, record)
    clock.advance(SECOND)

    node = await read(sign_in, record)

    assert (before["status"], before["certificate"]) == ("CERTIFIED", {"status": "VALID"})
    assert (node["status"], node["certificate"]) == ("EXPIRED", None)


async def test_past_the_grace_period_the_learner_must_recertify(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    record = of_the_learner(organisation, S.EXPIRED)
    clock.now = record["lapses_at"] - SECOND
    before = await read(sign_in, record, "status")
    clock.advance(SECOND)

    assert (before["status"], (await read(sign_in, record, "status"))["status"]) == ("EXPIRED", "LAPSED")
    node = await done(sign_in, Role.LEARNER, "startRecertification", id=record.gid)
    assert node["status"] == "RECERTIFYING"


async def test_who_recertifies_works_on_a_cycle_of_its_own(organisation: Organisation, sign_in: SignIn) -> None:
    record = of_the_learner(organisation, S.EXPIRED)

    node = await done(sign_in, Role.LEARNER, "startRecertification", id=record.gid)

    assert node["status"] == "RECERTIFYING"
    assert (node["cycle"]["number"], node["cycle"]["isRecertification"], node["cycle"]["stepsOpen"]) == (1, True, 2)


async def test_who_was_revoked_can_recertify_with_the_latest_version(
    organisation: Organisation, sign_in: SignIn
) -> None:
    record = of_the_learner(organisation, S.EXPIRED)
    organisation.certification_version(organisation.record(record["certification_id"]))
    node = await done(sign_in, Role.ADMIN, "revokeAccess", ids=[record.gid])
    assert node["status"] == "REVOKED"

    node = await done(sign_in, Role.LEARNER, "startRecertification", id=record.gid)

    assert (node["status"], node["cycle"]["certificationVersion"]) == ("RECERTIFYING", {"number": 2})


async def test_who_is_disallowed_is_barred_until_access_is_restored(
    organisation: Organisation, sign_in: SignIn
) -> None:
    record = of_the_learner(organisation, S.CERTIFIED)
    node = await done(sign_in, Role.ADMIN, "permanentlyRevoke", ids=[record.gid])
    assert (node["status"], node["certificate"]) == ("DISALLOWED", None)

    certification = organisation.record(record["certification_id"])
    assert await refused(sign_in, Role.LEARNER, "startRecertification", id=record.gid) == ["STATUS_NOT_ALLOWED"]
    again = {"certificationId": certification.gid, "learnerIds": [organisation.own[Role.LEARNER].gid]}
    assert await refused(sign_in, Role.ADMIN, "assignCertification", **again) == ["LEARNER_BARRED"]
    node = await done(sign_in, Role.ADMIN, "restoreAccess", ids=[record.gid])
    assert node["status"] == "RECERTIFYING"


async def test_the_detail_shows_where_an_assignment_comes_from_and_takes_it_away(
    organisation: Organisation, sign_in: SignIn
) -> None:
    record = of_the_learner(organisation, S.ASSIGNED)
    node = await read(sign_in, record, "sources { nodes { id kind createdAt removable } }")
    [source] = node["sources"]["nodes"]
    assert {**source, "id": None} == {
        "id": None,
        "kind": "MANUAL",
        "createdAt": instant_text(record["assigned_at"]),
        "removable": True,
    }

    await done(sign_in, Role.ADMIN, "removeAssignments", "id", ids=[source["id"]])

    data = await sign_in(Role.ADMIN).query("{ learnerCertifications { totalCount } }")
    assert data["learnerCertifications"]["totalCount"] == 0


async def test_the_exam_history_shows_all_attempts(organisation: Organisation, sign_in: SignIn) -> None:
    record = of_the_learner(organisation, S.IN_PROGRESS)
    for passed in (False, False, True):
        result = {"learnerCertificationId": record.gid, "passed": passed}
        await done(sign_in, Role.ADMIN, "recordExamResults", "id", results=[result])

    node = await read(sign_in, record, "attempts { nodes { number status } }")

    assert sorted(node["attempts"]["nodes"], key=lambda each: each["number"]) == [
        {"number": 1, "status": "FAILED"},
        {"number": 2, "status": "FAILED"},
        {"number": 3, "status": "PASSED"},
    ]


async def test_the_history_shows_what_was_done(organisation: Organisation, sign_in: SignIn) -> None:
    record = of_the_learner(organisation, S.IN_PROGRESS)
    await done(sign_in, Role.ADMIN, "overrideTraining", "id", ids=[record.gid], note="Learnt elsewhere")

    node = await read(sign_in, record, "history { nodes { action actor { role } note fromStatus toStatus } }")

    assert node["history"]["nodes"][0] == {
        "action": "LEARNER_CERTIFICATION_STEPS_OVERRIDDEN",
        "actor": {"role": "ADMIN"},
        "note": "Learnt elsewhere",
        "fromStatus": "IN_PROGRESS",
        "toStatus": "IN_PROGRESS",
    }
