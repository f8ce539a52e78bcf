"""The portal does not start while schema and declarations do not fit: each way not to fit is found and named."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema

from portal_api.models import learners
from portal_api.planner.declare import (
    Catalogue,
    Column,
    Connection,
    Key,
    RootConnection,
    RootNode,
    RootValue,
    Source,
    ToOne,
    ValueType,
)
from portal_api.planner.filters import Comparison
from portal_api.planner.join import JoinError, join
from portal_api.queries import scope
from portal_api.queries.catalogue import CATALOGUE
from portal_api.schema import executable_schema

SDL = """
type Query { node(id: ID!): Node learners(first: Int, filter: LearnerFilter, orderBy: [LearnerOrder!]): LearnerConnection }
interface Node { id: ID! }
type Learner implements Node { id: ID! givenName: String! note: String manager: Learner reports: LearnerConnection! }
type LearnerConnection { nodes: [Learner!]! }
input LearnerFilter { givenName: TextComparison }
input TextComparison { eq: String }
input LearnerOrder { field: LearnerOrderField! }
enum LearnerOrderField { GIVEN_NAME }
"""
FIELDS = {
    "id": Key(),
    "givenName": Column(learners.c.given_name),
    "note": Column(learners.c.deactivation_note),
    "manager": ToOne("Learner", learners.c.manager_id),
    "reports": Connection("Learner", learners.c.manager_id),
}
LEARNER = Source(
    type="Learner",
    prefix="lrn",
    table=learners,
    scope=scope.LEARNERS,
    fields=FIELDS,
    filters={"givenName": Comparison(learners.c.given_name)},
    orders={"GIVEN_NAME": learners.c.given_name_key},
)
ROOTS = {"Query.node": RootNode(), "Query.learners": RootConnection("Learner")}
FITTING = Catalogue({"Learner": LEARNER}, {}, ROOTS)


def schema(*changes: tuple[str, str]) -> GraphQLSchema:
    sdl = SDL
    for old, new in changes:
        assert old in sdl
        sdl = sdl.replace(old, new, 1)
    return build_schema(sdl)


def learner(**changes: Any) -> Catalogue:
    """The fitting catalogue with another declaration of learners."""
    return replace(FITTING, sources={"Learner": replace(LEARNER, **changes)})


def without(mapping: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {each: value for each, value in mapping.items() if each != name}


def test_the_portals_own_declarations_fit_its_schema() -> None:
    join(executable_schema(), CATALOGUE)


def test_a_schema_and_declarations_that_fit_are_joined() -> None:
    join(schema(), FITTING)


@pytest.mark.parametrize(
    ("own", "catalogue", "fault"),
    [
        (schema(), learner(fields=without(FIELDS, "note")), "Learner.note is not declared"),
        (schema(), learner(fields={**FIELDS, "age": FIELDS["note"]}), "Learner.age is declared, but not in the schema"),
        (
            schema(),
            learner(fields={**FIELDS, "givenName": FIELDS["note"]}),
            "Learner.givenName is never null in the schema, but can be in the database",
        ),
        (
            schema(),
            learner(fields={**FIELDS, "givenName": Column(learners.c.given_name, is_nullable=True)}),
            "Learner.givenName is never null in the schema, but can be in the database",
        ),
        (
            schema(("manager: Learner ", "manager: Learner! ")),
            FITTING,
            "Learner.manager is never null in the schema, but can be in the database",
        ),
        (
            schema(),
            learner(fields={**FIELDS, "reports": Connection("Series", learners.c.manager_id)}),
            "Learner.reports is declared as a list of Series",
        ),
        (
            schema(),
            learner(filters={}),
            "Query.learners: LearnerFilter and the filters of Learner differ: {'givenName'}",
        ),
        (
            schema(("{ givenName: TextComparison }", "{ givenName: TextComparison age: TextComparison }")),
            FITTING,
            "Query.learners: LearnerFilter and the filters of Learner differ: {'age'}",
        ),
        (
            schema(),
            learner(orders={}),
            "Query.learners: LearnerOrderField and the orders of Learner differ: {'GIVEN_NAME'}",
        ),
        (
            schema(("{ GIVEN_NAME }", "{ GIVEN_NAME AGE }")),
            FITTING,
            "Query.learners: LearnerOrderField and the orders of Learner differ: {'AGE'}",
        ),
        (schema(), replace(FITTING, roots=without(ROOTS, "Query.node")), "Query.node is not declared"),
        (
            schema(),
            replace(FITTING, roots={**ROOTS, "Query.viewer": RootValue()}),
            "Query.viewer is declared, but not in the schema",
        ),
        (
            schema(),
            replace(FITTING, roots={**ROOTS, "Mutation.withdraw": RootValue()}),
            "Mutation.withdraw is declared, but not in the schema",
        ),
        (
            build_schema(SDL + "type Mutation { withdraw: Boolean }"),
            FITTING,
            "Mutation.withdraw is not declared",
        ),
        (build_schema(SDL + "type Series implements Node { id: ID! }"), FITTING, "Series has no source"),
        (
            schema(),
            replace(FITTING, sources={"Learner": LEARNER, "Series": replace(LEARNER, type="Series")}),
            "Series is declared, but not in the schema",
        ),
        (
            schema(),
            replace(FITTING, values={"Viewer": ValueType("Viewer", {})}),
            "Viewer is declared, but not in the schema",
        ),
    ],
)
def test_a_schema_and_declarations_that_do_not_fit_are_not_joined(
    own: GraphQLSchema, catalogue: Catalogue, fault: str
) -> None:
    with pytest.raises(JoinError) as refused:
        join(own, catalogue)

    assert str(refused.value).splitlines() == [fault]


def test_every_fault_is_named_at_once() -> None:
    catalogue = replace(learner(fields=without(FIELDS, "note"), filters={}), roots=without(ROOTS, "Query.node"))

    with pytest.raises(JoinError) as refused:
        join(schema(), catalogue)

    assert len(str(refused.value).splitlines()) == 3
