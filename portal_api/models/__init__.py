"""Tables and constraints. No relationships and no sessions: statements are written in queries/."""

from portal_api.models.base import metadata
from portal_api.models.history import history_entries, idempotency_keys
from portal_api.models.learners import activity_intervals, learners, reporting_lines
from portal_api.models.organisations import organisations, roles, ticker_leases, users
from portal_api.models.series import series, series_enrolments

__all__ = [
    "activity_intervals",
    "history_entries",
    "idempotency_keys",
    "learners",
    "metadata",
    "organisations",
    "reporting_lines",
    "roles",
    "series",
    "series_enrolments",
    "ticker_leases",
    "users",
]
