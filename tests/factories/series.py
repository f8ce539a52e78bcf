"""Series, and enrolments in them at every status."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal_api.domain.library import LibraryStatus
from portal_api.domain.series import (
    SERIES_ENROLMENTS,
    SeriesDuration,
    SeriesEnrolmentStatus,
    SeriesType,
    WithdrawalReason,
)
from portal_api.models import series, series_enrolments
from portal_api.queries.folding import fold
from tests.factories.learners import Learners
from tests.factories.records import Record
from tests.factories.tables import DAY

_S = SeriesEnrolmentStatus
TIMES: dict[SeriesEnrolmentStatus, tuple[int, int]] = {
    _S.WAITING_TO_START: (10, 80),
    _S.NOT_SIGNED_IN: (-20, 60),
    _S.NO_ATTEMPTS: (-20, 60),
    _S.IN_PROGRESS: (-20, 60),
    _S.MASTERED: (-20, 60),
    _S.INCOMPLETE: (-20, -2),
    _S.DID_NOT_START: (-20, -2),
    _S.NEVER_SIGNED_IN: (-20, -2),
    _S.WITHDRAWN: (-20, 60),
}
"""Where an enrolment at a status begins and ends when a test does not say: in days from now."""
NOT_SIGNED_IN = {_S.NOT_SIGNED_IN, _S.NEVER_SIGNED_IN}


@dataclass(frozen=True)
class StatusCase:
    """An enrolment, the status that is stored, and the one that it has by now."""

    stored: SeriesEnrolmentStatus
    now: SeriesEnrolmentStatus
    enrolment: Record


class Series(Learners):
    """Lays out series and enrolments in them."""

    def series(self, *, is_active: bool = True, **columns: Any) -> Record:
        """A series, active, of no fixed length and with a goal; `columns` overrules any column."""
        number = self._number()
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(self.clock()),
            "external_ref": f"S-{number:04}",
            "title": f"Series {number:04}",
            "type": SeriesType.STANDARD,
            "duration": SeriesDuration.MASTERY,
            "question_count": 10,
            "mastery_percent": 80,
            "status": LibraryStatus.ACTIVE if is_active else LibraryStatus.RETIRED,
            "created_at": self.clock() - 100 * DAY,
            "version": 1,
            **columns,
        }
        row.setdefault("duration_days", 30 if row["duration"] is SeriesDuration.FIXED else None)
        row.setdefault("ends_on", date(2026, 12, 31) if row["duration"] is SeriesDuration.END_DATE else None)
        row["title_key"] = fold(row["title"])
        row["search_key"] = fold(f"{row['title']} {row['external_ref']}")
        return self._add(series, row)

    def enrolment(
        self,
        learner: Record,
        series_: Record,
        status: SeriesEnrolmentStatus = _S.IN_PROGRESS,
        **columns: Any,
    ) -> Record:
        """An enrolment stored at a status, with times that fit it; `columns` overrules any column."""
        now, number = self.clock(), self._number()
        starts, ends = TIMES[status]
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(now),
            "external_ref": f"E-{number:04}",
            "learner_id": learner.id,
            "series_id": series_.id,
            "status": status,
            "has_signed_in": learner["first_signed_in_at"] is not None and status not in NOT_SIGNED_IN,
            "enrolled_at": now - 30 * DAY,
            "starts_at": now + starts * DAY,
            "ends_at": now + ends * DAY,
            "mastered_at": now - DAY if status is _S.MASTERED else None,
            "withdrawn_at": now - DAY if status is _S.WITHDRAWN else None,
            "withdrawal_reason": WithdrawalReason.NO_LONGER_REQUIRED if status is _S.WITHDRAWN else None,
            "withdrawal_note": None,
            "version": 1,
            **columns,
        }
        row.setdefault("due_at", SERIES_ENROLMENTS.due_at(status, row))
        return self._add(series_enrolments, row)

    def every_status(self, learner: Record | None = None) -> list[StatusCase]:
        """An enrolment for each stored status and, where time has moved on, for each way that it can have gone.

        Each is in a series of its own; some moves lie a while back, others come true at this very instant.
        """
        now = self.clock()
        past, running, over = now - 3 * DAY, now + 3 * DAY, now - 2 * DAY
        moved: tuple[tuple[_S, _S, bool, datetime, datetime], ...] = (
            (_S.WAITING_TO_START, _S.NOT_SIGNED_IN, False, past, running),
            (_S.WAITING_TO_START, _S.NO_ATTEMPTS, True, now, running),
            (_S.WAITING_TO_START, _S.NEVER_SIGNED_IN, False, past, now),
            (_S.WAITING_TO_START, _S.DID_NOT_START, True, past, over),
            (_S.NOT_SIGNED_IN, _S.NEVER_SIGNED_IN, False, past, over),
            (_S.NO_ATTEMPTS, _S.DID_NOT_START, True, past, now),
            (_S.IN_PROGRESS, _S.INCOMPLETE, True, past, over),
        )
        return [
            *(
                StatusCase(status, status, self.enrolment(learner or self.learner(), self.series(), status))
                for status in SeriesEnrolmentStatus
            ),
            *(
                StatusCase(
                    stored,
                    then,
                    self.enrolment(
                        learner or self.learner(),
                        self.series(),
                        stored,
                        has_signed_in=has_signed_in,
                        starts_at=starts_at,
                        ends_at=ends_at,
                    ),
                )
                for stored, then, has_signed_in, starts_at, ends_at in moved
            ),
        ]
