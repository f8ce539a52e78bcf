"""The joint with graphql-core: a root field that was answered by a plan is finished, and not executed again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from graphql import FieldNode, GraphQLObjectType, GraphQLSchema
from graphql.pyutils import AwaitableOrValue, Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from portal_api.planner.collect import Collector, variable_values
from portal_api.planner.compile import Compiler
from portal_api.planner.declare import Catalogue
from portal_api.planner.dialects import Dialect
from portal_api.planner.documents import Document
from portal_api.planner.roots import Plan, plan_root

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

    def plan(self, document: Document, field: RootField) -> Plan:
        """The plan for a root field."""
        decisions = tuple(field.variables.get(name) for name in document.directive_variables)
        key = (field.operation, field.response_key, decisions)
        plan = document.plans.get(key)
        if plan is None:
            if len(document.plans) >= MOST_PLANS:
                document.plans.clear()
            collector = Collector(self.schema, document.fragments, variable_values(field.variables))
            compiler = Compiler(self.schema, self.catalogue, self.dialect, collector)
            plan = document.plans[key] = plan_root(compiler, field.parent_type, field.nodes)
        return plan
