"""Whoever comes without a token: what they are told, and that they do not come in."""

import httpx
import pytest

from tests.api.conftest import Portal
from tests.api.tidiness import tidy
from tests.client import codes

INTROSPECTION = ("{ __schema { types { name } } }", '{ __type(name: "Learner") { name } }')


@pytest.mark.parametrize("is_open", [True, False], ids=["open", "closed"])
async def test_introspection_without_a_token_is_a_setting(is_open: bool, portal: Portal) -> None:
    async with portal(introspection=is_open) as (client, _):
        for document in INTROSPECTION:
            response = await client.http.post("/graphql", json={"query": document})
            assert response.status_code == (200 if is_open else 401)
            assert codes(tidy(response)) == ([] if is_open else ["UNAUTHENTICATED"])
            assert codes(await client.execute(document)) == []
        for document in ("{ __typename }", "{ ... { __typename } }"):
            response = await client.http.post("/graphql", json={"query": document})
            assert response.json() == {"data": {"__typename": "Query"}}


async def test_closed_introspection_is_not_told_by_errors_either(portal: Portal) -> None:
    async with portal(introspection=False) as (client, _):
        for document in ("{ learner { given } }", "{ lerners { id } }", "{ viewer }", "{ __typename nosuch }"):
            response = await client.http.post("/graphql", json={"query": document})

            assert response.status_code == 401
            assert codes(tidy(response)) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize(
    "document",
    [
        "{ viewer { role } }",
        "{ __typename viewer { role } }",
        "{ ...F } fragment F on Query { __typename learners { totalCount } }",
        "{ ... on Query { ... { learners { totalCount } } } }",
        "{ viewer @skip(if: true) { role } }",
        "{ __typename: viewer { role } }",
        "mutation { reactivateLearners(input: {ids: []}) { counts { changed } } }",
    ],
)
async def test_nobody_comes_in_without_a_token(document: str, http: httpx.AsyncClient) -> None:
    response = await http.post("/graphql", json={"query": document})

    assert response.status_code == 401
    assert codes(tidy(response)) == ["UNAUTHENTICATED"]
    assert "data" not in response.json()
