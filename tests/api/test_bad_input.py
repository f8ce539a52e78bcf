"""Whatever comes in, the answer is a coded error that shows nothing of the inside, and nothing is changed."""

import base64
import json
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from portal_api.auth import Claims, Tokens
from portal_api.domain.roles import Role
from tests.api.cases import MutationCase, call_codes, each_mutation
from tests.api.conftest import Portal
from tests.api.tidiness import tidy
from tests.client import HOUR, Client, Json, codes
from tests.clock import ManualClock, RepeatableIds
from tests.conftest import SIGNING_KEY, SignIn
from tests.factories import PREFIXES, Organisation

LONG = 100_000
MANY_CALLS = 1_500_000


@pytest.fixture
async def admin(organisation: Organisation, sign_in: SignIn) -> AsyncIterator[Client]:
    """An Admin of an organisation in which nothing is changed, whatever they send."""
    organisation.enrolment(organisation.learner(), organisation.series())
    await organisation.save()
    before = await organisation.everything()
    yield sign_in(Role.ADMIN)
    assert await organisation.everything() == before


async def _sent(client: Client, body: bytes, status: int = 200, **headers: str) -> Any:
    response = await client.post_raw(body, **headers)
    assert response.status_code == status, response.text[:500]
    return tidy(response)


async def _asked(client: Client, document: str, variables: Any = None, status: int = 200, **more: Any) -> Any:
    return await _sent(client, orjson.dumps({"query": document, "variables": variables, **more}), status)


# What names records.


@dataclass(frozen=True)
class Wrong:
    """An id that no record can have here, and how it is answered."""

    id: str
    code: str


HEX = "0123456789abcdef" * 2
MALFORMED = ["", " ", "5", "sen_", f"sen_{HEX[1:]}", f"sen_{HEX}0", f"SEN_{HEX}", f"sen_{HEX.upper()}", f" sen_{HEX}"]
MALFORMED += [
    f"sen_{HEX}\n",
    f"sen-{HEX}",
    HEX,
    "sen_\x00" + HEX[1:],
    "sen_' OR 1=1 --",
    "sén_" + HEX,
    "x" * LONG,
    "\U0001f600",
]


@pytest.mark.parametrize("id_", MALFORMED, ids=[repr(each[:40]) for each in MALFORMED])
async def test_a_malformed_id_is_said_to_be_invalid(id_: str, admin: Client) -> None:
    for document in (
        "query($id: ID!) { node(id: $id) { id } }",
        "query($id: ID!) { nodes(ids: [$id]) { id } }",
        "query($id: ID!) { seriesEnrolment(id: $id) { id } }",
        "query($id: ID!) { seriesEnrolments(filter: {id: {eq: $id}}) { totalCount } }",
        "query($id: ID!) { seriesEnrolments(filter: {learnerId: {notIn: [$id]}}) { nodes { id } } }",
        "query($id: ID!) { learners(filter: {reportsTo: {manager: $id}}) { totalCount } }",
        "query($id: ID!) { seriesEnrolmentIds(filter: {seriesId: {in: [$id]}}) { ids } }",
        "mutation($id: ID!) { reactivateLearners(input: {ids: [$id]}) { counts { changed } } }",
        "mutation($id: ID!) { withdrawSeriesEnrolments(input: {ids: [$id], reason: ENROLMENT_ERROR}) { counts { changed } } }",
    ):
        answer = await _asked(admin, document, {"id": id_})

        assert codes(answer) == ["ID_INVALID"], document
        assert len(answer["errors"][0]["message"]) < 500


@each_mutation
async def test_an_id_of_another_type_is_said_to_be_invalid(
    case: MutationCase, sign_in: SignIn, organisation: Organisation, new_id: RepeatableIds
) -> None:
    admin = sign_in(case.caller)
    for prefix in {*PREFIXES.values(), "his"} - {PREFIXES[case.table]}:
        answer = await case.answer(admin, f"{prefix}_{new_id(admin.clock()).hex}")

        assert codes(answer) == ["ID_INVALID"]
        assert f"begins with '{PREFIXES[case.table]}_'" in answer["errors"][0]["message"]


