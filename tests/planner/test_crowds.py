"""A manager of many: a page is looked for among all learners first, and gathered where too few are found there."""

from collections.abc import AsyncIterator, Generator, Sequence
from typing import Any

import pytest

from portal_api.app import create_app
from portal_api.auth import Tokens
from portal_api.database import Database
from portal_api.domain.roles import Role
from portal_api.planner import conditions
from portal_api.planner.conditions import select_page
from portal_api.planner.dialects import dialect_of
from portal_api.planner.paging import order_of
from portal_api.planner.selections import Request
from portal_api.queries.learners.read import LEARNER
from portal_api.queries.scope import bound
from portal_api.settings import Settings
from tests.client import Client, http_client
from tests.clock import START, ManualClock, RepeatableIds
from tests.conftest import SignIn, signing_in
from tests.factories import Organisation
from tests.queries.test_plans import Asker

NAMES = ("", "orderBy: [{field: FAMILY_NAME}, {field: GIVEN_NAME}]", "orderBy: [{field: CREATED_AT, direction: DESC}]")


@pytest.fixture
async def fresh(
    settings: Settings,
    database: Database,
    clock: ManualClock,
    new_id: RepeatableIds,
    tokens: Tokens,
    organisation: Organisation,
) -> AsyncIterator[SignIn]:
    """`sign_in` to a portal of the test's own: what makes a crowd is written into statements, and those are kept."""
    async with http_client(create_app(settings, database=database, clock=clock, new_id=new_id)) as http:
        yield signing_in(http, tokens, clock, organisation)


async def _walk(client: Client, order: str, *, backwards: bool) -> list[str]:
    """All pages of two, one after the other."""
    size, cursor, way = ("last", "before", "startCursor") if backwards else ("first", "after", "endCursor")
    asked = f"""query($cursor: String) {{ learners({size}: 2, {cursor}: $cursor, {order}) {{
        nodes {{ id }} pageInfo {{ hasNextPage hasPreviousPage {way} }}
    }} }}"""
    found: list[str] = []
    variables: dict[str, Any] = {"cursor": None}
    while True:
        page = (await client.query(asked, variables))["learners"]
        ids = [each["id"] for each in page["nodes"]]
        found = [*ids, *found] if backwards else [*found, *ids]
        if not page["pageInfo"]["hasPreviousPage" if backwards else "hasNextPage"]:
            return found
        variables = {"cursor": page["pageInfo"][way]}


@pytest.mark.parametrize("order", NAMES)
@pytest.mark.parametrize("looked_through", [0, 5, 100])
@pytest.mark.parametrize("many", [0, 7])
async def test_a_crowd_is_the_same_however_it_is_found(
    database: Database,
    organisation: Organisation,
    fresh: SignIn,
    executing: SignIn,
    monkeypatch: pytest.MonkeyPatch,
    order: str,
    looked_through: int,
    many: int,
) -> None:
    monkeypatch.setattr(conditions, "LOOKED_THROUGH", looked_through)
    monkeypatch.setattr(conditions, "MANY", many)
    for n in range(9):
        under = organisation.own[Role.MANAGER] if n % 3 else None
        organisation.learner(given_name=f"Given {n % 3}", family_name=f"Family {n % 4}", reports_to=under)
    # A filter, even one that leaves all, has the crowd gathered.
    gathered = f"{{ learners(first: 100, filter: {{status: {{in: [ACTIVE]}}}}, {order}) {{ nodes {{ id }} }} }}"
    expected = [each["id"] for each in (await fresh(Role.MANAGER).query(gathered))["learners"]["nodes"]]
    assert len(expected) > 7
    monkeypatch.setattr(database.tally, "keeps_texts", True)
    database.tally.texts.clear()

    for way in (fresh, executing):
        for backwards in (False, True):
            assert await _walk(way(Role.MANAGER), order, backwards=backwards) == expected

    walked = [text for text in database.tally.texts if "AS ahead" in text]
    assert len(walked) >= 4 * len(expected) / 2
    assert all(f"LIMIT {'0 + ' * database.is_sqlite}{looked_through}" in text for text in walked)


@pytest.mark.parametrize("sees_reports", [False, True])
async def test_a_crowd_is_only_for_whoever_may_see_it(
    database: Database, organisation: Organisation, monkeypatch: pytest.MonkeyPatch, sees_reports: bool
) -> None:
    """Even in a statement that was made for somebody else."""
    monkeypatch.setattr(conditions, "MANY", 0)
    leader = organisation.own[Role.LEARNER]
    reports = [organisation.learner(reports_to=leader) for _ in range(3)]
    await organisation.save()
    dialect = dialect_of(database.engine.url.render_as_string())
    order = order_of(LEARNER, None)
    statement = dialect.statement(
        select_page(LEARNER, [LEARNER.key], [], order, dialect, ways=(1, 2), crowd=LEARNER.crowd)
    )
    asker = Asker(organisation.id, organisation.staff[Role.LEARNER].id, Role.LEARNER, leader.id)
    rights = {**bound(asker, START), "sees_reports": sees_reports, "page_size": 3}
    values = statement.values({name: dialect.encode(value) for name, value in rights.items()})

    def asked() -> Generator[Any, Sequence[Any], list[str]]:
        rows = yield Request(statement, values)
        return [f"lrn_{dialect.id_text(row[0])}" for row in rows]

    seen = {leader.gid, *(each.gid for each in reports)} if sees_reports else {leader.gid}
    assert await database.reader.run(asked()) == sorted(seen)[:3]


async def test_it_takes_no_statement_more(database: Database, organisation: Organisation, fresh: SignIn) -> None:
    organisation.learner(reports_to=organisation.own[Role.MANAGER])
    manager, asked = fresh(Role.MANAGER), "{ learners(first: 1) { nodes { id } } }"
    await manager.query(asked)
    before = database.tally.statements

    await manager.query(asked)

    assert database.tally.statements == before + 1
