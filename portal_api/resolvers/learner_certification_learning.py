"""Mutations on learners' certifications: the learner's own way, whatever role they have."""

from collections.abc import Awaitable, Mapping
from typing import Any, Protocol
from uuid import UUID

from portal_api.permissions import (
    Guard,
    MayEnrolInCertification,
    MayRequestAccess,
    MayRequestMoreAttempts,
    MayStartCertification,
    MayStartExam,
    MayStartRecertification,
    MaySubmitEvidence,
)
from portal_api.planner.execution import Completed
from portal_api.planner.filters import parse_id
from portal_api.resolvers.changes import Selected, change, given_or_none
from portal_api.resolvers.planned import PortalInfo
from portal_api.services.certifications import learning, requesting
from portal_api.services.certifications.learning import Evidence
from portal_api.work import Answer, Work

_PLACE = "certification_id"


class Step(Protocol):
    """What a service does with one record."""

    def __call__(self, work: Work, id_: UUID, *, expected: Mapping[UUID, int]) -> Awaitable[Answer]: ...


async def enrol_in_certification(info: PortalInfo, given: Any) -> Completed:
    """Answers `enrolInCertification`."""

    selected = Selected.of_one("crt", given, _PLACE)

    async def body(work: Work) -> Answer:
        return await learning.enrol(work, selected.ids[0], expected=selected.expected)

    return await change(info, MayEnrolInCertification, given, selected, body)


async def request_access(info: PortalInfo, given: Any) -> Completed:
    """Answers `requestAccess`."""

    selected = Selected.of_one("crt", given, _PLACE)

    async def body(work: Work) -> Answer:
        text = given_or_none(given.text)
        return await requesting.request_access(work, selected.ids[0], text, expected=selected.expected)

    return await change(info, MayRequestAccess, given, selected, body)


async def submit_evidence(info: PortalInfo, given: Any) -> Completed:
    """Answers `submitEvidence`."""

    selected = Selected.of_one("lct", given)
    evidence = Evidence(parse_id(given.step_id, "cts"), given_or_none(given.text), given_or_none(given.links) or ())

    async def body(work: Work) -> Answer:
        return await learning.submit_evidence(work, selected.ids[0], evidence, expected=selected.expected)

    return await change(info, MaySubmitEvidence, given, selected, body)


async def start_certification(info: PortalInfo, given: Any) -> Completed:
    """Answers `startCertification`."""
    return await _on_record(info, MayStartCertification, learning.start, given)


async def start_exam(info: PortalInfo, given: Any) -> Completed:
    """Answers `startExam`."""
    return await _on_record(info, MayStartExam, learning.start_exam, given)


async def start_recertification(info: PortalInfo, given: Any) -> Completed:
    """Answers `startRecertification`."""
    return await _on_record(info, MayStartRecertification, learning.start_recertification, given)


async def request_more_attempts(info: PortalInfo, given: Any) -> Completed:
    """Answers `requestMoreAttempts`."""
    return await _on_record(info, MayRequestMoreAttempts, requesting.request_more_attempts, given)


async def _on_record(info: PortalInfo, guard: type[Guard], do: Step, given: Any) -> Completed:
    selected = Selected.of_one("lct", given)

    async def body(work: Work) -> Answer:
        return await do(work, selected.ids[0], expected=selected.expected)

    return await change(info, guard, given, selected, body)
