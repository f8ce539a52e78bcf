"""The status that a row has now, as SQL: one expression factory, from the clock table."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, case, literal

from portal_api.domain.machine import FAR_FUTURE, Table
from portal_api.queries.scope import NOW


def status_now(table: Table[Any, Any, Any], rows: FromClause) -> ColumnElement[Any]:
    """The effective status of the rows of a status table: the stored one until its clock moves are due."""
    columns = rows.c
    stored = columns.status
    return case(
        (columns.due_at > NOW, stored),
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
                literal(path.to, stored.type),
            )
            for path in table.time_paths
        ),
        else_=stored,
    )


def next_due(table: Table[Any, Any, Any], rows: FromClause, status: ColumnElement[Any]) -> ColumnElement[Any]:
    """The instant of the next clock move of rows that stand at `status`; far in the future when there is none."""
    columns = rows.c
    instants = {move.status: columns[move.at] for move in table.clock}
    return case(
        *((status == literal(at_status, columns.status.type), at) for at_status, at in instants.items()),
        else_=literal(FAR_FUTURE, columns.due_at.type),
    )
