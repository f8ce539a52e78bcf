"""HTTP around GraphQL: methods, media types, status codes, headers, the explorer, and what a load balancer asks."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import text

import portal_api
from portal_api.app import create_app
from portal_api.auth import Tokens
from portal_api.database import Database
from portal_api.domain.roles import Role
from portal_api.migrations import migrate_up
from portal_api.models import history_entries
from portal_api.revisions import NEWEST
from tests.api.cases import case_of
from tests.api.tidiness import tidy
from tests.client import Client, codes, http_client
from tests.clock import ManualClock, RepeatableIds
from tests.conftest import SignIn, settings_for
from tests.factories import Organisation, organisation_with_everybody

JSON, GRAPHQL_JSON = "application/json", "application/graphql-response+json"
STATIC = Path(portal_api.__file__).parent / "static"
ROLE = "{ viewer { role } }"


@pytest.fixture
def admin(sign_in: SignIn) -> Client:
    return sign_in(Role.ADMIN)


def _headers(client: Client, **more: str) -> dict[str, str]:
    return {"authorization": f"Bearer {client.token}", **more}


# By GET.


async def test_a_query_can_be_sent_by_get(admin: Client) -> None:
    document = "query Role { viewer { role } } query Count($f: LearnerFilter) { learners(filter: $f) { totalCount } }"
    asked = {"query": document, "operationName": "Count", "variables": '{"f": {"status": {"eq": "INACTIVE"}}}'}

    response = await admin.http.get("/graphql", params=asked, headers=_headers(admin))

    assert response.status_code == 200
    assert response.json() == {"data": {"learners": {"totalCount": 0}}}


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({}, 400, "REQUEST_INVALID"),
        ({"query": ""}, 200, "DOCUMENT_INVALID"),
        ({"query": ROLE, "variables": "{"}, 400, "REQUEST_INVALID"),
        ({"query": ROLE, "variables": "[]"}, 400, "REQUEST_INVALID"),
        ({"query": ROLE, "variables": "5"}, 400, "REQUEST_INVALID"),
        ({"query": ROLE, "operationName": "Other"}, 400, "REQUEST_INVALID"),
        ({"query": "query A { viewer { role } }", "operationName": ""}, 400, "REQUEST_INVALID"),
    ],
)
async def test_a_bad_query_by_get_is_refused(asked: dict[str, str], status: int, code: str, admin: Client) -> None:
    response = await admin.http.get("/graphql", params=asked, headers=_headers(admin))

    assert response.status_code == status
    assert codes(tidy(response)) == [code]


@pytest.mark.parametrize("asked", [{"variables": ""}, {"variables": "null"}, {"variables": "{}"}])
async def test_variables_may_be_empty_by_get(asked: dict[str, str], admin: Client) -> None:
    response = await admin.http.get("/graphql", params={"query": ROLE, **asked}, headers=_headers(admin))

    assert response.json() == {"data": {"viewer": {"role": "ADMIN"}}}


async def test_a_mutation_by_get_is_refused_and_not_run(organisation: Organisation, admin: Client) -> None:
    case = case_of("deactivateLearners")
    asked = {
        "query": f"query Read {ROLE} {case.document}",
        "variables": orjson.dumps(case.variables((organisation.learner().gid,), {})).decode(),
        "operationName": "Change",
    }
    await organisation.save()
    before = await organisation.everything()

    refused = await admin.http.get("/graphql", params=asked, headers=_headers(admin))
    read = await admin.http.get("/graphql", params={**asked, "operationName": "Read"}, headers=_headers(admin))

    assert refused.status_code == 405
    assert refused.headers["allow"] == "POST"
    assert codes(tidy(refused)) == ["METHOD_NOT_ALLOWED"]
    assert read.json() == {"data": {"viewer": {"role": "ADMIN"}}}
    assert await organisation.everything() == before


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_other_methods_are_not_allowed(method: str, http: httpx.AsyncClient) -> None:
    response = await http.request(method, "/graphql", content=b'{"query": "{ __typename }"}')

    assert response.status_code == 405
    assert {"GET", "POST"} <= set(response.headers["allow"].split(", "))


# Media types and status codes.


@pytest.mark.parametrize(
    "media_type", [JSON, "application/json; charset=utf-8", "Application/JSON", "application/json;charset=UTF-8"]
)
async def test_a_body_is_json(media_type: str, admin: Client) -> None:
    response = await admin.post_raw(orjson.dumps({"query": ROLE}), content_type=media_type)

    assert response.json() == {"data": {"viewer": {"role": "ADMIN"}}}


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
async def test_another_body_is_refused(media_type: str, admin: Client) -> None:
    """A page elsewhere can have a browser send these without asking first; a mutation must not come in that way."""
    response = await admin.post_raw(orjson.dumps({"query": ROLE}), content_type=media_type)

    assert response.status_code == 400
    assert codes(tidy(response)) == ["REQUEST_INVALID"]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", JSON),
        (JSON, JSON),
        ("text/html", JSON),
        (GRAPHQL_JSON, GRAPHQL_JSON),
        (f"{GRAPHQL_JSON}, {JSON};q=0.9", GRAPHQL_JSON),
    ],
)
async def test_the_answer_is_of_the_type_that_is_wanted(accept: str, media_type: str, admin: Client) -> None:
    response = await admin.post_raw(orjson.dumps({"query": ROLE}), accept=accept)

    assert response.status_code == 200
    assert response.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert response.headers["vary"] == "Authorization, Accept"


@pytest.mark.parametrize(
    ("asked", "as_json", "as_graphql_json", "has_data"),
    [
        ({"query": ROLE}, 200, 200, True),
        ({"query": "{ learners(first: 0) { totalCount } }"}, 200, 200, True),
        ({"query": "{ viewer { shoes } }"}, 200, 400, False),
        ({"query": "{"}, 200, 400, False),
        ({"query": "query($n: Int!) { learners(first: $n) { totalCount } }"}, 200, 400, False),
        ({"query": "query($n: Int) { learners(first: $n) { totalCount } }", "variables": {"n": "1"}}, 200, 400, False),
        ({"query": ROLE, "operationName": "Other"}, 400, 400, False),
        ({"query": 5}, 400, 400, False),
    ],
    ids=[
        "answered",
        "a field that failed",
        "an invalid document",
        "no document",
        "a variable that is missing",
        "a variable that does not fit",
        "an operation that is not there",
        "no request",
    ],
)
async def test_status_codes_say_how_far_a_request_came(
    asked: dict[str, Any], as_json: int, as_graphql_json: int, has_data: bool, admin: Client
) -> None:
    """The older media type knows no other status than 200 for what is wrong with the GraphQL of a request."""
    for media_type, status in ((JSON, as_json), (GRAPHQL_JSON, as_graphql_json)):
        response = await admin.post_raw(orjson.dumps(asked), accept=media_type)

        assert response.status_code == status
        assert ("data" in tidy(response)) is has_data


async def test_who_is_not_signed_in_is_told_how(http: httpx.AsyncClient) -> None:
    for accept in (JSON, GRAPHQL_JSON):
        response = await http.post("/graphql", json={"query": ROLE}, headers={"accept": accept})

        assert response.status_code == 401
        assert response.headers["www-authenticate"] == 'Bearer realm="learner portal"'
        assert codes(tidy(response)) == ["UNAUTHENTICATED"]


async def test_a_learner_without_app_access_is_forbidden(organisation: Organisation, sign_in: SignIn) -> None:
    user = organisation.user(Role.LEARNER, organisation.learner(has_app_access=False))

    response = await sign_in(user).post_raw(orjson.dumps({"query": ROLE}))

    assert response.status_code == 403
    assert codes(tidy(response)) == ["APP_ACCESS_OFF"]
    assert "www-authenticate" not in response.headers


async def test_a_body_up_to_the_limit_is_read_and_one_byte_more_is_too_large(admin: Client) -> None:
    body = orjson.dumps({"query": ROLE})
    most = 4 * 1024 * 1024

    assert (await admin.post_raw(body.ljust(most))).status_code == 200
    response = await admin.post_raw(body.ljust(most + 1))
    assert response.status_code == 413
    assert codes(tidy(response)) == ["REQUEST_TOO_LARGE"]


async def test_answers_are_kept_by_nobody_on_the_way(admin: Client) -> None:
    response = await admin.post_raw(orjson.dumps({"query": ROLE}))

    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"


# The request's id.


@pytest.mark.parametrize("sent", ["1", "req-7_b.C", "x" * 64])
async def test_a_request_id_is_given_back_and_stands_in_the_history(
    sent: str, organisation: Organisation, admin: Client
) -> None:
    case = case_of("deactivateLearners")
    learner = organisation.learner()
    body = orjson.dumps({"query": case.document, "variables": case.variables((learner.gid,), {})})

    response = await admin.post_raw(body, x_request_id=sent)

    assert response.headers["x-request-id"] == sent
    document = "query($id: ID!) { learner(id: $id) { history { nodes { requestId } } } }"
    data = await admin.query(document, {"id": learner.gid})
    assert data["learner"]["history"]["nodes"] == [{"requestId": sent}]


@pytest.mark.parametrize("sent", [None, "", "x" * 65, "a b", "a\tb", "é", "a;b", "'"])
async def test_a_request_without_a_fit_id_is_given_one(
    sent: str | None, organisation: Organisation, admin: Client
) -> None:
    case = case_of("deactivateLearners")
    body = orjson.dumps({"query": case.document, "variables": case.variables((organisation.learner().gid,), {})})
    await organisation.save()
    headers: list[tuple[bytes, bytes]] = [(name.encode(), value.encode()) for name, value in _headers(admin).items()]
    headers += [(b"x-request-id", sent.encode())] if sent is not None else []

    response = await admin.http.post("/graphql", content=body, headers=headers)

    made = response.headers["x-request-id"]
    assert re.fullmatch("[0-9a-f]{32}", made)
    [entry] = await organisation.stored(history_entries)
    assert entry["request_id"] == made


async def test_refusals_have_a_request_id_too(http: httpx.AsyncClient) -> None:
    response = await http.post("/graphql", content=b"{", headers={"x-request-id": "mine"})

    assert response.status_code == 400
    assert response.headers["x-request-id"] == "mine"


# What a load balancer asks.


async def test_it_lives(http: httpx.AsyncClient) -> None:
    response = await http.get("/livez")

    assert (response.status_code, response.json()) == (200, {"live": True})


async def test_it_is_ready_at_the_revision_of_its_code(http: httpx.AsyncClient) -> None:
    response = await http.get("/readyz")

    assert (response.status_code, response.json()) == (200, {"ready": True, "revision": NEWEST})


@pytest.fixture
async def on_an_empty_database(
    empty_database: Database, clock: ManualClock, new_id: RepeatableIds
) -> AsyncIterator[httpx.AsyncClient]:
    given = settings_for(empty_database.engine.url.render_as_string(hide_password=False))
    async with http_client(create_app(given, database=empty_database, clock=clock, new_id=new_id)) as client:
        yield client


async def test_it_is_not_ready_without_a_database_and_lives_on(on_an_empty_database: httpx.AsyncClient) -> None:
    response = await on_an_empty_database.get("/readyz")

    assert (response.status_code, response.json()) == (
        503,
        {"ready": False, "cause": "the database does not answer"},
    )
    assert (await on_an_empty_database.get("/livez")).status_code == 200


async def test_it_is_not_ready_at_another_revision(
    on_an_empty_database: httpx.AsyncClient, empty_database: Database
) -> None:
    await migrate_up(empty_database.engine)
    assert (await on_an_empty_database.get("/readyz")).status_code == 200
    async with empty_database.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    response = await on_an_empty_database.get("/readyz")

    assert response.status_code == 503
    assert response.json() == {
        "ready": False,
        "cause": f"the database is at revision 9999, the code at {NEWEST}",
    }


async def test_a_fault_of_ours_is_masked_with_the_id_of_its_request(
    on_an_empty_database: httpx.AsyncClient, admin: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """A database without tables is a fault that no request should meet."""
    response = await on_an_empty_database.post(
        "/graphql", json={"query": ROLE}, headers=_headers(admin, **{"x-request-id": "request-1"})
    )

    assert response.status_code == 500
    [error] = response.json()["errors"]
    assert error["extensions"] == {"code": "INTERNAL", "requestId": "request-1"}
    assert "roles" not in response.text
    assert "request-1" in caplog.text
    assert "Traceback" in caplog.text


async def test_a_fault_in_one_field_is_masked_there_and_the_others_are_answered(
    on_an_empty_database: httpx.AsyncClient,
    empty_database: Database,
    tokens: Tokens,
    clock: ManualClock,
    new_id: RepeatableIds,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await migrate_up(empty_database.engine)
    organisation = organisation_with_everybody(empty_database, clock, new_id)
    client = Client(on_an_empty_database, tokens, clock, organisation, organisation.staff[Role.MANAGER])
    await organisation.save()
    async with empty_database.engine.begin() as connection:
        await connection.execute(text("DROP TABLE reporting_lines"))

    answer = await client.execute("{ viewer { role } broken: learners { totalCount } }", x_request_id="request-2")

    assert answer["data"] == {"viewer": {"role": "MANAGER"}, "broken": None}
    [error] = answer["errors"]
    assert error["path"] == ["broken"]
    assert error["extensions"] == {"code": "INTERNAL", "requestId": "request-2"}
    assert "reporting_lines" not in error["message"]
    assert "reporting_lines" in caplog.text


# The explorer.


async def test_the_explorer_is_served_with_a_policy_that_lets_nothing_in_from_outside(http: httpx.AsyncClient) -> None:
    response = await http.get("/")

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    policy = dict(rule.split(maxsplit=1) for rule in response.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert not any("http" in sources or "*" in sources for sources in policy.values())


async def test_all_that_the_explorer_loads_is_there(http: httpx.AsyncClient) -> None:
    page = (await http.get("/")).text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(loaded) >= 6

    for address in loaded:
        if address != "data:,":
            assert address.startswith("/static/")
            assert (await http.get(address)).status_code == 200


async def test_nothing_outside_the_static_files_is_served(http: httpx.AsyncClient) -> None:
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static//etc/passwd", "/app.py", "/static/"):
        assert (await http.get(path)).status_code == 404


OUTSIDE = re.compile(r"(?:https?:)?//([\w-]+(?:\.[\w-]+)+)")
NAMED_ONLY = {"www.w3.org", "github.com", "codemirror.net", "commonmark.org", "en.wikipedia.org", "reactjs.org"}
"""Namespaces, and links in texts and comments: nothing is loaded from them."""


@pytest.mark.parametrize("file", sorted(STATIC.glob("*.[hcj]*")), ids=lambda file: file.name)
def test_no_file_of_the_explorer_names_a_host_to_load_from(file: Path) -> None:
    content = file.read_text(encoding="utf-8")
    named = set(OUTSIDE.findall(content))

    assert named <= (NAMED_ONLY if file.name.endswith(".min.js") else set())
    assert "sourceMappingURL" not in content
    for loading in ("@import", "importScripts(", "navigator.sendBeacon", 'url("http', "url(http", "url(//"):
        assert loading not in content
