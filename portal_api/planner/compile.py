"""Compiling: a validated root field becomes a plan that runs any number of times, for any viewer and variables."""

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter, itemgetter
from typing import Any

from graphql import (
    FieldNode,
    GraphQLAbstractType,
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    Node,
    VariableNode,
    Visitor,
    get_argument_values,
    is_leaf_type,
    visit,
)
from sqlalchemy import Boolean, ColumnElement, bindparam, select
from sqlalchemy.types import TypeEngine

from portal_api.domain.refusals import ErrorCode
from portal_api.ids import parse_global_id
from portal_api.models.base import Enumerated, Instant
from portal_api.planner import declare, selections
from portal_api.planner.collect import Collector, named_type, variable_values
from portal_api.planner.columns import Columns
from portal_api.planner.declare import Catalogue, Source
from portal_api.planner.dialects import Decode, Dialect, Statement
from portal_api.planner.errors import RequestError
from portal_api.planner.filters import parse_id
from portal_api.planner.listings import (
    MOST_SHAPES,
    Listing,
    Nested,
    RecordLookup,
    Shown,
    field_forbidden,
    read_filter,
    select_ids,
)
from portal_api.planner.selections import Item, Request, Rows, Run, Selection

MOST_AT_ROOT = 1_000
MOST_BELOW = 100

Answer = Generator[Request, Rows, Any]
Arguments = Callable[[Run], Mapping[str, Any]]


@dataclass(frozen=True)
class Plan:
    """One root field, compiled."""

    answer: Callable[[Run, Any], Answer]
    reads: frozenset[tuple[str, str]]
    """Every field of a source that the plan reads, as (type, field)."""
    catalogue: Catalogue

    def steps(self, run: Run, value: Any = None) -> Answer:
        """Answers the field; `value` is the Python object of a root that has one.

        Raises:
            RequestError: `FORBIDDEN`, where the role may not read a field; and for arguments that cannot be meant.
        """
        for type_name, name in sorted(self.reads):
            source = self.catalogue.sources[type_name]
            if run.role in source.narrowed and name not in source.narrowed[run.role]:
                raise field_forbidden(source, name, run.role)
        return self.answer(run, value)


