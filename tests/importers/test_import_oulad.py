"""The data set becomes an organisation, whole or not at all, and once."""

import asyncio
import csv
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import RowMapping, Table, select

from portal_api.database import Database
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.roles import Role
from portal_api.domain.series import SERIES_ENROLMENTS, SeriesDuration, SeriesEnrolmentStatus
from portal_api.importers.oulad import ImportFault, ImportSummary, import_oulad
from portal_api.models import history_entries, learners, organisations, reporting_lines, roles, series, users
from portal_api.models import series_enrolments as enrolments
from tests import invariants
from tests.clock import START
from tests.importers.conftest import FILES, contents

LONDON = ZoneInfo("Europe/London")
TODAY = START.astimezone(LONDON).date()
_S = SeriesEnrolmentStatus


async def rows(database: Database, table: Table) -> dict[str, RowMapping]:
    """The rows of a table by their reference."""
    async with database.engine.connect() as connection:
        return {row["external_ref"]: row for row in (await connection.execute(select(table))).mappings()}


def day_of(at: datetime) -> date:
    return at.astimezone(LONDON).date()


async def test_everything_in_the_files_becomes_a_record(own_database: Database, folder: Path) -> None:
    summary = await import_oulad(own_database, folder, now=START)

    assert summary == ImportSummary(is_new=True, learners=5, series=3, enrolments=6)
    assert str(summary) == "Open University (OULAD) is imported: 5 learners, 3 series, 6 enrolments."
    assert {ref: row["status"] for ref, row in (await rows(own_database, enrolments)).items()} == {
        "AAA-2013J-11391": _S.MASTERED,
        "AAA-2013J-28400": _S.INCOMPLETE,
        "AAA-2013J-30268": _S.IN_PROGRESS,
        "BBB-2014B-11391": _S.MASTERED,
        "BBB-2014B-31604": _S.INCOMPLETE,
        "BBB-2014B-32885": _S.IN_PROGRESS,
    }
    library = await rows(own_database, series)
    assert {ref: (row["title"], row["duration_days"]) for ref, row in library.items()} == {
        "AAA-2013J": ("Module AAA, October 2013", 268),
        "BBB-2014B": ("Module BBB, February 2014", 240),
        "CCC-2014J": ("Module CCC, October 2014", 200),
    }
    assert {row["duration"] for row in library.values()} == {SeriesDuration.FIXED}
    people = await rows(own_database, learners)
    assert people.keys() == {"11391", "28400", "30268", "31604", "32885"}
    assert all(row["status"] is LearnerStatus.ACTIVE and row["has_app_access"] for row in people.values())
    assert [row["name"] for row in (await rows(own_database, organisations)).values()] == ["Open University (OULAD)"]
    async with own_database.engine.connect() as connection:
        assert not (await connection.execute(select(history_entries))).all()


async def test_registrations_keep_their_distance_from_the_start(own_database: Database, folder: Path) -> None:
    """AAA-2013J is three quarters through; BBB-2014B is two days past its last registration, which came that late."""
    await import_oulad(own_database, folder, now=START)

    made = await rows(own_database, enrolments)
    starts = {"AAA-2013J": TODAY - timedelta(days=201), "BBB-2014B": TODAY - timedelta(days=232)}
    for ref, day in {
        "AAA-2013J-11391": -159,
        "AAA-2013J-28400": -53,
        "AAA-2013J-30268": -92,
        "BBB-2014B-11391": 40,
        "BBB-2014B-31604": 230,
        "BBB-2014B-32885": 0,
    }.items():
        row, start = made[ref], starts[ref[:9]]
        assert day_of(row["enrolled_at"]) == start + timedelta(days=day)
        assert day_of(row["starts_at"]) == start + timedelta(days=max(day, 0))
        assert row["enrolled_at"] <= row["starts_at"]
    length = timedelta(days=268)
    assert day_of(made["AAA-2013J-30268"]["ends_at"]) == starts["AAA-2013J"] + length
    assert made["AAA-2013J-30268"]["ends_at"].astimezone(LONDON).hour == 0


