"""Mutations on certifications and their versions."""

from typing import Any

from portal_api.domain.certifications import StepContent, VersionContent
from portal_api.permissions import (
    MayCreateCertification,
    MayDraftCertificationVersion,
    MayPublishCertificationVersion,
    MayReinstateCertifications,
    MayRetireCertifications,
    MayRetireCertificationVersion,
    MayUpdateCertification,
)
from portal_api.planner.execution import Completed
from portal_api.planner.filters import parse_id
from portal_api.resolvers.changes import Selected, change, given_or_none
from portal_api.resolvers.planned import PortalInfo
from portal_api.services import certifications as certification_services
from portal_api.services.certifications import CertificationInput
from portal_api.work import Answer, Work


def _meant(given: Any) -> CertificationInput:
    group_ids: list[str] | None = given_or_none(given.group_ids)
    return CertificationInput(
        external_ref=given_or_none(given.external_ref),
        title=given_or_none(given.title),
        joining=given.joining or None,
        group_ids=None if group_ids is None else [parse_id(text, "grp") for text in group_ids],
    )


def _content(given: Any) -> VersionContent:
    return VersionContent(
        exam_title=given.exam_title,
        attempt_limit=given_or_none(given.attempt_limit),
        allows_exam_before_training=given.allows_exam_before_training,
        exam_needs_approval=given.exam_needs_approval,
        evidence_needs_approval=given.evidence_needs_approval,
        initial_fee=given_or_none(given.initial_fee),
        recertification_fee=given_or_none(given.recertification_fee),
        currency=given_or_none(given.currency),
        fee_due=given.fee_due,
        validity_months=given_or_none(given.validity_months),
        grace_days=given.grace_days,
        window_days=given.window_days,
        steps=tuple(StepContent.of(step.title, step.paths) for step in given.steps),
    )


async def create_certification(info: PortalInfo, given: Any) -> Completed:
    """Answers `createCertification`."""

    meant = _meant(given)

    async def body(work: Work) -> Answer:
        return await certification_services.create(work, meant)

    return await change(info, MayCreateCertification, given, Selected.of_rows("certification", [given]), body)


async def update_certification(info: PortalInfo, given: Any) -> Completed:
    """Answers `updateCertification`."""

    selected = Selected.of_one("crt", given)
    meant = _meant(given)

    async def body(work: Work) -> Answer:
        return await certification_services.update(work, selected.ids[0], meant, expected=selected.expected)

    return await change(info, MayUpdateCertification, given, selected, body)


async def retire_certifications(info: PortalInfo, given: Any) -> Completed:
    """Answers `retireCertifications`."""

    selected = Selected.of_ids("crt", given)

    async def body(work: Work) -> Answer:
        return await certification_services.retire(work, selected.ids, expected=selected.expected)

    return await change(info, MayRetireCertifications, given, selected, body)


async def reinstate_certifications(info: PortalInfo, given: Any) -> Completed:
    """Answers `reinstateCertifications`."""

    selected = Selected.of_ids("crt", given)

    async def body(work: Work) -> Answer:
        return await certification_services.reinstate(work, selected.ids, expected=selected.expected)

    return await change(info, MayReinstateCertifications, given, selected, body)


async def draft_certification_version(info: PortalInfo, given: Any) -> Completed:
    """Answers `draftCertificationVersion`."""

    certification_id = parse_id(given.certification_id, "crt")
    content = _content(given)

    async def body(work: Work) -> Answer:
        return await certification_services.draft_version(
            work, certification_id, content, expected=given_or_none(given.expected_version)
        )

    return await change(info, MayDraftCertificationVersion, given, Selected.of_rows("version", [given]), body)


async def publish_certification_version(info: PortalInfo, given: Any) -> Completed:
    """Answers `publishCertificationVersion`."""

    selected = Selected.of_one("ctv", given)

    async def body(work: Work) -> Answer:
        return await certification_services.publish_version(work, selected.ids[0], expected=selected.expected)

    return await change(info, MayPublishCertificationVersion, given, selected, body)


async def retire_certification_version(info: PortalInfo, given: Any) -> Completed:
    """Answers `retireCertificationVersion`."""

    selected = Selected.of_one("ctv", given)

    async def body(work: Work) -> Answer:
        return await certification_services.retire_version(work, selected.ids[0], expected=selected.expected)

    return await change(info, MayRetireCertificationVersion, given, selected, body)
