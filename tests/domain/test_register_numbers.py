"""Register numbers: random, readable, and found again however somebody types them."""

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from portal_api.domain.register_numbers import ALPHABET, LONGEST, read_register_number, register_number
from portal_api.ids import seeded_ids

NOW = datetime(2026, 3, 2, tzinfo=UTC)
NUMBER = register_number(UUID("019cade2-4d52-7f2e-9a16-2c9da66eea24"))


def test_a_number_is_three_groups_of_five_from_an_alphabet_without_letters_that_look_like_digits() -> None:
    assert [len(group) for group in NUMBER.split("-")] == [5, 5, 5]
    assert set(NUMBER) <= {*ALPHABET, "-"}
    assert not set("ILOU") & set(ALPHABET)


def test_a_number_hangs_on_seventy_random_bits_and_on_nothing_else() -> None:
    drawn = UUID("019cade2-4d52-7f2e-9a16-2c9da66eea24").int
    later = UUID(int=drawn ^ 1 << 100)
    assert register_number(later) == NUMBER, "the instant does not show"
    random_bits = [*range(62), *range(64, 76)]
    differing = [bit for bit in random_bits if register_number(UUID(int=drawn ^ 1 << bit)) != NUMBER]
    assert len(differing) == 70


def test_numbers_drawn_one_after_the_other_have_nothing_in_common() -> None:
    new_id = seeded_ids(1)
    numbers = [register_number(new_id(NOW)) for _ in range(2_000)]
    assert len(set(numbers)) == 2_000
    for place in range(15):
        seen = {number.replace("-", "")[place] for number in numbers}
        assert seen == set(ALPHABET)


@given(st.integers(0, (1 << 128) - 1))
def test_a_number_is_read_as_it_is_printed(drawn: int) -> None:
    number = register_number(UUID(int=drawn))
    assert read_register_number(number) == number


def test_case_spaces_hyphens_and_letters_that_look_like_digits_say_nothing() -> None:
    number = register_number(UUID(int=0))
    assert number == "00000-00000-00000"
    assert read_register_number("ooooo OOOOO o-o-o-o-o") == number
    typed = NUMBER.lower().replace("-", " ").replace("1", "l").replace("0", "o")
    assert read_register_number(f"  {typed} ") == NUMBER


def test_one_wrong_character_is_no_number() -> None:
    for place, character in enumerate(NUMBER):
        if character != "-":
            for other in set(ALPHABET) - {character}:
                assert read_register_number(NUMBER[:place] + other + NUMBER[place + 1 :]) is None


def test_what_cannot_be_a_number_is_none() -> None:
    for text in ("", "-", NUMBER[:-1], f"{NUMBER}0", "U" * 15, "é" * 15, "\x00" * 15, NUMBER + " " * LONGEST):
        assert read_register_number(text) is None
