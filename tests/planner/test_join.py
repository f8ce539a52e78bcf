"""The portal does not start while schema and declarations do not fit: each way not to fit is found and named."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema

from portal_api.models import learners, reporting_lines
from portal_api.planner.declare import (
    Catalogue,
    Column,
    Connection,
    Derived,
    Facet,
    Key,
    Linked,
    Listed,
    RootConnection,
    RootNode,
    RootValue,
    Source,
    Through,
    ToOne,
    Total,
    ValueField,
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


VALUE_SDL = """
type Report {
  learner: Learner
  learners(first: Int, filter: LearnerFilter, orderBy: [LearnerOrder!]): LearnerConnection!
  number: Int!
  byName(first: Int): [NameCount!]!
  byManager: [ManagerCount!]!
}
type NameCount { name: String! count: Int! }
type ManagerCount { manager: Learner count: Int! }
"""
VALUE_FIELDS: dict[str, ValueField] = {
    "learner": Linked("Learner", "learner_id"),
    "learners": Listed("Learner", dict),
    "number": Total("Learner", dict),
    "byName": Facet("Learner", {"name": Column(learners.c.given_name)}, dict, limit=20),
    "byManager": Facet("Learner", {"manager": ToOne("Learner", learners.c.manager_id)}, dict, limit=20),
}


def report(**changes: ValueField) -> Catalogue:
    """The fitting catalogue with a value beside it, some of whose fields are declared otherwise."""
    return replace(FITTING, values={"Report": ValueType("Report", {**VALUE_FIELDS, **changes})})


def value_schema(*changes: tuple[str, str]) -> GraphQLSchema:
    """The schema with a value in it."""
    sdl = SDL + VALUE_SDL
    for old, new in changes:
        assert old in sdl
        sdl = sdl.replace(old, new, 1)
    return build_schema(sdl)


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


def test_values_that_fit_are_joined() -> None:
    join(value_schema(), report())
    join(
        value_schema(
            ("filter: LearnerFilter, orderBy: [LearnerOrder!]): LearnerConnection!\n", "): LearnerConnection!\n")
        ),
        report(),
    )


@pytest.mark.parametrize(
    ("own", "catalogue", "fault"),
    [
        (value_schema(), report(age=Total("Learner", dict)), "Report.age is declared, but not in the schema"),
        (
            value_schema(),
            report(learner=Linked("Pupil", "id")),
            "Report.learner is declared of Pupil, which has no source",
        ),
        (
            value_schema(),
            report(learners=Listed("Pupil", dict)),
            "Report.learners is declared of Pupil, which has no source",
        ),
        (
            value_schema(("LearnerConnection!\n  number", "[Learner!]!\n  number")),
            report(),
            "Report.learners is declared as a list of Learner",
        ),
        (
            value_schema(
                (
                    "filter: LearnerFilter, orderBy: [LearnerOrder!]): LearnerConnection!\n",
                    "filter: Odd): LearnerConnection!\n",
                ),
                ("type Report", "input Odd { givenName: ID age: ID } type Report"),
            ),
            report(),
            "Report.learners: Odd and the filters of Learner differ: {'age'}",
        ),
        (
            value_schema(("number: Int!", "number: String!")),
            report(),
            "Report.number is a total: an Int without arguments",
        ),
        (
            value_schema(("number: Int!", "number: [Int!]!")),
            report(),
            "Report.number is a total: an Int without arguments",
        ),
        (
            value_schema(("number:", "number(filter: LearnerFilter):")),
            report(),
            "Report.number is a total: an Int without arguments",
        ),
        (
            value_schema(("[NameCount!]!", "NameCount!")),
            report(),
            "Report.byName is a facet: a list of objects, by one group",
        ),
        (
            value_schema(("[NameCount!]!", "[Int!]!")),
            report(),
            "Report.byName is a facet: a list of objects, by one group",
        ),
        (
            value_schema(),
            report(byName=Facet("Learner", {}, dict, limit=20)),
            "Report.byName is a facet: a list of objects, by one group",
        ),
        (
            value_schema(("{ name: String!", "{ name: String! age: Int")),
            report(),
            "Report.byName is a facet: NameCount has the fields 'name' and 'count'",
        ),
        (
            value_schema(),
            report(byName=Facet("Learner", {"title": Column(learners.c.given_name)}, dict, limit=20)),
            "Report.byName is a facet: NameCount has the fields 'title' and 'count'",
        ),
        (value_schema(("count: Int!", "count: String!")), report(), "NameCount.count is a count: an Int"),
        (
            value_schema(("manager: Learner count", "manager: Learner! count")),
            report(),
            "ManagerCount.manager does not fit what Report.byManager is grouped by",
        ),
        (
            value_schema(("{ name: String!", "{ name: Learner")),
            report(),
            "NameCount.name does not fit what Report.byName is grouped by",
        ),
        (
            value_schema(("byName(first: Int)", "byName(first: Int, after: String)")),
            report(),
            "Report.byName is a facet: it takes no argument but 'first'",
        ),
        (
            value_schema(("note: String", "note: Report")),
            replace(
                FITTING,
                sources={"Learner": replace(LEARNER, fields={**FIELDS, "note": Derived((), str)})},
                values={"Report": ValueType("Report", {"number": VALUE_FIELDS["number"]})},
            ),
            "Learner.note is derived, but Report.number below it is read anew",
        ),
    ],
)
def test_values_that_do_not_fit_are_not_joined(own: GraphQLSchema, catalogue: Catalogue, fault: str) -> None:
    with pytest.raises(JoinError) as refused:
        join(own, catalogue)

    assert str(refused.value).splitlines() == [fault]


ODD = """
input Less { givenName: ID }
input More { givenName: ID age: ID }
input MoreOrder { field: MoreOrderField! }
enum MoreOrderField { GIVEN_NAME AGE }
type Learner"""


def below(arguments: str) -> GraphQLSchema:
    """The schema with arguments to the list below a learner."""
    return schema(("type Learner", ODD), ("reports: ", f"reports({arguments}): "))


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ("filter: More", "More and the filters of Learner differ: {'age'}"),
        ("orderBy: [MoreOrder!]", "MoreOrderField and the orders of Learner differ: {'AGE'}"),
    ],
)
def test_a_list_below_a_record_offers_nothing_that_its_source_lacks(arguments: str, fault: str) -> None:
    with pytest.raises(JoinError) as refused:
        join(below(arguments), FITTING)

    assert str(refused.value) == f"Learner.reports: {fault}"


def test_a_list_below_a_record_may_offer_less_than_its_source_knows() -> None:
    more = {**LEARNER.filters, "age": LEARNER.filters["givenName"]}
    root = ("{ givenName: TextComparison }", "{ givenName: TextComparison age: TextComparison }")

    join(below("filter: LearnerFilter, orderBy: [LearnerOrder!]"), FITTING)
    join(schema(root, ("type Learner", ODD), ("reports: ", "reports(filter: Less): ")), learner(filters=more))


@pytest.mark.parametrize(
    ("by", "key", "fault"),
    [
        (learners.c.manager_id, reporting_lines.c.learner_id, "learners.manager_id"),
        (reporting_lines.c.manager_id, learners.c.id, "learners.id"),
    ],
)
def test_a_list_through_a_table_reads_columns_of_it(by: Any, key: Any, fault: str) -> None:
    reports = Connection("Learner", by, Through(reporting_lines, key))

    with pytest.raises(JoinError) as refused:
        join(schema(), learner(fields={**FIELDS, "reports": reports}))

    assert str(refused.value) == f"Learner.reports is declared through reporting_lines, but {fault} is no column of it"


def test_every_fault_is_named_at_once() -> None:
    catalogue = replace(learner(fields=without(FIELDS, "note"), filters={}), roots=without(ROOTS, "Query.node"))

    with pytest.raises(JoinError) as refused:
        join(schema(), catalogue)

    assert len(str(refused.value).splitlines()) == 3
