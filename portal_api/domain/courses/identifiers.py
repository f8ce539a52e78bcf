"""Identifiers in the formats of the Australian standard: students, programs, units (a reading of S2 AVETMISS fields)."""

import re

_USI = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""What a unique student identifier is made of: no character that is taken for another."""
INDIVIDUAL, INTERNATIONAL = "INDIV", "INTOFF"
"""Instead of an identifier: a learner who is exempt, and one who studies abroad."""
_PROGRAM = re.compile(r"[A-Z0-9]{1,10}")
_UNIT = re.compile(r"[A-Z0-9]{1,12}")


def is_usi(text: str) -> bool:
    """Whether a text is a unique student identifier: ten characters of which the last checks the others."""
    return len(text) == 10 and all(each in _USI for each in text) and text[-1] == check_character(text[:-1])


def check_character(text: str) -> str:
    """What ends an identifier that begins so: the standard's scheme of Luhn, over its own 32 characters."""
    total = 0
    for place, each in enumerate(reversed(text)):
        value = _USI.index(each) * (2 if place % 2 == 0 else 1)
        total += value // len(_USI) + value % len(_USI)
    return _USI[-total % len(_USI)]


def is_student_identifier(text: str) -> bool:
    """Whether a text says who a student is: an identifier, or one of the words that stand for none."""
    return text in (INDIVIDUAL, INTERNATIONAL) or is_usi(text)


def is_program_identifier(text: str) -> bool:
    """Whether a text can name a program: up to ten capital letters and digits."""
    return _PROGRAM.fullmatch(text) is not None


def is_unit_identifier(text: str) -> bool:
    """Whether a text can name a unit: up to twelve capital letters and digits."""
    return _UNIT.fullmatch(text) is not None