async def test_an_unknown_id_is_null_where_one_is_asked_for(admin: Client) -> None:
    document = f'{{ node(id: "lrn_{HEX}") {{ id }} nodes(ids: ["his_{HEX}", "org_{HEX}"]) {{ id }} }}'

    assert await _asked(admin, document) == {"data": {"node": None, "nodes": [None, None]}}


@each_mutation
async def test_an_unknown_id_is_a_row_that_is_not_found(case: MutationCase, sign_in: SignIn) -> None:
    admin = sign_in(case.caller)
    payload = await case.payload(admin, f"{PREFIXES[case.table]}_{HEX}")

    assert [error["code"] for error in payload["results"][0]["errors"]] == ["NOT_FOUND"]
    assert payload["counts"] == {"changed": 0, "unchanged": 0, "refused": 1}


@each_mutation
async def test_more_than_a_thousand_rows_are_refused_and_not_cut_off(case: MutationCase, sign_in: SignIn) -> None:
    admin = sign_in(case.caller)
    ids = [f"{PREFIXES[case.table]}_{number:032x}" for number in range(1_001)]

    too_many = await case.payload(admin, *ids, idempotencyKey="k")
    repeated = await case.payload(admin, *ids[:1] * 1_001)
    just_right = await case.payload(admin, *ids[:1_000], preview=True)

    for payload in (too_many, repeated):
        assert call_codes(payload) == ["LIMIT_EXCEEDED"]
        assert payload["errors"][0]["path"] == ["input", "ids"]
        assert "1001" in payload["errors"][0]["message"]
        assert payload["results"] == []
    assert just_right["counts"]["refused"] == 1_000


@each_mutation
async def test_an_empty_list_is_refused(case: MutationCase, sign_in: SignIn) -> None:
    admin = sign_in(case.caller)
    payload = await case.payload(admin, idempotencyKey="k")

    assert call_codes(payload) == ["LIST_EMPTY"]
    assert payload["results"] == []


async def test_nodes_takes_a_hundred_ids(admin: Client) -> None:
    document = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    ids = [f"lrn_{number:032x}" for number in range(101)]

    assert codes(await _asked(admin, document, {"ids": ids})) == ["LIMIT_EXCEEDED"]
    assert (await _asked(admin, document, {"ids": ids[:100]}))["data"]["nodes"] == [None] * 100
    assert (await _asked(admin, document, {"ids": []}))["data"]["nodes"] == []


async def test_a_filter_takes_a_thousand_values(admin: Client) -> None:
    document = "query($ids: [ID!]) { learners(filter: {id: {in: $ids}}) { totalCount } }"
    ids = [f"lrn_{number:032x}" for number in range(1_001)]

    assert codes(await _asked(admin, document, {"ids": ids})) == ["LIMIT_EXCEEDED"]
    assert (await _asked(admin, document, {"ids": ids[:1_000]}))["data"]["learners"] == {"totalCount": 0}


@pytest.mark.parametrize("arguments", ["", "(id: null)", "(externalRef: null)", f'(id: "lrn_{HEX}", externalRef: "L")'])
async def test_one_record_is_asked_for_in_exactly_one_way(arguments: str, admin: Client) -> None:
    assert codes(await _asked(admin, f"{{ learner{arguments} {{ id }} }}")) == ["INPUT_INVALID"]


# What is given to a change.

WITHDRAWAL = "mutation($input: WithdrawSeriesEnrolmentsInput!) { withdrawSeriesEnrolments(input: $input) { counts { changed } errors { code path } } }"
ENOUGH: Json = {"ids": [f"sen_{HEX}"], "reason": "ENROLMENT_ERROR"}


