"""What holds of every mutation that edits one record or makes records, asked of each case of the registry."""

import httpx

from portal_api.domain.roles import Role
from portal_api.models import history_entries
from tests.api.cases import InputCase, call_codes, each_input_mutation, outcomes
from tests.client import codes
from tests.conftest import SignIn
from tests.factories import Organisation


@each_input_mutation
async def test_roles_that_can_never_do_it_are_refused_before_anything_happens(
    case: InputCase, organisation: Organisation, sign_in: SignIn
) -> None:
    record = case.lays_out(organisation)
    await organisation.save()
    before = await organisation.everything()

    for role in set(Role) - case.roles:
        answer = await case.answer(sign_in(role), record.gid)

        assert answer["data"] == {case.mutation: None}
        assert codes(answer) == ["FORBIDDEN"]
        assert {Role[name] for name in answer["errors"][0]["extensions"]["requiredRoles"]} == case.roles
    assert await organisation.everything() == before


@each_input_mutation
async def test_nobody_who_is_not_signed_in_changes_anything(
    case: InputCase, organisation: Organisation, http: httpx.AsyncClient
) -> None:
    record = case.lays_out(organisation)
    await organisation.save()
    before = await organisation.everything()

    response = await http.post(
        "/graphql", json={"query": case.document, "variables": {"input": case.input(record.gid)}}
    )

    assert response.status_code == 401
    assert await organisation.everything() == before


@each_input_mutation
async def test_each_role_that_may_do_it_does_it_and_one_entry_says_so(
    case: InputCase, organisation: Organisation, sign_in: SignIn
) -> None:
    for count, role in enumerate(sorted(case.roles), start=1):
        record = case.lays_out(organisation)

        payload = await case.payload(sign_in(role), record.gid)

        assert outcomes(payload) == ["CHANGED"]
        assert payload["results"][0]["node"]["status"] == case.moves[1]
        entries = await organisation.stored(history_entries)
        assert len(entries) == count
        [entry] = [each for each in entries if each["actor_id"] == organisation.staff[role].id]
        assert (entry["action"], entry["from_status"], entry["to_status"]) == (case.action, *case.moves)
        assert entry["version"] == payload["results"][0]["node"]["version"]


@each_input_mutation
async def test_a_preview_answers_what_the_call_then_answers_and_changes_nothing(
    case: InputCase, organisation: Organisation, sign_in: SignIn
) -> None:
    record = case.lays_out(organisation)
    await organisation.save()
    before = await organisation.everything()
    admin = sign_in(Role.ADMIN)

    preview = await case.payload(admin, record.gid, preview=True, idempotencyKey="not kept")
    assert await organisation.everything() == before
    meant = await case.payload(admin, record.gid)

    assert meant == preview | {"isPreview": False}


@each_input_mutation
async def test_the_same_key_and_input_again_change_nothing_more_and_another_input_is_refused(
    case: InputCase, organisation: Organisation, sign_in: SignIn
) -> None:
    record = case.lays_out(organisation)
    admin = sign_in(Role.ADMIN)

    first = await case.payload(admin, record.gid, idempotencyKey="once")
    after = await organisation.everything()

    assert await case.payload(admin, record.gid, idempotencyKey="once") == first
    reused = await case.payload(admin, record.gid, idempotencyKey="once", **case.other)
    assert call_codes(reused) == ["IDEMPOTENCY_KEY_REUSED"]
    assert await organisation.everything() == after
