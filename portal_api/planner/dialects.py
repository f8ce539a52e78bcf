"""The two engines: how statements become driver text, how values go in, and how they come out."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    column,
    func,
    select,
    true,
)
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.interfaces import Dialect as SqlDialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import ClauseElement, UnaryExpression
from sqlalchemy.sql.operators import custom_op
from sqlalchemy.sql.selectable import Join
from sqlalchemy.types import TypeEngine

from portal_api.domain.refusals import ErrorCode
from portal_api.models.base import Enumerated, Id, Instant, Words, instant_text
from portal_api.planner.errors import RequestError
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
    constants: Mapping[str, Any]

    def values(self, *parameters: Mapping[str, Any]) -> list[Any]:
        """The bound values for one run, already encoded: looked up in each mapping in turn."""
        found: list[Any] = []
        for name in self.names:
            for given in parameters:
                if name in given:
                    found.append(given[name])
                    break
            else:
                found.append(self.constants[name])
        return found


class Dialect(Protocol):
    """What the planner needs to know of an engine."""

    name: str

    def statement(self, clause: ClauseElement) -> Statement:
        """Compiles a statement, once."""
        ...

    def fragment(self, clause: ClauseElement, name: str) -> Fragment:
        """Compiles a statement, once, to stand in others; its constants are named by `name`."""
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


def _compile(clause: ClauseElement, dialect: SqlDialect, encode: Callable[[Any], Any]) -> Statement:
    compiled = clause.compile(dialect=dialect)
    names = tuple(compiled.positiontup or ())  # type: ignore[attr-defined]  # SQLCompiler has it, its base class does not
    return Statement(str(compiled), names, {name: encode(value) for name, value in (compiled.params or {}).items()})


_NAMED = re.compile(r"%\((\w+)\)s")


def _fragment(clause: ClauseElement, name: str, dialect: SqlDialect, encode: Callable[[Any], Any]) -> Fragment:
    compiled = clause.compile(dialect=dialect)
    texts = _NAMED.split(str(compiled))
    constants = {each: encode(value) for each, value in (compiled.params or {}).items() if value is not None}
    names = [f"{name}_{each}" if each in constants else each for each in texts[1::2]]
    return Fragment(
        [text.replace("%%", "%") for text in texts[::2]],
        names,
        {f"{name}_{each}": value for each, value in constants.items()},
    )


def _whole(sql: Sql, mark: Callable[[str], str]) -> tuple[str, dict[str, Any]]:
    """The text, each value in it as `mark` writes it, and its constants."""
    texts: list[str] = []
    constants: dict[str, Any] = {}
    for token in sql.tokens:
        if isinstance(token, str):
            texts.append(token)
            continue
        constants |= token.constants
        texts.append(token.texts[0])
        for name, text in zip(token.names, token.texts[1:], strict=True):
            texts += (mark(name), text)
    return "".join(texts), constants


_SAME: custom_op[Any] = custom_op("+")
"""It leaves a value as it is; but no index is looked at for it."""


class SqliteDialect:
    """SQLite by its own driver: text for keys and instants, JSON for lists."""

    name = "sqlite"
    keeps_order = True
    # It would sort again whatever is sorted: a quarter of the time that a page of short lists takes.

    def __init__(self) -> None:
        self._dialect = SQLiteDialect_pysqlite(paramstyle="qmark")
        self._naming = SQLiteDialect_pysqlite(paramstyle="pyformat")

    def statement(self, clause: ClauseElement) -> Statement:
        return _compile(clause, self._dialect, self.encode)

    def fragment(self, clause: ClauseElement, name: str) -> Fragment:
        return _fragment(clause, name, self._naming, self.encode)

    def whole(self, sql: Sql) -> Statement:
        names: list[str] = []

        def mark(name: str) -> str:
            names.append(name)
            return "?"

        text, constants = _whole(sql, mark)
        return Statement(text, tuple(names), constants)

    def in_list(self, column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
        each = func.json_each(bindparam(name)).table_valued("value")
        return column.in_(select(each.c.value))

    def sort_key(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        return column

    def sorted_apart(self, expression: ColumnElement[Any]) -> ColumnElement[Any]:
        # Its plans are made before it knows who asks: it would walk the whole organisation for somebody's ten rows.
        return UnaryExpression(expression, operator=_SAME, type_=expression.type)

    def pairs_first(self, pairs: FromClause, source: FromClause, on: ColumnElement[bool]) -> FromClause:
        return _LeftFirst(pairs, source, on)

    def under_parents(
        self,
        name: str,
        columns: Sequence[ColumnElement[Any]],
        source: FromClause,
        page: ParentPage,
        order: Sequence[Any],
        by: ColumnElement[Any] | None = None,
    ) -> AnySelect:
        parents = func.json_each(bindparam(name)).table_valued("value", name=PARENTS)
        keys = page(parents.c.value).correlate(parents)
        same = (
            [source.c.organisation_id == bindparam("organisation", type_=Id())] if "organisation_id" in source.c else []
        )
        near = [] if by is None else [by == parents.c.value]
        return (
            select(parents.c.value, *columns)
            .select_from(_LeftFirst(parents, source, and_(*same, *near, source.c.id.in_(keys.scalar_subquery()))))
            .order_by(*order)
        )

    def per_parent(self, name: str, count: ParentPage) -> AnySelect:
        parents = func.json_each(bindparam(name)).table_valued("value", name=PARENTS)
        return select(parents.c.value, count(parents.c.value).correlate(parents).scalar_subquery())

    def encode(self, value: Any) -> Any:
        match value:
            case UUID():
                return value.hex
            case datetime():
                return instant_text(value)
            case date():
                return value.isoformat()
            case list() | tuple():
                return json.dumps([self.encode(each) for each in value])  # type: ignore[reportUnknownVariableType]  a list of anything
            case StrEnum():
                return value.value
            case str():
                return _storable(value)
            case _:
                return value

    def keys(self, keys: Sequence[Any]) -> Any:
        text = '","'.join(keys)
        return f'["{text}"]' if keys else "[]"

    def decoder(self, type_: TypeEngine[Any]) -> Decode | None:
        match type_:
            case Enumerated():
                return str.upper
            case Boolean():
                return bool
            case Words():
                return str.split
            case _:
                return None

    def id_text(self, value: Any) -> str:
        return value

    def hex(self, cell: str) -> str:
        return cell

    def json(self, cell: str, type_: TypeEngine[Any]) -> Sequence[Piece]:
        match type_:
            case Enumerated():
                return '"', Sql(f"upper({cell})"), '"'
            case Instant() | Date() | Id():
                return '"', Sql(cell), '"'
            case Boolean():
                return (Sql(f"CASE {cell} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END"),)
            case Integer():
                return (Sql(cell),)
            case _:
                # Joined to nothing: what a function has made as JSON would else be taken for that, and not for text.
                return (Sql(f"json_quote({cell} || '')"),)

    def gathered(self, text: Sql, sorting: str) -> Sql:
        return Sql("group_concat(", text, f", ','{sorting})")


class _LeftFirst(Join):
    """A join whose left side is always the outer loop: else SQLite may walk the whole organisation for each parent, or for each pair."""

    inherit_cache = True


@compiles(_LeftFirst)
def _cross_join(element: Join, compiler: Any, **options: Any) -> str:
    return compiler.visit_join(element, **options).replace(" JOIN ", " CROSS JOIN ", 1)


class PostgresDialect:
    """PostgreSQL by asyncpg: its own types throughout."""

    name = "postgresql"
    keeps_order = False

    def __init__(self) -> None:
        self._dialect = PGDialect_asyncpg()
        self._naming = PGDialect_asyncpg(paramstyle="pyformat")

    def statement(self, clause: ClauseElement) -> Statement:
        return _compile(clause, self._dialect, self.encode)

    def fragment(self, clause: ClauseElement, name: str) -> Fragment:
        return _fragment(clause, name, self._naming, self.encode)

    def whole(self, sql: Sql) -> Statement:
        numbers: dict[str, int] = {}

        def mark(name: str) -> str:
            return f"${numbers.setdefault(name, len(numbers) + 1)}"

        text, constants = _whole(sql, mark)
        return Statement(text, tuple(numbers), constants)

    def in_list(self, column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
        return column == func.any(bindparam(name, type_=ARRAY(column.type)))

    def sort_key(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        return column.collate("C") if isinstance(column.type, String | Enumerated) else column

    def sorted_apart(self, expression: ColumnElement[Any]) -> ColumnElement[Any]:
        return expression

    def pairs_first(self, pairs: FromClause, source: FromClause, on: ColumnElement[bool]) -> FromClause:
        return pairs.join(source, on)

    def under_parents(
        self,
        name: str,
        columns: Sequence[ColumnElement[Any]],
        source: FromClause,
        page: ParentPage,
        order: Sequence[Any],
        by: ColumnElement[Any] | None = None,
    ) -> AnySelect:
        parents = self._parents(name)
        keys = page(parents.c.value)
        rows = keys.with_only_columns(
            *(each.label(f"c{n}") for n, each in enumerate(columns)), maintain_column_froms=True
        ).correlate(parents)
        children = rows.lateral("children")
        return select(parents.c.value, *children.c).select_from(parents.join(children, true()))

    def per_parent(self, name: str, count: ParentPage) -> AnySelect:
        parents = self._parents(name)
        return select(parents.c.value, count(parents.c.value).correlate(parents).scalar_subquery())

    @staticmethod
    def _parents(name: str) -> Any:
        keys = func.unnest(bindparam(name, type_=ARRAY(Id())))
        return keys.table_valued(column("value", Id())).render_derived(name=PARENTS)

    def encode(self, value: Any) -> Any:
        match value:
            case list() | tuple():
                return [self.encode(each) for each in value]  # type: ignore[reportUnknownVariableType]  a list of anything
            case StrEnum():
                return value.value
            case str():
                return _storable(value)
            case _:
                return value

    def keys(self, keys: Sequence[Any]) -> Any:
        return list(keys)

    def decoder(self, type_: TypeEngine[Any]) -> Decode | None:
        match type_:
            case Enumerated():
                return str.upper
            case Instant():
                return _wire_instant
            case Date():
                return date.isoformat
            case Id():
                return _hex
            case Words():
                return str.split
            case _:
                return None

    def id_text(self, value: Any) -> str:
        return value.hex

    def hex(self, cell: str) -> str:
        return f"encode(uuid_send({cell}), 'hex')"

    def json(self, cell: str, type_: TypeEngine[Any]) -> Sequence[Piece]:
        match type_:
            case Enumerated():
                return '"', Sql(f"upper({cell})"), '"'
            case Instant():
                return '"', Sql(f"to_char({cell} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"), '"'
            case Date():
                return '"', Sql(f"to_char({cell}, 'YYYY-MM-DD')"), '"'
            case Id():
                return '"', Sql(self.hex(cell)), '"'
            case Boolean() | Integer():
                return (Sql(f"{cell}::text"),)
            case _:
                return (Sql(f"to_json({cell})::text"),)

    def gathered(self, text: Sql, sorting: str) -> Sql:
        return Sql("string_agg(", text, f", ','{sorting})")


def _storable(value: str) -> str:
    """Refuses what PostgreSQL cannot store and SQLite would cut.

    Raises:
        RequestError: `INPUT_INVALID`.
    """
    if "\x00" in value:
        raise RequestError(ErrorCode.INPUT_INVALID, "A text may not hold the null character. Leave it out.")
    return value


def _wire_instant(value: datetime) -> str:
    """An instant in its form in the answer; the driver gives all in UTC."""
    return f"{value.isoformat(timespec='microseconds')[:-6]}Z"


def _hex(value: UUID) -> str:
    return value.hex


def dialect_of(url: str) -> Dialect:
    """The engine that a database URL names."""
    return PostgresDialect() if url.startswith("postgresql") else SqliteDialect()
