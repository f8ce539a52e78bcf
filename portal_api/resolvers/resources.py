"""Mutations on learning resources."""

from typing import Any

from portal_api.permissions import MayCreateResources, MayReinstateResources, MayRetireResources, MayUpdateResource
from portal_api.planner.execution import Completed
from portal_api.planner.filters import parse_id
from portal_api.resolvers.changes import Selected, change, text_given
from portal_api.resolvers.planned import PortalInfo
from portal_api.services import resources as resource_services
from portal_api.services.resources import ResourceInput
from portal_api.work import Answer, Work


async def create_resources(info: PortalInfo, given: Any) -> Completed:
    """Answers `createResources`."""

    rows = [
        ResourceInput(parse_id(row.series_id, "ser") if row.series_id else None, row.title, row.url)
        for row in given.resources
    ]

    async def body(work: Work) -> Answer:
        return await resource_services.create(work, rows)

    return await change(info, MayCreateResources, given, Selected.of_rows("resources", rows), body)


async def update_resource(info: PortalInfo, given: Any) -> Completed:
    """Answers `updateResource`."""

    selected = Selected.of_one("res", given)

    async def body(work: Work) -> Answer:
        return await resource_services.update(
            work, selected.ids[0], title=text_given(given.title), url=text_given(given.url), expected=selected.expected
        )

    return await change(info, MayUpdateResource, given, selected, body)


async def retire_resources(info: PortalInfo, given: Any) -> Completed:
    """Answers `retireResources`."""

    selected = Selected.of_ids("res", given)

    async def body(work: Work) -> Answer:
        return await resource_services.retire(work, selected.ids, expected=selected.expected)

    return await change(info, MayRetireResources, given, selected, body)


async def reinstate_resources(info: PortalInfo, given: Any) -> Completed:
    """Answers `reinstateResources`."""

    selected = Selected.of_ids("res", given)

    async def body(work: Work) -> Answer:
        return await resource_services.reinstate(work, selected.ids, expected=selected.expected)

    return await change(info, MayReinstateResources, given, selected, body)
