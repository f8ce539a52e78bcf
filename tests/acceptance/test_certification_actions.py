"""Article 5: what an administrator can do about a learner in a certification, when, and to what effect."""

import pytest

from portal_api.domain.certifications import (
    AssignmentSourceKind,
    FeeDue,
    StepPath,
)
from portal_api.domain.roles import Role
from portal_api.models import assignment_sources
from portal_api.models.base import instant_text
from tests.acceptance.certifying import WHOLE, WORKED_ON, S, done, of_the_learner, open_at, read, refused, steps_of
from tests.client import Json
from tests.clock import START
from tests.conftest import SignIn
from tests.factories import DAY, Organisation


async def test_which_actions_are_open_depends_on_the_status_and_is_told(
    organisation: Organisation, sign_in: SignIn
) -> None:
    told = "actions { action available reasons { code } }"
    running = await read(sign_in, of_the_learner(organisation, S.IN_PROGRESS), told)
    barred = await read(sign_in, of_the_learner(organisation, S.DISALLOWED), told)

    def of(node: Json) -> dict[str, list[str]]:
        return {each["action"]: [reason["code"] for reason in each["reasons"]] for each in node["actions"][:8]}

    assert of(running) == {
        "OVERRIDE_PAYMENT": ["PAYMENT_NOT_REQUIRED"],
        "OVERRIDE_TRAINING": [],
        "OVERRIDE_EXAM": [],
        "REVOKE_ACCESS": [],
        "FORCE_RECERTIFICATION": ["STATUS_NOT_ALLOWED"],
        "PERMANENTLY_REVOKE": ["STATUS_NOT_ALLOWED"],
        "RESTORE_ACCESS": ["STATUS_NOT_ALLOWED"],
        "REMOVE_ASSIGNMENT": ["STATUS_NOT_ALLOWED"],
    }
    assert [action for action, reasons in of(barred).items() if not reasons] == ["RESTORE_ACCESS"]


async def test_a_waived_fee_lets_the_learner_begin_at_once_and_is_shown_to_them(
    organisation: Organisation, sign_in: SignIn
) -> None:
    record = of_the_learner(organisation, S.NOT_STARTED, initial_fee=9_900, fee_due=FeeDue.BEFORE_START)
    assert await refused(sign_in, Role.LEARNER, "startCertification", id=record.gid) == ["PAYMENT_REQUIRED"]

    await done(sign_in, Role.ADMIN, "overridePayment", ids=[record.gid])

    seen = await read(sign_in, record, role=Role.LEARNER)
    assert (seen["isPaymentWaived"], seen["cycle"]["feeStatus"]) == (True, "WAIVED")
    assert [step["status"] for step in seen["cycle"]["steps"]["nodes"]] == ["OPEN", "OPEN"]
    assert (await done(sign_in, Role.LEARNER, "startCertification", id=record.gid))["status"] == "IN_PROGRESS"


async def test_a_fee_can_be_waived_in_three_statuses(organisation: Organisation, sign_in: SignIn) -> None:
    opened = await open_at(
        organisation, sign_in, "overridePayment", "OVERRIDE_PAYMENT", initial_fee=9_900, recertification_fee=4_900
    )

    assert opened == {S.NOT_STARTED, S.IN_PROGRESS, S.RECERTIFYING}


async def test_overridden_training_is_complete_without_the_content(organisation: Organisation, sign_in: SignIn) -> None:
    record = of_the_learner(organisation, S.IN_PROGRESS)

    node = await done(sign_in, Role.ADMIN, "overrideTraining", ids=[record.gid])

    assert [step["isOverridden"] for step in node["cycle"]["steps"]["nodes"]] == [True, True]
    assert (await done(sign_in, Role.LEARNER, "startExam", id=record.gid))["cycle"]["attemptsUsed"] == 1


async def test_an_overridden_exam_is_passed_without_having_been_taken(
    organisation: Organisation, sign_in: SignIn
) -> None:
    record = of_the_learner(organisation, S.IN_PROGRESS)

    node = await done(sign_in, Role.ADMIN, "overrideExam", ids=[record.gid])
    assert (node["cycle"]["isExamOverridden"], node["cycle"]["attemptsUsed"]) == (True, 0)

    node = await done(sign_in, Role.ADMIN, "overrideTraining", ids=[record.gid])
    assert (node["status"], node["certificate"]) == ("CERTIFIED", {"status": "VALID"})


