"""Groups: whoever passes all tests is in them, whatever changed last; and only administrators see them."""

from random import Random
from typing import Any

import pytest

from portal_api.domain.roles import Role
from portal_api.models import group_conditions, group_members, history_entries, learner_attributes
from portal_api.queries.groups import refresh_memberships
from tests.api.cases import call_codes, call_of, case_of, outcomes
from tests.api.cases.groups import TESTS
from tests.client import Client, Json, codes
from tests.conftest import SignIn
from tests.factories import Organisation, Record

CREATE, UPDATE = call_of("createGroup"), call_of("updateGroup")
RETIRE, REINSTATE = case_of("retireGroups"), case_of("reinstateGroups")


async def _group(client: Client, id_: str, fields: str) -> Json:
    return (await client.query(f"query($id: ID!) {{ group(id: $id) {{ {fields} }} }}", {"id": id_}))["group"]


async def _members(client: Client, id_: str) -> set[str]:
    return {node["id"] for node in (await _group(client, id_, "learners { nodes { id } }"))["learners"]["nodes"]}


def _learner(organisation: Organisation, **attributes: str) -> Record:
    made = organisation.learner()
    for name, value in attributes.items():
        organisation.attribute(made, name, value)
    return made


def _tests(**attributes: list[str]) -> list[Json]:
    return [{"attribute": name, "values": values} for name, values in attributes.items()]


async def _made(client: Client, **attributes: list[str]) -> str:
    payload = await CREATE.payload(client, {"name": "Team", "conditions": _tests(**attributes)})
    assert outcomes(payload) == ["CHANGED"]
    return payload["results"][0]["node"]["id"]


async def test_a_group_holds_whoever_has_one_of_the_values_of_each_attribute(
    organisation: Organisation, sign_in: SignIn
) -> None:
    owner = sign_in(Role.OWNER)
    both = [_learner(organisation, region="North", team="Red"), _learner(organisation, region="South", team="Red")]
    _learner(organisation, region="North")
    _learner(organisation, region="North", team="Blue")
    _learner(organisation, region="north", team="Red")
    _learner(organisation, team="North", region="Red")
    inactive = organisation.learner(is_active=False)
    organisation.attribute(inactive, "region", "South")
    organisation.attribute(inactive, "team", "Red")

    id_ = await _made(owner, region=["South", "North", "North"], team=["Red"])

    assert await _members(owner, id_) == {each.gid for each in (*both, inactive)}
    read = await _group(owner, id_, "name status version conditions { attribute values } learners { totalCount }")
    assert read == {
        "name": "Team",
        "status": "ACTIVE",
        "version": 1,
        "conditions": [
            {"attribute": "region", "values": ["North", "South"]},
            {"attribute": "team", "values": ["Red"]},
        ],
        "learners": {"totalCount": 3},
    }


async def test_a_group_is_renamed_and_tested_anew(organisation: Organisation, sign_in: SignIn) -> None:
    owner = sign_in(Role.OWNER)
    north, south = _learner(organisation, region="North"), _learner(organisation, region="South")
    id_ = await _made(owner, region=["North"])

    same = await UPDATE.payload(owner, {"id": id_, "name": "Team", "conditions": _tests(region=["North", "North"])})
    renamed = await UPDATE.payload(owner, {"id": id_, "name": "Crew"})
    assert await _members(owner, id_) == {north.gid}
    retested = await UPDATE.payload(owner, {"id": id_, "conditions": _tests(region=["South"])})

    assert outcomes(same) == ["UNCHANGED"]
    assert outcomes(renamed) == outcomes(retested) == ["CHANGED"]
    assert await _members(owner, id_) == {south.gid}
    told = await _group(owner, id_, "name version history { nodes { changedFields subjectVersion } }")
    told["history"]["nodes"].sort(key=lambda each: -each["subjectVersion"])
    assert told == {
        "name": "Crew",
        "version": 3,
        "history": {
            "nodes": [
                {"changedFields": ["conditions"], "subjectVersion": 3},
                {"changedFields": ["name"], "subjectVersion": 2},
                {"changedFields": None, "subjectVersion": 1},
            ]
        },
    }


