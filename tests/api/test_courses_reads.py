"""Courses, units, offers and status reasons as they are read: in their order, and by whom."""

from typing import Any

import pytest

from portal_api.domain.roles import Role
from tests.conftest import SignIn
from tests.factories import DAY, Organisation

UNITS = """query($first: Int, $after: String, $last: Int, $before: String, $filter: UnitFilter, $order: [UnitOrder!]) {
    courses { nodes { title units(
        first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $order
    ) { totalCount pageInfo { hasNextPage hasPreviousPage endCursor startCursor } nodes { identifier } } } }
}"""


async def _units(organisation: Organisation, sign_in: SignIn, **given: Any) -> dict[str, Any]:
    data = await sign_in(Role.OWNER).query(UNITS, given)
    return {each["title"]: each["units"] for each in data["courses"]["nodes"]}


def _names(page: dict[str, Any]) -> list[str]:
    return [each["identifier"] for each in page["nodes"]]


@pytest.fixture
def in_order(organisation: Organisation) -> Organisation:
    """Three units, in one course as they were made, in another the other way round."""
    now = organisation.clock()
    made = [
        organisation.unit(identifier=name, created_at=now + number * DAY)
        for number, name in enumerate(("ONE", "TWO", "THREE"))
    ]
    organisation.course(*made, title="forth")
    organisation.course(*reversed(made), title="back")
    organisation.course(title="bare")
    return organisation


async def test_the_units_of_a_course_stand_in_its_own_order(in_order: Organisation, sign_in: SignIn) -> None:
    pages = await _units(in_order, sign_in)

    assert {title: _names(page) for title, page in pages.items()} == {
        "forth": ["ONE", "TWO", "THREE"],
        "back": ["THREE", "TWO", "ONE"],
        "bare": [],
    }
    assert {title: page["totalCount"] for title, page in pages.items()} == {"forth": 3, "back": 3, "bare": 0}


async def test_the_units_of_a_course_are_paged_in_its_own_order(in_order: Organisation, sign_in: SignIn) -> None:
    first = await _units(in_order, sign_in, first=2)
    after = await _units(in_order, sign_in, first=2, after=first["back"]["pageInfo"]["endCursor"])
    last = await _units(in_order, sign_in, last=2)
    before = await _units(in_order, sign_in, last=2, before=last["back"]["pageInfo"]["startCursor"])

    assert [_names(page["back"]) for page in (first, after, last, before)] == [
        ["THREE", "TWO"],
        ["ONE"],
        ["TWO", "ONE"],
        ["THREE"],
    ]
    assert [page["back"]["pageInfo"]["hasNextPage"] for page in (first, after)] == [True, False]


async def test_the_units_of_a_course_are_sorted_as_asked(in_order: Organisation, sign_in: SignIn) -> None:
    pages = await _units(in_order, sign_in, order=[{"field": "CREATED_AT", "direction": "DESC"}])

    assert _names(pages["forth"]) == _names(pages["back"]) == ["THREE", "TWO", "ONE"]
