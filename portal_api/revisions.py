"""At which revision a database has to stand for this code: told without loading what migrates it."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

NEWEST = "0008"
"""The revision that this code is written for: the newest of those in `alembic/versions`."""


@dataclass(frozen=True, slots=True)
class _Text:
    text: str


@dataclass(frozen=True, slots=True)
class _Request:
    statement: _Text
    values: list[Any]


def revision_steps() -> Generator[_Request, Sequence[Any], str | None]:
    """Reads the revision as any other read does, past the writer: raises where there is no database yet."""
    rows = yield _Request(_Text("SELECT version_num FROM alembic_version"), [])
    return rows[0][0] if rows else None
