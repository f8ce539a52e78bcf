"""The mutation on learners all of whose course enrolments are inactive."""

from typing import Any

from portal_api.permissions.inactive_enrolments import MayDeactivateLearnersWithInactiveEnrolments
from portal_api.planner.execution import Completed
from portal_api.resolvers.changes import Selected, change
from portal_api.resolvers.learners import BilledPayload
from portal_api.resolvers.planned import PortalInfo
from portal_api.services.courses import inactive as services
from portal_api.work import Answer, Work


async def deactivate_learners_with_inactive_enrolments(info: PortalInfo, given: Any) -> Completed:
    """Answers `deactivateLearnersWithInactiveEnrolments`."""

    selected = Selected.of_ids("lrn", given)

    async def body(work: Work) -> Answer:
        return await services.deactivate_with_inactive_enrolments(
            work, selected.ids, reason=given.reason, note=given.note or None, expected=selected.expected
        )

    guard = MayDeactivateLearnersWithInactiveEnrolments
    return await change(info, guard, given, selected, body, payload=BilledPayload)
