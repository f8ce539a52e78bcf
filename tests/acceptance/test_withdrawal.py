"""Article 3: how enrolments in series are cancelled, and what becomes of them."""

import pytest

from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesEnrolmentStatus as Status
from portal_api.domain.series import WithdrawalReason
from tests.acceptance.exporting import Exports
from tests.client import Json
from tests.conftest import SignIn
from tests.factories import Organisation

WITHDRAW = """
    mutation($ids: [ID!]!, $reason: WithdrawalReason!, $note: String) {
      withdrawSeriesEnrolments(input: {ids: $ids, reason: $reason, note: $note}) {
        counts { changed unchanged refused }
        results { outcome errors { __typename code message ... on PathwayOwned { pathwayEnrolmentId } } node { status withdrawalReason } }
      }
    }
"""
ACTIVE = {Status.WAITING_TO_START, Status.NOT_SIGNED_IN, Status.NO_ATTEMPTS, Status.IN_PROGRESS}
each_reason = pytest.mark.parametrize("reason", [reason.name for reason in WithdrawalReason])


def counts(changed: int, refused: int = 0) -> Json:
    return {"changed": changed, "unchanged": 0, "refused": refused}


@each_reason
async def test_an_enrolment_is_cancelled_for_each_reason_of_the_list(
    reason: str, organisation: Organisation, sign_in: SignIn
) -> None:
    enrolment = organisation.enrolment(organisation.learner(), organisation.series())

    data = await sign_in(Role.ADMIN).query(WITHDRAW, {"ids": [enrolment.gid], "reason": reason})

    [result] = data["withdrawSeriesEnrolments"]["results"]
    assert result["outcome"] == "CHANGED"
    assert result["node"] == {"status": "WITHDRAWN", "withdrawalReason": reason}


async def test_who_leaves_is_withdrawn_from_everything_at_once(organisation: Organisation, sign_in: SignIn) -> None:
    leaver = organisation.learner()
    for status in (Status.IN_PROGRESS, Status.WAITING_TO_START, Status.MASTERED):
        organisation.enrolment(leaver, organisation.series(), status)
    organisation.pathway_enrolment(leaver, organisation.pathway(organisation.series(), organisation.series()))

    await sign_in(Role.ADMIN).query(
        """mutation($id: ID!) {
          deactivateLearners(input: {ids: [$id], reason: LEFT_ORGANISATION, withdrawAll: true}) { counts { changed } }
        }""",
        {"id": leaver.gid},
    )

    data = await sign_in(Role.ADMIN).query(
        """query($id: ID!) { learner(id: $id) {
          status
          seriesEnrolments { nodes { status withdrawalReason } }
          pathwayEnrolments { nodes { status withdrawalReason } }
        } }""",
        {"id": leaver.gid},
    )
    enrolments = [(each["status"], each["withdrawalReason"]) for each in data["learner"]["seriesEnrolments"]["nodes"]]
    assert data["learner"]["status"] == "INACTIVE"
    assert sorted(enrolments, key=str) == [("MASTERED", None), *[("WITHDRAWN", "USER_DEACTIVATED")] * 3]
    assert data["learner"]["pathwayEnrolments"]["nodes"] == [
        {"status": "WITHDRAWN", "withdrawalReason": "USER_DEACTIVATED"}
    ]


async def test_after_a_withdrawal_the_learner_can_begin_anew(organisation: Organisation, sign_in: SignIn) -> None:
    learner, series = organisation.learner(), organisation.series()
    before = organisation.enrolment(learner, series, questions_answered=7, questions_correct=5)
    admin = sign_in(Role.ADMIN)
    await admin.query(WITHDRAW, {"ids": [before.gid], "reason": "DOES_NOT_WANT_TO_COMPLETE"})

    data = await admin.query(
        """mutation($series: ID!, $learner: ID!) {
          enrolInSeries(input: {seriesId: $series, learnerIds: [$learner]}) {
            results { outcome node { id status questionsAnswered questionsCorrect } }
          }
        }""",
        {"series": series.gid, "learner": learner.gid},
    )

    [result] = data["enrolInSeries"]["results"]
    assert result["outcome"] == "CHANGED"
    assert result["node"].pop("id") != before.gid
    assert result["node"] == {"status": "NO_ATTEMPTS", "questionsAnswered": 0, "questionsCorrect": 0}


async def test_a_withdrawn_learner_still_reaches_the_resources_of_the_series(
    organisation: Organisation, sign_in: SignIn
) -> None:
    learner, series, other = organisation.own[Role.LEARNER], organisation.series(), organisation.series()
    enrolment = organisation.enrolment(learner, series)
    handout = organisation.resource(series)
    organisation.resource(other)
    await sign_in(Role.ADMIN).query(WITHDRAW, {"ids": [enrolment.gid], "reason": "NO_LONGER_REQUIRED"})

    data = await sign_in(Role.LEARNER).query("{ resources { nodes { id url } } }")

    assert data["resources"]["nodes"] == [{"id": handout.gid, "url": handout["url"]}]


