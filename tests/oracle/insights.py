"""Reports on enrolments in series, in plain Python: previews never, of the rest what passes the filter given."""

from typing import Any

from portal_api.domain.series import SeriesType
from tests.oracle.engine import MOST_AT_ROOT, Asking, Count, Grouping, Listing, Value, chosen, refuse
from tests.oracle.rows import Row
from tests.oracle.series_enrolments import SERIES_ENROLMENT
from tests.oracle.series_times import is_overdue, of, status_at

TYPE, STATUSES, MOST_GROUPS = SERIES_ENROLMENT.type, 9, 100


def _is_reported(asking: Asking, report: Any, row: Row) -> bool:
    series = of(asking, "Series", row.series_id)
    return series.type is not SeriesType.PREVIEW and bool(chosen(asking, SERIES_ENROLMENT, [row], report["filter"]))


def _is_late(asking: Asking, report: Any, row: Row) -> bool:
    return is_overdue(asking, row) and _is_reported(asking, report, row)


SERIES_INSIGHTS = Value(
    "SeriesInsights",
    {
        "totalCount": Count(TYPE, _is_reported),
        "overdueCount": Count(TYPE, _is_late, tells="isOverdue"),
        "byStatus": Grouping(
            TYPE, "status", lambda asking, row: status_at(asking.now, row), _is_reported, limit=STATUSES
        ),
        "bySeries": Grouping(
            TYPE,
            "series",
            lambda _, row: row.series_id,
            _is_reported,
            limit=MOST_GROUPS,
            shown=lambda asking, key: asking.record("Series", key),
        ),
        "byTrackingCode": Grouping(
            TYPE, "trackingCode", lambda _, row: row.tracking_code, _is_reported, limit=MOST_GROUPS
        ),
        "enrolments": Listing(TYPE, _is_reported, most=MOST_AT_ROOT),
    },
    check=lambda asking, report: chosen(asking, SERIES_ENROLMENT, [], report["filter"]),
)


def series_insights(_: Any, info: Any, filter: Any = None) -> dict[str, Any]:
    """Answers `seriesInsights`."""
    asking: Asking = info.context
    if any(asking.is_closed(TYPE, name) for name, value in (filter or {}).items() if value is not None):
        raise refuse("FORBIDDEN")
    return {"filter": filter}
