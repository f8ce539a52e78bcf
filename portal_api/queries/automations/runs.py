"""Runs of learncycles: who sees them, what each field reads, and how they are written."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.automations.learncycles import RunOutcome
from portal_api.domain.automations.rules import LearncycleActionKind
from portal_api.domain.history import SubjectKind
from portal_api.domain.refusals import Reason, reason_data, reason_of_data
from portal_api.models import learncycle_runs, learncycles
from portal_api.models.base import Id
from portal_api.planner.declare import Column, Derived, Key, Source, ToOne, ToOneOf
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.planner.filters import Comparison, Target
from portal_api.queries import scope
from portal_api.queries.rows import dialect_of, id_list, insert_rows


class Run(NamedTuple):
    """What became of one action of a rule for one record: a column each."""

    organisation_id: UUID
    id: UUID
    learncycle_id: UUID
    cause_id: UUID | None
    subject_kind: SubjectKind
    subject_id: UUID
    learner_id: UUID
    action: LearncycleActionKind
    position: int
    outcome: RunOutcome
    reasons: tuple[Reason, ...]
    on_date: date | None
    day_from: datetime | None
    day_until: datetime | None
    at: datetime


def _reasons(_role: str, packed: str) -> tuple[Reason, ...]:
    return tuple(map(reason_of_data, orjson.loads(packed)))


LEARNCYCLE_RUN = Source(
    type="LearncycleRun",
    prefix="lcr",
    table=learncycle_runs,
    scope=scope.LEARNCYCLE_RUNS,
    fields={
        "id": Key(),
        "learncycle": ToOne("Learncycle", learncycle_runs.c.learncycle_id),
        "cause": ToOne("HistoryEntry", learncycle_runs.c.cause_id),
        "onDate": Column(learncycle_runs.c.on_date),
        "subjectKind": Column(learncycle_runs.c.subject_kind),
        "subject": ToOneOf(
            {
                SubjectKind.SERIES_ENROLMENT: "SeriesEnrolment",
                SubjectKind.LEARNER_CERTIFICATION: "LearnerCertification",
                SubjectKind.CERTIFICATE: "Certificate",
                SubjectKind.COURSE_ENROLMENT: "CourseEnrolment",
                SubjectKind.UNIT_ENROLMENT: "UnitEnrolment",
            },
            learncycle_runs.c.subject_kind,
            learncycle_runs.c.subject_id,
        ),
        "learner": ToOne("Learner", learncycle_runs.c.learner_id),
        "action": Column(learncycle_runs.c.action),
        "outcome": Column(learncycle_runs.c.outcome),
        "reasons": Derived((learncycle_runs.c.reasons,), _reasons),
        "at": Column(learncycle_runs.c.at),
    },
    filters={
        "id": Comparison(learncycle_runs.c.id, "lcr"),
        "learncycleId": Comparison(learncycle_runs.c.learncycle_id, "lcy", Target(learncycles.c.id, scope.LEARNCYCLES)),
        "learnerId": Comparison(learncycle_runs.c.learner_id, "lrn"),
        "subjectKind": Comparison(learncycle_runs.c.subject_kind),
        "action": Comparison(learncycle_runs.c.action),
        "outcome": Comparison(learncycle_runs.c.outcome),
        "onDate": Comparison(learncycle_runs.c.on_date),
        "at": Comparison(learncycle_runs.c.at),
    },
    orders={"AT": learncycle_runs.c.at},
    default_order=(("AT", True),),
)


@cache
def _answered(dialect: Dialect) -> AnySelect:
    runs = learncycle_runs.c
    return select(runs.subject_id, runs.on_date).where(
        runs.organisation_id == scope.ORGANISATION,
        runs.learncycle_id == bindparam("learncycle", type_=Id()),
        runs.on_date.is_not(None),
        dialect.in_list(runs.subject_id, "ids"),
    )


async def answered(
    connection: AsyncConnection, organisation_id: UUID, learncycle_id: UUID, ids: Sequence[UUID]
) -> set[tuple[UUID, date]]:
    """The days of records for which a rule has fired."""
    given = {"organisation": organisation_id, "learncycle": learncycle_id, "ids": id_list(connection, ids)}
    found = await connection.execute(_answered(dialect_of(connection)), given)
    return {(row.subject_id, row.on_date) for row in found}


async def keep(connection: AsyncConnection, runs: Sequence[Run]) -> None:
    """Writes runs, in one statement."""
    rows: list[dict[str, Any]] = []
    for run in runs:
        reasons = orjson.dumps([reason_data(each) for each in run.reasons], default=str).decode()
        rows.append({**run._asdict(), "reasons": reasons})
    await insert_rows(connection, learncycle_runs, rows)
