"""Counts under Python values: how many records there are, and how many of each group."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, func, select

from portal_api.domain.refusals import ErrorCode
from portal_api.planner.conditions import filter_clauses, page_size, read_filter, select_total
from portal_api.planner.declare import Conditions, Source
from portal_api.planner.dialects import AnySelect
from portal_api.planner.errors import RequestError
from portal_api.planner.filters import Shape
from portal_api.planner.selections import Request, Rows, Run, Selection, Steps
from portal_api.planner.statements import Statements


@dataclass(frozen=True, slots=True)
class Total:
    """How many records each value has, one value after the other: such values stand alone."""

    source: Source
    conditions: Conditions
    statements: Statements
    distinct: ColumnElement[Any] | None = None
    """What is counted of the records, each once, where not they themselves are."""

    def column(self, rows: Rows, run: Run) -> Steps:
        source, dialect = self.source, self.statements.dialect
        totals: list[Any] = []
        for value in rows:
            shape, bound = read_filter(source, dialect, run, None, self.conditions(value))
            statement = self.statements.of(shape, partial(select_total, source, shape, dialect, self.distinct))
            counted = yield Request(statement, statement.values(bound, run.bound))
            totals.append(counted[0][0])
        return totals


@dataclass(frozen=True, slots=True)
class Facet:
    """How many records of each group each value has; a row of its statement is a group and its number."""

    source: Source
    group: ColumnElement[Any]
    conditions: Conditions
    limit: int
    arguments: Callable[[Run], Mapping[str, Any]]
    selection: Selection
    statements: Statements

    def column(self, rows: Rows, run: Run) -> Steps:
        page = {"page_size": self._size(run)}
        facets: list[Any] = []
        for value in rows:
            shape, bound = read_filter(self.source, self.statements.dialect, run, None, self.conditions(value))
            statement = self.statements.of(shape, partial(self._groups, shape))
            groups = yield Request(statement, statement.values(bound, page, run.bound))
            facets.append((yield from self.selection.finish(groups, run)))
        return facets

    def _size(self, run: Run) -> int:
        first = self.arguments(run).get("first")
        size = self.limit if first is None else first
        if not 1 <= size <= self.limit:
            raise RequestError(
                ErrorCode.PAGE_INVALID, f"There are 1 to {self.limit} groups here; {size} were asked for."
            )
        return size

    def _groups(self, shape: Shape) -> AnySelect:
        dialect = self.statements.dialect
        conditions = [self.source.scope, *filter_clauses(self.source, shape, dialect)]
        grouped = select(self.group.label("group_key")).select_from(self.source.table).where(*conditions)
        # Grouped from outside: an expression with bound values would have to stand twice, and be known as the same.
        key = grouped.subquery("grouped").c.group_key
        return (
            select(key, func.count())
            .where(key.is_not(None))
            .group_by(key)
            .order_by(func.count().desc(), dialect.sort_key(key))
            .limit(page_size())
        )
