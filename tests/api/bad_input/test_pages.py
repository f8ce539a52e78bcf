"""The sizes and ends of pages."""

import json
from typing import Any

import pytest

from tests.api.bad_input.sending import ask, send
from tests.client import Client, codes
from tests.factories import Organisation


@pytest.mark.parametrize(
    "page",
    [
        "first: 0",
        "first: -1",
        "first: 1001",
        "last: 0",
        "last: 1001",
        "first: 1, last: 1",
        'first: 1, before: "x"',
        'last: 1, after: "x"',
        'after: "x", before: "y"',
        "first: 2147483647",
        "first: -2147483648",
    ],
)
async def test_a_page_that_cannot_be_meant_is_refused(page: str, admin: Client) -> None:
    answer = await ask(admin, f"{{ learners({page}) {{ nodes {{ id }} }} }}")

    assert codes(answer) in (["PAGE_INVALID"], ["QUERY_TOO_COSTLY"])
    if "1001" in page or "0" in page.split():
        assert codes(answer) == ["PAGE_INVALID"]


async def test_a_nested_page_has_a_hundred_records_at_the_most(organisation: Organisation, admin: Client) -> None:
    document = "query($n: Int) { learners(first: 1) { nodes { reports(first: $n) { nodes { id } } } } }"

    assert codes(await ask(admin, document, {"n": 101})) == ["PAGE_INVALID"]
    assert codes(await ask(admin, document, {"n": 0})) == ["PAGE_INVALID"]
    assert codes(await ask(admin, document, {"n": 100})) == []


@pytest.mark.parametrize("size", [2**31, -(2**31) - 1, 10**40, 1.5, "10", True, [1], {}])
async def test_a_page_size_that_is_no_small_whole_number_is_invalid(size: Any, admin: Client) -> None:
    body = json.dumps({"query": "query($n: Int) { learners(first: $n) { totalCount } }", "variables": {"n": size}})

    assert codes(await send(admin, body.encode())) == ["INPUT_INVALID"]


@pytest.mark.parametrize("size", ["2147483648", "-2147483649", "9" * 5_000, "1.5", '"10"', "true"])
async def test_a_page_size_in_the_document_that_is_no_small_whole_number_is_invalid(size: str, admin: Client) -> None:
    answer = await ask(admin, f"{{ learners(first: {size}) {{ totalCount }} }}")

    assert set(codes(answer)) <= {"DOCUMENT_INVALID", "QUERY_TOO_COSTLY"}
    assert codes(answer)


@pytest.mark.parametrize("limit", [0, -1, 1_001])
async def test_a_selection_of_ids_has_one_to_a_thousand(limit: int, admin: Client) -> None:
    answer = await ask(admin, f"{{ seriesEnrolmentIds(limit: {limit}) {{ ids }} }}")

    assert codes(answer) == ["PAGE_INVALID"]
