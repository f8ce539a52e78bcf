"""The example program finalises over HTTP what the files record as ended, and counts what the portal counts."""

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import RowMapping, update

from portal_api.auth import Tokens
from portal_api.database import Database
from portal_api.domain.courses.outcomes import Outcome
from portal_api.domain.courses.statuses import CourseEnrolmentStatus
from portal_api.domain.roles import Role
from portal_api.importers.oulad_courses import REF, import_oulad_courses
from portal_api.models import course_enrolments, history_entries, unit_enrolments, units
from tests import invariants
from tests.clock import START
from tests.importers.conftest import add, contents
from tests.importers.conftest import rows as rows_in
from tests.importers.programs import Ended, Run, ended, token_of

OCTOBER, FEBRUARY = date(2013, 10, 1), date(2014, 2, 1)
INFO = '"M","Wales","A Level","","0-35","0","60","N"'
_S = CourseEnrolmentStatus


@pytest.fixture
def run(own_database: Database, folder: Path, url: str, tokens: Tokens) -> Run:
    """Imports, then runs the program as a user of a role."""

    async def ran(*options: str, role: Role = Role.ADMIN) -> Ended:
        await import_oulad_courses(own_database, folder, now=START)
        given = await token_of(own_database, tokens, role)
        return await ended("replay_finalisations.py", str(folder), "--url", url, "--token", given, *options)

    return ran


def register(folder: Path, number: int, left_on: str, result: str, *, presentation: str = '"AAA","2013J"') -> None:
    """One more registration."""
    add(folder, "studentRegistration.csv", f'{presentation},"{number}","-20","{left_on}"')
    add(folder, "studentInfo.csv", f'{presentation},"{number}",{INFO},"{result}"')


@pytest.fixture
def folder(folder: Path) -> Path:
    """The files of eleven registrations: also of some who left on edges, or nobody knows when, and one who failed later."""
    register(folder, 50_001, "", "Withdrawn")
    register(folder, 50_002, "19", "Withdrawn")
    register(folder, 50_003, "250", "Withdrawn")
    register(folder, 50_004, "18", "Fail")
    register(folder, 50_005, "3", "Withdrawn", presentation='"CCC","2014J"')
    return folder


def compared(counts: dict[str, int]) -> list[str]:
    """The lines of counts in which the portal and the files agree."""
    return [f"{name}: portal {count}, files {count}" for name, count in counts.items()]


AGREED = compared(
    {
        "outcome 40": 1 + 3 + 4,
        "outcome 00": 3 + 1 + 1,
        "outcome 20": 4 + 1,
        "outcome 30": 4 + 4 + 1,
        "outcome 70": 4,
        "TNC of units": 4 + 4 + 4 + 1,
        "TNC of enrolments": 5,
    }
)


async def rows(database: Database) -> dict[str, RowMapping]:
    return {row["external_ref"]: row for row in await rows_in(database, course_enrolments, REF)}


async def units_of(database: Database, ref: str) -> dict[str, tuple[str | None, int, int | None]]:
    """Outcome, last day counted from the start, and hours attended of each unit of an enrolment."""
    identifiers = {row["id"]: row["identifier"] for row in await rows_in(database, units, REF)}
    enrolment = (await rows(database))[ref]
    start = enrolment["starts_on"]
    return {
        identifiers[row["unit_id"]]: (row["outcome"], (row["ends_on"] - start).days, row["actual_hours"])
        for row in await rows_in(database, unit_enrolments, REF)
        if row["course_enrolment_id"] == enrolment["id"]
    }


async def test_what_is_recorded_as_ended_is_finalised_once(own_database: Database, run: Run) -> None:
    first = await run()

    assert first.code == 0, first.said
    assert first.printed[-7:] == AGREED
    assert first.counts == {
        "wanted": 10,
        "found": 10,
        "finalised": 10,
        "WITHDRAWN": 5,
        "COMPLETED": 5,
        "unchanged": 0,
        "refused": 0,
    }
    made = await rows(own_database)
    assert Counter(row["status"] for row in made.values()) == {_S.WITHDRAWN: 5, _S.COMPLETED: 5, _S.CURRENT: 1}
    assert made["AAA-2013J-50001"]["status"] is _S.CURRENT
    assert made["BBB-2014B-32885"]["finalised_on"] == FEBRUARY - timedelta(days=3)
    assert made["AAA-2013J-50003"]["finalised_on"] == OCTOBER + timedelta(days=250)
    history = await rows_in(own_database, history_entries, REF)
    assert len(history) == 10 + 4 * 3 + 1 + 4 * 3 + 2
    await invariants.check(own_database, made["AAA-2013J-50001"]["organisation_id"])

    before = await contents(own_database)
    second = await run()

    assert (second.code, second.printed[-7:]) == (0, AGREED), second.said
    assert second.counts == first.counts | {"finalised": 0, "WITHDRAWN": 0, "COMPLETED": 0, "unchanged": 10}
    assert await contents(own_database) == before


