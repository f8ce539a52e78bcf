"""Register numbers: what a credential or certificate is verified by, whoever issued it (a reading).

Fourteen random characters and one that checks them. 70 random bits: whoever has one number is no nearer to another, and
whoever guesses a thousand times a second meets one of a million in 37,000 years. So nobody needs to count the guesses.
"""

import re
from uuid import UUID

from stdnum import luhn

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without the letters that are taken for digits, and without the one that makes words."""
_RANDOM_CHARACTERS = 14
_GROUP = 5
_RANDOM_A, _RANDOM_B = 12, 62
"""How many bits of an identifier are random, before and after its variant."""
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
_FILLING = re.compile(r"[\s-]+")
LONGEST = 100
"""How many characters somebody may give for one, spaces and hyphens included."""


def register_number(drawn: UUID) -> str:
    """A register number, grouped for reading.

    Args:
        drawn: a fresh identifier that names nothing; its random bits are the number's, and the instant in it is left out.
    """
    bits = (drawn.int >> 64 & (1 << _RANDOM_A) - 1) << _RANDOM_B | drawn.int & (1 << _RANDOM_B) - 1
    drawn_characters = "".join(ALPHABET[bits >> 5 * place & 31] for place in range(_RANDOM_CHARACTERS))
    return _grouped(drawn_characters + luhn.calc_check_digit(drawn_characters, ALPHABET))


def read_register_number(text: str) -> str | None:
    """A register number as it is kept, from how somebody typed it; None for what cannot be one.

    Case, spaces and hyphens say nothing, and letters that look like digits are read as such.
    """
    if len(text) > LONGEST:
        return None
    plain = _FILLING.sub("", text).upper().translate(_MISREAD)
    if len(plain) != _RANDOM_CHARACTERS + 1 or any(each not in ALPHABET for each in plain):
        return None
    return _grouped(plain) if luhn.is_valid(plain, ALPHABET) else None


def _grouped(plain: str) -> str:
    return "-".join(plain[place : place + _GROUP] for place in range(0, len(plain), _GROUP))
