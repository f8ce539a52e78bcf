"""Compiling: the selections below a root field become items that read SQL rows and Python values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
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
from sqlalchemy import Boolean, Date
from sqlalchemy.types import TypeEngine

from portal_api.models.base import Enumerated, Instant
from portal_api.planner import declare, selections
from portal_api.planner.collect import Collector, named_type
from portal_api.planner.columns import Columns
from portal_api.planner.counts import Facet, Total
from portal_api.planner.declare import MOST_BELOW, Catalogue, Source
from portal_api.planner.dialects import Decode, Dialect
from portal_api.planner.listings import (
    Arguments,
    Listing,
    Nested,
    RecordLookup,
    Shown,
    UnderValue,
)
from portal_api.planner.names import snake
from portal_api.planner.selections import Item, Selection
from portal_api.planner.statements import Shelf, Statements


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


@dataclass
class Compiler:
    """Compiles what is selected below a root field, and notes what it reads."""

    schema: GraphQLSchema
    catalogue: Catalogue
    dialect: Dialect
    collector: Collector
    shelf: Shelf
    reads: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])

    def record(
        self, type_: GraphQLNamedType, nodes: Sequence[FieldNode], source: Source, columns: Columns
    ) -> Selection:
        keys: list[str] = []
        items: list[Item] = []
        own = object_type(type_)
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
                lookup = self.lookup(self.catalogue.sources[declared.type], target, nodes)
                return selections.ToOne(columns.place(declared.key), lookup)
            case declare.ToOneOf() as declared:
                lookups = {
                    kind: self.lookup(self.catalogue.sources[each], self.schema.type_map[each], nodes)
                    for kind, each in declared.types.items()
                }
                return selections.ToOneOf(columns.place(declared.kind), columns.place(declared.key), lookups)
            case declare.Connection() as declared:
                child = self.catalogue.sources[declared.type]
                listing = self.listing(child, target, definition, nodes, MOST_BELOW, declared)
                return Nested(columns.place(source.key), listing)
            case declare.Derived() as declared:
                places = tuple(columns.place(each) for each in declared.needs)
                decoders = tuple(_to_python(each.type) for each in declared.needs)
                by_type = None if is_leaf_type(target) else self.values(target, nodes)
                derived = selections.Derived if declared.is_kept else selections.DerivedAnew
                return derived(places, decoders, declared.of, by_type)

    def lookup(self, source: Source, type_: GraphQLNamedType, nodes: Sequence[FieldNode]) -> RecordLookup:
        columns = Columns(source.key)
        selection = self.record(type_, nodes, source, columns)
        statements = self.shelf.of(self.dialect, "lookup", (source, *columns.expressions))
        return RecordLookup(source, columns, selection, statements)

    def listing(
        self,
        source: Source,
        type_: GraphQLNamedType,
        definition: GraphQLField,
        nodes: Sequence[FieldNode],
        most: int,
        under: declare.Connection | None,
    ) -> Listing:
        columns = Columns(source.key, offset=0 if under is None else 1)
        entries: list[tuple[str, str, Any]] = []
        connection = object_type(type_)
        for key, merged in self.collector.fields(connection, nodes).items():
            name = merged[0].name.value
            detail: Any = connection.name
            if name in connection.fields:
                below = named_type(connection.fields[name].type)
                match name:
                    case "nodes":
                        detail = self.record(below, merged, source, columns)
                    case "edges":
                        detail = self._edge(object_type(below), merged, source, columns)
                    case "pageInfo":
                        detail = tuple(
                            (inner, own[0].name.value, below.name)
                            for inner, own in self.collector.fields(object_type(below), merged).items()
                        )
                    case _:
                        detail = None
            entries.append((key, name, detail))
        arguments, shown = self.arguments(definition, nodes[0]), Shown(tuple(entries))
        statements = self.shelf.of(self.dialect, ("list", shown.wants_cursors), (source, under, *columns.expressions))
        return Listing(source, self.dialect, columns, shown, arguments, most, under, statements)

    def _edge(
        self, edge: GraphQLObjectType, nodes: Sequence[FieldNode], source: Source, columns: Columns
    ) -> tuple[tuple[str, str, Any], ...]:
        entries: list[tuple[str, str, Any]] = []
        for key, merged in self.collector.fields(edge, nodes).items():
            name = merged[0].name.value
            detail: Any = edge.name
            if name == "node":
                detail = self.record(named_type(edge.fields[name].type), merged, source, columns)
            entries.append((key, name, detail))
        return tuple(entries)

    def values(self, type_: GraphQLNamedType, nodes: Sequence[FieldNode]) -> dict[str, Selection]:
        return {own.name: self._value(own, nodes) for own in self.possible_types(type_)}

    def _value(self, own: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Selection:
        keys: list[str] = []
        items: list[Item] = []
        declared: Mapping[str, declare.ValueField] = (
            self.catalogue.values[own.name].fields if own.name in self.catalogue.values else {}
        )
        for key, merged in self.collector.fields(own, nodes).items():
            keys.append(key)
            name = merged[0].name.value
            if name == "__typename":
                items.append(selections.Constant(own.name))
                continue
            target = named_type(own.fields[name].type)
            if name in declared:
                items.append(self._under_value(declared[name], own.fields[name], target, merged))
            elif is_leaf_type(target):
                items.append(selections.Attribute(snake(name)))
            else:
                items.append(selections.Objects(snake(name), self.values(target, merged)))
        return Selection(tuple(keys), tuple(items))

    def _under_value(
        self,
        declared: declare.ValueField,
        definition: GraphQLField,
        target: GraphQLNamedType,
        nodes: Sequence[FieldNode],
    ) -> Item:
        source = self.catalogue.sources[declared.type]
        match declared:
            case declare.Linked(attribute=attribute):
                read, encode = attrgetter(attribute), self.dialect.encode
                return selections.Linked(lambda value: encode(read(value)), self.lookup(source, target, nodes))
            case declare.Listed(tells=tells):
                self.reads.update((source.type, name) for name in tells)
                listing = self.listing(source, target, definition, nodes, declared.most, None)
                return UnderValue(declared.filter, listing)
            case declare.Total(tells=tells, distinct=distinct):
                self.reads.update((source.type, name) for name in tells)
                return Total(source, declared.filter, Statements(self.dialect), distinct)
            case declare.Facet():
                return self._facet(declared, definition, object_type(target), nodes)

    def _facet(
        self, declared: declare.Facet, definition: GraphQLField, own: GraphQLObjectType, nodes: Sequence[FieldNode]
    ) -> Facet:
        source, [(name, shown)] = self.catalogue.sources[declared.type], declared.by.items()
        # To count by a field tells its values: a role that may not read it may not do so either.
        self.reads.add((source.type, name))
        merged = self.collector.fields(own, nodes)
        selection = Selection(tuple(merged), tuple(self._facet_item(own, each, shown) for each in merged.values()))
        group = shown.key if isinstance(shown, declare.ToOne) else shown.expression
        arguments, statements = self.arguments(definition, nodes[0]), Statements(self.dialect)
        return Facet(source, group, declared.filter, declared.limit, arguments, selection, statements)

    def _facet_item(
        self, own: GraphQLObjectType, nodes: Sequence[FieldNode], shown: declare.Column | declare.ToOne
    ) -> Item:
        match nodes[0].name.value, shown:
            case "__typename", _:
                return selections.Constant(own.name)
            case "count", _:
                return selections.Cell(1, None, is_nullable=False)
            case name, declare.ToOne(type=type_):
                lookup = self.lookup(self.catalogue.sources[type_], named_type(own.fields[name].type), nodes)
                return selections.ToOne(0, lookup)
            case _, declare.Column(expression=expression):
                return selections.Cell(0, self.dialect.decoder(expression.type), is_nullable=False)

    def possible_types(self, type_: GraphQLNamedType) -> Sequence[GraphQLObjectType]:
        return (
            self.schema.get_possible_types(type_) if isinstance(type_, GraphQLAbstractType) else (object_type(type_),)
        )

    def arguments(self, definition: GraphQLField, node: FieldNode) -> Arguments:
        if any(_has_variables(argument) for argument in node.arguments or ()):
            return Arguments(definition, node, None)
        return Arguments(definition, node, get_argument_values(definition, node))


def object_type(type_: GraphQLNamedType) -> GraphQLObjectType:
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
        case Date():
            return lambda value: date.fromisoformat(value) if isinstance(value, str) else value
        case _:
            return lambda value: value
