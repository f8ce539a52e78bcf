"""Insights: counted here by hand over what is laid out, and by the portal; both must say the same."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from portal_api.domain.roles import ADMINISTRATORS, Role
from portal_api.domain.series import SERIES_ENROLMENTS, SeriesEnrolmentStatus, SeriesType
from portal_api.models import learners, series, series_enrolments
from tests.client import Json, codes
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import DAY, Organisation, Record, organisation_with_everybody

_S = SeriesEnrolmentStatus
MICROSECOND = timedelta(microseconds=1)
REPORT = """
query ($filter: SeriesEnrolmentFilter) {
  seriesInsights(filter: $filter) {
    totalCount
    overdueCount
    byStatus { status count }
    bySeries { series { id } count }
    byTrackingCode { trackingCode count }
    enrolments(first: 1000) { totalCount nodes { id status isOverdue } }
  }
}
"""
MIDNIGHT = datetime(2026, 3, 2, 11, tzinfo=UTC)
"""The instant at which the organisation's day, in Auckland, turns to 3 March."""
ACTIVE = {_S.WAITING_TO_START, _S.NOT_SIGNED_IN, _S.NO_ATTEMPTS, _S.IN_PROGRESS}
Passes = Callable[[dict[str, Any]], bool]


def status_at(row: dict[str, Any], now: datetime) -> _S:
    """The status by the table itself, which has its own tests."""
    return SERIES_ENROLMENTS.status_at(now, row["status"], row)


def is_overdue(row: dict[str, Any], now: datetime) -> bool:
    return row["overdue_at"] is not None and row["overdue_at"] <= now and status_at(row, now) in ACTIVE


@pytest.fixture
def laid_out(organisation: Organisation, clock: ManualClock) -> Organisation:
    """Learners below the Manager and beside, every status of each, in series of every type, some due, some coded."""
    team = organisation.chain(3, reports_to=organisation.own[Role.MANAGER])
    people = [*team, organisation.own[Role.LEARNER], organisation.learner(), organisation.learner(is_active=False)]
    library = [organisation.series(type=type_) for type_ in SeriesType]
    library.append(organisation.series(is_active=False))
    library.append(organisation.series(is_active=False, type=SeriesType.PREVIEW))
    clock.now = MIDNIGHT
    dues = (
        (None, None),
        (date(2026, 3, 1), MIDNIGHT - DAY),
        (date(2026, 3, 2), MIDNIGHT),
        (date(2026, 3, 3), MIDNIGHT + DAY),
    )
    active, number = [status for status in _S if status in ACTIVE], 0
    for place, person in enumerate(people):
        for shelf, taken in enumerate(library):
            for status in _S:
                if status in ACTIVE and status is not active[(place + shelf) % 4]:
                    continue
                number += 1
                due_on, overdue_at = dues[number % 4]
                organisation.enrolment(
                    person,
                    taken,
                    status,
                    due_on=due_on,
                    overdue_at=overdue_at,
                    tracking_code=[None, "spring", "autumn"][number % 3],
                )
    return organisation


def seen_rows(organisation: Organisation, role: Role) -> list[dict[str, Any]]:
    """The enrolments that a role sees, written anew."""
    rows = organisation.rows[series_enrolments]
    if role in ADMINISTRATORS:
        return rows
    own = organisation.own.get(role)
    seen = {own.id} if own else set()
    while role is Role.MANAGER:
        more = {row["id"] for row in organisation.rows[learners] if row["manager_id"] in seen} | seen
        if more == seen:
            break
        seen = more
    return [row for row in rows if row["learner_id"] in seen]


