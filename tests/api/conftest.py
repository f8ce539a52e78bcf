"""Portals that are set up otherwise than the one that most tests share."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from portal_api.app import create_app
from portal_api.auth import Tokens
from portal_api.database import Database, open_database
from portal_api.domain.roles import Role
from portal_api.settings import Settings
from tests.client import Client, http_client
from tests.clock import ManualClock, RepeatableIds
from tests.conftest import settings_for
from tests.factories import Organisation

Portal = Callable[..., AbstractAsyncContextManager[tuple[Client, Database]]]


@pytest.fixture
def portal(
    settings: Settings, tokens: Tokens, clock: ManualClock, new_id: RepeatableIds, organisation: Organisation
) -> Portal:
    """`async with portal(busy_timeout=1) as (client, database)`: another process on the same database, set up so."""

    @asynccontextmanager
    async def started(role: Role = Role.ADMIN, **given: object) -> AsyncIterator[tuple[Client, Database]]:
        own = settings_for(settings.database_url, **given)
        database = open_database(own)
        async with http_client(create_app(own, database=database, clock=clock, new_id=new_id)) as http:
            yield Client(http, tokens, clock, organisation, organisation.staff[role]), database
        await database.close()

    return started
