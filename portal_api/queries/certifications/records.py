"""Learners' certifications: who sees them, and what each field reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select

from portal_api.domain.certifications import (
    CERTIFICATES,
    LEARNER_CERTIFICATIONS,
    ApprovalStatus,
    CertificateStatus,
    FeeStatus,
    LearnerCertificationAction,
    LearnerCertificationStatus,
)
from portal_api.domain.machine import ActionState, Transition
from portal_api.domain.roles import Role
from portal_api.models import (
    approvals,
    assignment_sources,
    certificates,
    certification_cycles,
    certifications,
    exam_attempts,
    history_entries,
    learner_certifications,
    learners,
)
from portal_api.models.base import Instant, SortKey
from portal_api.planner.declare import Column, Connection, Derived, Key, Source, ToOne
from portal_api.planner.filters import Binder, Comparison, Flag, Search, Shape, Target, TimedStatus
from portal_api.queries import scope
from portal_api.queries.certifications.facts import FACTS, facts_of
from portal_api.queries.folding import fold
from portal_api.queries.groups import InGroup
from portal_api.queries.learners import ReportsTo
from portal_api.queries.ordering import AsSorted, or_last_instant
from portal_api.queries.time import place_now, stands_at, status_now

_own = learner_certifications.c
STATUS_NOW = status_now(LEARNER_CERTIFICATIONS, learner_certifications)

_opened = certification_cycles.alias("opened")
_IS_OPENED = and_(
    _opened.c.organisation_id == _own.organisation_id,
    _opened.c.learner_certification_id == _own.id,
    _opened.c.closed_at.is_(None),
)
OPEN_CYCLE = select(_opened.c.id).where(_IS_OPENED).correlate(learner_certifications).scalar_subquery()

_in_force = certificates.alias("in_force")
_IS_IN_FORCE = and_(
    _in_force.c.organisation_id == _own.organisation_id,
    _in_force.c.learner_certification_id == _own.id,
    stands_at(CERTIFICATES, _in_force, [CertificateStatus.VALID]),
)
CERTIFICATE_IN_FORCE = select(_in_force.c.id).where(_IS_IN_FORCE).correlate(learner_certifications).scalar_subquery()

_undecided = approvals.alias("undecided")
_IS_AWAITING_APPROVAL = or_(
    stands_at(LEARNER_CERTIFICATIONS, learner_certifications, [LearnerCertificationStatus.PENDING_APPROVAL]),
    exists()
    .where(
        _undecided.c.organisation_id == scope.ORGANISATION,
        _undecided.c.learner_certification_id == _own.id,
        _undecided.c.status == ApprovalStatus.PENDING,
    )
    .correlate(learner_certifications),
)


def _fee_is(status: FeeStatus) -> ColumnElement[bool]:
    """Whether the fee of the cycle that is open stands at a status."""
    return exists().where(_IS_OPENED, _opened.c.fee_status == status).correlate(learner_certifications)


def learner_matches(learner_id: ColumnElement[Any], pattern: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a learner has a word."""
    found = learners.alias("found")
    return learner_id.in_(
        select(found.c.id).where(
            found.c.organisation_id == scope.ORGANISATION, found.c.search_key.like(pattern, escape="\\")
        )
    )


def _matches(pattern: ColumnElement[str]) -> ColumnElement[bool]:
    return learner_matches(_own.learner_id, pattern)


def _actions(role: str, gathered: str) -> tuple[ActionState[LearnerCertificationAction], ...]:
    return LEARNER_CERTIFICATIONS.actions(Role(role), facts_of(gathered))


def _transitions(
    _role: str, status: LearnerCertificationStatus, expires_at: datetime | None, lapses_at: datetime | None
) -> tuple[Transition[LearnerCertificationStatus], ...]:
    return LEARNER_CERTIFICATIONS.transitions(status, {"expires_at": expires_at, "lapses_at": lapses_at})


_sorted_learner = learners.alias("sorted_learner")


