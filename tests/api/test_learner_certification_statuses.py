"""The status of a learner's certification at the instants where time moves it, wherever it is read."""

from datetime import timedelta

import pytest

from portal_api.domain.certifications import (
    Cycle,
    LearnerCertificationFacts,
    LearnerCertificationStatus,
)
from portal_api.domain.roles import Role
from portal_api.models.base import instant_text
from tests.api.certifying import CYCLES, ahead, granted, told
from tests.client import Client
from tests.clock import START, ManualClock
from tests.conftest import SignIn
from tests.factories import DAY, Organisation, Record

_S = LearnerCertificationStatus
MICROSECOND = timedelta(microseconds=1)
READ = """
query Read($id: ID!, $at: LearnerCertificationStatus!) {
  learnerCertification(id: $id) { status actions { action available reasons { code } } }
  at: learnerCertifications(filter: {id: {eq: $id}, status: {eq: $at}}) { totalCount nodes { id status } }
  others: learnerCertifications(filter: {id: {eq: $id}, status: {notIn: [$at]}}) { totalCount }
  learnerCertificationIds(filter: {id: {eq: $id}, status: {in: [$at]}}) { ids totalCount }
}
"""
MOVES = [
    (_S.CERTIFIED, "expires_at", _S.CERTIFIED, _S.EXPIRED),
    (_S.CERTIFIED, "lapses_at", _S.EXPIRED, _S.LAPSED),
    (_S.EXPIRED, "lapses_at", _S.EXPIRED, _S.LAPSED),
]
STILL = [status for status in _S if status not in (_S.CERTIFIED, _S.EXPIRED)]


async def is_at(client: Client, record: Record, status: _S, *, window: bool = True) -> None:
    """Wherever the status of a record is read, it is this one."""
    data = await client.query(READ, {"id": record.gid, "at": status.name})

    assert data["learnerCertification"]["status"] == status.name
    assert data["at"] == {"totalCount": 1, "nodes": [{"id": record.gid, "status": status.name}]}
    assert data["others"] == {"totalCount": 0}
    assert data["learnerCertificationIds"] == {"ids": [record.gid], "totalCount": 1}
    facts = LearnerCertificationFacts(status, is_window_open=window, cycle=CYCLES.get(status, Cycle()))
    assert told(data["learnerCertification"]) == granted(Role.ADMIN, facts)


@pytest.mark.parametrize(("stored", "at", "before", "then"), MOVES)
async def test_a_status_is_left_at_its_instant_and_not_a_microsecond_before(
    engine: str,
    organisation: Organisation,
    sign_in: SignIn,
    clock: ManualClock,
    stored: _S,
    at: str,
    before: _S,
    then: _S,
) -> None:
    times = ahead() if stored is _S.CERTIFIED else {}
    record = organisation.learner_certification(
        organisation.learner(has_app_access=True), organisation.certification(), stored, **times
    )
    admin = sign_in(Role.ADMIN)
    await organisation.save()
    clock.now = record[at] - MICROSECOND
    await is_at(admin, record, before)

    clock.advance(MICROSECOND)
    await is_at(admin, record, then)


@pytest.mark.parametrize("status", STILL)
async def test_other_statuses_win_over_the_clock(
    engine: str, organisation: Organisation, sign_in: SignIn, clock: ManualClock, status: _S
) -> None:
    columns = ahead() if status in (_S.RECERTIFYING, _S.DISALLOWED) else {}
    record = organisation.learner_certification(
        organisation.learner(has_app_access=True), organisation.certification(), status, **columns
    )
    admin = sign_in(Role.ADMIN)
    await organisation.save()
    for moment in (START, START + 10 * DAY, START + 400 * DAY):
        clock.now = moment
        await is_at(admin, record, status, window=record["window_opens_at"] is not None)


async def test_a_certificate_without_grace_goes_straight_to_lapsed(
    engine: str, organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    times = {**ahead(), "lapses_at": START + 10 * DAY}
    record = organisation.learner_certification(
        organisation.learner(has_app_access=True), organisation.certification(), _S.CERTIFIED, **times
    )
    await organisation.save()
    clock.now = times["expires_at"] - MICROSECOND
    await is_at(sign_in(Role.ADMIN), record, _S.CERTIFIED)

    ahead_of = await sign_in(Role.ADMIN).query(
        "query($id: ID!) { learnerCertification(id: $id) { nextTransitions { status at } } }", {"id": record.gid}
    )
    clock.advance(MICROSECOND)

    await is_at(sign_in(Role.ADMIN), record, _S.LAPSED)
    assert ahead_of["learnerCertification"]["nextTransitions"] == [
        {"status": "LAPSED", "at": instant_text(times["expires_at"])}
    ]


async def test_what_time_will_do_is_told_one_after_the_other(
    engine: str, organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    times = ahead()
    learner = organisation.learner()
    record = organisation.learner_certification(learner, organisation.certification(), _S.CERTIFIED, **times)
    forever = organisation.learner_certification(
        learner,
        organisation.certification(),
        _S.CERTIFIED,
        expires_at=None,
        lapses_at=None,
        window_opens_at=None,
    )
    at_work = organisation.learner_certification(learner, organisation.certification(), _S.RECERTIFYING, **times)
    await organisation.save()

    async def transitions() -> list[list[tuple[str, str]]]:
        data = await sign_in(Role.ADMIN).query(
            "query($ids: [ID!]!) { nodes(ids: $ids) { ... on LearnerCertification { nextTransitions { status at } } } }",
            {"ids": [record.gid, forever.gid, at_work.gid]},
        )
        return [[(each["status"], each["at"]) for each in node["nextTransitions"]] for node in data["nodes"]]

    expires, lapses = (
        ("EXPIRED", instant_text(times["expires_at"])),
        ("LAPSED", instant_text(times["lapses_at"])),
    )
    assert await transitions() == [[expires, lapses], [], []]
    clock.now = times["expires_at"]
    assert await transitions() == [[lapses], [], []]
    clock.now = times["lapses_at"]
    assert await transitions() == [[], [], []]


async def test_the_window_for_recertification_opens_at_its_instant(
    engine: str, organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    learner = organisation.own[Role.LEARNER]
    record = organisation.learner_certification(learner, organisation.certification(), _S.CERTIFIED, **ahead(90))
    await organisation.save()
    read = "query($id: ID!) { learnerCertification(id: $id) { status actions { action available reasons { code } } } }"

    for moment, is_open in ((record["window_opens_at"] - MICROSECOND, False), (record["window_opens_at"], True)):
        clock.now = moment
        data = await sign_in(Role.LEARNER).query(read, {"id": record.gid})
        facts = LearnerCertificationFacts(_S.CERTIFIED, is_own_record=True, is_window_open=is_open)
        assert told(data["learnerCertification"]) == granted(Role.LEARNER, facts)
        [start] = [each for each in told(data["learnerCertification"]) if each[0] == "START_RECERTIFICATION"]
        assert start == ("START_RECERTIFICATION", is_open, [] if is_open else ["RECERTIFICATION_NOT_OPEN"])
