"""Texts and instants."""

from typing import Any

import orjson
import pytest

from tests.api.bad_input.sending import LONG, ask, send
from tests.client import Client, codes

TEXTS = {
    "a null character": "\x00",
    "a null character within": "a\x00b",
    "a backslash": "\\",
    "wild cards": "%_%",
    "a quotation mark": "' OR '1'='1",
    "an emoji": "\U0001f600",
    "accents that stand alone": "\u0301\u0301",
    "a letter that grows": "\ufb03" * 10,
    "right to left": "\u202eabc",
    "line ends": "\r\n\t\u2028",
    "nothing": "",
    "the last character": "\U0010ffff",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
async def test_any_text_is_searched_for_or_refused(text: str, admin: Client) -> None:
    for document in (
        "query($t: String!) { learners(filter: {search: $t}) { totalCount nodes { id } } }",
        "query($t: String!) { seriesLibrary(filter: {search: $t}) { totalCount } }",
        "query($t: String!) { seriesEnrolments(filter: {search: $t}) { totalCount } }",
        "query($t: String!) { learners { nodes { seriesEnrolments(filter: {search: $t}) { totalCount } } } }",
        "query($t: String!) { learner(externalRef: $t) { id } }",
        "query($t: String!) { learners(filter: {externalRef: {eq: $t}}) { totalCount } }",
        "query($t: String!) { learners(filter: {externalRef: {in: [$t]}}) { totalCount } }",
        "query($t: String!) { seriesEnrolmentIds(filter: {externalRef: {notIn: [$t]}}) { totalCount } }",
    ):
        answer = await ask(admin, document, {"t": text})

        assert codes(answer) == (["INPUT_INVALID"] if "\x00" in text else []), document


async def test_a_search_has_an_end(admin: Client) -> None:
    document = "query($t: String!) { learners(filter: {search: $t}) { totalCount } }"

    for text in ("a" * LONG, "\ufdfa" * 60_000, "\ufdfa" * 2, " ".join("abcdefg"), "_" * LONG):
        assert codes(await ask(admin, document, {"t": text})) == ["INPUT_INVALID"]
    assert codes(await ask(admin, document, {"t": "\ufb03" * 200})) == []
    assert codes(await ask(admin, document, {"t": "%" * 200})) == []


@pytest.mark.parametrize(
    "text",
    ['"\\ud800"', '"a\\udfff"', '"\\udc00\\ud800"'],
    ids=["half a pair", "the other half", "the wrong way round"],
)
async def test_half_a_surrogate_pair_is_no_text(text: str, admin: Client) -> None:
    document = '{"query": "query($t: String) { learner(externalRef: $t) { id } }", "variables": {"t": %s}}'

    in_variables = await send(admin, (document % text).encode(), 400)
    in_document = await ask(admin, f"{{ learner(externalRef: {text}) {{ id }} }}")

    assert codes(in_variables) == ["REQUEST_INVALID"]
    assert codes(in_document) == ["DOCUMENT_INVALID"]


@pytest.mark.parametrize(
    "instant",
    [
        "",
        "yesterday",
        "2026-03-02",
        "2026-03-02T09:30:15",
        "2026-13-02T09:30:15Z",
        "2026-02-30T09:30:15Z",
        "2026-03-02T25:30:15Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "2026-03-02T09:30:15+25:00",
        1_772_443_815,
        1.5,
        True,
        [],
        {},
    ],
    ids=repr,
)
async def test_what_is_no_instant_is_invalid(instant: Any, admin: Client) -> None:
    in_variable = await ask(
        admin, "query($t: DateTime) { learners(filter: {createdAt: {gt: $t}}) { totalCount } }", {"t": instant}
    )
    in_document = await ask(
        admin, f"{{ learners(filter: {{createdAt: {{gt: {orjson.dumps(instant).decode()}}}}}) {{ totalCount }} }}"
    )

    assert codes(in_variable) == ["INPUT_INVALID"]
    assert codes(in_document) == ["DOCUMENT_INVALID"]


@pytest.mark.parametrize(
    "instant", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "2026-03-02T00:00:00+13:45"]
)
async def test_instants_of_all_years_and_zones_can_be_asked_about(instant: str, admin: Client) -> None:
    document = "query($t: DateTime) { learners(filter: {createdAt: {gt: $t}}) { totalCount } }"

    assert codes(await ask(admin, document, {"t": instant})) == []
