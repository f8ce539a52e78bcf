"""Measures how answers grow with the organisation: `python -m benchmarks.growth`; writes what it found to GROWTH.md."""

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import text

from benchmarks import data
from benchmarks.growth import report
from benchmarks.growth.measuring import measured
from benchmarks.growth.report import Figures
from benchmarks.growth.seeding import SIZES, Seeded, seeded
from portal_api.database import open_database
from portal_api.importers.demo import DEMO

ENGINES = ("sqlite", "postgresql")
COUNTED = (
    "learners",
    "series_enrolments",
    "learner_certifications",
    "certification_cycles",
    "course_enrolments",
    "history_entries",
)
_TEAM = f"""
    SELECT count(*) FROM reporting_lines JOIN roles ON roles.organisation_id = reporting_lines.organisation_id
    AND roles.learner_id = reporting_lines.manager_id JOIN organisations ON organisations.id = roles.organisation_id
    WHERE roles.role = 'manager' AND organisations.external_ref = '{DEMO.ref}'
"""


def main() -> None:
    """Runs what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--engine", choices=[*ENGINES, "both"], default="both")
    parser.add_argument("--most", type=int, default=max(SIZES["postgresql"]), help="the most learners of a size")
    parser.add_argument("--only", default="", help="a part of the name of what is asked")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent.with_name("GROWTH.md"))
    given = parser.parse_args()
    engines = ENGINES if given.engine == "both" else (given.engine,)
    figures = [_figures(engine, given.most, given.only) for engine in engines]
    notes = Path(__file__).with_name("NOTES.md").read_text()
    written = report.written(figures, notes)
    print(written)
    given.output.write_text(written)
    if failed := [each for own in figures for each in report.failures(own)]:
        raise SystemExit("\n".join(failed))


def _figures(engine: str, most: int, only: str) -> Figures:
    with seeded(engine, [size for size in SIZES[engine] if size <= most]) as databases:
        version, rows = asyncio.run(_looked_inside(databases))
        return Figures(engine, version, databases, rows, measured(databases, only))


async def _looked_inside(databases: Sequence[Seeded]) -> tuple[str, dict[str, list[int]]]:
    version, rows = "", {name: list[int]() for name in (*COUNTED, "in the Manager's team")}
    for each in databases:
        database = open_database(data.settings_for(each.url))
        try:
            async with database.engine.connect() as connection:
                asked = "SELECT sqlite_version()" if database.is_sqlite else "SHOW server_version"
                version = str((await connection.execute(text(asked))).scalar_one())
                for table in COUNTED:
                    rows[table].append((await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())
                rows["in the Manager's team"].append((await connection.execute(text(_TEAM))).scalar_one())
        finally:
            await database.close()
    return version, rows


if __name__ == "__main__":
    main()
