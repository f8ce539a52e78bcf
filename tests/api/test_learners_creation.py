"""Adding learners: what each row makes, and what it is refused for."""

import asyncio
from typing import Any

import pytest

from portal_api.domain.roles import Role
from portal_api.ids import global_id
from portal_api.models import (
    activity_intervals,
    group_members,
    history_entries,
    learner_attributes,
    learners,
    reporting_lines,
)
from tests.api.cases import outcomes, row_codes
from tests.client import Client, Json, codes
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import Organisation

CREATE = """
mutation Create($input: CreateLearnersInput!) {
  createLearners(input: $input) {
    isPreview
    counts { changed unchanged refused }
    errors { code path }
    results {
      index id outcome errors { code message path }
      node {
        id externalRef givenName familyName email status hasAppAccess version createdAt lastActivityAt
        manager { id } attributes { name value } specialRequirements { text isPrivate }
        activityIntervals { activeFrom activeUntil } notices { code }
      }
    }
  }
}
"""


def row(**given: Any) -> Json:
    """A learner to be added."""
    return {"givenName": "Ngaio", "familyName": "Mársh", "email": "ngaio@example.org", **given}


async def created(client: Client, *rows: Json, **given: Any) -> Json:
    """The payload of a call."""
    data = await client.query(CREATE, {"input": {"learners": list(rows), **given}})
    return data["createLearners"]


async def test_a_new_learner_is_active_from_now_on_and_without_app_access(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    at = clock().isoformat(timespec="microseconds").replace("+00:00", "Z")

    payload = await created(sign_in(Role.ADMIN), row())

    [result] = payload["results"]
    node = result["node"]
    assert (result["index"], result["id"], result["outcome"]) == (0, None, "CHANGED")
    assert node == {
        "id": node["id"],
        "externalRef": node["id"],
        "givenName": "Ngaio",
        "familyName": "Mársh",
        "email": "ngaio@example.org",
        "status": "ACTIVE",
        "hasAppAccess": False,
        "version": 1,
        "createdAt": at,
        "lastActivityAt": None,
        "manager": None,
        "attributes": [],
        "specialRequirements": None,
        "activityIntervals": [{"activeFrom": at, "activeUntil": None}],
        "notices": [],
    }
    [entry] = await organisation.stored(history_entries)
    assert (entry["action"], entry["from_status"], entry["to_status"], entry["version"]) == (
        "learner_created",
        None,
        "ACTIVE",
        1,
    )


async def test_a_new_learner_has_all_that_is_given(organisation: Organisation, sign_in: SignIn) -> None:
    top, middle = organisation.chain(2)
    inactive = organisation.learner(is_active=False, reports_to=middle)
    group = organisation.group(organisation.learner(), team="Blue")
    given = row(
        externalRef="N-1",
        managerId=inactive.gid,
        attributes=[{"name": "team", "value": "Blue"}, {"name": "site", "value": "North"}],
        hasAppAccess=True,
        specialRequirements={"text": "Needs a lift.", "isPrivate": True},
    )

    payload = await created(sign_in(Role.OWNER), given)

    node = payload["results"][0]["node"]
    assert node["externalRef"] == "N-1"
    assert node["manager"] == {"id": inactive.gid}
    assert node["attributes"] == [{"name": "site", "value": "North"}, {"name": "team", "value": "Blue"}]
    assert node["hasAppAccess"] is True
    assert node["specialRequirements"] == {"text": "Needs a lift.", "isPrivate": True}
    [made] = [each["id"] for each in await organisation.stored(learners) if each["external_ref"] == "N-1"]
    assert {
        (line["manager_id"], line["depth"])
        for line in await organisation.stored(reporting_lines)
        if line["learner_id"] == made
    } == {(inactive.id, 1), (middle.id, 2), (top.id, 3)}
    assert {(each["group_id"], each["learner_id"]) for each in await organisation.stored(group_members)} >= {
        (group.id, made)
    }


async def test_of_rows_with_one_reference_the_first_has_it_and_others_are_told_where(
    organisation: Organisation, sign_in: SignIn
) -> None:
    taken = organisation.learner()
    twin = organisation.twin()
    twin.learner(external_ref="THEIRS")
    await twin.save()

    payload = await created(
        sign_in(Role.ADMIN),
        row(externalRef="A"),
        row(externalRef=taken["external_ref"]),
        row(externalRef="A"),
        row(externalRef="THEIRS"),
        row(email="nothing", externalRef="B"),
        row(externalRef="B"),
    )

    assert outcomes(payload) == ["CHANGED", "REFUSED", "REFUSED", "CHANGED", "REFUSED", "CHANGED"]
    assert [each["errors"][0]["path"] for each in payload["results"] if each["errors"]] == [
        ["input", "learners", "1", "externalRef"],
        ["input", "learners", "2", "externalRef"],
        ["input", "learners", "4", "email"],
    ]
    assert row_codes(payload)[1] == row_codes(payload)[2] == ["EXTERNAL_REF_TAKEN"]
    assert len(await organisation.stored(history_entries)) == payload["counts"]["changed"] == 3


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"givenName": " "}, ["givenName"]),
        ({"familyName": "x" * 201}, ["familyName"]),
        ({"email": "nobody"}, ["email"]),
        ({"externalRef": ""}, ["externalRef"]),
        ({"externalRef": "a\x00b"}, ["externalRef"]),
        ({"attributes": [{"name": "", "value": "x"}]}, ["attributes", "0", "name"]),
        ({"attributes": [{"name": "a", "value": "x" * 101}]}, ["attributes", "0", "value"]),
        ({"attributes": [{"name": "a", "value": "1"}, {"name": "a", "value": "2"}]}, ["attributes", "1", "name"]),
        ({"attributes": [{"name": f"a{n}", "value": "1"} for n in range(51)]}, ["attributes"]),
        ({"specialRequirements": {"text": ""}}, ["specialRequirements", "text"]),
        ({"specialRequirements": {"text": "x" * 2001}}, ["specialRequirements", "text"]),
    ],
)
async def test_a_row_that_cannot_be_meant_is_refused_with_its_place(
    given: Json, path: list[str], organisation: Organisation, sign_in: SignIn
) -> None:
    await organisation.save()
    before = await organisation.everything()

    payload = await created(sign_in(Role.ADMIN), row(**given))

    assert row_codes(payload) == [["INPUT_INVALID"]]
    assert payload["results"][0]["errors"][0]["path"] == ["input", "learners", "0", *path]
    assert payload["results"][0]["node"] is None
    assert await organisation.everything() == before


