"""Where groups assign nothing, what is shown of it, and what it costs."""

from datetime import timedelta
from typing import Any

import pytest

from portal_api.domain.certifications import (
    AssignmentSourceKind,
    CertificationVersionStatus,
    LearnerCertificationStatus,
)
from portal_api.domain.roles import Role
from portal_api.models import (
    assignment_sources,
    certification_versions,
    group_members,
    history_entries,
    learner_certifications,
)
from portal_api.queries.certifications import grouping
from tests.api.calls import call
from tests.api.cases import call_codes, outcomes
from tests.api.certification_groups.scene import NORTH, OTHER_TESTS, SOUTH, WAYS, Scene, laid_out
from tests.client import Json
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import DAY, Organisation

S = LearnerCertificationStatus


async def test_nothing_of_an_inactive_learner_changes_until_they_are_active_again(
    organisation: Organisation, sign_in: SignIn
) -> None:
    scene = await laid_out(organisation, sign_in, "attributes")
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
    scene = await laid_out(organisation, sign_in, "attributes")
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
    scene = await laid_out(organisation, sign_in, "use")
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
    scene = await laid_out(organisation, sign_in, way)
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
    scene = await laid_out(organisation, sign_in, "attributes")
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
    scene = await laid_out(organisation, sign_in, "attributes")
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
    scene = await laid_out(organisation, sign_in, "names")
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
