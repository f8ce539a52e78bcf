"""A call repeated with its key is answered as before, and does nothing more."""

from datetime import timedelta

from portal_api.domain.roles import Role
from portal_api.models import history_entries, idempotency_keys
from tests.api.cases import MutationCase, call_codes, case_of, each_mutation, outcomes
from tests.api.every_mutation.state import entries_of, set_role, unseen_id
from tests.client import Json, codes
from tests.clock import ManualClock, RepeatableIds
from tests.conftest import SignIn
from tests.factories import Organisation

MICROSECOND = timedelta(microseconds=1)
WITHDRAW_DEACTIVATE_REACTIVATE = ("withdrawSeriesEnrolments", "deactivateLearners", "reactivateLearners")


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
    ids = [case.changes(organisation).gid, unseen_id(case, new_id, clock), case.refuses(organisation).gid]
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
    assert len(await entries_of(organisation)) == 1


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

    linked = [organisation.own[Role.LEARNER]] if case.is_own else []
    another = sign_in(organisation.user(Role.OWNER, *linked))

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
    await set_role(organisation, case.caller, case.stranger)

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
