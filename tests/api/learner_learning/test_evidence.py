"""Evidence: what it may be, what waits for its approval, and what needs none."""

from typing import Any

import pytest

from portal_api.domain.certifications import StepPath
from portal_api.domain.roles import Role
from portal_api.ids import global_id
from portal_api.models import (
    approvals,
    certification_steps,
    history_entries,
    step_progress,
)
from tests.api.calls import call, codes_and_paths
from tests.api.cases.learner_certifications_learning import S, own_record
from tests.api.learner_learning.calls import changed, step_of
from tests.client import Json
from tests.clock import START, ManualClock, RepeatableIds
from tests.conftest import SignIn
from tests.factories import DAY, Organisation

LINKS = ["https://files.example.org/a.pdf", "https://example.org:8443/b?c=d#e"]


async def _causes(organisation: Organisation) -> list[tuple[str, str | None]]:
    """What was done, and what caused it."""
    entries = {entry["id"]: entry for entry in await organisation.stored(history_entries)}
    named = [
        (each["action"].name, each["cause_id"] and entries[each["cause_id"]]["action"].name)
        for each in entries.values()
    ]
    return sorted(named, key=str)


async def test_evidence_that_needs_approval_waits_for_it(organisation: Organisation, sign_in: SignIn) -> None:
    record = own_record(organisation, S.IN_PROGRESS)
    asked: Json = {"id": record.gid, "stepId": step_of(organisation, record), "text": "Done.", "links": LINKS}

    node = await changed(sign_in(Role.LEARNER), "submitEvidence", **asked)
    again = await call(sign_in(Role.LEARNER), "submitEvidence", **asked)

    assert (node["status"], node["cycle"]["stepsOpen"]) == ("PENDING_APPROVAL", 2)
    [approval] = await organisation.stored(approvals)
    steps = {row["id"]: row for row in await organisation.stored(step_progress)}
    assert (approval["kind"], approval["status"]) == ("evidence", "pending")
    assert (approval["evidence_text"], list(approval["evidence_links"])) == ("Done.", LINKS)
    progress = steps[approval["step_progress_id"]]
    assert (progress["status"], progress["path"], progress["done_at"]) == ("awaiting_approval", "evidence", None)
    assert codes_and_paths(again) == [[("STEP_AWAITING_APPROVAL", "input.stepId")]]
    assert await _causes(organisation) == [
        ("APPROVAL_REQUESTED", "LEARNER_CERTIFICATION_EVIDENCE_SENT"),
        ("LEARNER_CERTIFICATION_EVIDENCE_SENT", None),
    ]


async def test_evidence_that_needs_none_completes_its_step_and_is_kept(
    organisation: Organisation, sign_in: SignIn
) -> None:
    record = own_record(organisation, S.IN_PROGRESS, evidence_needs_approval=False)
    asked: Json = {"id": record.gid, "stepId": step_of(organisation, record), "links": LINKS[:1]}

    node = await changed(sign_in(Role.LEARNER), "submitEvidence", **asked)
    again = await call(sign_in(Role.LEARNER), "submitEvidence", **asked)

    assert (node["status"], node["cycle"]["stepsOpen"]) == ("IN_PROGRESS", 1)
    [done] = [row for row in await organisation.stored(step_progress) if row["status"] == "done"]
    assert (done["path"], done["done_at"]) == ("evidence", START)
    [approval] = await organisation.stored(approvals)
    assert (approval["status"], approval["decided_at"], approval["decided_by"]) == ("approved", START, None)
    assert (approval["evidence_text"], list(approval["evidence_links"])) == (None, LINKS[:1])
    assert codes_and_paths(again) == [[("STEP_DONE", "input.stepId")]]
    assert await _causes(organisation) == [
        ("APPROVAL_APPROVED", "LEARNER_CERTIFICATION_STEP_COMPLETED"),
        ("LEARNER_CERTIFICATION_STEP_COMPLETED", None),
    ]


