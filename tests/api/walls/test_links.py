"""Lists and links lead to the records that are seen, and to no others."""

from typing import Any
from uuid import UUID

import pytest
from graphql import get_named_type

from portal_api.domain.roles import Role
from portal_api.models import (
    certification_groups,
    course_offer_trainers,
    course_units,
    group_members,
    roles,
    users,
)
from tests.api.walls.kinds import KINDS, NARROWED, TABLES
from tests.api.walls.paths import ROOT_LISTS, below, object_type
from tests.api.walls.related import RELATED
from tests.api.walls.scene import World, key
from tests.api.walls.seen import seen_by
from tests.client import codes
from tests.factories import PREFIXES

by_role = pytest.mark.parametrize("role", list(Role))
LISTS_OF_THE_ORGANISATION = {"users": "user", "groups": "group", "history": "entry organisation own"}
BESIDE_RECORDS = {
    "Viewer.organisation",
    "Viewer.user",
    "Viewer.learner",
    *(f"Organisation.{name}" for name in LISTS_OF_THE_ORGANISATION),
    "Learner.openRecords",
    "OpenRecord.subject",
    "LearnerUsage.learners",
    "LearnerUsage.quiet",
    "SeriesInsights.enrolments",
    "SeriesCount.series",
    "CertificationInsights.learnerCertifications",
    "ApprovalInsights.approvals",
    "CertificationCount.certification",
    "FiredLearncycle.learncycle",
    "SimulatedRun.cause",
    "SimulatedRun.learner",
    "LifecycleColumn.enrolments",
    "LearnerWithInactiveEnrolments.learner",
}
"""What leads to records from elsewhere than a record in a list at the root; each has a test of its own below."""
WHOLE_LIST = "{ totalCount nodes { id } edges { node { id } } }"


def _keys_in(value: Any) -> list[UUID]:
    """The records that a link came to; a list says the same in its edges and its count as in its nodes."""
    if value is None:
        return []
    if "nodes" not in value:
        return [key(value["id"])]
    keys = [key(node["id"]) for node in value["nodes"]]
    assert keys == [key(edge["node"]["id"]) for edge in value["edges"]]
    assert value["totalCount"] == len(keys)
    return keys


@by_role
async def test_lists_at_the_root_have_the_records_that_are_seen_and_no_others(role: Role, world: World) -> None:
    seen = world.keys_seen_by(role)

    for type_, root in ROOT_LISTS.items():
        listed = _keys_in((await world.clients[role].query(f"{{ {root}(first: 100) {WHOLE_LIST} }}"))[root])
        played = world.keys(KINDS[type_])
        assert set(listed) & world.keys() == played & seen, root
        assert not set(listed) & {key(id_) for id_ in world.theirs.values()}


@by_role
async def test_links_lead_to_the_records_that_are_seen_and_to_no_others(role: Role, world: World) -> None:
    organisation = world.clients[role].organisation
    rows = {
        table: await organisation.stored(table)
        for table in (*TABLES.values(), roles, group_members, certification_groups, course_units, course_offer_trainers)
    }
    seen, played = world.keys_seen_by(role), world.keys()

    for link, related_to in RELATED.items():
        type_, name = link.split(".")
        is_list = get_named_type(object_type(type_).fields[name].type).name.endswith("Connection")
        asked = f"id {name}(first: 50) {WHOLE_LIST}" if is_list else f"id {name} {{ id }}"
        ids = [world.ids[label] for label in world.kind(KINDS[type_])]
        by_key = {row["id"]: row for row in rows[TABLES[type_]]}

        answer = await world.clients[role].execute(
            f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {type_} {{ {asked} }} }} }}", {"ids": ids}
        )

        if role is Role.INTEGRATION and type_ in NARROWED:
            assert codes(answer) == ["FORBIDDEN"]
            continue
        assert "errors" not in answer, f"{link}: {answer['errors']}"
        found = [node for node in answer["data"]["nodes"] if node]
        assert {key(node["id"]) for node in found} == world.keys(KINDS[type_]) & seen
        for node in found:
            came_to, related = set(_keys_in(node[name])), set(related_to(by_key[key(node["id"])], rows))
            assert came_to & played == related & played & seen, f"{link} of {node['id']}"
            assert came_to <= related


