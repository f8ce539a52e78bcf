"""The Open University Learning Analytics Dataset as an organisation of courses: real registrations on their real days.

- A module is a course, reported under the module's code; a presentation is an offer of it, from the 1st of February (B) or
  of October (J) of its year.
- Each TMA and CMA with a cut-off day is a unit of the library, named by the module and the assessment's number. An exam is
  none, nor is what has no day.
- A course has the units of all its presentations, the earliest presentation first. Those of the newest one are in use;
  those of the others are retired, so that whoever is enrolled now takes the newest only.
- A registration is an enrolment, current, with the units of its presentation at outcome 70. A unit begins on the cut-off day
  before its own, the first one on the presentation's first day, and ends on its own; units with one cut-off day begin
  together.
- Scheduled hours: ten a week, from a unit's first day to its last, rounded up; one at the least.
- Nobody's unique student identifier is known: learners are reported as exempt.

How each registration ended is not imported: `examples/replay_finalisations.py` finalises the enrolments over the API.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from pathlib import Path
from uuid import UUID

from portal_api.database import Database
from portal_api.domain.courses.identifiers import INDIVIDUAL, is_unit_identifier
from portal_api.domain.courses.library import MOST_UNITS
from portal_api.domain.courses.outcomes import Outcome
from portal_api.domain.courses.statuses import CourseEnrolmentStatus
from portal_api.domain.courses.units import Unit
from portal_api.domain.library import LibraryStatus
from portal_api.domain.roles import Role
from portal_api.ids import IdMaker, seeded_ids
from portal_api.importers.csv_files import ImportFault
from portal_api.importers.days import Days
from portal_api.importers.oulad_files import ASSESSMENTS, Assessment, Code, Records, Registration, read_records
from portal_api.importers.oulad_people import SEED, TIME_ZONE, first_days, hour_of, invented_learners, invented_users
from portal_api.importers.reporting import managers
from portal_api.importers.writing import NewLearner, Progress, Writer, in_silence
from portal_api.importers.writing_courses import (
    NewCourse,
    NewCourseEnrolment,
    NewOffer,
    NewUnit,
    NewUnitEnrolment,
    write_course_enrolments,
    write_courses,
)
from portal_api.queries import organisations as organisation_queries
from portal_api.queries.rows import gather_statistics

REF = "oulad-courses"
NAME = "Open University (OULAD courses)"
FIRST_MONTH = {"B": 2, "J": 10}
HOURS_A_WEEK = 10


@dataclass(frozen=True, slots=True)
class CourseImportSummary:
    """What the organisation has, and whether this import made it."""

    is_new: bool
    learners: int
    courses: int
    offers: int
    units: int
    enrolments: int
    unit_enrolments: int

    def __str__(self) -> str:
        holds = (
            f"{self.learners:,} learners, {self.courses:,} courses, {self.offers:,} course offers, {self.units:,} units, "
            f"{self.enrolments:,} enrolments, {self.unit_enrolments:,} units of enrolments"
        )
        if self.is_new:
            return f"{NAME} is imported: {holds}."
        return f"{NAME} is there already, with {holds}; nothing was changed."


@dataclass(frozen=True, slots=True)
class Part:
    """A unit of a presentation, and its days counted from the presentation's start."""

    unit: NewUnit
    first_day: int
    last_day: int


async def import_oulad_courses(
    database: Database, folder: Path, *, now: datetime, progress: Progress = in_silence
) -> CourseImportSummary:
    """Imports the files of a folder as an organisation of courses, unless it is there: whole, or not at all.

    Raises:
        ImportFault: if a file, a column or a value is missing or does not fit.
    """
    records = read_records(folder, progress)
    _check_units(records)
    async with database.engine.begin() as connection:
        ids = seeded_ids(SEED + 2)
        organisation_id = ids(now)
        is_new = await organisation_queries.claim_organisation(
            connection, id=organisation_id, external_ref=REF, name=NAME, time_zone=TIME_ZONE, created_at=now
        )
        if is_new:
            writer = Writer(connection, organisation_id, REF, progress)
            await _write(writer, records, ids, Days.around(now, TIME_ZONE))
            await gather_statistics(connection)
        return CourseImportSummary(is_new, *await organisation_queries.course_sizes(connection, REF))


def _check_units(records: Records) -> None:
    """Whether each unit can be named, and each course hold its own."""
    counted: dict[str, int] = {}
    for each in _with_units(records):
        if not is_unit_identifier(_identifier(each)):
            problem = f"{_identifier(each)} is too long to name a unit"
            raise ImportFault(ASSESSMENTS.name, each.line, problem)
        counted[each.code.module] = counted.get(each.code.module, 0) + 1
        if counted[each.code.module] > MOST_UNITS:
            problem = f"module {each.code.module} has more than {MOST_UNITS} assessments, and a course no more units"
            raise ImportFault(ASSESSMENTS.name, each.line, problem)


def _with_units(records: Records) -> list[Assessment]:
    """The assessments that are units: presentation after presentation, each by cut-off day."""
    dated = (each for each in records.assessments if each.type != "Exam" and each.day is not None)
    return sorted(dated, key=lambda each: (each.code, each.day, each.number))


def _identifier(assessment: Assessment) -> str:
    return f"{assessment.code.module}{assessment.number}"


