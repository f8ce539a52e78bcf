"""Editing a learner: only what is given changes, and everything that hangs on it follows."""

import asyncio
from typing import Any

import pytest

from portal_api.domain.roles import Role
from portal_api.ids import global_id
from portal_api.models import group_members, history_entries, learners, reporting_lines
from tests.api.cases import outcomes, row_codes
from tests.client import Client, Json
from tests.conftest import SignIn
from tests.factories import Organisation, Record

UPDATE = """
mutation Update($input: UpdateLearnerInput!) {
  updateLearner(input: $input) {
    isPreview
    counts { changed unchanged refused }
    errors { code path }
    results {
      index id outcome errors { code message path ... on ChangedMeanwhile { currentVersion } }
      node {
        id externalRef givenName familyName email version manager { id }
        attributes { name value } specialRequirements { text isPrivate }
      }
    }
  }
}
"""


async def edited(client: Client, learner: Record, **given: Any) -> Json:
    """The payload of an edit."""
    return (await client.query(UPDATE, {"input": {"id": learner.gid, **given}}))["updateLearner"]


async def changed_fields(organisation: Organisation, learner: Record) -> list[Any]:
    """What each entry of a learner's history says was changed."""
    entries = [each for each in await organisation.stored(history_entries) if each["subject_id"] == learner.id]
    return [each["changed_fields"] for each in sorted(entries, key=lambda each: each["version"])]


async def row_of(organisation: Organisation, learner: Record) -> dict[str, Any]:
    """A learner as stored."""
    return next(each for each in await organisation.stored(learners) if each["id"] == learner.id)


async def test_only_what_is_given_changes_and_search_and_order_follow(
    organisation: Organisation, sign_in: SignIn
) -> None:
    learner = organisation.learner(special_requirements="Quiet room")
    organisation.attribute(learner, "team", "Red")
    admin = sign_in(Role.ADMIN)

    payload = await edited(admin, learner, familyName="Ångström")

    node = payload["results"][0]["node"]
    assert node == {
        "id": learner.gid,
        "externalRef": learner["external_ref"],
        "givenName": learner["given_name"],
        "familyName": "Ångström",
        "email": learner["email"],
        "version": 2,
        "manager": None,
        "attributes": [{"name": "team", "value": "Red"}],
        "specialRequirements": {"text": "Quiet room", "isPrivate": False},
    }
    found = await admin.query('{ learners(filter: {search: "angstrom"}) { nodes { id } } }')
    assert found["learners"]["nodes"] == [{"id": learner.gid}]
    row = await row_of(organisation, learner)
    assert row["family_name_key"] == "angstrom"
    assert await changed_fields(organisation, learner) == [("familyName",)]


async def test_everything_can_be_changed_and_taken_away_and_history_names_the_fields_alone(
    organisation: Organisation, sign_in: SignIn
) -> None:
    learner, manager = organisation.learner(), organisation.learner()
    admin = sign_in(Role.ADMIN)
    given = {
        "givenName": "New",
        "familyName": "Name",
        "email": "new@example.org",
        "externalRef": "NEW",
        "managerId": manager.gid,
        "attributes": [{"name": "b", "value": "2"}, {"name": "a", "value": "1"}],
        "specialRequirements": {"text": "Secret words", "isPrivate": True},
    }

    first = await edited(admin, learner, **given)
    same = await edited(admin, learner, **{**given, "attributes": given["attributes"][::-1]})
    cleared = await edited(admin, learner, managerId=None, attributes=None, specialRequirements=None)

    node = first["results"][0]["node"]
    assert node["manager"] == {"id": manager.gid}
    assert node["attributes"] == [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}]
    assert node["specialRequirements"] == {"text": "Secret words", "isPrivate": True}
    assert same["counts"] == {"changed": 0, "unchanged": 1, "refused": 0}
    assert same["results"][0]["node"]["version"] == 2
    gone = cleared["results"][0]["node"]
    assert (gone["manager"], gone["attributes"], gone["specialRequirements"]) == (None, [], None)
    [one, two] = await changed_fields(organisation, learner)
    assert set(one) == set(given)
    assert set(two) == {"managerId", "attributes", "specialRequirements"}
    assert "Secret" not in str(await organisation.stored(history_entries))


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"givenName": None}, ["givenName"]),
        ({"familyName": ""}, ["familyName"]),
        ({"email": "x"}, ["email"]),
        ({"externalRef": None}, ["externalRef"]),
        ({"attributes": [{"name": "a", "value": ""}]}, ["attributes", "0", "value"]),
        ({"specialRequirements": {"text": " "}}, ["specialRequirements", "text"]),
    ],
)
async def test_what_cannot_be_meant_is_refused_with_its_place(
    given: Json, path: list[str], organisation: Organisation, sign_in: SignIn
) -> None:
    learner = organisation.learner()
    await organisation.save()
    before = await organisation.everything()

    payload = await edited(sign_in(Role.ADMIN), learner, **given)

    assert row_codes(payload) == [["INPUT_INVALID"]]
    assert payload["results"][0]["errors"][0]["path"] == ["input", *path]
    assert await organisation.everything() == before


