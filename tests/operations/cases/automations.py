"""The documents about learncycles, tasks, notifications and webhooks."""

from datetime import timedelta

from tests.operations.cases.shape import Case, Variables, changed, on, owners
from tests.operations.scene import Scene

RULE = {
    "trigger": {"kind": "COURSE_ENROLMENT_STATUS", "to": "WITHDRAWN"},
    "then": [{"kind": "DEACTIVATE_LEARNER", "reason": "ENROLMENTS_ENDED"}],
}


def _ids(name: str) -> Variables:
    """A list of one record of the scene."""
    return lambda scene: {"ids": [getattr(scene.automated, name).gid]}


def _past(scene: Scene) -> dict[str, str]:
    until = scene.organisation.clock()
    return {
        "id": scene.automated.on.gid,
        "since": (until - timedelta(days=30)).isoformat(),
        "until": until.isoformat(),
    }


CASES: dict[str, Case] = {
    "admin_console/learncycles": Case(("learncycles.nodes", "learncycles.totalCount")),
    "admin_console/learncycle": Case(
        ("learncycle.then", "learncycle.runs.nodes", "learncycle.actions"),
        lambda scene: {"id": scene.automated.on.gid},
    ),
    "admin_console/learncycle_runs": Case(("learncycleRuns.nodes", "learncycleRuns.totalCount")),
    "admin_console/simulate_learncycle": Case(("simulateLearncycle",), _past),
    "admin_console/create_learncycle": owners("createLearncycle", lambda scene: {"name": "Gone", "rule": RULE}),
    "admin_console/update_learncycle": owners(
        "updateLearncycle", lambda scene: {"id": scene.automated.off.gid, "name": "Anew"}
    ),
    "admin_console/switch_learncycles_on": owners("switchLearncyclesOn", _ids("off")),
    "admin_console/switch_learncycles_off": owners("switchLearncyclesOff", _ids("on")),
    "admin_console/retire_learncycles": owners("retireLearncycles", _ids("on")),
    "admin_console/reinstate_learncycles": owners("reinstateLearncycles", _ids("retired")),
    "admin_console/tasks": Case(("tasks.nodes", "tasks.totalCount")),
    "admin_console/create_tasks": Case(
        changed("createTasks"),
        lambda scene: {"input": {"tasks": [{"subjectId": scene.enrolled.running.gid, "title": "Call them"}]}},
    ),
    "admin_console/complete_tasks": Case(changed("completeTasks"), on(lambda scene: scene.automated.task)),
    "admin_console/drop_tasks": Case(changed("dropTasks"), on(lambda scene: scene.automated.task, note="Called twice")),
    "admin_console/webhook_endpoints": Case(("webhookEndpoints.nodes", "webhookEndpoints.totalCount")),
    "admin_console/webhook_deliveries": Case(("webhookDeliveries.nodes", "webhookDeliveries.totalCount")),
    "admin_console/create_webhook_endpoint": owners(
        "createWebhookEndpoint",
        lambda scene: {
            "name": "Payroll",
            "url": "https://payroll.example.org/hooks",
            "eventKinds": ["COURSE_ENROLMENT_STATUS"],
        },
    ),
    "admin_console/update_webhook_endpoint": owners(
        "updateWebhookEndpoint", lambda scene: {"id": scene.automated.endpoint.gid, "name": "Anew"}
    ),
    "admin_console/rotate_webhook_secret": owners(
        "rotateWebhookSecret", lambda scene: {"id": scene.automated.endpoint.gid}
    ),
    "admin_console/retire_webhook_endpoints": owners("retireWebhookEndpoints", _ids("endpoint")),
    "admin_console/reinstate_webhook_endpoints": owners("reinstateWebhookEndpoints", _ids("retired_endpoint")),
    "admin_console/retry_webhook_deliveries": owners("retryWebhookDeliveries", _ids("delivery")),
    "learner_app/my_inbox": Case(("notifications.nodes", "tasks.nodes")),
    "learner_app/mark_notifications_read": Case(
        changed("markNotificationsRead"), on(lambda scene: scene.automated.notification)
    ),
    "manager_dashboard/my_tasks": Case(("tasks.nodes", "tasks.totalCount")),
    "trainer_page/my_tasks": Case(("tasks.nodes", "tasks.totalCount")),
}
