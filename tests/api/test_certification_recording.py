"""What recordings leave behind: steps, test-outs, attempts, fees and certificates, and the history of all of them."""

from typing import Any

import pytest

from portal_api.domain.certifications import (
    ApprovalKind,
    ExamAttemptStatus,
    FeeDue,
    FeeStatus,
    LearnerCertificationStatus,
    StepPath,
)
from portal_api.domain.history import HistoryAction
from portal_api.domain.roles import Role
from portal_api.models import (
    approvals,
    certificates,
    certification_cycles,
    exam_attempts,
    history_entries,
    learner_certifications,
    step_progress,
)
from tests.api.calls import answer, call, codes_and_paths, told
from tests.api.cases import outcomes, row_codes
from tests.api.cases.certification_recording import steps_of
from tests.api.cases.learner_certifications import record_at
from tests.api.deciding import asked
from tests.client import Client, Json, codes
from tests.clock import ManualClock, RepeatableIds
from tests.conftest import SignIn
from tests.factories import DAY, Organisation, Record

S, H = LearnerCertificationStatus, HistoryAction
WHOLE = (
    "id status version expiresAt certificate { status } cycle { number stepsOpen attemptsUsed examPassedAt feeStatus }"
)


def done(record: Record, step: Record, path: str = "ONLINE", **given: Any) -> Json:
    """A row of a recording of steps."""
    return {"learnerCertificationId": record.gid, "stepId": step.gid, "path": path, **given}


async def steps(client: Client, *rows: Json, node: str = WHOLE, **given: Any) -> Json:
    """Records steps."""
    return await call(client, "recordStepCompletions", node, completions=list(rows), **given)


async def exam(client: Client, record: Record, *, node: str = WHOLE, **given: Any) -> Json:
    """Records the result of an exam."""
    return await call(client, "recordExamResults", node, results=[{"learnerCertificationId": record.gid, **given}])


async def _rows(made: Organisation, table: Any, **equal: Any) -> list[dict[str, Any]]:
    rows = sorted(await made.stored(table), key=lambda row: row["id"])
    return [row for row in rows if all(row[name] == value for name, value in equal.items())]


