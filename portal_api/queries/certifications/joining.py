"""A certification as somebody finds it who wants to join it themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.certifications import CertificationFacts
from portal_api.models import certifications
from portal_api.queries import scope
from portal_api.queries.certifications.library import JOINING, OWN_RECORD, joining_facts


@dataclass(frozen=True, slots=True)
class JoiningRow:
    """A certification with what decides over the viewer's own part in it."""

    id: UUID
    version: int
    record_id: UUID | None
    """The record that they have already."""
    facts: CertificationFacts


_facts = select(certifications.c.id, certifications.c.version, OWN_RECORD.label("record_id"), *JOINING).where(
    certifications.c.id == scope.CERTIFICATION, scope.CERTIFICATIONS
)


async def facts(
    connection: AsyncConnection, bound: Mapping[str, Any], certification_id: UUID
) -> dict[UUID, JoiningRow]:
    """The certification, if the viewer sees it."""
    found = await connection.execute(_facts, {**bound, "certification": certification_id})
    return {row.id: JoiningRow(row.id, row.version, row.record_id, joining_facts(*tuple(row)[3:])) for row in found}
