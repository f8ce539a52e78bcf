"""Results of exams and payments that are recorded, and what all recordings share."""

from typing import Any

import pytest

from portal_api.domain.certifications import (
    ApprovalKind,
    ExamAttemptStatus,
    FeeDue,
    FeeStatus,
)
from portal_api.domain.roles import Role
from portal_api.models import (
    approvals,
    certificates,
    certification_cycles,
    exam_attempts,
    history_entries,
    learner_certifications,
)
from tests.api.calls import answer, call, told
from tests.api.cases import outcomes, row_codes
from tests.api.cases.certification_recording import steps_of
from tests.api.cases.learner_certifications import record_at
from tests.api.certification_recording.calls import WHOLE, H, S, done, exam, rows_of, steps
from tests.api.deciding import asked
from tests.client import Json, codes
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import DAY, Organisation


async def test_a_result_closes_the_open_attempt_or_makes_one(
    engine: str, organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    begun, unbegun = record_at(organisation, S.IN_PROGRESS, steps=0), record_at(organisation, S.RECERTIFYING, steps=0)
    started = clock() - DAY
    cycle = next(row for row in organisation.rows[certification_cycles] if row["learner_certification_id"] == begun.id)
    cycle |= {"attempts_used": 1, "has_attempt_open": True}
    organisation.exam_attempt(organisation.record(cycle["id"]), started_at=started)
    client = sign_in(Role.ADMIN)

    failed = await exam(client, begun, passed=False, score=0)
    passed = await exam(client, begun, passed=True, score=100)
    other = await exam(client, unbegun, passed=True)

    assert failed["results"][0]["node"]["status"] == "IN_PROGRESS"
    assert failed["results"][0]["node"]["cycle"]["attemptsUsed"] == 1
    assert passed["results"][0]["node"]["status"] == other["results"][0]["node"]["status"] == "CERTIFIED"
    attempts = sorted(
        await rows_of(organisation, exam_attempts, learner_certification_id=begun.id), key=lambda row: row["number"]
    )
    assert [(row["number"], row["status"], row["score"], row["started_at"]) for row in attempts] == [
        (1, "failed", 0, started),
        (2, "passed", 100, clock()),
    ]
    assert {row["ended_at"] for row in attempts} == {clock()}
    [last] = await rows_of(organisation, exam_attempts, learner_certification_id=unbegun.id, ended_at=clock())
    assert (last["number"], last["score"], last["status"]) == (1, None, "passed")
    assert row_codes(await exam(client, begun, passed=True)) == [["STATUS_NOT_ALLOWED"]]
    assert len(await rows_of(organisation, certificates, learner_certification_id=begun.id)) == 1


async def test_a_pass_that_wants_its_sign_off_waits_and_no_other_result_is_taken_meanwhile(
    organisation: Organisation, sign_in: SignIn
) -> None:
    record = record_at(organisation, S.IN_PROGRESS, steps=0, exam_needs_approval=True)
    client = sign_in(Role.ADMIN)

    waiting = await exam(client, record, passed=True, score=85)
    again = await exam(client, record, passed=False)

    node = waiting["results"][0]["node"]
    assert (node["status"], node["version"], node["cycle"]["examPassedAt"]) == ("PENDING_APPROVAL", 2, None)
    [approval] = await organisation.stored(approvals)
    [attempt] = await organisation.stored(exam_attempts)
    assert (approval["kind"], approval["status"], approval["score"]) == ("exam", "pending", 85)
    assert (approval["exam_attempt_id"], attempt["status"]) == (attempt["id"], "awaiting_approval")
    assert row_codes(again) == [["EXAM_AWAITING_APPROVAL"]]
    assert await organisation.stored(certificates) == []
    entries = {row["action"]: row for row in await organisation.stored(history_entries)}
    assert set(entries) == {H.LEARNER_CERTIFICATION_EXAM_PASSED, H.APPROVAL_REQUESTED}
    assert entries[H.APPROVAL_REQUESTED]["cause_id"] == entries[H.LEARNER_CERTIFICATION_EXAM_PASSED]["id"]


async def test_attempts_come_to_an_end_and_a_pass_before_the_training_certifies_nobody(
    organisation: Organisation, sign_in: SignIn
) -> None:
    few, early = record_at(organisation, S.IN_PROGRESS, attempt_limit=1), record_at(organisation, S.IN_PROGRESS)
    client = sign_in(Role.ADMIN)

    last = await exam(client, few, passed=False)
    none_left = await exam(client, few, passed=True)
    passed = await exam(client, early, passed=True)
    again = await exam(client, early, passed=True)

    assert outcomes(last) == ["CHANGED"]
    assert row_codes(none_left) == [["NO_ATTEMPTS_LEFT"]]
    assert passed["results"][0]["node"]["status"] == "IN_PROGRESS"
    assert passed["results"][0]["node"]["cycle"]["examPassedAt"] is not None
    assert row_codes(again) == [["EXAM_PASSED"]]


@pytest.mark.parametrize("score", [-1, 101, 2**31 - 1])
async def test_a_score_is_a_percentage(organisation: Organisation, sign_in: SignIn, score: int) -> None:
    record = record_at(organisation, S.IN_PROGRESS)

    payload = await exam(sign_in(Role.ADMIN), record, passed=True, score=score)

    assert [each["path"] for each in payload["errors"]] == [["input", "results", "0", "score"]]
    assert await organisation.stored(exam_attempts) == []


async def test_a_payment_is_kept_with_whoever_recorded_it_and_each_cycle_owes_its_own(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    fee: dict[str, Any] = {"initial_fee": 9_900, "recertification_fee": 500, "fee_due": FeeDue.BEFORE_EXAM}
    record, silent = record_at(organisation, S.RECERTIFYING, **fee), record_at(organisation, S.NOT_STARTED, **fee)
    player = sign_in(Role.INTEGRATION)
    rows = [
        {"learnerCertificationId": record.gid, "paymentRef": "x" * 100},
        {"learnerCertificationId": silent.gid},
    ]

    payload = await call(player, "recordPayments", "id status", payments=rows)
    again = await call(player, "recordPayments", "id status", payments=rows[:1])

    assert [result["node"]["status"] for result in payload["results"]] == ["RECERTIFYING", "NOT_STARTED"]
    assert row_codes(again) == [["ALREADY_PAID"]]
    cycles = await organisation.stored(certification_cycles)
    found = {(row["learner_certification_id"], row["number"]): row for row in cycles}
    assert found[record.id, 0]["fee_status"] == FeeStatus.UNPAID
    paid = found[record.id, 1]
    assert (paid["fee_status"], paid["payment_ref"], paid["fee_settled_at"]) == (FeeStatus.PAID, "x" * 100, clock())
    assert paid["fee_settled_by"] == organisation.staff[Role.INTEGRATION].id
    assert (found[silent.id, 0]["fee_status"], found[silent.id, 0]["payment_ref"]) == (FeeStatus.PAID, None)
    assert [entry[0] for entry in await told(organisation)] == ["LEARNER_CERTIFICATION_PAID"] * 2


@pytest.mark.parametrize("reference", ["", "   ", "x" * 101, "a\x00b"], ids=repr)
async def test_a_reference_of_a_payment_has_its_bounds(
    organisation: Organisation, sign_in: SignIn, reference: str
) -> None:
    record = record_at(organisation, S.NOT_STARTED, initial_fee=100)

    payload = await call(
        sign_in(Role.ADMIN),
        "recordPayments",
        payments=[{"learnerCertificationId": record.gid, "paymentRef": reference}],
    )

    assert [each["path"] for each in payload["errors"]] == [["input", "payments", "0", "paymentRef"]]
    assert (await organisation.stored(certification_cycles))[0]["fee_status"] == FeeStatus.UNPAID


async def test_an_overridden_exam_waits_for_nothing_though_its_attempt_did(
    organisation: Organisation, sign_in: SignIn
) -> None:
    approval = asked(organisation, organisation.learner(), ApprovalKind.EXAM)
    record = organisation.record(approval["learner_certification_id"])

    overridden = await call(sign_in(Role.ADMIN), "overrideExam", WHOLE, ids=[record.gid])
    decided = await call(sign_in(Role.ADMIN), "decideApprovals", ids=[approval.gid], decision="DENY", comment="No.")

    assert overridden["results"][0]["node"]["status"] == "IN_PROGRESS"
    assert row_codes(decided) == [["ALREADY_DECIDED"]]


async def test_an_override_and_a_recording_leave_the_attempts_as_they_were(
    organisation: Organisation, sign_in: SignIn
) -> None:
    """A pass that waits needs no sign-off once the exam is overridden; its attempt stays as it was (S5 Override Exam)."""
    approval = asked(organisation, organisation.learner(), ApprovalKind.EXAM, steps=2)
    record = organisation.record(approval["learner_certification_id"])
    client = sign_in(Role.ADMIN)

    overridden = await call(client, "overrideExam", WHOLE, ids=[record.gid])
    refused = await exam(client, record, passed=True)
    certified = await steps(client, *(done(record, each) for each in steps_of(organisation, record)))

    assert overridden["results"][0]["node"]["status"] == "IN_PROGRESS"
    assert row_codes(refused) == [["EXAM_PASSED"]]
    assert certified["results"][0]["node"]["status"] == "CERTIFIED"
    [attempt] = await organisation.stored(exam_attempts)
    assert attempt["status"] == ExamAttemptStatus.AWAITING_APPROVAL


async def test_a_refused_row_leaves_the_others_and_a_call_may_reject_everything(
    organisation: Organisation, sign_in: SignIn
) -> None:
    record, closed = record_at(organisation, S.IN_PROGRESS), record_at(organisation, S.CERTIFIED)
    one, two = steps_of(organisation, record)
    rows = [done(record, one), done(closed, steps_of(organisation, closed)[0]), done(record, two)]
    client = sign_in(Role.ADMIN)
    await organisation.save()
    before = await organisation.everything()

    rejected = await steps(client, *rows, errorPolicy="REJECT_EVERYTHING")
    stale = await steps(client, *rows, expectedVersions=[{"id": record.gid, "version": 7}])
    assert await organisation.everything() == before
    taken = await steps(client, *rows)

    assert row_codes(rejected) == [["CALL_REJECTED"], ["STATUS_NOT_ALLOWED"], ["CALL_REJECTED"]]
    assert row_codes(stale) == [["CHANGED_MEANWHILE"], ["STATUS_NOT_ALLOWED"], ["CHANGED_MEANWHILE"]]
    assert outcomes(taken) == ["CHANGED", "REFUSED", "CHANGED"]
    [row] = await rows_of(organisation, learner_certifications, id=record.id)
    assert row["version"] == 2


@pytest.mark.parametrize("mutation", ["recordStepCompletions", "recordExamResults", "recordPayments"])
async def test_many_rows_cost_as_many_statements_as_one(
    organisation: Organisation, sign_in: SignIn, mutation: str
) -> None:
    fee: dict[str, Any] = {"initial_fee": 100, "steps": 1}
    laid_out = [record_at(organisation, S.IN_PROGRESS, exam_needs_approval=True, **fee) for _ in range(201)]
    place = {"recordStepCompletions": "completions", "recordExamResults": "results", "recordPayments": "payments"}
    more = {
        "recordStepCompletions": lambda record: {"stepId": steps_of(organisation, record)[0].gid, "path": "ONLINE"},
        "recordExamResults": lambda record: {"passed": True},
        "recordPayments": lambda record: {},
    }[mutation]
    rows = [{"learnerCertificationId": record.gid, **more(record)} for record in laid_out]
    await organisation.save()
    tally, client = organisation.database.tally, sign_in(Role.ADMIN)

    async def statements(some: list[Json]) -> int:
        before = tally.statements
        payload = await call(client, mutation, "id status version", **{place[mutation]: some})
        assert outcomes(payload) == ["CHANGED"] * len(some)
        return tally.statements - before

    assert await statements(rows[:1]) == await statements(rows[1:]) <= 16


@pytest.mark.parametrize("mutation", ["recordStepCompletions", "recordExamResults", "recordPayments"])
async def test_a_call_takes_one_row_at_least_and_a_thousand_at_most(sign_in: SignIn, mutation: str) -> None:
    places: dict[str, tuple[str, Json]] = {
        "recordStepCompletions": ("completions", {"stepId": f"cts_{0:032x}", "path": "ONLINE"}),
        "recordExamResults": ("results", {"passed": True}),
        "recordPayments": ("payments", {}),
    }
    place, more = places[mutation]
    rows = [{"learnerCertificationId": f"lct_{number:032x}", **more} for number in range(1_001)]
    client = sign_in(Role.ADMIN)

    none, most, many = [await call(client, mutation, "id", **{place: some}) for some in ([], rows[:1_000], rows)]

    assert [each["code"] for each in none["errors"]] == ["LIST_EMPTY"]
    assert most["counts"]["refused"] == 1_000
    assert [(each["code"], each["path"]) for each in many["errors"]] == [("LIMIT_EXCEEDED", ["input", place])]
    malformed = await answer(client, mutation, "id", **{place: [{"learnerCertificationId": "lrn_5", **more}]})
    assert codes(malformed) == ["ID_INVALID"]
