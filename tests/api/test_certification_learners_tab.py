"""The Learners tab of a certification (S5): every filter and order, on the list at the root and on the one below it alike."""

import base64
from collections import Counter
from typing import Any

import pytest

from portal_api.domain.certifications import (
    LEARNER_CERTIFICATIONS,
    ApprovalKind,
    ApprovalStatus,
    CertificateStatus,
    FeeStatus,
    LearnerCertificationStatus,
)
from portal_api.domain.roles import Role
from portal_api.models import certificates, learner_certifications
from portal_api.models.base import instant_text
from portal_api.queries.folding import fold
from tests.client import Json
from tests.clock import START, ManualClock
from tests.conftest import SignIn
from tests.factories import DAY, Organisation, Record

_S = LearnerCertificationStatus
WAYS = ("at the root", "below the certification", "below its learners")
NAMES = (("Ann", "Zeller"), ("Bea", "öden"), ("Cai", "Oden"), ("Dee", "Abel"), ("Ebo", "Abel"))


@pytest.fixture
def tab(engine: str, organisation: Organisation) -> Record:
    """A certification with a fee, in which somebody stands at each status; another beside it."""
    manager = organisation.own[Role.MANAGER]
    of = organisation.certification(is_published=False, title="Erste Hilfe")
    organisation.certification_version(of, initial_fee=9_900, recertification_fee=4_900)
    beside = organisation.certification(title="Beside")
    for place, status in enumerate(_S):
        given, family = NAMES[place % 5]
        learner = organisation.learner(
            given_name=f"{given}{place // 5}", family_name=family, reports_to=manager if place % 3 == 0 else None
        )
        settled: Json = {"fee_status": [FeeStatus.UNPAID, FeeStatus.PAID, FeeStatus.WAIVED][place % 3]}
        dates: dict[str, Any] = {"assigned_at": START - (60 + place) * DAY}
        if status is not _S.ASSIGNED:
            dates["enrolled_at"] = START - (40 - place) * DAY
        record = organisation.learner_certification(learner, of, status, cycle=settled, **dates)
        organisation.learner_certification(learner, beside, _S.ASSIGNED)
        if status in (_S.IN_PROGRESS, _S.NOT_STARTED):
            state = ApprovalStatus.PENDING if status is _S.IN_PROGRESS else ApprovalStatus.APPROVED
            organisation.approval(record, ApprovalKind.MORE_ATTEMPTS, status=state)
    moved: Json = {"expires_at": START, "lapses_at": START + 30 * DAY, "window_opens_at": START - 30 * DAY}
    organisation.learner_certification(organisation.learner(), of, _S.CERTIFIED, **moved)  # expired by the clock
    organisation.learner_certification(organisation.learner(), of, _S.ASSIGNED, archived_at=START - DAY)
    return of


def rows_of(organisation: Organisation, of: Record, *, archived: bool = False) -> list[dict[str, Any]]:
    """What is laid out in the certification."""
    rows = [row for row in organisation.rows[learner_certifications] if row["certification_id"] == of.id]
    return [row for row in rows if (row["archived_at"] is not None) is archived]


async def found(sign_in: SignIn, of: Record, way: str, filter_: Json, order: list[Json] | None = None) -> list[str]:
    """The records that a list of the certification has, page by page, and as many as it says."""
    client = sign_in(Role.ADMIN)
    listed = "(first: $first, after: $after, filter: $filter, orderBy: $order)"
    page = f"{listed} {{ totalCount nodes {{ id }} edges {{ cursor }} pageInfo {{ hasNextPage endCursor }} }}"
    head = (
        "query ($of: ID!, $first: Int!, $after: String, $filter: LearnerCertificationFilter, "
        "$order: [LearnerCertificationOrder!])"
    )
    document = {
        WAYS[0]: f"{head} {{ certification(id: $of) {{ id }} list: learnerCertifications{page} }}",
        WAYS[1]: f"{head} {{ certification(id: $of) {{ list: learnerCertifications{page} }} }}",
    }[way]
    given = {**filter_, "certificationId": {"eq": of.gid}} if way == WAYS[0] else filter_
    seen, after, total = list[str](), None, None
    while True:
        data = await client.query(document, {"of": of.gid, "first": 4, "after": after, "filter": given, "order": order})
        connection = data["list"] if way == WAYS[0] else data["certification"]["list"]
        assert total in (None, connection["totalCount"])
        total = connection["totalCount"]
        seen += [node["id"] for node in connection["nodes"]]
        if not connection["pageInfo"]["hasNextPage"]:
            assert (len(set(seen)), len(seen)) == (total, total)
            return seen
        after = connection["pageInfo"]["endCursor"]


