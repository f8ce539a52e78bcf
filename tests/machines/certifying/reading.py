"""The grids of S5 as they stand in the rule book, and what its footnotes say: why an action is closed, in the order told.

Nothing of the domain's is used here. Where the rule book leaves the order of footnotes open, it is that of the printed
tables: those of the cell first, then those of the action.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.machines.certifying.records import (
    CERTIFIED,
    IN_PROGRESS,
    NOT_STARTED,
    STATUSES,
    Certification,
    Cycle,
    Learner,
    Record,
)

GRID = """
    OVERRIDE_PAYMENT        .  Y  Y  .  .  .  .  Y  .  .
    OVERRIDE_TRAINING       .  .  Y  Y  .  .  .  Y  .  .
    OVERRIDE_EXAM           .  .  Y  Y  .  .  .  Y  .  .
    REVOKE_ACCESS           .  Y  Y  Y  .  Y  Y  Y  .  .
    FORCE_RECERTIFICATION   .  .  .  .  Y  Y  Y  .  .  .
    PERMANENTLY_REVOKE      .  .  .  .  Y  .  .  .  .  .
    RESTORE_ACCESS          .  .  .  .  .  .  .  .  Y  Y
    REMOVE_ASSIGNMENT       Y  Y  .  .  .  .  .  .  .  .
    RECORD_STEP_COMPLETION  .  .  Y  Y  .  .  .  Y  .  .
    RECORD_EXAM_RESULT      .  .  Y  Y  .  .  .  Y  .  .
    RECORD_PAYMENT          .  Y  Y  Y  .  .  .  Y  .  .
    ENROL                   Y  .  .  .  .  .  .  .  .  .
    START                   .  Y  .  .  .  .  .  .  .  .
    SUBMIT_EVIDENCE         .  .  Y  Y  .  .  .  Y  .  .
    START_EXAM              .  .  Y  Y  .  .  .  Y  .  .
    START_RECERTIFICATION   .  .  .  .  Y  Y  Y  .  Y  .
    REQUEST_MORE_ATTEMPTS   .  .  Y  Y  .  .  .  Y  .  .
