"""Invented reporting lines lead upwards, in a few levels, from most of the learners."""

import pytest

from portal_api.importers.reporting import first_without_reports, lines, managers, middle_manager


@pytest.mark.parametrize("count", [*range(1, 131), 1_000, 28_785])
def test_everybody_reports_to_somebody_before_them(count: int) -> None:
    above = managers(count)

    assert len(above) == count
    assert above[0] is None
    assert all(manager is None or manager < place for place, manager in enumerate(above))


@pytest.mark.parametrize("count", [20, 60, 1_000, 28_785])
def test_the_middle_manager_stands_between_levels_and_somebody_manages_nobody(count: int) -> None:
    pairs = list(lines(managers(count)))
    middle, lowest = middle_manager(count), first_without_reports(count)

    assert {depth for manager, _, depth in pairs if manager == middle} == {1, 2}
    assert [depth for _, learner, depth in pairs if learner == middle] == [1]
    assert not [manager for manager, _, _ in pairs if manager >= lowest]
    assert {depth for _, _, depth in pairs} == {1, 2, 3}


@pytest.mark.parametrize("count", [1, 2, 3, 7, 19])
def test_even_a_few_learners_have_a_manager_and_a_managed_one(count: int) -> None:
    assert 0 <= middle_manager(count) < count
    assert 0 <= first_without_reports(count) < count


def test_a_large_organisation_has_some_hundred_managers_and_some_learners_without_one() -> None:
    above = managers(28_785)

    assert 300 < len(set(above) - {None}) < 800
    assert 0.05 < above.count(None) / len(above) < 0.15


def test_lines_are_the_whole_chain() -> None:
    assert sorted(lines([None, 0, 1, None, 2])) == [
        (0, 1, 1),
        (0, 2, 2),
        (0, 4, 3),
        (1, 2, 1),
        (1, 4, 2),
        (2, 4, 1),
    ]
