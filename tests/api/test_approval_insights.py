"""Reports on what awaits a decision: how much of each kind and where, what has waited longest, and who is told."""

from collections import Counter
from typing import Any

import pytest

from portal_api.domain.certifications import (
    ApprovalKind,
    ApprovalStatus,
    CertificationJoining,
    LearnerCertificationStatus,
)
from portal_api.domain.roles import Role
from portal_api.models import approvals
from portal_api.models.base import instant_text
from tests.client import Json, codes
from tests.clock import START, ManualClock
from tests.conftest import SignIn
from tests.factories import DAY, Organisation, organisation_with_everybody

_K, _S = ApprovalKind, LearnerCertificationStatus
REPORT = """
query ($filter: ApprovalFilter) {
  approvalInsights(filter: $filter) {
    totalCount
    byKind { kind count }
    byCertification { certification { id } count }
    oldest: approvals(first: 1) { nodes { id requestedAt } }
    approvals(first: 100) { totalCount nodes { id kind status requestedAt learner { id } } }
  }
}
"""


@pytest.fixture
def laid_out(engine: str, organisation: Organisation) -> Organisation:
    """The Learner, the Manager and a stranger wait for decisions of every kind; other decisions have been taken."""
    learner, manager, stranger = organisation.own[Role.LEARNER], organisation.own[Role.MANAGER], organisation.learner()
    of = organisation.certification()
    other = organisation.certification(joining=CertificationJoining.ON_REQUEST)
    retired = organisation.certification(is_active=False)
    for place, person in enumerate((learner, manager, stranger)):
        at = START - (10 + place) * DAY
        record = organisation.learner_certification(person, of, _S.PENDING_APPROVAL)
        organisation.rows[approvals][-1]["requested_at"] = at
        organisation.approval(record, _K.MORE_ATTEMPTS, requested_at=at - DAY)
        organisation.access_request(person, other, requested_at=at + 5 * DAY)
        organisation.access_request(person, retired, requested_at=at + 6 * DAY)
        for status in (ApprovalStatus.APPROVED, ApprovalStatus.DENIED, ApprovalStatus.CLOSED):
            organisation.approval(
                record, _K.MORE_ATTEMPTS, status=status, comment="So be it.", requested_at=at - 20 * DAY
            )
    return organisation


async def report(sign_in: SignIn, role: Role, given: Json | None = None) -> Json:
    """A report, whose numbers add up."""
    found = (await sign_in(role).query(REPORT, {"filter": given}))["approvalInsights"]
    nodes = found["approvals"]["nodes"]
    assert found["totalCount"] == found["approvals"]["totalCount"] == len(nodes)
    assert {each["kind"]: each["count"] for each in found["byKind"]} == Counter(node["kind"] for node in nodes)
    assert sum(each["count"] for each in found["byCertification"]) == len(nodes)
    assert {node["status"] for node in nodes} <= {"PENDING"}
    since = [node["requestedAt"] for node in nodes]
    assert since == sorted(since)
    assert [node["requestedAt"] for node in found["oldest"]["nodes"]] == since[:1]
    return found


def kinds(found: Json) -> dict[str, int]:
    return {each["kind"]: each["count"] for each in found["byKind"]}


@pytest.mark.parametrize(
    ("role", "people"),
    [(Role.OWNER, 3), (Role.ADMIN, 3), (Role.MANAGER, 2), (Role.LEARNER, 1), (Role.TRAINER, 0), (Role.INTEGRATION, 0)],
)
async def test_a_report_counts_what_awaits_a_decision_of_those_whom_its_reader_sees(
    laid_out: Organisation, sign_in: SignIn, role: Role, people: int
) -> None:
    found = await report(sign_in, role)

    assert kinds(found) == ({"ACCESS": 2 * people, "EVIDENCE": people, "MORE_ATTEMPTS": people} if people else {})
    names = [each["certification"] for each in found["byCertification"]]
    unseen = 1 if role in (Role.MANAGER, Role.LEARNER) else 0
    assert names.count(None) == unseen
    assert len(names) == (3 if people else 0)
    longest = {Role.MANAGER: 12, Role.LEARNER: 11}.get(role, 13)
    assert [each["requestedAt"] for each in found["oldest"]["nodes"]] == (
        [instant_text(START - longest * DAY)] if people else []
    )