async def below_learners(sign_in: SignIn, of: Record, filter_: Json) -> set[str]:
    """The records that the lists below the learners have of the certification."""
    data = await sign_in(Role.ADMIN).query(
        """query ($filter: LearnerCertificationFilter) {
          learners(first: 100) { nodes { certifications(filter: $filter) { totalCount nodes { id } } } }
        }""",
        {"filter": {**filter_, "certificationId": {"in": [of.gid]}}},
    )
    lists = [node["certifications"] for node in data["learners"]["nodes"]]
    assert all(each["totalCount"] == len(each["nodes"]) for each in lists)
    return {node["id"] for each in lists for node in each["nodes"]}


def status_at(row: dict[str, Any]) -> _S:
    return LEARNER_CERTIFICATIONS.status_at(START, row["status"], row)


async def test_every_filter_of_the_tab_finds_the_same_on_every_list(
    organisation: Organisation, sign_in: SignIn, tab: Record
) -> None:
    manager, rows = organisation.own[Role.MANAGER], rows_of(organisation, tab)
    team = {row["learner_id"] for row in rows if organisation.record(row["learner_id"])["manager_id"] == manager.id}
    group = organisation.group(*(organisation.record(row["learner_id"]) for row in rows[:4]))
    held = {row["learner_id"] for row in rows[:4]}
    in_force = {
        row["learner_certification_id"]
        for row in organisation.rows[certificates]
        if row["status"] is CertificateStatus.VALID and row["expires_at"] > START
    }
    worked_on = (_S.NOT_STARTED, _S.IN_PROGRESS, _S.PENDING_APPROVAL, _S.RECERTIFYING)
    soon = START + 10 * DAY
    cases: list[tuple[Json, Any]] = [
        ({}, lambda row: True),
        *(({"status": {"eq": each.name}}, lambda row, each=each: status_at(row) is each) for each in _S),
        ({"status": {"in": ["CERTIFIED", "EXPIRED"]}}, lambda row: status_at(row) in (_S.CERTIFIED, _S.EXPIRED)),
        (
            {"status": {"notIn": ["REVOKED", "DISALLOWED"]}},
            lambda row: status_at(row) not in (_S.REVOKED, _S.DISALLOWED),
        ),
        ({"groupId": {"eq": group.gid}}, lambda row: row["learner_id"] in held),
        ({"groupId": {"notIn": [group.gid]}}, lambda row: row["learner_id"] not in held),
        ({"reportsTo": {"manager": manager.gid}}, lambda row: row["learner_id"] in team),
        ({"expiresAt": {"lt": instant_text(soon)}}, lambda row: row["expires_at"] and row["expires_at"] < soon),
        ({"expiresAt": {"isNull": True}}, lambda row: row["expires_at"] is None),
        ({"enrolledAt": {"isNull": True}}, lambda row: row["enrolled_at"] is None),
        (
            {"isFeeDue": {"eq": True}},
            lambda row: row["status"] in worked_on and list(_S).index(row["status"]) % 3 == 0,
        ),
        (
            {"isAwaitingApproval": {"eq": True}},
            lambda row: row["status"] in (_S.PENDING_APPROVAL, _S.IN_PROGRESS),
        ),
        ({"isCertificateValid": {"eq": True}}, lambda row: row["id"] in in_force),
        ({"isCertificateValid": {"eq": False}}, lambda row: row["id"] not in in_force),
        ({"search": "oden"}, lambda row: "oden" in fold(organisation.record(row["learner_id"])["family_name"])),
        ({"status": {"eq": "ASSIGNED"}, "groupId": {"eq": group.gid}}, lambda row: row["status"] is _S.ASSIGNED),
        ({"status": {"in": []}}, lambda row: False),
    ]

    for given, holds in cases:
        wanted = {organisation.record(row["id"]).gid for row in rows if holds(row)}
        for way in WAYS[:2]:
            assert set(await found(sign_in, tab, way, given)) == wanted, (way, given)
        assert await below_learners(sign_in, tab, given) == wanted, given
        assert wanted or given == {"status": {"in": []}}, given
    [gone] = rows_of(organisation, tab, archived=True)
    for way in WAYS[:2]:
        archived = await found(sign_in, tab, way, {"isArchived": {"eq": True}})
        assert archived == [organisation.record(gone["id"]).gid]


