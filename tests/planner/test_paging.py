"""Pages, orders and cursors: what can be meant, and what is refused."""

import base64
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from portal_api.planner.dialects import Dialect, PostgresDialect, SqliteDialect
from portal_api.planner.errors import RequestError
from portal_api.planner.paging import DEFAULT_PAGE, Order, Page, decode_cursor, encode_cursor, order_of
from portal_api.queries.history import HISTORY_ENTRY
from portal_api.queries.learners import LEARNER
from portal_api.queries.pathways import PATHWAY_STEP
from portal_api.queries.series import SERIES_ENROLMENT

ID = "019cade24d527eb1b5423ee8f2e0b501"
INSTANT = "2026-03-02T09:30:15.250001Z"
both_dialects = pytest.mark.parametrize("dialect", [SqliteDialect(), PostgresDialect()], ids=lambda own: own.name)


def by(*terms: str) -> list[dict[str, str]]:
    return [{"field": term.removeprefix("-"), "direction": "DESC" if term.startswith("-") else "ASC"} for term in terms]


@pytest.mark.parametrize(
    ("given", "page"),
    [
        ({}, Page(DEFAULT_PAGE, None, is_backwards=False)),
        ({"first": 1}, Page(1, None, is_backwards=False)),
        ({"first": 100}, Page(100, None, is_backwards=False)),
        ({"first": 3, "after": "c"}, Page(3, "c", is_backwards=False)),
        ({"after": "c"}, Page(DEFAULT_PAGE, "c", is_backwards=False)),
        ({"last": 3}, Page(3, None, is_backwards=True)),
        ({"last": 3, "before": "c"}, Page(3, "c", is_backwards=True)),
        ({"before": "c"}, Page(DEFAULT_PAGE, "c", is_backwards=True)),
        ({"first": 3, "after": None, "last": None, "before": None}, Page(3, None, is_backwards=False)),
        ({"first": None, "last": 3}, Page(3, None, is_backwards=True)),
        ({"first": 3, "after": ""}, Page(3, "", is_backwards=False)),
    ],
)
def test_a_page_goes_forwards_or_backwards(given: dict[str, Any], page: Page) -> None:
    assert Page.of(given, 100) == page


@pytest.mark.parametrize(
    "given",
    [
        {"first": 0},
        {"first": -1},
        {"first": 101},
        {"last": 0},
        {"last": 101},
        {"first": 1, "last": 1},
        {"first": 1, "before": "c"},
        {"last": 1, "after": "c"},
        {"after": "c", "before": "c"},
        {"first": 1, "after": "c", "last": 1, "before": "c"},
    ],
)
def test_a_page_that_cannot_be_meant_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(RequestError) as refused:
        Page.of(given, 100)

    assert refused.value.code.name == "PAGE_INVALID"


@pytest.mark.parametrize(
    ("given", "signature"),
    [
        (None, "ID"),
        ([], "ID"),
        (by("FAMILY_NAME"), "FAMILY_NAME,ID"),
        (by("-FAMILY_NAME"), "-FAMILY_NAME,-ID"),
        (by("-FAMILY_NAME", "CREATED_AT"), "-FAMILY_NAME,CREATED_AT,ID"),
        (by("FAMILY_NAME", "GIVEN_NAME", "-CREATED_AT"), "FAMILY_NAME,GIVEN_NAME,-CREATED_AT,-ID"),
    ],
)
def test_every_order_ends_in_the_id_in_the_direction_of_the_term_before(given: Any, signature: str) -> None:
    assert order_of(LEARNER, given).signature == signature


def test_history_is_told_from_its_end_when_nothing_is_said() -> None:
    assert order_of(HISTORY_ENTRY, None).signature == "-OCCURRED_AT,-ID"


@pytest.mark.parametrize(
    "terms",
    [
        ("ENDS_AT", "ENDS_AT"),
        ("ENDS_AT", "-ENDS_AT"),
        ("ENDS_AT", "STARTS_AT", "ENROLLED_AT", "WITHDRAWN_AT"),
    ],
)
def test_an_order_that_says_too_much_is_refused(terms: tuple[str, ...]) -> None:
    with pytest.raises(RequestError) as refused:
        order_of(SERIES_ENROLMENT, by(*terms))

    assert refused.value.code.name == "INPUT_INVALID"


