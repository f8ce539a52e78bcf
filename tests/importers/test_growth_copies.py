"""The copies that the large organisations of the benchmarks are made of: what holds of the demonstration holds of them."""

import shutil
from pathlib import Path
from uuid import UUID

import asyncpg  # pyright: ignore[reportMissingTypeStubs]  it has none
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from benchmarks.growth.copies import Shares
from benchmarks.growth.seeding import fill_postgresql, fill_sqlite
from portal_api.database import Database, open_database
from portal_api.importers.demo import DEMO, FEWEST_LEARNERS, seed_demo
from portal_api.models import (
    history_entries,
    learner_certifications,
    learners,
    organisations,
    reporting_lines,
    series_enrolments,
)
from tests import invariants
from tests.clock import START
from tests.conftest import new_database_url, settings_for

COPIES, SHARES = range(1, 4), Shares(records=1, history=1)


async def test_copies_are_as_sound_as_the_demonstration(own_database: Database, engine: str, tmp_path: Path) -> None:
    await seed_demo(own_database, learners=FEWEST_LEARNERS, enrolments=8, now=START)
    url = own_database.engine.url.render_as_string(hide_password=False)
    organisation, once = await _counted(own_database)
    await own_database.close()
    async with new_database_url(engine, tmp_path, like=url) as copied:
        if engine == "sqlite":
            template, file = (Path(str(make_url(each).database)) for each in (url, copied))
            shutil.copyfile(template, file)
            fill_sqlite(template, file, COPIES, SHARES)
        else:
            source, target = [await _connected(each) for each in (url, copied)]
            await fill_postgresql(source, target, COPIES, SHARES)
            await source.close()
            await target.close()
        database = open_database(settings_for(copied))
        _, several = await _counted(database)
        await invariants.check(database, organisation)
        await database.close()

    told = once.pop("history_entries"), several.pop("history_entries")
    assert several == {table: 4 * number for table, number in once.items()}
    assert told[0] < told[1] < 4 * told[0], "what no learner is told of happened once"


async def _connected(url: str) -> asyncpg.Connection:
    return await asyncpg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))


async def _counted(database: Database) -> tuple[UUID, dict[str, int]]:
    async with database.engine.connect() as connection:
        own = select(organisations.c.id).where(organisations.c.external_ref == DEMO.ref)
        organisation = (await connection.execute(own)).scalar_one()
        numbers: dict[str, int] = {}
        for table in (learners, reporting_lines, series_enrolments, learner_certifications, history_entries):
            counted = select(func.count()).select_from(table).where(table.c.organisation_id == organisation)
            numbers[table.name] = (await connection.execute(counted)).scalar_one()
    return organisation, numbers
