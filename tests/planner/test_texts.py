"""Answers that the database writes as text: whatever a text holds, however much is asked, and whoever asks."""

from typing import Any

import pytest
from starlette.applications import Starlette

from portal_api.database import Database
from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesEnrolmentStatus
from portal_api.planner.texts import MOST_LEVELS
from tests.client import portal_of
from tests.conftest import SignIn
from tests.factories import Organisation
from tests.planner.test_statements import cost

TEXTS = (
    *(
        "quote \" and ' and \\ and / and `",
        "tab \t, line \n, return \r, bell \x07, mark \x1a, escape \x1b, delete \x7f",
    ),
    *("äöü ß ñ 漢字 🙂 \u2028 \ufeff", "{} [] $1 %s %(name)s :name ? ?1 || '' --", "null", "true", "0", " "),
)


@pytest.mark.parametrize("text", TEXTS)
async def test_a_text_is_answered_as_it_is(organisation: Organisation, sign_in: SignIn, text: str) -> None:
    learner = organisation.learner(given_name=text, family_name=text, reports_to=organisation.own[Role.MANAGER])
    organisation.learner(reports_to=learner)
    asked = """{ learners(orderBy: [{field: GIVEN_NAME}]) {
        nodes { id givenName manager { givenName } reports { edges { cursor node { manager { familyName } } } } }
        pageInfo { endCursor }
    } }"""

    data = await sign_in(Role.ADMIN).query(asked)

    [shown] = [each for each in data["learners"]["nodes"] if each["id"] == learner.gid]
    assert shown["givenName"] == text
    assert shown["reports"]["edges"][0]["node"] == {"manager": {"familyName": text}}


async def test_a_page_below_is_in_order_whichever_way_it_goes(organisation: Organisation, sign_in: SignIn) -> None:
    learner = organisation.learner()
    enrolments = [organisation.enrolment(learner, organisation.series()) for _ in range(5)]
    asked = """query ($id: ID!, $after: String, $before: String) { learner(id: $id) {
        first: seriesEnrolments(first: 2, after: $after) { nodes { id } pageInfo { ...ends } }
        last: seriesEnrolments(last: 2, before: $before) { nodes { id } pageInfo { ...ends } }
    } }
    fragment ends on PageInfo { hasNextPage hasPreviousPage startCursor endCursor }"""
    admin, gids = sign_in(Role.ADMIN), sorted(each.gid for each in enrolments)

    def pages(data: dict[str, Any]) -> list[list[str]]:
        return [[each["id"] for each in data["learner"][name]["nodes"]] for name in ("first", "last")]

    one = await admin.query(asked, {"id": learner.gid})
    first, last = (one["learner"][name]["pageInfo"] for name in ("first", "last"))
    two = await admin.query(asked, {"id": learner.gid, "after": first["endCursor"], "before": last["startCursor"]})
    three = await admin.query(
        asked,
        {
            "id": learner.gid,
            "after": two["learner"]["first"]["pageInfo"]["endCursor"],
            "before": two["learner"]["last"]["pageInfo"]["startCursor"],
        },
    )

    assert pages(one) == [gids[:2], gids[3:]]
    assert pages(two) == [gids[2:4], gids[1:3]]
    assert pages(three) == [gids[4:], gids[:1]]
    assert (first["hasNextPage"], first["hasPreviousPage"]) == (True, False)
    assert (last["hasNextPage"], last["hasPreviousPage"]) == (False, True)
    assert three["learner"]["first"]["pageInfo"]["hasNextPage"] is False
    assert three["learner"]["last"]["pageInfo"]["hasPreviousPage"] is False


async def test_an_empty_list_below_is_there(organisation: Organisation, sign_in: SignIn) -> None:
    learner = organisation.learner()
    empty = "nodes { id } edges { cursor } pageInfo { hasNextPage startCursor endCursor } totalCount __typename"

    data = await sign_in(Role.ADMIN).query(
        f"query ($id: ID!) {{ learner(id: $id) {{ seriesEnrolments {{ {empty} }} }} }}", {"id": learner.gid}
    )

    assert data["learner"]["seriesEnrolments"] == {
        "nodes": [],
        "edges": [],
        "pageInfo": {"hasNextPage": False, "startCursor": None, "endCursor": None},
        "totalCount": 0,
        "__typename": "SeriesEnrolmentConnection",
    }


