"""What is measured on: the demo organisation, seeded once an engine and kept, and a copy of it for each run."""

import asyncio
import hashlib
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import asyncpg
from pydantic import SecretStr
from sqlalchemy import bindparam, case, func, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks import certified, servers
from portal_api.clock import system_clock
from portal_api.database import Database, open_database
from portal_api.domain.automations.learncycles import LearncycleStatus
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.roles import Role
from portal_api.domain.series import SERIES_ENROLMENTS, SeriesDuration, SeriesEnrolmentAction
from portal_api.ids import new_id
from portal_api.importers.demo import DEMO, ENROLMENTS_A_LEARNER, seed_demo
from portal_api.migrations import migrate_up
from portal_api.models import (
    learncycles,
    learner_certifications,
    learners,
    organisations,
    pathway_steps,
    reporting_lines,
    roles,
    series,
    series_enrolments,
)
from portal_api.models.base import Id
from portal_api.settings import Settings
from portal_api.ticker import tick

HOME = Path(__file__).parent.parent
KEPT = HOME / ".bench"
"""Seeded databases; nothing in it is worth keeping."""
SIGNING_KEY = "the benchmarks sign their tokens with this key"
MOST_WITHDRAWN = 16_000


@dataclass(frozen=True, slots=True)
class Subject:
    """Who asks in a run, and about what."""

    organisation: UUID
    users: dict[Role, UUID]
    manager: UUID
    """The Manager's own record as a learner."""
    team_member: UUID
    """A learner with a manager, whom the Manager sees."""
    series: UUID
    """One with enrolments for more than a page."""
    certification: UUID
    """The one that most learners hold, or have ahead."""
    withdrawable: Sequence[UUID]
    """Active enrolments of active learners."""
    certified: Mapping[str, Sequence[UUID]]
    """Learners' certifications that each measured change is open to, by its document."""


def settings_for(url: str) -> Settings:
    """The settings of the measured portal: its defaults."""
    return Settings(database_url=url, signing_key=SecretStr(SIGNING_KEY))


@dataclass(frozen=True, slots=True)
class Copy:
    """The database of one run."""

    url: str
    had_statistics: bool
    """Whether the portal itself had told the engine what its tables hold; a run makes up for it where it had not."""


@contextmanager
def copy_for_run(engine: str, learners_wanted: int) -> Iterator[Copy]:
    """A database of this run's own, on the engine: a copy of one that was seeded at the first run."""
    KEPT.mkdir(exist_ok=True)
    (KEPT / ".gitignore").write_text("*\n")
    seeded = KEPT / f"{engine}-{learners_wanted}-{_fingerprint()}"
    if not (seeded / "complete").exists():
        print(f"{engine}: seeding {learners_wanted} learners, once …")
        for outdated in KEPT.glob(f"{engine}-{learners_wanted}-*"):
            shutil.rmtree(outdated, ignore_errors=True)  # what stays only takes room
        seeded.mkdir()
    with (_sqlite if engine == "sqlite" else _postgresql)(seeded, learners_wanted) as url:
        yield Copy(url, asyncio.run(settle(url)))


@contextmanager
def _sqlite(seeded: Path, learners_wanted: int) -> Iterator[str]:
    file = seeded / "portal.db"
    if not file.exists():
        asyncio.run(seed(f"sqlite+aiosqlite:///{file}", learners_wanted))
        (seeded / "complete").touch()
    with tempfile.TemporaryDirectory(prefix="run-", dir=KEPT) as place:
        copy = Path(place) / file.name
        shutil.copyfile(file, copy)
        yield f"sqlite+aiosqlite:///{copy}"


@contextmanager
def _postgresql(seeded: Path, learners_wanted: int) -> Iterator[str]:
    with servers.postgresql(seeded) as maintenance:
        server = make_url(maintenance)

        def url(database: str) -> str:
            return server.set(database=database).render_as_string(hide_password=False)

        def manage(*statements: str) -> None:
            asyncio.run(_manage(server.set(drivername="postgresql").render_as_string(hide_password=False), statements))

        if not (seeded / "complete").exists():
            manage("CREATE DATABASE seeded")
            asyncio.run(seed(url("seeded"), learners_wanted))
            (seeded / "complete").touch()
        manage("DROP DATABASE IF EXISTS run WITH (FORCE)", "CREATE DATABASE run TEMPLATE seeded")
        yield url("run")


