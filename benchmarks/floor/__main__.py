"""Serves the floor: `python -m benchmarks.floor`."""

import argparse
import gc
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import asyncpg
import orjson
import uvicorn
from sqlalchemy.engine import make_url

from benchmarks.floor.common import CHANGES, READS, Floor, Viewer
from benchmarks.floor.postgresql import PostgresFloor
from benchmarks.floor.sqlite import SqliteFloor
from portal_api.auth import Tokens, signing_key
from portal_api.database import POSTGRES_READERS
from portal_api.planner.names import snake
from portal_api.settings import Settings, settings


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
        self._answers |= {f"/{read.name}": partial(floor.read, read=read) for read in READS}
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
