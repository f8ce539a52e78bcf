"""Learncycles with their runs, tasks, notifications and webhooks, in plain Python."""

import json
from collections.abc import Sequence
from typing import Any

from portal_api import models
from portal_api.domain.automations.learncycles import LEARNCYCLES
from portal_api.domain.automations.rules import ConditionKind
from portal_api.domain.automations.tasks import NOTIFICATIONS, TASKS, NotificationFacts, TaskFacts
from portal_api.domain.automations.webhooks import WEBHOOK_DELIVERIES, WEBHOOK_ENDPOINTS
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.machine import RecordFacts
from portal_api.domain.refusals import ErrorCode
from tests.oracle.courses import FAR_DAY
from tests.oracle.engine import Asking, Noun, owned, searching
from tests.oracle.history import record_of
from tests.oracle.rows import Row, folded, wire

HISTORY = {"history": ("HistoryEntry", owned("subject_id"))}
_PREFIXES = {
    ConditionKind.COURSE: ("crs", "course_id"),
    ConditionKind.SERIES: ("ser", "series_id"),
    ConditionKind.CERTIFICATION: ("crt", "certification_id"),
    ConditionKind.GROUP: ("grp", "group_id"),
}


def _of(asking: Asking, part: str, row: Row) -> list[Row]:
    """The parts of a rule, in their order where they have one."""
    parts = [each for each in asking.rows[part] if each.learncycle_id == row.id]
    return sorted(parts, key=lambda each: getattr(each, "position", 0))


def _id(prefix: str, key: Any) -> str | None:
    return None if key is None else f"{prefix}_{key.hex}"


def _trigger(_: Asking, row: Row) -> dict[str, Any]:
    return {
        "kind": row.trigger_kind,
        "to": row.trigger_value,
        "reasonId": _id("srn", row.trigger_reason_id),
        "offsetDays": row.offset_days,
    }


def _conditions(asking: Asking, row: Row) -> Sequence[dict[str, Any]]:
    values: dict[ConditionKind, list[str]] = {}
    for each in _of(asking, "LearncycleCondition", row):
        prefix, column = _PREFIXES.get(each.kind, ("", "status"))
        value = getattr(each, column)
        values.setdefault(each.kind, []).append(_id(prefix, value) or "" if prefix else value)
    return [{"kind": kind, "values": sorted(each)} for kind, each in values.items()]


def _then(asking: Asking, row: Row) -> Sequence[dict[str, Any]]:
    return [
        {
            "kind": each.kind,
            "reason": each.deactivation_reason,
            "hasAppAccess": each.has_app_access,
            "status": each.course_status,
            "statusReasonId": _id("srn", each.status_reason_id),
            "title": each.title,
            "body": each.body,
            "dueInDays": each.due_in_days,
            "assigneeId": _id("usr", each.assignee_id),
        }
        for each in _of(asking, "LearncycleAction", row)
    ]


def _is_administrator(asking: Asking, _: Row) -> bool:
    return asking.is_administrator


def _learner(asking: Asking, row: Row) -> Row:
    return next(each for each in asking.rows["Learner"] if each.id == row.learner_id)


LEARNCYCLE = Noun(
    "Learncycle",
    "lcy",
    sees=_is_administrator,
    tables={
        "Learncycle": models.learncycles,
        "LearncycleOffer": models.learncycle_offers,
        "LearncycleCondition": models.learncycle_conditions,
        "LearncycleAction": models.learncycle_actions,
    },
    root="learncycle",
    root_list="learncycles",
    fields={
        "trigger": _trigger,
        "offerIds": lambda asking, row: sorted(
            f"off_{each.course_offer_id.hex}" for each in _of(asking, "LearncycleOffer", row)
        ),
        "conditions": _conditions,
        "then": _then,
        "actions": lambda asking, row: LEARNCYCLES.actions(asking.viewer.role, RecordFacts(row.status)),
    },
    lists={"runs": ("LearncycleRun", owned("learncycle_id")), **HISTORY},
    keys={"id": "lcy"},
    conditions={"search": searching(lambda _, row: [row.name])},
    orders={"NAME": lambda row: folded(row.name), "CREATED_AT": lambda row: wire(row.created_at)},
)


def _reasons(_: Asking, row: Row) -> Sequence[dict[str, Any]]:
    return [
        {
            "code": ErrorCode(each["code"]),
            "message": each["message"],
            "allowedStatuses": each.get("statuses", []),
            "requiredRoles": [],
        }
        for each in json.loads(row.reasons)
    ]


OF_RUNS = ("SeriesEnrolment", "LearnerCertification", "Certificate", "CourseEnrolment", "UnitEnrolment")

LEARNCYCLE_RUN = Noun(
    "LearncycleRun",
    "lcr",
    sees=_is_administrator,
    tables={"LearncycleRun": models.learncycle_runs},
    root_list="learncycleRuns",
    fields={
        "learncycle": lambda asking, row: asking.record("Learncycle", row.learncycle_id),
        "cause": lambda asking, row: asking.record("HistoryEntry", row.cause_id),
        "subject": lambda asking, row: record_of(asking, row.subject_kind, row.subject_id),
        "learner": lambda asking, row: asking.record("Learner", row.learner_id),
        "reasons": _reasons,
    },
    keys={"id": "lcr", "learncycleId": "lcy", "learnerId": "lrn"},
    orders={"AT": lambda row: wire(row.at)},
    usual_order=(("AT", True),),
    subjects=OF_RUNS,
)


