"""Calls at once: what waits for another, for how long, and what it is told then."""

import asyncio

from sqlalchemy import select

from portal_api.domain.roles import Role
from portal_api.models import learners
from portal_api.queries import idempotency as idempotency_queries
from tests.api.cases import MutationCase, call_codes, each_mutation, outcomes
from tests.api.conftest import Portal
from tests.api.every_mutation.state import entries_of
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import DAY, Organisation


@each_mutation
async def test_two_calls_with_one_key_at_once_do_it_once(
    case: MutationCase, organisation: Organisation, sign_in: SignIn
) -> None:
    ids = [case.changes(organisation).gid for _ in range(5)]
    await organisation.save()
    owner = sign_in(Role.OWNER)

    answers = await asyncio.gather(*(case.payload(owner, *ids, idempotencyKey="at once") for _ in range(4)))

    worked = [answer for answer in answers if not answer["errors"]]
    assert worked
    assert all(answer == worked[0] for answer in worked)
    assert outcomes(worked[0]) == ["CHANGED"] * 5
    for answer in answers:
        assert call_codes(answer) in ([], ["IDEMPOTENCY_IN_PROGRESS"])
    assert len(await entries_of(organisation)) == 5


@each_mutation
async def test_a_key_that_another_process_holds_for_long_is_said_to_be_in_progress(
    case: MutationCase, organisation: Organisation, clock: ManualClock, portal: Portal
) -> None:
    """On SQLite another process that writes holds everything, so nobody can tell whose key it has: it is busy."""
    record = case.changes(organisation)
    await organisation.save()
    before = await organisation.everything()
    holder = (organisation.id, organisation.staff[case.caller].id, case.mutation, "held")

    async with portal(case.caller, busy_timeout=0.05) as (admin, database):
        async with organisation.database.engine.connect() as elsewhere:
            transaction = await elsewhere.begin()
            assert await idempotency_queries.claim(
                elsewhere, *holder, input_hash="", now=clock(), expires_at=clock() + DAY
            )
            payload = await case.payload(admin, record.gid, idempotencyKey="held")
            await transaction.rollback()

        assert call_codes(payload) == ["BUSY" if database.is_sqlite else "IDEMPOTENCY_IN_PROGRESS"]
        assert payload["results"] == []
        assert await organisation.everything() == before
        assert outcomes(await case.payload(admin, record.gid, idempotencyKey="held")) == ["CHANGED"]


@each_mutation
async def test_records_that_somebody_else_holds_for_long_are_said_to_be_busy(
    case: MutationCase, organisation: Organisation, portal: Portal
) -> None:
    record = case.changes(organisation)
    await organisation.save()
    before = await organisation.everything()
    held = (
        select(learners.c.id).where(learners.c.organisation_id == organisation.id).with_for_update(),
        select(case.table.c.id).where(case.table.c.organisation_id == organisation.id).with_for_update(),
    )

    async with portal(case.caller, busy_timeout=0.05) as (admin, _):
        async with organisation.database.engine.connect() as elsewhere:
            transaction = await elsewhere.begin()
            for each in held:
                await elsewhere.execute(each)
            payload = await case.payload(admin, record.gid, idempotencyKey="patience")
            await transaction.rollback()

        assert call_codes(payload) == ["BUSY"]
        assert await organisation.everything() == before
        assert outcomes(await case.payload(admin, record.gid, idempotencyKey="patience")) == ["CHANGED"]
