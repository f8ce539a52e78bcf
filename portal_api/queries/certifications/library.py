"""The library of certifications: who sees them, their versions and steps, and what each field reads."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, exists, select

from portal_api.domain.certifications import (
    CERTIFICATION_VERSIONS,
    CERTIFICATIONS,
    LEARNER_CERTIFICATIONS,
    ApprovalKind,
    ApprovalStatus,
    CertificationAction,
    CertificationFacts,
    CertificationJoining,
    CertificationVersionAction,
    CertificationVersionStatus,
    FeeDue,
    LearnerCertificationStatus,
    StepPath,
)
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.library import LibraryStatus
from portal_api.domain.machine import ActionState, RecordFacts
from portal_api.domain.roles import Role
from portal_api.models import (
    approvals,
    certification_groups,
    certification_steps,
    certification_versions,
    certifications,
    history_entries,
    learner_certifications,
    learners,
)
from portal_api.planner.declare import Column, Connection, Derived, Key, Source, Through, ToOne
from portal_api.planner.filters import Comparison
from portal_api.queries import scope
from portal_api.queries.folding import search_in
from portal_api.queries.time import status_now

_published = certification_versions.alias("published")
_of_certification = (
    _published.c.organisation_id == certifications.c.organisation_id,
    _published.c.certification_id == certifications.c.id,
    _published.c.status == CertificationVersionStatus.PUBLISHED,
)
HAS_PUBLISHED_VERSION: ColumnElement[bool] = exists().where(*_of_certification).correlate(certifications)
NEWEST_VERSION = (
    select(_published.c.id)
    .where(*_of_certification)
    .order_by(_published.c.number.desc())
    .limit(1)
    .correlate(certifications)
    .scalar_subquery()
)

# What the viewer's own enrolment or request is decided by.
_viewer = learners.alias("viewer_record")
_is_viewer = (_viewer.c.organisation_id == scope.ORGANISATION, _viewer.c.id == scope.VIEWER_LEARNER)
_OWN_STATUS = select(_viewer.c.status).where(*_is_viewer).scalar_subquery()
_OWN_APP_ACCESS = select(_viewer.c.has_app_access).where(*_is_viewer).scalar_subquery()
_own = learner_certifications.alias("own_record")
_is_own = (
    _own.c.organisation_id == certifications.c.organisation_id,
    _own.c.certification_id == certifications.c.id,
    _own.c.learner_id == scope.VIEWER_LEARNER,
    _own.c.archived_at.is_(None),
)
_OWN_RECORD_STATUS = (
    select(status_now(LEARNER_CERTIFICATIONS, _own)).where(*_is_own).correlate(certifications).scalar_subquery()
)
OWN_RECORD = select(_own.c.id).where(*_is_own).correlate(certifications).scalar_subquery()
"""The viewer's own record of a certification, if they have one that is not archived."""
_asked = approvals.alias("asked")
_HAS_OWN_REQUEST: ColumnElement[bool] = (
    exists()
    .where(
        _asked.c.organisation_id == certifications.c.organisation_id,
        _asked.c.certification_id == certifications.c.id,
        _asked.c.learner_id == scope.VIEWER_LEARNER,
        _asked.c.kind == ApprovalKind.ACCESS,
        _asked.c.status == ApprovalStatus.PENDING,
    )
    .correlate(certifications)
)
_OWN_ACTIONS = (CertificationAction.ENROL, CertificationAction.REQUEST_ACCESS)
JOINING: tuple[ColumnElement[Any], ...] = (
    certifications.c.status,
    certifications.c.joining,
    HAS_PUBLISHED_VERSION,
    _OWN_STATUS,
    _OWN_APP_ACCESS,
    _OWN_RECORD_STATUS,
    _HAS_OWN_REQUEST,
)
"""What decides whether the viewer may join a certification; `joining_facts` reads it."""


def joining_facts(
    status: LibraryStatus,
    joining: CertificationJoining,
    has_published_version: bool,
    own_status: LearnerStatus | None,
    has_app_access: bool | None,
    record_status: LearnerCertificationStatus | None,
    has_request: bool,
) -> CertificationFacts:
    """The facts of a certification for whoever wants to join it themselves; who is linked to nobody is nobody's learner."""
    return CertificationFacts(
        status,
        joining,
        bool(has_published_version),
        learner_is_active=own_status is not LearnerStatus.INACTIVE,
        has_app_access=has_app_access is not False,
        is_own_record=own_status is not None,
        record_status=record_status,
        has_request=bool(has_request),
    )


def _certification_actions(
    role: str, status: LibraryStatus, joining: CertificationJoining, has_published_version: bool, *own: Any
) -> tuple[ActionState[CertificationAction], ...]:
    """Every action: the viewer's own ones are decided by their own record, the others by the certification alone."""
    alone = CertificationFacts(status, joining, has_published_version)
    by_viewer = joining_facts(status, joining, has_published_version, *own)
    by_action = {
        each.action: each
        for facts in (alone, by_viewer)
        for each in CERTIFICATIONS.actions(Role(role), facts)
        if (facts is by_viewer) is (each.action in _OWN_ACTIONS)
    }
    return tuple(by_action[rule.action] for rule in CERTIFICATIONS.rules)


