"""Load: requests over a few connections at a time, each sent when the answer to the one before has come."""

import asyncio
import gc
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import perf_counter
from typing import cast

import uvloop

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length: "


@dataclass(frozen=True, slots=True)
class Sample:
    """What one slot measured."""

    seconds: float
    latencies: list[float] = field(default_factory=list[float])
    cpu: float | None = None
    """The seconds that the server's process was computing; what others do on the machine hardly moves it."""

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """The latency, in seconds, within which a share of the requests was answered."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class RequestFailed(Exception):
    """A server answered with anything but what was expected."""


def request(path: str, body: bytes, token: str | None) -> bytes:
    """An HTTP request, ready to be sent any number of times."""
    who = f"Authorization: Bearer {token}\r\n" if token else ""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\n{who}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def ask(port: int, content: bytes) -> bytes:
    """Sends one request; gives the body of its answer."""
    answers: list[bytes] = []
    uvloop.run(_drive(port, iter([content]), 1, answers))
    return answers[0]


def load(port: int, requests: Iterator[bytes], *, connections: int, answers: list[bytes] | None = None) -> Sample:
    """Sends all requests, over so many connections; the collector rests meanwhile, so that its pauses are nobody's.

    The bodies of the answers are kept in `answers`, where it is given.
    """
    gc.collect()
    gc.disable()
    try:
        return uvloop.run(_drive(port, requests, connections, answers))
    finally:
        gc.enable()


def for_seconds(content: bytes, seconds: float) -> Iterator[bytes]:
    """The same request, until the time is over."""
    end = perf_counter() + seconds
    while perf_counter() < end:
        yield content


async def _drive(port: int, requests: Iterator[bytes], connections: int, answers: list[bytes] | None = None) -> Sample:
    loop = asyncio.get_running_loop()
    latencies: list[float] = []
    opened = [
        (await loop.create_connection(lambda: _Connection(requests, latencies, answers), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    start = perf_counter()
    for connection in opened:
        connection.send_next()
    await asyncio.gather(*(connection.done for connection in opened))
    seconds = perf_counter() - start
    for connection in opened:
        connection.transport.close()
    return Sample(seconds, latencies)


class _Connection(asyncio.Protocol):
    """One connection: HTTP as far as the measured servers speak it."""

    transport: asyncio.Transport

    def __init__(self, requests: Iterator[bytes], latencies: list[float], answers: list[bytes] | None) -> None:
        self._requests = requests
        self._latencies = latencies
        self._answers = answers
        self._received = bytearray()
        self._expected = 0
        self._sent_at = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def send_next(self) -> None:
        content = next(self._requests, None)
        if content is None:
            self.done.set_result(None)
            return
        self._received.clear()
        self._expected = 0
        self._sent_at = perf_counter()
        self.transport.write(content)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._expected:
            self._expected = self._whole()
        if self._expected and len(self._received) >= self._expected:
            self._finish()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(RequestFailed("the server closed the connection"))

    def _whole(self) -> int:
        """How long the answer is, head included; 0 while the head is not whole."""
        end = self._received.find(HEAD_END)
        if end < 0:
            return 0
        length_at = self._received.index(LENGTH) + len(LENGTH)
        return end + len(HEAD_END) + int(self._received[length_at : self._received.index(b"\r\n", length_at)])

    def _finish(self) -> None:
        self._latencies.append(perf_counter() - self._sent_at)
        body_at = self._received.index(HEAD_END) + len(HEAD_END)
        if not self._received.startswith(b"HTTP/1.1 200") or not self._received.startswith(b'{"data":{', body_at):
            if not self.done.done():
                self.done.set_exception(RequestFailed(bytes(self._received[:2_000]).decode(errors="replace")))
            return
        if self._answers is not None:
            self._answers.append(bytes(self._received[body_at:]))
        self.send_next()
