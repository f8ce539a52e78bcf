"""What a GraphQL request over HTTP asks: its document, as text or by its hash, its variables and its operation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request

from portal_api.auth import NotSignedIn
from portal_api.domain.refusals import ErrorCode
from portal_api.planner.errors import RequestError

JSON = "application/json"
SHA256 = "sha256:"


@dataclass(frozen=True, slots=True)
class Asked:
    """A GraphQL request as it came over HTTP: a document, or the hash of one that is known here, or both."""

    query: str | None
    hash: str | None
    variables: dict[str, Any]
    operation: str | None


async def read(request: Request, *, max_body: int) -> Asked:
    """Reads a request.

    Raises:
        RequestError: `REQUEST_INVALID` or `REQUEST_TOO_LARGE`, where it is not one of GraphQL over HTTP.
    """
    if request.method == "GET":
        given: Any = dict(request.query_params)
        for name in ("variables", "extensions"):
            if isinstance(given.get(name), str):
                given[name] = _parsed(given[name].encode()) if given[name] else None
    else:
        if request.headers.get("content-type", JSON).partition(";")[0].strip().lower() != JSON:
            raise RequestError(ErrorCode.REQUEST_INVALID, f"Send a body of type {JSON}.")
        given = _parsed(await _limited_body(request, max_body))
    if not isinstance(given, dict):
        raise RequestError(ErrorCode.REQUEST_INVALID, "Send an object with the document as text in `query`.")
    return _asked(given)  # pyright: ignore[reportUnknownArgumentType]  JSON has text for keys


def _asked(given: dict[str, Any]) -> Asked:
    query, hash_ = given.get("query"), _hash(given)
    if not isinstance(query, str | None) or (query is None and hash_ is None):
        raise RequestError(ErrorCode.REQUEST_INVALID, "Send an object with the document as text in `query`.")
    variables, operation = given.get("variables"), given.get("operationName")
    if not isinstance(variables, Mapping | None) or not isinstance(operation, str | None):
        raise RequestError(
            ErrorCode.REQUEST_INVALID, "`variables` is an object and `operationName` a text, if they are given."
        )
    return Asked(query, hash_, dict(variables or {}), operation)  # type: ignore[arg-type]  JSON has text for keys


def _hash(given: Mapping[str, Any]) -> str | None:
    """The document's hash: `documentId`, or as clients with automatic persisted queries send it."""
    match given:
        case {"documentId": str(text)} if text.startswith(SHA256):
            return text.removeprefix(SHA256).lower()
        case {"documentId": object() as other} if other is not None:
            raise RequestError(
                ErrorCode.REQUEST_INVALID, f"`documentId` is `{SHA256}` with the document's hash in hexadecimal digits."
            )
        case {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": str(text)}}}:
            return text.lower()
        case {"extensions": {"persistedQuery": object()}}:
            raise RequestError(
                ErrorCode.REQUEST_INVALID, "`persistedQuery` has `version` 1 and the document's hash in `sha256Hash`."
            )
        case _:
            return None


def bearer(request: Request) -> str | None:
    """The token that a request carries, if it carries one.

    Raises:
        NotSignedIn: if the header is of another form.
    """
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotSignedIn("The Authorization header is not of the form 'Bearer TOKEN'.")
    return token.strip()


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise RequestError(ErrorCode.REQUEST_INVALID, f"The body is not JSON: {error.msg}.") from error


async def _limited_body(request: Request, most: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise RequestError(
                ErrorCode.REQUEST_TOO_LARGE, f"A body has {most} bytes at the most. Send less at a time."
            )
        chunks.append(chunk)
    return b"".join(chunks)
