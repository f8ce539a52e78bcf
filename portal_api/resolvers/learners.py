"""Mutations on learners."""

from typing import Any

from portal_api.permissions import MayDeactivateLearners, MayReactivateLearners
from portal_api.planner.execution import Completed
from portal_api.resolvers.changes import Selected, change
from portal_api.resolvers.planned import PortalInfo
from portal_api.services import learners as learner_services
from portal_api.work import Answer, Work


async def deactivate_learners(info: PortalInfo, given: Any) -> Completed:
    """Answers `deactivateLearners`."""

    selected = Selected.of_ids("lrn", given)

    async def body(work: Work) -> Answer:
        return await learner_services.deactivate(
            work, selected.ids, reason=given.reason, note=given.note or None, expected=selected.expected
        )

    return await change(info, MayDeactivateLearners, given, selected, body)


async def reactivate_learners(info: PortalInfo, given: Any) -> Completed:
    """Answers `reactivateLearners`."""

    selected = Selected.of_ids("lrn", given)

    async def body(work: Work) -> Answer:
        return await learner_services.reactivate(work, selected.ids, expected=selected.expected)

    return await change(info, MayReactivateLearners, given, selected, body)
