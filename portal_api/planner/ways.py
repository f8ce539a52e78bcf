"""The ways to a source's records: which of them are open to who asks."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import BindParameter, ColumnElement
from sqlalchemy.sql.elements import AsBoolean, BooleanClauseList
from sqlalchemy.sql.operators import and_, is_true

Ways = tuple[int, ...]
"""Which of a source's ways, by their places."""


def rights_of(way: ColumnElement[bool]) -> dict[str, bool]:
    """What the viewer's rights must be for a way to lead anywhere: those that it asks for before all else."""
    return dict(_rights(way))


def _rights(way: ColumnElement[bool]) -> Iterator[tuple[str, bool]]:
    are_all_asked = isinstance(way, BooleanClauseList) and way.operator is and_
    for each in way.clauses if are_all_asked else (way,):
        if isinstance(each, AsBoolean) and isinstance(each.element, BindParameter):
            yield each.element.key, each.operator is is_true


def open_ways(rights: tuple[Mapping[str, bool], ...], bound: Mapping[str, Any]) -> Ways:
    """The ways that lead anywhere for whoever the values are bound for.

    A statement leaves out the others, and asks for the rights all the same: one too few would hide something, and none
    can show what another viewer sees.
    """
    return tuple(
        n for n, each in enumerate(rights) if all(bool(bound[name]) is wanted for name, wanted in each.items())
    )
