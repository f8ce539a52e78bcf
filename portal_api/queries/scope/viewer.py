"""What a viewer's rights are bound to in every read, and whose learners a viewer sees."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Boolean, ColumnElement, Date, FromClause, and_, bindparam, exists, or_, select

from portal_api.domain.calendar import day_of
from portal_api.domain.roles import ADMINISTRATORS, Role
from portal_api.models import reporting_lines
from portal_api.models.base import Id, Instant


class Viewer(Protocol):
    """Whoever asks, as far as scope goes."""

    @property
    def organisation_id(self) -> UUID: ...
    @property
    def user_id(self) -> UUID: ...
    @property
    def role(self) -> Role: ...
    @property
    def learner_id(self) -> UUID | None: ...
    @property
    def time_zone(self) -> str: ...


ORGANISATION = bindparam("organisation", type_=Id())
NOW = bindparam("now", type_=Instant())
TODAY = bindparam("today", type_=Date())
"""The organisation's day at that instant."""
VIEWER_USER = bindparam("viewer_user", type_=Id())
VIEWER_LEARNER = bindparam("viewer_learner", type_=Id())
CERTIFICATION = bindparam("certification", type_=Id())
"""The one certification that a change is about."""
COURSE = bindparam("course", type_=Id())
"""The one course that a change is about."""
SEES_ORGANISATION = bindparam("sees_organisation", type_=Boolean())
SEES_RECORDS = bindparam("sees_records", type_=Boolean())
SEES_REPORTS = bindparam("sees_reports", type_=Boolean())
SEES_ACTIVE_SERIES = bindparam("sees_active_series", type_=Boolean())
"""The active series, pathways, certifications, courses, units and offers of the library."""
SEES_TAUGHT = bindparam("sees_taught", type_=Boolean())
"""The course offers that the viewer trains in."""
SEES_REASONS = bindparam("sees_reasons", type_=Boolean())
"""The reasons for the statuses of enrolments."""
IS_LINKED = bindparam("is_linked", type_=Boolean())
"""Whether the viewer is linked to a learner record."""


def bound(viewer: Viewer, now: datetime) -> Mapping[str, Any]:
    """The values that every read is bound to: the organisation, the viewer's rights and the request's instant."""
    role = viewer.role
    return {
        "organisation": viewer.organisation_id,
        "now": now,
        "today": day_of(now, ZoneInfo(viewer.time_zone)),
        "viewer_user": viewer.user_id,
        "viewer_learner": viewer.learner_id,
        "sees_organisation": role in ADMINISTRATORS,
        "sees_records": role in ADMINISTRATORS or role is Role.INTEGRATION,
        "sees_reports": role is Role.MANAGER,
        "sees_active_series": role in {Role.MANAGER, Role.INTEGRATION},
        "sees_taught": role is Role.TRAINER,
        "sees_reasons": role is not Role.INTEGRATION,
        "is_linked": viewer.learner_id is not None,
    }


def _reports_to_viewer(learner_id: ColumnElement[Any]) -> ColumnElement[bool]:
    return and_(
        SEES_REPORTS,
        exists().where(
            reporting_lines.c.organisation_id == ORGANISATION,
            reporting_lines.c.manager_id == VIEWER_LEARNER,
            reporting_lines.c.learner_id == learner_id,
        ),
    )


def of_learner(learner_id: ColumnElement[Any], sees_all: ColumnElement[bool]) -> ColumnElement[bool]:
    """Rows that hang on a learner: all, one's own, or those of the learners who report to the viewer."""
    return or_(sees_all, learner_id == VIEWER_LEARNER, _reports_to_viewer(learner_id))


Ways = tuple[ColumnElement[bool], ...]
_lines = reporting_lines.alias("lines_to_viewer")
REPORTS = select(_lines.c.learner_id).where(
    SEES_REPORTS, _lines.c.organisation_id == ORGANISATION, _lines.c.manager_id == VIEWER_LEARNER
)
"""The keys of the learners who report to the viewer."""


def ways_to(table: FromClause, *alternatives: ColumnElement[bool]) -> Ways:
    """Each alternative by itself, as `Source.ways` has them."""
    return tuple(and_(table.c.organisation_id == ORGANISATION, each) for each in alternatives)


def alternatives_of_learner(learner_id: ColumnElement[Any], sees_all: ColumnElement[bool]) -> Ways:
    """What `of_learner` consists of, each so that an index by learner finds the rows: the viewer's side is asked first."""
    return (sees_all, of_viewer(learner_id), reports_of_viewer(learner_id))


def of_viewer(learner_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """The viewer's own rows: who has no learner record is spared looking for rows that name no learner."""
    return and_(IS_LINKED, learner_id == VIEWER_LEARNER)


def reports_of_viewer(learner_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Rows of the learners who report to the viewer, found from the viewer's side."""
    return and_(SEES_REPORTS, learner_id.in_(REPORTS))
