"""Approvals as clients read them: in their order, by their filters, with what may be done about each by whom."""

from portal_api.domain.certifications import ApprovalKind, ApprovalStatus, LearnerCertificationStatus
from portal_api.domain.roles import Role
from portal_api.models import certification_cycles
from portal_api.models.base import instant_text
from tests.client import Json
from tests.clock import START
from tests.conftest import SignIn
from tests.factories import DAY, Organisation

_S = LearnerCertificationStatus
APPROVALS = """
  nodes {
    id kind status evidenceText evidenceLinks score comment decidedAt
    learner { id } learnerCertification { id } step { status step { position } }
    actions { action available reasons { code } }
  }
"""


async def test_approvals_come_oldest_first_with_what_may_be_done_about_them(
    engine: str, organisation: Organisation, sign_in: SignIn
) -> None:
    learner, manager = organisation.own[Role.LEARNER], organisation.own[Role.MANAGER]
    of = organisation.certification()
    record = organisation.learner_certification(learner, of, _S.PENDING_APPROVAL)
    own = organisation.learner_certification(manager, of, _S.PENDING_APPROVAL)
    elsewhere = organisation.learner_certification(organisation.learner(), of, _S.PENDING_APPROVAL)
    more = organisation.approval(record, ApprovalKind.MORE_ATTEMPTS, requested_at=START - 3 * DAY)
    links = ("https://one.example.org", "https://two.example.org")
    cycle = next(
        organisation.record(row["id"])
        for row in organisation.rows[certification_cycles]
        if row["learner_certification_id"] == record.id
    )
    second = organisation.evidence(record, cycle, evidence_links=links, requested_at=START - DAY)
    access = organisation.access_request(
        organisation.own[Role.LEARNER], organisation.certification(), requested_at=START - 4 * DAY
    )
    denied = organisation.approval(
        record,
        ApprovalKind.MORE_ATTEMPTS,
        status=ApprovalStatus.DENIED,
        comment="Not yet.",
        requested_at=START - 9 * DAY,
    )
    await organisation.save()
    admin, boss, self_ = (sign_in(role) for role in (Role.ADMIN, Role.MANAGER, Role.LEARNER))

    everything = (await admin.query(f"{{ approvals {{ totalCount {APPROVALS} }} }}"))["approvals"]
    team = (await boss.query(f"{{ approvals {{ totalCount {APPROVALS} }} }}"))["approvals"]["nodes"]
    mine = (await self_.query(f"{{ approvals(filter: {{kind: {{eq: EVIDENCE}}}}) {{ {APPROVALS} }} }}"))["approvals"]

    def open_to(nodes: list[Json]) -> dict[str, list[str]]:
        reasons = {each["id"]: each["actions"] for each in nodes}
        for actions in reasons.values():
            assert [each["action"] for each in actions] == ["APPROVE", "DENY"]
            assert actions[0]["reasons"] == actions[1]["reasons"]
        return {id_: [reason["code"] for reason in actions[0]["reasons"]] for id_, actions in reasons.items()}

    assert [each["id"] for each in everything["nodes"]][:3] == [denied.gid, access.gid, more.gid]
    assert everything["nodes"][-1]["id"] == second.gid
    assert everything["totalCount"] == 7
    assert set(map(str, open_to(everything["nodes"]).values())) == {"[]", "['ALREADY_DECIDED']"}
    assert open_to(everything["nodes"])[denied.gid] == ["ALREADY_DECIDED"]
    by_id = {each["id"]: each for each in everything["nodes"]}
    assert by_id[second.gid]["evidenceLinks"] == list(links)
    assert by_id[second.gid]["evidenceText"] == "I have done it."
    assert by_id[second.gid]["step"] == {"status": "AWAITING_APPROVAL", "step": {"position": 2}}
    assert by_id[access.gid]["learnerCertification"] is None
    assert by_id[access.gid]["evidenceLinks"] == []
    assert by_id[denied.gid]["comment"] == "Not yet."
    told_to_boss = open_to(team)
    assert told_to_boss[second.gid] == []
    assert told_to_boss[more.gid] == told_to_boss[access.gid] == ["FORBIDDEN"]
    assert [told_to_boss[each["id"]] for each in team if each["learner"]["id"] == manager.gid] == [["OWN_APPROVAL"]]
    assert not [each for each in team if each["learnerCertification"] == {"id": elsewhere.gid}]
    assert {each["learner"]["id"] for each in mine["nodes"]} == {learner.gid}
    assert {tuple(codes_) for codes_ in open_to(mine["nodes"]).values()} == {("FORBIDDEN", "OWN_APPROVAL")}
    assert own.gid in {each["learnerCertification"]["id"] for each in team if each["learnerCertification"]}


async def test_approvals_are_found_by_their_filters(engine: str, organisation: Organisation, sign_in: SignIn) -> None:
    learner = organisation.learner(family_name="Sought")
    of, other = organisation.certification(), organisation.certification()
    organisation.learner_certification(learner, of, _S.PENDING_APPROVAL)
    asked = organisation.access_request(organisation.own[Role.LEARNER], other)
    await organisation.save()
    [evidence] = [
        each["id"]
        for each in (await sign_in(Role.ADMIN).query("{ approvals { nodes { id } } }"))["approvals"]["nodes"]
        if each["id"] != asked.gid
    ]

    data = await sign_in(Role.ADMIN).query(
        """query($of: ID!, $learner: ID!, $id: ID!, $manager: ID!, $at: DateTime!) {
          of: approvals(filter: {certificationId: {eq: $of}}) { nodes { id } }
          learner: approvals(filter: {learnerId: {in: [$learner]}}) { nodes { id } }
          id: approvals(filter: {id: {eq: $id}}) { nodes { id } }
          search: approvals(filter: {search: "sought"}) { nodes { id } }
          team: approvals(filter: {reportsTo: {manager: $manager}}) { nodes { id } }
          status: approvals(filter: {status: {notIn: [PENDING]}}) { nodes { id } }
          late: approvals(filter: {requestedAt: {gt: $at}}) { nodes { id } }
          approval(id: $id) { id }
        }""",
        {
            "of": of.gid,
            "learner": learner.gid,
            "id": asked.gid,
            "manager": organisation.own[Role.MANAGER].gid,
            "at": instant_text(START - DAY),
        },
    )

    assert data["of"]["nodes"] == data["learner"]["nodes"] == data["search"]["nodes"] == [{"id": evidence}]
    assert data["id"]["nodes"] == data["team"]["nodes"] == [{"id": asked.gid}]
    assert data["status"]["nodes"] == data["late"]["nodes"] == []
    assert data["approval"] == {"id": asked.gid}