async def test_training_and_exam_can_be_overridden_while_they_are_worked_on(
    organisation: Organisation, sign_in: SignIn
) -> None:
    training = await open_at(organisation, sign_in, "overrideTraining", "OVERRIDE_TRAINING")
    exam = await open_at(organisation, sign_in, "overrideExam", "OVERRIDE_EXAM")

    assert training == exam == set(WORKED_ON)


async def test_revoked_access_ends_the_enrolment_and_bars_nobody(organisation: Organisation, sign_in: SignIn) -> None:
    record = of_the_learner(organisation, S.IN_PROGRESS)

    node = await done(
        sign_in, Role.ADMIN, "revokeAccess", "status cycle { id } cycles { nodes { outcome } }", ids=[record.gid]
    )

    assert node == {"status": "REVOKED", "cycle": None, "cycles": {"nodes": [{"outcome": "REVOKED"}]}}
    assert (await done(sign_in, Role.LEARNER, "startRecertification", id=record.gid))["status"] == "NOT_STARTED"


async def test_access_can_be_revoked_in_six_statuses(organisation: Organisation, sign_in: SignIn) -> None:
    opened = await open_at(organisation, sign_in, "revokeAccess", "REVOKE_ACCESS")

    assert opened == {S.NOT_STARTED, *WORKED_ON, S.EXPIRED, S.LAPSED}


async def test_a_forced_recertification_follows_the_latest_version_whatever_the_expiry(
    organisation: Organisation, sign_in: SignIn
) -> None:
    record = of_the_learner(organisation, S.CERTIFIED)
    organisation.certification_version(organisation.record(record["certification_id"]))

    node = await done(
        sign_in, Role.ADMIN, "forceRecertification", f"{WHOLE} certificates {{ nodes {{ status }} }}", ids=[record.gid]
    )

    assert record["expires_at"] > START + 100 * DAY
    assert (node["status"], node["cycle"]["certificationVersion"]) == ("RECERTIFYING", {"number": 2})
    assert (node["certificate"], node["certificates"]["nodes"]) == (None, [{"status": "REVOKED"}])


async def test_recertification_can_be_forced_in_three_statuses(organisation: Organisation, sign_in: SignIn) -> None:
    opened = await open_at(organisation, sign_in, "forceRecertification", "FORCE_RECERTIFICATION")

    assert opened == {S.CERTIFIED, S.EXPIRED, S.LAPSED}


async def test_only_a_certified_learner_can_be_barred(organisation: Organisation, sign_in: SignIn) -> None:
    assert await open_at(organisation, sign_in, "permanentlyRevoke", "PERMANENTLY_REVOKE") == {S.CERTIFIED}


async def test_after_restoration_the_learner_begins_a_new_recertification_cycle(
    organisation: Organisation, sign_in: SignIn
) -> None:
    record = of_the_learner(organisation, S.DISALLOWED)

    node = await done(sign_in, Role.ADMIN, "restoreAccess", ids=[record.gid])

    assert (node["status"], node["cycle"]["isRecertification"], node["cycle"]["stepsOpen"]) == ("RECERTIFYING", True, 2)
    step, _ = steps_of(organisation, record)
    node = await done(sign_in, Role.LEARNER, "submitEvidence", id=record.gid, stepId=step, text="Done again.")
    assert node["status"] == "PENDING_APPROVAL"


async def test_a_removal_takes_the_assignment_away(organisation: Organisation, sign_in: SignIn) -> None:
    record = of_the_learner(organisation, S.NOT_STARTED)
    [source] = organisation.rows[assignment_sources]

    node = await done(
        sign_in, Role.ADMIN, "removeAssignments", "archivedAt", ids=[organisation.record(source["id"]).gid]
    )

    assert node["archivedAt"] == instant_text(START)
    assert await refused(sign_in, Role.LEARNER, "startCertification", id=record.gid) == ["RECORD_ARCHIVED"]


