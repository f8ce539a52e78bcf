"""What is answered row by row, previews and rejected calls included, and what history tells of it."""

from datetime import timedelta
from uuid import UUID

from portal_api.domain.history import SubjectKind
from portal_api.domain.roles import Role
from portal_api.models import learners
from tests.api.cases import MutationCase, call_codes, each_mutation, outcomes, row_codes
from tests.api.every_mutation.state import entries_of, row_of, unseen_id
from tests.clock import ManualClock, RepeatableIds
from tests.conftest import SignIn
from tests.factories import Organisation, Record


@each_mutation
async def test_a_preview_answers_what_the_call_then_answers_and_changes_nothing(
    case: MutationCase, organisation: Organisation, sign_in: SignIn, new_id: RepeatableIds, clock: ManualClock
) -> None:
    ids = [
        case.changes(organisation).gid,
        case.refuses(organisation).gid,
        unseen_id(case, new_id, clock),
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


def _learner_of(case: MutationCase, record: Record) -> UUID | None:
    """Whom the entry names: an entry about a task or a notification is for those alone who see that record."""
    if case.subject in (SubjectKind.TASK, SubjectKind.NOTIFICATION):
        return None
    return record.id if case.table is learners else record.row.get("learner_id")


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
    entries = await entries_of(organisation)
    assert {entry.pop("id") for entry in entries if entry["id"].version == 7}
    by_subject = {entry.pop("subject_id"): entry for entry in entries}
    assert by_subject == {
        record.id: {
            "organisation_id": organisation.id,
            "actor_kind": "user",
            "actor_id": organisation.staff[Role.OWNER].id,
            "action": case.action,
            "subject_kind": case.subject,
            "learner_id": _learner_of(case, record),
            "from_status": case.moves[0],
            "to_status": case.moves[1],
            "reason": case.input.get("reason"),
            "note": case.input.get("note"),
            "changed_fields": case.changed_fields,
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
        assert (await row_of(organisation, record))["version"] == 2


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
    assert (case.again_code in row_codes(payload)[0]) is (case.again == "REFUSED")
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
    unseen = unseen_id(case, new_id, clock)

    payload = await case.payload(sign_in(case.caller), one, two, one, unseen, two, unseen, one)

    assert [(result["index"], result["id"]) for result in payload["results"]] == [(0, one), (1, two), (3, unseen)]
    assert payload["counts"] == {"changed": 1, "unchanged": 0, "refused": 2}
    assert len(await entries_of(organisation)) == 1


@each_mutation
async def test_a_record_of_another_organisation_is_answered_as_one_that_does_not_exist(
    case: MutationCase, organisation: Organisation, sign_in: SignIn, new_id: RepeatableIds, clock: ManualClock
) -> None:
    record = case.changes(organisation)
    twin = organisation.twin()
    theirs = twin.counterpart(record)
    await twin.save()
    before = await twin.everything()

    payload = await case.payload(sign_in(Role.OWNER), theirs.gid, unseen_id(case, new_id, clock))

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
    assert await row_of(organisation, stale) == dict(stale.row)


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
    assert len(await entries_of(organisation)) == 3
