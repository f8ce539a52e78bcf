"""The learner's own way through a certification: enrolling, starting, evidence, the exam, recertification (S5)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from portal_api.domain.certifications import (
    CERTIFICATIONS,
    LEARNER_CERTIFICATIONS,
    ApprovalKind,
    ApprovalStatus,
    AssignmentSourceKind,
    CertificationAction,
    Effect,
    ExamAttemptStatus,
    LearnerCertificationAction,
    LearnerCertificationFacts,
    LearnerCertificationStatus,
    StepPath,
    StepStatus,
    advanced,
    evidence_reasons,
    learning,
)
from portal_api.domain.history import HistoryAction
from portal_api.domain.refusals import ErrorCode, NotFound, Reason
from portal_api.queries import certifications as certification_queries
from portal_api.queries import learners as learner_queries
from portal_api.queries.certifications import found, joining, working
from portal_api.queries.certifications.asking import NewApproval
from portal_api.queries.certifications.found import RecordRow
from portal_api.queries.certifications.joining import JoiningRow
from portal_api.queries.certifications.working import StepRow
from portal_api.services.bulk import Decided
from portal_api.services.certifications.asking import ask
from portal_api.services.certifications.carrying_out import carry_out
from portal_api.services.certifications.making import make, new_record, new_source
from portal_api.work import Answer, Entry, Work

_A, _H = LearnerCertificationAction, HistoryAction
_PLACE = ("input", "stepId")


async def decided_to_join(
    work: Work, action: CertificationAction, certification_id: UUID, expected: Mapping[UUID, int]
) -> Decided[JoiningRow]:
    """Decides over what somebody does for themselves with a certification; their own learner record is locked since."""
    learner_id = work.rights["viewer_learner"]
    await work.lock(learner_queries.lock, [learner_id] if learner_id else [])
    await work.lock(certification_queries.hold, [certification_id])
    rows = await joining.facts(work.connection, work.bound, certification_id)
    return Decided(CERTIFICATIONS[action], work.role, [certification_id], rows, expected)


async def decided_to_learn(
    work: Work, action: LearnerCertificationAction, id_: UUID, expected: Mapping[UUID, int]
) -> Decided[RecordRow]:
    """Decides over what somebody does with their own record; the learner is locked since."""
    await work.lock(found.lock_learners, [id_])
    if action is _A.START_RECERTIFICATION:
        await work.lock(found.hold_certifications, [id_])
    rows = await found.facts(work.connection, work.bound, [id_])
    return Decided(LEARNER_CERTIFICATIONS[action], work.role, [id_], rows, expected)


async def enrol(work: Work, certification_id: UUID, *, expected: Mapping[UUID, int]) -> Answer:
    """Enrols whoever asks: what is assigned goes on, and what is open to join gets a record of its own.

    Args:
        work: the transaction.
        certification_id: the certification.
        expected: its version that the caller read.

    Returns:
        A result for the certification, and the record.
    """
    decided = await decided_to_join(work, CertificationAction.ENROL, certification_id, expected)
    if not decided.granted:
        return Answer(decided.results((), made={}))
    [row] = decided.granted
    if row.record_id is None:
        record_id = await _join(work, certification_id)
        return Answer(decided.results([row.id], made={row.id: record_id}))
    records = await found.facts(work.connection, work.bound, [row.record_id])
    entries = await _carry_out(work, records[row.record_id], learning.enrolled, _H.LEARNER_CERTIFICATION_ENROLLED)
    return Answer(decided.results([row.id] if entries else [], made={row.id: row.record_id}))


async def _join(work: Work, certification_id: UUID) -> UUID:
    """Makes a record of the caller's own."""
    status = LearnerCertificationStatus.NOT_STARTED
    record = new_record(work, work.rights["viewer_learner"], certification_id, status)
    await make(work, [record], [new_source(work, record.id, AssignmentSourceKind.SELF)])
    return record.id


async def start(work: Work, id_: UUID, *, expected: Mapping[UUID, int]) -> Answer:
    """The learner begins to work on the steps (S5 In Progress)."""
    decided = await decided_to_learn(work, _A.START, id_, expected)
    act = _H.LEARNER_CERTIFICATION_STARTED
    return Answer(decided.results(await _all_carried_out(work, decided, learning.started, act)))


async def start_recertification(work: Work, id_: UUID, *, expected: Mapping[UUID, int]) -> Answer:
    """The learner begins a new cycle, under the newest published version (S5 Recertifying, Revoked)."""
    decided = await decided_to_learn(work, _A.START_RECERTIFICATION, id_, expected)
    act = _H.LEARNER_CERTIFICATION_CYCLE_STARTED
    return Answer(decided.results(await _all_carried_out(work, decided, learning.recertification_started, act)))


