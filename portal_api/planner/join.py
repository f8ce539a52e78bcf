"""Joining declarations and schema: the portal does not start while one says what the other does not."""

from typing import cast

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
)

from portal_api.planner import declare
from portal_api.planner.collect import named_type
from portal_api.planner.declare import Catalogue, Source


class JoinError(Exception):
    """Schema and declarations do not fit each other."""


def join(schema: GraphQLSchema, catalogue: Catalogue) -> None:
    """Compares every declaration with the schema.

    Raises:
        JoinError: naming each field without a declaration, declaration without a field, nullable column under a
            non-null field, filter or order that only one side knows, and root that nobody answers.
    """
    faults = [fault for source in catalogue.sources.values() for fault in _source_faults(schema, source)]
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
            faults += _list_faults(schema, catalogue.sources[root.type], own, field_name)
    faults += [f"{name} is declared, but not in the schema" for name in catalogue.values if name not in schema.type_map]
    faults += [f"{name} has no source" for name in _record_types(schema) if name not in catalogue.sources]
    if faults:
        raise JoinError("\n".join(faults))


def _record_types(schema: GraphQLSchema) -> list[str]:
    node = schema.type_map["Node"]
    return [each.name for each in schema.get_possible_types(cast("GraphQLInterfaceType", node))]


def _source_faults(schema: GraphQLSchema, source: Source) -> list[str]:
    own = schema.type_map.get(source.type)
    if not isinstance(own, GraphQLObjectType):
        return [f"{source.type} is declared, but not in the schema"]
    faults = [f"{source.type}.{name} is not declared" for name in own.fields if name not in source.fields]
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
        if (
            isinstance(declared, declare.Connection)
            and named_type(own.fields[name].type).name != f"{declared.type}Connection"
        ):
            faults.append(f"{source.type}.{name} is declared as a list of {declared.type}")
    return faults


def _list_faults(schema: GraphQLSchema, source: Source, own: GraphQLObjectType, name: str) -> list[str]:
    faults: list[str] = []
    arguments = own.fields[name].args
    if "filter" in arguments:
        filter_type = cast("GraphQLInputObjectType", named_type(arguments["filter"].type))
        if set(filter_type.fields) != set(source.filters):
            faults.append(
                f"{filter_type.name} and the filters of {source.type} differ: {set(filter_type.fields) ^ set(source.filters)}"
            )
    if "orderBy" in arguments:
        order_type = cast("GraphQLInputObjectType", named_type(arguments["orderBy"].type))
        fields = cast("GraphQLEnumType", named_type(order_type.fields["field"].type))
        if set(fields.values) != set(source.orders):
            faults.append(
                f"{fields.name} and the orders of {source.type} differ: {set(fields.values) ^ set(source.orders)}"
            )
    return faults
