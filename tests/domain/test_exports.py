"""Exports: nothing can be done to one; time makes its file go."""

from datetime import datetime, timedelta

import pytest

from portal_api.domain.exports import EXPORTS, ExportAction, ExportStatus
from portal_api.domain.machine import FAR_FUTURE, RecordFacts
from portal_api.domain.roles import Role

EXPIRY = datetime.fromisoformat("2026-03-02T00:00:00.000000+13:00")
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("status", ExportStatus)
def test_there_is_nothing_that_anybody_can_do_to_an_export(status: ExportStatus, role: Role) -> None:
    assert EXPORTS.rules == () == tuple(ExportAction)
    assert EXPORTS.actions(role, RecordFacts(status)) == ()


@pytest.mark.parametrize(
    ("status", "before", "at", "due", "is_ended"),
    [
        ("QUEUED", "QUEUED", "QUEUED", FAR_FUTURE, False),
        ("RUNNING", "RUNNING", "RUNNING", FAR_FUTURE, False),
        ("READY", "READY", "EXPIRED", EXPIRY, False),
        ("FAILED", "FAILED", "FAILED", FAR_FUTURE, True),
        ("EXPIRED", "EXPIRED", "EXPIRED", FAR_FUTURE, True),
    ],
)
def test_only_a_file_that_is_ready_expires(status: str, before: str, at: str, due: datetime, *, is_ended: bool) -> None:
    stored, row = ExportStatus[status], {"expires_at": EXPIRY}
    assert EXPORTS.status_at(EXPIRY - TICK, stored, row).name == before
    assert EXPORTS.status_at(EXPIRY, stored, row).name == at
    assert EXPORTS.due_at(stored, row) == due
    assert EXPORTS.statuses[stored].is_ended is is_ended


def test_a_file_that_is_not_ready_has_no_expiry() -> None:
    assert EXPORTS.due_at(ExportStatus.READY, {"expires_at": None}) == FAR_FUTURE
    assert list(EXPORTS.statuses) == list(ExportStatus)
