"""The demonstration has every status and role, is the same in each run, and is made once."""

import asyncio
from collections import Counter
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import RowMapping, select

from portal_api.database import Database, open_database
from portal_api.domain.exports import ExportStatus
from portal_api.domain.history import HistoryAction
from portal_api.domain.learners import DeactivationReason, LearnerStatus
from portal_api.domain.library import LibraryStatus
from portal_api.domain.machine import FAR_FUTURE
from portal_api.domain.organisations import IntegrationTokenStatus
from portal_api.domain.pathways import PathwayEnrolmentStatus, PathwayKind
from portal_api.domain.roles import Role
from portal_api.domain.series import (
    ACTIVE_STATUSES,
    SERIES_ENROLMENTS,
    SeriesDuration,
    SeriesEnrolmentStatus,
    SeriesType,
    WithdrawalReason,
)
from portal_api.importers.demo import DEMO, FEWEST_LEARNERS, TWIN, seed_demo
from portal_api.migrations import migrate_up
from portal_api.models import (
    certifications,
    course_enrolments,
    course_offers,
    courses,
    exports,
    group_members,
    groups,
    history_entries,
    integration_tokens,
    learner_certifications,
    learners,
    organisations,
    pathway_enrolments,
    pathway_steps,
    pathways,
    reporting_lines,
    resources,
    roles,
    series,
    users,
)
from portal_api.models import series_enrolments as enrolments
from tests import invariants
from tests.clock import START
from tests.conftest import new_database_url, settings_for
from tests.importers.conftest import contents, rows

DAY = timedelta(days=1)
REFERENCED = (
    *(learners, series, enrolments, pathways, pathway_enrolments, certifications, learner_certifications),
    *(courses, course_offers, course_enrolments),
)
ELSEWHERE = (
    *("certification_", "learner_certification_", "approval_", "certificate_"),
    *("course_", "unit_", "survey_", "credential_"),
    *("learncycle_", "task_", "notification_", "webhook_"),
)
"""What history tells of certifications, courses and learncycles is tested beside them."""
LEAP_DAY = datetime.fromisoformat("2028-02-29T12:00:00+00:00")


@pytest.mark.parametrize("now", [START, LEAP_DAY], ids=["ordinary day", "leap day"])
@pytest.mark.parametrize("count", [FEWEST_LEARNERS, 60])
async def test_the_demo_shows_everything(seeded: Database, count: int, now: datetime) -> None:
    made = await rows(seeded, enrolments)
    assert len(made) == count * 6
    assert {row["status"] for row in made} == set(SeriesEnrolmentStatus)
    assert {row["withdrawal_reason"] for row in made} == {None, *WithdrawalReason}
    people = await rows(seeded, learners)
    assert len(people) == count
    assert {row["status"] for row in people} == set(LearnerStatus)
    assert all(row["has_app_access"] is (row["status"] is LearnerStatus.ACTIVE) for row in people)
    inactive = {row["id"] for row in people if row["status"] is LearnerStatus.INACTIVE}
    assert inactive & {row["learner_id"] for row in made if row["due_at"] < FAR_FUTURE}
    library = await rows(seeded, series)
    assert len(library) == 12
    assert {row["type"] for row in library} == set(SeriesType)
    assert {row["duration"] for row in library} == set(SeriesDuration)
    assert [row["status"] for row in library].count(LibraryStatus.RETIRED) == 1
    _shows_due_dates_codes_and_answers(made, now)
    await _shows_pathways(seeded, now)
    await _shows_what_is_found_beside(seeded)


def _shows_due_dates_codes_and_answers(made: list[RowMapping], now: datetime) -> None:
    due = [row for row in made if row["due_on"]]
    assert 0 < len(due) < len(made)
    late = [row["overdue_at"] <= now for row in due if row["status"] in ACTIVE_STATUSES]
    assert set(late) == {False, True}
    assert all(row["due_on"] >= row["starts_at"].astimezone(ZoneInfo(DEMO.time_zone)).date() for row in due)
    codes = {row["tracking_code"] for row in made}
    assert None in codes
    assert len(codes) > 2
    answered = {row["status"] for row in made if row["questions_answered"]}
    assert answered == {
        SeriesEnrolmentStatus.IN_PROGRESS,
        SeriesEnrolmentStatus.MASTERED,
        SeriesEnrolmentStatus.INCOMPLETE,
        SeriesEnrolmentStatus.WITHDRAWN,
    }


