"""Documents are prepared once and kept with their plans; what cannot be run is refused with every reason."""

from typing import Any

import pytest
from graphql import FieldNode, GraphQLError

from portal_api.planner.cost import Limits
from portal_api.planner.dialects import SqliteDialect
from portal_api.planner.documents import MOST_ERRORS, Document, Documents, InvalidDocument
from portal_api.planner.errors import RequestError
from portal_api.planner.execution import MOST_PLANS, Planner, RootField
from portal_api.planner.roots import Plan
from portal_api.queries.catalogue import CATALOGUE
from portal_api.schema import executable_schema
from tests.effort import calls_of_at_most

SCHEMA = executable_schema()


def documents(*, most: int = 10, longest: int = 100_000) -> Documents:
    return Documents(SCHEMA, Limits(nodes=20_000, depth=12, roots=100, list_sizes={}), most=most, longest=longest)


def refusals(text: str) -> list[GraphQLError]:
    with pytest.raises(InvalidDocument) as refused:
        documents().document(text)
    return refused.value.errors


def codes(errors: list[GraphQLError]) -> set[Any]:
    return {(error.extensions or {})["code"] for error in errors}


def test_a_document_is_prepared_once() -> None:
    own = documents()

    assert own.document("{ viewer { role } }") is own.document("{ viewer { role } }")
    assert own.document("{ viewer { role } }") is not own.document("{ viewer  { role } }")


def test_the_document_that_was_not_used_for_longest_makes_room() -> None:
    own = documents(most=2)
    first, second = own.document("{ a: __typename }"), own.document("{ b: __typename }")

    assert own.document("{ a: __typename }") is first
    own.document("{ c: __typename }")

    assert own.document("{ a: __typename }") is first
    assert own.document("{ b: __typename }") is not second


def test_a_document_that_cannot_be_run_takes_no_place() -> None:
    own = documents(most=1)
    first = own.document("{ a: __typename }")

    with pytest.raises(InvalidDocument):
        own.document("{ nonsense }")

    assert own.document("{ a: __typename }") is first


def test_a_document_that_is_too_long_is_refused_unread() -> None:
    with pytest.raises(InvalidDocument) as refused:
        documents(longest=20).document("{ viewer { role } nonsense ")

    assert codes(refused.value.errors) == {"QUERY_TOO_COSTLY"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "{",
        "{ viewer }",
        "{ nonsense }",
        "query { viewer { role(x: 1) } }",
        "{ a: viewer { role } a: __typename }",
    ],
)
def test_what_does_not_parse_or_fit_the_schema_is_refused_with_a_code(text: str) -> None:
    assert codes(refusals(text)) == {"DOCUMENT_INVALID"}


def test_every_reason_is_told_up_to_a_limit() -> None:
    assert len(refusals("{ one two three }")) == 3
    assert len(refusals(f"{{ {' '.join(f'f{number}' for number in range(60))} }}")) <= MOST_ERRORS + 1


@pytest.mark.parametrize(
    "text",
    [
        f"{{ {'viewer { ' * 400}role{' }' * 401}",
        f"{{ {'a { ' * 7_000}",
        f"{{ learners(filter: {'{a: ' * 7_000}1{'}' * 7_000}) {{ totalCount }} }}",
        f"{{ {'... { ' * 3_000}__typename{' }' * 3_001}",
        f"{{ learners(first: {'9' * 5_000}) {{ totalCount }} }}",
        f"{{ learners(last: -{'9' * 5_000}) {{ totalCount }} }}",
        f"query ($a: {'[' * 5_000}ID{']' * 5_000}) {{ __typename }}",
        f"{{ learners(orderBy: {'[' * 5_000}) {{ totalCount }} }}",
        "{ " + "a " * 20_000 + "}",
    ],
)
def test_what_is_nested_or_repeated_beyond_reason_is_refused_at_once(text: str) -> None:
    with calls_of_at_most(2_000_000):
        assert codes(refusals(text)) <= {"QUERY_TOO_COSTLY", "DOCUMENT_INVALID"}


