"""What the office of the demonstration did besides: tokens of the machine client, and exports of the administrator."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from portal_api.domain.exports import EXPORTS, ExportList, ExportStatus
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.organisations import INTEGRATION_TOKENS, IntegrationTokenStatus
from portal_api.importers.days import Days
from portal_api.importers.demo_history import Chronicle
from portal_api.importers.writing import Writer
from portal_api.models import exports, integration_tokens
from portal_api.queries.history import Entry
from portal_api.services.exports import KEPT_FOR

_T = IntegrationTokenStatus
_E = ExportStatus

TOKENS = (
    ("Content player", _T.ACTIVE, -40, 300),
    ("Content player, before the move", _T.REVOKED, -200, 150),
    ("Trial of the player", _T.EXPIRED, -300, -210),
)
"""Names, statuses, and the days on which they were issued and expire."""
REVOKED_ON = -39
EXPORTED_ON = -7


async def write_tokens(writer: Writer, machine_id: UUID, chronicle: Chronicle, days: Days) -> list[Entry]:
    """Writes that a machine client got tokens; nobody was ever told them, and so nobody has them.

    Returns:
        What history tells of them.
    """
    rows: list[Mapping[str, object]] = []
    entries: list[Entry] = []
    for name, status, issued, expires in TOKENS:
        created_at, expires_at, revoked_at = days.at(issued, 10), days.at(expires, 10), days.at(REVOKED_ON, 11)
        id_ = chronicle.ids(created_at)
        rows.append(
            {
                "organisation_id": writer.organisation_id,
                "id": id_,
                "user_id": machine_id,
                "name": name,
                "status": status,
                "created_at": created_at,
                "expires_at": expires_at,
                "due_at": INTEGRATION_TOKENS.due_at(status, {"expires_at": expires_at}),
                "revoked_at": revoked_at if status is _T.REVOKED else None,
                "version": 1 if status is _T.ACTIVE else 2,
            }
        )
        subject, statuses = (SubjectKind.INTEGRATION_TOKEN, id_), (_T.ACTIVE, status)
        if status is _T.REVOKED:
            act = HistoryAction.INTEGRATION_TOKEN_REVOKED
            entries.append(chronicle.by_admin(act, subject, None, statuses, revoked_at))
        elif status is _T.EXPIRED:
            act = HistoryAction.INTEGRATION_TOKEN_EXPIRED
            entries.append(chronicle.by_clock(act, subject, None, statuses, expires_at))
    await writer.rows(integration_tokens, "tokens", rows, len(rows))
    return entries


async def write_exports(
    writer: Writer, user_id: UUID, chronicle: Chronicle, enrolments: int, days: Days
) -> list[Entry]:
    """Writes that a user had lists exported: a file whose day is over, and one that could not be written.

    Args:
        writer: the organisation.
        user_id: the user.
        chronicle: tells what happened to the exports.
        enrolments: how many rows the list of enrolments had.
        days: the days of the organisation.

    Returns:
        What history tells of them.
    """
    rows: list[Mapping[str, object]] = []
    entries: list[Entry] = []
    for hour, list_, status, written in (
        (10, ExportList.SERIES_ENROLMENTS, _E.EXPIRED, enrolments),
        (11, ExportList.HISTORY_ENTRIES, _E.FAILED, 0),
    ):
        created_at = days.at(EXPORTED_ON, hour)
        finished_at = created_at + timedelta(minutes=2)
        expires_at = finished_at + KEPT_FOR if status is _E.EXPIRED else None
        id_ = chronicle.ids(created_at)
        rows.append(
            {
                "organisation_id": writer.organisation_id,
                "id": id_,
                "user_id": user_id,
                "list": list_,
                "arguments": "{}",
                "status": status,
                "row_count": written or None,
                "written_count": written,
                "created_at": created_at,
                "finished_at": finished_at,
                "expires_at": expires_at,
                "due_at": EXPORTS.due_at(status, {"expires_at": expires_at}),
                "version": 4 if expires_at else 3,
            }
        )
        if expires_at:
            subject, act = (SubjectKind.EXPORT, id_), HistoryAction.EXPORT_EXPIRED
            entries.append(chronicle.by_clock(act, subject, None, (_E.READY, status), expires_at, version=4))
    await writer.rows(exports, "exports", rows, len(rows))
    return entries
