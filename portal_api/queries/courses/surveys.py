"""Surveys as a change finds them, and the writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.courses.surveys import SurveyFacts
from portal_api.domain.learners import LearnerStatus
from portal_api.models import learners, surveys
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import scope
from portal_api.queries.moves import lock_learners_of
from portal_api.queries.rows import dialect_of, id_list, insert_rows, update_rows

lock_learners = lock_learners_of(surveys, scope.SURVEYS)


@dataclass(frozen=True, slots=True)
class SurveyRow:
    """A survey as a change finds it."""

    id: UUID
    learner_id: UUID
    version: int
    facts: SurveyFacts


@cache
def _facts(dialect: Dialect) -> AnySelect:
    return (
        select(surveys, learners.c.status.label("learner_status"))
        .join(
            learners,
            and_(learners.c.organisation_id == surveys.c.organisation_id, learners.c.id == surveys.c.learner_id),
        )
        .where(scope.SURVEYS, dialect.in_list(surveys.c.id, "ids"))
    )


async def facts(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> dict[UUID, SurveyRow]:
    """The surveys among `ids` that the viewer sees, with what decides over them."""
    found = await connection.execute(_facts(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {
        row.id: SurveyRow(
            row.id,
            row.learner_id,
            row.version,
            SurveyFacts(row.status, learner_is_active=row.learner_status is LearnerStatus.ACTIVE),
        )
        for row in found
    }


@cache
def _of_enrolments(dialect: Dialect) -> AnySelect:
    return (
        select(surveys.c.course_enrolment_id, surveys.c.id)
        .where(
            surveys.c.organisation_id == scope.ORGANISATION,
            dialect.in_list(surveys.c.course_enrolment_id, "ids"),
        )
        .order_by(surveys.c.id)
    )


async def of_enrolments(
    connection: AsyncConnection, organisation_id: UUID, enrolment_ids: Sequence[UUID]
) -> dict[UUID, UUID]:
    """The newest survey of each enrolment that has one."""
    values = {"organisation": organisation_id, "ids": id_list(connection, enrolment_ids)}
    found = await connection.execute(_of_enrolments(dialect_of(connection)), values)
    return {row.course_enrolment_id: row.id for row in found}


async def insert(connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes new surveys."""
    await insert_rows(connection, surveys, rows)


async def answer(
    connection: AsyncConnection, organisation_id: UUID, rows: Sequence[Mapping[str, Any]]
) -> dict[UUID, int]:
    """Writes down answers; returns the new version of each survey that was still at the version read."""
    return await update_rows(connection, surveys, organisation_id, rows)
