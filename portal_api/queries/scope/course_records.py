"""Who sees enrolments in courses, their units and surveys."""

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select

from portal_api.models import course_enrolments, surveys, unit_enrolments
from portal_api.queries.scope.course_library import of_offers_taught, teaches
from portal_api.queries.scope.viewer import (
    ORGANISATION,
    SEES_ORGANISATION,
    SEES_RECORDS,
    SEES_TAUGHT,
    alternatives_of_learner,
    of_learner,
    ways_to,
)

COURSE_ENROLMENTS = and_(
    course_enrolments.c.organisation_id == ORGANISATION,
    or_(
        of_learner(course_enrolments.c.learner_id, SEES_RECORDS),
        teaches(course_enrolments.c.course_offer_id),
    ),
)
COURSE_ENROLMENT_WAYS = ways_to(
    course_enrolments,
    *alternatives_of_learner(course_enrolments.c.learner_id, SEES_RECORDS),
    of_offers_taught(course_enrolments.c.course_offer_id),
)

UNIT_ENROLMENTS = and_(
    unit_enrolments.c.organisation_id == ORGANISATION,
    or_(
        of_learner(unit_enrolments.c.learner_id, SEES_ORGANISATION),
        teaches(unit_enrolments.c.course_offer_id),
    ),
)
UNIT_ENROLMENT_WAYS = ways_to(
    unit_enrolments,
    *alternatives_of_learner(unit_enrolments.c.learner_id, SEES_ORGANISATION),
    of_offers_taught(unit_enrolments.c.course_offer_id),
)

SURVEYS = and_(surveys.c.organisation_id == ORGANISATION, of_learner(surveys.c.learner_id, SEES_RECORDS))
SURVEY_WAYS = ways_to(surveys, *alternatives_of_learner(surveys.c.learner_id, SEES_RECORDS))

_taught = course_enrolments.alias("taught")


def is_taught(learner_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the viewer trains a learner: in an offer in which the learner is enrolled."""
    return and_(
        SEES_TAUGHT,
        exists().where(
            _taught.c.organisation_id == ORGANISATION,
            _taught.c.learner_id == learner_id,
            teaches(_taught.c.course_offer_id),
        ),
    )


_taking = course_enrolments.alias("taking")


def of_learners_taught(learner_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """What `is_taught` says, the viewer's offers asked first."""
    taught = select(_taking.c.learner_id).where(
        _taking.c.organisation_id == ORGANISATION, of_offers_taught(_taking.c.course_offer_id)
    )
    return and_(SEES_TAUGHT, learner_id.in_(taught))
