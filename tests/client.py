"""Somebody who speaks to the portal over HTTP, signed in as one user of one organisation."""

import asyncio
from collections.abc import MutableMapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import orjson
from starlette.applications import Starlette

from portal_api.app import Portal
from portal_api.auth import Claims, Tokens
from portal_api.clock import Clock
from tests.factories import Organisation, Record

HOUR = timedelta(hours=1)
Json = dict[str, Any]


@dataclass(frozen=True)
class Client:
    """Asks as one user. What the test has laid out is saved before it asks."""

    http: httpx.AsyncClient
    tokens: Tokens
    clock: Clock
    organisation: Organisation
    user: Record

    @property
    def token(self) -> str:
        """A token that holds for an hour from the clock's present instant."""
        claims = Claims(self.organisation.id, self.user.id)
        return self.tokens.sign(claims, now=self.clock(), ttl=HOUR)

    async def post_raw(self, body: bytes, **headers: str) -> httpx.Response:
        """Sends a body as it is; headers (`accept_language="mi"`) overrule those of every request."""
        await self.organisation.save()
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"authorization": f"Bearer {self.token}", "content-type": "application/json", **given}
        return await self.http.post("/graphql", content=body, headers=sent)

    async def post(self, document: str, variables: Json | None = None) -> httpx.Response:
        """The answer as it came."""
        return await self.post_raw(orjson.dumps({"query": document, "variables": variables}))

    async def execute(
        self, document: str, variables: Json | None = None, operation: str | None = None, **headers: str
    ) -> Json:
        """The whole answer, errors included."""
        asked = {"query": document, "variables": variables, "operationName": operation}
        response = await self.post_raw(orjson.dumps(asked), **headers)
        return orjson.loads(response.content)

    async def query(self, document: str, variables: Json | None = None, operation: str | None = None) -> Json:
        """The data of an answer that has no errors."""
        answer = await self.execute(document, variables, operation)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]


def portal_of(app: Starlette) -> Portal:
    """The portal behind an application."""
    [portal] = [route.endpoint.__self__ for route in app.routes if getattr(route, "path", "") == "/graphql"]  # type: ignore[attr-defined]  the route calls a method of the portal
    assert isinstance(portal, Portal)
    return portal


@dataclass(frozen=True)
class Straight(httpx.AsyncBaseTransport):
    """Hands requests to an application; httpx's own way there first looks for another event loop, in every folder."""

    app: Starlette

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Asks the application, and takes its answer when it is whole."""
        assert isinstance(request.stream, httpx.AsyncByteStream)
        pieces, is_sent, answered = aiter(request.stream), False, asyncio.Event()
        status, headers, content = 0, list[tuple[bytes, bytes]](), list[bytes]()
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "scheme": request.url.scheme,
            "path": request.url.path,
            "raw_path": request.url.raw_path.partition(b"?")[0],
            "query_string": request.url.query,
            "server": (request.url.host, request.url.port),
            "client": ("127.0.0.1", 123),
            "root_path": "",
        }

        async def receive() -> Json:
            nonlocal is_sent
            if is_sent:
                await answered.wait()  # nobody hangs up before
                return {"type": "http.disconnect"}
            async for piece in pieces:
                return {"type": "http.request", "body": piece, "more_body": True}
            is_sent = True
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status, headers = message["status"], message["headers"]
            else:
                content.append(message.get("body", b""))
                if not message.get("more_body"):
                    answered.set()

        await self.app(scope, receive, send)
        return httpx.Response(status, headers=headers, stream=httpx.ByteStream(b"".join(content)))


def http_client(app: Starlette) -> httpx.AsyncClient:
    """Requests straight into the application; its lifespan, and with it the ticker, does not run."""
    return httpx.AsyncClient(transport=Straight(app), base_url="http://portal.test")


def codes(answer: Json) -> list[str]:
    """The codes of the top-level errors of an answer."""
    return [error["extensions"]["code"] for error in answer.get("errors", ())]
