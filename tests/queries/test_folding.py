"""Folding: case, accents and compatibility forms make no difference, for any character that there is."""

import sys
import unicodedata

import pytest

from portal_api.queries.folding import fold

CHARACTERS = [
    each
    for each in map(chr, range(sys.maxunicode + 1))
    if each.casefold() != each or unicodedata.decomposition(each) or unicodedata.combining(each)
]
"""Those that have another form at all."""


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("", ""),
        ("Zoë", "zoe"),
        ("ZOE\u0308", "zoe"),
        ("Ångström", "angstrom"),
        ("Straße", "strasse"),
        ("İstanbul", "istanbul"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
        ("Łukasz", "łukasz"),
        ("ﬁne Ⅳ ℡ 𝐀", "fine iv tel a"),
        ("  two\t\n words  ", "two words"),
        ("李", "李"),
    ],
)
def test_a_text_is_folded(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_what_is_folded_stays_as_it_is() -> None:
    assert [each for each in CHARACTERS if fold(fold(each)) != fold(each)] == []


def test_nothing_that_has_a_small_letter_is_left_large() -> None:
    assert [each for each in CHARACTERS if fold(each) != fold(each).casefold()] == []


def test_a_text_composed_and_the_same_taken_apart_are_one() -> None:
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert [each for each in CHARACTERS if fold(unicodedata.normalize(form, each)) != fold(each)] == []
