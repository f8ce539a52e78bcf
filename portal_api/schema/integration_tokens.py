"""The tokens of machine clients."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import strawberry

from portal_api import permissions, resolvers
from portal_api.schema.changes import ChangeInput, EditInput, Payload, Result, changing
from portal_api.schema.enums import IntegrationTokenAction, IntegrationTokenStatus, described
from portal_api.schema.errors import ActionReason
from portal_api.schema.history import HistoryEntry, HistoryEntryFilter, HistoryEntryOrder
from portal_api.schema.lists import Comparison, Connection, IdComparison, InstantComparison, listing, order_input
from portal_api.schema.nodes import Node

if TYPE_CHECKING:
    from portal_api.schema.users import User


@strawberry.type(description="One action on a token: open, or closed with every reason.")
class IntegrationTokenActionState:
    action: IntegrationTokenAction = strawberry.field(description="The action.")
    available: bool = strawberry.field(description="Whether it is open to the caller now; a closed one is refused.")
    reasons: list[ActionReason] = strawberry.field(
        description="Why it is closed: role, status, and what else stands against it."
    )


@strawberry.input(description="Which tokens; all conditions must hold.")
class IntegrationTokenFilter:
    id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By identifier.")
    user_id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By the machine client.")
    status: Comparison[IntegrationTokenStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="By status, at the instant of the request."
    )
    created_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when it was issued."
    )
    expires_at: InstantComparison | None = strawberry.field(default=strawberry.UNSET, description="By when it expires.")
    revoked_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when it was taken back."
    )


class IntegrationTokenOrderField(StrEnum):
    """What tokens can be sorted by."""

    CREATED_AT = "created_at"
    EXPIRES_AT = "expires_at"


described(
    IntegrationTokenOrderField,
    "What tokens can be sorted by.",
    {
        IntegrationTokenOrderField.CREATED_AT: "When it was issued.",
        IntegrationTokenOrderField.EXPIRES_AT: "When it expires.",
    },
)
IntegrationTokenOrder = order_input("IntegrationTokenOrder", "tokens", IntegrationTokenOrderField)


@strawberry.type(description="What a machine client signs in with: that it was issued, never the token itself.")
class IntegrationToken(Node):
    name: str = strawberry.field(description="What it is for, in the words of whoever issued it.")
    user: Annotated["User", strawberry.lazy("portal_api.schema.users")] | None = strawberry.field(
        description="The machine client."
    )
    status: IntegrationTokenStatus = strawberry.field(
        description="Whether it opens the door, at the instant of the request."
    )
    created_at: datetime = strawberry.field(description="When it was issued.")
    expires_at: datetime = strawberry.field(description="When it expires: at this instant it holds no more.")
    revoked_at: datetime | None = strawberry.field(description="When it was taken back.")
    version: int = strawberry.field(description="Counts the changes to this record.")
    history: Connection[HistoryEntry] | None = listing(
        Connection[HistoryEntry], "What was done to this record.", filter=HistoryEntryFilter, order_by=HistoryEntryOrder
    )
    actions: list[IntegrationTokenActionState] = strawberry.field(
        description="Every action on this token, open or closed."
    )


@strawberry.input(description="A token to be issued; `id` and the expected version are those of the machine client.")
class IssueIntegrationTokenInput(EditInput):
    name: str = strawberry.field(description="What it is for, 1 to 200 characters.")
    expires_at: datetime = strawberry.field(description="When it expires, 365 days ahead at the most.")


@strawberry.input(description="Tokens to be taken back.")
class RevokeIntegrationTokensInput(ChangeInput):
    pass


@strawberry.type(description="What happened to one token.")
class IntegrationTokenResult(Result[IntegrationToken]):
    pass


@strawberry.type(description="The answer to taking tokens back.")
class RevokeIntegrationTokensPayload(Payload[IntegrationTokenResult]):
    pass


@strawberry.type(description="The answer to issuing a token.")
class IssueIntegrationTokenPayload(Payload[IntegrationTokenResult]):
    token: str | None = strawberry.field(
        description="The token itself, told this once: null in a preview, and when the call is repeated with its key."
    )


@strawberry.type
class IntegrationTokenMutations:
    issue_integration_token: IssueIntegrationTokenPayload | None = changing(
        resolvers.integration_tokens.issue_integration_token,
        permissions.MayIssueIntegrationToken,
        IssueIntegrationTokenInput,
        IssueIntegrationTokenPayload,
        "Issue a token to a machine client; it is told once.",
    )
    revoke_integration_tokens: RevokeIntegrationTokensPayload | None = changing(
        resolvers.integration_tokens.revoke_integration_tokens,
        permissions.MayRevokeIntegrationTokens,
        RevokeIntegrationTokensInput,
        RevokeIntegrationTokensPayload,
        "Take tokens of machine clients back.",
    )
