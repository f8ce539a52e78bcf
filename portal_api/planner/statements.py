"""Statements by the shape of what is asked: compiled at their first use, and kept."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from portal_api.planner.dialects import AnySelect, Dialect, Statement

MOST_SHAPES = 64


@dataclass(frozen=True, slots=True)
class Statements:
    """The statements of one field."""

    dialect: Dialect
    known: dict[Hashable, Statement] = field(default_factory=dict[Hashable, Statement])

    def of(self, shape: Hashable, build: Callable[[], AnySelect]) -> Statement:
        """The statement for a shape."""
        # Looked up once: on SQLite several threads share the statements, and another may clear them meanwhile.
        statement = self.known.get(shape)
        if statement is None:
            if len(self.known) >= MOST_SHAPES:
                self.known.clear()
            statement = self.known[shape] = self.dialect.statement(build())
        return statement
