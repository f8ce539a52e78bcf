"""Mutations on machine clients' tokens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from portal_api.auth import Claims
from portal_api.domain.inputs import LONGEST_NAME, text_reasons
from portal_api.domain.outcomes import Counts
from portal_api.domain.refusals import Reason
from portal_api.permissions import MayIssueIntegrationToken, MayRevokeIntegrationTokens
from portal_api.planner.execution import Completed
from portal_api.resolvers.changes import Payload, Result, Selected, change
from portal_api.resolvers.planned import PortalInfo
from portal_api.services import integration_tokens as token_services
from portal_api.work import Answer, Work


@dataclass(frozen=True, slots=True)
class IssuedPayload(Payload):
    """Tells the token as well, once."""

    token: str | None = None

    @classmethod
    def of(
        cls,
        results: Sequence[Result],
        counts: Counts,
        errors: Sequence[Reason],
        told: Mapping[str, Any],
        **common: Any,
    ) -> Self:
        return cls(results, counts, errors, token=told.get("token"), **common)


async def issue_integration_token(info: PortalInfo, given: Any) -> Completed:
    """Answers `issueIntegrationToken`."""

    selected = Selected.of_one("usr", given)
    [user_id] = selected.ids

    async def body(work: Work) -> Answer:
        answer = await token_services.issue(
            work, selected.ids, name=given.name, expires_at=given.expires_at, expected=selected.expected
        )
        [row] = answer.results
        if row.errors:
            return answer
        claims = Claims(work.organisation_id, user_id, row.record_id)
        signed = info.context.sign(claims, now=work.now, ttl=given.expires_at - work.now)
        return replace(answer, once={"token": signed})

    return await change(
        info,
        MayIssueIntegrationToken,
        given,
        selected,
        body,
        refusals=[*text_reasons(given.name, "name", longest=LONGEST_NAME, least=1)],
        payload=IssuedPayload,
    )


async def revoke_integration_tokens(info: PortalInfo, given: Any) -> Completed:
    """Answers `revokeIntegrationTokens`."""

    selected = Selected.of_ids("itk", given)

    async def body(work: Work) -> Answer:
        return await token_services.revoke(work, selected.ids, expected=selected.expected)

    return await change(info, MayRevokeIntegrationTokens, given, selected, body)
