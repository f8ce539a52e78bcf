"""What a source assumes: in every list and count, unless the client says something to it, and in no look-up by a key."""

from dataclasses import replace
from typing import Any

import pytest

from portal_api.database import Database
from portal_api.domain.roles import Role
from portal_api.models import learners
from portal_api.planner.declare import (
    Catalogue,
    Column,
    Connection,
    Key,
    RootConnection,
    RootIds,
    RootNode,
    RootRecord,
    Source,
)
from portal_api.planner.filters import Flag
from portal_api.planner.join import JoinError
from portal_api.queries import scope
from tests.factories import Organisation
from tests.planner.small import SmallPortal

SDL = """
type Query {
  learners(first: Int, filter: LearnerFilter): LearnerConnection!
  learnerIds(filter: LearnerFilter, limit: Int! = 10): LearnerIds
  learner(id: ID, externalRef: String): Learner
  node(id: ID!): Node
}
interface Node { id: ID! }
type Learner implements Node {
  id: ID!
  externalRef: String!
  reports(first: Int, filter: LearnerFilter): LearnerConnection!
}
type LearnerConnection { nodes: [Learner!]! totalCount: Int! }
type LearnerIds { ids: [ID!]! totalCount: Int! }
input LearnerFilter { hasAppAccess: BooleanComparison }
input BooleanComparison { eq: Boolean }
"""
LEARNER = Source(
    type="Learner",
    prefix="lrn",
    table=learners,
    scope=scope.LEARNERS,
    fields={
        "id": Key(),
        "externalRef": Column(learners.c.external_ref),
        "reports": Connection("Learner", learners.c.manager_id),
    },
    filters={"hasAppAccess": Flag(learners.c.has_app_access)},
    assumed={"hasAppAccess": {"eq": False}},
    narrowed={Role.INTEGRATION: frozenset({"id", "externalRef"})},
)
ROOTS = {
    "Query.learners": RootConnection("Learner"),
    "Query.learnerIds": RootIds("Learner"),
    "Query.learner": RootRecord("Learner", {"externalRef": learners.c.external_ref}),
    "Query.node": RootNode(),
}


@pytest.fixture
async def portal(database: Database, organisation: Organisation) -> SmallPortal:
    """One learner without app access and one with it, both below a manager who has it, as all others have."""
    manager = organisation.learner(external_ref="top")
    organisation.learner(reports_to=manager, external_ref="with")
    organisation.learner(reports_to=manager, external_ref="without", has_app_access=False)
    return SmallPortal(database, organisation, SDL, Catalogue({"Learner": LEARNER}, {}, ROOTS))


def refs(connection: Any) -> list[str]:
    found = [node["externalRef"] for node in connection["nodes"]]
    assert connection["totalCount"] == len(found)
    return found


LIST = "{ totalCount nodes { externalRef } }"
ALL_WITH = {"top", "with", "MANAGER", "LEARNER"}


@pytest.mark.parametrize("given", ["", "(filter: null)", "(filter: {})", "(filter: {hasAppAccess: null})"])
async def test_a_list_is_of_what_is_assumed(portal: SmallPortal, given: str) -> None:
    assert refs(await portal.ask(f"{{ learners{given} {LIST} }}")) == ["without"]


@pytest.mark.parametrize("nothing", ["{}", "{eq: null}"])
async def test_a_filter_that_compares_with_nothing_says_nothing(portal: SmallPortal, nothing: str) -> None:
    assert refs(await portal.ask(f"{{ learners(filter: {{hasAppAccess: {nothing}}}) {LIST} }}")) == ["without"]


async def test_a_client_who_says_something_gets_that(portal: SmallPortal) -> None:
    others = await portal.ask(f"{{ learners(filter: {{hasAppAccess: {{eq: true}}}}) {LIST} }}")
    ids = await portal.ask("{ learnerIds(filter: {hasAppAccess: {eq: true}}) { totalCount } }")

    assert set(refs(others)) == ALL_WITH
    assert ids == {"totalCount": 4}


async def test_lists_below_records_and_identifiers_are_of_what_is_assumed_too(portal: SmallPortal) -> None:
    top = await portal.ask(f'{{ learner(externalRef: "top") {{ reports {LIST} }} }}')
    ids = await portal.ask("{ learnerIds { ids totalCount } }")

    assert refs(top["reports"]) == ["without"]
    assert (len(ids["ids"]), ids["totalCount"]) == (1, 1)


async def test_a_record_is_found_by_its_key_whatever_is_assumed(portal: SmallPortal) -> None:
    found = await portal.ask('{ learner(externalRef: "with") { id } }')

    assert await portal.ask(f'{{ learner(id: "{found["id"]}") {{ externalRef }} }}') == {"externalRef": "with"}
    assert await portal.ask(f'{{ node(id: "{found["id"]}") {{ id }} }}') == found


async def test_what_is_assumed_asks_for_no_right_to_read_it(portal: SmallPortal) -> None:
    assert refs(await portal.ask(f"{{ learners {LIST} }}", role=Role.INTEGRATION)) == ["without"]


async def test_what_is_assumed_is_a_filter(portal: SmallPortal) -> None:
    wrong = replace(LEARNER, assumed={"isArchived": {"eq": False}})

    with pytest.raises(JoinError, match="Learner assumes isArchived, which is no filter"):
        SmallPortal(portal.database, portal.organisation, SDL, Catalogue({"Learner": wrong}, {}, ROOTS))
