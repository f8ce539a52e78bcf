"""Lists of records: at the root, and below each of many parents with one statement for all of them."""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

from graphql import FieldNode, GraphQLField, get_argument_values
from sqlalchemy import ColumnElement, FromClause, Table, and_, bindparam, func, literal_column, select

from portal_api.models.base import Id
from portal_api.planner.collect import variable_values
from portal_api.planner.columns import Columns
from portal_api.planner.conditions import check_open, count_seen, filter_clauses, page_size, read_filter, select_page
from portal_api.planner.declare import Connection, Crowd, ListConditions, Source
from portal_api.planner.dialects import PARENTS, AnySelect, Dialect
from portal_api.planner.filters import Shape
from portal_api.planner.names import camel
from portal_api.planner.paging import Order, Page, decode_cursor, encode_cursor, order_of
from portal_api.planner.selections import Request, Rows, Run, Selection, Steps, assembled
from portal_api.planner.statements import Statements
from portal_api.planner.ways import Ways, open_ways

_PARENT: ColumnElement[Any] = literal_column(f"{PARENTS}.value", Id())


@dataclass(frozen=True, slots=True)
class Asked:
    """What one call wants of a list: the shape that its SQL hangs on, and the values bound to it."""

    shape: Shape
    ways: Ways
    page: Page
    order: Order
    crowd: Crowd | None
    """The way that is gone by looking through the organisation: where no filter leaves few, and the order is at hand."""
    bound: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a field is given: the same in every run, or by the run's variables."""

    definition: GraphQLField
    node: FieldNode
    fixed: Mapping[str, Any] | None

    def __call__(self, run: Run) -> Mapping[str, Any]:
        if self.fixed is not None:
            return self.fixed
        return get_argument_values(self.definition, self.node, variable_values(run.variables))


@dataclass(frozen=True, slots=True)
class Shown:
    """What is selected on a connection: its response keys in order, each with what answers it."""

    entries: tuple[tuple[str, str, Any], ...]
    """(response key, field name, detail): detail is an edge's entries, a Selection, page-info keys or a constant."""

    def wants(self, *names: str) -> bool:
        return any(name in names for _, name, _ in self.entries)

    @property
    def wants_rows(self) -> bool:
        return self.wants("edges", "nodes", "pageInfo")

    @property
    def wants_cursors(self) -> bool:
        return self.wants("pageInfo") or any(
            name == "edges" and any(inner == "cursor" for _, inner, _ in detail) for _, name, detail in self.entries
        )


