"""Learners' certifications as clients read them: what is told of each, how they are found, and what decides over them."""

from datetime import timedelta
from typing import Any

from portal_api.domain.certifications import (
    ApprovalKind,
    ApprovalStatus,
    AssignmentSourceKind,
    Cycle,
    FeeDue,
    FeeStatus,
    LearnerCertificationFacts,
    LearnerCertificationStatus,
)
from portal_api.domain.roles import Role
from portal_api.models import certificates, certification_cycles, certification_versions
from portal_api.models.base import instant_text
from tests.api.certifying import CYCLES, ahead, granted, told
from tests.client import Json, codes
from tests.clock import START, ManualClock
from tests.conftest import SignIn
from tests.factories import DAY, Organisation, Record

_S = LearnerCertificationStatus
MICROSECOND = timedelta(microseconds=1)


async def test_actions_know_all_that_decides(engine: str, organisation: Organisation, sign_in: SignIn) -> None:
    """Each record differs in one thing; its actions are those of the table for exactly that."""
    with_fee = organisation.certification(is_published=False)
    organisation.certification_version(
        with_fee, initial_fee=9_900, fee_due=FeeDue.BEFORE_START, attempt_limit=None, allows_exam_before_training=True
    )
    retired = organisation.certification(is_active=False)
    plain = organisation.certification()

    def made(of: Record = plain, status: _S = _S.IN_PROGRESS, **columns: Any) -> Record:
        return organisation.learner_certification(organisation.learner(has_app_access=True), of, status, **columns)

    working = CYCLES[_S.IN_PROGRESS]
    in_fee = Cycle(
        is_started=True,
        steps_open=2,
        fee=FeeStatus.UNPAID,
        fee_due=FeeDue.BEFORE_START,
        allows_exam_before_training=True,
    )
    cases: list[tuple[Record, LearnerCertificationFacts]] = [
        (made(), LearnerCertificationFacts(_S.IN_PROGRESS, cycle=working)),
        (made(with_fee), LearnerCertificationFacts(_S.IN_PROGRESS, cycle=in_fee)),
        (
            made(with_fee, cycle={"fee_status": FeeStatus.WAIVED}),
            LearnerCertificationFacts(
                _S.IN_PROGRESS,
                cycle=Cycle(
                    is_started=True,
                    steps_open=2,
                    fee=FeeStatus.WAIVED,
                    fee_due=FeeDue.BEFORE_START,
                    allows_exam_before_training=True,
                ),
            ),
        ),
        (
            made(cycle={"steps_open": 0, "attempts_used": 3}),
            LearnerCertificationFacts(
                _S.IN_PROGRESS, cycle=Cycle(is_started=True, attempts_used=3, attempts_allowed=3)
            ),
        ),
        (
            made(cycle={"steps_open": 0, "attempts_used": 3, "attempts_granted": 2}),
            LearnerCertificationFacts(
                _S.IN_PROGRESS, cycle=Cycle(is_started=True, attempts_used=3, attempts_allowed=5)
            ),
        ),
        (
            made(retired, _S.EXPIRED),
            LearnerCertificationFacts(_S.EXPIRED, is_certification_active=False),
        ),
        (
            made(status=_S.ASSIGNED, source=AssignmentSourceKind.SELF),
            LearnerCertificationFacts(_S.ASSIGNED, has_manual_source=False, is_window_open=False),
        ),
        (
            made(status=_S.NOT_STARTED, archived_at=START - DAY),
            LearnerCertificationFacts(_S.NOT_STARTED, is_archived=True, has_manual_source=False),
        ),
    ]
    await organisation.save()
    for client, role in ((sign_in(Role.ADMIN), Role.ADMIN), (sign_in(Role.OWNER), Role.OWNER)):
        data = await client.query(
            """query($ids: [ID!]!) {
              nodes(ids: $ids) { ... on LearnerCertification { actions { action available reasons { code } } } }
            }""",
            {"ids": [record.gid for record, _ in cases]},
        )
        for node, (record, facts) in zip(data["nodes"], cases, strict=True):
            assert told(node) == granted(role, facts), record["external_ref"]


