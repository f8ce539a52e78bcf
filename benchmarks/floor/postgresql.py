"""The floor on PostgreSQL."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
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
    Named,
    Read,
    Viewer,
    page,
    statement,
    statements,
    told,
)
from portal_api.auth import Claims
from portal_api.ids import new_id


class PostgresFloor:
    """One statement a read, prepared; a pool of connections that are not reset."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._team = statement("team", "postgresql")
        self._team_member = statement("team_member", "postgresql")
        self._enrolments = statement("enrolments_of_series", "postgresql")
        self._reads = {read.name: statement(read.name, "postgresql") for read in READS}
        self._withdraw = statements("withdraw_series_enrolments", "postgresql")
        named = statements("change_certifications", "postgresql")
        self._change = {name: Named.of(statement) for name, statement in named.items()}

    async def viewer(self, claims: Claims) -> Viewer:
        principal = PRINCIPAL.format("$1", "$2")
        role, learner = await self._pool.fetchrow(principal, claims.organisation_id, claims.user_id)  # type: ignore[misc]  a row is there: who signs in holds a role
        return Viewer(claims.organisation_id, claims.user_id, learner, role)

    async def team(self, viewer: Viewer, variables: dict[str, Any]) -> bytes:
        rows = await self._pool.fetch(self._team, viewer.organisation, viewer.learner, datetime.now(UTC))
        return page(TEAM, rows, 50, TEAM_ORDER)

    async def team_member(self, viewer: Viewer, variables: dict[str, Any]) -> bytes:
        asked = UUID(variables["id"][4:])
        found = await self._pool.fetchval(
            self._team_member, viewer.organisation, viewer.learner, datetime.now(UTC), asked
        )
        return TEAM_MEMBER % (found.encode() if found else b"null")

    async def enrolments_of_series(self, viewer: Viewer, variables: dict[str, Any]) -> bytes:
        assert viewer.role in ADMINISTRATORS
        asked = UUID(variables["series"][4:])
        rows = await self._pool.fetch(self._enrolments, viewer.organisation, datetime.now(UTC), asked)
        return page(ENROLMENTS, rows, 1_000, "ID")

    async def read(self, viewer: Viewer, variables: dict[str, Any], read: Read) -> bytes:
        assert viewer.role in ADMINISTRATORS
        known = {"organisation": viewer.organisation, "now": datetime.now(UTC)}
        if "id" in read.bound:
            known["id"] = UUID(variables["id"][4:])
        row = await self._pool.fetchrow(self._reads[read.name], *(known[name] for name in read.bound))
        assert row is not None
        return read.body(row)

    async def withdraw_series_enrolments(self, viewer: Viewer, variables: dict[str, Any]) -> bytes:
        given = variables["input"]
        organisation, user, key = viewer.organisation, viewer.user, given["idempotencyKey"]
        ids = [UUID(each[4:]) for each in given["ids"]]
        reason, note = given["reason"], given.get("note")
        statements, everyone = self._withdraw, len(ids)
        digest = hashlib.sha256(orjson.dumps(given)).hexdigest()
        async with self._pool.acquire() as connection, connection.transaction():
            assert await connection.fetchval(statements["role"], organisation, user) in ADMINISTRATORS
            now = datetime.now(UTC)
            expires_at = now + timedelta(hours=24)
            claimed = await connection.execute(statements["claim"], organisation, user, key, digest, now, expires_at)
            await connection.fetch(statements["lock"], organisation, ids)
            now = datetime.now(UTC)
            recorded = await connection.execute(
                statements["record"], organisation, user, ids, now, reason, note, secrets.token_hex(16)
            )
            withdrawn = await connection.execute(statements["withdraw"], organisation, ids, now, reason, note)
            assert (claimed, recorded, withdrawn) == ("INSERT 0 1", f"INSERT 0 {everyone}", f"UPDATE {everyone}")
            await connection.execute(statements["store"], organisation, user, key, ids)
            results = await connection.fetchval(statements["read_back"], organisation, ids)
        return WITHDRAWN % (everyone, results.encode())

    async def change_certifications(self, viewer: Viewer, variables: dict[str, Any], mutation: str) -> bytes:
        given = variables["input"]
        statements, change = self._change, CHANGES[mutation]
        ids = [UUID(each[4:]) for each in given["ids"]]
        async with self._pool.acquire() as connection, connection.transaction():
            now = datetime.now(UTC)
            bound = {
                "organisation": viewer.organisation,
                "user": viewer.user,
                "ids": ids,
                "entries": [new_id(now) for _ in ids],
                "cycles": [new_id(now) for _ in ids],
                "now": now,
                "expires_at": now + timedelta(hours=24),
                **told(given, mutation, change),
            }

            async def run(name: str) -> str:
                text, names = statements[name]
                return await connection.execute(text, *(bound[each] for each in names))

            role, names = statements["role"]
            assert await connection.fetchval(role, *(bound[each] for each in names)) in ADMINISTRATORS
            assert await run("claim") == "INSERT 0 1"
            await run("lock")
            if "open_cycles" in change.statements:
                await run("hold")
            bound["now"] = datetime.now(UTC)
            assert await run("record") == f"INSERT 0 {len(ids)}"
            for name in change.statements:
                await run(name)
            await run("store")
            read_back, names = statements["read_back"]
            results = await connection.fetchval(read_back, *(bound[each] for each in names))
        return CHANGED % (mutation.encode(), len(ids), results.encode())
