"""What a test holds of a row that it laid out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from portal_api.ids import global_id
from tests.factories.tables import PREFIXES


@dataclass(frozen=True)
class Record:
    """A row as it was laid out; `record["status"]` is a column, `record.gid` the identifier that clients know."""

    table: Table = field(repr=False)  # it would write out every column, and each run of the event loop shows its result
    row: Mapping[str, Any]

    @property
    def id(self) -> UUID:
        return self.row["id"]

    @property
    def gid(self) -> str:
        return global_id(PREFIXES[self.table], self.id)

    def __getitem__(self, column: str) -> Any:
        return self.row[column]
