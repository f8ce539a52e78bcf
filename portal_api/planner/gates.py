"""What the scope of a list below a record asks of the record alone: asked once for the list, and not again of each child."""

from typing import Any

from sqlalchemy import Column, ColumnElement, and_
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BooleanClauseList
from sqlalchemy.sql.visitors import iterate, replacement_traverse

from portal_api.planner.declare import Source


def split_scope(
    source: Source, by: ColumnElement[Any], parent: ColumnElement[Any]
) -> tuple[ColumnElement[bool] | None, list[ColumnElement[bool]]]:
    """The scope of the children of one parent, in two.

    Args:
        source: the children.
        by: the column of theirs that holds the parent's key.
        parent: that key, as it is known outside of the list.

    Returns:
        What is asked of the parent, if anything: the conditions that name no other column of the children. And what is left
        to ask of each child.
    """
    scope = source.scope
    is_list = isinstance(scope, BooleanClauseList) and scope.operator is operators.and_
    of_parent: list[ColumnElement[bool]] = []
    of_child: list[ColumnElement[bool]] = []
    for each in scope.clauses if is_list else (scope,):
        columns: set[Any] = {part for part in iterate(each) if isinstance(part, Column) and part.table is source.table}
        (of_parent if columns == {by} else of_child).append(each)
    return (_moved(and_(*of_parent), by, parent) if of_parent else None), of_child


def _moved(condition: ColumnElement[bool], by: ColumnElement[Any], parent: ColumnElement[Any]) -> ColumnElement[bool]:
    def replaced(element: Any, **_: Any) -> ColumnElement[Any] | None:
        return parent if element is by else None

    return replacement_traverse(condition, {}, replaced)
