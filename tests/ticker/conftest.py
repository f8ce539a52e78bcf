"""The ticker looks at all organisations: each of its tests has a database of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from starlette.applications import Starlette

from portal_api.app import create_app
from portal_api.database import Database
from portal_api.ticker import tick
from tests import invariants
from tests.client import http_client
from tests.clock import ManualClock, RepeatableIds
from tests.conftest import settings_for
from tests.factories import Organisation, organisation_with_everybody

Tick = Callable[[], Awaitable[int | None]]


@pytest.fixture
async def organisation(
    own_database: Database, clock: ManualClock, new_id: RepeatableIds
) -> AsyncIterator[Organisation]:
    """The only organisation of the database."""
    made = organisation_with_everybody(own_database, clock, new_id)
    await made.save()
    yield made
    await invariants.check(own_database, made.id)


@pytest.fixture
def app(own_database: Database, clock: ManualClock, new_id: RepeatableIds) -> Starlette:
    given = settings_for(own_database.engine.url.render_as_string(hide_password=False))
    return create_app(given, database=own_database, clock=clock, new_id=new_id)


@pytest.fixture
async def http(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    async with http_client(app) as client:
        yield client


@pytest.fixture
def tick_once(own_database: Database, clock: ManualClock, new_id: RepeatableIds, organisation: Organisation) -> Tick:
    """Saves what is laid out, and looks once at what time has done to it."""

    async def ticked() -> int | None:
        await organisation.save()
        return await tick(own_database, clock, new_id)

    return ticked
