"""What the rows of courses, units, offers and reasons have in common: locks, and texts that each has to itself."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import scope
from portal_api.queries.rows import dialect_of, id_list


class Shelf:
    """The rows of one table."""

    def __init__(self, rows: Table, seen: ColumnElement[bool]) -> None:
        """Takes the table, and which of its rows the viewer sees."""
        self._rows = rows
        self._seen = seen
        self._locking = cache(self._locking_anew)
        self._holding = cache(self._holding_anew)

    async def lock(self, connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> None:
        """Locks rows that are to be changed, in the order of their ids; on SQLite the transaction is alone already."""
        await self._lock(connection, bound, ids, alone=True)

    async def hold(self, connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> None:
        """Keeps rows as they are until the transaction ends; others may hold them too."""
        await self._lock(connection, bound, ids, alone=False)

    async def _lock(
        self, connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID], *, alone: bool
    ) -> None:
        if connection.dialect.name == "postgresql":
            statement = self._locking(dialect_of(connection), alone)
            await connection.execute(statement, {**bound, "ids": id_list(connection, ids)})

    def _locking_anew(self, dialect: Dialect, alone: bool) -> AnySelect:
        key = self._rows.c.id
        chosen = select(key).where(self._seen, dialect.in_list(key, "ids")).order_by(key)
        return chosen.with_for_update(key_share=True) if alone else chosen.with_for_update(read=True)

    async def holders(
        self, connection: AsyncConnection, organisation_id: UUID, column: Column[str], texts: Sequence[str]
    ) -> dict[str, UUID]:
        """The rows of an organisation that have one of some texts in a column in which each is there once."""
        dialect = dialect_of(connection)
        values = {"organisation": organisation_id, "texts": dialect.encode(list(texts))}
        found = await connection.execute(self._holding(dialect, column), values)
        return {row.held: row.id for row in found}

    def _holding_anew(self, dialect: Dialect, column: Column[str]) -> AnySelect:
        return select(column.label("held"), self._rows.c.id).where(
            self._rows.c.organisation_id == scope.ORGANISATION, dialect.in_list(column, "texts")
        )
