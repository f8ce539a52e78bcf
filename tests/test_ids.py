"""Identifiers: as old as what they name, and of two records always the same."""

from datetime import UTC, datetime, timedelta

from portal_api.ids import joint_id, new_id

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_what_two_records_make_together_has_an_identifier_of_its_own() -> None:
    """Whoever writes thousands at one instant: their identifiers begin alike."""
    first, second = ([new_id(AT) for _ in range(number)] for number in (5_000, 4))
    made = {joint_id(one, other) for one in first for other in second}

    assert len(made) == len(first) * len(second)
    assert joint_id(first[0], second[0]) == joint_id(first[0], second[0])
    assert joint_id(first[0], second[0]) != joint_id(second[0], first[0])
    assert {each.version for each in made} == {7}


def test_it_is_as_old_as_the_first_of_them() -> None:
    old, young = new_id(AT), new_id(AT + timedelta(hours=1))

    assert joint_id(old, young) < young
    assert old < joint_id(young, old)
