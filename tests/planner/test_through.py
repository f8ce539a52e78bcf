"""Lists of records that many parents share: through the table between the two."""

from typing import Any

import pytest

from portal_api.database import Database
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.roles import Role
from portal_api.models import learners, reporting_lines, series, series_enrolments
from portal_api.planner.declare import (
    Catalogue,
    Column,
    Connection,
    Key,
    RootConnection,
    RootNode,
    Source,
    Through,
    ToOne,
)
from portal_api.planner.filters import Comparison
from portal_api.queries import scope
from portal_api.queries.learners import ReportsTo
from tests.factories import Organisation, Record
from tests.planner.small import SmallPortal

SDL = """
interface Node { id: ID! }
type Query {
  node(id: ID!): Node
  learners(first: Int, filter: LearnerFilter, orderBy: [LearnerOrder!]): LearnerConnection
  library: SeriesConnection
}
type Learner implements Node {
  id: ID!
  givenName: String!
  manager: Learner
  below(
    first: Int, after: String, last: Int, before: String, filter: LearnerFilter, orderBy: [LearnerOrder!]
  ): LearnerConnection!
  above(first: Int): LearnerConnection!
  series(first: Int, after: String, last: Int, before: String): SeriesConnection!
}
type Series implements Node { id: ID! title: String! learners(first: Int): LearnerConnection! }
type LearnerConnection { nodes: [Learner!]! edges: [LearnerEdge!]! pageInfo: PageInfo! totalCount: Int! }
type LearnerEdge { node: Learner! cursor: String! }
type SeriesConnection { nodes: [Series!]! pageInfo: PageInfo! totalCount: Int! }
type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
input LearnerFilter { id: IdComparison givenName: TextComparison status: TextComparison reportsTo: ReportsTo }
input IdComparison { eq: ID in: [ID!] }
input TextComparison { eq: String in: [String!] }
input ReportsTo { manager: ID! depth: Int }
input LearnerOrder { field: LearnerOrderField! direction: Direction! = ASC }
enum LearnerOrderField { GIVEN_NAME }
enum Direction { ASC DESC }
"""
_enrolled = Through(series_enrolments, series_enrolments.c.learner_id)
LEARNER = Source(
    type="Learner",
    prefix="lrn",
    table=learners,
    scope=scope.LEARNERS,
    fields={
        "id": Key(),
        "givenName": Column(learners.c.given_name),
        "manager": ToOne("Learner", learners.c.manager_id),
        "below": Connection(
            "Learner", reporting_lines.c.manager_id, Through(reporting_lines, reporting_lines.c.learner_id)
        ),
        "above": Connection(
            "Learner", reporting_lines.c.learner_id, Through(reporting_lines, reporting_lines.c.manager_id)
        ),
        "series": Connection(
            "Series", series_enrolments.c.learner_id, Through(series_enrolments, series_enrolments.c.series_id)
        ),
    },
    filters={
        "id": Comparison(learners.c.id, "lrn"),
        "givenName": Comparison(learners.c.given_name),
        "status": Comparison(learners.c.status),
        "reportsTo": ReportsTo(learners.c.id),
    },
    orders={"GIVEN_NAME": learners.c.given_name_key},
    default_order=(("GIVEN_NAME", False),),
)
SERIES = Source(
    type="Series",
    prefix="ser",
    table=series,
    scope=scope.SERIES,
    fields={
        "id": Key(),
        "title": Column(series.c.title),
        "learners": Connection("Learner", series_enrolments.c.series_id, _enrolled),
    },
)
CATALOGUE = Catalogue(
    {"Learner": LEARNER, "Series": SERIES},
    {},
    {
        "Query.node": RootNode(),
        "Query.learners": RootConnection("Learner"),
        "Query.library": RootConnection("Series"),
    },
)


@pytest.fixture
def small(database: Database, organisation: Organisation) -> SmallPortal:
    """A portal in which learners list everybody below and above them, and learners and series one another."""
    return SmallPortal(database, organisation, SDL, CATALOGUE)


