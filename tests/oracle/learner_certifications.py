"""Learners' certifications and what hangs on them, in plain Python."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from portal_api import models
from portal_api.domain.certifications import (
    APPROVALS,
    LEARNER_CERTIFICATIONS,
    ApprovalFacts,
    ApprovalKind,
    ApprovalStatus,
    AssignmentSourceKind,
    CertificateStatus,
    CertificationVersionStatus,
    Cycle,
    FeeStatus,
    LearnerCertificationAction,
    LearnerCertificationFacts,
    LearnerCertificationStatus,
)
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.library import LibraryStatus
from portal_api.domain.roles import Role
from tests.oracle import learners
from tests.oracle.credentials import link
from tests.oracle.engine import Asking, Noun, owned, reporting, searching
from tests.oracle.groups import in_group
from tests.oracle.rows import FAR_FUTURE, Row, folded, wire
from tests.oracle.series_times import of

_S = LearnerCertificationStatus
Condition = Callable[[Asking, Mapping[str, Any]], Callable[[Row], bool]]


def _sees(asking: Asking, row: Row) -> bool:
    return asking.viewer.role is Role.INTEGRATION or asking.knows(row.learner_id)


def _sees_of_record(asking: Asking, row: Row) -> bool:
    return asking.knows(of(asking, "LearnerCertification", row.learner_certification_id).learner_id)


def status_at(now: datetime, row: Row) -> LearnerCertificationStatus:
    """What time has made of the status that is stored."""
    if row.status not in (_S.CERTIFIED, _S.EXPIRED) or row.expires_at is None or row.expires_at > now:
        return row.status
    return _S.LAPSED if row.lapses_at <= now else _S.EXPIRED


def _certificate_status(asking: Asking, row: Row) -> CertificateStatus:
    is_over = row.expires_at is not None and row.expires_at <= asking.now
    return CertificateStatus.EXPIRED if row.status is CertificateStatus.VALID and is_over else row.status


def _of_record(asking: Asking, type_: str, row: Row) -> list[Row]:
    return [each for each in asking.rows[type_] if each.learner_certification_id == row.id]


def _open_cycle(asking: Asking, row: Row) -> Row | None:
    return next((each for each in _of_record(asking, "CertificationCycle", row) if each.closed_at is None), None)


def _certificate(asking: Asking, row: Row) -> Row | None:
    own = _of_record(asking, "Certificate", row)
    return next((each for each in own if _certificate_status(asking, each) is CertificateStatus.VALID), None)


def _allowed(asking: Asking, row: Row) -> int | None:
    limit = of(asking, "CertificationVersion", row.certification_version_id).attempt_limit
    return None if limit is None else limit + row.attempts_granted


def _cycle_facts(asking: Asking, row: Row) -> Cycle:
    cycle = _open_cycle(asking, row)
    if cycle is None:
        return Cycle()
    version = of(asking, "CertificationVersion", cycle.certification_version_id)
    return Cycle(
        is_recertification=cycle.is_recertification,
        is_started=cycle.started_at is not None,
        fee=cycle.fee_status,
        fee_due=version.fee_due,
        steps_open=cycle.steps_open,
        steps_waiting=cycle.steps_waiting,
        attempts_used=cycle.attempts_used,
        attempts_allowed=_allowed(asking, cycle),
        has_attempt_open=cycle.has_attempt_open,
        is_exam_waiting=cycle.is_exam_waiting,
        is_exam_passed=cycle.exam_passed_at is not None,
        allows_exam_before_training=version.allows_exam_before_training,
    )


def _is_by_hand(row: Row) -> bool:
    return row.kind is AssignmentSourceKind.MANUAL and row.ended_at is None


def _facts(asking: Asking, row: Row) -> LearnerCertificationFacts:
    learner, certification = of(asking, "Learner", row.learner_id), of(asking, "Certification", row.certification_id)
    versions = [each for each in asking.rows["CertificationVersion"] if each.certification_id == row.certification_id]
    return LearnerCertificationFacts(
        status_at(asking.now, row),
        learner_is_active=learner.status is LearnerStatus.ACTIVE,
        has_app_access=learner.has_app_access,
        is_own_record=learner.id == asking.viewer.learner_id,
        is_archived=row.archived_at is not None,
        is_certification_active=certification.status is LibraryStatus.ACTIVE,
        has_published_version=any(each.status is CertificationVersionStatus.PUBLISHED for each in versions),
        has_manual_source=any(map(_is_by_hand, _of_record(asking, "AssignmentSource", row))),
        is_window_open=row.window_opens_at is not None and row.window_opens_at <= asking.now,
        has_attempts_request=_asks_for_attempts(asking, row),
        cycle=_cycle_facts(asking, row),
    )


def _asks_for_attempts(asking: Asking, row: Row) -> bool:
    cycle = _open_cycle(asking, row)
    return any(
        each.kind is ApprovalKind.MORE_ATTEMPTS
        and each.status is ApprovalStatus.PENDING
        and cycle is not None
        and each.certification_cycle_id == cycle.id
        for each in _of_record(asking, "Approval", row)
    )


def _next_transitions(asking: Asking, row: Row) -> list[dict[str, str]]:
    """The two steps that a certificate goes down by itself; without grace they are one."""
    status = status_at(asking.now, row)
    ahead: list[tuple[datetime, LearnerCertificationStatus]] = []
    if status is _S.CERTIFIED and row.expires_at is not None and row.expires_at < row.lapses_at:
        ahead.append((row.expires_at, _S.EXPIRED))
    if status in (_S.CERTIFIED, _S.EXPIRED) and row.lapses_at is not None:
        ahead.append((row.lapses_at, _S.LAPSED))
    return [{"status": to.name, "at": wire(at)} for at, to in ahead]


def _removal(asking: Asking, row: Row) -> list[Any]:
    record = of(asking, "LearnerCertification", row.learner_certification_id)
    facts = replace(_facts(asking, record), has_manual_source=_is_by_hand(row))
    rule = LEARNER_CERTIFICATIONS[LearnerCertificationAction.REMOVE_ASSIGNMENT]
    return list(rule.reasons(asking.viewer.role, facts))


def _of_access(asking: Asking, row: Row) -> dict[str, bool]:
    """What is asked of access alone: of the certification, and of the record that the learner may have by now."""
    of_it = (row.learner_id, row.certification_id, None)
    barred = [each for each in asking.rows["LearnerCertification"] if each.status is _S.DISALLOWED]
    versions = [each for each in asking.rows["CertificationVersion"] if each.certification_id == row.certification_id]
    return {
        "is_certification_active": of(asking, "Certification", row.certification_id).status is LibraryStatus.ACTIVE,
        "has_published_version": any(each.status is CertificationVersionStatus.PUBLISHED for each in versions),
        "is_barred": of_it in {(each.learner_id, each.certification_id, each.archived_at) for each in barred},
    }


def _approval_actions(asking: Asking, row: Row) -> Any:
    facts = ApprovalFacts(
        row.status,
        row.kind,
        learner_is_active=of(asking, "Learner", row.learner_id).status is LearnerStatus.ACTIVE,
        is_own_record=row.learner_id == asking.viewer.learner_id,
        **(_of_access(asking, row) if row.kind is ApprovalKind.ACCESS else {}),
    )
    return APPROVALS.actions(asking.viewer.role, facts)


def _fee_is(status: FeeStatus) -> Callable[[Asking, Row], bool]:
    def holds(asking: Asking, row: Row) -> bool:
        cycle = _open_cycle(asking, row)
        return cycle is not None and cycle.fee_status is status

    return holds


def _is_awaiting(asking: Asking, row: Row) -> bool:
    pending = (each.status is ApprovalStatus.PENDING for each in _of_record(asking, "Approval", row))
    return row.status is _S.PENDING_APPROVAL or any(pending)


def _flag(read: Callable[[Asking, Row], bool]) -> Condition:
    def condition(asking: Asking, given: Mapping[str, Any]) -> Callable[[Row], bool]:
        wanted = given.get("eq")
        return lambda row: wanted is None or read(asking, row) is wanted

    return condition


def _last(name: str) -> Callable[[Row], str]:
    return lambda row: wire(getattr(row, name)) or FAR_FUTURE


def _texts(asking: Asking, row: Row) -> list[str]:
    return learners.texts(asking, of(asking, "Learner", row.learner_id))


def _of_learner(name: str) -> Callable[[Asking, Row], str]:
    return lambda asking, row: folded(getattr(of(asking, "Learner", row.learner_id), name))


def _title(asking: Asking, row: Row) -> str:
    """The title, to whoever sees the certification."""
    seen = asking.record("Certification", row.certification_id)
    return folded(seen.title) if seen else ""


def _version(asking: Asking, row: Row) -> Row:
    return of(asking, "CertificationVersion", row.certification_version_id)


def _placed(asking: Asking) -> list[Row]:
    """The progress of steps, each with the place of its step."""
    rows = asking.rows["StepProgress"]
    for row in rows:
        row.position = of(asking, "CertificationStep", row.certification_step_id).position
    return list(rows)


LEARNER_CERTIFICATION = Noun(
    "LearnerCertification",
    "lct",
    sees=_sees,
    tables={"LearnerCertification": models.learner_certifications},
    root="learnerCertification",
    root_list="learnerCertifications",
    fields={
        "status": lambda asking, row: status_at(asking.now, row),
        "learner": lambda asking, row: asking.record("Learner", row.learner_id),
        "certification": lambda asking, row: asking.record("Certification", row.certification_id),
        "isPaymentWaived": _fee_is(FeeStatus.WAIVED),
        "cycle": _open_cycle,
        "certificate": _certificate,
        "nextTransitions": _next_transitions,
        "actions": lambda asking, row: LEARNER_CERTIFICATIONS.actions(asking.viewer.role, _facts(asking, row)),
    },
    lists={
        "cycles": ("CertificationCycle", owned("learner_certification_id")),
        "sources": ("AssignmentSource", owned("learner_certification_id")),
        "attempts": ("ExamAttempt", owned("learner_certification_id")),
        "approvals": ("Approval", owned("learner_certification_id")),
        "certificates": ("Certificate", owned("learner_certification_id")),
        "history": ("HistoryEntry", owned("subject_id")),
    },
    keys={"id": "lct", "learnerId": "lrn", "certificationId": "crt", "groupId": "grp"},
    conditions={
        "groupId": in_group(lambda row: row.learner_id),
        "reportsTo": reporting(lambda row: row.learner_id),
        "search": searching(_texts),
        "isFeeDue": _flag(_fee_is(FeeStatus.UNPAID)),
        "isAwaitingApproval": _flag(_is_awaiting),
        "isCertificateValid": _flag(lambda asking, row: _certificate(asking, row) is not None),
        "isArchived": _flag(lambda _, row: row.archived_at is not None),
    },
    assumed={"isArchived": {"eq": False}},
    orders={name: _last(name.lower()) for name in ("ASSIGNED_AT", "ENROLLED_AT", "EXPIRES_AT", "CERTIFIED_AT")},
    orders_asking={
        "STATUS": lambda asking, row: str(list(_S).index(status_at(asking.now, row))),
        "FAMILY_NAME": _of_learner("family_name"),
        "GIVEN_NAME": _of_learner("given_name"),
        "CERTIFICATION_TITLE": _title,
    },
    numbers=frozenset({"STATUS"}),
    for_integration=frozenset({"id", "externalRef", "status"}),
)
CERTIFICATION_CYCLE = Noun(
    "CertificationCycle",
    "ccy",
    sees=_sees_of_record,
    tables={"CertificationCycle": models.certification_cycles},
    fields={
        "certificationVersion": lambda asking, row: asking.record("CertificationVersion", row.certification_version_id),
        "currency": lambda asking, row: _version(asking, row).currency if row.fee is not None else None,
        "feeSettledBy": lambda asking, row: asking.record("User", row.fee_settled_by),
        "attemptsAllowed": _allowed,
    },
    lists={"steps": ("StepProgress", owned("certification_cycle_id"))},
    orders={"NUMBER": lambda row: str(row.number)},
    numbers=frozenset({"NUMBER"}),
    usual_order=(("NUMBER", False),),
)
STEP_PROGRESS = Noun(
    "StepProgress",
    "stp",
    sees=lambda asking, row: asking.record("CertificationCycle", row.certification_cycle_id) is not None,
    rows=_placed,
    tables={"StepProgress": models.step_progress},
    fields={"step": lambda asking, row: asking.record("CertificationStep", row.certification_step_id)},
    orders={"POSITION": lambda row: str(row.position)},
    numbers=frozenset({"POSITION"}),
    usual_order=(("POSITION", False),),
)
EXAM_ATTEMPT = Noun(
    "ExamAttempt",
    "att",
    sees=_sees_of_record,
    tables={"ExamAttempt": models.exam_attempts},
    fields={"cycle": lambda asking, row: asking.record("CertificationCycle", row.certification_cycle_id)},
)
ASSIGNMENT_SOURCE = Noun(
    "AssignmentSource",
    "asg",
    sees=_sees_of_record,
    tables={"AssignmentSource": models.assignment_sources},
    fields={
        "group": lambda asking, row: asking.record("Group", row.group_id),
        "createdBy": lambda asking, row: asking.record("User", row.created_by),
        "removable": lambda asking, row: not _removal(asking, row),
        "reasons": _removal,
    },
)
APPROVAL = Noun(
    "Approval",
    "apr",
    sees=lambda asking, row: asking.knows(row.learner_id),
    tables={"Approval": models.approvals},
    root="approval",
    root_list="approvals",
    fields={
        "learner": lambda asking, row: asking.record("Learner", row.learner_id),
        "certification": lambda asking, row: asking.record("Certification", row.certification_id),
        "learnerCertification": lambda asking, row: asking.record("LearnerCertification", row.learner_certification_id),
        "decidedBy": lambda asking, row: asking.record("User", row.decided_by),
        "evidenceLinks": lambda _, row: row.evidence_links or (),
        "step": lambda asking, row: asking.record("StepProgress", row.step_progress_id),
        "attempt": lambda asking, row: asking.record("ExamAttempt", row.exam_attempt_id),
        "actions": _approval_actions,
    },
    lists={"history": ("HistoryEntry", owned("subject_id"))},
    keys={"id": "apr", "learnerId": "lrn", "certificationId": "crt", "groupId": "grp"},
    conditions={
        "groupId": in_group(lambda row: row.learner_id),
        "reportsTo": reporting(lambda row: row.learner_id),
        "search": searching(_texts),
    },
    orders={"REQUESTED_AT": lambda row: wire(row.requested_at)},
    usual_order=(("REQUESTED_AT", False),),
)
CERTIFICATE = Noun(
    "Certificate",
    "cer",
    sees=_sees_of_record,
    tables={"Certificate": models.certificates},
    fields={
        "status": _certificate_status,
        "download": lambda asking, row: link("cer", asking, row),
        "learnerCertification": lambda asking, row: asking.record("LearnerCertification", row.learner_certification_id),
    },
    lists={"history": ("HistoryEntry", owned("subject_id"))},
)
NOUNS = (
    LEARNER_CERTIFICATION,
    CERTIFICATION_CYCLE,
    STEP_PROGRESS,
    EXAM_ATTEMPT,
    ASSIGNMENT_SOURCE,
    APPROVAL,
    CERTIFICATE,
)
