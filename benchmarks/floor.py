"""The floor: what is left when nothing stands between HTTP and the database. A bare ASGI application, and SQL by hand.

It answers the measured documents and no others, each at a path of its own, and checks who asks as cheaply as can be: a
token is verified at its first use and known from then on. In all it answers byte for byte what the portal answers.
"""

import argparse
import asyncio
import base64
import gc
import hashlib
import re
import secrets
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import asyncpg
import orjson
import uvicorn
from sqlalchemy.engine import make_url

from portal_api.auth import Claims, Tokens, signing_key
from portal_api.database import POSTGRES_READERS
from portal_api.ids import new_id
from portal_api.planner.names import snake
from portal_api.settings import Settings, settings

SQL = Path(__file__).parent / "sql"
NAME = re.compile(r"(?<!:):([a-z_]+)")
ADMINISTRATORS = {"owner", "admin"}
PRINCIPAL = "SELECT role, learner_id FROM roles WHERE organisation_id = {} AND user_id = {}"
TEAM = b'{"data":{"learners":{"nodes":[%b],"pageInfo":{"hasNextPage":%b,"endCursor":"%b"}}}}'
TEAM_ORDER = "FAMILY_NAME,GIVEN_NAME,ID"
TEAM_MEMBER = b'{"data":{"learner":%b}}'
ENROLMENTS = b'{"data":{"seriesEnrolments":{"nodes":[%b],"pageInfo":{"hasNextPage":%b,"endCursor":"%b"}}}}'
WITHDRAWN = (
    b'{"data":{"withdrawSeriesEnrolments":{"isPreview":false,"counts":{"changed":%d,"unchanged":0,"refused":0},'
    b'"results":[%b],"errors":[]}}}'
)
CHANGED = (
    b'{"data":{"%b":{"isPreview":false,"counts":{"changed":%d,"unchanged":0,"refused":0},"results":[%b],"errors":[]}}}'
)


@dataclass(frozen=True, slots=True)
class Change:
    """A change of learners' certifications: what history calls it, and its statements, in their order."""

    action: str
    statements: tuple[str, ...]
    ending: str = ""
    """How approvals end."""


CHANGES = {
    "overrideTraining": Change(
        "learner_certification_steps_overridden",
        ("finish_steps", "record_approvals", "end_approvals", "override_training_cycles", "override_training"),
        "overridden",
    ),
    "revokeAccess": Change(
        "learner_certification_revoked",
        (
            *("record_approvals", "end_approvals", "close_cycles"),
            *("record_certificates", "revoke_certificates", "revoke_access"),
        ),
        "closed",
    ),
    "forceRecertification": Change(
        "learner_certification_cycle_forced",
        ("record_certificates", "revoke_certificates", "force_recertification", "open_cycles", "open_steps"),
    ),
}
TYPES = {
    "organisation": "uuid",
    "user": "uuid",
    "ids": "uuid[]",
    "entries": "uuid[]",
    "cycles": "uuid[]",
    "now": "timestamptz",
    "expires_at": "timestamptz",
}
"""Of what is bound by name, where it is no text."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks: keys as the driver takes them."""

    organisation: Any
    user: Any
    learner: Any
    role: str


class Floor(Protocol):
    """One engine."""

    async def viewer(self, claims: Claims) -> Viewer: ...
    async def team(self, viewer: Viewer, variables: dict[str, Any]) -> bytes: ...
    async def team_member(self, viewer: Viewer, variables: dict[str, Any]) -> bytes: ...
    async def enrolments_of_series(self, viewer: Viewer, variables: dict[str, Any]) -> bytes: ...
    async def withdraw_series_enrolments(self, viewer: Viewer, variables: dict[str, Any]) -> bytes: ...
    async def change_certifications(self, viewer: Viewer, variables: dict[str, Any], mutation: str) -> bytes: ...


def _statement(name: str, engine: str) -> str:
    return (SQL / f"{name}.{engine}.sql").read_text()


def _statements(name: str, engine: str) -> dict[str, str]:
    """The statements of a file that has several, by the names that their comments give them."""
    parts = _statement(name, engine).split("-- name: ")[1:]
    return {part.partition("\n")[0]: part.partition("\n")[2] for part in parts}


class Named(NamedTuple):
    """A statement of asyncpg's whose values were named: the names, in the order of its numbers."""

    text: str
    names: tuple[str, ...]

    @classmethod
    def of(cls, statement: str) -> "Named":
        names = tuple(dict.fromkeys(NAME.findall(statement)))

        def numbered(found: re.Match[str]) -> str:
            return f"${names.index(found[1]) + 1}::{TYPES.get(found[1], 'text')}"

        return cls(NAME.sub(numbered, statement), names)


def _page(template: bytes, rows: Sequence[Any], size: int, signature: str) -> bytes:
    """A page of nodes that the database has written, one row each, and one row more where another page follows."""
    nodes = ",".join([row[0] for row in rows[:size]])
    places = list(rows[:size][-1])[1:]
    cursor = base64.urlsafe_b64encode(orjson.dumps([signature, *places]))
    return template % (nodes.encode(), b"true" if len(rows) > size else b"false", cursor)


def _instant(at: datetime) -> str:
    return f"{at.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


