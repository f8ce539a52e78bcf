"""Documents that ask for too much, or for what is not there."""

import sys

import pytest

from tests.api.bad_input.sending import LONG, ask
from tests.client import Client, codes

MANY_CALLS = 1_500_000


async def _in_time(client: Client, document: str) -> list[str]:
    """The codes of the answer, which takes no more function calls than a small machine makes in a moment."""
    calls = 0

    def count(_frame: object, event: str, _value: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        answer = await ask(client, document)
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
    assert codes(await ask(admin, document)) == []


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
    told = codes(await ask(admin, document))

    assert set(told) == {"DOCUMENT_INVALID"}
    assert len(told) <= 21
