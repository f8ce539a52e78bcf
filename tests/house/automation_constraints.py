"""What the database refuses of learncycles and what they lead to: references, rows that contradict themselves, unknown values."""

from typing import Any
from uuid import UUID

from sqlalchemy import Table

from portal_api.domain.automations.learncycles import LearncycleStatus
from portal_api.domain.automations.rules import ConditionKind, LearncycleActionKind
from portal_api.domain.automations.tasks import NotificationStatus, TaskStatus
from portal_api.domain.automations.triggers import TriggerKind
from portal_api.domain.automations.webhooks import WebhookDeliveryStatus
from portal_api.domain.courses.statuses import CourseEnrolmentStatus
from portal_api.domain.learners import DeactivationReason
from portal_api.domain.roles import Role
from portal_api.models import (
    course_offers,
    courses,
    learncycle_actions,
    learncycle_conditions,
    learncycle_offers,
    learncycle_runs,
    learncycles,
    notifications,
    outbox_messages,
    status_reasons,
    tasks,
    webhook_deliveries,
    webhook_endpoints,
)
from tests.clock import START
from tests.factories import Organisation
from tests.factories.automations import WEBHOOK

TABLES = {
    *(learncycles, learncycle_offers, learncycle_conditions, learncycle_actions, learncycle_runs),
    *(tasks, notifications, outbox_messages, webhook_endpoints, webhook_deliveries),
}
REFERENCES = [
    ("learncycles", "trigger_reason_id"),
    ("learncycle_offers", "learncycle_id"),
    ("learncycle_offers", "course_offer_id"),
    ("learncycle_conditions", "learncycle_id"),
    ("learncycle_conditions", "course_id"),
    ("learncycle_conditions", "series_id"),
    ("learncycle_conditions", "certification_id"),
    ("learncycle_conditions", "group_id"),
    ("learncycle_actions", "learncycle_id"),
    ("learncycle_actions", "status_reason_id"),
    ("learncycle_actions", "assignee_id"),
    ("learncycle_runs", "learncycle_id"),
    ("learncycle_runs", "cause_id"),
    ("learncycle_runs", "learner_id"),
    ("tasks", "learner_id"),
    ("tasks", "learncycle_id"),
    ("tasks", "assignee_id"),
    ("notifications", "learner_id"),
    ("webhook_deliveries", "webhook_endpoint_id"),
    ("webhook_deliveries", "message_id"),
]


def lay_out(organisation: Organisation) -> None:
    """A learncycle with all that one can have, what it did, and a delivery."""
    learner = organisation.own[Role.LEARNER]
    enrolment = organisation.course_enrolment(learner, organisation.course_offer(organisation.course()))
    rule = organisation.learncycle(
        TriggerKind.COURSE_ENROLMENT_STATUS,
        "WITHDRAWN",
        WEBHOOK,
        conditions=((ConditionKind.STATUS, {"status": "WITHDRAWN"}),),
        offers=(organisation.record(enrolment["course_offer_id"]),),
    )
    organisation.learncycle_run(rule, enrolment)
    organisation.task(learner)
    organisation.notification(learner)
    organisation.webhook_endpoint()
    organisation.webhook_delivery()


def writable(organisation: Organisation, table: Table) -> dict[str, Any]:
    """What a copy of the last row of a table differs in, so that both can stand."""
    match table.name:
        case "learncycle_offers":
            return {"course_offer_id": organisation.rows[course_offers][0]["id"]}
        case "learncycle_conditions" | "learncycle_actions" | "learncycle_runs":
            return {"position": 7}
        case "webhook_deliveries":
            return {"webhook_endpoint_id": organisation.rows[webhook_endpoints][0]["id"]}
        case _:
            return {}


def keys_of(twin: Organisation) -> dict[str, UUID]:
    """By the names of columns, the keys of another organisation's records."""
    return {
        "assignee_id": twin.staff[Role.OWNER].id,
        "course_offer_id": twin.rows[course_offers][-1]["id"],
        "course_id": twin.rows[courses][-1]["id"],
        "status_reason_id": twin.rows[status_reasons][-1]["id"],
        "trigger_reason_id": twin.rows[status_reasons][-1]["id"],
        "learncycle_id": twin.rows[learncycles][-1]["id"],
        "webhook_endpoint_id": twin.rows[webhook_endpoints][-1]["id"],
        "message_id": twin.rows[outbox_messages][-1]["id"],
    }


