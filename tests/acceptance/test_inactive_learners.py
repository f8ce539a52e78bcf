"""Article 1: active and inactive learners, one by one."""

from datetime import date, timedelta

import pytest

from portal_api.domain.learners import DeactivationReason
from portal_api.domain.roles import Role
from tests.acceptance.exporting import Exports
from tests.client import Client, Json, codes
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import DAY, Organisation, Record

DEACTIVATE = """
    mutation($ids: [ID!]!, $reason: DeactivationReason! = OTHER, $preview: Boolean! = false, $all: Boolean! = false) {
      deactivateLearners(input: {ids: $ids, reason: $reason, preview: $preview, withdrawAll: $all}) {
        counts { changed unchanged refused }
        billing { month change }
        results { outcome errors { code } node { status deactivationReason hasAppAccess } }
      }
    }
"""
REACTIVATE = """
    mutation($ids: [ID!]!) {
      reactivateLearners(input: {ids: $ids}) { results { outcome node { status hasAppAccess } } }
    }
"""
USAGE = (
    "query($month: Date!) { learnerUsage(month: $month) { count learners { nodes { id } } quiet { nodes { id } } } }"
)
UPDATE = """
    mutation($id: ID!) {
      updateLearner(input: {id: $id, givenName: "Renamed"}) { results { outcome errors { code } node { givenName } } }
    }
"""


async def outcome(client: Client, document: str, variables: Json) -> tuple[str, list[str]]:
    """What became of the one row of a call, and the codes of its errors."""
    data = await client.query(document, variables)
    [[result]] = [payload["results"] for payload in data.values()]
    return result["outcome"], [error["code"] for error in result.get("errors", ())]


async def counted(client: Client, month: date) -> int:
    data = await client.query(USAGE, {"month": month.isoformat()})
    return data["learnerUsage"]["count"]


async def test_a_new_learner_is_active_and_is_shown_as_such(organisation: Organisation, sign_in: SignIn) -> None:
    data = await sign_in(Role.ADMIN).query(
        """mutation { createLearners(input: {learners: [
            {givenName: "Ada", familyName: "New", email: "ada@example.org"}
        ]}) { results { outcome node { status hasAppAccess notices { code } } } } }"""
    )

    [result] = data["createLearners"]["results"]
    assert result == {"outcome": "CHANGED", "node": {"status": "ACTIVE", "hasAppAccess": False, "notices": []}}


async def test_an_inactive_learner_takes_part_in_nothing(organisation: Organisation, sign_in: SignIn) -> None:
    series = organisation.series()
    active, inactive = organisation.learner(), organisation.learner(is_active=False)
    enrol = """
        mutation($series: ID!, $learner: ID!) {
          enrolInSeries(input: {seriesId: $series, learnerIds: [$learner]}) { results { outcome errors { code } } }
        }
    """
    sign = "mutation($id: ID!) { recordSignIns(input: {ids: [$id]}) { results { outcome errors { code } } } }"
    admin, player = sign_in(Role.ADMIN), sign_in(Role.INTEGRATION)

    assert await outcome(admin, enrol, {"series": series.gid, "learner": active.gid}) == ("CHANGED", [])
    assert await outcome(player, sign, {"id": active.gid}) == ("CHANGED", [])
    enrolled = await outcome(admin, enrol, {"series": series.gid, "learner": inactive.gid})
    signed_in, why = await outcome(player, sign, {"id": inactive.gid})
    assert enrolled == ("REFUSED", ["LEARNER_INACTIVE"])
    assert (signed_in, why[0]) == ("REFUSED", "LEARNER_INACTIVE")


async def test_all_active_learners_are_counted_and_listed(organisation: Organisation, sign_in: SignIn) -> None:
    active = [*organisation.own.values(), organisation.learner(), organisation.learner()]
    organisation.learner(is_active=False)

    data = await sign_in(Role.OWNER).query("{ learners(filter: {status: {eq: ACTIVE}}) { totalCount nodes { id } } }")

    assert data["learners"]["totalCount"] == 4
    assert {node["id"] for node in data["learners"]["nodes"]} == {learner.gid for learner in active}


