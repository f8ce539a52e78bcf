"""A server that can be killed and started again on the same database."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from socket import socket
from time import monotonic

import httpx

from tests.conftest import SIGNING_KEY
from tests.postgres import die_with_parent

HOME = Path(__file__).parents[2]
PATIENCE = 120.0
"""Seconds that a start may take: the first one imports everything, on a machine that others use as well."""


class Server:
    """Starts processes that serve the portal, one after another, and kills them."""

    def __init__(self, forking: Process, log: Path) -> None:
        self._forking = forking
        self._log = log
        self._process = 0
        with socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port: int = free.getsockname()[1]

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Starts a process, and waits until it answers."""
        assert self._forking.stdin
        self._forking.stdin.write(f"{self._port}\n".encode())
        self._process = await self._line()
        deadline = monotonic() + PATIENCE
        async with httpx.AsyncClient(trust_env=False) as client:
            while monotonic() < deadline:
                try:
                    await client.get(f"{self.address}/livez")
                except httpx.TransportError:
                    await asyncio.sleep(0.01)
                else:
                    return
        raise RuntimeError(f"the server did not start:\n{self._log.read_text()}")

    def kill(self) -> None:
        """Kills the process with all that it may have started; it learns nothing of it."""
        os.killpg(self._process, signal.SIGKILL)

    def kill_what_is_left(self) -> None:
        """Leaves no process behind when a test ends before its time."""
        if self._process:
            with suppress(ProcessLookupError):
                self.kill()

    async def gone(self) -> None:
        """Waits until the process is no more."""
        assert await self._line() == -signal.SIGKILL, f"it ended before it was killed:\n{self._log.read_text()}"
        self._process = 0

    async def _line(self) -> int:
        assert self._forking.stdout
        line = await asyncio.wait_for(self._forking.stdout.readline(), PATIENCE)
        assert line, f"nothing can be started:\n{self._log.read_text()}"
        return int(line)


@asynccontextmanager
async def server(database_url: str, folder: Path, *faults: str) -> AsyncIterator[Server]:
    """A server on a database, not started yet; it delivers to addresses inside, and as often as settings allow.

    Args:
        database_url: the database, at the newest revision.
        folder: where its log goes.
        faults: the faults that are planted in it.
    """
    given = {
        "PORTAL_DATABASE_URL": database_url,
        "PORTAL_SIGNING_KEY": SIGNING_KEY,
        "PORTAL_BUSY_TIMEOUT": "30",
        "PORTAL_COURIER_SECONDS": "1",
        "PORTAL_WEBHOOKS_INSIDE": "true",
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PORTAL_"))}
    log = folder / "server.log"
    with log.open("wb") as errors:
        forking = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.killing.forking", *faults),
            stdin=PIPE,
            stdout=PIPE,
            stderr=errors,
            env={**inherited, **given, "PYTHONPATH": str(HOME)},
            cwd=folder,
            preexec_fn=die_with_parent,
        )
    made = Server(forking, log)
    try:
        yield made
    finally:
        forking.kill()
        made.kill_what_is_left()
        await forking.wait()
