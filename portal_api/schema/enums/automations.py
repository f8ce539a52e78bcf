"""What learncycles wait for, ask and do; tasks, notifications and webhooks."""

from portal_api.domain.automations.learncycles import LEARNCYCLES, LearncycleAction, LearncycleStatus, RunOutcome
from portal_api.domain.automations.rules import ConditionKind, LearncycleActionKind
from portal_api.domain.automations.tasks import (
    NOTIFICATIONS,
    TASKS,
    NotificationAction,
    NotificationStatus,
    TaskAction,
    TaskStatus,
)
from portal_api.domain.automations.triggers import TriggerKind
from portal_api.domain.automations.webhooks import (
    WEBHOOK_DELIVERIES,
    WebhookDeliveryAction,
    WebhookDeliveryStatus,
    WebhookEndpointAction,
)
from portal_api.schema.enums.describing import described

described(LearncycleStatus, "Whether a learncycle fires.", {s: m.description for s, m in LEARNCYCLES.statuses.items()})
described(
    LearncycleAction,
    "What can be done to a learncycle.",
    {
        LearncycleAction.UPDATE: "Change it.",
        LearncycleAction.SWITCH_ON: "Switch it on: it fires for what happens from now on.",
        LearncycleAction.SWITCH_OFF: "Switch it off.",
        LearncycleAction.RETIRE: "Put it away.",
        LearncycleAction.REINSTATE: "Take it back; it is off.",
    },
)
described(
    RunOutcome,
    "What became of an action of a learncycle.",
    {
        RunOutcome.FIRED: "It was taken; where nothing would have differed, that is all.",
        RunOutcome.SKIPPED: "It was refused, for the reasons told with it; its cause stands.",
        RunOutcome.LOOP_STOPPED: "The learncycle had fired for this record in the same chain of changes.",
    },
)
described(
    TriggerKind,
    "What a learncycle waits for: a change, or a day of a record.",
    {
        TriggerKind.COURSE_ENROLMENT_STATUS: "The status of a course enrolment changes.",
        TriggerKind.COURSE_ENROLMENT_REASON: "The reason of a course enrolment's status changes.",
        TriggerKind.UNIT_OUTCOME: "The outcome of a unit changes.",
        TriggerKind.SERIES_ENROLMENT_STATUS: "The status of a series enrolment changes.",
        TriggerKind.CERTIFICATION_STATUS: "The status of a learner's certification changes.",
        TriggerKind.COURSE_ENROLMENT_STARTS: "The day on which a course enrolment starts.",
        TriggerKind.COURSE_ENROLMENT_ENDS: "The day on which a course enrolment ends.",
        TriggerKind.COURSE_ENROLMENT_RETURNS: "The day on which a deferred learner returns.",
        TriggerKind.COURSE_ENROLMENT_FINALISED: "The day with which a course enrolment was finalised.",
        TriggerKind.COURSE_ENROLMENT_RECONNECTS: "The day on which a learner is to be reconnected.",
        TriggerKind.UNIT_ENDS: "The day on which a unit ends.",
        TriggerKind.SERIES_ENROLMENT_ENDS: "The day on which a series enrolment ends.",
        TriggerKind.CERTIFICATE_EXPIRES: "The day on which a certificate is no longer valid.",
    },
)
described(
    ConditionKind,
    "What a condition asks.",
    {
        ConditionKind.STATUS: "The status of the record; of a unit or certificate, that of the record above it.",
        ConditionKind.COURSE: "The course.",
        ConditionKind.SERIES: "The series.",
        ConditionKind.CERTIFICATION: "The certification.",
        ConditionKind.GROUP: "A group that the learner is in.",
    },
)
described(
    LearncycleActionKind,
    "What a learncycle does.",
    {
        LearncycleActionKind.DEACTIVATE_LEARNER: "Set the learner inactive, last of all.",
        LearncycleActionKind.SET_APP_ACCESS: "Switch app access on or off.",
        LearncycleActionKind.SET_COURSE_STATUS: "Set the status of the course enrolment.",
        LearncycleActionKind.CREATE_TASK: "Make a task.",
        LearncycleActionKind.NOTIFY: "Tell the learner something.",
        LearncycleActionKind.CALL_WEBHOOK: "Send a message to the webhook endpoints that ask for it.",
    },
)
described(TaskStatus, "Whether a task is still to be done.", {s: m.description for s, m in TASKS.statuses.items()})
described(
    TaskAction,
    "What can be done to a task.",
    {TaskAction.COMPLETE: "Say that it is done.", TaskAction.DROP: "Say that it is no longer to be done."},
)
described(
    NotificationStatus,
    "Whether the learner has read what they were told.",
    {s: m.description for s, m in NOTIFICATIONS.statuses.items()},
)
described(NotificationAction, "What can be done to a notification.", {NotificationAction.MARK_READ: "Mark it as read."})
described(
    WebhookEndpointAction,
    "What can be done to a webhook endpoint.",
    {
        WebhookEndpointAction.UPDATE: "Change it.",
        WebhookEndpointAction.ROTATE_SECRET: "Give it another secret, told once.",
        WebhookEndpointAction.RETIRE: "Send it nothing more.",
        WebhookEndpointAction.REINSTATE: "Take it into use again.",
    },
)
described(
    WebhookDeliveryStatus,
    "How far a message has come on its way to an endpoint.",
    {s: m.description for s, m in WEBHOOK_DELIVERIES.statuses.items()},
)
described(
    WebhookDeliveryAction, "What can be done to a delivery.", {WebhookDeliveryAction.RETRY: "Try it again, at once."}
)
