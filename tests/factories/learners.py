"""Learners, to whom they report, and their attributes."""

from typing import Any

from portal_api.domain.learners import DeactivationReason, LearnerStatus
from portal_api.models import activity_intervals, learner_attributes, learners
from portal_api.queries.folding import fold
from tests.factories.layout import Layout
from tests.factories.records import Record
from tests.factories.tables import DAY


class Learners(Layout):
    """Lays out learners."""

    def learner(self, *, reports_to: Record | None = None, is_active: bool = True, **columns: Any) -> Record:
        """A learner, active and signed in once, with an activity interval; `columns` overrules any column."""
        now, number = self.clock(), self._number()
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(now),
            "external_ref": f"L-{number:04}",
            "given_name": f"Given{number:04}",
            "family_name": f"Family{number:04}",
            "status": LearnerStatus.ACTIVE if is_active else LearnerStatus.INACTIVE,
            "has_app_access": is_active,
            "manager_id": reports_to.id if reports_to else None,
            "first_signed_in_at": now - 40 * DAY,
            "deactivated_at": None if is_active else now - 5 * DAY,
            "deactivation_reason": None if is_active else DeactivationReason.NO_ACTIVITY,
            "deactivation_note": None,
            "created_at": now - 50 * DAY,
            "version": 1,
            **columns,
        }
        row.setdefault("email", f"{row['given_name']}.{row['family_name']}.{number}@example.org".casefold())
        row["given_name_key"] = fold(row["given_name"])
        row["family_name_key"] = fold(row["family_name"])
        row["search_key"] = fold(f"{row['given_name']} {row['family_name']} {row['email']} {row['external_ref']}")
        record = self._add(learners, row)
        self._add(
            activity_intervals,
            {
                "organisation_id": self.id,
                "id": self.new_id(now),
                "learner_id": record.id,
                "active_from": row["created_at"],
                "active_until": row["deactivated_at"],
            },
        )
        return record

    def chain(self, length: int, *, reports_to: Record | None = None) -> list[Record]:
        """Learners who report to one another, the highest first."""
        made: list[Record] = []
        for _ in range(length):
            made.append(self.learner(reports_to=made[-1] if made else reports_to))
        return made

    def reports_to(self, learner: Record, manager: Record | None) -> None:
        """Sets the manager of a learner who is not saved yet."""
        row = self._by_id[learner.id]
        pending = self.rows[learners][self._saved.get(learners, 0) :]
        assert any(each is row for each in pending), "the learner is saved already: its reporting lines are written"
        row["manager_id"] = manager.id if manager else None

    def attribute(self, learner: Record, name: str, value: str) -> None:
        """An attribute of a learner, if it is not laid out already."""
        row = {"organisation_id": self.id, "learner_id": learner.id, "name": name, "value": value}
        if row not in self.rows.get(learner_attributes, []):
            self._add(learner_attributes, row)
