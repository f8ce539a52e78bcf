"""Mutations on users."""

from collections.abc import Sequence
from typing import Any

from portal_api.domain.roles import Role
from portal_api.permissions import (
    Guard,
    MayAssignRole,
    MayCreateIntegrations,
    MayCreateUsers,
    MayLinkLearner,
    MayRemoveRole,
)
from portal_api.planner.execution import Completed
from portal_api.planner.filters import parse_id
from portal_api.resolvers.changes import Selected, change, given_or_none
from portal_api.resolvers.planned import PortalInfo
from portal_api.services import users as user_services
from portal_api.services.users import NewUser
from portal_api.work import Answer, Work


async def create_users(info: PortalInfo, given: Any) -> Completed:
    """Answers `createUsers`."""

    new = [
        NewUser(
            given_or_none(each.external_ref),
            each.name,
            each.email,
            each.role,
            parse_id(each.learner_id, "lrn") if each.learner_id else None,
        )
        for each in given.users
    ]
    return await _created(info, MayCreateUsers, given, "users", new)


async def create_integrations(info: PortalInfo, given: Any) -> Completed:
    """Answers `createIntegrations`."""

    new = [
        NewUser(
            given_or_none(each.external_ref), each.name, given_or_none(each.email), Role.INTEGRATION, is_machine=True
        )
        for each in given.integrations
    ]
    return await _created(info, MayCreateIntegrations, given, "integrations", new)


async def _created(info: PortalInfo, guard: type[Guard], given: Any, place: str, new: Sequence[NewUser]) -> Completed:
    async def body(work: Work) -> Answer:
        return await user_services.create(work, place, new)

    return await change(info, guard, given, Selected.of_rows(place, new), body)


async def assign_role(info: PortalInfo, given: Any) -> Completed:
    """Answers `assignRole`."""

    selected = Selected.of_one("usr", given)

    async def body(work: Work) -> Answer:
        return await user_services.assign_role(work, selected.ids, role=given.role, expected=selected.expected)

    return await change(info, MayAssignRole, given, selected, body)


async def remove_role(info: PortalInfo, given: Any) -> Completed:
    """Answers `removeRole`."""

    selected = Selected.of_one("usr", given)

    async def body(work: Work) -> Answer:
        return await user_services.remove_role(work, selected.ids, expected=selected.expected)

    return await change(info, MayRemoveRole, given, selected, body)


async def link_learner(info: PortalInfo, given: Any) -> Completed:
    """Answers `linkLearner`."""

    selected = Selected.of_one("usr", given)
    learner_id = parse_id(given.learner_id, "lrn") if given.learner_id else None

    async def body(work: Work) -> Answer:
        return await user_services.link_learner(work, selected.ids, learner_id=learner_id, expected=selected.expected)

    return await change(info, MayLinkLearner, given, selected, body)
