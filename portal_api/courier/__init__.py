"""The courier: empties the outbox, and carries webhooks out. Any number of workers, on any number of machines."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from portal_api.clock import Clock
from portal_api.database import Database
from portal_api.domain.automations.webhooks import WebhookDeliveryStatus, pause_after
from portal_api.domain.machine import FAR_FUTURE
from portal_api.ids import IdMaker
from portal_api.queries.automations import deliveries as delivery_queries
from portal_api.queries.automations import outbox
from portal_api.queries.automations.deliveries import Parcel, Tried
from portal_api.services.automations import delivering
from portal_api.work import Work

if TYPE_CHECKING:
    from portal_api.courier.sending import Sender

BATCH = 500
"""How many messages of an organisation are delivered in one transaction."""
AT_ONCE = 20
"""How many webhooks are on their way at a time."""
LEASE = timedelta(minutes=2)
"""How long a delivery that is taken up is left alone by others: longer than an attempt takes at the most."""
log = logging.getLogger(__name__)


class Courier:
    """Delivers what transactions have left: first into the organisation's own records, then to endpoints."""

    def __init__(self, database: Database, clock: Clock, new_id: IdMaker, *, allows_inside: bool = False) -> None:
        """Sends nothing yet.

        Args:
            database: where the outbox is.
            clock: tells the time.
            new_id: makes identifiers.
            allows_inside: whether webhooks may go over plain http and to addresses inside: in development only.
        """
        self._database = database
        self._clock = clock
        self._new_id = new_id
        self._allows_inside = allows_inside

    @cached_property
    def _sender(self) -> "Sender":
        """What sends: with its HTTP client it is 5 MB that a process has only once it sends."""
        from portal_api.courier.sending import Sender  # noqa: PLC0415  loaded with the first webhook, for the reason above

        return Sender(self._clock, allows_inside=self._allows_inside)

    async def run_once(self) -> int:
        """Delivers all that waits now, and makes one attempt of each webhook that is due.

        Returns:
            How many messages were delivered, and how many attempts were made.
        """
        delivered = 0
        async with self._database.writer(is_patient=True) as connection:
            waiting = await outbox.waiting(connection, self._clock())
        for organisation_id in waiting:
            try:
                while batch := await self._deliver(organisation_id):
                    delivered += batch
            except Exception:  # whatever it was, the others do not wait for it
                log.exception("the outbox of organisation %s was not delivered", organisation_id)
        while parcels := await self._take():
            await self._carry(parcels)
            delivered += len(parcels)
        return delivered

    async def run_for_ever(self, *, every: float) -> None:
        """Delivers until it is cancelled."""
        while True:
            try:
                await self.run_once()
            except Exception:  # whatever it was, there is a next time
                log.exception("a round of the courier failed")
            await asyncio.sleep(every)

    async def _deliver(self, organisation_id: UUID) -> int:
        async with self._database.writer(is_patient=True) as connection, connection.begin():
            work = Work.of_clock(connection, organisation_id, self._clock, self._new_id)
            return await delivering.deliver(work, BATCH)

    async def _take(self) -> list[Parcel]:
        async with self._database.writer(is_patient=True) as connection, connection.begin():
            now = self._clock()  # after the wait: a lease is to last from here on
            return await delivery_queries.take(connection, now, AT_ONCE, until=now + LEASE)

    async def _carry(self, parcels: Sequence[Parcel]) -> None:
        """Makes an attempt of each, all at once, and writes down what became of it."""
        tried = await asyncio.gather(*map(self._try, parcels))
        for organisation_id in dict.fromkeys(parcel.organisation_id for parcel in parcels):
            own = [each for each in tried if each.parcel.organisation_id == organisation_id]
            try:
                async with self._database.writer(is_patient=True) as connection, connection.begin():
                    work = Work.of_clock(connection, organisation_id, self._clock, self._new_id)
                    await delivering.write_down(work, own)
            except Exception:  # those are tried again when their lease ends; what the others were told is written down
                log.exception("attempts for organisation %s were not written down", organisation_id)

    async def _try(self, parcel: Parcel) -> Tried:
        dead = Tried(parcel, WebhookDeliveryStatus.DEAD, None, FAR_FUTURE)
        if not parcel.is_wanted:
            return dead
        attempt = await self._sender.send(parcel)
        if attempt.fault is None:
            return Tried(parcel, WebhookDeliveryStatus.DELIVERED, attempt, FAR_FUTURE, self._clock())
        pause = pause_after(parcel.tries + 1)
        if pause is None:
            return replace(dead, attempt=attempt)
        return Tried(parcel, WebhookDeliveryStatus.FAILED, attempt, self._clock() + pause)