async def test_the_last_evidence_certifies_whoever_has_passed_the_exam(
    organisation: Organisation, sign_in: SignIn
) -> None:
    passed = {"steps_open": 1, "exam_passed_at": START - DAY, "is_exam_overridden": True}
    record = own_record(organisation, S.IN_PROGRESS, passed, evidence_needs_approval=False)
    asked: Json = {"id": record.gid, "stepId": step_of(organisation, record), "text": "Done."}

    node = await changed(sign_in(Role.LEARNER), "submitEvidence", **asked)

    assert (node["status"], node["cycle"], node["certificate"]["status"]) == ("CERTIFIED", None, "VALID")
    assert node["expiresAt"] == node["certificate"]["expiresAt"] == "2027-03-02T11:00:00.000000Z"
    assert ("CERTIFICATE_ISSUED", "LEARNER_CERTIFICATION_STEP_COMPLETED") in await _causes(organisation)


GIVEN: dict[str, Any] = {"text": "Done."}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, [("INPUT_INVALID", "input.text")]),
        ({"text": None, "links": []}, [("INPUT_INVALID", "input.text")]),
        ({"text": ""}, [("INPUT_INVALID", "input.text")]),
        ({"text": "x" * 2_001}, [("INPUT_INVALID", "input.text")]),
        ({"text": "x\x00"}, [("INPUT_INVALID", "input.text")]),
        ({"links": ["https://example.org"] * 6}, [("LIMIT_EXCEEDED", "input.links")]),
        ({"links": ["http://example.org"]}, [("INPUT_INVALID", "input.links.0")]),
        ({**GIVEN, "links": [LINKS[0], "https://u:p@example.org"]}, [("INPUT_INVALID", "input.links.1")]),
        ({**GIVEN, "links": ["https://example.org/\u202e"]}, [("INPUT_INVALID", "input.links.0")]),
        ({**GIVEN, "path": "ONLINE"}, [("STEP_PATH_NOT_OFFERED", "input.stepId")]),
        ({**GIVEN, "step": "of another version"}, [("NOT_FOUND", "input.stepId")]),
        ({**GIVEN, "step": "of nothing"}, [("NOT_FOUND", "input.stepId")]),
        ({"step": "of nothing"}, [("NOT_FOUND", "input.stepId"), ("INPUT_INVALID", "input.text")]),
    ],
    ids=lambda given: repr(given)[:60],
)
async def test_evidence_that_cannot_be_meant_changes_nothing(
    organisation: Organisation,
    sign_in: SignIn,
    new_id: RepeatableIds,
    clock: ManualClock,
    given: dict[str, Any],
    expected: Any,
) -> None:
    paths = (StepPath(given["path"].lower()),) if "path" in given else tuple(StepPath)
    record = own_record(organisation, S.IN_PROGRESS, paths=paths)
    organisation.certification()
    steps = {
        "of another version": global_id("cts", organisation.rows[certification_steps][-1]["id"]),
        "of nothing": global_id("cts", new_id(clock())),
    }
    step = steps.get(given.get("step", ""), step_of(organisation, record))
    asked = {name: value for name, value in given.items() if name in ("text", "links")}
    await organisation.save()
    before = await organisation.everything()

    payload = await call(sign_in(Role.LEARNER), "submitEvidence", id=record.gid, stepId=step, **asked)

    assert codes_and_paths(payload) == [expected]
    assert await organisation.everything() == before


async def test_the_longest_evidence_is_taken_and_text_of_any_kind_is_kept(
    organisation: Organisation, sign_in: SignIn
) -> None:
    record = own_record(organisation, S.IN_PROGRESS)
    text = "\U0001f4dd" * 1_998 + "\r\n"

    await changed(
        sign_in(Role.LEARNER), "submitEvidence", id=record.gid, stepId=step_of(organisation, record), text=text
    )

    [approval] = await organisation.stored(approvals)
    assert approval["evidence_text"] == text
