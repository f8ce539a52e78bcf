"""The usage of a month, in plain Python: who was active in it, and who has been quiet."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.engine import MOST_AT_ROOT, Asking, Count, Listing, Value, refuse
from tests.oracle.rows import Row

EARLIEST, LATEST = 1900, 2999


def _is_counted(asking: Asking, usage: Any, row: Row) -> bool:
    """Somebody was active at an instant of the month at least; whoever came and went at one instant, at that one."""
    return any(
        each.active_from < usage["until"]
        and (each.active_until is None or each.active_until > usage["from"] or each.active_from >= usage["from"])
        for each in asking.rows["ActivityInterval"]
        if each.learner_id == row.id
    )


def _is_quiet(asking: Asking, usage: Any, row: Row) -> bool:
    is_idle = row.last_activity_at is None or row.last_activity_at < usage["from"]
    return is_idle and _is_counted(asking, usage, row)


LEARNER_USAGE = Value(
    "LearnerUsage",
    {
        "count": Count("Learner", _is_counted),
        "learners": Listing("Learner", _is_counted, most=MOST_AT_ROOT),
        "quiet": Listing("Learner", _is_quiet, most=MOST_AT_ROOT, is_there=lambda usage: usage["isRunning"]),
    },
)


def learner_usage(_: Any, info: Any, month: str) -> dict[str, Any]:
    """Answers `learnerUsage`."""
    asking: Asking = info.context
    if not asking.is_administrator:
        raise refuse("FORBIDDEN")
    first = date.fromisoformat(month)
    if first.day != 1 or not EARLIEST <= first.year <= LATEST:
        raise refuse("INPUT_INVALID")
    zone = ZoneInfo(asking.rows["Organisation"][0].time_zone)
    begins = datetime(first.year, first.month, 1, tzinfo=zone).astimezone(UTC)
    ends = datetime(first.year + first.month // 12, first.month % 12 + 1, 1, tzinfo=zone).astimezone(UTC)
    return {"month": month, "from": begins, "until": ends, "isRunning": begins <= asking.now < ends}
