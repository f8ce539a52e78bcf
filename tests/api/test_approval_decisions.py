"""What decisions leave behind: steps, attempts, records and sources, and the history that says what caused what."""

from typing import Any

import pytest

from portal_api.domain.certifications import (
    ApprovalKind,
    ApprovalStatus,
    AssignmentSourceKind,
    LearnerCertificationStatus,
)
from portal_api.domain.history import HistoryAction
from portal_api.domain.roles import Role
from portal_api.models import (
    approvals,
    assignment_sources,
    certificates,
    certification_cycles,
    exam_attempts,
    history_entries,
    learner_certifications,
    step_progress,
)
from tests.api.calls import answer, call, told
from tests.api.cases import outcomes, row_codes
from tests.api.deciding import asked
from tests.client import Client, Json
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import DAY, Organisation, Record

S, K, H = LearnerCertificationStatus, ApprovalKind, HistoryAction
NODE = """
  id status comment version decidedAt
  learnerCertification { id status version cycle { number stepsOpen attemptsUsed attemptsAllowed } }
"""


async def decide(client: Client, *given: Record, decision: str = "APPROVE", **more: Any) -> Json:
    """Decides, and asks for what became of the records."""
    ids = [each.gid for each in given]
    return await call(client, "decideApprovals", NODE, ids=ids, decision=decision, **more)


async def deny(client: Client, *given: Record, comment: str = "Not good enough.") -> Json:
    return await decide(client, *given, decision="DENY", comment=comment)


async def _caused(organisation: Organisation) -> dict[str, str | None]:
    """What each entry was caused by, by their actions."""
    entries = {row["id"]: row for row in await organisation.stored(history_entries)}
    return {
        row["action"].name: entries[row["cause_id"]]["action"].name if row["cause_id"] else None
        for row in entries.values()
    }


def _record(made: Organisation, approval: Record) -> Record:
    return made.record(approval["learner_certification_id"])


