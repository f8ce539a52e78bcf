"""Certifications with a version and its steps, and learners' records of them at every status."""

from typing import Any
from uuid import UUID

from portal_api.domain.certifications import (
    CERTIFICATES,
    LEARNER_CERTIFICATIONS,
    ApprovalKind,
    ApprovalStatus,
    AssignmentSourceKind,
    CertificateStatus,
    CertificationJoining,
    CertificationVersionStatus,
    CycleOutcome,
    ExamAttemptStatus,
    FeeDue,
    FeeStatus,
    LearnerCertificationStatus,
    StepPath,
    StepStatus,
)
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.library import LibraryStatus
from portal_api.domain.register_numbers import register_number
from portal_api.models import (
    approvals,
    assignment_sources,
    certificates,
    certification_cycles,
    certification_groups,
    certification_steps,
    certification_versions,
    certifications,
    exam_attempts,
    group_members,
    learner_certifications,
    learners,
    step_progress,
)
from portal_api.queries.folding import fold
from tests.factories.learners import Learners
from tests.factories.records import Record
from tests.factories.tables import DAY

_S = LearnerCertificationStatus
EXPIRES: dict[LearnerCertificationStatus, int] = {
    _S.CERTIFIED: 300,
    _S.EXPIRED: -10,
    _S.LAPSED: -60,
    _S.RECERTIFYING: -20,
    _S.DISALLOWED: 300,
}
"""When the certificate of a learner who was ever certified expires, if a test does not say: in days from now."""
GRACE, WINDOW = 30, 30
WORKED_ON = {_S.NOT_STARTED, _S.IN_PROGRESS, _S.PENDING_APPROVAL, _S.RECERTIFYING}