async def test_a_series_is_found_in_the_library_and_opened(organisation: Organisation, sign_in: SignIn) -> None:
    series = organisation.series(title="Fire safety")
    organisation.series(title="First aid")
    enrolment = organisation.enrolment(organisation.learner(), series)
    admin = sign_in(Role.ADMIN)

    found = await admin.query('{ seriesLibrary(filter: {search: "fire"}) { nodes { id title } } }')
    [node] = found["seriesLibrary"]["nodes"]
    opened = await admin.query(
        "query($id: ID!) { series(id: $id) { title enrolments { nodes { id } } } }", {"id": node["id"]}
    )

    assert opened["series"] == {"title": "Fire safety", "enrolments": {"nodes": [{"id": enrolment.gid}]}}


async def test_an_enrolment_is_found_by_filter_and_by_search(organisation: Organisation, sign_in: SignIn) -> None:
    series = organisation.series()
    wanted = organisation.enrolment(organisation.learner(family_name="Ångström"), series)
    mastered = organisation.enrolment(organisation.learner(family_name="Okafor"), series, Status.MASTERED)
    organisation.enrolment(organisation.learner(family_name="Angstrom"), organisation.series())
    document = """
        query($id: ID!, $filter: SeriesEnrolmentFilter) { series(id: $id) { enrolments(filter: $filter) { nodes { id } } } }
    """

    async def found(filter_: Json) -> list[str]:
        data = await sign_in(Role.ADMIN).query(document, {"id": series.gid, "filter": filter_})
        return [node["id"] for node in data["series"]["enrolments"]["nodes"]]

    assert await found({"search": "angstrom"}) == [wanted.gid]
    assert await found({"status": {"in": ["MASTERED"]}}) == [mastered.gid]
    assert await found({"search": "okafor", "status": {"notIn": ["MASTERED"]}}) == []


async def test_an_enrolment_opens_with_its_details_and_actions(organisation: Organisation, sign_in: SignIn) -> None:
    learner, series = organisation.learner(), organisation.series()
    enrolment = organisation.enrolment(learner, series)

    data = await sign_in(Role.ADMIN).query(
        """query($id: ID!) { seriesEnrolment(id: $id) {
          status learner { id } series { id } actions { action available reasons { code } }
        } }""",
        {"id": enrolment.gid},
    )

    opened = data["seriesEnrolment"]
    withdraw = next(each for each in opened["actions"] if each["action"] == "WITHDRAW")
    assert (opened["status"], opened["learner"]["id"], opened["series"]["id"]) == (
        "IN_PROGRESS",
        learner.gid,
        series.gid,
    )
    assert withdraw == {"action": "WITHDRAW", "available": True, "reasons": []}


async def test_a_reason_of_the_list_must_be_given(organisation: Organisation, sign_in: SignIn) -> None:
    enrolment = organisation.enrolment(organisation.learner(), organisation.series())
    await organisation.save()
    before = await organisation.everything()
    admin = sign_in(Role.ADMIN)

    for reason in (None, "BORED"):
        answer = await admin.execute(WITHDRAW, {"ids": [enrolment.gid], "reason": reason})
        assert answer["errors"]

    assert await organisation.everything() == before
    offered = await admin.query(
        "{ stateMachine(kind: SERIES_ENROLMENT) { rules { action reasons { reason label } } } }"
    )
    [withdraw] = [rule for rule in offered["stateMachine"]["rules"] if rule["action"] == "WITHDRAW"]
    assert [each["reason"] for each in withdraw["reasons"]] == [reason.name for reason in WithdrawalReason]
    assert all(each["label"] for each in withdraw["reasons"])


async def test_a_withdrawn_enrolment_says_so_and_is_over_for_the_learner(
    organisation: Organisation, sign_in: SignIn
) -> None:
    enrolment = organisation.enrolment(organisation.own[Role.LEARNER], organisation.series())
    admin, learner = sign_in(Role.ADMIN), sign_in(Role.LEARNER)
    await admin.query(WITHDRAW, {"ids": [enrolment.gid], "reason": "ENROLMENT_ERROR", "note": "Wrong course"})

    seen = await learner.query(
        "query($id: ID!) { seriesEnrolment(id: $id) { status withdrawalReason withdrawalNote } }", {"id": enrolment.gid}
    )
    answered = await sign_in(Role.INTEGRATION).query(
        """mutation($id: ID!) {
          recordSeriesActivity(input: {activities: [{enrolmentId: $id, questionsAnswered: 1, questionsCorrect: 1}]}) {
            results { outcome errors { code } }
          }
        }""",
        {"id": enrolment.gid},
    )

    assert seen["seriesEnrolment"] == {
        "status": "WITHDRAWN", "withdrawalReason": "ENROLMENT_ERROR", "withdrawalNote": None,
    }  # read as a table  # fmt: skip
    assert answered["recordSeriesActivity"]["results"] == [
        {"outcome": "REFUSED", "errors": [{"code": "STATUS_NOT_ALLOWED"}]}
    ]


