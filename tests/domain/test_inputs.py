"""Texts, addresses and links: what is taken, what is not, and that each wrong value is told once, at its place."""

from typing import Any

import pytest

from portal_api.domain.inputs import (
    LONGEST_EMAIL,
    LONGEST_NAME,
    LONGEST_NOTE,
    LONGEST_REFERENCE,
    LONGEST_URL,
    email_reasons,
    invalid,
    text_reasons,
    url_reasons,
)
from portal_api.domain.refusals import ErrorCode, InputInvalid

PATH = ("learners", "3", "name")


def test_an_invalid_input_says_where() -> None:
    assert invalid("Too long.", *PATH) == InputInvalid(
        ErrorCode.INPUT_INVALID, "Too long.", ("input", "learners", "3", "name")
    )


@pytest.mark.parametrize("value", ["a", "ab ", " a", "  ß ", "李", "12345", None, 7, object()])
def test_a_text_within_its_bounds_is_taken_and_what_is_no_text_is_not_looked_at(value: object) -> None:
    assert list(text_reasons(value, *PATH, longest=5, least=1)) == []


@pytest.mark.parametrize("value", ["", " ", "\t\n ", "123456", "a\x00b", "\x00"])
def test_a_text_that_says_nothing_or_too_much_is_refused_once(value: str) -> None:
    [reason] = text_reasons(value, *PATH, longest=5, least=1)
    assert reason == invalid("`name` has 1 to 5 characters, and no null character.", *PATH)


@pytest.mark.parametrize("value", ["", "   ", "12345"])
def test_a_text_that_may_be_empty_may_be(value: str) -> None:
    assert list(text_reasons(value, *PATH, longest=5)) == []


@pytest.mark.parametrize("value", ["123456", "\x00"])
def test_a_text_that_may_be_empty_may_still_be_wrong(value: str) -> None:
    [reason] = text_reasons(value, *PATH, longest=5)
    assert reason == invalid("`name` has 5 characters at the most, and no null character.", *PATH)


@pytest.mark.parametrize(
    "value",
    [
        "lea@example.org",
        "l.e-a+1@mail.example.org",
        "李@例え.jp",
        f"{'a' * (LONGEST_EMAIL - len('@example.org'))}@example.org",
        None,
        7,
    ],
)
def test_an_address_is_taken(value: object) -> None:
    assert list(email_reasons(value, "email")) == []


NO_ADDRESSES = [
    "lea",
    "lea@",
    "@example.org",
    "lea@example",
    "lea@@example.org",
    "l ea@example.org",
    "lea@exam ple.org",
]


@pytest.mark.parametrize("value", [*NO_ADDRESSES, "lea@example.org\n", "\nlea@example.org", "a@b@c.org"])
def test_what_is_no_address_is_refused_once(value: str) -> None:
    [reason] = email_reasons(value, "email")
    assert reason == invalid("`email` is no e-mail address: one looks like name@example.org.", "email")


@pytest.mark.parametrize("value", ["", f"{'a' * LONGEST_EMAIL}@example.org"])
def test_an_address_of_a_wrong_length_is_refused_once_for_it(value: str) -> None:
    [reason] = email_reasons(value, "email")
    assert reason == invalid("`email` has 1 to 254 characters, and no null character.", "email")


@pytest.mark.parametrize(
    "value",
    [
        "https://example.org",
        "https://example.org/",
        "https://files.example.org/a/b?c=d#e",
        "https://example.org?c=d",
        "https://example.org#e",
        "https://example.org:8443/x",
        "https://example.org/user@home",
        f"https://example.org/{'a' * (LONGEST_URL - len('https://example.org/'))}",
        None,
        7,
    ],
)
def test_a_link_is_taken(value: object) -> None:
    assert list(url_reasons(value, "url")) == []


@pytest.mark.parametrize(
    "value",
    [
        "http://example.org",
        "ftp://example.org",
        "//example.org",
        "example.org",
        "https://",
        "https:///path",
        "https://localhost",
        "https://somebody@example.org/",
        "https://example.org/a b",
        "https://exam ple.org/",
        "https://example.org/\n",
        "javascript:alert(1)//https://example.org",
        " https://example.org",
        "HTTPS://example.org",
    ],
)
def test_what_is_no_link_is_refused_once(value: str) -> None:
    [reason] = url_reasons(value, "url")
    assert reason == invalid(
        "This is no link: one begins with https://, names a host and no user, and has no spaces.", "url"
    )


@pytest.mark.parametrize("value", ["", f"https://example.org/{'a' * LONGEST_URL}"])
def test_a_link_of_a_wrong_length_is_refused_once_for_it(value: str) -> None:
    [reason] = url_reasons(value, "url")
    assert reason == invalid("`url` has 1 to 2000 characters, and no null character.", "url")


@pytest.mark.parametrize("reasons", [email_reasons, url_reasons], ids=["email", "url"])
def test_a_null_character_is_refused(reasons: Any) -> None:
    value = "https://a\x00b.example.org" if reasons is url_reasons else "a\x00b@example.org"
    assert [each.code for each in reasons(value, "x")] == [ErrorCode.INPUT_INVALID]


def test_the_bounds() -> None:
    assert (LONGEST_NAME, LONGEST_REFERENCE, LONGEST_EMAIL, LONGEST_URL, LONGEST_NOTE) == (200, 100, 254, 2_000, 2_000)
