"""The status of an enrolment at the instants where time moves it, wherever it is read; and a night that is an hour short."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from portal_api.domain.roles import Role
from portal_api.domain.series import SERIES_ENROLMENTS, SeriesDuration, SeriesEnrolmentStatus
from portal_api.models import series_enrolments
from portal_api.models.base import instant_text
from tests.api.calls import call
from tests.client import Client
from tests.clock import START, ManualClock, RepeatableIds
from tests.conftest import SignIn
from tests.factories import DAY, Organisation, Record
from tests.ticking import ticked

_S = SeriesEnrolmentStatus
MICROSECOND = timedelta(microseconds=1)
READ = """
query Read($id: ID!, $at: SeriesEnrolmentStatus!) {
  seriesEnrolment(id: $id) { status actions { action available } }
  at: seriesEnrolments(filter: {id: {eq: $id}, status: {eq: $at}}) { totalCount nodes { id } }
  others: seriesEnrolments(filter: {id: {eq: $id}, status: {notIn: [$at]}}) { totalCount }
  seriesEnrolmentIds(filter: {id: {eq: $id}, status: {in: [$at]}}) { totalCount }
}
"""
MOVES = [
    (_S.WAITING_TO_START, True, "starts_at", _S.NO_ATTEMPTS),
    (_S.WAITING_TO_START, False, "starts_at", _S.NOT_SIGNED_IN),
    (_S.WAITING_TO_START, True, "ends_at", _S.DID_NOT_START),
    (_S.WAITING_TO_START, False, "ends_at", _S.NEVER_SIGNED_IN),
    (_S.NOT_SIGNED_IN, False, "ends_at", _S.NEVER_SIGNED_IN),
    (_S.NO_ATTEMPTS, True, "ends_at", _S.DID_NOT_START),
    (_S.IN_PROGRESS, True, "ends_at", _S.INCOMPLETE),
    (_S.MASTERED, True, "ends_at", _S.MASTERED),
    (_S.WITHDRAWN, True, "ends_at", _S.WITHDRAWN),
]


async def _is_at(client: Client, enrolment: Record, status: SeriesEnrolmentStatus) -> None:
    data = await client.query(READ, {"id": enrolment.gid, "at": status.name})

    assert data["seriesEnrolment"]["status"] == status.name
    assert (data["at"]["totalCount"], len(data["at"]["nodes"])) == (1, 1)
    assert (data["others"]["totalCount"], data["seriesEnrolmentIds"]["totalCount"]) == (0, 1)
    open_now = {each["action"] for each in data["seriesEnrolment"]["actions"] if each["available"]}
    assert open_now == {rule.action.name for rule in SERIES_ENROLMENTS.rules if status in rule.cells}


@pytest.mark.parametrize(("stored", "has_signed_in", "at", "then"), MOVES)
async def test_a_status_is_left_at_its_instant_and_not_a_microsecond_before(
    organisation: Organisation,
    sign_in: SignIn,
    clock: ManualClock,
    new_id: RepeatableIds,
    stored: SeriesEnrolmentStatus,
    at: str,
    then: SeriesEnrolmentStatus,
    *,
    has_signed_in: bool,
) -> None:
    enrolment = organisation.enrolment(
        organisation.learner(), organisation.series(), stored, has_signed_in=has_signed_in
    )
    admin = sign_in(Role.ADMIN)
    started = {True: _S.NO_ATTEMPTS, False: _S.NOT_SIGNED_IN}[has_signed_in]
    before = started if stored is _S.WAITING_TO_START and at == "ends_at" else stored
    await organisation.save()
    clock.now = enrolment[at] - MICROSECOND
    await _is_at(admin, enrolment, before)

    clock.advance(MICROSECOND)
    await _is_at(admin, enrolment, then)

    await ticked(organisation, clock, new_id)
    await _is_at(admin, enrolment, then)
    [row] = [row for row in await organisation.stored(series_enrolments) if row["id"] == enrolment.id]
    assert row["status"] is then


async def _overdue(client: Client, organisation: Organisation) -> Mapping[str, Any]:
    return await client.query(
        """{
          overdue: seriesEnrolments(filter: {isOverdue: {eq: true}}, orderBy: [{field: DUE_ON}]) { nodes { id isOverdue } }
          not: seriesEnrolments(filter: {isOverdue: {eq: false}}, orderBy: [{field: DUE_ON}]) { nodes { id isOverdue } }
        }"""
    )


async def test_an_active_enrolment_is_overdue_from_the_first_instant_after_its_due_date(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    """3 March ends in Auckland at 11:00 in UTC."""
    overdue_at = datetime(2026, 3, 3, 11, tzinfo=UTC)
    due: dict[str, Any] = {"due_on": date(2026, 3, 3), "overdue_at": overdue_at}
    running = organisation.enrolment(organisation.learner(), organisation.series(), **due)
    ends = organisation.enrolment(
        organisation.learner(), organisation.series(), ends_at=overdue_at + MICROSECOND, **due
    )
    done = organisation.enrolment(organisation.learner(), organisation.series(), _S.MASTERED, **due)
    never = organisation.enrolment(organisation.learner(), organisation.series())
    admin = sign_in(Role.ADMIN)

    async def found(at: datetime) -> tuple[set[str], set[str]]:
        clock.now = at
        data = await _overdue(admin, organisation)
        assert {each["isOverdue"] for each in data["overdue"]["nodes"]} <= {True}
        assert {each["isOverdue"] for each in data["not"]["nodes"]} <= {False}
        return {each["id"] for each in data["overdue"]["nodes"]}, {each["id"] for each in data["not"]["nodes"]}

    everybody = {running.gid, ends.gid, done.gid, never.gid}
    await organisation.save()
    assert await found(overdue_at - MICROSECOND) == (set(), everybody)
    assert await found(overdue_at) == ({running.gid, ends.gid}, {done.gid, never.gid})
    assert await found(overdue_at + MICROSECOND) == ({running.gid}, everybody - {running.gid})


async def test_a_day_on_which_the_clocks_go_forward_ends_with_its_twenty_third_hour(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    """In Auckland 27 September 2026 begins at 12:00 in UTC of the day before, and ends at 11:00."""
    clock.now = datetime(2026, 9, 26, 13, tzinfo=UTC)
    of = organisation.series(duration=SeriesDuration.END_DATE, ends_on=date(2026, 9, 27))
    fixed = organisation.series(duration=SeriesDuration.FIXED, duration_days=1)
    learner = organisation.learner()
    admin = sign_in(Role.ADMIN)
    node = "id status endsAt isOverdue"

    until = await call(admin, "enrolInSeries", node, seriesId=of.gid, learnerIds=[learner.gid], dueOn="2026-09-27")
    day = await call(admin, "enrolInSeries", node, seriesId=fixed.gid, learnerIds=[learner.gid], dueOn="2026-09-27")

    end = datetime(2026, 9, 27, 11, tzinfo=UTC)
    assert until["results"][0]["node"]["endsAt"] == instant_text(end)
    assert day["results"][0]["node"]["endsAt"] == instant_text(datetime(2026, 9, 27, 12, tzinfo=UTC))
    read = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on SeriesEnrolment { status isOverdue } } }"
    ids = {"ids": [each["results"][0]["node"]["id"] for each in (until, day)]}
    clock.now = end - MICROSECOND
    before = await admin.query(read, ids)
    clock.now = end
    after = await admin.query(read, ids)
    assert before["nodes"] == [{"status": "NO_ATTEMPTS", "isOverdue": False}] * 2
    assert after["nodes"] == [
        {"status": "DID_NOT_START", "isOverdue": False},
        {"status": "NO_ATTEMPTS", "isOverdue": True},
    ]


async def test_enrolments_are_found_by_what_is_new_of_them(organisation: Organisation, sign_in: SignIn) -> None:
    coded = organisation.enrolment(organisation.learner(), organisation.series(), tracking_code="Spring")
    mastered = organisation.enrolment(
        organisation.learner(), organisation.series(), _S.MASTERED, last_answered_at=START - DAY
    )
    due = organisation.enrolment(
        organisation.learner(),
        organisation.series(),
        due_on=date(2026, 4, 1),
        overdue_at=datetime(2026, 4, 1, 11, tzinfo=UTC),
    )
    organisation.pathway_enrolment(organisation.learner(), organisation.pathway(organisation.series()))
    walked = organisation.record(organisation.rows[series_enrolments][-1]["id"])

    data = await sign_in(Role.ADMIN).query(
        """query($at: DateTime!) {
          code: seriesEnrolments(filter: {trackingCode: {in: ["Spring"]}}) { nodes { id } }
          due: seriesEnrolments(filter: {dueOn: {gte: "2026-04-01", lte: "2026-04-01"}}) { nodes { id } }
          mastered: seriesEnrolments(filter: {masteredAt: {gte: $at}}) { nodes { id } }
          answered: seriesEnrolments(filter: {lastAnsweredAt: {isNull: false}}) { nodes { id } }
          preview: seriesEnrolments(filter: {seriesType: {notIn: [STANDARD]}}) { nodes { id } }
          walking: pathwayEnrolments { nodes { id } }
        }""",
        {"at": instant_text(START - 2 * DAY)},
    )
    [walking] = data["walking"]["nodes"]
    of_pathway = await sign_in(Role.ADMIN).query(
        """query($of: ID!) {
          seriesEnrolments(filter: {pathwayEnrolmentId: {eq: $of}}) {
            nodes {
              id
              pathwayEnrolment { id }
              actions { action reasons { code } }
            }
          }
        }""",
        {"of": walking["id"]},
    )

    assert data["code"]["nodes"] == [{"id": coded.gid}]
    assert data["due"]["nodes"] == [{"id": due.gid}]
    assert data["mastered"]["nodes"] == data["answered"]["nodes"] == [{"id": mastered.gid}]
    assert data["preview"]["nodes"] == []
    assert of_pathway["seriesEnrolments"]["nodes"] == [
        {
            "id": walked.gid,
            "pathwayEnrolment": {"id": walking["id"]},
            "actions": [
                {"action": "WITHDRAW", "reasons": [{"code": "PATHWAY_OWNED"}]},
                {"action": "EXTEND", "reasons": []},
                {"action": "RECORD_ACTIVITY", "reasons": []},
            ],
        }
    ]