async def _manage(url: str, statements: Sequence[str]) -> None:
    connection = await asyncpg.connect(url)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


def _fingerprint() -> str:
    """Changes with whatever makes the data, and each week: statuses move on as time does."""
    year, week, _ = system_clock().isocalendar()
    sources = sorted([*(HOME / "portal_api" / "importers").glob("*.py"), *(HOME / "alembic" / "versions").glob("*.py")])
    content = b"".join(source.read_bytes() for source in sources)
    return f"{year}w{week:02}-{hashlib.sha256(content).hexdigest()[:8]}"


async def seed(url: str, learners_wanted: int, enrolments: int = ENROLMENTS_A_LEARNER) -> None:
    """Makes the demo organisation in an empty database, with nothing in it that follows changes by itself."""
    database = open_database(settings_for(url), durable=False)
    try:
        await migrate_up(database.engine)
        await seed_demo(database, learners=learners_wanted, enrolments=enrolments, now=system_clock())
        async with database.engine.begin() as connection:  # the floor has none that would follow its changes
            is_on = learncycles.c.status == LearncycleStatus.ON
            off = {"status": LearncycleStatus.OFF, "switched_on_at": None}
            await connection.execute(update(learncycles).where(is_on).values(off))
        if database.is_sqlite:
            async with database.engine.connect() as connection:
                await connection.exec_driver_sql("COMMIT")
                await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                await connection.exec_driver_sql("BEGIN")
    finally:
        await database.close()


async def settle(url: str) -> bool:
    """Brings statuses up to now, and leaves the engine nothing to tidy up while it is measured.

    Returns:
        Whether the engine had statistics before.
    """
    database = open_database(settings_for(url))
    try:
        await tick(database, system_clock, new_id)
        async with database.engine.connect() as connection:
            if database.is_sqlite:
                known = await connection.execute(text("SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_stat1'"))
                had_statistics = bool(known.scalar_one())
                await connection.execute(text("ANALYZE"))
                await connection.commit()
            else:
                known = await connection.execute(
                    text("SELECT count(*) FROM pg_stats WHERE tablename = 'series_enrolments'")
                )
                had_statistics = bool(known.scalar_one())
                await connection.commit()
                outside = await connection.execution_options(isolation_level="AUTOCOMMIT")
                await outside.execute(text("VACUUM (ANALYZE)"))
        return had_statistics
    finally:
        await database.close()


async def find_subject(database: Database, *, changes_certified: bool = True) -> Subject:
    """Finds who asks, and about what, in the demo organisation; what to change of certifications where it is wanted."""
    async with database.engine.connect() as connection:
        organisation = (
            await connection.execute(select(organisations.c.id).where(organisations.c.external_ref == DEMO.ref))
        ).scalar_one()
        users = await _users(connection, organisation)
        return Subject(
            organisation=organisation,
            users=users,
            manager=await _learner_of(connection, organisation, users[Role.MANAGER]),
            team_member=await _team_member(connection, organisation),
            series=await _series(connection, organisation),
            certification=await _certification(connection, organisation),
            withdrawable=await _withdrawable(connection, organisation),
            certified=await certified.changeable(connection, organisation) if changes_certified else {},
        )


async def _users(connection: AsyncConnection, organisation: UUID) -> dict[Role, UUID]:
    found = await connection.execute(
        select(roles.c.role, roles.c.user_id)
        .where(roles.c.organisation_id == organisation)
        .order_by(roles.c.user_id.desc())
    )
    return {row.role: row.user_id for row in found}


async def _learner_of(connection: AsyncConnection, organisation: UUID, user: UUID) -> UUID:
    found = await connection.execute(
        select(roles.c.learner_id).where(roles.c.organisation_id == organisation, roles.c.user_id == user)
    )
    return found.scalar_one()


async def _team_member(connection: AsyncConnection, organisation: UUID) -> UUID:
    linked = select(roles.c.learner_id).where(roles.c.organisation_id == organisation, roles.c.role == Role.MANAGER)
    found = await connection.execute(
        select(reporting_lines.c.learner_id)
        .where(
            reporting_lines.c.organisation_id == organisation,
            reporting_lines.c.manager_id.in_(linked),
        )
        .order_by(reporting_lines.c.depth.desc(), reporting_lines.c.learner_id)
        .limit(1)
    )
    return found.scalar_one()


