"""Who reads where, while the replica lags: nobody misses what they wrote, and nothing is decided by what is old."""

import asyncio
import logging
from collections.abc import Generator, Sequence
from typing import Any

import pytest

from portal_api.auth import FRESH
from portal_api.database import Database, open_database
from portal_api.database.replica import QUIET_SECONDS
from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesEnrolmentStatus
from portal_api.models import written_marks
from portal_api.settings import Settings
from tests.client import Client, Json
from tests.clock import ManualClock
from tests.conftest import SignIn, settings_for
from tests.factories import Organisation, Record
from tests.house.test_storage import Asked, steps
from tests.replicas.conftest import Pair, seen, until

NAME = "query($id: ID!) { learner(id: $id) { givenName version } }"
RENAME = """
mutation($input: UpdateLearnerInput!) { updateLearner(input: $input) {
    results { outcome node { givenName version } errors { code } } errors { code }
} }
"""
WITHDRAW = """
mutation($input: WithdrawSeriesEnrolmentsInput!) { withdrawSeriesEnrolments(input: $input) {
    results { outcome node { status } errors { code } } errors { code }
} }
"""


async def name(client: Client, learner: Record) -> str:
    """What somebody reads."""
    return (await client.query(NAME, {"id": learner.gid}))["learner"]["givenName"]


async def rename(client: Client, learner: Record, to: str, **more: Any) -> Json:
    """The result of a change."""
    answer = (await client.query(RENAME, {"input": {"id": learner.gid, "givenName": to, **more}}))["updateLearner"]
    assert answer["errors"] == []
    return answer["results"][0]


async def test_whoever_wrote_reads_it_in_every_process_and_others_read_the_replica(
    pair: Pair,
    database: Database,
    other_database: Database,
    organisation: Organisation,
    sign_in: SignIn,
    sign_in_elsewhere: SignIn,
) -> None:
    learner = organisation.learner(given_name="Old")
    await organisation.save()
    await pair.pause()
    writes, writes_elsewhere = sign_in(Role.ADMIN), sign_in_elsewhere(Role.ADMIN)
    reads, reads_elsewhere = sign_in(Role.OWNER), sign_in_elsewhere(Role.OWNER)
    assert [await name(each, learner) for each in (writes, writes_elsewhere)] == ["Old", "Old"]

    assert (await rename(writes, learner, "New"))["node"]["givenName"] == "New"

    assert [await name(each, learner) for each in (writes, writes_elsewhere)] == ["New", "New"]
    assert [await name(each, learner) for each in (reads, reads_elsewhere)] == ["Old", "Old"]

    await pair.catch_up()
    for each in (database, other_database):
        await seen(each)
    assert [await name(each, learner) for each in (reads, reads_elsewhere)] == ["New", "New"]
    await pair.pause()
    await rename(reads, learner, "Newer")
    assert [await name(each, learner) for each in (writes, writes_elsewhere)] == ["New", "New"], (
        "the replica answers again"
    )


async def test_an_executor_asks_there_as_well(pair: Pair, organisation: Organisation, executing: SignIn) -> None:
    learner = organisation.learner(given_name="Old")
    await organisation.save()
    await pair.pause()

    await rename(executing(Role.ADMIN), learner, "New")

    assert await name(executing(Role.ADMIN), learner) == "New"
    assert await name(executing(Role.OWNER), learner) == "Old"


async def test_a_change_is_decided_by_what_the_primary_has(
    pair: Pair, organisation: Organisation, sign_in: SignIn, sign_in_elsewhere: SignIn
) -> None:
    learner = organisation.learner(given_name="Old")
    enrolment = organisation.enrolment(learner, organisation.series(), SeriesEnrolmentStatus.IN_PROGRESS)
    withdrawn = {"input": {"ids": [enrolment.gid], "reason": "NO_LONGER_REQUIRED"}}
    await organisation.save()
    await pair.pause()
    await sign_in(Role.ADMIN).query(WITHDRAW, withdrawn)
    await rename(sign_in(Role.ADMIN), learner, "New")
    late = sign_in_elsewhere(Role.OWNER)
    assert (await late.query(NAME, {"id": learner.gid}))["learner"] == {"givenName": "Old", "version": 1}

    answer = (await late.query(WITHDRAW, withdrawn))["withdrawSeriesEnrolments"]["results"][0]
    renamed = await rename(late, learner, "Newer", expectedVersion=1)

    assert (answer["outcome"], answer["node"]["status"]) != ("CHANGED", "IN_PROGRESS")
    assert answer["node"]["status"] == "WITHDRAWN"
    assert (renamed["outcome"], renamed["errors"]) == ("REFUSED", [{"code": "CHANGED_MEANWHILE"}])


