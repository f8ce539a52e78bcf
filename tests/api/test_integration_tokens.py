"""Machine clients' tokens: told once, good until they expire or are taken back."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from portal_api.auth import Claims, Tokens
from portal_api.domain.organisations import IntegrationTokenStatus
from portal_api.domain.roles import Role
from portal_api.models import history_entries, idempotency_keys, integration_tokens
from portal_api.ticker import tick
from tests.api.cases import call_codes, case_of, outcomes, row_codes
from tests.client import Client, Json
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import DAY, Organisation

ISSUE = """
    mutation($input: IssueIntegrationTokenInput!) {
      issueIntegrationToken(input: $input) {
        token errors { code path } results { outcome node { id name status expiresAt user { id } } errors { code path } }
      }
    }
"""
MICROSECOND = timedelta(microseconds=1)
CHANGE = (
    'mutation { reactivateLearners(input: {ids: ["lrn_00000000000000000000000000000000"]}) { counts { changed } } }'
)


def _input(organisation: Organisation, clock: ManualClock, **given: Any) -> Json:
    machine = organisation.staff[Role.INTEGRATION]
    return {"input": {"id": machine.gid, "name": "Player", "expiresAt": (clock() + DAY).isoformat(), **given}}


async def _issued(client: Client, variables: Json) -> Json:
    return (await client.query(ISSUE, variables))["issueIntegrationToken"]


async def _with(http: httpx.AsyncClient, token: str, document: str = "{ viewer { role user { id } } }") -> Any:
    response = await http.post("/graphql", json={"query": document}, headers={"authorization": f"Bearer {token}"})
    answer = response.json()
    return answer["errors"][0]["extensions"]["code"] if "errors" in answer else answer["data"]


async def test_a_token_is_told_once_and_opens_the_door_for_its_client(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock, http: httpx.AsyncClient
) -> None:
    owner, machine = sign_in(Role.OWNER), organisation.staff[Role.INTEGRATION]
    variables = _input(organisation, clock, idempotencyKey="once")

    preview = await _issued(owner, _input(organisation, clock, preview=True))
    issued = await _issued(owner, variables)
    again = await _issued(owner, variables)

    assert preview["token"] is None
    assert issued["results"][0]["node"]["status"] == "ACTIVE"
    assert issued["results"][0]["node"]["user"] == {"id": machine.gid}
    assert again == issued | {"token": None}
    assert await _with(http, issued["token"]) == {"viewer": {"role": "INTEGRATION", "user": {"id": machine.gid}}}
    everything = str(await organisation.everything())
    assert issued["token"] not in everything
    assert issued["token"].rpartition(".")[2] not in everything
    assert len(await organisation.stored(integration_tokens)) == len(await organisation.stored(idempotency_keys)) == 1


async def test_a_refused_call_tells_no_token(organisation: Organisation, sign_in: SignIn, clock: ManualClock) -> None:
    owner = sign_in(Role.OWNER)
    person = organisation.staff[Role.TRAINER]

    for given, code in (
        ({"expiresAt": clock().isoformat()}, "INVALID_DATES"),
        ({"expiresAt": (clock() + 365 * DAY + MICROSECOND).isoformat()}, "INVALID_DATES"),
        ({"id": person.gid}, "STATUS_NOT_ALLOWED"),
        ({"expectedVersion": 3}, "CHANGED_MEANWHILE"),
    ):
        payload = await _issued(owner, _input(organisation, clock, **given))
        assert row_codes(payload) == [[code]], given
        assert payload["token"] is None
        if code == "INVALID_DATES":
            assert payload["results"][0]["errors"][0]["path"] == ["input", "expiresAt"]
    nameless = await _issued(owner, _input(organisation, clock, name=" "))
    assert call_codes(nameless) == ["INPUT_INVALID"]
    assert await organisation.stored(integration_tokens) == []
    longest = await _issued(owner, _input(organisation, clock, expiresAt=(clock() + 365 * DAY).isoformat()))
    assert longest["token"]


async def test_a_revoked_token_changes_nothing_at_once_and_reads_nothing_soon(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock, http: httpx.AsyncClient
) -> None:
    owner = sign_in(Role.OWNER)
    first, second = [await _issued(owner, _input(organisation, clock)) for _ in range(2)]
    assert (await _with(http, first["token"]))["viewer"]["role"] == "INTEGRATION"

    await case_of("revokeIntegrationTokens").payload(owner, first["results"][0]["node"]["id"])

    assert await _with(http, first["token"], CHANGE) == "UNAUTHENTICATED"
    clock.advance(timedelta(seconds=5))
    assert await _with(http, first["token"]) == "UNAUTHENTICATED"
    assert (await _with(http, second["token"]))["viewer"]["role"] == "INTEGRATION"


async def test_a_token_holds_until_the_instant_at_which_it_expires(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock, http: httpx.AsyncClient
) -> None:
    owner = sign_in(Role.OWNER)
    issued = await _issued(owner, _input(organisation, clock, expiresAt=(clock() + timedelta(hours=1)).isoformat()))
    document = "{ integrationTokens { nodes { status actions { available reasons { code } } } } }"

    clock.advance(timedelta(hours=1) - MICROSECOND)
    assert (await _with(http, issued["token"]))["viewer"]["role"] == "INTEGRATION"
    assert await _with(http, issued["token"], CHANGE) == "FORBIDDEN"
    clock.advance(MICROSECOND)
    assert await _with(http, issued["token"], CHANGE) == "UNAUTHENTICATED"
    [node] = (await owner.query(document))["integrationTokens"]["nodes"]
    assert node == {"status": "EXPIRED", "actions": [{"available": False, "reasons": [{"code": "STATUS_NOT_ALLOWED"}]}]}
    refused = await case_of("revokeIntegrationTokens").payload(owner, issued["results"][0]["node"]["id"])
    assert row_codes(refused) == [["STATUS_NOT_ALLOWED"]]


async def test_a_token_is_good_for_nobody_else(
    organisation: Organisation, tokens: Tokens, clock: ManualClock, http: httpx.AsyncClient
) -> None:
    """Whoever could sign one could sign any; but a token's row belongs to one client in one organisation."""
    kept, twin = organisation.token(), organisation.twin()
    other = organisation.user(Role.INTEGRATION)
    await organisation.save()
    await twin.save()
    machine = organisation.staff[Role.INTEGRATION]

    def signed(organisation_id: Any, user_id: Any) -> str:
        return tokens.sign(Claims(organisation_id, user_id, kept.id), now=clock(), ttl=DAY)

    assert (await _with(http, signed(organisation.id, machine.id)))["viewer"]["role"] == "INTEGRATION"
    assert await _with(http, signed(organisation.id, other.id)) == "UNAUTHENTICATED"
    assert await _with(http, signed(twin.id, twin.staff[Role.INTEGRATION].id)) == "UNAUTHENTICATED"