@pytest.mark.parametrize("passed", [True, False])
async def test_a_test_out_is_taken_once_and_stays(organisation: Organisation, sign_in: SignIn, passed: bool) -> None:
    record = of_the_learner(organisation, S.IN_PROGRESS, paths=(StepPath.TEST_OUT, StepPath.ONLINE))
    step, _ = steps_of(organisation, record)
    completion = {"learnerCertificationId": record.gid, "stepId": step, "path": "TEST_OUT", "passed": passed}
    await done(sign_in, Role.ADMIN, "recordStepCompletions", "id", completions=[completion])

    again = {"completions": [completion | {"passed": True}]}
    code = "STEP_DONE" if passed else "TEST_OUT_TAKEN"
    assert await refused(sign_in, Role.ADMIN, "recordStepCompletions", **again) == [code]
    await done(sign_in, Role.ADMIN, "overrideTraining", "id", ids=[record.gid])

    node = await read(sign_in, record)
    assert node["cycle"]["steps"]["nodes"][0]["testOut"] == ("PASSED" if passed else "FAILED")


@pytest.mark.parametrize("settled", ["none", "paid", "waived"])
async def test_only_a_fee_that_is_required_and_not_paid_can_be_waived(
    organisation: Organisation, sign_in: SignIn, settled: str
) -> None:
    fee = {} if settled == "none" else {"initial_fee": 9_900, "fee_due": FeeDue.BEFORE_START}
    record = of_the_learner(organisation, S.NOT_STARTED, **fee)
    if settled == "paid":
        payment = {"learnerCertificationId": record.gid}
        await done(sign_in, Role.INTEGRATION, "recordPayments", "id", payments=[payment])
    if settled == "waived":
        await done(sign_in, Role.ADMIN, "overridePayment", "id", ids=[record.gid])

    codes = await refused(sign_in, Role.ADMIN, "overridePayment", ids=[record.gid])

    assert codes == [{"none": "PAYMENT_NOT_REQUIRED", "paid": "ALREADY_PAID", "waived": "ALREADY_WAIVED"}[settled]]


@pytest.mark.parametrize("kind", [AssignmentSourceKind.SELF, AssignmentSourceKind.GROUP])
async def test_only_an_assignment_by_hand_can_be_removed(
    organisation: Organisation, sign_in: SignIn, kind: AssignmentSourceKind
) -> None:
    record = of_the_learner(organisation, S.ASSIGNED)
    group = organisation.group(organisation.own[Role.LEARNER]) if kind is AssignmentSourceKind.GROUP else None
    if group:
        organisation.assigns(group, organisation.record(record["certification_id"]))
    source = organisation.assignment_source(record, kind, group_id=group and group.id)
    node = await read(sign_in, record, "sources { nodes { kind removable reasons { code } } }")

    codes = await refused(sign_in, Role.ADMIN, "removeAssignments", ids=[source.gid])

    assert codes == ["NOT_MANUAL_SOURCE"]
    assert {"kind": kind.name, "removable": False, "reasons": [{"code": "NOT_MANUAL_SOURCE"}]} in node["sources"][
        "nodes"
    ]


async def test_once_the_exam_is_started_or_paid_for_the_fee_stays(organisation: Organisation, sign_in: SignIn) -> None:
    terms = {"initial_fee": 9_900, "fee_due": FeeDue.BEFORE_START, "allows_exam_before_training": True}
    started = of_the_learner(organisation, S.IN_PROGRESS, **terms)
    paid = of_the_learner(organisation, S.IN_PROGRESS, **terms)
    await done(sign_in, Role.LEARNER, "startExam", "id", id=started.gid)
    await done(sign_in, Role.INTEGRATION, "recordPayments", "id", payments=[{"learnerCertificationId": paid.gid}])

    assert await refused(sign_in, Role.ADMIN, "overridePayment", ids=[started.gid]) == ["EXAM_STARTED"]
    assert await refused(sign_in, Role.ADMIN, "overridePayment", ids=[paid.gid]) == ["ALREADY_PAID", "ALREADY_PAID"]


async def test_a_recertification_fee_that_is_not_paid_can_be_waived(
    organisation: Organisation, sign_in: SignIn
) -> None:
    owing = of_the_learner(organisation, S.RECERTIFYING, recertification_fee=4_900)
    free = of_the_learner(organisation, S.RECERTIFYING, initial_fee=9_900)

    node = await done(sign_in, Role.ADMIN, "overridePayment", ids=[owing.gid])

    assert node["cycle"]["feeStatus"] == "WAIVED"
    assert await refused(sign_in, Role.ADMIN, "overridePayment", ids=[free.gid]) == ["PAYMENT_NOT_REQUIRED"]