async def test_what_is_kept_for_one_role_is_not_told_to_another(organisation: Organisation, sign_in: SignIn) -> None:
    """The same record in the same state, in the same document: who may do what hangs on who asks."""
    enrolment = organisation.enrolment(
        organisation.own[Role.LEARNER], organisation.series(), SeriesEnrolmentStatus.IN_PROGRESS
    )
    asked = "query ($id: ID!) { seriesEnrolment(id: $id) { actions { action available reasons { code } } } }"

    answers = {
        role: str(await sign_in(role).query(asked, {"id": enrolment.gid}))
        for role in (Role.ADMIN, Role.MANAGER, Role.LEARNER, Role.ADMIN)
    }

    assert "'available': True" in answers[Role.ADMIN]
    assert "'available': True" not in answers[Role.MANAGER]
    assert "'available': True" not in answers[Role.LEARNER]


async def test_as_many_levels_as_one_statement_takes_and_one_more(
    database: Database, organisation: Organisation, sign_in: SignIn
) -> None:
    organisation.learner(reports_to=organisation.own[Role.MANAGER])

    def asked(levels: int) -> str:
        return (
            f"{{ learners(first: 1) {{ nodes {{ {' '.join(f'm{n}: manager {{ id }}' for n in range(levels))} }} }} }}"
        )

    most = MOST_LEVELS - 1  # the list itself is one

    assert await cost(database, sign_in(Role.ADMIN), asked(most)) == 1
    assert await cost(database, sign_in(Role.ADMIN), asked(most + 1)) > 1


async def test_hundreds_of_fields_are_answered_by_one_statement(
    app: Starlette, database: Database, organisation: Organisation, sign_in: SignIn
) -> None:
    """SQLite takes no expression of a thousand levels: a text that grew field by field would be one."""
    fields = " ".join(f"a{n}: givenName b{n}: createdAt c{n}: actions {{ action }}" for n in range(400))
    ways = portal_of(app).planner.ways
    faults = ways["an error"]

    document = f"{{ learners(first: 5) {{ nodes {{ {fields} }} }} }}"
    data = await sign_in(Role.ADMIN).query(document)

    assert all(len(each) == 1_200 for each in data["learners"]["nodes"])
    assert await cost(database, sign_in(Role.ADMIN), document) == 1
    assert ways["an error"] == faults


async def test_what_plans_cannot_answer_for_a_fault_is_answered_all_the_same(
    app: Starlette,
    organisation: Organisation,
    sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_: object) -> None:
        raise ArithmeticError("planted")

    planner = portal_of(app).planner
    faults = planner.ways["an error"]
    monkeypatch.setattr("portal_api.planner.texts.Texts.filled", broken)

    data = await sign_in(Role.ADMIN).query("{ learners { nodes { externalRef notices { code } } } }")

    assert len(data["learners"]["nodes"]) == 2
    assert planner.ways["an error"] == faults + 1
    assert "planted" in caplog.text


async def test_what_is_asked_under_many_names_is_counted_once(
    database: Database, organisation: Organisation, sign_in: SignIn
) -> None:
    """A list below tells each thing by a subquery of its own: too many are left to statements that share."""
    organisation.enrolment(organisation.learner(), organisation.series())

    def asked(names: int) -> str:
        totals = " ".join(f"t{n}: totalCount" for n in range(names))
        return f"{{ learners(first: 3) {{ nodes {{ seriesEnrolments {{ {totals} }} }} {totals} }} }}"

    assert await cost(database, sign_in(Role.ADMIN), asked(3)) == 2
    assert await cost(database, sign_in(Role.ADMIN), asked(MOST_LEVELS)) == 3


async def test_the_second_page_of_what_stands_in_an_order_of_its_own(
    app: Starlette, organisation: Organisation, sign_in: SignIn
) -> None:
    units = [organisation.unit() for _ in range(4)]
    course = organisation.course(*units)
    asked = """query ($id: ID!, $after: String) {
        course(id: $id) { units(first: 3, after: $after) { nodes { id } pageInfo { endCursor } } }
    }"""
    admin, ways = sign_in(Role.ADMIN), portal_of(app).planner.ways
    faults = ways["an error"]

    first = (await admin.query(asked, {"id": course.gid}))["course"]["units"]
    after = {"id": course.gid, "after": first["pageInfo"]["endCursor"]}
    second = (await admin.query(asked, after))["course"]["units"]

    assert [each["id"] for each in first["nodes"] + second["nodes"]] == [unit.gid for unit in units]
    assert ways["an error"] == faults
