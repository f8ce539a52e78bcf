"""The viewer: who asks, in which organisation, within which limits."""

from dataclasses import dataclass, field
from uuid import UUID

from portal_api.domain.roles import Role
from portal_api.planner.declare import MOST_AT_ROOT, MOST_BELOW
from portal_api.planner.execution import Completed
from portal_api.resolvers.changes import MOST_ROWS
from portal_api.resolvers.planned import PortalInfo, planned


@dataclass(frozen=True, slots=True)
class LimitsValue:
    """How much one call may ask for."""

    records_per_change: int = MOST_ROWS
    page_size: int = MOST_AT_ROOT
    nested_page_size: int = MOST_BELOW


@dataclass(frozen=True, slots=True)
class ViewerValue:
    """What a plan reads of the viewer."""

    role: Role
    organisation_id: UUID
    user_id: UUID
    learner_id: UUID | None
    limits: LimitsValue = field(default_factory=LimitsValue)


async def viewer(info: PortalInfo) -> Completed:
    """Answers `viewer`."""
    asking = info.context.known_viewer
    value = ViewerValue(asking.role, asking.organisation_id, asking.user_id, asking.learner_id)
    return await planned(info, value)
