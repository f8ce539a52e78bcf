"""An organisation being laid out: its rows, and what is found among them."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from portal_api.clock import Clock
from portal_api.database import Database
from portal_api.domain.roles import Role
from portal_api.ids import IdMaker
from portal_api.models import organisations
from tests.factories.records import Record
from tests.factories.tables import DAY, DEFAULTS, PREFIXES


@dataclass(repr=False)
class Layout:
    """What an organisation is laid out with; the nouns add to it.

    It shows itself without its rows: the event loop, at the end of each run, has whatever a fixture gave show itself.
    """

    database: Database
    clock: Clock
    new_id: IdMaker
    name: str = "Acme"
    time_zone: str = "Pacific/Auckland"
    rows: dict[Table, list[dict[str, Any]]] = field(default_factory=dict[Table, list[dict[str, Any]]])
    """Everything laid out, saved or not, for whoever wants to compare."""
    staff: dict[Role, Record] = field(default_factory=dict[Role, Record])
    """The first user of each role."""
    own: dict[Role, Record] = field(default_factory=dict[Role, Record])
    """The learner record of the first user of each role, where there is one."""
    _saved: dict[Table, int] = field(default_factory=dict[Table, int])
    _counterparts: dict[UUID, UUID] = field(default_factory=dict[UUID, UUID])

    def __post_init__(self) -> None:
        self.id = self.new_id(self.clock())
        self._serial = 0
        self._by_id: dict[UUID, dict[str, Any]] = {}
        self._records: dict[UUID, Record] = {}
        self.itself = self._add(
            organisations,
            {
                "id": self.id,
                "external_ref": f"org-{self.id.hex}",
                "name": self.name,
                "time_zone": self.time_zone,
                "created_at": self.clock() - 400 * DAY,
            },
        )

    def record(self, id_: UUID) -> Record:
        """What was laid out under a key."""
        return self._records[id_]

    def by_ref(self, table: Table, external_ref: str) -> Record:
        """What was laid out under a reference: the twin of a record has the same one."""
        [row] = [row for row in self.rows[table] if row["external_ref"] == external_ref]
        return self.record(row["id"])

    def _add(self, table: Table, row: dict[str, Any]) -> Record:
        for column in table.columns:
            if column.name not in row:
                row[column.name] = DEFAULTS.get(column.name)
        self.rows.setdefault(table, []).append(row)
        record = Record(table, row)
        if "id" in row:
            self._by_id[row["id"]] = row
            if table in PREFIXES:
                self._records[row["id"]] = record
        return record

    def _number(self) -> int:
        self._serial += 1
        return self._serial