class Certifications(Learners):
    """Lays out certifications and learners' records of them."""

    def certification(self, *, is_active: bool = True, is_published: bool = True, **columns: Any) -> Record:
        """A certification, assigned only, with a published version of two steps; `columns` overrules any column."""
        number = self._number()
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(self.clock()),
            "external_ref": f"C-{number:04}",
            "title": f"Certification {number:04}",
            "joining": CertificationJoining.ASSIGNED_ONLY,
            "status": LibraryStatus.ACTIVE if is_active else LibraryStatus.RETIRED,
            "created_at": self.clock() - 100 * DAY,
            "version": 1,
            **columns,
        }
        row["title_key"] = fold(row["title"])
        row["search_key"] = fold(f"{row['title']} {row['external_ref']}")
        made = self._add(certifications, row)
        if is_published:
            self.certification_version(made)
        return made

    def certification_version(
        self,
        of: Record,
        status: CertificationVersionStatus = CertificationVersionStatus.PUBLISHED,
        *,
        steps: int = 2,
        paths: tuple[StepPath, ...] = tuple(StepPath),
        **columns: Any,
    ) -> Record:
        """The next version of a certification: no fee, three attempts, a year's validity; `columns` overrules any column."""
        now = self.clock()
        number = 1 + len(self._rows_of(certification_versions, certification_id=of.id))
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(now),
            "certification_id": of.id,
            "number": number,
            "status": status,
            "exam_title": f"Exam {number}",
            "attempt_limit": 3,
            "allows_exam_before_training": False,
            "exam_needs_approval": False,
            "evidence_needs_approval": True,
            "fee_due": FeeDue.BEFORE_EXAM,
            "validity_months": 12,
            "grace_days": GRACE,
            "window_days": WINDOW,
            "created_at": now - 90 * DAY,
            "published_at": None if status is CertificationVersionStatus.DRAFT else now - 80 * DAY,
            "retired_at": now - 10 * DAY if status is CertificationVersionStatus.RETIRED else None,
            "version": 1,
            **columns,
        }
        row.setdefault("currency", "NZD" if row.get("initial_fee") or row.get("recertification_fee") else None)
        made = self._add(certification_versions, row)
        for position in range(1, steps + 1):
            self._add(
                certification_steps,
                {
                    "organisation_id": self.id,
                    "id": self.new_id(now),
                    "certification_version_id": made.id,
                    "position": position,
                    "title": f"Step {position}",
                    "paths": tuple(paths),
                },
            )
        return made

    def version_of(self, record: Record) -> Record:
        """The version under which a record was laid out: the newest."""
        [*_, newest] = self._rows_of(certification_versions, certification_id=record["certification_id"])
        return self.record(newest["id"])

    def steps_of(self, version: Record) -> list[Record]:
        """The training steps of a version, in their order."""
        return [
            self.record(row["id"]) for row in self._rows_of(certification_steps, certification_version_id=version.id)
        ]

    def assigns(self, group: Record, certification: Record) -> None:
        """Has a group assign a certification."""
        row = {"organisation_id": self.id, "certification_id": certification.id, "group_id": group.id}
        self._add(certification_groups, row)

    def assigned_by_groups(self) -> None:
        """Lays out what the groups laid out so far have assigned: the sources, and records where there are none."""
        active = {
            row["id"]: self._by_id[row["id"]] for row in self.rows[learners] if row["status"] is LearnerStatus.ACTIVE
        }
        for named in self.rows.get(certification_groups, ()):
            of, group = self._by_id[named["certification_id"]], named["group_id"]
            versions = self._rows_of(certification_versions, certification_id=of["id"])
            if of["status"] is LibraryStatus.RETIRED or not any(
                row["status"] is CertificationVersionStatus.PUBLISHED for row in versions
            ):
                continue
            for held in self._rows_of(group_members, group_id=group):
                if held["learner_id"] in active:
                    learner = Record(learners, active[held["learner_id"]])
                    self._assigned_by_group(learner, Record(certifications, of), group)

    def _assigned_by_group(self, learner: Record, certification: Record, group_id: UUID) -> None:
        kept = {"learner_id": learner.id, "certification_id": certification.id}
        records = [row for row in self._rows_of(learner_certifications, **kept) if row["archived_at"] is None]
        by_group = {"kind": AssignmentSourceKind.GROUP, "group_id": group_id}
        if not records:
            made = self.learner_certification(learner, certification, _S.ASSIGNED)
            [source] = self._rows_of(assignment_sources, learner_certification_id=made.id)
            source |= by_group
        elif not self._rows_of(assignment_sources, learner_certification_id=records[0]["id"], **by_group):
            self.assignment_source(Record(learner_certifications, records[0]), **by_group)

    def learner_certification(
        self,
        learner: Record,
        certification: Record,
        status: LearnerCertificationStatus = _S.IN_PROGRESS,
        *,
        source: AssignmentSourceKind = AssignmentSourceKind.MANUAL,
        cycle: dict[str, Any] | None = None,
        **columns: Any,
    ) -> Record:
        """A learner's record stored at a status, with the cycles, source and certificate that go with it.

        Args:
            learner: whose it is.
            certification: which has at least one version: the newest is that of the cycles.
            status: as it is stored.
            source: how it came about.
            cycle: columns of the cycle that is open, or was last.
            **columns: overrules any column of the record.
        """
        now, number = self.clock(), self._number()
        expires = now + EXPIRES[status] * DAY if status in EXPIRES else None
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(now),
            "external_ref": f"LC-{number:04}",
            "learner_id": learner.id,
            "certification_id": certification.id,
            "status": status,
            "assigned_at": now - 50 * DAY,
            "enrolled_at": None if status is _S.ASSIGNED else now - 40 * DAY,
            "certified_at": now - 30 * DAY if expires else None,
            "expires_at": expires,
            "lapses_at": expires and expires + GRACE * DAY,
            "window_opens_at": expires and expires - WINDOW * DAY,
            "version": 1,
            **columns,
        }
        row.setdefault("due_at", LEARNER_CERTIFICATIONS.due_at(status, row))
        made = self._add(learner_certifications, row)
        self.assignment_source(made, source)
        if row["archived_at"] is None and status is not _S.ASSIGNED:
            self._cycles(made, cycle or {})
        return made

    def assignment_source(self, record: Record, kind: AssignmentSourceKind, **columns: Any) -> Record:
        """A source of a record; `columns` overrules any column."""
        row = {
            "organisation_id": self.id,
            "id": self.new_id(self.clock()),
            "learner_certification_id": record.id,
            "kind": kind,
            "created_at": record["assigned_at"],
            "ended_at": record["archived_at"],
            **columns,
        }
        return self._add(assignment_sources, row)

    def _cycles(self, record: Record, columns: dict[str, Any]) -> None:
        """The cycles of a record: one that ended with the certificate, one that is open, or one that was revoked."""
        status = record["status"]
        if record["certified_at"]:
            certified = columns if status not in WORKED_ON else {}
            self._certificate(record, self.certification_cycle(record, CycleOutcome.CERTIFIED, **certified))
        if status in WORKED_ON:
            opened = self.certification_cycle(record, None, **columns)
            if status is _S.PENDING_APPROVAL:
                self.evidence(record, opened)
        elif status is _S.REVOKED:
            self.certification_cycle(record, CycleOutcome.REVOKED, **columns)

    def certification_cycle(self, record: Record, outcome: CycleOutcome | None, **columns: Any) -> Record:
        """The next cycle of a record, with the progress of its steps; `columns` overrules any column."""
        now, status = self.clock(), record["status"]
        number = len(self._rows_of(certification_cycles, learner_certification_id=record.id))
        [*_, version] = self._rows_of(certification_versions, certification_id=record["certification_id"])
        steps = self._rows_of(certification_steps, certification_version_id=version["id"])
        is_done, is_again = outcome is CycleOutcome.CERTIFIED, number > 0
        fee = version["recertification_fee" if is_again else "initial_fee"]
        is_started = is_again or status is not _S.NOT_STARTED
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(now),
            "learner_certification_id": record.id,
            "certification_version_id": version["id"],
            "number": number,
            "is_recertification": is_again and record["certified_at"] is not None,
            "opened_at": now - (40 - number) * DAY,
            "started_at": now - 35 * DAY if is_started else None,
            "closed_at": now - (30 - number) * DAY if outcome else None,
            "outcome": outcome,
            "fee_status": FeeStatus.UNPAID if fee else FeeStatus.NOT_REQUIRED,
            "fee": fee,
            "steps_open": 0 if is_done else len(steps),
            "steps_waiting": 0,
            "attempts_used": 1 if is_done else 0,
            "attempts_granted": 0,
            "has_attempt_open": False,
            "is_exam_waiting": False,
            "exam_passed_at": now - 31 * DAY if is_done else None,
            "is_exam_overridden": False,
            **columns,
        }
        if row["fee_status"] in (FeeStatus.PAID, FeeStatus.WAIVED):
            row.setdefault("fee_settled_at", now - 36 * DAY)
        made = self._add(certification_cycles, row)
        for place, step in enumerate(steps):
            self._progress(made, step, is_done=place >= row["steps_open"])
        for attempt in range(1, row["attempts_used"] + 1):
            is_last = attempt == row["attempts_used"]
            self._attempt(made, attempt, is_passed=is_last and row["exam_passed_at"] is not None)
        return made

    def evidence(self, record: Record, cycle: Record, **columns: Any) -> Record:
        """Evidence for the first open step of a cycle, which awaits its approval; `columns` overrules any column."""
        progress = next(
            each
            for each in self._rows_of(step_progress, certification_cycle_id=cycle.id)
            if each["status"] is StepStatus.OPEN
        )
        progress["status"] = StepStatus.AWAITING_APPROVAL
        self._by_id[cycle.id]["steps_waiting"] += 1
        own = {
            "certification_cycle_id": cycle.id,
            "step_progress_id": progress["id"],
            "evidence_text": "I have done it.",
        }
        return self.approval(record, ApprovalKind.EVIDENCE, **own, **columns)

    def exam_attempt(self, cycle: Record, **columns: Any) -> Record:
        """An attempt at the exam that is open, the next of its cycle; `columns` overrules any column."""
        number = 1 + len(self._rows_of(exam_attempts, certification_cycle_id=cycle.id))
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(self.clock()),
            "learner_certification_id": cycle["learner_certification_id"],
            "certification_cycle_id": cycle.id,
            "number": number,
            "status": ExamAttemptStatus.STARTED,
            "started_at": self.clock() - DAY,
            **columns,
        }
        return self._add(exam_attempts, row)

    def approval(self, record: Record, kind: ApprovalKind, **columns: Any) -> Record:
        """Something of a record that awaits a decision; `columns` overrules any column."""
        now = self.clock()
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(now),
            "kind": kind,
            "status": ApprovalStatus.PENDING,
            "learner_id": record["learner_id"],
            "certification_id": record["certification_id"],
            "learner_certification_id": record.id,
            "requested_at": now - 2 * DAY,
            "version": 1,
            **columns,
        }
        if row["status"] is not ApprovalStatus.PENDING:
            row.setdefault("decided_at", now - DAY)
        return self._add(approvals, row)

    def access_request(self, learner: Record, certification: Record, **columns: Any) -> Record:
        """A learner's request for access, which awaits its decision; `columns` overrules any column."""
        now = self.clock()
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(now),
            "kind": ApprovalKind.ACCESS,
            "status": ApprovalStatus.PENDING,
            "learner_id": learner.id,
            "certification_id": certification.id,
            "requested_at": now - 2 * DAY,
            "version": 1,
            **columns,
        }
        return self._add(approvals, row)

    def _progress(self, cycle: Record, step: dict[str, Any], *, is_done: bool) -> None:
        done = {"status": StepStatus.DONE, "path": StepPath.ONLINE, "done_at": self.clock() - 33 * DAY}
        row = {
            "organisation_id": self.id,
            "id": self.new_id(self.clock()),
            "certification_cycle_id": cycle.id,
            "certification_step_id": step["id"],
            "status": StepStatus.OPEN,
            "is_overridden": False,
            **(done if is_done else {}),
        }
        self._add(step_progress, row)

    def _attempt(self, cycle: Record, number: int, *, is_passed: bool) -> None:
        now = self.clock()
        row = {
            "organisation_id": self.id,
            "id": self.new_id(now),
            "learner_certification_id": cycle["learner_certification_id"],
            "certification_cycle_id": cycle.id,
            "number": number,
            "status": ExamAttemptStatus.PASSED if is_passed else ExamAttemptStatus.FAILED,
            "started_at": now - 32 * DAY,
            "ended_at": now - 31 * DAY,
            "score": 90 if is_passed else 40,
        }
        self._add(exam_attempts, row)

    def _certificate(self, record: Record, cycle: Record) -> None:
        status = {
            _S.CERTIFIED: CertificateStatus.VALID,
            _S.DISALLOWED: CertificateStatus.REVOKED,
            _S.REVOKED: CertificateStatus.REVOKED,
        }.get(record["status"], CertificateStatus.EXPIRED)
        now = self.clock()
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(now),
            "learner_certification_id": record.id,
            "certification_cycle_id": cycle.id,
            "status": status,
            "issued_at": record["certified_at"],
            "issued_on": record["certified_at"].date(),
            "expires_at": record["expires_at"],
            "ended_at": now - DAY if status is CertificateStatus.REVOKED else None,
            "register_number": register_number(self.new_id(now)),
            "version": 1,
        }
        row["due_at"] = CERTIFICATES.due_at(status, row)
        self._add(certificates, row)

    def _rows_of(self, table: Any, **equal: Any) -> list[dict[str, Any]]:
        return [row for row in self.rows.get(table, ()) if all(row[name] == value for name, value in equal.items())]