def counted(organisation: Organisation, role: Role, passes: Passes) -> Json:
    """The report, by hand."""
    now, by_id = organisation.clock(), {row["id"]: row for row in organisation.rows[series]}
    rows = [
        row
        for row in seen_rows(organisation, role)
        if by_id[row["series_id"]]["type"] is not SeriesType.PREVIEW and passes(row)
    ]

    def shown(series_id: Any) -> str | None:
        is_seen = by_id[series_id]["status"] == "active" or role in ADMINISTRATORS
        return organisation.record(series_id).gid if is_seen else None

    return {
        "total": len(rows),
        "overdue": sum(is_overdue(row, now) for row in rows),
        "status": Counter(status_at(row, now).name for row in rows),
        "series": Counter(shown(row["series_id"]) for row in rows),
        "code": Counter(row["tracking_code"] for row in rows if row["tracking_code"]),
        "rows": {(organisation.record(row["id"]).gid, status_at(row, now).name, is_overdue(row, now)) for row in rows},
    }


def told(report: Json) -> Json:
    """The report, as the portal has it, in the form of the one by hand."""
    nodes = report["enrolments"]["nodes"]
    assert report["enrolments"]["totalCount"] == len(nodes)
    return {
        "total": report["totalCount"],
        "overdue": report["overdueCount"],
        "status": Counter({each["status"]: each["count"] for each in report["byStatus"]}),
        "series": Counter({each["series"] and each["series"]["id"]: each["count"] for each in report["bySeries"]}),
        "code": Counter({each["trackingCode"]: each["count"] for each in report["byTrackingCode"]}),
        "rows": {(node["id"], node["status"], node["isOverdue"]) for node in nodes},
    }


def _is_due(row: dict[str, Any], until: date) -> bool:
    return row["due_on"] is not None and row["due_on"] <= until


FILTERS: dict[str, tuple[Json, Callable[[datetime], Passes]]] = {
    "everything": ({}, lambda now: lambda row: True),
    "without the withdrawn": (
        {"status": {"notIn": ["WITHDRAWN"]}},
        lambda now: lambda row: status_at(row, now) is not _S.WITHDRAWN,
    ),
    "the overdue": ({"isOverdue": {"eq": True}}, lambda now: lambda row: is_overdue(row, now)),
    "the others": ({"isOverdue": {"eq": False}}, lambda now: lambda row: not is_overdue(row, now)),
    "a code": ({"trackingCode": {"eq": "spring"}}, lambda now: lambda row: row["tracking_code"] == "spring"),
    "not a code": ({"trackingCode": {"notIn": ["spring"]}}, lambda now: lambda row: row["tracking_code"] != "spring"),
    "due": ({"dueOn": {"lte": "2026-03-01"}}, lambda now: lambda row: _is_due(row, until=date(2026, 3, 1))),
    "never due": ({"dueOn": {"isNull": True}}, lambda now: lambda row: row["due_on"] is None),
    "due later": (
        {"dueOn": {"gt": "2026-03-01"}},
        lambda now: lambda row: row["due_on"] is not None and not _is_due(row, until=date(2026, 3, 1)),
    ),
}


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.INTEGRATION])
async def test_a_report_counts_what_its_reader_sees(
    laid_out: Organisation, sign_in: SignIn, clock: ManualClock, role: Role, name: str
) -> None:
    given, passes = FILTERS[name]

    data = await sign_in(role).query(REPORT, {"filter": given})

    by_hand = counted(laid_out, role, passes(clock()))
    by_portal = told(data["seriesInsights"])
    if role not in ADMINISTRATORS:  # retired series are several groups without a name
        by_portal["series"].pop(None, None)
        by_hand["series"].pop(None, None)
    assert by_portal == by_hand