def _of_learner(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """What a column of the learner holds, to sort by: whoever sees the record sees them too."""
    return (
        select(column)
        .where(_sorted_learner.c.organisation_id == _own.organisation_id, _sorted_learner.c.id == _own.learner_id)
        .correlate(learner_certifications)
        .scalar_subquery()
    )


_TITLE_SEEN = func.coalesce(
    select(certifications.c.title_key)
    .where(certifications.c.id == _own.certification_id, scope.CERTIFICATIONS)
    .correlate(learner_certifications)
    .scalar_subquery(),
    literal("", SortKey),
    type_=SortKey,
)
"""Of a certification that the viewer does not see neither an order nor a cursor tells the title."""


@dataclass(frozen=True, slots=True)
class Expiring:
    """Records that stand at `CERTIFIED` now and expire at an instant or before it."""

    def parse(self, value: Any) -> tuple[Shape, Mapping[str, Any]]:
        return (), {"by": value}

    def where(self, shape: Shape, bind: Binder) -> ColumnElement[bool]:
        is_certified = stands_at(LEARNER_CERTIFICATIONS, learner_certifications, [LearnerCertificationStatus.CERTIFIED])
        expires = or_last_instant(_own.expires_at)
        return and_(expires > scope.NOW, expires <= bind("by", Instant()), is_certified)


LEARNER_CERTIFICATION = Source(
    type="LearnerCertification",
    prefix="lct",
    table=learner_certifications,
    scope=scope.LEARNER_CERTIFICATIONS,
    ways=scope.LEARNER_CERTIFICATION_WAYS,
    fields={
        "id": Key(),
        "externalRef": Column(_own.external_ref),
        "status": Column(STATUS_NOW, is_nullable=False),
        "learner": ToOne("Learner", _own.learner_id),
        "certification": ToOne("Certification", _own.certification_id),
        "assignedAt": Column(_own.assigned_at),
        "enrolledAt": Column(_own.enrolled_at),
        "certifiedAt": Column(_own.certified_at),
        "expiresAt": Column(_own.expires_at),
        "lapsesAt": Column(_own.lapses_at),
        "windowOpensAt": Column(_own.window_opens_at),
        "archivedAt": Column(_own.archived_at),
        "isPaymentWaived": Column(_fee_is(FeeStatus.WAIVED), is_nullable=False),
        "version": Column(_own.version),
        "cycle": ToOne("CertificationCycle", OPEN_CYCLE),
        "certificate": ToOne("Certificate", CERTIFICATE_IN_FORCE),
        "cycles": Connection("CertificationCycle", certification_cycles.c.learner_certification_id),
        "sources": Connection("AssignmentSource", assignment_sources.c.learner_certification_id),
        "attempts": Connection("ExamAttempt", exam_attempts.c.learner_certification_id),
        "approvals": Connection("Approval", approvals.c.learner_certification_id),
        "certificates": Connection("Certificate", certificates.c.learner_certification_id),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
        "nextTransitions": Derived((STATUS_NOW, _own.expires_at, _own.lapses_at), _transitions, is_kept=False),
        "actions": Derived((FACTS,), _actions),
    },
    filters={
        "id": Comparison(_own.id, "lct"),
        "externalRef": Comparison(_own.external_ref),
        "learnerId": Comparison(_own.learner_id, "lrn"),
        "certificationId": Comparison(_own.certification_id, "crt", Target(certifications.c.id, scope.CERTIFICATIONS)),
        "status": TimedStatus(_own.status, _own.due_at, STATUS_NOW, scope.NOW),
        "groupId": InGroup(_own.learner_id),
        "reportsTo": ReportsTo(_own.learner_id),
        "assignedAt": Comparison(_own.assigned_at),
        "enrolledAt": AsSorted(_own.enrolled_at, or_last_instant(_own.enrolled_at)),
        "certifiedAt": AsSorted(_own.certified_at, or_last_instant(_own.certified_at)),
        "expiresAt": AsSorted(_own.expires_at, or_last_instant(_own.expires_at)),
        "isFeeDue": Flag(_fee_is(FeeStatus.UNPAID)),
        "isAwaitingApproval": Flag(_IS_AWAITING_APPROVAL),
        "isCertificateValid": Flag(exists().where(_IS_IN_FORCE).correlate(learner_certifications)),
        "isArchived": Flag(_own.archived_at.is_not(None)),
        "search": Search(_matches, fold),
    },
    assumed={"isArchived": {"eq": False}},
    orders={
        "ASSIGNED_AT": _own.assigned_at,
        "ENROLLED_AT": or_last_instant(_own.enrolled_at),
        "EXPIRES_AT": or_last_instant(_own.expires_at),
        "CERTIFIED_AT": or_last_instant(_own.certified_at),
        "STATUS": place_now(LEARNER_CERTIFICATIONS, learner_certifications),
        "FAMILY_NAME": _of_learner(_sorted_learner.c.family_name_key),
        "GIVEN_NAME": _of_learner(_sorted_learner.c.given_name_key),
        "CERTIFICATION_TITLE": _TITLE_SEEN,
    },
    conditions={"kept": Flag(_own.archived_at.is_(None)), "expiring": Expiring()},
    narrowed={Role.INTEGRATION: frozenset({"id", "externalRef", "status"})},
)
