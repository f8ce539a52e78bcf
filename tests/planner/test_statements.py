"""A document costs the same number of statements for one learner, for ten and for fifty: one for each level of it."""

from typing import Any

import pytest
from starlette.applications import Starlette

from portal_api.database import Database
from portal_api.domain.roles import Role
from tests.client import Client, Json, portal_of
from tests.conftest import SignIn
from tests.factories import Organisation

PAGE = "edges { cursor node { id } } pageInfo { hasNextPage endCursor } totalCount"
STATEMENTS = {
    "{ learners(first: 100) { nodes { id familyName actions { action available reasons { code } } } } }": (1, 1),
    f"{{ learners(first: 100) {{ {PAGE} }} }}": (2, 2),
    "{ learners(first: 100) { nodes { manager { id } } } }": (1, 2),
    "{ learners(first: 100) { nodes { manager { id } above: manager { email } } } }": (1, 3),
    "{ learners(first: 100) { nodes { seriesEnrolments { nodes { status series { title } } } } } }": (1, 3),
    f"{{ learners(first: 100) {{ nodes {{ seriesEnrolments {{ {PAGE} }} }} }} }}": (1, 3),
    """{ learners(first: 100) { nodes {
        a: seriesEnrolments(filter: {status: {in: [IN_PROGRESS]}}) { totalCount }
        b: seriesEnrolments(orderBy: {field: ENDS_AT}, last: 2) { nodes { id actions { available } } }
    } } }""": (1, 3),
    "{ learners(first: 100) { nodes { reports(first: 10) { nodes { reports(first: 10) { nodes { id } } } } } } }": (
        1,
        3,
    ),
    """{ seriesEnrolments(first: 100, filter: {search: "given"}) { nodes {
        learner { familyName manager { familyName } } series { title } history { nodes { action } }
    } } }""": (1, 5),
    "{ seriesLibrary { nodes { enrolments(first: 100) { nodes { learner { id } } } } } }": (1, 3),
    "{ seriesEnrolmentIds { ids totalCount } }": (2, 2),
    "{ a: learners(first: 100) { nodes { id } } b: seriesEnrolments(first: 100) { nodes { id } } }": (2, 2),
    "{ viewer { role user { name } organisation { name } } }": (2, 2),
    "{ stateMachine(kind: LEARNER) { rules { action } } }": (0, 0),
}
"""By plans alone, where the database can write the whole; and as an executor asks, level by level."""


async def cost(database: Database, client: Client, document: str, variables: Json | None = None) -> int:
    """How many statements a document takes, once it is known who asks."""
    await client.query(document, variables)
    before = database.tally.statements
    await client.query(document, variables)
    return database.tally.statements - before


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MANAGER])
async def test_a_document_costs_as_many_statements_for_fifty_learners_as_for_one(
    role: Role, database: Database, organisation: Organisation, sign_in: SignIn, executing: SignIn
) -> None:
    series, other = organisation.series(), organisation.series()
    for number in (1, 9, 40):
        for _ in range(number):
            learner = organisation.learner(reports_to=organisation.own[Role.MANAGER])
            report = organisation.learner(reports_to=learner)
            for each in (learner, report):
                organisation.enrolment(each, series)
            organisation.enrolment(report, other)

        costs = {
            document: (await cost(database, sign_in(role), document), await cost(database, executing(role), document))
            for document in STATEMENTS
        }

        assert costs == STATEMENTS


async def test_records_by_their_identifiers_cost_one_statement_for_each_type(
    database: Database, organisation: Organisation, sign_in: SignIn
) -> None:
    series = organisation.series()
    learners = [organisation.learner() for _ in range(50)]
    enrolments = [organisation.enrolment(learner, series) for learner in learners]
    document = "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on SeriesEnrolment { learner { id } } } }"

    costs = [
        await cost(
            database,
            sign_in(Role.ADMIN),
            document,
            {"ids": [each.gid for each in (*learners[:number], *enrolments[:number])]},
        )
        for number in (1, 10, 50)
    ]

    assert costs == [3, 3, 3]


async def test_documents_that_read_the_same_share_its_statements(
    organisation: Organisation, sign_in: SignIn, app: Starlette
) -> None:
    """Under other names and with other arguments: nothing is compiled for a document that reads nothing new."""
    shelf, admin = portal_of(app).planner.shelf, sign_in(Role.ADMIN)

    def known() -> dict[Any, set[Any]]:
        return {key: {*each.known, *each.fragments} for key, (each, _) in shelf.known.items()}

    first = "{ learners(first: 2) { nodes { id email manager { id } reports(first: 2) { nodes { id } } } } }"
    other = (
        "{ a: learners(first: 3) { nodes { b: id c: email d: manager { id } e: reports(first: 1) { nodes { id } } } } }"
    )
    more = "{ learners(first: 2) { nodes { id email externalRef manager { id } } } }"

    await admin.query(first)
    before = known()
    await admin.query(other)
    assert known() == before
    await admin.query(more)
    assert known() != before
