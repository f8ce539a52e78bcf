"""Mutations on learners."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from portal_api.domain.outcomes import Counts
from portal_api.domain.refusals import Reason
from portal_api.permissions import MayDeactivateLearners, MayReactivateLearners
from portal_api.planner.execution import Completed
from portal_api.resolvers.changes import Payload, Result, Selected, change
from portal_api.resolvers.planned import PortalInfo
from portal_api.services import learners as learner_services
from portal_api.services.withdrawals import Withdrawn
from portal_api.work import Answer, Work


@dataclass(frozen=True, slots=True)
class DeactivationPayload(Payload):
    """The payload of a deactivation: also how many enrolments went with it."""

    withdrawn: Withdrawn

    @classmethod
    def of(
        cls,
        results: Sequence[Result],
        counts: Counts,
        errors: Sequence[Reason],
        told: Mapping[str, Any],
        **preview: bool,
    ) -> Self:
        return cls(results, counts, errors, **preview, withdrawn=Withdrawn(**told.get("withdrawn", {})))


async def deactivate_learners(info: PortalInfo, given: Any) -> Completed:
    """Answers `deactivateLearners`."""

    selected = Selected.of_ids("lrn", given)

    async def body(work: Work) -> Answer:
        return await learner_services.deactivate(
            work,
            selected.ids,
            reason=given.reason,
            note=given.note or None,
            withdraw_all=given.withdraw_all,
            expected=selected.expected,
        )

    return await change(info, MayDeactivateLearners, given, selected, body, payload=DeactivationPayload)


async def reactivate_learners(info: PortalInfo, given: Any) -> Completed:
    """Answers `reactivateLearners`."""

    selected = Selected.of_ids("lrn", given)

    async def body(work: Work) -> Answer:
        return await learner_services.reactivate(work, selected.ids, expected=selected.expected)

    return await change(info, MayReactivateLearners, given, selected, body)
