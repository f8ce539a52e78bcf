"""Insights into certifications: how many learners stand where, what expires soon, and what awaits a decision."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from portal_api.domain.certifications import ApprovalKind, LearnerCertificationStatus
from portal_api.models import approvals, learner_certifications
from portal_api.planner.declare import MOST_AT_ROOT, Column, Facet, Listed, ToOne, Total, ValueType
from portal_api.queries.certifications.records import STATUS_NOW
from portal_api.queries.insights import MOST_GROUPS, Insights


class CertificationInsights(Insights, Protocol):
    """A report on learners' certifications: also when the days end within which something expires."""

    @property
    def horizons(self) -> Mapping[int, datetime]: ...


def _kept(insights: Insights) -> Mapping[str, Any]:
    """Archived records never count, whatever the filter says to them."""
    return {**insights.filter, "kept": {"eq": True}}


def _expiring(days: int) -> Callable[[CertificationInsights], Mapping[str, Any]]:
    return lambda insights: {**_kept(insights), "expiring": insights.horizons[days]}


def _waiting(insights: Insights) -> Mapping[str, Any]:
    return {**insights.filter, "waiting": {"eq": True}}


_TELLS = ("status", "expiresAt")

CERTIFICATION_INSIGHTS = ValueType(
    "CertificationInsights",
    {
        "totalCount": Total("LearnerCertification", _kept),
        "byStatus": Facet(
            "LearnerCertification", {"status": Column(STATUS_NOW)}, _kept, limit=len(LearnerCertificationStatus)
        ),
        "byCertification": Facet(
            "LearnerCertification",
            {"certification": ToOne("Certification", learner_certifications.c.certification_id)},
            _kept,
            limit=MOST_GROUPS,
        ),
        "expiringWithin30Days": Total("LearnerCertification", _expiring(30), tells=_TELLS),
        "expiringWithin60Days": Total("LearnerCertification", _expiring(60), tells=_TELLS),
        "expiringWithin90Days": Total("LearnerCertification", _expiring(90), tells=_TELLS),
        "learnerCertifications": Listed("LearnerCertification", _kept, most=MOST_AT_ROOT),
    },
)

APPROVAL_INSIGHTS = ValueType(
    "ApprovalInsights",
    {
        "totalCount": Total("Approval", _waiting),
        "byKind": Facet("Approval", {"kind": Column(approvals.c.kind)}, _waiting, limit=len(ApprovalKind)),
        "byCertification": Facet(
            "Approval",
            {"certification": ToOne("Certification", approvals.c.certification_id)},
            _waiting,
            limit=MOST_GROUPS,
        ),
        "approvals": Listed("Approval", _waiting, most=MOST_AT_ROOT),
    },
)