@pytest.mark.parametrize("hour", [0, 12, 23])
async def test_statuses_are_those_of_the_day_of_the_import(own_database: Database, folder: Path, hour: int) -> None:
    now = datetime(2026, 7, 1, hour, 30, tzinfo=LONDON)
    await import_oulad(own_database, folder, now=now)

    for row in (await rows(own_database, enrolments)).values():
        assert row["has_signed_in"]
        assert row["starts_at"] < min(row["ends_at"], now)
        assert SERIES_ENROLMENTS.status_at(now, row["status"], row) is row["status"]
        if row["status"] is _S.IN_PROGRESS:
            assert row["ends_at"] > now
            assert row["due_at"] == row["ends_at"]
        if row["status"] is _S.INCOMPLETE:
            assert day_of(row["ends_at"]) < now.date()
        if row["status"] is _S.MASTERED:
            assert row["starts_at"] < row["mastered_at"] < now < row["ends_at"]


async def test_a_user_of_each_role_is_there_and_two_are_learners(own_database: Database, folder: Path) -> None:
    await import_oulad(own_database, folder, now=START)

    people = {row["id"]: row for row in (await rows(own_database, learners)).values()}
    async with own_database.engine.connect() as connection:
        held = {row.role: row.learner_id for row in await connection.execute(select(roles))}
        below = Counter((await connection.execute(select(reporting_lines.c.manager_id))).scalars())
    assert held.keys() == set(Role)
    assert {role for role, learner in held.items() if learner} == {Role.MANAGER, Role.LEARNER}
    assert below[held[Role.MANAGER]]
    assert people[held[Role.LEARNER]]["external_ref"] in {"30268", "31604", "32885"}
    assert (await rows(own_database, users)).keys() == {f"oulad-{role}" for role in Role}


async def test_what_always_holds_holds_of_the_import(own_database: Database, folder: Path) -> None:
    await import_oulad(own_database, folder, now=START)

    [organisation] = (await rows(own_database, organisations)).values()
    await invariants.check(own_database, organisation["id"])


async def test_again_on_another_day_changes_nothing(own_database: Database, folder: Path) -> None:
    await import_oulad(own_database, folder, now=START)
    before = await contents(own_database)

    again = await import_oulad(own_database, folder, now=START + timedelta(days=100))

    assert again == ImportSummary(is_new=False, learners=5, series=3, enrolments=6)
    assert str(again).endswith("is there already, with 5 learners, 3 series, 6 enrolments; nothing was changed.")
    assert await contents(own_database) == before


async def test_two_imports_at_once_make_one_organisation(own_database: Database, folder: Path) -> None:
    done = await asyncio.gather(*(import_oulad(own_database, folder, now=START) for _ in range(2)))

    assert sorted(each.is_new for each in done) == [False, True]
    assert len(await rows(own_database, enrolments)) == 6


async def test_a_failure_while_writing_leaves_nothing(own_database: Database, folder: Path) -> None:
    before = await contents(own_database)

    def stop(what: str, _done: int, _of: int) -> None:
        if what == "oulad: enrolments":
            raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        await import_oulad(own_database, folder, now=START, progress=stop)

    assert await contents(own_database) == before


async def test_progress_is_told(own_database: Database, folder: Path) -> None:
    told: dict[str, tuple[int, int]] = {}

    await import_oulad(own_database, folder, now=START, progress=lambda what, *counts: told.update({what: counts}))

    assert told["files read"] == (2, 2)
    assert told["oulad: enrolments"] == (6, 6)
    assert told["oulad: learners"] == (5, 5)


def rewritten(file: Path) -> None:
    """The same rows, columns in the other order, with one more, a mark at the beginning and an empty line at the end."""
    with file.open(newline="") as opened:
        lines = [[*reversed(fields), "more"] for fields in csv.reader(opened)]
    lines[0][-1] = "further"
    with file.open("w", newline="", encoding="utf-8-sig") as opened:
        csv.writer(opened).writerows([*lines, []])


async def test_the_order_of_columns_and_what_else_is_in_the_files_do_not_matter(
    own_database: Database, folder: Path
) -> None:
    for name in FILES:
        rewritten(folder / name)

    assert (await import_oulad(own_database, folder, now=START)).enrolments == 6


# ---------------------------------------------------------------- faults

Spoil = Callable[[Path], Any]


def replaced(file: str, old: str, new: str) -> Spoil:
    """Puts another text in the place of one, which has to be there."""

    def spoil(folder: Path) -> None:
        text = (folder / file).read_text()
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1))

    return spoil


