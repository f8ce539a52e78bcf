"""What a document may ask for: the limits hold, and finding that out costs next to nothing."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from graphql import build_schema, parse

from portal_api.models import learners
from portal_api.planner.cost import Limits, check_cost
from portal_api.planner.declare import Catalogue, Column, Facet, Listed, ToOne, Total, ValueType
from portal_api.planner.documents import Documents, InvalidDocument
from portal_api.planner.errors import RequestError
from portal_api.schema import executable_schema
from tests.effort import calls_of_at_most

SCHEMA = executable_schema()
LIMITS = Limits(
    nodes=20_000,
    depth=12,
    roots=100,
    list_sizes={"Query.nodes": 100, "WithdrawSeriesEnrolmentsPayload.results": 1_000},
)
AT_ONCE = 250_000
"""Calls; what is exponential would make a million millions of them."""


def refusal(document: str) -> str | None:
    """What a document is refused for, if it is."""
    try:
        check_cost(parse(document), SCHEMA, LIMITS)
    except RequestError as error:
        return error.message
    return None


def nested(levels: int) -> str:
    """A document of so many levels."""
    return f'{{ learner(externalRef: "a") {"{ manager " * (levels - 2)}{{ id {"} " * (levels - 1)}}}'


@pytest.mark.parametrize(
    ("document", "records"),
    [
        ("{ learners { nodes { id } } }", 25),
        ("{ learners { totalCount } }", 25),
        ("{ learners(first: 7) { nodes { id } } }", 7),
        ("{ learners(last: 7) { nodes { id } } }", 7),
        ("query ($n: Int) { learners(first: $n) { nodes { id } } }", 1_000),
        ("query ($n: Int = 1) { learners(first: $n) { nodes { id } } }", 1_000),
        ("{ learners(first: null) { nodes { id } } }", 1_000),
        ("{ learners(first: 1000000) { nodes { id } } }", 1_000),
        ("{ learners(first: 5) { nodes { reports(first: 6) { nodes { id } } } } }", 35),
        ("{ learners(first: 5) { nodes { reports { nodes { id } } } } }", 130),
        ("query ($n: Int) { learners(first: 5) { nodes { reports(first: $n) { nodes { id } } } } }", 505),
        ("{ learners(first: 5) { nodes { id } edges { node { id } } } }", 10),
        ("{ learners(first: 5) { nodes { manager { id } } } }", 10),
        ("{ a: learners(first: 5) { nodes { id } } b: learners(first: 6) { nodes { id } } }", 11),
        ("{ ...F } fragment F on Query { learners(first: 5) { nodes { id } } }", 5),
        ("{ ...F ...F } fragment F on Query { learners(first: 5) { nodes { id } } }", 10),
        ("{ ... { learners(first: 5) { nodes { ... on Learner { manager { id } } } } } }", 10),
        ('{ node(id: "x") { id } }', 1),
        ('{ nodes(ids: ["x"]) { id } }', 100),
        ('{ nodes(ids: ["x"]) { ... on Learner { reports(first: 3) { nodes { id } } } } }', 400),
        ("{ __schema { types { fields { name } } } }", 0),
        ("{ __typename }", 0),
        (
            "mutation ($i: WithdrawSeriesEnrolmentsInput!) "
            "{ withdrawSeriesEnrolments(input: $i) { results { node { id learner { id } } } } }",
            2_000,
        ),
    ],
)
def test_records_are_reckoned_as_if_every_page_were_full(document: str, records: int) -> None:
    exactly, one_less = (
        Limits(nodes=nodes, depth=12, roots=100, list_sizes=LIMITS.list_sizes) for nodes in (records, records - 1)
    )

    check_cost(parse(document), SCHEMA, exactly)
    with pytest.raises(RequestError, match="too many records"):
        check_cost(parse(document), SCHEMA, one_less)


VALUE_SCHEMA = build_schema(
    """
    interface Node { id: ID! }
    type Query { report: Report any: AnyReport }
    interface AnyReport { byName(first: Int): [NameCount!]! }
    type Report implements AnyReport {
      learners(first: Int): LearnerConnection! few(first: Int): LearnerConnection! number: Int!
      byName(first: Int): [NameCount!]! byManager: [ManagerCount!]!
    }
    type NameCount { name: String! count: Int! }
    type ManagerCount { manager: Learner count: Int! }
    type Learner implements Node { id: ID! reports(first: Int): LearnerConnection! }
    type LearnerConnection { nodes: [Learner!]! totalCount: Int! }
    """
)
VALUES = Catalogue(
    sources={},
    values={
        "Report": ValueType(
            "Report",
            {
                "learners": Listed("Learner", dict, most=500),
                "few": Listed("Learner", dict, most=10),
                "number": Total("Learner", dict),
                "byName": Facet("Learner", {"name": Column(learners.c.given_name)}, dict, limit=40),
                "byManager": Facet("Learner", {"manager": ToOne("Learner", learners.c.manager_id)}, dict, limit=30),
            },
        )
    },
    roots={},
)


@pytest.mark.parametrize(
    ("selection", "records", "values"),
    [
        ("learners { nodes { id } }", 25, 25),
        ("learners(first: 7) { nodes { id } }", 7, 7),
        ("learners(first: 501) { nodes { id } }", 500, 500),
        ("learners(first: $n) { nodes { id } }", 500, 500),
        ("learners(first: 2) { nodes { reports(first: 100) { nodes { id } } } }", 202, 200),
        ("few { nodes { id } }", 10, 10),
        ("few(first: $n) { nodes { id } }", 10, 10),
        ("number", 0, 1),
        ("byName { name count }", 40, 80),
        ("byName(first: 3) { name count }", 3, 6),
        ("byName(first: 41) { name count }", 40, 80),
        ("byName(first: $n) { name count }", 40, 80),
        ("byManager { count }", 30, 30),
        ("byManager { manager { id } count }", 30, 60),
        ("byManager { manager { reports(first: 5) { nodes { id } } } }", 180, 150),
        ("a: byName { count } b: byName { count }", 80, 80),
    ],
)
def test_lists_and_facets_under_values_are_reckoned_by_their_own_sizes(
    selection: str, records: int, values: int
) -> None:
    document = parse(f"query ($n: Int) {{ report {{ {selection} }} }}")
    limits = Limits(records, depth=12, roots=100, list_sizes={}, page_sizes=VALUES.page_sizes, values=values)

    check_cost(document, VALUE_SCHEMA, limits)
    with pytest.raises(RequestError, match="too many values"):
        check_cost(document, VALUE_SCHEMA, replace(limits, values=values - 1))
    if records:
        with pytest.raises(RequestError, match="too many records"):
            check_cost(document, VALUE_SCHEMA, replace(limits, nodes=records - 1))


def test_a_facet_that_an_interface_shows_is_reckoned_by_its_own_size() -> None:
    limits = Limits(39, depth=12, roots=100, list_sizes={}, page_sizes=VALUES.page_sizes)

    with pytest.raises(RequestError, match="too many records: 40"):
        check_cost(parse("{ any { byName { count } } }"), VALUE_SCHEMA, limits)


def test_a_page_of_less_than_nothing_makes_no_room_for_others() -> None:
    costly = "learners(first: 1000) { nodes { reports(first: 100) { nodes { id } } } }"
    negative = "learners(first: -2000000) { nodes { id } }"

    assert refusal(f"{{ {costly} less: {negative} }}")
    assert refusal(f"{{ {costly} less: {negative.replace('first', 'last')} }}")


def test_twelve_levels_are_allowed_and_thirteen_are_not() -> None:
    assert refusal(nested(12)) is None
    assert "levels: 13" in (refusal(nested(13)) or "")


def test_levels_in_fragments_count() -> None:
    names = [f"F{number}" for number in range(13)]
    fragments = [f"fragment {own} on Learner {{ manager {{ ...{below} }} }}" for own, below in pairwise(names)]
    document = f'{{ learner(externalRef: "a") {{ ...F0 }} }} {" ".join(fragments)} fragment F12 on Learner {{ id }}'

    assert "levels: 14" in (refusal(document) or "")


def test_a_hundred_root_fields_are_allowed_and_one_more_is_not() -> None:
    fields = [f"a{number}: __typename" for number in range(101)]

    assert refusal(f"{{ {' '.join(fields[:100])} }}") is None
    assert "root fields: 101" in (refusal(f"{{ {' '.join(fields)} }}") or "")
    assert "root fields: 102" in (refusal(f"{{ ...F ...F }} fragment F on Query {{ {' '.join(fields[:51])} }}") or "")


def test_every_operation_of_a_document_is_reckoned() -> None:
    costly = "{ learners(first: 1000) { nodes { reports(first: 100) { nodes { id } } } } }"

    assert refusal(f"query A {{ __typename }} query B {costly}")


def doubled(body: str, last: str, times: int) -> Iterator[str]:
    """Fragments that each ask twice for the next."""
    for number in range(times):
        yield f"fragment F{number} on Learner {{ {body.replace('NEXT', f'...F{number + 1}')} }}"
    yield f"fragment F{times} on Learner {{ {last} }}"


@pytest.mark.parametrize(
    "body",
    [
        "a: manager { NEXT } b: manager { NEXT }",
        "reports { nodes { NEXT } } manager { NEXT }",
        "a: reports(first: 1) { nodes { NEXT } } b: reports(first: 1) { nodes { NEXT } }",
        "... on Node { ... on Learner { manager { NEXT } } } manager { NEXT }",
    ],
)
def test_fragments_that_double_forty_times_are_refused_at_once(body: str) -> None:
    document = " ".join(['{ learner(externalRef: "a") { ...F0 } }', *doubled(body, "id", 40)])

    with calls_of_at_most(AT_ONCE), pytest.raises(InvalidDocument) as refused:
        Documents(SCHEMA, LIMITS, most=10, longest=100_000).document(document)

    assert [(error.extensions or {})["code"] for error in refused.value.errors] == ["QUERY_TOO_COSTLY"]


def test_fragments_that_double_forty_times_and_ask_for_nothing_more_are_prepared_at_once() -> None:
    document = " ".join(['{ learner(externalRef: "a") { ...F0 } }', *doubled("NEXT NEXT", "id", 40)])

    with calls_of_at_most(AT_ONCE):
        assert Documents(SCHEMA, LIMITS, most=10, longest=100_000).document(document)


@pytest.mark.parametrize(
    "document",
    [
        f"{{ {'__typename ' * 501} }}",
        f"{{ {'viewer { role } ' * 501} }}",
        f"{{ {'a: __typename ' * 501} }}",
        f"{{ viewer {{ {'limits { pageSize } ' * 501} }} }}",
    ],
)
def test_a_field_repeated_so_often_that_comparing_would_take_long_is_refused(document: str) -> None:
    with calls_of_at_most(AT_ONCE):
        assert refusal(document)


def test_a_fragment_that_spreads_itself_is_left_to_validation() -> None:
    document = '{ learner(externalRef: "a") { ...F } } fragment F on Learner { manager { ...F } }'

    assert refusal(document) is None
    with pytest.raises(InvalidDocument, match="Cannot spread fragment 'F' within itself"):
        Documents(SCHEMA, LIMITS, most=10, longest=100_000).document(document)


@pytest.mark.parametrize(
    "document",
    [
        "{ unknown { nodes { id } } }",
        "{ learners { unknown { id } } }",
        "{ ...Unknown }",
        "{ ... on Unknown { id } }",
        "subscription { learners { nodes { id } } }",
        "{ viewer { role { id } } }",
    ],
)
def test_what_the_schema_does_not_know_is_left_to_validation(document: str) -> None:
    assert refusal(document) is None
    with pytest.raises(InvalidDocument) as refused:
        Documents(SCHEMA, LIMITS, most=10, longest=100_000).document(document)
    assert {(error.extensions or {})["code"] for error in refused.value.errors} == {"DOCUMENT_INVALID"}


def test_an_answer_of_too_many_values_is_refused_however_few_its_records_are() -> None:
    """A record can be asked for the same field under a thousand names: each of them is answered."""

    def asking(names: int) -> str:
        return f"{{ learners(first: 1000) {{ nodes {{ {' '.join(f'a{each}: id' for each in range(names))} }} }} }}"

    check_cost(parse(asking(1_000)), SCHEMA, LIMITS)
    with pytest.raises(RequestError, match="values"):
        check_cost(parse(asking(1_001)), SCHEMA, LIMITS)
