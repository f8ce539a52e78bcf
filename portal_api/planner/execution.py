"""The joint with graphql-core: a root field that was answered by a plan is finished, and not executed again."""

from dataclasses import dataclass
from typing import Any

from graphql import GraphQLOutputType, GraphQLResolveInfo, GraphQLSchema
from graphql.execution.executor import FieldDetailsList
from graphql.pyutils import AwaitableOrValue, Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from portal_api.planner.collect import Collector, variable_values
from portal_api.planner.compile import Compiler, Plan
from portal_api.planner.declare import Catalogue
from portal_api.planner.dialects import Dialect
from portal_api.planner.documents import Document

MOST_PLANS = 64


@dataclass(frozen=True, slots=True)
class Completed:
    """The finished subtree of a field."""

    data: Any


class PlannedExecutor(StrawberryGraphQLCoreExecutionContext):
    """Takes a finished subtree as it is. `complete_value` is private to graphql-core, which is pinned for its sake."""

    def complete_value(
        self,
        return_type: GraphQLOutputType,
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo,
        path: Path,
        result: Any,
        position_context: Any,
    ) -> AwaitableOrValue[Any]:
        if type(result) is Completed:
            return result.data
        return super().complete_value(return_type, field_details_list, info, path, result, position_context)


@dataclass(frozen=True)
class Planner:
    """Gives the plan of a root field, compiled at its first use."""

    schema: GraphQLSchema
    catalogue: Catalogue
    dialect: Dialect

    def plan(self, document: Document, info: GraphQLResolveInfo) -> Plan:
        """The plan for the field that is being resolved."""
        operation = info.operation.name.value if info.operation.name else None
        decisions = tuple(info.variable_values.get(name) for name in document.directive_variables)
        key = (operation, info.path.key, decisions)
        plan = document.plans.get(key)
        if plan is None:
            if len(document.plans) >= MOST_PLANS:
                document.plans.clear()
            collector = Collector(self.schema, document.fragments, variable_values(info.variable_values))
            compiler = Compiler(self.schema, self.catalogue, self.dialect, collector)
            plan = document.plans[key] = compiler.plan(info.parent_type, info.field_nodes)
        return plan
