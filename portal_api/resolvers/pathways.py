"""Mutations on pathways and the enrolments in them."""

from typing import Any

from portal_api.domain.inputs import LONGEST_REFERENCE, text_reasons
from portal_api.permissions import (
    MayCreatePathway,
    MayEnrolInPathway,
    MayReinstatePathways,
    MayRetirePathways,
    MayUpdatePathway,
    MayWithdrawPathwayEnrolments,
)
from portal_api.planner.execution import Completed
from portal_api.planner.filters import parse_id
from portal_api.resolvers.changes import Selected, change, given_or_none
from portal_api.resolvers.planned import PortalInfo
from portal_api.services import pathways as pathway_services
from portal_api.services.pathways import PathwayInput
from portal_api.work import Answer, Work


def _meant(given: Any) -> PathwayInput:
    series_ids: list[str] | None = given_or_none(given.series_ids)
    return PathwayInput(
        external_ref=given_or_none(given.external_ref),
        title=given_or_none(given.title),
        kind=given.kind or None,
        series_ids=None if series_ids is None else [parse_id(text, "ser") for text in series_ids],
    )


async def create_pathway(info: PortalInfo, given: Any) -> Completed:
    """Answers `createPathway`."""

    meant = _meant(given)

    async def body(work: Work) -> Answer:
        return await pathway_services.create(work, meant)

    return await change(info, MayCreatePathway, given, Selected.of_rows("pathway", [given]), body)


async def update_pathway(info: PortalInfo, given: Any) -> Completed:
    """Answers `updatePathway`."""

    selected = Selected.of_one("pth", given)
    meant = _meant(given)

    async def body(work: Work) -> Answer:
        return await pathway_services.update(work, selected.ids[0], meant, expected=selected.expected)

    return await change(info, MayUpdatePathway, given, selected, body)


async def retire_pathways(info: PortalInfo, given: Any) -> Completed:
    """Answers `retirePathways`."""

    selected = Selected.of_ids("pth", given)

    async def body(work: Work) -> Answer:
        return await pathway_services.retire(work, selected.ids, expected=selected.expected)

    return await change(info, MayRetirePathways, given, selected, body)


async def reinstate_pathways(info: PortalInfo, given: Any) -> Completed:
    """Answers `reinstatePathways`."""

    selected = Selected.of_ids("pth", given)

    async def body(work: Work) -> Answer:
        return await pathway_services.reinstate(work, selected.ids, expected=selected.expected)

    return await change(info, MayReinstatePathways, given, selected, body)


async def enrol_in_pathway(info: PortalInfo, given: Any) -> Completed:
    """Answers `enrolInPathway`."""

    selected = Selected.of_ids("lrn", given, "learner_ids")
    pathway_id = parse_id(given.pathway_id, "pth")

    async def body(work: Work) -> Answer:
        return await pathway_services.enrol(
            work,
            pathway_id,
            selected.ids,
            tracking_code=given_or_none(given.tracking_code),
            expected=selected.expected,
        )

    refusals = list(text_reasons(given.tracking_code, "trackingCode", longest=LONGEST_REFERENCE, least=1))
    return await change(info, MayEnrolInPathway, given, selected, body, refusals=refusals)


async def withdraw_pathway_enrolments(info: PortalInfo, given: Any) -> Completed:
    """Answers `withdrawPathwayEnrolments`."""

    selected = Selected.of_ids("pen", given)

    async def body(work: Work) -> Answer:
        return await pathway_services.withdraw_enrolments(
            work, selected.ids, reason=given.reason, note=given.note or None, expected=selected.expected
        )

    return await change(info, MayWithdrawPathwayEnrolments, given, selected, body)
