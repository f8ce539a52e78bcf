"""Identifiers in the formats of the Australian standard: students, programs, units (a reading of S2 AVETMISS fields)."""

import re

from stdnum import luhn

USI_CHARACTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""What a unique student identifier is made of: no character that is taken for another."""
INDIVIDUAL, INTERNATIONAL = "INDIV", "INTOFF"
"""Instead of an identifier: a learner who is exempt, and one who studies abroad."""
_PROGRAM = re.compile(r"[A-Z0-9]{1,10}")
_UNIT = re.compile(r"[A-Z0-9]{1,12}")


def is_usi(text: str) -> bool:
    """Whether a text is a unique student identifier: ten characters of which the last checks the others."""
    return len(text) == 10 and all(each in USI_CHARACTERS for each in text) and luhn.is_valid(text, USI_CHARACTERS)


def unique_student_identifier(drawn: str) -> str:
    """The identifier that begins with nine characters, with the one that checks them."""
    return drawn + luhn.calc_check_digit(drawn, USI_CHARACTERS)


def is_student_identifier(text: str) -> bool:
    """Whether a text says who a student is: an identifier, or one of the words that stand for none."""
    return text in (INDIVIDUAL, INTERNATIONAL) or is_usi(text)


def is_program_identifier(text: str) -> bool:
    """Whether a text can name a program: up to ten capital letters and digits."""
    return _PROGRAM.fullmatch(text) is not None


def is_unit_identifier(text: str) -> bool:
    """Whether a text can name a unit: up to twelve capital letters and digits."""
    return _UNIT.fullmatch(text) is not None
