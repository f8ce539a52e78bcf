"""Machine clients' tokens, in plain Python."""

from portal_api import models
from portal_api.domain.machine import RecordFacts
from portal_api.domain.organisations import INTEGRATION_TOKENS, IntegrationTokenStatus
from tests.oracle.engine import Asking, Noun, owned
from tests.oracle.rows import Row, wire

_S = IntegrationTokenStatus


def _status(asking: Asking, row: Row) -> IntegrationTokenStatus:
    return _S.EXPIRED if row.status is _S.ACTIVE and row.expires_at <= asking.now else row.status


INTEGRATION_TOKEN = Noun(
    "IntegrationToken",
    "itk",
    sees=lambda asking, _: asking.is_administrator,
    tables={"IntegrationToken": models.integration_tokens},
    root_list="integrationTokens",
    fields={
        "user": lambda asking, row: asking.record("User", row.user_id),
        "status": _status,
        "actions": lambda asking, row: INTEGRATION_TOKENS.actions(
            asking.viewer.role, RecordFacts(_status(asking, row))
        ),
    },
    lists={"history": ("HistoryEntry", owned("subject_id"))},
    keys={"id": "itk", "userId": "usr"},
    orders={"CREATED_AT": lambda row: wire(row.created_at), "EXPIRES_AT": lambda row: wire(row.expires_at)},
)
