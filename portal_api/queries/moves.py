"""How the rows of a status table are moved: by time, or by an action for which the table has cells."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Update, bindparam, literal, select, update
from sqlalchemy import Table as Rows
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.machine import Table
from portal_api.models import learners
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import scope
from portal_api.queries.rows import dialect_of, id_list
from portal_api.queries.time import next_due, status_now


class Moves:
    """The two ways in which rows of a status table are changed; each is one statement for all of them.

    Both are the second line of defence: what somebody else has moved meanwhile is left as it is, and so not told.
    """

    def __init__(self, table: Table[Any, Any, Any], rows: Rows) -> None:
        self._table = table
        self._rows = rows
        self._status_now = status_now(table, rows) if table.clock else rows.c.status
        self._settling = cache(self._settling_anew)
        self._taking = cache(self._taking_anew)

    async def settle(
        self, connection: AsyncConnection, organisation_id: UUID, ids: Sequence[UUID], *, now: datetime
    ) -> dict[UUID, int]:
        """Writes down what time has done to rows whose clock moves have come.

        Returns:
            The new version of each row that was changed.
        """
        return await self._changed(connection, self._settling(dialect_of(connection)), organisation_id, ids, now=now)

    async def take(
        self,
        connection: AsyncConnection,
        organisation_id: UUID,
        ids: Sequence[UUID],
        action: StrEnum,
        *,
        now: datetime | None = None,
        **given: Any,
    ) -> dict[UUID, int]:
        """Takes an action with the rows at which it is open.

        Args:
            connection: the transaction.
            organisation_id: whose rows they are.
            ids: the rows.
            action: which gives the statuses before and after; where it says none after, the status stays.
            now: the instant of the request, for a table that has a clock.
            **given: what is written beside the status, by column.

        Returns:
            The new version of each row that was changed.
        """
        statement = self._taking(dialect_of(connection), action, tuple(given))
        values = {f"new_{name}": value for name, value in given.items()} | ({"now": now} if now else {})
        return await self._changed(connection, statement, organisation_id, ids, **values)

    async def _changed(
        self, connection: AsyncConnection, statement: Update, organisation_id: UUID, ids: Sequence[UUID], **values: Any
    ) -> dict[UUID, int]:
        bound = {"organisation": organisation_id, "ids": id_list(connection, ids), **values}
        return dict((await connection.execute(statement, bound)).all())

    def _settling_anew(self, dialect: Dialect) -> Update:
        return self._update(dialect, self._rows.c.due_at <= scope.NOW, self._moved(self._status_now))

    def _taking_anew(self, dialect: Dialect, action: StrEnum, columns: tuple[str, ...]) -> Update:
        rule, rows = self._table[action], self._rows
        [to] = {cell.to for cell in rule.cells.values()}
        moved = self._moved(literal(to, rows.c.status.type)) if to else {}
        given = {name: bindparam(f"new_{name}", type_=rows.c[name].type) for name in columns}
        return self._update(dialect, self._status_now.in_(rule.statuses), {**moved, **given})

    def _moved(self, status: ColumnElement[Any]) -> dict[str, ColumnElement[Any]]:
        """A status, and the clock's next move from it."""
        due = {"due_at": next_due(self._table, self._rows, status)} if self._table.clock else {}
        return {"status": status, **due}

    def _update(self, dialect: Dialect, where: ColumnElement[bool], given: Mapping[str, ColumnElement[Any]]) -> Update:
        rows = self._rows
        return (
            update(rows)
            .where(rows.c.organisation_id == scope.ORGANISATION, dialect.in_list(rows.c.id, "ids"), where)
            .values(**given, version=rows.c.version + 1)
            .returning(rows.c.id, rows.c.version)
        )


def lock_learners_of(
    rows: Rows, seen: ColumnElement[bool]
) -> Callable[[AsyncConnection, Mapping[str, Any], Sequence[UUID]], Awaitable[None]]:
    """What locks the learners of those rows among some that the viewer sees, in the order of their ids."""

    @cache
    def statement(dialect: Dialect) -> AnySelect:
        concerned = select(rows.c.learner_id).where(seen, dialect.in_list(rows.c.id, "ids"))
        return (
            select(learners.c.id)
            .where(learners.c.organisation_id == scope.ORGANISATION, learners.c.id.in_(concerned))
            .order_by(learners.c.id)
            .with_for_update(key_share=True)
        )

    async def lock_learners(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> None:
        if connection.dialect.name == "postgresql":  # on SQLite the transaction is alone already
            await connection.execute(statement(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})

    return lock_learners