async def _shows_pathways(database: Database, now: datetime) -> None:
    offered = {row["id"]: row for row in await rows(database, pathways)}
    assert {(row["kind"], row["status"]) for row in offered.values()} >= {
        (PathwayKind.LINEAR, LibraryStatus.ACTIVE),
        (PathwayKind.INTERLEAVED, LibraryStatus.ACTIVE),
        (PathwayKind.LINEAR, LibraryStatus.RETIRED),
    }
    taken = await rows(database, pathway_enrolments)
    assert {row["status"] for row in taken} == set(PathwayEnrolmentStatus)
    assert {row["position"] for row in taken if row["status"] is PathwayEnrolmentStatus.IN_PROGRESS} == {1, 2, 3}
    assert None in {row["tracking_code"] for row in taken} != {None}
    assert LibraryStatus.RETIRED in {offered[row["pathway_id"]]["status"] for row in taken}
    steps = Counter(row["pathway_id"] for row in await rows(database, pathway_steps))
    opened = [row for row in await rows(database, enrolments) if row["pathway_enrolment_id"]]
    for row in taken:
        own = [each["status"] for each in opened if each["pathway_enrolment_id"] == row["id"]]
        assert len(own) == row["position"]
        if row["status"] is PathwayEnrolmentStatus.COMPLETED:
            assert own == [SeriesEnrolmentStatus.MASTERED] * steps[row["pathway_id"]]
        if row["status"] is PathwayEnrolmentStatus.WITHDRAWN:
            assert SeriesEnrolmentStatus.WITHDRAWN in own
    tomorrow = now.astimezone(ZoneInfo(DEMO.time_zone)).date() + DAY
    midnight = datetime.combine(tomorrow, time(), ZoneInfo(DEMO.time_zone))
    waiting = {row["pathway_enrolment_id"]: row for row in opened if row["starts_at"] > now}
    assert {row["starts_at"] for row in waiting.values()} == {midnight}
    for row in taken:
        assert row["id"] not in waiting or offered[row["pathway_id"]]["kind"] is PathwayKind.INTERLEAVED


async def _shows_what_is_found_beside(database: Database) -> None:
    """Resources, groups, tokens, exports: each of them at work and at rest."""
    found = await rows(database, resources)
    assert {(row["series_id"] is None, row["status"]) for row in found} == {
        (True, LibraryStatus.ACTIVE),
        (True, LibraryStatus.RETIRED),
        (False, LibraryStatus.ACTIVE),
    }
    of_status = {row["id"]: row["status"] for row in await rows(database, groups)}
    assert set(of_status.values()) == set(LibraryStatus)
    members = {row["group_id"] for row in await rows(database, group_members)}
    assert members == {id_ for id_, status in of_status.items() if status is LibraryStatus.ACTIVE}
    assert {row["status"] for row in await rows(database, integration_tokens)} == set(IntegrationTokenStatus)
    assert {row["status"] for row in await rows(database, exports)} == {ExportStatus.EXPIRED, ExportStatus.FAILED}
    needs = [row for row in await rows(database, learners) if row["special_requirements"]]
    assert {row["special_requirements_are_private"] for row in needs} == {False, True}


async def test_every_reason_for_a_deactivation_is_shown(seeded: Database) -> None:
    reasons = {row["deactivation_reason"] for row in await rows(seeded, learners)}

    assert reasons == {None, *DeactivationReason}


async def test_a_user_of_each_role_is_linked_as_it_should_be(seeded: Database) -> None:
    held = {row["role"]: row["learner_id"] for row in await rows(seeded, roles)}
    assert set(held) == set(Role)
    assert held[Role.OWNER]
    assert not held[Role.ADMIN]
    async with seeded.engine.connect() as connection:
        machines = select(users.c.external_ref).where(users.c.is_machine).order_by(users.c.external_ref)
        assert (await connection.execute(machines)).scalars().all() == ["demo-integration", "demo-twin-integration"]
    below = [row for row in await rows(seeded, reporting_lines) if row["manager_id"] == held[Role.MANAGER]]
    assert {row["depth"] for row in below} == {1, 2}
    [own] = [row for row in await rows(seeded, learners) if row["id"] == held[Role.LEARNER]]
    assert own["has_app_access"]
    assert [row["learner_id"] for row in await rows(seeded, enrolments)].count(own["id"]) == 6