async def test_references_and_managers_are_of_the_own_organisation(organisation: Organisation, sign_in: SignIn) -> None:
    learner, other = organisation.learner(), organisation.learner()
    twin = organisation.twin()
    theirs = twin.learner(external_ref="THEIRS")
    await twin.save()
    admin = sign_in(Role.ADMIN)

    taken = await edited(admin, learner, externalRef=other["external_ref"], managerId=theirs.gid)
    own = await edited(admin, learner, externalRef=learner["external_ref"])
    free = await edited(admin, learner, externalRef="THEIRS")

    assert row_codes(taken) == [["EXTERNAL_REF_TAKEN", "NOT_FOUND"]]
    assert [each["path"] for each in taken["results"][0]["errors"]] == [
        ["input", "externalRef"],
        ["input", "managerId"],
    ]
    assert outcomes(own) == ["UNCHANGED"]
    assert outcomes(free) == ["CHANGED"]
    nobody = await edited(admin, learner, managerId=global_id("lrn", organisation.new_id(organisation.clock())))
    assert row_codes(nobody) == [["NOT_FOUND"]]
    assert row_codes(await edited(admin, theirs, givenName="X")) == [["NOT_FOUND"]]


async def test_reporting_lines_follow_for_the_learner_and_everybody_below(
    organisation: Organisation, sign_in: SignIn
) -> None:
    """The invariants compare all lines with the chain of managers after the test."""
    top, moved, below, bottom = organisation.chain(4)
    other_top, new_manager = organisation.chain(2)
    admin = sign_in(Role.ADMIN)

    await edited(admin, moved, managerId=new_manager.gid)

    lines = {
        (each["manager_id"], each["learner_id"]): each["depth"] for each in await organisation.stored(reporting_lines)
    }
    assert lines[other_top.id, bottom.id] == 4
    assert lines[new_manager.id, moved.id] == 1
    assert lines[moved.id, bottom.id] == 2
    assert (top.id, below.id) not in lines
    await edited(admin, moved, managerId=None)
    lines = {
        (each["manager_id"], each["learner_id"]): each["depth"] for each in await organisation.stored(reporting_lines)
    }
    assert (new_manager.id, bottom.id) not in lines
    assert lines[moved.id, bottom.id] == 2


async def test_a_move_of_many_costs_as_many_statements_as_of_one(organisation: Organisation, sign_in: SignIn) -> None:
    alone, many, manager = organisation.learner(), organisation.learner(), organisation.learner()
    for _ in range(200):
        organisation.learner(reports_to=many)
    admin = sign_in(Role.ADMIN)
    await organisation.save()
    tally = organisation.database.tally

    async def statements(learner: Record) -> int:
        before = tally.statements
        assert outcomes(await edited(admin, learner, managerId=manager.gid)) == ["CHANGED"]
        return tally.statements - before

    assert await statements(alone) == await statements(many)


