"""Tables and constraints. No relationships and no sessions: statements are written in queries/."""

from portal_api.models.base import metadata
from portal_api.models.certifications import (
    approvals,
    assignment_sources,
    certificates,
    certification_cycles,
    certification_groups,
    certification_steps,
    certification_versions,
    certifications,
    exam_attempts,
    learner_certifications,
    step_progress,
)
from portal_api.models.exports import export_pieces, exports
from portal_api.models.history import history_entries, idempotency_keys
from portal_api.models.learners import activity_intervals, learner_attributes, learners, reporting_lines
from portal_api.models.organisations import (
    group_conditions,
    group_members,
    groups,
    integration_tokens,
    organisations,
    roles,
    ticker_leases,
    users,
)
from portal_api.models.series import (
    pathway_enrolments,
    pathway_steps,
    pathways,
    resources,
    series,
    series_enrolments,
)

__all__ = [
    "activity_intervals",
    "approvals",
    "assignment_sources",
    "certificates",
    "certification_cycles",
    "certification_groups",
    "certification_steps",
    "certification_versions",
    "certifications",
    "exam_attempts",
    "export_pieces",
    "exports",
    "group_conditions",
    "group_members",
    "groups",
    "history_entries",
    "idempotency_keys",
    "integration_tokens",
    "learner_attributes",
    "learner_certifications",
    "learners",
    "metadata",
    "organisations",
    "pathway_enrolments",
    "pathway_steps",
    "pathways",
    "reporting_lines",
    "resources",
    "roles",
    "series",
    "series_enrolments",
    "step_progress",
    "ticker_leases",
    "users",
]
