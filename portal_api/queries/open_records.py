"""What stands open with a learner: enrolments, certifications, what awaits a decision, and requested credentials, as one list."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType

from portal_api.domain.certifications import APPROVALS, LEARNER_CERTIFICATIONS, STANDS_OPEN
from portal_api.domain.courses.enrolments import COURSE_ENROLMENTS
from portal_api.domain.credentials import CredentialStatus
from portal_api.domain.history import SubjectKind
from portal_api.domain.machine import Table
from portal_api.domain.pathways import PATHWAY_ENROLMENTS
from portal_api.domain.series import SERIES_ENROLMENTS
from portal_api.models import (
    approvals,
    course_enrolments,
    credentials,
    learner_certifications,
    pathway_enrolments,
    series_enrolments,
)
from portal_api.models.base import Enumerated
from portal_api.planner.declare import Column, Source, ToOneOf
from portal_api.planner.dialects import AnySelect
from portal_api.queries import scope
from portal_api.queries.time import status_now


class _OfParents(FunctionElement[Any]):
    """Whether a row hangs on one of the records that the list is asked below; on SQLite alone it must be said.

    PostgreSQL looks into both halves for the rows of each parent; SQLite would walk the whole organisation for them, and
    so gathers those of all parents first.
    """

    type = NullType()  # as a Boolean SQLite would compare it with 1, and find no index for that
    inherit_cache = True


@compiles(_OfParents, "sqlite")
def _sqlite_of_parents(element: Any, compiler: Any, **options: Any) -> str:
    column, parents = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({parents}))"


@compiles(_OfParents, "postgresql")
def _postgresql_of_parents(_element: Any, _compiler: Any, **_options: Any) -> str:
    return "TRUE"


def _running(table: Table[Any, Any, Any]) -> Collection[Any]:
    return [each for each, meaning in table.statuses.items() if not meaning.is_ended]


def _open(
    kind: SubjectKind,
    rows: FromClause,
    status: ColumnElement[Any],
    stands: Collection[Any],
    since: ColumnElement[Any],
    also: ColumnElement[bool] | None = None,
) -> AnySelect:
    """The rows of a status table that stand open by now.

    Args:
        kind: what they are.
        rows: the table.
        status: their status now.
        stands: the statuses at which they stand open.
        since: since when.
        also: what must hold besides.
    """
    return select(
        rows.c.organisation_id,
        rows.c.id,
        rows.c.learner_id,
        literal(kind, Enumerated(SubjectKind)).label("kind"),
        func.upper(cast(status, Text), type_=Text()).label("status"),
        since.label("since"),
    ).where(
        rows.c.organisation_id == scope.ORGANISATION,
        _OfParents(rows.c.learner_id, bindparam("parents")),
        or_(*(status == literal(each, rows.c.status.type) for each in stands)),
        true() if also is None else also,
    )


_series, _pathways = series_enrolments.alias("open_series"), pathway_enrolments.alias("open_pathway")
_courses = course_enrolments.alias("open_course")
_certifications, _approvals = learner_certifications.alias("open_certification"), approvals.alias("open_approval")
_credentials = credentials.alias("open_credential")

OPEN_RECORDS = (
    union_all(
        _open(
            SubjectKind.SERIES_ENROLMENT,
            _series,
            status_now(SERIES_ENROLMENTS, _series),
            _running(SERIES_ENROLMENTS),
            _series.c.enrolled_at,
        ),
        _open(
            SubjectKind.PATHWAY_ENROLMENT,
            _pathways,
            status_now(PATHWAY_ENROLMENTS, _pathways),
            _running(PATHWAY_ENROLMENTS),
            _pathways.c.enrolled_at,
        ),
        _open(
            SubjectKind.LEARNER_CERTIFICATION,
            _certifications,
            status_now(LEARNER_CERTIFICATIONS, _certifications),
            STANDS_OPEN,
            _certifications.c.assigned_at,
            _certifications.c.archived_at.is_(None),
        ),
        _open(
            SubjectKind.COURSE_ENROLMENT,
            _courses,
            _courses.c.status,
            _running(COURSE_ENROLMENTS),
            _courses.c.enrolled_at,
        ),
        _open(
            SubjectKind.APPROVAL,
            _approvals,
            _approvals.c.status,
            _running(APPROVALS),
            _approvals.c.requested_at,
        ),
        _open(
            SubjectKind.CREDENTIAL,
            _credentials,
            _credentials.c.status,
            [CredentialStatus.REQUESTED],
            _credentials.c.requested_at,
        ),
    )
    .cte("open_records")
    .prefix_with("MATERIALIZED", dialect="sqlite")
)

_learner_id: ColumnElement[Any] = OPEN_RECORDS.c.learner_id
OPEN_RECORD = Source(
    type="OpenRecord",
    prefix="",
    table=OPEN_RECORDS,
    scope=and_(
        OPEN_RECORDS.c.organisation_id == scope.ORGANISATION, scope.of_learner(_learner_id, scope.SEES_ORGANISATION)
    ),
    fields={
        "kind": Column(OPEN_RECORDS.c.kind, is_nullable=False),
        "subject": ToOneOf(
            {
                SubjectKind.SERIES_ENROLMENT: "SeriesEnrolment",
                SubjectKind.PATHWAY_ENROLMENT: "PathwayEnrolment",
                SubjectKind.LEARNER_CERTIFICATION: "LearnerCertification",
                SubjectKind.COURSE_ENROLMENT: "CourseEnrolment",
                SubjectKind.APPROVAL: "Approval",
                SubjectKind.CREDENTIAL: "Credential",
            },
            OPEN_RECORDS.c.kind,
            OPEN_RECORDS.c.id,
        ),
        "status": Column(OPEN_RECORDS.c.status, is_nullable=False),
        "since": Column(OPEN_RECORDS.c.since, is_nullable=False),
    },
)
"""Named by no id of its own: `subject` is the record."""
