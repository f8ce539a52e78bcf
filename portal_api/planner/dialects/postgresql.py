"""PostgreSQL: its own types throughout."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    String,
    bindparam,
    column,
    func,
    select,
    true,
)
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.types import TypeEngine

from portal_api.models.base import Enumerated, Id, Instant, Words
from portal_api.planner.dialects.compiling import fragment_of, put_together, storable
from portal_api.planner.dialects.protocol import PARENTS, AnySelect, Decode, ParentPage, Statement
from portal_api.planner.fragments import Fragment, Piece, Sql


class PostgresDialect:
    """PostgreSQL by asyncpg: its own types throughout."""

    name = "postgresql"
    keeps_order = False

    def __init__(self) -> None:
        self._dialect = PGDialect_asyncpg(paramstyle="pyformat")

    def statement(self, clause: ClauseElement) -> Statement:
        return self.whole(Sql(self.fragment(clause)))

    def fragment(self, clause: ClauseElement) -> Fragment:
        return fragment_of(clause, self._dialect, self.encode)

    def whole(self, sql: Sql) -> Statement:
        numbers: dict[str, int] = {}

        def mark(name: str) -> str:
            return f"${numbers.setdefault(name, len(numbers) + 1)}"

        text = put_together(sql, mark)
        return Statement(text, tuple(numbers))

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
                return storable(value)
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


def _wire_instant(value: datetime) -> str:
    """An instant in its form in the answer; the driver gives all in UTC."""
    return f"{value.isoformat(timespec='microseconds')[:-6]}Z"


def _hex(value: UUID) -> str:
    return value.hex
