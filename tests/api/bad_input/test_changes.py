"""What is given to a change, beside the records."""

import json
from typing import Any

import pytest

from portal_api.domain.roles import Role
from tests.api.bad_input.sending import HEX, ask, send
from tests.client import Client, Json, codes
from tests.conftest import SignIn
from tests.factories import Organisation

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

    answer = await send(admin, body)

    assert set(codes(answer)) <= {"INPUT_INVALID", "ID_INVALID"}
    assert codes(answer)
    assert answer.get("data") in (None, {"withdrawSeriesEnrolments": None})


async def test_a_reason_left_out_of_the_document_makes_the_document_invalid(admin: Client) -> None:
    document = f'mutation {{ withdrawSeriesEnrolments(input: {{ids: ["sen_{HEX}"]}}) {{ counts {{ changed }} }} }}'

    assert codes(await ask(admin, document)) == ["DOCUMENT_INVALID"]


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
    answer = await ask(admin, WITHDRAWAL, {"input": {**ENOUGH, **given}})

    assert answer["data"]["withdrawSeriesEnrolments"] == {
        "counts": {"changed": 0},
        "errors": [{"code": "INPUT_INVALID", "path": ["input", path]}],
    }


async def test_everything_that_is_wrong_with_a_call_is_said_at_once(admin: Client) -> None:
    given = {"ids": [], "reason": "ENROLMENT_ERROR", "idempotencyKey": "", "note": "\x00"}

    answer = await ask(admin, WITHDRAWAL, {"input": given})

    told = answer["data"]["withdrawSeriesEnrolments"]["errors"]
    assert [error["path"][1] for error in told] == ["ids", "idempotencyKey", "note"]


async def test_the_longest_key_and_note_are_taken(organisation: Organisation, sign_in: SignIn) -> None:
    enrolment = organisation.enrolment(organisation.learner(), organisation.series())
    given = {**ENOUGH, "ids": [enrolment.gid], "idempotencyKey": "\U0001f511" * 200, "note": "\U0001f4dd" * 2_000}

    answer = await ask(sign_in(Role.ADMIN), WITHDRAWAL, {"input": given})

    assert answer["data"]["withdrawSeriesEnrolments"] == {"counts": {"changed": 1}, "errors": []}
