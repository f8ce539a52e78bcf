"""The data set becomes an organisation of courses on their real days, beside that of the series, whole or not at all."""

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import RowMapping, Table, select

from portal_api.database import Database
from portal_api.domain.courses.outcomes import Outcome
from portal_api.domain.courses.statuses import CourseEnrolmentStatus
from portal_api.domain.library import LibraryStatus
from portal_api.domain.roles import Role
from portal_api.importers.oulad import ImportFault, import_oulad
from portal_api.importers.oulad_courses import REF, CourseImportSummary, import_oulad_courses
from portal_api.models import (
    course_enrolments,
    course_offer_trainers,
    course_offers,
    course_units,
    courses,
    history_entries,
    learners,
    organisations,
    roles,
    unit_enrolments,
    units,
)
from portal_api.queries import organisations as organisation_queries
from tests import invariants
from tests.clock import START
from tests.importers.conftest import add, contents
from tests.importers.conftest import rows as rows_in

LONDON = ZoneInfo("Europe/London")
OCTOBER, FEBRUARY = date(2013, 10, 1), date(2014, 2, 1)


async def rows(database: Database, table: Table) -> list[RowMapping]:
    return await rows_in(database, table, REF)


async def by_ref(database: Database, table: Table) -> dict[str, RowMapping]:
    return {row["external_ref"]: row for row in await rows(database, table)}


async def test_everything_in_the_files_becomes_a_record(own_database: Database, folder: Path) -> None:
    summary = await import_oulad_courses(own_database, folder, now=START)

    assert summary == CourseImportSummary(
        is_new=True, learners=5, courses=3, offers=3, units=5, enrolments=6, unit_enrolments=15
    )
    assert str(summary) == (
        "Open University (OULAD courses) is imported: 5 learners, 3 courses, 3 course offers, 5 units, "
        "6 enrolments, 15 units of enrolments."
    )
    made = await by_ref(own_database, courses)
    assert {ref: (row["title"], row["program_identifier"], row["superseded_by"]) for ref, row in made.items()} == {
        "AAA": ("Module AAA", "AAA", None),
        "BBB": ("Module BBB", "BBB", None),
        "CCC": ("Module CCC", "CCC", None),
    }
    offers = await by_ref(own_database, course_offers)
    assert {ref: (row["course_id"], row["title"], row["starts_on"], row["ends_on"]) for ref, row in offers.items()} == {
        "AAA-2013J": (made["AAA"]["id"], "Module AAA, October 2013", OCTOBER, OCTOBER + timedelta(days=268)),
        "BBB-2014B": (made["BBB"]["id"], "Module BBB, February 2014", FEBRUARY, FEBRUARY + timedelta(days=240)),
        "CCC-2014J": (made["CCC"]["id"], "Module CCC, October 2014", date(2014, 10, 1), date(2015, 4, 19)),
    }
    people = await rows(own_database, learners)
    assert {row["external_ref"] for row in people} == {"11391", "28400", "30268", "31604", "32885"}
    assert {row["student_identifier"] for row in people} == {"INDIV"}
    assert not await rows(own_database, history_entries)


async def test_units_are_what_has_a_cut_off_day(own_database: Database, folder: Path) -> None:
    """Exams are none, nor is what has no day; hours are ten a week of the unit's days, rounded up."""
    await import_oulad_courses(own_database, folder, now=START)

    library = {row["identifier"]: (row["title"], row["scheduled_hours"]) for row in await rows(own_database, units)}
    assert library == {
        "AAA1752": ("Module AAA, October 2013: TMA of day 19", 28),
        "AAA1754": ("Module AAA, October 2013: TMA of day 54", 50),
        "AAA1756": ("Module AAA, October 2013: CMA of day 54", 50),
        "AAA1755": ("Module AAA, October 2013: TMA of day 117", 90),
        "BBB1758": ("Module BBB, February 2014: TMA of day 40", 58),
    }
    assert await _units_of(own_database, "AAA") == ["AAA1752", "AAA1754", "AAA1756", "AAA1755"]


async def _units_of(database: Database, ref: str) -> list[str]:
    course = (await by_ref(database, courses))[ref]
    identifiers = {row["id"]: row["identifier"] for row in await rows(database, units)}
    parts = [row for row in await rows(database, course_units) if row["course_id"] == course["id"]]
    assert [row["position"] for row in sorted(parts, key=_position)] == list(range(1, len(parts) + 1))
    return [identifiers[row["unit_id"]] for row in sorted(parts, key=_position)]


def _position(row: RowMapping) -> int:
    return row["position"]