async def test_a_token_of_the_command_line_goes_on_working(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    organisation.token(status=IntegrationTokenStatus.REVOKED)

    assert await sign_in(Role.INTEGRATION).query("{ viewer { role } }") == {"viewer": {"role": "INTEGRATION"}}


async def test_signing_in_with_a_token_costs_one_statement(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock, http: httpx.AsyncClient
) -> None:
    issued = await _issued(sign_in(Role.OWNER), _input(organisation, clock))
    tally = organisation.database.tally
    before = tally.statements

    await _with(http, issued["token"], "{ viewer { role } }")

    assert tally.statements - before == 1


@pytest.mark.parametrize("role", list(Role))
async def test_tokens_are_for_administrators(organisation: Organisation, sign_in: SignIn, role: Role) -> None:
    token, machine = organisation.token(), organisation.staff[Role.INTEGRATION]
    document = """
        query($ids: [ID!]!) {
          integrationTokens { nodes { id } }
          nodes(ids: $ids) { id ... on User { tokens { totalCount } } }
        }
    """

    data = await sign_in(role).query(document, {"ids": [token.gid, machine.gid]})

    is_administrator = role in (Role.OWNER, Role.ADMIN)
    assert data["integrationTokens"]["nodes"] == ([{"id": token.gid}] if is_administrator else [])
    assert data["nodes"][0] == ({"id": token.gid} if is_administrator else None)
    if is_administrator or role is Role.INTEGRATION:
        assert data["nodes"][1]["tokens"]["totalCount"] == int(is_administrator)


async def test_tokens_are_filtered_by_what_they_are_by_now(organisation: Organisation, sign_in: SignIn) -> None:
    now = organisation.clock()
    held = organisation.token()
    due = organisation.token(expires_at=now)
    settled = organisation.token(status=IntegrationTokenStatus.EXPIRED, expires_at=now - DAY)
    revoked = organisation.token(status=IntegrationTokenStatus.REVOKED)
    other = organisation.token(organisation.user(Role.INTEGRATION))
    admin = sign_in(Role.ADMIN)

    async def listed(given: Json) -> set[str]:
        document = "query($filter: IntegrationTokenFilter) { integrationTokens(filter: $filter) { nodes { id } } }"
        return {node["id"] for node in (await admin.query(document, {"filter": given}))["integrationTokens"]["nodes"]}

    assert await listed({"status": {"eq": "ACTIVE"}}) == {held.gid, other.gid}
    assert await listed({"status": {"eq": "EXPIRED"}}) == {due.gid, settled.gid}
    assert await listed({"status": {"in": ["REVOKED"]}}) == {revoked.gid}
    assert await listed({"userId": {"eq": organisation.staff[Role.INTEGRATION].gid}}) == {
        each.gid for each in (held, due, settled, revoked)
    }


async def test_the_ticker_writes_down_that_a_token_has_expired(
    own_database: Any, clock: ManualClock, new_id: Any
) -> None:
    organisation = Organisation(own_database, clock, new_id)
    organisation.a_user_of_each_role()
    expired, held = organisation.token(expires_at=clock() - DAY), organisation.token()
    revoked = organisation.token(status=IntegrationTokenStatus.REVOKED)
    await organisation.save()

    assert await tick(own_database, clock, new_id) == 1
    assert await tick(own_database, clock, new_id) == 0

    stored = {row["id"]: (row["status"].name, row["version"]) for row in await organisation.stored(integration_tokens)}
    assert stored == {expired.id: ("EXPIRED", 2), held.id: ("ACTIVE", 1), revoked.id: ("REVOKED", 1)}
    [entry] = await organisation.stored(history_entries)
    assert (entry["action"].name, entry["actor_kind"].name) == ("INTEGRATION_TOKEN_EXPIRED", "CLOCK")
    assert (entry["from_status"], entry["to_status"]) == ("ACTIVE", "EXPIRED")
    assert (entry["occurred_at"], entry["recorded_at"]) == (clock() - DAY, clock())


async def test_a_revocation_says_when(organisation: Organisation, sign_in: SignIn, clock: ManualClock) -> None:
    token = organisation.token()

    payload = await case_of("revokeIntegrationTokens").payload(sign_in(Role.OWNER), token.gid)

    assert outcomes(payload) == ["CHANGED"]
    [row] = await organisation.stored(integration_tokens)
    assert row["revoked_at"] == clock()
