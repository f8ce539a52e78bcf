"""The article's learncycle (S1 How to Auto set a Learner as Inactive): reasons and statuses of enrolments, outcomes of units."""

from datetime import timedelta
from typing import Any

import pytest

from portal_api.database import Database
from portal_api.domain.automations.learncycles import LearncycleStatus
from portal_api.domain.automations.rules import ConditionKind
from portal_api.domain.automations.triggers import TriggerKind
from portal_api.domain.courses.outcomes import Outcome
from portal_api.domain.courses.statuses import CourseEnrolmentStatus as S
from portal_api.domain.roles import Role
from portal_api.models import course_enrolments, history_entries, learncycle_runs, learners, outbox_messages, tasks
from tests.api.learncycles.following import (
    by_reason,
    changed,
    finalise,
    happened,
    in_full,
    set_status,
    sets,
    simulated,
    told,
)
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import Organisation, Record
from tests.factories.automations import ACCESS_OFF, INACTIVE, NOTE, TASK, WEBHOOK

HOUR = timedelta(hours=1)


async def row_of(organisation: Organisation, table: Any, id_: Any) -> dict[str, Any]:
    [row] = [row for row in await organisation.stored(table) if row["id"] == id_]
    return row


async def state_of(organisation: Organisation, enrolment: Record) -> tuple[str, str]:
    """The status of an enrolment and of its learner."""
    stored = await row_of(organisation, course_enrolments, enrolment.id)
    return stored["status"].name, (await row_of(organisation, learners, enrolment["learner_id"]))["status"].name


async def test_a_reason_that_is_set_makes_the_learner_inactive_and_the_preview_foretells_it(
    organisation: Organisation, sign_in: SignIn
) -> None:
    reason, offer = organisation.status_reason(), organisation.course_offer(organisation.course())
    rule = by_reason(organisation, reason, offers=(offer,))
    enrolment = organisation.course_enrolment(organisation.learner(), offer)
    client = sign_in(Role.ADMIN)
    given = {"status": "WITHDRAWN", "statusReasonId": reason.gid}
    await organisation.save()
    before = await organisation.everything()

    preview = await set_status(client, enrolment, **given, preview=True)
    assert await organisation.everything() == before
    payload = await set_status(client, enrolment, **given)

    assert (preview.pop("isPreview"), payload.pop("isPreview")) == (True, False)
    assert preview == payload
    assert [each["learncycle"]["id"] for each in payload["fired"]] == [rule.gid]
    assert told(payload["fired"]) == [(enrolment.gid, "DEACTIVATE_LEARNER", "FIRED")]
    assert await state_of(organisation, enrolment) == ("WITHDRAWN", "INACTIVE")
    [cause] = [each for each in await organisation.stored(history_entries) if each["subject_id"] == enrolment.id]
    [effect] = [each for each in await organisation.stored(history_entries) if each["cause_id"]]
    assert (effect["subject_id"], effect["cause_id"], effect["actor_kind"]) == (
        enrolment["learner_id"],
        cause["id"],
        "learncycle",
    )


@pytest.mark.parametrize("to", ["WITHDRAWN", "COMPLETED"])
async def test_a_finalisation_that_closes_nothing_sets_the_learner_inactive_by_its_reason(
    organisation: Organisation, sign_in: SignIn, to: str
) -> None:
    reason, offer = organisation.status_reason(), organisation.course_offer(organisation.course())
    by_reason(organisation, reason, offers=(offer,))
    enrolment = organisation.course_enrolment(organisation.learner(), offer)
    organisation.unit_enrolment(enrolment, ends=-2, outcome=Outcome.COMPETENT, hours=40)
    client = sign_in(Role.ADMIN)

    preview = await finalise(client, enrolment, status=to, statusReasonId=reason.gid, preview=True)
    payload = await finalise(client, enrolment, status=to, statusReasonId=reason.gid)

    assert preview["fired"] == payload["fired"]
    assert told(payload["fired"]) == [(enrolment.gid, "DEACTIVATE_LEARNER", "FIRED")]
    assert await state_of(organisation, enrolment) == (to, "INACTIVE")


