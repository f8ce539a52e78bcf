"""Connections that are never idle: each sends the next call as soon as it has the answer to the last."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic, perf_counter
from typing import Any

import orjson

from portal_api.domain.refusals import ErrorCode
from tests.client import Json
from tests.load.server import HOST

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length: "
PIECE = 1024 * 1024
CODES = set(ErrorCode.__members__) - {ErrorCode.INTERNAL.name}
"""What an error may have as its code."""
COME_AGAIN = {ErrorCode.BUSY.name, ErrorCode.IDEMPOTENCY_IN_PROGRESS.name}
"""What a change may be answered that has waited for others for too long; a read, never."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request, and what it is called in the figures."""

    name: str
    request: bytes
    changes: bool = False
    answered: Callable[[Json], Iterator[str]] = lambda _: iter(())
    """Looks at the answer, and tells what is wrong with it."""


@dataclass
class Figures:
    """What became of the calls."""

    latencies: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """In seconds, by name."""
    changing: set[str] = field(default_factory=set[str])
    """The names of calls that change something."""
    codes: Counter[tuple[bool, str]] = field(default_factory=Counter[tuple[bool, str]])
    """How many answers had a code anywhere, by whether they were to changes."""
    faults: list[str] = field(default_factory=list[str])
    number: int = 0
    """Of the calls that were answered."""

    def add(self, call: Call, seconds: float, status: int, body: bytes) -> None:
        """Counts an answer, and looks at it."""
        self.number += 1
        self.latencies[call.name].append(seconds)
        if call.changes:
            self.changing.add(call.name)
        answer: Json = orjson.loads(body)
        found = list(_errors(answer))
        for code in {str(code) for code in found}:
            self.codes[call.changes, code] += 1
        unknown = [code for code in found if code not in CODES]
        wrong = [
            *([f"the status {status}"] if status != 200 else []),
            *(f"the code {code}" for code in unknown),
            *(f"{code}, though it reads" for code in found if not call.changes and code in COME_AGAIN),
            *([] if answer.get("data") or found else ["neither data nor errors"]),
            *call.answered(answer),
        ]
        self.faults += [f"{call.name}: {each}" for each in wrong]

    def of(self, *, changing: bool) -> list[float]:
        """All latencies of reads, or of changes."""
        return [each for name, own in self.latencies.items() if (name in self.changing) is changing for each in own]


def percentile(latencies: list[float], share: float) -> float:
    """The latency within which a share of the calls was answered."""
    ordered = sorted(latencies)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def _errors(answer: Any) -> Iterator[Any]:
    """The code of every error of an answer: at the top, in payloads and in their rows."""
    for error in answer.get("errors") or ():
        yield (error.get("extensions") or {}).get("code")
    for payload in (answer.get("data") or {}).values():
        if isinstance(payload, dict) and "results" in payload:
            for each in (payload, *payload["results"]):
                yield from (error["code"] for error in each["errors"])


async def keep_busy(
    port: int, connections: int, seconds: float, next_call: Callable[[], Call], *, fewest: int = 0
) -> Figures:
    """Keeps connections busy for some time, and for so many calls; those under way in the end are answered as well."""
    figures, until = Figures(), monotonic() + seconds

    def goes_on() -> bool:
        return monotonic() < until or figures.number < fewest

    await asyncio.gather(*(_connection(port, goes_on, next_call, figures) for _ in range(connections)))
    return figures


async def _connection(port: int, goes_on: Callable[[], bool], next_call: Callable[[], Call], figures: Figures) -> None:
    reader, writer = await asyncio.open_connection(HOST, port, limit=PIECE)
    while goes_on():
        call, begun = next_call(), perf_counter()
        try:
            writer.write(call.request)
            status, body = await _answer(reader)
        except (asyncio.IncompleteReadError, OSError) as error:
            figures.faults.append(f"{call.name}: the connection was dropped ({error!r})")
            break
        figures.add(call, perf_counter() - begun, status, body)
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(HEAD_END)
    length_at = head.lower().index(LENGTH) + len(LENGTH)
    length = int(head[length_at : head.index(b"\r\n", length_at)])
    return int(head[9:12]), await reader.readexactly(length)
