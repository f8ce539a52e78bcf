"""Metering: who is counted for a month, who was quiet in it, and what (de)activations do to the bill."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal_api.clock import Clock
from portal_api.database import Database
from portal_api.domain.metering import Interval, Month, is_counted
from portal_api.domain.roles import Role
from portal_api.ids import IdMaker
from portal_api.models import activity_intervals, organisations
from tests.api.cases import case_of, outcomes
from tests.client import Client, Json, codes
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import DAY, Organisation, Record, organisation_with_everybody

USAGE = """
query Usage($month: Date!, $filter: LearnerFilter) {
  learnerUsage(month: $month) {
    month from until isRunning count
    learners(first: 1000, filter: $filter, orderBy: [{field: CREATED_AT}]) { totalCount nodes { id } }
    quiet(first: 1000, filter: $filter) { totalCount nodes { id } }
  }
}
"""
MICROSECOND = timedelta(microseconds=1)
ZONES = ("Pacific/Auckland", "America/New_York", "Asia/Kolkata")


def midnight(day: date, zone: str) -> datetime:
    """The first instant of a local day."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def counted_by_hand(intervals: Sequence[tuple[datetime, datetime | None]], start: datetime, end: datetime) -> bool:
    """The rule said anew: some instant of an interval lies in the month, or an interval of no length does."""
    for active_from, active_until in intervals:
        if active_until == active_from:
            if start <= active_from < end:
                return True
        elif max(active_from, start) < min(active_until or datetime.max.replace(tzinfo=UTC), end):
            return True
    return False


def with_intervals(made: Organisation, *intervals: tuple[datetime, datetime | None], **columns: Any) -> Record:
    """A learner who was active exactly then."""
    last = intervals[-1][1]
    given: dict[str, Any] = {"is_active": last is None, "created_at": intervals[0][0], **columns}
    if last is not None:
        given["deactivated_at"] = last
    learner = made.learner(**given)
    rows = made.rows[activity_intervals]
    rows.pop()
    for active_from, active_until in intervals:
        rows.append(
            {
                "organisation_id": made.id,
                "id": made.new_id(made.clock()),
                "learner_id": learner.id,
                "active_from": active_from,
                "active_until": active_until,
            }
        )
    return learner


async def usage(client: Client, month: date, **given: Any) -> Json:
    """A month's usage."""
    return (await client.query(USAGE, {"month": month.isoformat(), **given}))["learnerUsage"]


def in_zone(zone: str, database: Database, clock: Clock, new_id: IdMaker) -> Organisation:
    """An organisation whose days are days in a time zone."""
    made = organisation_with_everybody(database, clock, new_id)
    made.rows[organisations][0]["time_zone"] = made.time_zone = zone
    return made


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("month", [date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1), date(2025, 9, 1)])
async def test_the_count_is_that_of_plain_python_in_every_zone_and_over_clock_changes(
    zone: str, month: date, database: Database, clock: ManualClock, new_id: IdMaker, sign_in: SignIn
) -> None:
    """March and April change the clocks in New York and Auckland, September in Auckland again."""
    made = in_zone(zone, database, clock, new_id)
    start, end = midnight(month, zone), midnight(next_month(month), zone)
    instants = [
        start - DAY,
        start - MICROSECOND,
        start,
        start + MICROSECOND,
        start + 9 * DAY,
        end - MICROSECOND,
        end,
        end + DAY,
    ]
    intervals: dict[str, Sequence[tuple[datetime, datetime | None]]] = {}
    for place, first in enumerate(instants):
        for last in (*instants[place:], None):
            intervals[with_intervals(made, (first, last)).gid] = [(first, last)]
    several = [(start - 9 * DAY, start), (start + DAY, start + DAY), (start + 2 * DAY, start + 3 * DAY), (end, None)]
    intervals[with_intervals(made, *several).gid] = several
    outside = [(start - 9 * DAY, start - 8 * DAY), (start - DAY, start), (end, end), (end + DAY, None)]
    intervals[with_intervals(made, *outside).gid] = outside
    expected = {gid for gid, own in intervals.items() if counted_by_hand(own, start, end)}
    own = {each.gid for each in made.own.values() if counted_by_hand([(each["created_at"], None)], start, end)}

    shown = await usage(sign_in(Role.ADMIN, made), month)

    assert {each["id"] for each in shown["learners"]["nodes"]} == expected | own
    assert shown["count"] == shown["learners"]["totalCount"] == len(expected | own)
    assert shown["month"] == month.isoformat()
    assert (shown["from"], shown["until"]) == tuple(f"{at:%Y-%m-%dT%H:%M:%S.%fZ}" for at in (start, end))
    assert 0 < len(expected) < len(intervals)


