"""Who sees what: from a viewer to WHERE, and nowhere else. Rights are bound values, never compiled in."""

from sqlalchemy import ColumnElement, FromClause, and_, exists, or_, select

from portal_api.domain.certifications import CertificationJoining, CertificationVersionStatus
from portal_api.domain.history import SubjectKind
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.library import LibraryStatus
from portal_api.models import (
    approvals,
    assignment_sources,
    certificates,
    certification_cycles,
    certification_steps,
    certification_versions,
    certifications,
    course_enrolments,
    course_offers,
    courses,
    exam_attempts,
    exports,
    groups,
    history_entries,
    integration_tokens,
    learncycle_runs,
    learncycles,
    learner_certifications,
    learners,
    notifications,
    organisations,
    pathway_enrolments,
    pathway_steps,
    pathways,
    reporting_lines,
    resources,
    roles,
    series,
    series_enrolments,
    status_reasons,
    step_progress,
    tasks,
    unit_enrolments,
    units,
    users,
    webhook_deliveries,
    webhook_endpoints,
)
from portal_api.queries.scope.course_library import COURSE_OFFERS, COURSES, STATUS_REASONS, UNITS, teaches
from portal_api.queries.scope.course_records import COURSE_ENROLMENTS, SURVEYS, UNIT_ENROLMENTS, is_taught
from portal_api.queries.scope.credential_records import CREDENTIALS, DOCUMENTS
from portal_api.queries.scope.viewer import (
    CERTIFICATION,
    COURSE,
    IS_LINKED,
    NOW,
    ORGANISATION,
    SEES_ACTIVE_SERIES,
    SEES_ORGANISATION,
    SEES_REASONS,
    SEES_RECORDS,
    SEES_REPORTS,
    SEES_TAUGHT,
    TODAY,
    VIEWER_LEARNER,
    VIEWER_USER,
    Viewer,
    bound,
    of_learner,
)

__all__ = [
    "APPROVALS",
    "ASSIGNMENT_SOURCES",
    "CERTIFICATES",
    "CERTIFICATION",
    "CERTIFICATIONS",
    "CERTIFICATION_CYCLES",
    "CERTIFICATION_STEPS",
    "CERTIFICATION_VERSIONS",
    "COURSE",
    "COURSES",
    "COURSE_ENROLMENTS",
    "COURSE_OFFERS",
    "CREDENTIALS",
    "DOCUMENTS",
    "EXAM_ATTEMPTS",
    "EXPORTS",
    "GROUPS",
    "HISTORY_ENTRIES",
    "INTEGRATION_TOKENS",
    "IS_LINKED",
    "LEARNCYCLES",
    "LEARNCYCLE_RUNS",
    "LEARNERS",
    "LEARNER_CERTIFICATIONS",
    "NOTIFICATIONS",
    "NOW",
    "ORGANISATION",
    "ORGANISATIONS",
    "PATHWAYS",
    "PATHWAY_ENROLMENTS",
    "PATHWAY_STEPS",
    "READER",
    "RESOURCES",
    "SEES_ACTIVE_SERIES",
    "SEES_ORGANISATION",
    "SEES_REASONS",
    "SEES_RECORDS",
    "SEES_REPORTS",
    "SEES_TAUGHT",
    "SERIES",
    "SERIES_ENROLMENTS",
    "STATUS_REASONS",
    "STEP_PROGRESS",
    "SURVEYS",
    "TASKS",
    "TODAY",
    "UNITS",
    "UNIT_ENROLMENTS",
    "USERS",
    "VIEWER_LEARNER",
    "VIEWER_USER",
    "WEBHOOK_DELIVERIES",
    "WEBHOOK_ENDPOINTS",
    "Viewer",
    "bound",
    "is_taught",
    "of_learner",
    "reached_by",
    "teaches",
]

LEARNERS = and_(
    learners.c.organisation_id == ORGANISATION,
    or_(of_learner(learners.c.id, SEES_RECORDS), is_taught(learners.c.id)),
)

SERIES_ENROLMENTS = and_(
    series_enrolments.c.organisation_id == ORGANISATION, of_learner(series_enrolments.c.learner_id, SEES_RECORDS)
)

