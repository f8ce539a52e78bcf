"""Mutations on exports."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, cast

import orjson

from portal_api.domain.courses.outcomes import Outcome
from portal_api.domain.exports import ExportList
from portal_api.domain.inputs import invalid
from portal_api.models.base import instant_text
from portal_api.permissions import MayRequestExport
from portal_api.permissions.exports import check_export
from portal_api.planner.conditions import read_filter
from portal_api.planner.execution import Completed
from portal_api.planner.names import camel
from portal_api.planner.paging import order_of
from portal_api.resolvers.changes import Selected, change
from portal_api.resolvers.planned import PortalInfo, asked_of
from portal_api.services import exports as export_services
from portal_api.work import Answer, Work

LISTS = {camel(list_): list_ for list_ in ExportList}
"""The lists, by the names of their root fields."""


async def request_export(info: PortalInfo, given: Any) -> Completed:
    """Answers `requestExport`.

    Raises:
        RequestError: for a list that the role may not read, and a filter or an order that the list itself would not take.
    """
    asked = asked_of(info)["input"]
    chosen = [name for name in LISTS if asked.get(name) is not None]
    if len(chosen) != 1:
        offered = ", ".join(f"`{name}`" for name in LISTS)
        refusals = [invalid(f"Give exactly one list to export: one of {offered}. {len(chosen)} were given.")]
        return await change(
            info, MayRequestExport, given, Selected.of_rows("input", [given]), _nothing, refusals=refusals
        )
    [name] = chosen
    check_export(info.context.known_viewer, LISTS[name])
    arguments = asked[name]
    _check(info, name, arguments)
    packed = orjson.dumps(_as_given(arguments)).decode()

    async def body(work: Work) -> Answer:
        return await export_services.request_export(work, LISTS[name], packed)

    return await change(info, MayRequestExport, given, Selected.of_rows(name, [arguments]), body)


async def _nothing(_: Work) -> Answer:
    return Answer()


def _check(info: PortalInfo, name: str, arguments: Mapping[str, Any]) -> None:
    """Refuses now what the list would refuse later, when nobody is there to be told."""
    context = info.context
    catalogue = context.planner.catalogue
    source = catalogue.sources[cast("Any", catalogue.roots[f"Query.{name}"]).type]
    read_filter(source, context.planner.dialect, context.run(info.variable_values), arguments.get("filter"))
    order_of(source, arguments.get("orderBy"))


def _as_given(value: Any) -> Any:
    """A coerced input as a client would write it in JSON."""
    match value:
        case Outcome():  # a scalar: clients know it by its code
            return value.value
        case StrEnum():
            return value.name
        case datetime():
            return instant_text(value)
        case date():
            return value.isoformat()
        case Mapping():
            return {name: _as_given(each) for name, each in cast("Mapping[str, Any]", value).items()}
        case list():
            return [_as_given(each) for each in cast("list[Any]", value)]
        case _:
            return value
