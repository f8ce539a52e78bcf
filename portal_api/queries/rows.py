"""Many rows in one statement: bound as one JSON text, so that a thousand cost as many statements as one."""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Executable, Integer, Table, Text, TextClause, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from portal_api.models.base import Id, metadata
from portal_api.planner.dialects import Dialect, PostgresDialect, SqliteDialect

_DIALECTS: Mapping[str, Dialect] = {"sqlite": SqliteDialect(), "postgresql": PostgresDialect()}


def dialect_of(connection: AsyncConnection) -> Dialect:
    """The planner's view of a connection's engine."""
    return _DIALECTS[connection.dialect.name]


def id_list(connection: AsyncConnection, ids: Sequence[UUID]) -> Any:
    """The value to bind where a statement tests against a list of keys."""
    is_sqlite = connection.dialect.name == "sqlite"
    return dialect_of(connection).keys([each.hex for each in ids] if is_sqlite else ids)


async def read(connection: AsyncConnection, statement: Executable, values: Mapping[str, Any]) -> list[Any]:
    """The rows that a statement gives, as named tuples.

    Those of SQLAlchemy look each name up in Python: with twenty columns that takes longer than all else that a change does
    with a row.
    """
    result = await connection.execute(statement, values)
    return list(map(_named(tuple(result.keys())), result))


@cache
def _named(columns: tuple[str, ...]) -> Callable[[Iterable[Any]], Any]:
    return namedtuple("Row", columns)._make  # pyright: ignore[reportUntypedNamedTuple]  only the statement knows them