async def test_what_is_not_that_reason_in_that_offer_newly_given_with_the_rule_on_fires_nothing(
    organisation: Organisation, sign_in: SignIn
) -> None:
    reason, other = organisation.status_reason(), organisation.status_reason()
    offer, elsewhere = (organisation.course_offer(organisation.course()) for _ in range(2))
    by_reason(organisation, reason, offers=(offer,))
    by_reason(organisation, other, status=LearncycleStatus.OFF)
    by_reason(organisation, other, status=LearncycleStatus.RETIRED)
    plain, in_other_offer = (organisation.course_enrolment(organisation.learner(), each) for each in (offer, elsewhere))
    has_it = organisation.course_enrolment(organisation.learner(), offer, reason=reason)
    client = sign_in(Role.ADMIN)

    payloads = [
        await set_status(client, plain, status="CURRENT", statusReasonId=other.gid),
        await set_status(client, in_other_offer, status="WITHDRAWN", statusReasonId=reason.gid),
        await set_status(client, has_it, status="CURRENT", statusReasonId=reason.gid),
        await set_status(client, has_it, status="DEFERRED", statusReasonId=reason.gid),
        await set_status(client, has_it, status="WITHDRAWN"),
    ]

    assert [each["counts"]["changed"] for each in payloads] == [1, 1, 0, 1, 1]
    assert [each["firedCount"] for each in payloads] == [0] * 5
    assert await organisation.stored(learncycle_runs) == []


async def test_of_many_rows_only_those_are_followed_that_were_changed(
    organisation: Organisation, sign_in: SignIn
) -> None:
    reason = organisation.status_reason()
    by_reason(organisation, reason)
    good, same = (organisation.course_enrolment(organisation.learner(), reason=given) for given in (None, reason))
    refused = organisation.course_enrolment(organisation.learner(is_active=False))

    payload = await set_status(sign_in(Role.ADMIN), good, same, refused, status="CURRENT", statusReasonId=reason.gid)

    assert payload["counts"] == {"changed": 1, "unchanged": 1, "refused": 1}
    assert told(payload["fired"]) == [(good.gid, "DEACTIVATE_LEARNER", "FIRED")]


@pytest.mark.parametrize("given", [{"preview": True}, {"errorPolicy": "REJECT_EVERYTHING"}])
@pytest.mark.parametrize("change", [set_status, finalise])
async def test_what_is_rolled_back_leaves_no_message_and_changes_nothing(
    organisation: Organisation, sign_in: SignIn, given: Any, change: Any
) -> None:
    reason = organisation.status_reason()
    by_reason(organisation, reason, NOTE, TASK, WEBHOOK, sets(S.CURRENT), INACTIVE)
    good = organisation.course_enrolment(organisation.learner())
    refused = organisation.course_enrolment(organisation.learner(is_active=False))
    client = sign_in(Role.ADMIN)
    await organisation.save()
    before = await organisation.everything()

    payload = await change(client, good, refused, status="WITHDRAWN", statusReasonId=reason.gid, **given)

    assert await organisation.everything() == before
    assert await organisation.stored(outbox_messages) == await organisation.stored(tasks) == []
    assert payload["firedCount"] == (5 if "preview" in given else 0)


async def test_rules_that_set_one_anothers_status_are_stopped_once(organisation: Organisation, sign_in: SignIn) -> None:
    status = TriggerKind.COURSE_ENROLMENT_STATUS
    there = organisation.learncycle(status, "CURRENT", sets(S.PENDING))
    back = organisation.learncycle(status, "PENDING", sets(S.CURRENT))
    enrolment = organisation.course_enrolment(organisation.learner(), status=S.ENQUIRY)

    payload = await set_status(sign_in(Role.ADMIN), enrolment, status="CURRENT")

    fired = [(each["learncycle"]["id"], each["outcome"]) for each in payload["fired"]]
    assert fired == [(there.gid, "FIRED"), (back.gid, "FIRED"), (there.gid, "LOOP_STOPPED")]
    assert len(await organisation.stored(learncycle_runs)) == 3
    stored = await row_of(organisation, course_enrolments, enrolment.id)
    assert (stored["status"], stored["version"]) == (S.CURRENT, 4)
    entries = [each for each in await organisation.stored(history_entries) if each["subject_id"] == enrolment.id]
    entries.sort(key=lambda each: each["version"])
    assert [each["to_status"] for each in entries] == ["CURRENT", "PENDING", "CURRENT"]
    assert [each["cause_id"] for each in entries] == [None, entries[0]["id"], entries[1]["id"]]


async def test_an_ended_status_is_not_taken_back_by_a_rule_and_the_cause_stands(
    organisation: Organisation, sign_in: SignIn
) -> None:
    organisation.learncycle(TriggerKind.COURSE_ENROLMENT_STATUS, "WITHDRAWN", sets(S.CURRENT), NOTE)
    enrolment = organisation.course_enrolment(organisation.learner())

    payload = await set_status(sign_in(Role.ADMIN), enrolment, status="WITHDRAWN")

    assert payload["counts"]["changed"] == 1
    assert told(payload["fired"]) == [
        (enrolment.gid, "NOTIFY", "FIRED"),
        (enrolment.gid, "SET_COURSE_STATUS", "SKIPPED", "NOTE_MISSING"),
    ]
    assert (await state_of(organisation, enrolment))[0] == "WITHDRAWN"


