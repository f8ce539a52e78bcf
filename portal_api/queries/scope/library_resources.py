"""Who sees resources: whoever manages them, the learners whom they reach, and whom those report to."""

from sqlalchemy import ColumnElement, and_, exists, or_, select

from portal_api.domain.learners import LearnerStatus
from portal_api.domain.library import LibraryStatus
from portal_api.models import learners, reporting_lines, resources, series_enrolments
from portal_api.queries.scope.viewer import ORGANISATION, SEES_ORGANISATION, SEES_REPORTS, VIEWER_LEARNER

_reader = learners.alias("reader")
_taken_up = series_enrolments.alias("taken_up")
_line = reporting_lines.alias("line_to_reader")


def reached_by(reader: ColumnElement[bool]) -> ColumnElement[bool]:
    """Resources in use that a learner reaches: active, with app access, and ever enrolled in the series (S3, the note).

    Args:
        reader: which learners of the alias `READER`.
    """
    reads = and_(
        _reader.c.organisation_id == ORGANISATION,
        reader,
        _reader.c.status == LearnerStatus.ACTIVE,
        _reader.c.has_app_access,
    )
    return and_(
        resources.c.status == LibraryStatus.ACTIVE,
        or_(
            and_(resources.c.series_id.is_(None), exists().where(reads)),
            exists().where(
                _taken_up.c.organisation_id == ORGANISATION,
                _taken_up.c.series_id == resources.c.series_id,
                _taken_up.c.learner_id == _reader.c.id,
                reads,
            ),
        ),
    )


READER = _reader

RESOURCES = and_(
    resources.c.organisation_id == ORGANISATION,
    or_(
        SEES_ORGANISATION,
        reached_by(_reader.c.id == VIEWER_LEARNER),
        and_(
            SEES_REPORTS,
            reached_by(
                _reader.c.id.in_(
                    select(_line.c.learner_id).where(
                        _line.c.organisation_id == ORGANISATION, _line.c.manager_id == VIEWER_LEARNER
                    )
                )
            ),
        ),
    ),
)
