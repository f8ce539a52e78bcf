"""The acts that biographies are made of: what learners, administrators and the content player did, each a function."""

from uuid import UUID

from portal_api.domain.certifications import (
    ApprovalKind,
    ApprovalStatus,
    AssignmentSourceKind,
    Cycle,
    ExamAttemptStatus,
    FeeStatus,
    LearnerCertificationAction,
    LearnerCertificationStatus,
    StepPath,
    StepStatus,
    TestOutResult,
    advanced,
    learning,
)
from portal_api.domain.history import HistoryAction
from portal_api.importers.demo_biographies import Act, Biography
from portal_api.importers.demo_cycles import Actor, Row

_A, _H, _S = LearnerCertificationAction, HistoryAction, LearnerCertificationStatus
_K = AssignmentSourceKind

EVIDENCE = (
    "Logbook of twelve shifts, signed by my supervisor.",
    "Certificate of the course that I took in March.",
    "Photographs of the harness check, and the checklist that goes with them.",
    "Statement of my team leader about three months at the new site.",
)
EVIDENCE_DENIALS = (
    "The logbook stops after four shifts. Please send the rest.",
    "The signature is missing. Please have your supervisor sign it.",
)
EXAM_DENIALS = ("The practical part was not observed. Please book another attempt with your assessor.",)
ACCESS_DENIALS = ("Places in this intake go to the night team. Please ask again in the next quarter.",)
ATTEMPTS_DENIALS = ("Please go through the second module again before another attempt.",)
ATTEMPTS_GRANTED = 1


def assigned(life: Biography) -> None:
    """By hand."""
    life.make(_S.ASSIGNED, _K.MANUAL, life.cast.admin)


def assigned_by(group_id: UUID) -> Act:
    """By a group that holds the learner."""

    def act(life: Biography) -> None:
        life.make(_S.ASSIGNED, _K.GROUP, life.cast.admin, group_id=group_id)

    return act


def assigned_too(life: Biography) -> None:
    """By hand, where something else had assigned it already."""
    life.add_source(_K.MANUAL, life.cast.admin)
    life.touch(_H.LEARNER_CERTIFICATION_REASSIGNED, life.cast.admin)


def unassigned(life: Biography) -> None:
    """The assignment by hand is removed; another source keeps the record."""
    life.end_source(_K.MANUAL)
    life.touch(_H.LEARNER_CERTIFICATION_UNASSIGNED, life.cast.admin)


def left_group(life: Biography) -> None:
    """The group lets the learner go, who has begun and so keeps the record."""
    life.end_source(_K.GROUP)
    life.touch(_H.LEARNER_CERTIFICATION_UNASSIGNED, life.cast.admin)


def archived(life: Biography) -> None:
    """The only assignment, by hand, is removed."""
    life.end_source(_K.MANUAL)
    life.archive(life.cast.admin)


def joined(life: Biography) -> None:
    """The learner enrols without having been assigned."""
    life.make(_S.NOT_STARTED, _K.SELF, life.pen.learner)


def asked(life: Biography) -> None:
    """The learner asks for access."""
    life.ask(ApprovalKind.ACCESS)


def admitted(life: Biography) -> None:
    """Access is given."""
    request = life.awaited(ApprovalKind.ACCESS)
    decided = life.end_approval(request, ApprovalStatus.APPROVED, life.cast.admin)
    life.make(_S.NOT_STARTED, _K.SELF, life.cast.admin, cause=decided.id)
    request["learner_certification_id"] = life.kept["id"]


def turned_away(life: Biography) -> None:
    """Access is denied."""
    request, comment = life.awaited(ApprovalKind.ACCESS), life.cast.random.choice(ACCESS_DENIALS)
    life.end_approval(request, ApprovalStatus.DENIED, life.cast.admin, comment=comment)


def enrolled(life: Biography) -> None:
    """The learner takes up an assignment."""
    life.carry_out(_H.LEARNER_CERTIFICATION_ENROLLED, learning.enrolled(life.facts), life.pen.learner)


def started(life: Biography) -> None:
    """The learner begins."""
    life.carry_out(_H.LEARNER_CERTIFICATION_STARTED, learning.started(life.facts), life.pen.learner)


def paid(life: Biography) -> None:
    """The fee is paid, if the cycle asks for one."""
    if life.running.facts.fee is FeeStatus.UNPAID:
        life.carry_out(_H.LEARNER_CERTIFICATION_PAID, learning.paid(life.facts), life.cast.machine)
        life.running.row["payment_ref"] = f"PAY-{life.cast.random.randrange(10**6):06}"


def waived(life: Biography) -> None:
    """The fee is waived."""
    life.take(_A.OVERRIDE_PAYMENT, _H.LEARNER_CERTIFICATION_FEE_OVERRIDDEN)


def _advance(life: Biography, act: HistoryAction, cycle: Cycle, by: Actor, cause: UUID | None = None) -> UUID:
    return life.carry_out(act, advanced(cycle), by, cause).id


