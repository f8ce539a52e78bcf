"""The joint with graphql-core: a root field that was answered by a plan is finished, and not executed again."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from graphql import (
    FieldNode,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    get_variable_values,
)
from graphql.pyutils import AwaitableOrValue, Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from portal_api.planner.collect import Collector, variable_values
from portal_api.planner.compile import Compiler
from portal_api.planner.declare import Catalogue, RootValue
from portal_api.planner.dialects import Dialect
from portal_api.planner.documents import Document
from portal_api.planner.roots import Plan, Whole, plan_root
from portal_api.planner.statements import Shelf

MOST_PLANS = 64


@dataclass(frozen=True, slots=True)
class Completed:
    """The finished subtree of a field."""

    data: Any


class PlannedExecutor(StrawberryGraphQLCoreExecutionContext):
    """Takes a finished subtree as it is. `complete_value` is private to graphql-core, which is pinned for its sake."""

    def complete_value(
        self, return_type: Any, field_details_list: Any, info: Any, path: Path, result: Any, position_context: Any
    ) -> AwaitableOrValue[Any]:
        if type(result) is Completed:
            return result.data
        complete = cast("Any", super().complete_value)  # pyright: ignore[reportUnknownMemberType]  graphql-core leaves it untyped
        return complete(return_type, field_details_list, info, path, result, position_context)


@dataclass(frozen=True, slots=True)
class RootField:
    """A root field that is being resolved: all of its merged nodes, and the operation's coerced variables."""

    operation: str | None
    response_key: str
    parent_type: GraphQLObjectType
    nodes: Sequence[FieldNode]
    variables: Mapping[str, Any]


@dataclass(frozen=True)
class Planner:
    """Gives the plan of a root field, compiled at its first use."""

    schema: GraphQLSchema
    catalogue: Catalogue
    dialect: Dialect
    guarded: frozenset[str] = frozenset()
    """The root fields of queries that some roles are refused before anything is read: their resolvers see to it."""
    valued: frozenset[str] = frozenset()
    """The root fields whose Python value is at hand wherever a query is answered."""
    shelf: Shelf = field(default_factory=Shelf)
    ways: Counter[str] = field(default_factory=Counter[str])
    """How many operations went which way: `plans`, or why executed in the ordinary way."""

    def whole(
        self, document: Document, operation: OperationDefinitionNode, given: Mapping[str, Any]
    ) -> tuple[Whole, Mapping[str, Any]] | None:
        """What answers an operation without an executor, and its variables coerced; None for what has to be executed.

        An executor tells what is wrong with variables, so those that do not fit are left to it.
        """
        if operation.operation is not OperationType.QUERY:
            self.ways["change"] += 1
            return None
        variables = get_variable_values(self.schema, operation.variable_definitions or (), dict(given))
        if isinstance(variables, list):
            self.ways["variables do not fit"] += 1
            return None
        decisions = tuple(variables.coerced.get(name) for name in document.directive_variables)
        name = operation.name.value if operation.name else None
        key = (name, decisions)
        if key not in document.wholes:
            if len(document.wholes) >= MOST_PLANS:
                document.wholes.clear()
            document.wholes[key] = self._whole(document, operation, name, variables.coerced)
        whole = document.wholes[key]
        if whole is None:
            self.ways["a value made by a resolver"] += 1
            return None
        return whole, variables.coerced

    def _whole(
        self, document: Document, operation: OperationDefinitionNode, name: str | None, variables: Mapping[str, Any]
    ) -> Whole | None:
        collector = Collector(self.schema, document.fragments, variable_values(variables))
        query = cast("GraphQLObjectType", self.schema.query_type)
        fields = collector.fields(query, [operation])
        names = {key: nodes[0].name.value for key, nodes in fields.items()}
        if not all(map(self._is_planned, names.values())):
            return None
        plans = {
            key: self.plan(document, RootField(name, key, query, nodes, variables)) for key, nodes in fields.items()
        }
        return Whole({key: (names[key], plan) for key, plan in plans.items()})

    def _is_planned(self, name: str) -> bool:
        root = self.catalogue.roots.get(f"Query.{name}")
        has_value = not isinstance(root, RootValue) or name in self.valued
        return root is not None and has_value and name not in self.guarded

    def plan(self, document: Document, field: RootField) -> Plan:
        """The plan for a root field."""
        decisions = tuple(field.variables.get(name) for name in document.directive_variables)
        key = (field.operation, field.response_key, decisions)
        plan = document.plans.get(key)
        if plan is None:
            if len(document.plans) >= MOST_PLANS:
                document.plans.clear()
            collector = Collector(self.schema, document.fragments, variable_values(field.variables))
            compiler = Compiler(self.schema, self.catalogue, self.dialect, collector, self.shelf)
            plan = document.plans[key] = plan_root(compiler, field.parent_type, field.nodes)
        return plan
