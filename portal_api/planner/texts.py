"""Answers that the database writes: all that is selected below a root field comes as JSON text, by one statement.

Each level of a selection is the statement that it is elsewhere, under a name of its own: `l0`, and what hangs on its rows
asks for `l0.c3`. What only Python knows, such as the actions that are open, is left out as a hole: a mark, which hole it is,
the facts that its value hangs on, and a mark again.
"""

from collections.abc import Callable, Generator, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson
import sqlalchemy
from sqlalchemy import ColumnElement, Integer, Table, bindparam, func, literal_column, select
from sqlalchemy.types import TypeEngine

from portal_api.models.base import Enumerated, Id, Words
from portal_api.planner import selections
from portal_api.planner.columns import Columns
from portal_api.planner.conditions import page_size, select_page
from portal_api.planner.declare import Source
from portal_api.planner.dialects import AnySelect, Dialect, Statement
from portal_api.planner.fragments import Fragment, Piece, Sql, joined, quoted, written
from portal_api.planner.listings import Asked, Listing, Nested, RecordLookup, page_info
from portal_api.planner.paging import Order, Term, encode_cursor
from portal_api.planner.selections import Item, Request, Rows, Run, Selection
from portal_api.planner.statements import Statements

MARK = "\x1a"
"""Begins and ends a hole. JSON never has it: there, it would be escaped."""
MOST_LEVELS = 24
"""A statement with more would take the database longer to plan than the rows of several."""
MOST_SHAPES = 64
_TEXT = sqlalchemy.Text()

Text = Generator[Request, Rows, str]
Entries = Sequence[tuple[str, str, Any]]


class Hole(Protocol):
    """What only Python can write."""

    @property
    def is_kept(self) -> bool:
        """Whether its facts come again and again, so that what is made of them is kept."""
        ...

    def fill(self, facts: list[Any], role: str, asked: Sequence[Asked]) -> Any:
        """The value that stands there."""
        ...


@dataclass(frozen=True, slots=True)
class _Derived:
    """A value derived from columns."""

    item: selections.Derived | selections.DerivedAnew
    is_kept: bool

    def fill(self, facts: list[Any], role: str, asked: Sequence[Asked]) -> Any:
        typed = [decode(each) for decode, each in zip(self.item.decoders, facts, strict=True)]
        value = self.item.of(role, *typed)
        if self.item.by_type is None:
            return selections.leaf(value)
        steps = selections.finish_objects([value], self.item.by_type, Run(role, {}, {}))
        try:
            next(steps)
        except StopIteration as end:
            return end.value[0]
        raise LookupError("what is derived asks for nothing")


@dataclass(frozen=True, slots=True)
class _Words:
    """A few words, of one text."""

    is_kept = True

    def fill(self, facts: list[Any], role: str, asked: Sequence[Asked]) -> Any:
        [text] = facts
        return None if text is None else text.split()


@dataclass(frozen=True, slots=True)
class _Cursor:
    """Where a record stands in its list."""

    listing: int
    is_kept = False

    def fill(self, facts: list[Any], role: str, asked: Sequence[Asked]) -> Any:
        return _cursor(asked[self.listing], facts)


@dataclass(frozen=True, slots=True)
class _PageInfo:
    """What is told of a page; the facts are where each of its records stands, and one more where others follow."""

    listing: int
    entries: Entries
    is_kept = False

    def fill(self, facts: list[Any], role: str, asked: Sequence[Asked]) -> Any:
        own = asked[self.listing]
        places = facts[: own.page.size]
        if own.page.is_backwards:
            places.reverse()
        ends = [_cursor(own, place) for place in (places[0], places[-1])] if places else ()
        return page_info(self.entries, ends, own.page, has_more=len(facts) > own.page.size)


def _cursor(asked: Asked, place: Sequence[Any]) -> str:
    return encode_cursor(asked.order.signature, [each if isinstance(each, str) else str(each) for each in place])


