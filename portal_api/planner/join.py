"""Joining declarations and schema: the portal does not start while one says what the other does not."""

from typing import Any, cast

from graphql import (
    GraphQLAbstractType,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    is_leaf_type,
)

from portal_api.planner import declare
from portal_api.planner.collect import named_type, nullable_type
from portal_api.planner.declare import Catalogue, Source, ValueType

OwnField = Any
"""A field of the schema. Its type of graphql-core's own is half unknown to a type checker."""


class JoinError(Exception):
    """Schema and declarations do not fit each other."""


def join(schema: GraphQLSchema, catalogue: Catalogue) -> None:
    """Compares every declaration with the schema.

    Raises:
        JoinError: naming each field without a declaration, declaration without a field, nullable column under a
            non-null field, filter or order that only one side knows, root that nobody answers, and list or count
            whose type does not fit.
    """
    faults = [fault for source in catalogue.sources.values() for fault in _source_faults(schema, catalogue, source)]
    faults += [fault for value in catalogue.values.values() for fault in _value_faults(schema, catalogue, value)]
    for root in (schema.query_type, schema.mutation_type):
        if root:
            faults += [
                f"{root.name}.{name} is not declared"
                for name in root.fields
                if f"{root.name}.{name}" not in catalogue.roots
            ]
    for name, root in catalogue.roots.items():
        type_name, _, field_name = name.partition(".")
        own = schema.type_map.get(type_name)
        if not isinstance(own, GraphQLObjectType) or field_name not in own.fields:
            faults.append(f"{name} is declared, but not in the schema")
        elif isinstance(root, declare.RootConnection | declare.RootIds):
            faults += _list_faults(catalogue.sources[root.type], name, own.fields[field_name], is_root=True)
    faults += [f"{name} has no source" for name in _record_types(schema) if name not in catalogue.sources]
    if faults:
        raise JoinError("\n".join(faults))


def _record_types(schema: GraphQLSchema) -> list[str]:
    node = schema.type_map["Node"]
    return [each.name for each in schema.get_possible_types(cast("GraphQLInterfaceType", node))]


def _source_faults(schema: GraphQLSchema, catalogue: Catalogue, source: Source) -> list[str]:
    own = schema.type_map.get(source.type)
    if not isinstance(own, GraphQLObjectType):
        return [f"{source.type} is declared, but not in the schema"]
    faults = [f"{source.type}.{name} is not declared" for name in own.fields if name not in source.fields]
    faults += [
        f"{source.type} assumes {name}, which is no filter" for name in source.assumed if name not in source.filters
    ]
    for name, declared in source.fields.items():
        if name not in own.fields:
            faults.append(f"{source.type}.{name} is declared, but not in the schema")
            continue
        is_required = isinstance(own.fields[name].type, GraphQLNonNull)
        may_be_null = isinstance(declared, declare.ToOne | declare.ToOneOf) or (
            isinstance(declared, declare.Column) and declared.may_be_null
        )
        if is_required and may_be_null:
            faults.append(f"{source.type}.{name} is never null in the schema, but can be in the database")
        place = f"{source.type}.{name}"
        if isinstance(declared, declare.Connection):
            faults += _connection_faults(catalogue, declared.type, place, own.fields[name])
            faults += _through_faults(declared, place)
        if isinstance(declared, declare.Derived):
            faults += _kept_faults(schema, catalogue, place, own.fields[name])
    return faults


def _through_faults(declared: declare.Connection, place: str) -> list[str]:
    if declared.through is None:
        return []
    table = declared.through.table
    known = {id(column) for column in table.c}
    return [
        f"{place} is declared through {table.name}, but {column} is no column of it"
        for column in (declared.by, declared.through.key, declared.through.place)
        if column is not None and id(column) not in known
    ]


def _kept_faults(schema: GraphQLSchema, catalogue: Catalogue, place: str, field: OwnField) -> list[str]:
    """What is derived is kept for everybody with the same facts, so nothing below it may hang on who asks."""
    faults: list[str] = []
    waiting, seen = [named_type(field.type)], set[str]()
    while waiting:
        type_ = waiting.pop()
        if type_.name in seen:
            continue
        seen.add(type_.name)
        if isinstance(type_, GraphQLAbstractType):
            waiting += schema.get_possible_types(type_)
        elif isinstance(type_, GraphQLObjectType):
            waiting += [named_type(each.type) for each in type_.fields.values()]
            declared = catalogue.values[type_.name].fields if type_.name in catalogue.values else ()
            faults += [f"{place} is derived, but {type_.name}.{name} below it is read anew" for name in declared]
    return faults


