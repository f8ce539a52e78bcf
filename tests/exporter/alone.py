"""Writes one export in a process of its own, and tells the most memory that it took, in kB: `python -m tests.exporter.alone URL KEY`."""

import asyncio
import re
import sys
from pathlib import Path
from time import perf_counter

import orjson
from pydantic import SecretStr

from portal_api.app import Portal
from portal_api.clock import system_clock
from portal_api.database import open_database
from portal_api.ids import new_id
from portal_api.settings import Settings


def most_memory() -> int:
    """The high-water mark of this process: getrusage would tell that of the process which started it, if it was higher."""
    [mark] = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(mark)


async def main(url: str, key: str) -> None:
    given = Settings.model_validate({"database_url": url, "signing_key": SecretStr(key)})
    database = open_database(given)
    portal = Portal(given, database, system_clock, new_id)
    before, began = most_memory(), perf_counter()
    is_done = await portal.exporter.run_once()
    took, most = perf_counter() - began, most_memory()
    await database.close()
    print(orjson.dumps({"done": is_done, "seconds": round(took, 2), "before_kb": before, "most_kb": most}).decode())  # noqa: T201  the process that started this one reads it


asyncio.run(main(*sys.argv[1:]))
