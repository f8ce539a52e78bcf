"""Measures the portal beside floor and peers: `python -m benchmarks`; writes what it found to RESULTS.md."""

import argparse
import asyncio
import os
from contextlib import nullcontext
from pathlib import Path
from time import sleep

from sqlalchemy import text

from benchmarks import data, inside, report, servers
from benchmarks.data import Subject
from benchmarks.measured import Figures, Side
from benchmarks.peers import running
from benchmarks.run import Run
from portal_api import memory
from portal_api.database import open_database

ENGINES = ("sqlite", "postgresql")


def main() -> None:
    """Runs what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--engine", choices=[*ENGINES, "both"], default="both")
    parser.add_argument("--seconds", type=float, default=2, help="how long each slot of a read lasts")
    parser.add_argument("--rounds", type=int, default=5, help="how often they take turns")
    parser.add_argument("--learners", type=int, default=10_000)
    parser.add_argument("--no-peers", action="store_true", help="measure floor and portal alone")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("RESULTS.md"))
    given = parser.parse_args()
    load_before = os.getloadavg()[0]
    figures = [
        measured(engine, given.learners, given.seconds, given.rounds, with_peers=not given.no_peers)
        for engine in (ENGINES if given.engine == "both" else (given.engine,))
    ]
    command = _command(parser, given)
    written = report.written(figures, command, given.learners, given.seconds, given.rounds, load_before)
    print(written)
    given.output.write_text(written)


def _command(parser: argparse.ArgumentParser, given: argparse.Namespace) -> str:
    """The command that does it again; where the page goes is left out."""
    said = {
        name: value for name, value in vars(given).items() if value != parser.get_default(name) and name != "output"
    }
    options = [f"--{name.replace('_', '-')}" + ("" if value is True else f" {value}") for name, value in said.items()]
    return f'make bench ARGS="{" ".join(options)}"' if options else "make bench"


def measured(engine: str, learners: int, seconds: float, rounds: int, *, with_peers: bool) -> Figures:
    """All figures of one engine."""
    absent: list[str] = []
    with data.copy_for_run(engine, learners) as copy:
        url = copy.url
        subject, version, statements, known = asyncio.run(_looked_inside(url))
        environment = {"PORTAL_DATABASE_URL": url, "PORTAL_SIGNING_KEY": data.SIGNING_KEY}
        with (
            servers.floor(environment) as floor,
            servers.portal(environment) as portal,
            running.beside(url, absent) if with_peers else nullcontext({}) as peers,
        ):
            run = Run(url, subject, {Side.FLOOR: floor, Side.PORTAL: portal}, peers)
            memory_before = portal.memory
            for number in range(rounds):
                print(f"{engine}: round {number + 1} of {rounds}")
                run.reads(seconds, number)
            for number in range(rounds):
                print(f"{engine}: writing, round {number + 1} of {rounds}")
                run.writes(number)
            new, again = run.new_document()
            sleep(memory.SECONDS + 1)
            return Figures(
                engine=engine,
                version=version,
                had_statistics=copy.had_statistics,
                measured=run.measured,
                sizes=run.sizes,
                statements=statements,
                new_document=new - again,
                known_document=known,
                memory=(memory_before, portal.memory, portal.most_memory),
                absent=absent,
            )


async def _looked_inside(url: str) -> tuple[Subject, str, dict[str, inside.Statements], float]:
    database = open_database(data.settings_for(url))
    try:
        subject = await data.find_subject(database)
        await data.remember(database, subject)
        async with database.engine.connect() as connection:
            asked = "SELECT sqlite_version()" if database.is_sqlite else "SHOW server_version"
            version = str((await connection.execute(text(asked))).scalar_one())
        statements = await inside.statements(database, subject)
        await data.put_back(database, subject)
        return subject, version, statements, inside.known_document(database)
    finally:
        await database.close()


if __name__ == "__main__":
    main()