def _value_faults(schema: GraphQLSchema, catalogue: Catalogue, value: ValueType) -> list[str]:
    own = schema.type_map.get(value.type)
    if not isinstance(own, GraphQLObjectType):
        return [f"{value.type} is declared, but not in the schema"]
    faults: list[str] = []
    for name, declared in value.fields.items():
        place = f"{value.type}.{name}"
        if name not in own.fields:
            faults.append(f"{place} is declared, but not in the schema")
        elif declared.type not in catalogue.sources:
            faults.append(f"{place} is declared of {declared.type}, which has no source")
        else:
            faults += _value_field_faults(catalogue, declared, place, own.fields[name])
    return faults


def _value_field_faults(catalogue: Catalogue, declared: declare.ValueField, place: str, field: OwnField) -> list[str]:
    match declared:
        case declare.Linked():
            return []
        case declare.Listed():
            return _connection_faults(catalogue, declared.type, place, field)
        case declare.Total():
            is_int = nullable_type(field.type) is GraphQLInt
            faults = [] if is_int and not field.args else [f"{place} is a total: an Int without arguments"]
            known = catalogue.sources[declared.type].fields
            return faults + [
                f"{place} tells of {declared.type}.{name}, which is not declared"
                for name in declared.tells
                if name not in known
            ]
        case declare.Facet():
            return _facet_faults(declared, place, field)


def _facet_faults(facet: declare.Facet, place: str, field: OwnField) -> list[str]:
    group = named_type(field.type)
    is_list = isinstance(nullable_type(field.type), GraphQLList)
    if len(facet.by) != 1 or not is_list or not isinstance(group, GraphQLObjectType):
        return [f"{place} is a facet: a list of objects, by one group"]
    [(name, shown)] = facet.by.items()
    if set(group.fields) != {name, "count"} or len(group.fields) != 2:
        return [f"{place} is a facet: {group.name} has the fields '{name}' and 'count'"]
    faults: list[str] = []
    if nullable_type(group.fields["count"].type) is not GraphQLInt:
        faults.append(f"{group.name}.count is a count: an Int")
    if not _shows(shown, group.fields[name]):
        faults.append(f"{group.name}.{name} does not fit what {place} is grouped by")
    if set(field.args) - {"first"}:
        faults.append(f"{place} is a facet: it takes no argument but 'first'")
    return faults


def _shows(shown: declare.Column | declare.ToOne, field: OwnField) -> bool:
    """Whether a field can show a group: the record of one that the viewer does not see is null."""
    if isinstance(shown, declare.ToOne):
        return named_type(field.type).name == shown.type and not isinstance(field.type, GraphQLNonNull)
    return is_leaf_type(nullable_type(field.type))


def _connection_faults(catalogue: Catalogue, type_: str, place: str, field: OwnField) -> list[str]:
    """Compares a list below a record or a value with its declaration."""
    if named_type(field.type).name != f"{type_}Connection":
        return [f"{place} is declared as a list of {type_}"]
    if type_ not in catalogue.sources:
        return [f"{place} is declared of {type_}, which has no source"]
    return _list_faults(catalogue.sources[type_], place, field, is_root=False)


def _list_faults(source: Source, place: str, field: OwnField, *, is_root: bool) -> list[str]:
    """Compares what a list can be asked with what its source knows; a list that is not at the root may offer less."""
    offered = _offered(field)
    known = {"filters": set(source.filters), "orders": set(source.orders)}
    return [
        f"{place}: {name} and the {what} of {source.type} differ: {differing}"
        for what, (name, given) in offered.items()
        if (differing := given ^ known[what] if is_root else given - known[what])
    ]


def _offered(field: OwnField) -> dict[str, tuple[str, set[str]]]:
    """The filters and orders that a list field takes, each with the name of the type that says so."""
    offered: dict[str, tuple[str, set[str]]] = {}
    if "filter" in field.args:
        filter_type = cast("GraphQLInputObjectType", named_type(field.args["filter"].type))
        offered["filters"] = filter_type.name, set(filter_type.fields)
    if "orderBy" in field.args:
        order_type = cast("GraphQLInputObjectType", named_type(field.args["orderBy"].type))
        fields = cast("GraphQLEnumType", named_type(order_type.fields["field"].type))
        offered["orders"] = fields.name, set(fields.values)
    return offered
