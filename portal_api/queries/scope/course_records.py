"""Who sees enrolments in courses, their units and surveys."""

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_

from portal_api.models import course_enrolments, surveys, unit_enrolments
from portal_api.queries.scope.course_library import teaches
from portal_api.queries.scope.viewer import (
    ORGANISATION,
    SEES_ORGANISATION,
    SEES_RECORDS,
    SEES_TAUGHT,
    of_learner,
)

COURSE_ENROLMENTS = and_(
    course_enrolments.c.organisation_id == ORGANISATION,
    or_(
        of_learner(course_enrolments.c.learner_id, SEES_RECORDS),
        teaches(course_enrolments.c.course_offer_id),
    ),
)

UNIT_ENROLMENTS = and_(
    unit_enrolments.c.organisation_id == ORGANISATION,
    or_(
        of_learner(unit_enrolments.c.learner_id, SEES_ORGANISATION),
        teaches(unit_enrolments.c.course_offer_id),
    ),
)

SURVEYS = and_(surveys.c.organisation_id == ORGANISATION, of_learner(surveys.c.learner_id, SEES_RECORDS))

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