class SqliteFloor:
    """Reads on the event loop, since a thread hop costs more than most of them; writes in one thread."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._reader = self._connected()
        self._writer: sqlite3.Connection | None = None
        self._thread = ThreadPoolExecutor(1)
        self._team = _statement("team", "sqlite")
        self._team_member = _statement("team_member", "sqlite")
        self._enrolments = _statement("enrolments_of_series", "sqlite")
        self._withdraw = _statements("withdraw_series_enrolments", "sqlite")
        self._change = _statements("change_certifications", "sqlite")

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
        bound = {"organisation": viewer.organisation, "learner": viewer.learner, "now": _instant(datetime.now(UTC))}
        return _page(TEAM, self._reader.execute(self._team, bound).fetchall(), 50, TEAM_ORDER)

    async def team_member(self, viewer: Viewer, variables: dict[str, Any]) -> bytes:
        bound = {
            "organisation": viewer.organisation,
            "learner": viewer.learner,
            "now": _instant(datetime.now(UTC)),
            "id": variables["id"][4:],
        }
        row = self._reader.execute(self._team_member, bound).fetchone()
        return TEAM_MEMBER % (row[0].encode() if row else b"null")

    async def enrolments_of_series(self, viewer: Viewer, variables: dict[str, Any]) -> bytes:
        assert viewer.role in ADMINISTRATORS
        bound = {
            "organisation": viewer.organisation,
            "series": variables["series"][4:],
            "now": _instant(datetime.now(UTC)),
        }
        return _page(ENROLMENTS, self._reader.execute(self._enrolments, bound).fetchall(), 1_000, "ID")

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
                "now": _instant(now),
                "expires_at": _instant(now + timedelta(hours=24)),
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
                "now": _instant(now),
                "expires_at": _instant(now + timedelta(hours=24)),
                "milliseconds": f"{int(now.timestamp() * 1000):012x}",
                **_told(given, mutation, change),
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


class PostgresFloor:
    """One statement a read, prepared; a pool of connections that are not reset."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._team = _statement("team", "postgresql")
        self._team_member = _statement("team_member", "postgresql")
        self._enrolments = _statement("enrolments_of_series", "postgresql")
        self._withdraw = _statements("withdraw_series_enrolments", "postgresql")
        named = _statements("change_certifications", "postgresql")
        self._change = {name: Named.of(statement) for name, statement in named.items()}

    async def viewer(self, claims: Claims) -> Viewer:
        principal = PRINCIPAL.format("$1", "$2")
        role, learner = await self._pool.fetchrow(principal, claims.organisation_id, claims.user_id)  # type: ignore[misc]  a row is there: who signs in holds a role
        return Viewer(claims.organisation_id, claims.user_id, learner, role)

    async def team(self, viewer: Viewer, variables: dict[str, Any]) -> bytes:
        rows = await self._pool.fetch(self._team, viewer.organisation, viewer.learner, datetime.now(UTC))
        return _page(TEAM, rows, 50, TEAM_ORDER)

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
        return _page(ENROLMENTS, rows, 1_000, "ID")

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
                **_told(given, mutation, change),
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


def _told(given: dict[str, Any], mutation: str, change: Change) -> dict[str, Any]:
    """What is bound alike on both engines."""
    return {
        "mutation": mutation,
        "key": given["idempotencyKey"],
        "hash": hashlib.sha256(orjson.dumps(given)).hexdigest(),
        "note": given.get("note"),
        "request": secrets.token_hex(16),
        "action": change.action,
        "ending": change.ending,
    }


async def _no_reset(_connection: Any) -> None:
    """A connection that goes back is left as it is."""


async def _opened(given: Settings) -> Floor:
    url = make_url(given.database_url)
    if url.get_backend_name() == "sqlite":
        return SqliteFloor(url.database or "")
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    connections = (given.readers or POSTGRES_READERS) + given.writers
    return PostgresFloor(await asyncpg.create_pool(plain, min_size=1, max_size=connections, reset=_no_reset))


class Application:
    """ASGI, by hand."""

    def __init__(self, given: Settings) -> None:
        self._settings = given
        self._tokens = Tokens(signing_key(given))
        self._known: dict[bytes, tuple[Viewer, float]] = {}
        self._floor: Floor
        self._answers: dict[str, Callable[[Viewer, dict[str, Any]], Awaitable[bytes]]] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        message = await receive()
        body = message["body"]
        while message.get("more_body"):
            message = await receive()
            body += message["body"]
        answer = self._answers.get(scope["path"])
        content = b"{}" if answer is None else await answer(await self._viewer(scope), orjson.loads(body)["variables"])
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(content))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _viewer(self, scope: Any) -> Viewer:
        token = next(value for name, value in scope["headers"] if name == b"authorization")
        now = datetime.now(UTC)
        known = self._known.get(token)
        if known is None:
            claims = self._tokens.read(token.removeprefix(b"Bearer ").decode(), now=now)
            known = self._known[token] = (await self._floor.viewer(claims), now.timestamp() + 3_600)
        assert known[1] > now.timestamp()
        return known[0]

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        floor = self._floor = await _opened(self._settings)
        answers = (floor.team, floor.team_member, floor.enrolments_of_series, floor.withdraw_series_enrolments)
        self._answers = {f"/{answer.__name__}": answer for answer in answers}
        self._answers |= {
            f"/{snake(mutation)}": partial(floor.change_certifications, mutation=mutation) for mutation in CHANGES
        }
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 50, 50)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})


def main() -> None:
    """Serves the floor as `portal-api serve` serves the portal."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.floor", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    uvicorn.run(
        Application(settings()),
        host="127.0.0.1",
        port=parser.parse_args().port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        server_header=False,
    )


if __name__ == "__main__":
    main()