async def test_statuses_are_those_of_the_moment_and_time_moves_some(seeded: Database) -> None:
    made = await rows(seeded, enrolments)

    def moved(now: datetime) -> Counter[SeriesEnrolmentStatus]:
        return Counter(row["status"] for row in made if _status_at(now, row) is not row["status"])

    assert not moved(START)
    assert moved(START + DAY)[SeriesEnrolmentStatus.WAITING_TO_START]
    next_week = moved(START + 7 * DAY)
    assert next_week[SeriesEnrolmentStatus.IN_PROGRESS]
    assert next_week[SeriesEnrolmentStatus.NO_ATTEMPTS] + next_week[SeriesEnrolmentStatus.NOT_SIGNED_IN]


def _status_at(now: datetime, row: Any) -> SeriesEnrolmentStatus:
    return SERIES_ENROLMENTS.status_at(now, row["status"], row)


@pytest.mark.parametrize("now", [START, LEAP_DAY], ids=["ordinary day", "leap day"])
async def test_what_is_told_of_the_past_fits_together(own_database: Database, now: datetime) -> None:
    await seed_demo(own_database, now=now, learners=400)
    people = {row["id"]: row for row in await rows(own_database, learners)}
    library = {row["id"]: row for row in await rows(own_database, series)}

    for row in await rows(own_database, enrolments):
        learner, in_series = people[row["learner_id"]], library[row["series_id"]]
        done = [at for at in (row["enrolled_at"], row["mastered_at"], row["withdrawn_at"]) if at]
        assert max(learner["created_at"], in_series["created_at"]) < row["enrolled_at"]
        # A pathway opens its series at the very instant of the enrolment or of the mastery before.
        earliest = row["enrolled_at"] + (timedelta() if row["pathway_enrolment_id"] else timedelta(microseconds=1))
        assert earliest <= row["starts_at"]
        assert all(at < row["ends_at"] for at in done)
        assert all(at < (learner["deactivated_at"] or now) for at in done)
        if row["last_answered_at"]:
            assert row["starts_at"] < row["last_answered_at"] <= min(now, row["ends_at"], *done[1:])
            goal = in_series["question_count"] and in_series["question_count"] * in_series["mastery_percent"] / 100
            meets_it = goal is not None and row["questions_correct"] >= goal
            assert meets_it is (row["status"] is SeriesEnrolmentStatus.MASTERED)
        assert row["has_signed_in"] is bool(learner["first_signed_in_at"])
        assert in_series["type"] is not SeriesType.PREVIEW or not row["mastered_at"]
        assert (row["withdrawal_reason"] is WithdrawalReason.USER_DEACTIVATED) <= bool(learner["deactivated_at"])
    told = {row["action"] for row in await rows(own_database, history_entries)}
    assert {act for act in told if not act.startswith(ELSEWHERE)} == {
        HistoryAction.LEARNER_DEACTIVATED,
        HistoryAction.SERIES_ENROLMENT_ENDED,
        HistoryAction.SERIES_ENROLMENT_WITHDRAWN,
        HistoryAction.PATHWAY_ENROLMENT_ENDED,
        HistoryAction.PATHWAY_ENROLMENT_WITHDRAWN,
        HistoryAction.INTEGRATION_TOKEN_REVOKED,
        HistoryAction.INTEGRATION_TOKEN_EXPIRED,
        HistoryAction.EXPORT_EXPIRED,
    }


async def test_no_learner_has_two_active_enrolments_in_a_series(seeded: Database) -> None:
    pairs = [(row["learner_id"], row["series_id"]) for row in await rows(seeded, enrolments)]

    assert len(set(pairs)) == len(pairs)


@pytest.mark.parametrize("now", [START, LEAP_DAY], ids=["ordinary day", "leap day"])
@pytest.mark.parametrize("count", [FEWEST_LEARNERS, 60, 400])
async def test_what_always_holds_holds_of_both_organisations(seeded: Database, count: int, now: datetime) -> None:
    async with seeded.engine.connect() as connection:
        ids = (await connection.execute(select(organisations.c.id))).scalars().all()
    assert len(ids) == 2
    for id_ in ids:
        await invariants.check(seeded, id_)


