"""Rounds of killing: calls are sent, the server is killed, what is there is looked at, and it is started again."""

import asyncio
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from time import monotonic

import httpx
from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.clock import system_clock
from portal_api.models.base import Instant
from tests import invariants
from tests.client import Json
from tests.killing.checker import Book, against_answer, is_there
from tests.killing.receiving import Hook
from tests.killing.scene import FINALISE, Batch, Meant, Scene
from tests.killing.server import Server

CLIENTS = 2
READY = 6
"""The calls that wait to be sent when a round begins: more than are answered before the kill."""
ASKED_AGAIN = 0.3
"""How often a round asks again for an answer that was given long ago."""
IMPATIENT = 0.2
"""How often whoever has sent a call hangs up before the answer comes: the work may be done, and nobody was told."""
SPAN = 2
"""A kill comes at any time within so many times what a call takes."""
THERE, NOT_THERE = "calls without an answer that were there", "calls without an answer that were not"
COME_AGAIN = {"BUSY", "IDEMPOTENCY_IN_PROGRESS"}
_OTHERS = text("""
    SELECT COUNT(*) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
""")
_WAITING = text("""
    SELECT (SELECT COUNT(*) FROM outbox_messages WHERE delivered_at IS NULL)
        + (SELECT COUNT(*) FROM webhook_deliveries WHERE status IN ('pending', 'failed'))
""")
_LET_GO = text("""
    UPDATE webhook_deliveries SET due_at = :now WHERE status IN ('pending', 'failed')
""").bindparams(bindparam("now", type_=Instant()))