async def test_a_report_is_narrowed_by_every_filter(laid_out: Organisation, sign_in: SignIn) -> None:
    learner, manager = laid_out.own[Role.LEARNER], laid_out.own[Role.MANAGER]
    group = laid_out.group(learner)
    by_kind = {"ACCESS": 2, "EVIDENCE": 1, "MORE_ATTEMPTS": 1}
    everything = await report(sign_in, Role.ADMIN)
    [of] = {
        each["certification"]["id"] for each in everything["byCertification"] if each["count"] == 6
    }  # evidence and attempts
    cases: list[tuple[Json, dict[str, int]]] = [
        ({"kind": {"in": ["EVIDENCE", "EXAM"]}}, {"EVIDENCE": 3}),
        ({"kind": {"notIn": ["ACCESS"]}}, {"EVIDENCE": 3, "MORE_ATTEMPTS": 3}),
        ({"status": {"eq": "PENDING"}}, {"ACCESS": 6, "EVIDENCE": 3, "MORE_ATTEMPTS": 3}),
        ({"status": {"notIn": ["PENDING"]}}, {}),
        ({"status": {"eq": "DENIED"}}, {}),
        ({"learnerId": {"eq": learner.gid}}, by_kind),
        ({"certificationId": {"eq": of}}, {"EVIDENCE": 3, "MORE_ATTEMPTS": 3}),
        ({"groupId": {"eq": group.gid}}, by_kind),
        ({"groupId": {"notIn": [group.gid]}}, {name: 2 * number for name, number in by_kind.items()}),
        ({"reportsTo": {"manager": manager.gid}}, by_kind),
        ({"requestedAt": {"lt": instant_text(START - 11 * DAY)}}, {"EVIDENCE": 1, "MORE_ATTEMPTS": 2}),
        ({"requestedAt": {"lte": instant_text(START - 11 * DAY)}}, {"EVIDENCE": 2, "MORE_ATTEMPTS": 3}),
        ({"reportsTo": {"manager": manager.gid}, "kind": {"eq": "EXAM"}}, {}),
    ]

    for given, wanted in cases:
        assert kinds(await report(sign_in, Role.ADMIN, given)) == wanted, given

    assert kinds(await report(sign_in, Role.MANAGER, {"groupId": {"eq": group.gid}})) == {}


async def test_the_list_takes_the_filters_of_the_report(laid_out: Organisation, sign_in: SignIn) -> None:
    """Decided ones are in the list, where it is not asked for those that wait."""
    group = laid_out.group(laid_out.own[Role.LEARNER])
    document = "query ($filter: ApprovalFilter) { approvals(filter: $filter) { totalCount } }"

    async def total(given: Any) -> int:
        return (await sign_in(Role.ADMIN).query(document, {"filter": given}))["approvals"]["totalCount"]

    assert await total({}) == 3 * 7
    assert await total({"status": {"eq": "PENDING"}}) == 3 * 4
    assert await total({"groupId": {"eq": group.gid}}) == 7
    assert await total({"groupId": {"eq": group.gid}, "status": {"eq": "DENIED"}}) == 1


async def test_another_organisation_counts_nothing_here(
    laid_out: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    await laid_out.save()
    other = organisation_with_everybody(laid_out.database, clock, laid_out.new_id)
    await other.save()
    of = laid_out.own[Role.LEARNER].gid

    for given in (None, {"learnerId": {"eq": of}}):
        data = await sign_in(Role.OWNER, other).query(REPORT, {"filter": given})
        assert data["approvalInsights"] == {
            "totalCount": 0,
            "byKind": [],
            "byCertification": [],
            "oldest": {"nodes": []},
            "approvals": {"totalCount": 0, "nodes": []},
        }


async def test_pages_of_the_queue_follow_one_another(laid_out: Organisation, sign_in: SignIn) -> None:
    document = """query ($after: String) { approvalInsights { approvals(first: 5, after: $after) {
      nodes { id } pageInfo { hasNextPage endCursor } } } }"""
    seen, after, more = list[str](), None, True

    while more:
        page = (await sign_in(Role.ADMIN).query(document, {"after": after}))["approvalInsights"]["approvals"]
        seen += [node["id"] for node in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert len(seen) == len(set(seen)) == 12
    assert seen == [node["id"] for node in (await report(sign_in, Role.ADMIN))["approvals"]["nodes"]]


@pytest.mark.parametrize(
    "selected",
    [
        "byCertification(first: 0) { count }",
        "byCertification(first: 101) { count }",
        "approvals(first: 0) { totalCount }",
    ],
)
async def test_a_page_that_cannot_be_meant_is_refused(sign_in: SignIn, selected: str) -> None:
    assert codes(await sign_in(Role.ADMIN).execute(f"{{ approvalInsights {{ {selected} }} }}")) == ["PAGE_INVALID"]


async def test_a_report_takes_as_many_statements_however_much_waits(
    engine: str, organisation: Organisation, sign_in: SignIn
) -> None:
    admin, tally = sign_in(Role.ADMIN), organisation.database.tally

    async def statements() -> int:
        await admin.query(REPORT)
        before = tally.statements
        await admin.query(REPORT)
        return tally.statements - before

    organisation.access_request(organisation.learner(), organisation.certification())
    few = await statements()
    for _ in range(40):
        organisation.learner_certification(organisation.learner(), organisation.certification(), _S.PENDING_APPROVAL)

    assert await statements() == few
