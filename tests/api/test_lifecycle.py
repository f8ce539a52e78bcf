"""The lifecycle as a board, and learners by stage: counted here by the rule of the domain, and by the portal in SQL."""

from itertools import product
from typing import Any

import pytest
from sqlalchemy import update

from portal_api.database import Database
from portal_api.domain.courses.outcomes import Outcome
from portal_api.domain.courses.stages import LifecycleStage, ReconnectPurpose, stage_of
from portal_api.domain.courses.statuses import ENDED, CourseEnrolmentStatus
from portal_api.domain.roles import Role
from portal_api.models import organisations
from tests.client import Client, Json, codes
from tests.clock import ManualClock, RepeatableIds
from tests.conftest import SignIn
from tests.factories import Organisation, Record, organisation_with_everybody

_S, _O = CourseEnrolmentStatus, Outcome
BOARD = """
query ($filter: CourseEnrolmentFilter, $first: Int) {
  lifecycleBoard(filter: $filter) {
    stages {
      stage
      enrolmentCount
      learnerCount
      enrolments(first: $first) { totalCount nodes { id stage status needs { need unitEnrolmentId } } }
    }
  }
}
"""
COUNTS = (
    "query ($filter: CourseEnrolmentFilter) { lifecycleBoard(filter: $filter) { stages { stage enrolmentCount } } }"
)
LEARNERS = """
query ($filter: LearnerFilter) { learners(first: 1000, filter: $filter) { totalCount nodes { id } } }
"""
ALL_STAGES = [each.name for each in LifecycleStage]


async def board(client: Client, first: int = 1000, **filter: Any) -> dict[str, Json]:
    data = await client.query(BOARD, {"filter": filter, "first": first})
    return {each["stage"]: each for each in data["lifecycleBoard"]["stages"]}


async def counts(client: Client, **filter: Any) -> dict[str, int]:
    data = await client.query(COUNTS, {"filter": filter})
    return {each["stage"]: each["enrolmentCount"] for each in data["lifecycleBoard"]["stages"]}


async def found(client: Client, **comparators: Any) -> set[str]:
    data = await client.query(LEARNERS, {"filter": {"lifecycleStage": comparators}})
    ids = {node["id"] for node in data["learners"]["nodes"]}
    assert data["learners"]["totalCount"] == len(ids)
    return ids


async def switch(organisation: Organisation, *, is_on: bool) -> None:
    """Switches the stage RECONNECT on or off, behind the portal's back."""
    await organisation.save()
    async with organisation.database.engine.begin() as connection:
        await connection.execute(
            update(organisations).where(organisations.c.id == organisation.id).values(has_reconnect_stage=is_on)
        )


def flagged(
    organisation: Organisation, learner: Record, status: CourseEnrolmentStatus = _S.COMPLETED, **columns: Any
) -> Record:
    """An enrolment that is finalised, and to be come back to."""
    return organisation.course_enrolment(
        learner,
        status=status,
        finalised_on=organisation.day(-3),
        reconnect_for=ReconnectPurpose.RENEWAL,
        reconnect_on=organisation.day(90),
        **columns,
    )


