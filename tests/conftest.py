"""What every test may ask for: both engines, one organisation of its own, and somebody who is signed in."""

import gc
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import coverage
import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy.engine import make_url
from starlette.applications import Starlette

from portal_api.app import create_app
from portal_api.auth import Tokens
from portal_api.clock import Clock
from portal_api.database import Database, open_database
from portal_api.domain.roles import Role
from portal_api.ids import IdMaker
from portal_api.migrations import migrate_up
from portal_api.settings import Settings
from tests import invariants, postgres
from tests.client import Client, http_client
from tests.clock import START, ManualClock, RepeatableIds
from tests.factories import Organisation, Record, organisation_with_everybody

ENGINES = ("sqlite", "postgresql")
SERVER = "PORTAL_TEST_DATABASE_URL"
T = TypeVar("T")
SIGNING_KEY = "the tests sign their tokens with this key"


def pytest_configure(config: pytest.Config) -> None:
    """Nothing that is set outside may change what a test sees."""
    for name in list(os.environ):
        if name.startswith("PORTAL_") and not name.startswith("PORTAL_TEST_"):
            del os.environ[name]


UNMEASURED = (
    *("api/bad_input", "api/every_mutation", "api/test_every_call", "api/walls", "importers/test_seed_demo"),
    *("acceptance", "house", "killing", "load", "machines", "operations", "oracle", "storm"),
)
"""What goes through all layers thousands of times: each line that it reaches is reached by tests of its own, or by a process."""
MEASURED_ON_SQLITE = ("api", "exporter")
"""Whose tests reach the same lines on both engines; what each engine has of its own is tested elsewhere."""


def _is_measured(item: pytest.Item) -> bool:
    path = item.path.relative_to(Path(__file__).parent).as_posix()
    given: Any = getattr(item, "callspec", None)
    is_second = given is not None and given.params.get("engine") == "postgresql" and path.startswith(MEASURED_ON_SQLITE)
    return not is_second and not path.startswith(UNMEASURED)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Coverage makes a test twice as slow, what it lays out first included: it is paused where it tells nothing new."""
    measuring: Any = item.config.pluginmanager.getplugin("_cov")
    controller = measuring and measuring.cov_controller
    if not controller or _is_measured(item):
        return (yield)
    controller.pause()
    try:
        return (yield)
    finally:
        controller.resume()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Starts the one PostgreSQL server of a run, before the workers: they find it in their environment."""
    config = session.config
    if hasattr(config, "workerinput"):
        _measure_once(config)
        return
    if config.option.collectonly or os.environ.get(SERVER):
        return
    running = postgres.server()
    os.environ[SERVER] = running.__enter__()

    def stop() -> None:
        del os.environ[SERVER]
        running.__exit__(None, None, None)

    config.add_cleanup(stop)


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is loaded by now stays for the run: nobody need look through it for garbage again and again."""
    if not session.config.option.collectonly:
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)


def _measure_once(config: pytest.Config) -> None:
    """Stops what coverage has begun in a worker with the process, and again before pytest-cov knew that it is one.

    Both would go on below what pytest-cov begins next, wherever that is paused.
    """
    measuring: Any = config.pluginmanager.getplugin("_cov")
    while measuring and measuring.cov_controller and (begun := coverage.Coverage.current()):
        begun.stop()


def pytest_report_header() -> list[str]:
    server = os.environ.get(SERVER)
    where = make_url(server).render_as_string() if server else "not started"
    return [f"engines: {' and '.join(ENGINES)}", f"PostgreSQL: {where}"]


@asynccontextmanager
async def new_database_url(engine: str, folder: Path, like: str = "") -> AsyncIterator[str]:
    """An empty database, or a copy of the one at an address, at which nobody is; gone afterwards."""
    name = f"portal_test_{secrets.token_hex(6)}"
    if engine == "sqlite":
        path = folder / f"{name}.db"
        if like:
            shutil.copyfile(make_url(like).database or "", path)
        yield f"sqlite+aiosqlite:///{path}"
        return
    server = make_url(os.environ[SERVER])
    maintenance = server.set(drivername="postgresql").render_as_string(hide_password=False)

    async def run(statement: str) -> None:
        connection = await asyncpg.connect(maintenance)
        await connection.execute(statement)
        await connection.close()

    template = f" TEMPLATE {make_url(like).database}" if like else ""
    await run(f"CREATE DATABASE {name}{template}")
    yield server.set(database=name).render_as_string(hide_password=False)
    await run(f"DROP DATABASE {name} WITH (FORCE)")


def settings_for(database_url: str, **given: object) -> Settings:
    """Settings that depend on nothing outside the test."""
    return Settings.model_validate({"database_url": database_url, "signing_key": SecretStr(SIGNING_KEY), **given})


@pytest.fixture(scope="session", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """The engine that a test runs on: each test that asks for it, or for a database, runs on both."""
    return request.param


OfEngine = Callable[[str], Awaitable[T]]
"""`await of_engine("sqlite")`: what a worker has once an engine, however often its tests change engines."""


@pytest.fixture(scope="session")
async def _migrated(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OfEngine[str]]:
    """The addresses of databases at the newest revision, to be copied."""
    known: dict[str, str] = {}
    async with AsyncExitStack() as held:

        async def migrated(engine: str) -> str:
            if engine not in known:
                url = await held.enter_async_context(new_database_url(engine, tmp_path_factory.mktemp(engine)))
                database = open_database(settings_for(url), durable=False)
                await migrate_up(database.engine)
                await database.close()
                known[engine] = url
            return known[engine]

        yield migrated


@pytest.fixture(scope="session")
async def _opened(
    tmp_path_factory: pytest.TempPathFactory, _migrated: OfEngine[str]
) -> AsyncIterator[OfEngine[Database]]:
    """The databases that the tests of a worker share. No commit waits for a disk: what would be lost, nobody misses."""
    known: dict[str, Database] = {}
    async with AsyncExitStack() as held:

        async def opened(engine: str) -> Database:
            if engine not in known:
                copy = new_database_url(engine, tmp_path_factory.mktemp(engine), like=await _migrated(engine))
                settings = settings_for(await held.enter_async_context(copy))
                known[engine] = open_database(settings, durable=False)
                held.push_async_callback(known[engine].close)
            return known[engine]

        yield opened


@pytest.fixture(scope="session")
async def database(engine: str, _opened: OfEngine[Database]) -> Database:
    """The worker's database on the engine, at the newest revision; it is shared by all tests and never emptied."""
    return await _opened(engine)


