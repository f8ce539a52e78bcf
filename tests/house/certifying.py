"""Learners' certifications that a test may break, and what breaks each of their invariants."""

from typing import Any

from sqlalchemy import insert, update

from portal_api.domain.certifications import (
    ApprovalKind,
    CertificateStatus,
    CycleOutcome,
    ExamAttemptStatus,
    LearnerCertificationStatus,
    StepStatus,
)
from portal_api.models import (
    approvals,
    assignment_sources,
    certificates,
    certification_cycles,
    certification_versions,
    certifications,
    exam_attempts,
    learner_certifications,
    step_progress,
)
from tests.clock import START
from tests.factories import DAY, Organisation, Record

_S = LearnerCertificationStatus


class Certifying:
    """One learner at work, one who waits for approval, one certified and one barred, each in a certification."""

    def __init__(self, organisation: Organisation, learner: Record) -> None:
        self.organisation = organisation
        self.certification = organisation.certification()
        self.version = organisation.record(organisation.rows[certification_versions][-1]["id"])
        self.at_work = organisation.learner_certification(
            learner, self.certification, cycle={"attempts_used": 1, "steps_open": 1}
        )
        self.waiting, self.certified, self.barred = (
            organisation.learner_certification(learner, organisation.certification(), status)
            for status in (_S.PENDING_APPROVAL, _S.CERTIFIED, _S.DISALLOWED)
        )
        self.assigned = organisation.learner_certification(learner, organisation.certification(), _S.ASSIGNED)
        self.group, self.by_group = organisation.group(learner, crew="Night"), organisation.certification()
        self.left, self.retired = organisation.group(), organisation.certification(is_active=False)
        self.archived = organisation.learner_certification(learner, self.by_group, _S.ASSIGNED, archived_at=START)
        for group, of in ((self.group, self.by_group), (self.left, self.by_group), (self.group, self.retired)):
            organisation.assigns(group, of)
        organisation.assigned_by_groups()
        self.approval = self._of(approvals, self.waiting)
        self.cycle = self._of(certification_cycles, self.at_work)
        self.certificate = self._of(certificates, self.certified)

    def _of(self, table: Any, record: Record) -> Record:
        rows = self.organisation.rows[table]
        return self.organisation.record(next(row["id"] for row in rows if row["learner_certification_id"] == record.id))

    def breaches(self) -> dict[str, list[Any]]:
        """What to do to the database, by the rule that it breaks."""
        organisation = self.organisation
        cycle = update(certification_cycles).where(certification_cycles.c.id == self.cycle.id)
        steps = update(step_progress).where(step_progress.c.certification_cycle_id == self.cycle.id)
        attempts = update(exam_attempts).where(exam_attempts.c.certification_cycle_id == self.cycle.id)

        def record(of: Record) -> Any:
            return update(learner_certifications).where(learner_certifications.c.id == of.id)

        def of_certificates(of: Record) -> Any:
            return update(certificates).where(certificates.c.learner_certification_id == of.id)

        exam = {
            **self.approval.row,
            "id": organisation.new_id(START),
            "kind": ApprovalKind.EXAM,
            "step_progress_id": None,
            "evidence_text": None,
            "learner_certification_id": self.at_work.id,
            "certification_id": self.certification.id,
            "certification_cycle_id": self.cycle.id,
            "exam_attempt_id": self._of(exam_attempts, self.at_work).id,
        }
        held = next(row for row in reversed(organisation.rows[assignment_sources]) if row["group_id"] == self.group.id)
        source = update(assignment_sources).where(assignment_sources.c.id == held["id"])
        another = insert(assignment_sources)

        def by_group(**columns: Any) -> Any:
            return another.values({**held, "id": organisation.new_id(START), **columns})

        return {
            "whom a group holds, it has assigned": [source.values(ended_at=START)],
            "it has assigned what it assigns": [source.values(group_id=self.left.id)],
            "while they and it are active": [
                update(certifications).where(certifications.c.id == self.retired.id).values(status="active")
            ],
            "a source by a group stands only while": [by_group(group_id=self.left.id)],
            "while the group holds them and assigns it": [by_group(learner_certification_id=self.at_work.id)],
            "a group has one source that stands": [by_group()],
            "no source stands in a learner's certification that is archived": [
                by_group(learner_certification_id=self.archived.id, kind="manual", group_id=None)
            ],
            "a cycle is open exactly where": [cycle.values(closed_at=START, outcome=CycleOutcome.REVOKED)],
            "is worked on, and not archived": [record(self.at_work).values(archived_at=START)],
            "exactly where a learner's certification is worked on": [
                record(self.assigned).values(status=_S.NOT_STARTED)
            ],
            "is the standing of its open cycle": [record(self.at_work).values(status=_S.RECERTIFYING)],
            "that is worked on is the standing": [cycle.values(started_at=None)],
            "a cycle counts its open": [cycle.values(steps_open=2)],
            "and waiting steps as their progress says": [steps.values(status=StepStatus.OPEN, done_at=None)],
            "a cycle counts its attempts": [cycle.values(attempts_used=2)],
            "attempts at the exam as they are": [cycle.values(has_attempt_open=True)],
            "at the exam as they are": [
                attempts.values(status=ExamAttemptStatus.AWAITING_APPROVAL, ended_at=START),
            ],
            "an exam is passed by an attempt": [cycle.values(exam_passed_at=START)],
            "by an attempt that passed, or by an override": [attempts.values(status=ExamAttemptStatus.PASSED)],
            "no certificate is in force where": [
                of_certificates(self.barred).values(
                    status=CertificateStatus.VALID, ended_at=None, due_at=self.barred["expires_at"]
                )
            ],
            "is pending approval exactly while": [
                update(approvals).where(approvals.c.id == self.approval.id).values(status="closed", decided_at=START)
            ],
            "exactly while evidence or an exam of its open cycle is": [insert(approvals).values(exam)],
            "a learner's certification is due when": [record(self.certified).values(due_at=START)],
            "a certificate is due when it expires": [of_certificates(self.certified).values(due_at=START + DAY)],
        }
