"""Reports on learners' certifications: counted here by hand over what is laid out, and by the portal."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal_api.domain.certifications import LEARNER_CERTIFICATIONS, LearnerCertificationStatus
from portal_api.domain.roles import ADMINISTRATORS, Role
from portal_api.models import learner_certifications, learners
from tests.client import Client, Json, codes
from tests.clock import START, ManualClock
from tests.conftest import SignIn
from tests.factories import DAY, Organisation, Record, organisation_with_everybody

_S = LearnerCertificationStatus
MICROSECOND = timedelta(microseconds=1)
REPORT = """
query ($filter: LearnerCertificationFilter) {
  certificationInsights(filter: $filter) {
    totalCount
    byStatus { status count }
    byCertification { certification { id } count }
    expiringWithin30Days expiringWithin60Days expiringWithin90Days
    learnerCertifications(first: 1000) { totalCount nodes { id status } }
  }
}
"""
IN_30_DAYS = datetime(2026, 3, 31, 11, tzinfo=UTC)
"""1 April begins in Auckland, where it is 2 March still; summer time ends on 5 April."""
IN_60_DAYS = datetime(2026, 4, 30, 12, tzinfo=UTC)
IN_90_DAYS = datetime(2026, 5, 30, 12, tzinfo=UTC)
HORIZONS = (IN_30_DAYS, IN_60_DAYS, IN_90_DAYS)
Row = dict[str, Any]


def status_at(row: Row, now: datetime) -> _S:
    """The status by the table itself, which has its own tests."""
    return LEARNER_CERTIFICATIONS.status_at(now, row["status"], row)


def expiring(at: datetime) -> Row:
    """An expiry, with the grace and the window around it."""
    return {"expires_at": at, "lapses_at": at + 30 * DAY, "window_opens_at": at - 30 * DAY}


@pytest.fixture
def laid_out(engine: str, organisation: Organisation) -> Organisation:
    """A team and others, at every status in three certifications, with expiries about now and each horizon."""
    manager, learner = organisation.own[Role.MANAGER], organisation.own[Role.LEARNER]
    people = [learner, *organisation.chain(2, reports_to=manager), organisation.learner()]
    people.append(organisation.learner(is_active=False, reports_to=manager))
    first, second = organisation.certification(), organisation.certification()
    retired = organisation.certification(is_active=False)
    statuses = list(_S)
    for place, person in enumerate(people):
        for shelf, of in enumerate((first, second, retired)):
            organisation.learner_certification(person, of, statuses[(3 * place + shelf) % len(statuses)])
    for number, at in enumerate((START, *HORIZONS)):
        for off in (-MICROSECOND, timedelta(), MICROSECOND):
            person = organisation.learner(reports_to=manager if number % 2 else None)
            organisation.learner_certification(person, first, _S.CERTIFIED, **expiring(at + off))
    early = expiring(START + 5 * DAY)
    organisation.learner_certification(organisation.learner(), first, _S.RECERTIFYING, **early)
    organisation.learner_certification(organisation.learner(), first, _S.DISALLOWED, **early)
    never: Row = {"certified_at": START - DAY, "expires_at": None, "lapses_at": None, "window_opens_at": None}
    organisation.learner_certification(organisation.learner(), first, _S.CERTIFIED, **never)
    gone = {"archived_at": START - DAY, "expires_at": None, "lapses_at": None, "window_opens_at": None}
    organisation.learner_certification(learner, organisation.certification(), _S.NOT_STARTED, **gone)
    return organisation


def team_of(organisation: Organisation, manager: Any) -> set[Any]:
    """Everybody below a manager."""
    below, more = {manager}, True
    while more:
        found = {row["id"] for row in organisation.rows[learners] if row["manager_id"] in below}
        more = not found <= below
        below |= found
    return below - {manager}


def seen_rows(organisation: Organisation, role: Role) -> list[Row]:
    """The records that a role sees and that are not archived."""
    rows = [row for row in organisation.rows.get(learner_certifications, []) if row["archived_at"] is None]
    own = organisation.own.get(role)
    match role:
        case Role.OWNER | Role.ADMIN:
            return rows
        case Role.MANAGER:
            assert own
            seen = team_of(organisation, own.id) | {own.id}
            return [row for row in rows if row["learner_id"] in seen]
        case _:
            return [row for row in rows if own and row["learner_id"] == own.id]


def counted(organisation: Organisation, role: Role, passes: Callable[[Row], bool]) -> Json:
    """The report, by hand."""
    rows = [row for row in seen_rows(organisation, role) if passes(row)]
    certified = [row for row in rows if status_at(row, START) is _S.CERTIFIED and row["expires_at"]]
    return {
        "total": len(rows),
        "status": Counter(status_at(row, START).name for row in rows),
        "certification": Counter(organisation.record(row["certification_id"]).gid for row in rows),
        "expiring": [sum(row["expires_at"] <= at for row in certified) for at in HORIZONS],
        "rows": {(organisation.record(row["id"]).gid, status_at(row, START).name) for row in rows},
    }


def told(report: Json) -> Json:
    """The report, as the portal has it, in the form of the one by hand."""
    nodes = report["learnerCertifications"]["nodes"]
    assert report["learnerCertifications"]["totalCount"] == len(nodes)
    return {
        "total": report["totalCount"],
        "status": Counter({each["status"]: each["count"] for each in report["byStatus"]}),
        "certification": Counter(
            {each["certification"] and each["certification"]["id"]: each["count"] for each in report["byCertification"]}
        ),
        "expiring": [report[f"expiringWithin{days}Days"] for days in (30, 60, 90)],
        "rows": {(node["id"], node["status"]) for node in nodes},
    }


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.INTEGRATION])
async def test_a_report_counts_what_its_reader_sees(laid_out: Organisation, sign_in: SignIn, role: Role) -> None:
    data = await sign_in(role).query(REPORT)

    by_hand = counted(laid_out, role, lambda _: True)
    by_portal = told(data["certificationInsights"])
    if role not in ADMINISTRATORS:  # the retired one has no name
        retired = [each for each in by_hand["certification"] if each not in by_portal["certification"]]
        assert by_portal["certification"].pop(None, 0) == sum(by_hand["certification"].pop(each) for each in retired)
    assert by_portal == by_hand
    assert role in (Role.TRAINER, Role.LEARNER) or by_hand["expiring"][0] > 0


async def test_within_days_means_up_to_the_beginning_of_that_day_where_the_organisation_is(
    laid_out: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    """The three about each horizon: two fall in, one out; of those about now only the one that lies ahead."""
    data = await sign_in(Role.ADMIN).query(REPORT)

    assert told(data["certificationInsights"])["expiring"] == [1 + 2, 1 + 3 + 2, 1 + 3 + 3 + 2]
    clock.advance(timedelta(hours=2))  # past midnight in Auckland
    data = await sign_in(Role.ADMIN).query(REPORT)
    assert told(data["certificationInsights"])["expiring"] == [3, 3 + 3, 3 + 3 + 3]


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN, Role.MANAGER])
async def test_a_report_is_of_one_certification_group_or_team(
    laid_out: Organisation, sign_in: SignIn, role: Role
) -> None:
    learner, manager = laid_out.own[Role.LEARNER], laid_out.own[Role.MANAGER]
    group = laid_out.group(learner)
    rows = laid_out.rows[learner_certifications]
    of = rows[0]["certification_id"]
    team = team_of(laid_out, manager.id)
    direct = {row["id"] for row in laid_out.rows[learners] if row["manager_id"] == manager.id}
    held = {learner.id} if role in ADMINISTRATORS else set()
    cases: list[tuple[Json, Callable[[Row], bool]]] = [
        ({"certificationId": {"eq": laid_out.record(of).gid}}, lambda row: row["certification_id"] == of),
        ({"groupId": {"eq": group.gid}}, lambda row: row["learner_id"] in held),
        ({"reportsTo": {"manager": manager.gid}}, lambda row: row["learner_id"] in team),
        ({"reportsTo": {"manager": manager.gid, "depth": 1}}, lambda row: row["learner_id"] in direct),
        (
            {"certificationId": {"eq": laid_out.record(of).gid}, "reportsTo": {"manager": manager.gid}},
            lambda row: row["certification_id"] == of and row["learner_id"] in team,
        ),
        ({"status": {"notIn": ["CERTIFIED"]}}, lambda row: status_at(row, START) is not _S.CERTIFIED),
    ]
    for given, passes in cases:
        data = await sign_in(role).query(REPORT, {"filter": given})
        by_hand, by_portal = counted(laid_out, role, passes), told(data["certificationInsights"])
        del by_hand["certification"], by_portal["certification"]
        assert by_portal == by_hand, given
        assert by_hand["total"] > 0 or "groupId" in given


async def _totals(client: Client, given: Json) -> Counter[str]:
    """How many records the list has at each status."""
    asked = " ".join(f"{status.name}: learnerCertifications(filter: ${status.name}) {{ totalCount }}" for status in _S)
    declared = ", ".join(f"${status.name}: LearnerCertificationFilter" for status in _S)
    filters = {status.name: {**given, "status": {"eq": status.name}} for status in _S}
    data = await client.query(f"query ({declared}) {{ {asked} }}", filters)
    return Counter({name: own["totalCount"] for name, own in data.items()})


@pytest.mark.parametrize("role", list(Role))
async def test_at_every_instant_a_status_is_counted_as_its_list_counts_it(
    laid_out: Organisation, sign_in: SignIn, clock: ManualClock, role: Role
) -> None:
    asked = "query { certificationInsights { byStatus { status count } } }"
    instants = [at + off for at in (START, *HORIZONS, IN_90_DAYS + 30 * DAY) for off in (-MICROSECOND, timedelta())]
    seen = list[Counter[str]]()

    for clock.now in instants:
        data = await sign_in(role).query(asked)
        counts = Counter({each["status"]: each["count"] for each in data["certificationInsights"]["byStatus"]})
        assert counts == +(await _totals(sign_in(role), {}))
        by_clock = Counter(status_at(row, clock.now).name for row in seen_rows(laid_out, role))
        assert role is Role.INTEGRATION or counts == by_clock
        seen.append(counts)

    assert role in (Role.TRAINER, Role.LEARNER) or len({tuple(sorted(each.items())) for each in seen}) > 4


@pytest.mark.parametrize("given", [{"eq": True}, {"eq": False}, {"eq": None}, {}, None])
async def test_archived_records_never_count_whatever_is_asked(
    laid_out: Organisation, sign_in: SignIn, given: Json | None
) -> None:
    whole = counted(laid_out, Role.ADMIN, lambda _: given != {"eq": True})

    data = await sign_in(Role.ADMIN).query(REPORT, {"filter": {"isArchived": given}})

    assert told(data["certificationInsights"]) == whole


async def test_an_organisation_without_records_has_an_empty_report(
    laid_out: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    await laid_out.save()
    other = organisation_with_everybody(laid_out.database, clock, laid_out.new_id)
    await other.save()
    document = REPORT.replace("{ totalCount nodes", "{ totalCount pageInfo { hasNextPage endCursor } nodes")

    data = await sign_in(Role.OWNER, other).query(document)
    foreign = await sign_in(Role.OWNER, other).query(
        REPORT,
        {"filter": {"certificationId": {"eq": laid_out.record(_some(laid_out)["certification_id"]).gid}}},
    )

    empty = {
        "totalCount": 0,
        "byStatus": [],
        "byCertification": [],
        "expiringWithin30Days": 0,
        "expiringWithin60Days": 0,
        "expiringWithin90Days": 0,
    }
    no_page = {"hasNextPage": False, "endCursor": None}
    assert data["certificationInsights"] == {
        **empty,
        "learnerCertifications": {"totalCount": 0, "pageInfo": no_page, "nodes": []},
    }
    assert foreign["certificationInsights"] == {**empty, "learnerCertifications": {"totalCount": 0, "nodes": []}}


def _some(organisation: Organisation) -> Row:
    return organisation.rows[learner_certifications][0]


@pytest.mark.parametrize(
    "asked",
    [
        "certificationInsights { expiringWithin30Days }",
        "certificationInsights { expiringWithin90Days }",
        "certificationInsights { byCertification { count } }",
        "certificationInsights { learnerCertifications { nodes { expiresAt } } }",
        "certificationInsights { learnerCertifications(orderBy: [{field: FAMILY_NAME}]) { totalCount } }",
        "certificationInsights { learnerCertifications(orderBy: [{field: CERTIFICATION_TITLE}]) { totalCount } }",
        "certificationInsights(filter: {isArchived: {eq: false}}) { totalCount }",
        "certificationInsights(filter: {isFeeDue: {eq: true}}) { totalCount }",
    ],
)
async def test_a_machine_is_not_told_by_a_count_what_it_may_not_read(sign_in: SignIn, asked: str) -> None:
    assert codes(await sign_in(Role.INTEGRATION).execute(f"{{ {asked} }}")) == ["FORBIDDEN"]


async def test_a_machine_counts_by_status_and_sorts_by_it(laid_out: Organisation, sign_in: SignIn) -> None:
    data = await sign_in(Role.INTEGRATION).query(
        """{ certificationInsights {
          totalCount byStatus { status count }
          learnerCertifications(first: 1000, orderBy: [{field: STATUS}]) { nodes { status } }
        } }"""
    )

    report, whole = data["certificationInsights"], counted(laid_out, Role.ADMIN, lambda _: True)
    assert (report["totalCount"], Counter({each["status"]: each["count"] for each in report["byStatus"]})) == (
        whole["total"],
        whole["status"],
    )
    names = [status.name for status in _S]
    places = [names.index(node["status"]) for node in report["learnerCertifications"]["nodes"]]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("selected", "code"),
    [
        ("byCertification(first: 0) { count }", "PAGE_INVALID"),
        ("byCertification(first: 101) { count }", "PAGE_INVALID"),
        ("learnerCertifications(first: 1001) { totalCount }", "PAGE_INVALID"),
        ('learnerCertifications(after: "x") { nodes { id } }', "CURSOR_INVALID"),
    ],
)
async def test_a_page_that_cannot_be_meant_is_refused(sign_in: SignIn, selected: str, code: str) -> None:
    assert codes(await sign_in(Role.ADMIN).execute(f"{{ certificationInsights {{ {selected} }} }}")) == [code]


async def test_pages_of_a_report_follow_one_another(laid_out: Organisation, sign_in: SignIn) -> None:
    document = """query ($after: String) { certificationInsights(filter: {status: {in: [CERTIFIED, EXPIRED]}}) {
      learnerCertifications(first: 4, after: $after, orderBy: [{field: EXPIRES_AT}]) {
        totalCount nodes { id expiresAt } pageInfo { hasNextPage endCursor } } } }"""
    seen, after, more, total = list[str](), None, True, 0

    while more:
        data = await sign_in(Role.ADMIN).query(document, {"after": after})
        page = data["certificationInsights"]["learnerCertifications"]
        seen += [node["id"] for node in page["nodes"]]
        after, more, total = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"], page["totalCount"]

    assert len(seen) == len(set(seen)) == total > 8


async def test_a_report_takes_as_many_statements_however_much_there_is(
    engine: str, organisation: Organisation, sign_in: SignIn
) -> None:
    admin, tally = sign_in(Role.ADMIN), organisation.database.tally

    async def statements() -> int:
        await admin.query(REPORT)
        before = tally.statements
        await admin.query(REPORT)
        return tally.statements - before

    organisation.learner_certification(organisation.learner(), organisation.certification())
    few = await statements()
    made: list[Record] = [
        organisation.learner_certification(organisation.learner(), organisation.certification(), status)
        for _ in range(4)
        for status in _S
    ]

    assert len(made) == 40
    assert await statements() == few
