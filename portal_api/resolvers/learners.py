"""Mutations on learners."""

from collections.abc import Sequence
from typing import Any

from portal_api.domain.outcomes import RowResult
from portal_api.permissions import MayDeactivateLearners, MayReactivateLearners
from portal_api.planner.execution import Completed
from portal_api.resolvers.changes import Selected, change
from portal_api.resolvers.planned import PortalInfo
from portal_api.services import learners as learner_services
from portal_api.work import Work


async def deactivate_learners(info: PortalInfo, given: Any) -> Completed:
    """Answers `deactivateLearners`."""

    async def body(work: Work, selected: Selected) -> Sequence[RowResult]:
        return await learner_services.deactivate(
            work, selected.ids, reason=given.reason, note=given.note or None, expected=selected.expected
        )

    return await change(info, MayDeactivateLearners, "lrn", given, body)


async def reactivate_learners(info: PortalInfo, given: Any) -> Completed:
    """Answers `reactivateLearners`."""

    async def body(work: Work, selected: Selected) -> Sequence[RowResult]:
        return await learner_services.reactivate(work, selected.ids, expected=selected.expected)

    return await change(info, MayReactivateLearners, "lrn", given, body)
