"""What can be meant by a text, an address or a link that a client gives: one reason for each thing that is wrong."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from portal_api.domain.refusals import ErrorCode, InputInvalid, Reason

LONGEST_NAME = 200
LONGEST_REFERENCE = 100
LONGEST_EMAIL = 254
LONGEST_URL = 2_000
LONGEST_NOTE = 2_000
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def invalid(message: str, *path: str) -> InputInvalid:
    """The reason against a value at a place in the input."""
    return InputInvalid(ErrorCode.INPUT_INVALID, message, ("input", *path))


def text_reasons(value: object, *path: str, longest: int, least: int = 0) -> Iterator[Reason]:
    """What is wrong with a text: nothing in it, too much in it, or a null character. What is not given is never wrong."""
    if not isinstance(value, str):
        return
    bounds = f"{least} to {longest} characters" if least else f"{longest} characters at the most"
    if not (least <= len(value) <= longest and "\x00" not in value) or (least and not value.strip()):
        yield invalid(f"`{path[-1]}` has {bounds}, and no null character.", *path)


def email_reasons(value: object, *path: str) -> Iterator[Reason]:
    """What is wrong with an e-mail address."""
    yield from text_reasons(value, *path, longest=LONGEST_EMAIL, least=1)
    if isinstance(value, str) and 0 < len(value) <= LONGEST_EMAIL and not _EMAIL.fullmatch(value):
        yield invalid(f"`{path[-1]}` is no e-mail address: one looks like name@example.org.", *path)


def url_reasons(value: object, *path: str) -> Iterator[Reason]:
    """What is wrong with a link that others will follow: only https is taken, to a host, without a user in it."""
    wrong = list(text_reasons(value, *path, longest=LONGEST_URL, least=1))
    yield from wrong
    if isinstance(value, str) and not wrong and not _leads_to_a_host(value):
        yield invalid("This is no link: one begins with https://, names a host and no user, and has no spaces.", *path)


def _leads_to_a_host(link: str) -> bool:
    """Whether a link is as plain as it looks; a character that cannot be seen, or a backslash, can hide where it leads."""
    if not link.startswith("https://") or "\\" in link or not link.isprintable() or " " in link:
        return False
    try:
        parts = urlsplit(link)
        has_port = parts.port is None or parts.port > 0
    except ValueError:  # brackets that do not close, a port that is no number
        return False
    host = (parts.hostname or "").strip(".")
    return "." in host and "@" not in parts.netloc and has_port
