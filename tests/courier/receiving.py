"""A web server of the test's own, which keeps what it is sent and answers as it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.client import Json


@dataclass
class Received:
    """A request: its headers, in lower case, and its body."""

    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Listens on an address inside."""

    status: int = 200
    port: int = 0
    received: list[Received] = field(default_factory=list[Received])
    extra: Json = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        raw = dict(line.split(": ", 1) for line in head[1:] if line)
        body = await reader.readexactly(int(headers["content-length"]))
        self.received.append(Received({name.lower(): value for name, value in raw.items()}, body))
        location = "Location: http://127.0.0.1:9/elsewhere\r\n" if 300 <= self.status < 400 else ""
        writer.write(f"HTTP/1.1 {self.status} X\r\n{location}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def listening(status: int = 200) -> AsyncIterator[Receiver]:
    """A server that answers with a status."""
    receiver = Receiver(status)
    server = await asyncio.start_server(receiver.answer, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    async with server:
        yield receiver
