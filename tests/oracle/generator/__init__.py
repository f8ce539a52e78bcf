"""Queries out of the schema and a seed: valid ones that meet every corner of a selection, and some that cannot be meant."""

from random import Random

from graphql import GraphQLSchema

from tests.oracle.generator.faults import FAULTS
from tests.oracle.generator.limits import LIST_SIZES
from tests.oracle.generator.material import Material, Query
from tests.oracle.generator.selections import Selections

__all__ = ["FAULTS", "LIST_SIZES", "Material", "Query", "query"]


def query(schema: GraphQLSchema, random: Random, material: Material, fault: str | None = None) -> Query:
    """A query for a viewer; with a fault, where there is a place for it."""
    return Selections(schema, random, material, fault).query()
