"""The lifecycle in SQL: the stage in which an enrolment stands, and the day with which it ends."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, and_, case, exists, func, literal, null, or_, select

from portal_api.domain.courses.outcomes import FINAL
from portal_api.domain.courses.stages import STAGE_OF, LifecycleStage
from portal_api.domain.courses.statuses import ENDED, CourseEnrolmentStatus
from portal_api.models import course_enrolments, learners, organisations, unit_enrolments
from portal_api.models.base import Enumerated
from portal_api.planner.filters import Binder, Filter, Shape
from portal_api.queries import scope

_S = CourseEnrolmentStatus
_parts, _organisation = unit_enrolments.alias("part"), organisations.alias("of_enrolment")


def _has_part(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return (
        exists()
        .where(
            _parts.c.organisation_id == scope.ORGANISATION,
            _parts.c.course_enrolment_id == course_enrolments.c.id,
            *conditions,
        )
        .correlate(course_enrolments)
    )


def _is_one_of(statuses: Collection[CourseEnrolmentStatus]) -> ColumnElement[bool]:
    """Written out, so that the index by status serves."""
    status = course_enrolments.c.status
    return status.in_([literal(each, status.type) for each in sorted(statuses)])


_IS_FINAL = or_(*(_parts.c.outcome == literal(each, _parts.c.outcome.type) for each in sorted(FINAL)))
_IS_TRAINED = func.coalesce(
    select(func.min(case((_IS_FINAL, 1), else_=0)))
    .where(
        _parts.c.organisation_id == scope.ORGANISATION,
        _parts.c.course_enrolment_id == course_enrolments.c.id,
    )
    .correlate(course_enrolments)
    .scalar_subquery(),
    0,
) == literal(1, Integer())
"""One number an enrolment: asked whether there is a unit, PostgreSQL would gather those of all enrolments first."""
IS_RECONNECTING = (
    select(_organisation.c.has_reconnect_stage)
    .where(_organisation.c.id == course_enrolments.c.organisation_id)
    .correlate(course_enrolments)
    .scalar_subquery()
)
_IS_FLAGGED = and_(
    course_enrolments.c.finalised_at.is_not(None), course_enrolments.c.reconnect_for.is_not(None), IS_RECONNECTING
)
_STANDS_IN: Mapping[LifecycleStage, ColumnElement[bool]] = {
    LifecycleStage.SALES: _is_one_of({each for each, stage in STAGE_OF.items() if stage is LifecycleStage.SALES}),
    LifecycleStage.PROGRESSION: or_(_is_one_of({_S.DEFERRED}), and_(_is_one_of({_S.CURRENT}), ~_IS_TRAINED)),
    LifecycleStage.COMPLETION: or_(
        _is_one_of({_S.COMPLETION_PENDING}),
        and_(_is_one_of({_S.CURRENT}), _IS_TRAINED),
        and_(_is_one_of(ENDED - {_S.DECLINED}), ~_IS_FLAGGED),
    ),
    LifecycleStage.RECONNECT: and_(_is_one_of(ENDED - {_S.DECLINED}), _IS_FLAGGED),
}
STAGE = case(
    *((stands, literal(stage, Enumerated(LifecycleStage))) for stage, stands in _STANDS_IN.items()),
    else_=null(),
)
"""The stage of an enrolment: `stage_of`, as SQL; of one that was declined there is none."""


@dataclass(frozen=True, slots=True)
class Stages:
    """Comparators on the stage: `eq in notIn`, each stage by its own condition, so that indexes serve."""

    def parse(self, value: Any) -> tuple[Shape, Mapping[str, Any]]:
        given = {name: [each] if name == "eq" else each for name, each in value.items() if each is not None}
        return tuple((name, tuple(sorted(set(stages)))) for name, stages in sorted(given.items())), {}

    def where(self, shape: Shape, bind: Binder) -> ColumnElement[bool]:
        return and_(*(self._condition(name, stages) for name, stages in shape)) if shape else literal(value=True)

    @staticmethod
    def _condition(name: str, stages: Collection[LifecycleStage]) -> ColumnElement[bool]:
        stands = or_(literal(value=False), *(_STANDS_IN[LifecycleStage(each)] for each in stages))
        return ~stands if name == "notIn" else stands


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Learners by a comparison of their course enrolments, as far as the viewer sees them.

    What is asked for by `notIn` no enrolment may be; by any other comparator one of them has to be it.
    """

    enrolment: Filter

    def parse(self, value: Any) -> tuple[Shape, Mapping[str, Any]]:
        return self.enrolment.parse(value)

    def where(self, shape: Shape, bind: Binder) -> ColumnElement[bool]:
        return and_(literal(value=True), *(self._condition(each, bind) for each in shape))

    def _condition(self, comparator: tuple[str, Any], bind: Binder) -> ColumnElement[bool]:
        is_none = comparator[0] == "notIn"
        fits = self.enrolment.where((comparator,), bind)
        found = (
            exists()
            .where(scope.COURSE_ENROLMENTS, course_enrolments.c.learner_id == learners.c.id, ~fits if is_none else fits)
            .correlate(learners)
        )
        return ~found if is_none else found


LATEST_END = func.coalesce(
    select(func.max(_parts.c.ends_on))
    .where(
        _parts.c.organisation_id == scope.ORGANISATION,
        _parts.c.course_enrolment_id == course_enrolments.c.id,
    )
    .correlate(course_enrolments)
    .scalar_subquery(),
    case((~_has_part(), course_enrolments.c.ends_on), else_=null()),
    type_=Date(),
)
"""The day with which an enrolment ends: that of its last unit; its own only where it has no units (S1, in bulk)."""
