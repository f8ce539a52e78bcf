"""The courier: what was committed is delivered, signed, at least once, never inside, and given up in the end."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from portal_api.clock import Clock, system_clock
from portal_api.courier import LEASE, Courier
from portal_api.courier.sending import Sender
from portal_api.database import Database
from portal_api.domain.automations.addresses import is_inside
from portal_api.domain.automations.triggers import TriggerKind
from portal_api.domain.automations.webhooks import PAUSES, WebhookDeliveryStatus
from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesEnrolmentStatus as Status
from portal_api.models import history_entries, notifications, outbox_messages, tasks, webhook_deliveries
from portal_api.queries.automations import outbox
from portal_api.services.automations import delivering
from portal_api.work import Work
from tests.api.cases import case_of
from tests.clock import START, ManualClock, RepeatableIds
from tests.conftest import SignIn
from tests.courier.receiving import listening
from tests.factories import Organisation, Record
from tests.factories.automations import NOTE, SECRET, TASK, WEBHOOK

WITHDRAWN = (TriggerKind.SERIES_ENROLMENT_STATUS, "WITHDRAWN")


def courier(database: Database, clock: Clock, new_id: RepeatableIds, *, allows_inside: bool = True) -> Courier:
    return Courier(database, clock, new_id, allows_inside=allows_inside)


async def withdraw(organisation: Organisation, sign_in: SignIn, **given: Any) -> Record:
    enrolment = organisation.enrolment(organisation.learner(), organisation.series(), Status.IN_PROGRESS)
    await case_of("withdrawSeriesEnrolments").payload(sign_in(Role.ADMIN), enrolment.gid, **given)
    return enrolment


async def only(organisation: Organisation, table: Any) -> dict[str, Any]:
    [row] = await organisation.stored(table)
    return row


async def test_tasks_and_notifications_are_made_once_and_say_by_whom(
    organisation: Organisation, sign_in: SignIn, own_database: Database, clock: ManualClock, new_id: RepeatableIds
) -> None:
    rule = organisation.learncycle(*WITHDRAWN, TASK, NOTE)
    enrolment = await withdraw(organisation, sign_in)
    one = courier(own_database, clock, new_id)

    assert await one.run_once() == 2
    assert await one.run_once() == 0

    task, told = await only(organisation, tasks), await only(organisation, notifications)
    assert (task["title"], task["status"], task["learncycle_id"]) == ("Call them", "open", rule.id)
    assert (task["subject_id"], task["learner_id"]) == (enrolment.id, enrolment["learner_id"])
    assert (told["learner_id"], told["title"], told["body"]) == (
        enrolment["learner_id"],
        "Well done",
        "You are through.",
    )
    messages = await organisation.stored(outbox_messages)
    assert {each["id"] for each in messages} == {task["id"], told["id"]}
    assert all(each["delivered_at"] == START for each in messages)
    entries = await organisation.stored(history_entries)
    [cause] = [each for each in entries if each["subject_id"] == enrolment.id]
    for record in (task, told):
        [entry] = [each for each in entries if each["subject_id"] == record["id"]]
        assert (entry["actor_kind"], entry["cause_id"], entry["learner_id"]) == ("learncycle", cause["id"], None)


async def test_each_record_of_a_bulk_call_is_told_of(
    organisation: Organisation, sign_in: SignIn, own_database: Database, clock: ManualClock, new_id: RepeatableIds
) -> None:
    organisation.learncycle(*WITHDRAWN, WEBHOOK)
    endpoints = [organisation.webhook_endpoint() for _ in range(2)]
    series = organisation.series()
    enrolments = [organisation.enrolment(organisation.learner(), series, Status.IN_PROGRESS) for _ in range(300)]
    await case_of("withdrawSeriesEnrolments").payload(sign_in(Role.ADMIN), *(each.gid for each in enrolments))

    assert await courier(own_database, clock, new_id)._deliver(organisation.id) == len(enrolments)

    made = await organisation.stored(webhook_deliveries)
    messages = {each["id"] for each in await organisation.stored(outbox_messages)}
    pairs = {(each["message_id"], each["webhook_endpoint_id"]) for each in made}
    assert pairs == {(message, endpoint.id) for message in messages for endpoint in endpoints}


async def test_a_delivery_that_cannot_be_sent_keeps_no_other_waiting(
    organisation: Organisation, own_database: Database, clock: ManualClock, new_id: RepeatableIds
) -> None:
    async with listening() as receiver:
        pending = {"status": WebhookDeliveryStatus.PENDING, "due_at": START}
        fine = organisation.webhook_delivery(organisation.webhook_endpoint(url=receiver.url), **pending)
        poison = organisation.webhook_delivery(organisation.webhook_endpoint(url="https://①.example.com/"), **pending)
        broken = organisation.webhook_delivery(organisation.webhook_endpoint(secret="no secret"), **pending)
        await organisation.save()
        one = courier(own_database, clock, new_id)

        await one.run_once()
        clock.advance(LEASE)
        await one.run_once()

        assert len(receiver.received) == 1
    stored = {row["id"]: row for row in await organisation.stored(webhook_deliveries)}
    assert stored[fine.id]["status"] == "delivered"
    for each in (poison, broken):
        assert stored[each.id]["status"] == "failed"
        assert len(orjson.loads(stored[each.id]["attempts"])) == 2
    faults = [attempt["fault"] for attempt in orjson.loads(stored[poison.id]["attempts"])]
    assert faults == ["not reached"] * 2


async def test_an_organisation_whose_outbox_fails_keeps_no_other_waiting(
    organisation: Organisation,
    sign_in: SignIn,
    own_database: Database,
    clock: ManualClock,
    new_id: RepeatableIds,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    organisation.learncycle(*WITHDRAWN, NOTE)
    await withdraw(organisation, sign_in)
    deliver = delivering.deliver

    async def fails_elsewhere(work: Work, most: int) -> int:
        if work.organisation_id != organisation.id:
            raise RuntimeError("something is wrong there")
        return await deliver(work, most)

    async def waiting(*_: Any) -> list[UUID]:
        return [uuid4(), organisation.id]

    monkeypatch.setattr(delivering, "deliver", fails_elsewhere)
    monkeypatch.setattr(outbox, "waiting", waiting)

    await courier(own_database, clock, new_id).run_once()

    assert len(await organisation.stored(notifications)) == 1


async def test_a_preview_sends_nothing(
    organisation: Organisation, sign_in: SignIn, own_database: Database, clock: ManualClock, new_id: RepeatableIds
) -> None:
    organisation.learncycle(*WITHDRAWN, TASK, NOTE, WEBHOOK)
    await withdraw(organisation, sign_in, preview=True)

    assert await courier(own_database, clock, new_id).run_once() == 0


async def test_a_webhook_arrives_signed_and_names_records_but_tells_nothing_of_them(
    organisation: Organisation, sign_in: SignIn, own_database: Database, new_id: RepeatableIds
) -> None:
    async with listening() as receiver:
        rule = organisation.learncycle(*WITHDRAWN, WEBHOOK)
        organisation.webhook_endpoint(url=receiver.url)
        organisation.webhook_endpoint(TriggerKind.UNIT_OUTCOME, url=receiver.url)
        organisation.webhook_endpoint(is_active=False, url=receiver.url)
        enrolment = await withdraw(organisation, sign_in)

        await courier(own_database, system_clock, new_id).run_once()

        [got] = receiver.received
    told = Webhook(SECRET).verify(got.body, got.headers)
    assert told["type"] == "SERIES_ENROLMENT_STATUS"
    learner = organisation.record(enrolment["learner_id"])
    assert told["data"] | {"causeId": None} == {
        "learncycleId": rule.gid,
        "subjectKind": "SERIES_ENROLMENT",
        "subjectId": enrolment.gid,
        "learnerId": learner.gid,
        "causeId": None,
        "to": "WITHDRAWN",
    }
    assert got.headers["host"] == f"127.0.0.1:{receiver.port}"
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(got.body + b" ", got.headers)
    delivery = await only(organisation, webhook_deliveries)
    assert delivery["status"] == "delivered"
    [attempt] = orjson.loads(delivery["attempts"])
    assert (attempt["status_code"], attempt["fault"]) == (200, None)
    assert attempt["duration_ms"] >= 0


async def test_what_fails_is_tried_again_with_growing_pauses_and_given_up_in_the_end(
    organisation: Organisation, sign_in: SignIn, own_database: Database, clock: ManualClock, new_id: RepeatableIds
) -> None:
    async with listening(503) as receiver:
        organisation.learncycle(*WITHDRAWN, WEBHOOK)
        organisation.webhook_endpoint(url=receiver.url)
        await withdraw(organisation, sign_in)
        one = courier(own_database, clock, new_id)
        await one.run_once()
        for number, pause in enumerate(PAUSES, start=1):
            delivery = await only(organisation, webhook_deliveries)
            assert (delivery["status"], delivery["due_at"]) == ("failed", clock() + pause)
            assert len(receiver.received) == number
            clock.advance(pause / 2)
            assert await one.run_once() == 0
            clock.advance(pause / 2)
            assert await one.run_once() == 1
        dead = await only(organisation, webhook_deliveries)
        assert dead["status"] == "dead"
        assert [each["status_code"] for each in orjson.loads(dead["attempts"])] == [503] * (len(PAUSES) + 1)
        assert len({each.headers["webhook-id"] for each in receiver.received}) == 1

        receiver.status = 204
        retry = case_of("retryWebhookDeliveries")
        gid = f"whd_{dead['id'].hex}"
        assert (await retry.payload(sign_in(Role.OWNER), gid))["counts"]["changed"] == 1
        await one.run_once()
        assert (await only(organisation, webhook_deliveries))["status"] == "delivered"


async def test_what_waits_for_an_endpoint_that_is_retired_is_given_up(
    organisation: Organisation, sign_in: SignIn, own_database: Database, clock: ManualClock, new_id: RepeatableIds
) -> None:
    async with listening() as receiver:
        endpoint = organisation.webhook_endpoint(url=receiver.url, is_active=False)
        organisation.webhook_delivery(endpoint, status=WebhookDeliveryStatus.PENDING, due_at=START)
        await organisation.save()

        await courier(own_database, clock, new_id).run_once()

        assert receiver.received == []
    assert (await only(organisation, webhook_deliveries))["status"] == "dead"


async def test_a_redirect_is_not_followed(
    organisation: Organisation, sign_in: SignIn, own_database: Database, clock: ManualClock, new_id: RepeatableIds
) -> None:
    async with listening(302) as receiver:
        organisation.learncycle(*WITHDRAWN, WEBHOOK)
        organisation.webhook_endpoint(url=receiver.url)
        await withdraw(organisation, sign_in)

        await courier(own_database, clock, new_id).run_once()

        assert len(receiver.received) == 1
    delivery = await only(organisation, webhook_deliveries)
    assert (delivery["status"], orjson.loads(delivery["attempts"])[0]["status_code"]) == ("failed", 302)


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("https://127.0.0.1:{port}/hook", "address inside"),
        ("https://localhost:{port}/hook", "address inside"),
        ("https://[::1]:{port}/hook", "address inside"),
        ("https://[::ffff:127.0.0.1]:{port}/hook", "address inside"),
        ("https://2130706433:{port}/hook", "address inside"),
        ("https://169.254.169.254/latest", "address inside"),
        ("http://127.0.0.1:{port}/hook", "not https"),
    ],
)
async def test_nothing_is_ever_sent_inside(
    organisation: Organisation,
    sign_in: SignIn,
    own_database: Database,
    clock: ManualClock,
    new_id: RepeatableIds,
    url: str,
    fault: str,
) -> None:
    async with listening() as receiver:
        organisation.learncycle(*WITHDRAWN, WEBHOOK)
        organisation.webhook_endpoint(url=url.format(port=receiver.port))
        await withdraw(organisation, sign_in)

        await courier(own_database, clock, new_id, allows_inside=False).run_once()

        assert receiver.received == []
    delivery = await only(organisation, webhook_deliveries)
    [attempt] = orjson.loads(delivery["attempts"])
    assert (delivery["status"], attempt["fault"], attempt["status_code"]) == ("failed", fault, None)


async def test_a_name_that_leads_inside_among_others_is_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    async def leads(*_: Any, **__: Any) -> Any:
        return [(2, 1, 6, "", ("93.184.215.14", 443)), (2, 1, 6, "", ("10.0.0.8", 443))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", leads, raising=False)
    sender = Sender(system_clock, allows_inside=False)
    with pytest.raises(Exception, match="address inside"):
        await sender._address("hooks.example.org", 443)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("10.1.2.3", True),
        ("172.16.0.1", True),
        ("192.168.1.1", True),
        ("127.0.0.1", True),
        ("169.254.169.254", True),
        ("100.64.0.1", True),
        ("0.0.0.0", True),
        ("224.0.0.1", True),
        ("240.0.0.1", True),
        ("::1", True),
        ("::", True),
        ("fe80::1%eth0", True),
        ("fc00::1", True),
        ("fec0::1", True),
        ("::ffff:10.0.0.1", True),
        ("::10.0.0.1", True),
        ("64:ff9b::10.0.0.1", True),
        ("2002:a00:1::", True),
        ("ff02::1", True),
        ("93.184.215.14", False),
        ("2606:4700::1111", False),
    ],
)
def test_which_addresses_are_inside(address: str, expected: bool) -> None:
    assert is_inside(address) is expected


async def test_a_delivery_that_another_worker_has_taken_up_is_left_alone(
    organisation: Organisation, own_database: Database, clock: ManualClock, new_id: RepeatableIds
) -> None:
    async with listening() as receiver:
        endpoint = organisation.webhook_endpoint(url=receiver.url)
        organisation.webhook_delivery(endpoint, status=WebhookDeliveryStatus.PENDING, due_at=START)
        await organisation.save()
        one, other = (courier(own_database, clock, new_id) for _ in range(2))

        taken = await one._take()
        assert len(taken) == 1
        assert await other.run_once() == 0
        clock.advance(LEASE)
        assert await other.run_once() == 1

        await one._carry(taken)
        assert len(receiver.received) == 2
    assert (await only(organisation, webhook_deliveries))["status"] == "delivered"
