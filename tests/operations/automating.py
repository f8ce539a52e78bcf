"""The learncycles of the scene, what they led to, and who sees that."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from portal_api.domain.automations.learncycles import LearncycleStatus
from portal_api.domain.automations.triggers import TriggerKind
from portal_api.domain.roles import ADMINISTRATORS, Role
from portal_api.ids import global_id
from portal_api.models import (
    learncycle_runs,
    learncycles,
    notifications,
    tasks,
    webhook_deliveries,
    webhook_endpoints,
)
from tests.factories import Organisation, Record
from tests.factories.automations import TASK


@dataclass(frozen=True)
class Automated:
    """A learncycle of each status, and something of all that learncycles lead to."""

    on: Record
    """Has run; nothing in the scene makes it fire."""
    off: Record
    retired: Record
    task: Record
    """About the Learner, and whoever is served here has one of their own."""
    notification: Record
    """The Learner's."""
    endpoint: Record
    retired_endpoint: Record
    delivery: Record
    """One that was given up."""


def lay_out_automated(made: Organisation, learner: Record) -> Automated:
    """Lays them out."""
    on = made.learncycle(TriggerKind.CERTIFICATION_STATUS, "EXPIRED", TASK)
    made.learncycle_run(on, made.course_enrolment(made.learner()))
    for role in (Role.MANAGER, Role.TRAINER, Role.LEARNER):
        made.task(learner, assignee_id=made.staff[role].id)
    endpoint = made.webhook_endpoint()
    return Automated(
        on=on,
        off=made.learncycle(status=LearncycleStatus.OFF),
        retired=made.learncycle(status=LearncycleStatus.RETIRED),
        task=made.task(learner),
        notification=made.notification(learner),
        endpoint=endpoint,
        retired_endpoint=made.webhook_endpoint(is_active=False),
        delivery=made.webhook_delivery(endpoint),
    )


def automated_seen(made: Organisation, role: Role, own: set[UUID]) -> Iterator[str]:
    """The identifiers of all learncycles, and of all that they led to, that a role sees."""
    is_admin = role in ADMINISTRATORS
    for table, prefix in (
        (learncycles, "lcy"),
        (learncycle_runs, "lcr"),
        (webhook_endpoints, "whk"),
        (webhook_deliveries, "whd"),
    ):
        yield from (global_id(prefix, row["id"]) for row in made.rows[table] if is_admin)
    for row in made.rows[tasks]:
        if is_admin or row.get("assignee_id") == made.staff[role].id:
            yield global_id("tsk", row["id"])
    for row in made.rows[notifications]:
        if is_admin or row["learner_id"] in own:
            yield global_id("ntf", row["id"])
