"""The writes on learners' certifications: moved on, with their cycles, steps, approvals and certificates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Update, and_, bindparam, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.certifications import (
    CERTIFICATES,
    LEARNER_CERTIFICATIONS,
    ApprovalKind,
    ApprovalStatus,
    CertificateStatus,
    CertificationVersionStatus,
    StepStatus,
)
from portal_api.models import (
    approvals,
    certificates,
    certification_cycles,
    certification_steps,
    certification_versions,
    learner_certifications,
    learners,
    step_progress,
)
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import scope
from portal_api.queries.moves import Moves
from portal_api.queries.rows import dialect_of, id_list, insert_rows, set_rows, update_rows
from portal_api.queries.time import status_now

settle = Moves(LEARNER_CERTIFICATIONS, learner_certifications).settle
settle_certificates = Moves(CERTIFICATES, certificates).settle


async def change_records(
    connection: AsyncConnection, organisation_id: UUID, rows: Sequence[Mapping[str, Any]]
) -> dict[UUID, int]:
    """Gives records values of their own: `id`, the `version` that was read, and the same columns for all.

    Returns:
        The new version of each record that was changed.
    """
    return await update_rows(connection, learner_certifications, organisation_id, rows)


async def touch_records(
    connection: AsyncConnection, organisation_id: UUID, rows: Sequence[Mapping[str, Any]]
) -> dict[UUID, int]:
    """Counts a change of what hangs on records, which leaves the rows themselves as they are: `id` and `version`.

    Returns:
        The new version of each record that was still at the version read.
    """
    return await update_rows(connection, learner_certifications, organisation_id, rows)


async def set_cycles(connection: AsyncConnection, organisation_id: UUID, rows: Sequence[Mapping[str, Any]]) -> None:
    """Gives cycles values of their own: `id`, and the same columns for all."""
    await set_rows(connection, certification_cycles, organisation_id, rows)


@cache
def _finish_steps(dialect: Dialect) -> Update:
    return (
        update(step_progress)
        .where(
            step_progress.c.organisation_id == scope.ORGANISATION,
            dialect.in_list(step_progress.c.certification_cycle_id, "ids"),
            step_progress.c.status != StepStatus.DONE,
        )
        .values(status=literal(StepStatus.DONE, step_progress.c.status.type), is_overridden=True, done_at=scope.NOW)
    )


async def finish_steps(
    connection: AsyncConnection, organisation_id: UUID, cycle_ids: Sequence[UUID], *, now: datetime
) -> None:
    """Marks all steps of cycles done that are not, as overridden."""
    values = {"organisation": organisation_id, "ids": id_list(connection, cycle_ids), "now": now}
    await connection.execute(_finish_steps(dialect_of(connection)), values)


@dataclass(frozen=True, slots=True)
class NewCycle:
    """A cycle to be opened."""

    id: UUID
    record_id: UUID
    number: int
    is_recertification: bool
    version: "NewestVersion"

    @property
    def fee(self) -> int | None:
        return self.version.recertification_fee if self.is_recertification else self.version.initial_fee


@dataclass(frozen=True, slots=True)
class NewestVersion:
    """What a cycle begins with under the newest published version of a certification."""

    id: UUID
    initial_fee: int | None
    recertification_fee: int | None
    step_ids: tuple[UUID, ...]


@cache
def _newest(dialect: Dialect) -> AnySelect:
    own, steps = certification_versions.c, certification_steps.c
    return (
        select(own.certification_id, own.id, own.initial_fee, own.recertification_fee, steps.id.label("step_id"))
        .outerjoin(
            certification_steps,
            and_(steps.organisation_id == own.organisation_id, steps.certification_version_id == own.id),
        )
        .where(
            own.organisation_id == scope.ORGANISATION,
            dialect.in_list(own.certification_id, "ids"),
            own.status == CertificationVersionStatus.PUBLISHED,
        )
        .order_by(own.number, steps.position)
    )


async def newest_versions(
    connection: AsyncConnection, organisation_id: UUID, certification_ids: Sequence[UUID]
) -> dict[UUID, NewestVersion]:
    """The newest published version of each certification that has one."""
    values = {"organisation": organisation_id, "ids": id_list(connection, certification_ids)}
    newest: dict[UUID, NewestVersion] = {}
    for row in await connection.execute(_newest(dialect_of(connection)), values):
        before = newest.get(row.certification_id)
        steps = before.step_ids if before and before.id == row.id else ()
        newest[row.certification_id] = NewestVersion(
            row.id, row.initial_fee, row.recertification_fee, (*steps, *([row.step_id] if row.step_id else []))
        )
    return newest


async def open_cycles(
    connection: AsyncConnection,
    organisation_id: UUID,
    cycles: Sequence[NewCycle],
    step_progress_id: Any,
    *,
    now: datetime,
) -> None:
    """Opens cycles at nothing done, with the progress of each of their steps.

    Args:
        connection: the transaction.
        organisation_id: whose they are.
        cycles: the cycles.
        step_progress_id: makes a key for the progress of a step.
        now: when they open.
    """
    own = {"organisation_id": organisation_id}
    rows = [
        {
            **own,
            "id": cycle.id,
            "learner_certification_id": cycle.record_id,
            "certification_version_id": cycle.version.id,
            "number": cycle.number,
            "is_recertification": cycle.is_recertification,
            "opened_at": now,
            "fee_status": "not_required" if cycle.fee is None else "unpaid",
            "fee": cycle.fee,
            "steps_open": len(cycle.version.step_ids),
            "steps_waiting": 0,
            "attempts_used": 0,
            "attempts_granted": 0,
            "has_attempt_open": False,
            "is_exam_waiting": False,
            "is_exam_overridden": False,
        }
        for cycle in cycles
    ]
    await insert_rows(connection, certification_cycles, rows)
    progress = [
        {
            **own,
            "id": step_progress_id(now),
            "certification_cycle_id": cycle.id,
            "certification_step_id": step_id,
            "status": StepStatus.OPEN,
            "is_overridden": False,
        }
        for cycle in cycles
        for step_id in cycle.version.step_ids
    ]
    await insert_rows(connection, step_progress, progress)


@dataclass(frozen=True, slots=True)
class OpenApproval:
    """Something that awaits a decision."""

    id: UUID
    record_id: UUID
    kind: ApprovalKind
    version: int


@cache
def _pending(dialect: Dialect) -> AnySelect:
    return select(approvals.c.id, approvals.c.learner_certification_id, approvals.c.kind, approvals.c.version).where(
        approvals.c.organisation_id == scope.ORGANISATION,
        dialect.in_list(approvals.c.certification_cycle_id, "ids"),
        approvals.c.status == ApprovalStatus.PENDING,
    )


async def pending_approvals(
    connection: AsyncConnection, organisation_id: UUID, cycle_ids: Sequence[UUID]
) -> list[OpenApproval]:
    """What awaits a decision in some cycles."""
    values = {"organisation": organisation_id, "ids": id_list(connection, cycle_ids)}
    return [OpenApproval(*row) for row in await connection.execute(_pending(dialect_of(connection)), values)]


async def end_approvals(
    connection: AsyncConnection,
    organisation_id: UUID,
    ended: Mapping[OpenApproval, ApprovalStatus],
    *,
    now: datetime,
    by: UUID | None,
) -> dict[UUID, int]:
    """Ends approvals without a decision of their own.

    Returns:
        The new version of each that was changed.
    """
    rows = [
        {"id": each.id, "version": each.version, "status": status, "decided_at": now, "decided_by": by}
        for each, status in ended.items()
    ]
    return await update_rows(connection, approvals, organisation_id, rows)


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """A certificate as a change finds it."""

    id: UUID
    record_id: UUID
    version: int
    stored: CertificateStatus
    now: CertificateStatus
    expires_at: datetime | None


_CERTIFICATE_NOW = status_now(CERTIFICATES, certificates)


@cache
def _latest(dialect: Dialect) -> AnySelect:
    own = certificates.c
    return (
        select(
            own.id, own.learner_certification_id, own.version, own.status, _CERTIFICATE_NOW.label("now"), own.expires_at
        )
        .where(own.organisation_id == scope.ORGANISATION, dialect.in_list(own.learner_certification_id, "ids"))
        .order_by(own.issued_at, own.id)
    )


async def latest_certificates(
    connection: AsyncConnection, organisation_id: UUID, record_ids: Sequence[UUID], *, now: datetime
) -> dict[UUID, CertificateRow]:
    """The latest certificate of each record that has one."""
    values = {"organisation": organisation_id, "ids": id_list(connection, record_ids), "now": now}
    rows = [CertificateRow(*row) for row in await connection.execute(_latest(dialect_of(connection)), values)]
    return {row.record_id: row for row in rows}


_due_certificates = (
    select(
        *(certificates.c[name] for name in ("id", "learner_certification_id", "version", "status")),
        _CERTIFICATE_NOW.label("now"),
        certificates.c.expires_at,
        learner_certifications.c.learner_id,
    )
    .join(
        learner_certifications,
        and_(
            learner_certifications.c.organisation_id == certificates.c.organisation_id,
            learner_certifications.c.id == certificates.c.learner_certification_id,
        ),
    )
    .join(
        learners,
        and_(
            learners.c.organisation_id == learner_certifications.c.organisation_id,
            learners.c.id == learner_certifications.c.learner_id,
        ),
    )
    .where(certificates.c.organisation_id == scope.ORGANISATION, certificates.c.due_at <= scope.NOW)
    .order_by(certificates.c.due_at, certificates.c.id)
    .limit(bindparam("most"))
    .with_for_update(key_share=True, skip_locked=True, of=learners)
)


async def due_certificates(
    connection: AsyncConnection, organisation_id: UUID, now: datetime, most: int
) -> list[tuple[CertificateRow, UUID]]:
    """The certificates of an organisation whose time has run out, each with its learner, who is locked."""
    found = await connection.execute(_due_certificates, {"organisation": organisation_id, "now": now, "most": most})
    return [
        (
            CertificateRow(row.id, row.learner_certification_id, row.version, row.status, row.now, row.expires_at),
            row.learner_id,
        )
        for row in found
    ]


async def end_certificates(
    connection: AsyncConnection,
    organisation_id: UUID,
    versions: Mapping[UUID, int],
    status: CertificateStatus,
    *,
    now: datetime,
) -> dict[UUID, int]:
    """Replaces or revokes certificates that are at the versions given.

    Returns:
        The new version of each that was changed.
    """
    rows = [
        {
            "id": id_,
            "version": version,
            "status": status,
            "ended_at": now,
            "due_at": CERTIFICATES.due_at(status, {"expires_at": None}),
        }
        for id_, version in versions.items()
    ]
    return await update_rows(connection, certificates, organisation_id, rows)


async def issue_certificates(
    connection: AsyncConnection, organisation_id: UUID, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Writes certificates: `id`, record, cycle, when they were issued and when they expire."""
    own = {"organisation_id": organisation_id, "status": CertificateStatus.VALID, "version": 1}
    whole = [{**own, **row, "due_at": CERTIFICATES.due_at(CertificateStatus.VALID, row)} for row in rows]
    await insert_rows(connection, certificates, whole)
