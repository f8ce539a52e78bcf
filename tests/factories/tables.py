"""The tables of an organisation: what their identifiers begin with, and in which order they are written."""

from datetime import timedelta
from typing import Any

from portal_api.models import (
    activity_intervals,
    exports,
    group_conditions,
    group_members,
    groups,
    integration_tokens,
    learner_attributes,
    learners,
    metadata,
    organisations,
    pathway_enrolments,
    pathway_steps,
    pathways,
    reporting_lines,
    resources,
    roles,
    series,
    series_enrolments,
    users,
)

DAY = timedelta(days=1)
PREFIXES = {
    organisations: "org",
    users: "usr",
    integration_tokens: "itk",
    groups: "grp",
    learners: "lrn",
    series: "ser",
    series_enrolments: "sen",
    pathways: "pth",
    pathway_steps: "pst",
    pathway_enrolments: "pen",
    resources: "res",
    exports: "exp",
}
WRITTEN_IN_ORDER = (
    organisations,
    users,
    learners,
    learner_attributes,
    roles,
    integration_tokens,
    groups,
    group_conditions,
    group_members,
    reporting_lines,
    activity_intervals,
    series,
    pathways,
    pathway_steps,
    pathway_enrolments,
    series_enrolments,
    resources,
    exports,
)
OF_AN_ORGANISATION = (
    organisations,
    users,
    *(table for table in metadata.sorted_tables if "organisation_id" in table.c),
)
DEFAULTS: dict[str, Any] = {
    "is_machine": False,
    "questions_answered": 0,
    "questions_correct": 0,
    "special_requirements_are_private": False,
    "version": 1,
}
"""What a column holds that is not laid out; the others hold nothing."""
