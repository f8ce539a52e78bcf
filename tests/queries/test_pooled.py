"""Behind a pooler of transactions: nothing is left on a connection, and each transaction brings its own settings.

That PgBouncer takes it, tests/scaling/ shows.
"""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from portal_api.app import create_app
from portal_api.auth import Tokens
from portal_api.database import Database, open_database
from portal_api.database.postgres import PostgresReader
from portal_api.domain.roles import Role
from portal_api.settings import Settings
from tests.client import http_client
from tests.clock import ManualClock, RepeatableIds
from tests.conftest import signing_in
from tests.factories import Organisation
from tests.house.test_storage import steps

pytestmark = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
LEFT = "SELECT count(*) FROM pg_prepared_statements"
RENAME = """
mutation($input: UpdateLearnerInput!) { updateLearner(input: $input) { results { outcome node { givenName } } } }
"""


@pytest.fixture
async def pooled(settings: Settings) -> AsyncIterator[Database]:
    """The database as it is opened behind a pooler, on one connection of each kind."""
    given = {"pooler": "transaction", "writers": 1, "readers": 1, "busy_timeout": 1.5}
    database = open_database(Settings.model_validate({**settings.model_dump(), **given}))
    yield database
    await database.close()


async def test_a_read_leaves_no_statement_behind_and_brings_its_settings(pooled: Database) -> None:
    assert isinstance(pooled.reader, PostgresReader)
    assert await pooled.reader.run(steps("SHOW jit")) == "off"
    assert await pooled.reader.run(steps("SHOW transaction_isolation")) == "repeatable read"
    assert await pooled.reader.run(steps("SHOW transaction_read_only")) == "on"
    assert await pooled.reader.run(steps(LEFT)) == 0
    assert (await pooled.reader.ask(LEFT))[0][0] == 0
    async with pooled.reader.snapshot() as alone:
        assert await alone.run(steps("SHOW jit")) == "off"
        assert await alone.run(steps(LEFT)) == 0


async def test_a_read_that_fails_gives_its_connection_back(pooled: Database) -> None:
    for _ in range(2):
        with pytest.raises(Exception, match="division by zero"):
            await pooled.reader.run(steps("SELECT 1 / 0"))
    assert await pooled.reader.run(steps("SELECT 1")) == 1


async def test_a_change_leaves_no_statement_behind_and_waits_as_long_as_it_may(pooled: Database) -> None:
    async with pooled.writer() as connection, connection.begin():
        assert (await connection.execute(text("SHOW lock_timeout"))).scalar_one() == "1500ms"
        assert (await connection.execute(text(LEFT))).scalar_one() == 0
    async with pooled.engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver
        assert await driver.fetchval("SHOW lock_timeout") == "0", "it was set for the transaction alone"


async def test_a_portal_changes_and_reads(
    pooled: Database,
    settings: Settings,
    tokens: Tokens,
    clock: ManualClock,
    new_id: RepeatableIds,
    organisation: Organisation,
) -> None:
    learner = organisation.learner()
    await organisation.save()
    async with http_client(create_app(settings, database=pooled, clock=clock, new_id=new_id)) as http:
        client = signing_in(http, tokens, clock, organisation)(Role.ADMIN)
        given = {"input": {"id": learner.gid, "givenName": "New", "idempotencyKey": "once"}}
        for _ in range(2):
            [row] = (await client.query(RENAME, given))["updateLearner"]["results"]
            assert row == {"outcome": "CHANGED", "node": {"givenName": "New"}}
        read = await client.query("query($id: ID!) { learner(id: $id) { givenName } }", {"id": learner.gid})
    assert read["learner"] == {"givenName": "New"}
