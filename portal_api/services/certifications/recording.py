"""What others record of learners: steps completed, results of exams, payments (readings)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from portal_api.domain.certifications import (
    LEARNER_CERTIFICATIONS,
    ApprovalKind,
    ExamAttemptStatus,
    LearnerCertificationAction,
    StepPath,
    StepStatus,
    TestOutResult,
    advanced,
)
from portal_api.domain.certifications.learning import attempt_ended, paid, step_completed
from portal_api.domain.history import HistoryAction
from portal_api.domain.outcomes import Outcome, RowResult
from portal_api.domain.refusals import ErrorCode, NotFound, Reason
from portal_api.queries.certifications import found, working
from portal_api.queries.certifications.asking import NewApproval
from portal_api.queries.certifications.found import RecordRow
from portal_api.queries.certifications.working import AttemptRow, StepRow
from portal_api.services.bulk import Decided
from portal_api.services.certifications.asking import ask
from portal_api.services.certifications.carrying_out import carry_out
from portal_api.work import Answer, Entry, Work

_A, _H = LearnerCertificationAction, HistoryAction


@dataclass(frozen=True, slots=True)
class Completion:
    """A training step that a learner has completed, or has failed to test out of."""

    record_id: UUID
    step_id: UUID
    """The step of the version."""
    path: StepPath
    is_done: bool


@dataclass(frozen=True, slots=True)
class ExamResult:
    """How an attempt at the final exam ended."""

    is_passed: bool
    score: int | None


async def record_steps(work: Work, completions: Sequence[Completion], *, expected: Mapping[UUID, int]) -> Answer:
    """Records steps; those of one record are one change of it. Whoever lacked nothing else is certified.

    Args:
        work: the transaction.
        completions: the steps, in the order of the input; each is named once.
        expected: the versions that records are expected to have.

    Returns:
        A result for each of `completions`.
    """
    ids = [each.record_id for each in completions]
    await work.lock(found.lock_learners, ids)
    rows = await found.facts(work.connection, work.bound, ids)
    decided = Decided(LEARNER_CERTIFICATIONS[_A.RECORD_STEP_COMPLETION], work.role, ids, rows, expected)
    granted = {row.id: row for row in decided.granted}
    cycles = [row.cycle_id for row in decided.granted if row.cycle_id]
    steps = await working.steps(work.connection, work.organisation_id, cycles) if cycles else {}
    refused = {
        place: reasons
        for place, each in enumerate(completions)
        if each.record_id in granted
        and (reasons := tuple(_against(each, steps.get((each.record_id, each.step_id)), place)))
    }
    taken = [each for place, each in enumerate(completions) if each.record_id in granted and place not in refused]
    changed = await _complete(work, granted, taken, steps) if taken else {}
    by_record = {result.given_id: result for result in decided.results(changed)}
    return Answer(
        [
            RowResult(place, each.record_id, each.record_id, Outcome.REFUSED, refused[place])
            if place in refused
            else replace(by_record[each.record_id], index=place)
            for place, each in enumerate(completions)
        ]
    )


def _against(given: Completion, step: StepRow | None, place: int) -> Iterator[Reason]:
    """A step that is none of the open cycle's does not exist here, wherever else it does."""
    if step is None:
        yield NotFound(
            ErrorCode.NOT_FOUND,
            "The learner's cycle has no such training step. Check the id: a cycle keeps the steps of its own version.",
            ("input", "completions", str(place), "stepId"),
        )
    elif reason := step.facts.against(given.path):
        yield reason


async def _complete(
    work: Work,
    records: Mapping[UUID, RecordRow],
    taken: Sequence[Completion],
    steps: Mapping[tuple[UUID, UUID], StepRow],
) -> dict[UUID, Entry]:
    cycles = {each.record_id: records[each.record_id].facts.cycle for each in taken}
    acts = dict.fromkeys(cycles, _H.LEARNER_CERTIFICATION_TEST_OUT_FAILED)
    for each in taken:
        if each.is_done:
            cycles[each.record_id] = step_completed(cycles[each.record_id])
            acts[each.record_id] = _H.LEARNER_CERTIFICATION_STEP_COMPLETED
    effects = {id_: advanced(cycle) for id_, cycle in cycles.items()}
    entries = await carry_out(work, [records[id_] for id_ in cycles], effects, acts)
    written = [(each, steps[each.record_id, each.step_id].id) for each in taken if each.record_id in entries]
    for is_test_out in (False, True):  # the result of a test-out stays, whichever way the step is completed in the end
        await working.set_steps(
            work.connection,
            work.organisation_id,
            [
                {"id": id_, **_progress(work, each)}
                for each, id_ in written
                if (each.path is StepPath.TEST_OUT) is is_test_out
            ],
        )
    return entries


def _progress(work: Work, given: Completion) -> dict[str, Any]:
    """A step as its row has it afterwards."""
    columns = {
        "status": StepStatus.DONE if given.is_done else StepStatus.OPEN,
        "path": given.path if given.is_done else None,
        "done_at": work.now if given.is_done else None,
    }
    if given.path is not StepPath.TEST_OUT:
        return columns
    result = TestOutResult.PASSED if given.is_done else TestOutResult.FAILED
    return columns | {"test_out": result, "tested_out_at": work.now}