async def test_steps_of_one_record_are_one_change_of_it_and_the_last_one_certifies_whoever_has_passed(
    engine: str, organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    record = record_at(organisation, S.IN_PROGRESS, steps=3)
    organisation.rows[certification_cycles][-1] |= {"exam_passed_at": clock() - DAY, "is_exam_overridden": True}
    one, two, three = steps_of(organisation, record)
    client = sign_in(Role.ADMIN)

    first = await steps(client, done(record, one), done(record, two, "CLASSROOM"))
    last = await steps(client, done(record, three, "TEST_OUT", passed=True), done(record, one))

    assert outcomes(first) == ["CHANGED", "CHANGED"]
    assert [result["index"] for result in first["results"]] == [0, 1]
    assert {result["id"] for result in first["results"]} == {record.gid}
    assert {result["node"]["version"] for result in first["results"]} == {2}
    assert first["results"][0]["node"]["cycle"]["stepsOpen"] == 1
    assert row_codes(last) == [[], ["STEP_DONE"]]
    node = last["results"][0]["node"]
    assert (node["status"], node["version"], node["cycle"]) == ("CERTIFIED", 3, None)
    assert node["certificate"] == {"status": "VALID"}
    progress = {row["certification_step_id"]: row for row in await organisation.stored(step_progress)}
    assert [progress[each.id]["path"] for each in (one, two, three)] == ["online", "classroom", "test_out"]
    assert {row["done_at"] for row in progress.values()} == {clock()}
    assert [progress[each.id]["test_out"] for each in (one, two, three)] == [None, None, "passed"]
    assert len(await organisation.stored(certificates)) == 1
    assert await told(organisation) == [
        ("CERTIFICATE_ISSUED", None, "VALID", 1),
        ("LEARNER_CERTIFICATION_STEP_COMPLETED", "IN_PROGRESS", "IN_PROGRESS", 2),
        ("LEARNER_CERTIFICATION_STEP_COMPLETED", "IN_PROGRESS", "CERTIFIED", 3),
    ]
    [issued] = await _rows(organisation, history_entries, action=H.CERTIFICATE_ISSUED)
    [cause] = await _rows(organisation, history_entries, version=3)
    assert issued["cause_id"] == cause["id"]


async def test_a_failed_test_out_leaves_the_step_open_and_stays_until_the_next_cycle(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    record = record_at(organisation, S.IN_PROGRESS)
    one, two = steps_of(organisation, record)
    client = sign_in(Role.ADMIN)

    failed = await steps(client, done(record, one, "TEST_OUT", passed=False))
    at = clock()
    clock.advance(DAY)
    again = await steps(client, done(record, one, "TEST_OUT", passed=True))
    online = await steps(client, done(record, one), done(record, two, "TEST_OUT", passed=False))
    await call(client, "overrideTraining", ids=[record.gid])
    await exam(client, record, passed=True)
    await call(client, "forceRecertification", ids=[record.gid])
    anew = await steps(client, done(record, one, "TEST_OUT", passed=True))

    node = failed["results"][0]["node"]
    assert (node["status"], node["version"], node["cycle"]["stepsOpen"]) == ("IN_PROGRESS", 2, 2)
    assert row_codes(again) == [["TEST_OUT_TAKEN"]]
    assert online["results"][0]["node"]["cycle"]["stepsOpen"] == 1
    assert outcomes(anew) == ["CHANGED"]
    acts = [entry[0] for entry in await told(organisation) if entry[0].startswith("LEARNER_CERTIFICATION")]
    assert acts[:2] == ["LEARNER_CERTIFICATION_TEST_OUT_FAILED", "LEARNER_CERTIFICATION_STEP_COMPLETED"]
    cycles = {row["id"]: row["number"] for row in await organisation.stored(certification_cycles)}
    kept = {
        (cycles[row["certification_cycle_id"]], row["certification_step_id"]): row
        for row in await organisation.stored(step_progress)
    }
    first = kept[0, one.id]
    assert (first["status"], first["path"], first["test_out"], first["tested_out_at"]) == (
        "done",
        "online",
        "failed",
        at,
    )
    second = kept[0, two.id]
    assert (second["status"], second["is_overridden"], second["test_out"]) == ("done", True, "failed")
    assert (kept[1, one.id]["test_out"], kept[1, two.id]["test_out"]) == ("passed", None)


async def test_a_step_of_another_version_or_certification_is_none_of_the_cycle(
    organisation: Organisation, sign_in: SignIn, new_id: RepeatableIds
) -> None:
    record, other = record_at(organisation, S.IN_PROGRESS), record_at(organisation, S.IN_PROGRESS)
    own, *_ = steps_of(organisation, record)
    organisation.certification_version(organisation.record(record["certification_id"]))
    *_, newer = steps_of(organisation, record)
    foreign, *_ = steps_of(organisation, other)
    client, missing = sign_in(Role.ADMIN), f"cts_{new_id(organisation.clock()).hex}"

    payload = await steps(
        client,
        done(record, own),
        done(record, newer),
        done(record, foreign),
        {**done(record, own), "stepId": missing},
    )

    assert codes_and_paths(payload) == [
        [],
        [("NOT_FOUND", "input.completions.1.stepId")],
        [("NOT_FOUND", "input.completions.2.stepId")],
        [("NOT_FOUND", "input.completions.3.stepId")],
    ]
    assert len({result["errors"][0]["message"] for result in payload["results"][1:]}) == 1


async def test_the_paths_of_a_step_and_what_waits_stand_against_a_recording(
    organisation: Organisation, sign_in: SignIn
) -> None:
    record = record_at(organisation, S.PENDING_APPROVAL, paths=(StepPath.CLASSROOM, StepPath.EVIDENCE))
    waiting, open_ = steps_of(organisation, record)
    await organisation.save()
    before = await organisation.everything()

    payload = await steps(sign_in(Role.ADMIN), done(record, waiting), done(record, open_))

    assert row_codes(payload) == [["STEP_AWAITING_APPROVAL"], ["STEP_PATH_NOT_OFFERED"]]
    assert await organisation.everything() == before


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"path": "EVIDENCE"}, "path"),
        ({"path": "EVIDENCE", "passed": True}, "path"),
        ({"path": "TEST_OUT"}, "passed"),
        ({"path": "TEST_OUT", "passed": None}, "passed"),
        ({"path": "ONLINE", "passed": True}, "passed"),
        ({"path": "CLASSROOM", "passed": False}, "passed"),
    ],
    ids=repr,
)
async def test_what_cannot_be_meant_by_a_completion_refuses_the_call(
    organisation: Organisation, sign_in: SignIn, given: Json, path: str
) -> None:
    record = record_at(organisation, S.IN_PROGRESS)
    one, two = steps_of(organisation, record)
    await organisation.save()
    before = await organisation.everything()

    payload = await steps(sign_in(Role.ADMIN), done(record, one), {**done(record, two), **given})

    assert payload["results"] == []
    assert [(each["code"], each["path"]) for each in payload["errors"]] == [
        ("INPUT_INVALID", ["input", "completions", "1", path])
    ]
    assert await organisation.everything() == before