@dataclass
class Killing:
    """One server that is killed over and over, and everything that is known of what it did."""

    scene: Scene
    server: Server
    hook: Hook
    random: Random
    answers: dict[str, Json] = field(default_factory=dict[str, Json])
    """The first answer to each call."""
    there: set[str] = field(default_factory=set[str])
    """The batches that were seen in the database: they stay."""
    unanswered: dict[str, Batch] = field(default_factory=dict[str, Batch])
    """Those that were sent, perhaps several times, and whose answer never came."""
    unsent: list[Batch] = field(default_factory=list[Batch])
    figures: Counter[str] = field(default_factory=Counter[str])
    faults: list[str] = field(default_factory=list[str])
    call_takes: float = 0.3
    """Seconds, of late."""

    def __post_init__(self) -> None:
        self._database = self.scene.organisation.database
        self._began_at = system_clock()
        self._book = Book(self.scene.organisation.id)

    async def round(self) -> None:
        """Has calls sent, kills the server at any moment, and looks at what it has left behind."""
        began_at = system_clock()
        self.unsent += await self.scene.lay_out(READY - len(self.unsent))
        asked_again = self.random.random() < ASKED_AGAIN and self.answers
        again = [self.scene.batches[self.random.choice(list(self.answers))]] if asked_again else []
        queue = deque([*self.unanswered.values(), *again, *self.unsent])
        await self.server.start()
        answers, started = len(self.answers), Counter[str]()
        clients = asyncio.gather(*(self._send(queue, started, IMPATIENT) for _ in range(CLIENTS)))
        await asyncio.sleep(self.random.uniform(0, SPAN * self.call_takes))
        self.server.kill()
        await clients
        await self.server.gone()
        self.unsent = [each for each in self.unsent if each.name not in started]
        self.figures["kills"] += 1
        self.figures["calls answered before the kill"] += len(self.answers) - answers
        await self._look([self.scene.batches[name] for name in started], began_at)

    async def finish(self, *, lets_go: bool) -> None:
        """Has every call answered and everything delivered in peace, and looks at it all.

        Args:
            lets_go: whether deliveries that the killed had taken up are free at once, as if the time had passed
                for which they had them; else it is waited for.
        """
        if lets_go:
            await self._let_go()
        await self.server.start()
        begun = monotonic()
        queue = deque([*self.unanswered.values()])
        await self._send(queue, Counter(), 0)
        while await self._waiting():
            assert monotonic() - begun < 600, "something is never delivered"
            await asyncio.sleep(0.1)
        self.server.kill()
        await self.server.gone()
        self.figures["seconds until all was delivered"] = round(monotonic() - begun)
        await self._look(self.scene.batches.values(), self._began_at)
        async with self._database.engine.connect() as connection:
            self.faults += await self._book.against_deliveries(connection, self.hook.told())
        await invariants.check(self._database, self.scene.organisation.id)
        told = Counter(each.message for each in self.hook.told())
        self.figures["webhooks"] = len(told)
        self.figures["webhooks that came more than once"] = sum(times > 1 for times in told.values())
        self.figures["batches"] = len(self.answers)
        self.figures["enrolments finalised"] = sum(len(self.scene.batches[name].rows) for name in self.there)

    async def _send(self, queue: deque[Batch], started: Counter[str], impatient: float) -> None:
        """Sends one call after another, until there are no more or nobody answers; some are not waited for."""
        headers = {"authorization": f"Bearer {self.scene.token}"}
        async with httpx.AsyncClient(base_url=self.server.address, headers=headers, trust_env=False) as client:
            while queue:
                batch = queue.popleft()
                started[batch.name] += 1
                if batch.name not in self.answers:
                    self.unanswered[batch.name] = batch
                sent, begun = {"query": FINALISE, "variables": {"input": batch.input}}, monotonic()
                patience = (
                    self.random.uniform(0.01, SPAN * self.call_takes) if self.random.random() < impatient else 120
                )
                try:
                    response = await client.post(
                        "/graphql", json=sent, headers={"x-request-id": batch.name}, timeout=patience
                    )
                except httpx.ReadTimeout:
                    continue
                except httpx.TransportError:
                    self.call_takes = max(
                        self.call_takes, monotonic() - begun
                    )  # else a slow machine is never waited for
                    return
                self.call_takes += (monotonic() - begun - self.call_takes) / 5
                self._answered(batch, response.json(), queue)

    def _answered(self, batch: Batch, answer: Json, queue: deque[Batch]) -> None:
        payload = (answer.get("data") or {}).get("finaliseCourseEnrolments")
        if payload and COME_AGAIN & {each["code"] for each in payload["errors"]}:
            self.figures["told to come again"] += 1
            queue.append(batch)
            return
        first = self.answers.setdefault(batch.name, answer)
        if answer != first:
            self.faults.append(f"{batch.name} is answered now so and now so: {first} and {answer}")
        if batch.name not in self.unanswered:
            self.figures["answers given again"] += 1
        elif batch.name in self.there:
            self.figures["answers told of what was there already"] += 1
        self.unanswered.pop(batch.name, None)
        self.faults += against_answer(batch, payload, answer)

    async def _look(self, batches: Iterable[Batch], since_at: datetime) -> None:
        """Looks at batches while nobody is at work: each is there or is not, and what was acknowledged is."""
        async with self._database.engine.connect() as connection:
            await self._alone(connection)
            self.faults += await self._book.read(connection, since_at)
            self.faults += await self._book.against_told(connection, self.hook.told())
            for batch in batches:
                self._judge(batch, is_there(batch, await self._book.found(connection, batch)))
        await self._database.engine.dispose()

    def _judge(self, batch: Batch, found: bool | str) -> None:
        if isinstance(found, str):
            self.faults.append(found)
        elif batch.meant is Meant.ALL:
            is_answered, was_there = batch.name in self.answers, batch.name in self.there
            if not found and (is_answered or was_there):
                self.faults.append(f"{batch.name} was {'acknowledged' if is_answered else 'there'}, and is lost")
            if not is_answered and not was_there:
                self.figures[THERE if found else NOT_THERE] += 1
            self.there |= {batch.name} if found else set()

    async def _alone(self, connection: AsyncConnection) -> None:
        """Waits until PostgreSQL has noticed that nobody is there any more: until then, it carries out what it was sent."""
        while not self._database.is_sqlite and await connection.scalar(_OTHERS):
            await connection.rollback()  # what it shows of others is one picture a transaction
            await asyncio.sleep(0.005)

    async def _waiting(self) -> int:
        async with self._database.engine.connect() as connection:
            return int(await connection.scalar(_WAITING) or 0)

    async def _let_go(self) -> None:
        async with self._database.engine.begin() as connection:
            await connection.execute(_LET_GO, {"now": system_clock() - timedelta(seconds=1)})
        await self._database.engine.dispose()
