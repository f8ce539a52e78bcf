"""Learning resources."""

from typing import Any

from portal_api.domain.library import LibraryStatus
from portal_api.models import resources
from portal_api.queries.folding import fold
from tests.factories.layout import Layout
from tests.factories.records import Record
from tests.factories.tables import DAY


class Resources(Layout):
    """Lays out learning resources."""

    def resource(self, of: Record | None = None, *, is_active: bool = True, **columns: Any) -> Record:
        """A learning resource of a series, or of the organisation; `columns` overrules any column."""
        number = self._number()
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(self.clock()),
            "series_id": of.id if of else None,
            "title": f"Resource {number:04}",
            "url": f"https://files.example.org/{number}",
            "status": LibraryStatus.ACTIVE if is_active else LibraryStatus.RETIRED,
            "created_at": self.clock() - 100 * DAY,
            "version": 1,
            **columns,
        }
        row["title_key"] = fold(row["title"])
        return self._add(resources, row)
