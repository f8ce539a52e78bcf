"""Exports, in plain Python."""

from portal_api import models
from portal_api.auth import DownloadLinks
from portal_api.domain.exports import ExportStatus
from tests.conftest import SIGNING_KEY
from tests.oracle.engine import Asking, Noun, owned
from tests.oracle.rows import Row, wire


def sees(asking: Asking, row: Row) -> bool:
    """Administrators see all, others their own."""
    return asking.is_administrator or row.user_id == asking.viewer.user_id


def _status(asking: Asking, row: Row) -> ExportStatus:
    is_over = row.status is ExportStatus.READY and row.expires_at <= asking.now
    return ExportStatus.EXPIRED if is_over else row.status


def _url(asking: Asking, row: Row) -> str | None:
    """The link to the file, for whoever asked for it; how it is signed is not this oracle's business."""
    if _status(asking, row) is not ExportStatus.READY or row.user_id != asking.viewer.user_id:
        return None
    return DownloadLinks(SIGNING_KEY).sign(row.organisation_id, row.id, asking.now)


EXPORT = Noun(
    "Export",
    "exp",
    sees=sees,
    tables={"Export": models.exports},
    root="export",
    root_list="exports",
    fields={
        "status": _status,
        "progress": lambda _, row: {"writtenCount": row.written_count, "rowCount": row.row_count},
        "url": _url,
        "requestedBy": lambda asking, row: asking.record("User", row.user_id),
    },
    lists={"history": ("HistoryEntry", owned("subject_id"))},
    keys={"id": "exp"},
    orders={"CREATED_AT": lambda row: wire(row.created_at)},
)