async def test_nobody_stands_above_themselves(organisation: Organisation, sign_in: SignIn) -> None:
    top, middle, bottom = organisation.chain(3)
    admin = sign_in(Role.ADMIN)
    await organisation.save()
    before = await organisation.everything()

    for manager in (top, middle, bottom):
        payload = await edited(admin, top, managerId=manager.gid)

        assert row_codes(payload) == [["REPORTING_CIRCLE"]]
        assert payload["results"][0]["errors"][0]["path"] == ["input", "managerId"]
    assert await organisation.everything() == before


async def test_two_moves_at_once_make_no_circle(organisation: Organisation, sign_in: SignIn) -> None:
    one, other = organisation.learner(), organisation.learner()
    await organisation.save()

    payloads = await asyncio.gather(
        edited(sign_in(Role.ADMIN), one, managerId=other.gid), edited(sign_in(Role.OWNER), other, managerId=one.gid)
    )

    assert sorted(outcomes(each)[0] for each in payloads) == ["CHANGED", "REFUSED"]
    assert [code for each in payloads for codes in row_codes(each) for code in codes] == ["REPORTING_CIRCLE"]


async def test_groups_follow_the_attributes(organisation: Organisation, sign_in: SignIn) -> None:
    learner, member = organisation.learner(), organisation.learner()
    red = organisation.group(member, team="Red", site="North")
    either = organisation.group(member, team="Red")
    retired = organisation.group(is_active=False, team="Red")
    admin = sign_in(Role.ADMIN)

    async def groups_of(who: Record) -> set[Any]:
        return {each["group_id"] for each in await organisation.stored(group_members) if each["learner_id"] == who.id}

    await edited(admin, learner, attributes=[{"name": "team", "value": "Red"}])
    assert await groups_of(learner) == {either.id}
    await edited(admin, learner, attributes=[{"name": "team", "value": "Red"}, {"name": "site", "value": "North"}])
    assert await groups_of(learner) == {red.id, either.id}
    await edited(admin, learner, attributes=[{"name": "site", "value": "North"}])
    assert await groups_of(learner) == set()
    assert await groups_of(member) == {red.id, either.id}
    assert retired.id not in {each["group_id"] for each in await organisation.stored(group_members)}


async def test_an_inactive_learner_and_an_owners_record_are_closed(organisation: Organisation, sign_in: SignIn) -> None:
    inactive, owners = organisation.learner(is_active=False), organisation.learner()
    organisation.user(Role.OWNER, owners)

    assert row_codes(await edited(sign_in(Role.OWNER), inactive, givenName="X")) == [
        ["LEARNER_INACTIVE", "STATUS_NOT_ALLOWED"]
    ]
    assert row_codes(await edited(sign_in(Role.ADMIN), owners, givenName="X")) == [["FORBIDDEN"]]
    assert outcomes(await edited(sign_in(Role.OWNER), owners, givenName="X")) == ["CHANGED"]


async def test_another_version_than_expected_is_refused(organisation: Organisation, sign_in: SignIn) -> None:
    learner = organisation.learner()
    admin = sign_in(Role.ADMIN)

    stale = await edited(admin, learner, givenName="X", expectedVersion=7)
    fresh = await edited(admin, learner, givenName="X", expectedVersion=1)

    assert stale["results"][0]["errors"][0]["currentVersion"] == 1
    assert row_codes(stale) == [["CHANGED_MEANWHILE"]]
    assert outcomes(fresh) == ["CHANGED"]


async def test_a_preview_of_an_edit_shows_it_and_a_repetition_is_answered_as_the_first(
    organisation: Organisation, sign_in: SignIn
) -> None:
    learner = organisation.learner()
    admin = sign_in(Role.ADMIN)
    await organisation.save()
    before = await organisation.everything()

    preview = await edited(admin, learner, givenName="Other", preview=True)

    assert preview["results"][0]["node"]["givenName"] == "Other"
    assert await organisation.everything() == before
    first = await edited(admin, learner, givenName="Other", idempotencyKey="k")
    assert await edited(admin, learner, givenName="Other", idempotencyKey="k") == first
    reused = await edited(admin, learner, givenName="Third", idempotencyKey="k")
    assert [each["code"] for each in reused["errors"]] == ["IDEMPOTENCY_KEY_REUSED"]
    assert (await row_of(organisation, learner))["version"] == 2