@pytest.fixture(scope="session")
def settings(database: Database) -> Settings:
    """The settings that belong to the database."""
    return settings_for(database.engine.url.render_as_string(hide_password=False))


@pytest.fixture
async def empty_database(engine: str, tmp_path: Path) -> AsyncIterator[Database]:
    """A database of the test's own, without a table."""
    async with new_database_url(engine, tmp_path) as url:
        database = open_database(settings_for(url))
        yield database
        await database.close()


@pytest.fixture
async def own_database(engine: str, tmp_path: Path, _migrated: OfEngine[str]) -> AsyncIterator[Database]:
    """A database of the test's own, at the newest revision: for what looks at all organisations, as the ticker does."""
    async with new_database_url(engine, tmp_path, like=await _migrated(engine)) as url:
        database = open_database(settings_for(url), durable=False)
        yield database
        await database.close()


@pytest.fixture(scope="session")
def _clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="session")
def _ids() -> RepeatableIds:
    return RepeatableIds()


@pytest.fixture
def clock(_clock: ManualClock) -> ManualClock:
    """The clock of the portal and the factories; it stands at START until the test moves it."""
    _clock.now = START
    return _clock


@pytest.fixture
def new_id(_ids: RepeatableIds, request: pytest.FixtureRequest) -> RepeatableIds:
    """The maker of identifiers, the same ones whenever this test runs."""
    _ids.reseed(request.node.nodeid)
    return _ids


@pytest.fixture(scope="session")
def app(settings: Settings, database: Database, _clock: ManualClock, _ids: RepeatableIds) -> Starlette:
    """The portal as it is served, on the tests' database, clock and identifiers."""
    return create_app(settings, database=database, clock=_clock, new_id=_ids)


@pytest.fixture(scope="session")
async def http(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """Plain HTTP to the portal, signed in as nobody."""
    async with http_client(app) as client:
        yield client


@pytest.fixture(scope="session")
def tokens() -> Tokens:
    """Signs and reads the portal's tokens."""
    return Tokens(SIGNING_KEY)


@pytest.fixture
async def organisation(database: Database, clock: ManualClock, new_id: RepeatableIds) -> AsyncIterator[Organisation]:
    """A fresh organisation with a user of each role; in the end, whatever always holds must hold of it."""
    made = organisation_with_everybody(database, clock, new_id)
    await made.save()
    yield made
    await invariants.check(database, made.id)


SignIn = Callable[..., Client]


def signing_in(http: httpx.AsyncClient, tokens: Tokens, clock: ManualClock, organisation: Organisation) -> SignIn:
    """What signs users in to a portal."""

    def signed_in(who: Role | Record, where: Organisation = organisation) -> Client:
        user = where.staff[who] if isinstance(who, Role) else who
        return Client(http, tokens, clock, where, user)

    return signed_in


Lasting = Callable[[str], AbstractAsyncContextManager[tuple[Organisation, SignIn]]]
"""`async with lasting(__name__) as (organisation, sign_in)`: one that several tests look at, and none changes."""
_LASTING = count()
"""Whoever comes back to an engine lays out another one there, beside the one before."""


@pytest.fixture(scope="session")
def lasting(
    database: Database, http: httpx.AsyncClient, tokens: Tokens, _clock: ManualClock, _ids: RepeatableIds
) -> Lasting:
    """What lays out an organisation for longer than a test; in the end, whatever always holds must hold of it too."""

    @asynccontextmanager
    async def laid_out(name: str) -> AsyncIterator[tuple[Organisation, SignIn]]:
        _clock.now = START
        _ids.reseed(f"{name} {next(_LASTING)}")
        made = organisation_with_everybody(database, _clock, _ids)
        await made.save()
        yield made, signing_in(http, tokens, _clock, made)
        await invariants.check(database, made.id)

    return laid_out


def executing_portal(settings: Settings, database: Database, clock: Clock, new_id: IdMaker) -> Starlette:
    """The portal as it answers where a plan alone cannot: an executor asks each plan."""
    given = settings.model_copy(update={"answers_from_plans": False})
    return create_app(given, database=database, clock=clock, new_id=new_id)


@pytest.fixture
async def executing(
    settings: Settings,
    database: Database,
    clock: ManualClock,
    new_id: RepeatableIds,
    tokens: Tokens,
    organisation: Organisation,
) -> AsyncIterator[SignIn]:
    """`sign_in` to a second portal on the same database, which has an executor ask each plan."""
    async with http_client(executing_portal(settings, database, clock, new_id)) as http:
        yield signing_in(http, tokens, clock, organisation)


@pytest.fixture
def sign_in(http: httpx.AsyncClient, tokens: Tokens, clock: ManualClock, organisation: Organisation) -> SignIn:
    """`sign_in(Role.ADMIN)`: a client for the test's user of that role; or for a user, or in another organisation."""

    return signing_in(http, tokens, clock, organisation)
