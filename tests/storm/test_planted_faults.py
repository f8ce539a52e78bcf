"""Faults planted in the portal, which a real storm brings to light: the checker says so, and by the right clause."""

from collections.abc import Callable, Mapping, Sequence
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

CROWDED = Size(administrators=8, records=4, questions=100, patience=30)


def _lost_updates(patch: pytest.MonkeyPatch) -> None:
    """Nobody is locked out, a decision may rest on an older read, and the guarded update has lost its test of the version."""
    read: dict[UUID, Any] = {}
    facts = found.facts

    async def no_lock(*_: Any) -> None:
        """Lets everybody in at once."""

    async def stale(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> dict[UUID, Any]:
        rows = await facts(connection, bound, ids)
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


async def _seen(
    plant: Callable[[pytest.MonkeyPatch], None],
    database: Database,
    tokens: Tokens,
    new_id: RepeatableIds,
    patch: pytest.MonkeyPatch,
) -> set[str]:
    """The clauses that a storm breaks once a fault is planted."""
    async with scene(database, tokens, new_id, seed=2, size=CROWDED) as storm:
        plant(patch)
        await storm.rage()
        found = faults(await storm.told())
    for clause, told in found.items():
        print(f"{plant.__name__}: {clause}: {len(told)}, the first: {told[0]:.160}")  # noqa: T201  what a fault looks like
    return set(found)


async def test_a_storm_brings_lost_updates_to_light(
    own_database: Database, tokens: Tokens, new_id: RepeatableIds, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = await _seen(_lost_updates, own_database, tokens, new_id, monkeypatch)

    assert seen & {"an_entry_begins_where_the_last_ended", "a_change_is_told_once", "the_end_is_the_last_entry"}


@pytest.mark.soak
@pytest.mark.parametrize(
    ("plant", "clause"),
    [
        (_open_at_any_status, "the_grid_allows_each_move"),
        (_keys_that_are_forgotten, "a_question_is_answered_alike"),
    ],
)
async def test_a_storm_brings_other_faults_to_light(
    plant: Callable[[pytest.MonkeyPatch], None],
    clause: str,
    own_database: Database,
    tokens: Tokens,
    new_id: RepeatableIds,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert clause in await _seen(plant, own_database, tokens, new_id, monkeypatch)