@pytest.mark.parametrize(
    "given",
    [
        {"ids": ENOUGH["ids"]},
        {"reason": "ENROLMENT_ERROR"},
        {**ENOUGH, "reason": None},
        {**ENOUGH, "reason": "BECAUSE"},
        {**ENOUGH, "reason": "enrolment_error"},
        {**ENOUGH, "reason": 1},
        {**ENOUGH, "ids": None},
        {**ENOUGH, "ids": [None]},
        {**ENOUGH, "ids": {"eq": "x"}},
        {**ENOUGH, "ids": [[ENOUGH["ids"][0]]]},
        {**ENOUGH, "preview": None},
        {**ENOUGH, "preview": "yes"},
        {**ENOUGH, "errorPolicy": None},
        {**ENOUGH, "errorPolicy": "REJECT_NOTHING"},
        {**ENOUGH, "note": 5},
        {**ENOUGH, "idempotencyKey": ["k"]},
        {**ENOUGH, "expectedVersions": [{"id": ENOUGH["ids"][0]}]},
        {**ENOUGH, "expectedVersions": [{"id": ENOUGH["ids"][0], "version": 1.5}]},
        {**ENOUGH, "expectedVersions": [{"id": ENOUGH["ids"][0], "version": 2**31}]},
        {**ENOUGH, "expectedVersions": [{"id": ENOUGH["ids"][0], "version": 10**30}]},
        {**ENOUGH, "surprise": True},
        [],
        "input",
        None,
    ],
    ids=repr,
)
async def test_an_input_that_does_not_fit_its_type_is_invalid(given: Any, admin: Client) -> None:
    body = json.dumps({"query": WITHDRAWAL, "variables": {"input": given}}).encode()

    answer = await _sent(admin, body)

    assert set(codes(answer)) <= {"INPUT_INVALID", "ID_INVALID"}
    assert codes(answer)
    assert answer.get("data") in (None, {"withdrawSeriesEnrolments": None})


async def test_a_reason_left_out_of_the_document_makes_the_document_invalid(admin: Client) -> None:
    document = f'mutation {{ withdrawSeriesEnrolments(input: {{ids: ["sen_{HEX}"]}}) {{ counts {{ changed }} }} }}'

    assert codes(await _asked(admin, document)) == ["DOCUMENT_INVALID"]


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"idempotencyKey": ""}, "idempotencyKey"),
        ({"idempotencyKey": "k" * 201}, "idempotencyKey"),
        ({"idempotencyKey": "k\x00"}, "idempotencyKey"),
        ({"note": "n" * 2_001}, "note"),
        ({"note": "n\x00"}, "note"),
        ({"expectedVersions": [{"id": f"sen_{'f' * 32}", "version": 1}]}, "expectedVersions"),
    ],
    ids=lambda value: repr(value)[:50],
)
async def test_what_cannot_be_meant_refuses_the_call(given: Json, path: str, admin: Client) -> None:
    answer = await _asked(admin, WITHDRAWAL, {"input": {**ENOUGH, **given}})

    assert answer["data"]["withdrawSeriesEnrolments"] == {
        "counts": {"changed": 0},
        "errors": [{"code": "INPUT_INVALID", "path": ["input", path]}],
    }


async def test_everything_that_is_wrong_with_a_call_is_said_at_once(admin: Client) -> None:
    given = {"ids": [], "reason": "ENROLMENT_ERROR", "idempotencyKey": "", "note": "\x00"}

    answer = await _asked(admin, WITHDRAWAL, {"input": given})

    told = answer["data"]["withdrawSeriesEnrolments"]["errors"]
    assert [error["path"][1] for error in told] == ["ids", "idempotencyKey", "note"]


async def test_the_longest_key_and_note_are_taken(organisation: Organisation, sign_in: SignIn) -> None:
    enrolment = organisation.enrolment(organisation.learner(), organisation.series())
    given = {**ENOUGH, "ids": [enrolment.gid], "idempotencyKey": "\U0001f511" * 200, "note": "\U0001f4dd" * 2_000}

    answer = await _asked(sign_in(Role.ADMIN), WITHDRAWAL, {"input": given})

    assert answer["data"]["withdrawSeriesEnrolments"] == {"counts": {"changed": 1}, "errors": []}


