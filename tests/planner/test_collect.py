"""Collecting fields: the same keys and nodes, in the same order, as graphql-core collects when it executes."""

from typing import Any

import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    OperationDefinitionNode,
    build_schema,
    execute_sync,
    get_variable_values,
    parse,
    validate,
)

from portal_api.planner.collect import Collector, variable_values

SCHEMA = build_schema("""
    type Query { learner: Learner }
    interface Node { id: Thing }
    type Learner implements Node { id: Thing externalRef: Thing givenName: Thing email: Thing status: Thing version: Thing }
    type Series implements Node { id: Thing title: Thing }
    scalar Thing
""")
GIVEN = {"yes": True, "no": False, "turned": False}


@pytest.mark.parametrize(
    "selection",
    [
        "id externalRef",
        "externalRef id externalRef",
        "a: id b: id id",
        "id ... { status } email",
        "id ... on Learner { status id } email",
        "... on Node { id } email",
        "... on Node { ... on Learner { email } ... on Series { title } id }",
        "...Named email ...Named",
        "... on Node { ...OfNode } ...OfNode",
        "...Outer ...Inner",
        "...Inner ...Outer",
        "id @skip(if: true) email @skip(if: false)",
        "id @include(if: true) email @include(if: false)",
        "id @include(if: true) @skip(if: true) email @include(if: true) @skip(if: false)",
        "id @skip(if: $yes) email @skip(if: $no)",
        "id @include(if: $byDefault) email @include(if: $turned)",
        "...Named @skip(if: $yes) status ...Named",
        "... @include(if: $no) { id } ... on Learner @include(if: $yes) { email }",
        "id @skip(if: true)",
        "__typename a: __typename",
        "id id @skip(if: true) email @include(if: $no) email",
    ],
)
def test_fields_are_collected_as_graphql_core_collects_them(selection: str) -> None:
    document = parse(
        "query ($yes: Boolean!, $no: Boolean!, $byDefault: Boolean = true, $turned: Boolean = true) "
        f"{{ learner {{ {selection} ...Uses @skip(if: true) }} }} "
        "fragment Named on Learner { givenName id } fragment OfNode on Node { id __typename ... on Learner { email } } "
        "fragment Inner on Learner { id email } fragment Outer on Learner { status ...Inner version } "
        "fragment Uses on Learner { ...Named ...OfNode ...Outer id @skip(if: $yes) id @skip(if: $no) "
        "id @skip(if: $byDefault) id @skip(if: $turned) }"
    )
    assert not validate(SCHEMA, document)
    seen: dict[str, list[FieldNode]] = {}

    def resolve(_: Any, info: Any, **__: Any) -> Any:
        if info.parent_type.name == "Learner":
            seen[info.path.key] = info.field_nodes
        return {}

    executed = execute_sync(SCHEMA, document, variable_values=GIVEN, field_resolver=resolve)
    assert executed.data is not None
    collected = _collected(document)

    assert list(collected) == list(executed.data["learner"])
    for key, nodes in seen.items():
        assert all(own is other for own, other in zip(collected[key], nodes, strict=True))


def _collected(document: DocumentNode) -> dict[str, list[FieldNode]]:
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    coerced = get_variable_values(SCHEMA, operations[0].variable_definitions or (), GIVEN)
    assert not isinstance(coerced, list)
    [root] = operations[0].selection_set.selections
    assert isinstance(root, FieldNode)
    learner = SCHEMA.type_map["Learner"]
    assert isinstance(learner, GraphQLObjectType)
    return Collector(SCHEMA, fragments, variable_values(coerced.coerced)).fields(learner, [root])
