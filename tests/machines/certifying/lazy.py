"""The domain of certifications at work without a database: its tables decide, its effects say what is written."""

from dataclasses import dataclass, field
from dataclasses import replace as with_
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from portal_api.domain.certifications import (
    APPROVALS,
    CERTIFICATES,
    CERTIFICATIONS,
    LEARNER_CERTIFICATIONS,
    ApprovalAction,
    ApprovalFacts,
    ApprovalKind,
    ApprovalStatus,
    AssignmentSourceKind,
    CertificateChange,
    CertificateStatus,
    CertificationAction,
    CertificationFacts,
    CertificationJoining,
    Cycle,
    Effect,
    LearnerCertificationAction,
    LearnerCertificationFacts,
    LearnerCertificationStatus,
    StepStatus,
)
from portal_api.domain.library import LibraryStatus
from portal_api.domain.machine import Refused, Table
from portal_api.domain.roles import Role
from tests.machines.certifying.base import Base
from tests.machines.certifying.records import (
    APPROVAL,
    CERTIFICATE,
    RECORD,
    Certification,
    Entry,
    Learner,
    Source,
    Version,
)
from tests.machines.certifying.stored import TIMES, StoredApproval, StoredCertificate, StoredCycle, StoredRecord

_R, _C, _P = LEARNER_CERTIFICATIONS, CERTIFICATES, APPROVALS