def test_introspection_may_not_go_round_in_circles() -> None:
    fields = "fields { type { fields { type { fields { type { fields { name } } } } } } }"

    assert codes(refusals(f"{{ __schema {{ types {{ {fields} }} }} }}")) == {"DOCUMENT_INVALID"}


@pytest.mark.parametrize(
    ("text", "name", "chosen"),
    [
        ("{ __typename }", None, None),
        ("query A { __typename }", None, "A"),
        ("query A { __typename }", "A", "A"),
        ("query A { __typename } query B { __typename }", "B", "B"),
        ("query A { __typename } fragment F on Query { __typename } query B { ...F }", "B", "B"),
    ],
)
def test_the_operation_is_the_one_that_is_named_or_the_only_one(
    text: str, name: str | None, chosen: str | None
) -> None:
    operation = documents().document(text).operation(name)

    assert (operation.name.value if operation.name else None) == chosen


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("{ __typename }", "A"),
        ("query A { __typename }", "B"),
        ("query A { __typename } query B { __typename }", None),
        ("query A { __typename } query B { __typename }", "C"),
        ("query A { __typename }", ""),
    ],
)
def test_without_a_clear_choice_the_operations_are_named(text: str, name: str | None) -> None:
    with pytest.raises(RequestError) as refused:
        documents().document(text).operation(name)

    assert refused.value.code.name == "REQUEST_INVALID"


def test_the_root_fields_are_found_through_fragments_and_under_aliases() -> None:
    document = documents().document(
        "{ a: viewer { role } ... on Query { learners { totalCount } ...F } ...F } "
        "fragment F on Query { __typename ... { series(id: null) { id } } }"
    )

    assert document.root_fields(document.operation(None)) == {"viewer", "learners", "__typename", "series"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("{ __typename }", ()),
        ("query ($n: Int) { learners(first: $n) { totalCount } }", ()),
        ("query ($b: Boolean!, $a: Boolean!) { __typename @skip(if: $b) @include(if: $a) }", ("a", "b")),
        ("query ($a: Boolean!) { ...F @skip(if: $a) } fragment F on Query { __typename @skip(if: $a) }", ("a",)),
        ("{ __typename @skip(if: true) }", ()),
    ],
)
def test_the_variables_that_decide_over_fields_are_known(text: str, names: tuple[str, ...]) -> None:
    assert documents().document(text).directive_variables == names


def plan_of(document: Document, key: str, *, operation: str | None = None, **variables: Any) -> Plan:
    planner = Planner(SCHEMA, CATALOGUE, SqliteDialect())
    assert SCHEMA.query_type
    nodes = [
        node
        for node in document.operation(operation).selection_set.selections
        if isinstance(node, FieldNode) and (node.alias or node.name).value == key
    ]
    return planner.plan(document, RootField(operation, key, SCHEMA.query_type, nodes, variables))


def test_a_plan_is_made_once_for_each_root_field_and_each_decision() -> None:
    document = documents().document(
        "query ($a: Boolean!, $n: Int) { one: learners(first: $n) { nodes { id @skip(if: $a) } } two: learners { totalCount } }"
    )
    plan = plan_of(document, "one", a=True, n=1)

    assert plan_of(document, "one", a=True, n=2) is plan
    assert plan_of(document, "one", a=False, n=1) is not plan
    assert plan_of(document, "two", a=True) is not plan


def test_operations_of_one_document_have_plans_of_their_own() -> None:
    document = documents().document(
        "query A { x: viewer { role } } query B { x: stateMachine(kind: LEARNER) { kind } }"
    )

    assert plan_of(document, "x", operation="A") is not plan_of(document, "x", operation="B")


def test_a_document_keeps_so_many_plans_and_no_more() -> None:
    switches = [f"s{number}" for number in range(7)]
    declared = ", ".join(f"${name}: Boolean!" for name in switches)
    fields = " ".join(f"{name}: externalRef @skip(if: ${name})" for name in switches)
    document = documents().document(f"query ({declared}) {{ learner(id: null) {{ {fields} id }} }}")

    for number in range(2**7):
        decisions: dict[str, Any] = {name: bool(number >> place & 1) for place, name in enumerate(switches)}
        plan_of(document, "learner", **decisions)

    assert 0 < len(document.plans) <= MOST_PLANS
