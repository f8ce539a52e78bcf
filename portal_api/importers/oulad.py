"""The Open University Learning Analytics Dataset as an organisation: real registrations, with invented names.

Each module presentation becomes a series, laid so that it is running on the day of the import; each registration becomes
an enrolment, as many days from the start as it was. Grades and the day on which a learner left have no place in the
portal yet: those whom the files call withdrawn are still in progress here.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.database import Database
from portal_api.domain.organisations import Role
from portal_api.domain.series import SeriesDuration, SeriesEnrolmentStatus, SeriesType
from portal_api.ids import IdMaker, seeded_ids
from portal_api.importers.csv_files import (
    CsvFile,
    ImportFault,
    Row,
    anything,
    decimal,
    matching,
    one_of,
    optional,
    whole,
)
from portal_api.importers.days import Days
from portal_api.importers.people import Inventor
from portal_api.importers.reporting import first_without_reports, managers, middle_manager
from portal_api.importers.writing import (
    NewEnrolment,
    NewLearner,
    NewSeries,
    NewUser,
    Progress,
    Writer,
    claim_organisation,
    gather_statistics,
    in_silence,
    new_user,
)
from portal_api.models import learners, organisations, series, series_enrolments

__all__ = ["ImportFault", "ImportSummary", "import_oulad"]

REF = "oulad"
NAME = "Open University (OULAD)"
TIME_ZONE = "Europe/London"
DOMAIN = "learners.oulad.example"
SEED = 20_170_171

SHORTEST = 7
DAYS_LEFT = 3
"""A presentation has at least so many days left after its last registration: time to start, to end, and to go on."""
SPREAD = 28
"""Over how many days before the import those who failed ran out of time, and those who passed mastered the series."""
MONTHS = {"B": "February", "J": "October"}

_MODULE = matching(r"[A-Z]{1,10}", "a module: letters only")
_PRESENTATION = matching(r"[0-9]{4}[BJ]", "a presentation: a year and B or J")
_NUMBER = matching(r"[1-9][0-9]{0,11}", "a learner's number")
_DAY = whole(-3_650, 3_650)

COURSES = CsvFile(
    "courses.csv",
    {
        "code_module": _MODULE,
        "code_presentation": _PRESENTATION,
        "module_presentation_length": whole(SHORTEST, 3_650),
    },
)
ASSESSMENTS = CsvFile(
    "assessments.csv",
    {
        "code_module": _MODULE,
        "code_presentation": _PRESENTATION,
        "id_assessment": whole(1, 999_999_999),
        "assessment_type": one_of("TMA", "CMA", "Exam"),
        "date": optional(_DAY),
        "weight": decimal,
    },
)
REGISTRATIONS = CsvFile(
    "studentRegistration.csv",
    {
        "code_module": _MODULE,
        "code_presentation": _PRESENTATION,
        "id_student": _NUMBER,
        "date_registration": optional(_DAY),
        "date_unregistration": optional(_DAY),
    },
)
RESULTS = CsvFile(
    "studentInfo.csv",
    {
        "code_module": _MODULE,
        "code_presentation": _PRESENTATION,
        "id_student": _NUMBER,
        "gender": anything,
        "region": anything,
        "highest_education": anything,
        "imd_band": anything,
        "age_band": anything,
        "num_of_prev_attempts": whole(0, 1_000),
        "studied_credits": whole(0, 100_000),
        "disability": anything,
        "final_result": one_of("Pass", "Distinction", "Fail", "Withdrawn"),
    },
)

STATUSES = {
    "Pass": SeriesEnrolmentStatus.MASTERED,
    "Distinction": SeriesEnrolmentStatus.MASTERED,
    "Fail": SeriesEnrolmentStatus.INCOMPLETE,
    "Withdrawn": SeriesEnrolmentStatus.IN_PROGRESS,
}


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What the organisation has, and whether this import made it."""

    is_new: bool
    learners: int
    series: int
    enrolments: int

    def __str__(self) -> str:
        holds = f"{self.learners:,} learners, {self.series:,} series, {self.enrolments:,} enrolments"
        if self.is_new:
            return f"{NAME} is imported: {holds}."
        return f"{NAME} is there already, with {holds}; nothing was changed."


