"""Who sees what: from a viewer to WHERE, and nowhere else. Rights are bound values, never compiled in."""

from sqlalchemy import ColumnElement, FromClause, and_, case, exists, false, or_, select, true, union_all

from portal_api.domain.certifications import CertificationJoining, CertificationVersionStatus
from portal_api.domain.history import SubjectKind
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
    learner_certifications,
    learners,
    notifications,
    organisations,
    pathway_enrolments,
    pathway_steps,
    pathways,
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
)
from portal_api.queries.scope.automation_records import (
    LEARNCYCLE_RUNS,
    LEARNCYCLES,
    NOTIFICATION_WAYS,
    NOTIFICATIONS,
    TASK_WAYS,
    TASKS,
    WEBHOOK_DELIVERIES,
    WEBHOOK_ENDPOINTS,
)
from portal_api.queries.scope.course_library import (
    COURSE_OFFERS,
    COURSES,
    STATUS_REASONS,
    UNITS,
    of_offers_taught,
    teaches,
)
from portal_api.queries.scope.course_records import (
    COURSE_ENROLMENT_WAYS,
    COURSE_ENROLMENTS,
    SURVEY_WAYS,
    SURVEYS,
    UNIT_ENROLMENT_WAYS,
    UNIT_ENROLMENTS,
    is_taught,
    of_learners_taught,
)
from portal_api.queries.scope.credential_records import CREDENTIAL_WAYS, CREDENTIALS, DOCUMENT_WAYS, DOCUMENTS
from portal_api.queries.scope.library_resources import READER, RESOURCES, reached_by
from portal_api.queries.scope.viewer import (
    CERTIFICATION,
    COURSE,
    IS_LINKED,
    NOW,
    ORGANISATION,
    REPORTS,
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
    alternatives_of_learner,
    bound,
    of_learner,
    of_viewer,
    reports_of_viewer,
    ways_to,
)

__all__ = [
    "APPROVALS",
    "APPROVAL_WAYS",
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
    "COURSE_ENROLMENT_WAYS",
    "COURSE_OFFERS",
    "CREDENTIALS",
    "CREDENTIAL_WAYS",
    "DOCUMENTS",
    "DOCUMENT_WAYS",
    "EXAM_ATTEMPTS",
    "EXPORTS",
    "GROUPS",
    "HISTORY_ENTRIES",
    "HISTORY_ENTRY_WAYS",
    "INTEGRATION_TOKENS",
    "IS_LINKED",
    "LEARNCYCLES",
    "LEARNCYCLE_RUNS",
    "LEARNERS",
    "LEARNER_CERTIFICATIONS",
    "LEARNER_CERTIFICATION_WAYS",
    "LEARNER_WAYS",
    "NOTIFICATIONS",
    "NOTIFICATION_WAYS",
    "NOW",
    "ORGANISATION",
    "ORGANISATIONS",
    "PATHWAYS",
    "PATHWAY_ENROLMENTS",
    "PATHWAY_ENROLMENT_WAYS",
    "PATHWAY_STEPS",
    "READER",
    "REPORTS",
    "RESOURCES",
    "SEES_ACTIVE_SERIES",
    "SEES_ORGANISATION",
    "SEES_REASONS",
    "SEES_RECORDS",
    "SEES_REPORTS",
    "SEES_TAUGHT",
    "SERIES",
    "SERIES_ENROLMENTS",
    "SERIES_ENROLMENT_WAYS",
    "STATUS_REASONS",
    "STEP_PROGRESS",
    "SURVEYS",
    "SURVEY_WAYS",
    "TASKS",
    "TASK_WAYS",
    "TODAY",
    "UNITS",
    "UNIT_ENROLMENTS",
    "UNIT_ENROLMENT_WAYS",
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
LEARNER_WAYS = ways_to(
    learners, *alternatives_of_learner(learners.c.id, SEES_RECORDS), of_learners_taught(learners.c.id)
)

SERIES_ENROLMENTS = and_(
    series_enrolments.c.organisation_id == ORGANISATION, of_learner(series_enrolments.c.learner_id, SEES_RECORDS)
)

SERIES_ENROLMENT_WAYS = ways_to(
    series_enrolments, *alternatives_of_learner(series_enrolments.c.learner_id, SEES_RECORDS)
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

PATHWAY_ENROLMENT_WAYS = ways_to(
    pathway_enrolments, *alternatives_of_learner(pathway_enrolments.c.learner_id, SEES_RECORDS)
)

LEARNER_CERTIFICATIONS = and_(
    learner_certifications.c.organisation_id == ORGANISATION,
    of_learner(learner_certifications.c.learner_id, SEES_RECORDS),
)

LEARNER_CERTIFICATION_WAYS = ways_to(
    learner_certifications, *alternatives_of_learner(learner_certifications.c.learner_id, SEES_RECORDS)
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

APPROVAL_WAYS = ways_to(approvals, *alternatives_of_learner(approvals.c.learner_id, SEES_ORGANISATION))

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

_SUBJECTS_SEEN = union_all(
    select(VIEWER_USER),
    *(
        select(table.c.id).where(seen)
        for table, seen in (
            (series, SERIES),
            (pathways, PATHWAYS),
            (resources, RESOURCES),
            (certifications, CERTIFICATIONS),
            (certification_versions, CERTIFICATION_VERSIONS),
            (courses, COURSES),
            (units, UNITS),
            (course_offers, COURSE_OFFERS),
            (status_reasons, STATUS_REASONS),
        )
    ),
    select(exports.c.id).where(exports.c.organisation_id == ORGANISATION, exports.c.user_id == VIEWER_USER),
    select(tasks.c.id).where(TASK_WAYS[-1]),
    select(notifications.c.id).where(NOTIFICATION_WAYS[-1]),
)
"""What somebody sees who does not see the whole organisation, apart from learners and what belongs to them."""


def _of_taught(kind: SubjectKind, table: FromClause) -> ColumnElement[bool]:
    """Entries about records of a kind in the offers that the viewer trains in."""
    taught = select(table.c.id).where(
        table.c.organisation_id == ORGANISATION, of_offers_taught(table.c.course_offer_id)
    )
    return and_(SEES_TAUGHT, history_entries.c.subject_kind == kind, history_entries.c.subject_id.in_(taught))


HISTORY_ENTRY_WAYS = ways_to(
    history_entries,
    SEES_ORGANISATION,
    of_viewer(history_entries.c.learner_id),
    and_(reports_of_viewer(history_entries.c.learner_id), history_entries.c.subject_kind != SubjectKind.DOCUMENT),
    _of_taught(SubjectKind.COURSE_ENROLMENT, course_enrolments),
    _of_taught(SubjectKind.UNIT_ENROLMENT, unit_enrolments),
    and_(
        ~SEES_ORGANISATION,
        history_entries.c.subject_id.in_(_SUBJECTS_SEEN),
        # Not as a plain test for NULL: its index would lead to the entries of the whole organisation.
        case((history_entries.c.learner_id.is_(None), true()), else_=false()),
    ),
)