async def test_the_twin_is_older_and_has_the_same_references_for_other_people(seeded: Database) -> None:
    async with seeded.engine.connect() as connection:
        by_age = select(organisations.c.external_ref).order_by(organisations.c.created_at)
        assert (await connection.execute(by_age)).scalars().all() == [TWIN.ref, DEMO.ref]
        everybody = (await connection.execute(select(users.c.external_ref))).scalars().all()
        assert sorted(everybody) == sorted(f"{demo.ref}-{role}" for demo in (DEMO, TWIN) for role in Role)
    for table in REFERENCED:
        ours = {row["external_ref"]: row for row in await rows(seeded, table, DEMO.ref)}
        twins = {row["external_ref"]: row for row in await rows(seeded, table, TWIN.ref)}
        assert twins.keys() <= ours.keys()
        assert twins
        assert not {row["id"] for row in ours.values()} & {row["id"] for row in twins.values()}


async def test_a_second_seeding_changes_nothing_whatever_it_asks_for(own_database: Database) -> None:
    await seed_demo(own_database, now=START)
    before = await contents(own_database)

    assert not await seed_demo(own_database, now=START)
    assert not await seed_demo(own_database, learners=100, now=START + 30 * DAY)

    assert await contents(own_database) == before


async def test_two_seedings_at_once_make_one_demo(own_database: Database) -> None:
    done = await asyncio.gather(seed_demo(own_database, now=START), seed_demo(own_database, now=START))

    assert sorted(done) == [False, True]
    assert len(await rows(own_database, learners)) == 60


async def test_seedings_on_one_day_make_the_same_records(tmp_path: Path) -> None:
    made: list[dict[str, Any]] = []
    for hours in (0, 3):
        async with new_database_url("sqlite", tmp_path) as url:
            database = open_database(settings_for(url))
            await migrate_up(database.engine)
            await seed_demo(database, now=START + timedelta(hours=hours))
            made.append(await contents(database))
            await database.close()

    first, second = made
    age = organisations.c.keys().index("created_at")
    without_age = [[(*row[:age], *row[age + 1 :]) for row in each.pop("organisations")] for each in made]
    assert without_age[0] == without_age[1]
    assert first == second


async def test_too_few_learners_are_refused(own_database: Database) -> None:
    before = await contents(own_database)

    with pytest.raises(ValueError, match="ask for 20 or more"):
        await seed_demo(own_database, learners=FEWEST_LEARNERS - 1, now=START)

    assert await contents(own_database) == before


async def test_a_failure_leaves_neither_organisation(own_database: Database) -> None:
    before = await contents(own_database)

    def stop(what: str, _done: int, _of: int) -> None:
        if what == "demo: enrolments":
            raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        await seed_demo(own_database, now=START, progress=stop)

    assert await contents(own_database) == before
    assert await seed_demo(own_database, now=START)


async def test_an_organisation_in_the_way_of_the_second_fails_whole(own_database: Database) -> None:
    """Somebody's own organisation of the name `demo`: its twin must not be left alone beside it."""
    await seed_demo(own_database, now=START)
    async with own_database.engine.begin() as connection:
        await connection.execute(
            organisations.update().where(organisations.c.external_ref == TWIN.ref).values(external_ref="x")
        )
    before = await contents(own_database)

    assert not await seed_demo(own_database, now=START)

    assert await contents(own_database) == before


async def test_a_larger_demo_grows_in_proportion(own_database: Database) -> None:
    told: list[tuple[str, int, int]] = []

    await seed_demo(own_database, learners=1_000, now=START, progress=lambda *each: told.append(each))

    assert len(await rows(own_database, series)) == 12
    assert len(await rows(own_database, enrolments)) == 6_000
    assert 300 < len(await rows(own_database, pathway_enrolments)) < 500
    assert len(await rows(own_database, learners, TWIN.ref)) == FEWEST_LEARNERS
    shown = [(done, of) for what, done, of in told if what == "demo: enrolments"]
    assert shown == [(done, 6_000) for done in range(1_000, 6_001, 1_000)]


@pytest.mark.soak
async def test_ten_thousand_learners_have_fifty_series_and_sixty_thousand_enrolments(own_database: Database) -> None:
    await seed_demo(own_database, learners=10_000, now=START)

    held = Counter(row["series_id"] for row in await rows(own_database, enrolments))
    assert len(await rows(own_database, series)) == len(held) == 50
    assert held.total() == 60_000
    assert len(await rows(own_database, pathways)) == 9
    assert 3_000 < len(await rows(own_database, pathway_enrolments)) < 5_000
    assert {row["status"] for row in await rows(own_database, pathway_enrolments)} == set(PathwayEnrolmentStatus)
    assert len({row["status"] for row in await rows(own_database, enrolments)}) == len(SeriesEnrolmentStatus)
