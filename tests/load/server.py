"""The portal as `portal-api serve` starts it, with its log and its memory in sight."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket
from statistics import mean
from time import monotonic

import httpx

from tests.conftest import SIGNING_KEY
from tests.postgres import die_with_parent

HOME = Path(__file__).parents[2]
HOST = "127.0.0.1"
PATIENCE = 120.0
"""Seconds that a start may take, on a machine that others use as well."""
WRONG = re.compile(
    r" ERROR | CRITICAL |Traceback|deadlock|locked|lock timeout|QueuePool|too many connections", re.IGNORECASE
)
"""What a log must not have."""
GROWTH = 1.10
"""How much more memory the last quarter may take, on average, than the second; the first warms up."""


@dataclass
class Server:
    """A process that serves the portal."""

    process: int
    port: int
    log: Path
    memory: list[float] = field(default_factory=list[float])
    """What it held of the machine's memory, in MB, at even distances."""

    async def watch(self, every: float) -> None:
        """Looks at its memory until it is cancelled, where the system tells of it."""
        while (held := _held(self.process)) is not None:
            self.memory.append(held)
            await asyncio.sleep(every)

    @property
    def quarters(self) -> list[float]:
        """What it held on average, quarter by quarter."""
        size = len(self.memory) // 4
        return [mean(self.memory[size * each : size * (each + 1)]) for each in range(4)] if size else []

    @property
    def is_flat(self) -> bool:
        """Whether its memory has stopped to grow."""
        return not self.quarters or self.quarters[3] <= self.quarters[1] * GROWTH

    @property
    def complaints(self) -> list[str]:
        """The lines of its log that tell of anything wrong."""
        return [line for line in self.log.read_text().splitlines() if WRONG.search(line)]


def _held(process: int) -> float | None:
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        return None
    [line] = [each for each in status.read_text().splitlines() if each.startswith("VmRSS:")]
    return int(line.split()[1]) / 1024


@asynccontextmanager
async def serving(database_url: str, folder: Path) -> AsyncIterator[Server]:
    """Serves a database, at the newest revision, with one worker and all settings as they are.

    Args:
        database_url: the database.
        folder: where its log goes.
    """
    with socket() as free:
        free.bind((HOST, 0))
        port: int = free.getsockname()[1]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PORTAL_"))}
    given = {"PORTAL_DATABASE_URL": database_url, "PORTAL_SIGNING_KEY": SIGNING_KEY, "PYTHONPATH": str(HOME)}
    log = folder / "server.log"
    with log.open("wb") as said:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "portal_api", "serve", "--port", str(port)),
            stdout=said,
            stderr=said,
            env=inherited | given,
            cwd=folder,
            preexec_fn=die_with_parent,
        )
    server = Server(process.pid, port, log)
    try:
        await _answers(server)
        yield server
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


async def _answers(server: Server) -> None:
    deadline = monotonic() + PATIENCE
    async with httpx.AsyncClient(trust_env=False) as client:
        while monotonic() < deadline:
            try:
                answer = await client.get(f"http://{HOST}:{server.port}/readyz")
            except httpx.TransportError:
                await asyncio.sleep(0.02)
            else:
                assert answer.status_code == 200, answer.text
                return
    raise RuntimeError(f"the server did not start:\n{server.log.read_text()}")
