"""Statements by what is read and by the shape of what is asked: compiled at their first use, and kept."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field

from sqlalchemy.sql.elements import ClauseElement

from portal_api.planner.dialects import AnySelect, Dialect, Statement
from portal_api.planner.fragments import Fragment

MOST_SHAPES = 64
MOST_READS = 5_000


@dataclass(frozen=True, slots=True)
class Statements:
    """The statements of one field, and of whatever field of another document reads the same."""

    dialect: Dialect
    known: dict[Hashable, Statement] = field(default_factory=dict[Hashable, Statement])
    fragments: dict[Hashable, Fragment] = field(default_factory=dict[Hashable, Fragment])

    def of(self, shape: Hashable, build: Callable[[], AnySelect]) -> Statement:
        """The statement for a shape."""
        # Looked up once: on SQLite several threads share the statements, and another may clear them meanwhile.
        statement = self.known.get(shape)
        if statement is None:
            if len(self.known) >= MOST_SHAPES:
                self.known.clear()
            statement = self.known[shape] = self.dialect.statement(build())
        return statement

    def fragment(self, shape: Hashable, build: Callable[[], ClauseElement]) -> Fragment:
        """The statement for a shape as it stands in others."""
        fragment = self.fragments.get(shape)
        if fragment is None:
            if len(self.fragments) >= MOST_SHAPES:
                self.fragments.clear()
            fragment = self.fragments[shape] = self.dialect.fragment(build())
        return fragment


@dataclass(frozen=True, slots=True)
class Shelf:
    """The statements of all documents: to compile one costs as much as to validate a small document."""

    known: dict[Hashable, tuple[Statements, Sequence[object]]] = field(
        default_factory=dict[Hashable, tuple[Statements, Sequence[object]]]
    )

    def of(self, dialect: Dialect, kind: Hashable, read: Sequence[object]) -> Statements:
        """The statements of a kind that read the same: the same source and expressions, in the same order.

        Args:
            dialect: the engine.
            kind: what else the statements hang on.
            read: what they read; each is known by which object it is, since expressions are never just equal.
        """
        key = (kind, *map(id, read))
        if key not in self.known:
            if len(self.known) >= MOST_READS:
                self.known.clear()
            self.known[key] = Statements(dialect), read  # which are kept, so that no other object can have their place
        return self.known[key][0]
