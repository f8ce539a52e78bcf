"""The exporter at work: rights of the moment, workers that die, several at once."""

import asyncio
import gc
from typing import Any

import pytest
from sqlalchemy import update
from starlette.applications import Starlette

from portal_api.domain.exports import ExportList
from portal_api.domain.roles import Role
from portal_api.exporter import LEASE, MOST_STARTS, Exporter
from portal_api.exporter.lists import LISTS
from portal_api.ids import global_id
from portal_api.models import export_pieces, learners, roles, series_enrolments
from portal_api.queries.exports import Job
from tests.api.cases import case_of
from tests.client import portal_of
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.exporter.conftest import Ask, Asked, listed
from tests.exporter.scene import MICROSECOND, many, moves
from tests.factories import Organisation


async def _set(organisation: Organisation, table: Any, where: Any, **values: Any) -> None:
    async with organisation.database.engine.begin() as connection:
        await connection.execute(
            update(table).where(table.c.organisation_id == organisation.id, where).values(**values)
        )


@pytest.mark.parametrize("role", [None, Role.TRAINER, Role.LEARNER])
async def test_a_role_lost_before_its_turn_has_the_export_fail(
    organisation: Organisation, ask: Ask, exporter: Exporter, sign_in: SignIn, role: Role | None
) -> None:
    asked = await ask(Role.MANAGER, "learners")
    await _set(organisation, roles, roles.c.user_id == organisation.staff[Role.MANAGER].id, role=role)

    assert await exporter.run_once()

    export = await Asked(sign_in(Role.OWNER), asked.id).poll()
    assert (export["status"], export["url"], export["finishedAt"] is None) == ("FAILED", None, False)
    reason = "UNAUTHENTICATED" if role is None else "FORBIDDEN"
    assert moves(export)[1:] == [("STARTED", "CLOCK", None, 2), ("FAILED", "CLOCK", reason, 3)]
    assert await organisation.stored(export_pieces) == []
    assert not await exporter.run_once()


async def test_the_rights_are_those_of_the_moment_when_it_is_written(
    organisation: Organisation, ask: Ask, exporter: Exporter
) -> None:
    organisation.learner()
    asked = await ask(Role.ADMIN, "learners")
    user = organisation.staff[Role.ADMIN]
    linked = organisation.learner()
    await organisation.save()
    await _set(organisation, roles, roles.c.user_id == user.id, role=Role.MANAGER, learner_id=linked.id)

    await exporter.run_once()

    assert [row[0] for row in (await asked.rows())[1:]] == [linked.gid]


async def test_a_finished_export_can_be_fetched_when_its_learners_are_inactive(
    organisation: Organisation, ask: Ask, exporter: Exporter
) -> None:
    asked = await ask(Role.ADMIN, "learners")
    await exporter.run_once()
    before = await asked.rows()

    ids = [row["id"] for row in organisation.rows[learners]]
    payload = await case_of("deactivateLearners").payload(asked.client, *(global_id("lrn", id_) for id_ in ids))
    assert payload["counts"]["changed"] == len(ids) > 0

    assert await asked.rows() == before


class Interrupted(Exporter):
    """A worker to which something happens after a page."""

    def __init__(self, exporter: Exporter, after: int, what: Any) -> None:
        super().__init__(exporter._planner, exporter._database, exporter._clock, exporter._new_id)
        self._left, self._what = after, what

    async def _keep(self, job: Job, pieces: list[tuple[int, bytes]], written: int, row_count: int) -> None:
        await super()._keep(job, pieces, written, row_count)
        self._left -= 1
        if self._left == 0:
            await self._what()


async def _dies() -> None:
    raise asyncio.CancelledError


async def test_an_export_whose_worker_died_is_written_anew_when_its_lease_is_over(
    organisation: Organisation, ask: Ask, exporter: Exporter, clock: ManualClock, sign_in: SignIn
) -> None:
    many(organisation, 2_100)
    asked = await ask(Role.ADMIN, "seriesEnrolments")

    with pytest.raises(asyncio.CancelledError):
        await Interrupted(exporter, 2, _dies).run_once()

    halfway = await asked.poll()
    assert (halfway["status"], halfway["progress"]) == ("RUNNING", {"writtenCount": 2_000, "rowCount": 2_100})
    assert not await exporter.run_once()
    clock.advance(LEASE - MICROSECOND)
    assert not await exporter.run_once()
    clock.advance(MICROSECOND)
    assert await exporter.run_once()
    export, rows = await asked.poll(), await asked.rows()
    by_pages = await listed(sign_in(Role.ADMIN), "seriesEnrolments", LISTS[ExportList.SERIES_ENROLMENTS].paths)
    assert rows[1:] == by_pages
    assert len({row[0] for row in rows[1:]}) == len(rows) - 1 == 2_100
    assert export["progress"] == {"writtenCount": 2_100, "rowCount": 2_100}
    assert [move[0] for move in moves(export)] == ["REQUESTED", "STARTED", "STARTED", "FINISHED"]


