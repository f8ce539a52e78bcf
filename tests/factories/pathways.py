"""Pathways with their steps, and enrolments in them."""

from typing import Any

from portal_api.domain.library import LibraryStatus
from portal_api.domain.pathways import PATHWAY_ENROLMENTS, PathwayEnrolmentStatus, PathwayKind
from portal_api.domain.series import WithdrawalReason
from portal_api.models import pathway_enrolments, pathway_steps, pathways
from portal_api.queries.folding import fold
from tests.factories.records import Record
from tests.factories.series import Series
from tests.factories.tables import DAY


class Pathways(Series):
    """Lays out pathways and enrolments in them."""

    def pathway(
        self, *of: Record, kind: PathwayKind = PathwayKind.LINEAR, is_active: bool = True, **columns: Any
    ) -> Record:
        """A pathway through some series, in their order; `columns` overrules any column."""
        number = self._number()
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(self.clock()),
            "external_ref": f"P-{number:04}",
            "title": f"Pathway {number:04}",
            "kind": kind,
            "status": LibraryStatus.ACTIVE if is_active else LibraryStatus.RETIRED,
            "created_at": self.clock() - 100 * DAY,
            "version": 1,
            **columns,
        }
        row["title_key"] = fold(row["title"])
        row["search_key"] = fold(f"{row['title']} {row['external_ref']}")
        made = self._add(pathways, row)
        for position, each in enumerate(of, start=1):
            self._add(
                pathway_steps,
                {
                    "organisation_id": self.id,
                    "id": self.new_id(self.clock()),
                    "pathway_id": made.id,
                    "position": position,
                    "series_id": each.id,
                },
            )
        return made

    def pathway_enrolment(
        self,
        learner: Record,
        pathway: Record,
        status: PathwayEnrolmentStatus = PathwayEnrolmentStatus.IN_PROGRESS,
        *,
        position: int = 1,
        opens: bool = True,
        **columns: Any,
    ) -> Record:
        """An enrolment in a pathway; while it runs, with the one in the series at `position` unless that is not wanted."""
        now, number = self.clock(), self._number()
        times = {"ends_at": now + (60 if status is PathwayEnrolmentStatus.IN_PROGRESS else -2) * DAY, **columns}
        withdrawn = status is PathwayEnrolmentStatus.WITHDRAWN
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(now),
            "external_ref": f"PE-{number:04}",
            "learner_id": learner.id,
            "pathway_id": pathway.id,
            "status": status,
            "position": position,
            "enrolled_at": now - 30 * DAY,
            "ends_at": times["ends_at"],
            "due_at": PATHWAY_ENROLMENTS.due_at(status, times),
            "completed_at": now - DAY if status is PathwayEnrolmentStatus.COMPLETED else None,
            "withdrawn_at": now - DAY if withdrawn else None,
            "withdrawal_reason": WithdrawalReason.NO_LONGER_REQUIRED if withdrawn else None,
            "version": 1,
            **columns,
        }
        made = self._add(pathway_enrolments, row)
        if status is PathwayEnrolmentStatus.IN_PROGRESS and opens:
            [series_id] = [
                step["series_id"]
                for step in self.rows[pathway_steps]
                if step["pathway_id"] == pathway.id and step["position"] == position
            ]
            self.enrolment(learner, self.record(series_id), pathway_enrolment_id=made.id, ends_at=row["ends_at"])
        return made