async def record_exams(
    work: Work, ids: Sequence[UUID], results: Mapping[UUID, ExamResult], *, expected: Mapping[UUID, int]
) -> Answer:
    """Records how attempts at the final exam ended; a pass that wants its sign-off waits for it.

    Args:
        work: the transaction.
        ids: the records, in the order of the input; each is named once.
        results: the result of each.
        expected: the versions that records are expected to have.

    Returns:
        A result a record.
    """
    await work.lock(found.lock_learners, ids)
    rows = await found.facts(work.connection, work.bound, ids)
    decided = Decided(LEARNER_CERTIFICATIONS[_A.RECORD_EXAM_RESULT], work.role, ids, rows, expected)
    if not decided.granted:
        return Answer(decided.results(()))
    passed = {row.id for row in decided.granted if results[row.id].is_passed}
    effects = {
        row.id: advanced(
            attempt_ended(row.facts.cycle, is_passed=row.id in passed, needs_approval=row.exam_needs_approval)
        )
        for row in decided.granted
    }
    acts = {
        id_: _H.LEARNER_CERTIFICATION_EXAM_PASSED if id_ in passed else _H.LEARNER_CERTIFICATION_EXAM_FAILED
        for id_ in effects
    }
    entries = await carry_out(work, decided.granted, effects, acts)
    await _end_attempts(work, [row for row in decided.granted if row.id in entries], results, entries)
    return Answer(decided.results(entries))


async def _end_attempts(
    work: Work, rows: Sequence[RecordRow], results: Mapping[UUID, ExamResult], entries: Mapping[UUID, Entry]
) -> None:
    """Closes the attempts that are open, makes the others, and asks for the sign-off of a pass that wants one."""
    cycles = [row.cycle_id for row in rows if row.cycle_id]
    last = await working.last_attempts(work.connection, work.organisation_id, cycles)
    ended: list[dict[str, Any]] = []
    made: list[dict[str, Any]] = []
    asked: list[NewApproval] = []
    for row in rows:
        result, before = results[row.id], last.get(row.cycle_id) if row.cycle_id else None
        is_open = row.facts.cycle.has_attempt_open and before is not None
        id_ = before.id if is_open and before else work.new_id(work.now)
        status = _attempt_status(row, result)
        end = {"id": id_, "status": status, "ended_at": work.now, "score": result.score}
        if is_open:
            ended.append(end)
        else:
            made.append({**end, **_begun(work, row, before)})
        if status is ExamAttemptStatus.AWAITING_APPROVAL:
            asked.append(_sign_off(work, row, id_, result.score))
    await working.set_attempts(work.connection, work.organisation_id, ended)
    await working.insert_attempts(work.connection, work.organisation_id, made)
    await ask(work, asked, {id_: entry.id for id_, entry in entries.items()})


def _attempt_status(row: RecordRow, result: ExamResult) -> ExamAttemptStatus:
    if not result.is_passed:
        return ExamAttemptStatus.FAILED
    return ExamAttemptStatus.AWAITING_APPROVAL if row.exam_needs_approval else ExamAttemptStatus.PASSED


def _begun(work: Work, row: RecordRow, before: AttemptRow | None) -> dict[str, Any]:
    """An attempt of which nobody told the beginning."""
    return {
        "learner_certification_id": row.id,
        "certification_cycle_id": row.cycle_id,
        "number": before.number + 1 if before else 1,
        "started_at": work.now,
    }


def _sign_off(work: Work, row: RecordRow, attempt_id: UUID, score: int | None) -> NewApproval:
    return NewApproval(
        id=work.new_id(work.now),
        kind=ApprovalKind.EXAM,
        learner_id=row.learner_id,
        certification_id=row.certification_id,
        learner_certification_id=row.id,
        certification_cycle_id=row.cycle_id,
        exam_attempt_id=attempt_id,
        score=score,
    )


async def record_payments(
    work: Work, ids: Sequence[UUID], refs: Mapping[UUID, str | None], *, expected: Mapping[UUID, int]
) -> Answer:
    """Records that the fees of open cycles have been paid.

    Args:
        work: the transaction.
        ids: the records, in the order of the input; each is named once.
        refs: what the payment of each is known by elsewhere.
        expected: the versions that records are expected to have.

    Returns:
        A result a record.
    """
    await work.lock(found.lock_learners, ids)
    rows = await found.facts(work.connection, work.bound, ids)
    decided = Decided(LEARNER_CERTIFICATIONS[_A.RECORD_PAYMENT], work.role, ids, rows, expected)
    if not decided.granted:
        return Answer(decided.results(()))
    effects = {row.id: paid(row.facts) for row in decided.granted}
    acts = dict.fromkeys(effects, _H.LEARNER_CERTIFICATION_PAID)
    kept = {id_: {"payment_ref": refs[id_]} for id_ in effects}
    return Answer(decided.results(await carry_out(work, decided.granted, effects, acts, kept=kept)))
