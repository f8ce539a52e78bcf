"""The documents about learners."""

from tests.clock import START
from tests.operations.cases.shape import Case, on

CASES: dict[str, Case] = {
    "admin_console/learners": Case(
        ("learners.nodes", "learners.totalCount"),
        lambda scene: {
            "first": 100,
            "filter": {"search": "family"},
            "orderBy": [{"field": "FAMILY_NAME"}, {"field": "CREATED_AT", "direction": "DESC"}],
        },
    ),
    "admin_console/learner": Case(
        ("learner.seriesEnrolments.nodes", "learner.actions"), lambda scene: {"externalRef": "LEARNER"}
    ),
    "admin_console/active_learners": Case(("learners.totalCount", "learners.nodes")),
    "admin_console/learner_usage": Case(
        ("learnerUsage.count", "learnerUsage.learners.nodes", "learnerUsage.quiet.nodes"),
        lambda scene: {"month": f"{START:%Y-%m}-01"},
    ),
    "admin_console/create_learners": Case(
        ("createLearners.results", "createLearners.counts.changed"),
        lambda scene: {
            "input": {
                "learners": [{"givenName": "New", "familyName": "Learner", "email": "new@example.org"}],
                "idempotencyKey": "from the console",
            }
        },
    ),
    "admin_console/update_learner": Case(
        ("updateLearner.results", "updateLearner.counts.changed"),
        lambda scene: {"input": {"id": scene.learner.gid, "familyName": "Other", "idempotencyKey": "from the console"}},
    ),
    "admin_console/deactivate_learners": Case(
        ("deactivateLearners.results", "deactivateLearners.counts.changed"),
        on(lambda scene: scene.learner, reason="LEFT_ORGANISATION"),
    ),
    "admin_console/reactivate_learners": Case(
        ("reactivateLearners.results", "reactivateLearners.counts.changed"), on(lambda scene: scene.inactive)
    ),
    "admin_console/set_learner_app_access": Case(
        ("setLearnerAppAccess.results", "setLearnerAppAccess.counts.changed"),
        on(lambda scene: scene.learner, hasAppAccess=False),
    ),
    "manager_dashboard/team": Case(
        ("learners.nodes", "learners.pageInfo.endCursor"), lambda scene: {"filter": {"status": {"eq": "ACTIVE"}}}
    ),
    "manager_dashboard/team_member": Case(
        ("learner.manager", "learner.seriesEnrolments.nodes", "learner.seriesEnrolments.totalCount"),
        lambda scene: {"id": scene.learner.gid},
    ),
    "manager_dashboard/direct_reports": Case(("viewer.learner.reports.nodes", "viewer.learner.reports.totalCount")),
    "manager_dashboard/search": Case(
        ("learners.nodes", "seriesEnrolments.nodes"), lambda scene: {"words": scene.learner["family_name"]}
    ),
    "integration/record_sign_ins": Case(
        ("recordSignIns.results", "recordSignIns.counts.changed"),
        lambda scene: {"input": {"ids": [scene.learner.gid]}},
    ),
}
