"""The learncycles of the scene and what they did, tasks, notifications and webhooks."""

from typing import Any
from uuid import UUID

from portal_api.domain.automations.learncycles import LearncycleStatus
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.roles import Role
from portal_api.ids import global_id
from portal_api.queries import history as history_queries
from tests.api.walls.certifying import entry_of
from tests.client import Json
from tests.factories import Organisation, Record

CHANGES = (
    ("retireLearncycles", "learncycle gone", {}),
    ("retireWebhookEndpoints", "endpoint gone", {}),
    ("retryWebhookDeliveries", "delivery gone", {}),
    ("dropTasks", "task report", {}),
    ("dropTasks", "task given", {}),
    ("dropTasks", "task stranger", {}),
)
"""What is done to them: the mutation, what it is done to, and what it is given."""
PEOPLE = (Role.MANAGER, Role.TRAINER, Role.LEARNER)


def inputs_of_learncycles(records: dict[str, Record]) -> dict[str, Json]:
    """What is given where a learncycle names records: each is one that the scene has a name for."""
    rule = {
        "trigger": {"kind": "COURSE_ENROLMENT_REASON", "reasonId": records["reason kept"].gid},
        "offerIds": [records["offer taught"].gid],
        "then": [{"kind": "CREATE_TASK", "title": "Call them"}],
    }
    return {
        "createLearncycle": {"name": "Left", "rule": rule},
        "updateLearncycle": {"id": records["learncycle off"].gid, "name": "Left", "rule": rule},
    }


def lay_out_automations(made: Organisation, people: dict[str, Record], records: dict[str, Record]) -> dict[str, Record]:
    """Rules that are off, so that nothing follows; tasks of nobody, and one of each who may have some.

    Args:
        made: the organisation.
        people: the learners of the scene, by what they are called.
        records: the records that there are by now.
    """
    off, gone = (made.learncycle(status=LearncycleStatus.OFF) for _ in range(2))
    endpoint, retired = made.webhook_endpoint(), made.webhook_endpoint()
    given = {"learncycle_id": off.id}
    about_module = {"subject_kind": SubjectKind.UNIT_ENROLMENT, "subject_id": records["module report"].id}
    laid_out = {
        "learncycle off": off,
        "learncycle gone": gone,
        "run report": made.learncycle_run(off, records["attendance report"]),
        "run stranger": made.learncycle_run(gone, records["module stranger"]),
        "task report": made.task(people["report"], **given, **about_module),
        "task stranger": made.task(people["stranger"]),
        "notification report": made.notification(people["report"]),
        "notification manager": made.notification(people["manager"]),
        "notification stranger": made.notification(people["stranger"]),
        "endpoint kept": endpoint,
        "endpoint gone": retired,
        "delivery kept": made.webhook_delivery(endpoint),
        "delivery gone": made.webhook_delivery(endpoint),
    }
    for role in PEOPLE:  # of a stranger, so that the task alone is theirs
        subject = records["attendance stranger"]
        about: dict[str, Any] = {"subject_kind": SubjectKind.COURSE_ENROLMENT, "subject_id": subject.id}
        laid_out[f"task {role.name}"] = made.task(people["stranger"], assignee_id=made.staff[role].id, **about)
    laid_out["task given"] = made.task(people["report"], assignee_id=made.staff[Role.MANAGER].id)
    return laid_out


def inputs_of_automations(records: dict[str, Record]) -> dict[str, Json]:
    """What is given where rows name records: ones that the scene has a name for."""
    return {"createTasks": {"tasks": [{"subjectId": records["attendance report"].gid, "title": "Call them"}]}}


def only_theirs(twin: Organisation, learner: Record, enrolment: Record) -> dict[str, Record]:
    """What the twin alone has."""
    rule = twin.learncycle(status=LearncycleStatus.OFF, name="THEIR-LEARNCYCLE")
    endpoint = twin.webhook_endpoint(name="THEIR-ENDPOINT")
    return {
        "learncycle theirs": rule,
        "run theirs": twin.learncycle_run(rule, enrolment),
        "task theirs": twin.task(learner, title="THEIR-TASK"),
        "notification theirs": twin.notification(learner),
        "endpoint theirs": endpoint,
        "delivery theirs": twin.webhook_delivery(endpoint),
    }


async def tell_of_notifications(organisation: Organisation, keys: dict[str, UUID]) -> dict[str, str]:
    """Writes an entry about some of the notifications, as an Admin's doing; says what each is called."""
    now, kind, action = organisation.clock(), SubjectKind.NOTIFICATION, HistoryAction.NOTIFICATION_SENT
    entries = {
        label: entry_of(organisation, now, kind, keys[label], action, keys["learner report"], "UNREAD")._replace(
            learner_id=None
        )
        for label in ("notification report", "notification stranger")
    }
    async with organisation.database.engine.begin() as connection:
        await history_queries.record(connection, list(entries.values()))
    return {f"entry {label}": global_id("his", entry.id) for label, entry in entries.items()}