@dataclass
class Stored:
    """The same organisation as a world's, stored; who sees whom, and what is published, it takes from there."""

    world: Base
    now: datetime
    zone: ZoneInfo
    learners: list[Learner]
    certifications: list[Certification]
    versions: list[Version]
    records: list[StoredRecord] = field(default_factory=list[StoredRecord])
    sources: list[Source] = field(default_factory=list[Source])
    approvals: list[StoredApproval] = field(default_factory=list[StoredApproval])
    certificates: list[StoredCertificate] = field(default_factory=list[StoredCertificate])
    history: list[Entry] = field(default_factory=list[Entry])

    def facts(self, record: StoredRecord, actor: int, source: Source | None = None) -> LearnerCertificationFacts:
        """What decides over a record."""
        learner, opens = self.learners[record.learner], record.times["window_opens_at"]
        stands = [source] if source else self.sources_of(record)
        return LearnerCertificationFacts(
            record.at(self.now),
            learner_is_active=learner.is_active,
            has_app_access=learner.has_app_access,
            is_own_record=actor == record.learner,
            is_archived=record.is_archived,
            is_certification_active=self.certifications[record.certification].is_active,
            has_published_version=self.newest(record.certification) is not None,
            has_manual_source=any(
                each.kind == AssignmentSourceKind.MANUAL.name for each in stands if not each.has_ended
            ),
            was_certified=record.was_certified,
            is_window_open=opens is not None and opens <= self.now,
            has_attempts_request=any(each.kind is ApprovalKind.MORE_ATTEMPTS for each in self.undecided(record)),
            cycle=record.cycle.facts if record.cycle else Cycle(),
        )

    def joining_facts(self, certification: int, learner: int, actor: int) -> CertificationFacts:
        """What decides over bringing a learner to a certification."""
        of, whose = self.certifications[certification], self.learners[learner]
        record = self.record_of(learner, certification)
        asked = [each for each in self.approvals if (each.learner, each.certification) == (learner, certification)]
        return CertificationFacts(
            LibraryStatus.ACTIVE if of.is_active else LibraryStatus.RETIRED,
            CertificationJoining[of.joining],
            has_published_version=self.newest(certification) is not None,
            learner_is_active=whose.is_active,
            has_app_access=whose.has_app_access,
            is_own_record=actor == learner,
            record_status=record and record.at(self.now),
            has_request=any(
                each.kind is ApprovalKind.ACCESS and each.status is ApprovalStatus.PENDING for each in asked
            ),
        )

    def approval_facts(self, asked: StoredApproval, actor: int) -> ApprovalFacts:
        """What decides over an approval."""
        of, record = self.certifications[asked.certification], self.record_of(asked.learner, asked.certification)
        return ApprovalFacts(
            asked.status,
            asked.kind,
            learner_is_active=self.learners[asked.learner].is_active,
            is_own_record=actor == asked.learner,
            is_certification_active=of.is_active,
            has_published_version=self.newest(asked.certification) is not None,
            is_barred=record is not None and record.status is LearnerCertificationStatus.DISALLOWED,
        )

    def newest(self, certification: int) -> Version | None:
        own = [each for each in self.versions if each.certification == certification and each.status == "PUBLISHED"]
        return own[-1] if own else None

    def record_of(self, learner: int, certification: int) -> StoredRecord | None:
        own = [each for each in self.records if (each.learner, each.certification) == (learner, certification)]
        return next((each for each in own if not each.is_archived), None)

    def sources_of(self, record: StoredRecord) -> list[Source]:
        return [each for each in self.sources if each.record == record.key and not each.has_ended]

    def undecided(self, record: StoredRecord) -> list[StoredApproval]:
        """What awaits a decision in the open cycle."""
        last = len(record.cycles) - 1
        return [
            each
            for each in self.approvals
            if each.record == record.key and each.cycle == last and each.status is ApprovalStatus.PENDING
        ]

    def role_of(self, actor: int) -> Role:
        return Role[self.world.role_of(actor)]

    def codes(
        self,
        record: StoredRecord,
        action: LearnerCertificationAction,
        actor: int,
        source: Source | None = None,
    ) -> tuple[str, ...]:
        """What stands against an action; a record that is not seen is not there."""
        if not self.world.sees(actor, record.learner):
            return ("NOT_FOUND",)
        return decided(_R, action, self.role_of(actor), self.facts(record, actor, source))

    def joining_codes(
        self, action: CertificationAction, certification: int, learner: int, actor: int
    ) -> tuple[str, ...]:
        """What stands against bringing a learner to a certification."""
        return decided(CERTIFICATIONS, action, self.role_of(actor), self.joining_facts(certification, learner, actor))

    def deciding_codes(self, action: ApprovalAction, asked: StoredApproval, actor: int) -> tuple[str, ...]:
        """What stands against deciding."""
        if not self.world.sees(actor, asked.learner):
            return ("NOT_FOUND",)
        return decided(_P, action, self.role_of(actor), self.approval_facts(asked, actor))

    def carry_out(self, record: StoredRecord, effect: Effect, act: str) -> None:
        """Writes an effect: the clock first, then the record, its cycle, its approvals, its certificate."""
        self.settle(record)
        cycle = record.cycle
        if cycle and effect.cycle:
            cycle.facts = effect.cycle
        if cycle and effect.finishes_steps:
            cycle.steps = [with_(step, status=StepStatus.DONE) for step in cycle.steps]
        for asked in self.undecided(record) if cycle else ():
            if status := (effect.approvals or {}).get(asked.kind):
                self.end_approval(asked, status)
        if cycle:
            cycle.outcome = effect.outcome
        self.write(record, act, effect.status)
        if effect.certificate:
            self._certificates(record, cycle, effect.certificate)
        if effect.opens_cycle:
            self.open_cycle(record)

    def _certificates(self, record: StoredRecord, cycle: StoredCycle | None, change: CertificateChange) -> None:
        own = [each for each in self.certificates if each.record == record.key]
        is_issue = change is CertificateChange.ISSUED
        if own:
            self.settle_certificate(own[-1])
            in_force = own[-1].status is CertificateStatus.VALID
            if in_force or (own[-1].status is CertificateStatus.EXPIRED and not is_issue):
                self._end_certificate(own[-1], CertificateStatus.REPLACED if is_issue else CertificateStatus.REVOKED)
        if not is_issue:
            record.times = dict.fromkeys(TIMES)
            return
        assert cycle
        expiry = cycle.validity.expiry(self.now, self.zone)
        record.times = {name: expiry and getattr(expiry, name) for name in TIMES}
        record.was_certified = True
        made = StoredCertificate(len(self.certificates), record.key, record.times["expires_at"])
        self.certificates.append(made)
        self._tell(CERTIFICATE, made.key, "CERTIFICATE_ISSUED", None, "VALID")

    def _end_certificate(self, certificate: StoredCertificate, to: CertificateStatus) -> None:
        self._tell(CERTIFICATE, certificate.key, f"CERTIFICATE_{to.name}", certificate.status.name, to.name)
        certificate.status = to

    def open_cycle(self, record: StoredRecord) -> None:
        """A cycle under the newest published version."""
        version = self.newest(record.certification)
        assert version
        opened = StoredCycle.opened(version.key, version.terms, is_recertification=record.was_certified)
        record.cycles.append(opened)

    def make_record(self, learner: int, certification: int, status: LearnerCertificationStatus) -> StoredRecord:
        """A record that nobody had before."""
        record = StoredRecord(len(self.records), learner, certification, status)
        self.records.append(record)
        act = "ASSIGNED" if status is LearnerCertificationStatus.ASSIGNED else "ENROLLED"
        self._tell(RECORD, record.key, f"LEARNER_CERTIFICATION_{act}", None, status.name)
        return record

    def add_source(self, record: StoredRecord, kind: AssignmentSourceKind, group: int | None = None) -> None:
        self.sources.append(Source(len(self.sources), record.key, kind.name, group))

    def ask(
        self,
        kind: ApprovalKind,
        record: StoredRecord,
        step: int | None = None,
        status: ApprovalStatus = ApprovalStatus.PENDING,
    ) -> None:
        """Puts something into the queue, or keeps it as approved from the start."""
        cycle, key = len(record.cycles) - 1, len(self.approvals)
        asked = StoredApproval(key, kind, record.learner, record.certification, record.key, cycle, step, status)
        self.approvals.append(asked)
        act = "REQUESTED" if status is ApprovalStatus.PENDING else status.name
        self._tell(APPROVAL, key, f"APPROVAL_{act}", None, status.name)

    def end_approval(self, asked: StoredApproval, status: ApprovalStatus) -> None:
        self._tell(APPROVAL, asked.key, f"APPROVAL_{status.name}", asked.status.name, status.name)
        asked.status = status

    def settle(self, record: StoredRecord) -> None:
        """Writes down what time has done to a record."""
        for move in _R.moves_until(self.now, record.status, record.times):
            self.write(record, f"LEARNER_CERTIFICATION_{move.to.name}", move.to, at=record.times[move.at])

    def settle_certificate(self, certificate: StoredCertificate) -> None:
        for move in _C.moves_until(self.now, certificate.status, certificate.times):
            self._tell(
                CERTIFICATE,
                certificate.key,
                f"CERTIFICATE_{move.to.name}",
                move.status.name,
                move.to.name,
                certificate.expires_at,
            )
            certificate.status = move.to

    def write(
        self, record: StoredRecord, act: str, to: LearnerCertificationStatus, *, at: datetime | None = None
    ) -> None:
        """Stores a status, and tells of it."""
        self._tell(RECORD, record.key, act, record.status.name, to.name, at)
        record.status = to

    def touch(self, record: StoredRecord, act: str) -> None:
        """Tells of a change of what hangs on a record."""
        self.settle(record)
        self.write(record, act, record.status)

    def _tell(
        self, kind: str, key: int, action: str, before: str | None, after: str, at: datetime | None = None
    ) -> None:
        self.history.append(Entry((kind, key), action, before, after, at or self.now))

    def pass_to(self, instant: datetime) -> None:
        """Lets time pass, and does nothing."""
        self.now = instant

    def tick(self) -> None:
        """Writes down what time has done."""
        for record in self.records:
            self.settle(record)
        for certificate in self.certificates:
            self.settle_certificate(certificate)


def decided(table: Table[Any, Any, Any], action: StrEnum, role: Role, facts: Any) -> tuple[str, ...]:
    """The codes against an action, as it is decided."""
    decision = table[action].decide(role, facts)
    return tuple(reason.code.name for reason in decision.reasons) if isinstance(decision, Refused) else ()