def _task_actions(asking: Asking, row: Row) -> Any:
    is_active = _learner(asking, row).status is LearnerStatus.ACTIVE
    return TASKS.actions(asking.viewer.role, TaskFacts(row.status, is_active, row.assignee_id == asking.viewer.user_id))


TASK = Noun(
    "Task",
    "tsk",
    sees=lambda asking, row: asking.is_administrator or row.assignee_id == asking.viewer.user_id,
    tables={"Task": models.tasks},
    root="task",
    root_list="tasks",
    fields={
        "subject": lambda asking, row: record_of(asking, row.subject_kind, row.subject_id),
        "learner": lambda asking, row: asking.record("Learner", row.learner_id),
        "assignee": lambda asking, row: asking.record("User", row.assignee_id),
        "learncycle": lambda asking, row: asking.record("Learncycle", row.learncycle_id),
        "actions": _task_actions,
    },
    lists=HISTORY,
    keys={"id": "tsk", "learnerId": "lrn", "assigneeId": "usr"},
    subjects=("Learner", *OF_RUNS),
    compared={"learnerId": lambda _, row: row.learner_id, "assigneeId": lambda _, row: row.assignee_id},
    conditions={"search": searching(lambda _, row: [row.title])},
    orders={
        "DUE_ON": lambda row: wire(row.due_on) or FAR_DAY,
        "CREATED_AT": lambda row: wire(row.created_at),
        "TITLE": lambda row: folded(row.title),
    },
)


def _notification_actions(asking: Asking, row: Row) -> Any:
    learner = _learner(asking, row)
    facts = NotificationFacts(
        row.status,
        learner.status is LearnerStatus.ACTIVE,
        row.learner_id == asking.viewer.learner_id,
        learner.has_app_access,
    )
    return NOTIFICATIONS.actions(asking.viewer.role, facts)


NOTIFICATION = Noun(
    "Notification",
    "ntf",
    sees=lambda asking, row: asking.is_administrator or row.learner_id == asking.viewer.learner_id,
    tables={"Notification": models.notifications},
    root_list="notifications",
    fields={
        "learner": lambda asking, row: asking.record("Learner", row.learner_id),
        "actions": _notification_actions,
    },
    lists=HISTORY,
    keys={"id": "ntf", "learnerId": "lrn"},
    compared={"learnerId": lambda _, row: row.learner_id},
    orders={"SENT_AT": lambda row: wire(row.sent_at)},
    usual_order=(("SENT_AT", True),),
)

WEBHOOK_ENDPOINT = Noun(
    "WebhookEndpoint",
    "whk",
    sees=_is_administrator,
    tables={"WebhookEndpoint": models.webhook_endpoints},
    root="webhookEndpoint",
    root_list="webhookEndpoints",
    fields={
        "eventKinds": lambda _, row: [each.upper() for each in row.event_kinds],
        "actions": lambda asking, row: WEBHOOK_ENDPOINTS.actions(asking.viewer.role, RecordFacts(row.status)),
    },
    lists={"deliveries": ("WebhookDelivery", owned("webhook_endpoint_id")), **HISTORY},
    keys={"id": "whk"},
    conditions={"search": searching(lambda _, row: [row.name])},
    orders={"NAME": lambda row: folded(row.name), "CREATED_AT": lambda row: wire(row.created_at)},
)


def _attempts(_: Asking, row: Row) -> Sequence[dict[str, Any]]:
    return [
        {"at": each["at"], "statusCode": each["status_code"], "durationMs": each["duration_ms"], "fault": each["fault"]}
        for each in json.loads(row.attempts)
    ]


WEBHOOK_DELIVERY = Noun(
    "WebhookDelivery",
    "whd",
    sees=_is_administrator,
    tables={"WebhookDelivery": models.webhook_deliveries},
    root_list="webhookDeliveries",
    fields={
        "endpoint": lambda asking, row: asking.record("WebhookEndpoint", row.webhook_endpoint_id),
        "attempts": _attempts,
        "dueAt": lambda _, row: row.due_at if row.status in ("pending", "failed") else None,
        "actions": lambda asking, row: WEBHOOK_DELIVERIES.actions(asking.viewer.role, RecordFacts(row.status)),
    },
    lists=HISTORY,
    keys={"id": "whd", "endpointId": "whk"},
    compared={"endpointId": lambda _, row: row.webhook_endpoint_id},
    orders={"CREATED_AT": lambda row: wire(row.created_at)},
    usual_order=(("CREATED_AT", True),),
)


NOUNS = (LEARNCYCLE, LEARNCYCLE_RUN, TASK, NOTIFICATION, WEBHOOK_ENDPOINT, WEBHOOK_DELIVERY)
