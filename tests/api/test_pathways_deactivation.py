"""Deactivation that takes all with it: series and pathways are withdrawn in the same transaction (S3, the list; S1)."""

from datetime import timedelta
from typing import Any

from portal_api.domain.history import HistoryAction
from portal_api.domain.pathways import PathwayEnrolmentStatus
from portal_api.domain.roles import Role
from portal_api.domain.series import ACTIVE_STATUSES
from portal_api.models import history_entries, learners, pathway_enrolments, series_enrolments
from tests.api.calls import call
from tests.client import Client, Json
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import DAY, Organisation, Record

DEACTIVATE = """
    mutation($input: DeactivateLearnersInput!) { deactivateLearners(input: $input) {
      counts { changed refused } withdrawn { seriesEnrolments pathwayEnrolments } isPreview
      results { outcome node { status version } errors { code } }
    } }
"""


async def _deactivate(client: Client, *people: Record, **given: Any) -> Json:
    asked = {"ids": [each.gid for each in people], "reason": "LEFT_ORGANISATION", "withdrawAll": True, **given}
    return (await client.query(DEACTIVATE, {"input": asked}))["deactivateLearners"]


def _busy(organisation: Organisation) -> Record:
    """A learner with enrolments at every status, and with two pathways that run."""
    learner = organisation.learner()
    organisation.every_status(learner)
    first, second = organisation.series(), organisation.series()
    for kind in PathwayEnrolmentStatus:
        organisation.pathway_enrolment(learner, organisation.pathway(organisation.series()), kind)
    organisation.pathway_enrolment(learner, organisation.pathway(first, second), position=2)
    return learner


async def test_all_that_is_active_is_withdrawn_with_the_deactivation_as_its_cause(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    learner, other = _busy(organisation), organisation.learner()
    kept = organisation.enrolment(other, organisation.series())
    at = clock.advance(timedelta(minutes=3))

    payload = await _deactivate(sign_in(Role.ADMIN), learner)

    active = 4 + 2 + 2
    assert payload["withdrawn"] == {"seriesEnrolments": active, "pathwayEnrolments": 2}
    assert payload["results"][0]["node"] == {"status": "INACTIVE", "version": 2}
    rows = await organisation.stored(series_enrolments)
    withdrawn = [row for row in rows if row["withdrawn_at"] == at]
    assert len(withdrawn) == active
    assert {(row["withdrawal_reason"].name, row["withdrawal_note"]) for row in withdrawn} == {
        ("USER_DEACTIVATED", None)
    }
    still = [row for row in rows if row["status"] in ACTIVE_STATUSES and row["due_at"] > at]
    assert [row["id"] for row in still] == [kept.id]
    entries = {row["id"]: row for row in await organisation.stored(history_entries)}
    for row in entries.values():
        cause = entries.get(row["cause_id"])
        if row["action"] is HistoryAction.PATHWAY_ENROLMENT_WITHDRAWN:
            assert cause is not None
            assert cause["action"] is HistoryAction.LEARNER_DEACTIVATED
        if row["action"] is HistoryAction.SERIES_ENROLMENT_WITHDRAWN:
            assert cause is not None
            [owned] = [each["pathway_enrolment_id"] for each in withdrawn if each["id"] == row["subject_id"]]
            assert cause["subject_id"] == (owned or learner.id)


async def test_nothing_is_withdrawn_unless_it_is_asked_for(organisation: Organisation, sign_in: SignIn) -> None:
    learner = _busy(organisation)
    await organisation.save()
    before = await organisation.stored(series_enrolments), await organisation.stored(pathway_enrolments)

    payload = await _deactivate(sign_in(Role.ADMIN), learner, withdrawAll=False)

    assert payload["withdrawn"] == {"seriesEnrolments": 0, "pathwayEnrolments": 0}
    assert payload["counts"]["changed"] == 1
    assert (await organisation.stored(series_enrolments), await organisation.stored(pathway_enrolments)) == before


async def test_a_preview_counts_and_withdraws_nothing(organisation: Organisation, sign_in: SignIn) -> None:
    learner, admin = _busy(organisation), sign_in(Role.ADMIN)
    await organisation.save()
    before = await organisation.everything()

    preview = await _deactivate(admin, learner, preview=True)
    unchanged = await organisation.everything()
    meant = await _deactivate(admin, learner)

    assert unchanged == before
    assert meant == preview | {"isPreview": False}


async def test_a_repeated_call_tells_the_same_numbers_again(organisation: Organisation, sign_in: SignIn) -> None:
    learner, admin = _busy(organisation), sign_in(Role.ADMIN)

    first = await _deactivate(admin, learner, idempotencyKey="leaver")
    after = await organisation.everything()
    again = await _deactivate(admin, learner, idempotencyKey="leaver")

    assert again == first
    assert first["withdrawn"]["pathwayEnrolments"] == 2
    assert await organisation.everything() == after


async def test_what_is_refused_keeps_all_its_enrolments(organisation: Organisation, sign_in: SignIn) -> None:
    """An Owner's record is out of an Admin's reach, and with everything to be rejected nobody's enrolment goes."""
    owner, learner = _busy(organisation), _busy(organisation)
    organisation.user(Role.OWNER, owner)
    admin = sign_in(Role.ADMIN)
    await organisation.save()
    before = await organisation.everything()

    rejected = await _deactivate(admin, owner, learner, errorPolicy="REJECT_EVERYTHING")
    unchanged = await organisation.everything()
    failed = await _deactivate(admin, owner, learner)

    assert rejected["withdrawn"] == {"seriesEnrolments": 0, "pathwayEnrolments": 0}
    assert unchanged == before
    assert failed["counts"] == {"changed": 1, "refused": 1}
    assert failed["withdrawn"]["pathwayEnrolments"] == 2
    touched = {row["learner_id"] for row in await organisation.stored(history_entries)}
    assert touched == {learner.id}


async def test_reactivation_brings_nothing_back(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    learner, admin = _busy(organisation), sign_in(Role.ADMIN)
    await _deactivate(admin, learner)
    rows = await organisation.stored(series_enrolments), await organisation.stored(pathway_enrolments)
    clock.advance(DAY)

    await call(admin, "reactivateLearners", ids=[learner.gid])

    assert (await organisation.stored(series_enrolments), await organisation.stored(pathway_enrolments)) == rows
    [row] = [row for row in await organisation.stored(learners) if row["id"] == learner.id]
    assert row["status"].name == "ACTIVE"


async def test_two_hundred_learners_cost_as_many_statements_as_one(organisation: Organisation, sign_in: SignIn) -> None:
    series, pathway = organisation.series(), organisation.pathway(organisation.series())
    admin = sign_in(Role.ADMIN)
    counts: list[int] = []
    for number in (1, 200):
        people = [organisation.learner() for _ in range(number)]
        for each in people:
            organisation.enrolment(each, series)
            organisation.pathway_enrolment(each, pathway)
        await organisation.save()
        before = organisation.database.tally.statements
        payload = await _deactivate(admin, *people)
        assert payload["withdrawn"] == {"seriesEnrolments": 2 * number, "pathwayEnrolments": number}
        counts.append(organisation.database.tally.statements - before)

    assert counts[0] == counts[1]