async def test_an_inactive_learner_and_one_without_app_access_are_told_apart(
    engine: str, organisation: Organisation, sign_in: SignIn
) -> None:
    of = organisation.certification()
    inactive = organisation.learner_certification(organisation.learner(is_active=False), of)
    without = organisation.learner_certification(organisation.learner(has_app_access=False), of)
    unpublished = organisation.certification()
    left = organisation.learner_certification(organisation.learner(has_app_access=True), unpublished, _S.LAPSED)
    for row in organisation.rows[certification_versions]:
        if row["certification_id"] == unpublished.id:
            row |= {"status": "retired", "retired_at": START}
    await organisation.save()
    data = await sign_in(Role.ADMIN).query(
        """query($ids: [ID!]!) {
          nodes(ids: $ids) { ... on LearnerCertification { actions { action available reasons { code } } } }
        }""",
        {"ids": [inactive.gid, without.gid, left.gid]},
    )
    working = CYCLES[_S.IN_PROGRESS]
    facts = (
        LearnerCertificationFacts(_S.IN_PROGRESS, learner_is_active=False, has_app_access=False, cycle=working),
        LearnerCertificationFacts(_S.IN_PROGRESS, has_app_access=False, cycle=working),
        LearnerCertificationFacts(_S.LAPSED, has_published_version=False),
    )
    for node, expected in zip(data["nodes"], facts, strict=True):
        assert told(node) == granted(Role.ADMIN, expected)


async def test_archived_records_are_in_no_list_that_does_not_ask_for_them(
    engine: str, organisation: Organisation, sign_in: SignIn
) -> None:
    learner, of = organisation.learner(), organisation.certification()
    gone = organisation.learner_certification(learner, of, _S.ASSIGNED, archived_at=START - DAY)
    kept = organisation.learner_certification(learner, of, _S.ASSIGNED)
    await organisation.save()

    data = await sign_in(Role.ADMIN).query(
        """query($id: ID!, $ref: String!, $learner: ID!) {
          all: learnerCertifications { totalCount nodes { id } }
          empty: learnerCertifications(filter: {isArchived: {}}) { nodes { id } }
          nothing: learnerCertifications(filter: {isArchived: {eq: null}}) { nodes { id } }
          not: learnerCertifications(filter: {isArchived: {eq: false}}) { nodes { id } }
          archived: learnerCertifications(filter: {isArchived: {eq: true}}) { totalCount nodes { id archivedAt } }
          ids: learnerCertificationIds { ids totalCount }
          goneIds: learnerCertificationIds(filter: {isArchived: {eq: true}}) { ids totalCount }
          learner(id: $learner) {
            certifications { totalCount nodes { id } }
            gone: certifications(filter: {isArchived: {eq: true}}) { totalCount nodes { id } }
          }
          byId: learnerCertification(id: $id) { id status }
          byRef: learnerCertification(externalRef: $ref) { id }
          node(id: $id) { id }
        }""",
        {"id": gone.gid, "ref": gone["external_ref"], "learner": learner.gid},
    )

    only_kept, only_gone = [{"id": kept.gid}], [{"id": gone.gid}]
    assert data["all"] == {"totalCount": 1, "nodes": only_kept}
    assert data["empty"]["nodes"] == data["nothing"]["nodes"] == data["not"]["nodes"] == only_kept
    assert data["archived"] == {
        "totalCount": 1,
        "nodes": [{"id": gone.gid, "archivedAt": instant_text(gone["archived_at"])}],
    }
    assert data["ids"] == {"ids": [kept.gid], "totalCount": 1}
    assert data["goneIds"] == {"ids": [gone.gid], "totalCount": 1}
    assert data["learner"]["certifications"] == {"totalCount": 1, "nodes": only_kept}
    assert data["learner"]["gone"] == {"totalCount": 1, "nodes": only_gone}
    assert data["byId"] == {"id": gone.gid, "status": "ASSIGNED"}
    assert [data["byRef"]] == [data["node"]] == only_gone


SOURCES = """
query($id: ID!) {
  learnerCertification(id: $id) {
    sources { nodes { kind removable reasons { code } endedAt group { id } createdBy { id } } }
  }
}
"""


