"""What groups assign, through every door: the fixture checks in the end that no source is missing and none too many."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from portal_api.domain.certifications import (
    AssignmentSourceKind,
    CertificationVersionStatus,
    CycleOutcome,
    LearnerCertificationStatus,
)
from portal_api.domain.roles import Role
from portal_api.models import (
    assignment_sources,
    certification_cycles,
    certification_versions,
    group_members,
    history_entries,
    learner_certifications,
)
from portal_api.queries.certifications import grouping
from tests.api.calls import call
from tests.api.cases import call_codes, outcomes
from tests.client import Client, Json
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import DAY, Organisation, Record

S = LearnerCertificationStatus
NORTH, SOUTH = ({"name": "region", "value": value} for value in ("North", "South"))
TESTS, OTHER_TESTS = ([{"attribute": "region", "values": [value]}] for value in ("North", "South"))


@dataclass
class Scene:
    """A learner in the North, a group of the North that assigns a certification, and one of the South that does not."""

    organisation: Organisation
    owner: Client
    group: Record
    other: Record
    certification: Record
    learner: Record

    async def call(self, mutation: str, **given: Any) -> Json:
        payload = await call(self.owner, mutation, "id", **given)
        assert outcomes(payload) == ["CHANGED"] * len(payload["results"]), payload
        return payload

    async def records(self) -> list[dict[str, Any]]:
        """The learner's records, in the order in which they were made."""
        rows = await self.organisation.stored(learner_certifications)
        return sorted(
            (row for row in rows if row["learner_id"] == self.learner.id), key=lambda row: row["external_ref"]
        )

    async def sources(self) -> list[tuple[str, bool]]:
        """The kinds of the sources of the learner's records, and whether each stands."""
        rows = await self.organisation.stored(assignment_sources)
        return sorted((row["kind"].name, row["ended_at"] is None) for row in rows)

    async def told(self, record_id: Any) -> list[tuple[str, str | None]]:
        """What the history tells of a record, each with what caused it."""
        entries = await self.organisation.stored(history_entries)
        by_id = {entry["id"]: entry for entry in entries}
        own = sorted((entry for entry in entries if entry["subject_id"] == record_id), key=lambda each: each["version"])
        return [(entry["action"].name, entry["cause_id"] and by_id[entry["cause_id"]]["action"].name) for entry in own]

    async def set_attributes(self, *attributes: Json) -> Json:
        return await self.call("updateLearner", id=self.learner.gid, attributes=list(attributes))

    async def set_tests(self, conditions: list[Json]) -> Json:
        return await self.call("updateGroup", id=self.group.gid, conditions=conditions)

    async def name(self, *groups: Record) -> Json:
        return await self.call("updateCertification", id=self.certification.gid, groupIds=[each.gid for each in groups])


Turn = Callable[[Scene], Awaitable[Any]]


@dataclass(frozen=True)
class Trigger:
    """A way into a group and out of it again."""

    enter: Turn
    leave: Turn
    causes: tuple[str, str]
    is_named: bool = True
    """Whether the certification names the group before the way in."""


TRIGGERS = {
    "attributes": Trigger(
        lambda scene: scene.set_attributes(NORTH),
        lambda scene: scene.set_attributes(SOUTH),
        ("LEARNER_UPDATED", "LEARNER_UPDATED"),
    ),
    "tests": Trigger(
        lambda scene: scene.set_tests(OTHER_TESTS),
        lambda scene: scene.set_tests([{"attribute": "region", "values": ["East"]}]),
        ("GROUP_UPDATED", "GROUP_UPDATED"),
    ),
    "use": Trigger(
        lambda scene: scene.call("reinstateGroups", ids=[scene.group.gid]),
        lambda scene: scene.call("retireGroups", ids=[scene.group.gid]),
        ("GROUP_REINSTATED", "GROUP_RETIRED"),
    ),
    "names": Trigger(
        lambda scene: scene.name(scene.group, scene.other),
        lambda scene: scene.name(scene.other),
        ("CERTIFICATION_UPDATED", "CERTIFICATION_UPDATED"),
        is_named=False,
    ),
}


