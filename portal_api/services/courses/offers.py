"""What happens to offers of courses: made, changed, given trainers, retired, reinstated."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from portal_api.domain.courses.library import COURSE_OFFERS, COURSES, MOST_TRAINERS, CourseAction, CourseOfferAction
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.inputs import LONGEST_NAME, LONGEST_REFERENCE, text_reasons
from portal_api.domain.organisations import UserStatus
from portal_api.domain.refusals import ErrorCode, PlainError, Reason
from portal_api.ids import global_id
from portal_api.models import course_offers
from portal_api.planner.names import camel
from portal_api.queries import organisations as organisation_queries
from portal_api.queries import users as user_queries
from portal_api.queries.courses import library as course_queries
from portal_api.queries.courses import offers as offer_queries
from portal_api.queries.courses.library import CourseRow
from portal_api.queries.courses.offers import SHELF, OfferContent
from portal_api.queries.users import UserRow
from portal_api.services.bulk import Decided
from portal_api.services.courses.telling import answered, not_found, record_edited, record_made, taken
from portal_api.services.shelves import shelve
from portal_api.work import Answer, Work

PLACE = "offers"
"""The input's field that new offers are rows of."""


@dataclass(frozen=True, slots=True)
class OfferInput:
    """What a client gives of a new offer."""

    external_ref: str | None
    """None for its own identifier."""
    course_id: UUID
    title: str
    starts_on: date | None
    ends_on: date | None
    needs_commitment: bool
    trainer_ids: Sequence[UUID]


async def create(work: Work, given: Sequence[OfferInput]) -> Answer:
    """Offers courses that are in use. Of two rows with one reference the first has it."""
    await work.lock(organisation_queries.lock, ())
    courses = await _held_courses(work, [row.course_id for row in given])
    users = await _users(work, [id_ for row in given for id_ in row.trainer_ids[:MOST_TRAINERS]])
    against = [
        [
            *_content_reasons(row.external_ref, row.title, row.starts_on, row.ends_on, PLACE, str(index)),
            *_course_reasons(work, courses.get(row.course_id), PLACE, str(index)),
            *_trainer_reasons(row.trainer_ids, users, PLACE, str(index)),
        ]
        for index, row in enumerate(given)
    ]
    named = [row.external_ref for row, reasons in zip(given, against, strict=True) if row.external_ref and not reasons]
    refs = set(await _holders(work, named))
    made: list[UUID | None] = []
    new: dict[UUID, tuple[OfferContent, Sequence[UUID]]] = {}
    for index, (row, reasons) in enumerate(zip(given, against, strict=True)):
        if row.external_ref in refs:
            reasons.append(_taken(PLACE, str(index)))
        made.append(None if reasons else work.new_id(work.now))
        if id_ := made[-1]:
            ref = row.external_ref or global_id("off", id_)
            content = OfferContent(ref, row.course_id, row.title, row.starts_on, row.ends_on, row.needs_commitment)
            new[id_] = (content, list(dict.fromkeys(row.trainer_ids)))
            refs.add(ref)
    await offer_queries.create(work.connection, work.organisation_id, new, at=work.now)
    await record_made(work, HistoryAction.COURSE_OFFER_CREATED, SubjectKind.COURSE_OFFER, new)
    return Answer(answered(made, against))


async def update(work: Work, id_: UUID, given: Mapping[str, Any], *, expected: Mapping[UUID, int]) -> Answer:
    """Changes what an offer says; the enrolments in it keep their dates.

    Args:
        work: the transaction.
        id_: the offer.
        given: the fields that the client gave, by their Python names.
        expected: the version that the offer is expected to have, if any.

    Returns:
        One result.
    """
    await work.lock(organisation_queries.lock, ())
    await work.lock(SHELF.lock, [id_])
    rows = await offer_queries.facts(work.connection, work.bound, [id_])
    decided = Decided(COURSE_OFFERS[CourseOfferAction.UPDATE], work.role, [id_], rows, expected)
    if not decided.granted:
        return Answer(decided.results(()))
    [row] = decided.granted
    meant = replace(row.content, **given)
    changed = [camel(name) for name in given if getattr(meant, name) != getattr(row.content, name)]
    if not changed:
        return Answer(decided.results((), [id_]))
    reasons = list(_content_reasons(meant.external_ref, meant.title, meant.starts_on, meant.ends_on))
    if not reasons and (await _holders(work, [meant.external_ref])).get(meant.external_ref, id_) != id_:
        reasons.append(_taken())
    decided.refuse({id_: reasons})
    if not decided.granted:
        return Answer(decided.results(()))
    versions = await offer_queries.change(work.connection, work.organisation_id, row, meant)
    await record_edited(work, HistoryAction.COURSE_OFFER_UPDATED, SubjectKind.COURSE_OFFER, versions, changed)
    return Answer(decided.results(versions))