async def import_oulad(
    database: Database, folder: Path, *, now: datetime, progress: Progress = in_silence
) -> ImportSummary:
    """Imports the files of a folder as an organisation of their own, unless it is there: whole, or not at all.

    Raises:
        ImportFault: if a file, a column or a value is missing or does not fit.
    """
    records = _read(folder, progress)
    async with database.engine.begin() as connection:
        ids = seeded_ids(SEED)
        organisation_id = ids(now)
        is_new = await claim_organisation(
            connection, id=organisation_id, external_ref=REF, name=NAME, time_zone=TIME_ZONE, created_at=now
        )
        if is_new:
            writer = Writer(connection, organisation_id, REF, progress)
            await _write(writer, records, ids, Days.around(now, TIME_ZONE))
            await gather_statistics(connection)
        return await _summary(connection, is_new=is_new)


# ---------------------------------------------------------------- the files


class Code(NamedTuple):
    """What the files know a presentation by."""

    module: str
    presentation: str

    @property
    def ref(self) -> str:
        return f"{self.module}-{self.presentation}"

    @property
    def title(self) -> str:
        return f"Module {self.module}, {MONTHS[self.presentation[-1]]} {self.presentation[:-1]}"

    @classmethod
    def of(cls, row: Row) -> "Code":
        return cls(row["code_module"], row["code_presentation"])


class Registration(NamedTuple):
    """A learner in a presentation: registered on a day counted from its start, with a result."""

    number: str
    code: Code
    day: int
    result: str


@dataclass(frozen=True, slots=True)
class Records:
    """What the files hold: each presentation's length in days, and the registrations."""

    lengths: dict[Code, int]
    registrations: list[Registration]


def _read(folder: Path, progress: Progress) -> Records:
    lengths = _read_lengths(folder)
    _check_assessments(folder, lengths)
    days = _read_days(folder, lengths)
    progress("files read", 1, 2)
    lines: dict[tuple[Code, str], int] = {}
    registrations: list[Registration] = []
    for row in RESULTS.rows(folder):
        number = row["id_student"]
        code = _known_code(row, lengths)
        if earlier := lines.get((code, number)):
            raise row.fault(f"learner {number} in {code.ref} is in line {earlier} already")
        if (registered := days.get((code, number))) is None:
            raise row.fault(f"learner {number} in {code.ref} is not in {REGISTRATIONS.name}")
        lines[code, number] = row.line
        registrations.append(Registration(number, code, registered.day, row["final_result"]))
    for (code, number), registered in days.items():
        if (code, number) not in lines:
            problem = f"learner {number} in {code.ref} is not in {RESULTS.name}"
            raise ImportFault(REGISTRATIONS.name, registered.line, problem)
    progress("files read", 2, 2)
    return Records(lengths, registrations)


def _read_lengths(folder: Path) -> dict[Code, int]:
    lengths: dict[Code, int] = {}
    for row in COURSES.rows(folder):
        code = Code.of(row)
        if code in lengths:
            raise row.fault(f"{code.ref} is there twice")
        lengths[code] = row["module_presentation_length"]
    return lengths


def _check_assessments(folder: Path, lengths: dict[Code, int]) -> None:
    """The portal keeps no assessments yet; a fault in them still says that the folder is not sound."""
    known: set[int] = set()
    for row in ASSESSMENTS.rows(folder):
        _known_code(row, lengths)
        if row["id_assessment"] in known:
            raise row.fault(f"assessment {row['id_assessment']} is there twice")
        known.add(row["id_assessment"])


class _Registered(NamedTuple):
    line: int
    day: int


def _read_days(folder: Path, lengths: dict[Code, int]) -> dict[tuple[Code, str], _Registered]:
    """The day of each registration; where the file has none, the presentation's first."""
    days: dict[tuple[Code, str], _Registered] = {}
    for row in REGISTRATIONS.rows(folder):
        code = _known_code(row, lengths)
        key = (code, row["id_student"])
        if earlier := days.get(key):
            raise row.fault(f"learner {row['id_student']} in {code.ref} is in line {earlier.line} already")
        day = row["date_registration"] or 0
        if day > lengths[code] - DAYS_LEFT:
            raise row.fault(f"date_registration: day {day} is too late, since {code.ref} has {lengths[code]} days")
        days[key] = _Registered(row.line, day)
    return days


def _known_code(row: Row, lengths: dict[Code, int]) -> Code:
    code = Code.of(row)
    if code not in lengths:
        raise row.fault(f"{code.ref} is not in {COURSES.name}")
    return code


# ---------------------------------------------------------------- the organisation


