"""Cursors that no list gave, and orders that no list has."""

import base64
import json
from typing import Any

import pytest

from tests.api.bad_input.sending import HEX, LONG, ask
from tests.client import Client, codes


def _cursor(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


WRONG_CURSORS = [
    "",
    "x",
    "====",
    "é",
    "\x00",
    "\U0001f600",
    "A" * LONG,
    base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    base64.urlsafe_b64encode(b"null").decode(),
    base64.urlsafe_b64encode(b"5").decode(),
    base64.urlsafe_b64encode(b"{}").decode(),
    base64.urlsafe_b64encode(b"[]").decode(),
    base64.urlsafe_b64encode(b"[" * 50_000).decode(),
    base64.urlsafe_b64encode(b"[" + b"9" * 5_000 + b"]").decode(),
    _cursor("CREATED_AT,ID"),
    _cursor("CREATED_AT,ID", "2026-01-01T00:00:00.000000Z"),
    _cursor("CREATED_AT,ID", "2026-01-01T00:00:00.000000Z", "x"),
    _cursor("CREATED_AT,ID", "2026-01-01T00:00:00.000000", HEX),
    _cursor("CREATED_AT,ID", "0001-01-01T00:00:00+14:00", HEX),
    _cursor("CREATED_AT,ID", "9999-12-31T23:59:59-14:00", HEX),
    _cursor("CREATED_AT,ID", None, HEX),
    _cursor("CREATED_AT,ID", 5, HEX),
    _cursor("CREATED_AT,ID", "yesterday", HEX),
    _cursor("CREATED_AT,ID", ["2026-01-01T00:00:00.000000Z"], HEX),
    _cursor("CREATED_AT,ID", {}, {}),
    _cursor("-CREATED_AT,ID", "2026-01-01T00:00:00.000000Z", HEX),
    _cursor("CREATED_AT,ID", "2026-01-01T00:00:00.000000Z", HEX, HEX),
    _cursor("FAMILY_NAME,ID", "a", HEX),
    _cursor(["CREATED_AT,ID"], "2026-01-01T00:00:00.000000Z", HEX),
]


@pytest.mark.parametrize("cursor", WRONG_CURSORS, ids=[repr(each[:60]) for each in WRONG_CURSORS])
async def test_a_cursor_that_this_list_never_gave_is_refused(cursor: str, admin: Client) -> None:
    for way in ("after", "before"):
        document = f"query($c: String) {{ learners({way}: $c, orderBy: [{{field: CREATED_AT}}]) {{ nodes {{ id }} }} }}"

        assert codes(await ask(admin, document, {"c": cursor})) == ["CURSOR_INVALID"]


@pytest.mark.parametrize("name", ["\ud800", "a\udfff", "\x00", "a\x00b"], ids=repr)
async def test_a_cursor_with_a_text_that_no_record_can_have_is_refused(name: str, admin: Client) -> None:
    """JSON can write half of a surrogate pair, which no database can store."""
    document = "query($c: String) { learners(after: $c, orderBy: [{field: FAMILY_NAME}]) { nodes { id } } }"

    assert codes(await ask(admin, document, {"c": _cursor("FAMILY_NAME,ID", name, HEX)})) == ["CURSOR_INVALID"]


@pytest.mark.parametrize(
    "order",
    [
        "[{field: CREATED_AT}, {field: CREATED_AT}]",
        "[{field: CREATED_AT}, {field: FAMILY_NAME}, {field: GIVEN_NAME}, {field: CREATED_AT, direction: DESC}]",
    ],
)
async def test_an_order_names_each_field_once(order: str, admin: Client) -> None:
    answer = await ask(admin, f"{{ learners(orderBy: {order}) {{ nodes {{ id }} }} }}")

    assert codes(answer) == ["INPUT_INVALID"]
