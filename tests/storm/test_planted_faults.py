"""Faults planted in the portal, which a real storm brings to light: the checker says so, and by the right clause."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.auth import Tokens
from portal_api.database import Database
from portal_api.queries import idempotency
from portal_api.queries.certifications import changes, found
from portal_api.queries.rows import update_rows
from portal_api.services import bulk
from tests.clock import RepeatableIds
from tests.storm.checker import faults
from tests.storm.scene import Size, scene

CROWDED = Size(administrators=8, records=8, questions=120)


def _lost_updates(patch: pytest.MonkeyPatch) -> None:
    """Nobody is locked out; the guarded update has no test of the version that was read, and may have read long ago."""
    read: dict[UUID, Any] = {}
    facts = found.facts

    async def no_lock(*_: Any) -> None:
        """Lets everybody in at once."""

    async def stale(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> dict[UUID, Any]:
        rows = await facts(connection, bound, ids)
        if connection.dialect.name == "postgresql":  # where reading without a lock is stale by itself
            return rows
        before = {id_: read.get(id_, row) for id_, row in rows.items()}
        read.update(rows)
        return before

    async def unguarded(
        connection: AsyncConnection, table: Table, organisation_id: UUID, rows: Sequence[Mapping[str, Any]]
    ) -> dict[UUID, int]:
        of = select(table.c.id, table.c.version).where(table.c.id.in_([row["id"] for row in rows]))
        now = {row.id: row.version for row in await connection.execute(of)}
        return await update_rows(
            connection, table, organisation_id, [{**row, "version": now[row["id"]]} for row in rows]
        )

    patch.setattr(found, "lock_learners", no_lock)
    patch.setattr(found, "facts", stale)
    patch.setattr(changes, "update_rows", unguarded)


def _no_lock(patch: pytest.MonkeyPatch) -> None:
    """Nobody is locked out, and the test of the version in the update is all that is left."""

    async def no_lock(*_: Any) -> None:
        """Lets everybody in at once."""

    patch.setattr(found, "lock_learners", no_lock)


def _open_at_any_status(patch: pytest.MonkeyPatch) -> None:
    """The table is not asked."""
    patch.setattr(bulk, "_reasons", lambda *_: ())


def _keys_that_are_forgotten(patch: pytest.MonkeyPatch) -> None:
    """Each call is taken for the first with its key."""
    claim = idempotency.claim

    async def always(*args: Any, **given: Any) -> bool:
        await claim(*args, **given)
        return True

    patch.setattr(idempotency, "claim", always)


@pytest.mark.parametrize(
    ("plant", "clauses"),
    [
        (_lost_updates, {"an_entry_begins_where_the_last_ended"}),
        (_open_at_any_status, {"the_grid_allows_each_move"}),
        (_keys_that_are_forgotten, {"a_question_is_answered_alike"}),
    ],
)
async def test_a_storm_brings_a_planted_fault_to_light(
    plant: Any,
    clauses: set[str],
    own_database: Database,
    tokens: Tokens,
    new_id: RepeatableIds,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with scene(own_database, tokens, new_id, seed=2, size=CROWDED) as storm:
        plant(monkeypatch)
        await storm.rage()
        seen = faults(await storm.told())

    print({clause: (len(each), each[0]) for clause, each in seen.items()})
    assert clauses <= seen.keys()
