"""Versions of certifications as a change finds them, and the writes on them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.certifications import (
    CERTIFICATION_VERSIONS,
    CertificationVersionStatus,
    StepContent,
    StepPath,
    VersionContent,
)
from portal_api.domain.machine import RecordFacts
from portal_api.ids import IdMaker
from portal_api.models import certification_steps, certification_versions, certifications
from portal_api.models.base import Id
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import scope
from portal_api.queries.certifications.authoring import CERTIFICATION_ID
from portal_api.queries.moves import Moves
from portal_api.queries.rows import dialect_of, id_list, insert_rows, update_rows

VERSION_ID = bindparam("certification_version", type_=Id())
_V = certification_versions.c
move_versions = Moves(CERTIFICATION_VERSIONS, certification_versions).take


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version as a change finds it."""

    id: UUID
    version: int
    facts: RecordFacts[CertificationVersionStatus]


@dataclass(frozen=True, slots=True)
class Drafts:
    """Where the versions of a certification have come to."""

    last_number: int
    """Of the newest version; 0 where there is none."""
    draft: VersionRow | None = None
    content: VersionContent | None = None
    """The draft's."""


@cache
def _locking(dialect: Dialect) -> AnySelect:
    concerned = select(_V.certification_id).where(scope.CERTIFICATION_VERSIONS, dialect.in_list(_V.id, "ids"))
    return (
        select(certifications.c.id)
        .where(certifications.c.organisation_id == scope.ORGANISATION, certifications.c.id.in_(concerned))
        .order_by(certifications.c.id)
        .with_for_update(key_share=True)
    )


async def lock_of_versions(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> None:
    """Locks the certifications of versions that are to be changed; on SQLite the transaction is alone already."""
    if connection.dialect.name == "postgresql":
        await connection.execute(_locking(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})


@cache
def _facts(dialect: Dialect) -> AnySelect:
    return select(_V.id, _V.version, _V.status).where(scope.CERTIFICATION_VERSIONS, dialect.in_list(_V.id, "ids"))


async def version_facts(
    connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]
) -> dict[UUID, VersionRow]:
    """The versions among `ids` that the viewer sees, with what decides over them."""
    found = await connection.execute(_facts(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {row.id: VersionRow(row.id, row.version, RecordFacts(row.status)) for row in found}


_newest = (
    select(certification_versions)
    .where(_V.organisation_id == scope.ORGANISATION, _V.certification_id == CERTIFICATION_ID)
    .order_by(_V.number.desc())
    .limit(1)
)
_steps = (
    select(certification_steps.c.title, certification_steps.c.paths)
    .where(
        certification_steps.c.organisation_id == scope.ORGANISATION,
        certification_steps.c.certification_version_id == VERSION_ID,
    )
    .order_by(certification_steps.c.position)
)


async def drafts_of(connection: AsyncConnection, organisation_id: UUID, certification_id: UUID) -> Drafts:
    """The newest version of a certification, which is its draft where it has one."""
    values = {"organisation": organisation_id, "certification": certification_id}
    newest = (await connection.execute(_newest, values)).one_or_none()
    if newest is None:
        return Drafts(0)
    if newest.status is not CertificationVersionStatus.DRAFT:
        return Drafts(newest.number)
    of_draft = {"organisation": organisation_id, "certification_version": newest.id}
    steps = [
        StepContent(row.title, tuple(StepPath(path) for path in row.paths))
        for row in await connection.execute(_steps, of_draft)
    ]
    content = VersionContent(
        **{name: getattr(newest, name) for name in VersionContent.__dataclass_fields__ if name != "steps"},
        steps=tuple(steps),
    )
    return Drafts(newest.number, VersionRow(newest.id, newest.version, RecordFacts(newest.status)), content)


def _written(given: VersionContent) -> dict[str, Any]:
    return {name: value for name, value in asdict(given).items() if name != "steps"}


async def create_draft(
    connection: AsyncConnection,
    organisation_id: UUID,
    id_: UUID,
    certification_id: UUID,
    number: int,
    given: VersionContent,
    *,
    at: datetime,
    new_id: IdMaker,
) -> None:
    """Makes a version of a certification: a draft, with its steps."""
    row = {
        "organisation_id": organisation_id,
        "id": id_,
        "certification_id": certification_id,
        "number": number,
        "status": CertificationVersionStatus.DRAFT,
        **_written(given),
        "created_at": at,
        "version": 1,
    }
    await insert_rows(connection, certification_versions, [row])
    await _insert_steps(connection, organisation_id, id_, given.steps, at=at, new_id=new_id)


async def change_draft(
    connection: AsyncConnection, organisation_id: UUID, row: VersionRow, given: VersionContent
) -> dict[UUID, int]:
    """Changes what a draft says, but not its steps.

    Returns:
        The new version, if the draft was still at the version that was read.
    """
    values = {"id": row.id, "version": row.version, **_written(given)}
    return await update_rows(connection, certification_versions, organisation_id, [values])


_without_steps = delete(certification_steps).where(
    certification_steps.c.organisation_id == scope.ORGANISATION,
    certification_steps.c.certification_version_id == VERSION_ID,
)


async def replace_steps(
    connection: AsyncConnection,
    organisation_id: UUID,
    id_: UUID,
    steps: Sequence[StepContent],
    *,
    at: datetime,
    new_id: IdMaker,
) -> None:
    """Gives a draft other steps."""
    await connection.execute(_without_steps, {"organisation": organisation_id, "certification_version": id_})
    await _insert_steps(connection, organisation_id, id_, steps, at=at, new_id=new_id)


async def _insert_steps(
    connection: AsyncConnection,
    organisation_id: UUID,
    id_: UUID,
    steps: Sequence[StepContent],
    *,
    at: datetime,
    new_id: IdMaker,
) -> None:
    rows = [
        {
            "organisation_id": organisation_id,
            "id": new_id(at),
            "certification_version_id": id_,
            "position": position,
            "title": step.title,
            "paths": " ".join(step.paths),
        }
        for position, step in enumerate(steps, start=1)
    ]
    await insert_rows(connection, certification_steps, rows)
