"""Reports on learners' certifications and on what awaits a decision, in plain Python."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from portal_api.domain.certifications import ApprovalStatus, LearnerCertificationStatus
from tests.oracle.engine import MOST_AT_ROOT, Asking, Count, Grouping, Listing, Noun, Value, chosen, refuse
from tests.oracle.learner_certifications import APPROVAL, LEARNER_CERTIFICATION, status_at
from tests.oracle.rows import Row

RECORD, MOST_GROUPS = LEARNER_CERTIFICATION.type, 100


def _is_counted(asking: Asking, report: Any, row: Row) -> bool:
    return row.archived_at is None and bool(chosen(asking, LEARNER_CERTIFICATION, [row], report["filter"]))


def _expires_within(days: int) -> Callable[[Asking, Any, Row], bool]:
    """Counted in days of the calendar that hangs on the organisation's wall."""

    def holds(asking: Asking, report: Any, row: Row) -> bool:
        if row.expires_at is None or status_at(asking.now, row) is not LearnerCertificationStatus.CERTIFIED:
            return False
        zone = ZoneInfo(asking.rows["Organisation"][0].time_zone)
        last = asking.now.astimezone(zone).date() + timedelta(days=days)
        until = datetime(last.year, last.month, last.day, tzinfo=zone).astimezone(UTC)
        return row.expires_at <= until and _is_counted(asking, report, row)

    return holds


def _is_waiting(asking: Asking, report: Any, row: Row) -> bool:
    return row.status is ApprovalStatus.PENDING and bool(chosen(asking, APPROVAL, [row], report["filter"]))


def _by_certification(type_: str, belongs: Callable[[Asking, Any, Row], bool]) -> Grouping:
    return Grouping(
        type_,
        "certification",
        lambda _, row: row.certification_id,
        belongs,
        limit=MOST_GROUPS,
        shown=lambda asking, key: asking.record("Certification", key),
    )


CERTIFICATION_INSIGHTS = Value(
    "CertificationInsights",
    {
        "totalCount": Count(RECORD, _is_counted),
        "byStatus": Grouping(RECORD, "status", lambda asking, row: status_at(asking.now, row), _is_counted, limit=10),
        "byCertification": _by_certification(RECORD, _is_counted),
        "expiringWithin30Days": Count(RECORD, _expires_within(30), tells="expiresAt"),
        "expiringWithin60Days": Count(RECORD, _expires_within(60), tells="expiresAt"),
        "expiringWithin90Days": Count(RECORD, _expires_within(90), tells="expiresAt"),
        "learnerCertifications": Listing(RECORD, _is_counted, most=MOST_AT_ROOT),
    },
    check=lambda asking, report: chosen(asking, LEARNER_CERTIFICATION, [], report["filter"]),
)
APPROVAL_INSIGHTS = Value(
    "ApprovalInsights",
    {
        "totalCount": Count(APPROVAL.type, _is_waiting),
        "byKind": Grouping(APPROVAL.type, "kind", lambda _, row: row.kind, _is_waiting, limit=4),
        "byCertification": _by_certification(APPROVAL.type, _is_waiting),
        "approvals": Listing(APPROVAL.type, _is_waiting, most=MOST_AT_ROOT),
    },
    check=lambda asking, report: chosen(asking, APPROVAL, [], report["filter"]),
)


def report_on(noun: Noun) -> Callable[..., dict[str, Any]]:
    """Answers the root field of a report: who may not read what it filters by is refused it."""

    def report(_: Any, info: Any, filter: Any = None) -> dict[str, Any]:
        asking: Asking = info.context
        if any(asking.is_closed(noun.type, name) for name, value in (filter or {}).items() if value is not None):
            raise refuse("FORBIDDEN")
        return {"filter": filter}

    return report