async def _write(writer: Writer, records: Records, ids: IdMaker, days: Days) -> None:
    starts = {code: (_start(code) - days.today).days for code in records.lengths}
    made_at = {code: days.at(day) for code, day in first_days(records, starts).items()}
    new_learners = invented_learners(records, starts, ids, days, student_identifier=INDIVIDUAL)
    await writer.learners(list(new_learners.values()), managers(len(new_learners)), ids)
    staff = invented_users(REF, records, list(new_learners.values()), ids, days)
    await writer.users(staff)
    trainer_id = next(user.id for user in staff if user.role is Role.TRAINER)
    parts = _parts(records, made_at, ids)
    new_courses = _courses(parts, made_at, ids)
    offers = _offers(records, new_courses, trainer_id, made_at, ids)
    await write_courses(writer, new_courses, list(offers.values()))
    enrolments = (
        _enrolment(each, new_learners[each.number], offers[each.code], parts[each.code], starts[each.code], ids, days)
        for each in records.registrations
    )
    await write_course_enrolments(writer, enrolments, len(records.registrations))


def _start(code: Code) -> date:
    return date(int(code.presentation[:-1]), FIRST_MONTH[code.presentation[-1]], 1)


def _parts(records: Records, made_at: Mapping[Code, datetime], ids: IdMaker) -> dict[Code, tuple[Part, ...]]:
    """The units of each presentation in the order of their days; the files may know of none."""
    newest = {code.module: code for code in sorted(records.lengths)}
    parts: dict[Code, tuple[Part, ...]] = dict.fromkeys(records.lengths, ())
    for code, own in groupby(_with_units(records), key=lambda each: each.code):
        status = LibraryStatus.ACTIVE if newest[code.module] == code else LibraryStatus.RETIRED
        parts[code] = tuple(
            Part(_unit(each, first, last, status, made_at[code], ids), first, last)
            for each, first, last in _with_days(list(own))
        )
    return parts


def _with_days(own: Sequence[Assessment]) -> Iterator[tuple[Assessment, int, int]]:
    """Each assessment with the first day and the last of its unit."""
    cut_offs = sorted({each.day for each in own if each.day is not None})
    before = dict(pairwise(reversed([min(0, *cut_offs), *cut_offs])))
    for each in own:
        if each.day is not None:
            yield each, before[each.day], each.day


def _unit(
    assessment: Assessment, first: int, last: int, status: LibraryStatus, created_at: datetime, ids: IdMaker
) -> NewUnit:
    return NewUnit(
        id=ids(created_at),
        identifier=_identifier(assessment),
        title=f"{assessment.code.title}: {assessment.type} of day {assessment.day}",
        scheduled_hours=max(1, -(-(last - first) * HOURS_A_WEEK // 7)),
        created_at=created_at,
        status=status,
    )


def _courses(parts: Mapping[Code, Sequence[Part]], made_at: Mapping[Code, datetime], ids: IdMaker) -> list[NewCourse]:
    """A course of each module, with the units of its presentations."""
    courses: list[NewCourse] = []
    for module, codes in groupby(sorted(parts), key=lambda code: code.module):
        own = list(codes)
        created_at = min(made_at[code] for code in own)
        courses.append(
            NewCourse(
                id=ids(created_at),
                external_ref=module,
                title=f"Module {module}",
                program_identifier=module,
                units=tuple(part.unit for code in own for part in parts[code]),
                created_at=created_at,
            )
        )
    return courses


def _offers(
    records: Records, courses: Sequence[NewCourse], trainer_id: UUID, made_at: Mapping[Code, datetime], ids: IdMaker
) -> dict[Code, NewOffer]:
    """An offer for each presentation; the Trainer trains in those of the first module."""
    by_module = {course.external_ref: course for course in courses}
    return {
        code: NewOffer(
            id=ids(made_at[code]),
            external_ref=code.ref,
            course=by_module[code.module],
            title=code.title,
            starts_on=_start(code),
            ends_on=_start(code) + timedelta(days=length),
            created_at=made_at[code],
            trainer_ids=(trainer_id,) if by_module[code.module] is courses[0] else (),
        )
        for code, length in records.lengths.items()
    }


def _enrolment(
    registration: Registration,
    learner: NewLearner,
    offer: NewOffer,
    parts: Sequence[Part],
    start: int,
    ids: IdMaker,
    days: Days,
) -> NewCourseEnrolment:
    enrolled_at = days.at(start + registration.day, hour_of(registration.number))
    return NewCourseEnrolment(
        id=ids(enrolled_at),
        external_ref=f"{registration.code.ref}-{registration.number}",
        learner_id=learner.id,
        course_offer_id=offer.id,
        status=CourseEnrolmentStatus.CURRENT,
        enrolled_at=enrolled_at,
        starts_on=offer.starts_on,
        ends_on=offer.ends_on,
        units=tuple(
            NewUnitEnrolment(
                id=ids(enrolled_at),
                unit_id=part.unit.id,
                program_identifier=offer.course.program_identifier,
                state=Unit(
                    starts_on=offer.starts_on + timedelta(days=part.first_day),
                    ends_on=offer.starts_on + timedelta(days=part.last_day),
                    outcome=Outcome.CONTINUING,
                    scheduled_hours=part.unit.scheduled_hours,
                ),
            )
            for part in parts
        ),
    )
