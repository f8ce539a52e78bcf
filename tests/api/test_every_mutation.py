"""What holds of every mutation, asked of each case of the registry."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import select, update

from portal_api.clock import Clock
from portal_api.domain.roles import Role
from portal_api.ids import global_id
from portal_api.models import history_entries, idempotency_keys, learners, roles
from portal_api.queries import idempotency as idempotency_queries
from tests.api.cases import MutationCase, call_codes, case_of, each_mutation, outcomes, row_codes
from tests.api.conftest import Portal
from tests.client import Json, codes
from tests.clock import ManualClock, RepeatableIds
from tests.conftest import SignIn
from tests.factories import DAY, PREFIXES, Organisation, Record

MICROSECOND = timedelta(microseconds=1)
WITHDRAW_DEACTIVATE_REACTIVATE = ("withdrawSeriesEnrolments", "deactivateLearners", "reactivateLearners")


def _unseen_id(case: MutationCase, new_id: RepeatableIds, clock: Clock) -> str:
    return global_id(PREFIXES[case.table], new_id(clock()))


async def _entries(organisation: Organisation) -> list[dict[str, Any]]:
    """The entries that no other entry caused: what a change takes with it has entries of its own."""
    return [entry for entry in await organisation.stored(history_entries) if entry["cause_id"] is None]


async def _row(organisation: Organisation, record: Record) -> dict[str, Any]:
    [row] = [row for row in await organisation.stored(record.table) if row["id"] == record.id]
    return row


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
    answer = await case.answer(sign_in(Role.TRAINER), "no identifier at all")

    assert codes(answer) == ["FORBIDDEN"]


@each_mutation
async def test_each_role_that_may_do_it_does_it(
    case: MutationCase, organisation: Organisation, sign_in: SignIn
) -> None:
    for role in case.roles:
        record = case.changes(organisation)

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
    await _set_role(organisation, case.caller, Role.TRAINER)
    before = await organisation.everything()

    assert await admin.query("{ viewer { role } }") == {"viewer": {"role": case.caller.name}}
    assert codes(await case.answer(admin, record.gid)) == ["FORBIDDEN"]
    assert await organisation.everything() == before

    clock.advance(timedelta(seconds=5))
    assert await admin.query("{ viewer { role } }") == {"viewer": {"role": "TRAINER"}}


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
            await connection.execute(_role_update(organisation, case.caller, Role.MANAGER))
        answer = await call

    assert codes(answer) == ["FORBIDDEN"]
    assert await _row(organisation, record) == dict(record.row)
    assert await organisation.stored(history_entries) == []


def _role_update(organisation: Organisation, whose: Role, role: Role) -> Any:
    return (
        update(roles)
        .where(roles.c.organisation_id == organisation.id, roles.c.user_id == organisation.staff[whose].id)
        .values(role=role)
    )


async def _set_role(organisation: Organisation, whose: Role, role: Role) -> None:
    await organisation.save()
    async with organisation.database.engine.begin() as connection:
        await connection.execute(_role_update(organisation, whose, role))


@each_mutation
async def test_a_preview_answers_what_the_call_then_answers_and_changes_nothing(
    case: MutationCase, organisation: Organisation, sign_in: SignIn, new_id: RepeatableIds, clock: ManualClock
) -> None:
    ids = [
        case.changes(organisation).gid,
        case.refuses(organisation).gid,
        _unseen_id(case, new_id, clock),
        case.changes(organisation).gid,
    ]
    await organisation.save()
    before = await organisation.everything()
    admin = sign_in(case.caller)

    for policy, then in (
        ("REJECT_EVERYTHING", ["REFUSED", "REFUSED", "REFUSED", "REFUSED"]),
        ("REJECT_FAILED_ROWS", ["CHANGED", "REFUSED", "REFUSED", "CHANGED"]),
    ):
        preview = await case.payload(admin, *ids, errorPolicy=policy, preview=True, idempotencyKey="not kept")
        assert preview["isPreview"] is True
        assert await organisation.everything() == before

        meant = await case.payload(admin, *ids, errorPolicy=policy)
        assert outcomes(meant) == then
        assert meant == preview | {"isPreview": False}


@each_mutation
async def test_a_preview_says_what_would_happen_now_whatever_its_key_was_used_for(
    case: MutationCase, organisation: Organisation, sign_in: SignIn
) -> None:
    record = case.changes(organisation)
    admin = sign_in(case.caller)
    await case.payload(admin, record.gid, idempotencyKey="once")

    preview = await case.payload(admin, record.gid, idempotencyKey="once", preview=True)

    assert preview["isPreview"] is True
    assert outcomes(preview) == [case.again]


@each_mutation
async def test_each_changed_row_has_exactly_one_entry_that_says_who_what_when_and_why(
    case: MutationCase, organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    changed = [case.changes(organisation) for _ in range(3)]
    refused = case.refuses(organisation)
    at = clock.advance(timedelta(hours=1, microseconds=7))

    payload = await case.payload(
        sign_in(Role.OWNER), *(each.gid for each in (*changed, refused)), headers={"x_request_id": "call-17.a"}
    )

    assert payload["counts"] == {"changed": 3, "unchanged": 0, "refused": 1}
    entries = await _entries(organisation)
    assert {entry.pop("id") for entry in entries if entry["id"].version == 7}
    by_subject = {entry.pop("subject_id"): entry for entry in entries}
    assert by_subject == {
        record.id: {
            "organisation_id": organisation.id,
            "actor_kind": "user",
            "actor_id": organisation.staff[Role.OWNER].id,
            "action": case.action,
            "subject_kind": case.subject,
            "learner_id": record.id if case.table is learners else record.row.get("learner_id"),
            "from_status": case.moves[0],
            "to_status": case.moves[1],
            "reason": case.input.get("reason"),
            "note": case.input.get("note"),
            "changed_fields": None,
            "version": 2,
            "request_id": "call-17.a",
            "cause_id": None,
            "occurred_at": at,
            "recorded_at": at,
        }
        for record in changed
    }
    assert len(entries) == len(changed)
    for record in changed:
        assert (await _row(organisation, record))["version"] == 2


@each_mutation
async def test_a_refused_row_leaves_the_record_and_its_history_as_they_were(
    case: MutationCase, organisation: Organisation, sign_in: SignIn
) -> None:
    record = case.refuses(organisation)
    await organisation.save()
    before = await organisation.everything()

    payload = await case.payload(sign_in(case.caller), record.gid)

    assert row_codes(payload) == [list(case.refusal)]
    [result] = payload["results"]
    assert result["node"]["version"] == 1
    assert payload["counts"] == {"changed": 0, "unchanged": 0, "refused": 1}
    assert await organisation.everything() == before


@each_mutation
async def test_what_is_done_cannot_be_done_again(
    case: MutationCase, organisation: Organisation, sign_in: SignIn
) -> None:
    record = case.changes(organisation)
    admin = sign_in(case.caller)
    await case.payload(admin, record.gid)
    after = await organisation.everything()

    payload = await case.payload(admin, record.gid)

    assert outcomes(payload) == [case.again]
    assert ("STATUS_NOT_ALLOWED" in row_codes(payload)[0]) is (case.again == "REFUSED")
    assert await organisation.everything() == after


@each_mutation
async def test_rows_are_answered_in_the_order_asked(
    case: MutationCase, organisation: Organisation, sign_in: SignIn
) -> None:
    laid_out = [case.changes(organisation) if n % 3 else case.refuses(organisation) for n in range(9)]
    asked = [laid_out[n].gid for n in (4, 0, 8, 2, 6, 1, 7, 3, 5)]

    payload = await case.payload(sign_in(case.caller), *asked)

    assert [result["id"] for result in payload["results"]] == asked
    assert [result["node"]["id"] for result in payload["results"]] == asked
    assert [result["index"] for result in payload["results"]] == list(range(9))
    assert outcomes(payload) == ["REFUSED" if n % 3 == 0 else "CHANGED" for n in (4, 0, 8, 2, 6, 1, 7, 3, 5)]


@each_mutation
async def test_a_record_named_again_is_answered_once_at_its_first_place(
    case: MutationCase, organisation: Organisation, sign_in: SignIn, new_id: RepeatableIds, clock: ManualClock
) -> None:
    one, two = case.changes(organisation).gid, case.refuses(organisation).gid
    unseen = _unseen_id(case, new_id, clock)

    payload = await case.payload(sign_in(case.caller), one, two, one, unseen, two, unseen, one)

    assert [(result["index"], result["id"]) for result in payload["results"]] == [(0, one), (1, two), (3, unseen)]
    assert payload["counts"] == {"changed": 1, "unchanged": 0, "refused": 2}
    assert len(await _entries(organisation)) == 1


@each_mutation
async def test_a_record_of_another_organisation_is_answered_as_one_that_does_not_exist(
    case: MutationCase, organisation: Organisation, sign_in: SignIn, new_id: RepeatableIds, clock: ManualClock
) -> None:
    record = case.changes(organisation)
    twin = organisation.twin()
    theirs = twin.counterpart(record)
    await twin.save()
    before = await twin.everything()

    payload = await case.payload(sign_in(Role.OWNER), theirs.gid, _unseen_id(case, new_id, clock))

    existing, missing = (result | {"id": "", "index": 0} for result in payload["results"])
    assert existing == missing
    assert row_codes(payload) == [["NOT_FOUND"], ["NOT_FOUND"]]
    assert existing["node"] is None
    assert await twin.everything() == before


@each_mutation
async def test_a_row_at_another_version_than_expected_is_refused_with_the_one_it_has(
    case: MutationCase, organisation: Organisation, sign_in: SignIn
) -> None:
    stale, fresh, closed = case.changes(organisation), case.changes(organisation), case.refuses(organisation)
    expected = [
        {"id": stale.gid, "version": 7},
        {"id": fresh.gid, "version": 1},
        {"id": closed.gid, "version": 9},
    ]

    payload = await case.payload(sign_in(case.caller), stale.gid, fresh.gid, closed.gid, expectedVersions=expected)

    assert outcomes(payload) == ["REFUSED", "CHANGED", "REFUSED"]
    assert row_codes(payload) == [["CHANGED_MEANWHILE"], [], [*case.refusal, "CHANGED_MEANWHILE"]]
    for result in payload["results"]:
        for error in result["errors"]:
            if error["code"] == "CHANGED_MEANWHILE":
                assert error["currentVersion"] == 1
    assert await _row(organisation, stale) == dict(stale.row)


@each_mutation
async def test_versions_are_expected_only_of_records_that_are_named(
    case: MutationCase, organisation: Organisation, sign_in: SignIn
) -> None:
    named, other = case.changes(organisation), case.changes(organisation)
    await organisation.save()
    before = await organisation.everything()

    payload = await case.payload(
        sign_in(case.caller), named.gid, expectedVersions=[{"id": other.gid, "version": 1}], idempotencyKey="k"
    )

    assert call_codes(payload) == ["INPUT_INVALID"]
    assert payload["errors"][0]["path"] == ["input", "expectedVersions"]
    assert payload["results"] == []
    assert await organisation.everything() == before


@each_mutation
async def test_when_everything_is_to_be_rejected_one_refusal_rejects_the_others(
    case: MutationCase, organisation: Organisation, sign_in: SignIn
) -> None:
    good, bad, also_good = case.changes(organisation), case.refuses(organisation), case.changes(organisation)
    ids = [each.gid for each in (good, bad, also_good)]
    await organisation.save()
    before = await organisation.everything()
    admin = sign_in(case.caller)

    payload = await case.payload(admin, *ids, errorPolicy="REJECT_EVERYTHING")

    assert outcomes(payload) == ["REFUSED"] * 3
    assert row_codes(payload) == [["CALL_REJECTED"], list(case.refusal), ["CALL_REJECTED"]]
    assert payload["counts"] == {"changed": 0, "unchanged": 0, "refused": 3}
    assert [result["node"]["status"] for result in payload["results"][::2]] == [case.moves[0]] * 2
    assert await organisation.everything() == before


@each_mutation
async def test_when_everything_is_to_be_rejected_a_call_without_a_refusal_goes_through(
    case: MutationCase, organisation: Organisation, sign_in: SignIn
) -> None:
    ids = [case.changes(organisation).gid for _ in range(3)]

    payload = await case.payload(sign_in(case.caller), *ids, errorPolicy="REJECT_EVERYTHING")

    assert outcomes(payload) == ["CHANGED"] * 3
    assert len(await _entries(organisation)) == 3


@each_mutation
async def test_a_rejected_call_is_kept_with_its_key(
    case: MutationCase, organisation: Organisation, sign_in: SignIn
) -> None:
    ids = [case.changes(organisation).gid, case.refuses(organisation).gid]
    admin = sign_in(case.caller)
    asked: Json = {"errorPolicy": "REJECT_EVERYTHING", "idempotencyKey": "all or nothing"}

    first = await case.payload(admin, *ids, **asked)
    [kept] = await organisation.stored(idempotency_keys)
    again = await case.payload(admin, *ids, **asked)

    assert kept["key"] == "all or nothing"
    assert first == again
    assert call_codes(await case.payload(admin, ids[0], **asked)) == ["IDEMPOTENCY_KEY_REUSED"]
    assert await organisation.stored(history_entries) == []


@each_mutation
async def test_the_same_key_and_input_again_get_the_same_outcomes_and_change_nothing_more(
    case: MutationCase, organisation: Organisation, sign_in: SignIn, new_id: RepeatableIds, clock: ManualClock
) -> None:
    ids = [case.changes(organisation).gid, _unseen_id(case, new_id, clock), case.refuses(organisation).gid]
    expected = [{"id": ids[0], "version": 1}, {"id": ids[2], "version": 3}]
    admin = sign_in(case.caller)

    first = await case.payload(admin, *ids, idempotencyKey="once", expectedVersions=expected)
    after = await organisation.everything()
    clock.advance(timedelta(hours=24) - MICROSECOND)
    again = await case.payload(admin, *ids, idempotencyKey="once", expectedVersions=expected)

    assert outcomes(first) == ["CHANGED", "REFUSED", "REFUSED"]
    assert again == first
    assert await organisation.everything() == after


@each_mutation
async def test_a_repeated_call_may_select_other_fields(
    case: MutationCase, organisation: Organisation, sign_in: SignIn
) -> None:
    record = case.changes(organisation)
    admin = sign_in(case.caller)
    await case.payload(admin, record.gid, idempotencyKey="once")
    name = case.mutation

    narrow = f"mutation($input: {name[0].upper()}{name[1:]}Input!) {{ again: {name}(input: $input) {{ counts {{ changed }} }} }}"
    data = await admin.query(narrow, case.variables((record.gid,), {"idempotencyKey": "once"}))

    assert data == {"again": {"counts": {"changed": 1}}}
    assert len(await _entries(organisation)) == 1


@each_mutation
async def test_a_key_is_free_again_after_a_day(
    case: MutationCase, organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    record = case.changes(organisation)
    admin = sign_in(case.caller)
    await case.payload(admin, record.gid, idempotencyKey="daily")
    clock.advance(timedelta(hours=24))

    payload = await case.payload(admin, record.gid, idempotencyKey="daily")

    assert outcomes(payload) == [case.again]
    [kept] = await organisation.stored(idempotency_keys)
    assert kept["created_at"] == clock()


@each_mutation
async def test_the_same_key_with_another_input_is_refused(
    case: MutationCase, organisation: Organisation, sign_in: SignIn
) -> None:
    record, other = case.changes(organisation), case.changes(organisation)
    admin = sign_in(case.caller)
    await case.payload(admin, record.gid, idempotencyKey="once")
    after = await organisation.everything()
    others: list[tuple[list[str], Json]] = [
        ([other.gid], {}),
        ([record.gid, other.gid], {}),
        ([record.gid], {"errorPolicy": "REJECT_EVERYTHING"}),
        ([record.gid], {"expectedVersions": [{"id": record.gid, "version": 1}]}),
        *(([record.gid], dict(given)) for given in case.other_inputs),
    ]

    for ids, given in others:
        payload = await case.payload(admin, *ids, idempotencyKey="once", **given)

        assert call_codes(payload) == ["IDEMPOTENCY_KEY_REUSED"], given
        assert payload["results"] == []
        assert payload["counts"] == {"changed": 0, "unchanged": 0, "refused": 0}
    assert await organisation.everything() == after


@each_mutation
async def test_a_key_belongs_to_whoever_used_it(
    case: MutationCase, organisation: Organisation, sign_in: SignIn
) -> None:
    record, other = case.changes(organisation), case.changes(organisation)
    await case.payload(sign_in(case.caller), record.gid, idempotencyKey="1")

    another = sign_in(organisation.user(Role.OWNER))

    payload = await case.payload(another, other.gid, idempotencyKey="1")

    assert outcomes(payload) == ["CHANGED"]


@each_mutation
async def test_a_repeated_call_is_guarded_by_the_role_of_today(
    case: MutationCase, organisation: Organisation, sign_in: SignIn
) -> None:
    record = case.changes(organisation)
    admin = sign_in(case.caller)
    await case.payload(admin, record.gid, idempotencyKey="once")
    organisation.user(Role.OWNER)  # there is always one
    await _set_role(organisation, case.caller, Role.MANAGER)

    assert codes(await case.answer(admin, record.gid, idempotencyKey="once")) == ["FORBIDDEN"]


async def test_a_repeated_call_reads_its_records_as_they_are_by_then(
    organisation: Organisation, sign_in: SignIn
) -> None:
    learner = organisation.learner()
    enrolment = organisation.enrolment(learner, organisation.series())
    admin = sign_in(Role.ADMIN)
    withdraw, deactivate, reactivate = (case_of(name) for name in WITHDRAW_DEACTIVATE_REACTIVATE)
    withdrawal = await withdraw.payload(admin, enrolment.gid, idempotencyKey="1")
    deactivation = await deactivate.payload(admin, learner.gid, idempotencyKey="1")
    await reactivate.payload(admin, learner.gid, idempotencyKey="1")

    again = await deactivate.payload(admin, learner.gid, idempotencyKey="1")

    assert outcomes(deactivation) == outcomes(again) == ["CHANGED"]
    assert deactivation["results"][0]["node"] == {"id": learner.gid, "status": "INACTIVE", "version": 2}
    assert again["results"][0]["node"] == {"id": learner.gid, "status": "ACTIVE", "version": 3}
    assert await withdraw.payload(admin, enrolment.gid, idempotencyKey="1") == withdrawal


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
    assert len(await _entries(organisation)) == 5


@each_mutation
async def test_a_key_that_another_process_holds_for_long_is_said_to_be_in_progress(
    case: MutationCase, organisation: Organisation, clock: ManualClock, portal: Portal
) -> None:
    """On SQLite another process that writes holds everything, so nobody can tell whose key it has: it is busy."""
    record = case.changes(organisation)
    await organisation.save()
    before = await organisation.everything()
    holder = (organisation.id, organisation.staff[case.caller].id, case.mutation, "held")

    async with portal(case.caller, busy_timeout=0.2) as (admin, database):
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

    async with portal(case.caller, busy_timeout=0.2) as (admin, _):
        async with organisation.database.engine.connect() as elsewhere:
            transaction = await elsewhere.begin()
            for each in held:
                await elsewhere.execute(each)
            payload = await case.payload(admin, record.gid, idempotencyKey="patience")
            await transaction.rollback()

        assert call_codes(payload) == ["BUSY"]
        assert await organisation.everything() == before
        assert outcomes(await case.payload(admin, record.gid, idempotencyKey="patience")) == ["CHANGED"]


@each_mutation
async def test_five_hundred_rows_cost_as_many_statements_as_one(
    case: MutationCase, organisation: Organisation, sign_in: SignIn
) -> None:
    one = [case.changes(organisation).gid]
    many = [case.changes(organisation).gid for _ in range(500)]
    await organisation.save()
    tally = organisation.database.tally

    async def statements(ids: list[str], key: str) -> int:
        before = tally.statements
        payload = await case.payload(sign_in(case.caller), *ids, idempotencyKey=key)
        assert outcomes(payload) == ["CHANGED"] * len(ids)
        return tally.statements - before

    assert await statements(one, "one") == await statements(many, "many") <= 16


async def test_a_withdrawal_with_a_key_takes_ten_statements_at_the_most(
    organisation: Organisation, sign_in: SignIn
) -> None:
    enrolments = [organisation.enrolment(organisation.learner(), organisation.series()) for _ in range(50)]
    await organisation.save()
    withdraw = """
        mutation($input: WithdrawSeriesEnrolmentsInput!) {
          withdrawSeriesEnrolments(input: $input) { counts { changed } results { outcome node { id status } } }
        }
    """
    given = {"ids": [each.gid for each in enrolments], "reason": "ENROLMENT_ERROR", "idempotencyKey": "one withdrawal"}
    before = organisation.database.tally.statements

    data = await sign_in(Role.ADMIN).query(withdraw, {"input": given})

    assert data["withdrawSeriesEnrolments"]["counts"] == {"changed": 50}
    assert organisation.database.tally.statements - before <= 10