async def test_an_enrolment_has_the_units_of_its_presentation_on_their_days(
    own_database: Database, folder: Path
) -> None:
    await import_oulad_courses(own_database, folder, now=START)

    made = await by_ref(own_database, course_enrolments)
    assert {row["status"] for row in made.values()} == {CourseEnrolmentStatus.CURRENT}
    enrolled = {ref: row["enrolled_at"].astimezone(LONDON).date() for ref, row in made.items()}
    assert enrolled == {
        "AAA-2013J-11391": OCTOBER - timedelta(days=159),
        "AAA-2013J-28400": OCTOBER - timedelta(days=53),
        "AAA-2013J-30268": OCTOBER - timedelta(days=92),
        "BBB-2014B-11391": FEBRUARY + timedelta(days=40),
        "BBB-2014B-31604": FEBRUARY + timedelta(days=230),
        "BBB-2014B-32885": FEBRUARY,
    }
    identifiers = {row["id"]: row["identifier"] for row in await rows(own_database, units)}
    own = [
        row
        for row in await rows(own_database, unit_enrolments)
        if row["course_enrolment_id"] == made["AAA-2013J-30268"]["id"]
    ]
    assert {
        identifiers[row["unit_id"]]: ((row["starts_on"] - OCTOBER).days, (row["ends_on"] - OCTOBER).days) for row in own
    } == {"AAA1752": (0, 19), "AAA1754": (19, 54), "AAA1756": (19, 54), "AAA1755": (54, 117)}
    assert {(row["outcome"], row["program_identifier"], row["actual_hours"]) for row in own} == {
        (Outcome.CONTINUING, "AAA", None)
    }


async def test_the_units_of_the_newest_presentation_are_in_use(own_database: Database, folder: Path) -> None:
    add(folder, "courses.csv", '"AAA","2013B","240"', '"AAA","2014B","240"')
    add(folder, "assessments.csv", '"AAA","2013B","1700","TMA","30","10"', '"AAA","2014B","1800","TMA","20","10"')

    await import_oulad_courses(own_database, folder, now=START)

    assert await _units_of(own_database, "AAA") == ["AAA1700", "AAA1752", "AAA1754", "AAA1756", "AAA1755", "AAA1800"]
    active = {row["identifier"] for row in await rows(own_database, units) if row["status"] is LibraryStatus.ACTIVE}
    assert active == {"AAA1800", "BBB1758"}


async def test_a_user_of_each_role_is_there_and_one_trains(own_database: Database, folder: Path) -> None:
    await import_oulad_courses(own_database, folder, now=START)

    held = {row["role"]: row["user_id"] for row in await rows(own_database, roles)}
    trained = await rows(own_database, course_offer_trainers)
    offers = {row["id"]: row["external_ref"] for row in await rows(own_database, course_offers)}
    assert held.keys() == set(Role)
    assert [(row["user_id"], offers[row["course_offer_id"]]) for row in trained] == [(held[Role.TRAINER], "AAA-2013J")]


async def test_what_always_holds_holds_of_the_import(own_database: Database, folder: Path) -> None:
    await import_oulad_courses(own_database, folder, now=START)

    async with own_database.engine.connect() as connection:
        [organisation] = (await connection.execute(select(organisations.c.id))).scalars()
        assert await organisation_queries.course_sizes(connection, REF) == [5, 3, 3, 5, 6, 15]
    await invariants.check(own_database, organisation)


async def test_both_imports_stand_beside_each_other_with_the_same_people(own_database: Database, folder: Path) -> None:
    await import_oulad(own_database, folder, now=START)
    await import_oulad_courses(own_database, folder, now=START)

    people = [await rows_in(own_database, learners, ref) for ref in ("oulad", REF)]
    names = [{row["external_ref"]: (row["given_name"], row["family_name"]) for row in each} for each in people]
    assert len(names[0]) == 5
    assert names[0] == names[1]


async def test_again_on_another_day_changes_nothing(own_database: Database, folder: Path) -> None:
    await import_oulad_courses(own_database, folder, now=START)
    before = await contents(own_database)

    again = await import_oulad_courses(own_database, folder, now=START + timedelta(days=100))

    assert not again.is_new
    assert str(again).endswith("6 enrolments, 15 units of enrolments; nothing was changed.")
    assert await contents(own_database) == before


async def test_two_imports_at_once_make_one_organisation(own_database: Database, folder: Path) -> None:
    done = await asyncio.gather(*(import_oulad_courses(own_database, folder, now=START) for _ in range(2)))

    assert sorted(each.is_new for each in done) == [False, True]


async def test_a_failure_while_writing_leaves_nothing(own_database: Database, folder: Path) -> None:
    before = await contents(own_database)

    def stop(what: str, _done: int, _of: int) -> None:
        if what == f"{REF}: course enrolments":
            raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        await import_oulad_courses(own_database, folder, now=START, progress=stop)

    assert await contents(own_database) == before


def _many(folder: Path) -> None:
    add(folder, "assessments.csv", *(f'"AAA","2013J","{number}","TMA","200","1"' for number in range(2_000, 2_097)))


def _long_name(folder: Path) -> None:
    add(folder, "courses.csv", '"WELDING","2013J","200"')
    add(folder, "assessments.csv", '"WELDING","2013J","123456","TMA","20","1"')


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_many, r"assessments\.csv, line 106: module AAA has more than 100 assessments"),
        (_long_name, r"assessments\.csv, line 10: WELDING123456 is too long to name a unit"),
    ],
)
async def test_what_no_course_can_hold_is_a_fault(
    own_database: Database, folder: Path, spoil: Callable[[Path], Any], said: str
) -> None:
    before = await contents(own_database)
    spoil(folder)

    with pytest.raises(ImportFault, match=rf"^{said}"):
        await import_oulad_courses(own_database, folder, now=START)

    assert await contents(own_database) == before
