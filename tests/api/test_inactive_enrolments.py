"""Learners all of whose course enrolments are inactive: who they are, why, since which instant, and set inactive."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from portal_api.domain.courses.inactivity import inactivity_of, latest_end_of
from portal_api.domain.courses.statuses import CourseEnrolmentStatus
from portal_api.domain.learners import DeactivationReason
from portal_api.domain.roles import ADMINISTRATORS, Role
from portal_api.models import history_entries, learners
from tests.api.calls import answer, call, codes_and_paths
from tests.client import Client, Json, codes
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import Organisation, Record

_S = CourseEnrolmentStatus
MICROSECOND = timedelta(microseconds=1)
MUTATION = "deactivateLearnersWithInactiveEnrolments"
CANDIDATES = """
query (
  $first: Int, $after: String, $filter: LearnerWithInactiveEnrolmentsFilter, $order: [LearnerWithInactiveEnrolmentsOrder!]
) {
  learnersWithInactiveEnrolments(first: $first, after: $after, filter: $filter, orderBy: $order) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes {
      learner { id familyName }
      enrolments { courseEnrolmentId reason status latestEndOn }
      reasons
      lastActivityAt
    }
  }
}
"""


async def page_of(client: Client, **given: Any) -> Json:
    data = await client.query(CANDIDATES, given)
    return data["learnersWithInactiveEnrolments"]


async def candidates(client: Client, **filter: Any) -> set[str]:
    page = await page_of(client, first=1000, filter=filter)
    ids = {node["learner"]["id"] for node in page["nodes"]}
    assert page["totalCount"] == len(ids)
    return ids


def ended(organisation: Organisation, offer: Record | None = None, **columns: Any) -> Record:
    """A learner whose one enrolment is withdrawn."""
    learner = organisation.learner(**columns)
    organisation.course_enrolment(learner, offer, _S.WITHDRAWN)
    return learner


async def test_a_learner_is_a_candidate_exactly_if_all_of_their_enrolments_are_inactive(
    organisation: Organisation, sign_in: SignIn
) -> None:
    """Every status, with every kind of own end and of units: SQL and the rule of the domain say the same of each."""
    offer = organisation.course_offer(organisation.course())
    library = [organisation.unit() for _ in range(2)]
    ends = (None, -1, 0)
    expected: dict[str, list[Json]] = {}
    for status, own, units in product(_S, ends, [(), *product(ends), *product(ends, ends)]):
        learner = organisation.learner()
        own_end = None if own is None else organisation.day(own)
        enrolment = organisation.course_enrolment(learner, offer, status, ends_on=own_end)
        for unit, end in zip(library, units, strict=False):
            organisation.unit_enrolment(enrolment, unit, ends=end)
        latest = latest_end_of([None if each is None else organisation.day(each) for each in units], own_end)
        why = inactivity_of(status, latest, organisation.today)
        if why:
            told = {
                "courseEnrolmentId": enrolment.gid,
                "reason": why.reason.name,
                "status": status.name,
                "latestEndOn": latest and latest.isoformat(),
            }
            expected[learner.gid] = [told]

    page = await page_of(sign_in(Role.ADMIN), first=1000)

    assert {node["learner"]["id"]: node["enrolments"] for node in page["nodes"]} == expected
    assert page["totalCount"] == len(expected) > 200


async def test_one_active_enrolment_among_others_keeps_a_learner_off_the_list(
    organisation: Organisation, sign_in: SignIn
) -> None:
    gone, going = organisation.learner(), organisation.learner()
    for learner in (gone, going):
        organisation.course_enrolment(learner, status=_S.COMPLETED)
        organisation.course_enrolment(learner, status=_S.CURRENT, ends_on=organisation.day(-1))
    organisation.course_enrolment(going, status=_S.ENQUIRY)

    page = await page_of(sign_in(Role.OWNER))

    [node] = page["nodes"]
    assert node["learner"]["id"] == gone.gid
    ids = {each["reason"]: each["courseEnrolmentId"] for each in node["enrolments"]}
    assert list(ids.values()) == sorted(ids.values())
    assert sorted(node["reasons"]) == sorted(
        [f"{ids['STATUS']} STATUS COMPLETED", f"{ids['PAST_END']} PAST_END {organisation.day(-1)}"]
    )


async def test_inactive_learners_and_those_without_enrolments_are_left_alone(
    organisation: Organisation, sign_in: SignIn
) -> None:
    ended(organisation, is_active=False)
    organisation.learner()

    assert await candidates(sign_in(Role.ADMIN)) == set()


# The clocks of Auckland are put back on 5 April 2026 at 03:00, and forward on 27 September at 02:00.
@pytest.mark.parametrize(
    ("last_day", "midnight"),
    [
        (date(2026, 3, 2), datetime(2026, 3, 2, 11, tzinfo=UTC)),
        (date(2026, 4, 4), datetime(2026, 4, 4, 11, tzinfo=UTC)),
        (date(2026, 4, 5), datetime(2026, 4, 5, 12, tzinfo=UTC)),
        (date(2026, 9, 26), datetime(2026, 9, 26, 12, tzinfo=UTC)),
        (date(2026, 9, 27), datetime(2026, 9, 27, 11, tzinfo=UTC)),
    ],
)
async def test_an_enrolment_is_over_with_the_midnight_of_the_organisation_after_its_last_day(
    last_day: date, midnight: datetime, organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    learner = organisation.learner()
    organisation.course_enrolment(learner, ends_on=last_day)
    admin = sign_in(Role.ADMIN)
    await organisation.save()
    clock.now = midnight - MICROSECOND

    assert await candidates(admin) == set()
    refused = await call(admin, MUTATION, ids=[learner.gid])
    assert codes_and_paths(refused) == [[("NOT_INACTIVE_ENROLMENTS", "")]]

    clock.now = midnight
    assert await candidates(admin) == {learner.gid}
    preview = await call(admin, MUTATION, ids=[learner.gid], preview=True)
    assert preview["counts"] == {"changed": 1, "unchanged": 0, "refused": 0}


async def test_a_new_time_zone_counts_from_the_next_read_of_the_viewer(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    """At 9:30 in UTC it is the same day in Auckland, and already the next on Kiritimati."""
    learner = organisation.learner()
    organisation.course_enrolment(learner, ends_on=date(2026, 3, 2))
    owner = sign_in(Role.OWNER)
    assert await candidates(owner) == set()
    clock.now = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
    assert await candidates(owner) == set()

    await call(owner, "updateOrganisation", id=organisation.itself.gid, timeZone="Pacific/Kiritimati")
    clock.advance(timedelta(seconds=5))

    assert await candidates(owner) == {learner.gid}


async def test_the_list_is_filtered_by_offer_course_word_and_manager(
    organisation: Organisation, sign_in: SignIn
) -> None:
    course, other = organisation.course(), organisation.course()
    one, two, three = (organisation.course_offer(each) for each in (course, course, other))
    boss = organisation.learner()
    ngaio = ended(organisation, one, given_name="Ngaio", reports_to=boss)
    agatha = ended(organisation, two, given_name="Agatha")
    both = ended(organisation, three, given_name="Dorothy", reports_to=ngaio)
    organisation.course_enrolment(both, one, _S.DECLINED)
    admin = sign_in(Role.ADMIN)

    for filter_, found in (
        ({}, (ngaio, agatha, both)),
        ({"courseOfferId": {"eq": one.gid}}, (ngaio, both)),
        ({"courseOfferId": {"in": [two.gid, three.gid]}}, (agatha, both)),
        ({"courseOfferId": {"notIn": [one.gid]}}, (agatha,)),
        ({"courseId": {"eq": course.gid}}, (ngaio, agatha, both)),
        ({"courseId": {"in": [other.gid]}}, (both,)),
        ({"courseId": {"notIn": [other.gid]}}, (ngaio, agatha)),
        ({"courseId": {"eq": course.gid}, "courseOfferId": {"eq": three.gid}}, (both,)),
        ({"search": "ngaio"}, (ngaio,)),
        ({"reportsTo": {"manager": boss.gid}}, (ngaio, both)),
        ({"reportsTo": {"manager": boss.gid, "depth": 1}}, (ngaio,)),
        ({"managerId": {"eq": ngaio.gid}}, (both,)),
        ({"id": {"notIn": [ngaio.gid]}}, (agatha, both)),
    ):
        assert await candidates(admin, **filter_) == {each.gid for each in found}, filter_


async def test_the_list_goes_by_name_and_is_paged(organisation: Organisation, sign_in: SignIn) -> None:
    for name in ("Cecil", "ännie", "Bo", "Dee"):
        ended(organisation, family_name=name)
    admin = sign_in(Role.ADMIN)

    first = await page_of(admin, first=3)
    second = await page_of(admin, first=3, after=first["pageInfo"]["endCursor"])

    assert [node["learner"]["familyName"] for node in first["nodes"]] == ["ännie", "Bo", "Cecil"]
    assert [node["learner"]["familyName"] for node in second["nodes"]] == ["Dee"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (4, True)
    backwards = await page_of(admin, order=[{"field": "FAMILY_NAME", "direction": "DESC"}])
    assert [node["learner"]["familyName"] for node in backwards["nodes"]] == ["Dee", "Cecil", "Bo", "ännie"]


@pytest.mark.parametrize("role", [role for role in Role if role not in ADMINISTRATORS])
async def test_the_list_is_for_administrators(role: Role, organisation: Organisation, sign_in: SignIn) -> None:
    ended(organisation)

    answered = await sign_in(role).execute(CANDIDATES)

    assert codes(answered) == ["FORBIDDEN"]
    assert answered["errors"][0]["extensions"]["requiredRoles"] == ["OWNER", "ADMIN"]


async def test_the_list_and_the_change_know_nobody_of_another_organisation(
    organisation: Organisation, sign_in: SignIn
) -> None:
    learner = ended(organisation)
    twin = organisation.twin()
    theirs = twin.counterpart(learner)
    await twin.save()

    assert await candidates(sign_in(Role.ADMIN)) == {learner.gid}
    refused = await call(sign_in(Role.ADMIN), MUTATION, ids=[theirs.gid])
    assert codes_and_paths(refused) == [[("NOT_FOUND", "")]]


async def test_chosen_learners_are_set_inactive_because_their_enrolments_have_ended(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    chosen, kept = ended(organisation), ended(organisation)
    admin = sign_in(Role.ADMIN)

    data = await admin.query(
        f"""mutation ($input: DeactivateLearnersWithInactiveEnrolmentsInput!) {{ {MUTATION}(input: $input) {{
          results {{ outcome node {{ status hasAppAccess deactivationReason deactivationNote deactivatedAt }} }}
          billing {{ month learnersBefore learnersAfter change }}
        }} }}""",
        {"input": {"ids": [chosen.gid], "note": "End of term"}},
    )

    [result] = data[MUTATION]["results"]
    assert result["outcome"] == "CHANGED"
    assert result["node"]["status"] == "INACTIVE"
    assert result["node"]["hasAppAccess"] is False
    assert result["node"]["deactivationReason"] == "ENROLMENTS_ENDED"
    assert result["node"]["deactivationNote"] == "End of term"
    assert [each["change"] for each in data[MUTATION]["billing"]] == [0, -1]
    [entry] = await organisation.stored(history_entries)
    assert (entry["action"].name, entry["reason"], entry["note"]) == (
        "LEARNER_DEACTIVATED",
        "ENROLMENTS_ENDED",
        "End of term",
    )
    assert await candidates(admin) == {kept.gid}


async def test_each_is_looked_at_again_and_who_no_longer_matches_is_refused(
    organisation: Organisation, sign_in: SignIn
) -> None:
    over, going, none = ended(organisation), ended(organisation), organisation.learner()
    current = organisation.course_enrolment(going)
    await organisation.save()
    before = await organisation.everything()

    payload = await call(
        sign_in(Role.ADMIN), MUTATION, ids=[going.gid, over.gid, none.gid], errorPolicy="REJECT_EVERYTHING"
    )

    assert codes_and_paths(payload) == [
        [("NOT_INACTIVE_ENROLMENTS", "")],
        [("CALL_REJECTED", "")],
        [("NOT_INACTIVE_ENROLMENTS", "")],
    ]
    assert current.gid in payload["results"][0]["errors"][0]["message"]
    assert await organisation.everything() == before

    payload = await call(sign_in(Role.ADMIN), MUTATION, ids=[going.gid, over.gid, none.gid])
    assert payload["counts"] == {"changed": 1, "unchanged": 0, "refused": 2}


async def test_an_enrolment_that_is_taken_up_again_meanwhile_keeps_its_learner_active(
    organisation: Organisation, sign_in: SignIn
) -> None:
    """Whoever comes first, the other finds what is so by then: never is an inactive learner enrolled as current."""
    chosen = [organisation.learner() for _ in range(8)]
    enrolments = [organisation.course_enrolment(each, status=_S.WITHDRAWN) for each in chosen]
    await organisation.save()
    admin, owner = sign_in(Role.ADMIN), sign_in(Role.OWNER)

    await asyncio.gather(
        *(call(admin, MUTATION, ids=[each.gid]) for each in chosen),
        *(
            call(owner, "setCourseEnrolmentStatus", ids=[each.gid], status="CURRENT", note="comes back")
            for each in enrolments
        ),
    )

    data = await admin.query("{ learners(first: 50) { nodes { status courseEnrolments { nodes { status } } } } }")
    told = [
        (node["status"], node["courseEnrolments"]["nodes"][0]["status"])
        for node in data["learners"]["nodes"]
        if node["courseEnrolments"]["nodes"]
    ]
    assert set(told) <= {("INACTIVE", "WITHDRAWN"), ("ACTIVE", "CURRENT")}
    assert len(told) == 8


async def test_the_record_of_an_owner_is_listed_and_set_inactive_by_an_owner_alone(
    organisation: Organisation, sign_in: SignIn
) -> None:
    learner = ended(organisation)
    organisation.user(Role.OWNER, learner=learner)

    assert await candidates(sign_in(Role.ADMIN)) == {learner.gid}
    refused = await call(sign_in(Role.ADMIN), MUTATION, ids=[learner.gid])
    assert codes_and_paths(refused) == [[("FORBIDDEN", "")]]
    done = await call(sign_in(Role.OWNER), MUTATION, ids=[learner.gid], reason="LEFT_ORGANISATION")
    assert done["counts"]["changed"] == 1
    [row] = [row for row in await organisation.stored(learners) if row["id"] == learner.id]
    assert row["deactivation_reason"] is DeactivationReason.LEFT_ORGANISATION


async def test_a_thousand_candidates_cost_as_many_statements_as_one(
    organisation: Organisation, sign_in: SignIn
) -> None:
    offer = organisation.course_offer(organisation.course())
    ids = [ended(organisation, offer).gid for _ in range(300)]
    tally = organisation.database.tally
    admin = sign_in(Role.ADMIN)
    await answer(admin, MUTATION, ids=ids[:1], preview=True)
    counted: list[int] = []
    for asked in (ids[:1], ids):
        before = tally.statements
        payload = await call(admin, MUTATION, ids=asked, preview=True)
        counted.append(tally.statements - before)
        assert payload["counts"]["changed"] == len(asked)

    assert counted[0] == counted[1]
