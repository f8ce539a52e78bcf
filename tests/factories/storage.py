"""What is written of an organisation, and what the database holds of it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table, insert, select

from portal_api.models import learners, organisations, reporting_lines, roles, users
from tests.factories.layout import Layout
from tests.factories.tables import OF_AN_ORGANISATION, WRITTEN_IN_ORDER


class Storage(Layout):
    """Writes what is laid out, and reads what is stored."""

    async def save(self) -> None:
        """Writes what is laid out and not written yet, reporting lines included, in one transaction."""
        for row in self.rows.get(learners, [])[self._saved.get(learners, 0) :]:
            self.rows.setdefault(reporting_lines, []).extend(self._lines_above(row))
        pending = {table: rows[self._saved.get(table, 0) :] for table, rows in self.rows.items()}
        if not any(pending.values()):
            return
        async with self.database.engine.begin() as connection:
            for table in WRITTEN_IN_ORDER:
                if table is learners:
                    pending[table] = self._managers_first(pending.get(table, []))
                if rows := pending.get(table):
                    await connection.execute(insert(table), rows)
        self._saved = {table: len(rows) for table, rows in self.rows.items()}

    async def stored(self, table: Table) -> list[dict[str, Any]]:
        """What the database holds of the organisation in a table now, by key."""
        if table is organisations:
            is_own = organisations.c.id == self.id
        elif table is users:
            is_own = users.c.id.in_(select(roles.c.user_id).where(roles.c.organisation_id == self.id))
        else:
            is_own = table.c.organisation_id == self.id
        chosen = select(table).where(is_own).order_by(*table.primary_key.columns)
        async with self.database.engine.connect() as connection:
            return [dict(row) for row in (await connection.execute(chosen)).mappings()]

    async def everything(self) -> dict[str, list[dict[str, Any]]]:
        """All that the database holds of the organisation; the same twice when nothing was changed in between."""
        return {table.name: await self.stored(table) for table in OF_AN_ORGANISATION}

    def _lines_above(self, row: Mapping[str, Any]) -> list[dict[str, Any]]:
        lines: list[dict[str, Any]] = []
        manager_id = row["manager_id"]
        while manager_id is not None:
            lines.append(
                {
                    "organisation_id": self.id,
                    "manager_id": manager_id,
                    "learner_id": row["id"],
                    "depth": len(lines) + 1,
                }
            )
            manager_id = self._by_id[manager_id]["manager_id"]
        return lines

    def _managers_first(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Foreign keys are checked row by row."""
        return sorted(rows, key=lambda row: len(self._lines_above(row)))