async def test_who_has_lost_their_role_is_out_however_old_the_replica_is(
    pair: Pair, organisation: Organisation, sign_in: SignIn, sign_in_elsewhere: SignIn, clock: ManualClock
) -> None:
    learner = organisation.learner()
    await organisation.save()
    await pair.pause()
    user = organisation.staff[Role.ADMIN]
    remove = "mutation($input: RemoveRoleInput!) { removeRole(input: $input) { counts { changed } } }"
    removed = await sign_in(Role.OWNER).query(remove, {"input": {"id": user.gid}})
    assert removed["removeRole"]["counts"]["changed"] == 1

    refused = await sign_in_elsewhere(user).execute(RENAME, {"input": {"id": learner.gid, "givenName": "New"}})
    clock.advance(FRESH)
    unread = await sign_in_elsewhere(user).execute(NAME, {"id": learner.gid})

    for each in (refused, unread):
        assert each["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_change_leaves_a_mark_and_a_preview_does_not_even_try(
    database: Database, organisation: Organisation, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner = organisation.learner(given_name="Old")
    await organisation.save()
    monkeypatch.setattr(database.tally, "keeps_texts", True)
    monkeypatch.setattr(database.tally, "texts", texts := list[str]())

    await rename(sign_in(Role.ADMIN), learner, "New", preview=True)
    assert not any("INSERT INTO written_marks" in each for each in texts)

    for each in ("New", "Newer"):
        await rename(sign_in(Role.ADMIN), learner, each)
    assert sum("INSERT INTO written_marks" in each for each in texts) == 2
    [mark] = await organisation.stored(written_marks)
    assert mark["user_id"] == organisation.staff[Role.ADMIN].id


async def test_reads_at_the_same_time_share_their_looks_at_the_primary(
    pair: Pair, database: Database, organisation: Organisation, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner = organisation.learner()
    client = sign_in(Role.ADMIN)
    await organisation.save()
    await pair.catch_up()
    await name(client, learner)
    monkeypatch.setattr(database.tally, "keeps_texts", True)
    monkeypatch.setattr(database.tally, "texts", texts := list[str]())

    await asyncio.gather(*(name(client, learner) for _ in range(40)))

    looks = [each for each in texts if "written_marks" in each]
    assert 1 <= len(looks) <= 20 < len(texts)


async def test_while_the_replica_is_gone_the_primary_answers_and_afterwards_the_replica_again(
    pair: Pair,
    database: Database,
    other_database: Database,
    organisation: Organisation,
    sign_in: SignIn,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    learner = organisation.learner(given_name="Old")
    client = sign_in(Role.OWNER)
    await organisation.save()
    await pair.pause()
    assert await name(client, learner) == "Old"
    assert database.replica is not None
    portals = [each.replica for each in (database, other_database)]
    for each in portals:
        monkeypatch.setattr(each, "_complained_at", -QUIET_SECONDS)

    async def is_given_up() -> bool:
        return database.replica is not None and not database.replica._ended_before

    pair.standby.stop()
    with caplog.at_level(logging.WARNING):
        assert [await name(client, learner) for _ in range(20)] == ["Old"] * 20, "on connections that are broken"
        await rename(sign_in(Role.ADMIN), learner, "New")
        await until(is_given_up)
        assert await name(client, learner) == "New"
    pair.standby.start()
    await seen(database)
    await pair.pause()
    await rename(sign_in(Role.ADMIN), learner, "Newer")

    assert await name(client, learner) == "New"
    said = [each.message for each in caplog.records if "the replica does not answer" in each.message]
    assert 1 <= len(said) <= len(portals), "once, for each of them that has looked meanwhile"


async def test_nothing_is_known_of_a_replica_that_was_gone_between_two_looks(pair: Pair, settings: Settings) -> None:
    portal = open_database(settings)
    replica = portal.replica
    assert replica is not None
    replica._ended_before = await replica._look()
    assert replica._ended_before

    async def is_forgotten() -> bool:
        return not replica._ended_before

    pair.standby.stop()
    await until(is_forgotten)
    pair.standby.start()
    await portal.close()


async def test_a_server_that_is_no_replica_answers_nothing(
    pair: Pair, organisation: Organisation, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = open_database(settings_for(pair.primary, read_database_url=pair.primary))
    assert wrong.replica is not None
    with caplog.at_level(logging.WARNING):
        for _ in range(50):
            assert not await wrong.replica.has_all_of((organisation.id, organisation.id))
            await asyncio.sleep(0.01)
    await wrong.close()

    assert "is no replica, or not any more" in caplog.text


async def test_a_read_that_fails_half_way_on_the_replica_is_answered_by_the_primary(
    database: Database, organisation: Organisation
) -> None:
    """A replica ends reads that stand in the way of what it is sent; or it crashes."""
    asked = list[str]()

    def breaking() -> Generator[Asked, Sequence[Any], bool]:
        asked.append("SELECT pg_is_in_recovery()")
        [(is_replica,)] = yield Asked(asked[-1])
        asked.append("SELECT pg_terminate_backend(pg_backend_pid()) WHERE pg_is_in_recovery()")
        yield Asked(asked[-1])
        return is_replica

    who = (organisation.id, organisation.staff[Role.ADMIN].id)

    assert await database.read(who, breaking) is False
    assert len(asked) == 4, "begun on the replica, and again on the primary"
    assert await database.read(who, lambda: steps("SELECT pg_is_in_recovery()")) is True


async def test_who_is_not_known_reads_the_primary(database: Database) -> None:
    assert await database.read(None, lambda: steps("SELECT pg_is_in_recovery()")) is False


def test_sqlite_has_neither(settings: Settings) -> None:
    for given in ({"read_database_url": settings.database_url}, {"pooler": "transaction"}):
        with pytest.raises(RuntimeError, match="are for PostgreSQL, not for SQLite"):
            open_database(settings_for("sqlite+aiosqlite:///never-opened.db", **given))
