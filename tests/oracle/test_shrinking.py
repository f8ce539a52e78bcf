"""A query that shows a fault is cut down to what shows it."""

from tests.oracle.reference import reference
from tests.oracle.shrinking import smallest, variables_in

LONG = """
query ($first: Int, $on: Boolean!) {
  learners(first: $first, filter: {search: "a", status: {eq: ACTIVE}}) {
    nodes { id ...Named email @include(if: $on) }
    totalCount
  }
  viewer { user { id } }
}
fragment Named on Learner { givenName familyName }
"""


async def test_only_what_shows_the_fault_is_left() -> None:
    async def shows_it(document: str) -> bool:
        return "email" in document

    less = await smallest(reference().schema, LONG, shows_it)

    assert " ".join(less.split()) == "{ learners { nodes { email } } }"


async def test_what_the_fault_needs_stays() -> None:
    async def shows_it(document: str) -> bool:
        return "familyName" in document and "search" in document and "$first" in document

    less = await smallest(reference().schema, LONG, shows_it)

    assert variables_in(less) == {"first"}
    assert "ACTIVE" not in less
    assert "viewer" not in less
    assert "search" in less


async def test_what_shows_nothing_with_less_is_left_as_it_is() -> None:
    async def shows_it(document: str) -> bool:
        return False

    assert await smallest(reference().schema, LONG, shows_it) == LONG
