"""Conditions on the records of a source: what a client asks for, and what the value that a field stands under adds."""

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import ColumnElement, Integer, bindparam, func, select

from portal_api.domain.refusals import ErrorCode
from portal_api.planner.declare import Source
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.planner.errors import RequestError
from portal_api.planner.filters import Binder, Filter, Shape
from portal_api.planner.selections import Run

ASKED, OWN = "", "_"
"""What the names of bound values begin with: those of the client, and those of a value. No filter's name begins with `_`."""


def read_filter(
    source: Source,
    dialect: Dialect,
    run: Run,
    asked: Mapping[str, Any] | None,
    own: Mapping[str, Any] | None = None,
) -> tuple[Shape, dict[str, Any]]:
    """Splits a client's filter and a value's own conditions into their shape and their values, encoded for the driver.

    What the source assumes is like a value's own condition, unless the client says something to it.
    """
    shape: list[tuple[str, str, Shape]] = []
    bound: dict[str, Any] = {}
    assumed = {name: value for name, value in source.assumed.items() if not _says_something((asked or {}).get(name))}
    for whose, given in ((ASKED, asked), (OWN, {**assumed, **(own or {})})):
        for name, value in sorted((given or {}).items()):
            if value is None:
                continue
            if whose is ASKED:
                check_open(source, name, run)
            own_shape, own_values = _filters(source, whose)[name].parse(value)
            shape.append((whose, name, own_shape))
            bound.update({f"{whose}{name}_{each}": dialect.encode(item) for each, item in own_values.items()})
    return tuple(shape), bound


def _says_something(value: Any) -> bool:
    """Whether a filter holds any comparator; one that is empty, or compares with nothing, does not."""
    given = cast("Mapping[str, Any]", value).values() if isinstance(value, Mapping) else (value,)
    return any(each is not None for each in given)


def filter_clauses(source: Source, shape: Shape, dialect: Dialect) -> list[ColumnElement[bool]]:
    """The conditions of a filter shape."""
    return [
        _filters(source, whose)[name].where(own, Binder(f"{whose}{name}", dialect.in_list))
        for whose, name, own in shape
    ]


def _filters(source: Source, whose: str) -> Mapping[str, Filter]:
    return source.filters if whose is ASKED else source.all_conditions


def select_ids(source: Source, name: str, shape: Shape, dialect: Dialect) -> AnySelect:
    """The keys of a selection, or how many records it has: `name` is `ids` or `totalCount`."""
    if name == "totalCount":
        return select_total(source, shape, dialect)
    conditions = [source.scope, *filter_clauses(source, shape, dialect)]
    return select(source.key).where(*conditions).order_by(source.key).limit(bindparam("page_size", type_=Integer()))


def select_total(
    source: Source, shape: Shape, dialect: Dialect, distinct: ColumnElement[Any] | None = None
) -> AnySelect:
    """How many records a selection has; or how many different values they hold, where it is told of what."""
    counted = func.count() if distinct is None else func.count(distinct.distinct())
    return select(counted).select_from(source.table).where(source.scope, *filter_clauses(source, shape, dialect))


def check_open(source: Source, name: str, run: Run) -> None:
    """Refuses a role that may not read a field to filter or sort by it, which would tell its value.

    Raises:
        RequestError: `FORBIDDEN`.
    """
    if run.role in source.narrowed and name not in source.narrowed[run.role]:
        raise field_forbidden(source, name, run.role)
    if name in source.withheld.get(run.role, ()):
        raise RequestError(
            ErrorCode.FORBIDDEN,
            f"Your role {run.role.upper()} may not filter or sort {source.type} by {name}: it does not read that of all.",
        )


def field_forbidden(source: Source, name: str, role: str) -> RequestError:
    """The error for a field that a role may not read."""
    return RequestError(
        ErrorCode.FORBIDDEN,
        f"Your role {role.upper()} may not read {source.type}.{name}; it reads {', '.join(sorted(source.narrowed[role]))}.",
    )