def _complete(life: Biography, path: StepPath, step: Row) -> None:
    step |= {"status": StepStatus.DONE, "path": path, "done_at": life.pen.at}
    if path is StepPath.TEST_OUT:
        step |= {"test_out": TestOutResult.PASSED, "tested_out_at": life.pen.at}
    cycle = learning.step_completed(life.running.facts)
    _advance(life, _H.LEARNER_CERTIFICATION_STEP_COMPLETED, cycle, life.cast.machine)


def completed(path: StepPath) -> Act:
    """The first open training step that offers a way is done that way."""

    def act(life: Biography) -> None:
        step, _ = life.running.step(StepStatus.OPEN, path)
        _complete(life, path, step)

    return act


def failed_test_out(life: Biography) -> None:
    """The one attempt at testing out of a step fails."""
    step, _ = life.running.step(StepStatus.OPEN, StepPath.TEST_OUT)
    step |= {"test_out": TestOutResult.FAILED, "tested_out_at": life.pen.at}
    _advance(life, _H.LEARNER_CERTIFICATION_TEST_OUT_FAILED, life.running.facts, life.cast.machine)


def sent_evidence(life: Biography) -> None:
    """The learner sends evidence, which counts at once where nobody signs it off."""
    running, at = life.running, life.pen.at
    step, _ = running.step(StepStatus.OPEN, StepPath.EVIDENCE)
    awaits = running.version.content.evidence_needs_approval
    step |= {"status": StepStatus.AWAITING_APPROVAL} if awaits else {"status": StepStatus.DONE, "done_at": at}
    step["path"] = StepPath.EVIDENCE
    cycle = learning.evidence_submitted(running.facts, needs_approval=awaits)
    cause = _advance(life, _H.LEARNER_CERTIFICATION_EVIDENCE_SENT, cycle, life.pen.learner)
    if awaits:
        random = life.cast.random
        number, links = random.randrange(10**6), random.randrange(3)
        addresses = [f"https://files.{life.cast.domain}/evidence/{number:06}-{each + 1}.pdf" for each in range(links)]
        life.ask(
            ApprovalKind.EVIDENCE,
            cause,
            step_progress_id=step["id"],
            evidence_text=random.choice(EVIDENCE),
            evidence_links=" ".join(addresses) or None,
        )


def _decided_evidence(life: Biography, *, is_approved: bool) -> None:
    step, _ = life.running.step(StepStatus.AWAITING_APPROVAL)
    request = life.awaited(ApprovalKind.EVIDENCE)
    comment = None if is_approved else life.cast.random.choice(EVIDENCE_DENIALS)
    to = ApprovalStatus.APPROVED if is_approved else ApprovalStatus.DENIED
    decided = life.end_approval(request, to, life.cast.admin, comment=comment)
    done = {"status": StepStatus.DONE, "done_at": life.pen.at}
    step |= done if is_approved else {"status": StepStatus.OPEN, "path": None}
    cycle = learning.evidence_decided(life.running.facts, is_approved=is_approved)
    act = _H.LEARNER_CERTIFICATION_EVIDENCE_APPROVED if is_approved else _H.LEARNER_CERTIFICATION_EVIDENCE_DENIED
    _advance(life, act, cycle, life.cast.admin, decided.id)


def approved_evidence(life: Biography) -> None:
    """The evidence is signed off."""
    _decided_evidence(life, is_approved=True)


def denied_evidence(life: Biography) -> None:
    """The evidence does not do; its step is open again."""
    _decided_evidence(life, is_approved=False)


def trained(life: Biography) -> None:
    """All training steps that are open are done, each in one of its ways."""
    for step, paths in life.running.steps:
        if step["status"] is not StepStatus.OPEN:
            continue
        life.later()
        path = life.cast.random.choice(paths)
        if path is StepPath.TEST_OUT and step["test_out"] is not None:
            path = paths[0]
        if path is not StepPath.EVIDENCE:
            _complete(life, path, step)
            continue
        sent_evidence(life)
        if life.running.facts.steps_waiting:
            life.later()
            approved_evidence(life)


def began_exam(life: Biography) -> None:
    """The learner begins an attempt at the final exam."""
    life.running.attempt()["status"] = ExamAttemptStatus.STARTED
    cycle = learning.attempt_started(life.running.facts)
    _advance(life, _H.LEARNER_CERTIFICATION_EXAM_STARTED, cycle, life.pen.learner)