async def test_at_every_instant_a_row_a_filter_and_a_count_say_the_same_status(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    cases = organisation.every_status()
    now = clock()
    for stored, at in ((_S.WAITING_TO_START, "starts_at"), (_S.IN_PROGRESS, "ends_at"), (_S.NO_ATTEMPTS, "ends_at")):
        for off in (-MICROSECOND, timedelta(), MICROSECOND):
            times = {"starts_at": now - DAY, "ends_at": now + DAY, at: now + off}
            organisation.enrolment(organisation.learner(), organisation.series(), stored, **times)
    admin = sign_in(Role.ADMIN)

    report = (await admin.query(REPORT))["seriesInsights"]

    by_facet = {each["status"]: each["count"] for each in report["byStatus"]}
    assert sum(by_facet.values()) == len(cases) + 9
    for status in _S:
        ids = {node["id"] for node in report["enrolments"]["nodes"] if node["status"] == status.name}
        data = await admin.query(
            "query ($filter: SeriesEnrolmentFilter) { seriesEnrolments(first: 100, filter: $filter) { nodes { id } } }",
            {"filter": {"status": {"eq": status.name}}},
        )
        assert {node["id"] for node in data["seriesEnrolments"]["nodes"]} == ids
        assert by_facet[status.name] == len(ids)
        rows = [row for row in organisation.rows[series_enrolments] if status_at(row, now) is status]
        assert {organisation.record(row["id"]).gid for row in rows} == ids


async def test_the_work_list_has_the_previews_that_reports_leave_out(laid_out: Organisation, sign_in: SignIn) -> None:
    document = """
        query ($filter: SeriesEnrolmentFilter) {
          seriesEnrolments(filter: $filter) { totalCount }
          seriesInsights(filter: $filter) { totalCount overdueCount byStatus { count } bySeries { count } }
        }
    """

    data = await sign_in(Role.ADMIN).query(document, {"filter": {"seriesType": {"eq": "PREVIEW"}}})

    assert data["seriesEnrolments"]["totalCount"] > 0
    assert data["seriesInsights"] == {"totalCount": 0, "overdueCount": 0, "byStatus": [], "bySeries": []}


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MANAGER])
async def test_a_series_type_is_told_only_of_series_that_are_seen(
    laid_out: Organisation, sign_in: SignIn, role: Role
) -> None:
    by_id = {row["id"]: row for row in laid_out.rows[series]}
    document = (
        "query ($filter: SeriesEnrolmentFilter) { seriesEnrolments(first: 1000, filter: $filter) { nodes { id } } }"
    )

    for given, wanted in (
        ({"eq": "PREVIEW"}, {SeriesType.PREVIEW}),
        ({"in": ["BURST", "STANDARD"]}, {SeriesType.BURST, SeriesType.STANDARD}),
        ({"notIn": ["PREVIEW"]}, set(SeriesType) - {SeriesType.PREVIEW}),
    ):
        data = await sign_in(role).query(document, {"filter": {"seriesType": given}})

        def passes(row: dict[str, Any], given: Any = given, wanted: Any = wanted) -> bool:
            taken = by_id[row["series_id"]]
            if role is Role.MANAGER and taken["status"] != "active":
                return "notIn" in given
            return taken["type"] in wanted

        found = {node["id"] for node in data["seriesEnrolments"]["nodes"]}
        assert found == {laid_out.record(row["id"]).gid for row in seen_rows(laid_out, role) if passes(row)}


async def test_an_organisation_without_enrolments_has_an_empty_report(sign_in: SignIn) -> None:
    data = await sign_in(Role.OWNER).query(REPORT)

    assert data["seriesInsights"] == {
        "totalCount": 0,
        "overdueCount": 0,
        "byStatus": [],
        "bySeries": [],
        "byTrackingCode": [],
        "enrolments": {"totalCount": 0, "nodes": []},
    }