async def start_exam(work: Work, id_: UUID, *, expected: Mapping[UUID, int]) -> Answer:
    """The learner starts an attempt at the final exam, which counts from now on (a reading)."""
    decided = await decided_to_learn(work, _A.START_EXAM, id_, expected)
    entries = await _all_carried_out(work, decided, _attempted, _H.LEARNER_CERTIFICATION_EXAM_STARTED)
    attempts = [
        {
            "id": work.new_id(work.now),
            "learner_certification_id": row.id,
            "certification_cycle_id": row.cycle_id,
            "number": row.facts.cycle.attempts_used + 1,
            "status": ExamAttemptStatus.STARTED,
            "started_at": work.now,
        }
        for row in decided.granted
        if row.id in entries
    ]
    await working.insert_attempts(work.connection, work.organisation_id, attempts)
    return Answer(decided.results(entries))


def _attempted(facts: LearnerCertificationFacts) -> Effect:
    return advanced(learning.attempt_started(facts.cycle))


async def _all_carried_out(
    work: Work,
    decided: Decided[RecordRow],
    effect: Callable[[LearnerCertificationFacts], Effect],
    act: HistoryAction,
) -> dict[UUID, Entry]:
    """Does what was granted, if it was."""
    entries: dict[UUID, Entry] = {}
    for row in decided.granted:
        entries |= await _carry_out(work, row, effect, act)
    return entries


async def _carry_out(
    work: Work, row: RecordRow, effect: Callable[[LearnerCertificationFacts], Effect], act: HistoryAction
) -> dict[UUID, Entry]:
    return await carry_out(work, [row], {row.id: effect(row.facts)}, {row.id: act})


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a learner hands in for a training step."""

    step_id: UUID
    """The step of the version."""
    text: str | None
    links: Sequence[str]


async def submit_evidence(work: Work, id_: UUID, given: Evidence, *, expected: Mapping[UUID, int]) -> Answer:
    """The learner hands in evidence: it awaits its sign-off, or completes the step where the version wants none.

    Args:
        work: the transaction.
        id_: the record.
        given: the evidence.
        expected: the version that the caller read.

    Returns:
        A result for the record.
    """
    decided = await decided_to_learn(work, _A.SUBMIT_EVIDENCE, id_, expected)
    cycle_ids = [row.cycle_id for row in decided.granted if row.cycle_id]
    steps = await working.steps(work.connection, work.organisation_id, cycle_ids) if cycle_ids else {}
    step = steps.get((id_, given.step_id))
    decided.refuse({id_: list(_reasons_against(step, given))} if decided.granted else {})
    if not decided.granted or step is None:
        return Answer(decided.results(()))
    [row] = decided.granted
    return Answer(decided.results(await _hand_in(work, row, step, given)))


def _reasons_against(step: StepRow | None, given: Evidence) -> Iterator[Reason]:
    if step is None:
        message = "There is no such training step in the cycle that is open. Check the id."
        yield NotFound(ErrorCode.NOT_FOUND, message, _PLACE)
    elif reason := step.facts.against(StepPath.EVIDENCE):
        yield replace(reason, path=_PLACE)
    yield from evidence_reasons(given.text, given.links)


async def _hand_in(work: Work, row: RecordRow, step: StepRow, given: Evidence) -> dict[UUID, Entry]:
    waits = row.evidence_needs_approval
    effect = advanced(learning.evidence_submitted(row.facts.cycle, needs_approval=waits))
    act = _H.LEARNER_CERTIFICATION_EVIDENCE_SENT if waits else _H.LEARNER_CERTIFICATION_STEP_COMPLETED
    entries = await carry_out(work, [row], {row.id: effect}, {row.id: act})
    if row.id not in entries:
        return {}
    progress: dict[str, Any] = {
        "id": step.id,
        "status": StepStatus.AWAITING_APPROVAL if waits else StepStatus.DONE,
        "path": StepPath.EVIDENCE,
        "done_at": None if waits else work.now,
    }
    await working.set_steps(work.connection, work.organisation_id, [progress])
    evidence = NewApproval(
        id=work.new_id(work.now),
        kind=ApprovalKind.EVIDENCE,
        learner_id=row.learner_id,
        certification_id=row.certification_id,
        learner_certification_id=row.id,
        certification_cycle_id=row.cycle_id,
        step_progress_id=step.id,
        evidence_text=given.text,
        evidence_links=" ".join(given.links) or None,
    )
    causes = {id_: entry.id for id_, entry in entries.items()}
    await ask(work, [evidence], causes, ApprovalStatus.PENDING if waits else ApprovalStatus.APPROVED)
    return entries
