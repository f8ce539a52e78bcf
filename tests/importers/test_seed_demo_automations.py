"""The demonstration has learncycles and all that comes of them, at every status, as if the clock had seen to them so far."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import RowMapping, Table
from standardwebhooks.webhooks import Webhook

from portal_api.app import create_app
from portal_api.auth import Claims, Tokens
from portal_api.courier import Courier
from portal_api.courier.sending import Sender
from portal_api.database import Database
from portal_api.domain.automations.learncycles import LearncycleStatus, RunOutcome
from portal_api.domain.automations.rules import ConditionKind, LearncycleActionKind
from portal_api.domain.automations.tasks import NotificationStatus, TaskStatus
from portal_api.domain.automations.triggers import TriggerKind
from portal_api.domain.automations.webhooks import PAUSES, OutboxKind, WebhookDeliveryStatus
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.library import LibraryStatus
from portal_api.domain.machine import FAR_FUTURE
from portal_api.domain.roles import Role
from portal_api.importers.days import Days
from portal_api.importers.demo import DEMO, FEWEST_LEARNERS, TWIN, seed_demo
from portal_api.models import (
    course_enrolments,
    history_entries,
    learncycle_actions,
    learncycle_conditions,
    learncycle_offers,
    learncycle_runs,
    learncycles,
    learners,
    notifications,
    outbox_messages,
    roles,
    series_enrolments,
    tasks,
    webhook_deliveries,
    webhook_endpoints,
)
from portal_api.queries.automations.deliveries import attempts_of
from portal_api.ticker import tick
from tests import invariants
from tests.client import http_client
from tests.clock import START, ManualClock, RepeatableIds
from tests.conftest import SIGNING_KEY, settings_for
from tests.importers.conftest import contents, rows

DAY = timedelta(days=1)
LEAP_DAY = datetime.fromisoformat("2028-02-29T12:00:00+00:00")
SUMMER_ENDS = datetime.fromisoformat("2026-04-05T03:30:00+00:00")
MOMENTS = pytest.mark.parametrize("now", [START, LEAP_DAY, SUMMER_ENDS], ids=["ordinary day", "leap day", "long day"])
COUNTS = pytest.mark.parametrize("count", [FEWEST_LEARNERS, 60])
WITH_STATUS = (learncycles, tasks, notifications, webhook_endpoints, webhook_deliveries)
_D = WebhookDeliveryStatus


async def staff_of(database: Database, ref: str = DEMO.ref) -> Mapping[Role, RowMapping]:
    return {row["role"]: row for row in await rows(database, roles, ref)}


async def codes_of(database: Database, ref: str) -> set[tuple[RunOutcome, str | None]]:
    """How runs came out, with the first of the reasons of those skipped."""
    return {
        (row["outcome"], reasons[0]["code"] if reasons else None)
        for row in await rows(database, learncycle_runs, ref)
        for reasons in (orjson.loads(row["reasons"]),)
    }


@COUNTS
@MOMENTS
async def test_every_status_is_there_and_many_kinds(seeded: Database) -> None:
    for ref in (DEMO.ref, TWIN.ref):
        assert {row["status"] for row in await rows(seeded, learncycles, ref)} == set(LearncycleStatus)
        assert {row["status"] for row in await rows(seeded, tasks, ref)} == set(TaskStatus)
        assert {row["status"] for row in await rows(seeded, notifications, ref)} == set(NotificationStatus)
        assert {row["status"] for row in await rows(seeded, webhook_endpoints, ref)} == set(LibraryStatus)
        sent = {row["status"] for row in await rows(seeded, webhook_deliveries, ref)}
        assert sent == {_D.DELIVERED, _D.FAILED, _D.DEAD}
        assert await codes_of(seeded, ref) == {
            (RunOutcome.FIRED, None),
            (RunOutcome.SKIPPED, "learner_inactive"),
            (RunOutcome.SKIPPED, "condition_not_met"),
        }
    asked = {row["kind"] for row in await rows(seeded, learncycle_conditions)}
    assert asked == {ConditionKind.STATUS, ConditionKind.COURSE, ConditionKind.GROUP}
    assert {row["kind"] for row in await rows(seeded, learncycle_actions)} == set(LearncycleActionKind)
    assert await rows(seeded, learncycle_offers)


@COUNTS
@MOMENTS
async def test_what_always_holds_holds(seeded: Database) -> None:
    for ref in (DEMO.ref, TWIN.ref):
        await invariants.check(seeded, (await rows(seeded, learncycles, ref))[0]["organisation_id"])
        told: defaultdict[UUID, list[int]] = defaultdict(list)
        for row in await rows(seeded, history_entries, ref):
            told[row["subject_id"]].append(row["version"])
        for table in WITH_STATUS:
            for row in await rows(seeded, table, ref):
                assert sorted(told[row["id"]]) == list(range(1, row["version"] + 1)), table.name


@COUNTS
@pytest.mark.parametrize("now", [START])
async def test_the_rule_of_the_article_is_on_for_an_offer(seeded: Database) -> None:
    [rule] = [row for row in await rows(seeded, learncycles) if row["trigger_reason_id"]]

    assert rule["status"] is LearncycleStatus.ON
    of_rule = [row for row in await rows(seeded, learncycle_actions) if row["learncycle_id"] == rule["id"]]
    assert [row["kind"] for row in of_rule] == [LearncycleActionKind.DEACTIVATE_LEARNER]
    offers = {
        row["course_offer_id"] for row in await rows(seeded, learncycle_offers) if row["learncycle_id"] == rule["id"]
    }
    in_offer = {row["id"] for row in await rows(seeded, course_enrolments) if row["course_offer_id"] in offers}
    reason = f"srn_{rule['trigger_reason_id'].hex}"
    given = [
        row["recorded_at"] >= rule["switched_on_at"]
        for row in await rows(seeded, history_entries)
        if row["subject_id"] in in_offer and row["reason"] == reason
    ]
    assert set(given) == {False}, "it was given before the rule was on, and nobody has been set inactive"


@COUNTS
@MOMENTS
async def test_time_finds_nothing_to_make_up(
    own_seeded: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def send(*_: Any) -> None:
        raise AssertionError("something was sent")

    monkeypatch.setattr(Sender, "send", send)
    before, new_id = await contents(own_seeded), RepeatableIds("ticks")
    came_of_rules = [table.name for table in (*WITH_STATUS, learncycle_runs, outbox_messages)]
    assert all(before[name] for name in came_of_rules)

    assert await tick(own_seeded, ManualClock(now), new_id) is not None
    assert await Courier(own_seeded, ManualClock(now), new_id).run_once() == 0

    after = await contents(own_seeded)
    for name in came_of_rules:
        assert after[name] == before[name], name


@COUNTS
@MOMENTS
async def test_tomorrow_is_the_first_day_that_is_not_answered_for(own_seeded: Database, now: datetime) -> None:
    """What the clock does by itself is held against what the demonstration says that it did."""
    offsets = {row["id"]: row["offset_days"] for row in await rows(own_seeded, learncycles)}
    known = {row["id"] for row in await rows(own_seeded, learncycle_runs)}
    today = Days.around(now, DEMO.time_zone).today

    for later in range(1, 8):
        await tick(own_seeded, ManualClock(now + later * DAY), RepeatableIds(f"day {later}"))
    made = [row for row in await rows(own_seeded, learncycle_runs) if row["id"] not in known and row["on_date"]]

    days = {(row["on_date"] + offsets[row["learncycle_id"]] * DAY - today).days for row in made}
    assert days
    assert days <= set(range(1, 8))


@COUNTS
@MOMENTS
async def test_each_withdrawal_since_has_led_to_a_run(seeded: Database) -> None:
    [rule] = [row for row in await rows(seeded, learncycles) if row["trigger_value"] == "WITHDRAWN"]
    told = await rows(seeded, history_entries)

    withdrawn = [
        row["id"]
        for row in told
        if (row["subject_kind"], row["to_status"]) == (SubjectKind.SERIES_ENROLMENT, "WITHDRAWN")
        and row["occurred_at"] >= rule["switched_on_at"]
    ]
    runs = [row for row in await rows(seeded, learncycle_runs) if row["learncycle_id"] == rule["id"]]

    assert sorted(row["cause_id"] for row in runs) == sorted(withdrawn)
    assert len({row["subject_id"] for row in runs}) == len(runs)
    assert {row["subject_id"] for row in runs} <= {row["id"] for row in await rows(seeded, series_enrolments)}


@COUNTS
@MOMENTS
async def test_each_message_has_come_to_what_it_says(seeded: Database, now: datetime) -> None:
    fired = [row for row in await rows(seeded, learncycle_runs) if row["outcome"] is RunOutcome.FIRED]
    messages = {row["id"]: row for row in await rows(seeded, outbox_messages)}

    assert len(messages) == len(fired)
    assert all(row["created_at"] == row["delivered_at"] <= now for row in messages.values())
    assert {row["due_at"] for row in messages.values()} == {FAR_FUTURE}
    made = {row["id"] for row in await rows(seeded, tasks) if row["learncycle_id"]}
    assert made == {id_ for id_, row in messages.items() if row["kind"] is OutboxKind.TASK}
    told = {row["id"] for row in await rows(seeded, notifications)}
    assert told == {id_ for id_, row in messages.items() if row["kind"] is OutboxKind.NOTIFICATION}
    sent = {row["message_id"] for row in await rows(seeded, webhook_deliveries)}
    assert sent == {id_ for id_, row in messages.items() if row["kind"] is OutboxKind.WEBHOOK}


@pytest.mark.parametrize("count", [FEWEST_LEARNERS, 60, 400])
@MOMENTS
async def test_tasks_are_for_every_role_that_has_any(seeded: Database, now: datetime) -> None:
    staff, made = await staff_of(seeded), await rows(seeded, tasks)
    today = Days.around(now, DEMO.time_zone).today

    of = {
        role: {row["status"] for row in made if row["assignee_id"] == held["user_id"]} for role, held in staff.items()
    }
    assert all(TaskStatus.OPEN in statuses for role, statuses in of.items() if role is not Role.INTEGRATION)
    assert of[Role.INTEGRATION] == set()
    assert of[Role.MANAGER] == set(TaskStatus)
    assert of[Role.LEARNER] == {TaskStatus.OPEN, TaskStatus.DONE}
    late = [row["due_on"] < today for row in made if row["due_on"] and row["status"] is TaskStatus.OPEN]
    assert set(late) == {False, True}
    assert {row["learncycle_id"] is None for row in made} == {False, True}
    inactive = {row["id"]: row["deactivated_at"] for row in await rows(seeded, learners)}
    for row in made:
        ends = inactive[row["learner_id"]] or now
        assert row["created_at"] < (row["ended_at"] or ends) <= ends


@COUNTS
@MOMENTS
async def test_the_learner_who_is_a_user_has_read_some_and_not_all(seeded: Database) -> None:
    staff, told = await staff_of(seeded), await rows(seeded, notifications)
    linked = {row["learner_id"]: row["user_id"] for row in staff.values() if row["learner_id"]}
    own = {row["status"] for row in told if row["learner_id"] == staff[Role.LEARNER]["learner_id"]}
    entries = await rows(seeded, history_entries)
    readers = {
        row["subject_id"]: row["actor_id"] for row in entries if row["action"] == HistoryAction.NOTIFICATION_READ
    }

    assert own == set(NotificationStatus)
    read = {row["id"]: linked.get(row["learner_id"]) for row in told if row["status"] is NotificationStatus.READ}
    assert read == readers, "nobody reads what others were told"


@pytest.mark.parametrize("hour", [0, 12, 13, 23])
@pytest.mark.parametrize("count", [FEWEST_LEARNERS])
@MOMENTS
async def test_webhooks_fared_as_the_courier_would_have_had_them_fare(
    own_database: Database, count: int, now: datetime, hour: int
) -> None:
    now = Days.around(now, DEMO.time_zone).at(0, hour) + (timedelta(minutes=59) if hour in (12, 23) else timedelta())
    await seed_demo(own_database, learners=count, now=now)

    for ref in (DEMO.ref, TWIN.ref):
        endpoints = {row["id"]: row for row in await rows(own_database, webhook_endpoints, ref)}
        asked = {
            row["subject_id"]: row["occurred_at"]
            for row in await rows(own_database, history_entries, ref)
            if row["action"] == HistoryAction.WEBHOOK_DELIVERY_RETRIED
        }
        sent = await rows(own_database, webhook_deliveries, ref)
        for row in sent:
            _fared(row, asked.get(row["id"]), now)
        assert {row["status"] for row in sent if row["id"] in asked} == {_D.FAILED}
        assert {endpoints[row["webhook_endpoint_id"]]["status"] for row in sent} == set(LibraryStatus)


def _fared(row: RowMapping, asked_at: datetime | None, now: datetime) -> None:
    """Holds the attempts of a delivery against the pauses between them, and against the present."""
    begun, attempts = [row["created_at"], *([asked_at] if asked_at else [])], attempts_of(row["attempts"])
    due = [start + sum(PAUSES[:number], timedelta()) for start in begun for number in range(len(PAUSES) + 1)]
    made = [datetime.fromisoformat(each.at) for each in attempts]

    assert made == due[: len(made)]
    assert made == sorted(made)
    assert made[-1] <= now
    assert [each.fault is None for each in attempts] == [*[False] * (len(made) - 1), row["status"] is _D.DELIVERED]
    assert all((each.status_code == 204) is (each.fault is None) for each in attempts)
    assert row["due_at"] == (due[len(made)] if row["status"] is _D.FAILED else FAR_FUTURE)
    assert row["due_at"] > now
    assert row["tries"] == len(made) - (len(PAUSES) + 1 if asked_at else 0)
    assert (row["delivered_at"] == made[-1]) is (row["status"] is _D.DELIVERED)


@COUNTS
@pytest.mark.parametrize("now", [START])
async def test_endpoints_are_reserved_names_with_secrets_that_sign(seeded: Database) -> None:
    secrets: set[str] = set()
    for demo in (DEMO, TWIN):
        for row in await rows(seeded, webhook_endpoints, demo.ref):
            assert row["url"].startswith(f"https://hooks.{demo.domain}/")
            assert tuple(row["event_kinds"]) == (TriggerKind.SERIES_ENROLMENT_STATUS,)
            assert Webhook(row["secret"]).sign("msg", START, "{}")
            secrets.add(row["secret"])

    assert len(secrets) == 4


LISTS: Mapping[str, tuple[str, Table]] = {
    "learncycles": ("name status trigger { kind } actions { action available }", learncycles),
    "learncycleRuns": ("action outcome reasons { code } learncycle { name } learner { id }", learncycle_runs),
    "tasks": ("title status assignee { name } learner { id }", tasks),
    "notifications": ("title status learner { id }", notifications),
    "webhookEndpoints": ("name url status", webhook_endpoints),
    "webhookDeliveries": ("status attempts { at statusCode } endpoint { name } dueAt", webhook_deliveries),
}


@COUNTS
@pytest.mark.parametrize("now", [START])
async def test_an_owner_lists_it_all(seeded: Database, now: datetime) -> None:
    owner = (await staff_of(seeded))[Role.OWNER]
    token = Tokens(SIGNING_KEY).sign(Claims(owner["organisation_id"], owner["user_id"]), now=now, ttl=DAY)
    settings = settings_for(seeded.engine.url.render_as_string(hide_password=False))
    app = create_app(settings, database=seeded, clock=ManualClock(now), new_id=RepeatableIds("lists"))
    asked = " ".join(f"{name}(first: 1000) {{ nodes {{ id {shown} }} }}" for name, (shown, _) in LISTS.items())

    async with http_client(app) as http:
        headers = {"authorization": f"Bearer {token}"}
        answer = (await http.post("/graphql", json={"query": f"{{ {asked} }}"}, headers=headers)).json()

    assert "errors" not in answer, answer["errors"]
    for name, (_, table) in LISTS.items():
        shown = {node["id"].partition("_")[2] for node in answer["data"][name]["nodes"]}
        assert shown == {row["id"].hex for row in await rows(seeded, table)}, name
