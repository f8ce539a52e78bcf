"""SQLite: text for keys and instants, JSON for lists."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    and_,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import ClauseElement, UnaryExpression
from sqlalchemy.sql.operators import custom_op
from sqlalchemy.sql.selectable import Join
from sqlalchemy.types import TypeEngine

from portal_api.database.steady import SteadyCompiler
from portal_api.models.base import Enumerated, Id, Instant, Words, instant_text
from portal_api.planner.dialects.compiling import fragment_of, put_together, storable
from portal_api.planner.dialects.protocol import PARENTS, AnySelect, Decode, ParentPage, Statement
from portal_api.planner.fragments import Fragment, Piece, Sql

AS_THEY_ARE = frozenset({bool, int, float, type(None)})
"""The types of most values that are bound: rights, numbers, nothing."""
_SAME: custom_op[Any] = custom_op("+")
"""It leaves a value as it is; but no index is looked at for it."""


class SqliteDialect:
    """SQLite by its own driver: text for keys and instants, JSON for lists."""

    name = "sqlite"
    keeps_order = True
    # It would sort again whatever is sorted: a quarter of the time that a page of short lists takes.

    def __init__(self) -> None:
        self._dialect = SQLiteDialect_pysqlite(paramstyle="pyformat")
        self._dialect.statement_compiler = SteadyCompiler

    def statement(self, clause: ClauseElement) -> Statement:
        return self.whole(Sql(self.fragment(clause)))

    def fragment(self, clause: ClauseElement) -> Fragment:
        return fragment_of(clause, self._dialect, self.encode)

    def whole(self, sql: Sql) -> Statement:
        names: list[str] = []

        def mark(name: str) -> str:
            names.append(name)
            return "?"

        text = put_together(sql, mark)
        return Statement(text, tuple(names))

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
        if type(value) in AS_THEY_ARE:
            return value
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
                return storable(value)
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