async def test_a_source_says_whether_it_can_be_removed_and_why_not(
    engine: str, organisation: Organisation, sign_in: SignIn
) -> None:
    admin = organisation.staff[Role.ADMIN]
    group = organisation.group(organisation.own[Role.LEARNER])
    record = organisation.learner_certification(
        organisation.own[Role.LEARNER], organisation.certification(), _S.NOT_STARTED
    )
    organisation.assigns(group, organisation.record(record["certification_id"]))
    organisation.assignment_source(record, AssignmentSourceKind.MANUAL, created_by=admin.id)
    organisation.assignment_source(record, AssignmentSourceKind.MANUAL, ended_at=START - DAY)
    organisation.assignment_source(record, AssignmentSourceKind.GROUP, group_id=group.id)
    organisation.assignment_source(record, AssignmentSourceKind.SELF)
    tried = organisation.learner_certification(
        organisation.own[Role.LEARNER], organisation.certification(), _S.NOT_STARTED, cycle={"attempts_used": 1}
    )
    certified = organisation.learner_certification(
        organisation.own[Role.LEARNER], organisation.certification(), _S.CERTIFIED
    )
    await organisation.save()

    async def sources(role: Role, of: Record) -> list[Json]:
        data = await sign_in(role).query(SOURCES, {"id": of.gid})
        return data["learnerCertification"]["sources"]["nodes"]

    def told_of(each: Json) -> tuple[str, bool, list[str]]:
        return each["kind"], each["removable"], [reason["code"] for reason in each["reasons"]]

    found = await sources(Role.ADMIN, record)
    assert sorted(told_of(each) for each in found) == [
        ("GROUP", False, ["NOT_MANUAL_SOURCE"]),
        ("MANUAL", False, ["NOT_MANUAL_SOURCE"]),
        ("MANUAL", True, []),
        ("MANUAL", True, []),
        ("SELF", False, ["NOT_MANUAL_SOURCE"]),
    ]
    assert [each["kind"] for each in found if each["endedAt"] and each["kind"] == "MANUAL"] == ["MANUAL"]
    assert all(each["removable"] is (each["kind"] == "MANUAL" and each["endedAt"] is None) for each in found)
    assert [each["group"] for each in found if each["kind"] == "GROUP"] == [{"id": group.gid}]
    assert [each["createdBy"] for each in found if each["createdBy"]] == [{"id": admin.gid}]
    assert [told_of(each) for each in await sources(Role.ADMIN, tried)] == [("MANUAL", False, ["EXAM_STARTED"])]
    assert [told_of(each) for each in await sources(Role.ADMIN, certified)] == [
        ("MANUAL", False, ["STATUS_NOT_ALLOWED"])
    ]
    learner = await sources(Role.LEARNER, record)
    assert ("MANUAL", False, ["FORBIDDEN"]) in [told_of(each) for each in learner]
    assert not any(each["removable"] for each in learner)
    assert all(each["group"] is None and each["createdBy"] is None for each in learner)


