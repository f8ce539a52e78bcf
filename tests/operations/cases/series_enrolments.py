"""The documents about enrolments in series, and insights into them."""

from tests.operations.cases.shape import Case, on

CASES: dict[str, Case] = {
    "admin_console/enrolments_of_series": Case(
        ("seriesEnrolments.nodes", "seriesEnrolments.pageInfo.endCursor"),
        lambda scene: {"series": scene.series.gid, "statuses": ["IN_PROGRESS", "WITHDRAWN"]},
    ),
    "admin_console/series_enrolment": Case(
        ("seriesEnrolment.learner", "seriesEnrolment.history.nodes"), lambda scene: {"id": scene.withdrawn.gid}
    ),
    "admin_console/series_enrolment_ids": Case(
        ("seriesEnrolmentIds.ids", "seriesEnrolmentIds.totalCount"),
        lambda scene: {"filter": {"seriesId": {"eq": scene.series.gid}}},
    ),
    "admin_console/enrol_in_series": Case(
        ("enrolInSeries.results", "enrolInSeries.counts.changed"),
        lambda scene: {"input": {"seriesId": scene.other.gid, "learnerIds": [scene.learner.gid]}},
    ),
    "admin_console/extend_series_enrolments": Case(
        ("extendSeriesEnrolments.results", "extendSeriesEnrolments.counts.changed"),
        lambda scene: {"input": {"ids": [scene.active.gid], "endsAt": "2026-12-01T00:00:00Z"}},
    ),
    "admin_console/withdraw_series_enrolments": Case(
        ("withdrawSeriesEnrolments.results", "withdrawSeriesEnrolments.counts.changed"),
        on(lambda scene: scene.active, reason="NO_LONGER_REQUIRED"),
    ),
    "learner_app/my_enrolment": Case(
        ("seriesEnrolment.series", "seriesEnrolment.actions", "seriesEnrolment.history.nodes"),
        lambda scene: {"id": scene.withdrawn.gid},
    ),
    "manager_dashboard/overdue": Case(("seriesEnrolments.nodes", "seriesEnrolments.totalCount")),
    "manager_dashboard/series_insights": Case(
        ("seriesInsights.totalCount", "seriesInsights.byStatus", "seriesInsights.enrolments.nodes"),
        lambda scene: {"filter": {"status": {"notIn": ["WITHDRAWN"]}}},
    ),
    "admin_console/series_insights": Case(
        ("seriesInsights.bySeries", "seriesInsights.enrolments.pageInfo.endCursor"), lambda scene: {}
    ),
    "integration/record_series_activity": Case(
        ("recordSeriesActivity.results", "recordSeriesActivity.counts.changed"),
        lambda scene: {
            "input": {"activities": [{"enrolmentId": scene.active.gid, "questionsAnswered": 5, "questionsCorrect": 3}]}
        },
    ),
}