offsets = st.lists(st.integers(-40 * 24, 70 * 24), min_size=1, max_size=6)
month_starts = st.sampled_from([date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1), date(2026, 9, 1)])


@given(
    histories=st.lists(st.tuples(offsets, st.booleans()), min_size=1, max_size=12),
    month=month_starts,
    zone=st.sampled_from(ZONES),
)
@settings(max_examples=200, deadline=None)
def test_any_intervals_are_counted_as_plain_python_counts_them(
    histories: list[tuple[list[int], bool]], month: date, zone: str
) -> None:
    asked = Month.of(month, ZoneInfo(zone))
    for hours, is_open in histories:
        intervals = list(_intervals(hours, midnight(month, zone), is_open=is_open))
        own = [Interval(*each) for each in intervals]
        by_hand = counted_by_hand(intervals, midnight(month, zone), midnight(next_month(month), zone))
        assert is_counted(own, asked) is by_hand


def _intervals(hours: list[int], start: datetime, *, is_open: bool) -> list[tuple[datetime, datetime | None]]:
    instants = [start + timedelta(hours=each) for each in sorted(hours)]
    pairs: list[tuple[datetime, datetime | None]] = list(zip(instants[::2], instants[1::2], strict=False))
    return pairs if len(instants) % 2 == 0 else [*pairs, (instants[-1], None if is_open else instants[-1])]


@given(data=st.data())
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_the_database_counts_any_intervals_as_plain_python_does(
    data: st.DataObject, database: Database, clock: Clock, new_id: IdMaker, sign_in: SignIn
) -> None:
    month, zone = data.draw(month_starts), data.draw(st.sampled_from(ZONES))
    histories = data.draw(st.lists(st.tuples(offsets, st.booleans()), min_size=5, max_size=40))
    made = in_zone(zone, database, clock, new_id)
    start, end = midnight(month, zone), midnight(next_month(month), zone)
    expected = sum(counted_by_hand([(each["created_at"], None)], start, end) for each in made.own.values())
    for hours, is_open in histories:
        intervals = _intervals(hours, start, is_open=is_open)
        with_intervals(made, *intervals)
        expected += counted_by_hand(intervals, start, end)

    shown = await usage(sign_in(Role.OWNER, made), month)

    assert shown["count"] == shown["learners"]["totalCount"] == expected


async def test_the_running_month_says_who_was_quiet_in_it_other_months_do_not(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    zone = ZoneInfo(organisation.time_zone)
    running = clock().astimezone(zone).date().replace(day=1)
    start = midnight(running, organisation.time_zone)
    busy = organisation.learner(last_activity_at=start)
    quiet = organisation.learner(last_activity_at=start - MICROSECOND)
    never = organisation.learner()
    uncounted = organisation.learner(is_active=False, deactivated_at=start)
    staff = {each.gid for each in organisation.own.values()}
    admin = sign_in(Role.ADMIN)

    now = await usage(admin, running)
    past = await usage(admin, (running - DAY).replace(day=1))
    future = await usage(admin, next_month(running))

    assert now["isRunning"] is True
    assert {each["id"] for each in now["learners"]["nodes"]} == staff | {busy.gid, quiet.gid, never.gid}
    assert {each["id"] for each in now["quiet"]["nodes"]} == staff | {quiet.gid, never.gid}
    assert now["quiet"]["totalCount"] == 4
    assert (past["isRunning"], past["quiet"]) == (False, None)
    assert uncounted.gid in {each["id"] for each in past["learners"]["nodes"]}
    assert (future["isRunning"], future["quiet"], future["count"]) == (False, None, 5)
    named = await usage(admin, running, filter={"externalRef": {"eq": quiet["external_ref"]}})
    assert [each["id"] for each in named["learners"]["nodes"]] == [quiet.gid]
    assert named["count"] == 5


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.OWNER, Role.ADMIN)])
async def test_usage_is_for_administrators(role: Role, sign_in: SignIn) -> None:
    answer = await sign_in(role).execute(USAGE, {"month": "2026-02-01"})

    assert codes(answer) == ["FORBIDDEN"]
    assert answer["errors"][0]["extensions"]["requiredRoles"] == ["OWNER", "ADMIN"]
    assert answer["data"] == {"learnerUsage": None}


@pytest.mark.parametrize("month", ["2026-02-02", "1899-12-01", "3000-01-01", "9999-12-01", "0001-01-01"])
async def test_a_day_that_names_no_month_is_refused(month: str, sign_in: SignIn) -> None:
    answer = await sign_in(Role.ADMIN).execute(USAGE, {"month": month})

    assert codes(answer) == ["INPUT_INVALID"]


