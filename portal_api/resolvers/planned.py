"""The root of every read: its plan, run for the viewer."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from graphql import get_argument_values
from strawberry.types import Info

from portal_api.context import Context
from portal_api.planner.collect import variable_values
from portal_api.planner.execution import Completed, RootField
from portal_api.planner.roots import Plan

PortalInfo: TypeAlias = Info[Context, None]


def _raw(info: PortalInfo) -> Any:
    """What graphql-core tells of the field."""
    return info._raw_info  # noqa: SLF001  # pyright: ignore[reportPrivateUsage, reportUnknownMemberType, reportUnknownVariableType]  Strawberry offers no other way to it


def plan_of(info: PortalInfo) -> Plan:
    """The plan of the root field that is being resolved."""
    raw = _raw(info)
    operation = raw.operation.name.value if raw.operation.name else None
    field = RootField(operation, raw.path.key, raw.parent_type, raw.field_nodes, info.variable_values)
    return info.context.planner.plan(info.context.document, field)


def asked_of(info: PortalInfo) -> Mapping[str, Any]:
    """The arguments of the root field that is being resolved, coerced, by the names that clients know."""
    raw = _raw(info)
    definition = raw.parent_type.fields[raw.field_name]
    return get_argument_values(definition, raw.field_nodes[0], variable_values(info.variable_values))


async def planned(info: PortalInfo, value: Any = None) -> Completed:
    """Answers a root field by its plan; `value` is the Python object of a root that has one."""
    context = info.context
    plan, run = plan_of(info), context.run(info.variable_values)
    return Completed(await context.read(lambda: plan.steps(run, value)))
