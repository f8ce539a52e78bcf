"""The reference engine: an organisation's rows as plain objects, lists of them, and unmodified graphql-core to answer.

Nothing of the portal's planner or queries is used here: who sees what, filters, orders, pages and cursors are written
anew, in the plainest Python that says them. A noun is a `Noun`, a type that is no record but leads to records a `Value`;
`reference.py` has them all. How one is added stands in the docstring of the package.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from graphql import (
    GraphQLError,
)
from sqlalchemy import Table

from portal_api.context import Viewer
from portal_api.domain.roles import Role
from tests.oracle.rows import Row, Rows, camel, folded, snake

MOST_AT_ROOT, MOST_BELOW, MOST_NODES, USUAL_PAGE, MOST_TERMS, MOST_WORDS = 1_000, 100, 100, 25, 3, 6


Belongs = Callable[["Asking", Any, Row], bool]
"""Whether a row belongs to a record, or to a value."""


def owned(by: str) -> Belongs:
    """To the record whose key the row has in a column."""
    return lambda _, parent, row: getattr(row, by) == parent.id


def joined(between: str, parent: str, child: str) -> Belongs:
    """To each record that a row of the table between joins it to, by the columns that hold the two keys."""

    def belongs(asking: "Asking", record: Any, row: Row) -> bool:
        pairs = ((getattr(each, parent), getattr(each, child)) for each in asking.rows[between])
        return (record.id, row.id) in pairs

    return belongs


@dataclass(frozen=True)
class Listing:
    """A list of records under a value: those that belong to it, so many on a page."""

    type: str
    belongs: Belongs
    most: int = 100
    is_there: Callable[[Any], bool] = lambda _: True
    """Whether a value has such a list at all; it is null otherwise."""
    tells: str | None = None
    """The field that the list tells of: it is there for those who may read that."""


@dataclass(frozen=True)
class Count:
    """How many records belong to a value."""

    type: str
    belongs: Belongs
    tells: str | None = None
    """The field that the number tells of: it is told to those who may read that."""
    of: Callable[[Row], Any] = lambda row: row.id
    """What is counted of the records: each of them, or something of theirs once."""


@dataclass(frozen=True)
class Grouping:
    """How many records of each group belong to a value, the largest first, then as the groups sort; `by` names a field."""

    type: str
    by: str
    group: Callable[["Asking", Row], Any]
    """The group of a row, as it sorts; None is none."""
    belongs: Belongs
    limit: int
    shown: Callable[["Asking", Any], Any] = lambda _, group: group
    """What is shown of a group, such as the record with the key."""

    @property
    def tells(self) -> str:
        """The field that the groups tell of."""
        return self.by


@dataclass(frozen=True)
class Value:
    """A type that is no record (the viewer, a report): its plain fields are there, these lead to records."""

    type: str
    fields: Mapping[str, Listing | Count | Grouping]
    check: Callable[["Asking", Any], object] = lambda _, __: None
    """Refuses what cannot be meant by the value, once anything of it is read."""

    @property
    def page_sizes(self) -> Mapping[str, int]:
        """How many records its lists have on a page at the most, by `Type.field`."""
        return {
            f"{self.type}.{name}": own.most if isinstance(own, Listing) else own.limit
            for name, own in self.fields.items()
            if not isinstance(own, Count)
        }


@dataclass(frozen=True)
class Noun:
    """One type of record: who sees it, and how it is read, sorted and searched."""

    type: str
    prefix: str
    sees: Callable[["Asking", Row], bool]
    rows: Callable[["Asking"], Sequence[Row]] | None = None
    """Its rows, where they are no table's."""
    root: str | None = None
    """The root field that gives one of them; `root_list` the one that gives many."""
    root_list: str | None = None
    fields: Mapping[str, Callable[["Asking", Row], Any]] = field(default_factory=dict)
    """The fields that are more than an attribute of the row."""
    tables: Mapping[str, Table] = field(default_factory=dict)
    """What there is to load for it: its own table under its own name, and those between it and others."""
    lists: Mapping[str, tuple[str, Belongs]] = field(default_factory=dict)
    """The lists below a record: the type in them, and which of its rows belong to the record (`owned`, `joined`)."""
    places: Mapping[str, Callable[["Asking", Any, Row], int]] = field(default_factory=dict)
    """The lists that stand in an order of the record's own: the number of a row there."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """The filter fields that take identifiers, each with their prefix."""
    compared: Mapping[str, Callable[["Asking", Row], Any]] = field(default_factory=dict)
    """What a filter field compares, where it is neither a field nor an attribute of the row."""
    conditions: Mapping[str, Callable[["Asking", Any], Callable[[Row], bool]]] = field(default_factory=dict)
    """The filter fields that are more than a comparison."""
    assumed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What its lists are filtered by, unless the filter compares with anything there."""
    orders: Mapping[str, Callable[[Row], str]] = field(default_factory=dict)
    orders_asking: Mapping[str, Callable[["Asking", Row], str]] = field(default_factory=dict)
    """The orders that hang on who asks, when, or on other rows."""
    numbers: frozenset[str] = frozenset()
    """The orders that go by number."""
    usual_order: tuple[tuple[str, bool], ...] = ()
    for_integration: frozenset[str] | None = None
    """All that an `INTEGRATION` reads of it, where that is not everything."""
    subjects: tuple[str, ...] = ()
    """What its `subject` can be, where that is not a record of every type: nothing is asked of others then."""
    closed_to_trainers: frozenset[str] = frozenset()
    """What a `TRAINER` neither filters nor sorts by."""


