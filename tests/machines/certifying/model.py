"""The plain world whole: with what learners do themselves, what is recorded for them, and what is decided."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tests.machines.certifying.acting import Acting
from tests.machines.certifying.reading import against_deciding, against_joining, against_letting_in, against_step
from tests.machines.certifying.records import (
    APPROVAL,
    ASSIGNED,
    CHANGED,
    NOT_STARTED,
    RECERTIFYING,
    Approval,
    Cycle,
    Record,
    Result,
    refused,
)


class Completion(NamedTuple):
    """A training step as it is recorded done; a test-out is passed or failed."""

    record: int
    step: int
    path: str
    is_passed: bool = True

    @property
    def is_done(self) -> bool:
        return self.path != "TEST_OUT" or self.is_passed


class World(Acting):
    """All there is, and all that can be done."""

    def enrol(self, actor: int, certification: int) -> list[Result]:
        """Takes up an assignment, or joins what is open to join."""
        record, codes = self._joining("ENROL", actor, certification)
        if not codes:
            if record is None:
                record = self._make_record(actor, certification, NOT_STARTED)
                self._add_source(record, "SELF")
            else:
                self._move(record, "LEARNER_CERTIFICATION_ENROLLED", NOT_STARTED)
            self._open_cycle(record)
        return [refused(codes) or CHANGED]

    def request_access(self, actor: int, certification: int) -> list[Result]:
        """Asks for access to what is open on request."""
        _, codes = self._joining("REQUEST_ACCESS", actor, certification)
        if not codes:
            approval = Approval(len(self.approvals), "ACCESS", actor, certification)
            self.approvals.append(approval)
            self._tell((APPROVAL, approval.key), "APPROVAL_REQUESTED", None, "PENDING")
        return [refused(codes) or CHANGED]

    def _joining(self, action: str, actor: int, certification: int) -> tuple[Record | None, list[str]]:
        if not self.sees_certification(actor, certification):
            return None, ["NOT_FOUND"]
        record = self.record_of(actor, certification)
        asked = [each for each in self.approvals if (each.learner, each.certification) == (actor, certification)]
        codes = against_joining(
            action,
            self.certifications[certification],
            self.learners[actor],
            record and record.status,
            is_published=self.newest(certification) is not None,
            has_asked=any(each.kind == "ACCESS" and each.status == "PENDING" for each in asked),
        )
        return record, codes

    def start(self, actor: int, record: int) -> list[Result]:
        """Begins to work on the steps."""
        found = self.records[record]
        codes = self.against("START", found, actor)
        if not codes:
            assert found.cycle
            found.cycle.is_started = True
            self._settle(found, "LEARNER_CERTIFICATION_STARTED")
        return [refused(codes) or CHANGED]

    def submit_evidence(self, actor: int, record: int, step: int) -> list[Result]:
        """Sends in evidence for a training step; unless it is signed off, the step is done with it."""
        found = self.records[record]
        codes = self.against("SUBMIT_EVIDENCE", found, actor)
        if not codes:
            assert found.cycle
            doing = found.cycle.steps[step]
            codes = against_step(doing.status, doing.paths, doing.test_out, "EVIDENCE")
            if not codes and found.cycle.terms.evidence_is_signed_off:
                doing.status = "AWAITING_APPROVAL"
                self._ask("EVIDENCE", found, step=step)
                self._settle(found, "LEARNER_CERTIFICATION_EVIDENCE_SENT")
            elif not codes:
                doing.status = "DONE"
                self._ask("EVIDENCE", found, step=step, status="APPROVED")
                self._settle(found, "LEARNER_CERTIFICATION_STEP_COMPLETED")
        return [refused(codes) or CHANGED]

    def start_exam(self, actor: int, record: int) -> list[Result]:
        """Begins an attempt, which counts from now on."""
        found = self.records[record]
        codes = self.against("START_EXAM", found, actor)
        if not codes:
            assert found.cycle
            found.cycle.attempts.append("STARTED")
            self._touch(found, "LEARNER_CERTIFICATION_EXAM_STARTED")
        return [refused(codes) or CHANGED]

    def start_recertification(self, actor: int, record: int) -> list[Result]:
        """Opens a new cycle; a certificate in force stays so."""
        found = self.records[record]
        codes = self.against("START_RECERTIFICATION", found, actor)
        if not codes:
            self._open_cycle(found)
            to = RECERTIFYING if found.was_certified else NOT_STARTED
            self._move(found, "LEARNER_CERTIFICATION_CYCLE_STARTED", to)
        return [refused(codes) or CHANGED]

    def request_more_attempts(self, actor: int, record: int) -> list[Result]:
        """Asks for more attempts, which changes nothing but the queue."""
        found = self.records[record]
        codes = self.against("REQUEST_MORE_ATTEMPTS", found, actor)
        if not codes:
            self._ask("MORE_ATTEMPTS", found)
        return [refused(codes) or CHANGED]

    def record_steps(self, actor: int, completions: Sequence[Completion]) -> list[Result]:
        """Records training steps done, or the one test-out of the cycle failed; those of one record are one change."""
        codes = [self._against_completion(actor, each) for each in completions]
        acts: dict[int, str] = {}
        for each in (each for each, against in zip(completions, codes, strict=True) if not against):
            cycle = self.records[each.record].cycle
            assert cycle
            step = cycle.steps[each.step]
            if each.path == "TEST_OUT":
                step.test_out = "PASSED" if each.is_passed else "FAILED"
            if each.is_done:
                step.status = "DONE"
                acts[each.record] = "LEARNER_CERTIFICATION_STEP_COMPLETED"
            acts.setdefault(each.record, "LEARNER_CERTIFICATION_TEST_OUT_FAILED")
        for key, act in acts.items():
            self._settle(self.records[key], act)
        return [refused(each) or CHANGED for each in codes]

    def _against_completion(self, actor: int, given: Completion) -> list[str]:
        found = self.records[given.record]
        if codes := self.against("RECORD_STEP_COMPLETION", found, actor):
            return codes
        assert found.cycle
        step = found.cycle.steps[given.step]
        return against_step(step.status, step.paths, step.test_out, given.path)

    def record_exams(self, actor: int, results: Mapping[int, bool]) -> list[Result]:
        """Records how attempts ended: the open one, or one that was never announced."""
        answers: list[Result] = []
        for key, is_passed in results.items():
            found = self.records[key]
            codes = self.against("RECORD_EXAM_RESULT", found, actor)
            answers.append(refused(codes) or CHANGED)
            if codes:
                continue
            cycle = found.cycle
            assert cycle
            if "STARTED" not in cycle.attempts:
                cycle.attempts.append("STARTED")
            if not is_passed:
                cycle.attempts[-1] = "FAILED"
            elif cycle.terms.exam_is_signed_off:
                cycle.attempts[-1] = "AWAITING_APPROVAL"
                self._ask("EXAM", found, attempt=len(cycle.attempts) - 1)
            else:
                cycle.attempts[-1], cycle.is_exam_passed = "PASSED", True
            self._settle(found, f"LEARNER_CERTIFICATION_EXAM_{'PASSED' if is_passed else 'FAILED'}")
        return answers

    def record_payments(self, actor: int, records: Iterable[int]) -> list[Result]:
        """Records that the fees of open cycles were paid."""
        results: list[Result] = []
        for found in map(self.records.__getitem__, records):
            codes = self.against("RECORD_PAYMENT", found, actor)
            results.append(refused(codes) or CHANGED)
            if not codes:
                assert found.cycle
                found.cycle.fee = "PAID"
                self._touch(found, "LEARNER_CERTIFICATION_PAID")
        return results

    def decide(self, actor: int, approvals: Sequence[int], *, is_approved: bool, attempts: int) -> list[Result]:
        """Approves or denies; what concerns one record is one change of it, told by what weighs most."""
        codes = [self.against_deciding(actor, self.approvals[key], is_approved=is_approved) for key in approvals]
        granted = [self.approvals[key] for key, against in zip(approvals, codes, strict=True) if not against]
        status = "APPROVED" if is_approved else "DENIED"
        self._end_approvals(granted, status)
        for asked in granted:
            if asked.kind == "ACCESS" and is_approved:
                self._let_in(asked)
            elif asked.kind == "MORE_ATTEMPTS" and is_approved:
                self._cycle_of(asked).granted += attempts
            elif asked.kind == "EVIDENCE" and asked.step is not None:
                self._cycle_of(asked).steps[asked.step].status = "DONE" if is_approved else "OPEN"
            elif asked.kind == "EXAM" and asked.attempt is not None:
                self._cycle_of(asked).attempts[asked.attempt] = "PASSED" if is_approved else "DENIED"
                self._cycle_of(asked).is_exam_passed = is_approved
        for key in dict.fromkeys(each.record for each in granted if each.record is not None):
            kinds = {each.kind for each in granted if each.record == key}
            if kinds & {"EXAM", "EVIDENCE"}:
                kind = "EXAM" if "EXAM" in kinds else "EVIDENCE"
                self._settle(self.records[key], f"LEARNER_CERTIFICATION_{kind}_{status}")
            elif is_approved and "MORE_ATTEMPTS" in kinds:
                self._touch(self.records[key], "LEARNER_CERTIFICATION_ATTEMPTS_GRANTED")
        return [refused(each) or CHANGED for each in codes]

    def _cycle_of(self, asked: Approval) -> Cycle:
        assert asked.record is not None
        cycle = self.records[asked.record].cycle
        assert cycle
        return cycle

    def against_deciding(self, actor: int, asked: Approval, *, is_approved: bool) -> list[str]:
        if not self.sees(actor, asked.learner):
            return ["NOT_FOUND"]
        learner, role = self.learners[asked.learner], self.role_of(actor)
        codes = against_deciding(asked.kind, asked.status, learner, role, is_own=actor == asked.learner)
        if asked.kind != "ACCESS" or not is_approved:
            return codes
        record, of = self.record_of(asked.learner, asked.certification), self.certifications[asked.certification]
        is_published = self.newest(asked.certification) is not None
        return [*codes, *against_letting_in(of, record and record.status, is_published=is_published)]

    def _let_in(self, asked: Approval) -> None:
        """Access makes a record, or takes up what was assigned meanwhile; a record further on is kept by it from now on."""
        record = self.record_of(asked.learner, asked.certification)
        if record and any(each.kind == "SELF" for each in self.standing_sources(record)):
            return
        if record is None:
            record = self._make_record(asked.learner, asked.certification, NOT_STARTED)
            self._open_cycle(record)
        elif record.status == ASSIGNED:
            self._move(record, "LEARNER_CERTIFICATION_ENROLLED", NOT_STARTED)
            self._open_cycle(record)
        else:
            self._touch(record, "LEARNER_CERTIFICATION_REASSIGNED")
        self._add_source(record, "SELF")
