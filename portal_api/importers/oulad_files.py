"""The files of the Open University Learning Analytics Dataset: read whole, and held against one another."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

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
from portal_api.importers.writing import Progress

SHORTEST = 7
DAYS_LEFT = 3
"""A presentation has at least so many days left after its last registration: time to start, to end, and to go on."""
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


class Assessment(NamedTuple):
    """An assessment of a presentation, with the line that tells of it."""

    line: int
    code: Code
    number: int
    type: str
    day: int | None
    """Its cut-off day, counted from the presentation's start."""


@dataclass(frozen=True, slots=True)
class Records:
    """What the files hold: each presentation's length in days, the assessments, and the registrations."""

    lengths: dict[Code, int]
    assessments: list[Assessment]
    registrations: list[Registration]


def read_records(folder: Path, progress: Progress) -> Records:
    """The presentations, the assessments and the registrations in them.

    Raises:
        ImportFault: if a file, a column or a value is missing or does not fit the others.
    """
    lengths = _read_lengths(folder)
    assessments = list(_read_assessments(folder, lengths))
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
    return Records(lengths, assessments, registrations)


def _read_lengths(folder: Path) -> dict[Code, int]:
    lengths: dict[Code, int] = {}
    for row in COURSES.rows(folder):
        code = Code.of(row)
        if code in lengths:
            raise row.fault(f"{code.ref} is there twice")
        lengths[code] = row["module_presentation_length"]
    return lengths


def _read_assessments(folder: Path, lengths: dict[Code, int]) -> Iterator[Assessment]:
    known: set[int] = set()
    for row in ASSESSMENTS.rows(folder):
        code, number = _known_code(row, lengths), row["id_assessment"]
        if number in known:
            raise row.fault(f"assessment {number} is there twice")
        known.add(number)
        yield Assessment(row.line, code, number, row["assessment_type"], row["date"])


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