@by_role
async def test_what_stands_open_with_a_learner_is_what_is_seen(role: Role, world: World) -> None:
    asked = below("Learner", "openRecords(first: 50) { totalCount nodes { subject { id } } }")
    open_now = {  # a Trainer sees no more of a learner than name, state and what hangs on their own offers
        "learner boss": {
            *("enrolment boss", "walk boss", "record boss", "approval boss"),
            *("attendance boss", "attendance taught"),
        },
        "learner report": {
            *("enrolment report", "record report", "record retired", "approval report"),
            *("attendance report", "attendance retired"),
        },
        "learner leaver": {"enrolment leaver"},
        "learner stranger": {"enrolment stranger", "record stranger", "approval stranger", "attendance stranger"},
        "learner manager": set[str](),
    }

    answer = await world.clients[role].execute(f"{{ {asked} }}")

    if role is Role.INTEGRATION:
        assert codes(answer) == ["FORBIDDEN"]
        return
    labels = {id_: label for label, id_ in world.ids.items()}
    for node in answer["data"]["learners"]["nodes"]:
        subjects = [each["subject"]["id"] for each in node["openRecords"]["nodes"]]
        assert node["openRecords"]["totalCount"] == len(subjects)
        if node["id"] in labels:
            told = set[str]() if role is Role.TRAINER else open_now[labels[node["id"]]]
            assert {labels[id_] for id_ in subjects if id_ in labels} == told


@by_role
async def test_the_usage_of_a_month_leads_administrators_to_all_learners_and_nobody_else_to_any(
    role: Role, world: World
) -> None:
    asked = f"count learners(first: 100) {WHOLE_LIST} quiet(first: 100) {WHOLE_LIST}"

    answer = await world.clients[role].execute(f"{{ {below('LearnerUsage', asked)} }}")

    if role not in (Role.OWNER, Role.ADMIN):
        assert codes(answer) == ["FORBIDDEN"]
        return
    usage = answer["data"]["learnerUsage"]
    assert set(_keys_in(usage["learners"])) & world.keys() == world.keys("learner")
    assert set(_keys_in(usage["quiet"])) & world.keys() == world.keys("learner")
    assert usage["count"] == usage["learners"]["totalCount"]


@by_role
async def test_insights_count_and_name_what_is_seen(role: Role, world: World) -> None:
    document = f"""
        {{ seriesInsights {{
          totalCount byStatus {{ count }} bySeries(first: 100) {{ count series {{ id }} }}
          byTrackingCode(first: 100) {{ trackingCode count }} enrolments(first: 100) {WHOLE_LIST}
        }} }}
    """

    answer = await world.clients[role].execute(document)

    if role is Role.INTEGRATION:
        assert codes(answer) == ["FORBIDDEN"]
        return
    seen, insights = seen_by(role), answer["data"]["seriesInsights"]
    played = {label for label in world.kind("enrolment") if label in seen}
    counted = set(_keys_in(insights["enrolments"]))
    assert counted & world.keys() == {key(world.ids[label]) for label in played}
    assert insights["totalCount"] == len(counted) == sum(each["count"] for each in insights["byStatus"])
    named = {key(each["series"]["id"]) for each in insights["bySeries"] if each["series"]}
    assert named & world.keys() <= world.keys_seen_by(role)
    assert sum(each["count"] for each in insights["bySeries"]) == len(counted)
    codes_told = {each["trackingCode"] for each in insights["byTrackingCode"]}
    assert codes_told & {world.refs[label] for label in world.kind("enrolment")} == {
        world.refs[label] for label in played
    }


@by_role
async def test_insights_into_certifications_count_and_name_what_is_seen(role: Role, world: World) -> None:
    certification = "byCertification(first: 100) { count certification { id } }"
    document = f"""
        {{
          certificationInsights {{
            totalCount byStatus {{ count }} {certification} learnerCertifications(first: 100) {WHOLE_LIST}
          }}
          approvalInsights {{ totalCount byKind {{ count }} {certification} approvals(first: 100) {WHOLE_LIST} }}
        }}
    """

    answer = await world.clients[role].execute(document)

    cases = [("approvalInsights", "approvals", "approval", "byKind")]
    if role is Role.INTEGRATION:
        assert codes(answer) == ["FORBIDDEN"]
    else:
        cases.append(("certificationInsights", "learnerCertifications", "record", "byStatus"))
    for report, list_, called, facet in cases:
        insights = answer["data"][report]
        counted = set(_keys_in(insights[list_]))
        assert counted & world.keys() == world.keys(called) & world.keys_seen_by(role)
        assert insights["totalCount"] == len(counted) == sum(each["count"] for each in insights[facet])
        named = {key(each["certification"]["id"]) for each in insights["byCertification"] if each["certification"]}
        assert named & world.keys() <= world.keys_seen_by(role)
        assert sum(each["count"] for each in insights["byCertification"]) == len(counted)


