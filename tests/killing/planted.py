"""Faults to be planted in a server before it serves, by name: each is one that kills bring to light."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from contextvars import ContextVar
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api import work as work_module
from portal_api.domain.history import SubjectKind
from portal_api.queries import history as history_queries
from portal_api.queries import idempotency
from portal_api.queries.automations import outbox
from portal_api.queries.automations.outbox import Message
from portal_api.queries.history import Entry
from portal_api.services.courses import finalising
from portal_api.services.courses.writing import write_units

PAUSE = 0.05
"""Seconds by which a window is opened that a kill would else seldom hit."""
Late = Callable[[AsyncConnection], Awaitable[None]]
_late: ContextVar[list[Late] | None] = ContextVar("_late", default=None)
"""What a call does in a transaction of its own, once its own one is committed."""


def _put(module: object, name: str, value: object) -> None:
    setattr(module, name, value)


async def _begin_another(connection: AsyncConnection) -> None:
    """Commits what was written so far."""
    await connection.exec_driver_sql("COMMIT")
    await asyncio.sleep(PAUSE)
    await connection.exec_driver_sql("BEGIN")


def _acknowledge_before_the_commit() -> None:
    once = work_module._once

    async def early(request: Any, call: Any, find_viewer: Any, body: Any, read_back: Any) -> Any:
        made: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        async def told(*given: Any) -> Any:
            made.set_result(await read_back(*given))
            await asyncio.sleep(PAUSE)
            return made.result()

        task = asyncio.create_task(once(request, call, find_viewer, body, told))
        await asyncio.wait((task, made), return_when=asyncio.FIRST_COMPLETED)
        return await (made if made.done() else task)

    _put(work_module, "_once", early)


def _follow_up() -> None:
    """Has calls do what is late in a transaction of its own; of a preview nothing, nor where all was refused."""
    once = work_module._once

    async def followed(request: Any, call: Any, *rest: Any) -> Any:
        late: list[Late] = []
        _late.set(late)
        made = await once(request, call, *rest)
        _late.set(None)
        if late and not call.preview:
            await asyncio.sleep(PAUSE)
            with suppress(IntegrityError):  # nothing was left that they could belong to
                async with request.database.writer() as connection, connection.begin():
                    for each in late:
                        await each(connection)
        return made

    _put(work_module, "_once", followed)


def _leave_messages_after_the_commit() -> None:
    leave = outbox.leave

    async def later(connection: AsyncConnection, id_: UUID, messages: Sequence[Message], *, at: datetime) -> None:
        if (late := _late.get()) is None:
            await leave(connection, id_, messages, at=at)
        else:
            late.append(lambda other: leave(other, id_, messages, at=at))

    _put(outbox, "leave", later)
    _follow_up()


def _leave_messages_before_the_commit() -> None:
    """In a transaction of its own: not on SQLite, which has one at a time."""
    leave = outbox.leave

    async def apart(connection: AsyncConnection, id_: UUID, messages: Sequence[Message], *, at: datetime) -> None:
        async with connection.engine.begin() as other:
            await leave(other, id_, messages, at=at)

    _put(outbox, "leave", apart)


def _tell_of_units_after_the_commit() -> None:
    record = history_queries.record

    async def later(connection: AsyncConnection, entries: Sequence[Entry]) -> None:
        late = _late.get()
        held = [each for each in entries if each.subject_kind is SubjectKind.UNIT_ENROLMENT and late is not None]
        await record(connection, [each for each in entries if each not in held])
        if held and late is not None:
            late.append(lambda other: record(other, held))

    _put(history_queries, "record", later)
    _follow_up()


def _commit_enrolments_before_their_units() -> None:
    async def in_two(work: Any, *given: Any, **more: Any) -> Any:
        await _begin_another(work.connection)
        return await write_units(work, *given, **more)

    _put(finalising, "write_units", in_two)


def _forget_keys() -> None:
    async def claim(*_: Any, **__: Any) -> bool:
        return True

    _put(idempotency, "claim", claim)


def _count_messages_as_delivered_before_they_are() -> None:
    due = outbox.due

    async def hasty(connection: AsyncConnection, id_: UUID, now: datetime, most: int) -> list[Message]:
        found = await due(connection, id_, now, most)
        if found:
            await outbox.delivered(connection, id_, [each.id for each in found], now)
            await _begin_another(connection)
        return found

    _put(outbox, "due", hasty)


FAULTS: Mapping[str, Callable[[], None]] = {
    "acknowledge before the commit": _acknowledge_before_the_commit,
    "leave messages after the commit": _leave_messages_after_the_commit,
    "leave messages before the commit": _leave_messages_before_the_commit,
    "tell of units after the commit": _tell_of_units_after_the_commit,
    "commit enrolments before their units": _commit_enrolments_before_their_units,
    "forget keys": _forget_keys,
    "count messages as delivered before they are": _count_messages_as_delivered_before_they_are,
}