@dataclass(frozen=True)
class Listing:
    """One list field, compiled: its statements by the shape of what is asked."""

    source: Source
    dialect: Dialect
    columns: Columns
    shown: Shown
    arguments: Arguments
    most: int
    under: Connection | None
    """How the records hang on their parents; None where there are no parents."""
    statements: Statements
    known: dict[tuple[str, Ways], Asked] = field(default_factory=dict[tuple[str, Ways], Asked])
    """What arguments without variables ask for, by who asks: the role, and the ways that are open."""

    def asked(self, run: Run, own: Mapping[str, Any] | None = None) -> Asked:
        """Reads the field's arguments, and the conditions of the value that it stands under."""
        if own is not None or self.arguments.fixed is None:
            return self._read(run, own)
        who = run.role, self._ways(run)
        asked = self.known.get(who)
        if asked is None:
            asked = self.known[who] = self._read(run, None)
        return asked

    def _read(self, run: Run, own: Mapping[str, Any] | None) -> Asked:
        given = self.arguments(run)
        page = Page.of(given, self.most)
        order = order_of(self.source, given.get("orderBy"), self.place())
        for term in order.terms[:-1]:
            check_open(self.source, camel(term.name), run)
        shape, bound = read_filter(self.source, self.dialect, run, given.get("filter"), own)
        bound["page_size"] = page.size + self.shown.wants("pageInfo")
        if page.cursor is not None:
            bound |= decode_cursor(page.cursor, order, self.dialect)
        ways = self._ways(run)
        whole = (order.signature, page.is_backwards, page.cursor is not None, ways, shape)
        crowd = None if shape or self.under else self.source.crowd
        return Asked(whole, ways, page, order, crowd if crowd and order.is_one_of(crowd.orders) else None, bound)

    def _ways(self, run: Run) -> Ways:
        return open_ways(self.source.rights, run.bound) if self.under is None else ()

    def single(self, run: Run, own: Mapping[str, Any] | None = None) -> Generator[Request, Rows, Any]:
        """The one connection of a root field, or of a value with conditions of its own."""
        asked = self.asked(run, own)
        rows: Rows = ()
        totals: list[int] = [0]
        if self.shown.wants_rows:
            rows = yield self._request("page", asked, self._root_page, run, ())
        if self.shown.wants("totalCount"):
            totals = [(yield from self.total(asked, run))]
        [connection] = yield from self._finish([rows], totals, asked, run)
        return connection

    def total(self, asked: Asked, run: Run) -> Generator[Request, Rows, int]:
        """How many records there are on all pages of a list without parents."""
        counted = yield self._request("total", asked, self._root_total, run, ())
        return counted[0][0]

    def below(self, keys: Sequence[Any], run: Run) -> Generator[Request, Rows, dict[Any, Any]]:
        """The connections of all parents, by the parent's key."""
        asked = self.asked(run)
        parents = list(dict.fromkeys(keys))
        pages: dict[Any, list[Any]] = {key: [] for key in parents}
        totals: dict[Any, int] = {}
        if self.shown.wants_rows:
            rows = yield self._request("page", asked, self._nested_page, run, parents)
            for row in rows:
                pages[row[0]].append(row)
        if self.shown.wants("totalCount"):
            counted = yield self._request("total", asked, self._nested_total, run, parents)
            totals = dict(counted)
        connections = yield from self._finish(list(pages.values()), [totals.get(key, 0) for key in parents], asked, run)
        return dict(zip(parents, connections, strict=True))

    def _request(
        self, kind: str, asked: Asked, build: Callable[[Asked], AnySelect], run: Run, parents: Sequence[Any]
    ) -> Request:
        shape = asked.shape if kind == "page" else asked.shape[-2:]
        statement = self.statements.of((kind, shape), partial(build, asked))
        own = asked.bound if self.under is None else {**asked.bound, "parents": self.dialect.keys(parents)}
        return Request(statement, statement.values(own, run.bound))

    def conditions(self, asked: Asked, within: str = "") -> list[ColumnElement[bool]]:
        """Which records are listed, all pages together; the names of the values bound begin with `within`."""
        only = [] if self.under is None or self.under.only is None else [self.under.only]
        return [*only, *filter_clauses(self.source, asked.shape[-1], self.dialect, within=within)]

    def page_conditions(self, asked: Asked, within: str = "") -> list[ColumnElement[bool]]:
        """Which of them can be on the page."""
        page = asked.page
        beyond = [] if page.cursor is None else [asked.order.beyond(backwards=page.is_backwards, within=within)]
        return [*self.conditions(asked, within), *beyond]

    def _selected(self, asked: Asked) -> list[ColumnElement[Any]]:
        places = [term.expression for term in asked.order.terms] if self.shown.wants_cursors else []
        return [*self.columns.expressions, *places]

    def _root_page(self, asked: Asked) -> AnySelect:
        return select_page(
            self.source,
            self._selected(asked),
            self.page_conditions(asked),
            asked.order,
            self.dialect,
            ways=asked.ways,
            crowd=asked.crowd,
            backwards=asked.page.is_backwards,
        )

    def _root_total(self, asked: Asked) -> AnySelect:
        return count_seen(self.source, self.conditions(asked), asked.ways)

    def _nested_page(self, asked: Asked) -> AnySelect:
        rows, by = self.children()
        order = asked.order.clauses(backwards=asked.page.is_backwards)

        def page(parent: ColumnElement[Any]) -> AnySelect:
            found = select(self.source.key).select_from(rows).where(by == parent, self.source.scope)
            return found.where(*self.page_conditions(asked)).order_by(*order).limit(page_size())

        table: FromClause = self.source.table
        near = None if type(table) is Table else by  # gathered rows have no index by their keys
        return self.dialect.under_parents("parents", self._selected(asked), table, page, order, near)

    def _nested_total(self, asked: Asked) -> AnySelect:
        rows, by = self.children()

        def count(parent: ColumnElement[Any]) -> AnySelect:
            counted = select(func.count()).select_from(rows).where(by == parent, self.source.scope)
            return counted.where(*self.conditions(asked))

        return self.dialect.per_parent("parents", count)

    def children(self) -> tuple[FromClause, ColumnElement[Any]]:
        """Where records with parents come from, and the column there that holds the parent's key."""
        under, table = self.under, self.source.table
        if under is None:
            raise LookupError(f"the list of {self.source.type} has no parents")
        if under.through is None:
            return table, under.by
        # Under a name of its own: the scope and the filters may look at the same table, for another row of it.
        pairs = under.through.table.alias()
        on = and_(
            pairs.c.organisation_id == bindparam("organisation", type_=Id()),
            *([pairs.c.organisation_id == table.c.organisation_id] if "organisation_id" in table.c else []),
            pairs.c[str(under.through.key.key)] == self.source.key,
        )
        return self.dialect.pairs_first(pairs, table, on), pairs.c[str(under.by.key)]

    def place(self, parent: ColumnElement[Any] = _PARENT) -> ColumnElement[Any] | None:
        """The number of a child under the parent in question, where the table between them has one."""
        under = self.under
        through = under.through if under else None
        if under is None or through is None or through.place is None:
            return None
        # Asked by itself: the table between is not at hand where children are told with their cursors.
        pairs = through.table.alias("placed")
        return (
            select(pairs.c[str(through.place.key)])
            .where(
                pairs.c.organisation_id == bindparam("organisation", type_=Id()),
                pairs.c[str(under.by.key)] == parent,
                pairs.c[str(through.key.key)] == self.source.key,
            )
            .correlate(self.source.table)
            .scalar_subquery()
        )

    def _finish(self, pages: Sequence[Rows], totals: Sequence[int], asked: Asked, run: Run) -> Steps:
        has_more = [len(rows) > asked.page.size for rows in pages]
        pages = [rows[: asked.page.size] for rows in pages]
        if asked.page.is_backwards:
            pages = [rows[::-1] for rows in pages]
        flat = [row for rows in pages for row in rows]
        ends = _running_ends(pages)
        columns: list[list[Any]] = []
        for _, name, detail in self.shown.entries:
            match name:
                case "nodes":
                    selection: Selection = detail
                    columns.append(_cut((yield from selection.finish(flat, run)), ends))
                case "edges":
                    columns.append(_cut((yield from self._edges(detail, flat, asked, run)), ends))
                case "pageInfo":
                    columns.append(self._page_infos(detail, pages, has_more, asked))
                case "totalCount":
                    columns.append(list(totals))
                case _:
                    columns.append([detail] * len(pages))
        return assembled([key for key, _, _ in self.shown.entries], columns, len(pages))

    def cursors(self, places: Iterable[Sequence[Any]], asked: Asked) -> list[str]:
        """The cursors of records, given what they are sorted by as the driver gave it."""
        signature = asked.order.signature
        decoders = [self.dialect.decoder(term.expression.type) or str for term in asked.order.terms]
        return [
            encode_cursor(signature, [decode(value) for decode, value in zip(decoders, place, strict=True)])
            for place in places
        ]

    def _cursors(self, rows: Rows, asked: Asked) -> list[str]:
        start = self.columns.offset + len(self.columns.expressions)
        return self.cursors((row[start:] for row in rows), asked)

    def _edges(self, entries: Sequence[tuple[str, str, Any]], rows: Rows, asked: Asked, run: Run) -> Steps:
        columns: list[list[Any]] = []
        for _, name, detail in entries:
            match name:
                case "node":
                    selection: Selection = detail
                    columns.append((yield from selection.finish(rows, run)))
                case "cursor":
                    columns.append(self._cursors(rows, asked))
                case _:
                    columns.append([detail] * len(rows))
        return assembled([key for key, _, _ in entries], columns, len(rows))

    def _page_infos(
        self, entries: Sequence[tuple[str, str, Any]], pages: Sequence[Rows], has_more: list[bool], asked: Asked
    ) -> list[Any]:
        infos: list[Any] = []
        for rows, more in zip(pages, has_more, strict=True):
            ends = self._cursors((rows[0], rows[-1]), asked) if rows else ()
            infos.append(page_info(entries, ends, asked.page, has_more=more))
        return infos