"""
ALLOWED = {
    name: {status for status, cell in zip(STATUSES, cells, strict=True) if cell == "Y"}
    for name, *cells in map(str.split, GRID.strip().splitlines())
}
"""The statuses that allow each action, in the order in which actions are shown."""
ADMINISTRATORS_EIGHT = tuple(ALLOWED)[:8]
RECORDED = tuple(ALLOWED)[8:11]
LEARNERS_OWN = tuple(ALLOWED)[11:]
OPENS_A_CYCLE = {"FORCE_RECERTIFICATION", "RESTORE_ACCESS", "ENROL", "START_RECERTIFICATION"}
ON_NO_OWN_RECORD = {"OVERRIDE_PAYMENT", "OVERRIDE_TRAINING", "OVERRIDE_EXAM", *RECORDED}
NO_CYCLE = Cycle(-1, is_recertification=False, version=-1, terms=None, fee="NOT_REQUIRED", steps=[])  # pyright: ignore[reportArgumentType]  no terms either
"""Where no cycle is open, nothing is owed, nothing is left to do, and no attempt was made."""


@dataclass(frozen=True)
class Scene:
    """A record, and what decides over it beside it."""

    record: Record
    learner: Learner
    certification: Certification
    has_published_version: bool
    is_by_hand: bool
    """Whether a source by hand stands, or the source in question is such."""
    role: str
    is_own: bool
    """Whether the caller is the learner."""
    is_window_open: bool
    has_asked: bool
    """Whether a request for more attempts is undecided."""

    @property
    def cycle(self) -> Cycle:
        return self.record.cycle or NO_CYCLE


def against(action: str, scene: Scene) -> list[str]:
    """All that stands against an action: role, inactive learner, status, footnotes."""
    codes = [] if _may(action, scene) else ["FORBIDDEN"]
    if not scene.learner.is_active:
        codes.append("LEARNER_INACTIVE")
    if scene.record.status not in ALLOWED[action]:
        codes.append("STATUS_NOT_ALLOWED")
    return [*codes, *_footnotes(action, scene)]


def _may(action: str, scene: Scene) -> bool:
    if action in LEARNERS_OWN:
        return scene.is_own and scene.role != "INTEGRATION"
    return scene.role == "ADMIN" or (action in RECORDED and scene.role == "INTEGRATION")


def _footnotes(action: str, scene: Scene) -> Iterator[str]:
    status = scene.record.status
    if status in ALLOWED[action]:
        yield from _of_the_cell(action, status, scene)
    if action in ON_NO_OWN_RECORD and scene.is_own:
        yield "OWN_RECORD"
    if action in LEARNERS_OWN and not scene.learner.has_app_access:
        yield "APP_ACCESS_OFF"
    yield from _of_the_cycle(action, scene.cycle)
    if action == "REQUEST_MORE_ATTEMPTS" and scene.has_asked:
        yield "ALREADY_REQUESTED"
    if action in OPENS_A_CYCLE:
        if not scene.certification.is_active:
            yield "CERTIFICATION_INACTIVE"
        if not scene.has_published_version:
            yield "NO_PUBLISHED_VERSION"
    if scene.record.is_archived:
        yield "RECORD_ARCHIVED"


def _of_the_cell(action: str, status: str, scene: Scene) -> Iterator[str]:
    """Footnotes 1 to 4 of the article's grid, and the window."""
    if action == "OVERRIDE_PAYMENT":
        yield from _settled(scene.cycle)
        if status == IN_PROGRESS:
            yield from _exam_begun(scene.cycle)
    if action == "REMOVE_ASSIGNMENT":
        if not scene.is_by_hand:
            yield "NOT_MANUAL_SOURCE"
        if status == NOT_STARTED:
            yield from _exam_begun(scene.cycle)
    if action == "START_RECERTIFICATION" and status == CERTIFIED and not scene.is_window_open:
        yield "RECERTIFICATION_NOT_OPEN"


def _settled(cycle: Cycle) -> Iterator[str]:
    if cycle.fee != "UNPAID":
        yield {"PAID": "ALREADY_PAID", "WAIVED": "ALREADY_WAIVED"}.get(cycle.fee, "PAYMENT_NOT_REQUIRED")


def _exam_begun(cycle: Cycle) -> Iterator[str]:
    if cycle.attempts:
        yield "EXAM_STARTED"
    elif cycle.fee == "PAID":
        yield "ALREADY_PAID"


def _of_the_cycle(action: str, cycle: Cycle) -> Iterator[str]:
    match action:
        case "OVERRIDE_TRAINING":
            if cycle.is_trained:
                yield "NOTHING_TO_OVERRIDE"
        case "OVERRIDE_EXAM":
            if cycle.is_exam_passed:
                yield "NOTHING_TO_OVERRIDE"
        case "RECORD_EXAM_RESULT":
            yield from _no_more_exam(cycle, has_begun="STARTED" in cycle.attempts)
        case "RECORD_PAYMENT":
            yield from _settled(cycle)
        case "START":
            if cycle.owes and cycle.terms.fee_due == "BEFORE_START":
                yield "PAYMENT_REQUIRED"
        case "SUBMIT_EVIDENCE":
            if cycle.owes and cycle.terms.fee_due == "BEFORE_START" and cycle.is_recertification:
                yield "PAYMENT_REQUIRED"
        case "START_EXAM":
            if cycle.owes and (cycle.terms.fee_due == "BEFORE_EXAM" or cycle.is_recertification):
                yield "PAYMENT_REQUIRED"
            yield from _no_exam(cycle)
        case "REQUEST_MORE_ATTEMPTS":
            if cycle is NO_CYCLE or cycle.has_attempts_left:
                yield "ATTEMPTS_LEFT"
        case _:
            pass


