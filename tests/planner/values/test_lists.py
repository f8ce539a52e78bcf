"""Lists and totals under Python values, and what is derived from the role alone."""

from typing import Any

import pytest

from portal_api.database import Database
from portal_api.domain.roles import Role
from portal_api.domain.series import WithdrawalReason
from portal_api.models import series_enrolments
from portal_api.planner.dialects import PostgresDialect, SqliteDialect
from portal_api.planner.errors import RequestError
from portal_api.planner.statements import MOST_SHAPES
from tests.factories import Organisation, Record, StatusCase
from tests.planner.small import SmallPortal
from tests.planner.values.reports import (
    _S,
    Report,
    found,
    refs,
    series_of,
)


async def test_a_list_under_a_value_is_all_that_is_seen_where_the_value_has_no_conditions(
    small: SmallPortal, cases: list[StatusCase]
) -> None:
    answer = await small.ask(
        "{ report { title enrolments { nodes { externalRef status } totalCount } number } }", Report()
    )

    assert answer["title"] == "All"
    assert {each["externalRef"]: each["status"] for each in answer["enrolments"]["nodes"]} == {
        each.enrolment["external_ref"]: each.now.name for each in cases
    }
    assert answer["enrolments"]["totalCount"] == answer["number"] == len(cases)


async def test_the_conditions_of_a_value_hold_beside_the_filter_of_the_client(
    small: SmallPortal, organisation: Organisation, cases: list[StatusCase]
) -> None:
    """Both ask of the status in the same words, and for different ones."""
    other = organisation.enrolment(organisation.learner(), organisation.series(), _S.MASTERED)
    report = Report(
        conditions={
            "status": {"in": [_S.MASTERED, _S.INCOMPLETE, _S.WITHDRAWN]},
            "seriesId": {"in": series_of(cases)},
        }
    )
    document = """query ($filter: SeriesEnrolmentFilter) {
        report { number enrolments(filter: $filter) { nodes { externalRef } totalCount } }
    }"""
    kept = refs(cases, _S.MASTERED, _S.INCOMPLETE, _S.WITHDRAWN)

    async def asked(given: Any) -> Any:
        answer = await small.ask(document, report, variables={"filter": given})
        assert answer["number"] == len(kept)
        assert answer["enrolments"]["totalCount"] == len(found(answer["enrolments"]))
        return found(answer["enrolments"])

    assert await asked(None) == kept
    assert await asked({"status": {"in": ["incomplete", "in_progress"]}}) == refs(cases, _S.INCOMPLETE)
    assert await asked({"status": {"notIn": ["incomplete"]}}) == refs(cases, _S.MASTERED, _S.WITHDRAWN)
    assert await asked({"externalRef": {"eq": other["external_ref"]}}) == []


async def test_what_clients_cannot_filter_by_a_value_can(small: SmallPortal, cases: list[StatusCase]) -> None:
    report = Report(conditions={"reason": {"eq": WithdrawalReason.NO_LONGER_REQUIRED}})

    answer = await small.ask(
        "{ report { number enrolments { nodes { externalRef } } byStatus { status count } } }", report
    )

    assert found(answer["enrolments"]) == refs(cases, _S.WITHDRAWN)
    assert answer["number"] == 1
    assert answer["byStatus"] == [{"status": "WITHDRAWN", "count": 1}]


async def test_a_list_under_a_value_is_sorted_and_paged_like_any_other(
    small: SmallPortal, cases: list[StatusCase]
) -> None:
    document = """query ($after: String) { report { enrolments(first: 3, after: $after, orderBy: {field: EXTERNAL_REF, direction: DESC}) {
        edges { node { externalRef } cursor } pageInfo { hasNextPage hasPreviousPage endCursor } totalCount
    } } }"""
    every: list[str] = []
    after, more = None, True
    while more:
        page = (await small.ask(document, Report(), variables={"after": after}))["enrolments"]
        every += [each["node"]["externalRef"] for each in page["edges"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        assert page["totalCount"] == len(cases)

    assert every == refs(cases, *_S)[::-1]


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ("enrolments(first: 101) { totalCount }", "1 to 100 records; 101"),
        ("few(first: 4) { totalCount }", "1 to 3 records; 4"),
        ("byStatus(first: 5) { count }", "1 to 4 groups here; 5"),
        ("byStatus(first: 0) { count }", "1 to 4 groups here; 0"),
        ("byStatus(first: -1) { count }", "1 to 4 groups here; -1"),
    ],
)
async def test_a_page_that_is_too_large_is_refused(selection: str, message: str, small: SmallPortal) -> None:
    with pytest.raises(RequestError, match=message) as refused:
        await small.ask(f"{{ report {{ {selection} }} }}", Report())

    assert refused.value.code.name == "PAGE_INVALID"


async def test_a_list_of_small_pages_has_one_when_nothing_is_said(small: SmallPortal, cases: list[StatusCase]) -> None:
    answer = await small.ask("{ report { few { nodes { externalRef } totalCount } } }", Report())

    assert found(answer["few"]) == refs(cases, *_S)[:3]
    assert answer["few"]["totalCount"] == len(cases)


async def test_values_show_nothing_of_another_organisation(
    small: SmallPortal, organisation: Organisation, shared: tuple[Record, Record]
) -> None:
    await organisation.save()
    await organisation.twin().save()

    answer = await small.ask(
        "{ report { number enrolments { totalCount } byStatus { count } bySeries { series { id } count } } }", Report()
    )

    assert answer["number"] == answer["enrolments"]["totalCount"] == 3
    assert [each["count"] for each in answer["byStatus"]] == [2, 1]
    assert {each["series"]["id"] for each in answer["bySeries"]} == {each.gid for each in shared}


