"""Filters: what a client may ask of a list, split into a shape (compiled once) and values (bound each time)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, cast
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Text, and_, bindparam, false, select, true

from portal_api.domain.refusals import ErrorCode
from portal_api.ids import parse_global_id
from portal_api.planner.errors import RequestError

MOST_VALUES = 1_000
Shape = tuple[Any, ...]
Bind = Callable[[str, Any], BindParameter[Any]]
"""Makes the bound parameter of a value: (its name, its SQL type)."""
InList = Callable[[ColumnElement[Any], str], ColumnElement[bool]]
"""Tests a column against a bound list of the given name."""


@dataclass(frozen=True, slots=True)
class Binder:
    """Names the bound values of one filter and tests against lists in the engine's own way."""

    prefix: str
    in_list: InList

    def __call__(self, name: str, type_: Any) -> BindParameter[Any]:
        return bindparam(self.name(name), type_=type_)

    def name(self, name: str) -> str:
        return f"{self.prefix}_{name}"

    def one_of(self, column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
        return self.in_list(column, self.name(name))


class Filter(Protocol):
    """One entry of a filter input."""

    def parse(self, value: Any) -> tuple[Shape, Mapping[str, Any]]:
        """Splits a coerced input into what changes the SQL and what is bound to it."""
        ...

    def where(self, shape: Shape, bind: Binder) -> ColumnElement[bool]:
        """The condition for a shape."""
        ...


def parse_id(text: str, prefix: str) -> UUID:
    """The key inside an identifier of the expected type.

    Raises:
        RequestError: `ID_INVALID`, if the text is no identifier, or one of another type.
    """
    parsed = parse_global_id(text)
    if parsed is None or parsed[0] != prefix:
        shown = text if len(text) <= 60 else f"{text[:60]}…"
        raise RequestError(
            ErrorCode.ID_INVALID,
            f"'{shown}' is not an identifier of this type: one begins with '{prefix}_' and goes on with 32 hexadecimal "
            "characters. Give an `id` as the API answered it.",
        )
    return parsed[1]


@dataclass(frozen=True, slots=True)
class Target:
    """The records that a column points at: their key, and which of them the viewer sees."""

    key: ColumnElement[Any]
    scope: ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Comparators on one column: `eq in notIn gt gte lt lte isNull`, all of which must hold."""

    column: ColumnElement[Any]
    prefix: str | None = None
    """The prefix of the identifiers that it takes, where the column is a key."""
    target: Target | None = None
    """Given where not everybody who sees the row sees the record that it points at: by that one it finds nothing."""
    is_nullable: bool | None = None
    """Whether there may be no value, where the expression does not tell."""

    def parse(self, value: Any) -> tuple[Shape, Mapping[str, Any]]:
        given = {name: item for name, item in value.items() if item is not None}
        shape = tuple((name, item) if name == "isNull" else (name, None) for name, item in sorted(given.items()))
        return shape, {name: self._bound(item) for name, item in given.items() if name != "isNull"}

    def _bound(self, item: Any) -> Any:
        if isinstance(item, list):
            items = cast("list[Any]", item)
            if len(items) > MOST_VALUES:
                raise RequestError(
                    ErrorCode.LIMIT_EXCEEDED,
                    f"A filter takes {MOST_VALUES} values at the most; {len(items)} were given.",
                )
            return [self._bound(each) for each in items]
        return parse_id(item, self.prefix) if self.prefix else item

    def where(self, shape: Shape, bind: Binder) -> ColumnElement[bool]:
        return and_(true(), *(self._condition(name, item, bind) for name, item in shape))

    def _condition(self, name: str, item: Any, bind: Binder) -> ColumnElement[bool]:
        column = self.column
        match name:
            case "isNull":
                return column.is_(None) if item else column.is_not(None)
            case "in":
                return self._one_of(name, bind)
            case "notIn":
                others = ~self._one_of(name, bind)
                # No value is none of the values; SQL alone would leave such rows out.
                return others | column.is_(None) if self._may_be_null else others
            case "eq":
                return and_(column == bind(name, column.type), *self._seen(name, bind))
            case "gt":
                return column > bind(name, column.type)
            case "gte":
                return column >= bind(name, column.type)
            case "lt":
                return column < bind(name, column.type)
            case "lte":
                return column <= bind(name, column.type)
            case _:
                return false()

    @property
    def _may_be_null(self) -> bool:
        return bool(getattr(self.column, "nullable", False)) if self.is_nullable is None else self.is_nullable

    def _one_of(self, name: str, bind: Binder) -> ColumnElement[bool]:
        if self.target is None:
            return bind.one_of(self.column, name)
        key, seen = self.target.key, self.target.scope
        return self.column.in_(select(key).where(bind.one_of(key, name), seen).correlate(None))

    def _seen(self, name: str, bind: Binder) -> Iterator[ColumnElement[bool]]:
        """Asked of the value and not of each row, so that the column's index still serves."""
        if self.target is not None:
            key, seen = self.target.key, self.target.scope
            yield select(key).where(key == bind(name, key.type), seen).correlate(None).exists()


@dataclass(frozen=True, slots=True)
class Flag:
    """The comparator `eq` on a condition that holds or does not: written as such, so that its indexes serve."""

    condition: ColumnElement[bool]

    def parse(self, value: Any) -> tuple[Shape, Mapping[str, Any]]:
        return (value.get("eq"),), {}

    def where(self, shape: Shape, bind: Binder) -> ColumnElement[bool]:
        [holds] = shape
        if holds is None:
            return true()
        return self.condition if holds else ~self.condition


@dataclass(frozen=True, slots=True)
class TimedStatus:
    """Comparators on a status that time moves: `eq in notIn`, on the status at the instant of the request.

    Rows whose clock stands still are found by their stored status; only the few that are due are looked at more closely.
    """

    stored: ColumnElement[Any]
    due_at: ColumnElement[datetime]
    effective: ColumnElement[Any]
    now: BindParameter[datetime]

    def parse(self, value: Any) -> tuple[Shape, Mapping[str, Any]]:
        return Comparison(self.stored).parse(value)

    def where(self, shape: Shape, bind: Binder) -> ColumnElement[bool]:
        settled = Comparison(self.stored).where(shape, bind)
        moved = Comparison(self.effective).where(shape, bind)
        return and_(settled, self.due_at > self.now) | and_(self.due_at <= self.now, moved)


MOST_WORDS = 6
LONGEST_SEARCH = 200


@dataclass(frozen=True, slots=True)
class Search:
    """Words that must all stand somewhere in a search key, which is folded as `fold` folds the words."""

    matches: Callable[[ColumnElement[str]], ColumnElement[bool]]
    fold: Callable[[str], str]

    def parse(self, value: Any) -> tuple[Shape, Mapping[str, Any]]:
        if len(value) > LONGEST_SEARCH:
            raise RequestError(
                ErrorCode.INPUT_INVALID,
                f"A search has {LONGEST_SEARCH} characters at the most; this one has {len(value)}.",
            )
        words = self.fold(value).split()
        if len(words) > MOST_WORDS:
            raise RequestError(
                ErrorCode.INPUT_INVALID, f"A search takes {MOST_WORDS} words at the most; this one has {len(words)}."
            )
        return (len(words),), {f"word{n}": f"%{_literal(word)}%" for n, word in enumerate(words)}

    def where(self, shape: Shape, bind: Binder) -> ColumnElement[bool]:
        return and_(true(), *(self.matches(bind(f"word{n}", Text())) for n in range(shape[0])))


def _literal(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
