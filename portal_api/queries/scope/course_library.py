"""Who sees courses, their units and offers, and the reasons for statuses."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, exists, or_, select

from portal_api.domain.library import LibraryStatus
from portal_api.models import (
    course_enrolments,
    course_offer_trainers,
    course_offers,
    course_units,
    courses,
    status_reasons,
    unit_enrolments,
    units,
)
from portal_api.queries.scope.viewer import (
    ORGANISATION,
    SEES_ACTIVE_SERIES,
    SEES_ORGANISATION,
    SEES_REASONS,
    SEES_TAUGHT,
    VIEWER_LEARNER,
    VIEWER_USER,
)

_trained, _trained_in = course_offer_trainers.alias("trained"), course_offer_trainers.alias("trained_in")
_offered, _offered_to = course_offers.alias("offered"), course_offers.alias("offered_to")
_enrolled, _enrolled_in = course_enrolments.alias("course_taken"), course_enrolments.alias("course_taken_in")
_course = courses.alias("course_reached")
_part_taken, _part_taught = unit_enrolments.alias("part_taken"), unit_enrolments.alias("part_taught")
_part = course_units.alias("part_of_course")


def teaches(course_offer_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the viewer trains in an offer, as a trainer (whatever has become of it: a reading)."""
    return and_(
        SEES_TAUGHT,
        exists().where(
            _trained.c.organisation_id == ORGANISATION,
            _trained.c.user_id == VIEWER_USER,
            _trained.c.course_offer_id == course_offer_id,
        ),
    )


_teaching = course_offer_trainers.alias("teaching")
_OFFERS_TAUGHT = select(_teaching.c.course_offer_id).where(
    _teaching.c.organisation_id == ORGANISATION, _teaching.c.user_id == VIEWER_USER
)


def of_offers_taught(course_offer_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """What `teaches` says, so that an index by offer finds the rows: the viewer's offers are asked first."""
    return and_(SEES_TAUGHT, course_offer_id.in_(_OFFERS_TAUGHT))


def _reaches_course(table: FromClause) -> ColumnElement[bool]:
    """Whether the viewer trains in an offer of a course, or holds an enrolment in one while the course is active."""
    return or_(
        and_(
            SEES_TAUGHT,
            exists().where(
                _trained_in.c.organisation_id == ORGANISATION,
                _trained_in.c.user_id == VIEWER_USER,
                _offered.c.organisation_id == ORGANISATION,
                _offered.c.id == _trained_in.c.course_offer_id,
                _offered.c.course_id == table.c.id,
            ),
        ),
        and_(
            table.c.status == LibraryStatus.ACTIVE,
            exists().where(
                _enrolled.c.organisation_id == ORGANISATION,
                _enrolled.c.learner_id == VIEWER_LEARNER,
                _offered_to.c.organisation_id == ORGANISATION,
                _offered_to.c.id == _enrolled.c.course_offer_id,
                _offered_to.c.course_id == table.c.id,
            ),
        ),
    )


COURSES = and_(
    courses.c.organisation_id == ORGANISATION,
    or_(
        SEES_ORGANISATION,
        and_(SEES_ACTIVE_SERIES, courses.c.status == LibraryStatus.ACTIVE),
        _reaches_course(courses),
    ),
)

COURSE_OFFERS = and_(
    course_offers.c.organisation_id == ORGANISATION,
    or_(
        SEES_ORGANISATION,
        teaches(course_offers.c.id),
        and_(
            course_offers.c.status == LibraryStatus.ACTIVE,
            or_(
                SEES_ACTIVE_SERIES,
                exists().where(
                    _enrolled_in.c.organisation_id == ORGANISATION,
                    _enrolled_in.c.learner_id == VIEWER_LEARNER,
                    _enrolled_in.c.course_offer_id == course_offers.c.id,
                ),
            ),
        ),
    ),
)

UNITS = and_(
    units.c.organisation_id == ORGANISATION,
    or_(
        SEES_ORGANISATION,
        # Whatever has become of the unit: what was taken stays readable. Both lists are short ones, of the viewer's own.
        units.c.id.in_(
            select(_part_taken.c.unit_id).where(
                _part_taken.c.organisation_id == ORGANISATION, _part_taken.c.learner_id == VIEWER_LEARNER
            )
        ),
        and_(
            SEES_TAUGHT,
            units.c.id.in_(
                select(_part_taught.c.unit_id).where(
                    _part_taught.c.organisation_id == ORGANISATION, _part_taught.c.course_offer_id.in_(_OFFERS_TAUGHT)
                )
            ),
        ),
        and_(SEES_ACTIVE_SERIES, units.c.status == LibraryStatus.ACTIVE),
        exists().where(
            _part.c.organisation_id == ORGANISATION,
            _part.c.unit_id == units.c.id,
            _course.c.organisation_id == ORGANISATION,
            _course.c.id == _part.c.course_id,
            _reaches_course(_course),
        ),
    ),
)

STATUS_REASONS = and_(status_reasons.c.organisation_id == ORGANISATION, SEES_REASONS)