@pytest.mark.parametrize("is_on", [True, False])
async def test_sql_finds_the_stage_that_the_rule_of_the_domain_says(
    database: Database, clock: ManualClock, new_id: RepeatableIds, sign_in: SignIn, *, is_on: bool
) -> None:
    """Every status, with every single outcome, some mixtures, finalised or not, flagged or not, the stage on and off.

    Some of it no change brings about, so it is laid out in an organisation that is not held to what always holds.
    """
    organisation = organisation_with_everybody(database, clock, new_id)
    offer = organisation.course_offer(organisation.course())
    library = [organisation.unit() for _ in range(3)]
    one_each = [(outcome,) for outcome in (None, *_O)]
    mixtures = [(_O.COMPETENT, _O.WITHDRAWN), (_O.COMPETENT, None), (_O.NOT_COMMENCED, _O.SATISFIED, _O.CONTINUING)]
    expected: dict[str, str | None] = {}
    learner = organisation.learner()
    for status, outcomes in product(_S, [(), *one_each, *mixtures]):
        for is_finalised, is_flagged in product((False, True), repeat=2):
            if is_finalised and status not in ENDED - {_S.DECLINED}:
                continue  # the database itself refuses it
            enrolment = organisation.course_enrolment(
                learner,
                offer,
                status,
                finalised_on=organisation.day(-3) if is_finalised else None,
                reconnect_for=ReconnectPurpose.MARKETING if is_flagged else None,
                reconnect_on=organisation.day(9) if is_flagged else None,
            )
            for unit, outcome in zip(library, outcomes, strict=False):
                organisation.unit_enrolment(enrolment, unit, outcome=outcome)
            stage = stage_of(status, outcomes, is_flagged=is_finalised and is_flagged and is_on)
            expected[enrolment.gid] = stage and stage.name
    await switch(organisation, is_on=is_on)

    admin = sign_in(Role.ADMIN, organisation)
    told: dict[str, str | None] = {}
    after = None
    while True:
        data = await admin.query(
            "query ($after: String) { courseEnrolments(first: 1000, after: $after) "
            "{ pageInfo { hasNextPage endCursor } nodes { id stage } } }",
            {"after": after},
        )
        page = data["courseEnrolments"]
        told |= {node["id"]: node["stage"] for node in page["nodes"]}
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert told == expected
    assert len(expected) > 500
    by_stage = await counts(admin)
    assert by_stage == {
        stage: list(expected.values()).count(stage) for stage in ALL_STAGES if is_on or stage != "RECONNECT"
    }


@pytest.fixture
def laid_out(organisation: Organisation) -> dict[str, list[Record]]:
    """Enrolments in each stage, the first of each the same learner's."""
    same = organisation.learner()
    others = [organisation.learner() for _ in range(4)]
    trained = organisation.course_enrolment(others[1])
    organisation.unit_enrolment(trained, outcome=Outcome.COMPETENT)
    organisation.course_enrolment(others[3], status=_S.DECLINED)
    return {
        "SALES": [organisation.course_enrolment(each, status=_S.ENQUIRY) for each in (same, same, others[0])],
        "PROGRESSION": [
            organisation.course_enrolment(same),
            organisation.course_enrolment(others[2], status=_S.DEFERRED),
        ],
        "COMPLETION": [organisation.course_enrolment(same, status=_S.COMPLETION_PENDING), trained],
        "RECONNECT": [flagged(organisation, same)],
    }


async def test_the_board_counts_and_lists_each_stage_and_a_learner_in_each_in_which_an_enrolment_stands(
    laid_out: dict[str, list[Record]], sign_in: SignIn
) -> None:
    told = await board(sign_in(Role.ADMIN))

    assert list(told) == ALL_STAGES
    for stage, enrolments in laid_out.items():
        column = told[stage]
        assert column["enrolmentCount"] == column["enrolments"]["totalCount"] == len(enrolments)
        assert column["learnerCount"] == len({each["learner_id"] for each in enrolments})
        assert {node["id"] for node in column["enrolments"]["nodes"]} == {each.gid for each in enrolments}
        assert {node["stage"] for node in column["enrolments"]["nodes"]} == {stage}
    assert told["SALES"]["learnerCount"] == 2
    needs = {node["id"]: [each["need"] for each in node["needs"]] for node in told["COMPLETION"]["enrolments"]["nodes"]}
    assert "FINALISE" in needs[laid_out["COMPLETION"][1].gid]


async def test_the_board_has_no_stage_that_the_organisation_has_switched_off(
    laid_out: dict[str, list[Record]], organisation: Organisation, sign_in: SignIn
) -> None:
    await switch(organisation, is_on=False)

    told = await board(sign_in(Role.OWNER))

    assert list(told) == ["SALES", "PROGRESSION", "COMPLETION"]
    assert laid_out["RECONNECT"][0].gid in {node["id"] for node in told["COMPLETION"]["enrolments"]["nodes"]}


