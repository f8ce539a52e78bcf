"""What happens to machine clients' tokens: issued, taken back, and what time does."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.organisations import (
    INTEGRATION_TOKENS,
    USERS,
    IntegrationTokenAction,
    IntegrationTokenStatus,
    UserAction,
)
from portal_api.domain.outcomes import Outcome, RowResult
from portal_api.domain.refusals import ErrorCode, PlainError
from portal_api.queries import integration_tokens as token_queries
from portal_api.queries import organisations as organisation_queries
from portal_api.queries import users as user_queries
from portal_api.queries.history import Entry
from portal_api.queries.integration_tokens import TokenRow
from portal_api.services.bulk import Decided
from portal_api.work import Answer, Work

LONGEST_LIFE = timedelta(days=365)


async def issue(
    work: Work, ids: Sequence[UUID], *, name: str, expires_at: datetime, expected: Mapping[UUID, int]
) -> Answer:
    """Writes down that a machine client gets a token; whoever signs it says it once."""
    await work.lock(organisation_queries.lock, ids)
    rows = await user_queries.facts(work.connection, work.bound, ids)
    decided = Decided(USERS[UserAction.ISSUE_TOKEN], work.role, ids, rows, expected)
    if not decided.granted:
        return Answer(decided.results(()))
    [user] = decided.granted
    if not work.now < expires_at <= work.now + LONGEST_LIFE:
        reason = PlainError(
            ErrorCode.INVALID_DATES,
            f"A token expires after this instant, {LONGEST_LIFE.days} days ahead at the most. Give another `expiresAt`.",
            ("input", "expiresAt"),
        )
        return Answer([RowResult(0, ids[0], None, Outcome.REFUSED, (reason,))])
    token_id = work.new_id(work.now)
    await token_queries.issue(
        work.connection,
        work.organisation_id,
        token_id,
        user_id=user.id,
        name=name,
        now=work.now,
        expires_at=expires_at,
    )
    act, subject = HistoryAction.INTEGRATION_TOKEN_ISSUED, (SubjectKind.INTEGRATION_TOKEN, token_id)
    await work.record([work.entry(act, subject, None, version=1, statuses=(None, IntegrationTokenStatus.ACTIVE.name))])
    return Answer([RowResult(0, ids[0], token_id, Outcome.CHANGED)])


async def revoke(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Takes tokens back: what they are used for is refused from now on."""
    await work.lock(token_queries.lock, ids)
    rows = await token_queries.facts(work.connection, work.bound, ids)
    decided = Decided(INTEGRATION_TOKENS[IntegrationTokenAction.REVOKE], work.role, ids, rows, expected)
    if not decided.granted:
        return Answer(decided.results(()))
    versions = await token_queries.revoke(work.connection, work.organisation_id, decided.granted_ids, now=work.now)
    await work.record(
        [
            _entry(work, HistoryAction.INTEGRATION_TOKEN_REVOKED, row, versions[row.id], IntegrationTokenStatus.REVOKED)
            for row in decided.granted
            if row.id in versions
        ]
    )
    return Answer(decided.results(versions))


async def settle_due(work: Work, most: int) -> int:
    """Writes down which tokens of an organisation have expired, each at its own instant, the longest overdue first.

    Returns:
        How many it was, `most` at the most.
    """
    rows = await token_queries.due(work.connection, work.organisation_id, work.now, most)
    if not rows:
        return 0
    versions = await token_queries.settle(work.connection, work.organisation_id, [row.id for row in rows], now=work.now)
    await work.record(
        [
            _entry(
                work,
                HistoryAction.INTEGRATION_TOKEN_EXPIRED,
                row,
                versions[row.id],
                IntegrationTokenStatus.EXPIRED,
                moved_at=row.expires_at,
            )
            for row in rows
            if row.id in versions
        ]
    )
    return len(versions)


def _entry(
    work: Work,
    act: HistoryAction,
    row: TokenRow,
    version: int,
    to: IntegrationTokenStatus,
    moved_at: datetime | None = None,
) -> Entry:
    """An entry of a token that held until then."""
    return work.entry(
        act,
        (SubjectKind.INTEGRATION_TOKEN, row.id),
        None,
        version=version,
        statuses=(IntegrationTokenStatus.ACTIVE.name, to.name),
        moved_at=moved_at,
    )
