"""Writes an organisation whole: its rows in batches, in the order that their keys want, in the transaction it is given."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.learners import DeactivationReason
from portal_api.domain.organisations import Role
from portal_api.domain.series import (
    SeriesDuration,
    SeriesEnrolmentStatus,
    SeriesType,
    WithdrawalReason,
)
from portal_api.importers.people import Person
from portal_api.models import (
    organisations,
)
from portal_api.queries.rows import insert_rows

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
    deactivation: Deactivation | None = None


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
    is_active: bool
    created_at: datetime


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
    organisation_ref: str
    progress: Progress

    @classmethod
    async def claim(
        cls,
        connection: AsyncConnection,
        progress: Progress,
        *,
        id: UUID,
        external_ref: str,
        name: str,
        time_zone: str,
        created_at: datetime,
    ) -> "Writer | None":
        """Makes the organisation; None if there is one of that reference already.

        Of two that try at once, the second waits for the first to end, and then finds its organisation.
        """
        known = await connection.execute(_ORGANISATION_WITH_REF, {"external_ref": external_ref})
        if known.first():
            return None
        row = {"id": id, "external_ref": external_ref, "name": name, "time_zone": time_zone, "created_at": created_at}
        await insert_rows(connection, organisations, [row])
        return cls(connection, id, external_ref, progress)