async def _write(writer: Writer, records: Records, ids: IdMaker, days: Days) -> None:
    starts = _starts(records)
    new_series = {
        code: NewSeries(
            id=ids(days.at(start)),
            external_ref=code.ref,
            title=code.title,
            type=SeriesType.STANDARD,
            duration=SeriesDuration.FIXED,
            duration_days=records.lengths[code],
            ends_on=None,
            is_active=True,
            created_at=days.at(start),
        )
        for code, start in _first_days(records, starts).items()
    }
    await writer.series(list(new_series.values()))
    new_learners = _learners(records, starts, ids, days)
    above = managers(len(new_learners))
    await writer.learners(list(new_learners.values()), above, ids)
    await writer.users(_users(records, list(new_learners.values()), ids, days))
    enrolments = (
        _enrolment(
            registration,
            starts[registration.code],
            records.lengths[registration.code],
            new_learners[registration.number].id,
            new_series[registration.code].id,
            ids,
            days,
        )
        for registration in records.registrations
    )
    await writer.enrolments(enrolments, len(records.registrations))


def _starts(records: Records) -> dict[Code, int]:
    """The day on which each presentation starts, counted from the import's: it is three quarters through by then.

    Where somebody registered later than that, the import falls two days after the last registration.
    """
    latest: dict[Code, int] = {}
    for registration in records.registrations:
        latest[registration.code] = max(registration.day, latest.get(registration.code, registration.day))
    return {code: -max(length * 3 // 4, latest.get(code, 0) + 2) for code, length in records.lengths.items()}


def _first_days(records: Records, starts: dict[Code, int]) -> dict[Code, int]:
    """The day on which each series is made: that of the first registration in it, or its start."""
    first = dict(starts)
    for registration in records.registrations:
        enrolled = starts[registration.code] + registration.day
        first[registration.code] = min(first[registration.code], enrolled)
    return first


def _hour(number: str) -> int:
    """An hour of the working day that is a learner's own."""
    return 8 + int(number) % 10


def _learners(records: Records, starts: dict[Code, int], ids: IdMaker, days: Days) -> dict[str, NewLearner]:
    """The learners by number, each added at their first registration."""
    first: dict[str, int] = {}
    for registration in records.registrations:
        enrolled = starts[registration.code] + registration.day
        first[registration.number] = min(enrolled, first.get(registration.number, enrolled))
    inventor = Inventor(SEED, DOMAIN)
    learners_by_number: dict[str, NewLearner] = {}
    for number, day in first.items():
        added = days.at(day, _hour(number))
        learners_by_number[number] = NewLearner(
            id=ids(added),
            external_ref=number,
            person=inventor.person(number),
            created_at=added,
            first_signed_in_at=added,
        )
    return learners_by_number


def _enrolment(
    registration: Registration,
    start: int,
    length: int,
    learner_id: UUID,
    series_id: UUID,
    ids: IdMaker,
    days: Days,
) -> NewEnrolment:
    number, code, day, result = registration
    enrolled_on, hour = start + day, _hour(number)
    enrolled_at = days.at(enrolled_on, hour)
    starts_on, starts_at = (enrolled_on, enrolled_at) if day >= 0 else (start, days.at(start))
    ends_at = days.at(starts_on + length, hour if day >= 0 else 0)
    # Both lie before the import's own day, and after the start, however late that was.
    ended_on = max(starts_on + 1, -1 - int(number) % SPREAD)
    status = STATUSES[result]
    return NewEnrolment(
        id=ids(enrolled_at),
        external_ref=f"{code.ref}-{number}",
        learner_id=learner_id,
        series_id=series_id,
        status=status,
        has_signed_in=True,
        enrolled_at=enrolled_at,
        starts_at=starts_at,
        ends_at=days.at(ended_on) if status is SeriesEnrolmentStatus.INCOMPLETE else ends_at,
        mastered_at=days.at(ended_on, hour) if status is SeriesEnrolmentStatus.MASTERED else None,
    )


def _users(records: Records, imported: list[NewLearner], ids: IdMaker, days: Days) -> list[NewUser]:
    """A user of each role; the Manager is a learner with reports, the Learner the one with the most enrolments."""
    enrolments = Counter(registration.number for registration in records.registrations)
    without_reports = imported[first_without_reports(len(imported)) :]
    linked = {
        Role.MANAGER: imported[middle_manager(len(imported))],
        Role.LEARNER: max(without_reports, key=lambda learner: enrolments[learner.external_ref]),
    }
    inventor = Inventor(SEED + 1, DOMAIN)
    return [new_user(REF, role, linked.get(role), inventor, ids, days.at(0)) for role in Role]


async def _summary(connection: AsyncConnection, *, is_new: bool) -> ImportSummary:
    own = select(organisations.c.id).where(organisations.c.external_ref == REF).scalar_subquery()
    counts = [
        await connection.scalar(select(func.count()).select_from(table).where(table.c.organisation_id == own))
        for table in (learners, series, series_enrolments)
    ]
    return ImportSummary(is_new, *(count or 0 for count in counts))
