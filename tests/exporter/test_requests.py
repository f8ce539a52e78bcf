"""Requests for exports: who may ask, for what, how often; what is answered, kept and seen."""

from datetime import timedelta
from typing import Any

import pytest

from portal_api.domain.exports import ExportStatus
from portal_api.domain.roles import Role
from portal_api.models import exports, history_entries
from tests.client import codes
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.exporter.conftest import POLL, REQUEST, Ask
from tests.factories import DAY, Organisation


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN, Role.MANAGER])
async def test_a_request_waits_for_its_turn_and_says_so(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock, role: Role
) -> None:
    client = sign_in(role)

    data = await client.query(REQUEST, {"input": {"learners": {}}})

    payload = data["requestExport"]
    [result] = payload["results"]
    assert (payload["isPreview"], payload["errors"], result["id"], result["index"]) == (False, [], None, 0)
    node = result["node"]
    assert node["id"].startswith("exp_")
    assert node | {"id": ""} == {
        "id": "",
        "list": "LEARNERS",
        "status": "QUEUED",
        "progress": {"writtenCount": 0, "rowCount": None},
        "createdAt": f"{clock().replace(tzinfo=None).isoformat(timespec='microseconds')}Z",
        "finishedAt": None,
        "expiresAt": None,
        "url": None,
        "requestedBy": {"id": organisation.staff[role].gid},
        "version": 1,
    }
    polled = (await client.query(POLL, {"id": node["id"]}))["export"]
    assert polled["history"]["nodes"] == [
        {
            "action": "EXPORT_REQUESTED",
            "actorKind": "USER",
            "actor": {"id": organisation.staff[role].gid},
            "fromStatus": None,
            "toStatus": "QUEUED",
            "reason": None,
            "subjectVersion": 1,
        }
    ]


@pytest.mark.parametrize("role", [Role.TRAINER, Role.LEARNER, Role.INTEGRATION])
async def test_other_roles_export_nothing(organisation: Organisation, sign_in: SignIn, role: Role) -> None:
    before = await organisation.everything()

    assert codes(await sign_in(role).execute(REQUEST, {"input": {"learners": {}}})) == ["FORBIDDEN"]
    assert await organisation.everything() == before


@pytest.mark.parametrize("given", [{}, {"learners": None}, {"learners": {}, "seriesLibrary": {}}])
async def test_exactly_one_list_is_given(organisation: Organisation, sign_in: SignIn, given: Any) -> None:
    before = await organisation.everything()

    payload = (await sign_in(Role.ADMIN).query(REQUEST, {"input": given}))["requestExport"]

    assert [error["code"] for error in payload["errors"]] == ["INPUT_INVALID"]
    assert payload["results"] == []
    assert await organisation.everything() == before


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"learners": {"filter": {"id": {"eq": "nonsense"}}}}, "ID_INVALID"),
        ({"learners": {"filter": {"search": "a b c d e f g"}}}, "INPUT_INVALID"),
        ({"learners": {"orderBy": [{"field": "CREATED_AT"}, {"field": "CREATED_AT"}]}}, "INPUT_INVALID"),
        ({"seriesEnrolments": {"filter": {"trackingCode": {"in": ["x"] * 1_001}}}}, "LIMIT_EXCEEDED"),
    ],
)
async def test_what_the_list_would_refuse_is_refused_at_once(
    organisation: Organisation, sign_in: SignIn, given: Any, code: str
) -> None:
    before = await organisation.everything()

    assert codes(await sign_in(Role.ADMIN).execute(REQUEST, {"input": given})) == [code]
    assert await organisation.everything() == before


async def test_five_of_a_user_wait_or_run_and_no_more(organisation: Organisation, sign_in: SignIn, ask: Ask) -> None:
    admin = organisation.staff[Role.ADMIN]
    for status in ExportStatus:
        organisation.export(admin, status)
    for _ in range(3):
        await ask(Role.ADMIN, "learners")
    before = await organisation.everything()

    payload = (await sign_in(Role.ADMIN).query(REQUEST, {"input": {"learners": {}}}))["requestExport"]

    assert payload["counts"] == {"changed": 0, "refused": 1}
    assert [error["code"] for error in payload["results"][0]["errors"]] == ["LIMIT_EXCEEDED"]
    assert payload["results"][0]["node"] is None
    assert await organisation.everything() == before
    await ask(Role.OWNER, "learners")


