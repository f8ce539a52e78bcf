"""The ticker: writes down what time has done. Can run late, twice, or on two machines."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from datetime import timedelta
from uuid import UUID

from portal_api.clock import Clock
from portal_api.database import Database
from portal_api.ids import IdMaker
from portal_api.queries import idempotency as idempotency_queries
from portal_api.queries import ticker as ticker_queries
from portal_api.services import exports as export_services
from portal_api.services import integration_tokens as token_services
from portal_api.services import pathways as pathway_services
from portal_api.services import series as series_services
from portal_api.services.automations import days as automation_days
from portal_api.services.automations.reacting import react
from portal_api.services.certifications import settling as certification_settling
from portal_api.work import Work

BATCH = 500
LEASE = timedelta(minutes=2)
Settler = Callable[[Work, int], Awaitable[int]]
"""Settles a batch of one noun in an organisation, of so many records at the most; says how many it was."""
SETTLERS: tuple[Settler, ...] = (
    series_services.settle_due,
    pathway_services.settle_due,
    certification_settling.settle_due,
    certification_settling.settle_due_certificates,
    token_services.settle_due,
    export_services.expire_exports,
    automation_days.settle_due,
)
"""One for each noun that time moves, in the order in which they are looked at."""
log = logging.getLogger(__name__)


async def tick(database: Database, clock: Clock, new_id: IdMaker) -> int | None:
    """Looks once at every organisation.

    Returns:
        How many records time had moved; None if another ticker is at work.
    """
    holder = new_id(clock())
    if not await _lease(database, clock, holder):
        return None
    async with database.writer(is_patient=True) as connection:
        organisations = await ticker_queries.organisation_ids(connection)
    moved = 0
    for organisation_id in organisations:
        try:
            async with aclosing(settle(database, clock, new_id, organisation_id)) as batches:
                async for batch in batches:
                    moved += batch
                    if not await _lease(database, clock, holder):
                        return moved
        except Exception:  # whatever it was, the others do not wait for it
            log.exception("time was not written down for organisation %s", organisation_id)
    async with database.writer(is_patient=True) as connection, connection.begin():
        await idempotency_queries.forget(connection, clock())
        await ticker_queries.take_lease(connection, holder, now=clock(), until=clock())
    return moved


async def _lease(database: Database, clock: Clock, holder: UUID) -> bool:
    async with database.writer(is_patient=True) as connection, connection.begin():
        now = clock()
        return await ticker_queries.take_lease(connection, holder, now=now, until=now + LEASE)


async def settle(database: Database, clock: Clock, new_id: IdMaker, organisation_id: UUID) -> AsyncGenerator[int, None]:
    """Settles all that is due in an organisation, a batch at a time; says how many records each was."""
    for settler in SETTLERS:
        while batch := await _settle(database, clock, new_id, organisation_id, settler):
            yield batch


async def _settle(database: Database, clock: Clock, new_id: IdMaker, organisation_id: UUID, settler: Settler) -> int:
    """Settles one batch of a noun in an organisation, in one transaction."""
    async with database.writer(is_patient=True) as connection, connection.begin():
        work = Work.of_clock(connection, organisation_id, clock, new_id)
        settled = await settler(work, BATCH)
        await react(work)
        return settled


async def tick_for_ever(database: Database, clock: Clock, new_id: IdMaker, *, every: float) -> None:
    """Ticks until it is cancelled; a tick that fails is logged, and the next one makes it up."""
    while True:
        try:
            if moved := await tick(database, clock, new_id):
                log.info("time moved %d records", moved)
        except Exception:  # whatever it was, time goes on
            log.exception("a tick failed")
        await asyncio.sleep(every)