async def test_a_reason_that_was_retired_since_is_not_given(organisation: Organisation, sign_in: SignIn) -> None:
    retired = organisation.status_reason(is_active=False)
    organisation.learncycle(TriggerKind.COURSE_ENROLMENT_STATUS, "PENDING", sets(S.WITHDRAWN, retired))
    enrolment = organisation.course_enrolment(organisation.learner())

    payload = await set_status(sign_in(Role.ADMIN), enrolment, status="PENDING")

    assert told(payload["fired"]) == [(enrolment.gid, "SET_COURSE_STATUS", "SKIPPED", "STATUS_NOT_ALLOWED")]
    assert (await state_of(organisation, enrolment))[0] == "PENDING"


async def test_nothing_is_done_for_a_learner_whom_the_call_itself_sets_inactive(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    reason = organisation.status_reason()
    rule = by_reason(organisation, reason, sets(S.CURRENT), ACCESS_OFF, TASK, INACTIVE)
    off = by_reason(organisation, reason, sets(S.CURRENT), ACCESS_OFF, TASK, INACTIVE, status=LearncycleStatus.OFF)
    enrolment = organisation.course_enrolment(organisation.learner(has_app_access=True))
    client = sign_in(Role.ADMIN)

    payload = await finalise(
        client, enrolment, statusReasonId=reason.gid, closing={"deactivation": {"reason": "DISMISSED"}}
    )

    assert {each["outcome"] for each in payload["fired"]} == {"SKIPPED"}
    assert {each["reasons"][0]["code"] for each in payload["fired"]} == {"LEARNER_INACTIVE"}
    assert await state_of(organisation, enrolment) == ("WITHDRAWN", "INACTIVE")
    assert await organisation.stored(outbox_messages) == []
    clock.advance(HOUR)
    assert in_full(await simulated(client, off)) == in_full(await happened(client, rule))


async def test_a_rule_acts_as_the_owners_who_made_it_on_their_own_records_as_well(
    organisation: Organisation, sign_in: SignIn
) -> None:
    learner = organisation.learner(has_app_access=True)
    organisation.user(Role.OWNER, learner)
    reason = organisation.status_reason()
    by_reason(organisation, reason, ACCESS_OFF, INACTIVE)
    enrolment = organisation.course_enrolment(learner)
    client = sign_in(Role.ADMIN)

    by_hand = await changed(client, "deactivateLearners", ids=[learner.gid], reason="DISMISSED")
    payload = await set_status(client, enrolment, status="WITHDRAWN", statusReasonId=reason.gid)

    assert by_hand["results"][0]["errors"] == [{"code": "FORBIDDEN"}]
    assert {each["outcome"] for each in payload["fired"]} == {"FIRED"}
    assert await state_of(organisation, enrolment) == ("WITHDRAWN", "INACTIVE")


async def test_the_outcome_of_a_unit_sets_the_status_of_its_enrolment_once(
    organisation: Organisation, sign_in: SignIn
) -> None:
    reason = organisation.status_reason()
    outcome = TriggerKind.UNIT_OUTCOME
    organisation.learncycle(outcome, Outcome.WITHDRAWN.value, sets(S.WITHDRAWN, reason), TASK)
    organisation.learncycle(outcome, Outcome.COMPETENT.value, INACTIVE)
    by_reason(organisation, reason)
    enrolment = organisation.course_enrolment(organisation.learner())
    units = [organisation.unit_enrolment(enrolment, hours=10) for _ in range(2)]
    client = sign_in(Role.ADMIN)
    ends = str(organisation.day(-1))

    payload = await changed(
        client,
        "updateUnitEnrolments",
        units=[{"id": each.gid, "outcome": "40", "endsOn": ends} for each in units],
    )

    assert payload["counts"]["changed"] == 2
    assert told(payload["fired"]) == sorted(
        [
            *((each.gid, action, "FIRED") for each in units for action in ("SET_COURSE_STATUS", "CREATE_TASK")),
            (enrolment.gid, "DEACTIVATE_LEARNER", "FIRED"),
        ]
    )
    assert await state_of(organisation, enrolment) == ("WITHDRAWN", "INACTIVE")
    entries = [each for each in await organisation.stored(history_entries) if each["subject_id"] == enrolment.id]
    assert [(each["actor_kind"], each["to_status"], each["reason"]) for each in entries] == [
        ("learncycle", "WITHDRAWN", reason.gid)
    ]


async def test_a_simulation_of_reasons_is_what_then_happens(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    reason, other = organisation.status_reason(), organisation.status_reason(is_active=False)
    offer, elsewhere = (organisation.course_offer(organisation.course()) for _ in range(2))
    does = (sets(S.DEFERRED), sets(S.WITHDRAWN), sets(S.CURRENT), sets(S.WITHDRAWN, other), TASK, INACTIVE)
    on_withdrawal = ((ConditionKind.STATUS, {"status": "WITHDRAWN"}),)
    on, off, narrow_on, narrow_off = (
        by_reason(organisation, reason, *given, offers=(offer,), status=status, conditions=conditions)
        for conditions, given in (((), does), (on_withdrawal, (NOTE,)))
        for status in (LearncycleStatus.ON, LearncycleStatus.OFF)
    )
    client = sign_in(Role.ADMIN)
    given = {"statusReasonId": reason.gid}
    first, withdrawn, finalised = (organisation.course_enrolment(organisation.learner(), offer) for _ in range(3))
    nowhere = organisation.course_enrolment(organisation.learner(), elsewhere)

    await set_status(client, first, nowhere, status="CURRENT", **given)
    clock.advance(HOUR)
    await set_status(client, withdrawn, status="WITHDRAWN", **given)
    clock.advance(HOUR)
    await finalise(client, finalised, **given)
    clock.advance(HOUR)

    foretold, done = await simulated(client, off), await happened(client, on)
    assert in_full(foretold) == in_full(done)
    assert len(done) == 3 * len(does)
    assert {outcome for _, action, outcome, *_ in told(done) if action == "SET_COURSE_STATUS"} == {"FIRED", "SKIPPED"}
    foretold, done = await simulated(client, narrow_off), await happened(client, narrow_on)
    assert in_full(foretold) == in_full(done)
    assert {each["subjectId"] for each in done} == {withdrawn.gid, finalised.gid}


async def test_a_simulation_of_units_knows_the_status_that_their_enrolments_had(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    value = Outcome.WITHDRAWN.value
    on, off = (
        organisation.learncycle(TriggerKind.UNIT_OUTCOME, value, sets(S.PENDING), NOTE, status=status)
        for status in (LearncycleStatus.ON, LearncycleStatus.OFF)
    )
    in_training, ended = (organisation.course_enrolment(organisation.learner()) for _ in range(2))
    units = [organisation.unit_enrolment(each, hours=10) for each in (in_training, ended)]
    client = sign_in(Role.ADMIN)
    await set_status(client, ended, status="DECLINED")
    clock.advance(HOUR)
    ends = str(organisation.day(-1))
    for each in units:
        await changed(client, "updateUnitEnrolments", units=[{"id": each.gid, "outcome": "40", "endsOn": ends}])
        clock.advance(HOUR)
    await set_status(client, in_training, status="DECLINED")
    await set_status(client, ended, status="CURRENT", note="Came back")
    clock.advance(HOUR)

    foretold, done = await simulated(client, off), await happened(client, on)

    assert in_full(foretold) == in_full(done)
    assert told(done) == sorted(
        [
            (units[0].gid, "SET_COURSE_STATUS", "FIRED"),
            (units[0].gid, "NOTIFY", "FIRED"),
            (units[1].gid, "SET_COURSE_STATUS", "SKIPPED", "NOTE_MISSING"),
            (units[1].gid, "NOTIFY", "FIRED"),
        ]
    )


@pytest.mark.parametrize("change", [set_status, finalise])
async def test_the_number_of_statements_does_not_grow_with_the_rows(
    organisation: Organisation, sign_in: SignIn, database: Database, clock: ManualClock, change: Any
) -> None:
    reason, offer = organisation.status_reason(), organisation.course_offer(organisation.course())
    by_reason(organisation, reason, ACCESS_OFF, NOTE, TASK, sets(S.WITHDRAWN), INACTIVE, offers=(offer,))
    off = by_reason(organisation, reason, sets(S.WITHDRAWN), INACTIVE, status=LearncycleStatus.OFF)
    client = sign_in(Role.ADMIN)
    counts: list[tuple[int, int]] = []
    for number in (2, 1_000):
        records = [organisation.course_enrolment(organisation.learner(), offer) for _ in range(number)]
        await organisation.save()
        before = database.tally.statements
        payload = await change(client, *records, status="WITHDRAWN", statusReasonId=reason.gid)
        middle = database.tally.statements
        clock.advance(HOUR)
        await simulated(client, off)
        counts.append((middle - before, database.tally.statements - middle))
        assert payload["counts"]["changed"] == number
        assert payload["firedCount"] == 5 * number
    assert counts[0] == counts[1]
    assert len(await organisation.stored(learncycle_runs)) == 1_002 * 5
