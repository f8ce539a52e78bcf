"""Decisions on what learners wait for: access, evidence, a pass of the exam, more attempts (S5 Pending Approval).

What the call names is the cause of the rest: the entry of an approval comes first, and that of the record names it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from portal_api.domain.certifications import (
    APPROVALS,
    ApprovalAction,
    ApprovalKind,
    AssignmentSourceKind,
    ExamAttemptStatus,
    LearnerCertificationStatus,
    StepPath,
    StepStatus,
    after_decisions,
    most_telling,
)
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.queries.certifications import assigning, found, working
from portal_api.queries.certifications import deciding as queries
from portal_api.queries.certifications.deciding import ApprovalRow
from portal_api.queries.certifications.found import RecordRow
from portal_api.services.bulk import Decided
from portal_api.services.certifications.carrying_out import carry_out
from portal_api.services.certifications.making import make, new_record, new_source
from portal_api.work import Answer, Work

_H, _K = HistoryAction, ApprovalKind
_ACTS = {
    (_K.EVIDENCE, True): _H.LEARNER_CERTIFICATION_EVIDENCE_APPROVED,
    (_K.EVIDENCE, False): _H.LEARNER_CERTIFICATION_EVIDENCE_DENIED,
    (_K.EXAM, True): _H.LEARNER_CERTIFICATION_EXAM_APPROVED,
    (_K.EXAM, False): _H.LEARNER_CERTIFICATION_EXAM_DENIED,
    (_K.MORE_ATTEMPTS, True): _H.LEARNER_CERTIFICATION_ATTEMPTS_GRANTED,
    (_K.ACCESS, True): _H.LEARNER_CERTIFICATION_REASSIGNED,
}
"""What the history calls a decision on the record; a denied request for access or attempts changes no record."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is said to some approvals."""

    action: ApprovalAction
    comment: str | None
    attempts: int
    """How many more are granted to each who asked for more."""

    @property
    def is_approved(self) -> bool:
        return self.action is ApprovalAction.APPROVE


async def decide(work: Work, ids: Sequence[UUID], decision: Decision, *, expected: Mapping[UUID, int]) -> Answer:
    """Decides on approvals; those of one record are one change of it.

    Args:
        work: the transaction.
        ids: the approvals, as the caller named them.
        decision: how.
        expected: the versions that the caller read.

    Returns:
        A result for each of `ids`.
    """
    await work.lock(queries.lock_learners, ids)
    if decision.is_approved:
        await work.lock(queries.hold_certifications, ids)
    rows = await queries.facts(work.connection, work.bound, ids)
    decided = Decided(APPROVALS[decision.action], work.role, ids, rows, expected)
    if not decided.granted:
        return Answer(decided.results(()))
    causes = await _close(work, decided.granted, decision)
    done = [row for row in decided.granted if row.id in causes]
    await _parts(work, done, is_approved=decision.is_approved)
    changing = [row for row in done if (row.facts.kind, decision.is_approved) in _ACTS]
    made = await _admit(work, [row for row in changing if row.record_id is None], causes)
    await _change_records(work, [row for row in changing if row.record_id], decision, causes)
    met = {row.id: row.record_id for row in changing if row.facts.kind is _K.ACCESS and row.record_id}
    await queries.set_records(work.connection, work.organisation_id, made | met)
    return Answer(decided.results(causes))


async def _close(work: Work, rows: Sequence[ApprovalRow], decision: Decision) -> dict[UUID, UUID]:
    """Writes the decisions down; gives the history's entry of each, which causes what follows from it."""
    rule = APPROVALS[decision.action]
    written = [
        {
            "id": row.id,
            "version": row.version,
            "status": rule.after(row.facts.status),
            "decided_at": work.now,
            "decided_by": work.actor_id,
            "comment": decision.comment,
        }
        for row in rows
    ]
    versions = await queries.decide(work.connection, work.organisation_id, written)
    entries = {
        row.id: work.entry(
            _H.APPROVAL_APPROVED if decision.is_approved else _H.APPROVAL_DENIED,
            (SubjectKind.APPROVAL, row.id),
            row.learner_id,
            version=versions[row.id],
            statuses=(row.facts.status.name, rule.after(row.facts.status).name),
        )
        for row in rows
        if row.id in versions
    }
    await work.record(list(entries.values()))
    return {id_: entry.id for id_, entry in entries.items()}


