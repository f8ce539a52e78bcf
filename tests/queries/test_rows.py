"""What the database packs into one text is read in one order, whatever order the engine gathered it in."""

from portal_api.queries.rows import pairs_of


def test_pairs_are_sorted_and_what_has_no_second_half_comes_last() -> None:
    packed = '[["b", "2"], ["a", null], ["b", "1"], ["a", "9"]]'

    assert pairs_of(packed) == [("a", "9"), ("a", None), ("b", "1"), ("b", "2")]


def test_no_pairs_are_none() -> None:
    assert pairs_of(None) == pairs_of("[]") == []
