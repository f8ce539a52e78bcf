"""The command line: serve, migrate, seed, import, token, manifest, schema, tables, tick."""

import asyncio
import logging
import re
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from sqlite3 import OperationalError
from time import perf_counter
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from asyncpg import PostgresError  # pyright: ignore[reportMissingTypeStubs]  it has none
from sqlalchemy.exc import SQLAlchemyError

from portal_api.auth import Claims, Tokens, signing_key
from portal_api.clock import system_clock
from portal_api.database import Database, open_database
from portal_api.domain.roles import Role
from portal_api.domain.tables import printed_tables
from portal_api.ids import new_id
from portal_api.queries import organisations as organisation_queries
from portal_api.revisions import NEWEST, revision_steps
from portal_api.settings import settings

T = TypeVar("T")
HOME = Path(__file__).parent.parent
TTL = re.compile(r"(\d+)([smhd])")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

portal = typer.Typer(help="The learner portal.", no_args_is_help=True, pretty_exceptions_enable=False)
imports = typer.Typer(help="Bring in records from elsewhere.", no_args_is_help=True)
portal.add_typer(imports, name="import")


class Step(StrEnum):
    """What `migrate` does."""

    UP = "up"
    DOWN = "down"
    STATUS = "status"


def fail(message: str) -> NoReturn:
    """Says what went wrong, and ends with 1."""
    typer.secho(message, err=True, fg="red")
    raise typer.Exit(1)


def with_database(work: Callable[[Database], Coroutine[Any, Any, T]], *, durable: bool = True) -> T:
    """Runs work on the database of the settings; what it cannot do is told in one line."""

    async def run() -> T:
        database = open_database(settings(), durable=durable)
        try:
            return await work(database)
        finally:
            await database.close()

    try:
        return asyncio.run(run())
    except (RuntimeError, ValueError) as error:
        fail(str(error))
    except (SQLAlchemyError, OSError) as error:
        first_line, *_ = str(getattr(error, "orig", None) or error).splitlines()
        fail(f"The database does not do as it should: {first_line}")


async def make_ready(database: Database) -> None:
    """Migrates an embedded database; a server is only checked, since whoever runs it decides when.

    Raises:
        RuntimeError: if a server is at another revision than this code.
    """
    current: str | None = None
    with suppress(OperationalError, PostgresError):  # there is none yet
        current = await database.reader.run(revision_steps())
    if current == NEWEST:
        return
    if not database.is_sqlite:
        raise RuntimeError(
            f"The database is at revision {current or 'none'}, this code at {NEWEST}. Run 'portal-api migrate up'."
        )
    from portal_api.migrations import migrate_up

    await migrate_up(database.engine)


@portal.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen at.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="How many processes.")] = 1,
) -> None:
    """Serve the API and its explorer."""
    import uvicorn

    try:
        Tokens(signing_key(settings()))
    except ValueError as error:
        fail(str(error))
    with_database(make_ready)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    typer.echo(f"The portal listens at http://{host}:{port}/ (explorer) and http://{host}:{port}/graphql")
    uvicorn.run(
        "portal_api.app:from_environment",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        server_header=False,
    )


@portal.command()
def migrate(step: Annotated[Step, typer.Argument(help="Which way, or where it stands.")] = Step.UP) -> None:
    """Bring the database up to this code, take it one step down, or say where it stands."""

    from portal_api.migrations import current_revision, migrate_down, migrate_up

    async def work(database: Database) -> str | None:
        if step is Step.UP:
            await migrate_up(database.engine)
        elif step is Step.DOWN:
            await migrate_down(database.engine)
        return await current_revision(database.engine)

    current = with_database(work)
    typer.echo(f"database: {current or 'empty'}; code: {NEWEST}")
    if step is Step.STATUS and current != NEWEST:
        raise typer.Exit(1)


@portal.command()
def seed(
    learners: Annotated[int, typer.Option(min=20, help="How many learners the demo organisation has.")] = 60,
) -> None:
    """Make the demo organisation and its twin, unless they are there."""
    from portal_api.importers.demo import seed_demo

    async def work(database: Database) -> bool:
        await make_ready(database)
        with progress() as report:
            return await seed_demo(database, learners=learners, now=system_clock(), progress=report)

    is_new = with_database(work)
    typer.echo(
        "The demo organisation is ready." if is_new else "The demo organisation is there already; nothing was changed."
    )


class Kind(StrEnum):
    """What the presentations of the data set become."""

    SERIES = "series"
    COURSES = "courses"