# Pages and cursors.


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
    answer = await _asked(admin, f"{{ learners({page}) {{ nodes {{ id }} }} }}")

    assert codes(answer) in (["PAGE_INVALID"], ["QUERY_TOO_COSTLY"])
    if "1001" in page or "0" in page.split():
        assert codes(answer) == ["PAGE_INVALID"]


async def test_a_nested_page_has_a_hundred_records_at_the_most(organisation: Organisation, admin: Client) -> None:
    document = "query($n: Int) { learners(first: 1) { nodes { reports(first: $n) { nodes { id } } } } }"

    assert codes(await _asked(admin, document, {"n": 101})) == ["PAGE_INVALID"]
    assert codes(await _asked(admin, document, {"n": 0})) == ["PAGE_INVALID"]
    assert codes(await _asked(admin, document, {"n": 100})) == []


@pytest.mark.parametrize("size", [2**31, -(2**31) - 1, 10**40, 1.5, "10", True, [1], {}])
async def test_a_page_size_that_is_no_small_whole_number_is_invalid(size: Any, admin: Client) -> None:
    body = json.dumps({"query": "query($n: Int) { learners(first: $n) { totalCount } }", "variables": {"n": size}})

    assert codes(await _sent(admin, body.encode())) == ["INPUT_INVALID"]


@pytest.mark.parametrize("size", ["2147483648", "-2147483649", "9" * 5_000, "1.5", '"10"', "true"])
async def test_a_page_size_in_the_document_that_is_no_small_whole_number_is_invalid(size: str, admin: Client) -> None:
    answer = await _asked(admin, f"{{ learners(first: {size}) {{ totalCount }} }}")

    assert set(codes(answer)) <= {"DOCUMENT_INVALID", "QUERY_TOO_COSTLY"}
    assert codes(answer)


@pytest.mark.parametrize("limit", [0, -1, 1_001])
async def test_a_selection_of_ids_has_one_to_a_thousand(limit: int, admin: Client) -> None:
    answer = await _asked(admin, f"{{ seriesEnrolmentIds(limit: {limit}) {{ ids }} }}")

    assert codes(answer) == ["PAGE_INVALID"]


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

        assert codes(await _asked(admin, document, {"c": cursor})) == ["CURSOR_INVALID"]


@pytest.mark.parametrize("name", ["\ud800", "a\udfff", "\x00", "a\x00b"], ids=repr)
async def test_a_cursor_with_a_text_that_no_record_can_have_is_refused(name: str, admin: Client) -> None:
    """JSON can write half of a surrogate pair, which no database can store."""
    document = "query($c: String) { learners(after: $c, orderBy: [{field: FAMILY_NAME}]) { nodes { id } } }"

    assert codes(await _asked(admin, document, {"c": _cursor("FAMILY_NAME,ID", name, HEX)})) == ["CURSOR_INVALID"]


@pytest.mark.parametrize(
    "order",
    [
        "[{field: CREATED_AT}, {field: CREATED_AT}]",
        "[{field: CREATED_AT}, {field: FAMILY_NAME}, {field: GIVEN_NAME}, {field: CREATED_AT, direction: DESC}]",
    ],
)
async def test_an_order_names_each_field_once(order: str, admin: Client) -> None:
    answer = await _asked(admin, f"{{ learners(orderBy: {order}) {{ nodes {{ id }} }} }}")

    assert codes(answer) == ["INPUT_INVALID"]


# Texts and instants.

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
        answer = await _asked(admin, document, {"t": text})

        assert codes(answer) == (["INPUT_INVALID"] if "\x00" in text else []), document


async def test_a_search_has_an_end(admin: Client) -> None:
    document = "query($t: String!) { learners(filter: {search: $t}) { totalCount } }"

    for text in ("a" * LONG, "\ufdfa" * 60_000, "\ufdfa" * 2, " ".join("abcdefg"), "_" * LONG):
        assert codes(await _asked(admin, document, {"t": text})) == ["INPUT_INVALID"]
    assert codes(await _asked(admin, document, {"t": "\ufb03" * 200})) == []
    assert codes(await _asked(admin, document, {"t": "%" * 200})) == []


