"""Certifications, their versions and training steps, in plain Python."""

from datetime import datetime
from typing import Any

from portal_api import models
from portal_api.domain.certifications import (
    CERTIFICATION_VERSIONS,
    CERTIFICATIONS,
    ApprovalKind,
    ApprovalStatus,
    CertificationFacts,
    CertificationJoining,
    CertificationVersionStatus,
    LearnerCertificationStatus,
)
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.library import LibraryStatus
from portal_api.domain.machine import ActionState, RecordFacts
from portal_api.domain.roles import Role
from tests.oracle.engine import Asking, Noun, joined, owned, searching
from tests.oracle.rows import Row, folded, wire

_S, _V = LearnerCertificationStatus, CertificationVersionStatus


def _sees(asking: Asking, row: Row) -> bool:
    if asking.is_administrator:
        return True
    own = asking.viewer.learner_id
    is_held = any(
        each.certification_id == row.id and each.learner_id == own for each in asking.rows["LearnerCertification"]
    )
    may_join = own is not None and row.joining is not CertificationJoining.ASSIGNED_ONLY
    is_shown = asking.viewer.role in (Role.MANAGER, Role.INTEGRATION) or is_held or may_join
    return row.status is LibraryStatus.ACTIVE and is_shown


def _sees_version(asking: Asking, row: Row) -> bool:
    is_open = asking.is_administrator or row.status is not _V.DRAFT
    return is_open and asking.record("Certification", row.certification_id) is not None


def _newest(asking: Asking, row: Row) -> Row | None:
    own = [each for each in asking.rows["CertificationVersion"] if each.certification_id == row.id]
    return max((each for each in own if each.status is _V.PUBLISHED), key=lambda each: each.number, default=None)


def _status_at(now: datetime, record: Row) -> LearnerCertificationStatus:
    """What time has made of the status that is stored."""
    status = record.status
    if status is _S.CERTIFIED and record.expires_at and record.expires_at <= now:
        status = _S.EXPIRED
    return _S.LAPSED if status is _S.EXPIRED and record.lapses_at <= now else status


def _actions(asking: Asking, row: Row) -> list[ActionState[Any]]:
    """What the viewer may do about themselves hangs on their own record; nothing else does."""
    role, own = asking.viewer.role, asking.viewer.learner_id
    has_version = _newest(asking, row) is not None
    shown = list(CERTIFICATIONS.actions(role, CertificationFacts(row.status, row.joining, has_version)))
    learner = next((each for each in asking.rows["Learner"] if each.id == own), None)
    records = [
        each
        for each in asking.rows["LearnerCertification"]
        if (each.learner_id, each.certification_id) == (own, row.id) and each.archived_at is None
    ]
    own_facts = CertificationFacts(
        row.status,
        row.joining,
        has_version,
        learner_is_active=learner is None or learner.status is LearnerStatus.ACTIVE,
        has_app_access=learner is None or learner.has_app_access,
        is_own_record=learner is not None,
        record_status=_status_at(asking.now, records[0]) if records else None,
        has_request=any(
            (each.learner_id, each.certification_id) == (own, row.id)
            and each.kind is ApprovalKind.ACCESS
            and each.status is ApprovalStatus.PENDING
            for each in asking.rows["Approval"]
        ),
    )
    return shown[:5] + list(CERTIFICATIONS.actions(role, own_facts))[5:]


CERTIFICATION = Noun(
    "Certification",
    "crt",
    sees=_sees,
    tables={
        "Certification": models.certifications,
        "CertificationGroup": models.certification_groups,
        "LearnerCertification": models.learner_certifications,
        "Approval": models.approvals,
    },
    root="certification",
    root_list="certifications",
    fields={
        "newestVersion": lambda asking, row: (
            (newest := _newest(asking, row)) and asking.record("CertificationVersion", newest.id)
        ),
        "actions": _actions,
    },
    lists={
        "groups": ("Group", joined("CertificationGroup", "certification_id", "group_id")),
        "versions": ("CertificationVersion", owned("certification_id")),
        "learnerCertifications": ("LearnerCertification", owned("certification_id")),
        "approvals": ("Approval", owned("certification_id")),
        "history": ("HistoryEntry", owned("subject_id")),
    },
    keys={"id": "crt"},
    conditions={"search": searching(lambda _, row: [row.title, row.external_ref])},
    orders={"TITLE": lambda row: folded(row.title), "CREATED_AT": lambda row: wire(row.created_at)},
)


def _exam(_: Asking, row: Row) -> dict[str, Any]:
    return {
        "title": row.exam_title,
        "attemptLimit": row.attempt_limit,
        "allowsExamBeforeTraining": row.allows_exam_before_training,
        "needsApproval": row.exam_needs_approval,
    }


def _fee(row: Row, amount: int | None) -> dict[str, Any] | None:
    if amount is None:
        return None
    return {"amount": amount, "currency": row.currency, "due": wire(row.fee_due)}


CERTIFICATION_VERSION = Noun(
    "CertificationVersion",
    "ctv",
    sees=_sees_version,
    tables={"CertificationVersion": models.certification_versions},
    fields={
        "certification": lambda asking, row: asking.record("Certification", row.certification_id),
        "exam": _exam,
        "initialFee": lambda _, row: _fee(row, row.initial_fee),
        "recertificationFee": lambda _, row: _fee(row, row.recertification_fee),
        "actions": lambda asking, row: CERTIFICATION_VERSIONS.actions(asking.viewer.role, RecordFacts(row.status)),
    },
    lists={
        "steps": ("CertificationStep", owned("certification_version_id")),
        "history": ("HistoryEntry", owned("subject_id")),
    },
    keys={"id": "ctv"},
    orders={"NUMBER": lambda row: str(row.number), "CREATED_AT": lambda row: wire(row.created_at)},
    numbers=frozenset({"NUMBER"}),
    usual_order=(("NUMBER", False),),
)
CERTIFICATION_STEP = Noun(
    "CertificationStep",
    "cts",
    sees=lambda asking, row: asking.record("CertificationVersion", row.certification_version_id) is not None,
    tables={"CertificationStep": models.certification_steps},
    fields={
        "certificationVersion": lambda asking, row: asking.record("CertificationVersion", row.certification_version_id),
        "paths": lambda _, row: [each.upper() for each in row.paths],
    },
    orders={"POSITION": lambda row: str(row.position)},
    numbers=frozenset({"POSITION"}),
    usual_order=(("POSITION", False),),
)
