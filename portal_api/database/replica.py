"""A streaming replica: answers queries of whoever has written nothing that it does not have yet."""

import asyncio
import logging
from contextlib import suppress
from time import monotonic
from typing import TypeAlias
from uuid import UUID

import asyncpg  # pyright: ignore[reportMissingTypeStubs]  it has none
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.database.postgres import PostgresReader, Way
from portal_api.database.reading import Tally

log = logging.getLogger(__name__)
Who: TypeAlias = tuple[UUID, UUID]
"""A user in an organisation: the organisation's key, then the user's."""

LOOK_SECONDS = 0.25
"""Between two looks at how far the replica is: so long may who has written read the primary for no need."""
PATIENCE = 1.0
"""Seconds for which the replica may be silent before it counts as gone."""
QUIET_SECONDS = 60.0
"""Between two complaints in the log."""
FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)
"""What a read on the replica may end with that would not have ended so on the primary."""

_LEAVE = text("""
    INSERT INTO written_marks (organisation_id, user_id, written_in)
    VALUES (:organisation, :user, CAST(CAST(pg_current_xact_id() AS text) AS bigint))
    ON CONFLICT (organisation_id, user_id) DO UPDATE
    SET written_in = greatest(written_marks.written_in, excluded.written_in)
""")
_MARKS = """
    SELECT organisation_id, user_id, written_in
    FROM unnest($1::uuid[], $2::uuid[]) AS asked (organisation_id, user_id)
    JOIN written_marks USING (organisation_id, user_id)
"""
_ENDED_BEFORE = """
    SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint), pg_is_in_recovery()
"""


async def leave_mark(connection: AsyncConnection, who: Who) -> None:
    """Notes with a change, as its last statement, in which transaction its user has written last.

    Last, since the user's other changes wait for the row until this one is committed.
    """
    organisation_id, user_id = who
    await connection.execute(_LEAVE, {"organisation": organisation_id, "user": user_id})


class Marks:
    """In which transaction users have written last, as the primary has it now.

    Whoever asks while a look is under way shares the next one: it begins after all of them have asked, and so sees all
    that they were told before. A process so never asks the primary more than once at a time, however much is read.
    """

    def __init__(self, primary: PostgresReader) -> None:
        """Asks by `primary`, one statement at a time."""
        self._primary = primary
        self._turn = asyncio.Lock()
        self._asked: set[Who] = set()
        self._next: asyncio.Task[dict[Who, int]] | None = None

    async def of(self, who: Who) -> int | None:
        """The transaction in which a user has written last; None for one who never has."""
        self._asked.add(who)
        if self._next is None:
            self._next = asyncio.create_task(self._look())
        return (await asyncio.shield(self._next)).get(who)

    async def close(self) -> None:
        """Gives back its connection."""
        await self._primary.close()

    async def _look(self) -> dict[Who, int]:
        async with self._turn:
            asked, self._asked, self._next = list(self._asked), set[Who](), None
            rows = await self._primary.ask(_MARKS, [each[0] for each in asked], [each[1] for each in asked])
        return {(organisation, user): written_in for organisation, user, written_in in rows}


class Replica:
    """Knows what the replica has. Nothing waits for it: who cannot be answered there is answered by the primary."""

    def __init__(self, way: Way, reader: PostgresReader, marks: Marks) -> None:
        """Takes the way to the replica, what reads there, and the primary's marks.

        Looks have a connection of their own, so that no long read is in their way. When it ends, nothing is known any
        more: a replica that has crashed may come back with less than it had.
        """
        self.reader = reader
        self._looks = PostgresReader(way, connections=1, tally=Tally(), on_loss=self._forget)
        self._marks = marks
        self._ended_before = 0
        """Transactions before this one have ended, and the replica has what they wrote; 0 while it is gone."""
        self._watch: asyncio.Task[None] | None = None
        self._complained_at = -QUIET_SECONDS

    async def has_all_of(self, who: Who) -> bool:
        """Whether the replica is there and has all that a user was told to be written."""
        if self._watch is None:
            self._watch = asyncio.create_task(self._look_for_ever())
        if not self._ended_before:
            return False
        mark = await self._marks.of(who)
        return mark is None or mark < self._ended_before

    def complain(self, error: BaseException) -> None:
        """Logs what keeps the replica from answering, once a minute."""
        if monotonic() - self._complained_at >= QUIET_SECONDS:
            self._complained_at = monotonic()
            log.warning("the replica does not answer, the primary does: %s", str(error) or type(error).__name__)

    def _forget(self) -> None:
        self._ended_before = 0

    async def _look_for_ever(self) -> None:
        while True:
            try:
                async with asyncio.timeout(PATIENCE):
                    self._ended_before = await self._look()
            except Exception as error:  # whatever it was, the primary is there
                self._forget()
                self.complain(error)
                self.reader.drop()
                self._looks.drop()
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self) -> int:
        [(ended_before, is_replica)] = await self._looks.ask(_ENDED_BEFORE)
        if not is_replica:
            raise RuntimeError("the server of PORTAL_READ_DATABASE_URL is no replica, or not any more")
        return ended_before

    async def close(self) -> None:
        """Ends the looks, and gives back all connections."""
        if self._watch is not None:
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch
        await self.reader.close()
        await self._looks.close()
        await self._marks.close()