_ON_REASON = {"trigger_kind": TriggerKind.COURSE_ENROLMENT_REASON, "trigger_value": None}
_BY_CHANGE = {"on_date": None, "day_from": None, "day_until": None}
BESIDE: dict[tuple[str, str], dict[str, Any]] = {
    ("learncycles", "trigger_reason_id"): _ON_REASON,
    ("learncycle_conditions", "course_id"): {"kind": ConditionKind.COURSE, "status": None},
    ("learncycle_conditions", "series_id"): {"kind": ConditionKind.SERIES, "status": None},
    ("learncycle_conditions", "certification_id"): {"kind": ConditionKind.CERTIFICATION, "status": None},
    ("learncycle_conditions", "group_id"): {"kind": ConditionKind.GROUP, "status": None},
    ("learncycle_runs", "cause_id"): _BY_CHANGE,
    ("learncycles", "status"): {"switched_on_at": None},
    ("learncycle_conditions", "kind"): {"status": None},
    ("learncycle_actions", "deactivation_reason"): {"kind": LearncycleActionKind.DEACTIVATE_LEARNER},
    ("learncycle_actions", "course_status"): {"kind": LearncycleActionKind.SET_COURSE_STATUS},
    ("tasks", "status"): {"ended_at": START},
}
"""What else a row holds, so that nothing but the reference or the value is wrong."""
CONTRADICTIONS: dict[str, tuple[Table, dict[str, Any], str]] = {
    "a learncycle on since never": (learncycles, {"switched_on_at": None}, "switched_on_at_when_on"),
    "a learncycle that is off since": (learncycles, {"status": LearncycleStatus.OFF}, "switched_on_at_when_on"),
    "a learncycle that waits for a change and a day": (learncycles, {"offset_days": 3}, "trigger_whole"),
    "a learncycle that waits for nothing": (learncycles, {"trigger_value": None}, "trigger_whole"),
    "a learncycle on reasons that names none": (
        learncycles,
        {"trigger_kind": TriggerKind.COURSE_ENROLMENT_REASON},
        "reason_when_triggering",
    ),
    "a condition on a status that names none": (learncycle_conditions, {"status": None}, "status_when_asked"),
    **{
        f"a condition on a status that names a {column}": (
            learncycle_conditions,
            {column: UUID(int=1)},
            f"{column}_when_asked",
        )
        for column in ("course_id", "series_id", "certification_id", "group_id")
    },
    "a webhook with a reason to set learners inactive": (
        learncycle_actions,
        {"deactivation_reason": DeactivationReason.OTHER},
        "deactivation_reason_when_asked",
    ),
    "a webhook that sets app access": (learncycle_actions, {"has_app_access": True}, "app_access_when_asked"),
    "a webhook that sets a status": (
        learncycle_actions,
        {"course_status": CourseEnrolmentStatus.CURRENT},
        "course_status_when_asked",
    ),
    "a webhook with a title": (learncycle_actions, {"title": "Call"}, "title_when_asked"),
    "a task without a title": (learncycle_actions, {"kind": LearncycleActionKind.CREATE_TASK}, "title_when_asked"),
    "a run of no cause on no day": (learncycle_runs, _BY_CHANGE, "cause_or_date"),
    "a run on half a day": (learncycle_runs, {"day_until": None}, "day_whole"),
    "a second run for a day": (learncycle_runs, {"position": 0}, "(?i)unique"),
    "an open task that has ended": (tasks, {"ended_at": START}, "ended_at_when_ended"),
    "a task done at no instant": (tasks, {"status": TaskStatus.DONE}, "ended_at_when_ended"),
    "a notification read at no instant": (notifications, {"status": NotificationStatus.READ}, "read_at_when_read"),
    "an unread notification that was read": (notifications, {"read_at": START}, "read_at_when_read"),
    "a message delivered at no instant": (
        webhook_deliveries,
        {"status": WebhookDeliveryStatus.DELIVERED},
        "delivered_at_when_delivered",
    ),
    "a dead message that was delivered": (webhook_deliveries, {"delivered_at": START}, "delivered_at_when_delivered"),
    "a message delivered twice to an endpoint": (webhook_deliveries, {}, "(?i)unique"),
}
COPIES = {"a message delivered twice to an endpoint"}
"""Those that are made of the row laid out, and not of one that could stand beside it."""
UNKNOWN_VALUES = [
    (learncycles, "status"),
    (learncycles, "trigger_kind"),
    (learncycle_conditions, "kind"),
    (learncycle_actions, "kind"),
    (learncycle_actions, "deactivation_reason"),
    (learncycle_actions, "course_status"),
    (learncycle_runs, "outcome"),
    (tasks, "status"),
    (tasks, "stage"),
    (notifications, "status"),
    (outbox_messages, "kind"),
    (webhook_endpoints, "status"),
    (webhook_deliveries, "status"),
]
VOCABULARIES = [
    (learncycle_runs, "action"),
    (learncycle_runs, "subject_kind"),
    (tasks, "subject_kind"),
    (webhook_deliveries, "event_kind"),
]
"""Closed sets that grow with what the portal can do; the database lets them."""