@pytest.fixture
def line(organisation: Organisation) -> list[Record]:
    """Ann over Bob, Bob over Cid and Dan; Dan is inactive; Ann reports to the organisation's manager."""
    ann = organisation.learner(given_name="Ann", reports_to=organisation.own[Role.MANAGER])
    bob = organisation.learner(given_name="Bob", reports_to=ann)
    cid = organisation.learner(given_name="Cid", reports_to=bob)
    dan = organisation.learner(given_name="Dan", reports_to=bob, is_active=False)
    return [ann, bob, cid, dan]


def names(answer: Any, field: str = "below") -> dict[str, list[str]]:
    """Whom each learner of an answer lists."""
    return {each["givenName"]: [one["givenName"] for one in each[field]["nodes"]] for each in answer["nodes"]}


async def test_every_parent_lists_its_own_children(small: SmallPortal, line: list[Record]) -> None:
    document = "{ learners { nodes { givenName below { nodes { givenName } totalCount } above { nodes { givenName } totalCount } } } }"

    answer = await small.ask(document)

    below = {
        "Mana": ["Ann", "Bob", "Cid", "Dan", "Lea"],
        "Lea": [],
        "Ann": ["Bob", "Cid", "Dan"],
        "Bob": ["Cid", "Dan"],
        "Cid": [],
        "Dan": [],
    }
    assert names(answer) == below
    above = names(answer, "above")
    assert {name: sorted(each) for name, each in above.items()} == {
        name: sorted(manager for manager, own in below.items() if name in own) for name in below
    }
    for each in answer["nodes"]:
        assert each["below"]["totalCount"] == len(below[each["givenName"]])
        assert each["above"]["totalCount"] == len(above[each["givenName"]])


async def test_a_child_is_listed_only_where_the_viewer_sees_it(
    small: SmallPortal, organisation: Organisation, line: list[Record]
) -> None:
    """The scope of a manager looks at the reporting lines too: for the viewer's, not for the parent's."""
    bob = line[1]
    hidden = organisation.series(is_active=False)
    shown = organisation.series()
    for each in (hidden, shown):
        organisation.enrolment(bob, each)
    document = "{ learners { nodes { givenName below { nodes { givenName } totalCount } above { nodes { givenName } totalCount } } } }"
    of_learner = "{ learners { nodes { givenName above { nodes { givenName } totalCount } below { totalCount } } } }"

    as_manager = await small.ask(document, role=Role.MANAGER)
    as_learner = await small.ask(of_learner, role=Role.LEARNER)
    titles = await small.ask(
        "{ learners { nodes { givenName series { nodes { title } totalCount } } } }", role=Role.MANAGER
    )

    assert names(as_manager)["Ann"] == ["Bob", "Cid", "Dan"]
    assert names(as_manager, "above")["Bob"] == ["Ann", "Mana"]
    assert as_learner == {
        "nodes": [{"givenName": "Lea", "above": {"nodes": [], "totalCount": 0}, "below": {"totalCount": 0}}]
    }
    [own] = [each["series"] for each in titles["nodes"] if each["givenName"] == "Bob"]
    assert own == {"nodes": [{"title": shown["title"]}], "totalCount": 1}


async def test_a_twin_organisation_with_the_same_records_changes_nothing(
    small: SmallPortal, organisation: Organisation, line: list[Record]
) -> None:
    await organisation.save()
    await organisation.twin().save()

    answer = await small.ask("{ learners { nodes { givenName below { nodes { givenName } totalCount } } } }")

    assert len(answer["nodes"]) == 6
    assert names(answer)["Ann"] == ["Bob", "Cid", "Dan"]


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ('filter: {givenName: {in: ["Bob", "Dan"]}}', ["Bob", "Dan"]),
        (f'filter: {{status: {{eq: "{LearnerStatus.INACTIVE}"}}}}', ["Dan"]),
        ("orderBy: {field: GIVEN_NAME, direction: DESC}", ["Dan", "Cid", "Bob"]),
        ("first: 2, orderBy: {field: GIVEN_NAME}", ["Bob", "Cid"]),
        ("last: 2, orderBy: {field: GIVEN_NAME}", ["Cid", "Dan"]),
        ("last: 1", ["Dan"]),
    ],
)
async def test_the_list_is_filtered_sorted_and_cut_like_any_other(
    arguments: str, found: list[str], small: SmallPortal, line: list[Record]
) -> None:
    document = (
        f'{{ learners(filter: {{givenName: {{eq: "Ann"}}}}) {{ nodes {{ givenName below({arguments}) '
        "{ nodes { givenName } } } } }"
    )

    assert names(await small.ask(document)) == {"Ann": found}