def _ended_exam(life: Biography, *, is_passed: bool) -> None:
    running, random = life.running, life.cast.random
    awaits = is_passed and running.version.content.exam_needs_approval
    attempt, score = running.attempt(), random.randint(80, 100) if is_passed else random.randint(30, 69)
    ended = ExamAttemptStatus.PASSED if is_passed else ExamAttemptStatus.FAILED
    attempt |= {
        "status": ExamAttemptStatus.AWAITING_APPROVAL if awaits else ended,
        "ended_at": life.pen.at,
        "score": score,
    }
    cycle = learning.attempt_ended(running.facts, is_passed=is_passed, needs_approval=awaits)
    act = _H.LEARNER_CERTIFICATION_EXAM_PASSED if is_passed else _H.LEARNER_CERTIFICATION_EXAM_FAILED
    cause = _advance(life, act, cycle, life.cast.machine)
    if awaits:
        life.ask(ApprovalKind.EXAM, cause, exam_attempt_id=attempt["id"], score=score)


def passed_exam(life: Biography) -> None:
    """The content player records a pass: of the attempt under way, or of one it makes."""
    _ended_exam(life, is_passed=True)


def failed_exam(life: Biography) -> None:
    """The content player records a failure."""
    _ended_exam(life, is_passed=False)


def _decided_exam(life: Biography, *, is_approved: bool) -> None:
    request = life.awaited(ApprovalKind.EXAM)
    comment = None if is_approved else life.cast.random.choice(EXAM_DENIALS)
    to = ApprovalStatus.APPROVED if is_approved else ApprovalStatus.DENIED
    decided = life.end_approval(request, to, life.cast.admin, comment=comment)
    attempt = life.running.attempts[-1]
    attempt["status"] = ExamAttemptStatus.PASSED if is_approved else ExamAttemptStatus.DENIED
    cycle = learning.attempt_decided(life.running.facts, is_approved=is_approved)
    act = _H.LEARNER_CERTIFICATION_EXAM_APPROVED if is_approved else _H.LEARNER_CERTIFICATION_EXAM_DENIED
    _advance(life, act, cycle, life.cast.admin, decided.id)


def approved_exam(life: Biography) -> None:
    """The pass is signed off."""
    _decided_exam(life, is_approved=True)


def denied_exam(life: Biography) -> None:
    """The pass is not signed off; the attempt is used."""
    _decided_exam(life, is_approved=False)


def examined(life: Biography) -> None:
    """The final exam is begun and passed, and signed off where somebody does."""
    began_exam(life)
    life.later()
    passed_exam(life)
    if life.cycle and life.cycle.facts.is_exam_waiting:
        life.later()
        approved_exam(life)


def failed_attempt(life: Biography) -> None:
    """An attempt is begun and failed."""
    began_exam(life)
    life.later()
    failed_exam(life)


def asked_for_attempts(life: Biography) -> None:
    """The learner has used up all attempts, and asks for more."""
    life.ask(ApprovalKind.MORE_ATTEMPTS)


def granted_attempts(life: Biography) -> None:
    """More attempts are granted."""
    request = life.awaited(ApprovalKind.MORE_ATTEMPTS)
    decided = life.end_approval(request, ApprovalStatus.APPROVED, life.cast.admin)
    life.running.grant_attempts(ATTEMPTS_GRANTED)
    act = _H.LEARNER_CERTIFICATION_ATTEMPTS_GRANTED
    _advance(life, act, life.running.facts, life.cast.admin, decided.id)


def denied_attempts(life: Biography) -> None:
    """No more attempts for now."""
    request, comment = life.awaited(ApprovalKind.MORE_ATTEMPTS), life.cast.random.choice(ATTEMPTS_DENIALS)
    life.end_approval(request, ApprovalStatus.DENIED, life.cast.admin, comment=comment)


def overrode_training(life: Biography) -> None:
    """The administrator marks the training done."""
    life.take(_A.OVERRIDE_TRAINING, _H.LEARNER_CERTIFICATION_STEPS_OVERRIDDEN)


def overrode_exam(life: Biography) -> None:
    """The administrator marks the exam passed."""
    life.take(_A.OVERRIDE_EXAM, _H.LEARNER_CERTIFICATION_EXAM_OVERRIDDEN)


def revoked(life: Biography) -> None:
    """The administrator ends what runs."""
    life.take(_A.REVOKE_ACCESS, _H.LEARNER_CERTIFICATION_REVOKED)


def forced(life: Biography) -> None:
    """The administrator has the learner recertify."""
    life.take(_A.FORCE_RECERTIFICATION, _H.LEARNER_CERTIFICATION_CYCLE_FORCED)


def barred(life: Biography) -> None:
    """The administrator bars the learner."""
    life.take(_A.PERMANENTLY_REVOKE, _H.LEARNER_CERTIFICATION_BARRED)


def restored(life: Biography) -> None:
    """The administrator lifts a bar or a revocation."""
    life.take(_A.RESTORE_ACCESS, _H.LEARNER_CERTIFICATION_RESTORED)


def recertified(life: Biography) -> None:
    """The learner begins to recertify."""
    effect = learning.recertification_started(life.facts)
    life.carry_out(_H.LEARNER_CERTIFICATION_CYCLE_STARTED, effect, life.pen.learner)