async def _series(connection: AsyncConnection, organisation: UUID) -> UUID:
    """The series taken most, outside of pathways: within, enrolments are refused for reasons that the floor leaves out.

    One that waits for mastery, where there is one: as long as it runs, fewer of its enrolments have ended than elsewhere.
    """
    in_pathways = select(pathway_steps.c.series_id).where(pathway_steps.c.organisation_id == organisation)
    waits = case((series.c.duration == SeriesDuration.MASTERY, 0), else_=1)
    found = await connection.execute(
        select(series.c.id)
        .join(
            series_enrolments,
            (series_enrolments.c.organisation_id == series.c.organisation_id)
            & (series_enrolments.c.series_id == series.c.id),
        )
        .where(series.c.organisation_id == organisation, series.c.id.not_in(in_pathways))
        .group_by(series.c.id, series.c.duration)
        .order_by(waits, func.count().desc(), series.c.id)
        .limit(1)
    )
    return found.scalar_one()


async def _certification(connection: AsyncConnection, organisation: UUID) -> UUID:
    held = learner_certifications.c
    found = await connection.execute(
        select(held.certification_id)
        .where(held.organisation_id == organisation, held.archived_at.is_(None))
        .group_by(held.certification_id)
        .order_by(func.count().desc(), held.certification_id)
        .limit(1)
    )
    return found.scalar_one()


async def _withdrawable(connection: AsyncConnection, organisation: UUID) -> list[UUID]:
    found = await connection.execute(
        select(series_enrolments.c.id)
        .join(
            learners,
            (learners.c.organisation_id == series_enrolments.c.organisation_id)
            & (learners.c.id == series_enrolments.c.learner_id),
        )
        .where(
            series_enrolments.c.organisation_id == organisation,
            series_enrolments.c.status.in_(SERIES_ENROLMENTS[SeriesEnrolmentAction.WITHDRAW].statuses),
            series_enrolments.c.pathway_enrolment_id.is_(None),
            learners.c.status == LearnerStatus.ACTIVE,
        )
        .order_by(series_enrolments.c.due_at.desc(), series_enrolments.c.id)
        .limit(MOST_WITHDRAWN)
    )
    return list(found.scalars())


async def remember(database: Database, subject: Subject) -> None:
    """Writes down how everything is that a run changes."""
    async with database.engine.begin() as connection:
        await connection.execute(
            text(
                "CREATE TABLE benchmark_before AS SELECT id, status, due_at, version FROM series_enrolments "
                "WHERE organisation_id = :organisation AND status <> 'withdrawn'"
            ).bindparams(bindparam("organisation", type_=Id())),
            {"organisation": subject.organisation},
        )
        await connection.execute(text("CREATE UNIQUE INDEX benchmark_before_id ON benchmark_before (id)"))
        await certified.remember(connection, subject.organisation)


async def put_back(database: Database, subject: Subject) -> None:
    """Undoes every change of the run. History only grows; so it does in life."""
    if database.is_sqlite:
        await asyncio.to_thread(_put_back_file, str(database.engine.url.database), subject)
        return
    async with database.engine.connect() as connection:
        # References are as they were: to look at each of them would take a minute.
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in _undoing():
            undone = text(statement).bindparams(bindparam("organisation", type_=Id()))
            await connection.execute(undone, {"organisation": subject.organisation})
        await connection.commit()
        outside = await connection.execution_options(isolation_level="AUTOCOMMIT")
        untidy = ("series_enrolments", "history_entries", *certified.changed_tables())
        await outside.execute(text(f"VACUUM {', '.join(untidy)}"))


def _put_back_file(path: str, subject: Subject) -> None:
    """The same on SQLite, by a connection that looks at no references: they are as they were."""
    with closing(sqlite3.connect(path, timeout=60)) as connection:
        for statement in _undoing():
            connection.execute(statement, {"organisation": subject.organisation.hex})
        connection.commit()


def _undoing() -> Iterator[str]:
    yield (
        "UPDATE series_enrolments SET status = earlier.status, due_at = earlier.due_at, version = earlier.version, "
        "withdrawn_at = NULL, withdrawal_reason = NULL, withdrawal_note = NULL FROM benchmark_before AS earlier "
        "WHERE series_enrolments.organisation_id = :organisation AND series_enrolments.id = earlier.id "
        "AND series_enrolments.status = 'withdrawn'"
    )
    yield from certified.undoing()