async def set_trainers(work: Work, id_: UUID, trainer_ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Says who trains in an offer, and nobody else; they must be trainers now."""
    await work.lock(organisation_queries.lock, ())
    await work.lock(SHELF.lock, [id_])
    rows = await offer_queries.facts(work.connection, work.bound, [id_])
    decided = Decided(COURSE_OFFERS[CourseOfferAction.SET_TRAINERS], work.role, [id_], rows, expected)
    if not decided.granted:
        return Answer(decided.results(()))
    named = list(dict.fromkeys(trainer_ids))
    if set(named) == await offer_queries.trainers_of(work.connection, work.organisation_id, id_):
        return Answer(decided.results((), [id_]))
    decided.refuse({id_: _trainer_reasons(trainer_ids, await _users(work, named[:MOST_TRAINERS]))})
    if not decided.granted:
        return Answer(decided.results(()))
    versions = await offer_queries.set_trainers(work.connection, work.organisation_id, id_, named)
    act = HistoryAction.COURSE_OFFER_TRAINERS_SET
    await record_edited(work, act, SubjectKind.COURSE_OFFER, versions, ["trainers"])
    return Answer(decided.results(versions))


async def _held_courses(work: Work, ids: Sequence[UUID]) -> dict[UUID, CourseRow]:
    """The courses among `ids` that the caller sees, kept as they are: none is retired before it is offered."""
    named = list(dict.fromkeys(ids))
    await work.lock(course_queries.SHELF.hold, named)
    return await course_queries.facts(work.connection, work.bound, named)


async def _users(work: Work, ids: Sequence[UUID]) -> dict[UUID, UserRow]:
    """The users among `ids` whom the caller sees; the lock on the organisation keeps their roles as they are."""
    return await user_queries.facts(work.connection, work.bound, list(dict.fromkeys(ids)))


async def _holders(work: Work, refs: Sequence[str]) -> dict[str, UUID]:
    return await SHELF.holders(work.connection, work.organisation_id, course_offers.c.external_ref, refs)


def _content_reasons(
    external_ref: str | None, title: str, starts_on: date | None, ends_on: date | None, *path: str
) -> Iterator[Reason]:
    yield from text_reasons(external_ref, *path, "externalRef", longest=LONGEST_REFERENCE, least=1)
    yield from text_reasons(title, *path, "title", longest=LONGEST_NAME, least=1)
    if starts_on is not None and ends_on is not None and ends_on < starts_on:
        message = f"The offer would end on {ends_on}, before it starts on {starts_on}. Give a later end."
        yield PlainError(ErrorCode.INVALID_DATES, message, ("input", *path, "endsOn"))


def _course_reasons(work: Work, course: CourseRow | None, *path: str) -> list[Reason]:
    """What stands against the course that is to be offered: it is seen, and can be."""
    if course is None:
        return [not_found("course", *path, "courseId")]
    reasons = COURSES[CourseAction.CREATE_OFFER].reasons(work.role, course.facts)
    return [replace(reason, path=("input", *path, "courseId")) for reason in reasons]


def _trainer_reasons(trainer_ids: Sequence[UUID], users: Mapping[UUID, UserRow], *path: str) -> list[Reason]:
    """What stands against the trainers of an offer: each is seen, and a trainer."""
    if len(trainer_ids) > MOST_TRAINERS:
        message = f"An offer has {MOST_TRAINERS} trainers at the most; {len(trainer_ids)} were given."
        return [PlainError(ErrorCode.LIMIT_EXCEEDED, message, ("input", *path, "trainerIds"))]
    reasons: list[Reason] = []
    for place, id_ in enumerate(trainer_ids):
        at = (*path, "trainerIds", str(place))
        user = users.get(id_)
        if user is None:
            reasons.append(not_found("user", *at))
        elif user.facts.status is not UserStatus.TRAINER:
            message = "Only a user of the role TRAINER trains in an offer. Give them the role first, or leave them out."
            reasons.append(PlainError(ErrorCode.NOT_A_TRAINER, message, ("input", *at)))
    return reasons


def _taken(*path: str) -> Reason:
    message = "Another offer of the organisation has this reference."
    return taken(ErrorCode.EXTERNAL_REF_TAKEN, message, *path, "externalRef")


async def retire(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Takes offers out of use: nobody is enrolled any more, running enrolments go on."""
    return await _shelve(work, CourseOfferAction.RETIRE, HistoryAction.COURSE_OFFER_RETIRED, ids, expected)


async def reinstate(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Takes offers into use again."""
    return await _shelve(work, CourseOfferAction.REINSTATE, HistoryAction.COURSE_OFFER_REINSTATED, ids, expected)


async def _shelve(
    work: Work, action: CourseOfferAction, act: HistoryAction, ids: Sequence[UUID], expected: Mapping[UUID, int]
) -> Answer:
    await work.lock(SHELF.lock, ids)
    rows = await offer_queries.facts(work.connection, work.bound, ids)
    return await shelve(work, COURSE_OFFERS, action, act, ids, rows, expected, offer_queries.shelve)
