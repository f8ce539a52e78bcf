"""The command `serve`, in processes of their own, on one database."""

import asyncio
import os
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from socket import socket
from time import monotonic
from typing import Any

import httpx
import orjson

from portal_api.auth import Claims, Tokens
from portal_api.clock import system_clock
from portal_api.database import Database, open_database
from portal_api.domain.roles import Role
from portal_api.ids import seeded_ids
from portal_api.migrations import migrate_up
from tests.client import Json
from tests.conftest import SIGNING_KEY, settings_for
from tests.factories import Organisation, Record, organisation_with_everybody
from tests.postgres import die_with_parent

HOME = Path(__file__).parents[2]
PATIENCE = 120.0
"""Seconds that a start may take, on a machine that others use as well."""
KEPT = httpx.Limits(keepalive_expiry=2)
"""Connections are given up before the server does: it would close one under a request that is just being sent."""


@asynccontextmanager
async def served(folder: Path, database_url: str, *, workers: int = 1, **given: str) -> AsyncIterator[str]:
    """Serves the portal, with settings by their names in the environment; gives its address, and says if it complained."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PORTAL_"))}
    settings = {"PORTAL_DATABASE_URL": database_url, "PORTAL_SIGNING_KEY": SIGNING_KEY, **given}
    log = folder / f"server-{port}.log"
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "portal_api", "serve", "--port", str(port), "--workers", str(workers)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            env={**inherited, **settings, "PYTHONPATH": str(HOME)},
            cwd=folder,
            preexec_fn=die_with_parent,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        assert await _answers(address, process), f"the server did not start:\n{log.read_text()}"
        yield address
    finally:
        process.terminate()
        await process.wait()
    assert "Traceback" not in log.read_text(), log.read_text()


async def _answers(address: str, process: Process) -> bool:
    """Whether a server has begun to answer, in good time."""
    deadline = monotonic() + PATIENCE
    async with httpx.AsyncClient(trust_env=False) as client:
        while monotonic() < deadline and process.returncode is None:
            try:
                await client.get(f"{address}/readyz")
            except httpx.TransportError:
                await asyncio.sleep(0.05)
            else:
                return True
    return False


@dataclass(frozen=True)
class Somebody:
    """A user who asks over HTTP, whichever process answers."""

    http: httpx.AsyncClient
    token: str

    async def ask(self, address: str, document: str, variables: Json, request_id: str = "") -> Json:
        """The data of an answer, which has no error."""
        body = orjson.dumps({"query": document, "variables": variables})
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        if request_id:
            headers["x-request-id"] = request_id
        response = await self.http.post(f"{address}/graphql", content=body, headers=headers)
        answer: Any = orjson.loads(response.content)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]


@asynccontextmanager
async def somebody(organisation: Organisation, who: Role | Record) -> AsyncIterator[Somebody]:
    """A user of an organisation, signed in for an hour."""
    user = organisation.staff[who] if isinstance(who, Role) else who
    token = Tokens(SIGNING_KEY).sign(Claims(organisation.id, user.id), now=system_clock(), ttl=timedelta(hours=1))
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE, limits=KEPT) as http:
        yield Somebody(http, token)


@asynccontextmanager
async def laid_out(database_url: str, seed: int) -> AsyncIterator[tuple[Database, Organisation]]:
    """The database of a server at the newest revision, with an organisation that is not saved yet."""
    database = open_database(settings_for(database_url))
    try:
        await migrate_up(database.engine)
        yield database, organisation_with_everybody(database, system_clock, seeded_ids(seed))
    finally:
        await database.close()