CERTIFICATION = Source(
    type="Certification",
    prefix="crt",
    table=certifications,
    scope=scope.CERTIFICATIONS,
    fields={
        "id": Key(),
        "externalRef": Column(certifications.c.external_ref),
        "title": Column(certifications.c.title),
        "joining": Column(certifications.c.joining),
        "status": Column(certifications.c.status),
        "createdAt": Column(certifications.c.created_at),
        "version": Column(certifications.c.version),
        "groups": Connection(
            "Group",
            certification_groups.c.certification_id,
            Through(certification_groups, certification_groups.c.group_id),
        ),
        "versions": Connection("CertificationVersion", certification_versions.c.certification_id),
        "learnerCertifications": Connection("LearnerCertification", learner_certifications.c.certification_id),
        "approvals": Connection("Approval", approvals.c.certification_id),
        "newestVersion": ToOne("CertificationVersion", NEWEST_VERSION),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
        "actions": Derived(JOINING, _certification_actions),
    },
    filters={
        "id": Comparison(certifications.c.id, "crt"),
        "externalRef": Comparison(certifications.c.external_ref),
        "joining": Comparison(certifications.c.joining),
        "status": Comparison(certifications.c.status),
        "createdAt": Comparison(certifications.c.created_at),
        "search": search_in(certifications.c.search_key),
    },
    orders={"TITLE": certifications.c.title_key, "CREATED_AT": certifications.c.created_at},
)


@dataclass(frozen=True, slots=True)
class Exam:
    """The final exam of a version."""

    title: str
    attempt_limit: int | None
    allows_exam_before_training: bool
    needs_approval: bool


@dataclass(frozen=True, slots=True)
class Fee:
    """What a cycle under a version costs."""

    amount: int
    currency: str
    due: FeeDue


def _exam(_role: str, title: str, limit: int | None, before_training: bool, needs_approval: bool) -> Exam:
    return Exam(title, limit, before_training, needs_approval)


def _fee(_role: str, amount: int | None, currency: str | None, due: FeeDue) -> Fee | None:
    return None if amount is None or currency is None else Fee(amount, currency, due)


def _version_actions(
    role: str, status: CertificationVersionStatus
) -> tuple[ActionState[CertificationVersionAction], ...]:
    return CERTIFICATION_VERSIONS.actions(Role(role), RecordFacts(status))


_V = certification_versions.c

CERTIFICATION_VERSION = Source(
    type="CertificationVersion",
    prefix="ctv",
    table=certification_versions,
    scope=scope.CERTIFICATION_VERSIONS,
    fields={
        "id": Key(),
        "number": Column(_V.number),
        "status": Column(_V.status),
        "certification": ToOne("Certification", _V.certification_id),
        "exam": Derived(
            (_V.exam_title, _V.attempt_limit, _V.allows_exam_before_training, _V.exam_needs_approval), _exam
        ),
        "evidenceNeedsApproval": Column(_V.evidence_needs_approval),
        "initialFee": Derived((_V.initial_fee, _V.currency, _V.fee_due), _fee),
        "recertificationFee": Derived((_V.recertification_fee, _V.currency, _V.fee_due), _fee),
        "validityMonths": Column(_V.validity_months),
        "graceDays": Column(_V.grace_days),
        "windowDays": Column(_V.window_days),
        "steps": Connection("CertificationStep", certification_steps.c.certification_version_id),
        "createdAt": Column(_V.created_at),
        "publishedAt": Column(_V.published_at),
        "retiredAt": Column(_V.retired_at),
        "version": Column(_V.version),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
        "actions": Derived((_V.status,), _version_actions),
    },
    filters={
        "id": Comparison(_V.id, "ctv"),
        "status": Comparison(_V.status),
        "createdAt": Comparison(_V.created_at),
        "publishedAt": Comparison(_V.published_at),
        "retiredAt": Comparison(_V.retired_at),
    },
    orders={"NUMBER": _V.number, "CREATED_AT": _V.created_at},
    default_order=(("NUMBER", False),),
)


def _paths(_role: str, paths: str) -> tuple[StepPath, ...]:
    return tuple(StepPath(path) for path in paths.split())


CERTIFICATION_STEP = Source(
    type="CertificationStep",
    prefix="cts",
    table=certification_steps,
    scope=scope.CERTIFICATION_STEPS,
    fields={
        "id": Key(),
        "position": Column(certification_steps.c.position),
        "title": Column(certification_steps.c.title),
        "paths": Derived((certification_steps.c.paths,), _paths),
        "certificationVersion": ToOne("CertificationVersion", certification_steps.c.certification_version_id),
    },
    orders={"POSITION": certification_steps.c.position},
    default_order=(("POSITION", False),),
)