async def test_another_organisation_counts_nothing_here(
    laid_out: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    await laid_out.save()
    other = organisation_with_everybody(laid_out.database, clock, laid_out.new_id)
    await other.save()

    data = await sign_in(Role.OWNER, other).query(REPORT)

    assert data["seriesInsights"]["totalCount"] == 0
    assert data["seriesInsights"]["bySeries"] == []


@pytest.mark.parametrize(
    ("selected", "code"),
    [
        ("bySeries(first: 0) { count }", "PAGE_INVALID"),
        ("bySeries(first: 101) { count }", "PAGE_INVALID"),
        ("byTrackingCode(first: 101) { count }", "PAGE_INVALID"),
        ("enrolments(first: 1001) { totalCount }", "PAGE_INVALID"),
        ("enrolments(first: 1, last: 1) { totalCount }", "PAGE_INVALID"),
        ('enrolments(after: "x") { nodes { id } }', "CURSOR_INVALID"),
    ],
)
async def test_a_page_that_cannot_be_meant_is_refused(sign_in: SignIn, selected: str, code: str) -> None:
    answer = await sign_in(Role.ADMIN).execute(f"{{ seriesInsights {{ {selected} }} }}")

    assert codes(answer) == [code]


async def test_the_largest_groups_come_first_and_pages_follow_one_another(
    laid_out: Organisation, sign_in: SignIn
) -> None:
    data = await sign_in(Role.ADMIN).query(
        """{
          seriesInsights {
            bySeries { count } few: bySeries(first: 2) { count }
            enrolments(first: 7) { nodes { id } pageInfo { hasNextPage endCursor } }
          }
        }"""
    )
    report = data["seriesInsights"]
    numbers = [each["count"] for each in report["bySeries"]]
    assert numbers == sorted(numbers, reverse=True)
    assert [each["count"] for each in report["few"]] == numbers[:2]
    page = report["enrolments"]["pageInfo"]

    data = await sign_in(Role.ADMIN).query(
        "query ($after: String) { seriesInsights { enrolments(first: 7, after: $after) { nodes { id } } } }",
        {"after": page["endCursor"]},
    )

    assert page["hasNextPage"]
    following = [node["id"] for node in data["seriesInsights"]["enrolments"]["nodes"]]
    assert len(following) == 7
    assert not set(following) & {node["id"] for node in report["enrolments"]["nodes"]}


@pytest.mark.parametrize(
    "asked",
    [
        "seriesInsights { overdueCount }",
        "seriesInsights { bySeries { count } }",
        "seriesInsights { byTrackingCode { count } }",
        "seriesInsights { enrolments { nodes { isOverdue } } }",
        "seriesInsights(filter: {isOverdue: {eq: true}}) { totalCount }",
        'seriesInsights(filter: {trackingCode: {eq: "spring"}}) { totalCount }',
        "seriesInsights(filter: {seriesType: {eq: BURST}}) { totalCount }",
        "seriesInsights { enrolments(orderBy: [{field: ENDS_AT}]) { totalCount } }",
    ],
)
async def test_an_integration_is_not_told_by_a_count_what_it_may_not_read(sign_in: SignIn, asked: str) -> None:
    assert codes(await sign_in(Role.INTEGRATION).execute(f"{{ {asked} }}")) == ["FORBIDDEN"]


async def test_an_integration_counts_by_status(laid_out: Organisation, sign_in: SignIn) -> None:
    data = await sign_in(Role.INTEGRATION).query(
        "{ seriesInsights(filter: {status: {eq: MASTERED}}) { totalCount byStatus { status count } } }"
    )

    assert data["seriesInsights"]["byStatus"] == [{"status": "MASTERED", "count": data["seriesInsights"]["totalCount"]}]


async def test_a_report_takes_as_many_statements_however_much_there_is(
    organisation: Organisation, sign_in: SignIn
) -> None:
    admin, tally = sign_in(Role.ADMIN), organisation.database.tally

    async def statements() -> int:
        await admin.query(REPORT)
        before = tally.statements
        await admin.query(REPORT)
        return tally.statements - before

    organisation.enrolment(organisation.learner(), organisation.series())
    few = await statements()
    made: list[Record] = [
        organisation.enrolment(organisation.learner(), organisation.series(), tracking_code=f"code {n}")
        for n in range(60)
    ]

    assert len(made) == 60
    assert await statements() == few