async def test_several_values_each_have_their_own(
    small: SmallPortal, shared: tuple[Record, Record], cases: list[StatusCase]
) -> None:
    reports = [
        Report(
            each["title"],
            {"seriesId": {"eq": each.gid}},
            each.id,
            (Report("mastered", {"status": {"eq": _S.MASTERED}}),),
        )
        for each in shared
    ]
    answer = await small.ask(
        "{ reports { title series { title } number enrolments { totalCount } byStatus { status count } parts { number } } }",
        reports,
    )

    mastered = len(refs(cases, _S.MASTERED)) + 1
    active, inactive = shared
    running, done = ({"status": status, "count": 1} for status in ("IN_PROGRESS", "MASTERED"))
    assert answer == [
        {
            "title": each["title"],
            "series": {"title": each["title"]},
            "number": number,
            "enrolments": {"totalCount": number},
            "byStatus": groups,
            "parts": [{"number": mastered}],
        }
        for each, number, groups in ((active, 1, [running]), (inactive, 2, [running, done]))
    ]


async def test_statements_are_compiled_once_for_each_shape_and_bound_each_time(
    small: SmallPortal, database: Database, cases: list[StatusCase], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plans are kept with the document: what one value had bound must not stay for the next, or for another viewer."""
    document = "{ report { number enrolments { totalCount } byStatus { status count } } }"
    dialect = SqliteDialect if database.is_sqlite else PostgresDialect
    compiled: list[Any] = []
    statement = dialect.statement
    monkeypatch.setattr(dialect, "statement", lambda own, clause: compiled.append(clause) or statement(own, clause))
    await small.ask(document, Report())
    before = database.tally.statements
    for status in _S:
        for _ in range(2):
            answer = await small.ask(document, Report(conditions={"status": {"eq": status}}))
            number = len(refs(cases, status))
            assert answer == {
                "number": number,
                "enrolments": {"totalCount": number},
                "byStatus": [{"status": status.name, "count": number}],
            }

    assert database.tally.statements - before == 3 * 2 * len(_S)
    assert len(compiled) == 2 * 3  # with conditions and without
    learner = await small.ask(document, Report(), role=Role.LEARNER)
    assert learner == {"number": 0, "enrolments": {"totalCount": 0}, "byStatus": []}


async def test_more_conditions_than_are_kept_can_be_asked_one_after_the_other(
    small: SmallPortal, cases: list[StatusCase]
) -> None:
    document = "query ($filter: SeriesEnrolmentFilter) { report { number enrolments(filter: $filter) { totalCount } } }"
    choices: list[dict[str, Any]] = [{}, {"eq": _S.MASTERED}, {"in": [_S.MASTERED]}, {"notIn": [_S.MASTERED]}]
    shapes = [{**one, **other} for one in choices for other in choices]
    asked = 0
    for mine in shapes:
        for given in shapes:
            answer = await small.ask(
                document, Report(conditions={"status": mine}), variables={"filter": {"status": given}}
            )
            excluded = ("notIn" in mine, "notIn" in given)
            wanted = ({"eq", "in"} & set(mine), {"eq", "in"} & set(given))
            statuses = [
                each
                for each in _S
                if not (any(wanted) and each is not _S.MASTERED) and not (any(excluded) and each is _S.MASTERED)
            ]
            assert answer["enrolments"]["totalCount"] == len(refs(cases, *statuses))
            asked += 1

    assert asked > MOST_SHAPES


async def test_a_role_that_may_not_read_a_field_may_not_ask_for_it_under_a_value(
    small: SmallPortal, cases: list[StatusCase]
) -> None:
    """What the value itself asks for is no question of the client's."""
    series_id, *_ = series_of(cases)
    report = Report(conditions={"seriesId": {"in": series_of(cases)}})
    open_ = "{ report { number enrolments { totalCount } byStatus { count } } }"

    assert (await small.ask(open_, report, role=Role.INTEGRATION))["number"] == len(cases)
    for closed in (
        "{ report { bySeries { count } } }",
        "{ report { byReason { count } } }",
        "{ report { enrolments { nodes { series { id } } } } }",
        f'{{ report {{ enrolments(filter: {{seriesId: {{eq: "{series_id}"}}}}) {{ totalCount }} }} }}',
    ):
        with pytest.raises(RequestError) as refused:
            await small.ask(closed, report, role=Role.INTEGRATION)
        assert refused.value.code.name == "FORBIDDEN"


async def test_what_is_derived_from_the_role_alone_is_there_on_every_record(
    small: SmallPortal, shared: tuple[Record, Record]
) -> None:
    document = "{ enrolments { nodes { may { name isGiven } grade series { may { isGiven } enrolments { nodes { grade } } } } } }"

    for role, may_write in ((Role.ADMIN, True), (Role.OWNER, False), (Role.ADMIN, True)):
        answer = await small.ask(document, role=role)
        assert len(answer["nodes"]) == 3
        for each in answer["nodes"]:
            assert each["may"] == [{"name": "see", "isGiven": True}, {"name": "write", "isGiven": may_write}]
            assert each["series"]["may"] == [{"isGiven": True}, {"isGiven": may_write}]
            assert each["grade"] == f"grade of {role}"
            assert {one["grade"] for one in each["series"]["enrolments"]["nodes"]} == {f"grade of {role}"}


def test_texts_sort_byte_by_byte_on_postgresql_whatever_its_locale() -> None:
    sorted_by = PostgresDialect().sort_key

    for column in (series_enrolments.c.status, series_enrolments.c.external_ref):
        assert str(sorted_by(column)).endswith('COLLATE "C"')
    for column in (series_enrolments.c.series_id, series_enrolments.c.version, series_enrolments.c.starts_at):
        assert sorted_by(column) is column
