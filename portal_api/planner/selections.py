"""What a compiled selection is made of: items that each answer one field for all rows of a level at once.

A level's rows are SQL rows or Python objects. Each item turns all of them into one list, a *column*; what needs more rows
asks for them by yielding a request, so that a level costs the same number of statements for one row and for a thousand.
"""

from collections.abc import Callable, Generator, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from portal_api.models.base import instant_text
from portal_api.planner.dialects import Decode, Statement

Rows = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Request:
    """One statement to run, with its values."""

    statement: Statement
    values: list[Any]


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a plan: who asks (bound, never compiled in) and with which variables."""

    role: str
    bound: Mapping[str, Any]
    """The viewer's rights, scope and instant, encoded for the driver."""
    variables: Mapping[str, Any]


Steps = Generator[Request, Rows, list[Any]]


class Item(Protocol):
    """Answers one field for all rows of a level."""

    def column(self, rows: Rows, run: Run) -> Steps:
        """One finished value a row, in the order of the rows."""
        ...


@dataclass(frozen=True, slots=True)
class Selection:
    """The fields selected on one object type, by response key."""

    keys: tuple[str, ...]
    items: tuple[Item, ...]

    def finish(self, rows: Rows, run: Run) -> Steps:
        """The finished objects of the rows."""
        if not rows:
            return []
        columns: list[list[Any]] = []
        for item in self.items:
            columns.append((yield from item.column(rows, run)))  # noqa: PERF401  a generator cannot yield in a list display
        return assembled(self.keys, columns, len(rows))


def assembled(keys: Sequence[str], columns: Sequence[Sequence[Any]], number: int) -> list[dict[str, Any]]:
    """Objects out of the columns of their fields. Where directives leave no field, they are there all the same: empty."""
    if not keys:
        return [{} for _ in range(number)]
    return [dict(zip(keys, values, strict=True)) for values in zip(*columns, strict=True)]


@dataclass(frozen=True, slots=True)
class Constant:
    """The same for every row: `__typename`."""

    value: Any

    def column(self, rows: Rows, run: Run) -> Steps:
        return [self.value] * len(rows)
        yield


@dataclass(frozen=True, slots=True)
class Cell:
    """A column of an SQL row."""

    index: int
    decode: Decode | None
    is_nullable: bool

    def column(self, rows: Rows, run: Run) -> Steps:
        index, decode = self.index, self.decode
        if decode is None:
            return [row[index] for row in rows]
        if self.is_nullable:
            return [None if (value := row[index]) is None else decode(value) for row in rows]
        return [decode(row[index]) for row in rows]
        yield


@dataclass(frozen=True, slots=True)
class Identifier:
    """The record's own key, as clients see it."""

    index: int
    prefix: str
    hex_of: Callable[[Any], str]

    def column(self, rows: Rows, run: Run) -> Steps:
        index, prefix, hex_of = self.index, f"{self.prefix}_", self.hex_of
        return [prefix + hex_of(row[index]) for row in rows]
        yield


@dataclass(frozen=True, slots=True)
class Attribute:
    """A leaf of a Python object."""

    name: str

    def column(self, rows: Rows, run: Run) -> Steps:
        name = self.name
        return [leaf(getattr(row, name)) for row in rows]
        yield


def leaf(value: Any) -> Any:
    """A Python leaf value in its form in the answer."""
    match value:
        case StrEnum():
            return value.name
        case datetime():
            return instant_text(value)
        case list() | tuple():
            return [leaf(each) for each in value]  # type: ignore[reportUnknownVariableType]  a list of anything
        case _:
            return value


@dataclass(frozen=True, slots=True)
class Objects:
    """Python objects below a Python object: one, none or a list; of one type, or of several told by their class."""

    name: str
    by_type: Mapping[str, Selection]

    def column(self, rows: Rows, run: Run) -> Steps:
        values = [getattr(row, self.name) for row in rows]
        return (yield from finish_objects(values, self.by_type, run))


def finish_objects(values: Sequence[Any], by_type: Mapping[str, Selection], run: Run) -> Steps:
    """Finishes values that are an object, a list of objects or None each, type by type, and puts them back in place."""
    flat: list[Any] = []
    for value in values:
        flat.extend(value if isinstance(value, list | tuple) else () if value is None else (value,))  # type: ignore[reportUnknownArgumentType]  a list of anything
    if len(by_type) == 1:
        [selection] = by_type.values()
        finished = yield from selection.finish(flat, run)
    else:
        finished = [None] * len(flat)
        for type_name, selection in by_type.items():
            places = [place for place, each in enumerate(flat) if type(each).__name__ == type_name]
            objects = yield from selection.finish([flat[place] for place in places], run)
            for place, each in zip(places, objects, strict=True):
                finished[place] = each
    remaining = iter(finished)
    return [
        [next(remaining) for _ in value]  # type: ignore[reportUnknownVariableType]  a list of anything
        if isinstance(value, list | tuple)
        else None
        if value is None
        else next(remaining)
        for value in values
    ]


