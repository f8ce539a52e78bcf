"""Approvals: who sees them, and what each field reads."""

from typing import Any

from sqlalchemy import ColumnElement, Text, case, exists, false, func, literal, select, true

from portal_api.domain.certifications import (
    APPROVALS,
    ApprovalAction,
    ApprovalFacts,
    ApprovalKind,
    ApprovalStatus,
    CertificationVersionStatus,
    LearnerCertificationStatus,
)
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.library import LibraryStatus
from portal_api.domain.machine import ActionState
from portal_api.domain.roles import Role
from portal_api.models import (
    approvals,
    certification_versions,
    certifications,
    history_entries,
    learner_certifications,
    learners,
)
from portal_api.models.base import Words
from portal_api.planner.declare import Column, Connection, Derived, Key, Source, ToOne
from portal_api.planner.filters import Comparison, Flag, Search, Target
from portal_api.queries import scope
from portal_api.queries.certifications.records import learner_matches
from portal_api.queries.folding import fold
from portal_api.queries.groups import InGroup
from portal_api.queries.learners import ReportsTo

_own = approvals.c
_asking = learners.alias("asking")
LEARNER_STATUS = (
    select(_asking.c.status)
    .where(_asking.c.organisation_id == _own.organisation_id, _asking.c.id == _own.learner_id)
    .correlate(approvals)
    .scalar_subquery()
)
IS_OWN_RECORD = case((_own.learner_id == scope.VIEWER_LEARNER, true()), else_=false())
"""False for a caller who is linked to nobody, to whom nothing is their own."""
_wanted, _published = certifications.alias("wanted"), certification_versions.alias("published_of_wanted")
_barred = learner_certifications.alias("barred_from_wanted")


def _of_access(holds: ColumnElement[bool], *, otherwise: bool) -> ColumnElement[bool]:
    """What is asked of access alone; of the other kinds nothing needs to be looked up."""
    return case((_own.kind == ApprovalKind.ACCESS, holds), else_=true() if otherwise else false())


IS_CERTIFICATION_ACTIVE = _of_access(
    exists()
    .where(
        _wanted.c.organisation_id == _own.organisation_id,
        _wanted.c.id == _own.certification_id,
        _wanted.c.status == LibraryStatus.ACTIVE,
    )
    .correlate(approvals),
    otherwise=True,
)
HAS_PUBLISHED_VERSION = _of_access(
    exists()
    .where(
        _published.c.organisation_id == _own.organisation_id,
        _published.c.certification_id == _own.certification_id,
        _published.c.status == CertificationVersionStatus.PUBLISHED,
    )
    .correlate(approvals),
    otherwise=True,
)
IS_BARRED = _of_access(
    exists()
    .where(
        _barred.c.organisation_id == _own.organisation_id,
        _barred.c.learner_id == _own.learner_id,
        _barred.c.certification_id == _own.certification_id,
        _barred.c.archived_at.is_(None),
        _barred.c.status == LearnerCertificationStatus.DISALLOWED,
    )
    .correlate(approvals),
    otherwise=False,
)
FACTS = (
    _own.status,
    _own.kind,
    LEARNER_STATUS,
    IS_OWN_RECORD,
    IS_CERTIFICATION_ACTIVE,
    HAS_PUBLISHED_VERSION,
    IS_BARRED,
)
"""What decides over an approval; `facts_of` reads it."""


def facts_of(
    status: ApprovalStatus,
    kind: ApprovalKind,
    learner_status: LearnerStatus,
    is_own_record: bool,
    is_certification_active: bool,
    has_published_version: bool,
    is_barred: bool,
) -> ApprovalFacts:
    """The facts in the columns of `FACTS`, in their order."""
    return ApprovalFacts(
        status,
        kind,
        learner_is_active=learner_status is LearnerStatus.ACTIVE,
        is_own_record=bool(is_own_record),
        is_certification_active=bool(is_certification_active),
        has_published_version=bool(has_published_version),
        is_barred=bool(is_barred),
    )


def _matches(pattern: ColumnElement[str]) -> ColumnElement[bool]:
    return learner_matches(_own.learner_id, pattern)


def _actions(role: str, *facts: Any) -> tuple[ActionState[ApprovalAction], ...]:
    return APPROVALS.actions(Role(role), facts_of(*facts))


APPROVAL = Source(
    type="Approval",
    prefix="apr",
    table=approvals,
    scope=scope.APPROVALS,
    ways=scope.APPROVAL_WAYS,
    fields={
        "id": Key(),
        "kind": Column(_own.kind),
        "status": Column(_own.status),
        "learner": ToOne("Learner", _own.learner_id),
        "certification": ToOne("Certification", _own.certification_id),
        "learnerCertification": ToOne("LearnerCertification", _own.learner_certification_id),
        "requestedAt": Column(_own.requested_at),
        "decidedAt": Column(_own.decided_at),
        "decidedBy": ToOne("User", _own.decided_by),
        "comment": Column(_own.comment),
        "evidenceText": Column(_own.evidence_text),
        "evidenceLinks": Column(
            func.coalesce(_own.evidence_links, literal("", Text()), type_=Words()), is_nullable=False
        ),
        "score": Column(_own.score),
        "step": ToOne("StepProgress", _own.step_progress_id),
        "attempt": ToOne("ExamAttempt", _own.exam_attempt_id),
        "version": Column(_own.version),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
        "actions": Derived(FACTS, _actions),
    },
    filters={
        "id": Comparison(_own.id, "apr"),
        "kind": Comparison(_own.kind),
        "status": Comparison(_own.status),
        "learnerId": Comparison(_own.learner_id, "lrn"),
        "certificationId": Comparison(_own.certification_id, "crt", Target(certifications.c.id, scope.CERTIFICATIONS)),
        "requestedAt": Comparison(_own.requested_at),
        "groupId": InGroup(_own.learner_id),
        "reportsTo": ReportsTo(_own.learner_id),
        "search": Search(_matches, fold),
    },
    conditions={"waiting": Flag(_own.status == ApprovalStatus.PENDING)},
    orders={"REQUESTED_AT": _own.requested_at},
    default_order=(("REQUESTED_AT", False),),
)