FAR = START + 100_000 * DAY
ORDERS: dict[str, Any] = {
    "STATUS": lambda _, row: list(_S).index(status_at(row)),
    "FAMILY_NAME": lambda organisation, row: fold(organisation.record(row["learner_id"])["family_name"]),
    "GIVEN_NAME": lambda organisation, row: fold(organisation.record(row["learner_id"])["given_name"]),
    "ENROLLED_AT": lambda _, row: row["enrolled_at"] or FAR,
    "EXPIRES_AT": lambda _, row: row["expires_at"] or FAR,
    "ASSIGNED_AT": lambda _, row: row["assigned_at"],
    "CERTIFICATION_TITLE": lambda _, row: "erste hilfe",
}


@pytest.mark.parametrize("way", WAYS[:2])
async def test_every_order_of_the_tab_goes_through_all_pages(
    organisation: Organisation, sign_in: SignIn, tab: Record, way: str
) -> None:
    rows = rows_of(organisation, tab)

    for name, key in ORDERS.items():
        by_key = sorted(rows, key=lambda row, key=key: (key(organisation, row), row["id"].hex))
        wanted = [organisation.record(row["id"]).gid for row in by_key]
        assert await found(sign_in, tab, way, {}, [{"field": name}]) == wanted, name
        assert await found(sign_in, tab, way, {}, [{"field": name, "direction": "DESC"}]) == wanted[::-1], name
    both = sorted(rows, key=lambda row: [*(ORDERS[name](organisation, row) for name in ("FAMILY_NAME", "GIVEN_NAME"))])
    assert await found(sign_in, tab, way, {}, [{"field": "FAMILY_NAME"}, {"field": "GIVEN_NAME"}]) == [
        organisation.record(row["id"]).gid for row in both
    ]


async def test_the_totals_by_status_are_those_of_the_list_under_the_same_filter(
    organisation: Organisation, sign_in: SignIn, tab: Record
) -> None:
    rows = rows_of(organisation, tab)
    document = """query ($of: ID!, $filter: LearnerCertificationFilter) {
      certification(id: $of) { learnerCertifications(first: 100) { totalCount nodes { status } } }
      certificationInsights(filter: $filter) { totalCount byStatus { status count } }
    }"""

    data = await sign_in(Role.ADMIN).query(document, {"of": tab.gid, "filter": {"certificationId": {"eq": tab.gid}}})

    listed, report = data["certification"]["learnerCertifications"], data["certificationInsights"]
    counts = {each["status"]: each["count"] for each in report["byStatus"]}
    assert listed["totalCount"] == report["totalCount"] == len(rows) == 11
    assert counts == Counter(node["status"] for node in listed["nodes"])
    assert counts["EXPIRED"] == 2


@pytest.mark.parametrize(
    ("role", "number"), [(Role.MANAGER, 4), (Role.LEARNER, 0), (Role.TRAINER, 0), (Role.INTEGRATION, 11)]
)
async def test_others_find_below_a_certification_whom_they_see(
    organisation: Organisation, sign_in: SignIn, tab: Record, role: Role, number: int
) -> None:
    organisation.access_request(organisation.own[Role.LEARNER], tab)
    asked = "learnerCertifications(first: 100) { totalCount nodes { id status } } approvals { totalCount }"

    data = await sign_in(role).query(
        f"query ($of: ID!) {{ certification(id: $of) {{ {asked} }} learnerCertifications {{ totalCount }} }}",
        {"of": tab.gid},
    )

    if role in (Role.LEARNER, Role.TRAINER):  # they neither hold it nor may join it
        assert data["certification"] is None
        return
    own = data["certification"]
    assert own["learnerCertifications"]["totalCount"] == len(own["learnerCertifications"]["nodes"]) == number
    # Those of the team who wait: the Learner for access; the one at `IN_PROGRESS` is nobody's.
    assert own["approvals"]["totalCount"] == (2 if role is Role.MANAGER else 0)


