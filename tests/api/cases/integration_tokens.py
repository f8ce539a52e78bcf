"""The mutations of the tokens of machine clients."""

from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.organisations import IntegrationTokenStatus
from portal_api.domain.roles import Role
from portal_api.models import integration_tokens, users
from tests.api.cases.shapes import OWNER, CallCase, MutationCase

SOON = "2026-05-01T00:00:00Z"
MUTATIONS: tuple[MutationCase | CallCase, ...] = (
    CallCase(
        mutation="issueIntegrationToken",
        table=users,
        roles=OWNER,
        changes=lambda made: {"id": made.user(Role.INTEGRATION).gid, "name": "Player", "expiresAt": SOON},
        refuses=lambda made: {"id": made.user(Role.TRAINER).gid, "name": "Player", "expiresAt": SOON},
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.INTEGRATION_TOKEN_ISSUED,
        subject=SubjectKind.INTEGRATION_TOKEN,
        moves=(None, "ACTIVE"),
    ),
    MutationCase(
        mutation="revokeIntegrationTokens",
        table=integration_tokens,
        roles=OWNER,
        changes=lambda made: made.token(),
        refuses=lambda made: made.token(status=IntegrationTokenStatus.REVOKED),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.INTEGRATION_TOKEN_REVOKED,
        subject=SubjectKind.INTEGRATION_TOKEN,
        moves=("ACTIVE", "REVOKED"),
    ),
)
