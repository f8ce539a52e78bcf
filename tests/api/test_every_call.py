"""What holds of every mutation that edits one record or makes its own, asked of each case of the registry."""

from datetime import timedelta

import httpx

from portal_api.domain.history import SubjectKind
from portal_api.domain.outcomes import Outcome
from portal_api.domain.roles import Role
from portal_api.ids import global_id
from portal_api.models import history_entries
from tests.api.cases import CallCase, call_codes, each_call, outcomes, row_codes
from tests.client import Json, codes
from tests.clock import ManualClock, RepeatableIds
from tests.conftest import SignIn
from tests.factories import PREFIXES, Organisation

OF_LEARNERS = {
    SubjectKind.LEARNER,
    SubjectKind.SERIES_ENROLMENT,
    SubjectKind.PATHWAY_ENROLMENT,
    SubjectKind.LEARNER_CERTIFICATION,
    SubjectKind.APPROVAL,
    SubjectKind.COURSE_ENROLMENT,
    SubjectKind.UNIT_ENROLMENT,
    SubjectKind.SURVEY,
    SubjectKind.CREDENTIAL,
    SubjectKind.DOCUMENT,
}
CHANGED = Outcome.CHANGED.name


@each_call
async def test_roles_that_can_never_do_it_are_refused_before_anything_happens(
    case: CallCase, organisation: Organisation, sign_in: SignIn
) -> None:
    asked = case.changed(organisation)
    await organisation.save()
    before = await organisation.everything()

    for role in set(Role) - case.roles:
        answer = await case.answer(sign_in(role), asked)

        assert answer["data"] == {case.mutation: None}
        [error] = answer["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN"
        assert {Role[name] for name in error["extensions"]["requiredRoles"]} == case.roles
    assert await organisation.everything() == before


@each_call
async def test_nobody_who_is_not_signed_in_changes_anything(
    case: CallCase, organisation: Organisation, http: httpx.AsyncClient
) -> None:
    asked = case.changed(organisation)
    await organisation.save()
    before = await organisation.everything()

    response = await http.post("/graphql", json={"query": case.document, "variables": {"input": asked}})

    assert response.status_code == 401
    assert await organisation.everything() == before


@each_call
async def test_each_role_that_may_do_it_does_it_and_one_entry_says_so(
    case: CallCase, organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    for role in case.roles - {Role.INTEGRATION}:  # which reads no version; what it records has tests of its own
        asked = case.changed(organisation)
        before = {row["id"] for row in await organisation.stored(history_entries)}
        at = clock.advance(timedelta(hours=1, microseconds=7))

        payload = await case.payload(sign_in(role), asked, headers={"x_request_id": "call-17.a"})

        assert outcomes(payload) == [CHANGED]
        [result] = payload["results"]
        entries = [row for row in await organisation.stored(history_entries) if row["id"] not in before]
        [entry] = [row for row in entries if row["cause_id"] is None]
        assert entry.pop("id").version == 7
        assert result["node"]["id"][4:] == entry.pop("subject_id").hex
        assert (entry.pop("learner_id") is not None) is (case.subject in OF_LEARNERS)
        assert entry == {
            "organisation_id": organisation.id,
            "actor_kind": "user",
            "actor_id": organisation.staff[role].id,
            "action": case.action,
            "subject_kind": case.subject,
            "from_status": case.moves[0],
            "to_status": case.moves[1],
            "reason": None,
            "note": None,
            "changed_fields": case.changed_fields,
            "version": result["node"]["version"],
            "request_id": "call-17.a",
            "cause_id": None,
            "occurred_at": at,
            "recorded_at": at,
        }


@each_call
async def test_a_preview_answers_what_the_call_then_answers_and_changes_nothing(
    case: CallCase, organisation: Organisation, sign_in: SignIn
) -> None:
    client = sign_in(case.caller)
    for asked in (case.refused(organisation), case.changed(organisation)):
        if case.refusal == ("LIMIT_EXCEEDED",):
            continue  # what is full stays full
        await organisation.save()
        before = await organisation.everything()

        preview = await case.payload(client, {**asked, "preview": True, "idempotencyKey": "not kept"})

        assert preview["isPreview"] is True
        assert await organisation.everything() == before
        meant = await case.payload(client, asked)
        assert _without_made(meant) == _without_made(preview) | {"isPreview": False}


def _without_made(payload: Json) -> Json:
    """A payload without the identifiers of the records that it made, which are new each time."""
    for result in payload["results"]:
        if result["node"] and result["id"] != result["node"]["id"]:
            result["node"]["id"] = "made"
    return payload


@each_call
async def test_a_refused_row_leaves_everything_as_it_was(
    case: CallCase, organisation: Organisation, sign_in: SignIn
) -> None:
    asked = case.refused(organisation)
    await organisation.save()
    before = await organisation.everything()

    payload = await case.payload(sign_in(case.caller), asked)

    assert row_codes(payload) == [list(case.refusal)]
    assert payload["counts"] == {"changed": 0, "unchanged": 0, "refused": 1}
    assert await organisation.everything() == before


@each_call
async def test_the_same_key_and_input_again_get_the_same_outcome_and_change_nothing_more(
    case: CallCase, organisation: Organisation, sign_in: SignIn
) -> None:
    asked = {**case.changed(organisation), "idempotencyKey": "once"}
    client = sign_in(case.caller)

    first = await case.payload(client, asked)
    after = await organisation.everything()
    again = await case.payload(client, asked)

    assert outcomes(first) == [CHANGED]
    assert again == first
    assert await organisation.everything() == after


@each_call
async def test_the_same_key_with_another_input_is_refused(
    case: CallCase, organisation: Organisation, sign_in: SignIn
) -> None:
    client = sign_in(case.caller)
    asked = {**case.changed(organisation), "idempotencyKey": "once"}
    await case.payload(client, asked)
    after = await organisation.everything()
    other = {"expectedVersion": 9} if case.table is not None else {"errorPolicy": "REJECT_EVERYTHING"}
    if case.other is not None:
        other = dict(case.other)

    payload = await case.payload(client, {**asked, **other})

    assert call_codes(payload) == ["IDEMPOTENCY_KEY_REUSED"]
    assert await organisation.everything() == after


@each_call
async def test_a_record_of_another_organisation_is_answered_as_one_that_does_not_exist(
    case: CallCase, organisation: Organisation, sign_in: SignIn, new_id: RepeatableIds, clock: ManualClock
) -> None:
    if case.table is None:
        return
    asked = case.changed(organisation)
    twin = organisation.twin()
    prefix = PREFIXES[case.table]
    key = next(row["id"] for row in organisation.rows[case.table] if global_id(prefix, row["id"]) == asked["id"])
    theirs = twin.itself if key == organisation.id else twin.counterpart(organisation.record(key))
    await twin.save()
    before = await twin.everything()
    client = sign_in(case.caller)

    existing, missing = [
        await case.payload(client, {**asked, "id": id_}) for id_ in (theirs.gid, global_id(prefix, new_id(clock())))
    ]

    assert row_codes(existing) == [["NOT_FOUND"]]
    assert [result | {"id": ""} for result in existing["results"]] == [
        result | {"id": ""} for result in missing["results"]
    ]
    assert existing["results"][0]["node"] is None
    assert await twin.everything() == before


@each_call
async def test_a_record_at_another_version_than_expected_is_refused_with_the_one_it_has(
    case: CallCase, organisation: Organisation, sign_in: SignIn
) -> None:
    if case.table is None:
        return
    asked = case.changed(organisation)
    client = sign_in(case.caller)

    stale = await case.payload(client, {**asked, "expectedVersion": 7})
    fresh = await case.payload(client, {**asked, "expectedVersion": 1})

    assert row_codes(stale) == [["CHANGED_MEANWHILE"]]
    assert stale["results"][0]["errors"][0]["currentVersion"] == 1
    assert outcomes(fresh) == [CHANGED]


@each_call
async def test_an_id_of_another_type_is_said_to_be_invalid(
    case: CallCase, organisation: Organisation, sign_in: SignIn
) -> None:
    if case.table is None:
        return
    asked = {**case.changed(organisation), "id": f"sen_{organisation.id.hex}"}

    assert codes(await case.answer(sign_in(case.caller), asked)) == ["ID_INVALID"]
