"""Selections at their edges: what directives leave empty, what is asked twice, what is not there."""

import asyncio
import gc
from typing import Any

import pytest

from portal_api.domain.roles import Role
from portal_api.planner.selections import Derived
from portal_api.planner.statements import MOST_SHAPES
from portal_api.planner.texts import Texts
from tests.conftest import SignIn
from tests.factories import Organisation


@pytest.mark.parametrize(
    ("selection", "page"),
    [
        ("nodes @skip(if: true) { id }", {}),
        ("nodes { id @skip(if: true) }", {"nodes": [{}, {}]}),
        ("edges { cursor @skip(if: true) }", {"edges": [{}, {}]}),
        ("edges { node { id @include(if: false) } }", {"edges": [{"node": {}}, {"node": {}}]}),
        ("edges { node @include(if: false) { id } }", {"edges": [{}, {}]}),
        ("pageInfo { endCursor @skip(if: true) }", {"pageInfo": {}}),
        ("totalCount @skip(if: true) nodes { id @skip(if: true) }", {"nodes": [{}, {}]}),
        ("... on LearnerConnection @skip(if: true) { totalCount }", {}),
    ],
)
async def test_what_directives_leave_empty_is_there_all_the_same(
    selection: str, page: dict[str, Any], sign_in: SignIn
) -> None:
    admin = sign_in(Role.ADMIN)
    below = {key: value[:1] if isinstance(value, list) else value for key, value in page.items()}
    manager = '{ learners(filter: {externalRef: {eq: "MANAGER"}}) { nodes { reports { SELECTION } } } }'

    assert await admin.query(f"{{ learners {{ {selection} }} }}") == {"learners": page}
    data = await admin.query(manager.replace("SELECTION", selection))
    assert data == {"learners": {"nodes": [{"reports": below}]}}


async def test_an_empty_list_below_a_record_is_an_empty_page(organisation: Organisation, sign_in: SignIn) -> None:
    data = await sign_in(Role.LEARNER).query(
        "{ learners { nodes { reports { nodes { id } edges { cursor } totalCount pageInfo "
        "{ hasNextPage hasPreviousPage startCursor endCursor } } } } }"
    )

    nothing = {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None}
    assert data["learners"]["nodes"] == [{"reports": {"nodes": [], "edges": [], "totalCount": 0, "pageInfo": nothing}}]


async def test_the_same_list_can_be_asked_for_twice_in_different_ways(
    organisation: Organisation, sign_in: SignIn
) -> None:
    manager, learner = organisation.own[Role.MANAGER], organisation.own[Role.LEARNER]

    data = await sign_in(Role.ADMIN).query(
        "{ first: learners(first: 1, orderBy: {field: GIVEN_NAME}) { nodes { id } } "
        "last: learners(last: 1, orderBy: {field: GIVEN_NAME}) { nodes { id } } learners { totalCount } }"
    )

    assert data == {
        "first": {"nodes": [{"id": learner.gid}]},
        "last": {"nodes": [{"id": manager.gid}]},
        "learners": {"totalCount": 2},
    }


async def test_plans_that_are_kept_serve_other_people_and_other_values(
    organisation: Organisation, sign_in: SignIn
) -> None:
    document = """query ($first: Int, $search: String, $bare: Boolean = false) {
        learners(first: $first, filter: {search: $search}) { nodes { id email @skip(if: $bare) } }
    }"""
    manager, learner = organisation.own[Role.MANAGER], organisation.own[Role.LEARNER]
    full = {each.gid: {"id": each.gid, "email": each["email"]} for each in (manager, learner)}

    async def asked(role: Role, **variables: Any) -> list[dict[str, Any]]:
        data = await sign_in(role).query(document, variables)
        return sorted(data["learners"]["nodes"], key=lambda each: each["id"])

    both = sorted(full.values(), key=lambda each: each["id"])
    for _ in range(2):
        assert await asked(Role.ADMIN) == both
        assert await asked(Role.LEARNER) == [full[learner.gid]]
        assert await asked(Role.ADMIN, search="mana") == [full[manager.gid]]
        assert await asked(Role.ADMIN, search=None) == both
        assert await asked(Role.LEARNER, bare=True) == [{"id": learner.gid}]
        assert len(await asked(Role.ADMIN, first=1)) == 1


async def test_more_ways_to_ask_than_are_kept_can_be_asked_at_once(organisation: Organisation, sign_in: SignIn) -> None:
    document = """query ($filter: LearnerFilter, $orderBy: [LearnerOrder!]) {
        learners(filter: $filter, orderBy: $orderBy) { nodes { id } totalCount }
    }"""
    conditions: list[dict[str, Any]] = [
        {"search": "er"},
        {"status": {"in": ["ACTIVE"]}},
        {"hasAppAccess": {"eq": True}},
        {"createdAt": {"gt": "2000-01-01T00:00:00Z"}},
        {"externalRef": {"notIn": ["nobody"]}},
    ]
    filters = [
        {name: value for place, each in enumerate(conditions) for name, value in each.items() if number >> place & 1}
        for number in range(2 ** len(conditions))
    ]
    orders = [[{"field": name, "direction": way}] for name in ("GIVEN_NAME", "CREATED_AT") for way in ("ASC", "DESC")]
    admin = sign_in(Role.ADMIN)

    answers = await asyncio.gather(
        *(admin.query(document, {"filter": each, "orderBy": order}) for each in filters for order in orders)
    )

    assert len(answers) > MOST_SHAPES
    assert {answer["learners"]["totalCount"] for answer in answers} == {2}


async def test_what_no_two_records_share_is_not_kept(organisation: Organisation, sign_in: SignIn) -> None:
    """Facts that come again are kept for everybody; a record's own would fill the memory, and stay there."""
    offer, unit = organisation.course_offer(organisation.course()), organisation.unit()
    for _ in range(30):
        organisation.unit_enrolment(organisation.course_enrolment(organisation.learner(), offer), unit)
    asked = "{ courseEnrolments(first: 100) { nodes { needs { need } checklist { step } %s } } }"

    async def grown(selection: str) -> int:
        before = _kept()
        data = await sign_in(Role.ADMIN).query(asked % selection)
        assert len(data["courseEnrolments"]["nodes"]) == 30
        return _kept() - before

    assert await grown("id") == 0
    assert await grown("actions { action }") == 1


def _kept() -> int:
    """How many sets of facts are kept, in all plans that there are."""
    return sum(
        len(each.known) if type(each) is Derived else sum(map(len, each.kept.values()))
        for each in gc.get_objects()
        if type(each) in {Derived, Texts}
    )
