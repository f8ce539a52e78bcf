"""Where webhooks arrive; whoever sends them may be killed while it does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import orjson

from tests.courier.receiving import Receiver


@dataclass(frozen=True)
class Told:
    """What a webhook has told."""

    message: str
    subject: str
    cause: str


class Hook(Receiver):
    """A receiver to which it is nothing when somebody hangs up in the middle of a word."""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await super().answer(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def told(self) -> list[Told]:
        """Everything that has arrived whole."""
        return [
            Told(_key(each.headers["webhook-id"]), _key(data["subjectId"]), _key(data["causeId"]))
            for each in self.received
            for data in (orjson.loads(each.body)["data"],)
        ]


def _key(global_id: str) -> str:
    return global_id.partition("_")[2]


@asynccontextmanager
async def hook() -> AsyncIterator[Hook]:
    """A receiver on a port of its own."""
    made = Hook()
    listening = await asyncio.start_server(made.answer, "127.0.0.1", 0)
    made.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield made