def added(file: str, line: str) -> Spoil:
    """Adds a line at the end."""
    return lambda folder: (folder / file).write_text(f"{(folder / file).read_text()}{line}\n")


def written(file: str, content: bytes) -> Spoil:
    """Writes the file anew."""
    return lambda folder: (folder / file).write_bytes(content)


def removed(file: str) -> Spoil:
    return lambda folder: (folder / file).unlink()


COURSES, ASSESSMENTS = "courses.csv", "assessments.csv"
REGISTRATIONS, RESULTS = "studentRegistration.csv", "studentInfo.csv"
INFO = '"M","Wales","A Level","0-10%","0-35","0","60","N"'
FAULTS: dict[str, tuple[Spoil, str]] = {
    "no courses": (removed(COURSES), r"courses\.csv: cannot be read in .*: No such file"),
    "no assessments": (removed(ASSESSMENTS), r"assessments\.csv: cannot be read"),
    "no registrations": (removed(REGISTRATIONS), r"studentRegistration\.csv: cannot be read"),
    "no results": (removed(RESULTS), r"studentInfo\.csv: cannot be read"),
    "an empty file": (written(COURSES, b""), r"courses\.csv: is empty"),
    "a header alone": (
        written(COURSES, b"code_module,code_presentation,module_presentation_length\n"),
        r"courses\.csv: has no rows",
    ),
    "a column renamed": (
        replaced(RESULTS, "final_result", "result"),
        r"studentInfo\.csv, line 1: the column final_result is missing",
    ),
    "a column twice": (
        replaced(RESULTS, '"region"', '"gender"'),
        r"studentInfo\.csv, line 1: the column region is missing",
    ),
    "a column again": (
        replaced(COURSES, '"code_presentation"', '"code_presentation","code_presentation"'),
        r"courses\.csv, line 1: the column code_presentation is there twice",
    ),
    "a field too few": (
        replaced(REGISTRATIONS, '"-53",""', '"-53"'),
        r"studentRegistration\.csv, line 3: has 4 fields where the header has 5",
    ),
    "a field too many": (
        replaced(REGISTRATIONS, '"-53",""', '"-53","",""'),
        r"studentRegistration\.csv, line 3: has 6 fields",
    ),
    "a quotation mark left open": (
        replaced(REGISTRATIONS, '"-92","12"', '"-92","12'),
        r"studentRegistration\.csv, line 4: is not CSV",
    ),
    "bytes that are no text": (
        lambda folder: (folder / RESULTS).write_bytes((folder / RESULTS).read_bytes().replace(b"Wales", b"W\xe9les")),
        r"studentInfo\.csv, line 4: is not text in UTF-8",
    ),
    "a length in words": (
        replaced(COURSES, '"240"', '"long"'),
        r"courses\.csv, line 3: module_presentation_length: 'long' is not a whole number",
    ),
    "a length too short to lay out": (
        replaced(COURSES, '"240"', '"6"'),
        r"courses\.csv, line 3: module_presentation_length: '6' is not between 7 and 3650",
    ),
    "a module that is none": (replaced(COURSES, '"CCC"', '"C-C"'), r"courses\.csv, line 4: code_module: 'C-C' is not"),
    "a presentation that is none": (
        replaced(COURSES, '"2014J"', '"2014X"'),
        r"courses\.csv, line 4: code_presentation: '2014X' is not a presentation",
    ),
    "a presentation twice": (
        added(COURSES, '"AAA","2013J","268"'),
        r"courses\.csv, line 5: AAA-2013J is there twice",
    ),
    "an assessment of another presentation": (
        replaced(ASSESSMENTS, '"BBB"', '"ZZZ"'),
        r"assessments\.csv, line 3: ZZZ-2014B is not in courses\.csv",
    ),
    "an assessment twice": (
        replaced(ASSESSMENTS, '"1753"', '"1752"'),
        r"assessments\.csv, line 3: assessment 1752 is there twice",
    ),
    "an assessment of no known type": (
        replaced(ASSESSMENTS, '"Exam"', '"Quiz"'),
        r"assessments\.csv, line 3: assessment_type: 'Quiz' is not one of TMA, CMA, Exam",
    ),
    "a weight that is no number": (
        replaced(ASSESSMENTS, '"12.5"', '"heavy"'),
        r"assessments\.csv, line 3: weight: 'heavy' is not a number",
    ),
    "a learner's number in letters": (
        replaced(REGISTRATIONS, '"28400"', '"28A00"'),
        r"studentRegistration\.csv, line 3: id_student: '28A00' is not a learner's number",
    ),
    "a day that is no number": (
        replaced(REGISTRATIONS, '"-53"', '"?"'),
        r"studentRegistration\.csv, line 3: date_registration: '\?' is not a whole number",
    ),
    "a day with a fraction": (
        replaced(REGISTRATIONS, '"-53"', '"-53.5"'),
        r"studentRegistration\.csv, line 3: date_registration: '-53\.5' is not a whole number",
    ),
    "a day in another century": (
        replaced(REGISTRATIONS, '"-53"', '"-99999"'),
        r"studentRegistration\.csv, line 3: date_registration: '-99999' is not between",
    ),
    "a day of leaving that is no number": (
        replaced(REGISTRATIONS, '"12"', '"soon"'),
        r"studentRegistration\.csv, line 4: date_unregistration: 'soon' is not a whole number",
    ),
    "a registration after the end": (
        replaced(REGISTRATIONS, '"230"', '"238"'),
        r"studentRegistration\.csv, line 6: date_registration: day 238 is too late, since BBB-2014B has 240 days",
    ),
    "a registration in another presentation": (
        replaced(REGISTRATIONS, '"BBB","2014B","11391"', '"BBB","2014J","11391"'),
        r"studentRegistration\.csv, line 5: BBB-2014J is not in courses\.csv",
    ),
    "a registration twice": (
        added(REGISTRATIONS, '"AAA","2013J","28400","-10",""'),
        r"studentRegistration\.csv, line 8: learner 28400 in AAA-2013J is in line 3 already",
    ),
    "a registration without a result": (
        added(REGISTRATIONS, '"AAA","2013J","99999","-10",""'),
        r"studentRegistration\.csv, line 8: learner 99999 in AAA-2013J is not in studentInfo\.csv",
    ),
    "a result without a registration": (
        added(RESULTS, f'"AAA","2013J","99999",{INFO},"Pass"'),
        r"studentInfo\.csv, line 8: learner 99999 in AAA-2013J is not in studentRegistration\.csv",
    ),
    "a result twice": (
        added(RESULTS, f'"AAA","2013J","28400",{INFO},"Pass"'),
        r"studentInfo\.csv, line 8: learner 28400 in AAA-2013J is in line 3 already",
    ),
    "a result in another presentation": (
        replaced(RESULTS, '"BBB"', '"QQQ"'),
        r"studentInfo\.csv, line 5: QQQ-2014B is not in courses\.csv",
    ),
    "an unknown result": (
        replaced(RESULTS, '"Distinction"', '"Splendid"'),
        r"studentInfo\.csv, line 5: final_result: 'Splendid' is not one of Pass, Distinction, Fail, Withdrawn",
    ),
    "attempts that are no number": (
        replaced(RESULTS, '"1","60"', '"once","60"'),
        r"studentInfo\.csv, line 6: num_of_prev_attempts: 'once' is not a whole number",
    ),
    "a fault below a row of two lines": (
        lambda folder: (
            replaced(RESULTS, "Scotland", "Scot\nland")(folder),
            replaced(RESULTS, '"Distinction"', '"Splendid"')(folder),
        ),
        r"studentInfo\.csv, line 6: final_result",
    ),
}


@pytest.mark.parametrize(("spoil", "said"), FAULTS.values(), ids=FAULTS)
async def test_a_fault_is_told_with_file_and_line_and_nothing_is_imported(
    database: Database, folder: Path, spoil: Spoil, said: str
) -> None:
    spoil(folder)

    with pytest.raises(ImportFault, match=rf"^{said}") as caught:
        await import_oulad(database, folder, now=START)

    assert (caught.value.line is None) == (", line " not in str(caught.value))
    async with database.engine.connect() as connection:
        made = await connection.execute(select(organisations).where(organisations.c.external_ref == "oulad"))
        assert not made.all()


async def test_a_folder_that_is_none_is_a_fault(database: Database, tmp_path: Path) -> None:
    with pytest.raises(ImportFault, match=r"^courses\.csv: cannot be read in"):
        await import_oulad(database, tmp_path / "nowhere", now=START)
