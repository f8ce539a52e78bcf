"""The scene that every document is sent in."""

from collections.abc import AsyncIterator

import httpx
import pytest

from portal_api.auth import Tokens
from portal_api.database import Database
from portal_api.settings import Settings
from tests.client import http_client
from tests.clock import ManualClock, RepeatableIds
from tests.conftest import Lasting, SignIn, executing_portal, signing_in
from tests.factories import Organisation
from tests.operations.scene import Scene, laid_out


@pytest.fixture
async def own_scene(organisation: Organisation, sign_in: SignIn) -> Scene:
    """An organisation with something to see for everybody, of the test's own, to be changed."""
    return await laid_out(organisation, sign_in)


@pytest.fixture(scope="session")
async def _shared_scene(lasting: Lasting) -> AsyncIterator[Scene]:
    async with lasting(__name__) as (organisation, sign_in):
        scene = await laid_out(organisation, sign_in)
        before = await organisation.everything()
        yield scene
        assert await organisation.everything() == before


@pytest.fixture
def scene(_shared_scene: Scene, clock: ManualClock, new_id: RepeatableIds) -> Scene:
    """The one that all tests look at which change nothing: in the end, nothing of it is changed."""
    assert (clock, new_id) == (_shared_scene.organisation.clock, _shared_scene.organisation.new_id)
    return _shared_scene


@pytest.fixture(scope="session")
async def _executing_http(
    settings: Settings, database: Database, _clock: ManualClock, _ids: RepeatableIds
) -> AsyncIterator[httpx.AsyncClient]:
    async with http_client(executing_portal(settings, database, _clock, _ids)) as http:
        yield http


@pytest.fixture
def executing(_executing_http: httpx.AsyncClient, tokens: Tokens, scene: Scene, clock: ManualClock) -> SignIn:
    """`sign_in` for the scene, to a second portal that has an executor ask each plan."""
    return signing_in(_executing_http, tokens, clock, scene.organisation)
