"""Series and enrolments as a change finds them: the facts that decide, the terms, and what time has done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, case, false, select, true, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.learners import LearnerStatus
from portal_api.domain.pathways import PATHWAY_ENROLMENTS, PathwayEnrolmentStatus
from portal_api.domain.series import (
    ACTIVE_STATUSES,
    SERIES_ENROLMENTS,
    SeriesEnrolmentFacts,
    SeriesEnrolmentStatus,
    SeriesFacts,
    SeriesTerms,
)
from portal_api.ids import global_id
from portal_api.models import learners, pathway_enrolments, pathway_steps, pathways, series, series_enrolments
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import scope
from portal_api.queries.moves import lock_learners_of
from portal_api.queries.ordering import or_last_instant
from portal_api.queries.rows import dialect_of, id_list, read
from portal_api.queries.time import stands_at, status_now

STATUS_NOW = status_now(SERIES_ENROLMENTS, series_enrolments)
lock_learners = lock_learners_of(series_enrolments, scope.SERIES_ENROLMENTS)


class EnrolmentRow(NamedTuple):
    """A series enrolment as a change finds it."""

    id: UUID
    learner_id: UUID
    series_id: UUID
    pathway_enrolment_id: UUID | None
    version: int
    stored: SeriesEnrolmentStatus
    times: Mapping[str, Any]
    """What its clock moves look at: `starts_at`, `ends_at`, `has_signed_in`."""
    due_on: date | None
    questions_answered: int
    questions_correct: int
    terms: SeriesTerms
    """Those of the series as they are now; the enrolment's dates were reckoned when it began."""
    facts: SeriesEnrolmentFacts


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """A series as a change finds it."""

    id: UUID
    version: int
    external_ref: str
    title: str
    terms: SeriesTerms
    facts: SeriesFacts


