"""Documents by their hashes: trusted ones, those that were sent before, and a portal that answers no others."""

import hashlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from portal_api.app import create_app
from portal_api.auth import Tokens
from portal_api.database import Database
from portal_api.domain.roles import Role
from portal_api.settings import Settings
from portal_api.trusted import hash_of, printed_manifest, read_manifest
from tests.client import Client, Json, http_client, portal_of
from tests.clock import ManualClock, RepeatableIds
from tests.factories import Organisation

OPERATIONS = Path(__file__).parents[2] / "operations"
ROLE, NAME = "{ viewer { role } }", "{ viewer { organisation { name } } }"
Open = Callable[..., AbstractAsyncContextManager[Client]]


def apq(text: str) -> Json:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash_of(text)}}}


@pytest.fixture
def opened(
    settings: Settings,
    database: Database,
    clock: ManualClock,
    new_id: RepeatableIds,
    tokens: Tokens,
    organisation: Organisation,
    tmp_path: Path,
) -> Open:
    """A portal that trusts some documents, and an Admin's client to it."""

    @asynccontextmanager
    async def opened(*trusted: str, only: bool = False) -> AsyncIterator[Client]:
        for number, text in enumerate(trusted):
            (tmp_path / f"{number}.graphql").write_text(text)
        manifest = tmp_path / "manifest.json"
        manifest.write_text(printed_manifest(tmp_path))
        given = settings.model_copy(update={"trusted_documents": manifest, "only_trusted_documents": only})
        async with http_client(create_app(given, database=database, clock=clock, new_id=new_id)) as http:
            yield Client(http, tokens, clock, organisation, organisation.staff[Role.ADMIN])

    return opened


async def asked(client: Client, **given: Any) -> httpx.Response:
    return await client.post_raw(orjson.dumps(given))


def code(response: httpx.Response) -> str:
    [error] = response.json()["errors"]
    assert error["message"]
    return error["extensions"]["code"]


async def test_a_trusted_document_is_asked_for_by_its_hash_alone(opened: Open) -> None:
    async with opened(ROLE) as client:
        by_id = await asked(client, documentId=f"sha256:{hash_of(ROLE)}")
        by_extension = await asked(client, **apq(ROLE))
        by_both = await asked(client, query=ROLE, **apq(ROLE))

    for response in (by_id, by_extension, by_both):
        assert (response.status_code, response.json()) == (200, {"data": {"viewer": {"role": "ADMIN"}}})


async def test_a_document_that_is_not_known_is_sent_once_with_its_hash(opened: Open) -> None:
    async with opened(ROLE) as client:
        first = await asked(client, **apq(NAME))
        assert (first.status_code, code(first)) == (200, "PERSISTED_QUERY_NOT_FOUND")

        assert "errors" not in (await asked(client, query=NAME, **apq(NAME))).json()
        again = await asked(client, **apq(NAME))

    assert again.json()["data"]["viewer"]["organisation"]["name"] == client.organisation.name


async def test_a_known_hash_costs_no_parsing(opened: Open) -> None:
    async with opened(ROLE) as client:
        await asked(client, **apq(ROLE))
        portal = portal_of(client.http._transport.app)  # type: ignore[attr-defined]  the transport of a test
        before = portal.documents.document(ROLE)
        await asked(client, **apq(ROLE))

        assert portal.documents.document(ROLE) is before


async def test_variables_and_operations_come_with_a_hash_as_with_a_text(opened: Open) -> None:
    text = "query A { viewer { role } } query B($n: Int) { learners(first: $n) { totalCount } }"
    async with opened() as client:
        await asked(client, query=text, operationName="A", **apq(text))
        response = await asked(client, operationName="B", variables={"n": 1}, **apq(text))

    assert response.json()["data"]["learners"]["totalCount"] > 0


async def test_it_is_asked_for_by_get_too(opened: Open) -> None:
    async with opened(ROLE) as client:
        await client.organisation.save()
        response = await client.http.get(
            "/graphql",
            params={"extensions": json.dumps(apq(ROLE)["extensions"])},
            headers={"authorization": f"Bearer {client.token}"},
        )

    assert response.json() == {"data": {"viewer": {"role": "ADMIN"}}}


async def test_a_portal_may_answer_trusted_documents_alone(opened: Open) -> None:
    async with opened(ROLE, only=True) as client:
        assert (await asked(client, **apq(ROLE))).json() == {"data": {"viewer": {"role": "ADMIN"}}}
        assert (await asked(client, query=ROLE)).json() == {"data": {"viewer": {"role": "ADMIN"}}}
        for refused in ({"query": NAME}, {"query": NAME, **apq(NAME)}, {"query": f"{ROLE} "}):
            response = await asked(client, **refused)
            assert (response.status_code, code(response)) == (403, "DOCUMENT_NOT_TRUSTED")
        assert code(await asked(client, **apq(NAME))) == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize(
    "given",
    [
        {"documentId": hash_of(ROLE)},
        {"documentId": 5},
        {"documentId": ""},
        {"extensions": {"persistedQuery": {"version": 2, "sha256Hash": hash_of(ROLE)}}},
        {"extensions": {"persistedQuery": {"version": 1}}},
        {"extensions": {"persistedQuery": 1}},
        {"query": NAME, **apq(ROLE)},
        {"query": 5, **apq(ROLE)},
        {"extensions": {}},
    ],
)
async def test_what_is_no_hash_or_not_the_documents_is_refused(given: Json, opened: Open) -> None:
    async with opened(ROLE) as client:
        response = await asked(client, **given)

    assert (response.status_code, code(response)) == (400, "REQUEST_INVALID")


async def test_a_document_that_nobody_could_have_is_not_kept(opened: Open) -> None:
    """Neither what does not fit the schema, nor what somebody sends who is not signed in."""
    wrong = "{ viewer { shoes } }"
    async with opened() as client:
        await asked(client, query=wrong, **apq(wrong))
        await client.http.post("/graphql", json={"query": NAME, **apq(NAME)})

        assert code(await asked(client, **apq(wrong))) == "PERSISTED_QUERY_NOT_FOUND"
        assert code(await asked(client, **apq(NAME))) == "PERSISTED_QUERY_NOT_FOUND"


def test_the_manifest_has_every_document_of_the_frontends() -> None:
    documents = read_manifest(OPERATIONS / "manifest.json")

    texts = {file.read_text() for file in OPERATIONS.rglob("*.graphql")}
    assert set(documents.values()) == texts
    assert all(hashlib.sha256(text.encode()).hexdigest() == id_ for id_, text in documents.items())


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"format": "other", "version": 1, "operations": []}',
        '{"format": "apollo-persisted-query-manifest", "version": 2, "operations": []}',
        '{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id": "0", "body": "{ viewer }"}]}',
    ],
)
def test_a_manifest_that_is_none_is_told_at_the_start(content: str, tmp_path: Path) -> None:
    file = tmp_path / "manifest.json"
    file.write_text(content)

    with pytest.raises(ValueError, match="no manifest of trusted documents"):
        read_manifest(file)
