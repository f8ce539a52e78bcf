"""Serves the portal again and again, each time as a new process: `python -m tests.killing.forking [FAULT]`.

Each line on standard input is a port. A process is forked for it that does what `portal-api serve --port` does, with
everything imported and nothing opened; its number is printed, and when it has ended, how. Importing takes seconds, and
forking none: a kill is followed by a start at once.
"""

import ctypes
import gc
import os
import signal
import sys

import aiosqlite  # noqa: F401  imported now, so that no served process has to
import alembic.command  # noqa: F401  as aiosqlite
import asyncpg  # noqa: F401  as aiosqlite
import uvicorn.lifespan.on
import uvicorn.loops.uvloop
import uvicorn.protocols.http.httptools_impl  # noqa: F401  as aiosqlite

import portal_api.app  # noqa: F401  as aiosqlite
from portal_api.cli import portal
from tests.killing.planted import FAULTS

DIE_WITH_PARENT = 1


def main() -> None:
    """Forks a server for each line, and waits for its end."""
    for fault in sys.argv[1:]:
        FAULTS[fault]()
    gc.freeze()
    for line in sys.stdin:
        process = os.fork()
        if not process:
            _serve(line.strip())
        os.setpgid(process, process)
        print(process, flush=True)  # noqa: T201  for whoever kills it
        _, status = os.waitpid(process, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201  for whoever waits for its end


def _serve(port: str) -> None:
    os.setpgid(0, 0)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
    os.dup2(2, 1)
    portal(["serve", "--port", port])


if __name__ == "__main__":
    main()
