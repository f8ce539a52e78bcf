"""Identifiers as the Australian standard has them: students, programs, units."""

import pytest

from portal_api.domain.courses.identifiers import is_program_identifier, is_student_identifier, is_unit_identifier


@pytest.mark.parametrize("text", ["BNGH7C75FN", "INTOFF", "INDIV"])
def test_a_student_is_named_by_an_identifier_or_by_a_word_that_stands_for_none(text: str) -> None:
    assert is_student_identifier(text)


@pytest.mark.parametrize(
    "text",
    ["BNGH7C75FM", "BNGH7C75NF", "NBGH7C75FN", "BNGH7C75F", "BNGH7C75FNN", "bngh7c75fn", "BNGH7C751N", "INTOF", ""],
)
def test_a_slip_of_the_pen_is_no_identifier(text: str) -> None:
    assert not is_student_identifier(text)


def test_programs_and_units_are_capital_letters_and_digits_of_a_length() -> None:
    assert is_program_identifier("BSB50120")
    assert is_program_identifier("A" * 10)
    assert is_unit_identifier("BSBOPS505")
    assert is_unit_identifier("A" * 12)
    for text in ("", "bsb50120", "BSB-50120", "BSB 5012"):
        assert not is_program_identifier(text)
        assert not is_unit_identifier(text)
    assert not is_program_identifier("A" * 11)
    assert not is_unit_identifier("A" * 13)
