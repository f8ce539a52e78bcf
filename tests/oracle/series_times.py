"""What time has made of enrolments in series, and what their series is, in plain Python."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from portal_api.domain.series import SeriesEnrolmentStatus
from tests.oracle.engine import Asking
from tests.oracle.rows import Row

_S = SeriesEnrolmentStatus
RUNNING = (_S.WAITING_TO_START, _S.NOT_SIGNED_IN, _S.NO_ATTEMPTS, _S.IN_PROGRESS)
TIME_RAN_OUT = {
    _S.NOT_SIGNED_IN: _S.NEVER_SIGNED_IN,
    _S.NO_ATTEMPTS: _S.DID_NOT_START,
    _S.IN_PROGRESS: _S.INCOMPLETE,
}


def status_at(now: datetime, row: Row) -> SeriesEnrolmentStatus:
    """What time has made of the status that is stored."""
    status = row.status
    if status is _S.WAITING_TO_START and row.starts_at <= now:
        status = _S.NO_ATTEMPTS if row.has_signed_in else _S.NOT_SIGNED_IN
    return TIME_RAN_OUT.get(status, status) if row.ends_at <= now else status


def is_overdue(asking: Asking, row: Row) -> bool:
    """Whether the due day is over while the enrolment still runs."""
    return row.overdue_at is not None and row.overdue_at <= asking.now and status_at(asking.now, row) in RUNNING


def of(asking: Asking, type_: str, id_: UUID | None) -> Row:
    """The row of a type with a key, whoever sees it; None for no key."""
    return next((each for each in asking.rows[type_] if each.id == id_), None)


def of_series_type(asking: Asking, given: Mapping[str, Any]) -> Callable[[Row], bool]:
    """Of a series that the viewer does not see, nothing is told: it is of none of the types."""

    def holds(row: Row) -> bool:
        series = asking.record("Series", row.series_id)
        type_ = series.type.name if series else None
        wanted = {"eq": lambda asked: type_ == asked, "in": lambda asked: type_ in asked}
        return all(
            wanted[name](asked) if name in wanted else type_ not in asked
            for name, asked in given.items()
            if asked is not None
        )

    return holds
