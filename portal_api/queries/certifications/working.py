"""What a learner's certification is worked on with: the steps of its open cycle, and the attempts at its exam."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.certifications import ExamAttemptStatus, Step, StepPath
from portal_api.models import certification_cycles, certification_steps, exam_attempts, step_progress
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import scope
from portal_api.queries.rows import dialect_of, id_list, insert_rows, set_rows


@dataclass(frozen=True, slots=True)
class StepRow:
    """A training step in an open cycle as a change finds it."""

    id: UUID
    step_id: UUID
    """The step of the version."""
    record_id: UUID
    facts: Step


@cache
def _steps(dialect: Dialect) -> AnySelect:
    own = step_progress.c
    return (
        select(
            own.id,
            own.certification_step_id,
            certification_cycles.c.learner_certification_id,
            own.status,
            certification_steps.c.paths,
            own.test_out,
        )
        .join(
            certification_cycles,
            and_(
                certification_cycles.c.organisation_id == own.organisation_id,
                certification_cycles.c.id == own.certification_cycle_id,
            ),
        )
        .join(
            certification_steps,
            and_(
                certification_steps.c.organisation_id == own.organisation_id,
                certification_steps.c.id == own.certification_step_id,
            ),
        )
        .where(
            own.organisation_id == scope.ORGANISATION,
            dialect.in_list(own.certification_cycle_id, "ids"),
            certification_cycles.c.closed_at.is_(None),
        )
    )


async def steps(
    connection: AsyncConnection, organisation_id: UUID, cycle_ids: Sequence[UUID]
) -> dict[tuple[UUID, UUID], StepRow]:
    """The training steps of open cycles, by the record and the step of the version."""
    values = {"organisation": organisation_id, "ids": id_list(connection, cycle_ids)}
    found = await connection.execute(_steps(dialect_of(connection)), values)
    rows = [
        StepRow(id_, step_id, record_id, Step(status, frozenset(map(StepPath, paths)), test_out))
        for id_, step_id, record_id, status, paths, test_out in found
    ]
    return {(row.record_id, row.step_id): row for row in rows}


async def set_steps(connection: AsyncConnection, organisation_id: UUID, rows: Sequence[Mapping[str, Any]]) -> None:
    """Gives the progress of steps values of its own: `id`, and the same columns for all."""
    await set_rows(connection, step_progress, organisation_id, rows)


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """The last attempt at the exam of a cycle."""

    id: UUID
    cycle_id: UUID
    number: int
    status: ExamAttemptStatus


@cache
def _last_attempts(dialect: Dialect) -> AnySelect:
    own = exam_attempts.c
    last = exam_attempts.alias("last_attempt")
    number = (
        select(func.max(last.c.number))
        .where(
            last.c.organisation_id == own.organisation_id,
            last.c.certification_cycle_id == own.certification_cycle_id,
        )
        .correlate(exam_attempts)
        .scalar_subquery()
    )
    return select(own.id, own.certification_cycle_id, own.number, own.status).where(
        own.organisation_id == scope.ORGANISATION,
        dialect.in_list(own.certification_cycle_id, "ids"),
        own.number == number,
    )


async def last_attempts(
    connection: AsyncConnection, organisation_id: UUID, cycle_ids: Sequence[UUID]
) -> dict[UUID, AttemptRow]:
    """The last attempt of each cycle that has one."""
    values = {"organisation": organisation_id, "ids": id_list(connection, cycle_ids)}
    rows = [AttemptRow(*row) for row in await connection.execute(_last_attempts(dialect_of(connection)), values)]
    return {row.cycle_id: row for row in rows}


async def insert_attempts(
    connection: AsyncConnection, organisation_id: UUID, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Writes attempts: `id`, record, cycle, number, status, when they began and ended, and the score."""
    await insert_rows(connection, exam_attempts, [{"organisation_id": organisation_id, **row} for row in rows])


async def set_attempts(connection: AsyncConnection, organisation_id: UUID, rows: Sequence[Mapping[str, Any]]) -> None:
    """Gives attempts values of their own: `id`, and the same columns for all."""
    await set_rows(connection, exam_attempts, organisation_id, rows)