async def test_the_filter_of_the_board_holds_for_all_that_it_tells(
    laid_out: dict[str, list[Record]], organisation: Organisation, sign_in: SignIn
) -> None:
    one = laid_out["PROGRESSION"][0]
    admin = sign_in(Role.ADMIN)

    of_learner = await board(admin, learnerId={"eq": organisation.record(one["learner_id"]).gid})
    assert {stage: each["enrolmentCount"] for stage, each in of_learner.items()} == {
        "SALES": 2,
        "PROGRESSION": 1,
        "COMPLETION": 1,
        "RECONNECT": 1,
    }
    assert {each["learnerCount"] for each in of_learner.values()} == {1}
    assert await counts(admin, status={"in": ["ENQUIRY", "DEFERRED"]}) == {
        "SALES": 3,
        "PROGRESSION": 1,
        "COMPLETION": 0,
        "RECONNECT": 0,
    }
    assert await counts(admin, stage={"eq": "SALES"}) == {"SALES": 3, "PROGRESSION": 0, "COMPLETION": 0, "RECONNECT": 0}
    paged = await board(admin, first=1)
    assert [len(each["enrolments"]["nodes"]) for each in paged.values()] == [1, 1, 1, 1]


async def test_everybody_has_the_board_of_what_they_see(organisation: Organisation, sign_in: SignIn) -> None:
    taught = organisation.course_offer(organisation.course(), organisation.staff[Role.TRAINER])
    other = organisation.course_offer(organisation.course())
    below, own, beside = organisation.own[Role.LEARNER], organisation.own[Role.LEARNER], organisation.learner()
    assert below is own  # the Learner reports to the Manager
    for learner in (own, beside):
        organisation.course_enrolment(learner, taught)
        organisation.course_enrolment(learner, other, _S.ENQUIRY)

    told = {role: await counts(sign_in(role)) for role in Role if role is not Role.INTEGRATION}

    seen = {role: (stages["SALES"], stages["PROGRESSION"]) for role, stages in told.items()}
    assert seen == {
        Role.OWNER: (2, 2),
        Role.ADMIN: (2, 2),
        Role.MANAGER: (1, 1),
        Role.TRAINER: (0, 2),
        Role.LEARNER: (1, 1),
    }


@pytest.mark.parametrize("asked", ["enrolmentCount", "learnerCount", "enrolments { nodes { id } }"])
async def test_a_machine_client_is_not_told_of_stages_by_what_stands_in_them(asked: str, sign_in: SignIn) -> None:
    answered = await sign_in(Role.INTEGRATION).execute(f"{{ lifecycleBoard {{ stages {{ {asked} }} }} }}")

    assert codes(answered) == ["FORBIDDEN"]
    by_filter = await sign_in(Role.INTEGRATION).execute(
        "{ learners(filter: {lifecycleStage: {eq: SALES}}) { nodes { id } } }"
    )
    assert codes(by_filter) == ["FORBIDDEN"]


async def test_learners_are_found_by_the_stages_of_their_enrolments(
    laid_out: dict[str, list[Record]], organisation: Organisation, sign_in: SignIn
) -> None:
    admin = sign_in(Role.ADMIN)
    by_stage = {
        stage: {organisation.record(each["learner_id"]).gid for each in enrolments}
        for stage, enrolments in laid_out.items()
    }
    everybody = {node["id"] for node in (await admin.query(LEARNERS))["learners"]["nodes"]}

    for stage, ids in by_stage.items():
        assert await found(admin, eq=stage) == ids
        assert await found(admin, notIn=[stage]) == everybody - ids
    assert await found(admin, **{"in": ["PROGRESSION", "RECONNECT"]}) == by_stage["PROGRESSION"] | by_stage["RECONNECT"]
    assert await found(admin, notIn=ALL_STAGES) == everybody.difference(*by_stage.values())
    assert await found(admin, eq="SALES", notIn=["RECONNECT"]) == by_stage["SALES"] - by_stage["RECONNECT"]
    assert await found(admin, **{"in": []}) == set()


async def test_a_trainer_finds_learners_by_the_enrolments_that_they_see_alone(
    organisation: Organisation, sign_in: SignIn
) -> None:
    taught = organisation.course_offer(organisation.course(), organisation.staff[Role.TRAINER])
    learner = organisation.learner()
    organisation.course_enrolment(learner, taught)
    organisation.course_enrolment(learner, status=_S.ENQUIRY)

    assert await found(sign_in(Role.TRAINER), eq="PROGRESSION") == {learner.gid}
    assert await found(sign_in(Role.TRAINER), eq="SALES") == set()
    assert await found(sign_in(Role.ADMIN), eq="SALES") == {learner.gid}
