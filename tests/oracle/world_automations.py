"""Learncycles with runs, tasks, notifications and webhooks, of whoever asks and of others, at every status."""

from itertools import cycle
from random import Random
from typing import Any

import orjson

from portal_api.domain.automations.learncycles import LearncycleStatus, RunOutcome
from portal_api.domain.automations.rules import ConditionKind
from portal_api.domain.automations.tasks import TaskStatus
from portal_api.domain.automations.triggers import TriggerKind
from portal_api.domain.automations.webhooks import WebhookDeliveryStatus
from portal_api.domain.courses.stages import LifecycleStage
from portal_api.domain.refusals import ErrorCode, LearnerInactive, reason_data
from portal_api.models import course_offers, courses, groups, series_enrolments, status_reasons
from tests.factories import DAY, Organisation, Record
from tests.factories.automations import ACCESS_OFF, INACTIVE, NOTE, TASK, WEBHOOK

NAMES = ("Ångström", "angstrom 100%", "Zebra", "Élan")


def lay_out_automations(
    organisation: Organisation, everybody: list[Record], users: list[Record], random: Random
) -> None:
    """Rules of several kinds, what they did, and what came of it."""
    rules = _learncycles(organisation, random)
    enrolments = [organisation.record(row["id"]) for row in organisation.rows[series_enrolments]]
    refusal = orjson.dumps([reason_data(LearnerInactive(ErrorCode.LEARNER_INACTIVE, "Inactive."))]).decode()
    now = organisation.clock()
    for number, subject in enumerate(random.sample(enrolments, 12)):
        is_skipped = number % 3 == 0
        organisation.learncycle_run(
            random.choice(rules),
            subject,
            outcome=RunOutcome.SKIPPED if is_skipped else RunOutcome.FIRED,
            reasons=refusal if is_skipped else "[]",
            on_date=organisation.day(-number),
            at=now - random.choice([1, 2, 2]) * DAY,
        )
    for learner, status in zip(everybody, cycle(TaskStatus), strict=False):
        organisation.task(
            learner,
            status=status,
            title=random.choice(NAMES),
            note=random.choice([None, "Soon"]),
            stage=random.choice([None, *LifecycleStage]),
            due_on=random.choice([None, organisation.day(-1), organisation.day(3)]),
            assignee_id=random.choice([None, *(user.id for user in users)]),
            learncycle_id=random.choice([None, *(rule.id for rule in rules)]),
            created_at=now - random.choice([1, 2, 2]) * DAY,
        )
        for _ in range(random.randint(0, 2)):
            organisation.notification(learner, is_read=random.random() < 0.5, title=random.choice(NAMES))
    _webhooks(organisation, random)


def _learncycles(organisation: Organisation, random: Random) -> list[Record]:
    offers = [organisation.record(row["id"]) for row in organisation.rows[course_offers]]
    [reason, *_], [course, *_], [group, *_] = (organisation.rows[table] for table in (status_reasons, courses, groups))
    ways: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
        # Off, since enrolments are withdrawn over the API once the world is laid out.
        ((TriggerKind.SERIES_ENROLMENT_STATUS, "WITHDRAWN", INACTIVE), {"status": LearncycleStatus.OFF}),
        (
            (TriggerKind.COURSE_ENROLMENT_REASON, None, TASK, NOTE, INACTIVE),
            {
                "trigger_reason_id": reason["id"],
                "offers": tuple(offers[:2]),
                "conditions": (
                    (ConditionKind.COURSE, {"course_id": course["id"]}),
                    (ConditionKind.GROUP, {"group_id": group["id"]}),
                    (ConditionKind.STATUS, {"status": "WITHDRAWN"}),
                ),
            },
        ),
        ((TriggerKind.UNIT_OUTCOME, "40", ACCESS_OFF, WEBHOOK), {"status": LearncycleStatus.OFF}),
        ((TriggerKind.COURSE_ENROLMENT_RETURNS, None, TASK), {"offset_days": -7}),
        ((TriggerKind.CERTIFICATION_STATUS, "EXPIRED", NOTE), {"status": LearncycleStatus.RETIRED}),
    ]
    return [
        organisation.learncycle(
            *way, name=random.choice(NAMES), created_at=organisation.clock() - random.choice([9, 10, 10]) * DAY, **given
        )
        for way, given in ways
    ]


def _webhooks(organisation: Organisation, random: Random) -> None:
    now = organisation.clock()
    attempts = [
        {"at": now.isoformat(), "status_code": 500, "duration_ms": 12, "fault": None},
        {"at": now.isoformat(), "status_code": None, "duration_ms": 5_000, "fault": "timeout"},
    ]
    for number, name in enumerate(NAMES):
        endpoint = organisation.webhook_endpoint(
            *random.sample(list(TriggerKind), 2), name=name, is_active=number % 3 > 0
        )
        for status in WebhookDeliveryStatus:
            packed = orjson.dumps(attempts[: random.randint(0, 2)]).decode()
            at = now - random.choice([1, 2, 2]) * DAY
            organisation.webhook_delivery(endpoint, status=status, attempts=packed, created_at=at)