async def test_records_are_found_by_fee_approval_and_certificate(
    engine: str, organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    with_fee = organisation.certification(is_published=False)
    organisation.certification_version(with_fee, initial_fee=9_900)
    plain = organisation.certification()

    def made(of: Record = plain, status: _S = _S.IN_PROGRESS, **columns: Any) -> Record:
        return organisation.learner_certification(organisation.learner(), of, status, **columns)

    due = made(with_fee)
    paid = made(with_fee, cycle={"fee_status": FeeStatus.PAID})
    waived = made(with_fee, cycle={"fee_status": FeeStatus.WAIVED})
    over = made(with_fee, _S.REVOKED)
    pending, asked, decided = made(status=_S.PENDING_APPROVAL), made(), made()
    organisation.approval(asked, ApprovalKind.MORE_ATTEMPTS)
    organisation.approval(decided, ApprovalKind.MORE_ATTEMPTS, status=ApprovalStatus.APPROVED)
    certified = made(status=_S.CERTIFIED, **ahead())
    early = made(status=_S.RECERTIFYING, **ahead())
    for row in organisation.rows[certificates]:
        if row["learner_certification_id"] == early.id:
            row |= {"status": "valid", "due_at": row["expires_at"]}
    expired = made(status=_S.EXPIRED)
    await organisation.save()
    everything = {each.gid for each in (due, paid, waived, over, pending, asked, decided, certified, early, expired)}

    async def found(name: str) -> set[str]:
        data = await sign_in(Role.ADMIN).query(
            f"""{{
              yes: learnerCertifications(filter: {{{name}: {{eq: true}}}}) {{ totalCount nodes {{ id }} }}
              no: learnerCertifications(filter: {{{name}: {{eq: false}}}}) {{ totalCount nodes {{ id }} }}
            }}"""
        )
        yes, no = ({node["id"] for node in data[each]["nodes"]} for each in ("yes", "no"))
        assert (data["yes"]["totalCount"], data["no"]["totalCount"]) == (len(yes), len(no))
        assert (yes | no, yes & no) == (everything, set())
        return yes

    async def in_force() -> set[str]:
        data = await sign_in(Role.ADMIN).query(
            "{ learnerCertifications { nodes { id certificate { status expiresAt } isPaymentWaived } } }"
        )
        assert {node["id"] for node in data["learnerCertifications"]["nodes"] if node["isPaymentWaived"]} == {
            waived.gid
        }
        return {node["id"] for node in data["learnerCertifications"]["nodes"] if node["certificate"]}

    assert await found("isFeeDue") == {due.gid}
    assert await found("isAwaitingApproval") == {pending.gid, asked.gid}
    assert await found("isCertificateValid") == await in_force() == {certified.gid, early.gid}
    clock.now = certified["expires_at"] - MICROSECOND
    assert await found("isCertificateValid") == await in_force() == {certified.gid, early.gid}
    clock.advance(MICROSECOND)
    assert await found("isCertificateValid") == await in_force() == set()


async def test_the_cycle_that_is_open_tells_of_its_fee_its_steps_and_its_attempts(
    engine: str, organisation: Organisation, sign_in: SignIn
) -> None:
    of = organisation.certification(is_published=False)
    organisation.certification_version(of, initial_fee=9_900, attempt_limit=2)
    learner = organisation.own[Role.LEARNER]
    record = organisation.learner_certification(
        learner, of, cycle={"steps_open": 1, "attempts_used": 2, "attempts_granted": 3}
    )
    [cycle] = organisation.rows[certification_cycles]
    closed = organisation.learner_certification(learner, organisation.certification(), _S.CERTIFIED)
    document = """
        query($id: ID!, $closed: ID!) {
          learnerCertification(id: $id) {
            cycle {
              id number isRecertification closedAt outcome feeStatus fee currency feeSettledAt
              stepsOpen attemptsUsed attemptsAllowed examPassedAt isExamOverridden
              certificationVersion { number }
              steps { totalCount nodes { status path doneAt isOverridden testOut step { title position } } }
            }
            cycles { nodes { id } }
            attempts { nodes { number status score cycle { id } } }
            certificate { id }
          }
          closed: learnerCertification(id: $closed) {
            cycle { id }
            cycles { nodes { outcome fee currency attemptsAllowed } }
            certificates { nodes { status issuedOn learnerCertification { id } } }
          }
        }
    """
    await organisation.save()
    variables = {"id": record.gid, "closed": closed.gid}

    for role in (Role.ADMIN, Role.MANAGER, Role.LEARNER):
        data = await sign_in(role).query(document, variables)

        read = data["learnerCertification"]
        steps = read["cycle"].pop("steps")
        cycle_id = read["cycle"]["id"]
        assert read["cycle"] == {
            "id": cycle_id,
            "number": 0,
            "isRecertification": False,
            "closedAt": None,
            "outcome": None,
            "feeStatus": "UNPAID",
            "fee": 9_900,
            "currency": "NZD",
            "feeSettledAt": None,
            "stepsOpen": 1,
            "attemptsUsed": 2,
            "attemptsAllowed": 5,
            "examPassedAt": None,
            "isExamOverridden": False,
            "certificationVersion": {"number": 1},
        }
        assert cycle_id.endswith(cycle["id"].hex)
        assert steps["totalCount"] == 2
        assert [(each["step"]["position"], each["status"], each["path"]) for each in steps["nodes"]] == [
            (1, "OPEN", None),
            (2, "DONE", "ONLINE"),
        ]
        assert read["cycles"]["nodes"] == [{"id": cycle_id}]
        assert [(each["number"], each["status"], each["score"]) for each in read["attempts"]["nodes"]] == [
            (1, "FAILED", 40),
            (2, "FAILED", 40),
        ]
        assert {each["cycle"]["id"] for each in read["attempts"]["nodes"]} == {cycle_id}
        assert read["certificate"] is None
        assert data["closed"] == {
            "cycle": None,
            "cycles": {"nodes": [{"outcome": "CERTIFIED", "fee": None, "currency": None, "attemptsAllowed": 3}]},
            "certificates": {
                "nodes": [
                    {
                        "status": "VALID",
                        "issuedOn": (START - 30 * DAY).date().isoformat(),
                        "learnerCertification": {"id": closed.gid},
                    }
                ]
            },
        }


async def test_machines_read_of_a_record_its_status_and_nothing_that_hangs_on_it(
    engine: str, organisation: Organisation, sign_in: SignIn
) -> None:
    record = organisation.learner_certification(
        organisation.learner(), organisation.certification(), _S.PENDING_APPROVAL
    )
    await organisation.save()
    client = sign_in(Role.INTEGRATION)

    data = await client.query(
        """query($id: ID!) {
          learnerCertification(id: $id) { id externalRef status }
          learnerCertifications(filter: {status: {eq: PENDING_APPROVAL}}) { totalCount }
          approvals { totalCount }
        }""",
        {"id": record.gid},
    )
    closed = await client.execute("{ learnerCertifications { nodes { cycle { id } } } }")
    by_archived = await client.execute("{ learnerCertifications(filter: {isArchived: {eq: true}}) { totalCount } }")

    assert data["learnerCertification"] == {
        "id": record.gid,
        "externalRef": record["external_ref"],
        "status": "PENDING_APPROVAL",
    }
    assert (data["learnerCertifications"]["totalCount"], data["approvals"]["totalCount"]) == (1, 0)
    assert codes(closed) == codes(by_archived) == ["FORBIDDEN"]


async def test_records_are_found_and_sorted(engine: str, organisation: Organisation, sign_in: SignIn) -> None:
    of, other = organisation.certification(), organisation.certification()
    learner = organisation.own[Role.LEARNER]
    group = organisation.group(learner)
    assigned = organisation.learner_certification(
        learner, of, _S.ASSIGNED, assigned_at=START - DAY, external_ref="FIRST"
    )
    certified = organisation.learner_certification(
        organisation.learner(family_name="Sought"), other, _S.CERTIFIED, certified_at=START - 2 * DAY
    )
    await organisation.save()

    data = await sign_in(Role.ADMIN).query(
        """query($of: ID!, $learner: ID!, $group: ID!, $manager: ID!, $at: DateTime!) {
          of: learnerCertifications(filter: {certificationId: {eq: $of}}) { nodes { id } }
          learner: learnerCertifications(filter: {learnerId: {eq: $learner}}) { nodes { id } }
          group: learnerCertifications(filter: {groupId: {eq: $group}}) { nodes { id } }
          team: learnerCertifications(filter: {reportsTo: {manager: $manager}}) { nodes { id } }
          ref: learnerCertifications(filter: {externalRef: {eq: "FIRST"}}) { nodes { id } }
          assigned: learnerCertifications(filter: {assignedAt: {gte: $at}}) { nodes { id } }
          search: learnerCertifications(filter: {search: "sought"}) { nodes { id } }
          certified: learnerCertifications(filter: {certifiedAt: {isNull: false}}) { nodes { id } }
          expires: learnerCertifications(filter: {expiresAt: {gt: $at}}) { nodes { id } }
          enrolled: learnerCertifications(filter: {enrolledAt: {isNull: false}}) { nodes { id } }
          byEnrolled: learnerCertifications(orderBy: {field: ENROLLED_AT}) { nodes { id } }
          byExpiry: learnerCertifications(orderBy: {field: EXPIRES_AT}) { nodes { id } }
          byCertified: learnerCertifications(orderBy: {field: CERTIFIED_AT}) { nodes { id } }
          byAssigned: learnerCertifications(orderBy: {field: ASSIGNED_AT}) { nodes { id } }
        }""",
        {
            "of": of.gid,
            "learner": learner.gid,
            "group": group.gid,
            "manager": organisation.own[Role.MANAGER].gid,
            "at": instant_text(START - DAY),
        },
    )

    first, second = {"id": assigned.gid}, {"id": certified.gid}
    for name in ("of", "learner", "group", "team", "ref", "assigned"):
        assert data[name]["nodes"] == [first], name
    for name in ("search", "certified", "expires", "enrolled"):
        assert data[name]["nodes"] == [second], name
    for name in ("byEnrolled", "byExpiry", "byCertified", "byAssigned"):
        assert data[name]["nodes"] == [second, first], name