CHANGE = """
mutation Change($off: DeactivateLearnersInput!, $on: ReactivateLearnersInput!, $isOff: Boolean!) {
  deactivateLearners(input: $off) @include(if: $isOff) { ...billed }
  reactivateLearners(input: $on) @skip(if: $isOff) { ...back }
}
fragment billed on DeactivateLearnersPayload {
  results { outcome } errors { code path } billing { month learnersBefore learnersAfter change }
}
fragment back on ReactivateLearnersPayload {
  results { outcome } errors { code path } billing { month learnersBefore learnersAfter change }
}
"""


async def switched(client: Client, *learners: Record, off: bool, **given: Any) -> Json:
    """The payload of a deactivation, or of a reactivation."""
    ids = [each.gid for each in learners]
    data = await client.query(
        CHANGE, {"isOff": off, "off": {"ids": ids, "reason": "OTHER", **given}, "on": {"ids": ids, **given}}
    )
    return next(iter(data.values()))


def bill(payload: Json) -> list[tuple[int, int, int]]:
    """What a payload says of the two months."""
    return [(each["learnersBefore"], each["learnersAfter"], each["change"]) for each in payload["billing"]]


async def test_a_deactivation_says_what_the_next_bill_loses_and_a_reactivation_what_it_gains(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    learners = [organisation.learner() for _ in range(3)]
    gone = organisation.learner(is_active=False, deactivated_at=clock() - 40 * DAY)
    admin = sign_in(Role.ADMIN)
    running = clock().astimezone(ZoneInfo(organisation.time_zone)).date().replace(day=1)
    await organisation.save()
    before = await organisation.everything()

    preview = await switched(admin, *learners[:2], gone, off=True, preview=True)
    assert await organisation.everything() == before
    meant = await switched(admin, *learners[:2], gone, off=True, idempotencyKey="k")

    assert bill(preview) == bill(meant) == [(5, 5, 0), (5, 3, -2)]
    assert [each["month"] for each in meant["billing"]] == [running.isoformat(), next_month(running).isoformat()]
    assert outcomes(meant) == ["CHANGED", "CHANGED", "REFUSED"]
    organisation_usage = [(await usage(admin, month))["count"] for month in (running, next_month(running))]
    assert organisation_usage == [5, 3]

    clock.advance(timedelta(hours=1))
    back = await switched(admin, learners[0], gone, off=False)
    assert bill(back) == [(5, 6, 1), (3, 5, 2)]
    assert bill(await switched(admin, *learners[:2], gone, off=True, idempotencyKey="k")) == bill(meant), "kept"
    assert bill(await switched(admin, gone, off=False)) == [(6, 6, 0), (5, 5, 0)], "refused: nothing differs"


async def test_a_call_that_is_rejected_says_nothing_of_bills(organisation: Organisation, sign_in: SignIn) -> None:
    learner, gone = organisation.learner(), organisation.learner(is_active=False)

    rejected = await switched(sign_in(Role.ADMIN), learner, gone, off=True, errorPolicy="REJECT_EVERYTHING")

    assert outcomes(rejected) == ["REFUSED", "REFUSED"]
    assert rejected["billing"] == []


async def test_whoever_is_deactivated_with_the_first_instant_of_a_month_is_not_counted_for_it(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    learner = organisation.learner()
    admin = sign_in(Role.ADMIN)
    await organisation.save()
    zone = organisation.time_zone
    first = midnight(next_month(clock().astimezone(ZoneInfo(zone)).date().replace(day=1)), zone)
    clock.advance(first - clock())

    payload = await switched(admin, learner, off=True)

    assert bill(payload) == [(3, 2, -1), (3, 2, -1)]


async def test_a_note_of_special_requirements_goes_with_a_deactivation(
    organisation: Organisation, sign_in: SignIn
) -> None:
    learner, kept = organisation.learner(), organisation.learner(special_requirements="Before")
    admin = sign_in(Role.ADMIN)
    note = {"text": "Ring the family first", "isPrivate": True}
    shown = "query($id: ID!) { learner(id: $id) { version status specialRequirements { text isPrivate } history { totalCount } } }"

    await case_of("deactivateLearners").payload(admin, learner.gid, specialRequirements=note)
    await case_of("deactivateLearners").payload(admin, kept.gid)

    data = (await admin.query(shown, {"id": learner.gid}))["learner"]
    assert data == {"version": 2, "status": "INACTIVE", "specialRequirements": note, "history": {"totalCount": 1}}
    other = (await admin.query(shown, {"id": kept.gid}))["learner"]
    assert other["specialRequirements"] == {"text": "Before", "isPrivate": False}
    empty = await case_of("deactivateLearners").payload(
        admin, organisation.learner().gid, specialRequirements={"text": ""}
    )
    assert [each["path"] for each in empty["errors"]] == [["input", "specialRequirements", "text"]]
