"""Exports at every status."""

from typing import Any

from portal_api.domain.exports import EXPORTS, ExportList, ExportStatus
from portal_api.models import exports
from tests.factories.layout import Layout
from tests.factories.records import Record
from tests.factories.tables import DAY


class Exports(Layout):
    """Lays out exports."""

    def export(
        self,
        user: Record,
        status: ExportStatus = ExportStatus.QUEUED,
        list_: ExportList = ExportList.LEARNERS,
        **columns: Any,
    ) -> Record:
        """What a user asked to be exported; `columns` overrules any column."""
        now = self.clock()
        is_kept = status in (ExportStatus.READY, ExportStatus.EXPIRED)
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(now),
            "user_id": user.id,
            "list": list_,
            "arguments": "{}",
            "status": status,
            "written_count": 0,
            "created_at": now - DAY / 2,
            "finished_at": now - DAY / 2 if is_kept or status is ExportStatus.FAILED else None,
            "expires_at": now + DAY / 2 if is_kept else None,
            "leased_until": now + DAY if status is ExportStatus.RUNNING else None,
            "version": 1,
            **columns,
        }
        row.setdefault("due_at", EXPORTS.due_at(status, row))
        return self._add(exports, row)
