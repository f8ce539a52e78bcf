"""What groups assign: records, and what brings them about."""

import pytest

from portal_api.domain.certifications import (
    AssignmentSourceKind,
    CycleOutcome,
    LearnerCertificationStatus,
)
from portal_api.domain.roles import Role
from portal_api.models import (
    assignment_sources,
    certification_cycles,
    group_members,
    history_entries,
    learner_certifications,
)
from tests.api.calls import call
from tests.api.cases import outcomes
from tests.api.certification_groups.scene import NORTH, SOUTH, TRIGGERS, WAYS, laid_out
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import DAY, Organisation

S = LearnerCertificationStatus


@WAYS
async def test_whoever_comes_into_a_group_is_assigned_and_whoever_leaves_it_is_not_any_more(
    way: str, organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    scene, trigger = await laid_out(organisation, sign_in, way), TRIGGERS[way]

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
    scene, trigger = await laid_out(organisation, sign_in, way), TRIGGERS[way]
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
    scene = await laid_out(organisation, sign_in, "attributes")
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
    scene = await laid_out(organisation, sign_in, "attributes")
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
    scene = await laid_out(organisation, sign_in, "attributes")
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
    scene = await laid_out(organisation, sign_in, "attributes")
    people = [
        {"givenName": "Ada", "familyName": str(number), "email": f"a{number}@example.org", "attributes": attributes}
        for number, attributes in enumerate(([NORTH], [SOUTH], [], [NORTH]))
    ]

    await scene.call("createLearners", learners=people)

    rows = await organisation.stored(learner_certifications)
    assert [row["status"] for row in rows] == [S.ASSIGNED] * 2
    for row in rows:
        assert await scene.told(row["id"]) == [("LEARNER_CERTIFICATION_ASSIGNED", "LEARNER_CREATED")]
