"""What the API says: types, inputs, payloads and their descriptions, put together."""

from graphql import GraphQLSchema, print_schema
from strawberry import Schema
from strawberry.schema.config import StrawberryConfig
from strawberry.types import get_object_definition

from portal_api.planner.execution import PlannedExecutor
from portal_api.schema.errors import ERROR_TYPES
from portal_api.schema.mutation import Mutation
from portal_api.schema.query import Query
from portal_api.schema.scalars import SCALARS

SCHEMA = Schema(
    query=Query,
    mutation=Mutation,
    types=ERROR_TYPES,
    config=StrawberryConfig(scalar_map=SCALARS),
    execution_context_class=PlannedExecutor,
)


def executable_schema() -> GraphQLSchema:
    """The schema that graphql-core executes."""
    return SCHEMA._schema  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  Strawberry offers no other way to it


def guarded_roots() -> frozenset[str]:
    """The root fields of queries that some roles are refused."""
    fields = get_object_definition(Query, strict=True).fields
    named = SCHEMA.config.name_converter.from_field
    return frozenset(named(field) for field in fields if field.permission_classes)


def printed_schema() -> str:
    """The schema as it is kept in schema.graphql."""
    return f"{print_schema(executable_schema())}\n"