def _no_exam(cycle: Cycle) -> Iterator[str]:
    """What stands against a new attempt: one thing at a time."""
    if cycle is NO_CYCLE:
        return
    has_begun = "STARTED" in cycle.attempts
    against_any = list(_no_more_exam(cycle, has_begun=has_begun))
    if against_any:
        yield against_any[0]
    elif has_begun:
        yield "EXAM_STARTED"
    elif not cycle.is_trained and not cycle.terms.exam_first:
        yield "TRAINING_OPEN"


def _no_more_exam(cycle: Cycle, *, has_begun: bool) -> Iterator[str]:
    if cycle.is_exam_passed:
        yield "EXAM_PASSED"
    elif "AWAITING_APPROVAL" in cycle.attempts:
        yield "EXAM_AWAITING_APPROVAL"
    elif cycle is not NO_CYCLE and not has_begun and not cycle.has_attempts_left:
        yield "NO_ATTEMPTS_LEFT"


def against_assigning(of: Certification, learner: Learner, standing: str | None, *, is_published: bool) -> list[str]:
    """What stands against bringing a learner to a certification: `standing` is where they stand in it already."""
    codes = [] if learner.is_active else ["LEARNER_INACTIVE"]
    if not of.is_active:
        codes.append("CERTIFICATION_INACTIVE")
    if not is_published:
        codes.append("NO_PUBLISHED_VERSION")
    return [*codes, "LEARNER_BARRED"] if standing == "DISALLOWED" else codes


def against_joining(
    action: str, of: Certification, learner: Learner, standing: str | None, *, is_published: bool, has_asked: bool
) -> list[str]:
    """What stands against enrolling, or asking for access, without a record; at Assigned there is one to enrol in."""
    codes = [] if learner.is_active else ["LEARNER_INACTIVE"]
    if not of.is_active:
        codes.append("CERTIFICATION_INACTIVE")
    if not learner.has_app_access:
        codes.append("APP_ACCESS_OFF")
    if not is_published:
        codes.append("NO_PUBLISHED_VERSION")
    if standing == "ASSIGNED" and action == "ENROL":
        return codes
    if standing is not None:
        codes.append("ALREADY_ENROLLED")
    elif of.joining != ("OPEN" if action == "ENROL" else "ON_REQUEST"):
        codes.append("NOT_OPEN_TO_JOIN")
    elif has_asked:
        codes.append("ALREADY_REQUESTED")
    return codes


def against_step(status: str, paths: tuple[str, ...], test_out: str | None, path: str) -> list[str]:
    """What stands against completing a training step: one thing at a time."""
    if status == "DONE":
        return ["STEP_DONE"]
    if status == "AWAITING_APPROVAL":
        return ["STEP_AWAITING_APPROVAL"]
    if path not in paths:
        return ["STEP_PATH_NOT_OFFERED"]
    return ["TEST_OUT_TAKEN"] if path == "TEST_OUT" and test_out else []


def against_deciding(kind: str, status: str, learner: Learner, role: str, *, is_own: bool) -> list[str]:
    """What stands against deciding: managers sign off evidence and exams, and nobody their own."""
    may = role == "ADMIN" or (role == "MANAGER" and kind in ("EVIDENCE", "EXAM"))
    codes = [] if may else ["FORBIDDEN"]
    if not learner.is_active:
        codes.append("LEARNER_INACTIVE")
    if status != "PENDING":
        codes.append("ALREADY_DECIDED")
    return [*codes, "OWN_APPROVAL"] if is_own else codes


def against_letting_in(of: Certification, standing: str | None, *, is_published: bool) -> list[str]:
    """What stands against granting access: one thing at a time, and nothing where a record stands further on."""
    if not of.is_active:
        return ["CERTIFICATION_INACTIVE"]
    if not is_published:
        return ["NO_PUBLISHED_VERSION"]
    return ["LEARNER_BARRED"] if standing == "DISALLOWED" else []
