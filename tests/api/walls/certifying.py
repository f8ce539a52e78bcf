"""The certifications of the scene, learners' records of them, and what was told of these."""

from datetime import datetime
from typing import Any
from uuid import UUID

from portal_api.domain.certifications import (
    ApprovalKind,
    ApprovalStatus,
    AssignmentSourceKind,
    CertificateStatus,
    FeeStatus,
    LearnerCertificationStatus,
)
from portal_api.domain.history import ActorKind, HistoryAction, SubjectKind
from portal_api.domain.roles import Role
from portal_api.ids import global_id
from portal_api.models import (
    approvals,
    assignment_sources,
    certificates,
    certification_cycles,
    certification_steps,
    certification_versions,
    exam_attempts,
    step_progress,
)
from portal_api.queries import history as history_queries
from portal_api.queries.history import Entry
from tests.client import Json
from tests.factories import DAY, Organisation, Record

_S = LearnerCertificationStatus


def lay_out_certifications(
    made: Organisation, boss: Record, report: Record, stranger: Record, group: Record
) -> dict[str, Record]:
    """Three certifications; who is in one has a certificate that still holds and works on the next cycle."""
    taken, foreign = (made.certification(is_published=False) for _ in range(2))
    retired = made.certification(is_active=False, is_published=False)
    for each in (taken, foreign, retired):
        made.certification_version(each, initial_fee=9_900, recertification_fee=4_900)
    now = made.clock()
    early: dict[str, Any] = {"certified_at": now - 30 * DAY, "expires_at": now + 5 * DAY}
    early |= {"lapses_at": now + 35 * DAY, "window_opens_at": now - 25 * DAY}
    admin = made.staff[Role.ADMIN]
    records = {
        "certification taken": taken,
        "certification foreign": foreign,
        "certification gone": retired,
        "record boss": made.learner_certification(boss, taken, _S.PENDING_APPROVAL),
        "record report": made.learner_certification(report, taken, _S.PENDING_APPROVAL, **early),
        "record retired": made.learner_certification(report, retired, _S.ASSIGNED),
        "record stranger": made.learner_certification(stranger, foreign, _S.PENDING_APPROVAL, **early),
    }
    for label in ("taken", "foreign", "gone"):
        edition = _first(made, certification_versions, "certification_id", records[f"certification {label}"].id)
        records[f"edition {label}"] = edition
        records[f"stage {label}"] = _first(made, certification_steps, "certification_version_id", edition.id)
    for row in made.rows[certificates]:
        row |= {"status": CertificateStatus.VALID, "due_at": row["expires_at"]}
    for label in ("boss", "report", "stranger"):
        record = records[f"record {label}"]
        cycle = _last(made, certification_cycles, record.id)
        by_group: dict[str, Any] = {"group_id": group.id, "created_by": admin.id, "ended_at": now - DAY}
        made.assignment_source(record, AssignmentSourceKind.GROUP, **by_group)
        records[f"cycle {label}"] = cycle
        records[f"progress {label}"] = _first(made, step_progress, "certification_cycle_id", cycle.id)
        records[f"source {label}"] = _last(made, assignment_sources, record.id)
        records[f"approval {label}"] = _last(made, approvals, record.id)
    for row in (each for each in made.rows[certification_cycles] if each["fee"]):
        row |= {"fee_status": FeeStatus.WAIVED, "fee_settled_at": now - DAY, "fee_settled_by": admin.id}
    for label in ("report", "stranger"):
        record = records[f"record {label}"]
        records[f"attempt {label}"] = _last(made, exam_attempts, record.id)
        records[f"certificate {label}"] = _last(made, certificates, record.id)
        made.approval(
            record, ApprovalKind.MORE_ATTEMPTS, status=ApprovalStatus.DENIED, comment="No.", decided_by=admin.id
        )
    return records


def inputs_of_the_scene(records: dict[str, Record]) -> dict[str, Json]:
    """What is given where a row names two records that belong together: both are ones that the scene has a name for."""
    named = {"learnerCertificationId": records["record boss"].gid, "stepId": records["stage taken"].gid}
    return {"recordStepCompletions": {"completions": [{**named, "path": "ONLINE"}]}}


def _first(made: Organisation, table: Any, column: str, key: UUID) -> Record:
    return made.record(next(row["id"] for row in made.rows[table] if row[column] == key))


def _last(made: Organisation, table: Any, record_id: UUID) -> Record:
    *_, last = (row["id"] for row in made.rows[table] if row["learner_certification_id"] == record_id)
    return made.record(last)


async def tell_of_certifications(organisation: Organisation, keys: dict[str, UUID]) -> dict[str, str]:
    """Writes an entry about some of the records, as an Admin's doing; says what each is called."""
    now = organisation.clock()
    told = {
        "record report": (SubjectKind.LEARNER_CERTIFICATION, HistoryAction.LEARNER_CERTIFICATION_EVIDENCE_SENT),
        "record stranger": (SubjectKind.LEARNER_CERTIFICATION, HistoryAction.LEARNER_CERTIFICATION_EVIDENCE_SENT),
        "approval report": (SubjectKind.APPROVAL, HistoryAction.APPROVAL_REQUESTED),
        "certificate report": (SubjectKind.CERTIFICATE, HistoryAction.CERTIFICATE_ISSUED),
    }
    status = {
        SubjectKind.LEARNER_CERTIFICATION: "PENDING_APPROVAL",
        SubjectKind.APPROVAL: "PENDING",
        SubjectKind.CERTIFICATE: "VALID",
    }
    entries = {
        label: entry_of(organisation, now, kind, keys[label], action, keys[f"learner {label.split()[1]}"], status[kind])
        for label, (kind, action) in told.items()
    }
    async with organisation.database.engine.begin() as connection:
        await history_queries.record(connection, list(entries.values()))
    return {f"entry {label}": global_id("his", entry.id) for label, entry in entries.items()}


def entry_of(
    organisation: Organisation,
    now: datetime,
    kind: SubjectKind,
    key: UUID,
    action: HistoryAction,
    learner_id: UUID,
    status: str,
) -> Entry:
    """An entry of an Admin's about a record of a learner."""
    return Entry(
        organisation_id=organisation.id,
        id=organisation.new_id(now),
        actor_kind=ActorKind.USER,
        actor_id=organisation.staff[Role.ADMIN].id,
        action=action,
        subject_kind=kind,
        subject_id=key,
        learner_id=learner_id,
        from_status=None,
        to_status=status,
        reason=None,
        note=None,
        version=1,
        request_id=None,
        cause_id=None,
        occurred_at=now,
        recorded_at=now,
    )
