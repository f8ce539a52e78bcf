"""What a document may ask for at the most, reckoned before it is validated: one walk, each fragment once."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from portal_api.domain.refusals import ErrorCode
from portal_api.planner.collect import named_type, nullable_type
from portal_api.planner.declare import MOST_AT_ROOT, MOST_BELOW
from portal_api.planner.errors import RequestError
from portal_api.planner.paging import DEFAULT_PAGE


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one document may ask for."""

    nodes: int
    depth: int
    roots: int
    list_sizes: Mapping[str, int]
    """How many records a list field without pages can have, by `Type.field`."""
    page_sizes: Mapping[str, int] = field(default_factory=dict[str, int])
    """How many records or groups a list or a facet under a value can have, by `Type.field`."""
    costs: Mapping[str, int] = field(default_factory=dict[str, int])
    """How many records' worth of work a field is beside the records that it answers with, by `Type.field`."""
    comparisons: int = 250_000
    """Pairs of fields with one response name, which validation compares with one another."""
    values: int = 1_000_000
    """Values that an answer can have, the same field under several names counted each time."""
    fragments: int = 300
    """Fragments, all of which validation may compare with one another."""


class Cost(NamedTuple):
    """The cost of a selection set: records, levels, fields, and values that all of these answer with."""

    nodes: int = 0
    depth: int = 0
    fields: int = 0
    values: int = 0


def check_cost(document: DocumentNode, schema: GraphQLSchema, limits: Limits) -> None:
    """Refuses a document that asks for too much.

    Raises:
        RequestError: `QUERY_TOO_COSTLY`, saying which limit it breaks.
    """
    walk = _Walk(schema, limits)
    for definition in document.definitions:
        if isinstance(definition, FragmentDefinitionNode):
            walk.fragments[definition.name.value] = definition
    walk.check("fragments", len(walk.fragments), limits.fragments)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            root = schema.get_root_type(definition.operation)
            cost = walk.cost(definition.selection_set, root, is_root=True)
            walk.check("root fields", cost.fields, limits.roots)
            walk.check("records", cost.nodes, limits.nodes)
            walk.check("levels", cost.depth, limits.depth)
            walk.check("values", cost.values, limits.values)
    walk.check("pairs of like fields", sum(times * times for times in walk.names.values()), limits.comparisons)


@dataclass
class _Walk:
    schema: GraphQLSchema
    limits: Limits
    fragments: dict[str, FragmentDefinitionNode] = field(default_factory=dict[str, FragmentDefinitionNode])
    known: dict[tuple[str, bool], Cost] = field(default_factory=dict[tuple[str, bool], Cost])
    names: Counter[str] = field(default_factory=Counter[str])

    @staticmethod
    def check(what: str, asked: int, most: int) -> None:
        if asked > most:
            shown = str(asked) if asked < 10**12 else "more than can be counted"
            raise RequestError(
                ErrorCode.QUERY_TOO_COSTLY,
                f"The document asks for too many {what}: {shown}, where {most} are allowed. "
                "Ask for smaller pages, or in several documents.",
            )

    def cost(self, selections: SelectionSetNode, type_: GraphQLNamedType | None, *, is_root: bool) -> Cost:
        total = Cost()
        spread: set[str] = set()
        for node in selections.selections:
            match node:
                case FieldNode():
                    own = self._field(node, type_, is_root=is_root)
                case InlineFragmentNode():
                    condition = node.type_condition
                    inner = self.schema.type_map.get(condition.name.value) if condition else type_
                    own = self.cost(node.selection_set, inner, is_root=is_root)
                case FragmentSpreadNode():
                    own = self._fragment(node.name.value, is_root=is_root)
                    if node.name.value in spread:
                        own = own._replace(values=0)  # the same fields again are answered once
                    spread.add(node.name.value)
                case _:
                    own = Cost()
            total = Cost(
                total.nodes + own.nodes,
                max(total.depth, own.depth),
                total.fields + own.fields,
                total.values + own.values,
            )
        return total

    def _fragment(self, name: str, *, is_root: bool) -> Cost:
        key = (name, is_root)
        if key not in self.known:
            self.known[key] = Cost()  # a fragment that spreads itself: validation says so
            fragment = self.fragments.get(name)
            if fragment:
                type_ = self.schema.type_map.get(fragment.type_condition.name.value)
                self.known[key] = self.cost(fragment.selection_set, type_, is_root=is_root)
        return self.known[key]

    def _field(self, node: FieldNode, type_: GraphQLNamedType | None, *, is_root: bool) -> Cost:
        self.names[(node.alias or node.name).value] += 1
        name = node.name.value
        definition = type_.fields.get(name) if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) else None
        if type_ is None or definition is None or node.selection_set is None:
            if node.selection_set is not None:
                # For the names in it, which validation compares all the same; for introspection it has a rule of its own.
                self.cost(node.selection_set, None, is_root=False)
            return Cost(depth=1, fields=1, values=1)
        target = named_type(definition.type)
        below = self.cost(node.selection_set, target, is_root=False)
        most = self._declared_size(type_, name)
        if "first" in definition.args or most is not None:
            size = self._page_size(node, definition, most or (MOST_AT_ROOT if is_root else MOST_BELOW))
            nodes = self.limits.costs.get(f"{type_.name}.{name}", 0) + size * max(1, below.nodes)
        else:
            size = self.limits.list_sizes.get(f"{type_.name}.{name}", 1)
            nodes = size * (below.nodes + self._is_record(target))
        return Cost(nodes, below.depth + 1, 1, size * below.values)

    def _declared_size(self, type_: GraphQLNamedType, name: str) -> int | None:
        """The size of a list or facet under a value; the largest, where an interface stands for several types."""
        types = self.schema.get_possible_types(type_) if isinstance(type_, GraphQLInterfaceType) else (type_,)
        places = [f"{each.name}.{name}" for each in types]
        return max((self.limits.page_sizes[each] for each in places if each in self.limits.page_sizes), default=None)

    @staticmethod
    def _page_size(node: FieldNode, definition: GraphQLField, most: int) -> int:
        is_facet = isinstance(nullable_type(cast("Any", definition).type), GraphQLList)
        usual: Any = definition.args["first"].default_value if "first" in definition.args else None
        size = most if is_facet else min(usual if isinstance(usual, int) else DEFAULT_PAGE, most)
        for argument in node.arguments or ():
            if argument.name.value in ("first", "last") and argument.name.value in definition.args:
                value = argument.value
                # Never less than nothing: a negative page would make room for others. Cut, since Python reads no number
                # of thousands of digits.
                size = min(max(int(value.value[:12]), 0), most) if isinstance(value, IntValueNode) else most
        return size

    def _is_record(self, type_: GraphQLNamedType) -> bool:
        node = self.schema.type_map.get("Node")
        return type_ is node or (
            isinstance(type_, GraphQLObjectType) and isinstance(node, GraphQLInterfaceType) and node in type_.interfaces
        )