_held = series_enrolments.alias("held")

SERIES = and_(
    series.c.organisation_id == ORGANISATION,
    or_(
        SEES_ORGANISATION,
        and_(
            series.c.status == LibraryStatus.ACTIVE,
            or_(
                SEES_ACTIVE_SERIES,
                exists().where(
                    _held.c.organisation_id == ORGANISATION,
                    _held.c.learner_id == VIEWER_LEARNER,
                    _held.c.series_id == series.c.id,
                ),
            ),
        ),
    ),
)

PATHWAY_ENROLMENTS = and_(
    pathway_enrolments.c.organisation_id == ORGANISATION, of_learner(pathway_enrolments.c.learner_id, SEES_RECORDS)
)

LEARNER_CERTIFICATIONS = and_(
    learner_certifications.c.organisation_id == ORGANISATION,
    of_learner(learner_certifications.c.learner_id, SEES_RECORDS),
)

_walked = pathway_enrolments.alias("walked")

PATHWAYS = and_(
    pathways.c.organisation_id == ORGANISATION,
    or_(
        SEES_ORGANISATION,
        and_(
            pathways.c.status == LibraryStatus.ACTIVE,
            or_(
                SEES_ACTIVE_SERIES,
                exists().where(
                    _walked.c.organisation_id == ORGANISATION,
                    _walked.c.learner_id == VIEWER_LEARNER,
                    _walked.c.pathway_id == pathways.c.id,
                ),
            ),
        ),
    ),
)

PATHWAY_STEPS = and_(
    pathway_steps.c.organisation_id == ORGANISATION,
    exists().where(pathways.c.id == pathway_steps.c.pathway_id, PATHWAYS).correlate(pathway_steps),
)

_kept = learner_certifications.alias("kept")

CERTIFICATIONS = and_(
    certifications.c.organisation_id == ORGANISATION,
    or_(
        SEES_ORGANISATION,
        and_(
            certifications.c.status == LibraryStatus.ACTIVE,
            or_(
                SEES_ACTIVE_SERIES,
                and_(IS_LINKED, certifications.c.joining != CertificationJoining.ASSIGNED_ONLY),
                exists().where(
                    _kept.c.organisation_id == ORGANISATION,
                    _kept.c.learner_id == VIEWER_LEARNER,
                    _kept.c.certification_id == certifications.c.id,
                ),
            ),
        ),
    ),
)

CERTIFICATION_VERSIONS = and_(
    certification_versions.c.organisation_id == ORGANISATION,
    or_(SEES_ORGANISATION, certification_versions.c.status != CertificationVersionStatus.DRAFT),
    exists()
    .where(certifications.c.id == certification_versions.c.certification_id, CERTIFICATIONS)
    .correlate(certification_versions),
)

CERTIFICATION_STEPS = and_(
    certification_steps.c.organisation_id == ORGANISATION,
    exists()
    .where(certification_versions.c.id == certification_steps.c.certification_version_id, CERTIFICATION_VERSIONS)
    .correlate(certification_steps),
)

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
_whole = learner_certifications.alias("whole_record")
_run = certification_cycles.alias("run_through")


def _of_record(table: FromClause) -> ColumnElement[bool]:
    """What hangs on a learner's certification, for whoever sees that; machines see no more of it than its status."""
    seen = exists().where(
        _whole.c.organisation_id == ORGANISATION,
        _whole.c.id == table.c.learner_certification_id,
        of_learner(_whole.c.learner_id, SEES_ORGANISATION),
    )
    return and_(table.c.organisation_id == ORGANISATION, or_(SEES_ORGANISATION, seen.correlate(table)))


CERTIFICATION_CYCLES = _of_record(certification_cycles)
EXAM_ATTEMPTS = _of_record(exam_attempts)
ASSIGNMENT_SOURCES = _of_record(assignment_sources)
CERTIFICATES = _of_record(certificates)
STEP_PROGRESS = and_(
    step_progress.c.organisation_id == ORGANISATION,
    or_(
        SEES_ORGANISATION,
        exists().where(_run.c.id == step_progress.c.certification_cycle_id, _of_record(_run)).correlate(step_progress),
    ),
)
APPROVALS = and_(approvals.c.organisation_id == ORGANISATION, of_learner(approvals.c.learner_id, SEES_ORGANISATION))