async def test_a_filter_on_the_table_between_looks_at_a_row_of_its_own(small: SmallPortal, line: list[Record]) -> None:
    bob = line[1]
    document = (
        "query ($manager: ID!) { learners { nodes { givenName "
        "below(filter: {reportsTo: {manager: $manager, depth: 1}}) { nodes { givenName } totalCount } } } }"
    )

    answer = await small.ask(document, variables={"manager": bob.gid})

    assert {name: own for name, own in names(answer).items() if own} == {
        name: ["Cid", "Dan"] for name in ("Mana", "Ann", "Bob")
    }


async def test_pages_follow_one_another_below_every_parent(small: SmallPortal, line: list[Record]) -> None:
    document = (
        'query ($after: String) { learners(filter: {givenName: {eq: "Ann"}}) { nodes { below(first: 1, after: $after, '
        "orderBy: {field: GIVEN_NAME}) { edges { node { givenName } cursor } pageInfo { hasNextPage endCursor } totalCount } } } }"
    )
    found: list[str] = []
    after: str | None = None
    for _ in range(3):
        answer = await small.ask(document, variables={"after": after})
        page = answer["nodes"][0]["below"]
        [edge] = page["edges"]
        found.append(edge["node"]["givenName"])
        after = page["pageInfo"]["endCursor"]
        assert after == edge["cursor"]
        assert page["totalCount"] == 3
        assert page["pageInfo"]["hasNextPage"] is (len(found) < 3)

    assert found == ["Bob", "Cid", "Dan"]


async def test_a_list_leads_on_through_the_same_table(small: SmallPortal, line: list[Record]) -> None:
    document = (
        '{ learners(filter: {givenName: {eq: "Ann"}}) { nodes { below(first: 1) { nodes { givenName manager { givenName } '
        "below { nodes { givenName above { totalCount } } } } } } } }"
    )

    [bob] = (await small.ask(document))["nodes"][0]["below"]["nodes"]

    assert bob["manager"] == {"givenName": "Ann"}
    assert [(each["givenName"], each["above"]["totalCount"]) for each in bob["below"]["nodes"]] == [
        ("Cid", 3),
        ("Dan", 3),
    ]


async def test_sharing_goes_both_ways(small: SmallPortal, organisation: Organisation, line: list[Record]) -> None:
    first, second = organisation.series(), organisation.series()
    for learner, own in ((line[0], first), (line[1], first), (line[1], second)):
        organisation.enrolment(learner, own)

    answer = await small.ask("{ library { nodes { title learners { nodes { givenName series { totalCount } } } } } }")

    assert {
        each["title"]: [(one["givenName"], one["series"]["totalCount"]) for one in each["learners"]["nodes"]]
        for each in answer["nodes"]
    } == {first["title"]: [("Ann", 1), ("Bob", 2)], second["title"]: [("Bob", 2)]}


async def test_a_list_costs_one_statement_for_all_parents_and_begins_at_the_pairs(
    small: SmallPortal, database: Database, line: list[Record]
) -> None:
    document = "{ learners { nodes { below { nodes { givenName } totalCount } } } }"
    await small.ask(document)
    database.tally.texts.clear()
    database.tally.keeps_texts = True
    try:
        await small.ask(document)
    finally:
        database.tally.keeps_texts = False

    assert len(database.tally.texts) == 3
    if database.is_sqlite:
        for text in database.tally.texts[1:]:
            assert "reporting_lines AS reporting_lines_1 CROSS JOIN learners" in text