async def test_a_manager_who_is_not_seen_is_not_found(organisation: Organisation, sign_in: SignIn) -> None:
    twin = organisation.twin()
    theirs = twin.learner()
    await twin.save()
    nobody = global_id("lrn", organisation.new_id(organisation.clock()))

    payload = await created(sign_in(Role.ADMIN), row(managerId=theirs.gid), row(managerId=nobody))

    assert row_codes(payload) == [["NOT_FOUND"], ["NOT_FOUND"]]
    assert [each["errors"][0]["path"] for each in payload["results"]] == [
        ["input", "learners", "0", "managerId"],
        ["input", "learners", "1", "managerId"],
    ]
    wrong = await sign_in(Role.ADMIN).execute(CREATE, {"input": {"learners": [row(managerId="ser_1")]}})
    assert codes(wrong) == ["ID_INVALID"]


async def test_one_call_adds_one_to_a_thousand(organisation: Organisation, sign_in: SignIn) -> None:
    admin = sign_in(Role.ADMIN)
    tally = organisation.database.tally
    manager = organisation.learner()
    await organisation.save()

    async def statements(count: int) -> int:
        before = tally.statements
        given = row(managerId=manager.gid, attributes=[{"name": "team", "value": "Red"}])
        payload = await created(admin, *([given] * count))
        assert payload["counts"]["changed"] == count
        return tally.statements - before

    assert await statements(1) == await statements(1_000)
    none, many = await created(admin), await created(admin, *([row()] * 1_001))
    assert [each["code"] for each in none["errors"]] == ["LIST_EMPTY"]
    assert [each["code"] for each in many["errors"]] == ["LIMIT_EXCEEDED"]
    assert len(await organisation.stored(learner_attributes)) == 1_001
    assert len(await organisation.stored(activity_intervals)) == len(await organisation.stored(learners))


async def test_a_preview_makes_nobody_and_a_repetition_makes_nobody_more(
    organisation: Organisation, sign_in: SignIn
) -> None:
    admin = sign_in(Role.ADMIN)
    await organisation.save()
    before = await organisation.everything()

    preview = await created(admin, row(externalRef="P"), preview=True)

    assert preview["isPreview"] is True
    assert preview["results"][0]["node"]["externalRef"] == "P"
    assert await organisation.everything() == before
    first = await created(admin, row(externalRef="P"), idempotencyKey="once")
    again = await created(admin, row(externalRef="P"), idempotencyKey="once")
    assert first == again
    assert [each["external_ref"] for each in await organisation.stored(learners)].count("P") == 1


async def test_when_everything_is_to_be_rejected_nobody_is_made(organisation: Organisation, sign_in: SignIn) -> None:
    await organisation.save()
    before = await organisation.everything()

    payload = await created(sign_in(Role.ADMIN), row(), row(email="x"), errorPolicy="REJECT_EVERYTHING")

    assert row_codes(payload) == [["CALL_REJECTED"], ["INPUT_INVALID"]]
    assert [each["node"] for each in payload["results"]] == [None, None]
    assert await organisation.everything() == before


async def test_two_calls_at_once_with_one_reference_make_one_learner(
    organisation: Organisation, sign_in: SignIn
) -> None:
    await organisation.save()
    clients = [sign_in(Role.ADMIN), sign_in(Role.OWNER)] * 2

    payloads = await asyncio.gather(*(created(client, row(externalRef="ONE")) for client in clients))

    assert sorted(outcomes(each)[0] for each in payloads) == ["CHANGED", "REFUSED", "REFUSED", "REFUSED"]
    assert {tuple(codes) for each in payloads for codes in row_codes(each)} == {(), ("EXTERNAL_REF_TAKEN",)}
