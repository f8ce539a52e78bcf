"""Enrolling learners in an offer of a course, with its units (S4 Sales, Progression)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from portal_api.domain.courses.library import COURSE_OFFERS, CourseOfferAction
from portal_api.domain.courses.statuses import ENTRIES, CourseEnrolmentStatus
from portal_api.domain.courses.unit_enrolments import against_programs
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.inputs import LONGEST_REFERENCE, invalid, text_reasons
from portal_api.domain.library import LibraryStatus
from portal_api.domain.refusals import ErrorCode, PlainError, Reason, in_words
from portal_api.ids import global_id
from portal_api.queries import learners as learner_queries
from portal_api.queries.courses import changes as queries
from portal_api.queries.courses import library as course_queries
from portal_api.queries.courses import offers as offer_queries
from portal_api.queries.courses.changes import Candidate, LibraryUnit, OfferRow
from portal_api.services.bulk import Decided
from portal_api.services.courses.unit_enrolments import (
    UnitInput,
    against_library_unit,
    against_unit,
    held_units,
    insert_units,
    new_unit,
)
from portal_api.services.courses.writing import against_reason, days_reasons, hold_reason, reason_text
from portal_api.work import Answer, Work

MOST_MADE = 20_000
"""How many units of enrolments one call makes."""


@dataclass(frozen=True, slots=True)
class EnrolmentInput:
    """What a client gives of new enrolments in one offer."""

    status: CourseEnrolmentStatus
    reason_id: UUID | None
    starts_on: date | None
    """The offer's days, where none are given."""
    ends_on: date | None
    commitments: Mapping[UUID, str]
    """The commitment of each learner for whom one is given."""
    units: Sequence[UnitInput] | None
    """The course's units in use, where none are given."""


@dataclass(frozen=True, slots=True)
class NewEnrolment:
    """An enrolment that is being made."""

    id: UUID
    learner_id: UUID
    course_offer_id: UUID


async def enrol(
    work: Work, offer_id: UUID, learner_ids: Sequence[UUID], given: EnrolmentInput, *, expected: Mapping[UUID, int]
) -> Answer:
    """Enrols learners in an offer: the rows are the learners, what they make is the enrolments.

    Args:
        work: the transaction.
        offer_id: the offer; one that the caller does not see is not there, for each row.
        learner_ids: the learners.
        given: status, reason, days and units, the same for all.
        expected: the versions that learners are expected to have.

    Returns:
        A result a learner, with the enrolment made.
    """
    await work.lock(learner_queries.lock, learner_ids)
    offer = await _held(work, offer_id)
    rows = (
        await queries.candidates(work.connection, work.bound, offer, learner_ids) if offer else dict[UUID, Candidate]()
    )
    decided = Decided(COURSE_OFFERS[CourseOfferAction.ENROL], work.role, learner_ids, rows, expected)
    if offer is None or not decided.granted:
        return Answer(decided.results((), made={}))
    await hold_reason(work, given.reason_id)
    library, units = await _units(work, offer, given)
    reasons = [
        *await against_reason(work, given.reason_id),
        *_against(given, offer, library, units),
        *_against_number(len(decided.granted), len(units)),
    ]
    decided.refuse({row.id: [*reasons, *_against_commitment(given.commitments.get(row.id))] for row in decided.granted})
    made = {row.id: NewEnrolment(work.new_id(work.now), row.id, offer.id) for row in decided.granted}
    await _insert(work, list(made.values()), given, offer, library, units)
    return Answer(decided.results(made, made={learner_id: each.id for learner_id, each in made.items()}))


async def _held(work: Work, offer_id: UUID) -> OfferRow | None:
    """The offer, which like its course stays in use until the enrolments are made."""
    await work.lock(offer_queries.SHELF.hold, [offer_id])
    offer = await queries.offer(work.connection, work.bound, offer_id)
    if offer is None:
        return None
    await work.lock(course_queries.SHELF.hold, [offer.course_id])
    return await queries.offer(work.connection, work.bound, offer_id)


