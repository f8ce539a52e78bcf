"""Mutations on learners' certifications: the administrator's actions."""

from typing import Any

from portal_api.domain.certifications import LearnerCertificationAction
from portal_api.permissions import (
    Guard,
    MayAssignCertification,
    MayForceRecertification,
    MayOverrideExam,
    MayOverridePayment,
    MayOverrideTraining,
    MayPermanentlyRevoke,
    MayRemoveAssignments,
    MayRestoreAccess,
    MayRevokeAccess,
)
from portal_api.planner.execution import Completed
from portal_api.planner.filters import parse_id
from portal_api.resolvers.changes import Selected, change, given_or_none
from portal_api.resolvers.planned import PortalInfo
from portal_api.services.certifications import assigning, overriding
from portal_api.work import Answer, Work


async def _take(info: PortalInfo, guard: type[Guard], action: LearnerCertificationAction, given: Any) -> Completed:
    selected = Selected.of_ids("lct", given)

    async def body(work: Work) -> Answer:
        note = given_or_none(given.note)
        return await overriding.take(work, action, selected.ids, note=note, expected=selected.expected)

    return await change(info, guard, given, selected, body)


async def assign_certification(info: PortalInfo, given: Any) -> Completed:
    """Answers `assignCertification`."""

    selected = Selected.of_ids("lrn", given, "learner_ids")
    certification_id = parse_id(given.certification_id, "crt")

    async def body(work: Work) -> Answer:
        return await assigning.assign(work, certification_id, selected.ids, expected=selected.expected)

    return await change(info, MayAssignCertification, given, selected, body)


async def remove_assignments(info: PortalInfo, given: Any) -> Completed:
    """Answers `removeAssignments`."""

    selected = Selected.of_ids("asg", given)

    async def body(work: Work) -> Answer:
        return await assigning.remove(work, selected.ids, expected=selected.expected)

    return await change(info, MayRemoveAssignments, given, selected, body)


async def override_payment(info: PortalInfo, given: Any) -> Completed:
    """Answers `overridePayment`."""
    return await _take(info, MayOverridePayment, LearnerCertificationAction.OVERRIDE_PAYMENT, given)


async def override_training(info: PortalInfo, given: Any) -> Completed:
    """Answers `overrideTraining`."""
    return await _take(info, MayOverrideTraining, LearnerCertificationAction.OVERRIDE_TRAINING, given)


async def override_exam(info: PortalInfo, given: Any) -> Completed:
    """Answers `overrideExam`."""
    return await _take(info, MayOverrideExam, LearnerCertificationAction.OVERRIDE_EXAM, given)


async def revoke_access(info: PortalInfo, given: Any) -> Completed:
    """Answers `revokeAccess`."""
    return await _take(info, MayRevokeAccess, LearnerCertificationAction.REVOKE_ACCESS, given)


async def force_recertification(info: PortalInfo, given: Any) -> Completed:
    """Answers `forceRecertification`."""
    return await _take(info, MayForceRecertification, LearnerCertificationAction.FORCE_RECERTIFICATION, given)


async def permanently_revoke(info: PortalInfo, given: Any) -> Completed:
    """Answers `permanentlyRevoke`."""
    return await _take(info, MayPermanentlyRevoke, LearnerCertificationAction.PERMANENTLY_REVOKE, given)


async def restore_access(info: PortalInfo, given: Any) -> Completed:
    """Answers `restoreAccess`."""
    return await _take(info, MayRestoreAccess, LearnerCertificationAction.RESTORE_ACCESS, given)