@dataclass(frozen=True, slots=True)
class Level:
    """The rows of one selection in a statement."""

    name: str
    columns: Columns

    def cell(self, place: int) -> str:
        return f"{self.name}.c{place}"

    def type(self, place: int) -> TypeEngine[Any]:
        return self.columns.expressions[place - self.columns.offset].type

    def labelled(self, order: Order | None = None) -> list[ColumnElement[Any]]:
        """What is selected of each row: its columns, and what it is sorted by."""
        offset = self.columns.offset
        columns = [each.label(f"c{offset + n}") for n, each in enumerate(self.columns.expressions)]
        return [*columns, *(term.expression.label(f"o{n}") for n, term in enumerate(order.terms if order else ()))]

    def rows(self, statements: Statements, shape: Hashable, build: Callable[[], AnySelect]) -> Fragment:
        """The statement of the rows, for a shape."""
        return statements.fragment(f"of_{self.name}", shape, build)

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
                    return self._hole(_Words(), [self._fact(level, index)])
                return self._value(level, index, is_nullable=is_nullable)
            case selections.Derived(indexes) | selections.DerivedAnew(indexes):
                hole = _Derived(item, is_kept=isinstance(item, selections.Derived))
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
        return [Sql("coalesce(", joined(pieces), ", 'null')")] if is_nullable else list(pieces)

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
        return [f"{MARK}{len(self.holes) - 1}[", *_commas(facts), f"]{MARK}"]

    def _record(self, lookup: RecordLookup, key: str) -> Sql:
        level = self.level(lookup.columns)

        def build() -> AnySelect:
            source = lookup.source
            found = select(*level.labelled()).select_from(source.table)
            return found.where(source.scope, source.key == literal_column(key, Id()))

        found = level.rows(lookup.statements, key, build)
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
                return self._hole(_Cursor(number), self.places(level, self.asked[number].order))
            case _:
                return [written(detail)]

    def page_info(self, entries: Entries, number: int, places: Piece) -> list[Piece]:
        return self._hole(_PageInfo(number, entries), [places])

    def places(self, level: Level, order: Order) -> list[Piece]:
        """What a record is sorted by."""
        types = [term.expression.type for term in order.terms]
        return [joined(self.dialect.json(f"{level.name}.o{n}", each)) for n, each in enumerate(types)]


@dataclass(frozen=True, slots=True)
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
                place = joined(["[", *_commas(writer.places(level, self.asked.order)), "]"])
                return writer.page_info(detail, self.number, self._gathered(place, level, looks_beyond=True))
            case "totalCount":
                level = writer.level(self.listing.columns)
                total = level.rows(
                    self.listing.statements, ("total", self.cell, self.number, self.asked.shape), self._total
                )
                return [Sql("(", total, ")")]
            case _:
                return [written(detail)]

    def _gathered(self, text: Sql, level: Level, *, looks_beyond: bool = False) -> Sql:
        """The texts of all records on the page, in their order; in the order in which they are found, to look beyond."""
        order = self._order()
        backwards = self.asked.page.is_backwards

        def build() -> AnySelect:
            rows, by = self.listing.children()
            within = _within(self.number)
            page = select(*level.labelled(order)).select_from(rows).where(by == self.parent, self.listing.source.scope)
            page = page.where(*self.listing.page_conditions(self.asked, within))
            page = page.order_by(*order.clauses(backwards=backwards))
            return page.limit(page_size(within) if looks_beyond else bindparam(f"{within}shown", type_=Integer()))

        shape = looks_beyond, self.cell, self.number, self.asked.shape
        page = level.rows(self.listing.statements, shape, build)
        dialect, in_order_found = self.writer.dialect, looks_beyond or not backwards
        is_sorted = dialect.keeps_order and in_order_found
        sorting = "" if is_sorted else level.sorting(order, backwards=backwards and in_order_found)
        return Sql("coalesce(", _one(dialect.gathered(text, sorting), page, level), ", '')")

    def _order(self) -> Order:
        """The order, by a place among the children of this parent where it goes by that."""
        place = self.listing.place(self.parent)
        terms = self.asked.order.terms
        if place is None or terms[0].name != "PLACE":
            return self.asked.order
        return Order((Term("PLACE", place, terms[0].is_descending), *terms[1:]))

    def _total(self) -> AnySelect:
        rows, by = self.listing.children()
        counted = select(func.count()).select_from(rows).where(by == self.parent, self.listing.source.scope)
        return counted.where(*self.listing.conditions(self.asked, _within(self.number)))


