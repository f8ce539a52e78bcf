"""Steps that are recorded: each in its path, one change a record, a test-out once a cycle."""

import pytest

from portal_api.domain.certifications import (
    StepPath,
)
from portal_api.domain.roles import Role
from portal_api.models import (
    certificates,
    certification_cycles,
    history_entries,
    step_progress,
)
from tests.api.calls import answer, call, codes_and_paths, told
from tests.api.cases import outcomes, row_codes
from tests.api.cases.certification_recording import steps_of
from tests.api.cases.learner_certifications import record_at
from tests.api.certification_recording.calls import H, S, done, exam, rows_of, steps
from tests.client import Json, codes
from tests.clock import ManualClock, RepeatableIds
from tests.conftest import SignIn
from tests.factories import DAY, Organisation


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
    [issued] = await rows_of(organisation, history_entries, action=H.CERTIFICATE_ISSUED)
    [cause] = await rows_of(organisation, history_entries, version=3)
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
