"""What a deactivation takes with it: all that its learners are still taking."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from portal_api.domain.series import WithdrawalReason
from portal_api.queries import pathways as pathway_queries
from portal_api.queries import series as series_queries
from portal_api.services import pathways as pathway_services
from portal_api.services import series as series_services
from portal_api.work import Work


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """How many enrolments were withdrawn."""

    series_enrolments: int = 0
    """Those in pathways among them."""
    pathway_enrolments: int = 0


async def withdraw_all(work: Work, causes: Mapping[UUID, UUID]) -> Withdrawn:
    """Withdraws all active enrolments of learners who are being deactivated, in series and in pathways (S3, the list).

    Args:
        work: the transaction of the deactivation; it has locked the learners.
        causes: the history entry of the deactivation, by learner.

    Returns:
        What was withdrawn.
    """
    if not causes:
        return Withdrawn()
    reason = WithdrawalReason.USER_DEACTIVATED
    running = await pathway_queries.running_of_learners(work.connection, work.bound, list(causes))
    pathways = await pathway_services.withdraw_rows(
        work, running, reason=reason, note=None, causes={row.id: causes[row.learner_id] for row in running}
    )
    active = await series_queries.open_of_learners(work.connection, work.bound, list(causes))
    series = await series_services.withdraw_rows(
        work,
        active,
        reason=reason,
        note=None,
        causes={row.id: causes[row.learner_id] for row in active} | pathway_services.causes_of_owned(active, pathways),
    )
    return Withdrawn(len(series), len(pathways))