@pytest.mark.parametrize(
    "text",
    ['"\\ud800"', '"a\\udfff"', '"\\udc00\\ud800"'],
    ids=["half a pair", "the other half", "the wrong way round"],
)
async def test_half_a_surrogate_pair_is_no_text(text: str, admin: Client) -> None:
    document = '{"query": "query($t: String) { learner(externalRef: $t) { id } }", "variables": {"t": %s}}'

    in_variables = await _sent(admin, (document % text).encode(), 400)
    in_document = await _asked(admin, f"{{ learner(externalRef: {text}) {{ id }} }}")

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
    in_variable = await _asked(
        admin, "query($t: DateTime) { learners(filter: {createdAt: {gt: $t}}) { totalCount } }", {"t": instant}
    )
    in_document = await _asked(
        admin, f"{{ learners(filter: {{createdAt: {{gt: {orjson.dumps(instant).decode()}}}}}) {{ totalCount }} }}"
    )

    assert codes(in_variable) == ["INPUT_INVALID"]
    assert codes(in_document) == ["DOCUMENT_INVALID"]


@pytest.mark.parametrize(
    "instant", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "2026-03-02T00:00:00+13:45"]
)
async def test_instants_of_all_years_and_zones_can_be_asked_about(instant: str, admin: Client) -> None:
    document = "query($t: DateTime) { learners(filter: {createdAt: {gt: $t}}) { totalCount } }"

    assert codes(await _asked(admin, document, {"t": instant})) == []


# Documents.