async def test_a_learner_can_be_set_inactive_at_any_time(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    admin = sign_in(Role.ADMIN)
    for days in (0, 1, 40, 400):
        learner = organisation.learner()
        clock.advance(days * DAY)
        assert await outcome(admin, DEACTIVATE, {"ids": [learner.gid]}) == ("CHANGED", [])


async def test_setting_a_learner_inactive_deletes_nothing(organisation: Organisation, sign_in: SignIn) -> None:
    learner = organisation.learner()
    organisation.enrolment(learner, organisation.series())
    organisation.attribute(learner, "team", "Sales")
    await organisation.save()
    before = {table: len(rows) for table, rows in (await organisation.everything()).items()}

    await sign_in(Role.ADMIN).query(DEACTIVATE, {"ids": [learner.gid]})

    after = {table: len(rows) for table, rows in (await organisation.everything()).items()}
    assert {table: count for table, count in after.items() if count < before[table]} == {}


async def test_an_inactive_learner_is_not_billed_from_the_next_month_on(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    learner = organisation.learner()
    admin = sign_in(Role.ADMIN)
    await admin.query(DEACTIVATE, {"ids": [learner.gid]})
    this_month = clock().date().replace(day=1)
    next_month = (this_month + 31 * DAY).replace(day=1)

    billed = await counted(admin, this_month)
    clock.advance(31 * DAY)

    assert billed == 3
    assert await counted(admin, next_month) == 2
    assert await counted(admin, this_month) == 3


async def test_an_inactive_learner_can_be_reactivated(organisation: Organisation, sign_in: SignIn) -> None:
    learner = organisation.learner(is_active=False)

    data = await sign_in(Role.ADMIN).query(REACTIVATE, {"ids": [learner.gid]})

    assert data["reactivateLearners"]["results"] == [
        {"outcome": "CHANGED", "node": {"status": "ACTIVE", "hasAppAccess": False}}
    ]


async def test_whoever_was_quiet_this_month_is_found_before_it_ends(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    busy, quiet = organisation.learner(), organisation.learner(last_activity_at=clock() - 70 * DAY)
    enrolment = organisation.enrolment(busy, organisation.series())
    await sign_in(Role.INTEGRATION).query(
        """mutation($id: ID!) {
          recordSeriesActivity(input: {activities: [{enrolmentId: $id, questionsAnswered: 1, questionsCorrect: 0}]}) {
            counts { changed }
          }
        }""",
        {"id": enrolment.gid},
    )

    data = await sign_in(Role.ADMIN).query(USAGE, {"month": clock().date().replace(day=1).isoformat()})

    found = {node["id"] for node in data["learnerUsage"]["quiet"]["nodes"]}
    assert quiet.gid in found
    assert busy.gid not in found


async def test_a_preview_says_what_the_bills_lose_and_gain(organisation: Organisation, sign_in: SignIn) -> None:
    leaver = organisation.learner()
    await organisation.save()
    before = await organisation.everything()

    data = await sign_in(Role.ADMIN).query(DEACTIVATE, {"ids": [leaver.gid], "preview": True})

    assert [bill["change"] for bill in data["deactivateLearners"]["billing"]] == [0, -1]
    assert await organisation.everything() == before


@pytest.mark.parametrize("reason", [reason.name for reason in DeactivationReason])
async def test_every_reason_of_the_list_can_be_given(reason: str, organisation: Organisation, sign_in: SignIn) -> None:
    learner = organisation.learner()

    data = await sign_in(Role.ADMIN).query(DEACTIVATE, {"ids": [learner.gid], "reason": reason})

    [result] = data["deactivateLearners"]["results"]
    assert result["node"] == {"status": "INACTIVE", "deactivationReason": reason, "hasAppAccess": False}


async def test_one_call_sets_one_learner_inactive(organisation: Organisation, sign_in: SignIn) -> None:
    learner, other = organisation.learner(), organisation.learner()
    admin = sign_in(Role.ADMIN)

    assert await outcome(admin, DEACTIVATE, {"ids": [learner.gid]}) == ("CHANGED", [])

    data = await admin.query(
        "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Learner { status } } }", {"ids": [learner.gid, other.gid]}
    )
    assert data["nodes"] == [{"status": "INACTIVE"}, {"status": "ACTIVE"}]


async def test_the_record_says_that_it_is_inactive_since_when_and_how_to_go_back(
    organisation: Organisation, sign_in: SignIn
) -> None:
    learner = organisation.learner(is_active=False)

    data = await sign_in(Role.ADMIN).query(
        "query($id: ID!) { learner(id: $id) { deactivatedAt notices { code message since } } }", {"id": learner.gid}
    )

    [notice] = data["learner"]["notices"]
    assert notice["code"] == "INACTIVE"
    assert notice["since"] == data["learner"]["deactivatedAt"] is not None
    assert "reactivat" in notice["message"].casefold()


def refusals(inactive: Record, enrolment: Record, waiting: Record, in_pathway: Record) -> list[tuple[Role, str]]:
    """Every change to an inactive learner or a record of theirs, with the role that sends it."""
    results = "{ results { outcome errors { code } } }"
    return [
        (Role.OWNER, f'updateLearner(input: {{id: "{inactive.gid}", givenName: "Other"}}) {results}'),
        (Role.OWNER, f'setLearnerAppAccess(input: {{ids: ["{inactive.gid}"], hasAppAccess: true}}) {results}'),
        (Role.OWNER, f'deactivateLearners(input: {{ids: ["{inactive.gid}"], reason: OTHER}}) {results}'),
        (Role.INTEGRATION, f'recordSignIns(input: {{ids: ["{inactive.gid}"]}}) {results}'),
        (
            Role.OWNER,
            f'withdrawSeriesEnrolments(input: {{ids: ["{enrolment.gid}"], reason: ENROLMENT_ERROR}}) {results}',
        ),
        (
            Role.OWNER,
            f'extendSeriesEnrolments(input: {{ids: ["{waiting.gid}"], endsAt: "2030-01-01T00:00:00Z"}}) {results}',
        ),
        (
            Role.INTEGRATION,
            f'recordSeriesActivity(input: {{activities: [{{enrolmentId: "{enrolment.gid}", questionsAnswered: 9, '
            f"questionsCorrect: 9}}]}}) {results}",
        ),
        (
            Role.OWNER,
            f'withdrawPathwayEnrolments(input: {{ids: ["{in_pathway.gid}"], reason: ENROLMENT_ERROR}}) {results}',
        ),
    ]


async def test_nothing_of_an_inactive_learner_can_be_edited(organisation: Organisation, sign_in: SignIn) -> None:
    inactive = organisation.learner(is_active=False)
    enrolment = organisation.enrolment(inactive, organisation.series())
    waiting = organisation.enrolment(inactive, organisation.series())
    in_pathway = organisation.pathway_enrolment(inactive, organisation.pathway(organisation.series()))
    await organisation.save()
    before = await organisation.everything()

    for role, change in refusals(inactive, enrolment, waiting, in_pathway):
        row = await outcome(sign_in(role), f"mutation {{ {change} }}", {})
        assert (row[0], row[1][0]) == ("REFUSED", "LEARNER_INACTIVE"), change

    assert await organisation.everything() == before


async def test_everything_of_an_inactive_learner_can_be_read(organisation: Organisation, sign_in: SignIn) -> None:
    inactive = organisation.learner(is_active=False)
    enrolment = organisation.enrolment(inactive, organisation.series())

    data = await sign_in(Role.ADMIN).query(
        "query($id: ID!) { learner(id: $id) { status givenName email seriesEnrolments { nodes { id } } history { totalCount } } }",
        {"id": inactive.gid},
    )

    assert data["learner"] == {
        "status": "INACTIVE",
        "givenName": inactive["given_name"],
        "email": inactive["email"],
        "seriesEnrolments": {"nodes": [{"id": enrolment.gid}]},
        "history": {"totalCount": 0},
    }


async def test_a_finished_export_can_still_be_downloaded(
    organisation: Organisation, sign_in: SignIn, exports: Exports
) -> None:
    learner = organisation.learner(given_name="Lasting")
    admin = sign_in(Role.ADMIN)
    export = await exports.written(admin, {"learners": {}})
    await admin.query(DEACTIVATE, {"ids": [learner.gid]})

    assert "Lasting" in await exports.text(admin, export)


async def test_inactive_learners_stay_in_reports_and_exports(
    organisation: Organisation, sign_in: SignIn, exports: Exports
) -> None:
    inactive = organisation.learner(is_active=False)
    organisation.enrolment(inactive, organisation.series())
    admin = sign_in(Role.ADMIN)

    insights = await admin.query("{ seriesInsights { totalCount } }")
    rows = await exports.rows(admin, {"learners": {"filter": {"status": {"eq": "INACTIVE"}}}})

    assert insights["seriesInsights"]["totalCount"] == 1
    assert [row["Reference"] for row in rows] == [inactive["external_ref"]]


async def test_after_reactivation_a_learner_can_be_edited_again(organisation: Organisation, sign_in: SignIn) -> None:
    learner = organisation.learner(is_active=False)
    admin = sign_in(Role.ADMIN)
    before = await outcome(admin, UPDATE, {"id": learner.gid})
    await admin.query(REACTIVATE, {"ids": [learner.gid]})

    assert before == ("REFUSED", ["LEARNER_INACTIVE", "STATUS_NOT_ALLOWED"])
    assert await outcome(admin, UPDATE, {"id": learner.gid}) == ("CHANGED", [])


async def test_a_thousand_learners_are_set_inactive_at_once(organisation: Organisation, sign_in: SignIn) -> None:
    ids = [organisation.learner().gid for _ in range(1_000)]

    data = await sign_in(Role.ADMIN).query(DEACTIVATE, {"ids": ids})

    assert data["deactivateLearners"]["counts"] == {"changed": 1_000, "unchanged": 0, "refused": 0}


async def test_a_private_special_requirement_goes_with_the_deactivation(
    organisation: Organisation, sign_in: SignIn
) -> None:
    learner = organisation.learner(reports_to=organisation.own[Role.MANAGER])
    await sign_in(Role.ADMIN).query(
        """mutation($id: ID!) {
          deactivateLearners(input: {
            ids: [$id], reason: DISMISSED, specialRequirements: {text: "Hearing on 3 May", isPrivate: true}
          }) { counts { changed } }
        }""",
        {"id": learner.gid},
    )
    document = "query($id: ID!) { learner(id: $id) { specialRequirements { text isPrivate } history { nodes { note reason } } } }"

    by_admin = await sign_in(Role.ADMIN).query(document, {"id": learner.gid})
    by_manager = await sign_in(Role.MANAGER).query(document, {"id": learner.gid})

    assert by_admin["learner"]["specialRequirements"] == {"text": "Hearing on 3 May", "isPrivate": True}
    assert by_manager["learner"]["specialRequirements"] == {"text": None, "isPrivate": True}
    assert "3 May" not in str(by_admin["learner"]["history"])


async def test_deactivation_withdraws_all_and_takes_the_access(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    learner = organisation.own[Role.LEARNER]
    organisation.enrolment(learner, organisation.series())
    own = sign_in(Role.LEARNER)
    await own.query("{ viewer { role } }")

    data = await sign_in(Role.ADMIN).query(DEACTIVATE, {"ids": [learner.gid], "all": True})
    clock.advance(timedelta(seconds=6))
    left = await sign_in(Role.ADMIN).query(
        "query($id: ID!) { learner(id: $id) { openRecords { totalCount } } }", {"id": learner.gid}
    )

    assert data["deactivateLearners"]["results"][0]["node"]["hasAppAccess"] is False
    assert left["learner"]["openRecords"]["totalCount"] == 0
    assert codes(await own.execute("{ viewer { role } }")) == ["APP_ACCESS_OFF"]
