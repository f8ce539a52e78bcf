"""Offers of courses and who trains in them as a change finds them, and the writes on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.courses.library import COURSE_OFFERS, CourseOfferAction, CourseOfferFacts
from portal_api.domain.library import LibraryStatus
from portal_api.models import course_offer_trainers, course_offers
from portal_api.models.base import Id
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import scope
from portal_api.queries.courses.shelf import Shelf
from portal_api.queries.courses.sources import COURSE_STATUS
from portal_api.queries.folding import fold
from portal_api.queries.moves import Moves
from portal_api.queries.rows import dialect_of, id_list, insert_rows, update_rows

SHELF = Shelf(course_offers, scope.COURSE_OFFERS)
OFFER = bindparam("offer", type_=Id())
shelve = Moves(COURSE_OFFERS, course_offers).take


@dataclass(frozen=True, slots=True)
class OfferContent:
    """What an offer says, beside who trains in it."""

    external_ref: str
    course_id: UUID
    title: str
    starts_on: date | None
    ends_on: date | None
    needs_commitment: bool


@dataclass(frozen=True, slots=True)
class OfferRow:
    """An offer as a change finds it."""

    id: UUID
    version: int
    content: OfferContent
    facts: CourseOfferFacts


@cache
def _facts(dialect: Dialect) -> AnySelect:
    return select(
        course_offers.c.id,
        course_offers.c.version,
        course_offers.c.external_ref,
        course_offers.c.course_id,
        course_offers.c.title,
        course_offers.c.starts_on,
        course_offers.c.ends_on,
        course_offers.c.needs_commitment,
        course_offers.c.status,
        COURSE_STATUS.label("course_status"),
    ).where(scope.COURSE_OFFERS, dialect.in_list(course_offers.c.id, "ids"))


async def facts(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> dict[UUID, OfferRow]:
    """The offers among `ids` that the viewer sees, with what decides over them."""
    found = await connection.execute(_facts(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {
        row.id: OfferRow(
            row.id,
            row.version,
            OfferContent(
                row.external_ref, row.course_id, row.title, row.starts_on, row.ends_on, bool(row.needs_commitment)
            ),
            CourseOfferFacts(row.status, row.course_status),
        )
        for row in found
    }


_trainers = select(course_offer_trainers.c.user_id).where(
    course_offer_trainers.c.organisation_id == scope.ORGANISATION, course_offer_trainers.c.course_offer_id == OFFER
)


async def trainers_of(connection: AsyncConnection, organisation_id: UUID, offer_id: UUID) -> set[UUID]:
    """The users who train in an offer."""
    values = {"organisation": organisation_id, "offer": offer_id}
    return set((await connection.execute(_trainers, values)).scalars())


def _written(given: OfferContent) -> dict[str, Any]:
    return {
        "external_ref": given.external_ref,
        "course_id": given.course_id,
        "title": given.title,
        "title_key": fold(given.title),
        "search_key": fold(f"{given.title} {given.external_ref}"),
        "starts_on": given.starts_on,
        "ends_on": given.ends_on,
        "needs_commitment": given.needs_commitment,
    }


async def create(
    connection: AsyncConnection,
    organisation_id: UUID,
    new: Mapping[UUID, tuple[OfferContent, Sequence[UUID]]],
    *,
    at: datetime,
) -> None:
    """Makes offers, active, by their ids: what each says, and who trains in it."""
    always = {"organisation_id": organisation_id, "status": LibraryStatus.ACTIVE, "created_at": at, "version": 1}
    rows = [{"id": id_, **_written(given), **always} for id_, (given, _) in new.items()]
    await insert_rows(connection, course_offers, rows)
    await _insert_trainers(connection, organisation_id, {id_: trainers for id_, (_, trainers) in new.items()})


async def change(
    connection: AsyncConnection, organisation_id: UUID, row: OfferRow, given: OfferContent
) -> dict[UUID, int]:
    """Changes what an offer says, but not who trains in it.

    Returns:
        The new version, if the offer was still at the version that was read.
    """
    return await update_rows(
        connection, course_offers, organisation_id, [{"id": row.id, "version": row.version, **_written(given)}]
    )


_without_trainers = delete(course_offer_trainers).where(
    course_offer_trainers.c.organisation_id == scope.ORGANISATION, course_offer_trainers.c.course_offer_id == OFFER
)


async def set_trainers(
    connection: AsyncConnection, organisation_id: UUID, offer_id: UUID, user_ids: Sequence[UUID]
) -> dict[UUID, int]:
    """Says who trains in an active offer, and nobody else.

    Returns:
        The new version of the offer, if it was changed.
    """
    versions = await shelve(connection, organisation_id, [offer_id], CourseOfferAction.SET_TRAINERS)
    if versions:
        await connection.execute(_without_trainers, {"organisation": organisation_id, "offer": offer_id})
        await _insert_trainers(connection, organisation_id, {offer_id: user_ids})
    return versions


async def _insert_trainers(
    connection: AsyncConnection, organisation_id: UUID, given: Mapping[UUID, Sequence[UUID]]
) -> None:
    rows = [
        {"organisation_id": organisation_id, "course_offer_id": id_, "user_id": user_id}
        for id_, user_ids in given.items()
        for user_id in user_ids
    ]
    await insert_rows(connection, course_offer_trainers, rows)
