"""The documents about the organisation and its viewer."""

from tests.operations.cases.shape import Case, owners

CASES: dict[str, Case] = {
    "admin_console/viewer": Case(("viewer.user.name", "viewer.limits.pageSize")),
    "admin_console/organisation": Case(("viewer.organisation.name", "viewer.organisation.actions")),
    "admin_console/update_organisation": owners(
        "updateOrganisation", lambda scene: {"id": scene.organisation.itself.gid, "timeZone": "Europe/Paris"}
    ),
    "admin_console/state_machine": Case(
        ("stateMachine.statuses", "stateMachine.rules"), lambda scene: {"kind": "SERIES_ENROLMENT"}
    ),
    "admin_console/history": Case(("historyEntries.nodes",)),
    "learner_app/my_page": Case(("viewer.organisation", "viewer.learner.seriesEnrolments.nodes")),
}
