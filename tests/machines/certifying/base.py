"""The plain world of certifications at one instant: who is there, what stands, what time does, and what is told of it.

Time passes here as it does for people: each move is made at its very instant, whether anybody looks or not.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from tests.machines.certifying.days import expiry
from tests.machines.certifying.reading import Scene, against
from tests.machines.certifying.records import (
    ADMIN,
    APPROVAL,
    CERTIFICATE,
    CERTIFIED,
    IN_PROGRESS,
    INTEGRATION,
    NOT_STARTED,
    PENDING_APPROVAL,
    RECERTIFYING,
    RECORD,
    Approval,
    Certificate,
    Certification,
    Cycle,
    Entry,
    Learner,
    Record,
    Source,
    Step,
    Terms,
    Version,
)


@dataclass
class Base:
    """All there is."""

    now: datetime
    zone: ZoneInfo
    learners: list[Learner]
    certifications: list[Certification]
    versions: list[Version]
    records: list[Record] = field(default_factory=list[Record])
    sources: list[Source] = field(default_factory=list[Source])
    approvals: list[Approval] = field(default_factory=list[Approval])
    certificates: list[Certificate] = field(default_factory=list[Certificate])
    history: list[Entry] = field(default_factory=list[Entry])

    def role_of(self, actor: int) -> str:
        """The role of somebody who acts."""
        return {ADMIN: "ADMIN", INTEGRATION: "INTEGRATION"}.get(actor) or self.learners[actor].role

    def sees(self, actor: int, learner: int) -> bool:
        """Whether somebody sees the records of a learner."""
        if self.role_of(actor) in ("ADMIN", "INTEGRATION") or actor == learner:
            return True
        manager = self.learners[learner].manager
        return self.role_of(actor) == "MANAGER" and manager is not None and self.sees(actor, manager)

    def sees_certification(self, actor: int, certification: int) -> bool:
        """Whether somebody sees a certification: learners those in use that they have or could ask for."""
        of, role = self.certifications[certification], self.role_of(actor)
        has = any((each.learner, each.certification) == (actor, certification) for each in self.records)
        return role == "ADMIN" or (of.is_active and (role == "MANAGER" or of.joining != "ASSIGNED_ONLY" or has))

    def newest(self, certification: int) -> Version | None:
        """The newest published version."""
        published = [
            each for each in self.versions if each.certification == certification and each.status == "PUBLISHED"
        ]
        return max(published, key=lambda each: each.number, default=None)

    def record_of(self, learner: int, certification: int) -> Record | None:
        """The record of a learner in a certification that is not archived."""
        own = (each for each in self.records if (each.learner, each.certification) == (learner, certification))
        return next((each for each in own if not each.is_archived), None)

    def standing_sources(self, record: Record) -> list[Source]:
        """What keeps a record."""
        return [each for each in self.sources if each.record == record.key and not each.has_ended]

    def pending(self, record: Record, *kinds: str) -> list[Approval]:
        """What awaits a decision in the cycle that is open."""
        return [
            each
            for each in self.approvals
            if each.record == record.key and each.status == "PENDING" and (not kinds or each.kind in kinds)
        ]

    def in_force(self, record: Record) -> list[Certificate]:
        """The certificates of a record that are in force: one at the most."""
        return [each for each in self.certificates if each.record == record.key and each.status == "VALID"]

    def scene(self, record: Record, actor: int, source: Source | None = None) -> Scene:
        """A record as somebody finds it who wants to act on it."""
        stands = [source] if source else self.standing_sources(record)
        return Scene(
            record,
            self.learners[record.learner],
            self.certifications[record.certification],
            self.newest(record.certification) is not None,
            any(each.kind == "MANUAL" and not each.has_ended for each in stands),
            self.role_of(actor),
            actor == record.learner,
            record.opens_at is not None and record.opens_at <= self.now,
            bool(self.pending(record, "MORE_ATTEMPTS")),
        )

    def against(self, action: str, record: Record, actor: int, source: Source | None = None) -> list[str]:
        """All that stands against an action; a record that is not seen is not there."""
        if not self.sees(actor, record.learner):
            return ["NOT_FOUND"]
        return against(action, self.scene(record, actor, source))

    def pass_to(self, instant: datetime) -> None:
        """Lets time pass."""
        self.now = instant
        for record in self.records:
            while moves := [move for move in self._moves(record) if move[1] <= instant]:
                to, at = moves[0]
                self._move(record, f"LEARNER_CERTIFICATION_{to}", to, at)
        for each in self.certificates:
            if each.status == "VALID" and each.expires_at and each.expires_at <= instant:
                self._tell((CERTIFICATE, each.key), "CERTIFICATE_EXPIRED", "VALID", "EXPIRED", each.expires_at)
                each.status = "EXPIRED"

    def _moves(self, record: Record) -> list[tuple[str, datetime]]:
        """What time does with a record next; without grace, it goes straight to lapsed."""
        return record.transitions[:1]

    def tick(self) -> None:
        """Time has been written down here already."""

    def _move(self, record: Record, action: str, to: str, at: datetime | None = None) -> None:
        self._tell((RECORD, record.key), action, record.status, to, at)
        record.status = to

    def _touch(self, record: Record, action: str) -> None:
        self._move(record, action, record.status)

    def _make_record(self, learner: int, certification: int, status: str) -> Record:
        record = Record(len(self.records), learner, certification, status)
        self.records.append(record)
        act = "ASSIGNED" if status == "ASSIGNED" else "ENROLLED"
        self._tell((RECORD, record.key), f"LEARNER_CERTIFICATION_{act}", None, status)
        return record

    def _add_source(self, record: Record, kind: str, group: int | None = None) -> None:
        self.sources.append(Source(len(self.sources), record.key, kind, group))

    def _open_cycle(self, record: Record) -> None:
        """A new cycle at nothing done: a recertification if the learner was ever certified here."""
        version = self.newest(record.certification)
        assert version
        assert record.cycle is None
        terms: Terms = version.terms
        fee = terms.recertification_fee if record.was_certified else terms.initial_fee
        record.cycles.append(
            Cycle(
                len(record.cycles),
                is_recertification=record.was_certified,
                version=version.key,
                terms=terms,
                fee="UNPAID" if fee else "NOT_REQUIRED",
                steps=[Step(paths) for paths in terms.steps],
            )
        )

    def _settle(self, record: Record, action: str) -> None:
        """What the open cycle adds up to now; with all done the learner is certified."""
        cycle = record.cycle
        assert cycle
        if self.pending(record, "EVIDENCE", "EXAM"):
            self._move(record, action, PENDING_APPROVAL)
        elif cycle.is_exam_passed and cycle.is_trained:
            self._certify(record, cycle, action)
        elif cycle.is_recertification:
            self._move(record, action, RECERTIFYING)
        else:
            self._move(record, action, IN_PROGRESS if cycle.is_started else NOT_STARTED)

    def _certify(self, record: Record, cycle: Cycle, action: str) -> None:
        cycle.outcome = CERTIFIED
        self._end_approvals(self.pending(record), "CLOSED")
        self._move(record, action, CERTIFIED)
        for each in self.in_force(record):
            self._end_certificate(each, "REPLACED")
        terms = cycle.terms
        times = terms.months and expiry(self.now, terms.months, terms.grace, terms.window, self.zone)
        record.was_certified = True
        record.expires_at, record.lapses_at, record.opens_at = times or (None, None, None)
        made = Certificate(len(self.certificates), record.key, "VALID", record.expires_at)
        self.certificates.append(made)
        self._tell((CERTIFICATE, made.key), "CERTIFICATE_ISSUED", None, "VALID")

    def _revoke_latest(self, record: Record) -> None:
        """Takes back the latest certificate, whether it is in force or has expired."""
        own = [each for each in self.certificates if each.record == record.key]
        if own and own[-1].status in ("VALID", "EXPIRED"):
            self._end_certificate(own[-1], "REVOKED")
        record.expires_at = record.lapses_at = record.opens_at = None

    def _end_certificate(self, certificate: Certificate, status: str) -> None:
        self._tell((CERTIFICATE, certificate.key), f"CERTIFICATE_{status}", certificate.status, status)
        certificate.status = status

    def _ask(
        self,
        kind: str,
        record: Record,
        *,
        step: int | None = None,
        attempt: int | None = None,
        status: str = "PENDING",
    ) -> None:
        """Asks for a sign-off; evidence that needs none is kept as approved from the start."""
        key, cycle = len(self.approvals), len(record.cycles) - 1
        made = Approval(key, kind, record.learner, record.certification, record.key, cycle, step, attempt, status)
        self.approvals.append(made)
        act = "REQUESTED" if status == "PENDING" else status
        self._tell((APPROVAL, key), f"APPROVAL_{act}", None, status)

    def _end_approvals(self, approvals: Iterable[Approval], status: str) -> None:
        for each in approvals:
            self._tell((APPROVAL, each.key), f"APPROVAL_{status}", "PENDING", status)
            each.status = status

    def _tell(
        self, subject: tuple[str, int], action: str, before: str | None, after: str, at: datetime | None = None
    ) -> None:
        self.history.append(Entry(subject, action, before, after, at or self.now))
