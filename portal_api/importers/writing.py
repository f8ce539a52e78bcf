"""Writes an organisation whole: its rows in batches, in the order that their keys want, in the transaction it is given."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.learners import DeactivationReason, LearnerStatus
from portal_api.domain.library import LibraryStatus
from portal_api.domain.roles import Role
from portal_api.domain.series import (
    SERIES_ENROLMENTS,
    SeriesDuration,
    SeriesEnrolmentStatus,
    SeriesType,
    WithdrawalReason,
)
from portal_api.ids import IdMaker
from portal_api.importers.people import Inventor, Person
from portal_api.importers.reporting import lines
from portal_api.models import (
    activity_intervals,
    learners,
    reporting_lines,
    series,
    series_enrolments,
)
from portal_api.queries import users as user_queries
from portal_api.queries.folding import fold
from portal_api.queries.history import Entry, record
from portal_api.queries.rows import insert_rows

T = TypeVar("T")
Progress = Callable[[str, int, int], None]
"""Is told what is being written, how many of it are, and of how many."""

BATCH = 1_000


def in_silence(_what: str, _done: int, _of: int) -> None:
    """Tells nobody."""


@dataclass(frozen=True, slots=True)
class NewUser:
    """A user to be written, with the role that they hold in the organisation."""

    id: UUID
    external_ref: str
    name: str
    email: str
    created_at: datetime
    role: Role
    learner_id: UUID | None


@dataclass(frozen=True, slots=True)
class Deactivation:
    """That a learner is inactive."""

    at: datetime
    reason: DeactivationReason
    note: str | None


@dataclass(frozen=True, slots=True)
class NewLearner:
    """A learner to be written; an active one has app access."""

    id: UUID
    external_ref: str
    person: Person
    created_at: datetime
    first_signed_in_at: datetime | None
    last_activity_at: datetime | None
    deactivation: Deactivation | None = None
    special_requirements: str | None = None
    special_requirements_are_private: bool = False
    student_identifier: str | None = None


class Goal(NamedTuple):
    """When a series counts as mastered: the share of its questions that are answered correctly."""

    question_count: int
    mastery_percent: int


@dataclass(frozen=True, slots=True)
class NewSeries:
    """A series to be written."""

    id: UUID
    external_ref: str
    title: str
    type: SeriesType
    duration: SeriesDuration
    duration_days: int | None
    ends_on: date | None
    created_at: datetime
    status: LibraryStatus = LibraryStatus.ACTIVE
    goal: Goal | None = None


class Answers(NamedTuple):
    """How many questions of a series have been answered, how many of them correctly, and when the last one was."""

    answered: int = 0
    correct: int = 0
    last_at: datetime | None = None


NO_ANSWERS = Answers()


@dataclass(frozen=True, slots=True)
class NewEnrolment:
    """An enrolment to be written."""

    id: UUID
    external_ref: str
    learner_id: UUID
    series_id: UUID
    status: SeriesEnrolmentStatus
    has_signed_in: bool
    enrolled_at: datetime
    starts_at: datetime
    ends_at: datetime
    due_on: date | None = None
    overdue_at: datetime | None = None
    tracking_code: str | None = None
    answers: Answers = NO_ANSWERS
    pathway_enrolment_id: UUID | None = None
    mastered_at: datetime | None = None
    withdrawn_at: datetime | None = None
    withdrawal_reason: WithdrawalReason | None = None
    withdrawal_note: str | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the rows of one organisation."""

    connection: AsyncConnection
    organisation_id: UUID
    label: str
    progress: Progress

    async def users(self, new: Sequence[NewUser]) -> None:
        """Writes users and the roles that they hold; the learners that they are linked to come first."""
        await user_queries.create(
            self.connection,
            [
                {
                    "id": user.id,
                    "external_ref": user.external_ref,
                    "name": user.name,
                    "email": user.email,
                    "is_machine": user.role is Role.INTEGRATION,
                    "created_at": user.created_at,
                }
                for user in new
            ],
            [
                {
                    "organisation_id": self.organisation_id,
                    "user_id": user.id,
                    "role": user.role,
                    "learner_id": user.learner_id,
                    "created_at": user.created_at,
                }
                for user in new
            ],
        )

    async def learners(self, new: Sequence[NewLearner], above: Sequence[int | None], ids: IdMaker) -> None:
        """Writes learners, when each was active, and who reports to whom.

        Args:
            new: the learners, managers before those who report to them.
            above: the place of each one's manager among them.
            ids: makes the keys of the activity intervals.
        """
        managers = (None if place is None else new[place].id for place in above)
        await self.rows(learners, "learners", map(self._learner, new, managers), len(new))
        intervals = (
            {
                "organisation_id": self.organisation_id,
                "id": ids(learner.created_at),
                "learner_id": learner.id,
                "active_from": learner.created_at,
                "active_until": learner.deactivation and learner.deactivation.at,
            }
            for learner in new
        )
        await self.rows(activity_intervals, "activity intervals", intervals, len(new))
        pairs = list(lines(above))
        chains = (
            {
                "organisation_id": self.organisation_id,
                "manager_id": new[manager].id,
                "learner_id": new[learner].id,
                "depth": depth,
            }
            for manager, learner, depth in pairs
        )
        await self.rows(reporting_lines, "reporting lines", chains, len(pairs))

    def _learner(self, learner: NewLearner, manager_id: UUID | None) -> dict[str, Any]:
        person, deactivation = learner.person, learner.deactivation
        words = (person.given_name, person.family_name, person.email, learner.external_ref)
        return {
            "organisation_id": self.organisation_id,
            "id": learner.id,
            "external_ref": learner.external_ref,
            "given_name": person.given_name,
            "given_name_key": fold(person.given_name),
            "family_name": person.family_name,
            "family_name_key": fold(person.family_name),
            "email": person.email,
            "student_identifier": learner.student_identifier,
            "search_key": fold(" ".join(words)),
            "status": LearnerStatus.INACTIVE if deactivation else LearnerStatus.ACTIVE,
            "has_app_access": deactivation is None,
            "manager_id": manager_id,
            "first_signed_in_at": learner.first_signed_in_at,
            "last_activity_at": learner.last_activity_at,
            "special_requirements": learner.special_requirements,
            "special_requirements_are_private": learner.special_requirements_are_private,
            "deactivated_at": deactivation and deactivation.at,
            "deactivation_reason": deactivation and deactivation.reason,
            "deactivation_note": deactivation and deactivation.note,
            "created_at": learner.created_at,
            "version": 2 if deactivation else 1,
        }

    async def series(self, new: Sequence[NewSeries]) -> None:
        """Writes series."""
        rows = (
            {
                "organisation_id": self.organisation_id,
                "id": each.id,
                "external_ref": each.external_ref,
                "title": each.title,
                "title_key": fold(each.title),
                "search_key": fold(f"{each.title} {each.external_ref}"),
                "type": each.type,
                "duration": each.duration,
                "duration_days": each.duration_days,
                "ends_on": each.ends_on,
                "question_count": each.goal and each.goal.question_count,
                "mastery_percent": each.goal and each.goal.mastery_percent,
                "status": each.status,
                "created_at": each.created_at,
                "version": 1,
            }
            for each in new
        )
        await self.rows(series, "series", rows, len(new))

    async def enrolments(self, new: Iterable[NewEnrolment], count: int) -> None:
        """Writes enrolments, in any order."""
        await self.rows(series_enrolments, "enrolments", map(self._enrolment, new), count)

    def _enrolment(self, enrolment: NewEnrolment) -> dict[str, Any]:
        times = {
            "starts_at": enrolment.starts_at,
            "ends_at": enrolment.ends_at,
            "has_signed_in": enrolment.has_signed_in,
        }
        return {
            "organisation_id": self.organisation_id,
            "id": enrolment.id,
            "external_ref": enrolment.external_ref,
            "learner_id": enrolment.learner_id,
            "series_id": enrolment.series_id,
            "status": enrolment.status,
            "enrolled_at": enrolment.enrolled_at,
            **times,
            "due_at": SERIES_ENROLMENTS.due_at(enrolment.status, times),
            "due_on": enrolment.due_on,
            "overdue_at": enrolment.overdue_at,
            "tracking_code": enrolment.tracking_code,
            "questions_answered": enrolment.answers.answered,
            "questions_correct": enrolment.answers.correct,
            "last_answered_at": enrolment.answers.last_at,
            "pathway_enrolment_id": enrolment.pathway_enrolment_id,
            "mastered_at": enrolment.mastered_at,
            "withdrawn_at": enrolment.withdrawn_at,
            "withdrawal_reason": enrolment.withdrawal_reason,
            "withdrawal_note": enrolment.withdrawal_note,
            "version": enrolment.version,
        }

    async def history(self, entries: Sequence[Entry]) -> None:
        """Writes what was done to the records before now."""
        written = 0
        for batch in batches(entries):
            await record(self.connection, batch)
            written += len(batch)
            self.progress(f"{self.label}: history entries", written, len(entries))

    async def part(self, rows: Mapping[Table, Sequence[Mapping[str, Any]]], entries: Sequence[Entry]) -> None:
        """Writes what belongs together, table after table, and what history tells of it; how far it is, others tell."""
        for table, own in rows.items():
            for batch in batches(own):
                await insert_rows(self.connection, table, batch)
        for batch in batches(entries):
            await record(self.connection, batch)

    async def rows(self, table: Table, what: str, rows: Iterable[Mapping[str, Any]], count: int) -> None:
        """Writes rows of any table, which all give the same columns, and tells how far it is."""
        written = 0
        for batch in batches(rows):
            await insert_rows(self.connection, table, batch)
            written += len(batch)
            self.progress(f"{self.label}: {what}", written, count)


def batches(rows: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """The rows, so many at a time."""
    remaining = iter(rows)
    while batch := list(islice(remaining, size)):
        yield batch


def new_user(
    organisation_ref: str, role: Role, linked: NewLearner | None, inventor: Inventor, ids: IdMaker, at: datetime
) -> NewUser:
    """A user of a role: the learner whom they are linked to, somebody invented, or a machine."""
    ref = f"{organisation_ref}-{role}"
    if role is Role.INTEGRATION:
        return NewUser(ids(at), ref, "Content player", inventor.address("content-player", ref), at, role, None)
    person = linked.person if linked else inventor.person(ref)
    return NewUser(ids(at), ref, person.full_name, person.email, at, role, linked and linked.id)