@dataclass
class Asking:
    """One request: of whose rows, by whom, when."""

    rows: Rows
    nouns: Mapping[str, Noun]
    viewer: Viewer
    now: datetime
    served: int = 0
    """How many records the root fields have given."""
    _seen: dict[str, list[Row]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._managers = {row.id: row.manager_id for row in self.rows["Learner"]}

    @property
    def is_administrator(self) -> bool:
        return self.viewer.role in (Role.OWNER, Role.ADMIN)

    def all(self, type_: str) -> Sequence[Row]:
        """The rows of a type, whoever sees them."""
        rows = self.nouns[type_].rows
        return rows(self) if rows else self.rows[type_]

    def seen(self, type_: str) -> list[Row]:
        """The rows of a type that the viewer sees."""
        if type_ not in self._seen:
            sees = self.nouns[type_].sees
            self._seen[type_] = [row for row in self.all(type_) if sees(self, row)]
        return self._seen[type_]

    def record(self, type_: str, id_: UUID | None) -> Row | None:
        """The record with a key, if the viewer sees it."""
        return next((row for row in self.seen(type_) if row.id == id_), None)

    def above(self, learner_id: UUID) -> list[UUID]:
        """The managers of a learner, the direct one first."""
        found: list[UUID] = []
        while (manager := self._managers[found[-1] if found else learner_id]) is not None:
            found.append(manager)
        return found

    def knows(self, learner_id: UUID) -> bool:
        """Whether the viewer sees a learner as a person: everybody, who reports to them, or themselves."""
        own = self.viewer.learner_id
        is_report = self.viewer.role is Role.MANAGER and own in self.above(learner_id)
        return self.is_administrator or learner_id == own or is_report

    def trains(self, course_offer_id: UUID) -> bool:
        """Whether the viewer trains in an offer, as a trainer and whatever has become of it."""
        pairs = ((each.course_offer_id, each.user_id) for each in self.rows["CourseOfferTrainer"])
        return self.viewer.role is Role.TRAINER and (course_offer_id, self.viewer.user_id) in pairs

    def shows_whole(self, learner_id: UUID) -> bool:
        """Whether all is told of a learner who is seen: of those whom they train, a trainer is told name and state."""
        return self.viewer.role is not Role.TRAINER or learner_id == self.viewer.learner_id

    def is_shut(self, noun: Noun, name: str) -> bool:
        """Whether the viewer may neither filter nor sort by a field."""
        is_trainer = self.viewer.role is Role.TRAINER
        return self.is_closed(noun.type, name) or (is_trainer and name in noun.closed_to_trainers)

    def is_closed(self, type_: str, name: str) -> bool:
        """Whether the viewer may not read a field."""
        noun = self.nouns.get(type_)
        read = noun.for_integration if noun and self.viewer.role is Role.INTEGRATION else None
        return read is not None and name != "__typename" and name not in read


def refuse(code: str) -> GraphQLError:
    """An error with a code; the wording is nobody's business here."""
    return GraphQLError(code, extensions={"code": code})


def key_of(text: str, prefix: str) -> UUID:
    """The key in an identifier."""
    if not re.fullmatch(f"{prefix}_[0-9a-f]{{32}}", text):
        raise refuse("ID_INVALID")
    return UUID(text[4:])


COMPARATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda value, given: value == given,
    "in": lambda value, given: value in given,
    "notIn": lambda value, given: value not in given,
    "isNull": lambda value, given: (value is None) is given,
    "gt": lambda value, given: value is not None and value > _time(value, given),
    "gte": lambda value, given: value is not None and value >= _time(value, given),
    "lt": lambda value, given: value is not None and value < _time(value, given),
    "lte": lambda value, given: value is not None and value <= _time(value, given),
}


