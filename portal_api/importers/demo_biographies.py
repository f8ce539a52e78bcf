"""What befell a learner in a certification of the demonstration, by the same rules as in the portal."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from portal_api.domain.calendar import day_of
from portal_api.domain.certifications import (
    CERTIFICATES,
    EFFECTS,
    LEARNER_CERTIFICATIONS,
    ApprovalKind,
    ApprovalStatus,
    AssignmentSourceKind,
    CertificateChange,
    CertificateStatus,
    Cycle,
    CycleOutcome,
    Effect,
    LearnerCertificationAction,
    LearnerCertificationFacts,
    LearnerCertificationStatus,
)
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.machine import FAR_FUTURE
from portal_api.domain.register_numbers import register_number
from portal_api.importers.demo_cycles import CLOCK, Actor, Cast, Pen, Row, RunningCycle
from portal_api.importers.writing_certifications import NewCertification, NewRecords
from portal_api.models import approvals, assignment_sources, certificates, learner_certifications
from portal_api.queries.history import Entry

_S, _H = LearnerCertificationStatus, HistoryAction
_RECORD = SubjectKind.LEARNER_CERTIFICATION
HOUR = timedelta(hours=1)

_APPROVALS_END = {
    ApprovalStatus.APPROVED: _H.APPROVAL_APPROVED,
    ApprovalStatus.DENIED: _H.APPROVAL_DENIED,
    ApprovalStatus.OVERRIDDEN: _H.APPROVAL_OVERRIDDEN,
    ApprovalStatus.CLOSED: _H.APPROVAL_CLOSED,
}
_CERTIFICATES_END = {
    CertificateStatus.REPLACED: _H.CERTIFICATE_REPLACED,
    CertificateStatus.REVOKED: _H.CERTIFICATE_REVOKED,
    CertificateStatus.EXPIRED: _H.CERTIFICATE_EXPIRED,
}
_CLOCK_MOVES = {_S.EXPIRED: _H.LEARNER_CERTIFICATION_EXPIRED, _S.LAPSED: _H.LEARNER_CERTIFICATION_LAPSED}


class Biography:
    """One learner's record in one certification as it stands at an instant, and all that led there."""

    def __init__(
        self, cast: Cast, into: NewRecords, learner_id: UUID, certification: NewCertification, ref: str
    ) -> None:
        """Begins before the record is made."""
        self.pen = Pen(cast, into, learner_id, certification.created_at)
        self.certification = certification
        self.record: Row | None = None
        self.cycle: RunningCycle | None = None
        self.sources: list[Row] = []
        self._ref = ref
        self._cycles = 0
        self._approvals: list[Row] = []
        self._certificate: Row | None = None

    @property
    def cast(self) -> Cast:
        return self.pen.cast

    @property
    def kept(self) -> Row:
        """The record, once it has been made."""
        if self.record is None:
            raise LookupError("Nothing has made the record yet.")
        return self.record

    @property
    def running(self) -> RunningCycle:
        """The cycle, while one is open."""
        if self.cycle is None:
            raise LookupError("No cycle is open.")
        return self.cycle

    @property
    def facts(self) -> LearnerCertificationFacts:
        """What the effects of actions look at."""
        record = self.kept
        return LearnerCertificationFacts(
            record["status"],
            was_certified=record["certified_at"] is not None,
            cycle=self.cycle.facts if self.cycle else Cycle(),
        )

    def later(self) -> None:
        """An hour passes within a day."""
        self.until(self.pen.at + HOUR)

    def until(self, at: datetime) -> None:
        """Time passes; what it does is told at its own instants."""
        if record := self.record:
            for move in LEARNER_CERTIFICATIONS.moves_until(at, record["status"], record):
                self.pen.tell(_RECORD, record, _CLOCK_MOVES[move.to], move.to, CLOCK, at=record[move.at])
            record["due_at"] = LEARNER_CERTIFICATIONS.due_at(record["status"], record)
        held = self._certificate
        if held and CERTIFICATES.status_at(at, held["status"], held) is not held["status"]:
            self._end_certificate(held, CertificateStatus.EXPIRED, CLOCK, at=held["expires_at"])
        self.pen.at = at

    def make(
        self,
        status: LearnerCertificationStatus,
        kind: AssignmentSourceKind,
        by: Actor,
        *,
        group_id: UUID | None = None,
        cause: UUID | None = None,
    ) -> None:
        """The record is made, with what brought it about; who has not merely been assigned has a cycle at once."""
        is_enrolled, at = status is _S.NOT_STARTED, self.pen.at
        self.record = self.pen.row(
            learner_certifications,
            external_ref=self._ref,
            learner_id=self.pen.learner_id,
            certification_id=self.certification.id,
            status=None,
            assigned_at=at,
            enrolled_at=at if is_enrolled else None,
            certified_at=None,
            expires_at=None,
            lapses_at=None,
            window_opens_at=None,
            due_at=FAR_FUTURE,
            archived_at=None,
            version=0,
        )
        self.add_source(kind, by, group_id)
        if is_enrolled:
            self._open()
        act = _H.LEARNER_CERTIFICATION_ENROLLED if is_enrolled else _H.LEARNER_CERTIFICATION_ASSIGNED
        self.pen.tell(_RECORD, self.record, act, status, by, cause=cause)

    def add_source(self, kind: AssignmentSourceKind, by: Actor, group_id: UUID | None = None) -> None:
        """Something assigns the certification; a group does so by itself."""
        source = self.pen.row(
            assignment_sources,
            learner_certification_id=self.kept["id"],
            kind=kind,
            group_id=group_id,
            created_at=self.pen.at,
            created_by=None if group_id else by[1],
            ended_at=None,
        )
        self.sources.append(source)

    def end_source(self, kind: AssignmentSourceKind) -> None:
        """What assigned the certification does so no more."""
        source = next(each for each in self.sources if each["kind"] is kind and each["ended_at"] is None)
        source["ended_at"] = self.pen.at

    def touch(self, act: HistoryAction, by: Actor) -> Entry:
        """Something that hangs on the record changes, and not the status."""
        record = self.kept
        return self.pen.tell(_RECORD, record, act, record["status"], by)

    def archive(self, by: Actor) -> None:
        """No source keeps the record any more."""
        self.touch(_H.LEARNER_CERTIFICATION_ARCHIVED, by)
        self.kept["archived_at"] = self.pen.at
        self._close(CycleOutcome.REMOVED)

    def take(self, action: LearnerCertificationAction, act: HistoryAction) -> None:
        """The administrator takes one of the seven actions on a record as a whole."""
        self.carry_out(act, EFFECTS[action](self.facts), self.cast.admin)

    def carry_out(self, act: HistoryAction, effect: Effect, by: Actor, cause: UUID | None = None) -> Entry:
        """The effect of an act on the record, on its cycle, its approvals and its certificate."""
        record = self.kept
        entry = self.pen.tell(_RECORD, record, act, effect.status, by, cause=cause)
        if effect.finishes_steps:
            self.running.finish_steps()
        if effect.cycle:
            self.running.keep(effect.cycle, by)
        if effect.approvals and self.cycle:
            for asked in [each for each in self._approvals if each["status"] is ApprovalStatus.PENDING]:
                if (to := effect.approvals.get(asked["kind"])) is not None:
                    self.end_approval(asked, to, by, cause=entry.id)
        if effect.certificate:
            self._change_certificate(effect.certificate, by, entry.id)
        if effect.outcome:
            self._close(effect.outcome)
        if effect.opens_cycle:
            record["enrolled_at"] = record["enrolled_at"] or self.pen.at
            self._open()
        record["due_at"] = LEARNER_CERTIFICATIONS.due_at(record["status"], record)
        return entry

    def ask(self, kind: ApprovalKind, cause: UUID | None = None, **columns: Any) -> None:
        """Something awaits a decision from now on."""
        row: Row = {
            "kind": kind,
            "status": None,
            "learner_id": self.pen.learner_id,
            "certification_id": self.certification.id,
            "learner_certification_id": self.record["id"] if self.record else None,
            "certification_cycle_id": self.cycle.row["id"] if self.cycle else None,
            "step_progress_id": None,
            "exam_attempt_id": None,
            "evidence_text": None,
            "evidence_links": None,
            "score": None,
            "requested_at": self.pen.at,
            "decided_at": None,
            "decided_by": None,
            "comment": None,
            "version": 0,
        }
        asked = self.pen.row(approvals, **(row | columns))
        self._approvals.append(asked)
        told = (SubjectKind.APPROVAL, asked, _H.APPROVAL_REQUESTED, ApprovalStatus.PENDING)
        self.pen.tell(*told, self.pen.learner, cause=cause)

    def awaited(self, kind: ApprovalKind) -> Row:
        """What awaits a decision."""
        return next(
            each for each in self._approvals if each["kind"] is kind and each["status"] is ApprovalStatus.PENDING
        )

    def end_approval(
        self, asked: Row, to: ApprovalStatus, by: Actor, *, comment: str | None = None, cause: UUID | None = None
    ) -> Entry:
        """It is decided, or needs no decision any more."""
        asked |= {"decided_at": self.pen.at, "decided_by": by[1], "comment": comment}
        return self.pen.tell(SubjectKind.APPROVAL, asked, _APPROVALS_END[to], to, by, cause=cause)

    def _open(self) -> None:
        """A cycle begins, under the version that is the newest now."""
        record, version = self.kept, self.certification.newest(self.pen.at)
        is_again = record["certified_at"] is not None
        self.cycle = RunningCycle.opened(self.pen, record["id"], version, self._cycles, is_again=is_again)
        self._cycles += 1

    def _close(self, outcome: CycleOutcome) -> None:
        if self.cycle:
            self.cycle.close(outcome)
            self.cycle = None

    def _change_certificate(self, change: CertificateChange, by: Actor, cause: UUID) -> None:
        """The certificate in force is replaced and a new one issued, or the latest one taken back."""
        held, record = self._certificate, self.kept
        if change is CertificateChange.REVOKED:
            record |= dict.fromkeys(("expires_at", "lapses_at", "window_opens_at"))
            if held and held["status"] in (CertificateStatus.VALID, CertificateStatus.EXPIRED):
                self._end_certificate(held, CertificateStatus.REVOKED, by, cause=cause)
            return
        if held and held["status"] is CertificateStatus.VALID:
            self._end_certificate(held, CertificateStatus.REPLACED, by, cause=cause)
        at, zone = self.pen.at, self.cast.days.zone
        expiry = self.running.version.validity.expiry(at, zone)
        record |= {
            "certified_at": at,
            "expires_at": expiry and expiry.expires_at,
            "lapses_at": expiry and expiry.lapses_at,
            "window_opens_at": expiry and expiry.window_opens_at,
        }
        self._certificate = self.pen.row(
            certificates,
            learner_certification_id=record["id"],
            certification_cycle_id=self.running.row["id"],
            status=None,
            issued_at=at,
            issued_on=day_of(at, zone),
            expires_at=record["expires_at"],
            due_at=record["expires_at"] or FAR_FUTURE,
            ended_at=None,
            register_number=register_number(self.cast.chronicle.ids(at)),
            version=0,
        )
        issued = (SubjectKind.CERTIFICATE, self._certificate, _H.CERTIFICATE_ISSUED, CertificateStatus.VALID)
        self.pen.tell(*issued, by, cause=cause)

    def _end_certificate(
        self, held: Row, to: CertificateStatus, by: Actor, *, cause: UUID | None = None, at: datetime | None = None
    ) -> None:
        if to is not CertificateStatus.EXPIRED:
            held["ended_at"] = self.pen.at
        held["due_at"] = FAR_FUTURE
        self.pen.tell(SubjectKind.CERTIFICATE, held, _CERTIFICATES_END[to], to, by, cause=cause, at=at)


Act = Callable[[Biography], None]
