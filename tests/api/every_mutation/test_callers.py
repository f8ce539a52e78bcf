"""Who may, by the role that they have at the moment of the change."""

import asyncio
from datetime import timedelta

import httpx

from portal_api.domain.roles import Role
from portal_api.models import history_entries
from tests.api.cases import MutationCase, each_mutation, outcomes
from tests.api.conftest import Portal
from tests.api.every_mutation.state import role_update, row_of, set_role
from tests.client import codes
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import Organisation


@each_mutation
async def test_roles_that_can_never_do_it_are_refused_before_anything_happens(
    case: MutationCase, organisation: Organisation, sign_in: SignIn
) -> None:
    record = case.changes(organisation)
    await organisation.save()
    before = await organisation.everything()

    for role in set(Role) - case.roles:
        answer = await case.answer(sign_in(role), record.gid, idempotencyKey=f"as {role}")

        assert answer["data"] == {case.mutation: None}
        [error] = answer["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN"
        assert {Role[name] for name in error["extensions"]["requiredRoles"]} == case.roles
        assert role.name in error["message"]
        assert error["path"] == [case.mutation]
    assert await organisation.everything() == before


@each_mutation
async def test_a_forbidden_role_is_told_so_before_its_input_is_looked_at(case: MutationCase, sign_in: SignIn) -> None:
    answer = await case.answer(sign_in(case.stranger), "no identifier at all")

    assert codes(answer) == ["FORBIDDEN"]


@each_mutation
async def test_each_role_that_may_do_it_does_it(
    case: MutationCase, organisation: Organisation, sign_in: SignIn
) -> None:
    for role in case.roles:
        record = case.changed_by(organisation, role)

        payload = await case.payload(sign_in(role), record.gid)

        assert outcomes(payload) == ["CHANGED"]
        [result] = payload["results"]
        assert result["node"]["status"] == case.moves[1]


@each_mutation
async def test_nobody_who_is_not_signed_in_changes_anything(
    case: MutationCase, organisation: Organisation, http: httpx.AsyncClient
) -> None:
    record = case.changes(organisation)
    await organisation.save()
    before = await organisation.everything()

    response = await http.post(
        "/graphql", json={"query": case.document, "variables": case.variables((record.gid,), {})}
    )

    assert response.status_code == 401
    assert codes(response.json()) == ["UNAUTHENTICATED"]
    assert "data" not in response.json()
    assert await organisation.everything() == before


@each_mutation
async def test_a_role_lost_a_moment_ago_counts_while_readers_may_still_have_the_old_one(
    case: MutationCase, organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    record = case.changes(organisation)
    admin = sign_in(case.caller)
    assert await admin.query("{ viewer { role } }") == {"viewer": {"role": case.caller.name}}
    organisation.user(Role.OWNER)  # there is always one
    await set_role(organisation, case.caller, case.stranger)
    before = await organisation.everything()

    assert await admin.query("{ viewer { role } }") == {"viewer": {"role": case.caller.name}}
    assert codes(await case.answer(admin, record.gid)) == ["FORBIDDEN"]
    assert await organisation.everything() == before

    clock.advance(timedelta(seconds=5))
    assert await admin.query("{ viewer { role } }") == {"viewer": {"role": case.stranger.name}}


@each_mutation
async def test_a_role_lost_between_the_guard_and_the_transaction_counts(
    case: MutationCase, organisation: Organisation, portal: Portal
) -> None:
    """The only connection that writes is held until the guard has let the caller in; then the role is taken away."""
    record = case.changes(organisation)
    organisation.user(Role.OWNER)  # there is always one
    await organisation.save()

    async with portal(case.caller, writers=1) as (admin, database):
        async with database.engine.begin() as connection:
            read_before = database.tally.statements
            call = asyncio.create_task(case.answer(admin, record.gid))
            while database.tally.statements == read_before:  # noqa: ASYNC110  nobody tells when a read is done
                await asyncio.sleep(0.005)
            await asyncio.sleep(0.05)
            await connection.execute(role_update(organisation, case.caller, case.stranger))
        answer = await call

    assert codes(answer) == ["FORBIDDEN"]
    assert await row_of(organisation, record) == dict(record.row)
    assert await organisation.stored(history_entries) == []