def _time(value: Any, given: Any) -> Any:
    """An instant, a day or a number, as the value has it that is compared."""
    if isinstance(value, int):
        return given
    return datetime.fromisoformat(given) if isinstance(value, datetime) else date.fromisoformat(given)


def chosen(asking: Asking, noun: Noun, rows: Sequence[Row], given: Mapping[str, Any] | None) -> list[Row]:
    """The rows that meet every condition of a filter, and what is assumed where it says nothing."""
    left = list(rows)
    for name, value in noun.assumed.items():
        if all(each is None for each in ((given or {}).get(name) or {}).values()):
            left = [row for row in left if noun.conditions[name](asking, value)(row)]
    for name, value in (given or {}).items():
        if value is None:
            continue
        if asking.is_shut(noun, name):
            raise refuse("FORBIDDEN")
        holds = (
            noun.conditions[name](asking, value) if name in noun.conditions else _comparison(asking, noun, name, value)
        )
        left = [row for row in left if holds(row)]
    return left


def _comparison(asking: Asking, noun: Noun, name: str, given: Mapping[str, Any]) -> Callable[[Row], bool]:
    def key(value: Any) -> Any:
        """A key; of a record that the viewer does not see, something that nothing is equal to."""
        if isinstance(value, list):
            return [key(each) for each in value]
        id_ = key_of(value, noun.keys[name])
        [type_] = [each.type for each in asking.nouns.values() if each.prefix == noun.keys[name]]
        return id_ if asking.record(type_, id_) else object()

    asked = {each: value for each, value in given.items() if value is not None}
    if name in noun.keys:
        asked = {each: key(value) for each, value in asked.items()}

    read = noun.compared.get(name) or noun.fields.get(name) or (lambda _, row: getattr(row, snake(name)))

    def holds(row: Row) -> bool:
        value = read(asking, row)
        value = value.name if isinstance(value, StrEnum) else value
        return all(COMPARATORS[each](value, wanted) for each, wanted in asked.items())

    return holds


def searching(texts: Callable[[Asking, Row], Sequence[str]]) -> Callable[[Asking, str], Callable[[Row], bool]]:
    """A search: every word stands in one of the texts of the row."""

    def condition(asking: Asking, sought: str) -> Callable[[Row], bool]:
        words = folded(sought).split()
        if len(words) > MOST_WORDS:
            raise refuse("INPUT_INVALID")
        return lambda row: all(any(word in text for text in map(folded, texts(asking, row))) for word in words)

    return condition


def reporting(learner_of: Callable[[Row], UUID]) -> Callable[[Asking, Mapping[str, Any]], Callable[[Row], bool]]:
    """Below a manager of whom the viewer is told all, at any depth or down to one."""

    def condition(asking: Asking, given: Mapping[str, Any]) -> Callable[[Row], bool]:
        manager, depth = asking.record("Learner", key_of(given["manager"], "lrn")), given.get("depth")
        below = slice(None if depth is None else max(depth, 0))
        if manager is None or not asking.shows_whole(manager.id):
            return lambda _: False
        return lambda row: manager.id in asking.above(learner_of(row))[below]

    return condition