async def test_approvals_below_a_certification_come_oldest_first_and_in_pages(
    engine: str, organisation: Organisation, sign_in: SignIn
) -> None:
    of, beside = organisation.certification(), organisation.certification()
    asked = [
        organisation.access_request(organisation.learner(), of, requested_at=START - days * DAY).gid
        for days in (1, 5, 3, 4, 2)
    ]
    organisation.access_request(organisation.learner(), beside, requested_at=START - 9 * DAY)
    document = """query ($of: ID!, $after: String, $filter: ApprovalFilter) { certification(id: $of) {
      approvals(first: 2, after: $after, filter: $filter) {
        totalCount nodes { id } pageInfo { hasNextPage endCursor } } } }"""
    seen, after, more = list[str](), None, True

    while more:
        data = await sign_in(Role.ADMIN).query(document, {"of": of.gid, "after": after})
        page = data["certification"]["approvals"]
        seen += [node["id"] for node in page["nodes"]]
        assert page["totalCount"] == 5
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    late = await sign_in(Role.ADMIN).query(
        document, {"of": of.gid, "filter": {"requestedAt": {"lt": instant_text(START - 3 * DAY)}}}
    )

    assert seen == [asked[place] for place in (1, 3, 2, 4, 0)]
    assert [node["id"] for node in late["certification"]["approvals"]["nodes"]] == seen[:2]


MATRIX = """
query ($manager: ID!, $columns: [ID!], $after: String) {
  learners(first: 4, after: $after, filter: {reportsTo: {manager: $manager}}, orderBy: [{field: FAMILY_NAME}]) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes {
      id
      certifications(first: 50, filter: {certificationId: {in: $columns}}, orderBy: [{field: CERTIFICATION_TITLE}]) {
        totalCount
        nodes { id status expiresAt certification { id title } }
      }
    }
  }
}
"""


async def test_a_matrix_of_learners_and_certifications_is_one_query(
    engine: str, organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    manager = organisation.own[Role.MANAGER]
    library = [organisation.certification(title=title) for title in ("Zebra", "apfel", "Äpfel und mehr", "Beta")]
    beside = organisation.certification(title="Aside")
    team = [organisation.own[Role.LEARNER], *(organisation.learner(reports_to=manager) for _ in range(5))]
    statuses = list(_S)
    cells: dict[str, dict[str, str]] = {}
    for row, learner in enumerate(team):
        cells[learner.gid] = {}
        organisation.learner_certification(learner, beside)
        for column, of in enumerate(library[: 1 + row % 4]):
            status = statuses[(row + 2 * column) % len(statuses)]
            organisation.learner_certification(learner, of, status)
            cells[learner.gid][of.gid] = status.name
    organisation.learner_certification(organisation.learner(), library[0])
    given = {"manager": manager.gid, "columns": [each.gid for each in library], "after": None}
    tally = organisation.database.tally
    client = sign_in(Role.MANAGER)
    await client.query(MATRIX, given)

    shown: dict[str, dict[str, str]] = {}
    costs = list[int]()
    while True:
        before = tally.statements
        page = (await client.query(MATRIX, given))["learners"]
        costs.append(tally.statements - before)
        assert page["totalCount"] == len(team)
        for node in page["nodes"]:
            own = node["certifications"]
            titles = [fold(each["certification"]["title"]) for each in own["nodes"]]
            assert titles == sorted(titles)
            assert own["totalCount"] == len(titles)
            shown[node["id"]] = {each["certification"]["id"]: each["status"] for each in own["nodes"]}
        if not page["pageInfo"]["hasNextPage"]:
            break
        given["after"] = page["pageInfo"]["endCursor"]

    assert shown == cells
    assert len(costs) == 2
    assert len(set(costs)) == 1, costs


async def test_neither_an_order_nor_a_cursor_tells_the_title_of_a_certification_that_is_not_seen(
    engine: str, organisation: Organisation, sign_in: SignIn
) -> None:
    """Two retired ones stand by identifier, and first, for the Manager; for an administrator by their titles."""
    learner = organisation.own[Role.LEARNER]
    records = [
        organisation.learner_certification(learner, organisation.certification(title=title, is_active=is_active)).gid
        for title, is_active in (("Secret Z", False), ("Secret A", False), ("Known", True))
    ]
    document = """{ learnerCertifications(orderBy: [{field: CERTIFICATION_TITLE}]) {
      edges { cursor node { id certification { title } } } } }"""

    async def edges(role: Role) -> list[Json]:
        return (await sign_in(role).query(document))["learnerCertifications"]["edges"]

    of_manager, of_admin = await edges(Role.MANAGER), await edges(Role.ADMIN)

    assert [each["node"]["id"] for each in of_admin] == [records[2], records[1], records[0]]
    assert [each["node"]["id"] for each in of_manager] == [*sorted(records[:2]), records[2]]
    cursors = [base64.urlsafe_b64decode(each["cursor"]).decode() for each in of_manager]
    assert ["secret" in each for each in cursors] == [False] * 3
    assert "known" in cursors[2]
