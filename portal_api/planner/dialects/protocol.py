"""What the planner needs to know of an engine."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
)
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.types import TypeEngine

from portal_api.planner.fragments import Fragment, Piece, Sql

AnySelect = Select[*tuple[Any, ...]]
Decode = Callable[[Any], Any]
ParentPage = Callable[[ColumnElement[Any]], AnySelect]
PARENTS = "parents"
"""What the parents are called in the statements about their children; each is the `value` there."""


@dataclass(frozen=True, slots=True)
class Statement:
    """Driver text, and the names of its parameters in the order in which the driver wants them."""

    text: str
    names: tuple[str, ...]

    def values(self, *parameters: Mapping[str, Any]) -> list[Any]:
        """The bound values for one run, already encoded: each from the first mapping that has it.

        Raises:
            LookupError: if none has it.
        """
        given: dict[str, Any] = {}
        for each in reversed(parameters):
            given.update(each)
        return list(map(given.__getitem__, self.names))


class Dialect(Protocol):
    """What the planner needs to know of an engine."""

    name: str

    def statement(self, clause: ClauseElement) -> Statement:
        """Compiles a statement, once."""
        ...

    def fragment(self, clause: ClauseElement) -> Fragment:
        """Compiles a statement, once, to stand in others."""
        ...

    def whole(self, sql: Sql) -> Statement:
        """The statement that text and fragments make."""
        ...

    def in_list(self, column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
        """Tests a column against the list bound as `name`."""
        ...

    def sort_key(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """A column so that it sorts the same on every engine: texts byte by byte."""
        ...

    def sorted_apart(self, expression: ColumnElement[Any]) -> ColumnElement[Any]:
        """What is sorted by, so that no index is chosen for its order: where the few rows are found by a condition."""
        ...

    def pairs_first(self, pairs: FromClause, source: FromClause, on: ColumnElement[bool]) -> FromClause:
        """Records joined to the table between them and their parents: the pairs of one parent are few."""
        ...

    def under_parents(
        self,
        name: str,
        columns: Sequence[ColumnElement[Any]],
        source: FromClause,
        page: ParentPage,
        order: Sequence[Any],
        by: ColumnElement[Any] | None = None,
    ) -> AnySelect:
        """Each page of children, for all parents whose keys are bound as `name`; the parent's key comes first.

        Args:
            name: the parents' keys.
            columns: what is selected of each child.
            source: where children come from.
            page: the children of one parent.
            order: how they are sorted.
            by: the column of the source that holds the parent's key, where no index finds children by their own.
        """
        ...

    def per_parent(self, name: str, count: ParentPage) -> AnySelect:
        """One number for each parent."""
        ...

    def encode(self, value: Any) -> Any:
        """A value as the driver takes it."""
        ...

    def keys(self, keys: Sequence[Any]) -> Any:
        """Keys as the driver gave them, as it takes a list of them."""
        ...

    def decoder(self, type_: TypeEngine[Any]) -> Decode | None:
        """Turns a driver's value, not null, into its form in the answer; None where it has that form already."""
        ...

    def id_text(self, value: Any) -> str:
        """The 32 hexadecimal characters of a key as the driver gave it."""
        ...

    def hex(self, cell: str) -> str:
        """The same, of a column, in the driver's text."""
        ...

    def json(self, cell: str, type_: TypeEngine[Any]) -> Sequence[Piece]:
        """A column in its form in the answer, as JSON text; null where it is null."""
        ...

    keeps_order: bool
    """Whether rows keep the order in which a sole subquery has sorted them."""

    def gathered(self, text: Sql, sorting: str) -> Sql:
        """The texts of all rows as one, commas between them; null where there is no row."""
        ...
