"""Insights: what reports count of series enrolments. Previews never; withdrawn ones unless they are filtered out (S3)."""

from collections.abc import Mapping
from typing import Any, Protocol

from portal_api.domain.series import SeriesEnrolmentStatus
from portal_api.models import series_enrolments
from portal_api.planner.declare import MOST_AT_ROOT, Column, Facet, Listed, ToOne, Total, ValueType
from portal_api.queries.series import STATUS_NOW

MOST_GROUPS = 100


class Insights(Protocol):
    """A report, as far as its records go: those that pass the filter which its reader gave."""

    @property
    def filter(self) -> Mapping[str, Any]: ...


def _reported(insights: Insights) -> Mapping[str, Any]:
    return {**insights.filter, "reported": {"eq": True}}


def _overdue(insights: Insights) -> Mapping[str, Any]:
    return {**_reported(insights), "overdue": {"eq": True}}


SERIES_INSIGHTS = ValueType(
    "SeriesInsights",
    {
        "totalCount": Total("SeriesEnrolment", _reported),
        "overdueCount": Total("SeriesEnrolment", _overdue, tells=("isOverdue",)),
        "byStatus": Facet(
            "SeriesEnrolment", {"status": Column(STATUS_NOW)}, _reported, limit=len(SeriesEnrolmentStatus)
        ),
        "bySeries": Facet(
            "SeriesEnrolment", {"series": ToOne("Series", series_enrolments.c.series_id)}, _reported, limit=MOST_GROUPS
        ),
        "byTrackingCode": Facet(
            "SeriesEnrolment",
            {"trackingCode": Column(series_enrolments.c.tracking_code)},
            _reported,
            limit=MOST_GROUPS,
        ),
        "enrolments": Listed("SeriesEnrolment", _reported, most=MOST_AT_ROOT),
    },
)
