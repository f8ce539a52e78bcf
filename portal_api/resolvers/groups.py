"""Mutations on groups."""

from typing import Any

from portal_api.permissions import MayCreateGroup, MayReinstateGroups, MayRetireGroups, MayUpdateGroup
from portal_api.planner.execution import Completed
from portal_api.queries.groups import Condition
from portal_api.resolvers.changes import Selected, change, given_or_none
from portal_api.resolvers.planned import PortalInfo
from portal_api.services import groups as group_services
from portal_api.work import Answer, Work


async def create_group(info: PortalInfo, given: Any) -> Completed:
    """Answers `createGroup`."""

    conditions = _conditions(given.conditions)

    async def body(work: Work) -> Answer:
        return await group_services.create(work, name=given.name, conditions=conditions)

    refusals = [*group_services.group_reasons(given.name, conditions)]
    return await change(info, MayCreateGroup, given, Selected("input", 1), body, refusals=refusals)


async def update_group(info: PortalInfo, given: Any) -> Completed:
    """Answers `updateGroup`."""

    selected = Selected.of_one("grp", given)
    name, tests = given_or_none(given.name), given_or_none(given.conditions)
    conditions = None if tests is None else _conditions(tests)

    async def body(work: Work) -> Answer:
        return await group_services.update(
            work, selected.ids, name=name, conditions=conditions, expected=selected.expected
        )

    refusals = [*group_services.group_reasons(name, conditions)]
    return await change(info, MayUpdateGroup, given, selected, body, refusals=refusals)


async def retire_groups(info: PortalInfo, given: Any) -> Completed:
    """Answers `retireGroups`."""

    selected = Selected.of_ids("grp", given)

    async def body(work: Work) -> Answer:
        return await group_services.retire(work, selected.ids, expected=selected.expected)

    return await change(info, MayRetireGroups, given, selected, body)


async def reinstate_groups(info: PortalInfo, given: Any) -> Completed:
    """Answers `reinstateGroups`."""

    selected = Selected.of_ids("grp", given)

    async def body(work: Work) -> Answer:
        return await group_services.reinstate(work, selected.ids, expected=selected.expected)

    return await change(info, MayReinstateGroups, given, selected, body)


def _conditions(given: Any) -> list[Condition]:
    return [Condition(each.attribute, tuple(each.values)) for each in given]