@both_dialects
def test_a_cursor_says_the_order_and_the_place_and_is_read_as_it_was_written(dialect: Dialect) -> None:
    order = order_of(LEARNER, by("CREATED_AT", "FAMILY_NAME"))
    cursor = encode_cursor(order.signature, [INSTANT, "łukasz", ID])

    bound = decode_cursor(cursor, order, dialect)

    assert bound == {
        "cursor0": dialect.encode(datetime.fromisoformat(INSTANT)),
        "cursor1": "łukasz",
        "cursor2": dialect.encode(UUID(ID)),
    }


def forged(*values: Any, order: Order) -> str:
    """A cursor that somebody has made of their own: our form, other values."""
    return base64.urlsafe_b64encode(json.dumps([order.signature, *values]).encode()).decode()


CREATED = order_of(LEARNER, by("CREATED_AT"))
NAMED = order_of(LEARNER, by("FAMILY_NAME"))
STEPS = order_of(PATHWAY_STEP, None)


@both_dialects
def test_a_number_in_a_cursor_is_bound_as_a_number(dialect: Dialect) -> None:
    bound = decode_cursor(encode_cursor(STEPS.signature, ["12", ID]), STEPS, dialect)

    assert bound == {"cursor0": 12, "cursor1": dialect.encode(UUID(ID))}


@both_dialects
@pytest.mark.parametrize(
    ("cursor", "order"),
    [
        ("", CREATED),
        ("nonsense", CREATED),
        ("né", CREATED),
        ("=====", CREATED),
        (base64.b64encode(b"\xff\xfe\xfd").decode(), CREATED),
        (base64.b64encode(b"null").decode(), CREATED),
        (base64.b64encode(b"7").decode(), CREATED),
        (base64.b64encode(b"[]").decode(), CREATED),
        (base64.b64encode(b"{}").decode(), CREATED),
        (base64.b64encode(b'"text"').decode(), CREATED),
        (base64.b64encode(b"[" * 100_000).decode(), CREATED),
        (base64.b64encode(b"[" + b"1" * 10_000 + b"]").decode(), CREATED),
        (encode_cursor(NAMED.signature, ["zoe", ID]), CREATED),
        (encode_cursor("-CREATED_AT,-ID", [INSTANT, ID]), CREATED),
        (forged(INSTANT, order=CREATED), CREATED),
        (forged(INSTANT, ID, ID, order=CREATED), CREATED),
        (forged(INSTANT, "nonsense", order=CREATED), CREATED),
        (forged(INSTANT, None, order=CREATED), CREATED),
        (forged(INSTANT, [ID], order=CREATED), CREATED),
        (forged(INSTANT, {"id": ID}, order=CREATED), CREATED),
        (forged("yesterday", ID, order=CREATED), CREATED),
        (forged(7, ID, order=CREATED), CREATED),
        (forged(True, ID, order=CREATED), CREATED),
        (forged("2026-03-02T09:30:15", ID, order=CREATED), CREATED),
        (forged("0001-01-01T00:00:00+23:59", ID, order=CREATED), CREATED),
        (forged("9999-12-31T23:59:59-23:59", ID, order=CREATED), CREATED),
        (forged("a\x00b", ID, order=NAMED), NAMED),
        (forged("\ud800", ID, order=NAMED), NAMED),
        (forged(7, ID, order=NAMED), NAMED),
        (forged(None, ID, order=NAMED), NAMED),
        (forged(7, ID, order=STEPS), STEPS),
        (forged("first", ID, order=STEPS), STEPS),
        (forged("1.0", ID, order=STEPS), STEPS),
        (forged(" 1", ID, order=STEPS), STEPS),
        (forged(str(2**31), ID, order=STEPS), STEPS),
        (forged("9" * 5_000, ID, order=STEPS), STEPS),
    ],
)
def test_a_text_that_the_order_never_gave_is_no_cursor(cursor: str, order: Order, dialect: Dialect) -> None:
    with pytest.raises(RequestError) as refused:
        decode_cursor(cursor, order, dialect)

    assert refused.value.code.name == "CURSOR_INVALID"


@both_dialects
def test_an_instant_in_a_cursor_may_be_written_with_any_offset(dialect: Dialect) -> None:
    cursor = forged("2026-03-02T22:30:15.250001+13:00", ID, order=CREATED)

    assert decode_cursor(cursor, CREATED, dialect)["cursor0"] == dialect.encode(
        datetime(2026, 3, 2, 9, 30, 15, 250_001, tzinfo=UTC)
    )