@dataclass(frozen=True)
class Order:
    """Names, each with whether it falls; the identifier comes last, in the direction of the one before."""

    asking: Asking
    noun: Noun
    terms: Sequence[tuple[str, bool]]

    @classmethod
    def of(cls, asking: Asking, noun: Noun, given: Sequence[Mapping[str, Any]] | None) -> "Order":
        terms = [(each["field"], each["direction"] == "DESC") for each in given or ()] or list(noun.usual_order)
        names = [name for name, _ in terms]
        if len(set(names)) < len(names) or len(names) > MOST_TERMS:
            raise refuse("INPUT_INVALID")
        if any(asking.is_shut(noun, camel(name)) for name in names):
            raise refuse("FORBIDDEN")
        return cls(asking, noun, [*terms, ("ID", bool(terms) and terms[-1][1])])

    @property
    def signature(self) -> str:
        return ",".join(f"{'-' if falls else ''}{name}" for name, falls in self.terms)

    def place(self, row: Row) -> list[str]:
        return [self._place(row, name) for name, _ in self.terms]

    def _place(self, row: Row, name: str) -> str:
        if name == "ID":
            return str(row.id.hex)
        asking = self.noun.orders_asking.get(name)
        return asking(self.asking, row) if asking else self.noun.orders[name](row)

    def is_after(self, place: Sequence[str], mark: Sequence[str]) -> bool:
        for own, other, (_, falls) in zip(self._sortable(place), self._sortable(mark), self.terms, strict=True):
            if own != other:
                return (own > other) is not falls
        return False

    def _sortable(self, place: Sequence[str]) -> list[Any]:
        pairs = zip(place, self.terms, strict=True)
        return [int(each) if name in self.noun.numbers else each for each, (name, _) in pairs]

    def sorted(self, rows: Sequence[Row]) -> list[Row]:
        placed = [(self._sortable(self.place(row)), row) for row in rows]
        for number, (_, falls) in reversed(list(enumerate(self.terms))):
            placed.sort(key=lambda each, at=number: each[0][at], reverse=falls)
        return [row for _, row in placed]

    def cursor(self, row: Row) -> str:
        packed = json.dumps([self.signature, *self.place(row)], ensure_ascii=False, separators=(",", ":"))
        return base64.urlsafe_b64encode(packed.encode()).decode()

    def mark(self, cursor: str) -> list[str]:
        try:
            signature, *place = json.loads(base64.b64decode(cursor, altchars="-_", validate=True))
        except (ValueError, TypeError) as error:
            raise refuse("CURSOR_INVALID") from error
        if signature != self.signature or len(place) != len(self.terms):
            raise refuse("CURSOR_INVALID")
        return place


def connection(asking: Asking, noun: Noun, rows: Sequence[Row], given: Mapping[str, Any], most: int) -> dict[str, Any]:
    """A page of a list."""
    forwards = given.get("first") is not None or given.get("after") is not None
    backwards = given.get("last") is not None or given.get("before") is not None
    size = given.get("last" if backwards else "first")
    size = min(USUAL_PAGE, most) if size is None else size
    if (forwards and backwards) or not 1 <= size <= most:
        raise refuse("PAGE_INVALID")
    order = Order.of(asking, noun, given.get("orderBy"))
    found = beyond = order.sorted(chosen(asking, noun, rows, given.get("filter")))
    cursor = given.get("before" if backwards else "after")
    if cursor is not None:
        mark = order.mark(cursor)
        if backwards:
            beyond = [row for row in found if order.is_after(mark, order.place(row))]
        else:
            beyond = [row for row in found if order.is_after(order.place(row), mark)]
    page = beyond[-size:] if backwards else beyond[:size]
    has_more, has_cursor = len(beyond) > size, cursor is not None
    cursors = [order.cursor(row) for row in page]
    return {
        "edges": [{"node": row, "cursor": own} for row, own in zip(page, cursors, strict=True)],
        "nodes": page,
        "pageInfo": {
            "hasNextPage": has_cursor if backwards else has_more,
            "hasPreviousPage": has_more if backwards else has_cursor,
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
        },
        "totalCount": len(found),
    }
