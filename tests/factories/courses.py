"""Courses with their units, their offers with trainers, and reasons for statuses."""

from typing import Any

from portal_api.domain.library import LibraryStatus
from portal_api.models import course_offer_trainers, course_offers, course_units, courses, status_reasons, units
from portal_api.queries.folding import fold
from tests.factories.layout import Layout
from tests.factories.records import Record
from tests.factories.tables import DAY


class Courses(Layout):
    """Lays out courses, units, offers and status reasons."""

    def unit(self, *, is_active: bool = True, **columns: Any) -> Record:
        """A unit; `columns` overrules any column."""
        number = self._number()
        row: dict[str, Any] = {
            **self._shelved(is_active=is_active),
            "identifier": f"UNIT{number:04}",
            "title": f"Unit {number:04}",
            "scheduled_hours": 40,
            **columns,
        }
        row["title_key"] = fold(row["title"])
        row["search_key"] = fold(f"{row['title']} {row['identifier']}")
        return self._add(units, row)

    def course(
        self, *of: Record, superseded_by: Record | None = None, is_active: bool = True, **columns: Any
    ) -> Record:
        """A course of some units, in their order; `columns` overrules any column."""
        number = self._number()
        row: dict[str, Any] = {
            **self._shelved(is_active=is_active),
            "external_ref": f"C-{number:04}",
            "title": f"Course {number:04}",
            "program_identifier": f"PRG{number:04}",
            "superseded_by": superseded_by.id if superseded_by else None,
            **columns,
        }
        row["title_key"] = fold(row["title"])
        row["search_key"] = fold(f"{row['title']} {row['external_ref']} {row['program_identifier']}")
        made = self._add(courses, row)
        for position, each in enumerate(of, start=1):
            pair = {"organisation_id": self.id, "course_id": made.id, "unit_id": each.id, "position": position}
            self._add(course_units, pair)
        return made

    def course_offer(
        self, course: Record, *trainers: Record, needs_commitment: bool = False, is_active: bool = True, **columns: Any
    ) -> Record:
        """An offer of a course, with the users who train in it; `columns` overrules any column."""
        number = self._number()
        row: dict[str, Any] = {
            **self._shelved(is_active=is_active),
            "external_ref": f"CO-{number:04}",
            "course_id": course.id,
            "title": f"Offer {number:04}",
            "starts_on": None,
            "ends_on": None,
            "needs_commitment": needs_commitment,
            **columns,
        }
        row["title_key"] = fold(row["title"])
        row["search_key"] = fold(f"{row['title']} {row['external_ref']}")
        made = self._add(course_offers, row)
        for each in trainers:
            pair = {"organisation_id": self.id, "course_offer_id": made.id, "user_id": each.id}
            self._add(course_offer_trainers, pair)
        return made

    def status_reason(self, *, is_active: bool = True, **columns: Any) -> Record:
        """A reason for statuses; `columns` overrules any column."""
        row: dict[str, Any] = {
            **self._shelved(is_active=is_active),
            "title": f"Reason {self._number():04}",
            **columns,
        }
        row["title_key"] = fold(row["title"])
        return self._add(status_reasons, row)

    def _shelved(self, *, is_active: bool) -> dict[str, Any]:
        return {
            "organisation_id": self.id,
            "id": self.new_id(self.clock()),
            "status": LibraryStatus.ACTIVE if is_active else LibraryStatus.RETIRED,
            "created_at": self.clock() - 100 * DAY,
            "version": 1,
        }