async def test_a_retired_group_holds_nobody_and_a_reinstated_one_whoever_passes_by_then(
    organisation: Organisation, sign_in: SignIn
) -> None:
    owner = sign_in(Role.OWNER)
    north = _learner(organisation, region="North")
    id_ = await _made(owner, region=["North"])

    await RETIRE.payload(owner, id_)
    assert await _members(owner, id_) == set()
    late = _learner(organisation, region="North")
    await REINSTATE.payload(owner, id_)

    assert await _members(owner, id_) == {north.gid, late.gid}


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"conditions": []}, "LIST_EMPTY", ["conditions"]),
        ({"conditions": _tests(region=[])}, "LIST_EMPTY", ["conditions", "0", "values"]),
        ({"conditions": [*TESTS, *TESTS]}, "INPUT_INVALID", ["conditions", "0", "attribute"]),
        ({"conditions": [{"attribute": " ", "values": ["a"]}]}, "INPUT_INVALID", ["conditions", "0", "attribute"]),
        ({"conditions": _tests(region=["a", ""])}, "INPUT_INVALID", ["conditions", "0", "values", "1"]),
        ({"conditions": _tests(region=["a\0"])}, "INPUT_INVALID", ["conditions", "0", "values", "0"]),
        (
            {"conditions": [{"attribute": f"a{n}", "values": ["x"]} for n in range(21)]},
            "LIMIT_EXCEEDED",
            ["conditions"],
        ),
        (
            {"conditions": _tests(region=[str(n) for n in range(101)])},
            "LIMIT_EXCEEDED",
            ["conditions", "0", "values"],
        ),
        ({"name": "", "conditions": TESTS}, "INPUT_INVALID", ["name"]),
    ],
)
async def test_a_group_that_cannot_be_meant_is_neither_made_nor_changed(
    organisation: Organisation, sign_in: SignIn, given: Json, code: str, path: list[str]
) -> None:
    group = organisation.group()
    await organisation.save()
    before = await organisation.everything()
    owner = sign_in(Role.OWNER)

    made = await CREATE.payload(owner, {"name": "Team", **given})
    changed = await UPDATE.payload(owner, {"id": group.gid, **given})

    for payload in (made, changed):
        assert call_codes(payload)[0] == code
        assert payload["errors"][0]["path"] == ["input", *path]
        assert payload["results"] == []
    assert await organisation.everything() == before


async def test_twenty_attributes_of_a_hundred_values_are_taken(organisation: Organisation, sign_in: SignIn) -> None:
    owner = sign_in(Role.OWNER)
    inside = _learner(organisation, **{f"a{n}": "99" for n in range(20)})
    _learner(organisation, **{f"a{n}": "99" for n in range(19)})

    id_ = await _made(owner, **{f"a{n}": [str(value) for value in range(100)] for n in range(20)})

    assert await _members(owner, id_) == {inside.gid}
    assert len(await organisation.stored(group_conditions)) == 2_000


async def _refreshed(organisation: Organisation, learner: Record, attributes: Json, **within: Any) -> None:
    """Changes the attributes of a learner as whoever edits learners does."""
    table = learner_attributes
    async with organisation.database.engine.begin() as connection:
        await connection.execute(
            table.delete().where(table.c.organisation_id == organisation.id, table.c.learner_id == learner.id)
        )
        for name, value in attributes.items():
            row = {"organisation_id": organisation.id, "learner_id": learner.id, "name": name, "value": value}
            await connection.execute(table.insert().values(row))
        await refresh_memberships(connection, organisation.id, **within)


@pytest.mark.parametrize("within", ["learners", "groups", "all"])
async def test_a_learner_whose_attributes_change_leaves_and_joins(
    organisation: Organisation, sign_in: SignIn, within: str
) -> None:
    owner = sign_in(Role.OWNER)
    moving, staying = _learner(organisation, region="North"), _learner(organisation, region="North")
    north, south = await _made(owner, region=["North"]), await _made(owner, region=["South"])
    groups = [row["group_id"] for row in await organisation.stored(group_conditions)]
    given: Json = {"learners": {"learner_ids": [moving.id]}, "groups": {"group_ids": groups}, "all": {}}[within]

    await _refreshed(organisation, moving, {"region": "South"}, **given)

    assert await _members(owner, north) == {staying.gid}
    assert await _members(owner, south) == {moving.gid}


async def test_memberships_are_right_after_any_changes(organisation: Organisation, sign_in: SignIn) -> None:
    """The fixture compares them with the tests in the end."""
    random, owner = Random(7), sign_in(Role.OWNER)
    learners = [_learner(organisation, region=random.choice("NS"), team=random.choice("RB")) for _ in range(12)]
    groups = [
        await _made(owner, region=["N"]),
        await _made(owner, region=["N", "S"], team=["R"]),
        await _made(owner, team=["B", "R"]),
    ]
    for _ in range(25):
        learner, group = random.choice(learners), random.choice(groups)
        match random.randrange(4):
            case 0:
                attributes = {name: random.choice("NSRB") for name in ("region", "team") if random.random() < 0.8}
                await _refreshed(organisation, learner, attributes, learner_ids=[learner.id])
            case 1:
                tests = _tests(**{random.choice(["region", "team"]): random.sample("NSRB", 2)})
                await UPDATE.payload(owner, {"id": group, "conditions": tests})
            case 2:
                await RETIRE.payload(owner, group)
            case _:
                await REINSTATE.payload(owner, group)
    assert await organisation.stored(group_members)


