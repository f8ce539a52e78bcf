"""Users: added, given a role or none, linked to a learner record; and who is let in afterwards."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from portal_api.app import create_app
from portal_api.auth import Tokens
from portal_api.database import Database, open_database
from portal_api.domain.roles import Role
from portal_api.models import history_entries, roles, users
from portal_api.settings import Settings
from tests.api.cases import call_of, outcomes, row_codes
from tests.api.cases.users import PERSON
from tests.client import Client, Json, codes, http_client
from tests.clock import ManualClock, RepeatableIds
from tests.conftest import SignIn, settings_for
from tests.factories import Organisation, Record

CREATE, CREATE_INTEGRATIONS = call_of("createUsers"), call_of("createIntegrations")
ASSIGN, REMOVE, LINK = call_of("assignRole"), call_of("removeRole"), call_of("linkLearner")
USER = "id externalRef name email isMachine role learner { id } version"
ROUNDS, MANY_ROUNDS = 20, 200


async def _user(client: Client, id_: str, fields: str = USER) -> Json:
    return (await client.query(f"query($id: ID) {{ user(id: $id) {{ {fields} }} }}", {"id": id_}))["user"]


async def _listed(client: Client, **given: Any) -> list[str]:
    document = "query($filter: UserFilter, $orderBy: [UserOrder!]) { users(filter: $filter, orderBy: $orderBy) { nodes { id } } }"
    return [node["id"] for node in (await client.query(document, given))["users"]["nodes"]]


async def test_people_are_added_with_what_is_given(organisation: Organisation, sign_in: SignIn) -> None:
    owner, learner = sign_in(Role.OWNER), organisation.learner()
    people = [
        {**PERSON, "externalRef": "HR-7", "learnerId": learner.gid},
        {**PERSON, "name": "Ben Ode", "email": "ben@example.org", "role": "TRAINER"},
    ]

    payload = await CREATE.payload(owner, {"users": people})

    assert outcomes(payload) == ["CHANGED"] * 2
    assert [result["id"] for result in payload["results"]] == [None, None]
    first, second = [await _user(owner, result["node"]["id"]) for result in payload["results"]]
    assert first | {"id": ""} == {
        "id": "",
        "externalRef": "HR-7",
        "name": "Ana Mira",
        "email": "ana.mira@example.org",
        "isMachine": False,
        "role": "ADMIN",
        "learner": {"id": learner.gid},
        "version": 1,
    }
    assert second["externalRef"] == second["id"]
    assert (second["role"], second["learner"]) == ("TRAINER", None)


async def test_what_is_wrong_with_a_person_is_told_at_its_place_and_the_others_are_added(
    organisation: Organisation, sign_in: SignIn
) -> None:
    twin = organisation.twin()
    theirs = twin.learner()
    await twin.save()
    taken = organisation.staff[Role.ADMIN]["external_ref"]
    wrong: list[tuple[Json, str, str]] = [
        ({"email": "nobody"}, "INPUT_INVALID", "email"),
        ({"name": ""}, "INPUT_INVALID", "name"),
        ({"name": "x" * 201}, "INPUT_INVALID", "name"),
        ({"externalRef": ""}, "INPUT_INVALID", "externalRef"),
        ({"externalRef": "x" * 101}, "INPUT_INVALID", "externalRef"),
        ({"role": "INTEGRATION"}, "INPUT_INVALID", "role"),
        ({"externalRef": taken}, "EXTERNAL_REF_TAKEN", "externalRef"),
        ({"externalRef": "TWICE"}, "EXTERNAL_REF_TAKEN", "externalRef"),
        ({"learnerId": theirs.gid}, "NOT_FOUND", "learnerId"),
    ]
    rows = [{**PERSON, "externalRef": "TWICE"}, *({**PERSON, **given} for given, _, _ in wrong)]

    payload = await CREATE.payload(sign_in(Role.OWNER), {"users": rows})

    assert outcomes(payload) == ["CHANGED", *["REFUSED"] * len(wrong)]
    for index, (result, (_, code, field)) in enumerate(zip(payload["results"][1:], wrong, strict=True), start=1):
        [error] = result["errors"]
        assert (error["code"], error["path"]) == (code, ["input", "users", str(index), field])
    assert len(await organisation.stored(history_entries)) == 1


async def test_a_reference_is_taken_in_its_own_organisation_alone(organisation: Organisation, sign_in: SignIn) -> None:
    twin = organisation.twin()
    theirs = twin.user(Role.ADMIN)
    await twin.save()

    payload = await CREATE.payload(sign_in(Role.OWNER), {"users": [{**PERSON, "externalRef": theirs["external_ref"]}]})

    assert outcomes(payload) == ["CHANGED"]


async def test_when_everything_is_to_be_rejected_nobody_is_added(organisation: Organisation, sign_in: SignIn) -> None:
    before = await organisation.everything()

    payload = await CREATE.payload(
        sign_in(Role.OWNER), {"users": [PERSON, {**PERSON, "name": ""}], "errorPolicy": "REJECT_EVERYTHING"}
    )

    assert row_codes(payload) == [["CALL_REJECTED"], ["INPUT_INVALID"]]
    assert [result["node"] for result in payload["results"]] == [None, None]
    assert await organisation.everything() == before


async def test_many_people_cost_as_many_statements_as_one(organisation: Organisation, sign_in: SignIn) -> None:
    learners = [organisation.learner() for _ in range(300)]
    owner = sign_in(Role.OWNER)
    await organisation.save()
    tally, counted = organisation.database.tally, list[int]()
    for given in (learners[:1], learners):
        before = tally.statements
        people = [{**PERSON, "learnerId": each.gid, "externalRef": f"{len(given)}-{each.id}"} for each in given]
        payload = await CREATE.payload(owner, {"users": people, "idempotencyKey": f"{len(given)}"})
        assert payload["counts"]["changed"] == len(given)
        counted.append(tally.statements - before)

    assert counted[0] == counted[1] <= 14


async def test_machine_clients_are_added_as_such(organisation: Organisation, sign_in: SignIn) -> None:
    owner = sign_in(Role.OWNER)

    payload = await CREATE_INTEGRATIONS.payload(
        owner,
        {"integrations": [{"name": "Player"}, {"name": "Shop", "externalRef": "shop", "email": "it@example.org"}]},
    )

    player, shop = [await _user(owner, result["node"]["id"]) for result in payload["results"]]
    assert (player["isMachine"], player["role"], player["email"]) == (True, "INTEGRATION", "")
    assert (shop["isMachine"], shop["role"], shop["email"], shop["externalRef"]) == (
        True,
        "INTEGRATION",
        "it@example.org",
        "shop",
    )


async def test_a_role_is_assigned_and_history_tells_from_which_to_which(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    owner, trainer = sign_in(Role.OWNER), organisation.staff[Role.TRAINER]
    for mutation, given in ((ASSIGN, {"role": "ADMIN"}), (REMOVE, {}), (ASSIGN, {"role": "MANAGER"})):
        assert outcomes(await mutation.payload(owner, {"id": trainer.gid, **given})) == ["CHANGED"]
        clock.advance(timedelta(minutes=1))

    told = await _user(owner, trainer.gid, "role version history { nodes { action fromStatus toStatus } }")

    assert (told["role"], told["version"]) == ("MANAGER", 4)
    assert [(each["action"], each["fromStatus"], each["toStatus"]) for each in told["history"]["nodes"]] == [
        ("USER_ROLE_ASSIGNED", "REMOVED", "MANAGER"),
        ("USER_ROLE_REMOVED", "ADMIN", "REMOVED"),
        ("USER_ROLE_ASSIGNED", "TRAINER", "ADMIN"),
    ]


async def test_the_role_that_is_held_already_is_unchanged(organisation: Organisation, sign_in: SignIn) -> None:
    payload = await ASSIGN.payload(sign_in(Role.OWNER), {"id": organisation.staff[Role.TRAINER].gid, "role": "TRAINER"})

    assert outcomes(payload) == ["UNCHANGED"]
    assert await organisation.stored(history_entries) == []


async def test_machine_clients_and_people_never_change_places(organisation: Organisation, sign_in: SignIn) -> None:
    owner = sign_in(Role.OWNER)
    machine, person = organisation.staff[Role.INTEGRATION], organisation.staff[Role.TRAINER]
    await REMOVE.payload(owner, {"id": machine.gid})

    as_person = await ASSIGN.payload(owner, {"id": machine.gid, "role": "ADMIN"})
    as_machine = await ASSIGN.payload(owner, {"id": person.gid, "role": "INTEGRATION"})
    back = await ASSIGN.payload(owner, {"id": machine.gid, "role": "INTEGRATION"})

    assert row_codes(as_person) == row_codes(as_machine) == [["INPUT_INVALID"]]
    assert as_person["results"][0]["errors"][0]["path"] == ["input", "role"]
    assert outcomes(back) == ["CHANGED"]


@pytest.mark.parametrize(("mutation", "given"), [(ASSIGN, {"role": "ADMIN"}), (REMOVE, {})], ids=["assign", "remove"])
async def test_the_last_owner_is_kept_and_the_last_but_one_is_not(
    organisation: Organisation, sign_in: SignIn, mutation: Any, given: Json
) -> None:
    last = organisation.staff[Role.OWNER]
    owner = sign_in(last)
    actions = "actions { action available reasons { code } }"

    refused = await mutation.payload(owner, {"id": last.gid, **given})
    closed = {each["action"]: each for each in (await _user(owner, last.gid, actions))["actions"]}
    organisation.user(Role.OWNER)
    opened = {each["action"]: each for each in (await _user(owner, last.gid, actions))["actions"]}
    granted = await mutation.payload(owner, {"id": last.gid, **given})

    assert row_codes(refused) == [["LAST_OWNER"]]
    for action in ("ASSIGN_ROLE", "REMOVE_ROLE"):
        assert [reason["code"] for reason in closed[action]["reasons"]] == ["LAST_OWNER"]
        assert opened[action]["available"]
    assert outcomes(granted) == ["CHANGED"]


async def test_an_owner_whose_role_was_removed_does_not_count(organisation: Organisation, sign_in: SignIn) -> None:
    owner, other = sign_in(Role.OWNER), organisation.user(Role.OWNER)
    await REMOVE.payload(owner, {"id": other.gid})

    assert row_codes(await REMOVE.payload(owner, {"id": owner.user.gid})) == [["LAST_OWNER"]]


async def _remove_each_other(database: Database, settings: Settings, tokens: Tokens, new_id: Any, rounds: int) -> None:
    """Two processes, each with an Owner who removes the other at the same moment."""
    clock = ManualClock()
    other_settings = settings_for(settings.database_url)
    other = open_database(other_settings)
    apps = [
        create_app(settings, database=database, clock=clock, new_id=new_id),
        create_app(other_settings, database=other, clock=clock, new_id=new_id),
    ]
    async with http_client(apps[0]) as here, http_client(apps[1]) as there:
        for number in range(rounds):
            organisation = Organisation(database, clock, new_id)
            one, two = organisation.user(Role.OWNER), organisation.user(Role.OWNER)
            await organisation.save()
            answers = await asyncio.gather(
                REMOVE.answer(
                    Client(here, tokens, clock, organisation, one), {"id": two.gid, "idempotencyKey": f"{number}"}
                ),
                REMOVE.answer(
                    Client(there, tokens, clock, organisation, two), {"id": one.gid, "idempotencyKey": f"{number}"}
                ),
            )
            left = [row["user_id"] for row in await organisation.stored(roles) if row["role"] is Role.OWNER]
            assert len(left) == 1
            assert sorted(map(_told, answers)) in (["CHANGED", "LAST_OWNER"], ["CHANGED", "UNAUTHENTICATED"])
    await other.close()


def _told(answer: Json) -> str:
    if codes(answer):
        return codes(answer)[0]
    payload = answer["data"]["removeRole"]
    return row_codes(payload)[0][0] if row_codes(payload)[0] else outcomes(payload)[0]


async def test_two_owners_who_remove_each_other_leave_one(
    database: Database, settings: Settings, tokens: Tokens, new_id: RepeatableIds
) -> None:
    await _remove_each_other(database, settings, tokens, new_id, ROUNDS)


@pytest.mark.soak
async def test_two_owners_who_remove_each_other_leave_one_two_hundred_times(
    database: Database, settings: Settings, tokens: Tokens, new_id: RepeatableIds
) -> None:
    await _remove_each_other(database, settings, tokens, new_id, MANY_ROUNDS)


async def test_whoever_lost_their_role_is_out_at_once_for_changes_and_soon_for_reads(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    owner, admin = sign_in(Role.OWNER), sign_in(Role.ADMIN)
    learner = organisation.learner()
    assert await admin.query("{ viewer { role } }") == {"viewer": {"role": "ADMIN"}}
    await REMOVE.payload(owner, {"id": admin.user.gid})
    change = "mutation($id: ID!) { deactivateLearners(input: {ids: [$id], reason: OTHER}) { counts { changed } } }"

    assert codes(await admin.execute(change, {"id": learner.gid})) == ["UNAUTHENTICATED"]
    clock.advance(timedelta(seconds=5))
    assert codes(await admin.execute("{ viewer { role } }")) == ["UNAUTHENTICATED"]
    removed = await _user(owner, admin.user.gid)
    assert (removed["role"], removed["name"]) == (None, admin.user["name"])


async def test_a_user_is_linked_to_a_learner_record_and_to_none(organisation: Organisation, sign_in: SignIn) -> None:
    owner, trainer, learner = sign_in(Role.OWNER), organisation.staff[Role.TRAINER], organisation.learner()
    twin = organisation.twin()
    await twin.save()

    linked = await LINK.payload(owner, {"id": trainer.gid, "learnerId": learner.gid})
    again = await LINK.payload(owner, {"id": trainer.gid, "learnerId": learner.gid})
    seen = await _user(owner, trainer.gid)
    by_learner = await _listed(owner, filter={"learnerId": {"eq": learner.gid}})
    theirs = await LINK.payload(owner, {"id": trainer.gid, "learnerId": twin.counterpart(learner).gid})
    unlinked = await LINK.payload(owner, {"id": trainer.gid, "learnerId": None})

    assert outcomes(linked) == outcomes(unlinked) == ["CHANGED"]
    assert outcomes(again) == ["UNCHANGED"]
    assert seen["learner"] == {"id": learner.gid}
    assert by_learner == [trainer.gid]
    assert row_codes(theirs) == [["NOT_FOUND"]]
    assert theirs["results"][0]["errors"][0]["path"] == ["input", "learnerId"]
    assert (await _user(owner, trainer.gid))["learner"] is None


async def test_users_are_listed_filtered_and_sorted(organisation: Organisation, sign_in: SignIn) -> None:
    owner, staff = sign_in(Role.OWNER), organisation.staff
    await REMOVE.payload(owner, {"id": staff[Role.TRAINER].gid})
    everybody = {user.gid for user in staff.values()}

    assert set(await _listed(owner)) == everybody
    assert await _listed(owner, filter={"role": {"eq": "MANAGER"}}) == [staff[Role.MANAGER].gid]
    assert await _listed(owner, filter={"hasRole": {"eq": False}}) == [staff[Role.TRAINER].gid]
    assert set(await _listed(owner, filter={"hasRole": {"eq": True}})) == everybody - {staff[Role.TRAINER].gid}
    assert await _listed(owner, filter={"isMachine": {"eq": True}}) == [staff[Role.INTEGRATION].gid]
    others = await _listed(owner, filter={"role": {"notIn": ["OWNER", "ADMIN"]}})
    assert set(others) == everybody - {staff[Role.OWNER].gid, staff[Role.ADMIN].gid}
    assert set(await _listed(owner, filter={"role": {"in": ["OWNER", "ADMIN"]}})) == everybody - set(others)
    unlinked = await _listed(owner, filter={"learnerId": {"notIn": [organisation.own[Role.MANAGER].gid]}})
    assert set(unlinked) == everybody - {staff[Role.MANAGER].gid}, (
        "to be linked to nobody is to be linked to no manager"
    )
    by_name = await _listed(owner, orderBy=[{"field": "NAME", "direction": "DESC"}])
    assert by_name == [user.gid for user in sorted(staff.values(), key=lambda each: each["name"], reverse=True)]


async def test_names_are_sorted_without_regard_to_case_and_accents(organisation: Organisation, sign_in: SignIn) -> None:
    owner, names = sign_in(Role.OWNER), ("Zora", "Öffner", "abel", "oda", "Ábel B", "ODA B")
    await CREATE.payload(owner, {"users": [{**PERSON, "name": name, "email": "of@new.org"} for name in names]})

    document = """
        query($direction: OrderDirection!) {
          users(filter: {search: "of@new.org"}, orderBy: [{field: NAME, direction: $direction}]) { nodes { name } }
        }
    """
    found = {
        direction: [each["name"] for each in (await owner.query(document, {"direction": direction}))["users"]["nodes"]]
        for direction in ("ASC", "DESC")
    }

    assert found["ASC"] == ["abel", "Ábel B", "oda", "ODA B", "Öffner", "Zora"]
    assert found["DESC"] == found["ASC"][::-1]


async def test_users_are_found_by_words_of_their_name_address_and_reference(
    organisation: Organisation, sign_in: SignIn
) -> None:
    owner = sign_in(Role.OWNER)
    people = [
        {**PERSON, "name": "Zoë Ångström", "email": "zoe@north.org", "externalRef": "HR-7"},
        {**PERSON, "name": "100%_sure Straße", "email": "sure@north.org", "externalRef": "hr-8"},
    ]
    made = (await CREATE.payload(owner, {"users": people}))["results"]
    machines = [{"name": "Player Zoë"}]
    made += (await CREATE_INTEGRATIONS.payload(owner, {"integrations": machines}))["results"]
    zoe, sure, player = [result["node"]["id"] for result in made]

    async def found(words: str) -> set[str]:
        return set(await _listed(owner, filter={"search": words}))

    assert await found("ZOE") == {zoe, player}
    assert await found("angstr zoë") == {zoe}, "the words stand anywhere, in any order"
    assert await found("Hr- NORTH.org") == {zoe, sure}
    assert await found("zoe hr-8") == set(), "every word must stand there"
    assert await found("0%_s STRASSE") == {sure}
    assert await found("zo_") == await found("z%e") == set(), "what is a wildcard to the database is a character to us"
    assert await found(player.upper()) == {player}, "a reference that was not given is the identifier"
    assert await found(" ") == set(await _listed(owner))
    assert await _listed(owner, filter={"search": "zoe", "isMachine": {"eq": False}}) == [zoe]
    assert codes(await owner.execute('{ users(filter: {search: "a b c d e f g"}) { totalCount } }')) == [
        "INPUT_INVALID"
    ]
    assert await _listed(sign_in(Role.TRAINER), filter={"search": "zoe"}) == []


@pytest.mark.parametrize("role", [Role.MANAGER, Role.TRAINER, Role.LEARNER, Role.INTEGRATION])
async def test_who_is_no_administrator_sees_themselves_alone(
    organisation: Organisation, sign_in: SignIn, role: Role
) -> None:
    own: Record = organisation.staff[role]
    client = sign_in(role)

    assert await _listed(client) == [own.gid]
    assert await _user(client, organisation.staff[Role.OWNER].gid, "id") is None
    states = (await _user(client, own.gid, "actions { available reasons { code } }"))["actions"]
    assert {each["reasons"][0]["code"] for each in states} == {"FORBIDDEN"}


async def test_a_user_of_two_organisations_has_in_each_the_role_of_there(
    organisation: Organisation, sign_in: SignIn
) -> None:
    twin = organisation.twin()
    both = organisation.staff[Role.ADMIN]
    await organisation.save()
    twin.joined_by(both, Role.TRAINER)
    await twin.save()

    here = await _user(sign_in(Role.OWNER), both.gid)
    there = await _user(sign_in(Role.OWNER, twin), both.gid)
    await REMOVE.payload(sign_in(Role.OWNER, twin), {"id": both.gid})

    assert (here["role"], there["role"]) == ("ADMIN", "TRAINER")
    assert (await _user(sign_in(Role.OWNER), both.gid))["role"] == "ADMIN"
    assert len([row for row in await organisation.stored(users) if row["id"] == both.id]) == 1