async def insert_rows(connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts rows that all give the same columns; none is no statement."""
    if rows:
        statement = _insert(table, tuple(rows[0]), connection.dialect.name)
        await connection.execute(statement, {"rows": _packed(connection, rows)})


def _packed(connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as one JSON text; what JSON has no form for is written as the engine stores it."""
    if connection.dialect.name == "postgresql":
        packed = orjson.dumps(rows, default=str)
    else:
        packed = orjson.dumps(rows, default=dialect_of(connection).encode, option=orjson.OPT_PASSTHROUGH_DATETIME)
    if b"\\u0000" in packed:  # rarely, and then one by one: a backslash that was written looks the same
        for row in rows:
            for value in row.values():
                dialect_of(connection).encode(value)
    return packed.decode()


def _read_of(table: Table, name: str) -> str:
    """What SQLite reads a column by of a row that was packed: JSON writes keys with hyphens."""
    read = f"value ->> '{name}'"
    return f"replace({read}, '-', '')" if isinstance(table.c[name].type, Id) else read


@cache
def _insert(table: Table, columns: tuple[str, ...], engine: str) -> TextClause:
    names = ", ".join(columns)
    if engine == "postgresql":
        source = f"SELECT {names} FROM json_populate_recordset(NULL::{table.name}, CAST(:rows AS json))"
    else:
        values = ", ".join(_read_of(table, name) for name in columns)
        source = f"SELECT {values} FROM json_each(:rows)"
    return text(f"INSERT INTO {table.name} ({names}) {source}").bindparams(bindparam("rows"))


async def update_rows(
    connection: AsyncConnection, table: Table, organisation_id: UUID, rows: Sequence[Mapping[str, Any]]
) -> dict[UUID, int]:
    """Gives each row values of its own, in one statement; none is no statement.

    Args:
        connection: the transaction.
        table: where the rows stand; each has a version.
        organisation_id: whose they are.
        rows: `id`, the `version` that was read, and the new values: the same columns for all.

    Returns:
        The new version of each row that was still at the version read.
    """
    if not rows:
        return {}
    statement = _update(table, _given(rows), connection.dialect.name, is_versioned=True)
    changed = await connection.execute(statement, {"rows": _packed(connection, rows), "organisation": organisation_id})
    return dict(changed.all())


async def set_rows(
    connection: AsyncConnection, table: Table, organisation_id: UUID, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Gives each row values of its own, whatever it held: for parts of a record, which is versioned as a whole.

    Args:
        connection: the transaction, which holds the locks.
        table: where the rows stand.
        organisation_id: whose they are.
        rows: `id` and the new values: the same columns for all; none is no statement.
    """
    if rows:
        statement = _update(table, _given(rows), connection.dialect.name, is_versioned=False)
        await connection.execute(statement, {"rows": _packed(connection, rows), "organisation": organisation_id})


def _given(rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(name for name in rows[0] if name not in ("id", "version"))


@cache
def _update(table: Table, columns: tuple[str, ...], engine: str, *, is_versioned: bool) -> Executable:
    name = table.name
    if engine == "postgresql":
        source = f"json_populate_recordset(NULL::{name}, CAST(:rows AS json))"
    else:
        read = ("id", *(["version"] if is_versioned else []), *columns)
        values = ", ".join(f"{_read_of(table, column)} AS {column}" for column in read)
        # As a table of its own, and the organisation in it: else SQLite reads the list anew for each row of the table.
        source = f"(SELECT :organisation AS organisation, {values} FROM json_each(:rows) LIMIT -1)"
    given = [f"{column} = given.{column}" for column in columns]
    organisation = ":organisation" if engine == "postgresql" else "given.organisation"
    where = f"{name}.organisation_id = {organisation} AND {name}.id = given.id"
    if not is_versioned:
        plain = text(f"UPDATE {name} SET {', '.join(given)} FROM {source} AS given WHERE {where}")
        return plain.bindparams(bindparam("rows"), bindparam("organisation", type_=Id()))
    statement = (
        f"UPDATE {name} SET {', '.join([*given, f'version = {name}.version + 1'])} FROM {source} AS given "
        f"WHERE {where} AND {name}.version = given.version "
        f"RETURNING {name}.id AS id, {name}.version AS version"
    )
    bound = text(statement).bindparams(bindparam("rows"), bindparam("organisation", type_=Id()))
    return bound.columns(id=Id(), version=Integer())


class PairsAsJson(FunctionElement[str]):
    """Gathers two columns of many rows into one text: JSON pairs, in no order; `pairs_of` reads it."""

    type = Text()
    inherit_cache = True


@compiles(PairsAsJson, "sqlite")
def _sqlite_pairs(element: Any, compiler: Any, **options: Any) -> str:
    return f"json_group_array(json_array({compiler.process(element.clauses, **options)}))"


@compiles(PairsAsJson, "postgresql")
def _postgresql_pairs(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST(json_agg(json_build_array({compiler.process(element.clauses, **options)})) AS TEXT)"


def pairs_of(gathered: str | None) -> list[tuple[Any, Any]]:
    """The pairs in a text that `PairsAsJson` gathered, sorted; a pair without a second half comes after those with one."""
    pairs: list[tuple[Any, Any]] = [tuple(each) for each in orjson.loads(gathered or "[]")]
    return sorted(pairs, key=lambda pair: (pair[0], pair[1] is None, pair[1] or ""))


class RowAsJson(FunctionElement[str]):
    """Several values of one row as one text, a JSON list: a subquery gives one value, and this lets it give many."""

    type = Text()
    inherit_cache = True


@compiles(RowAsJson, "sqlite")
def _sqlite_row(element: Any, compiler: Any, **options: Any) -> str:
    return f"json_array({compiler.process(element.clauses, **options)})"


@compiles(RowAsJson, "postgresql")
def _postgresql_row(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST(json_build_array({compiler.process(element.clauses, **options)}) AS TEXT)"


async def gather_statistics(connection: AsyncConnection) -> None:
    """Tells the database what its tables hold now; by itself it would go on planning as if they were empty.

    On a server the portal's tables alone: its own are shared with other databases, and whoever reads those would wait.
    """
    tables = "" if connection.dialect.name == "sqlite" else f" {', '.join(metadata.tables)}"
    await connection.execute(text(f"ANALYZE{tables}"))