def _is(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """A condition that is false where a part of it is unknown: of a caller linked to nobody, nothing is their own."""
    return case((condition, true()), else_=false())


IS_OVERDUE = and_(
    or_last_instant(series_enrolments.c.overdue_at) <= scope.NOW,
    stands_at(SERIES_ENROLMENTS, series_enrolments, ACTIVE_STATUSES),
)
"""Whether the due date has passed while the enrolment is still active."""
IS_OWN_RECORD = _is(series_enrolments.c.learner_id == scope.VIEWER_LEARNER)

_terms = (
    series.c.type,
    series.c.duration,
    series.c.duration_days,
    series.c.ends_on,
    series.c.question_count,
    series.c.mastery_percent,
)

_row = (
    select(
        series_enrolments.c.id,
        series_enrolments.c.learner_id,
        series_enrolments.c.series_id,
        series_enrolments.c.pathway_enrolment_id,
        series_enrolments.c.version,
        series_enrolments.c.status.label("stored"),
        series_enrolments.c.starts_at,
        series_enrolments.c.ends_at,
        series_enrolments.c.has_signed_in,
        series_enrolments.c.due_on,
        series_enrolments.c.questions_answered,
        series_enrolments.c.questions_correct,
        *_terms,
        STATUS_NOW.label("status_now"),
        learners.c.status.label("learner_status"),
        learners.c.has_app_access,
        IS_OWN_RECORD.label("is_own_record"),
        pathways.c.title.label("pathway_title"),
    )
    .select_from(series_enrolments)
    .join(
        learners,
        and_(
            learners.c.organisation_id == series_enrolments.c.organisation_id,
            learners.c.id == series_enrolments.c.learner_id,
        ),
    )
    .join(
        series,
        and_(
            series.c.organisation_id == series_enrolments.c.organisation_id,
            series.c.id == series_enrolments.c.series_id,
        ),
    )
    .outerjoin(
        pathway_enrolments,
        and_(
            pathway_enrolments.c.organisation_id == series_enrolments.c.organisation_id,
            pathway_enrolments.c.id == series_enrolments.c.pathway_enrolment_id,
        ),
    )
    .outerjoin(
        pathways,
        and_(
            pathways.c.organisation_id == pathway_enrolments.c.organisation_id,
            pathways.c.id == pathway_enrolments.c.pathway_id,
        ),
    )
)


_KNOWN = 1_024
_shared_terms = lru_cache(_KNOWN)(SeriesTerms)
_shared_facts = lru_cache(_KNOWN)(SeriesEnrolmentFacts)
"""The rows of one call mostly have these in common: one value for all of them is made, and decided over, once."""


def _terms_of(row: Any) -> SeriesTerms:
    return _shared_terms(
        row.type, row.duration, row.duration_days, row.ends_on, row.question_count, row.mastery_percent
    )


def _enrolment_row(row: Any) -> EnrolmentRow:
    pathway_enrolment = row.pathway_enrolment_id
    return EnrolmentRow(
        id=row.id,
        learner_id=row.learner_id,
        series_id=row.series_id,
        pathway_enrolment_id=pathway_enrolment,
        version=row.version,
        stored=row.stored,
        times={"starts_at": row.starts_at, "ends_at": row.ends_at, "has_signed_in": row.has_signed_in},
        due_on=row.due_on,
        questions_answered=row.questions_answered,
        questions_correct=row.questions_correct,
        terms=_terms_of(row),
        facts=_shared_facts(
            row.status_now,
            learner_is_active=row.learner_status is LearnerStatus.ACTIVE,
            has_app_access=row.has_app_access,
            is_own_record=bool(row.is_own_record),
            pathway_enrolment=pathway_enrolment and global_id("pen", pathway_enrolment),
            pathway_title=row.pathway_title,
        ),
    )


@cache
def _facts(dialect: Dialect) -> AnySelect:
    return _row.where(scope.SERIES_ENROLMENTS, dialect.in_list(series_enrolments.c.id, "ids"))


async def facts(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> dict[UUID, EnrolmentRow]:
    """The enrolments among `ids` that the viewer sees, with what decides over them."""
    found = await read(connection, _facts(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {row.id: _enrolment_row(row) for row in found}


@cache
def _of_learners(dialect: Dialect) -> AnySelect:
    return _row.where(
        series_enrolments.c.organisation_id == scope.ORGANISATION,
        dialect.in_list(series_enrolments.c.learner_id, "learners"),
        series_enrolments.c.status.in_(ACTIVE_STATUSES),
    ).order_by(series_enrolments.c.id)


async def open_of_learners(
    connection: AsyncConnection, bound: Mapping[str, Any], learner_ids: Sequence[UUID]
) -> list[EnrolmentRow]:
    """The enrolments of learners that are stored as active, those whose end has come among them, the oldest first.

    Not scoped: the learners were found within the caller's scope, and what befalls them befalls all that is theirs.
    """
    values = {**bound, "learners": id_list(connection, learner_ids)}
    return [_enrolment_row(row) for row in await read(connection, _of_learners(dialect_of(connection)), values)]


@cache
def _overdue(dialect: Dialect) -> AnySelect:
    return _of_learners(dialect).where(
        dialect.in_list(series_enrolments.c.series_id, "series"), series_enrolments.c.due_at <= scope.NOW
    )


async def overdue(
    connection: AsyncConnection, bound: Mapping[str, Any], learner_ids: Sequence[UUID], series_ids: Sequence[UUID]
) -> list[EnrolmentRow]:
    """The enrolments of some learners in some series whose clock moves have come and are not written down yet."""
    values = {
        **bound,
        "learners": id_list(connection, learner_ids),
        "series": id_list(connection, series_ids),
    }
    return [_enrolment_row(row) for row in await read(connection, _overdue(dialect_of(connection)), values)]


_due = (
    _row.where(series_enrolments.c.organisation_id == scope.ORGANISATION, series_enrolments.c.due_at <= scope.NOW)
    .order_by(series_enrolments.c.due_at, series_enrolments.c.id)
    .limit(bindparam("most"))
    .with_for_update(key_share=True, skip_locked=True, of=learners)
)


async def due(connection: AsyncConnection, organisation_id: UUID, now: datetime, most: int) -> list[EnrolmentRow]:
    """The enrolments of an organisation whose clock moves have come, the longest overdue first; their learners locked.

    Those of learners whom somebody else is changing are left for the next look, which comes after that change.
    """
    values = {"organisation": organisation_id, "now": now, "most": most, "viewer_learner": None}
    return [_enrolment_row(row) for row in await read(connection, _due, values)]


@cache
def _series(dialect: Dialect) -> AnySelect:
    return select(series.c.id, series.c.version, series.c.external_ref, series.c.title, series.c.status, *_terms).where(
        scope.SERIES, dialect.in_list(series.c.id, "ids")
    )


async def terms(
    connection: AsyncConnection, bound: Mapping[str, Any], series_ids: Sequence[UUID]
) -> dict[UUID, SeriesRow]:
    """The series among `series_ids` that the viewer sees, with what they say about enrolments."""
    values = {**bound, "ids": id_list(connection, series_ids)}
    found = await connection.execute(_series(dialect_of(connection)), values)
    return {
        row.id: SeriesRow(row.id, row.version, row.external_ref, row.title, _terms_of(row), SeriesFacts(row.status))
        for row in found
    }


@cache
def _taken(dialect: Dialect) -> Any:
    active = select(series_enrolments.c.learner_id, series_enrolments.c.series_id).where(
        series_enrolments.c.organisation_id == scope.ORGANISATION,
        dialect.in_list(series_enrolments.c.learner_id, "learners"),
        dialect.in_list(series_enrolments.c.series_id, "series"),
        STATUS_NOW.in_(ACTIVE_STATUSES),
    )
    ahead = (
        select(pathway_enrolments.c.learner_id, pathway_steps.c.series_id)
        .join(
            pathway_steps,
            and_(
                pathway_steps.c.organisation_id == pathway_enrolments.c.organisation_id,
                pathway_steps.c.pathway_id == pathway_enrolments.c.pathway_id,
                pathway_steps.c.position > pathway_enrolments.c.position,
            ),
        )
        .where(
            pathway_enrolments.c.organisation_id == scope.ORGANISATION,
            dialect.in_list(pathway_enrolments.c.learner_id, "learners"),
            dialect.in_list(pathway_steps.c.series_id, "series"),
            status_now(PATHWAY_ENROLMENTS, pathway_enrolments) == PathwayEnrolmentStatus.IN_PROGRESS,
        )
    )
    return union_all(active, ahead)


async def taken(
    connection: AsyncConnection,
    organisation_id: UUID,
    now: datetime,
    learner_ids: Sequence[UUID],
    series_ids: Sequence[UUID],
) -> dict[UUID, set[UUID]]:
    """Which of the series each learner takes now, or has ahead in a pathway that is running now."""
    values = {
        "organisation": organisation_id,
        "now": now,
        "learners": id_list(connection, learner_ids),
        "series": id_list(connection, series_ids),
    }
    found: dict[UUID, set[UUID]] = {}
    for row in await connection.execute(_taken(dialect_of(connection)), values):
        found.setdefault(row.learner_id, set()).add(row.series_id)
    return found


@dataclass(frozen=True, slots=True)
class Candidate:
    """A learner who is to be enrolled: who they are, and what a decision over the enrolment looks at."""

    id: UUID
    version: int
    has_signed_in: bool
    facts: SeriesFacts


@cache
def _candidates(dialect: Dialect) -> AnySelect:
    return select(learners.c.id, learners.c.version, learners.c.status, learners.c.first_signed_in_at).where(
        scope.LEARNERS, dialect.in_list(learners.c.id, "ids")
    )


async def candidates(
    connection: AsyncConnection, bound: Mapping[str, Any], organisation_id: UUID, of: SeriesRow, ids: Sequence[UUID]
) -> dict[UUID, Candidate]:
    """The learners among `ids` that the viewer sees, as somebody to be enrolled in a series."""
    values = {**bound, "ids": id_list(connection, ids)}
    found = await read(connection, _candidates(dialect_of(connection)), values)
    takers = await taken(connection, organisation_id, bound["now"], ids, [of.id])
    shown = (global_id("ser", of.id),)
    return {
        row.id: Candidate(
            row.id,
            row.version,
            row.first_signed_in_at is not None,
            SeriesFacts(
                of.facts.status,
                learner_is_active=row.status is LearnerStatus.ACTIVE,
                taken=shown if row.id in takers else (),
            ),
        )
        for row in found
    }
