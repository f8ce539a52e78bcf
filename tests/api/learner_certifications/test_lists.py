"""Learners' certifications in lists: found, sorted, archived, narrowed."""

from datetime import timedelta
from typing import Any

from portal_api.domain.certifications import (
    ApprovalKind,
    ApprovalStatus,
    FeeStatus,
    LearnerCertificationStatus,
)
from portal_api.domain.roles import Role
from portal_api.models import certificates
from portal_api.models.base import instant_text
from tests.api.certifying import ahead
from tests.client import codes
from tests.clock import START, ManualClock
from tests.conftest import SignIn
from tests.factories import DAY, Organisation, Record

_S = LearnerCertificationStatus


MICROSECOND = timedelta(microseconds=1)


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
