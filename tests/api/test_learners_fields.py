"""What a learner's record shows, to whom, and how lists of learners are filtered and sorted."""

from datetime import timedelta
from typing import Any

import pytest

from portal_api.domain.certifications import ApprovalKind, ApprovalStatus, LearnerCertificationStatus
from portal_api.domain.pathways import PathwayEnrolmentStatus
from portal_api.domain.roles import Role
from portal_api.domain.series import SERIES_ENROLMENTS, SeriesEnrolmentStatus
from portal_api.models import series_enrolments
from tests.api.cases import case_of
from tests.client import Client, Json
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import DAY, Organisation, Record

_S = SeriesEnrolmentStatus
FIELDS = """
query Learner($id: ID!) {
  learner(id: $id) {
    lastActivityAt specialRequirements { text isPrivate } attributes { name value }
    notices { code message since } activityIntervals { activeFrom activeUntil }
    openRecords { totalCount nodes { kind status since subject { id ... on SeriesEnrolment { now: status } } } }
  }
}
"""


def wire(at: Any) -> str:
    """An instant as clients read it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


async def shown(client: Client, learner: Record) -> Json:
    """What a record shows."""
    return (await client.query(FIELDS, {"id": learner.gid}))["learner"]


async def found(client: Client, filter: Json, *order: Json) -> list[str]:
    """The learners of a list, by id."""
    data = await client.query(
        "query($filter: LearnerFilter, $order: [LearnerOrder!]) "
        "{ learners(first: 100, filter: $filter, orderBy: $order) { totalCount nodes { id } } }",
        {"filter": filter, "order": list(order) or None},
    )
    ids = [each["id"] for each in data["learners"]["nodes"]]
    assert data["learners"]["totalCount"] == len(ids)
    return ids


@pytest.mark.parametrize("is_private", [True, False])
async def test_the_text_of_a_private_note_is_for_administrators_others_see_that_there_is_one(
    is_private: bool, organisation: Organisation, sign_in: SignIn
) -> None:
    manager, learner = organisation.own[Role.MANAGER], organisation.own[Role.LEARNER]
    report = organisation.learner(
        reports_to=manager, special_requirements="Large print", special_requirements_are_private=is_private
    )
    whole = {"text": "Large print", "isPrivate": is_private}
    others = whole | {"text": None if is_private else "Large print"}

    assert (await shown(sign_in(Role.OWNER), report))["specialRequirements"] == whole
    assert (await shown(sign_in(Role.ADMIN), report))["specialRequirements"] == whole
    assert (await shown(sign_in(Role.MANAGER), report))["specialRequirements"] == others
    assert (await shown(sign_in(organisation.user(Role.LEARNER, report)), report))["specialRequirements"] == others
    assert (await shown(sign_in(Role.LEARNER), learner))["specialRequirements"] is None


async def test_attributes_and_intervals_are_for_administrators(organisation: Organisation, sign_in: SignIn) -> None:
    report = organisation.learner(reports_to=organisation.own[Role.MANAGER])
    organisation.attribute(report, "team", "Red")
    organisation.attribute(report, "site", "North")

    own = await shown(sign_in(Role.ADMIN), report)
    manager = await shown(sign_in(Role.MANAGER), report)

    assert own["attributes"] == [{"name": "site", "value": "North"}, {"name": "team", "value": "Red"}]
    assert own["activityIntervals"] == [{"activeFrom": wire(report["created_at"]), "activeUntil": None}]
    assert (manager["attributes"], manager["activityIntervals"]) == (None, None)


async def test_an_inactive_record_tells_whoever_opens_it_since_when_and_how_to_go_back(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    report = organisation.learner(reports_to=organisation.own[Role.MANAGER])
    assert (await shown(sign_in(Role.MANAGER), report))["notices"] == []
    at = clock.advance(DAY)

    await case_of("deactivateLearners").payload(sign_in(Role.ADMIN), report.gid)

    for role in (Role.ADMIN, Role.MANAGER):
        [notice] = (await shown(sign_in(role), report))["notices"]
        assert (notice["code"], notice["since"]) == ("INACTIVE", wire(at))
        assert "reactivate" in notice["message"]


async def test_open_records_are_what_has_not_ended_by_now(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    learner, other = organisation.learner(), organisation.learner()
    open_now: dict[str, str] = {}
    for status in _S:
        made = organisation.enrolment(learner, organisation.series(), status)
        if not SERIES_ENROLMENTS.statuses[status].is_ended:
            open_now[made.gid] = status.name
    overdue = {"starts_at": clock() - 9 * DAY, "ends_at": clock()}
    organisation.enrolment(learner, organisation.series(), _S.IN_PROGRESS, **overdue)
    moved = organisation.enrolment(
        learner,
        organisation.series(),
        _S.WAITING_TO_START,
        has_signed_in=True,
        starts_at=clock(),
        ends_at=clock() + DAY,
    )
    open_now[moved.gid] = "NO_ATTEMPTS"
    for each in PathwayEnrolmentStatus:
        organisation.pathway_enrolment(learner, organisation.pathway(organisation.series()), each)
    [of_pathway] = [row for row in organisation.rows[series_enrolments] if row["pathway_enrolment_id"]]
    open_now[organisation.record(of_pathway["id"]).gid] = "IN_PROGRESS"
    organisation.enrolment(other, organisation.series())

    shows = (await shown(sign_in(Role.ADMIN), learner))["openRecords"]

    series = [each for each in shows["nodes"] if each["kind"] == "SERIES_ENROLMENT"]
    assert {each["subject"]["id"]: each["status"] for each in series} == open_now
    assert all(each["status"] == each["subject"]["now"] for each in series)
    assert {each["since"] for each in series} == {wire(clock() - 30 * DAY)}
    assert [each["status"] for each in shows["nodes"] if each["kind"] == "PATHWAY_ENROLMENT"] == ["IN_PROGRESS"]
    assert shows["totalCount"] == len(shows["nodes"]) == len(open_now) + 1


async def test_open_records_take_in_certifications_that_are_not_finished_and_what_awaits_a_decision(
    engine: str, organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    learner = organisation.own[Role.LEARNER]
    unfinished = {"ASSIGNED", "NOT_STARTED", "IN_PROGRESS", "PENDING_APPROVAL", "RECERTIFYING"}
    open_now: dict[str, str] = {}
    for place, status in enumerate(LearnerCertificationStatus):
        made = organisation.learner_certification(
            learner, organisation.certification(), status, assigned_at=clock() - place * DAY
        )
        if status.name in unfinished:
            open_now[made.gid] = wire(clock() - place * DAY)
    organisation.learner_certification(
        learner, organisation.certification(), LearnerCertificationStatus.ASSIGNED, archived_at=clock() - DAY
    )
    at_work = organisation.learner_certification(organisation.learner(), organisation.certification())
    organisation.access_request(learner, organisation.certification(), requested_at=clock() - 7 * DAY)
    for status in ApprovalStatus:
        if status is not ApprovalStatus.PENDING:
            organisation.approval(at_work, ApprovalKind.MORE_ATTEMPTS, learner_id=learner.id, status=status, comment="")

    for role in (Role.ADMIN, Role.MANAGER, Role.LEARNER):
        shows = (await shown(sign_in(role), learner))["openRecords"]

        records = [each for each in shows["nodes"] if each["kind"] == "LEARNER_CERTIFICATION"]
        assert {each["subject"]["id"]: each["since"] for each in records} == open_now
        assert {each["status"] for each in records} == unfinished
        waiting = [each for each in shows["nodes"] if each["kind"] == "APPROVAL"]
        assert {each["status"] for each in waiting} == {"PENDING"}
        assert [each["subject"]["id"][:4] for each in waiting] == ["apr_"] * 2
        assert wire(clock() - 7 * DAY) in [each["since"] for each in waiting]
        assert shows["totalCount"] == len(shows["nodes"]) == len(open_now) + 2


async def test_a_deactivation_lists_the_certifications_and_approvals_that_it_leaves_open(
    engine: str, organisation: Organisation, sign_in: SignIn
) -> None:
    learner = organisation.own[Role.LEARNER]
    organisation.enrolment(learner, organisation.series(), _S.IN_PROGRESS)
    organisation.learner_certification(learner, organisation.certification(), LearnerCertificationStatus.CERTIFIED)
    pending = organisation.learner_certification(
        learner, organisation.certification(), LearnerCertificationStatus.PENDING_APPROVAL
    )
    document = """mutation ($input: DeactivateLearnersInput!) { deactivateLearners(input: $input) { results { outcome node {
      openRecords(first: 5) { totalCount nodes { kind status subject { id } } } } } } }"""
    given = {"ids": [learner.gid], "reason": "LEFT_ORGANISATION", "withdrawAll": True}

    data = await sign_in(Role.ADMIN).query(document, {"input": given})

    [result] = data["deactivateLearners"]["results"]
    left = result["node"]["openRecords"]
    assert (result["outcome"], left["totalCount"]) == ("CHANGED", 2)
    assert {(each["kind"], each["status"]) for each in left["nodes"]} == {
        ("LEARNER_CERTIFICATION", "PENDING_APPROVAL"),
        ("APPROVAL", "PENDING"),
    }
    assert pending.gid in [each["subject"]["id"] for each in left["nodes"]]


async def test_open_records_are_paged_and_cost_as_much_for_many_learners_as_for_one(
    organisation: Organisation, sign_in: SignIn
) -> None:
    learner = organisation.learner()
    enrolments = [organisation.enrolment(learner, organisation.series()).gid for _ in range(5)]
    for _ in range(20):
        organisation.enrolment(organisation.learner(), organisation.series())
    admin = sign_in(Role.ADMIN)
    document = """query($id: ID!, $after: String) { learner(id: $id) { openRecords(first: 2, after: $after) {
        nodes { subject { id } } pageInfo { hasNextPage endCursor } } } }"""
    seen: list[str] = []
    after, more = None, True
    while more:
        page = (await admin.query(document, {"id": learner.gid, "after": after}))["learner"]["openRecords"]
        seen += [each["subject"]["id"] for each in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert seen == sorted(enrolments)
    tally = organisation.database.tally

    async def statements(first: int) -> int:
        before = tally.statements
        await admin.query(f"{{ learners(first: {first}) {{ nodes {{ openRecords {{ nodes {{ status }} }} }} }} }}")
        return tally.statements - before

    assert await statements(1) == await statements(25)


async def test_lists_are_filtered_by_every_column(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    manager = organisation.learner(last_activity_at=clock() - 9 * DAY)
    active = organisation.learner(last_activity_at=clock() - DAY, reports_to=manager, special_requirements="Lift")
    gone = organisation.learner(is_active=False, has_app_access=False, reports_to=active)
    organisation.attribute(active, "team", "Red")
    organisation.attribute(gone, "team", "Blue")
    admin = sign_in(Role.ADMIN)
    recent = wire(clock() - 2 * DAY)

    assert await found(admin, {"lastActivityAt": {"gt": recent}}) == [active.gid]
    assert await found(admin, {"lastActivityAt": {"lt": recent}}) == [manager.gid]
    assert gone.gid in await found(admin, {"lastActivityAt": {"isNull": True}})
    assert await found(admin, {"deactivatedAt": {"isNull": False}}) == [gone.gid]
    assert await found(admin, {"deactivatedAt": {"lt": wire(clock())}}) == [gone.gid]
    assert await found(admin, {"hasSpecialRequirements": {"eq": True}}) == [active.gid]
    assert active.gid not in await found(admin, {"hasSpecialRequirements": {"eq": False}})
    assert await found(admin, {"managerId": {"eq": manager.gid}}) == [active.gid]
    assert await found(admin, {"managerId": {"in": [manager.gid, active.gid]}}) == sorted((active.gid, gone.gid))
    assert await found(admin, {"attribute": {"name": "team", "value": "Red"}}) == [active.gid]
    assert await found(admin, {"attribute": {"name": "team", "value": "red"}}) == []
    assert await found(admin, {"hasAppAccess": {"eq": False}, "status": {"eq": "INACTIVE"}}) == [gone.gid]
    assert await found(admin, {"reportsTo": {"manager": manager.gid}, "status": {"eq": "ACTIVE"}}) == [active.gid]


async def test_nobody_is_found_by_what_may_not_be_read(organisation: Organisation, sign_in: SignIn) -> None:
    boss = organisation.learner()
    middle = organisation.learner(reports_to=boss)
    report = organisation.learner(reports_to=middle)
    organisation.attribute(report, "team", "Red")
    manager = sign_in(organisation.user(Role.MANAGER, middle))

    assert await found(manager, {"attribute": {"name": "team", "value": "Red"}}) == []
    assert await found(manager, {"managerId": {"eq": middle.gid}}) == [report.gid]
    assert await found(manager, {"managerId": {"eq": boss.gid}}) == [], "whom the manager does not see"


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
async def test_lists_are_sorted_by_activity_and_deactivation(
    direction: str, organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    late = organisation.learner(last_activity_at=clock())
    early = organisation.learner(last_activity_at=clock() - DAY)
    left = organisation.learner(is_active=False, last_activity_at=clock() - 2 * DAY)
    longer = organisation.learner(
        is_active=False, last_activity_at=clock() - 3 * DAY, deactivated_at=clock() - timedelta(days=9)
    )
    admin = sign_in(Role.ADMIN)
    turn = 1 if direction == "ASC" else -1

    by_activity = await found(admin, {}, {"field": "LAST_ACTIVITY_AT", "direction": direction})
    by_deactivation = await found(
        admin, {"status": {"eq": "INACTIVE"}}, {"field": "DEACTIVATED_AT", "direction": direction}
    )

    active = [each for each in by_activity if each in {late.gid, early.gid, left.gid, longer.gid}]
    assert active[::turn] == [longer.gid, left.gid, early.gid, late.gid]
    assert by_activity[::turn][-4:] == [longer.gid, left.gid, early.gid, late.gid], "never comes first"
    assert by_deactivation[::turn] == [longer.gid, left.gid]


async def test_the_dashboard_counts_and_lists_all_learners_active_now(
    organisation: Organisation, sign_in: SignIn
) -> None:
    learners = [organisation.learner() for _ in range(30)]
    gone = [organisation.learner(is_active=False) for _ in range(3)]
    admin = sign_in(Role.ADMIN)
    document = """{ learners(first: 1000, filter: {status: {eq: ACTIVE}}) {
        totalCount nodes { id givenName familyName lastActivityAt } } }"""

    before = (await admin.query(document))["learners"]
    await case_of("deactivateLearners").payload(admin, learners[0].gid)
    await case_of("reactivateLearners").payload(admin, *(each.gid for each in gone))
    after = (await admin.query(document))["learners"]

    assert before["totalCount"] == len(before["nodes"]) == 32
    assert after["totalCount"] == len(after["nodes"]) == 34
    listed = {each["id"] for each in after["nodes"]}
    assert learners[0].gid not in listed
    assert {each.gid for each in gone} <= listed
