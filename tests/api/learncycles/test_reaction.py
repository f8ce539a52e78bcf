"""Learncycles follow a change in its own transaction: after it, once, in order, and never in its way."""

from typing import Any

import pytest

from portal_api.database import Database
from portal_api.domain.automations.learncycles import LearncycleStatus
from portal_api.domain.automations.rules import ConditionKind
from portal_api.domain.automations.triggers import TriggerKind
from portal_api.domain.automations.webhooks import OutboxKind
from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesEnrolmentStatus as Status
from portal_api.models import history_entries, learncycle_runs, learners, outbox_messages, series_enrolments
from tests.api.cases import case_of
from tests.conftest import SignIn
from tests.factories import Organisation, Record
from tests.factories.automations import ACCESS_OFF, INACTIVE, NOTE, TASK, WEBHOOK

WITHDRAW = case_of("withdrawSeriesEnrolments")


def running(organisation: Organisation, learner: Record | None = None) -> Record:
    """An enrolment that can be withdrawn."""
    return organisation.enrolment(learner or organisation.learner(), organisation.series(), Status.IN_PROGRESS)


async def withdraw(client: Any, *records: Record, **given: Any) -> Any:
    return await WITHDRAW.payload(client, *(record.gid for record in records), **given)


async def row_of(organisation: Organisation, table: Any, id_: Any) -> dict[str, Any]:
    [row] = [row for row in await organisation.stored(table) if row["id"] == id_]
    return row


async def test_a_change_sets_the_learner_inactive_and_the_history_says_why(
    organisation: Organisation, sign_in: SignIn
) -> None:
    rule, enrolment = organisation.learncycle(), running(organisation)

    await withdraw(sign_in(Role.ADMIN), enrolment)

    learner = await row_of(organisation, learners, enrolment["learner_id"])
    assert (learner["status"], learner["deactivation_reason"]) == ("inactive", "enrolments_ended")
    effect, cause = sorted(await organisation.stored(history_entries), key=lambda each: each["cause_id"] is None)
    assert (cause["subject_id"], cause["to_status"]) == (enrolment.id, "WITHDRAWN")
    assert (effect["subject_id"], effect["to_status"], effect["reason"]) == (
        learner["id"],
        "INACTIVE",
        "ENROLMENTS_ENDED",
    )
    assert (effect["actor_kind"], effect["actor_id"], effect["cause_id"]) == ("learncycle", None, cause["id"])
    [run] = await organisation.stored(learncycle_runs)
    assert (run["learncycle_id"], run["cause_id"], run["outcome"]) == (rule.id, cause["id"], "fired")
    assert (run["subject_id"], run["learner_id"], run["action"]) == (
        enrolment.id,
        learner["id"],
        "deactivate_learner",
    )


@pytest.mark.parametrize("status", [LearncycleStatus.OFF, LearncycleStatus.RETIRED])
async def test_a_learncycle_that_is_not_on_does_nothing(
    organisation: Organisation, sign_in: SignIn, status: LearncycleStatus
) -> None:
    organisation.learncycle(status=status)

    await withdraw(sign_in(Role.ADMIN), running(organisation))

    assert await organisation.stored(learncycle_runs) == []


async def test_another_status_triggers_nothing(organisation: Organisation, sign_in: SignIn) -> None:
    organisation.learncycle(TriggerKind.SERIES_ENROLMENT_STATUS, "MASTERED")
    organisation.learncycle(TriggerKind.CERTIFICATION_STATUS, "CERTIFIED")

    await withdraw(sign_in(Role.ADMIN), running(organisation))

    assert await organisation.stored(learncycle_runs) == []


async def test_inactive_comes_last_of_all_whatever_the_order_in_which_it_was_asked(
    organisation: Organisation, sign_in: SignIn
) -> None:
    organisation.learncycle(TriggerKind.SERIES_ENROLMENT_STATUS, "WITHDRAWN", INACTIVE, ACCESS_OFF, TASK)
    organisation.learncycle(TriggerKind.SERIES_ENROLMENT_STATUS, "WITHDRAWN", NOTE, WEBHOOK)
    enrolment = running(organisation, organisation.learner(has_app_access=True))

    await withdraw(sign_in(Role.ADMIN), enrolment)

    assert {(run["action"], run["outcome"]) for run in await organisation.stored(learncycle_runs)} == {
        ("set_app_access", "fired"),
        ("create_task", "fired"),
        ("notify", "fired"),
        ("call_webhook", "fired"),
        ("deactivate_learner", "fired"),
    }
    left = await organisation.stored(outbox_messages)
    assert {each["kind"] for each in left} == {OutboxKind.TASK, OutboxKind.NOTIFICATION, OutboxKind.WEBHOOK}
    learner = await row_of(organisation, learners, enrolment["learner_id"])
    assert (learner["status"], learner["version"]) == ("inactive", 3)