async def test_a_selection_is_withdrawn_at_once_with_one_reason(organisation: Organisation, sign_in: SignIn) -> None:
    series = organisation.series()
    for _ in range(5):
        organisation.enrolment(organisation.learner(), series)
    ended = organisation.enrolment(organisation.learner(), series, Status.INCOMPLETE)
    admin = sign_in(Role.ADMIN)
    selected = await admin.query(
        "query($id: ID!) { seriesEnrolmentIds(filter: {seriesId: {eq: $id}}) { ids totalCount } }", {"id": series.gid}
    )

    data = await admin.query(WITHDRAW, {"ids": selected["seriesEnrolmentIds"]["ids"], "reason": "NO_LONGER_REQUIRED"})

    assert selected["seriesEnrolmentIds"]["totalCount"] == 6
    assert data["withdrawSeriesEnrolments"]["counts"] == counts(changed=5, refused=1)
    listed = await admin.query(
        "query($id: ID!) { series(id: $id) { enrolments { nodes { id status withdrawalReason } } } }",
        {"id": series.gid},
    )
    nodes = listed["series"]["enrolments"]["nodes"]
    assert {(node["status"], node["withdrawalReason"]) for node in nodes if node["id"] != ended.gid} == {
        ("WITHDRAWN", "NO_LONGER_REQUIRED")
    }


async def test_withdrawal_is_open_exactly_while_the_enrolment_is_active(
    organisation: Organisation, sign_in: SignIn
) -> None:
    cases = organisation.every_status()
    admin = sign_in(Role.ADMIN)

    for case in cases:
        shown = await admin.query(
            "query($id: ID!) { seriesEnrolment(id: $id) { status actions { action available } } }",
            {"id": case.enrolment.gid},
        )
        open_ = {each["action"] for each in shown["seriesEnrolment"]["actions"] if each["available"]}
        data = await admin.query(WITHDRAW, {"ids": [case.enrolment.gid], "reason": "ENROLMENT_ERROR"})
        [result] = data["withdrawSeriesEnrolments"]["results"]

        assert shown["seriesEnrolment"]["status"] == case.now.name
        assert ("WITHDRAW" in open_) is (case.now in ACTIVE)
        assert result["outcome"] == ("CHANGED" if case.now in ACTIVE else "REFUSED")


async def test_insights_and_exports_can_leave_the_withdrawn_out(
    organisation: Organisation, sign_in: SignIn, exports: Exports
) -> None:
    series = organisation.series()
    for status in (Status.IN_PROGRESS, Status.MASTERED, Status.WITHDRAWN):
        organisation.enrolment(organisation.learner(), series, status)
    admin = sign_in(Role.ADMIN)
    document = """
        query($filter: SeriesEnrolmentFilter) { seriesInsights(filter: $filter) { totalCount byStatus { status count } } }
    """

    everything = await admin.query(document)
    without = {"status": {"notIn": ["WITHDRAWN"]}}
    some = await admin.query(document, {"filter": without})
    rows = await exports.rows(admin, {"seriesEnrolments": {"filter": without}})

    assert everything["seriesInsights"]["totalCount"] == 3
    assert {each["status"]: each["count"] for each in some["seriesInsights"]["byStatus"]} == {
        "IN_PROGRESS": 1, "MASTERED": 1,
    }  # read as a table  # fmt: skip
    assert sorted(row["Status"] for row in rows) == ["IN_PROGRESS", "MASTERED"]


async def test_an_enrolment_of_a_pathway_is_withdrawn_with_the_pathway_only(
    organisation: Organisation, sign_in: SignIn
) -> None:
    learner = organisation.learner()
    in_pathway = organisation.pathway_enrolment(learner, organisation.pathway(organisation.series(), title="Induction"))
    admin = sign_in(Role.ADMIN)
    listed = await admin.query(
        "query($id: ID!) { learner(id: $id) { seriesEnrolments { nodes { id } } } }", {"id": learner.gid}
    )
    [enrolment] = listed["learner"]["seriesEnrolments"]["nodes"]

    alone = await admin.query(WITHDRAW, {"ids": [enrolment["id"]], "reason": "ENROLMENT_ERROR"})
    together = await admin.query(
        """mutation($id: ID!) {
          withdrawPathwayEnrolments(input: {ids: [$id], reason: ENROLMENT_ERROR}) {
            results { outcome node { status seriesEnrolments(first: 5) { nodes { status withdrawalReason } } } }
          }
        }""",
        {"id": in_pathway.gid},
    )

    [refused] = alone["withdrawSeriesEnrolments"]["results"]
    [error] = refused["errors"]
    assert (error["code"], error["pathwayEnrolmentId"]) == ("PATHWAY_OWNED", in_pathway.gid)
    assert "Induction" in error["message"]
    [withdrawn] = together["withdrawPathwayEnrolments"]["results"]
    assert withdrawn["node"] == {
        "status": "WITHDRAWN",
        "seriesEnrolments": {"nodes": [{"status": "WITHDRAWN", "withdrawalReason": "ENROLMENT_ERROR"}]},
    }
