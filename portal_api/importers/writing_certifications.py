"""Writes certifications and learners' records of them, beside what `writing` writes of an organisation."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from portal_api.domain.certifications import (
    CertificationJoining,
    CertificationVersionStatus,
    StepContent,
    Validity,
    VersionContent,
)
from portal_api.domain.library import LibraryStatus
from portal_api.importers.writing import Writer
from portal_api.models import (
    approvals,
    assignment_sources,
    certificates,
    certification_cycles,
    certification_groups,
    certification_steps,
    certification_versions,
    certifications,
    exam_attempts,
    learner_certifications,
    step_progress,
)
from portal_api.queries.folding import fold
from portal_api.queries.history import Entry
from portal_api.queries.rows import gather_statistics

LEARNERS_AT_ONCE = 500
"""Of how many learners the records are held in memory together."""
IN_ORDER = (
    learner_certifications,
    certification_cycles,
    step_progress,
    exam_attempts,
    assignment_sources,
    approvals,
    certificates,
)
"""What a record is made of, each after what it refers to."""


@dataclass(frozen=True, slots=True)
class NewStep:
    """A training step to be written."""

    id: UUID
    content: StepContent


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version of a certification to be written."""

    id: UUID
    number: int
    status: CertificationVersionStatus
    content: VersionContent
    steps: tuple[NewStep, ...]
    created_at: datetime
    published_at: datetime | None
    retired_at: datetime | None

    @property
    def validity(self) -> Validity:
        return Validity(self.content.validity_months, self.content.grace_days, self.content.window_days)

    @property
    def version(self) -> int:
        """How often it has changed: drafted, published, retired."""
        return 1 + (self.published_at is not None) + (self.retired_at is not None)


@dataclass(frozen=True, slots=True)
class NewCertification:
    """A certification to be written, with its versions in their order and the groups that assign it."""

    id: UUID
    external_ref: str
    title: str
    joining: CertificationJoining
    created_at: datetime
    versions: tuple[NewVersion, ...]
    group_ids: tuple[UUID, ...] = ()
    retired_at: datetime | None = None

    @property
    def status(self) -> LibraryStatus:
        return LibraryStatus.RETIRED if self.retired_at else LibraryStatus.ACTIVE

    @property
    def version(self) -> int:
        return 2 if self.retired_at else 1

    def newest(self, at: datetime) -> NewVersion:
        """The version under which a cycle that opens at an instant begins."""
        return next(
            each
            for each in reversed(self.versions)
            if each.published_at and each.published_at <= at and not (each.retired_at and each.retired_at <= at)
        )


async def write_certifications(writer: Writer, new: Sequence[NewCertification]) -> None:
    """Writes certifications with all their versions; the groups come first."""
    key = {"organisation_id": writer.organisation_id}
    rows: dict[Table, list[Mapping[str, Any]]] = {
        certifications: [],
        certification_versions: [],
        certification_steps: [],
        certification_groups: [],
    }
    for each in new:
        rows[certifications].append(
            {
                **key,
                "id": each.id,
                "external_ref": each.external_ref,
                "title": each.title,
                "title_key": fold(each.title),
                "search_key": fold(f"{each.title} {each.external_ref}"),
                "joining": each.joining,
                "status": each.status,
                "created_at": each.created_at,
                "version": each.version,
            }
        )
        rows[certification_groups] += [
            {**key, "certification_id": each.id, "group_id": group_id} for group_id in each.group_ids
        ]
        for version in each.versions:
            rows[certification_versions].append({**key, "certification_id": each.id, **_version(version)})
            rows[certification_steps] += [
                {
                    **key,
                    "id": step.id,
                    "certification_version_id": version.id,
                    "position": position,
                    "title": step.content.title,
                    "paths": " ".join(step.content.paths),
                }
                for position, step in enumerate(version.steps, start=1)
            ]
    for table, made in rows.items():
        await writer.rows(table, table.name.replace("_", " "), made, len(made))


def _version(new: NewVersion) -> dict[str, Any]:
    content = new.content
    return {
        "id": new.id,
        "number": new.number,
        "status": new.status,
        "exam_title": content.exam_title,
        "attempt_limit": content.attempt_limit,
        "allows_exam_before_training": content.allows_exam_before_training,
        "exam_needs_approval": content.exam_needs_approval,
        "evidence_needs_approval": content.evidence_needs_approval,
        "initial_fee": content.initial_fee,
        "recertification_fee": content.recertification_fee,
        "currency": content.currency,
        "fee_due": content.fee_due,
        "validity_months": content.validity_months,
        "grace_days": content.grace_days,
        "window_days": content.window_days,
        "created_at": new.created_at,
        "published_at": new.published_at,
        "retired_at": new.retired_at,
        "version": new.version,
    }


@dataclass(frozen=True, slots=True)
class NewRecords:
    """What learners' records are made of: rows by table, and what history tells of them."""

    rows: dict[Table, list[dict[str, Any]]] = field(default_factory=lambda: {table: [] for table in IN_ORDER})
    entries: list[Entry] = field(default_factory=list[Entry])


async def write_records(writer: Writer, parts: Iterable[NewRecords], learners: int) -> None:
    """Writes learners' records with their histories, part by part; each part holds those of some learners.

    Args:
        writer: the organisation, whose learners, users, groups and certifications come first.
        parts: the records of `LEARNERS_AT_ONCE` learners each.
        learners: of how many learners they are in all.
    """
    done = 0
    for part in parts:
        await writer.part(part.rows, part.entries)
        if not done:
            # PostgreSQL keeps the plans that look up foreign keys, and made them while there was nothing to look up.
            await gather_statistics(writer.connection)
        done = min(learners, done + LEARNERS_AT_ONCE)
        writer.progress(f"{writer.label}: learners with certifications", done, learners)
