"""What an action on learners' certifications writes: the record, its cycle, its approvals, its certificate, the history."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from portal_api.domain.calendar import day_of
from portal_api.domain.certifications import (
    LEARNER_CERTIFICATIONS,
    CertificateChange,
    CertificateStatus,
    Cycle,
    CycleOutcome,
    Effect,
)
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.register_numbers import register_number
from portal_api.queries import learning as learning_queries
from portal_api.queries import organisations as organisation_queries
from portal_api.queries.certifications import changes
from portal_api.queries.certifications.changes import CertificateRow
from portal_api.queries.certifications.found import RecordRow
from portal_api.services.certifications.making import Opening, open_cycles
from portal_api.services.certifications.settling import settle_certificates, settle_records
from portal_api.work import Entry, Work

_ENDED = {
    CertificateStatus.REPLACED: HistoryAction.CERTIFICATE_REPLACED,
    CertificateStatus.REVOKED: HistoryAction.CERTIFICATE_REVOKED,
}
_APPROVAL_ENDED = {
    "overridden": HistoryAction.APPROVAL_OVERRIDDEN,
    "closed": HistoryAction.APPROVAL_CLOSED,
}
_LEARNING = frozenset(
    {
        HistoryAction.LEARNER_CERTIFICATION_STARTED,
        HistoryAction.LEARNER_CERTIFICATION_STEP_COMPLETED,
        HistoryAction.LEARNER_CERTIFICATION_TEST_OUT_FAILED,
        HistoryAction.LEARNER_CERTIFICATION_EVIDENCE_SENT,
        HistoryAction.LEARNER_CERTIFICATION_EXAM_STARTED,
        HistoryAction.LEARNER_CERTIFICATION_EXAM_PASSED,
        HistoryAction.LEARNER_CERTIFICATION_EXAM_FAILED,
        HistoryAction.LEARNER_CERTIFICATION_CYCLE_STARTED,
    }
)
"""What counts as activity of the learner: theirs, or recorded of them (a reading)."""
Effects = Mapping[UUID, Effect]


async def carry_out(
    work: Work,
    rows: Sequence[RecordRow],
    effects: Effects,
    acts: Mapping[UUID, HistoryAction],
    *,
    note: str | None = None,
    kept: Mapping[UUID, Mapping[str, Any]] | None = None,
    causes: Mapping[UUID, UUID] | None = None,
) -> dict[UUID, Entry]:
    """Writes the effects of one action on many records, in as many statements as for one.

    Args:
        work: the transaction, which holds the locks of the learners.
        rows: the records as they were found.
        effects: what the action does to each.
        acts: what the history calls it, for each.
        note: a note of the administrator.
        kept: what else the open cycle is to keep since, by record: the columns that decide nothing.
        causes: the entries of the history that caused the action, by record, where something else did.

    Returns:
        The history's entry of each record that was changed; what else the action writes can name it as its cause.
    """
    read = {row.id: row.version for row in rows} | await settle_records(work, rows)
    issues = any(effect.certificate is CertificateChange.ISSUED for effect in effects.values())
    zone = await organisation_queries.time_zone(work.connection, work.organisation_id) if issues else None
    written = [{"id": row.id, "version": read[row.id], **_columns(work, row, effects[row.id], zone)} for row in rows]
    versions = await changes.change_records(work.connection, work.organisation_id, written)
    done = [row for row in rows if row.id in versions]
    entries = {
        row.id: work.entry(
            acts[row.id],
            (SubjectKind.LEARNER_CERTIFICATION, row.id),
            row.learner_id,
            version=versions[row.id],
            statuses=(row.facts.status.name, effects[row.id].status.name),
            note=note,
            cause_id=(causes or {}).get(row.id),
        )
        for row in done
    }
    await work.record(list(entries.values()))
    own = {id_: entry.id for id_, entry in entries.items()}
    await _cycles(work, done, effects, kept or {})
    await _approvals(work, done, effects, own)
    await _certificates(work, done, effects, own, zone)
    await _open(work, done, effects)
    active = list({row.learner_id for row in done if acts[row.id] in _LEARNING})
    if active:
        await learning_queries.touch(work.connection, work.organisation_id, active, now=work.now)
    return entries


def _columns(work: Work, row: RecordRow, effect: Effect, zone: Any) -> dict[str, Any]:
    """The record as it is afterwards: its status, and the instants of the certificate in force."""
    times = dict(row.times)
    certified_at = row.certified_at
    if effect.certificate is CertificateChange.ISSUED and row.validity and zone:
        expiry = row.validity.expiry(work.now, zone)
        times = {
            "expires_at": expiry and expiry.expires_at,
            "lapses_at": expiry and expiry.lapses_at,
            "window_opens_at": expiry and expiry.window_opens_at,
        }
        certified_at = work.now
    elif effect.certificate is CertificateChange.REVOKED:
        times = dict.fromkeys(times)
    return {
        "status": effect.status,
        "enrolled_at": row.enrolled_at or (work.now if effect.opens_cycle else None),
        "certified_at": certified_at,
        **times,
        "due_at": LEARNER_CERTIFICATIONS.due_at(effect.status, times),
    }


async def _cycles(
    work: Work, rows: Iterable[RecordRow], effects: Effects, kept: Mapping[UUID, Mapping[str, Any]]
) -> None:
    """The cycles that were open, as they are now; overridden steps are done."""
    written: list[dict[str, Any]] = []
    finished: list[UUID] = []
    for row in rows:
        effect, before = effects[row.id], row.facts.cycle
        if row.cycle_id is None or (effect.cycle is None and effect.outcome is None):
            continue
        after = effect.cycle or before
        columns = _cycle_columns(work, row, after, effect.outcome)
        written.append({"id": row.cycle_id, **columns, **kept.get(row.id, {})})
        if effect.finishes_steps:
            finished.append(row.cycle_id)
    if finished:
        await changes.finish_steps(work.connection, work.organisation_id, finished, now=work.now)
    await changes.set_cycles(work.connection, work.organisation_id, written)


def _cycle_columns(work: Work, row: RecordRow, after: Cycle, outcome: CycleOutcome | None) -> dict[str, Any]:
    """A cycle as its row has it; what has come true now has come true at this instant, and what has ended awaits nothing."""
    before, times = row.facts.cycle, dict(row.cycle_kept)
    if after.is_started and not before.is_started:
        times["started_at"] = work.now
    if after.is_exam_passed and not before.is_exam_passed:
        times["exam_passed_at"] = work.now
    if after.fee is not before.fee:
        times |= {"fee_settled_at": work.now, "fee_settled_by": work.actor_id}
    return {
        **times,
        "fee_status": after.fee,
        "steps_open": after.steps_open,
        "steps_waiting": after.steps_waiting,
        "attempts_used": after.attempts_used,
        "has_attempt_open": after.has_attempt_open and not outcome,
        "is_exam_waiting": after.is_exam_waiting and not outcome,
        "is_exam_overridden": after.is_exam_overridden,
        "closed_at": work.now if outcome else None,
        "outcome": outcome,
    }


async def _approvals(work: Work, rows: Iterable[RecordRow], effects: Effects, causes: Mapping[UUID, UUID]) -> None:
    """What awaits a decision, and needs none any more."""
    concerned = {row.cycle_id: row for row in rows if row.cycle_id and effects[row.id].approvals}
    if not concerned:
        return
    pending = await changes.pending_approvals(work.connection, work.organisation_id, list(concerned))
    ended = {
        each: status
        for each in pending
        if (status := (effects[each.record_id].approvals or {}).get(each.kind)) is not None
    }
    versions = await changes.end_approvals(work.connection, work.organisation_id, ended, now=work.now, by=work.actor_id)
    learners = {row.id: row.learner_id for row in concerned.values()}
    await work.record(
        [
            work.entry(
                _APPROVAL_ENDED[status],
                (SubjectKind.APPROVAL, each.id),
                learners[each.record_id],
                version=versions[each.id],
                statuses=("PENDING", status.name),
                cause_id=causes[each.record_id],
            )
            for each, status in ended.items()
            if each.id in versions
        ]
    )


async def _certificates(
    work: Work, rows: Sequence[RecordRow], effects: Effects, causes: Mapping[UUID, UUID], zone: Any
) -> None:
    """The latest certificate is replaced or revoked, and a new one issued."""
    concerned = {row.id: row for row in rows if effects[row.id].certificate}
    if not concerned:
        return
    connection, organisation_id, now = work.connection, work.organisation_id, work.now
    latest = await changes.latest_certificates(connection, organisation_id, list(concerned), now=now)
    learners = {each.id: concerned[each.record_id].learner_id for each in latest.values()}
    settled = await settle_certificates(work, list(latest.values()), learners)
    entries: list[Entry] = []
    for change, to in (
        (CertificateChange.ISSUED, CertificateStatus.REPLACED),
        (CertificateChange.REVOKED, CertificateStatus.REVOKED),
    ):
        ending = {
            each.id: each
            for each in latest.values()
            if effects[each.record_id].certificate is change and _ends(each, to)
        }
        read = {id_: settled.get(id_, each.version) for id_, each in ending.items()}
        versions = await changes.end_certificates(connection, organisation_id, read, to, now=now)
        entries += [
            work.entry(
                _ENDED[to],
                (SubjectKind.CERTIFICATE, id_),
                concerned[ending[id_].record_id].learner_id,
                version=version,
                statuses=(ending[id_].now.name, to.name),
                cause_id=causes[ending[id_].record_id],
            )
            for id_, version in versions.items()
        ]
    await work.record([*entries, *await _issue(work, concerned, effects, causes, zone)])


def _ends(certificate: CertificateRow, to: CertificateStatus) -> bool:
    """Whether a certificate is one that can still be replaced or revoked: an expired one is taken back, not replaced."""
    in_force = certificate.now is CertificateStatus.VALID
    return in_force or (to is CertificateStatus.REVOKED and certificate.now is CertificateStatus.EXPIRED)


async def _issue(
    work: Work, records: Mapping[UUID, RecordRow], effects: Effects, causes: Mapping[UUID, UUID], zone: Any
) -> list[Entry]:
    issued = [
        (work.new_id(work.now), row)
        for row in records.values()
        if effects[row.id].certificate is CertificateChange.ISSUED
    ]
    rows: list[dict[str, Any]] = []
    for id_, row in issued:
        expiry = row.validity and row.validity.expiry(work.now, zone)
        rows.append(
            {
                "id": id_,
                "learner_certification_id": row.id,
                "certification_cycle_id": row.cycle_id,
                "issued_at": work.now,
                "issued_on": day_of(work.now, zone),
                "expires_at": expiry and expiry.expires_at,
                "register_number": register_number(work.new_id(work.now)),
            }
        )
    await changes.issue_certificates(work.connection, work.organisation_id, rows)
    return [
        work.entry(
            HistoryAction.CERTIFICATE_ISSUED,
            (SubjectKind.CERTIFICATE, id_),
            row.learner_id,
            version=1,
            statuses=(None, "VALID"),
            cause_id=causes[row.id],
        )
        for id_, row in issued
    ]


async def _open(work: Work, rows: Iterable[RecordRow], effects: Effects) -> None:
    """New cycles, where the action opens one."""
    opening = [row for row in rows if effects[row.id].opens_cycle]
    await open_cycles(
        work,
        [Opening(row.id, row.certification_id, row.last_cycle + 1, row.facts.was_certified) for row in opening],
    )
