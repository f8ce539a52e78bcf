"""Certifications as a change finds them, and the writes on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.certifications import CERTIFICATIONS, CertificationFacts, CertificationJoining
from portal_api.domain.library import LibraryStatus
from portal_api.models import certification_groups, certifications
from portal_api.models.base import Id
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import scope
from portal_api.queries.certifications.library import HAS_PUBLISHED_VERSION
from portal_api.queries.folding import fold
from portal_api.queries.moves import Moves
from portal_api.queries.rows import dialect_of, id_list, insert_rows, update_rows

CERTIFICATION_ID = bindparam("certification", type_=Id())
shelve = Moves(CERTIFICATIONS, certifications).take


@dataclass(frozen=True, slots=True)
class CertificationRow:
    """A certification as a change finds it."""

    id: UUID
    version: int
    external_ref: str
    title: str
    facts: CertificationFacts


@dataclass(frozen=True, slots=True)
class CertificationContent:
    """What a certification says of itself."""

    id: UUID
    external_ref: str
    title: str
    joining: CertificationJoining


@cache
def _locking(dialect: Dialect, *, alone: bool) -> AnySelect:
    chosen = (
        select(certifications.c.id)
        .where(scope.CERTIFICATIONS, dialect.in_list(certifications.c.id, "ids"))
        .order_by(certifications.c.id)
    )
    return chosen.with_for_update(key_share=True) if alone else chosen.with_for_update(read=True)


async def _lock(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID], *, alone: bool) -> None:
    if connection.dialect.name == "postgresql":
        statement = _locking(dialect_of(connection), alone=alone)
        await connection.execute(statement, {**bound, "ids": id_list(connection, ids)})


async def lock(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> None:
    """Locks certifications that are to be changed, or have a version changed, in the order of their ids."""
    await _lock(connection, bound, ids, alone=True)


async def hold(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> None:
    """Keeps certifications and their versions as they are until the transaction ends; others may hold them too."""
    await _lock(connection, bound, ids, alone=False)


@cache
def _facts(dialect: Dialect) -> AnySelect:
    return select(
        certifications.c.id,
        certifications.c.version,
        certifications.c.external_ref,
        certifications.c.title,
        certifications.c.joining,
        certifications.c.status,
        HAS_PUBLISHED_VERSION.label("has_published_version"),
    ).where(scope.CERTIFICATIONS, dialect.in_list(certifications.c.id, "ids"))


async def facts(
    connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]
) -> dict[UUID, CertificationRow]:
    """The certifications among `ids` that the viewer sees, with what decides over them."""
    found = await connection.execute(_facts(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {
        row.id: CertificationRow(
            row.id,
            row.version,
            row.external_ref,
            row.title,
            CertificationFacts(row.status, row.joining, bool(row.has_published_version)),
        )
        for row in found
    }


_of_ref = select(certifications.c.id).where(
    certifications.c.organisation_id == scope.ORGANISATION,
    certifications.c.external_ref == bindparam("external_ref"),
)


async def id_of_ref(connection: AsyncConnection, organisation_id: UUID, external_ref: str) -> UUID | None:
    """The certification that has a reference."""
    values = {"organisation": organisation_id, "external_ref": external_ref}
    return (await connection.execute(_of_ref, values)).scalar()


_groups = (
    select(certification_groups.c.group_id)
    .where(
        certification_groups.c.organisation_id == scope.ORGANISATION,
        certification_groups.c.certification_id == CERTIFICATION_ID,
    )
    .order_by(certification_groups.c.group_id)
)


async def groups_of(connection: AsyncConnection, organisation_id: UUID, certification_id: UUID) -> list[UUID]:
    """The groups that a certification names."""
    values = {"organisation": organisation_id, "certification": certification_id}
    return list((await connection.execute(_groups, values)).scalars())


_without_groups = delete(certification_groups).where(
    certification_groups.c.organisation_id == scope.ORGANISATION,
    certification_groups.c.certification_id == CERTIFICATION_ID,
)


async def set_groups(
    connection: AsyncConnection, organisation_id: UUID, certification_id: UUID, group_ids: Sequence[UUID]
) -> None:
    """Puts groups in the place of those that a certification names."""
    values = {"organisation": organisation_id, "certification": certification_id}
    await connection.execute(_without_groups, values)
    key = {"organisation_id": organisation_id, "certification_id": certification_id}
    await insert_rows(connection, certification_groups, [{**key, "group_id": group_id} for group_id in group_ids])


def _written(given: CertificationContent) -> dict[str, Any]:
    return {
        "external_ref": given.external_ref,
        "title": given.title,
        "title_key": fold(given.title),
        "search_key": fold(f"{given.title} {given.external_ref}"),
        "joining": given.joining,
    }


async def create(
    connection: AsyncConnection,
    organisation_id: UUID,
    given: CertificationContent,
    group_ids: Sequence[UUID],
    *,
    at: datetime,
) -> None:
    """Makes a certification, active and without a version, which names some groups."""
    row = {
        "organisation_id": organisation_id,
        "id": given.id,
        **_written(given),
        "status": LibraryStatus.ACTIVE,
        "created_at": at,
        "version": 1,
    }
    await insert_rows(connection, certifications, [row])
    key = {"organisation_id": organisation_id, "certification_id": given.id}
    await insert_rows(connection, certification_groups, [{**key, "group_id": group_id} for group_id in group_ids])


async def change(
    connection: AsyncConnection, organisation_id: UUID, given: CertificationContent, *, version: int
) -> dict[UUID, int]:
    """Changes what a certification says of itself.

    Returns:
        The new version, if the certification was still at the version that was read.
    """
    row = {"id": given.id, "version": version, **_written(given)}
    return await update_rows(connection, certifications, organisation_id, [row])
