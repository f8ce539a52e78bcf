"""Writes pathways and the enrolments in them, beside what `writing` writes of an organisation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal_api.domain.library import LibraryStatus
from portal_api.domain.pathways import PATHWAY_ENROLMENTS, PathwayEnrolmentStatus, PathwayKind
from portal_api.domain.series import WithdrawalReason
from portal_api.ids import IdMaker
from portal_api.importers.writing import NewSeries, Writer
from portal_api.models import pathway_enrolments, pathway_steps, pathways
from portal_api.queries.folding import fold


@dataclass(frozen=True, slots=True)
class NewPathway:
    """A pathway to be written, with its series in the order of its steps."""

    id: UUID
    external_ref: str
    title: str
    kind: PathwayKind
    steps: tuple[NewSeries, ...]
    created_at: datetime
    status: LibraryStatus = LibraryStatus.ACTIVE


@dataclass(frozen=True, slots=True)
class NewPathwayEnrolment:
    """An enrolment in a pathway to be written."""

    id: UUID
    external_ref: str
    learner_id: UUID
    pathway_id: UUID
    status: PathwayEnrolmentStatus
    position: int
    enrolled_at: datetime
    ends_at: datetime
    tracking_code: str | None
    completed_at: datetime | None
    withdrawn_at: datetime | None
    withdrawal_reason: WithdrawalReason | None
    withdrawal_note: str | None
    version: int


async def write_pathways(writer: Writer, new: Sequence[NewPathway], ids: IdMaker) -> None:
    """Writes pathways and their steps; the series come first."""
    rows = (
        {
            "organisation_id": writer.organisation_id,
            "id": each.id,
            "external_ref": each.external_ref,
            "title": each.title,
            "title_key": fold(each.title),
            "search_key": fold(f"{each.title} {each.external_ref}"),
            "kind": each.kind,
            "status": each.status,
            "created_at": each.created_at,
            "version": 1,
        }
        for each in new
    )
    await writer.rows(pathways, "pathways", rows, len(new))
    steps = [
        {
            "organisation_id": writer.organisation_id,
            "id": ids(each.created_at),
            "pathway_id": each.id,
            "position": position,
            "series_id": of.id,
        }
        for each in new
        for position, of in enumerate(each.steps, start=1)
    ]
    await writer.rows(pathway_steps, "pathway steps", steps, len(steps))


async def write_pathway_enrolments(writer: Writer, new: Sequence[NewPathwayEnrolment]) -> None:
    """Writes enrolments in pathways; those in their series come after."""
    rows = (
        {
            "organisation_id": writer.organisation_id,
            "id": each.id,
            "external_ref": each.external_ref,
            "learner_id": each.learner_id,
            "pathway_id": each.pathway_id,
            "status": each.status,
            "position": each.position,
            "enrolled_at": each.enrolled_at,
            "ends_at": each.ends_at,
            "due_at": PATHWAY_ENROLMENTS.due_at(each.status, {"ends_at": each.ends_at}),
            "tracking_code": each.tracking_code,
            "completed_at": each.completed_at,
            "withdrawn_at": each.withdrawn_at,
            "withdrawal_reason": each.withdrawal_reason,
            "withdrawal_note": each.withdrawal_note,
            "version": each.version,
        }
        for each in new
    )
    await writer.rows(pathway_enrolments, "enrolments in pathways", rows, len(new))
