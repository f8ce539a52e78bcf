"""The root of every read: its plan, run for the viewer."""

from typing import Any, TypeAlias

from strawberry.types import Info

from portal_api.context import Context
from portal_api.database import Reader
from portal_api.planner.compile import Plan
from portal_api.planner.execution import Completed

PortalInfo: TypeAlias = Info[Context, None]


def plan_of(info: PortalInfo) -> Plan:
    """The plan of the root field that is being resolved."""
    return info.context.planner.plan(info.context.document, info._raw_info)  # noqa: SLF001  Strawberry offers no other way to it


async def planned(info: PortalInfo, value: Any = None, reader: Reader | None = None) -> Completed:
    """Answers a root field by its plan; `value` is the Python object of a root that has one."""
    context = info.context
    steps = plan_of(info).steps(context.run(info.variable_values), value)
    return Completed(await (reader or context.database.reader).run(steps))