def _one(text: Sql, rows: Fragment, level: Level) -> Sql:
    """The text that is made of rows, as a value."""
    return Sql("(SELECT ", text, " FROM (", rows, f") AS {level.name})")


def _commas(pieces: Sequence[Piece]) -> list[Piece]:
    return [each for n, piece in enumerate(pieces) for each in ((",", piece) if n else (piece,))]


def _within(number: int) -> str:
    return f"l{number}_"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement that writes text, and its holes."""

    statement: Statement
    holes: Sequence[Hole]


@dataclass(frozen=True)
class Texts:
    """What is selected on the records of a root field, written by one statement for each shape of its lists."""

    dialect: Dialect
    listings: Sequence[Listing]
    """In the order in which they are numbered."""
    prepared: dict[Any, Prepared] = field(default_factory=dict[Any, Prepared])
    kept: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    """What stands in holes, by the role that asks."""

    def asked(self, run: Run) -> list[Asked]:
        """What a run asks of each list."""
        return [listing.asked(run) for listing in self.listings]

    def of(self, kind: str, asked: Sequence[Asked], build: Callable[[Writer], Sql]) -> Prepared:
        """The statement for a shape."""
        shape = (kind, *(each.shape for each in asked))
        prepared = self.prepared.get(shape)
        if prepared is None:
            if len(self.prepared) >= MOST_SHAPES:
                self.prepared.clear()
            numbers = {id(listing): n for n, listing in enumerate(self.listings)}
            writer = Writer(self.dialect, numbers, asked)
            prepared = self.prepared[shape] = Prepared(self.dialect.whole(build(writer)), writer.holes)
        return prepared

    def request(self, prepared: Prepared, asked: Sequence[Asked], run: Run, own: Mapping[str, Any]) -> Request:
        """The statement with its values."""
        bound = dict(own)
        for number, each in enumerate(asked):
            within = _within(number)
            bound[f"{within}shown"] = each.page.size
            for name, value in each.bound.items():
                bound[within + name] = value
        return Request(prepared.statement, prepared.statement.values(bound, run.bound))

    def filled(self, text: str, holes: Sequence[Hole], run: Run, asked: Sequence[Asked]) -> str:
        """A text, its holes filled."""
        parts = text.split(MARK)
        if len(parts) == 1:
            return text
        kept = self.kept.setdefault(run.role, {})
        if len(kept) > selections.MOST_FACTS:
            kept.clear()
        filled: dict[str, str] = {}
        for part in set(parts[1::2]):
            value = kept.get(part)
            if value is None:
                number, _, facts = part.partition("[")
                hole = holes[int(number)]
                value = orjson.dumps(hole.fill(orjson.loads(f"[{facts}"), run.role, asked)).decode()
                if hole.is_kept:
                    kept[part] = value
            filled[part] = value
        parts[1::2] = map(filled.__getitem__, parts[1::2])
        return "".join(parts)


@dataclass(frozen=True)
class WrittenList:
    """A list at the root, as text."""

    texts: Texts
    listing: Listing

    def answer(self, run: Run) -> Text:
        asked = self.texts.asked(run)
        own, shown = asked[0], self.listing.shown
        rows: Rows = ()
        holes: Sequence[Hole] = ()
        if shown.wants_rows:
            prepared = self.texts.of("list", asked, lambda writer: self._page(writer, own))
            rows = yield self.texts.request(prepared, asked, run, {})
            holes = prepared.holes
        has_more = len(rows) > own.page.size
        rows = rows[: own.page.size]
        if own.page.is_backwards:
            rows = rows[::-1]
        entries: list[str] = []
        column = 0
        for key, name, detail in shown.entries:
            match name:
                case "nodes" | "edges":
                    index = column
                    value = f"[{','.join([row[index] for row in rows])}]"
                    column += 1
                case "pageInfo":
                    places = [row[-len(own.order.terms) :] for row in (rows[0], rows[-1])] if rows else ()
                    ends = self.listing.cursors(places, own)
                    value = written(page_info(detail, ends, own.page, has_more=has_more))
                case "totalCount":
                    value = str((yield from self.listing.total(own, run)))
                case _:
                    value = written(detail)
            entries.append(f'"{key}":{value}')
        return self.texts.filled(f"{{{','.join(entries)}}}", holes, run, asked)

    def _page(self, writer: Writer, asked: Asked) -> Sql:
        listing, order, within = self.listing, asked.order, _within(0)
        backwards = asked.page.is_backwards
        level = writer.level(listing.columns)

        def build() -> AnySelect:
            return select_page(
                listing.source,
                level.labelled(order),
                listing.page_conditions(asked, within),
                order,
                writer.dialect,
                ways=asked.ways,
                backwards=backwards,
                within=within,
            )

        page = level.rows(listing.statements, asked.shape, build)
        texts: list[Sql] = []
        for _, name, detail in listing.shown.entries:
            if name == "nodes":
                texts.append(joined(writer.object(detail, level)))
            elif name == "edges":
                texts.append(joined(writer.edge(detail, level, 0)))
        places = [Sql(f"{level.name}.o{n}") for n in range(len(order.terms))]
        sorting = "" if writer.dialect.keeps_order else level.sorting(order, backwards=backwards)
        return Sql("SELECT ", *_commas([*texts, *places]), " FROM (", page, f") AS {level.name}{sorting}")


@dataclass(frozen=True)
class WrittenRecord:
    """One record at the root, as text."""

    texts: Texts
    source: Source
    columns: Columns
    selection: Selection
    statements: Statements

    def answer(self, run: Run, name: str, by: ColumnElement[Any], key: Any) -> Text:
        """The record whose value of the column `by` is the key."""
        asked = self.texts.asked(run)
        prepared = self.texts.of(name, asked, lambda writer: self._found(writer, name, by))
        rows = yield self.texts.request(prepared, asked, run, {name: key})
        return self.texts.filled(rows[0][0], prepared.holes, run, asked) if rows else "null"

    def _found(self, writer: Writer, name: str, by: ColumnElement[Any]) -> Sql:
        level = writer.level(self.columns)

        def build() -> AnySelect:
            found = select(*level.labelled()).select_from(self.source.table)
            return found.where(self.source.scope, by == bindparam(name, type_=by.type))

        found = level.rows(self.statements, name, build)
        text = joined(writer.object(self.selection, level))
        return Sql("SELECT ", text, " FROM (", found, f") AS {level.name}")


def levels_below(selection: Selection) -> Iterator[Listing | RecordLookup]:
    """The lists and the records that are read below a selection."""
    for item in selection.items:
        match item:
            case Nested(_, listing):
                yield listing
                yield from levels_of(listing)
            case selections.ToOne(_, RecordLookup() as lookup):
                yield lookup
                yield from levels_below(lookup.selection)
            case selections.ToOneOf(_, _, lookups):
                for each in lookups.values():
                    if isinstance(each, RecordLookup):
                        yield each
                        yield from levels_below(each.selection)
            case _:
                pass


def levels_of(listing: Listing) -> Iterator[Listing | RecordLookup]:
    """The same, below a list."""
    for _, name, detail in listing.shown.entries:
        if name == "nodes":
            yield from levels_below(detail)
        elif name == "edges":
            for _, inner, own in detail:
                if inner == "node":
                    yield from levels_below(own)


def texts_of(dialect: Dialect, levels: Sequence[Listing | RecordLookup]) -> Texts | None:
    """What writes the lists and records; None where one statement cannot, or where they are too many for one.

    Rows gathered from several tables are gathered for the parents that are bound: those are not known beforehand.
    """
    if len(levels) > MOST_LEVELS or any(not isinstance(level.source.table, Table) for level in levels):
        return None
    return Texts(dialect, [level for level in levels if isinstance(level, Listing)])
