"""What holds of every mutation that makes a record of its own, asked of each case of the registry."""

from datetime import timedelta

import httpx

from portal_api.domain.roles import Role
from portal_api.models import history_entries
from tests.api.cases import CreationCase, call_codes, each_creation, outcomes
from tests.client import codes
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import Organisation


@each_creation
async def test_roles_that_can_never_do_it_are_refused_before_anything_happens(
    case: CreationCase, organisation: Organisation, sign_in: SignIn
) -> None:
    before = await organisation.everything()

    for role in set(Role) - case.roles:
        answer = await case.answer(sign_in(role), idempotencyKey=f"as {role}")
        assert codes(answer) == ["FORBIDDEN"]
        assert {Role[name] for name in answer["errors"][0]["extensions"]["requiredRoles"]} == case.roles
    assert await organisation.everything() == before


@each_creation
async def test_nobody_who_is_not_signed_in_makes_anything(
    case: CreationCase, organisation: Organisation, http: httpx.AsyncClient
) -> None:
    before = await organisation.everything()

    response = await http.post("/graphql", json={"query": case.document, "variables": {"input": dict(case.input)}})

    assert response.status_code == 401
    assert await organisation.everything() == before


@each_creation
async def test_each_role_that_may_do_it_makes_one_record_with_one_entry(
    case: CreationCase, organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    for number, role in enumerate(sorted(case.roles), start=1):
        at = clock.advance(timedelta(hours=1, microseconds=7))

        payload = await case.payload(sign_in(role), {"x_request_id": f"call-{number}"})

        assert outcomes(payload) == ["CHANGED"]
        [result] = payload["results"]
        assert (result["index"], result["id"]) == (0, None)
        assert (result["node"]["status"], result["node"]["version"]) == (case.status, 1)
        assert len(await organisation.stored(case.table)) == number
        [entry] = [each for each in await organisation.stored(history_entries) if each["occurred_at"] == at]
        assert result["node"]["id"].endswith(entry["subject_id"].hex)
        assert (entry["action"], entry["subject_kind"], entry["to_status"]) == (case.action, case.subject, case.status)
        assert (entry["actor_id"], entry["version"]) == (organisation.staff[role].id, 1)
        assert (entry["from_status"], entry["request_id"]) == (None, f"call-{number}")


@each_creation
async def test_a_preview_answers_what_would_be_and_makes_nothing(
    case: CreationCase, organisation: Organisation, sign_in: SignIn
) -> None:
    before = await organisation.everything()

    payload = await case.payload(sign_in(Role.ADMIN), preview=True, idempotencyKey="not kept")

    assert payload["isPreview"] is True
    assert outcomes(payload) == ["CHANGED"]
    assert await organisation.everything() == before


@each_creation
async def test_the_same_key_and_input_again_make_nothing_more(
    case: CreationCase, organisation: Organisation, sign_in: SignIn
) -> None:
    admin = sign_in(Role.ADMIN)
    first = await case.payload(admin, idempotencyKey="once")
    after = await organisation.everything()

    assert await case.payload(admin, idempotencyKey="once") == first
    for other in case.other_inputs:
        assert call_codes(await case.payload(admin, idempotencyKey="once", **other)) == ["IDEMPOTENCY_KEY_REUSED"]
    assert await organisation.everything() == after
