"""Sends what may be wrong, and sees that the answer shows nothing of the inside."""

from typing import Any

import orjson

from tests.api.tidiness import tidy
from tests.client import Client

LONG = 100_000
HEX = "0123456789abcdef" * 2


async def send(client: Client, body: bytes, status: int = 200, **headers: str) -> Any:
    """Sends a body as it is; the answer, which shows nothing of the inside."""
    response = await client.post_raw(body, **headers)
    assert response.status_code == status, response.text[:500]
    return tidy(response)


async def ask(client: Client, document: str, variables: Any = None, status: int = 200, **more: Any) -> Any:
    """Sends a document with its variables; the answer."""
    return await send(client, orjson.dumps({"query": document, "variables": variables, **more}), status)