def page_info(
    entries: Sequence[tuple[str, str, Any]], ends: Sequence[str], page: Page, *, has_more: bool
) -> dict[str, Any]:
    """What is told of a page.

    Args:
        entries: what is selected, as `Shown` has it.
        ends: the cursors of its first and last record; none of an empty page.
        page: which part of the list was asked for.
        has_more: whether others follow, in the direction asked.
    """
    has_cursor, (start, end) = page.cursor is not None, ends or (None, None)
    values = {
        "hasNextPage": has_cursor if page.is_backwards else has_more,
        "hasPreviousPage": has_more if page.is_backwards else has_cursor,
        "startCursor": start,
        "endCursor": end,
    }
    return {key: values.get(name, detail) for key, name, detail in entries}


def _running_ends(pages: Sequence[Rows]) -> list[int]:
    ends = [0]
    for rows in pages:
        ends.append(ends[-1] + len(rows))
    return ends


def _cut(flat: list[Any], ends: list[int]) -> list[Any]:
    return [flat[start:end] for start, end in pairwise(ends)]


@dataclass(frozen=True, slots=True)
class Nested:
    """A list below each row: one statement for the lists of all rows."""

    key: int
    listing: Listing

    def column(self, rows: Rows, run: Run) -> Steps:
        index = self.key
        keys = [row[index] for row in rows]
        connections = yield from self.listing.below(keys, run)
        return [connections[key] for key in keys]


@dataclass(frozen=True, slots=True)
class UnderValue:
    """A list under each Python value, one after the other: such values stand alone."""

    conditions: ListConditions
    listing: Listing

    def column(self, rows: Rows, run: Run) -> Steps:
        connections: list[Any] = []
        for value in rows:
            own = self.conditions(value)
            connections.append(None if own is None else (yield from self.listing.single(run, own)))
        return connections


@dataclass(frozen=True, slots=True)
class RecordLookup:
    """Records of one source by their keys: one statement, scoped."""

    source: Source
    columns: Columns
    selection: Selection
    statements: Statements

    def by_keys(self, keys: Sequence[Any], run: Run) -> Generator[Request, Rows, Mapping[Any, Any]]:
        statement = self.statements.of("keys", self._build)
        rows = yield Request(statement, statement.values({"keys": self.statements.dialect.keys(keys)}, run.bound))
        finished = yield from self.selection.finish(rows, run)
        return dict(zip((row[0] for row in rows), finished, strict=True))

    def _build(self) -> AnySelect:
        source = self.source
        found = select(*self.columns.expressions).select_from(source.table)
        return found.where(source.scope, self.statements.dialect.in_list(source.key, "keys"))