async def test_a_preview_shows_the_export_and_asks_for_nothing(organisation: Organisation, sign_in: SignIn) -> None:
    before = await organisation.everything()

    data = await sign_in(Role.ADMIN).query(REQUEST, {"input": {"historyEntries": {}, "preview": True}})

    assert data["requestExport"]["isPreview"] is True
    assert data["requestExport"]["results"][0]["node"]["status"] == "QUEUED"
    assert await organisation.everything() == before


async def test_the_same_key_asks_once(organisation: Organisation, sign_in: SignIn) -> None:
    admin = sign_in(Role.ADMIN)
    filter_ = {"createdAt": {"gte": "2026-01-01T00:00:00Z"}, "status": {"in": ["ACTIVE"]}}
    given = {"learners": {"filter": filter_, "orderBy": [{"field": "FAMILY_NAME"}]}, "idempotencyKey": "once"}

    first = await admin.query(REQUEST, {"input": given})
    again = await admin.query(REQUEST, {"input": given})
    for other in ({"learners": {}}, {"seriesLibrary": {}}):
        data = await admin.query(REQUEST, {"input": {**other, "idempotencyKey": "once"}})
        assert [error["code"] for error in data["requestExport"]["errors"]] == ["IDEMPOTENCY_KEY_REUSED"]

    assert first == again
    assert len(await organisation.stored(exports)) == 1
    assert len(await organisation.stored(history_entries)) == 1


async def test_administrators_see_all_exports_others_their_own(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    made = {
        role: organisation.export(organisation.staff[role], ExportStatus.READY)
        for role in (Role.OWNER, Role.ADMIN, Role.MANAGER)
    }
    document = "{ exports { totalCount nodes { id url } } }"

    for role in Role:
        data = await sign_in(role).query(document)
        if role in (Role.OWNER, Role.ADMIN):
            seen = {each.gid for each in made.values()}
        else:
            seen = {made[role].gid} if role in made else set[str]()
        assert {node["id"] for node in data["exports"]["nodes"]} == seen
        for node in data["exports"]["nodes"]:
            is_own = node["id"] == (made[role].gid if role in made else "")
            assert (node["url"] is not None) is is_own
        for other in made.values():
            polled = (await sign_in(role).query(POLL, {"id": other.gid}))["export"]
            assert (polled is not None) is (other.gid in seen)


async def test_the_status_is_that_of_the_clock_in_rows_and_filters(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    export = organisation.export(organisation.staff[Role.ADMIN], ExportStatus.READY, expires_at=clock() + DAY)
    admin = sign_in(Role.ADMIN)
    document = "query ($s: ExportStatus) { exports(filter: {status: {eq: $s}}) { nodes { id status url } } }"

    async def at(status: str) -> list[Any]:
        return (await admin.query(document, {"s": status}))["exports"]["nodes"]

    clock.advance(DAY - timedelta(microseconds=1))
    [ready] = await at("READY")
    assert (ready["id"], ready["status"], ready["url"] is None) == (export.gid, "READY", False)
    assert await at("EXPIRED") == []
    clock.advance(timedelta(microseconds=1))
    assert await at("READY") == []
    assert await at("EXPIRED") == [{"id": export.gid, "status": "EXPIRED", "url": None}]


async def test_exports_are_found_by_list_and_sorted_by_age(
    organisation: Organisation, ask: Ask, sign_in: SignIn
) -> None:
    await ask(Role.ADMIN, "learners")
    wanted = await ask(Role.ADMIN, "seriesLibrary")

    data = await sign_in(Role.ADMIN).query(
        "{ exports(filter: {list: {eq: SERIES_LIBRARY}}, orderBy: [{field: CREATED_AT, direction: DESC}]) { nodes { id } } }"
    )

    assert data["exports"]["nodes"] == [{"id": wanted.id}]


async def test_a_history_of_exports_is_seen_by_whoever_sees_them(
    organisation: Organisation, ask: Ask, sign_in: SignIn
) -> None:
    mine = await ask(Role.MANAGER, "learners")
    await ask(Role.ADMIN, "learners")
    document = "{ historyEntries(filter: {subjectKind: {eq: EXPORT}}) { nodes { subject { id } } } }"

    data = await sign_in(Role.MANAGER).query(document)

    assert data["historyEntries"]["nodes"] == [{"subject": {"id": mine.id}}]
    assert len((await sign_in(Role.OWNER).query(document))["historyEntries"]["nodes"]) == 2
    assert (await sign_in(Role.LEARNER).query(document))["historyEntries"]["nodes"] == []
