"""A manager of many: a page is looked for among all learners first, and gathered where too few are found there."""

from typing import Any

import pytest

from portal_api.database import Database
from portal_api.domain.roles import Role
from portal_api.planner import conditions
from tests.client import Client
from tests.conftest import SignIn
from tests.factories import Organisation

NAMES = ("", "orderBy: [{field: FAMILY_NAME}, {field: GIVEN_NAME}]", "orderBy: [{field: CREATED_AT, direction: DESC}]")


async def _walk(client: Client, order: str, *, backwards: bool) -> list[str]:
    """All pages of two, one after the other."""
    size, cursor, way = ("last", "before", "startCursor") if backwards else ("first", "after", "endCursor")
    asked = f"""query($cursor: String) {{ learners({size}: 2, {cursor}: $cursor, {order}) {{
        nodes {{ id }} pageInfo {{ hasNextPage hasPreviousPage {way} }}
    }} }}"""
    found: list[str] = []
    variables: dict[str, Any] = {"cursor": None}
    while True:
        page = (await client.query(asked, variables))["learners"]
        ids = [each["id"] for each in page["nodes"]]
        found = [*ids, *found] if backwards else [*found, *ids]
        if not page["pageInfo"]["hasPreviousPage" if backwards else "hasNextPage"]:
            return found
        variables = {"cursor": page["pageInfo"][way]}


@pytest.mark.parametrize("order", NAMES)
@pytest.mark.parametrize("looked_through", [0, 5, 100])
@pytest.mark.parametrize("many", [0, 7])
async def test_a_crowd_is_the_same_however_it_is_found(
    organisation: Organisation,
    sign_in: SignIn,
    executing: SignIn,
    monkeypatch: pytest.MonkeyPatch,
    order: str,
    looked_through: int,
    many: int,
) -> None:
    monkeypatch.setattr(conditions, "LOOKED_THROUGH", looked_through)
    monkeypatch.setattr(conditions, "MANY", many)
    for n in range(9):
        under = organisation.own[Role.MANAGER] if n % 3 else None
        organisation.learner(given_name=f"Given {n % 3}", family_name=f"Family {n % 4}", reports_to=under)
    # A filter, even one that leaves all, has the crowd gathered.
    gathered = f"{{ learners(first: 100, filter: {{status: {{in: [ACTIVE]}}}}, {order}) {{ nodes {{ id }} }} }}"
    expected = [each["id"] for each in (await sign_in(Role.MANAGER).query(gathered))["learners"]["nodes"]]
    assert len(expected) > 7

    for way in (sign_in, executing):
        for backwards in (False, True):
            assert await _walk(way(Role.MANAGER), order, backwards=backwards) == expected


async def test_whoever_has_no_crowd_sees_none(
    organisation: Organisation, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A learner who leads others, but whose role does not show them."""
    monkeypatch.setattr(conditions, "MANY", 0)
    for _ in range(3):
        organisation.learner(reports_to=organisation.own[Role.LEARNER])

    data = await sign_in(Role.LEARNER).query("{ learners(first: 1) { nodes { id } pageInfo { hasNextPage } } }")

    assert [each["id"] for each in data["learners"]["nodes"]] == [organisation.own[Role.LEARNER].gid]
    assert data["learners"]["pageInfo"]["hasNextPage"] is False


async def test_it_takes_no_statement_more(
    organisation: Organisation, sign_in: SignIn, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conditions, "MANY", 1)
    organisation.learner(reports_to=organisation.own[Role.MANAGER])
    manager, asked = sign_in(Role.MANAGER), "{ learners(first: 1) { nodes { id } } }"
    await manager.query(asked)
    before = database.tally.statements

    await manager.query(asked)

    assert database.tally.statements == before + 1