@dataclass(frozen=True)
class Derived:
    """A Python value computed from columns, finished once for each role and set of facts."""

    indexes: tuple[int, ...]
    decoders: tuple[Decode, ...]
    of: Callable[..., Any]
    by_type: Mapping[str, Selection] | None
    """None where the value is a leaf."""
    known: dict[Hashable, Any] = field(default_factory=dict[Hashable, Any])

    def column(self, rows: Rows, run: Run) -> Steps:
        role, indexes, known = run.role, self.indexes, self.known
        finished: list[Any] = []
        for row in rows:
            facts = (role, *(row[index] for index in indexes))
            value = known.get(facts, _UNKNOWN)
            if value is _UNKNOWN:
                if len(known) >= MOST_FACTS:
                    known.clear()
                typed = [decode(each) for decode, each in zip(self.decoders, facts[1:], strict=True)]
                known[facts] = value = yield from self._finished(self.of(role, *typed), run)
            finished.append(value)
        return finished

    def _finished(self, value: Any, run: Run) -> Generator[Request, Rows, Any]:
        if self.by_type is None:
            return leaf(value)
        [finished] = yield from finish_objects([value], self.by_type, run)
        return finished


MOST_FACTS = 10_000
_UNKNOWN = object()


@dataclass(frozen=True, slots=True)
class DerivedAnew:
    """A Python value computed from columns for each row: no two rows have the same facts."""

    indexes: tuple[int, ...]
    decoders: tuple[Decode, ...]
    of: Callable[..., Any]
    by_type: Mapping[str, Selection] | None
    """None where the value is a leaf."""

    def column(self, rows: Rows, run: Run) -> Steps:
        typed = list(zip(self.indexes, self.decoders, strict=True))
        values = [self.of(run.role, *(decode(row[index]) for index, decode in typed)) for row in rows]
        if self.by_type is None:
            return list(map(leaf, values))
        return (yield from finish_objects(values, self.by_type, run))


class Lookup(Protocol):
    """Finishes records by their keys."""

    def by_keys(self, keys: Sequence[Any], run: Run) -> Generator[Request, Rows, Mapping[Any, Any]]:
        """The finished records that the viewer may see, by key."""
        ...


@dataclass(frozen=True, slots=True)
class ToOne:
    """Another record of one type, whose key is in a column of the row."""

    key: int
    lookup: Lookup

    def column(self, rows: Rows, run: Run) -> Steps:
        index = self.key
        return _each_found(self.lookup, [row[index] for row in rows], run)


@dataclass(frozen=True, slots=True)
class Linked:
    """Another record of one type, to which a Python object leads."""

    key_of: Callable[[Any], Any]
    lookup: Lookup

    def column(self, rows: Rows, run: Run) -> Steps:
        return _each_found(self.lookup, list(map(self.key_of, rows)), run)


@dataclass(frozen=True, slots=True)
class ToOneOf:
    """Another record of one of several types, told by a column of the row."""

    kind: int
    key: int
    lookups: Mapping[str, Lookup]

    def column(self, rows: Rows, run: Run) -> Steps:
        finished: list[Any] = [None] * len(rows)
        kinds = [row[self.kind] for row in rows]
        for kind, lookup in self.lookups.items():
            places = [place for place, each in enumerate(kinds) if each == kind]
            keys = [rows[place][self.key] for place in places]
            found = yield from _found(lookup, keys, run)
            for place, key in zip(places, keys, strict=True):
                finished[place] = found.get(key)
        return finished


def _each_found(lookup: Lookup, keys: Sequence[Any], run: Run) -> Steps:
    found = yield from _found(lookup, keys, run)
    return [found.get(key) for key in keys]


def _found(lookup: Lookup, keys: Sequence[Any], run: Run) -> Generator[Request, Rows, Mapping[Any, Any]]:
    wanted = list(dict.fromkeys(key for key in keys if key is not None))
    return (yield from lookup.by_keys(wanted, run)) if wanted else {}
