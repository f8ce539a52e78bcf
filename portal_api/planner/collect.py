"""Collecting fields: fragments, type conditions, directives and merging, as the specification has it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLAbstractType,
    GraphQLIncludeDirective,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    Visitor,
    get_directive_values,
    get_named_type,
    visit,
)
from graphql.execution.values import VariableValues


def named_type(type_: Any) -> GraphQLNamedType:
    """The named type inside lists and non-nulls."""
    return cast("GraphQLNamedType", get_named_type(type_))


def nullable_type(type_: Any) -> Any:
    """The type inside a non-null: a list or a named type."""
    return cast("Any", type_).of_type if isinstance(type_, GraphQLNonNull) else type_


def variable_values(coerced: Mapping[str, Any]) -> VariableValues:
    """Coerced variables in the form in which graphql-core wants them back."""
    return VariableValues({}, dict(coerced))


class _DirectiveVariables(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        for argument in node.arguments or ():
            if isinstance(argument.value, VariableNode):
                self.names.add(argument.value.name.value)


def directive_variables(document: DocumentNode) -> tuple[str, ...]:
    """The variables that decide `@skip` and `@include`: a plan is kept for each set of their values."""
    visitor = _DirectiveVariables()
    visit(document, visitor)
    return tuple(sorted(visitor.names))


@dataclass(frozen=True)
class Collector:
    """Flattens selection sets for concrete object types."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: VariableValues

    def fields(
        self, type_: GraphQLObjectType, nodes: Iterable[FieldNode | OperationDefinitionNode]
    ) -> dict[str, list[FieldNode]]:
        """The fields selected below `nodes`, by response key, in the order of the answer."""
        collected: dict[str, list[FieldNode]] = {}
        visited: set[str] = set()
        for node in nodes:
            if node.selection_set:
                self._collect(type_, node.selection_set, collected, visited)
        return collected

    def _collect(
        self,
        type_: GraphQLObjectType,
        selections: SelectionSetNode,
        collected: dict[str, list[FieldNode]],
        visited: set[str],
    ) -> None:
        for node in selections.selections:
            if not self._is_included(node):
                continue
            match node:
                case FieldNode():
                    collected.setdefault((node.alias or node.name).value, []).append(node)
                case InlineFragmentNode():
                    if node.type_condition is None or self._applies(type_, node.type_condition.name.value):
                        self._collect(type_, node.selection_set, collected, visited)
                case FragmentSpreadNode():
                    name = node.name.value
                    fragment = self.fragments[name]
                    if name not in visited and self._applies(type_, fragment.type_condition.name.value):
                        visited.add(name)
                        self._collect(type_, fragment.selection_set, collected, visited)
                case _:
                    pass

    def _applies(self, type_: GraphQLObjectType, condition: str) -> bool:
        named = self.schema.type_map[condition]
        return named is type_ or (isinstance(named, GraphQLAbstractType) and self.schema.is_sub_type(named, type_))

    def _is_included(self, node: Node) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, node, self.variables)  # type: ignore[arg-type]  each selection can have directives
        if skip and skip["if"]:
            return False
        include = get_directive_values(GraphQLIncludeDirective, node, self.variables)  # type: ignore[arg-type]  each selection can have directives
        return not include or bool(include["if"])