async def _scene(organisation: Organisation, sign_in: SignIn, way: str) -> Scene:
    """The learner outside: only the way in is missing."""
    is_in_use, is_there = way != "use", way in ("names", "use")
    group = organisation.group(is_active=is_in_use, region="North")
    other = organisation.group(region="West")
    learner, certification = organisation.learner(has_app_access=True), organisation.certification()
    organisation.attribute(learner, "region", "North" if is_there else "South")
    scene = Scene(organisation, sign_in(Role.OWNER), group, other, certification, learner)
    if way == "names":
        organisation.rows.setdefault(group_members, []).append(
            {"organisation_id": organisation.id, "group_id": group.id, "learner_id": learner.id}
        )
    if TRIGGERS[way].is_named:
        organisation.assigns(group, certification)
    return scene


WAYS = pytest.mark.parametrize("way", TRIGGERS)


@WAYS
async def test_whoever_comes_into_a_group_is_assigned_and_whoever_leaves_it_is_not_any_more(
    way: str, organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    scene, trigger = await _scene(organisation, sign_in, way), TRIGGERS[way]

    await trigger.enter(scene)

    [record] = await scene.records()
    assert (record["status"], record["version"], record["archived_at"]) == (S.ASSIGNED, 1, None)
    assert record["certification_id"] == scene.certification.id
    assert record["assigned_at"] == clock()
    [source] = await organisation.stored(assignment_sources)
    assert (source["kind"], source["group_id"]) == (AssignmentSourceKind.GROUP, scene.group.id)
    assert (source["created_at"], source["created_by"], source["ended_at"]) == (clock(), None, None)
    clock.advance(DAY)
    await trigger.leave(scene)

    [record] = await scene.records()
    assert (record["status"], record["version"], record["archived_at"]) == (S.ASSIGNED, 2, clock())
    [source] = await organisation.stored(assignment_sources)
    assert source["ended_at"] == clock()
    assert await scene.told(record["id"]) == [
        ("LEARNER_CERTIFICATION_ASSIGNED", trigger.causes[0]),
        ("LEARNER_CERTIFICATION_ARCHIVED", trigger.causes[1]),
    ]
    owner = organisation.staff[Role.OWNER].id
    entries = [each for each in await organisation.stored(history_entries) if each["subject_id"] == record["id"]]
    assert [(each["actor_id"], each["learner_id"]) for each in entries] == [(owner, scene.learner.id)] * 2

    clock.advance(DAY)
    await trigger.enter(scene)

    gone, made = sorted(await scene.records(), key=lambda row: row["assigned_at"])
    assert (gone["id"], gone["version"]) == (record["id"], 2)
    assert (made["archived_at"], made["assigned_at"]) == (None, clock())
    assert await scene.sources() == [("GROUP", False), ("GROUP", True)]


@WAYS
@pytest.mark.parametrize("status", S)
async def test_a_group_never_changes_the_status_of_a_record_that_is_there(
    way: str, status: S, organisation: Organisation, sign_in: SignIn
) -> None:
    """Barred and revoked ones among them; only what nobody has begun is archived when the group was all that kept it."""
    scene, trigger = await _scene(organisation, sign_in, way), TRIGGERS[way]
    record = organisation.learner_certification(scene.learner, scene.certification, status)
    for row in organisation.rows[assignment_sources]:
        row["ended_at"] = row["created_at"]
    await organisation.save()
    before = [{**organisation.record(record.id).row, "version": 2}]

    await trigger.enter(scene)

    assert await scene.records() == before
    assert await scene.sources() == [("GROUP", True), ("MANUAL", False)]

    await trigger.leave(scene)

    [after] = await scene.records()
    is_gone = status in (S.ASSIGNED, S.NOT_STARTED)
    assert (after["status"], after["version"], after["archived_at"] is not None) == (status, 3, is_gone)
    assert await scene.told(record.id) == [
        ("LEARNER_CERTIFICATION_REASSIGNED", trigger.causes[0]),
        (f"LEARNER_CERTIFICATION_{'ARCHIVED' if is_gone else 'UNASSIGNED'}", trigger.causes[1]),
    ]
    ended = [row["outcome"] for row in await organisation.stored(certification_cycles)]
    assert (CycleOutcome.REMOVED in ended) is (status is S.NOT_STARTED)

    await trigger.enter(scene)

    standing = [row for row in await organisation.stored(assignment_sources) if row["ended_at"] is None]
    assert [row["kind"].name for row in standing] == ["GROUP"]
    assert len(await scene.records()) == (2 if is_gone else 1)


@pytest.mark.parametrize("status", [S.ASSIGNED, S.NOT_STARTED])
async def test_another_source_keeps_a_record_that_a_group_lets_go(
    status: S, organisation: Organisation, sign_in: SignIn
) -> None:
    scene = await _scene(organisation, sign_in, "attributes")
    record = organisation.learner_certification(scene.learner, scene.certification, status)

    await scene.set_attributes(NORTH)
    assert await scene.sources() == [("GROUP", True), ("MANUAL", True)]
    await scene.set_attributes(SOUTH)

    assert await scene.sources() == [("GROUP", False), ("MANUAL", True)]
    [row] = await scene.records()
    assert (row["id"], row["status"], row["archived_at"]) == (record.id, status, None)
    assert [act for act, _ in await scene.told(record.id)] == [
        "LEARNER_CERTIFICATION_REASSIGNED",
        "LEARNER_CERTIFICATION_UNASSIGNED",
    ]


async def test_what_is_assigned_by_hand_and_by_a_group_goes_with_the_last_of_the_two(
    organisation: Organisation, sign_in: SignIn
) -> None:
    scene = await _scene(organisation, sign_in, "attributes")
    await scene.set_attributes(NORTH)
    given = {"certificationId": scene.certification.gid, "learnerIds": [scene.learner.gid]}

    assert outcomes(await scene.call("assignCertification", **given)) == ["CHANGED"]
    assert outcomes(await call(scene.owner, "assignCertification", **given)) == ["UNCHANGED"]
    [by_hand] = [row for row in await organisation.stored(assignment_sources) if row["group_id"] is None]
    await scene.call("removeAssignments", ids=[f"asg_{by_hand['id'].hex}"])

    [record] = await scene.records()
    assert (record["archived_at"], await scene.sources()) == (None, [("GROUP", True), ("MANUAL", False)])
    await scene.set_attributes()
    [record] = await scene.records()
    assert record["archived_at"] is not None
    assert [act.rpartition("_")[2] for act, _ in await scene.told(record["id"])] == [
        "ASSIGNED",
        "REASSIGNED",
        "UNASSIGNED",
        "ARCHIVED",
    ]


async def test_each_group_is_a_source_of_its_own_and_one_change_of_several_counts_once(
    organisation: Organisation, sign_in: SignIn
) -> None:
    scene = await _scene(organisation, sign_in, "attributes")
    south, both = organisation.group(region="South"), organisation.group(scene.learner, crew="Night")
    organisation.rows[group_members].append(
        {"organisation_id": organisation.id, "group_id": south.id, "learner_id": scene.learner.id}
    )
    second = organisation.certification()
    night = {"name": "crew", "value": "Night"}
    for group in (south, both):
        organisation.assigns(group, scene.certification)
    organisation.assigns(both, second)
    organisation.assigned_by_groups()

    await scene.set_attributes(NORTH, night)

    record, kept = sorted(await scene.records(), key=lambda row: row["certification_id"] != scene.certification.id)
    assert (record["version"], record["archived_at"], kept["version"]) == (2, None, 1)
    assert await scene.told(record["id"]) == [("LEARNER_CERTIFICATION_REASSIGNED", "LEARNER_UPDATED")]
    assert await scene.sources() == [("GROUP", False), *[("GROUP", True)] * 3]

    await scene.call("retireGroups", ids=[both.gid, scene.group.gid])

    rows = await scene.records()
    assert all(row["archived_at"] for row in rows)
    assert [await scene.told(row["id"]) for row in rows if row["id"] == kept["id"]] == [
        [("LEARNER_CERTIFICATION_ARCHIVED", "GROUP_RETIRED")]
    ]

    await scene.call("reinstateGroups", ids=[both.gid, scene.group.gid])

    standing = [row for row in await scene.records() if row["archived_at"] is None]
    assert {row["certification_id"]: row["version"] for row in standing} == {scene.certification.id: 1, second.id: 1}
    assert len([row for row in await organisation.stored(assignment_sources) if row["ended_at"] is None]) == 3


async def test_a_learner_who_is_added_is_assigned_what_their_attributes_bring(
    organisation: Organisation, sign_in: SignIn
) -> None:
    scene = await _scene(organisation, sign_in, "attributes")
    people = [
        {"givenName": "Ada", "familyName": str(number), "email": f"a{number}@example.org", "attributes": attributes}
        for number, attributes in enumerate(([NORTH], [SOUTH], [], [NORTH]))
    ]

    await scene.call("createLearners", learners=people)

    rows = await organisation.stored(learner_certifications)
    assert [row["status"] for row in rows] == [S.ASSIGNED] * 2
    for row in rows:
        assert await scene.told(row["id"]) == [("LEARNER_CERTIFICATION_ASSIGNED", "LEARNER_CREATED")]


async def test_nothing_of_an_inactive_learner_changes_until_they_are_active_again(
    organisation: Organisation, sign_in: SignIn
) -> None:
    scene = await _scene(organisation, sign_in, "attributes")
    left, kept = organisation.certification(), organisation.certification()
    organisation.assigns(scene.other, left)
    leaving = organisation.learner()
    organisation.attribute(leaving, "region", "West")
    row = {"organisation_id": organisation.id, "group_id": scene.other.id, "learner_id": leaving.id}
    organisation.rows.setdefault(group_members, []).append(row)
    organisation.assigned_by_groups()
    organisation.learner_certification(leaving, kept)
    await organisation.save()
    await scene.call("deactivateLearners", ids=[leaving.gid, scene.learner.gid], reason="OTHER")
    before = (await organisation.stored(learner_certifications), await organisation.stored(assignment_sources))

    await scene.set_tests(OTHER_TESTS)  # so the learner in the South is in it
    await scene.call("retireGroups", ids=[scene.other.gid])  # so the one in the West is in none
    await scene.call("updateCertification", id=kept.gid, groupIds=[scene.group.gid])

    assert (await organisation.stored(learner_certifications), await organisation.stored(assignment_sources)) == before

    await scene.call("reactivateLearners", ids=[leaving.gid, scene.learner.gid])

    made = {row["certification_id"]: row for row in await scene.records()}
    assert set(made) == {scene.certification.id, kept.id}
    told = [await scene.told(row["id"]) for row in made.values()]
    assert told == [[("LEARNER_CERTIFICATION_ASSIGNED", "LEARNER_REACTIVATED")]] * 2
    [gone] = [row for row in await organisation.stored(learner_certifications) if row["certification_id"] == left.id]
    assert gone["archived_at"] is not None
    assert await scene.told(gone["id"]) == [("LEARNER_CERTIFICATION_ARCHIVED", "LEARNER_REACTIVATED")]


async def test_an_inactive_certification_is_not_assigned_and_what_stands_ends_as_before(
    organisation: Organisation, sign_in: SignIn
) -> None:
    scene = await _scene(organisation, sign_in, "attributes")
    early = organisation.learner()
    organisation.attribute(early, "region", "North")
    organisation.rows.setdefault(group_members, []).append(
        {"organisation_id": organisation.id, "group_id": scene.group.id, "learner_id": early.id}
    )
    organisation.assigned_by_groups()

    await scene.call("retireCertifications", ids=[scene.certification.gid])
    assert await scene.sources() == [("GROUP", True)]
    await scene.set_attributes(NORTH)
    assert await scene.sources() == [("GROUP", True)]
    await scene.call("updateLearner", id=early.gid, attributes=[])
    assert await scene.sources() == [("GROUP", False)]
    assert await scene.records() == []
    await scene.call("reinstateCertifications", ids=[scene.certification.gid])

    [record] = await scene.records()
    assert await scene.told(record["id"]) == [("LEARNER_CERTIFICATION_ASSIGNED", "CERTIFICATION_REINSTATED")]
    assert await scene.sources() == [("GROUP", False), ("GROUP", True)]


async def test_a_certification_is_assigned_as_soon_as_a_version_is_published(
    organisation: Organisation, sign_in: SignIn
) -> None:
    scene = await _scene(organisation, sign_in, "use")
    await scene.call("reinstateGroups", ids=[scene.group.gid])
    [first] = await scene.records()
    await scene.call("updateCertification", id=scene.certification.gid, groupIds=[])
    [version] = await organisation.stored(certification_versions)
    await scene.call("retireCertificationVersion", id=f"ctv_{version['id'].hex}")

    made = await scene.call("createCertification", title="Fire warden", groupIds=[scene.group.gid])
    await scene.name(scene.group)
    assert [row["id"] for row in await scene.records() if not row["archived_at"]] == []
    for id_ in (made["results"][0]["node"]["id"], scene.certification.gid):
        drafted = await scene.call(
            "draftCertificationVersion",
            certificationId=id_,
            examTitle="Exam",
            steps=[{"title": "Step", "paths": ["ONLINE"]}],
        )
        draft = drafted["results"][0]["node"]["id"]
        await scene.call("publishCertificationVersion", id=draft)

    records = [row for row in await scene.records() if not row["archived_at"]]
    assert len(records) == 2
    assert first["id"] not in {row["id"] for row in records}
    for row in records:
        assert await scene.told(row["id"]) == [("LEARNER_CERTIFICATION_ASSIGNED", "CERTIFICATION_VERSION_PUBLISHED")]
    before = await scene.sources()
    again = await scene.call(
        "draftCertificationVersion", certificationId=scene.certification.gid, examTitle="Exam", steps=[]
    )
    await scene.call("publishCertificationVersion", id=again["results"][0]["node"]["id"])
    assert await scene.sources() == before


@WAYS
async def test_a_preview_tells_of_the_cause_alone_and_like_a_refusal_leaves_nothing(
    way: str, organisation: Organisation, sign_in: SignIn
) -> None:
    scene = await _scene(organisation, sign_in, way)
    await organisation.save()
    before = await organisation.everything()
    calls: dict[str, tuple[str, Json, bool]] = {
        "attributes": ("updateLearner", {"id": scene.learner.gid, "attributes": [NORTH]}, False),
        "tests": ("updateGroup", {"id": scene.group.gid, "conditions": OTHER_TESTS}, False),
        "use": ("reinstateGroups", {"ids": [scene.group.gid]}, True),
        "names": ("updateCertification", {"id": scene.certification.gid, "groupIds": [scene.group.gid]}, False),
    }
    mutation, given, is_list = calls[way]
    stale: Json = {"expectedVersions": [{"id": scene.group.gid, "version": 9}]} if is_list else {"expectedVersion": 9}

    assert outcomes(await call(scene.owner, mutation, **given, **stale)) == ["REFUSED"]
    assert await organisation.everything() == before
    preview = await call(scene.owner, mutation, **given, preview=True)
    assert (outcomes(preview), call_codes(preview)) == (["CHANGED"], [])
    assert await organisation.everything() == before


async def test_a_preview_shows_what_a_learner_would_be_assigned(organisation: Organisation, sign_in: SignIn) -> None:
    scene = await _scene(organisation, sign_in, "attributes")
    await organisation.save()
    asked = "certifications(first: 2) { nodes { status sources(first: 2) { nodes { kind removable reasons { code } group { id } } } } }"

    payload = await call(scene.owner, "updateLearner", asked, id=scene.learner.gid, attributes=[NORTH], preview=True)

    source = {
        "kind": "GROUP",
        "removable": False,
        "reasons": [{"code": "NOT_MANUAL_SOURCE"}],
        "group": {"id": scene.group.gid},
    }
    assert payload["results"][0]["node"] == {
        "certifications": {"nodes": [{"status": "ASSIGNED", "sources": {"nodes": [source]}}]}
    }


@pytest.mark.parametrize(
    ("role", "sees"), [(Role.OWNER, True), (Role.ADMIN, True), (Role.MANAGER, False), (Role.LEARNER, False)]
)
async def test_the_group_of_a_source_is_shown_to_whoever_sees_groups(
    role: Role, sees: bool, organisation: Organisation, sign_in: SignIn
) -> None:
    own = organisation.own[Role.LEARNER]
    group = organisation.group(own)
    organisation.assigns(group, organisation.certification())
    organisation.assigned_by_groups()
    await organisation.save()

    data = await sign_in(role).query(
        "query($id: ID!) { learner(id: $id) { certifications(first: 2) { nodes { sources(first: 2) { nodes { kind group { id } } } } } } }",
        {"id": own.gid},
    )

    [record] = data["learner"]["certifications"]["nodes"]
    assert record["sources"]["nodes"] == [{"kind": "GROUP", "group": {"id": group.gid} if sees else None}]


@pytest.mark.parametrize("by_hand", [True, False])
async def test_what_time_has_done_to_a_record_is_told_before_the_source_that_comes(
    by_hand: bool, organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    scene = await _scene(organisation, sign_in, "attributes")
    at = clock() + DAY
    times: dict[str, Any] = {"expires_at": at, "lapses_at": at + 30 * DAY, "window_opens_at": at - DAY}
    record = organisation.learner_certification(
        scene.learner, scene.certification, S.CERTIFIED, source=AssignmentSourceKind.SELF, **times
    )
    await organisation.save()
    clock.advance(timedelta(days=2))

    if by_hand:
        await scene.call("assignCertification", certificationId=scene.certification.gid, learnerIds=[scene.learner.gid])
    else:
        await scene.set_attributes(NORTH)

    entries = [each for each in await organisation.stored(history_entries) if each["subject_id"] == record.id]
    entries.sort(key=lambda each: each["version"])
    assert [(each["action"].name, each["from_status"], each["to_status"], each["occurred_at"]) for each in entries] == [
        ("LEARNER_CERTIFICATION_EXPIRED", "CERTIFIED", "EXPIRED", at),
        ("LEARNER_CERTIFICATION_REASSIGNED", "EXPIRED", "EXPIRED", clock()),
    ]


@pytest.mark.parametrize("has_records", [False, True])
async def test_two_hundred_members_cost_as_many_statements_as_one(
    has_records: bool, organisation: Organisation, sign_in: SignIn
) -> None:
    tally = organisation.database.tally
    owner, counted = sign_in(Role.OWNER), dict[int, list[int]]()
    for number in (1, 200):
        group, other = organisation.group(region=f"R{number}"), organisation.group(is_active=False)
        certification = organisation.certification(is_published=False)
        draft = organisation.certification_version(certification, CertificationVersionStatus.DRAFT)
        people = [organisation.learner() for _ in range(number)]
        for learner in people:
            organisation.attribute(learner, "region", f"R{number}-to-be")
            if has_records:
                organisation.learner_certification(learner, certification, S.CERTIFIED)
        for each in (group, other):
            organisation.assigns(each, certification)
        await organisation.save()
        scene = Scene(organisation, owner, group, other, certification, people[0])
        told = counted[number] = list[int]()

        async def tallied(mutation: str, scene: Scene = scene, told: list[int] = told, **given: Any) -> None:
            before = tally.statements
            await scene.call(mutation, **given)
            told.append(tally.statements - before)

        tests = [{"attribute": "region", "values": [f"R{number}-to-be"]}]
        await tallied("updateGroup", id=group.gid, conditions=tests)
        await tallied("publishCertificationVersion", id=draft.gid)
        await tallied("retireGroups", ids=[group.gid])
        await tallied("reinstateGroups", ids=[group.gid])
        await tallied("updateCertification", id=certification.gid, groupIds=[])
        await tallied("updateCertification", id=certification.gid, groupIds=[group.gid])
        await tallied("deactivateLearners", ids=[each.gid for each in people], reason="OTHER")
        await tallied("retireGroups", ids=[group.gid])
        await tallied("reactivateLearners", ids=[each.gid for each in people])
        standing = [row for row in await organisation.stored(assignment_sources) if row["group_id"] == group.id]
        assert len([row for row in standing if row["ended_at"]]) == 3 * number

    assert counted[1] == counted[200]


async def test_where_no_group_assigns_anything_a_change_asks_for_that_once_and_no_more(
    organisation: Organisation, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = await _scene(organisation, sign_in, "names")
    await organisation.save()
    asked: list[str] = []

    def told(name: str) -> Any:
        asks = getattr(grouping, name)

        async def asking(*given: Any) -> Any:
            asked.append(name)
            return await asks(*given)

        return asking

    for name in ("named", "hold_assigned", "lock_learners", "differing"):
        monkeypatch.setattr(grouping, name, told(name))
    calls: list[tuple[str, Json, list[str]]] = [
        ("updateLearner", {"id": scene.learner.gid, "givenName": "Ada"}, []),
        ("updateLearner", {"id": scene.learner.gid, "attributes": [SOUTH]}, ["hold_assigned"]),
        ("deactivateLearners", {"ids": [scene.learner.gid], "reason": "OTHER"}, []),
        ("reactivateLearners", {"ids": [scene.learner.gid]}, ["hold_assigned"]),
        ("updateGroup", {"id": scene.group.gid, "name": "Crew"}, []),
        ("updateGroup", {"id": scene.group.gid, "conditions": OTHER_TESTS}, ["named"]),
        ("retireGroups", {"ids": [scene.group.gid]}, ["named"]),
        ("reinstateGroups", {"ids": [scene.group.gid]}, ["named"]),
        ("updateCertification", {"id": scene.certification.gid, "title": "Fire warden"}, []),
        ("retireCertifications", {"ids": [scene.certification.gid]}, []),
        ("reinstateCertifications", {"ids": [scene.certification.gid]}, ["named"]),
    ]
    for mutation, given, expected in calls:
        asked.clear()
        await scene.call(mutation, **given)
        assert asked == expected, mutation
