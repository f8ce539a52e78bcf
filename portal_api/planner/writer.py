"""Writes the statement of a selection: each level is the statement that it is elsewhere, under a name of its own.

What hangs on the rows of `l0` asks for `l0.c3`. What only Python knows, such as the actions that are open, is left out: a
mark, which hole it is, the facts that its value hangs on, and a mark again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, Integer, bindparam, func, literal_column, select
from sqlalchemy.types import TypeEngine

from portal_api.models.base import Enumerated, Id, Words
from portal_api.planner import selections
from portal_api.planner.columns import Columns
from portal_api.planner.conditions import page_size
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.planner.fragments import Fragment, Piece, Sql, joined, quoted, written
from portal_api.planner.gates import split_scope
from portal_api.planner.holes import MARK, CursorHole, DerivedHole, Entries, Hole, PageInfoHole, WordsHole
from portal_api.planner.listings import Asked, Listing, Nested, RecordLookup
from portal_api.planner.paging import Order, Term
from portal_api.planner.selections import Item, Selection

_TEXT = sqlalchemy.Text()


@dataclass(frozen=True, slots=True)
class Level:
    """The rows of one selection in a statement."""

    name: str
    columns: Columns

    def cell(self, place: int) -> str:
        return f"{self.name}.c{place}"

    def expression(self, place: int) -> ColumnElement[Any]:
        return self.columns.expressions[place - self.columns.offset]

    def type(self, place: int) -> TypeEngine[Any]:
        return self.expression(place).type

    def labelled(self, order: Order | None = None) -> list[ColumnElement[Any]]:
        """What is selected of each row: its columns, and what it is sorted by."""
        offset = self.columns.offset
        columns = [each.label(f"c{offset + n}") for n, each in enumerate(self.columns.expressions)]
        return [*columns, *(term.expression.label(f"o{n}") for n, term in enumerate(order.terms if order else ()))]

    def sorting(self, order: Order, *, backwards: bool = False) -> str:
        """The clause that sorts by what was selected for it."""
        terms = enumerate(order.terms)
        sorted_by = (f"{self.name}.o{n}{' DESC' if each.is_descending is not backwards else ''}" for n, each in terms)
        return f" ORDER BY {', '.join(sorted_by)}"


@dataclass
class Writer:
    """Writes one statement, for one shape of what is asked of its lists."""

    dialect: Dialect
    numbers: Mapping[int, int]
    """The number of each listing, by its identity."""
    asked: Sequence[Asked]
    holes: list[Hole] = field(default_factory=list[Hole])
    levels: int = 0

    def level(self, columns: Columns) -> Level:
        self.levels += 1
        return Level(f"l{self.levels - 1}", columns)

    def object(self, selection: Selection, level: Level) -> list[Piece]:
        return self._braced(
            (key, self._item(item, level)) for key, item in zip(selection.keys, selection.items, strict=True)
        )

    @staticmethod
    def _braced(entries: Iterator[tuple[str, list[Piece]]]) -> list[Piece]:
        pieces: list[Piece] = ["{"]
        for n, (key, own) in enumerate(entries):
            pieces += [f'{"," if n else ""}"{key}":', *own]
        return [*pieces, "}"]

    def _item(self, item: Item, level: Level) -> list[Piece]:
        match item:
            case selections.Constant(value):
                return [written(value)]
            case selections.Identifier(index, prefix):
                return [f'"{prefix}_', Sql(self.dialect.hex(level.cell(index))), '"']
            case selections.Cell(index, _, is_nullable):
                if isinstance(level.type(index), Words):
                    return self._hole(WordsHole(), [self._fact(level, index)])
                return self._value(level, index, is_nullable=is_nullable)
            case selections.Derived(indexes) | selections.DerivedAnew(indexes):
                hole = DerivedHole(item, is_kept=isinstance(item, selections.Derived))
                return self._hole(hole, [self._fact(level, index) for index in indexes])
            case selections.ToOne(key, RecordLookup() as lookup):
                return [self._record(lookup, level.cell(key))]
            case selections.ToOneOf(kind, key, lookups):
                return [self._record_of(lookups, level.cell(kind), level.cell(key))]
            case Nested(key, listing):
                return self._connection(listing, level.cell(key))
            case _:
                raise LookupError(f"no statement writes a {type(item).__name__}")

    def _value(self, level: Level, place: int, *, is_nullable: bool) -> list[Piece]:
        pieces = self.dialect.json(level.cell(place), level.type(place))
        # What is computed might be null all the same, and would take the whole text with it.
        may_be_null = is_nullable or not isinstance(level.expression(place), sqlalchemy.Column)
        return [Sql("coalesce(", joined(pieces), ", 'null')")] if may_be_null else list(pieces)

    def _fact(self, level: Level, place: int) -> Piece:
        """A column as a domain function is to have it."""
        match level.type(place):
            case Enumerated() | Words():
                type_: TypeEngine[Any] = _TEXT
            case other:
                type_ = other
        return Sql("coalesce(", joined(self.dialect.json(level.cell(place), type_)), ", 'null')")

    def _hole(self, hole: Hole, facts: Sequence[Piece]) -> list[Piece]:
        self.holes.append(hole)
        return [f"{MARK}{len(self.holes) - 1}[", *commas(facts), f"]{MARK}"]

    def _record(self, lookup: RecordLookup, key: str) -> Sql:
        level = self.level(lookup.columns)

        def build() -> AnySelect:
            source = lookup.source
            found = select(*level.labelled()).select_from(source.table)
            return found.where(source.scope, source.key == literal_column(key, Id()))

        found = lookup.statements.fragment(key, build)
        return Sql("coalesce(", _one(joined(self.object(lookup.selection, level)), found, level), ", 'null')")

    def _record_of(self, lookups: Mapping[str, Any], kind: str, key: str) -> Sql:
        cases = [(f" WHEN {quoted(each)} THEN ", self._record(lookup, key)) for each, lookup in lookups.items()]
        return Sql(f"CASE {kind}", *(token for pair in cases for token in pair), " ELSE 'null' END")

    def _connection(self, listing: Listing, parent: str) -> list[Piece]:
        """A list below the record whose key is in a cell."""
        number = self.numbers[id(listing)]
        own = _ListBelow(self, listing, number, self.asked[number], parent)
        return self._braced((key, own.entry(name, detail)) for key, name, detail in listing.shown.entries)

    def edge(self, entries: Entries, level: Level, number: int) -> list[Piece]:
        return self._braced((key, self._edge_entry(name, detail, level, number)) for key, name, detail in entries)

    def _edge_entry(self, name: str, detail: Any, level: Level, number: int) -> list[Piece]:
        match name:
            case "node":
                return self.object(detail, level)
            case "cursor":
                return self._hole(CursorHole(number), self.places(level, self.asked[number].order))
            case _:
                return [written(detail)]

    def page_info(self, entries: Entries, number: int, places: Piece) -> list[Piece]:
        return self._hole(PageInfoHole(number, entries), [places])

    def places(self, level: Level, order: Order) -> list[Piece]:
        """What a record is sorted by."""
        cells = [(f"{level.name}.o{n}", term.expression.type) for n, term in enumerate(order.terms)]
        return [Sql("coalesce(", joined(self.dialect.json(*cell)), ", 'null')") for cell in cells]


@dataclass(frozen=True)
class _ListBelow:
    """One list below a record, as text."""

    writer: Writer
    listing: Listing
    number: int
    asked: Asked
    cell: str

    @property
    def parent(self) -> ColumnElement[Any]:
        return literal_column(self.cell, Id())

    def entry(self, name: str, detail: Any) -> list[Piece]:
        writer = self.writer
        match name:
            case "nodes":
                level = writer.level(self.listing.columns)
                return ["[", self._gathered(joined(writer.object(detail, level)), level), "]"]
            case "edges":
                level = writer.level(self.listing.columns)
                return ["[", self._gathered(joined(writer.edge(detail, level, self.number)), level), "]"]
            case "pageInfo":
                level = writer.level(Columns(self.listing.source.key))
                place = joined(["[", *commas(writer.places(level, self.asked.order)), "]"])
                return writer.page_info(detail, self.number, self._gathered(place, level, looks_beyond=True))
            case "totalCount":
                shape = "total", self.cell, self.number, self.asked.shape
                return [self._gated(Sql("(", self.listing.statements.fragment(shape, self._total), ")"), "0")]
            case _:
                return [written(detail)]

    def _gathered(self, text: Sql, level: Level, *, looks_beyond: bool = False) -> Sql:
        """The texts of all records on the page, in their order; in the order in which they are found, to look beyond."""
        order = self._order()
        backwards = self.asked.page.is_backwards

        def build() -> AnySelect:
            rows, by = self.listing.children()
            within = within_of(self.number)
            page = select(*level.labelled(order)).select_from(rows).where(by == self.parent, *self._scope[1])
            page = page.where(*self.listing.page_conditions(replace(self.asked, order=order), within))
            page = page.order_by(*order.clauses(backwards=backwards))
            return page.limit(page_size(within) if looks_beyond else bindparam(f"{within}shown", type_=Integer()))

        shape = looks_beyond, self.cell, self.number, self.asked.shape
        page = self.listing.statements.fragment(shape, build)
        dialect, in_order_found = self.writer.dialect, looks_beyond or not backwards
        is_sorted = dialect.keeps_order and in_order_found
        sorting = "" if is_sorted else level.sorting(order, backwards=backwards and in_order_found)
        return self._gated(Sql("coalesce(", _one(dialect.gathered(text, sorting), page, level), ", '')"), "''")

    @cached_property
    def _scope(self) -> tuple[ColumnElement[bool] | None, Sequence[ColumnElement[bool]]]:
        """What is asked of the parent for the whole list, and what of each child."""
        source, under = self.listing.source, self.listing.under
        if under is None or under.through is not None:
            return None, [source.scope]
        return split_scope(source, under.by, self.parent)

    def _gated(self, text: Sql, closed: str) -> Sql:
        """What is told of the list, or what of one that the viewer sees nothing of."""
        gate = self._scope[0]
        if gate is None:
            return text
        asked = self.listing.statements.fragment(("gate", self.cell), lambda: gate)
        return Sql("CASE WHEN ", asked, " THEN ", text, f" ELSE {closed} END")

    def _order(self) -> Order:
        """The order, by a place among the children of this parent where it goes by that."""
        place = self.listing.place(self.parent)
        terms = self.asked.order.terms
        if place is None or terms[0].name != "PLACE":
            return self.asked.order
        return Order((Term("PLACE", place, terms[0].is_descending), *terms[1:]))

    def _total(self) -> AnySelect:
        rows, by = self.listing.children()
        counted = select(func.count()).select_from(rows).where(by == self.parent, *self._scope[1])
        return counted.where(*self.listing.conditions(self.asked, within_of(self.number)))


def _one(text: Sql, rows: Fragment, level: Level) -> Sql:
    """The text that is made of rows, as a value."""
    return Sql("(SELECT ", text, " FROM (", rows, f") AS {level.name})")


def commas(pieces: Sequence[Piece]) -> list[Piece]:
    return [each for n, piece in enumerate(pieces) for each in ((",", piece) if n else (piece,))]


def within_of(number: int) -> str:
    return f"l{number}_"
