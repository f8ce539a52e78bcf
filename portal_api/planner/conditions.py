"""Conditions on the records of a source: what a client asks for, and what the value that a field stands under adds."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from sqlalchemy import (
    CTE,
    BindParameter,
    ColumnElement,
    Integer,
    bindparam,
    case,
    func,
    literal,
    select,
    true,
    union_all,
)

from portal_api.domain.refusals import ErrorCode
from portal_api.models.base import Id
from portal_api.planner.declare import Crowd, Source
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.planner.errors import RequestError
from portal_api.planner.filters import Binder, Filter, Shape
from portal_api.planner.paging import Order, Term
from portal_api.planner.selections import Run
from portal_api.planner.ways import Ways

MANY, LOOKED_THROUGH = 500, 2_000
"""How many records make a crowd, and among how many of the organisation its page is looked for before it is gathered: to
gather one record costs as much as to look at a few."""
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


def filter_clauses(source: Source, shape: Shape, dialect: Dialect, *, within: str = "") -> list[ColumnElement[bool]]:
    """The conditions of a filter shape; `within` is what the names of all values bound begin with."""
    return [
        _filters(source, whose)[name].where(own, Binder(f"{within}{whose}{name}", dialect.in_list))
        for whose, name, own in shape
    ]


def _filters(source: Source, whose: str) -> Mapping[str, Filter]:
    return source.filters if whose is ASKED else source.all_conditions


def select_ids(source: Source, name: str, shape: Shape, dialect: Dialect) -> AnySelect:
    """The keys of a selection, or how many records it has: `name` is `ids` or `totalCount`."""
    if name == "totalCount":
        return select_total(source, shape, dialect)
    conditions = filter_clauses(source, shape, dialect)
    order = Order((Term("ID", source.key, is_descending=False),))
    return select_page(source, [source.key], conditions, order, dialect)


def select_page(
    source: Source,
    columns: Sequence[ColumnElement[Any]],
    conditions: Sequence[ColumnElement[bool]],
    order: Order,
    dialect: Dialect,
    *,
    ways: Ways | None = None,
    crowd: Crowd | None = None,
    backwards: bool = False,
    within: str = "",
) -> AnySelect:
    """The first records of a selection, as many as are bound as `page_size`, its name beginning with `within`.

    Where several of the source's ways are gone, the first of each are found first: whatever comes first of all is among
    them. All of them are, if it is not said which are open.

    Args:
        source: what is listed.
        columns: what is selected of each record.
        conditions: which records can be on the page.
        order: how they are sorted.
        dialect: the engine.
        ways: the source's ways that are open.
        crowd: the one of them that is gone by looking through the organisation, where it leads to many.
        backwards: whether the last come first.
        within: what the names of all values bound begin with.
    """
    table, size = source.table, page_size(within)
    ways = tuple(range(len(source.ways))) if ways is None else ways
    if len(ways) < 2:
        seen = source.ways[ways[0]] if ways else source.scope
        whole = select(*columns).select_from(table).where(seen, *conditions)
        return whole.order_by(*order.clauses(backwards=backwards)).limit(size)
    near = table.c.organisation_id == bindparam("organisation", type_=Id())
    keys = select(source.key).select_from(table).where(*conditions)
    pages = {
        n: keys.where(source.ways[n])
        .order_by(*order.clauses(backwards=backwards, how=dialect.sorted_apart if n else None))
        .limit(size)
        for n in ways
    }
    found: list[AnySelect] = []
    if crowd and crowd.way in ways:
        walked = _walked(crowd, keys.where(near), order, size, dialect, backwards=backwards)
        found.append(select(walked.c.id))
        is_whole = select(func.count()).select_from(walked).scalar_subquery() >= size
        pages[crowd.way] = pages[crowd.way].limit(case((is_whole, 0), else_=size))
    found += [select(page.subquery().c.id) for page in pages.values()]
    # Materialised: else an engine may walk the whole organisation in the order asked, looking for what is found here.
    each = union_all(*found).cte("found").prefix_with("MATERIALIZED")
    whole = select(*columns).select_from(table).where(near, source.key.in_(select(each.c.id)))
    return whole.order_by(*order.clauses(backwards=backwards)).limit(size)


def _walked(
    crowd: Crowd, keys: AnySelect, order: Order, size: ColumnElement[int], dialect: Dialect, *, backwards: bool
) -> CTE:
    """The first page of a crowd, as far as the records that come first in the whole organisation hold it."""
    sorted_by = [term.expression.label(f"o{n}") for n, term in enumerate(order.terms)]
    first = keys.add_columns(*sorted_by).order_by(*order.clauses(backwards=backwards)).limit(LOOKED_THROUGH)
    ahead = first.subquery("ahead")
    [key] = crowd.keys.selected_columns
    is_many = select(func.count()).select_from(crowd.keys.limit(MANY).subquery()).scalar_subquery() >= MANY
    page = select(ahead.c.id).where(crowd.keys.where(key == ahead.c.id).correlate(ahead).exists())
    if not dialect.keeps_order:
        places = Order(tuple(replace(term, expression=ahead.c[f"o{n}"]) for n, term in enumerate(order.terms)))
        page = page.order_by(*places.clauses(backwards=backwards))
    return page.limit(case((is_many, size), else_=0)).cte("walked").prefix_with("MATERIALIZED")


def page_size(within: str = "") -> BindParameter[int]:
    """How many records a page has, and one more where it is told whether others follow."""
    return bindparam(f"{within}page_size", type_=Integer())


def select_total(
    source: Source, shape: Shape, dialect: Dialect, distinct: ColumnElement[Any] | None = None
) -> AnySelect:
    """How many records a selection has; or how many different values they hold, where it is told of what."""
    conditions = filter_clauses(source, shape, dialect)
    if distinct is not None:
        found = select(func.count(distinct.distinct())).select_from(source.table)
        return found.where(source.scope, *conditions)
    return count_seen(source, conditions)


def count_seen(source: Source, conditions: Sequence[ColumnElement[bool]], ways: Ways | None = None) -> AnySelect:
    """How many records of a selection the viewer sees: for each way those that no way before it leads to."""
    counted = select(func.count()).select_from(source.table).where(*conditions)
    gone = source.ways if ways is None else tuple(source.ways[n] for n in ways)
    if not gone:
        return counted.where(source.scope)
    numbers = [
        counted.where(way, *(before.is_not(true()) for before in gone[:n])).scalar_subquery()
        for n, way in enumerate(gone)
    ]
    return select(sum(numbers, literal(0)))


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
