"""Metadata, and the column types that both engines share.

Each type says itself what is done with a value that is read, and nothing where the driver has it as we do: what is left to
`process_result_value` passes through two functions for each value, and a change of a thousand rows reads twenty thousand.
"""

from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    MetaData,
    String,
    Text,
    TextClause,
    Uuid,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator, TypeEngine

from portal_api.ids import key_of

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def _key(value: str | None) -> UUID | None:
    return value if value is None else key_of(value)


class Id(TypeDecorator[UUID]):
    """A key: `uuid` on PostgreSQL, 32 hexadecimal characters on SQLite."""

    impl = String(32)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Uuid() if dialect.name == "postgresql" else String(32))

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> Any:
        return value if value is None or dialect.name == "postgresql" else value.hex

    def bind_processor(self, dialect: Dialect) -> Any:
        return None if dialect.name == "postgresql" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return None if dialect.name == "postgresql" else _key


@lru_cache(256)  # the rows of one call have one instant
def instant_text(value: datetime) -> str:
    """An instant as SQLite stores it and clients read it: UTC, microseconds, `Z`. It sorts as it counts."""
    return f"{value.astimezone(UTC).isoformat(timespec='microseconds')[: -len('+00:00')]}Z"


def _instant(value: str | None) -> datetime | None:
    return value if value is None else datetime.fromisoformat(value)


class Instant(TypeDecorator[datetime]):
    """An instant: `timestamptz` on PostgreSQL, sortable text in UTC on SQLite."""

    impl = String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(DateTime(timezone=True) if dialect.name == "postgresql" else String(27))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        return value if value is None or dialect.name == "postgresql" else instant_text(value)

    def bind_processor(self, dialect: Dialect) -> Any:
        return None if dialect.name == "postgresql" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return None if dialect.name == "postgresql" else _instant


class Enumerated(TypeDecorator[StrEnum]):
    """A value of a closed set, as its lower-case text."""

    impl = String(40)
    cache_ok = True

    def __init__(self, enum: type[StrEnum]) -> None:
        super().__init__()
        self.enum = enum

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return {None: None, **{member.value: member for member in self.enum}}.__getitem__


class Words(TypeDecorator[tuple[str, ...]]):
    """A few words in order, kept as one text with spaces between them."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        return None if value is None else " ".join(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        return None if value is None else tuple(value.split())


SortKey = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
"""Text to sort or search by: casefolded and without accents, compared byte by byte on both engines."""


def enum_column(name: str, enum: type[StrEnum], *, nullable: bool = False) -> Column[Any]:
    """A column for a closed set."""
    return Column(name, Enumerated(enum), nullable=nullable)


def enum_check(name: str, enum: type[StrEnum]) -> CheckConstraint:
    """Has the database itself refuse what is not in the set."""
    values = ", ".join(f"'{member}'" for member in enum)
    return CheckConstraint(f"{name} IN ({values})", name=f"{name}_known")


FAR_DAY = "9999-12-30"
"""Where a record without a day stands. Not the last day that there is: asyncpg hands that to PostgreSQL as infinity."""
FAR_INSTANT = "9999-12-31T00:00:00.000000Z"
FIRST_INSTANT = "1900-01-01T00:00:00.000000Z"
"""Before anything that was ever recorded."""


def or_far_day(day: str) -> TextClause:
    """A day to sort by, after all others where there is none. Indexes serve who writes it so: to the letter, nothing bound.

    Args:
        day: the name of the column.
    """
    return text(f"coalesce({day}, '{FAR_DAY}')")


def or_far_instant(instant: str) -> TextClause:
    """An instant to sort by, likewise."""
    return text(f"coalesce({instant}, '{FAR_INSTANT}')")


def or_first_instant(instant: str) -> TextClause:
    """An instant to sort by, before all others where there is none."""
    return text(f"coalesce({instant}, '{FIRST_INSTANT}')")


def organisation_column() -> Column[Any]:
    """The first half of every key: the organisation that the row belongs to."""
    return Column("organisation_id", Id, primary_key=True)


def reference(column: str, table: str) -> ForeignKeyConstraint:
    """A foreign key that carries the organisation, so that the database refuses a reference across the wall."""
    return ForeignKeyConstraint(["organisation_id", column], [f"{table}.organisation_id", f"{table}.id"])