async def _units(
    work: Work, offer: OfferRow, given: EnrolmentInput
) -> tuple[Mapping[UUID, LibraryUnit], Sequence[UnitInput]]:
    """The units that enrolments take, and what the library says of them; like the course they stay in use meanwhile."""
    if given.units is not None:
        return await held_units(work, [each.unit_id for each in given.units]), given.units
    ids = await queries.units_of_course(work.connection, work.organisation_id, offer.course_id)
    library = await held_units(work, ids)
    starts_on, ends_on = _days(given, offer)
    return library, [
        UnitInput(id_, None, starts_on, ends_on, None) for id_ in ids if library[id_].status is LibraryStatus.ACTIVE
    ]


def _days(given: EnrolmentInput, offer: OfferRow) -> tuple[date | None, date | None]:
    return given.starts_on or offer.starts_on, given.ends_on or offer.ends_on


def _against(
    given: EnrolmentInput, offer: OfferRow, library: Mapping[UUID, LibraryUnit], units: Sequence[UnitInput]
) -> list[Reason]:
    """What stands against all enrolments of the call."""
    reasons: list[Reason] = []
    if given.status not in ENTRIES:
        reasons.append(invalid(f"An enrolment begins as {in_words(ENTRIES)}.", "status"))
    reasons += days_reasons(*_days(given, offer))
    seen = set[UUID]()
    for place, each in enumerate(units):
        path = ("units", str(place))
        reasons += against_library_unit(library.get(each.unit_id), *path)
        reasons += against_unit(_unit_columns(each, library.get(each.unit_id), offer), *path)
        if each.unit_id in seen:
            reasons.append(invalid("This unit has been named before. Name it once.", *path, "unitId"))
        seen.add(each.unit_id)
    too_many = against_programs(each.program_identifier or offer.program_identifier for each in units)
    return [*reasons, too_many] if too_many and not reasons else reasons


def _against_number(learners: int, units: int) -> list[Reason]:
    """Whether one call would make more units of enrolments than one call may."""
    if learners * units <= MOST_MADE:
        return []
    message = (
        f"{learners} learners with {units} units each are more than the {MOST_MADE:,} units that one call makes. "
        "Enrol them in several calls."
    )
    return [PlainError(ErrorCode.LIMIT_EXCEEDED, message, ("input", "learners"))]


def _unit_columns(given: UnitInput, unit: LibraryUnit | None, offer: OfferRow) -> dict[str, Any]:
    hours = given.scheduled_hours
    return {
        "program_identifier": given.program_identifier or offer.program_identifier,
        "starts_on": given.starts_on,
        "ends_on": given.ends_on,
        "scheduled_hours": (unit.scheduled_hours if unit else None) if hours is None else hours,
    }


def _against_commitment(commitment: str | None) -> list[Reason]:
    return list(text_reasons(commitment, "commitments", "commitmentId", longest=LONGEST_REFERENCE, least=1))


async def _insert(
    work: Work,
    made: Sequence[NewEnrolment],
    given: EnrolmentInput,
    offer: OfferRow,
    library: Mapping[UUID, LibraryUnit],
    units: Sequence[UnitInput],
) -> None:
    starts_on, ends_on = _days(given, offer)
    rows = [
        {
            "organisation_id": work.organisation_id,
            "id": each.id,
            "external_ref": global_id("cen", each.id),
            "learner_id": each.learner_id,
            "course_offer_id": offer.id,
            "status": given.status,
            "status_reason_id": given.reason_id,
            "commitment_ref": given.commitments.get(each.learner_id),
            "starts_on": starts_on,
            "ends_on": ends_on,
            "enrolled_at": work.now,
            "version": 1,
        }
        for each in made
    ]
    await queries.insert_enrolments(work.connection, rows)
    entries = [
        work.entry(
            HistoryAction.COURSE_ENROLMENT_CREATED,
            (SubjectKind.COURSE_ENROLMENT, each.id),
            each.learner_id,
            version=1,
            statuses=(None, given.status.name),
            reason=reason_text(given.reason_id),
            changed=["status", *(["statusReason"] if given.reason_id else [])],
        )
        for each in made
    ]
    await work.record(entries)
    causes = {entry.subject_id: entry.id for entry in entries}
    new = [
        new_unit(work, each, unit, library.get(unit.unit_id), offer.program_identifier)
        for each in made
        for unit in units
    ]
    await insert_units(work, new, causes)