async def _in_time(client: Client, document: str) -> list[str]:
    """The codes of the answer, which takes no more function calls than a small machine makes in a moment."""
    calls = 0

    def count(_frame: object, event: str, _value: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        answer = await _asked(client, document)
    finally:
        sys.setprofile(None)
    assert calls < MANY_CALLS
    return codes(answer)


def _doubling(type_: str, end: str, below: str = "...{next} ...{next}", times: int = 40) -> str:
    links = [f"fragment F{n} on {type_} {{ {below.format(next=f'F{n + 1}')} }}" for n in range(times)]
    return " ".join([*links, f"fragment F{times} on {type_} {{ {end} }}"])


DOUBLED = {
    "at the root": f"{{ ...F0 }} {_doubling('Query', 'viewer { role }')}",
    "typename at the root": f"{{ ...F0 }} {_doubling('Query', '__typename')}",
    "below a field": f"{{ viewer {{ ...F0 }} }} {_doubling('Viewer', 'role')}",
    "with a field each": f"{{ viewer {{ learner {{ ...F0 }} }} }} "
    f"{_doubling('Learner', 'id', 'a: manager {{ ...{next} }} b: manager {{ ...{next} }}')}",
    "with a list each": f"{{ learners {{ nodes {{ ...F0 }} }} }} "
    f"{_doubling('Learner', 'id', 'a: reports {{ nodes {{ ...{next} }} }} b: reports {{ nodes {{ ...{next} }} }}')}",
    "in inline fragments": f"{{ viewer {{ ...F0 }} }} {_doubling('Viewer', 'role', '... {{ ...{next} }} ... {{ ...{next} }}')}",
}


@pytest.mark.parametrize("document", DOUBLED.values(), ids=DOUBLED.keys())
async def test_nested_fragments_that_double_forty_times_are_answered_at_once(document: str, admin: Client) -> None:
    told = await _in_time(admin, document)

    assert told in (["QUERY_TOO_COSTLY"], [])


COSTLY = {
    "one field ten thousand times": "{ viewer { " + "role " * 10_000 + "} }",
    "one root field ten thousand times": "{ " + "viewer { role } " * 3_000 + "}",
    "one list a thousand times": "{ learners { nodes { " + "reports { totalCount } " * 1_000 + "} } }",
    "one name of introspection ten thousand times": "{ __schema { types { " + "name " * 10_000 + "} } }",
    "one unknown field ten thousand times": "{ nosuch { " + "a " * 10_000 + "} }",
    "a hundred thousand characters of a comment": "{ viewer { role } } #" + "x" * LONG,
    "a hundred thousand brackets": "[" * LONG,
    "a hundred thousand levels": "{ a" * LONG,
    "seven thousand levels": "{ a" * 7_000 + " }" * 7_000,
    "seven hundred levels": "{ a" * 700 + " }" * 700,
    "a hundred levels": "{ viewer { learner { " + "manager { " * 100 + "id" + " }" * 103,
    "a value of ten thousand levels": "{ learners(filter: " + "[" * 5_000 + "]" * 5_000 + ") { totalCount } }",
    "a value of nine hundred levels": "{ learners(filter: " + "{id: " * 900 + "1" + "}" * 900 + ") { totalCount } }",
    "a type of nine hundred levels": "query($v: " + "[" * 900 + "Int" + "]" * 900 + ") { viewer { role } }",
    "ten thousand arguments": "{ learners(" + "first: 1 " * 3_000 + ") { totalCount } }",
    "ten thousand variables": "query(" + "".join(f"$v{n}: Int " for n in range(3_000)) + ") { viewer { role } }",
    "ten thousand directives": "{ viewer { role " + "@skip(if: true) " * 2_000 + "} }",
    "ten thousand operations": " ".join(f"query Q{n} {{ viewer {{ role }} }}" for n in range(1_600)),
    "six hundred fragments side by side": "{ viewer { "
    + " ".join(f"...F{n}" for n in range(600))
    + " } } "
    + " ".join(f"fragment F{n} on Viewer {{ a{n}: role }}" for n in range(600)),
    "a fragment that spreads itself": "{ viewer { ...F } } fragment F on Viewer { ...F }",
    "two fragments that spread each other": "{ viewer { ...F } } fragment F on Viewer { ...G } fragment G on Viewer { ...F }",
    "types within types": "{ __schema { types { " + "fields { type { " * 20 + "name" + " } }" * 20 + " } } }",
    "types of types": '{ __type(name: "Learner") { ' + "ofType { " * 200 + "name" + " }" * 200 + " } }",
    "twenty thousand records": "{ learners(first: 1000) { nodes { reports(first: 20) { nodes { id } } } } }",
    "twenty thousand records by variable": "query($n: Int) "
    "{ learners(first: $n) { nodes { reports(first: $n) { nodes { id } } } } }",
    "more than a hundred root fields": "{ " + " ".join(f"a{n}: viewer {{ role }}" for n in range(101)) + " }",
    "a page of less than nothing beside a large one": "{ a: learners(first: -1000) { nodes { id } } "
    "b: learners(first: 1000) { nodes { reports(first: 30) { nodes { id } } } } }",
    "thirteen levels": "{ learners { nodes " + "{ manager " * 11 + "{ id }" + " }" * 13,
}


@pytest.mark.parametrize("document", COSTLY.values(), ids=COSTLY.keys())
async def test_a_document_that_asks_for_too_much_is_refused_at_once(document: str, admin: Client) -> None:
    told = await _in_time(admin, document)

    assert set(told) <= {"QUERY_TOO_COSTLY", "DOCUMENT_INVALID", "REQUEST_INVALID"}
    assert told


@pytest.mark.parametrize(
    "document",
    [
        "{ learners(first: 1000) { nodes { reports(first: 19) { nodes { id } } } } }",
        "{ " + " ".join(f"a{n}: viewer {{ role }}" for n in range(100)) + " }",
        "{ learners { nodes " + "{ manager " * 9 + "{ id }" + " }" * 11,
        "{ viewer { role } } #" + "x" * (LONG - 21),
    ],
    ids=["twenty thousand records", "a hundred root fields", "twelve levels", "a hundred thousand characters"],
)
async def test_a_document_at_its_limits_is_answered(document: str, admin: Client) -> None:
    assert codes(await _asked(admin, document)) == []


INVALID = {
    "nothing": "",
    "a blank": " \n",
    "no document": "hello",
    "an unknown field": "{ students { id } }",
    "an unknown argument": "{ learners(status: ACTIVE) { totalCount } }",
    "an unknown type": "{ node(id: 1) { ... on Student { id } } }",
    "an unknown enum value": "{ learners(filter: {status: {eq: GONE}}) { totalCount } }",
    "an unknown directive": "{ viewer @live { role } }",
    "an unknown fragment": "{ viewer { ...Nobody } }",
    "a fragment alone": "fragment F on Viewer { role }",
    "a fragment that nobody spreads": "{ viewer { role } } fragment F on Viewer { role }",
    "a field without a selection": "{ viewer }",
    "a leaf with a selection": "{ viewer { role { id } } }",
    "a variable that is not there": "{ learner(id: $id) { id } }",
    "a variable of another type": "query($id: Int) { learner(id: $id) { id } }",
    "a variable of no type": "query($id: Student) { learner(id: $id) { id } }",
    "two fields of one name": "{ learner: series(id: 1) { id } learner(id: 1) { id } }",
    "a type definition": "type Query { hello: String }",
    "a subscription": "subscription { learners { id } }",
    "two operations without a name": "{ viewer { role } } { viewer { role } }",
    "a missing argument": "{ node { id } }",
    "null where there must be something": "{ node(id: null) { id } }",
    "an unfinished text": '{ learner(externalRef: "x) { id } }',
    "a character that is none": "{ viewer { role } \x07 }",
    "a byte order mark alone": "\ufeff",
}


@pytest.mark.parametrize("document", INVALID.values(), ids=INVALID.keys())
async def test_a_document_that_does_not_fit_the_schema_is_invalid(document: str, admin: Client) -> None:
    told = codes(await _asked(admin, document))

    assert set(told) == {"DOCUMENT_INVALID"}
    assert len(told) <= 21


# Requests.

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
    assert codes(await _sent(admin, body, 400)) == ["REQUEST_INVALID"]


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

    assert codes(await _sent(admin, body, 413)) == ["REQUEST_TOO_LARGE"]


async def test_a_body_sent_in_pieces_is_measured_as_it_comes(admin: Client) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b" " * 1_000_000
        raise AssertionError("nobody needs the rest")

    headers = {"authorization": f"Bearer {admin.token}", "content-type": "application/json"}
    response = await admin.http.post("/graphql", content=pieces(), headers=headers)

    assert response.status_code == 413


# Tokens.


def _token(claims: Json, key: str = SIGNING_KEY, algorithm: str = "HS256") -> str:
    return jwt.encode({"alg": algorithm}, claims, OctKey.import_key(key), algorithms=[algorithm])


def _unsigned(header: Any, claims: Any) -> str:
    parts = (base64.urlsafe_b64encode(orjson.dumps(each)).rstrip(b"=").decode() for each in (header, claims))
    return ".".join([*parts, ""])


WrongToken = Callable[[Json], str]
WRONG_TOKENS: dict[str, WrongToken] = {
    "expired": lambda claims: _token({**claims, "exp": claims["iat"]}),
    "expired at this very instant": lambda claims: _token({**claims, "exp": claims["exp"] - 3_600}),
    "that never expires": lambda claims: _token({name: claims[name] for name in claims if name != "exp"}),
    "that expires in words": lambda claims: _token({**claims, "exp": "tomorrow"}),
    "signed with another key": lambda claims: _token(claims, "some other key of forty characters, or so"),
    "for another audience": lambda claims: _token({**claims, "aud": "another portal"}),
    "for no audience": lambda claims: _token({name: claims[name] for name in claims if name != "aud"}),
    "for a list of audiences": lambda claims: _token({**claims, "aud": ["another portal"]}),
    "without a signature": lambda claims: _unsigned({"alg": "none"}, claims),
    "without a signature, in other letters": lambda claims: _unsigned({"alg": "NONE"}, claims),
    "of another algorithm": lambda claims: _token(claims, algorithm="HS512"),
    "of no algorithm": lambda claims: _unsigned({"typ": "JWT"}, claims),
    "with a critical extension": lambda claims: _unsigned({"alg": "HS256", "crit": ["exp"]}, claims),
    "whose signature is cut": lambda claims: _token(claims)[:-2],
    "whose claims are changed": lambda claims: ".".join(
        [
            _token(claims).split(".")[0],
            _unsigned({}, {**claims, "sub": HEX}).split(".")[1],
            _token(claims).split(".")[2],
        ]
    ),
    "whose claims are a list": lambda _: _unsigned({"alg": "HS256"}, []),
    "whose header is a list": lambda claims: _unsigned([], claims),
    "whose header is a number": lambda claims: _unsigned(5, claims),
    "whose header is null": lambda claims: _unsigned(None, claims),
    "of one part": lambda _: "token",
    "of two parts": lambda _: "a.b",
    "of three parts": lambda _: "a.b.c",
    "of five parts": lambda _: "a.b.c.d.e",
    "of dots": lambda _: "..",
    "that is no ASCII": lambda claims: f"{_token(claims)}\xe9",
    "for nobody": lambda claims: _token({name: claims[name] for name in claims if name != "sub"}),
    "for a number": lambda claims: _token({**claims, "sub": 5}),
    "for a word": lambda claims: _token({**claims, "sub": "me"}),
    "for a user that is not there": lambda claims: _token({**claims, "sub": HEX}),
    "for an organisation that is not there": lambda claims: _token({**claims, "org": HEX}),
    "for no organisation": lambda claims: _token({name: claims[name] for name in claims if name != "org"}),
}


@pytest.mark.parametrize("make", WRONG_TOKENS.values(), ids=WRONG_TOKENS.keys())
async def test_a_token_does_not_hold(make: WrongToken, admin: Client) -> None:
    now = admin.clock()
    claims = {
        "aud": "learner-portal",
        "sub": admin.user.id.hex,
        "org": admin.organisation.id.hex,
        "iat": int(now.timestamp()),
        "exp": int((now + HOUR).timestamp()),
    }
    body = b'{"query": "{ viewer { role } }"}'
    sent = [(b"content-type", b"application/json")]

    holds, response = [
        await admin.http.post(
            "/graphql", content=body, headers=[*sent, (b"authorization", f"Bearer {token}".encode("latin-1"))]
        )
        for token in (_token(claims), make(claims))
    ]

    assert holds.json() == {"data": {"viewer": {"role": "ADMIN"}}}
    assert response.status_code == 401
    assert codes(tidy(response)) == ["UNAUTHENTICATED"]
    assert response.headers["www-authenticate"].startswith("Bearer")


async def test_a_token_of_a_user_of_another_organisation_does_not_hold_here(
    organisation: Organisation, admin: Client, sign_in: SignIn
) -> None:
    twin = organisation.twin()
    await twin.save()
    claims = Claims(organisation.id, twin.staff[Role.OWNER].id)
    token = admin.tokens.sign(claims, now=admin.clock(), ttl=HOUR)

    answer = await _sent(admin, b'{"query": "{ viewer { role } }"}', 401, authorization=f"Bearer {token}")

    assert codes(answer) == ["UNAUTHENTICATED"]


async def test_a_token_holds_up_to_its_last_second(admin: Client, clock: ManualClock) -> None:
    token = admin.token
    body = b'{"query": "{ viewer { role } }"}'

    # It is signed for an hour, to the next whole second.
    clock.now = clock.now.replace(microsecond=0) + HOUR + timedelta(seconds=1) - timedelta(microseconds=1)
    assert codes(await _sent(admin, body, authorization=f"Bearer {token}")) == []
    clock.advance(timedelta(microseconds=1))
    assert codes(await _sent(admin, body, 401, authorization=f"Bearer {token}")) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic YTpi", "bearer\tx", "Token x", "\xe9", "Bearer \x00"]
)
async def test_a_header_that_is_no_bearer_token_is_refused(header: str, admin: Client) -> None:
    response = await admin.http.post(
        "/graphql", json={"query": "{ __typename }"}, headers=[(b"authorization", header.encode("latin-1"))]
    )

    assert response.status_code == 401
    assert codes(tidy(response)) == ["UNAUTHENTICATED"]


def test_a_key_that_protects_nothing_is_not_taken() -> None:
    with pytest.raises(ValueError, match="32 characters"):
        Tokens("short")


# Nobody.

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
