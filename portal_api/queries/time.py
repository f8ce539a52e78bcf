"""The status that a row has now, as SQL: one expression factory, from the clock table."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Integer, and_, case, false, func, literal, or_, true

from portal_api.domain.machine import FAR_FUTURE, Table
from portal_api.queries.scope import NOW


def status_now(table: Table[Any, Any, Any], rows: FromClause) -> ColumnElement[Any]:
    """The effective status of the rows of a status table: the stored one until its clock moves are due."""
    stored = rows.c.status
    return _by_clock(table, rows, stored, lambda to: literal(to, stored.type))


def stands_at(table: Table[Any, Any, Any], rows: FromClause, statuses: Sequence[StrEnum]) -> ColumnElement[bool]:
    """Whether the effective status of the rows of a status table is one of some."""
    stored = rows.c.status
    is_stored = or_(*(stored == literal(status, stored.type) for status in statuses))
    return _by_clock(table, rows, is_stored, lambda to: true() if to in statuses else false())


def place_now(table: Table[Any, Any, Any], rows: FromClause) -> ColumnElement[int]:
    """Where the effective status of the rows of a status table comes among its statuses: to sort by."""
    stored = rows.c.status
    places = {status: literal(place, Integer()) for place, status in enumerate(table.statuses)}
    first, *others = (stored == literal(status, stored.type) for status in places)
    settled = case((first, literal(0, Integer())), *zip(others, list(places.values())[1:], strict=True))
    return _by_clock(table, rows, settled, lambda to: places[to])


def _by_clock(
    table: Table[Any, Any, Any],
    rows: FromClause,
    settled: ColumnElement[Any],
    moved: Callable[[StrEnum], ColumnElement[Any]],
) -> ColumnElement[Any]:
    """What holds of rows whose clock stands still, and of those that time has moved to a status."""
    columns = rows.c
    stored = columns.status
    return case(
        (columns.due_at > NOW, settled),
        *(
            (
                and_(
                    stored == literal(path.status, stored.type),
                    *(columns[move.at] <= NOW for move in path.moves),
                    *(
                        columns[move.when[0]] if move.when[1] else ~columns[move.when[0]]
                        for move in path.moves
                        if move.when
                    ),
                ),
                moved(path.to),
            )
            for path in table.time_paths
        ),
        else_=settled,
    )


def next_due(table: Table[Any, Any, Any], rows: FromClause, status: ColumnElement[Any]) -> ColumnElement[Any]:
    """The instant of the next clock move of rows that stand at `status`; far in the future when there is none."""
    columns = rows.c
    never = literal(FAR_FUTURE, columns.due_at.type)
    instants = {
        move.status: func.coalesce(at, never) if at.nullable else at
        for move in table.clock
        for at in (columns[move.at],)
    }
    return case(
        *((status == literal(at_status, columns.status.type), at) for at_status, at in instants.items()),
        else_=never,
    )
