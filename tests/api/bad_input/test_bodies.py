"""What is sent that is no request, or too much of one."""

from collections.abc import AsyncIterator

import pytest

from tests.api.bad_input.sending import LONG, send
from tests.api.tidiness import tidy
from tests.client import Client, codes

BODIES: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"query { viewer }",
    "a number": b"5",
    "null": b"null",
    "a text": b'"{ viewer { role } }"',
    "a list": b"[]",
    "a list of requests": b'[{"query": "{ viewer { role } }"}]',
    "an object without a query": b'{"document": "{ viewer { role } }"}',
    "a query that is null": b'{"query": null}',
    "a query that is a number": b'{"query": 5}',
    "a query that is a list": b'{"query": ["{ viewer { role } }"]}',
    "variables that are a list": b'{"query": "{ viewer { role } }", "variables": []}',
    "variables that are a text": b'{"query": "{ viewer { role } }", "variables": "{}"}',
    "variables that are a number": b'{"query": "{ viewer { role } }", "variables": 5}',
    "variables that are false": b'{"query": "{ viewer { role } }", "variables": false}',
    "an operation name that is a number": b'{"query": "{ viewer { role } }", "operationName": 5}',
    "an unknown operation name": b'{"query": "query A { viewer { role } }", "operationName": "B"}',
    "an empty operation name": b'{"query": "query A { viewer { role } }", "operationName": ""}',
    "two operations and no name": b'{"query": "query A { viewer { role } } query B { viewer { role } }"}',
    "a list of a hundred thousand levels": b"[" * LONG + b"]" * LONG,
    "a list that is not closed": b"[" * LONG,
    "an object of a hundred thousand levels": b'{"a":' * LONG + b"1" + b"}" * LONG,
    "variables of a hundred thousand levels": b'{"query": "{ viewer { role } }", "variables": {"v": '
    + b"[" * LONG
    + b"]" * LONG
    + b"}}",
    "invalid UTF-8": b'{"query": "{ viewer { role } } \xff"}',
    "UTF-16": '{"query": "{ viewer { role } }"}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"query": "{ viewer { role } }"}',
    "a null byte": b'{"query": "{ viewer { role } }"}\x00',
    "two objects": b'{"query": "{ viewer { role } }"}{"query": "{ viewer { role } }"}',
    "NaN": b'{"query": "{ viewer { role } }", "variables": {"v": NaN}}',
    "a number without end": b'{"query": "{ viewer { role } }", "variables": {"v": 1e999}}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
async def test_a_body_that_is_no_request_is_refused(body: bytes, admin: Client) -> None:
    assert codes(await send(admin, body, 400)) == ["REQUEST_INVALID"]


@pytest.mark.parametrize("levels", [300, 900, 1_000])
async def test_variables_that_are_nested_deeply_are_refused(levels: int, admin: Client) -> None:
    for document in (
        "query($v: LearnerFilter) { learners(filter: $v) { totalCount } }",
        "query($v: [ID!]!) { nodes(ids: $v) { id } }",
        "query($v: DateTime) { learners(filter: {createdAt: {gt: $v}}) { totalCount } }",
    ):
        for opening, closing in (("[", "]"), ('{"id":', "}")):
            nested = f"{opening * levels}1{closing * levels}"
            body = f'{{"query": "{document}", "variables": {{"v": {nested}}}}}'.encode()

            response = await admin.post_raw(body)

            assert set(codes(tidy(response))) <= {"INPUT_INVALID", "REQUEST_INVALID"}
            assert codes(response.json())


async def test_a_body_of_ten_megabytes_is_too_large(admin: Client) -> None:
    body = b'{"query": "{ viewer { role } }", "extensions": "%s"}' % (b"x" * 10_000_000)

    assert codes(await send(admin, body, 413)) == ["REQUEST_TOO_LARGE"]


async def test_a_body_sent_in_pieces_is_measured_as_it_comes(admin: Client) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b" " * 1_000_000
        raise AssertionError("nobody needs the rest")

    headers = {"authorization": f"Bearer {admin.token}", "content-type": "application/json"}
    response = await admin.http.post("/graphql", content=pieces(), headers=headers)

    assert response.status_code == 413
