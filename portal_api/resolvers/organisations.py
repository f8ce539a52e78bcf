"""The viewer: who asks, in which organisation, within which limits; and mutations on organisations."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from portal_api.context import Context
from portal_api.domain.roles import Role
from portal_api.permissions import MayUpdateOrganisation
from portal_api.planner.declare import MOST_AT_ROOT, MOST_BELOW
from portal_api.planner.execution import Completed
from portal_api.resolvers.changes import MOST_ROWS, Selected, change, given_or_none
from portal_api.resolvers.planned import PortalInfo, planned
from portal_api.services import organisations as organisation_services
from portal_api.work import Answer, Work


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


def viewer_value(context: Context) -> ViewerValue:
    """What a plan reads of whoever asks."""
    asking = context.known_viewer
    return ViewerValue(asking.role, asking.organisation_id, asking.user_id, asking.learner_id)


async def viewer(info: PortalInfo) -> Completed:
    """Answers `viewer`."""
    return await planned(info, viewer_value(info.context))


async def update_organisation(info: PortalInfo, given: Any) -> Completed:
    """Answers `updateOrganisation`."""

    selected = Selected.of_one("org", given)
    name, time_zone = given_or_none(given.name), given_or_none(given.time_zone)
    has_reconnect_stage = given_or_none(given.has_reconnect_stage)

    async def body(work: Work) -> Answer:
        return await organisation_services.update(
            work,
            selected.ids,
            name=name,
            time_zone=time_zone,
            has_reconnect_stage=has_reconnect_stage,
            expected=selected.expected,
        )

    refusals = [*organisation_services.settings_reasons(name, time_zone)]
    return await change(info, MayUpdateOrganisation, given, selected, body, refusals=refusals)
