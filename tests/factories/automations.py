"""Learncycles, tasks, notifications and webhooks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from portal_api.domain.automations.learncycles import LearncycleStatus, RunOutcome
from portal_api.domain.automations.rules import ConditionKind, LearncycleActionKind
from portal_api.domain.automations.tasks import NotificationStatus, TaskStatus
from portal_api.domain.automations.triggers import TriggerKind
from portal_api.domain.automations.webhooks import OutboxKind, WebhookDeliveryStatus
from portal_api.domain.history import SubjectKind
from portal_api.domain.learners import DeactivationReason
from portal_api.domain.library import LibraryStatus
from portal_api.domain.machine import FAR_FUTURE
from portal_api.models import (
    course_enrolments,
    learncycle_actions,
    learncycle_conditions,
    learncycle_offers,
    learncycle_runs,
    learncycles,
    learner_certifications,
    notifications,
    outbox_messages,
    series_enrolments,
    tasks,
    unit_enrolments,
    webhook_deliveries,
    webhook_endpoints,
)
from portal_api.queries.folding import fold
from tests.factories.layout import Layout
from tests.factories.records import Record
from tests.factories.tables import DAY

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
_KINDS = {
    series_enrolments: SubjectKind.SERIES_ENROLMENT,
    learner_certifications: SubjectKind.LEARNER_CERTIFICATION,
    course_enrolments: SubjectKind.COURSE_ENROLMENT,
    unit_enrolments: SubjectKind.UNIT_ENROLMENT,
}
Does = tuple[LearncycleActionKind, Mapping[str, Any]]
INACTIVE: Does = (
    LearncycleActionKind.DEACTIVATE_LEARNER,
    {"deactivation_reason": DeactivationReason.ENROLMENTS_ENDED},
)
ACCESS_OFF: Does = (LearncycleActionKind.SET_APP_ACCESS, {"has_app_access": False})
TASK: Does = (LearncycleActionKind.CREATE_TASK, {"title": "Call them"})
NOTE: Does = (LearncycleActionKind.NOTIFY, {"title": "Well done", "body": "You are through."})
WEBHOOK: Does = (LearncycleActionKind.CALL_WEBHOOK, {})


class Automations(Layout):
    """Lays out learncycles and what they lead to."""

    def learncycle(
        self,
        trigger: TriggerKind = TriggerKind.SERIES_ENROLMENT_STATUS,
        value: str | None = "WITHDRAWN",
        *does: Does,
        status: LearncycleStatus = LearncycleStatus.ON,
        on_since: datetime | None = None,
        conditions: tuple[tuple[ConditionKind, Mapping[str, Any]], ...] = (),
        offers: tuple[Record, ...] = (),
        **columns: Any,
    ) -> Record:
        """A learncycle; without more it sets learners inactive whose series enrolment is withdrawn."""
        number = self._number()
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(self.clock()),
            "name": f"Learncycle {number:04}",
            "status": status,
            "trigger_kind": trigger,
            "trigger_value": value,
            "switched_on_at": (on_since or self.clock() - DAY) if status is LearncycleStatus.ON else None,
            "created_at": self.clock() - 10 * DAY,
            "version": 1,
            **columns,
        }
        row["name_key"] = fold(row["name"])
        made = self._add(learncycles, row)
        key = {"organisation_id": self.id, "learncycle_id": made.id}
        for place, (kind, given) in enumerate(does or (INACTIVE,)):
            self._add(learncycle_actions, {**key, "position": place, "kind": kind, **given})
        for offer in offers:
            self._add(learncycle_offers, {**key, "course_offer_id": offer.id})
        for place, (asked, what) in enumerate(conditions):
            self._add(learncycle_conditions, {**key, "position": place, "kind": asked, **what})
        return made

    def learncycle_run(self, rule: Record, subject: Record, **columns: Any) -> Record:
        """What a learncycle did on a day of a record of a learner: it set the learner inactive."""
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(self.clock()),
            "learncycle_id": rule.id,
            "cause_id": None,
            "subject_kind": _KINDS[subject.table],
            "subject_id": subject.id,
            "learner_id": subject["learner_id"],
            "action": LearncycleActionKind.DEACTIVATE_LEARNER,
            "position": 0,
            "outcome": RunOutcome.FIRED,
            "reasons": "[]",
            "on_date": self.clock().date(),
            "day_from": self.clock() - DAY,
            "day_until": self.clock(),
            "at": self.clock() - DAY,
            **columns,
        }
        return self._add(learncycle_runs, row)

    def task(self, learner: Record, *, status: TaskStatus = TaskStatus.OPEN, **columns: Any) -> Record:
        """A task about a learner."""
        number = self._number()
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(self.clock()),
            "subject_kind": SubjectKind.LEARNER,
            "subject_id": learner.id,
            "learner_id": learner.id,
            "title": f"Task {number:04}",
            "status": status,
            "created_at": self.clock() - DAY,
            "ended_at": None if status is TaskStatus.OPEN else self.clock(),
            "version": 1,
            **columns,
        }
        row["title_key"] = fold(row["title"])
        return self._add(tasks, row)

    def notification(self, learner: Record, *, is_read: bool = False, **columns: Any) -> Record:
        """Something that a learner was told."""
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(self.clock()),
            "learner_id": learner.id,
            "title": f"Notification {self._number():04}",
            "body": "Look into it.",
            "status": NotificationStatus.READ if is_read else NotificationStatus.UNREAD,
            "sent_at": self.clock() - DAY,
            "read_at": self.clock() if is_read else None,
            "version": 1,
            **columns,
        }
        return self._add(notifications, row)

    def webhook_endpoint(self, *events: TriggerKind, is_active: bool = True, **columns: Any) -> Record:
        """A webhook endpoint; without more it is sent what withdrawals in series lead to."""
        number = self._number()
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(self.clock()),
            "name": f"Endpoint {number:04}",
            "url": f"https://hooks.example.org/{number}",
            "secret": SECRET,
            "event_kinds": tuple(events or (TriggerKind.SERIES_ENROLMENT_STATUS,)),
            "status": LibraryStatus.ACTIVE if is_active else LibraryStatus.RETIRED,
            "created_at": self.clock() - DAY,
            "version": 1,
            **columns,
        }
        row["name_key"] = fold(row["name"])
        return self._add(webhook_endpoints, row)

    def webhook_delivery(
        self,
        endpoint: Record | None = None,
        *,
        status: WebhookDeliveryStatus = WebhookDeliveryStatus.DEAD,
        **columns: Any,
    ) -> Record:
        """A delivery to an endpoint; without more one that was given up."""
        now = self.clock()
        told = {
            "learncycle": self.new_id(now).hex,
            "cause": None,
            "learner": self.new_id(now).hex,
            "subject_kind": "series_enrolment",
            "subject": self.new_id(now).hex,
            "value": "WITHDRAWN",
            "at": now.isoformat(),
        }
        message = {
            "organisation_id": self.id,
            "id": self.new_id(now),
            "kind": OutboxKind.WEBHOOK,
            "payload": orjson.dumps(told).decode(),
            "created_at": now - DAY,
            "delivered_at": now - DAY,
            "attempts": 1,
            "due_at": FAR_FUTURE,
        }
        self._add(outbox_messages, message)
        is_waiting = status in (WebhookDeliveryStatus.PENDING, WebhookDeliveryStatus.FAILED)
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(now),
            "webhook_endpoint_id": (endpoint or self.webhook_endpoint()).id,
            "message_id": message["id"],
            "event_kind": TriggerKind.SERIES_ENROLMENT_STATUS,
            "status": status,
            "attempts": "[]",
            "tries": 0,
            "created_at": now - DAY,
            "delivered_at": now if status is WebhookDeliveryStatus.DELIVERED else None,
            "due_at": now + DAY if is_waiting else FAR_FUTURE,
            "version": 1,
            **columns,
        }
        return self._add(webhook_deliveries, row)
