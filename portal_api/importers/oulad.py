"""The Open University Learning Analytics Dataset as an organisation: real registrations, with invented names.

Each module presentation becomes a series, laid so that it is running on the day of the import; each registration becomes
an enrolment, as many days from the start as it was. Grades and the day on which a learner left have no place in the
portal yet: those whom the files call withdrawn are still in progress here.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from portal_api.database import Database
from portal_api.domain.series import SeriesDuration, SeriesEnrolmentStatus, SeriesType
from portal_api.ids import IdMaker, seeded_ids
from portal_api.importers.csv_files import ImportFault
from portal_api.importers.days import Days
from portal_api.importers.oulad_files import Code, Records, Registration, read_records
from portal_api.importers.oulad_people import SEED, TIME_ZONE, first_days, hour_of, invented_learners, invented_users
from portal_api.importers.reporting import managers
from portal_api.importers.writing import NewEnrolment, NewSeries, Progress, Writer, in_silence
from portal_api.queries import organisations as organisation_queries
from portal_api.queries.rows import gather_statistics

__all__ = ["ImportFault", "ImportSummary", "import_oulad"]

REF = "oulad"
NAME = "Open University (OULAD)"

SPREAD = 28
"""Over how many days before the import those who failed ran out of time, and those who passed mastered the series."""

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
    records = read_records(folder, progress)
    async with database.engine.begin() as connection:
        ids = seeded_ids(SEED)
        organisation_id = ids(now)
        is_new = await organisation_queries.claim_organisation(
            connection, id=organisation_id, external_ref=REF, name=NAME, time_zone=TIME_ZONE, created_at=now
        )
        if is_new:
            writer = Writer(connection, organisation_id, REF, progress)
            await _write(writer, records, ids, Days.around(now, TIME_ZONE))
            await gather_statistics(connection)
        return ImportSummary(is_new, *await organisation_queries.sizes(connection, REF))


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
            created_at=days.at(start),
        )
        for code, start in first_days(records, starts).items()
    }
    await writer.series(list(new_series.values()))
    new_learners = invented_learners(records, starts, ids, days)
    above = managers(len(new_learners))
    await writer.learners(list(new_learners.values()), above, ids)
    await writer.users(invented_users(REF, records, list(new_learners.values()), ids, days))
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
    enrolled_on, hour = start + day, hour_of(number)
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
