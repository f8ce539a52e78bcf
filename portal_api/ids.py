"""Identifiers: time-ordered UUIDs inside, a short prefix and 32 hexadecimal characters outside."""

import hashlib
import re
import secrets
from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import Any, cast
from uuid import UUID

from asyncpg.pgproto import pgproto  # pyright: ignore[reportMissingTypeStubs]  it has none

_key = cast("Callable[[str | bytes], UUID]", cast("Any", pgproto).UUID)
"""Makes a key, of its text or its bytes, as the driver of PostgreSQL makes them: made, compared and sent without a line of
Python, which a change of a thousand rows does ten thousand times."""

IdMaker = Callable[[datetime], UUID]
"""Makes a new identifier for something that came to be at the given instant."""

_GLOBAL_ID = re.compile(r"([a-z]{3})_([0-9a-f]{32})")


def _uuid7(milliseconds: int, random_bits: int) -> UUID:
    value = (
        milliseconds << 80 | 0x7 << 76 | (random_bits >> 62 & 0xFFF) << 64 | 0b10 << 62 | random_bits & (1 << 62) - 1
    )
    return _key(value.to_bytes(16))


def new_id(at: datetime) -> UUID:
    """A UUID of version 7: ordered by `at`, the rest random."""
    return _uuid7(_milliseconds(at), secrets.randbits(74))


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def joint_id(first: UUID, second: UUID) -> UUID:
    """The identifier of what two records make together: always the same for the two, and as old as the first."""
    digest = hashlib.sha256(first.bytes + second.bytes).digest()
    return _uuid7(first.int >> 80, int.from_bytes(digest) & (1 << 74) - 1)


def seeded_ids(seed: int) -> IdMaker:
    """A maker that gives the same identifiers in each run that starts from the same seed."""
    random = Random(seed)  # noqa: S311  repeatable on purpose: demo records, not secrets
    return lambda at: _uuid7(_milliseconds(at), random.getrandbits(74))


def key_of(text: str) -> UUID:
    """The key that stands in a text, as its hexadecimal characters.

    Raises:
        ValueError: if it does not.
    """
    return _key(text)


def global_id(prefix: str, key: UUID) -> str:
    """The identifier as clients see it."""
    return f"{prefix}_{key.hex}"


def parse_global_id(text: str) -> tuple[str, UUID] | None:
    """Splits a client's identifier into its prefix and key; None if it is not one at all."""
    match = _GLOBAL_ID.fullmatch(text)
    return (match[1], key_of(match[2])) if match else None
