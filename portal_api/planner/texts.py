"""Answers that the database writes: all that is selected below a root field comes as JSON text, by one statement."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Table, bindparam, select

from portal_api.planner import selections
from portal_api.planner.columns import Columns
from portal_api.planner.conditions import select_page
from portal_api.planner.declare import Source
from portal_api.planner.dialects import AnySelect, Dialect, Statement
from portal_api.planner.fragments import Sql, joined, written
from portal_api.planner.holes import MARK, Hole
from portal_api.planner.listings import Asked, Listing, Nested, RecordLookup, page_info
from portal_api.planner.selections import Request, Rows, Run, Selection
from portal_api.planner.statements import Statements
from portal_api.planner.writer import Writer, commas, within_of

MOST_LEVELS = 24
"""A statement with more would take the database longer to plan than the rows of several."""
MOST_SHAPES = 8
"""Of each root field: statements are large, and soon put together again."""

Text = Generator[Request, Rows, str]


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
            within = within_of(number)
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
        total = (yield from self.listing.total(own, run)) if shown.wants("totalCount") else 0
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
                    value = str(total)
                case _:
                    value = written(detail)
            entries.append(f'"{key}":{value}')
        return self.texts.filled(f"{{{','.join(entries)}}}", holes, run, asked)

    def _page(self, writer: Writer, asked: Asked) -> Sql:
        listing, order, within = self.listing, asked.order, within_of(0)
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
                crowd=asked.crowd,
                backwards=backwards,
                within=within,
            )

        page = listing.statements.fragment(asked.shape, build)
        texts: list[Sql] = []
        for _, name, detail in listing.shown.entries:
            if name == "nodes":
                texts.append(joined(writer.object(detail, level)))
            elif name == "edges":
                texts.append(joined(writer.edge(detail, level, 0)))
        places = [Sql(f"{level.name}.o{n}") for n in range(len(order.terms))]
        sorting = "" if writer.dialect.keeps_order else level.sorting(order, backwards=backwards)
        return Sql("SELECT ", *commas([*texts, *places]), " FROM (", page, f") AS {level.name}{sorting}")


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

        found = self.statements.fragment(name, build)
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


def _subqueries(level: Listing | RecordLookup) -> int:
    """How many subqueries a level takes: a list below a record has one for each of what is told of it."""
    if isinstance(level, RecordLookup) or level.under is None:
        return 1
    return sum(name in {"nodes", "edges", "pageInfo", "totalCount"} for _, name, _ in level.shown.entries)


def texts_of(dialect: Dialect, levels: Sequence[Listing | RecordLookup]) -> Texts | None:
    """What writes the lists and records; None where one statement cannot, or where they are too many for one.

    Rows gathered from several tables are gathered for the parents that are bound: those are not known beforehand.
    """
    if sum(map(_subqueries, levels)) > MOST_LEVELS or not all(isinstance(each.source.table, Table) for each in levels):
        return None
    return Texts(dialect, [level for level in levels if isinstance(level, Listing)])
