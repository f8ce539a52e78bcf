"""Mutations on series enrolments."""

from typing import Any

from portal_api.permissions import MayWithdrawSeriesEnrolments
from portal_api.planner.execution import Completed
from portal_api.resolvers.changes import Selected, change
from portal_api.resolvers.planned import PortalInfo
from portal_api.services import series as series_services
from portal_api.work import Answer, Work


async def withdraw_series_enrolments(info: PortalInfo, given: Any) -> Completed:
    """Answers `withdrawSeriesEnrolments`."""

    selected = Selected.of_ids("sen", given)

    async def body(work: Work) -> Answer:
        return await series_services.withdraw_enrolments(
            work, selected.ids, reason=given.reason, note=given.note or None, expected=selected.expected
        )

    return await change(info, MayWithdrawSeriesEnrolments, given, selected, body)