async def _parts(work: Work, rows: Sequence[ApprovalRow], *, is_approved: bool) -> None:
    """The steps whose evidence was decided are done or open again, the attempts passed or denied."""
    step = {
        "status": StepStatus.DONE if is_approved else StepStatus.OPEN,
        "path": StepPath.EVIDENCE if is_approved else None,
        "done_at": work.now if is_approved else None,
    }
    steps = [{"id": row.step_progress_id, **step} for row in rows if row.facts.kind is _K.EVIDENCE]
    await working.set_steps(work.connection, work.organisation_id, steps)
    status = ExamAttemptStatus.PASSED if is_approved else ExamAttemptStatus.DENIED
    attempts = [{"id": row.exam_attempt_id, "status": status} for row in rows if row.facts.kind is _K.EXAM]
    await working.set_attempts(work.connection, work.organisation_id, attempts)


async def _admit(work: Work, rows: Sequence[ApprovalRow], causes: Mapping[UUID, UUID]) -> dict[UUID, UUID]:
    """Makes the records of learners who have none yet; gives the record of each request."""
    if not rows:
        return {}
    status = LearnerCertificationStatus.NOT_STARTED
    records = {row.id: new_record(work, row.learner_id, row.certification_id, status) for row in rows}
    sources = [new_source(work, record.id, AssignmentSourceKind.SELF) for record in records.values()]
    await make(
        work, list(records.values()), sources, causes={record.id: causes[id_] for id_, record in records.items()}
    )
    return {id_: record.id for id_, record in records.items()}


async def _change_records(
    work: Work, rows: Sequence[ApprovalRow], decision: Decision, causes: Mapping[UUID, UUID]
) -> None:
    """Carries decisions over to records; access changes one only where no source of the learner's own keeps it."""
    by_record: dict[UUID, list[ApprovalRow]] = {}
    for row in rows:
        if row.record_id and not (row.facts.kind is _K.ACCESS and row.has_self_source):
            by_record.setdefault(row.record_id, []).append(row)
    if not by_record:
        return
    records = list((await found.facts(work.connection, work.bound, list(by_record))).values())
    kinds = {id_: [row.facts.kind for row in concerned] for id_, concerned in by_record.items()}
    is_approved = decision.is_approved
    entries = await carry_out(
        work,
        records,
        {row.id: after_decisions(row.facts, kinds[row.id], is_approved=is_approved) for row in records},
        {row.id: _act(row, kinds[row.id], is_approved=is_approved) for row in records},
        kept=_granted(records, kinds, decision),
        causes={id_: causes[concerned[0].id] for id_, concerned in by_record.items()},
    )
    joined = [id_ for id_ in entries if _K.ACCESS in kinds[id_]]
    sources = [new_source(work, id_, AssignmentSourceKind.SELF) for id_ in joined]
    await assigning.insert_sources(work.connection, work.organisation_id, sources)


def _act(row: RecordRow, kinds: Sequence[ApprovalKind], *, is_approved: bool) -> HistoryAction:
    if row.facts.status is LearnerCertificationStatus.ASSIGNED:
        return _H.LEARNER_CERTIFICATION_ENROLLED
    return _ACTS[most_telling(kinds), is_approved]


def _granted(
    records: Sequence[RecordRow], kinds: Mapping[UUID, Sequence[ApprovalKind]], decision: Decision
) -> dict[UUID, dict[str, Any]]:
    """The attempts granted in each open cycle, where more were."""
    asked = {row.id: kinds[row.id].count(_K.MORE_ATTEMPTS) for row in records}
    return {
        row.id: {"attempts_granted": row.cycle_kept["attempts_granted"] + asked[row.id] * decision.attempts}
        for row in records
        if asked[row.id]
    }