LEARNCYCLES = and_(learncycles.c.organisation_id == ORGANISATION, SEES_ORGANISATION)
LEARNCYCLE_RUNS = and_(learncycle_runs.c.organisation_id == ORGANISATION, SEES_ORGANISATION)
WEBHOOK_ENDPOINTS = and_(webhook_endpoints.c.organisation_id == ORGANISATION, SEES_ORGANISATION)
WEBHOOK_DELIVERIES = and_(webhook_deliveries.c.organisation_id == ORGANISATION, SEES_ORGANISATION)
TASKS = and_(tasks.c.organisation_id == ORGANISATION, or_(SEES_ORGANISATION, tasks.c.assignee_id == VIEWER_USER))
NOTIFICATIONS = and_(
    notifications.c.organisation_id == ORGANISATION,
    or_(SEES_ORGANISATION, notifications.c.learner_id == VIEWER_LEARNER),
)

EXPORTS = and_(exports.c.organisation_id == ORGANISATION, or_(SEES_ORGANISATION, exports.c.user_id == VIEWER_USER))

ORGANISATIONS = organisations.c.id == ORGANISATION

INTEGRATION_TOKENS = and_(integration_tokens.c.organisation_id == ORGANISATION, SEES_ORGANISATION)

GROUPS = and_(groups.c.organisation_id == ORGANISATION, SEES_ORGANISATION)

USERS = and_(
    or_(SEES_ORGANISATION, users.c.id == VIEWER_USER),
    exists().where(roles.c.organisation_id == ORGANISATION, roles.c.user_id == users.c.id),
)


def _about(kind: SubjectKind, table: FromClause, seen: ColumnElement[bool]) -> ColumnElement[bool]:
    """Entries about a record of a kind that the viewer sees now."""
    is_seen = exists().where(table.c.id == history_entries.c.subject_id, seen).correlate(history_entries)
    return and_(history_entries.c.subject_kind == kind, is_seen)


# The first line answers for every entry about a learner and for administrators, who see what is left: entries about tokens,
# groups and the organisation's settings. The subjects themselves are looked for only where an entry belongs to no learner.
HISTORY_ENTRIES = and_(
    history_entries.c.organisation_id == ORGANISATION,
    or_(
        and_(
            of_learner(history_entries.c.learner_id, SEES_ORGANISATION),
            or_(
                SEES_ORGANISATION,
                history_entries.c.subject_kind != SubjectKind.DOCUMENT,
                history_entries.c.learner_id == VIEWER_LEARNER,
            ),
        ),
        and_(
            SEES_TAUGHT,
            or_(
                _about(SubjectKind.COURSE_ENROLMENT, course_enrolments, COURSE_ENROLMENTS),
                _about(SubjectKind.UNIT_ENROLMENT, unit_enrolments, UNIT_ENROLMENTS),
            ),
        ),
        and_(
            history_entries.c.learner_id.is_(None),
            or_(
                _about(SubjectKind.USER, users, USERS),
                _about(SubjectKind.SERIES, series, SERIES),
                _about(SubjectKind.PATHWAY, pathways, PATHWAYS),
                _about(SubjectKind.RESOURCE, resources, RESOURCES),
                _about(SubjectKind.CERTIFICATION, certifications, CERTIFICATIONS),
                _about(SubjectKind.CERTIFICATION_VERSION, certification_versions, CERTIFICATION_VERSIONS),
                _about(SubjectKind.COURSE, courses, COURSES),
                _about(SubjectKind.UNIT, units, UNITS),
                _about(SubjectKind.COURSE_OFFER, course_offers, COURSE_OFFERS),
                _about(SubjectKind.STATUS_REASON, status_reasons, STATUS_REASONS),
                _about(SubjectKind.EXPORT, exports, EXPORTS),
                _about(SubjectKind.TASK, tasks, TASKS),
                _about(SubjectKind.NOTIFICATION, notifications, NOTIFICATIONS),
            ),
        ),
    ),
)
