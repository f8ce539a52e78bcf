"""What the plain model of certifications keeps: records as people would jot them down, in the words of the schema."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

ASSIGNED, NOT_STARTED, IN_PROGRESS = "ASSIGNED", "NOT_STARTED", "IN_PROGRESS"
PENDING_APPROVAL, CERTIFIED, EXPIRED, LAPSED = "PENDING_APPROVAL", "CERTIFIED", "EXPIRED", "LAPSED"
RECERTIFYING, REVOKED, DISALLOWED = "RECERTIFYING", "REVOKED", "DISALLOWED"
STATUSES = (
    ASSIGNED,
    NOT_STARTED,
    IN_PROGRESS,
    PENDING_APPROVAL,
    CERTIFIED,
    EXPIRED,
    LAPSED,
    RECERTIFYING,
    REVOKED,
    DISALLOWED,
)
WORKED_ON = (NOT_STARTED, IN_PROGRESS, PENDING_APPROVAL, RECERTIFYING)
"""Where a cycle is open."""
ADMIN, INTEGRATION = -1, -2
"""Actors who are linked to no learner; the others are named by their learner."""
RECORD, APPROVAL, CERTIFICATE = "LEARNER_CERTIFICATION", "APPROVAL", "CERTIFICATE"


class Result(NamedTuple):
    """What becomes of one row of a call."""

    outcome: str
    codes: tuple[str, ...] = ()


CHANGED, UNCHANGED = Result("CHANGED"), Result("UNCHANGED")


def refused(codes: Sequence[str]) -> Result | None:
    """A refusal, if anything stands against a row."""
    return Result("REFUSED", tuple(codes)) if codes else None


class Entry(NamedTuple):
    """An entry of the history."""

    subject: tuple[str, int]
    action: str
    before: str | None
    after: str
    at: datetime


@dataclass
class Learner:
    """Somebody who learns, and the role that they have beside it; the groups are those whose test they meet."""

    key: int
    role: str = "LEARNER"
    manager: int | None = None
    is_active: bool = True
    has_app_access: bool = True
    groups: set[int] = field(default_factory=set[int])


@dataclass
class Certification:
    """A certification, and the groups that assign it."""

    key: int
    joining: str
    groups: frozenset[int] = frozenset()
    is_active: bool = True


@dataclass(frozen=True)
class Terms:
    """What a version says: the paths of each training step, the exam, the fees, and how long a certificate holds."""

    steps: tuple[tuple[str, ...], ...] = ()
    attempts: int | None = None
    exam_first: bool = False
    evidence_is_signed_off: bool = False
    exam_is_signed_off: bool = False
    initial_fee: bool = False
    recertification_fee: bool = False
    fee_due: str = "BEFORE_EXAM"
    months: int | None = None
    grace: int = 0
    window: int = 0


@dataclass
class Version:
    """A version of a certification; newer ones have higher numbers."""

    key: int
    certification: int
    number: int
    terms: Terms
    status: str = "PUBLISHED"


@dataclass
class Source:
    """What brought a record about."""

    key: int
    record: int
    kind: str
    group: int | None = None
    has_ended: bool = False


@dataclass
class Step:
    """Where a training step stands in a cycle."""

    paths: tuple[str, ...]
    status: str = "OPEN"
    test_out: str | None = None
    is_overridden: bool = False


@dataclass
class Cycle:
    """A run through a version; `attempts` holds the status of each attempt at the exam."""

    number: int
    is_recertification: bool
    version: int
    terms: Terms
    fee: str
    steps: list[Step]
    is_started: bool = False
    attempts: list[str] = field(default_factory=list[str])
    granted: int = 0
    is_exam_passed: bool = False
    is_exam_overridden: bool = False
    outcome: str | None = None

    @property
    def is_trained(self) -> bool:
        return all(step.status == "DONE" for step in self.steps)

    @property
    def allowed(self) -> int | None:
        """How many attempts there may be; None for any number."""
        return None if self.terms.attempts is None else self.terms.attempts + self.granted

    @property
    def has_attempts_left(self) -> bool:
        return self.allowed is None or len(self.attempts) < self.allowed

    @property
    def owes(self) -> bool:
        return self.fee == "UNPAID"


@dataclass
class Certificate:
    """What certifies a learner, until it expires, is replaced or taken back."""

    key: int
    record: int
    status: str
    expires_at: datetime | None


@dataclass
class Approval:
    """Something that awaits a decision: about the whole record, a step of a cycle, or the last attempt at its exam."""

    key: int
    kind: str
    learner: int
    certification: int
    record: int | None = None
    cycle: int | None = None
    step: int | None = None
    attempt: int | None = None
    status: str = "PENDING"


@dataclass
class Record:
    """A learner's record in a certification."""

    key: int
    learner: int
    certification: int
    status: str
    is_archived: bool = False
    was_certified: bool = False
    expires_at: datetime | None = None
    lapses_at: datetime | None = None
    opens_at: datetime | None = None
    cycles: list[Cycle] = field(default_factory=list[Cycle])

    @property
    def cycle(self) -> Cycle | None:
        """The cycle that is open."""
        return next((each for each in self.cycles if each.outcome is None), None)

    @property
    def transitions(self) -> list[tuple[str, datetime]]:
        """What time will do, and when; of moves at one instant the last."""
        ahead = [(EXPIRED, self.expires_at)] * (self.status == CERTIFIED)
        ahead += [(LAPSED, self.lapses_at)] * (self.status in (CERTIFIED, EXPIRED))
        told = {at: to for to, at in ahead if at is not None}
        return [(to, at) for at, to in told.items()]