class _VariableFinder(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found = False

    def enter_variable(self, _node: VariableNode, *_: Any) -> None:
        self.found = True


def _has_variables(node: Node) -> bool:
    finder = _VariableFinder()
    visit(node, finder)
    return finder.found


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


@dataclass
class Compiler:
    """Compiles the root fields of one operation."""

    schema: GraphQLSchema
    catalogue: Catalogue
    dialect: Dialect
    collector: Collector
    reads: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])

    def plan(self, parent: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Plan:
        """The plan of a root field, all of whose merged nodes are given."""
        name = nodes[0].name.value
        definition = parent.fields[name]
        root = self.catalogue.roots[f"{parent.name}.{name}"]
        answer = self._root(root, named_type(definition.type), definition, nodes)
        return Plan(answer, frozenset(self.reads), self.catalogue)

    # --- roots

    def _root(
        self, root: declare.Root, type_: GraphQLNamedType, definition: GraphQLField, nodes: Sequence[FieldNode]
    ) -> Callable[[Run, Any], Answer]:
        match root:
            case declare.RootConnection():
                listing = self._listing(self.catalogue.sources[root.type], type_, definition, nodes, MOST_AT_ROOT, None)
                return lambda run, _: listing.at_root(run)
            case declare.RootRecord():
                return self._root_record(root, type_, definition, nodes)
            case declare.RootNode():
                return self._root_node(type_, definition, nodes)
            case declare.RootNodes():
                return self._root_nodes(root.limit, type_, definition, nodes)
            case declare.RootIds():
                return self._root_ids(self.catalogue.sources[root.type], type_, definition, nodes)
            case declare.RootValue():
                by_type = self._values(type_, nodes)

                def answer(run: Run, value: Any) -> Answer:
                    [finished] = yield from selections.finish_objects([value], by_type, run)
                    return finished

                return answer

    def _root_record(
        self, root: declare.RootRecord, type_: GraphQLNamedType, definition: GraphQLField, nodes: Sequence[FieldNode]
    ) -> Callable[[Run, Any], Answer]:
        source = self.catalogue.sources[root.type]
        columns = Columns(source.key)
        selection = self._record(type_, nodes, source, columns)
        arguments = self._arguments(definition, nodes[0])
        statements = {
            name: self.dialect.statement(
                select(*columns.expressions)
                .select_from(source.table)
                .where(source.scope, expression == bindparam(name, type_=expression.type))
            )
            for name, expression in {"id": source.key, **root.lookups}.items()
        }

        def answer(run: Run, _: Any) -> Answer:
            given = {name: value for name, value in arguments(run).items() if value is not None}
            if len(given) != 1:
                raise RequestError(
                    ErrorCode.INPUT_INVALID, f"Give exactly one of {', '.join(f'`{each}`' for each in statements)}."
                )
            [(name, value)] = given.items()
            key = self.dialect.encode(parse_id(value, source.prefix) if name == "id" else value)
            rows = yield Request(statements[name], statements[name].values({name: key}, run.bound))
            finished = yield from selection.finish(rows, run)
            return finished[0] if finished else None

        return answer

    def _root_node(
        self, type_: GraphQLNamedType, definition: GraphQLField, nodes: Sequence[FieldNode]
    ) -> Callable[[Run, Any], Answer]:
        lookups = self._lookups_by_prefix(type_, nodes)
        arguments = self._arguments(definition, nodes[0])

        def answer(run: Run, _: Any) -> Answer:
            [(prefix, key)] = self._parsed_ids([arguments(run)["id"]], lookups)
            found = yield from lookups[prefix].by_keys([key], run)
            return found.get(key)

        return answer

    def _root_nodes(
        self, limit: int, type_: GraphQLNamedType, definition: GraphQLField, nodes: Sequence[FieldNode]
    ) -> Callable[[Run, Any], Answer]:
        lookups = self._lookups_by_prefix(type_, nodes)
        arguments = self._arguments(definition, nodes[0])

        def answer(run: Run, _: Any) -> Answer:
            ids = arguments(run)["ids"]
            if len(ids) > limit:
                raise RequestError(
                    ErrorCode.LIMIT_EXCEEDED, f"`ids` takes {limit} identifiers at the most; {len(ids)} were given."
                )
            parsed = self._parsed_ids(ids, lookups)
            found: dict[tuple[str, Any], Any] = {}
            for prefix, lookup in lookups.items():
                keys = list(dict.fromkeys(key for own, key in parsed if own == prefix))
                if keys:
                    records = yield from lookup.by_keys(keys, run)
                    found.update({(prefix, key): record for key, record in records.items()})
            return [found.get(each) for each in parsed]

        return answer

    def _root_ids(
        self, source: Source, type_: GraphQLNamedType, definition: GraphQLField, nodes: Sequence[FieldNode]
    ) -> Callable[[Run, Any], Answer]:
        arguments = self._arguments(definition, nodes[0])
        shown = [(key, own[0].name.value) for key, own in self.collector.fields(_object(type_), nodes).items()]

        statements: dict[Any, Statement] = {}

        def answer(run: Run, _: Any) -> Answer:
            given = arguments(run)
            limit = given["limit"]
            if not 1 <= limit <= MOST_AT_ROOT:
                raise RequestError(ErrorCode.PAGE_INVALID, f"`limit` is 1 to {MOST_AT_ROOT}; {limit} was asked for.")
            shape, bound = read_filter(source, given.get("filter"), self.dialect, run)
            values: dict[str, Any] = {"__typename": type_.name}
            for name in {name for _, name in shown} - {"__typename"}:
                statement = statements.get((name, shape))
                if statement is None:
                    if len(statements) >= MOST_SHAPES:
                        statements.clear()
                    statement = statements[name, shape] = self.dialect.statement(
                        select_ids(source, name, shape, self.dialect)
                    )
                rows = yield Request(statement, statement.values({**bound, "page_size": limit}, run.bound))
                ids = [f"{source.prefix}_{self.dialect.id_text(row[0])}" for row in rows] if name == "ids" else None
                values[name] = rows[0][0] if ids is None else ids
            return {key: values[name] for key, name in shown}

        return answer

    def _lookups_by_prefix(self, type_: GraphQLNamedType, nodes: Sequence[FieldNode]) -> dict[str, RecordLookup]:
        return {
            source.prefix: self._lookup(source, own, nodes)
            for own in self._possible(type_)
            if (source := self.catalogue.sources.get(own.name))
        }

    def _parsed_ids(self, ids: Sequence[str], lookups: Mapping[str, RecordLookup]) -> list[tuple[str, Any]]:
        parsed: list[tuple[str, Any]] = []
        for text in ids:
            found = parse_global_id(text)
            if found is None or found[0] not in lookups:
                raise RequestError(
                    ErrorCode.ID_INVALID,
                    f"'{text[:60]}' is not an identifier of a record. Give an `id` as the API answered it.",
                )
            parsed.append((found[0], self.dialect.encode(found[1])))
        return parsed

    # --- selections on SQL rows

    def _record(
        self, type_: GraphQLNamedType, nodes: Sequence[FieldNode], source: Source, columns: Columns
    ) -> Selection:
        keys: list[str] = []
        items: list[Item] = []
        own = _object(type_)
        for key, merged in self.collector.fields(own, nodes).items():
            keys.append(key)
            items.append(self._record_item(own, merged, source, columns))
        return Selection(tuple(keys), tuple(items))

    def _record_item(
        self, own: GraphQLObjectType, nodes: Sequence[FieldNode], source: Source, columns: Columns
    ) -> Item:
        name = nodes[0].name.value
        if name == "__typename":
            return selections.Constant(own.name)
        self.reads.add((source.type, name))
        definition = own.fields[name]
        target = named_type(definition.type)
        match source.fields[name]:
            case declare.Key():
                return selections.Identifier(columns.place(source.key), source.prefix, self.dialect.id_text)
            case declare.Column() as declared:
                decode = self.dialect.decoder(declared.expression.type)
                return selections.Cell(columns.place(declared.expression), decode, declared.may_be_null)
            case declare.ToOne() as declared:
                lookup = self._lookup(self.catalogue.sources[declared.type], target, nodes)
                return selections.ToOne(itemgetter(columns.place(declared.key)), lookup)
            case declare.ToOneOf() as declared:
                lookups = {
                    kind: self._lookup(self.catalogue.sources[each], self.schema.type_map[each], nodes)
                    for kind, each in declared.types.items()
                }
                kind_of, key_of = (itemgetter(columns.place(each)) for each in (declared.kind, declared.key))
                return selections.ToOneOf(kind_of, key_of, lookups)
            case declare.Connection() as declared:
                child = self.catalogue.sources[declared.type]
                listing = self._listing(child, target, definition, nodes, MOST_BELOW, declared.by)
                return Nested(itemgetter(columns.place(source.key)), listing)
            case declare.Derived() as declared:
                places = tuple(columns.place(each) for each in declared.needs)
                decoders = tuple(_to_python(each.type) for each in declared.needs)
                return selections.Derived(places, decoders, declared.of, self._values(target, nodes))

    def _lookup(self, source: Source, type_: GraphQLNamedType, nodes: Sequence[FieldNode]) -> RecordLookup:
        columns = Columns(source.key)
        selection = self._record(type_, nodes, source, columns)
        statement = self.dialect.statement(
            select(*columns.expressions)
            .select_from(source.table)
            .where(source.scope, self.dialect.in_list(source.key, "keys"))
        )
        return RecordLookup(statement, selection, self.dialect)

    def _listing(
        self,
        source: Source,
        type_: GraphQLNamedType,
        definition: GraphQLField,
        nodes: Sequence[FieldNode],
        most: int,
        by: ColumnElement[Any] | None,
    ) -> Listing:
        columns = Columns(source.key, offset=0 if by is None else 1)
        entries: list[tuple[str, str, Any]] = []
        connection = _object(type_)
        for key, merged in self.collector.fields(connection, nodes).items():
            name = merged[0].name.value
            detail: Any = connection.name
            if name in connection.fields:
                below = named_type(connection.fields[name].type)
                match name:
                    case "nodes":
                        detail = self._record(below, merged, source, columns)
                    case "edges":
                        detail = self._edge(_object(below), merged, source, columns)
                    case "pageInfo":
                        detail = tuple(
                            (inner, own[0].name.value, below.name)
                            for inner, own in self.collector.fields(_object(below), merged).items()
                        )
                    case _:
                        detail = None
            entries.append((key, name, detail))
        return Listing(
            source, self.dialect, columns, Shown(tuple(entries)), self._arguments(definition, nodes[0]), most, by
        )

    def _edge(
        self, edge: GraphQLObjectType, nodes: Sequence[FieldNode], source: Source, columns: Columns
    ) -> tuple[tuple[str, str, Any], ...]:
        entries: list[tuple[str, str, Any]] = []
        for key, merged in self.collector.fields(edge, nodes).items():
            name = merged[0].name.value
            detail: Any = edge.name
            if name == "node":
                detail = self._record(named_type(edge.fields[name].type), merged, source, columns)
            entries.append((key, name, detail))
        return tuple(entries)

    # --- selections on Python values

    def _values(self, type_: GraphQLNamedType, nodes: Sequence[FieldNode]) -> dict[str, Selection]:
        return {own.name: self._value(own, nodes) for own in self._possible(type_)}

    def _value(self, own: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Selection:
        keys: list[str] = []
        items: list[Item] = []
        links: Mapping[str, declare.Linked] = (
            self.catalogue.values[own.name].links if own.name in self.catalogue.values else {}
        )
        for key, merged in self.collector.fields(own, nodes).items():
            keys.append(key)
            name = merged[0].name.value
            if name == "__typename":
                items.append(selections.Constant(own.name))
                continue
            target = named_type(own.fields[name].type)
            if name in links:
                items.append(self._link(links[name], target, merged))
            elif is_leaf_type(target):
                items.append(selections.Attribute(_snake(name)))
            else:
                items.append(selections.Objects(_snake(name), self._values(target, merged)))
        return Selection(tuple(keys), tuple(items))

    def _link(self, linked: declare.Linked, target: GraphQLNamedType, nodes: Sequence[FieldNode]) -> Item:
        read, encode = attrgetter(linked.attribute), self.dialect.encode
        lookup = self._lookup(self.catalogue.sources[linked.type], target, nodes)
        return selections.ToOne(lambda row: encode(read(row)), lookup)

    # --- what both need

    def _possible(self, type_: GraphQLNamedType) -> Sequence[GraphQLObjectType]:
        return self.schema.get_possible_types(type_) if isinstance(type_, GraphQLAbstractType) else (_object(type_),)

    def _arguments(self, definition: GraphQLField, node: FieldNode) -> Arguments:
        if not any(_has_variables(argument) for argument in node.arguments or ()):
            given = get_argument_values(definition, node)
            return lambda run: given
        return lambda run: get_argument_values(definition, node, variable_values(run.variables))


def _object(type_: GraphQLNamedType) -> GraphQLObjectType:
    if not isinstance(type_, GraphQLObjectType):
        raise TypeError(f"{type_.name} is no object type")
    return type_


def _to_python(type_: TypeEngine[Any]) -> Decode:
    """Turns a driver's value into what domain functions take."""
    match type_:
        case Enumerated(enum=enum):
            return lambda value: None if value is None else enum(value)
        case Boolean():
            return lambda value: None if value is None else bool(value)
        case Instant():
            return lambda value: datetime.fromisoformat(value) if isinstance(value, str) else value
        case _:
            return lambda value: value
