"""What names records: ids that are malformed, of another type or of nothing, too many or none."""

import pytest

from tests.api.bad_input.sending import HEX, LONG, ask
from tests.api.cases import MutationCase, call_codes, each_mutation
from tests.client import Client, codes
from tests.clock import RepeatableIds
from tests.conftest import SignIn
from tests.factories import PREFIXES, Organisation

MALFORMED = [
    "",
    " ",
    "5",
    "sen_",
    f"sen_{HEX[1:]}",
    f"sen_{HEX}0",
    f"SEN_{HEX}",
    f"sen_{HEX.upper()}",
    f" sen_{HEX}",
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
        answer = await ask(admin, document, {"id": id_})

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

    assert await ask(admin, document) == {"data": {"node": None, "nodes": [None, None]}}


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

    assert codes(await ask(admin, document, {"ids": ids})) == ["LIMIT_EXCEEDED"]
    assert (await ask(admin, document, {"ids": ids[:100]}))["data"]["nodes"] == [None] * 100
    assert (await ask(admin, document, {"ids": []}))["data"]["nodes"] == []


async def test_a_filter_takes_a_thousand_values(admin: Client) -> None:
    document = "query($ids: [ID!]) { learners(filter: {id: {in: $ids}}) { totalCount } }"
    ids = [f"lrn_{number:032x}" for number in range(1_001)]

    assert codes(await ask(admin, document, {"ids": ids})) == ["LIMIT_EXCEEDED"]
    assert (await ask(admin, document, {"ids": ids[:1_000]}))["data"]["learners"] == {"totalCount": 0}


@pytest.mark.parametrize("arguments", ["", "(id: null)", "(externalRef: null)", f'(id: "lrn_{HEX}", externalRef: "L")'])
async def test_one_record_is_asked_for_in_exactly_one_way(arguments: str, admin: Client) -> None:
    assert codes(await ask(admin, f"{{ learner{arguments} {{ id }} }}")) == ["INPUT_INVALID"]
