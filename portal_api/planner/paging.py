"""Pages: their arguments, their order, and the cursor that says where one ends."""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Integer, and_, bindparam, or_, tuple_

from portal_api.domain.refusals import ErrorCode
from portal_api.models.base import Id, Instant
from portal_api.planner.declare import Source
from portal_api.planner.dialects import Dialect
from portal_api.planner.errors import RequestError

Sorting = Callable[[ColumnElement[Any]], ColumnElement[Any]]
DEFAULT_PAGE = 25
MOST_ORDER_TERMS = 3
MOST_INTEGER = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Term:
    """One term of an order: its public name, what it sorts by, and which way."""

    name: str
    expression: ColumnElement[Any]
    is_descending: bool


@dataclass(frozen=True, slots=True)
class Order:
    """A complete order: it ends in the key, so that no two rows are equal in it."""

    terms: tuple[Term, ...]

    @property
    def signature(self) -> str:
        return ",".join(f"{'-' if term.is_descending else ''}{term.name}" for term in self.terms)

    def is_one_of(self, orders: Iterable[tuple[str, ...]]) -> bool:
        """Whether an index that has these orders has this one, forwards or backwards."""
        names = tuple(term.name for term in self.terms[:-1])
        return names in orders and len({term.is_descending for term in self.terms}) == 1

    def clauses(self, *, backwards: bool, how: Sorting | None = None) -> list[ColumnElement[Any]]:
        """What to sort by; `how` says in which form each term is put, if not as it is."""
        terms = [(how(term.expression) if how else term.expression, term.is_descending) for term in self.terms]
        return [term.desc() if is_descending is not backwards else term.asc() for term, is_descending in terms]

    def beyond(self, *, backwards: bool, within: str = "") -> ColumnElement[bool]:
        """The condition that holds for the rows after a cursor, or before it; its values' names begin with `within`."""
        falls = [term.is_descending is not backwards for term in self.terms]
        binds = [bindparam(f"{within}cursor{n}", type_=term.expression.type) for n, term in enumerate(self.terms)]
        if len(set(falls)) == 1:
            row, mark = tuple_(*(term.expression for term in self.terms)), tuple_(*binds)
            return row < mark if falls[0] else row > mark
        steps: list[ColumnElement[bool]] = []
        for n, term in enumerate(self.terms):
            equal = [earlier.expression == bind for earlier, bind in zip(self.terms[:n], binds, strict=False)]
            steps.append(and_(*equal, term.expression < binds[n] if falls[n] else term.expression > binds[n]))
        return or_(*steps)


def order_of(
    source: Source, order_by: Sequence[Mapping[str, Any]] | None, place: ColumnElement[Any] | None = None
) -> Order:
    """The order that a list is asked in; that of the parent, or else of the source, where none is asked.

    Args:
        source: what is listed.
        order_by: what is asked.
        place: the number that a record has under its parent, if it has one.

    Raises:
        RequestError: `INPUT_INVALID`, for too many terms or one named twice.
    """
    asked = (
        [(str(term["field"]).upper(), str(term["direction"]).upper() == "DESC") for term in order_by]
        if order_by
        else list(source.default_order)
    )
    if not order_by and place is not None:
        return Order((Term("PLACE", place, is_descending=False), Term("ID", source.key, is_descending=False)))
    names = [name for name, _ in asked]
    if len(asked) > MOST_ORDER_TERMS or len(set(names)) < len(names):
        raise RequestError(
            ErrorCode.INPUT_INVALID, f"`orderBy` takes {MOST_ORDER_TERMS} different fields at the most; give fewer."
        )
    terms = [Term(name, source.orders[name], falls) for name, falls in asked]
    return Order((*terms, Term("ID", source.key, terms[-1].is_descending if terms else False)))


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is wanted."""

    size: int
    cursor: str | None
    is_backwards: bool

    @classmethod
    def of(cls, arguments: Mapping[str, Any], most: int) -> "Page":
        """Reads `first after last before`.

        Raises:
            RequestError: `PAGE_INVALID`, where they cannot be meant together or the size is out of bounds.
        """
        given = {name for name in ("first", "after", "last", "before") if arguments.get(name) is not None}
        is_backwards = "last" in given or ("before" in given and "first" not in given and "after" not in given)
        clash = {"first", "after"} if is_backwards else {"last", "before"}
        if given & clash:
            raise RequestError(
                ErrorCode.PAGE_INVALID,
                "A page goes forwards (`first` with `after`) or backwards (`last` with `before`), not both.",
            )
        size = arguments.get("last" if is_backwards else "first")
        size = min(DEFAULT_PAGE, most) if size is None else size
        if not 1 <= size <= most:
            raise RequestError(ErrorCode.PAGE_INVALID, f"A page here has 1 to {most} records; {size} were asked for.")
        return cls(size, arguments.get("before" if is_backwards else "after"), is_backwards)


def encode_cursor(signature: str, values: Sequence[Any]) -> str:
    """The opaque text of a place in an order: what is sorted by, and the row's own values."""
    return base64.urlsafe_b64encode(
        json.dumps([signature, *values], ensure_ascii=False, separators=(",", ":")).encode()
    ).decode()


def decode_cursor(text: str, order: Order, dialect: Dialect) -> dict[str, Any]:
    """The bound values of a cursor, encoded for the driver.

    Raises:
        RequestError: `CURSOR_INVALID`, for a text that this order never gave.
    """
    try:
        signature, *values = json.loads(base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True))
        if signature != order.signature or len(values) != len(order.terms):
            raise ValueError(signature)
        pairs = zip(values, order.terms, strict=True)
        return {f"cursor{n}": dialect.encode(_typed(value, term)) for n, (value, term) in enumerate(pairs)}
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error) as error:
        raise RequestError(
            ErrorCode.CURSOR_INVALID, "This cursor was not given by this list in this order. Start again without it."
        ) from error


def _typed(value: Any, term: Term) -> Any:
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError(term.name)
    match term.expression.type:
        case Id():
            return UUID(value)
        case Instant():
            return _instant(value)
        case Date():
            return datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007  a day has no zone
        case Integer():
            return _integer(value)
        case _:
            value.encode()  # half a surrogate pair is no text that a driver takes
            return value


def _integer(value: str) -> int:
    """A number as a cursor has it; PostgreSQL takes no text for one, nor one that its column could not hold."""
    number = int(value)
    if str(number) != value or abs(number) > MOST_INTEGER:
        raise ValueError(value)
    return number


def _instant(value: str) -> datetime:
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError(value)
    return instant.astimezone(UTC)
