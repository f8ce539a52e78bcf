"""Facets under Python values: how many of each there are, the largest first."""

from collections import Counter

import pytest

from portal_api.domain.roles import Role
from tests.factories import Record, StatusCase
from tests.planner.small import SmallPortal
from tests.planner.values.reports import _S, Report, refs


def largest(cases: list[StatusCase]) -> list[tuple[str, int]]:
    """The statuses and their numbers, the most frequent first, equals as they are stored."""
    counted = Counter(each.now for each in cases)
    return [(each.name, counted[each]) for each in sorted(counted, key=lambda each: (-counted[each], each.value))]


@pytest.mark.parametrize(("first", "shown"), [("", 4), ("(first: 4)", 4), ("(first: 1)", 1), ("(first: null)", 4)])
async def test_a_facet_counts_by_group_the_largest_first(
    first: str, shown: int, small: SmallPortal, cases: list[StatusCase]
) -> None:
    answer = await small.ask(
        f"{{ report {{ byStatus{first} {{ __typename n: count status again: status }} }} }}", Report()
    )

    assert answer["byStatus"] == [
        {"__typename": "StatusCount", "n": number, "status": status, "again": status}
        for status, number in largest(cases)[:shown]
    ]


async def test_a_facet_holds_to_the_conditions_of_its_value(small: SmallPortal, cases: list[StatusCase]) -> None:
    report = Report(conditions={"status": {"in": [_S.MASTERED, _S.DID_NOT_START]}})

    answer = await small.ask("{ report { byStatus { status count } } }", report)

    counted = dict(largest(cases))
    assert answer["byStatus"] == [
        {"status": "DID_NOT_START", "count": counted["DID_NOT_START"]},
        {"status": "MASTERED", "count": counted["MASTERED"]},
    ]


async def test_a_facet_leaves_out_what_is_in_no_group(small: SmallPortal, cases: list[StatusCase]) -> None:
    answer = await small.ask("{ report { byReason { reason count } } }", Report())

    assert answer["byReason"] == [{"reason": "NO_LONGER_REQUIRED", "count": len(refs(cases, _S.WITHDRAWN))}]


async def test_a_facet_by_record_shows_the_records_that_the_viewer_sees(
    small: SmallPortal, shared: tuple[Record, Record]
) -> None:
    active, inactive = ({"title": each["title"]} for each in shared)
    document = "{ report { number numberOfSeries bySeries { series { title } count } } }"

    assert await small.ask(document, Report()) == {
        "number": 3,
        "numberOfSeries": 2,
        "bySeries": [{"series": inactive, "count": 2}, {"series": active, "count": 1}],
    }
    as_manager = await small.ask(document, Report(), role=Role.MANAGER)
    assert as_manager["number"] == 2
    assert as_manager["numberOfSeries"] == 1
    assert sorted(as_manager["bySeries"], key=str) == sorted(
        [{"series": active, "count": 1}, {"series": None, "count": 1}], key=str
    )
