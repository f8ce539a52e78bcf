"""What is written of an organisation, and what the database holds of it."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, Table, bindparam, insert, select, update
from sqlalchemy.engine import make_url

from portal_api.models import learners, organisations, reporting_lines, roles, users
from portal_api.models.base import Id
from tests.factories.layout import Layout
from tests.factories.tables import OF_AN_ORGANISATION, WRITTEN_IN_ORDER

OWNER = "owner"


@dataclass(frozen=True)
class _Read:
    """The rows of one table, asked for in an engine's own words."""

    text: str
    columns: tuple[tuple[str, Any], ...]
    """Their names, and what makes a value of what the engine keeps, where that is not the same."""

    def decoded(self, row: Any) -> dict[str, Any]:
        return {
            name: decode(value) if decode else value for (name, decode), value in zip(self.columns, row, strict=True)
        }


@dataclass(frozen=True)
class _Request:
    """What a reader runs."""

    statement: _Read
    values: list[Any]


@cache
def _rows_of(table: Table) -> Select[Any]:
    if table is organisations:
        is_own = organisations.c.id == bindparam(OWNER)
    elif table is users:
        is_own = users.c.id.in_(select(roles.c.user_id).where(roles.c.organisation_id == bindparam(OWNER)))
    else:
        is_own = table.c.organisation_id == bindparam(OWNER)
    return select(table).where(is_own).order_by(*table.primary_key.columns)


@cache
def _read(table: Table, driver: str) -> _Read:
    dialect = make_url(f"{driver}://").get_dialect()()
    decoders = ((column.name, column.type.dialect_impl(dialect).result_processor(dialect, None)) for column in table.c)
    return _Read(str(_rows_of(table).compile(dialect=dialect)), tuple(decoders))


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

    async def move_to(self, zone: str) -> None:
        """Has the organisation count its days in another time zone, stored already as it is."""
        self.rows[organisations][0]["time_zone"] = self.time_zone = zone
        async with self.database.engine.begin() as connection:
            await connection.execute(update(organisations).where(organisations.c.id == self.id).values(time_zone=zone))

    async def stored(self, table: Table) -> list[dict[str, Any]]:
        """What the database holds of the organisation in a table now, by key."""
        async with self.database.engine.connect() as connection:
            rows = await connection.execute(_rows_of(table), {OWNER: self.id})
            return [dict(row) for row in rows.mappings()]

    async def everything(self) -> dict[str, list[dict[str, Any]]]:
        """All that the database holds of the organisation; the same twice when nothing was changed in between.

        Asked for so often that it is read as the portal reads: in one go, by statements that are written once.
        """
        return await self.database.reader.run(self._everything())

    def _everything(self) -> Generator[Any, Any, dict[str, list[dict[str, Any]]]]:
        engine = self.database.engine
        owner = Id().process_bind_param(self.id, engine.dialect)
        found: dict[str, list[dict[str, Any]]] = {}
        for table in OF_AN_ORGANISATION:
            read = _read(table, engine.url.drivername)
            found[table.name] = [read.decoded(row) for row in (yield _Request(read, [owner]))]
        return found

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
