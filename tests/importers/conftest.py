"""What tests of imports ask for: a database of their own, all of it as plain values, and a folder of records."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
import uvicorn
from sqlalchemy import RowMapping, Table, select

from portal_api.app import create_app
from portal_api.database import Database, open_database
from portal_api.importers.demo import DEMO, LEARNERS, seed_demo
from portal_api.models import metadata, organisations
from tests.clock import START, ManualClock, RepeatableIds
from tests.conftest import OfEngine, new_database_url, settings_for

T = TypeVar("T")
Contents = dict[str, list[tuple[Any, ...]]]

FILES = {
    "courses.csv": """
        "code_module","code_presentation","module_presentation_length"
        "AAA","2013J","268"
        "BBB","2014B","240"
        "CCC","2014J","200"
    """,
    "assessments.csv": """
        "code_module","code_presentation","id_assessment","assessment_type","date","weight"
        "AAA","2013J","1752","TMA","19","10"
        "BBB","2014B","1753","Exam","","12.5"
        "AAA","2013J","1756","CMA","54","0"
        "AAA","2013J","1754","TMA","54","20"
        "AAA","2013J","1755","TMA","117","20"
        "AAA","2013J","1757","Exam","260","50"
        "BBB","2014B","1758","TMA","40","10"
        "BBB","2014B","1759","CMA","","0"
    """,
    "studentRegistration.csv": """
        "code_module","code_presentation","id_student","date_registration","date_unregistration"
        "AAA","2013J","11391","-159",""
        "AAA","2013J","28400","-53",""
        "AAA","2013J","30268","-92","12"
        "BBB","2014B","11391","40",""
        "BBB","2014B","31604","230",""
        "BBB","2014B","32885","","-3"
    """,
    "studentInfo.csv": """
        "code_module","code_presentation","id_student","gender","region","highest_education","imd_band","age_band","num_of_prev_attempts","studied_credits","disability","final_result"
        "AAA","2013J","11391","M","East Anglian Region","HE Qualification","90-100%","55<=","0","240","N","Pass"
        "AAA","2013J","28400","F","Scotland","HE Qualification","","35-55","0","60","N","Fail"
        "AAA","2013J","30268","F","Wales","A Level or Equivalent","30-40%","35-55","0","60","Y","Withdrawn"
        "BBB","2014B","11391","M","East Anglian Region","HE Qualification","90-100%","55<=","0","240","N","Distinction"
        "BBB","2014B","31604","F","South East Region","A Level or Equivalent","50-60%","35-55","1","60","N","Fail"
        "BBB","2014B","32885","F","London Region","Lower Than A Level","0-10%","0-35","0","120","N","Withdrawn"
    """,
}
"""Six registrations: one on a late day, one without a day, one by somebody who is registered twice."""


@pytest.fixture
def count() -> int:
    """How many learners the demonstration has."""
    return LEARNERS


@pytest.fixture
def now() -> datetime:
    """When it is seeded."""
    return START


Demonstration = tuple[str, int, datetime]
"""The engine, the number of learners and the instant."""
OfDemonstration = Callable[[Demonstration], Awaitable[T]]
"""`await of_demonstration(("sqlite", 60, START))`: what a worker has once a demonstration."""


@pytest.fixture(scope="session")
async def _demonstrations(
    tmp_path_factory: pytest.TempPathFactory, _migrated: OfEngine[str]
) -> AsyncIterator[OfDemonstration[str]]:
    """The addresses of seeded databases, to be copied: by engine, number of learners and instant."""
    known: dict[Demonstration, str] = {}
    async with AsyncExitStack() as held:

        async def seeded(which: Demonstration) -> str:
            engine, count, now = which
            if which not in known:
                empty = new_database_url(engine, tmp_path_factory.mktemp("seeded"), like=await _migrated(engine))
                url = await held.enter_async_context(empty)
                database = open_database(settings_for(url), durable=False)
                assert await seed_demo(database, learners=count, now=now)
                await database.close()
                known[which] = url
            return known[which]

        yield seeded


async def contents(database: Database) -> Contents:
    """Everything that a database holds, to be compared before and after."""
    async with database.engine.connect() as connection:
        return {
            table.name: sorted((tuple(row) for row in await connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }


async def _closed_as_it_was(database: Database, before: Contents) -> None:
    after = await contents(database)
    await database.close()
    assert after == before


@pytest.fixture(scope="session")
async def _shared_demonstrations(
    tmp_path_factory: pytest.TempPathFactory, _demonstrations: OfDemonstration[str]
) -> AsyncIterator[OfDemonstration[Database]]:
    """Databases with demonstrations, open for all tests of a worker; in the end, nothing of them is changed."""
    known: dict[Demonstration, Database] = {}
    async with AsyncExitStack() as held:

        async def opened(which: Demonstration) -> Database:
            if which not in known:
                folder = tmp_path_factory.mktemp("shared")
                copy = new_database_url(which[0], folder, like=await _demonstrations(which))
                known[which] = open_database(settings_for(await held.enter_async_context(copy)), durable=False)
                held.push_async_callback(_closed_as_it_was, known[which], await contents(known[which]))
            return known[which]

        yield opened


@pytest.fixture
async def seeded(
    engine: str,
    count: int,
    now: datetime,
    _shared_demonstrations: OfDemonstration[Database],
) -> Database:
    """A database with the demonstration, which many tests look at and none changes."""
    return await _shared_demonstrations((engine, count, now))


@pytest.fixture
async def own_seeded(
    engine: str,
    count: int,
    now: datetime,
    tmp_path: Path,
    _demonstrations: OfDemonstration[str],
) -> AsyncIterator[Database]:
    """A database of the test's own with the demonstration, to be changed."""
    async with new_database_url(engine, tmp_path, like=await _demonstrations((engine, count, now))) as url:
        database = open_database(settings_for(url), durable=False)
        yield database
        await database.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files of six registrations, to be spoilt."""
    return write_files(tmp_path / "records")


def write_files(place: Path) -> Path:
    """Writes the files of six registrations into a new folder."""
    place.mkdir()
    for name, content in FILES.items():
        (place / name).write_text("".join(f"{line.strip()}\n" for line in content.strip().splitlines()))
    return place


def add(folder: Path, name: str, *lines: str) -> None:
    """Adds lines at the end of a file."""
    with (folder / name).open("a") as file:
        file.writelines(f"{line}\n" for line in lines)


async def rows(database: Database, table: Table, ref: str = DEMO.ref) -> list[RowMapping]:
    """The rows of a demo organisation."""
    own = select(organisations.c.id).where(organisations.c.external_ref == ref).scalar_subquery()
    async with database.engine.connect() as connection:
        return list((await connection.execute(select(table).where(table.c.organisation_id == own))).mappings())


@pytest.fixture
async def url(own_database: Database) -> AsyncIterator[str]:
    """The portal at a port of this machine."""
    settings = settings_for(own_database.engine.url.render_as_string(hide_password=False))
    app = create_app(settings, database=own_database, clock=ManualClock(), new_id=RepeatableIds("replay"))
    config = uvicorn.Config(app, loop="none", ws="none", lifespan="off", log_level="critical")
    config.load()
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = asyncio.create_task(server._serve([listening]))
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await serving
