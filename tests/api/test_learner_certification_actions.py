"""What the administrator's actions leave behind: cycles, steps, approvals, certificates, and the history of all of them."""

import asyncio
from datetime import timedelta
from typing import Any

from portal_api.domain.certifications import (
    ApprovalKind,
    AssignmentSourceKind,
    FeeDue,
    LearnerCertificationStatus,
)
from portal_api.domain.history import HistoryAction
from portal_api.domain.roles import Role
from portal_api.models import (
    approvals,
    assignment_sources,
    certificates,
    certification_cycles,
    certification_versions,
    history_entries,
    learner_certifications,
    step_progress,
)
from tests.api.calls import call
from tests.api.cases.learner_certifications import record_at
from tests.clock import ManualClock, RepeatableIds
from tests.conftest import SignIn
from tests.factories import DAY, Organisation, Record
from tests.ticking import ticked

S = LearnerCertificationStatus
WHOLE = """
  id status isPaymentWaived expiresAt
  cycle { number isRecertification feeStatus stepsOpen }
  certificate { status issuedAt expiresAt }
"""


async def _done(organisation: Organisation, sign_in: SignIn, mutation: str, record: Record) -> dict[str, Any]:
    payload = await call(sign_in(Role.ADMIN), mutation, WHOLE, ids=[record.gid])
    [result] = payload["results"]
    assert result["outcome"] == "CHANGED", result
    return result["node"]


async def _acts(organisation: Organisation) -> list[HistoryAction]:
    return sorted(entry["action"] for entry in await organisation.stored(history_entries))


async def _only(organisation: Organisation, table: Any, **equal: Any) -> dict[str, Any]:
    rows = await organisation.stored(table)
    [row] = [row for row in rows if all(row[name] == value for name, value in equal.items())]
    return row


async def test_a_waived_fee_is_told_with_whoever_waived_it(organisation: Organisation, sign_in: SignIn) -> None:
    record = record_at(organisation, S.NOT_STARTED, initial_fee=9_900, fee_due=FeeDue.BEFORE_START)

    node = await _done(organisation, sign_in, "overridePayment", record)

    assert (node["status"], node["isPaymentWaived"], node["cycle"]["feeStatus"]) == ("NOT_STARTED", True, "WAIVED")
    cycle = await _only(organisation, certification_cycles)
    assert cycle["fee_settled_by"] == organisation.staff[Role.ADMIN].id
    assert cycle["fee_settled_at"] is not None