@imports.command()
def oulad(
    folder: Annotated[Path, typer.Argument(help="The folder with the four CSV files.")],
    kind: Annotated[
        Kind,
        typer.Option("--as", help="What presentations become: series that run today, or courses on their own days."),
    ] = Kind.SERIES,
) -> None:
    """Import the Open University Learning Analytics Dataset as an organisation of its own."""
    from portal_api.importers.oulad import ImportFault, import_oulad
    from portal_api.importers.oulad_courses import import_oulad_courses

    import_it = import_oulad if kind is Kind.SERIES else import_oulad_courses

    async def work(database: Database) -> str:
        await make_ready(database)
        with progress() as report:
            return str(await import_it(database, folder, now=system_clock(), progress=report))

    began = perf_counter()
    try:
        typer.echo(with_database(work, durable=False))
    except ImportFault as fault:
        fail(str(fault))
    typer.echo(f"It took {perf_counter() - began:.1f} s.")


@portal.command()
def token(
    role: Annotated[str, typer.Option(help="OWNER, ADMIN, MANAGER, TRAINER, LEARNER or INTEGRATION.")],
    organisation: Annotated[
        str | None, typer.Option(help="The organisation's reference; the newest when not given.")
    ] = None,
    learner: Annotated[
        str | None, typer.Option(help="The reference of the learner that the user is linked to.")
    ] = None,
    user: Annotated[str | None, typer.Option(help="The user's reference; the first one when not given.")] = None,
    ttl: Annotated[str, typer.Option(help="How long it holds: 30m, 12h, 7d.")] = "12h",
) -> None:
    """Print a token for a user who holds a role; it stands alone on the last line."""
    if role.lower() not in set(Role):
        raise typer.BadParameter(f"'{role}' is no role: {', '.join(each.name for each in Role)}")
    if not (length := TTL.fullmatch(ttl)):
        raise typer.BadParameter(f"'{ttl}' is no time: give a number and s, m, h or d")
    if learner and user:
        raise typer.BadParameter("give --learner or --user, not both")
    holds = timedelta(**{UNITS[length[2]]: int(length[1])})

    async def work(database: Database) -> tuple[Any, Any] | None:
        async with database.engine.connect() as connection:
            return await organisation_queries.find_user(
                connection, Role(role.lower()), organisation_ref=organisation, learner_ref=learner, user_ref=user
            )

    found = with_database(work)
    if found is None:
        fail(
            f"Nobody holds the role {role.upper()} there. Make demo data with 'portal-api seed', or name another organisation."
        )
    try:
        tokens = Tokens(signing_key(settings()))
    except ValueError as error:
        fail(str(error))
    typer.echo(tokens.sign(Claims(*found), now=system_clock(), ttl=holds))


@portal.command()
def manifest(
    check: Annotated[bool, typer.Option("--check", help="Only say whether the file is up to date.")] = False,
) -> None:
    """Write operations/manifest.json, the trusted documents, from the frontends' documents."""
    from portal_api.trusted import printed_manifest

    folder = HOME / "operations"
    write(folder / "manifest.json", printed_manifest(folder), check=check, command="make manifest")


@portal.command()
def schema(
    check: Annotated[bool, typer.Option("--check", help="Only say whether the file is up to date.")] = False,
) -> None:
    """Write schema.graphql from the code."""
    from portal_api.schema import printed_schema

    write(HOME / "schema.graphql", printed_schema(), check=check, command="make schema")


@portal.command()
def tables(
    check: Annotated[bool, typer.Option("--check", help="Only say whether the file is up to date.")] = False,
) -> None:
    """Write docs/tables.md from the status tables."""
    write(HOME / "docs" / "tables.md", printed_tables(), check=check, command="make tables")


@portal.command()
def tick() -> None:
    """Write down what time has done, once."""
    from portal_api.ticker import tick as tick_once

    moved = with_database(lambda database: tick_once(database, system_clock, new_id))
    typer.echo("Another ticker is at work." if moved is None else f"Time moved {moved} records.")


def write(file: Path, content: str, *, check: bool, command: str) -> None:
    """Writes a file that is made from the code, or says that it is out of date."""
    if not check:
        file.write_text(content)
    elif not file.exists() or file.read_text() != content:
        fail(f"{file.name} is out of date: run '{command}'")


class progress:  # noqa: N801  reads as a verb where it is used
    """Shows how far long work has come, on standard error; call it with (what, done, of)."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._shown = Progress(*columns, console=Console(stderr=True))
        self._tasks: dict[str, Any] = {}

    def __enter__(self) -> "progress":
        self._shown.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._shown.stop()

    def __call__(self, what: str, done: int, of: int) -> None:
        if what not in self._tasks:
            self._tasks[what] = self._shown.add_task(what, total=of)
        self._shown.update(self._tasks[what], completed=done, total=of)


def main() -> None:
    """Runs the command line."""
    sys.exit(portal())