async def test_approved_evidence_completes_its_step_and_says_what_caused_what(
    engine: str, organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    learner = organisation.learner(reports_to=organisation.own[Role.MANAGER])
    evidence = asked(organisation, learner, K.EVIDENCE)

    payload = await decide(sign_in(Role.MANAGER), evidence, comment="Well done")

    [result] = payload["results"]
    assert (result["outcome"], result["node"]["status"], result["node"]["comment"]) == (
        "CHANGED",
        "APPROVED",
        "Well done",
    )
    told_of = result["node"]["learnerCertification"]
    assert (told_of["status"], told_of["version"], told_of["cycle"]["stepsOpen"]) == ("IN_PROGRESS", 2, 1)
    [stored] = await organisation.stored(approvals)
    assert (stored["decided_by"], stored["decided_at"]) == (organisation.staff[Role.MANAGER].id, clock())
    [step] = [row for row in await organisation.stored(step_progress) if row["id"] == stored["step_progress_id"]]
    assert (step["status"], step["path"], step["done_at"]) == ("done", "evidence", clock())
    assert await told(organisation) == [
        ("APPROVAL_APPROVED", "PENDING", "APPROVED", 2),
        ("LEARNER_CERTIFICATION_EVIDENCE_APPROVED", "PENDING_APPROVAL", "IN_PROGRESS", 2),
    ]
    assert await _caused(organisation) == {
        "APPROVAL_APPROVED": None,
        "LEARNER_CERTIFICATION_EVIDENCE_APPROVED": "APPROVAL_APPROVED",
    }


async def test_denied_evidence_opens_its_step_again_and_the_learner_sees_why(
    organisation: Organisation, sign_in: SignIn
) -> None:
    evidence = asked(organisation, organisation.own[Role.LEARNER], K.EVIDENCE)

    payload = await deny(sign_in(Role.ADMIN), evidence)
    seen = await sign_in(Role.LEARNER).query("{ approvals { nodes { status comment } } }")

    told_of = payload["results"][0]["node"]["learnerCertification"]
    assert (told_of["status"], told_of["cycle"]["stepsOpen"]) == ("IN_PROGRESS", 2)
    assert seen["approvals"]["nodes"] == [{"status": "DENIED", "comment": "Not good enough."}]
    assert {(row["status"], row["path"]) for row in await organisation.stored(step_progress)} == {("open", None)}
    assert await _caused(organisation) == {
        "APPROVAL_DENIED": None,
        "LEARNER_CERTIFICATION_EVIDENCE_DENIED": "APPROVAL_DENIED",
    }


async def test_an_approved_pass_certifies_once_and_closes_what_else_is_asked(
    engine: str, organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    pass_ = asked(organisation, organisation.learner(), K.EXAM, steps=0)
    record, cycle = _record(organisation, pass_), organisation.rows[certification_cycles][-1]
    more = organisation.approval(record, K.MORE_ATTEMPTS, certification_cycle_id=cycle["id"])
    client = sign_in(Role.ADMIN)

    payload = await decide(client, pass_)
    again = await decide(client, pass_, more)

    assert payload["results"][0]["node"]["learnerCertification"]["status"] == "CERTIFIED"
    assert row_codes(again) == [["ALREADY_DECIDED"], ["ALREADY_DECIDED"]]
    [attempt] = await organisation.stored(exam_attempts)
    assert (attempt["status"], attempt["score"]) == ("passed", 85)
    [stored] = await organisation.stored(certification_cycles)
    assert (stored["exam_passed_at"], stored["outcome"]) == (clock(), "certified")
    assert len(await organisation.stored(certificates)) == 1
    assert await _caused(organisation) == {
        "APPROVAL_APPROVED": None,
        "LEARNER_CERTIFICATION_EXAM_APPROVED": "APPROVAL_APPROVED",
        "APPROVAL_CLOSED": "LEARNER_CERTIFICATION_EXAM_APPROVED",
        "CERTIFICATE_ISSUED": "LEARNER_CERTIFICATION_EXAM_APPROVED",
    }


async def test_a_denied_pass_is_an_attempt_that_is_used_and_not_passed(
    organisation: Organisation, sign_in: SignIn
) -> None:
    pass_ = asked(organisation, organisation.learner(), K.EXAM, steps=0)

    payload = await deny(sign_in(Role.ADMIN), pass_)

    told_of = payload["results"][0]["node"]["learnerCertification"]
    assert (told_of["status"], told_of["cycle"]["attemptsUsed"]) == ("IN_PROGRESS", 1)
    assert [row["status"] for row in await organisation.stored(exam_attempts)] == ["denied"]
    assert await organisation.stored(certificates) == []
    assert (await organisation.stored(certification_cycles))[0]["exam_passed_at"] is None
    assert "LEARNER_CERTIFICATION_EXAM_DENIED" in await _caused(organisation)


@pytest.mark.parametrize(("attempts", "granted"), [({}, 1), ({"attempts": 1}, 1), ({"attempts": 100}, 100)])
async def test_more_attempts_hold_for_their_cycle_and_leave_the_status_alone(
    organisation: Organisation, sign_in: SignIn, attempts: Json, granted: int
) -> None:
    more = asked(organisation, organisation.learner(), K.MORE_ATTEMPTS)
    organisation.rows[certification_cycles][-1] |= {"attempts_granted": 2, "attempts_used": 3}

    payload = await decide(sign_in(Role.ADMIN), more, **attempts)

    told_of = payload["results"][0]["node"]["learnerCertification"]
    assert (told_of["status"], told_of["version"]) == ("IN_PROGRESS", 2)
    assert told_of["cycle"]["attemptsAllowed"] == 3 + 2 + granted
    assert await _caused(organisation) == {
        "APPROVAL_APPROVED": None,
        "LEARNER_CERTIFICATION_ATTEMPTS_GRANTED": "APPROVAL_APPROVED",
    }


async def test_denied_attempts_and_denied_access_change_no_record(organisation: Organisation, sign_in: SignIn) -> None:
    more = asked(organisation, organisation.learner(), K.MORE_ATTEMPTS)
    access = asked(organisation, organisation.learner(), K.ACCESS)
    await organisation.save()
    before = {table: await organisation.stored(table) for table in (learner_certifications, certification_cycles)}

    payload = await deny(sign_in(Role.ADMIN), more, access)

    assert outcomes(payload) == ["CHANGED", "CHANGED"]
    assert payload["results"][1]["node"]["learnerCertification"] is None
    assert {table: await organisation.stored(table) for table in before} == before
    assert await told(organisation) == [("APPROVAL_DENIED", "PENDING", "DENIED", 2)] * 2


async def test_several_approvals_of_one_record_are_one_change_of_it(
    engine: str, organisation: Organisation, sign_in: SignIn
) -> None:
    first = asked(organisation, organisation.learner(), K.EVIDENCE)
    record, cycle = _record(organisation, first), organisation.record(organisation.rows[certification_cycles][-1]["id"])
    second = organisation.evidence(record, cycle)
    more = organisation.approval(record, K.MORE_ATTEMPTS, certification_cycle_id=cycle.id)
    other = asked(organisation, organisation.learner(), K.EVIDENCE)

    payload = await decide(sign_in(Role.ADMIN), first, other, second, more, attempts=4)

    assert outcomes(payload) == ["CHANGED"] * 4
    node = payload["results"][2]["node"]["learnerCertification"]
    assert (node["status"], node["version"]) == ("IN_PROGRESS", 2)
    assert node["cycle"] == {"number": 0, "stepsOpen": 0, "attemptsUsed": 0, "attemptsAllowed": 7}
    entries = await organisation.stored(history_entries)
    own = [row for row in entries if row["subject_id"] == record.id]
    assert [row["action"] for row in own] == [H.LEARNER_CERTIFICATION_EVIDENCE_APPROVED]
    [cause] = [row for row in entries if row["id"] == own[0]["cause_id"]]
    assert cause["subject_id"] == first.id
    assert len(entries) == 6


async def test_granted_access_makes_a_record_with_a_cycle_and_a_source_of_the_learners_own(
    engine: str, organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    access = asked(organisation, organisation.own[Role.LEARNER], K.ACCESS, initial_fee=500)

    payload = await decide(sign_in(Role.ADMIN), access)

    node = payload["results"][0]["node"]
    made = node["learnerCertification"]
    assert (node["status"], made["status"], made["version"]) == ("APPROVED", "NOT_STARTED", 1)
    assert made["cycle"] == {"number": 0, "stepsOpen": 2, "attemptsUsed": 0, "attemptsAllowed": 3}
    [source] = await organisation.stored(assignment_sources)
    assert (source["kind"], source["created_by"]) == ("self", organisation.staff[Role.ADMIN].id)
    [record] = await organisation.stored(learner_certifications)
    assert (record["learner_id"], record["enrolled_at"]) == (organisation.own[Role.LEARNER].id, clock())
    assert (await organisation.stored(approvals))[0]["learner_certification_id"] == record["id"]
    assert await _caused(organisation) == {
        "APPROVAL_APPROVED": None,
        "LEARNER_CERTIFICATION_ENROLLED": "APPROVAL_APPROVED",
    }


@pytest.mark.parametrize("status", [each for each in S if each is not S.DISALLOWED])
async def test_granted_access_adds_a_source_to_a_record_that_there_is_by_then(
    organisation: Organisation, sign_in: SignIn, status: LearnerCertificationStatus
) -> None:
    learner, certification = organisation.learner(), organisation.certification()
    access = asked(organisation, learner, K.ACCESS, certification=certification)
    record = organisation.learner_certification(learner, certification, status)

    payload = await decide(sign_in(Role.ADMIN), access)

    node = payload["results"][0]["node"]["learnerCertification"]
    assert node["id"] == record.gid
    assert node["version"] == 2
    assert node["status"] == ("NOT_STARTED" if status is S.ASSIGNED else status.name)
    assert {row["kind"] for row in await organisation.stored(assignment_sources)} == {"manual", "self"}
    is_taken_up = status is S.ASSIGNED
    assert set(await _caused(organisation)) == {
        "APPROVAL_APPROVED",
        "LEARNER_CERTIFICATION_ENROLLED" if is_taken_up else "LEARNER_CERTIFICATION_REASSIGNED",
    }
    assert is_taken_up is (
        {row["number"] for row in await organisation.stored(certification_cycles)} == {0}
        and (await organisation.stored(learner_certifications))[0]["enrolled_at"] == organisation.clock()
    )


async def test_granted_access_adds_no_second_source_of_the_learners_own_and_leaves_the_record(
    organisation: Organisation, sign_in: SignIn
) -> None:
    learner, certification = organisation.learner(), organisation.certification()
    access = asked(organisation, learner, K.ACCESS, certification=certification)
    organisation.learner_certification(learner, certification, source=AssignmentSourceKind.SELF)

    payload = await decide(sign_in(Role.ADMIN), access)

    assert payload["results"][0]["node"]["learnerCertification"]["version"] == 1
    assert len(await organisation.stored(assignment_sources)) == 1
    assert await told(organisation) == [("APPROVAL_APPROVED", "PENDING", "APPROVED", 2)]


async def test_moves_that_are_overdue_are_written_down_before_access_is_granted(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    learner, certification = organisation.learner(), organisation.certification()
    access = asked(organisation, learner, K.ACCESS, certification=certification)
    record = organisation.learner_certification(learner, certification, S.CERTIFIED)
    await organisation.save()
    clock.now = record["expires_at"] + DAY

    payload = await decide(sign_in(Role.ADMIN), access)

    assert payload["results"][0]["node"]["learnerCertification"]["status"] == "EXPIRED"
    own = [row for row in await told(organisation) if row[0].startswith("LEARNER_CERTIFICATION")]
    assert own == [
        ("LEARNER_CERTIFICATION_EXPIRED", "CERTIFIED", "EXPIRED", 2),
        ("LEARNER_CERTIFICATION_REASSIGNED", "EXPIRED", "EXPIRED", 3),
    ]


async def test_what_stands_against_access_is_shown_and_told_and_a_denial_needs_none_of_it(
    engine: str, organisation: Organisation, sign_in: SignIn
) -> None:
    retired = organisation.certification(is_active=False)
    unpublished = organisation.certification(is_published=False)
    barred, learner = organisation.certification(), organisation.learner()
    organisation.learner_certification(learner, barred, S.DISALLOWED)
    laid_out = [asked(organisation, learner, K.ACCESS, certification=each) for each in (retired, unpublished, barred)]
    client = sign_in(Role.ADMIN)
    await organisation.save()
    before = await organisation.everything()

    shown = [
        await client.query("query($id: ID!) { approval(id: $id) { actions { reasons { code } } } }", {"id": each.gid})
        for each in laid_out
    ]
    refused = await decide(client, *laid_out)

    expected = [["CERTIFICATION_INACTIVE"], ["NO_PUBLISHED_VERSION"], ["LEARNER_BARRED"]]
    assert row_codes(refused) == expected
    assert await organisation.everything() == before
    reasons = [[[why["code"] for why in each["reasons"]] for each in data["approval"]["actions"]] for data in shown]
    assert reasons == [[each, []] for each in expected]
    assert outcomes(await deny(client, *laid_out)) == ["CHANGED"] * 3


async def test_an_archived_record_does_not_stand_for_the_one_that_access_makes(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    learner, certification = organisation.learner(), organisation.certification()
    access = asked(organisation, learner, K.ACCESS, certification=certification)
    old = organisation.learner_certification(learner, certification, S.ASSIGNED, archived_at=clock() - DAY)

    payload = await decide(sign_in(Role.ADMIN), access)

    node = payload["results"][0]["node"]["learnerCertification"]
    assert node["id"] != old.gid
    assert node["status"] == "NOT_STARTED"


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"decision": "DENY"}, "comment"),
        ({"decision": "DENY", "comment": None}, "comment"),
        ({"decision": "DENY", "comment": ""}, "comment"),
        ({"decision": "DENY", "comment": "  \n"}, "comment"),
        ({"decision": "APPROVE", "comment": "x" * 2_001}, "comment"),
        ({"decision": "APPROVE", "comment": "a\x00"}, "comment"),
        ({"decision": "APPROVE", "attempts": 0}, "attempts"),
        ({"decision": "APPROVE", "attempts": 101}, "attempts"),
        ({"decision": "APPROVE", "attempts": -1}, "attempts"),
        ({"decision": "DENY", "comment": "No.", "attempts": 1}, "attempts"),
    ],
    ids=lambda value: repr(value)[:60],
)
async def test_what_cannot_be_meant_by_a_decision_refuses_the_call(
    organisation: Organisation, sign_in: SignIn, given: Json, path: str
) -> None:
    laid_out = [
        asked(organisation, organisation.learner(), K.EVIDENCE),
        asked(organisation, organisation.learner(), K.EVIDENCE, ApprovalStatus.APPROVED),
    ]
    await organisation.save()
    before = await organisation.everything()

    payload = (await answer(sign_in(Role.ADMIN), "decideApprovals", ids=[each.gid for each in laid_out], **given))[
        "data"
    ]["decideApprovals"]

    assert [(each["code"], each["path"]) for each in payload["errors"]] == [("INPUT_INVALID", ["input", path])]
    assert payload["results"] == []
    assert await organisation.everything() == before


async def test_many_decisions_of_every_kind_cost_as_many_statements_as_few(
    organisation: Organisation, sign_in: SignIn
) -> None:
    def some(number: int) -> list[Record]:
        return [asked(organisation, organisation.learner(), kind, steps=2) for _ in range(number) for kind in K]

    few, many = some(1), some(40)
    await organisation.save()
    tally, client = organisation.database.tally, sign_in(Role.ADMIN)

    async def statements(given: list[Record]) -> int:
        before = tally.statements
        payload = await decide(client, *given)
        assert outcomes(payload) == ["CHANGED"] * len(given)
        return tally.statements - before

    assert await statements(few) == await statements(many)
