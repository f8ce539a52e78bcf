"""The floor on SQLite."""

import asyncio
import hashlib
import secrets
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from benchmarks.floor.common import (
    ADMINISTRATORS,
    CHANGED,
    CHANGES,
    ENROLMENTS,
    PRINCIPAL,
    READS,
    TEAM,
    TEAM_MEMBER,
    TEAM_ORDER,
    WITHDRAWN,
    Read,
    Viewer,
    instant,
    page,
    statement,
    statements,
    told,
)
from portal_api.auth import Claims
from portal_api.ids import new_id


class SqliteFloor:
    """Reads on the event loop, since a thread hop costs more than most of them; writes in one thread."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._reader = self._connected()
        self._writer: sqlite3.Connection | None = None
        self._thread = ThreadPoolExecutor(1)
        self._team = statement("team", "sqlite")
        self._team_member = statement("team_member", "sqlite")
        self._enrolments = statement("enrolments_of_series", "sqlite")
        self._reads = {read.name: statement(read.name, "sqlite") for read in READS}
        self._withdraw = statements("withdraw_series_enrolments", "sqlite")
        self._change = statements("change_certifications", "sqlite")

    def _connected(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None)
        for pragma in (
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=5000",
            "cache_size=-4096",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    async def viewer(self, claims: Claims) -> Viewer:
        organisation, user = claims.organisation_id.hex, claims.user_id.hex
        role, learner = self._reader.execute(PRINCIPAL.format("?", "?"), (organisation, user)).fetchone()
        return Viewer(organisation, user, learner, role)

    async def team(self, viewer: Viewer, variables: dict[str, Any]) -> bytes:
        bound = {"organisation": viewer.organisation, "learner": viewer.learner, "now": instant(datetime.now(UTC))}
        return page(TEAM, self._reader.execute(self._team, bound).fetchall(), 50, TEAM_ORDER)

    async def team_member(self, viewer: Viewer, variables: dict[str, Any]) -> bytes:
        bound = {
            "organisation": viewer.organisation,
            "learner": viewer.learner,
            "now": instant(datetime.now(UTC)),
            "id": variables["id"][4:],
        }
        row = self._reader.execute(self._team_member, bound).fetchone()
        return TEAM_MEMBER % (row[0].encode() if row else b"null")

    async def enrolments_of_series(self, viewer: Viewer, variables: dict[str, Any]) -> bytes:
        assert viewer.role in ADMINISTRATORS
        bound = {
            "organisation": viewer.organisation,
            "series": variables["series"][4:],
            "now": instant(datetime.now(UTC)),
        }
        return page(ENROLMENTS, self._reader.execute(self._enrolments, bound).fetchall(), 1_000, "ID")

    async def read(self, viewer: Viewer, variables: dict[str, Any], read: Read) -> bytes:
        assert viewer.role in ADMINISTRATORS
        bound = {
            "organisation": viewer.organisation,
            "now": instant(datetime.now(UTC)),
            "id": variables.get("id", "")[4:],
        }
        return read.body(self._reader.execute(self._reads[read.name], bound).fetchone())

    async def withdraw_series_enrolments(self, viewer: Viewer, variables: dict[str, Any]) -> bytes:
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, self._withdrawn, viewer, variables["input"]
        )

    def _withdrawn(self, viewer: Viewer, given: dict[str, Any]) -> bytes:
        connection = self._writer = self._writer or self._connected()
        statements = self._withdraw
        connection.execute("BEGIN IMMEDIATE")
        try:
            now = datetime.now(UTC)
            bound = {
                "organisation": viewer.organisation,
                "user": viewer.user,
                "ids": orjson.dumps([each[4:] for each in given["ids"]]).decode(),
                "key": given["idempotencyKey"],
                "hash": hashlib.sha256(orjson.dumps(given)).hexdigest(),
                "now": instant(now),
                "expires_at": instant(now + timedelta(hours=24)),
                "milliseconds": f"{int(now.timestamp() * 1000):012x}",
                "reason": given["reason"],
                "note": given.get("note"),
                "request": secrets.token_hex(16),
            }
            [role] = connection.execute(statements["role"], bound).fetchone()
            assert role in ADMINISTRATORS
            assert connection.execute(statements["claim"], bound).rowcount == 1
            assert connection.execute(statements["record"], bound).rowcount == len(given["ids"])
            assert connection.execute(statements["withdraw"], bound).rowcount == len(given["ids"])
            connection.execute(statements["store"], bound)
            [results] = connection.execute(statements["read_back"], bound).fetchone()
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        return WITHDRAWN % (len(given["ids"]), results.encode())

    async def change_certifications(self, viewer: Viewer, variables: dict[str, Any], mutation: str) -> bytes:
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, self._changed, viewer, variables["input"], mutation
        )

    def _changed(self, viewer: Viewer, given: dict[str, Any], mutation: str) -> bytes:
        connection = self._writer = self._writer or self._connected()
        statements, change, everyone = self._change, CHANGES[mutation], len(given["ids"])
        connection.execute("BEGIN IMMEDIATE")
        try:
            now = datetime.now(UTC)
            rows = [(each[4:], new_id(now).hex, new_id(now).hex) for each in given["ids"]]
            bound = {
                "organisation": viewer.organisation,
                "user": viewer.user,
                "rows": orjson.dumps(rows).decode(),
                "now": instant(now),
                "expires_at": instant(now + timedelta(hours=24)),
                "milliseconds": f"{int(now.timestamp() * 1000):012x}",
                **told(given, mutation, change),
            }
            [role] = connection.execute(statements["role"], bound).fetchone()
            assert role in ADMINISTRATORS
            assert connection.execute(statements["claim"], bound).rowcount == 1
            assert connection.execute(statements["record"], bound).rowcount == everyone
            for name in change.statements:
                connection.execute(statements[name], bound)
            connection.execute(statements["store"], bound)
            [results] = connection.execute(statements["read_back"], bound).fetchone()
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        return CHANGED % (mutation.encode(), everyone, results.encode())
