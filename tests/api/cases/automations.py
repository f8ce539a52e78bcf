"""The mutations of learncycles, tasks, notifications and webhooks."""

from portal_api.domain.automations.learncycles import LearncycleStatus
from portal_api.domain.automations.tasks import TaskStatus
from portal_api.domain.automations.webhooks import WebhookDeliveryStatus
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.roles import Role
from portal_api.models import learncycles, notifications, tasks, webhook_deliveries, webhook_endpoints
from portal_api.services.automations.webhooks import MOST_ENDPOINTS
from tests.api.cases.shapes import ADMINISTRATORS, OWNER, CallCase, MutationCase, beside
from tests.client import Json
from tests.factories import Organisation, Record

OFF, ON, RETIRED = LearncycleStatus.OFF, LearncycleStatus.ON, LearncycleStatus.RETIRED
PEOPLE = frozenset(Role) - {Role.INTEGRATION}
RULE: Json = {
    "trigger": {"kind": "SERIES_ENROLMENT_STATUS", "to": "MASTERED"},
    "then": [{"kind": "NOTIFY", "title": "Well done", "body": "You are through."}],
}
NOBODY = "usr_" + "0" * 32


def _task(made: Organisation) -> Record:
    """A task that administrators may end."""
    return made.task(made.learner())


def _assigned(made: Organisation, role: Role) -> Record:
    """A task that one role may end."""
    return made.task(made.learner(), assignee_id=made.staff[role].id)


def _own_notification(made: Organisation) -> Record:
    """What was told the learner to whom everybody is linked."""
    made.everybody_learns()
    return made.notification(made.own[Role.LEARNER])


def _inactive_task(made: Organisation) -> Record:
    return made.task(made.learner(is_active=False))


