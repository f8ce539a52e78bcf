"""An organisation's rows as plain objects, and the forms that values have."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select

from portal_api.database import Database

Row = Any
Rows = Mapping[str, Sequence[Row]]
FAR_FUTURE = "9999-12-31T00:00:00.000000Z"
LONG_AGO = "1900-01-01T00:00:00.000000Z"
"""Where stands in an order what has not happened: after all else, or before it."""


async def load(database: Database, organisation_id: UUID, tables: Mapping[str, Table]) -> Rows:
    """Everything that the organisation has in some tables: whole tables, less what is others'."""
    found: dict[str, list[Row]] = {}
    async with database.engine.connect() as connection:
        for type_, table in tables.items():
            rows = (await connection.execute(select(table))).mappings().all()
            found[type_] = [SimpleNamespace(record_type=type_, **row) for row in rows]
    members = {role.user_id for role in found["Role"] if role.organisation_id == organisation_id}

    def is_own(row: Row) -> bool:
        match row.record_type:
            case "Organisation":
                return row.id == organisation_id
            case "User":
                return row.id in members
            case _:
                return row.organisation_id == organisation_id

    return {type_: [row for row in rows if is_own(row)] for type_, rows in found.items()}


def wire(value: Any) -> Any:
    """A value as the answer has it."""
    match value:
        case StrEnum():
            return value.name
        case datetime():
            return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
        case date():
            return value.isoformat()
        case list() | tuple():
            return [wire(each) for each in value]
        case _:
            return value


@cache
def folded(text: str) -> str:
    """A text without case, accents and superfluous space."""
    plain = unicodedata.normalize("NFKD", text)
    while (again := unicodedata.normalize("NFKD", plain.casefold())) != plain:
        plain = again
    return " ".join("".join(each for each in plain if not unicodedata.combining(each)).split())


def snake(name: str) -> str:
    """`externalRef` as Python writes it."""
    return re.sub(r"[A-Z]", lambda found: f"_{found[0].lower()}", name)


def camel(name: str) -> str:
    """`WITHDRAWN_AT` as fields are written."""
    return re.sub(r"_(.)", lambda found: found[1].upper(), name.lower())