async def test_a_refused_action_is_skipped_with_its_reasons_and_its_cause_stands(
    organisation: Organisation, sign_in: SignIn
) -> None:
    organisation.learncycle(TriggerKind.SERIES_ENROLMENT_STATUS, "WITHDRAWN", ACCESS_OFF, NOTE, INACTIVE)
    enrolment = running(organisation, organisation.learner(has_app_access=True))
    deactivate = case_of("deactivateLearners")
    learner = organisation.record(enrolment["learner_id"])

    await deactivate.payload(sign_in(Role.ADMIN), learner.gid, withdrawAll=True)

    assert (await row_of(organisation, series_enrolments, enrolment.id))["status"] == "withdrawn"
    assert (await row_of(organisation, learners, learner.id))["status"] == "inactive"
    runs = await organisation.stored(learncycle_runs)
    assert {(run["action"], run["outcome"]) for run in runs} == {
        ("set_app_access", "skipped"),
        ("notify", "skipped"),
        ("deactivate_learner", "skipped"),
    }
    assert all('"code":"learner_inactive"' in run["reasons"] for run in runs)
    assert await organisation.stored(outbox_messages) == []


async def test_conditions_narrow_whom_a_rule_is_for(organisation: Organisation, sign_in: SignIn) -> None:
    wanted, other = organisation.series(), organisation.series()
    inside, outside = organisation.learner(), organisation.learner()
    group = organisation.group(inside)
    trigger = (TriggerKind.SERIES_ENROLMENT_STATUS, "WITHDRAWN")
    by_series = organisation.learncycle(*trigger, NOTE, conditions=((ConditionKind.SERIES, {"series_id": wanted.id}),))
    by_group = organisation.learncycle(*trigger, NOTE, conditions=((ConditionKind.GROUP, {"group_id": group.id}),))
    organisation.learncycle(*trigger, NOTE, conditions=((ConditionKind.STATUS, {"status": "MASTERED"}),))
    first = organisation.enrolment(inside, other, Status.IN_PROGRESS)
    second = organisation.enrolment(outside, wanted, Status.IN_PROGRESS)

    await withdraw(sign_in(Role.ADMIN), first, second)

    runs = await organisation.stored(learncycle_runs)
    assert {(run["learncycle_id"], run["subject_id"]) for run in runs} == {
        (by_series.id, second.id),
        (by_group.id, first.id),
    }


@pytest.mark.parametrize("given", [{"preview": True}, {"errorPolicy": "REJECT_EVERYTHING"}])
async def test_what_is_rolled_back_leaves_nothing_to_be_sent(
    organisation: Organisation, sign_in: SignIn, given: Any
) -> None:
    organisation.learncycle(TriggerKind.SERIES_ENROLMENT_STATUS, "WITHDRAWN", NOTE, TASK, WEBHOOK, INACTIVE)
    good, bad = running(organisation), WITHDRAW.refuses(organisation)
    client = sign_in(Role.ADMIN)
    await organisation.save()
    before = await organisation.everything()

    await withdraw(client, good, bad, **given)

    assert await organisation.everything() == before


async def test_nothing_is_fired_for_a_row_that_is_refused(organisation: Organisation, sign_in: SignIn) -> None:
    organisation.learncycle()
    good, bad = running(organisation), WITHDRAW.refuses(organisation)

    await withdraw(sign_in(Role.ADMIN), good, bad)

    assert [run["subject_id"] for run in await organisation.stored(learncycle_runs)] == [good.id]


async def test_the_number_of_statements_does_not_grow_with_the_rows(
    organisation: Organisation, sign_in: SignIn, database: Database
) -> None:
    organisation.learncycle(TriggerKind.SERIES_ENROLMENT_STATUS, "WITHDRAWN", ACCESS_OFF, NOTE, TASK, INACTIVE)
    client, series = sign_in(Role.ADMIN), organisation.series()
    counts: list[int] = []
    for number in (1, 40):
        records = [organisation.enrolment(organisation.learner(), series, Status.IN_PROGRESS) for _ in range(number)]
        await organisation.save()
        before = database.tally.statements
        payload = await withdraw(client, *records)
        counts.append(database.tally.statements - before)
        assert payload["counts"]["changed"] == number
    assert counts[0] == counts[1]
    assert len(await organisation.stored(learncycle_runs)) == 41 * 4


async def test_without_a_rule_that_is_on_one_statement_is_all_that_it_costs(
    organisation: Organisation, sign_in: SignIn, database: Database
) -> None:
    client, asked = sign_in(Role.ADMIN), running(organisation)
    database.tally.keeps_texts = True
    try:
        database.tally.texts.clear()
        await withdraw(client, asked)
        about = [text for text in database.tally.texts if "learncycle" in text]
        assert len(about) == 1
        database.tally.texts.clear()
        await case_of("deactivateLearners").payload(client, organisation.learner().gid)
        assert not [text for text in database.tally.texts if "learncycle" in text]
    finally:
        database.tally.keeps_texts = False
