"""The two engines: how statements become driver text, how values go in, and how they come out."""

from portal_api.planner.dialects.postgresql import PostgresDialect
from portal_api.planner.dialects.protocol import PARENTS, AnySelect, Decode, Dialect, ParentPage, Statement
from portal_api.planner.dialects.sqlite import SqliteDialect

__all__ = [
    "PARENTS",
    "AnySelect",
    "Decode",
    "Dialect",
    "ParentPage",
    "PostgresDialect",
    "SqliteDialect",
    "Statement",
    "dialect_of",
]


def dialect_of(url: str) -> Dialect:
    """The engine that a database URL names."""
    return PostgresDialect() if url.startswith("postgresql") else SqliteDialect()