async def test_hours_are_the_share_of_the_days_that_had_passed(own_database: Database, run: Run) -> None:
    """Of 28 hours in 19 days, 12 days are 17.7; a unit that begins on the day has begun, and has no hours yet."""
    await run()

    left, continuing = Outcome.WITHDRAWN, Outcome.CONTINUING
    assert await units_of(own_database, "AAA-2013J-30268") == {
        "AAA1752": (left, 12, 18),
        "AAA1754": (Outcome.NOT_COMMENCED, 54, 0),
        "AAA1756": (Outcome.NOT_COMMENCED, 54, 0),
        "AAA1755": (Outcome.NOT_COMMENCED, 117, 0),
    }
    assert await units_of(own_database, "AAA-2013J-50002") == {
        "AAA1752": (left, 19, 28),
        "AAA1754": (left, 19, 0),
        "AAA1756": (left, 19, 0),
        "AAA1755": (Outcome.NOT_COMMENCED, 117, 0),
    }
    assert await units_of(own_database, "AAA-2013J-50003") == {
        "AAA1752": (left, 250, 28),
        "AAA1754": (left, 250, 50),
        "AAA1756": (left, 250, 50),
        "AAA1755": (left, 250, 90),
    }
    assert await units_of(own_database, "AAA-2013J-50004") == {
        "AAA1752": (Outcome.NOT_COMPETENT, 19, None),
        "AAA1754": (Outcome.NOT_COMPETENT, 54, None),
        "AAA1756": (Outcome.NOT_COMPETENT, 54, None),
        "AAA1755": (Outcome.NOT_COMPETENT, 117, None),
    }
    assert await units_of(own_database, "AAA-2013J-50001") == {
        "AAA1752": (continuing, 19, None),
        "AAA1754": (continuing, 54, None),
        "AAA1756": (continuing, 54, None),
        "AAA1755": (continuing, 117, None),
    }


async def test_many_are_finalised_in_batches(folder: Path, run: Run) -> None:
    for number in range(60_000, 60_250):
        register(folder, number, str(number % 300 - 20), "Withdrawn")

    end = await run("--batch", "100")

    assert end.code == 0, end.said
    assert end.counts["WITHDRAWN"] == 255
    assert "preview: 260 rows in 7 calls" in end.said


async def test_what_differs_from_the_files_is_told(own_database: Database, run: Run) -> None:
    await run()
    async with own_database.engine.begin() as connection:
        lost = update(unit_enrolments).where(unit_enrolments.c.outcome == Outcome.CONTINUING)
        await connection.execute(lost.values(outcome=None))

    end = await run()

    assert end.code == 1
    assert "outcome 70: portal 0, files 4  DIFFERS" in end.printed
    assert [line for line in end.printed if "DIFFERS" in line] == ["outcome 70: portal 0, files 4  DIFFERS"]


async def test_what_is_refused_is_told_and_the_rest_is_finalised(own_database: Database, run: Run) -> None:
    await run()
    async with own_database.engine.begin() as connection:
        declined = update(course_enrolments).where(course_enrolments.c.external_ref == "AAA-2013J-50003")
        cleared = {"status": _S.DECLINED, "finalised_on": None, "finalised_at": None}
        await connection.execute(declined.values(cleared))

    end = await run()

    assert end.code == 1
    assert end.counts["refused"] == 1
    assert "(STATUS_NOT_ALLOWED)" in end.said


async def test_who_may_not_finalise_is_told(own_database: Database, run: Run) -> None:
    end = await run(role=Role.MANAGER)

    assert end.code == 1
    assert "Traceback" not in end.said
    assert not await rows_in(own_database, history_entries, REF)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("studentInfo.csv", "final_result", "result", "'final_result' is not in them"),
        ("studentInfo.csv", '"Distinction"', '"Splendid"', "'Splendid' is not in them"),
        ("studentRegistration.csv", '"12"', '"soon"', "'soon'"),
        ("assessments.csv", '"AAA"', '"ZZZ"', "'ZZZ-2013J' is not in them"),
    ],
)
async def test_files_that_are_not_the_data_sets_are_told(
    folder: Path, file: str, old: str, new: str, said: str
) -> None:
    (folder / file).write_text((folder / file).read_text().replace(old, new))

    end = await ended("replay_finalisations.py", str(folder), "--url", "http://127.0.0.1:9", "--token", "none")

    assert end.code == 1
    assert said in end.said
    assert "Traceback" not in end.said