async def test_a_worker_that_was_thought_dead_writes_no_more(
    organisation: Organisation, ask: Ask, exporter: Exporter, clock: ManualClock, sign_in: SignIn
) -> None:
    many(organisation, 2_100)
    asked = await ask(Role.ADMIN, "seriesEnrolments")

    async def another_takes_it_up() -> None:
        clock.advance(LEASE)
        assert await exporter.run_once()

    assert await Interrupted(exporter, 1, another_takes_it_up).run_once()

    rows = await asked.rows()
    assert len(rows) == len({row[0] for row in rows}) == 2_101
    assert [move[0] for move in moves(await asked.poll())] == ["REQUESTED", "STARTED", "STARTED", "FINISHED"]


async def test_an_export_that_kills_its_workers_is_given_up(
    organisation: Organisation, ask: Ask, exporter: Exporter, clock: ManualClock
) -> None:
    asked = await ask(Role.ADMIN, "learners")
    for _ in range(MOST_STARTS):
        with pytest.raises(asyncio.CancelledError):
            await Interrupted(exporter, 1, _dies).run_once()
        clock.advance(LEASE)

    assert not await exporter.run_once()

    export = await asked.poll()
    assert export["status"] == "FAILED"
    assert moves(export)[-1] == ("FAILED", "CLOCK", "INTERNAL", MOST_STARTS + 2)


async def test_a_fault_ends_its_own_export_and_no_other(
    organisation: Organisation, ask: Ask, exporter: Exporter, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    async def breaks() -> None:
        raise RuntimeError("the disk is full of numbers")

    broken = await ask(Role.ADMIN, "learners")
    clock.advance(MICROSECOND)  # of two asked for at one instant either may come first
    next_ = await ask(Role.ADMIN, "seriesLibrary")

    assert await Interrupted(exporter, 1, breaks).run_once()
    assert await exporter.run_once()

    assert moves(await broken.poll())[-1] == ("FAILED", "CLOCK", "INTERNAL", 3)
    assert (await next_.poll())["status"] == "READY"
    assert "the disk is full of numbers" in caplog.text


async def test_two_workers_at_once_write_each_export_once(
    organisation: Organisation, ask: Ask, exporter: Exporter, app: Starlette
) -> None:
    portal = portal_of(app)
    other = Exporter(portal.planner, portal.database, portal.clock, portal.new_id)
    all_asked = [await ask(Role.ADMIN, list_) for list_ in ("learners", "seriesLibrary", "historyEntries")]

    async def works(worker: Exporter) -> int:
        done = 0
        while await worker.run_once():
            done += 1
        return done

    assert sum(await asyncio.gather(works(exporter), works(other))) == 3
    for asked in all_asked:
        assert [move[0] for move in moves(await asked.poll())] == ["REQUESTED", "STARTED", "FINISHED"]


async def test_the_oldest_is_written_first(
    organisation: Organisation, ask: Ask, exporter: Exporter, clock: ManualClock
) -> None:
    first = await ask(Role.ADMIN, "learners")
    clock.advance(MICROSECOND)
    second = await ask(Role.OWNER, "learners")

    await exporter.run_once()

    assert ((await first.poll())["status"], (await second.poll())["status"]) == ("READY", "QUEUED")


async def test_while_an_export_is_written_others_write_and_it_does_not_see_it(
    organisation: Organisation, ask: Ask, exporter: Exporter
) -> None:
    many(organisation, 1_500)
    asked = await ask(Role.ADMIN, "seriesEnrolments")

    async def somebody_adds() -> None:
        many(organisation, 5)
        await organisation.save()

    await Interrupted(exporter, 1, somebody_adds).run_once()

    assert len(await asked.rows()) == 1_501
    assert len(await organisation.stored(series_enrolments)) == 1_505


async def test_a_portal_that_is_served_exports_by_itself_until_it_stops(
    organisation: Organisation, ask: Ask, app: Starlette
) -> None:
    asked, thresholds = await ask(Role.ADMIN, "learners"), gc.get_threshold()

    async with app.router.lifespan_context(app):
        for _ in range(400):
            if (await asked.poll())["status"] == "READY":
                break
            await asyncio.sleep(0.01)

    gc.unfreeze()
    gc.set_threshold(*thresholds)
    assert (await asked.poll())["status"] == "READY"
    assert not [task for task in asyncio.all_tasks() if "run_for_ever" in repr(task)]