MUTATIONS: tuple[MutationCase | CallCase, ...] = (
    CallCase(
        mutation="createLearncycle",
        roles=OWNER,
        changes=lambda made: {"name": "Well done", "rule": RULE},
        refuses=lambda made: {
            "name": "Well done",
            "rule": {**RULE, "then": [{"kind": "CREATE_TASK", "title": "Call", "assigneeId": NOBODY}]},
        },
        refusal=("NOT_FOUND",),
        action=HistoryAction.LEARNCYCLE_CREATED,
        subject=SubjectKind.LEARNCYCLE,
        moves=(None, "OFF"),
        other={"name": "Called otherwise"},
    ),
    CallCase(
        mutation="updateLearncycle",
        table=learncycles,
        roles=OWNER,
        changes=lambda made: {"id": made.learncycle(status=OFF).gid, "name": "Called otherwise"},
        refuses=lambda made: {"id": made.learncycle().gid, "name": "Called otherwise"},
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.LEARNCYCLE_UPDATED,
        subject=SubjectKind.LEARNCYCLE,
        moves=("OFF", "OFF"),
        changed_fields=("name",),
    ),
    MutationCase(
        mutation="switchLearncyclesOn",
        table=learncycles,
        roles=OWNER,
        changes=lambda made: made.learncycle(status=OFF),
        refuses=lambda made: made.learncycle(status=RETIRED),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.LEARNCYCLE_SWITCHED_ON,
        subject=SubjectKind.LEARNCYCLE,
        moves=("OFF", "ON"),
    ),
    MutationCase(
        mutation="switchLearncyclesOff",
        table=learncycles,
        roles=OWNER,
        changes=lambda made: made.learncycle(),
        refuses=lambda made: made.learncycle(status=RETIRED),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.LEARNCYCLE_SWITCHED_OFF,
        subject=SubjectKind.LEARNCYCLE,
        moves=("ON", "OFF"),
    ),
    MutationCase(
        mutation="retireLearncycles",
        table=learncycles,
        roles=OWNER,
        changes=lambda made: made.learncycle(),
        refuses=lambda made: made.learncycle(status=RETIRED),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.LEARNCYCLE_RETIRED,
        subject=SubjectKind.LEARNCYCLE,
        moves=("ON", "RETIRED"),
    ),
    MutationCase(
        mutation="reinstateLearncycles",
        table=learncycles,
        roles=OWNER,
        changes=lambda made: made.learncycle(status=RETIRED),
        refuses=lambda made: made.learncycle(),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.LEARNCYCLE_REINSTATED,
        subject=SubjectKind.LEARNCYCLE,
        moves=("RETIRED", "OFF"),
    ),
    CallCase(
        mutation="createTasks",
        roles=ADMINISTRATORS,
        changes=lambda made: {"tasks": [{"subjectId": made.learner().gid, "title": "Call them"}]},
        refuses=lambda made: {"tasks": [{"subjectId": made.learner(is_active=False).gid, "title": "Call them"}]},
        refusal=("LEARNER_INACTIVE", "STATUS_NOT_ALLOWED"),
        action=HistoryAction.TASK_CREATED,
        subject=SubjectKind.TASK,
        moves=(None, "OPEN"),
    ),
    MutationCase(
        mutation="completeTasks",
        table=tasks,
        roles=PEOPLE,
        changes=_task,
        for_role=_assigned,
        refuses=_inactive_task,
        refusal=("LEARNER_INACTIVE",),
        input={},
        other_inputs=(),
        action=HistoryAction.TASK_COMPLETED,
        subject=SubjectKind.TASK,
        moves=("OPEN", "DONE"),
    ),
    MutationCase(
        mutation="dropTasks",
        table=tasks,
        roles=PEOPLE,
        changes=_task,
        for_role=_assigned,
        refuses=lambda made: made.task(made.learner(), status=TaskStatus.DONE),
        refusal=("STATUS_NOT_ALLOWED",),
        input={"note": "Done elsewhere"},
        other_inputs=({"note": "Another"},),
        action=HistoryAction.TASK_DROPPED,
        subject=SubjectKind.TASK,
        moves=("OPEN", "DROPPED"),
    ),
    MutationCase(
        mutation="markNotificationsRead",
        table=notifications,
        roles=PEOPLE,
        changes=_own_notification,
        refuses=lambda made: made.notification(made.own[Role.MANAGER]),
        refusal=("FORBIDDEN",),
        input={},
        other_inputs=(),
        action=HistoryAction.NOTIFICATION_READ,
        subject=SubjectKind.NOTIFICATION,
        moves=("UNREAD", "READ"),
        again="UNCHANGED",
        is_own=True,
    ),
    CallCase(
        mutation="createWebhookEndpoint",
        roles=OWNER,
        changes=lambda made: {
            "name": "Shop",
            "url": "https://hooks.example.org/portal",
            "eventKinds": ["CERTIFICATION_STATUS"],
        },
        refuses=lambda made: beside(
            [made.webhook_endpoint() for _ in range(MOST_ENDPOINTS)],
            {"name": "Shop", "url": "https://hooks.example.org/portal", "eventKinds": ["CERTIFICATION_STATUS"]},
        ),
        refusal=("LIMIT_EXCEEDED",),
        action=HistoryAction.WEBHOOK_ENDPOINT_CREATED,
        subject=SubjectKind.WEBHOOK_ENDPOINT,
        moves=(None, "ACTIVE"),
        other={"name": "Called otherwise"},
    ),
    CallCase(
        mutation="updateWebhookEndpoint",
        table=webhook_endpoints,
        roles=OWNER,
        changes=lambda made: {"id": made.webhook_endpoint().gid, "name": "Called otherwise"},
        refuses=lambda made: {"id": made.webhook_endpoint(is_active=False).gid, "name": "Called otherwise"},
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.WEBHOOK_ENDPOINT_UPDATED,
        subject=SubjectKind.WEBHOOK_ENDPOINT,
        moves=("ACTIVE", "ACTIVE"),
        changed_fields=("name",),
    ),
    CallCase(
        mutation="rotateWebhookSecret",
        table=webhook_endpoints,
        roles=OWNER,
        changes=lambda made: {"id": made.webhook_endpoint().gid},
        refuses=lambda made: {"id": made.webhook_endpoint(is_active=False).gid},
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.WEBHOOK_ENDPOINT_SECRET_ROTATED,
        subject=SubjectKind.WEBHOOK_ENDPOINT,
        moves=("ACTIVE", "ACTIVE"),
        changed_fields=("secret",),
    ),
    MutationCase(
        mutation="retireWebhookEndpoints",
        table=webhook_endpoints,
        roles=OWNER,
        changes=lambda made: made.webhook_endpoint(),
        refuses=lambda made: made.webhook_endpoint(is_active=False),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.WEBHOOK_ENDPOINT_RETIRED,
        subject=SubjectKind.WEBHOOK_ENDPOINT,
        moves=("ACTIVE", "RETIRED"),
    ),
    MutationCase(
        mutation="reinstateWebhookEndpoints",
        table=webhook_endpoints,
        roles=OWNER,
        changes=lambda made: made.webhook_endpoint(is_active=False),
        refuses=lambda made: made.webhook_endpoint(),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.WEBHOOK_ENDPOINT_REINSTATED,
        subject=SubjectKind.WEBHOOK_ENDPOINT,
        moves=("RETIRED", "ACTIVE"),
    ),
    MutationCase(
        mutation="retryWebhookDeliveries",
        table=webhook_deliveries,
        roles=OWNER,
        changes=lambda made: made.webhook_delivery(),
        refuses=lambda made: made.webhook_delivery(status=WebhookDeliveryStatus.DELIVERED),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.WEBHOOK_DELIVERY_RETRIED,
        subject=SubjectKind.WEBHOOK_DELIVERY,
        moves=("DEAD", "PENDING"),
    ),
)