async def test_what_is_named_again_in_a_call_refuses_it(organisation: Organisation, sign_in: SignIn) -> None:
    record = record_at(organisation, S.IN_PROGRESS, initial_fee=100)
    step, _ = steps_of(organisation, record)
    row = {"learnerCertificationId": record.gid}
    client = sign_in(Role.ADMIN)
    await organisation.save()
    before = await organisation.everything()

    payloads = [
        await steps(client, done(record, step), done(record, step, "TEST_OUT", passed=False)),
        await call(client, "recordExamResults", results=[{**row, "passed": True}, {**row, "passed": True}]),
        await call(client, "recordPayments", payments=[row, row]),
    ]

    assert [each["path"] for payload in payloads for each in payload["errors"]] == [
        ["input", "completions", "1", "stepId"],
        ["input", "results", "1", "learnerCertificationId"],
        ["input", "payments", "1", "learnerCertificationId"],
    ]
    assert {each["code"] for payload in payloads for each in payload["errors"]} == {"INPUT_INVALID"}
    assert await organisation.everything() == before


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
        await _rows(organisation, exam_attempts, learner_certification_id=begun.id), key=lambda row: row["number"]
    )
    assert [(row["number"], row["status"], row["score"], row["started_at"]) for row in attempts] == [
        (1, "failed", 0, started),
        (2, "passed", 100, clock()),
    ]
    assert {row["ended_at"] for row in attempts} == {clock()}
    [last] = await _rows(organisation, exam_attempts, learner_certification_id=unbegun.id, ended_at=clock())
    assert (last["number"], last["score"], last["status"]) == (1, None, "passed")
    assert row_codes(await exam(client, begun, passed=True)) == [["STATUS_NOT_ALLOWED"]]
    assert len(await _rows(organisation, certificates, learner_certification_id=begun.id)) == 1


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


async def test_an_integration_names_steps_and_reads_no_more_of_records_than_their_status(
    organisation: Organisation, sign_in: SignIn
) -> None:
    record = record_at(organisation, S.IN_PROGRESS)
    player = sign_in(Role.INTEGRATION)
    await organisation.save()
    [certification] = (
        await player.query("{ certifications { nodes { versions { nodes { steps { nodes { id title } } } } } } }")
    )["certifications"]["nodes"]
    [version] = certification["versions"]["nodes"]
    named = [
        {"learnerCertificationId": record.gid, "stepId": step["id"], "path": "ONLINE"}
        for step in version["steps"]["nodes"]
    ]

    narrow = await answer(player, "recordStepCompletions", "id version", completions=named, preview=True)
    payload = await call(player, "recordStepCompletions", "id externalRef status", completions=named)

    assert codes(narrow) == ["FORBIDDEN"]
    assert outcomes(payload) == ["CHANGED", "CHANGED"]
    assert payload["results"][0]["node"]["externalRef"] == record["external_ref"]
    [entry] = await organisation.stored(history_entries)
    assert (entry["actor_kind"], entry["actor_id"]) == ("integration", organisation.staff[Role.INTEGRATION].id)


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
    [row] = await _rows(organisation, learner_certifications, id=record.id)
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