@by_role
async def test_the_organisation_leads_to_the_users_groups_and_entries_that_are_seen(role: Role, world: World) -> None:
    lists = " ".join(f"{name}(first: 100) {WHOLE_LIST}" for name in LISTS_OF_THE_ORGANISATION)

    data = await world.clients[role].query(f"{{ viewer {{ organisation {{ {lists} }} }} }}")

    for name, called in LISTS_OF_THE_ORGANISATION.items():
        wanted = {key(id_) for label, id_ in world.ids.items() if called in (label.split()[0], label)}
        came_to = set(_keys_in(data["viewer"]["organisation"][name]))
        assert came_to & world.keys() == wanted & world.keys_seen_by(role), name


@by_role
async def test_the_viewer_links_to_their_own_organisation_user_and_learner(role: Role, world: World) -> None:
    data = await world.clients[role].query("{ viewer { role organisation { id } user { id } learner { id } } }")

    own = {Role.MANAGER: "learner manager", Role.LEARNER: "learner report"}
    assert data["viewer"] == {
        "role": role.name,
        "organisation": {"id": world.ids["organisation own"]},
        "user": {"id": world.ids[f"user {role.name}"]},
        "learner": {"id": world.ids[own[role]]} if role in own else None,
    }


@by_role
async def test_users_are_seen_by_administrators_and_by_themselves(role: Role, world: World) -> None:
    document = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    labels = world.kind("user")

    data = await world.clients[role].query(document, {"ids": [world.ids[label] for label in labels]})

    seen = {node["id"] for node in data["nodes"] if node}
    assert seen == {world.ids[label] for label in labels if label in seen_by(role)}
    assert world.ids[f"user {role.name}"] in seen
    assert len(seen) == (len(labels) if role in (Role.OWNER, Role.ADMIN) else 1)
    assert PREFIXES[users] == "usr"


@by_role
async def test_the_link_of_an_export_is_given_to_whoever_asked_for_it_alone(role: Role, world: World) -> None:
    document = "query($id: ID!) { export(id: $id) { url } }"

    data = await world.clients[role].query(document, {"id": world.ids["export OWNER"]})

    match role:
        case Role.OWNER:
            assert data["export"]["url"]
        case Role.ADMIN:
            assert data == {"export": {"url": None}}
        case _:
            assert data == {"export": None}


@by_role
async def test_the_list_of_inactive_enrolments_leads_administrators_to_learners_and_nobody_else(
    role: Role, world: World
) -> None:
    document = f"{{ {below('LearnerWithInactiveEnrolments', 'learner { id } enrolments { courseEnrolmentId }')} }}"

    answer = await world.clients[role].execute(document)

    if role not in (Role.OWNER, Role.ADMIN):
        assert codes(answer) == ["FORBIDDEN"]
        return
    nodes = answer["data"]["learnersWithInactiveEnrolments"]["nodes"]
    assert {key(node["learner"]["id"]) for node in nodes} & world.keys() == world.keys("learner") & {
        key(world.ids["learner manager"])
    }
    named = {key(each["courseEnrolmentId"]) for node in nodes for each in node["enrolments"]}
    assert not named & {key(id_) for id_ in world.theirs.values()}


@by_role
async def test_the_board_of_the_lifecycle_has_the_enrolments_that_are_seen(role: Role, world: World) -> None:
    asked = f"stage enrolmentCount enrolments(first: 100) {WHOLE_LIST}"

    answer = await world.clients[role].execute(f"{{ {below('LifecycleColumn', asked)} }}")

    if role is Role.INTEGRATION:
        assert codes(answer) == ["FORBIDDEN"]
        return
    seen = await world.clients[role].query(f"{{ courseEnrolments(first: 100) {WHOLE_LIST} }}")
    stages = answer["data"]["lifecycleBoard"]["stages"]
    told = [each for stage in stages for each in _keys_in(stage["enrolments"])]
    assert sorted(told) == sorted(_keys_in(seen["courseEnrolments"]))
    assert [stage["enrolmentCount"] for stage in stages] == [len(_keys_in(stage["enrolments"])) for stage in stages]
