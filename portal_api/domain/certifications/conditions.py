"""What the actions on a learner's certification ask beyond a status: the footnotes of S5's grid, and readings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from portal_api.domain.certifications.cycles import Cycle, FeeDue, FeeStatus
from portal_api.domain.certifications.statuses import LearnerCertificationStatus
from portal_api.domain.machine import Footnote, Narrowing
from portal_api.domain.refusals import ErrorCode, PlainError, Reason
from portal_api.domain.roles import Role

PEOPLE = (Role.OWNER, Role.ADMIN, Role.MANAGER, Role.TRAINER, Role.LEARNER)
"""Whoever may be linked to a learner record, and so learn: managers do, too."""


@dataclass(frozen=True, slots=True)
class LearnerCertificationFacts:
    """What decides over a learner's certification: plain facts, its open cycle's among them."""

    status: LearnerCertificationStatus
    learner_is_active: bool = True
    has_app_access: bool = True
    is_own_record: bool = False
    """Whether the caller is linked to the learner."""
    is_archived: bool = False
    is_certification_active: bool = True
    has_published_version: bool = True
    has_manual_source: bool = True
    was_certified: bool = False
    """Whether the learner has ever been certified under this record: a new cycle is a recertification then."""
    is_window_open: bool = True
    """Whether the time before the expiry has come in which recertification may begin."""
    has_attempts_request: bool = False
    """Whether a request for more attempts in the open cycle is undecided."""
    cycle: Cycle = field(default_factory=Cycle)
    """The open one; where none is open, one of which nothing is known."""


_F = LearnerCertificationFacts
_Refusal = Callable[[_F], Reason | None]


def _unless(holds: Callable[[_F], bool], code: ErrorCode, message: str) -> _Refusal:
    return lambda facts: None if holds(facts) else PlainError(code, message)


_SETTLED = {
    FeeStatus.PAID: (ErrorCode.ALREADY_PAID, "The fee of this cycle has been paid. Nothing is left to waive."),
    FeeStatus.WAIVED: (ErrorCode.ALREADY_WAIVED, "The fee of this cycle has been waived already."),
    FeeStatus.NOT_REQUIRED: (ErrorCode.PAYMENT_NOT_REQUIRED, "This cycle asks for no fee."),
}


def _fee_settled(facts: _F) -> Reason | None:
    settled = _SETTLED.get(facts.cycle.fee)
    return settled and PlainError(*settled)


def _exam_touched(facts: _F) -> Reason | None:
    if facts.cycle.attempts_used:
        return PlainError(ErrorCode.EXAM_STARTED, "The final exam of this cycle has been started.")
    if facts.cycle.fee is FeeStatus.PAID:
        return PlainError(ErrorCode.ALREADY_PAID, "The fee of this cycle has been paid.")
    return None


def _owes_at_start(facts: _F) -> Reason | None:
    if facts.cycle.owes and facts.cycle.fee_due is FeeDue.BEFORE_START:
        return _payment_required("This certification asks for its fee before the start.")
    return None


def _owes_at_exam(facts: _F) -> Reason | None:
    due = facts.cycle.fee_due
    if facts.cycle.owes and (due is FeeDue.BEFORE_EXAM or facts.cycle.is_recertification):
        return _payment_required(f"This certification asks for its fee {due.name.lower().replace('_', ' the ')}.")
    return None


def _owes_in_recertification(facts: _F) -> Reason | None:
    return _owes_at_start(facts) if facts.cycle.is_recertification else None


def _payment_required(cause: str) -> Reason:
    return PlainError(ErrorCode.PAYMENT_REQUIRED, f"{cause} Pay it, or have an administrator waive it.")


def _no_exam_to_start(facts: _F) -> Reason | None:
    cycle = facts.cycle
    if cycle.is_exam_passed:
        return PlainError(ErrorCode.EXAM_PASSED, "The final exam of this cycle has been passed.")
    if cycle.is_exam_waiting:
        return PlainError(ErrorCode.EXAM_AWAITING_APPROVAL, "A pass of the final exam awaits approval.")
    if cycle.has_attempt_open:
        return PlainError(ErrorCode.EXAM_STARTED, "An attempt is under way. Its result comes first.")
    if not cycle.has_attempts_left:
        return PlainError(ErrorCode.NO_ATTEMPTS_LEFT, "All attempts of this cycle are used. Ask for more.")
    if cycle.steps_open and not cycle.allows_exam_before_training:
        return PlainError(ErrorCode.TRAINING_OPEN, "Training steps are open. Complete them before the final exam.")
    return None


def _no_result_to_record(facts: _F) -> Reason | None:
    cycle = facts.cycle
    if cycle.is_exam_passed:
        return PlainError(ErrorCode.EXAM_PASSED, "The final exam of this cycle has been passed.")
    if cycle.is_exam_waiting:
        return PlainError(ErrorCode.EXAM_AWAITING_APPROVAL, "A pass of the final exam awaits approval.")
    if not cycle.has_attempt_open and not cycle.has_attempts_left:
        return PlainError(ErrorCode.NO_ATTEMPTS_LEFT, "All attempts of this cycle are used. Grant more first.")
    return None


FEE_OWED: Footnote[_F] = Footnote(
    "¹ a fee is required, and neither paid nor waived (S5 Grid, footnote 1)", _fee_settled
)
RECERTIFICATION_FEE_OWED: Footnote[_F] = Footnote(
    "⁴ a recertification fee is required, and neither paid nor waived (S5 Grid, footnote 4)", _fee_settled
)
MANUAL_SOURCE: Footnote[_F] = Footnote(
    "² assigned by hand (S5 Grid, footnote 2)",
    _unless(
        lambda facts: facts.has_manual_source,
        ErrorCode.NOT_MANUAL_SOURCE,
        "Nobody assigned the learner by hand. What a group or the learner brought about is not removed.",
    ),
)
EXAM_UNTOUCHED: Footnote[_F] = Footnote(
    "³ the final exam of this cycle is neither started nor paid for (S5 Grid, footnote 3)", _exam_touched
)
FEE_PENDING: Footnote[_F] = Footnote("the fee of this cycle is neither paid nor waived (reading)", _fee_settled)
PAID_BEFORE_START: Footnote[_F] = Footnote("a fee due before the start is paid or waived (reading)", _owes_at_start)
PAID_IN_RECERTIFICATION: Footnote[_F] = Footnote(
    "in recertification, a fee due before the start is paid or waived (reading)", _owes_in_recertification
)
PAID_BEFORE_EXAM: Footnote[_F] = Footnote("a fee due before the exam is paid or waived (reading)", _owes_at_exam)
EXAM_TO_START: Footnote[_F] = Footnote(
    "an attempt is left, none is open, no pass stands or waits, and training is done unless the version allows the exam "
    "before it (reading)",
    _no_exam_to_start,
)
EXAM_TO_RECORD: Footnote[_F] = Footnote(
    "no pass stands or waits, and an attempt is open or left (reading)", _no_result_to_record
)
TRAINING_TO_OVERRIDE: Footnote[_F] = Footnote(
    "a training step is open (reading)",
    _unless(
        lambda facts: facts.cycle.steps_open > 0,
        ErrorCode.NOTHING_TO_OVERRIDE,
        "All training steps of this cycle are done.",
    ),
)
EXAM_TO_OVERRIDE: Footnote[_F] = Footnote(
    "the exam is not passed (reading)",
    _unless(
        lambda facts: not facts.cycle.is_exam_passed,
        ErrorCode.NOTHING_TO_OVERRIDE,
        "The final exam of this cycle has been passed.",
    ),
)
ATTEMPTS_USED_UP: Footnote[_F] = Footnote(
    "no attempt is left (reading)",
    _unless(
        lambda facts: not facts.cycle.has_attempts_left,
        ErrorCode.ATTEMPTS_LEFT,
        "An attempt at the final exam is left. Use it first.",
    ),
)
ATTEMPTS_NOT_REQUESTED: Footnote[_F] = Footnote(
    "not asked for already in this cycle (reading)",
    _unless(
        lambda facts: not facts.has_attempts_request,
        ErrorCode.ALREADY_REQUESTED,
        "A request for more attempts awaits its decision.",
    ),
)
WINDOW_OPEN: Footnote[_F] = Footnote(
    "inside the recertification window (reading)",
    _unless(
        lambda facts: facts.is_window_open,
        ErrorCode.RECERTIFICATION_NOT_OPEN,
        "Recertification is not open yet: it opens some days before the certificate expires.",
    ),
)
CERTIFICATION_ACTIVE: Footnote[_F] = Footnote(
    "the certification is active (reading)",
    _unless(
        lambda facts: facts.is_certification_active,
        ErrorCode.CERTIFICATION_INACTIVE,
        "The certification is not in use: no new assignment, enrolment or cycle begins in it. Reinstate it first.",
    ),
)
VERSION_PUBLISHED: Footnote[_F] = Footnote(
    "a version is published (S5 Force Recertification Cycle)",
    _unless(
        lambda facts: facts.has_published_version,
        ErrorCode.NO_PUBLISHED_VERSION,
        "The certification has no published version. Publish one first.",
    ),
)
NOT_ARCHIVED: Footnote[_F] = Footnote(
    "not archived (reading)",
    _unless(
        lambda facts: not facts.is_archived,
        ErrorCode.RECORD_ARCHIVED,
        "The assignment has been removed, and the record is kept for its history alone. Assign the learner anew.",
    ),
)


def _the_learner(facts: _F) -> Sequence[Role]:
    return PEOPLE if facts.is_own_record else ()


OWN_LEARNING: Narrowing[_F] = Narrowing(
    "by the learner alone, whatever their role (reading)",
    _the_learner,
    nobody="open to the learner alone, whatever your role.",
)