async def test_overridden_training_closes_evidence_and_certifies_whoever_has_passed(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    record = record_at(organisation, S.PENDING_APPROVAL)
    cycle = organisation.rows[certification_cycles][-1]
    cycle |= {"exam_passed_at": clock() - DAY, "is_exam_overridden": True}

    node = await _done(organisation, sign_in, "overrideTraining", record)

    assert node["status"] == "CERTIFIED"
    assert node["certificate"]["status"] == "VALID"
    assert node["certificate"]["expiresAt"] == node["expiresAt"] == "2027-03-02T11:00:00.000000Z"
    assert node["cycle"] is None
    assert {row["status"] for row in await organisation.stored(step_progress)} == {"done"}
    assert (await _only(organisation, approvals))["status"] == "overridden"
    assert await _acts(organisation) == [
        HistoryAction.APPROVAL_OVERRIDDEN,
        HistoryAction.CERTIFICATE_ISSUED,
        HistoryAction.LEARNER_CERTIFICATION_STEPS_OVERRIDDEN,
    ]


async def test_revoked_access_ends_the_cycle_its_approvals_and_a_certificate_that_is_still_valid(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    record = record_at(organisation, S.RECERTIFYING)
    certificate = organisation.rows[certificates][-1]
    certificate |= {"status": "valid", "expires_at": clock() + DAY, "due_at": clock() + DAY}
    [*_, cycle] = organisation.rows[certification_cycles]
    organisation.approval(record, ApprovalKind.MORE_ATTEMPTS, certification_cycle_id=cycle["id"])

    node = await _done(organisation, sign_in, "revokeAccess", record)

    assert (node["status"], node["cycle"], node["certificate"], node["expiresAt"]) == ("REVOKED", None, None, None)
    assert (await _only(organisation, certificates))["status"] == "revoked"
    assert (await _only(organisation, approvals))["status"] == "closed"
    assert {row["outcome"] for row in await organisation.stored(certification_cycles)} == {"certified", "revoked"}


async def test_a_forced_recertification_begins_under_the_newest_published_version(
    organisation: Organisation, sign_in: SignIn
) -> None:
    record = record_at(organisation, S.CERTIFIED)
    of = organisation.record(record["certification_id"])
    newest = organisation.certification_version(of, steps=3, recertification_fee=700)

    node = await _done(organisation, sign_in, "forceRecertification", record)

    assert node["status"] == "RECERTIFYING"
    assert node["cycle"] == {"number": 1, "isRecertification": True, "feeStatus": "UNPAID", "stepsOpen": 3}
    opened = await _only(organisation, certification_cycles, number=1)
    assert opened["certification_version_id"] == newest.id
    assert (await _only(organisation, certificates))["status"] == "revoked"


async def test_a_barred_learner_is_restored_to_a_new_cycle(organisation: Organisation, sign_in: SignIn) -> None:
    record = record_at(organisation, S.CERTIFIED)

    barred = await _done(organisation, sign_in, "permanentlyRevoke", record)
    again = await call(
        sign_in(Role.ADMIN),
        "assignCertification",
        certificationId=organisation.record(record["certification_id"]).gid,
        learnerIds=[organisation.record(record["learner_id"]).gid],
    )
    restored = await _done(organisation, sign_in, "restoreAccess", record)

    assert (barred["status"], barred["certificate"]) == ("DISALLOWED", None)
    assert again["results"][0]["errors"][0]["code"] == "LEARNER_BARRED"
    assert (restored["status"], restored["cycle"]["number"]) == ("RECERTIFYING", 1)


async def test_moves_that_are_overdue_are_written_down_before_the_action(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    record = record_at(organisation, S.CERTIFIED)
    await organisation.save()
    clock.now = record["lapses_at"] + timedelta(hours=1)

    node = await _done(organisation, sign_in, "revokeAccess", record)

    assert node["status"] == "REVOKED"
    told = [
        (entry["action"], entry["actor_kind"], entry["occurred_at"])
        for entry in sorted(await organisation.stored(history_entries), key=lambda row: row["occurred_at"])
        if entry["subject_kind"] == "learner_certification"
    ]
    assert told == [
        (HistoryAction.LEARNER_CERTIFICATION_EXPIRED, "clock", record["expires_at"]),
        (HistoryAction.LEARNER_CERTIFICATION_LAPSED, "clock", record["lapses_at"]),
        (HistoryAction.LEARNER_CERTIFICATION_REVOKED, "user", clock.now),
    ]


async def test_the_ticker_writes_down_what_time_has_done(
    organisation: Organisation, clock: ManualClock, new_id: RepeatableIds
) -> None:
    record = record_at(organisation, S.CERTIFIED)
    await organisation.save()
    clock.now = record["expires_at"]

    assert await ticked(organisation, clock, new_id) == 2
    assert (await _only(organisation, learner_certifications))["status"] == "expired"
    assert (await _only(organisation, certificates))["status"] == "expired"
    assert await ticked(organisation, clock, new_id) == 0
    clock.now = record["lapses_at"]
    assert await ticked(organisation, clock, new_id) == 1
    assert (await _only(organisation, learner_certifications))["status"] == "lapsed"


async def test_an_assignment_by_hand_is_added_to_one_by_a_group_and_can_be_removed(
    organisation: Organisation, sign_in: SignIn
) -> None:
    certification, learner = organisation.certification(), organisation.learner()
    record = organisation.learner_certification(learner, certification, S.ASSIGNED, source=AssignmentSourceKind.SELF)
    admin, given = sign_in(Role.ADMIN), {"certificationId": certification.gid, "learnerIds": [learner.gid]}

    first = await call(admin, "assignCertification", "id status", **given)
    again = await call(admin, "assignCertification", "id status", **given)
    added = await _only(organisation, assignment_sources, kind="manual")
    removed = await call(admin, "removeAssignments", "id archivedAt", ids=[f"asg_{added['id'].hex}"])

    assert [each["results"][0]["outcome"] for each in (first, again, removed)] == ["CHANGED", "UNCHANGED", "CHANGED"]
    assert first["results"][0]["node"]["id"] == removed["results"][0]["node"]["id"] == record.gid
    assert removed["results"][0]["node"]["archivedAt"] is None
    assert await _acts(organisation) == [
        HistoryAction.LEARNER_CERTIFICATION_REASSIGNED,
        HistoryAction.LEARNER_CERTIFICATION_UNASSIGNED,
    ]


async def test_a_record_that_no_source_keeps_is_archived_and_a_later_assignment_makes_a_new_one(
    organisation: Organisation, sign_in: SignIn
) -> None:
    record = record_at(organisation, S.NOT_STARTED)
    source = organisation.rows[assignment_sources][-1]
    admin = sign_in(Role.ADMIN)
    given = {
        "certificationId": organisation.record(record["certification_id"]).gid,
        "learnerIds": [organisation.record(record["learner_id"]).gid],
    }

    removed = await call(
        admin, "removeAssignments", "id archivedAt actions { available }", ids=[f"asg_{source['id'].hex}"]
    )
    assigned = await call(admin, "assignCertification", "id status", **given)

    node = removed["results"][0]["node"]
    assert node["archivedAt"] is not None
    assert not any(each["available"] for each in node["actions"])
    assert (await _only(organisation, certification_cycles))["outcome"] == "removed"
    assert assigned["results"][0]["node"]["status"] == "ASSIGNED"
    assert assigned["results"][0]["node"]["id"] != record.gid
    listed = await admin.query("{ learnerCertifications { nodes { id } } }")
    assert [each["id"] for each in listed["learnerCertifications"]["nodes"]] == [assigned["results"][0]["node"]["id"]]


async def test_no_cycle_is_opened_under_a_version_that_is_retired_at_the_same_moment(
    organisation: Organisation, sign_in: SignIn
) -> None:
    """Whichever comes first: a cycle under the version, or nothing for want of one."""
    records = [record_at(organisation, S.CERTIFIED) for _ in range(12)]
    await organisation.save()
    admin, owner = sign_in(Role.ADMIN), sign_in(Role.OWNER)
    versions = {row["certification_id"]: row["id"] for row in organisation.rows[certification_versions]}

    for record in records:
        version = organisation.record(versions[record["certification_id"]])
        forced, retired = await asyncio.gather(
            call(admin, "forceRecertification", ids=[record.gid]),
            call(owner, "retireCertificationVersion", id=version.gid),
        )
        assert retired["results"][0]["outcome"] == "CHANGED"
        [result] = forced["results"]
        assert (result["outcome"], [each["code"] for each in result["errors"]]) in (
            ("CHANGED", []),
            ("REFUSED", ["NO_PUBLISHED_VERSION"]),
        )