async def test_many_learners_cost_as_many_statements_as_one(organisation: Organisation, sign_in: SignIn) -> None:
    owner, tally = sign_in(Role.OWNER), organisation.database.tally
    counted: list[int] = []
    for count in (1, 300):
        for _ in range(count):
            _learner(organisation, region=f"R{count}")
        await organisation.save()
        before = tally.statements
        await _made(owner, region=[f"R{count}"])
        counted.append(tally.statements - before)

    assert counted[0] == counted[1] <= 14


async def test_learners_and_enrolments_are_found_by_the_groups_that_hold_them(
    organisation: Organisation, sign_in: SignIn
) -> None:
    one, two = organisation.learner(), organisation.learner()
    first, second = organisation.group(one, region="North"), organisation.group(two, team="Red")
    enrolments = {each.gid: organisation.enrolment(each, organisation.series()).gid for each in (one, two)}
    admin = sign_in(Role.ADMIN)
    document = """
        query($of: IdComparison) {
          learners(filter: {groupId: $of}) { nodes { id groups { nodes { id } } } }
          seriesEnrolments(filter: {groupId: $of}) { nodes { id } }
        }
    """

    async def found(given: Json) -> tuple[set[str], set[str]]:
        data = await admin.query(document, {"of": given})
        return (
            {each["id"] for each in data["learners"]["nodes"]},
            {each["id"] for each in data["seriesEnrolments"]["nodes"]},
        )

    assert await found({"eq": first.gid}) == ({one.gid}, {enrolments[one.gid]})
    assert await found({"in": [first.gid, second.gid]}) == ({one.gid, two.gid}, set(enrolments.values()))
    others, other_enrolments = await found({"notIn": [first.gid]})
    assert (one.gid in others, two.gid in others) == (False, True)
    assert other_enrolments == {enrolments[two.gid]}
    data = await admin.query(document, {"of": {"eq": first.gid}})
    assert data["learners"]["nodes"] == [{"id": one.gid, "groups": {"nodes": [{"id": first.gid}]}}]


@pytest.mark.parametrize("role", [Role.MANAGER, Role.TRAINER, Role.LEARNER, Role.INTEGRATION])
async def test_groups_are_for_administrators(organisation: Organisation, sign_in: SignIn, role: Role) -> None:
    group = organisation.group(organisation.own[Role.LEARNER])
    client = sign_in(role)
    read = "query($id: ID!) { groups { totalCount } group(id: $id) { id } node(id: $id) { id } }"
    by_group = "query($id: ID) { learners(filter: {groupId: {eq: $id}}) { totalCount } }"
    below = "{ learners { nodes { groups { totalCount } } } }"

    assert await client.query(read, {"id": group.gid}) == {"groups": {"totalCount": 0}, "group": None, "node": None}
    filtered, nested = await client.execute(by_group, {"id": group.gid}), await client.execute(below)
    if role is Role.INTEGRATION:
        assert codes(filtered) == codes(nested) == ["FORBIDDEN"]
        return
    assert filtered["data"] == {"learners": {"totalCount": 0}}
    assert all(node["groups"]["totalCount"] == 0 for node in nested["data"]["learners"]["nodes"])


async def test_groups_are_listed_filtered_and_sorted(organisation: Organisation, sign_in: SignIn) -> None:
    owner = sign_in(Role.OWNER)
    names = ["zeta", "Álpha", "beta"]
    ids = [
        (await CREATE.payload(owner, {"name": name, "conditions": TESTS}))["results"][0]["node"]["id"] for name in names
    ]
    await RETIRE.payload(owner, ids[0])
    document = "query($filter: GroupFilter) { groups(filter: $filter, orderBy: [{field: NAME}]) { nodes { name } } }"

    async def listed(given: Json) -> list[str]:
        return [node["name"] for node in (await owner.query(document, {"filter": given}))["groups"]["nodes"]]

    assert await listed({}) == ["Álpha", "beta", "zeta"]
    assert await listed({"status": {"eq": "RETIRED"}}) == ["zeta"]
    assert await listed({"search": "ALPHA"}) == ["Álpha"]


async def test_the_wall_stands_between_members(organisation: Organisation, sign_in: SignIn) -> None:
    """The same attribute with the same value in another organisation puts nobody in a group."""
    _learner(organisation, region="North")
    twin = organisation.twin()
    await twin.save()
    owner = sign_in(Role.OWNER)

    await _made(owner, region=["North"])

    assert await twin.stored(group_members) == []
    assert len(await organisation.stored(group_members)) == 1
    assert await twin.stored(history_entries) == []
