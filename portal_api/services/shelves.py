"""Retiring and reinstating what an organisation keeps on its shelves: one way for every noun (a reading)."""

from collections.abc import Awaitable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.machine import Table
from portal_api.services.bulk import Decided, Row
from portal_api.work import Answer, Work


class Take(Protocol):
    """Takes an action with those of some rows at which it is open; says their new versions."""

    def __call__(
        self, connection: Any, organisation_id: UUID, ids: Sequence[UUID], action: StrEnum, /
    ) -> Awaitable[dict[UUID, int]]: ...


class Follow(Protocol):
    """What follows from it: is told the history's entry of each record that was changed."""

    def __call__(self, work: Work, causes: Mapping[UUID, UUID], /) -> Awaitable[None]: ...


async def shelve(
    work: Work,
    table: Table[Any, Any, Any],
    action: StrEnum,
    act: HistoryAction,
    ids: Sequence[UUID],
    rows: Mapping[UUID, Row],
    expected: Mapping[UUID, int],
    take: Take,
    follow: Follow | None = None,
) -> Answer:
    """Retires or reinstates records, which are locked already.

    Args:
        work: the transaction.
        table: the noun's table; its kind is that of the history's subject.
        action: which of the two.
        act: the same in the history.
        ids: the records, as the caller named them.
        rows: those that were found.
        expected: the versions that the caller read.
        take: the write.
        follow: what follows from it in the same transaction, if anything does.

    Returns:
        A result for each of `ids`.
    """
    decided = Decided(table[action], work.role, ids, rows, expected)
    if not decided.granted:
        return Answer(decided.results(()))
    versions = await take(work.connection, work.organisation_id, decided.granted_ids, action)
    kind = SubjectKind(table.kind)
    entries = [
        work.entry(
            act,
            (kind, row.id),
            None,
            version=versions[row.id],
            statuses=(row.facts.status.name, table[action].after(row.facts.status).name),
        )
        for row in decided.granted
        if row.id in versions
    ]
    await work.record(entries)
    if follow:
        await follow(work, {entry.subject_id: entry.id for entry in entries})
    return Answer(decided.results(versions))
