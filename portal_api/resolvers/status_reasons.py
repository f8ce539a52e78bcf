"""Mutations on the reasons for statuses."""

from typing import Any

from portal_api.permissions.courses import MayAddStatusReasons, MayReinstateStatusReasons, MayRetireStatusReasons
from portal_api.planner.execution import Completed
from portal_api.resolvers.changes import Selected, change
from portal_api.resolvers.planned import PortalInfo
from portal_api.services.courses import reasons
from portal_api.work import Answer, Work


async def add_status_reasons(info: PortalInfo, given: Any) -> Completed:
    """Answers `addStatusReasons`."""

    titles = [row.title for row in given.reasons]

    async def body(work: Work) -> Answer:
        return await reasons.add(work, titles)

    return await change(info, MayAddStatusReasons, given, Selected.of_rows(reasons.PLACE, titles), body)


async def retire_status_reasons(info: PortalInfo, given: Any) -> Completed:
    """Answers `retireStatusReasons`."""

    selected = Selected.of_ids("srn", given)

    async def body(work: Work) -> Answer:
        return await reasons.retire(work, selected.ids, expected=selected.expected)

    return await change(info, MayRetireStatusReasons, given, selected, body)


async def reinstate_status_reasons(info: PortalInfo, given: Any) -> Completed:
    """Answers `reinstateStatusReasons`."""

    selected = Selected.of_ids("srn", given)

    async def body(work: Work) -> Answer:
        return await reasons.reinstate(work, selected.ids, expected=selected.expected)

    return await change(info, MayReinstateStatusReasons, given, selected, body)
