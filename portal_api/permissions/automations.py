"""Who may try what with learncycles, tasks, notifications and webhooks."""

from portal_api.domain.automations.learncycles import LEARNCYCLES, SIMULATING, LearncycleAction
from portal_api.domain.automations.tasks import NOTIFICATIONS, TASKS, NotificationAction, TaskAction
from portal_api.domain.automations.webhooks import (
    WEBHOOK_DELIVERIES,
    WEBHOOK_ENDPOINTS,
    WebhookDeliveryAction,
    WebhookEndpointAction,
)
from portal_api.domain.organisations import ORGANISATIONS, OrganisationAction
from portal_api.permissions.guard import Guard


class MayCreateLearncycle(Guard):
    rule = ORGANISATIONS[OrganisationAction.CREATE_LEARNCYCLE]


class MayUpdateLearncycle(Guard):
    rule = LEARNCYCLES[LearncycleAction.UPDATE]


class MaySwitchLearncyclesOn(Guard):
    rule = LEARNCYCLES[LearncycleAction.SWITCH_ON]


class MaySwitchLearncyclesOff(Guard):
    rule = LEARNCYCLES[LearncycleAction.SWITCH_OFF]


class MayRetireLearncycles(Guard):
    rule = LEARNCYCLES[LearncycleAction.RETIRE]


class MayReinstateLearncycles(Guard):
    rule = LEARNCYCLES[LearncycleAction.REINSTATE]


class MaySimulateLearncycle(Guard):
    rule = SIMULATING


class MayCreateTasks(Guard):
    rule = ORGANISATIONS[OrganisationAction.CREATE_TASKS]


class MayCompleteTasks(Guard):
    rule = TASKS[TaskAction.COMPLETE]


class MayDropTasks(Guard):
    rule = TASKS[TaskAction.DROP]


class MayMarkNotificationsRead(Guard):
    rule = NOTIFICATIONS[NotificationAction.MARK_READ]


class MayCreateWebhookEndpoint(Guard):
    rule = ORGANISATIONS[OrganisationAction.CREATE_WEBHOOK_ENDPOINT]


class MayUpdateWebhookEndpoint(Guard):
    rule = WEBHOOK_ENDPOINTS[WebhookEndpointAction.UPDATE]


class MayRotateWebhookSecret(Guard):
    rule = WEBHOOK_ENDPOINTS[WebhookEndpointAction.ROTATE_SECRET]


class MayRetireWebhookEndpoints(Guard):
    rule = WEBHOOK_ENDPOINTS[WebhookEndpointAction.RETIRE]


class MayReinstateWebhookEndpoints(Guard):
    rule = WEBHOOK_ENDPOINTS[WebhookEndpointAction.REINSTATE]


class MayRetryWebhookDeliveries(Guard):
    rule = WEBHOOK_DELIVERIES[WebhookDeliveryAction.RETRY]
