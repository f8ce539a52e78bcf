"""The lifecycle as a board: for each stage how many enrolments and learners stand in it, and which enrolments (S4)."""

from collections.abc import Generator, Mapping, Sequence
from functools import cache
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import select

from portal_api.domain.courses.stages import LifecycleStage
from portal_api.models import course_enrolments, organisations
from portal_api.planner.declare import MOST_AT_ROOT, Listed, Total, ValueType
from portal_api.planner.dialects import Dialect, Statement
from portal_api.planner.selections import Request
from portal_api.queries import scope
from portal_api.queries.insights import Insights


class Column(Insights, Protocol):
    """A column of the board: the enrolments that pass the filter which its reader gave, and stand in its stage."""

    @property
    def stage(self) -> LifecycleStage: ...


def _standing(column: Column) -> Mapping[str, Any]:
    return {**column.filter, "standsIn": {"eq": column.stage}}


_TELLS = ("stage",)

LIFECYCLE_COLUMN = ValueType(
    "LifecycleColumn",
    {
        "enrolmentCount": Total("CourseEnrolment", _standing, tells=_TELLS),
        "learnerCount": Total(
            "CourseEnrolment", _standing, tells=(*_TELLS, "learner"), distinct=course_enrolments.c.learner_id
        ),
        "enrolments": Listed("CourseEnrolment", _standing, most=MOST_AT_ROOT, tells=_TELLS),
    },
)

_stages = select(organisations.c.has_reconnect_stage).where(organisations.c.id == scope.ORGANISATION)


@cache
def _stages_statement(dialect: Dialect) -> Statement:
    return dialect.statement(_stages)


def stages_read(
    dialect: Dialect, organisation_id: UUID
) -> Generator[Request, Sequence[Any], tuple[LifecycleStage, ...]]:
    """The stages that an organisation has, in their order: one of them can be switched off."""
    statement = _stages_statement(dialect)
    [row] = yield Request(statement, statement.values({"organisation": dialect.encode(organisation_id)}))
    return tuple(each for each in LifecycleStage if row[0] or each is not LifecycleStage.RECONNECT)
