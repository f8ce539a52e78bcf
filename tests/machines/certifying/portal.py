"""The operations of a world of certifications, answered by the domain's tables and carried out by its effects."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace as with_

from portal_api.domain.certifications import (
    EFFECTS,
    ApprovalAction,
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
    TestOutResult,
    advanced,
    after_decisions,
    learning,
    most_telling,
)
from tests.machines.certifying.acting import ACTS
from tests.machines.certifying.model import Completion, World
from tests.machines.certifying.records import ADMIN, CHANGED, UNCHANGED, Learner, Result, refused
from tests.machines.certifying.shelves import Shelves
from tests.machines.certifying.stored import StoredApproval, StoredRecord

_A, _K, _S = LearnerCertificationAction, ApprovalKind, LearnerCertificationStatus


class Portal(Shelves):
    """What anybody may do."""

    @classmethod
    def of(cls, world: World) -> "Portal":
        """Takes over a world in which nothing has happened yet."""
        learners = [Learner(**{**vars(each), "groups": set(each.groups)}) for each in world.learners]
        certifications = [with_(each) for each in world.certifications]
        versions = [with_(each) for each in world.versions]
        return cls(world, world.now, world.zone, learners, certifications, versions)

    def act(self, actor: int, action: str, records: Iterable[int]) -> list[Result]:
        results: list[Result] = []
        for row in map(self.records.__getitem__, records):
            codes = self.codes(row, _A[action], actor)
            results.append(refused(codes) or CHANGED)
            if not codes:
                self.carry_out(row, EFFECTS[_A[action]](self.facts(row, actor)), ACTS[action])
        return results

    def assign(self, certification: int, learners: Iterable[int]) -> list[Result]:
        results: list[Result] = []
        for key in learners:
            row = self.record_of(key, certification)
            codes = self.joining_codes(CertificationAction.ASSIGN, certification, key, ADMIN)
            by_hand = row and any(each.kind == "MANUAL" for each in self.sources_of(row))
            results.append(refused(codes) or (UNCHANGED if by_hand else CHANGED))
            if results[-1] is CHANGED:
                if row:
                    self.touch(row, "LEARNER_CERTIFICATION_REASSIGNED")
                row = row or self.make_record(key, certification, _S.ASSIGNED)
                self.add_source(row, AssignmentSourceKind.MANUAL)
        return results

    def remove(self, sources: Iterable[int]) -> list[Result]:
        named = [self.sources[key] for key in sources]
        codes = [self.codes(self.records[each.record], _A.REMOVE_ASSIGNMENT, ADMIN, each) for each in named]
        ended = [each for each, against in zip(named, codes, strict=True) if not against]
        for each in ended:
            each.has_ended = True
        for key in dict.fromkeys(each.record for each in ended):
            self.leave(self.records[key])
        return [refused(each) or CHANGED for each in codes]

    def enrol(self, actor: int, certification: int) -> list[Result]:
        codes = self._codes_of_joining(CertificationAction.ENROL, certification, actor)
        row = self.record_of(actor, certification)
        if not codes and row:
            self.carry_out(row, learning.enrolled(self.facts(row, actor)), "LEARNER_CERTIFICATION_ENROLLED")
        elif not codes:
            row = self.make_record(actor, certification, _S.NOT_STARTED)
            self.add_source(row, AssignmentSourceKind.SELF)
            self.open_cycle(row)
        return [refused(codes) or CHANGED]

    def request_access(self, actor: int, certification: int) -> list[Result]:
        codes = self._codes_of_joining(CertificationAction.REQUEST_ACCESS, certification, actor)
        if not codes:
            self.approvals.append(StoredApproval(len(self.approvals), _K.ACCESS, actor, certification))
            self._tell("APPROVAL", len(self.approvals) - 1, "APPROVAL_REQUESTED", None, "PENDING")
        return [refused(codes) or CHANGED]

    def _codes_of_joining(self, action: CertificationAction, certification: int, actor: int) -> tuple[str, ...]:
        is_seen = self.world.sees_certification(actor, certification)
        return self.joining_codes(action, certification, actor, actor) if is_seen else ("NOT_FOUND",)

    def start(self, actor: int, record: int) -> list[Result]:
        return self._learn(actor, record, _A.START, learning.started, "LEARNER_CERTIFICATION_STARTED")

    def start_recertification(self, actor: int, record: int) -> list[Result]:
        effect, act = learning.recertification_started, "LEARNER_CERTIFICATION_CYCLE_STARTED"
        return self._learn(actor, record, _A.START_RECERTIFICATION, effect, act)

    def start_exam(self, actor: int, record: int) -> list[Result]:
        def attempted(facts: LearnerCertificationFacts) -> Effect:
            return advanced(learning.attempt_started(facts.cycle))

        result = self._learn(actor, record, _A.START_EXAM, attempted, "LEARNER_CERTIFICATION_EXAM_STARTED")
        if result == [CHANGED]:
            self.records[record].cycles[-1].attempts.append(ExamAttemptStatus.STARTED)
        return result

    def _learn(
        self,
        actor: int,
        record: int,
        action: LearnerCertificationAction,
        effect: Callable[[LearnerCertificationFacts], Effect],
        act: str,
    ) -> list[Result]:
        row = self.records[record]
        codes = self.codes(row, action, actor)
        if not codes:
            self.carry_out(row, effect(self.facts(row, actor)), act)
        return [refused(codes) or CHANGED]

    def submit_evidence(self, actor: int, record: int, step: int) -> list[Result]:
        row = self.records[record]
        codes = self.codes(row, _A.SUBMIT_EVIDENCE, actor) or self._against_step(row, step, StepPath.EVIDENCE)
        cycle = row.cycle
        if not codes and cycle:
            waits = cycle.terms.evidence_is_signed_off
            effect = advanced(learning.evidence_submitted(cycle.facts, needs_approval=waits))
            status = StepStatus.AWAITING_APPROVAL if waits else StepStatus.DONE
            cycle.steps[step] = with_(cycle.steps[step], status=status)
            self.carry_out(row, effect, f"LEARNER_CERTIFICATION_{'EVIDENCE_SENT' if waits else 'STEP_COMPLETED'}")
            self.ask(_K.EVIDENCE, row, step, ApprovalStatus.PENDING if waits else ApprovalStatus.APPROVED)
        return [refused(codes) or CHANGED]

    def _against_step(self, row: StoredRecord, step: int, path: StepPath) -> tuple[str, ...]:
        assert row.cycle
        reason = row.cycle.steps[step].against(path)
        return (reason.code.name,) if reason else ()

    def request_more_attempts(self, actor: int, record: int) -> list[Result]:
        row = self.records[record]
        codes = self.codes(row, _A.REQUEST_MORE_ATTEMPTS, actor)
        if not codes:
            self.ask(_K.MORE_ATTEMPTS, row)
        return [refused(codes) or CHANGED]

    def record_steps(self, actor: int, completions: Sequence[Completion]) -> list[Result]:
        codes = [self._against_completion(actor, each) for each in completions]
        acts: dict[int, str] = {}
        for each in (each for each, against in zip(completions, codes, strict=True) if not against):
            cycle = self.records[each.record].cycle
            assert cycle
            step = cycle.steps[each.step]
            if each.path == StepPath.TEST_OUT.name:
                step = with_(step, test_out=TestOutResult.PASSED if each.is_passed else TestOutResult.FAILED)
            if each.is_done:
                step = with_(step, status=StepStatus.DONE)
                cycle.facts = learning.step_completed(cycle.facts)
                acts[each.record] = "LEARNER_CERTIFICATION_STEP_COMPLETED"
            cycle.steps[each.step] = step
            acts.setdefault(each.record, "LEARNER_CERTIFICATION_TEST_OUT_FAILED")
        for key, act in acts.items():
            row = self.records[key]
            assert row.cycle
            self.carry_out(row, advanced(row.cycle.facts), act)
        return [refused(each) or CHANGED for each in codes]

    def _against_completion(self, actor: int, given: Completion) -> tuple[str, ...]:
        row = self.records[given.record]
        codes = self.codes(row, _A.RECORD_STEP_COMPLETION, actor)
        return codes or self._against_step(row, given.step, StepPath[given.path])

    def record_exams(self, actor: int, results: Mapping[int, bool]) -> list[Result]:
        answers: list[Result] = []
        for key, is_passed in results.items():
            row = self.records[key]
            codes = self.codes(row, _A.RECORD_EXAM_RESULT, actor)
            answers.append(refused(codes) or CHANGED)
            cycle = row.cycle
            if codes or cycle is None:
                continue
            waits = cycle.terms.exam_is_signed_off
            after = learning.attempt_ended(cycle.facts, is_passed=is_passed, needs_approval=waits)
            if not cycle.facts.has_attempt_open:
                cycle.attempts.append(ExamAttemptStatus.STARTED)
            passed = ExamAttemptStatus.AWAITING_APPROVAL if waits else ExamAttemptStatus.PASSED
            cycle.attempts[-1] = passed if is_passed else ExamAttemptStatus.FAILED
            self.carry_out(row, advanced(after), f"LEARNER_CERTIFICATION_EXAM_{'PASSED' if is_passed else 'FAILED'}")
            if after.is_exam_waiting:
                self.ask(_K.EXAM, row)
        return answers

    def record_payments(self, actor: int, records: Iterable[int]) -> list[Result]:
        act = "LEARNER_CERTIFICATION_PAID"
        return [self._learn(actor, key, _A.RECORD_PAYMENT, learning.paid, act)[0] for key in records]

    def decide(self, actor: int, approvals: Sequence[int], *, is_approved: bool, attempts: int) -> list[Result]:
        action = ApprovalAction.APPROVE if is_approved else ApprovalAction.DENY
        codes = [self.deciding_codes(action, self.approvals[key], actor) for key in approvals]
        granted = [self.approvals[key] for key, against in zip(approvals, codes, strict=True) if not against]
        by_record: dict[int, list[ApprovalKind]] = {}
        for asked in granted:
            self.end_approval(asked, ApprovalStatus.APPROVED if is_approved else ApprovalStatus.DENIED)
            if asked.record is None:
                if is_approved:
                    self._let_in(asked)
            else:
                self._part(asked, self.records[asked.record], is_approved=is_approved, attempts=attempts)
                if is_approved or asked.kind is not _K.MORE_ATTEMPTS:
                    by_record.setdefault(asked.record, []).append(asked.kind)
        for key, kinds in by_record.items():
            facts, kind = self.facts(self.records[key], actor), most_telling(kinds)
            told = "APPROVED" if is_approved else "DENIED"
            act = "ATTEMPTS_GRANTED" if kind is _K.MORE_ATTEMPTS else f"{kind.name}_{told}"
            effect = after_decisions(facts, kinds, is_approved=is_approved)
            self.carry_out(self.records[key], effect, f"LEARNER_CERTIFICATION_{act}")
        return [refused(each) or CHANGED for each in codes]

    def _part(self, asked: StoredApproval, row: StoredRecord, *, is_approved: bool, attempts: int) -> None:
        """The step or the attempt that was decided, or the attempts granted."""
        cycle = row.cycle
        assert cycle
        if asked.kind is _K.EXAM:
            cycle.attempts[-1] = ExamAttemptStatus.PASSED if is_approved else ExamAttemptStatus.DENIED
        elif asked.kind is _K.EVIDENCE and asked.step is not None:
            status = StepStatus.DONE if is_approved else StepStatus.OPEN
            cycle.steps[asked.step] = with_(cycle.steps[asked.step], status=status)
        elif is_approved and cycle.facts.attempts_allowed is not None:
            cycle.facts = with_(cycle.facts, attempts_allowed=cycle.facts.attempts_allowed + attempts)

    def _let_in(self, asked: StoredApproval) -> None:
        row = self.record_of(asked.learner, asked.certification)
        if row is None:
            row = self.make_record(asked.learner, asked.certification, _S.NOT_STARTED)
            self.open_cycle(row)
        elif any(each.kind == "SELF" for each in self.sources_of(row)):
            return
        else:
            act = "ENROLLED" if row.status is _S.ASSIGNED else "REASSIGNED"
            effect = after_decisions(self.facts(row, asked.learner), [_K.ACCESS], is_approved=True)
            self.carry_out(row, effect, f"LEARNER_CERTIFICATION_{act}")
        self.add_source(row, AssignmentSourceKind.SELF)
